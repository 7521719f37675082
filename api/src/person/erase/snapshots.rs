//! What emails say: the person as who did it, as whom to ask, and in the texts of others.

use std::collections::HashSet;

use roster_entity::{NotificationId, notification};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};
use serde_json::{Value, json};

use super::{Erasure, texts::parse};
use crate::person::{mentions, traces::activities_by};

impl Erasure<'_> {
    /// Replaces the person in what emails say, also in those that have not left: they are then sent as if the pseudonym had
    /// done it.
    pub(super) async fn replace_in_snapshots(&mut self) -> Result<(), DbErr> {
        const TABLE: &str = "notifications";
        const COLUMN: &str = "snapshot";
        let by_them = || notification::Column::ActivityId.in_subquery(activities_by(&self.traces.user));
        let ids =
            notification::Entity::find().filter(by_them()).select_only().column(notification::Column::Id);
        let ids: Vec<NotificationId> = ids.into_tuple().all(self.conn).await?;
        let ids: HashSet<_> = ids.into_iter().collect();
        let mut rows = 0;
        for mention in mentions::lock(self.conn, &self.traces, TABLE, COLUMN, Some(by_them())).await? {
            let mut snapshot = parse(&mention.text)?;
            let id = NotificationId(mention.id);
            let knows_them = self.is_known_in(mention.organization);
            if self.replace_in_snapshot(&mut snapshot, ids.contains(&id), knows_them) {
                mentions::put(self.conn, TABLE, COLUMN, mention.id, snapshot).await?;
                self.named_in.insert(id);
                rows += 1;
            }
        }
        self.step(TABLE, COLUMN, rows);
        Ok(())
    }

    fn replace_in_snapshot(&self, snapshot: &mut Value, by_them: bool, knows_them: bool) -> bool {
        let Some(fields) = snapshot.as_object_mut() else { return false };
        let is_theirs = |value: Option<&Value>| {
            value.and_then(Value::as_str).is_some_and(|address| self.traces.has_address(address))
        };
        let mut found = false;
        if by_them || is_theirs(fields.get("actor").and_then(|actor| actor.get("email"))) {
            let contact_was_actor =
                fields.get("contact") == fields.get("actor").and_then(|actor| actor.get("email"));
            let actor = json!({ "name": self.pseudonym.name, "email": self.pseudonym.email });
            if contact_was_actor {
                fields.insert("contact".to_owned(), actor["email"].clone());
            }
            fields.insert("actor".to_owned(), actor);
            found = true;
        }
        if is_theirs(fields.get("contact")) {
            // As if the organization had none: who did it.
            let actor = fields.get("actor").and_then(|actor| actor.get("email")).cloned();
            fields.insert("contact".to_owned(), actor.unwrap_or_else(|| json!(self.pseudonym.email)));
            found = true;
        }
        if is_theirs(fields.get("reply_to")) {
            fields.remove("reply_to");
            found = true;
        }
        // The names of organizations and of others are theirs.
        for (name, value) in fields.iter_mut() {
            if !["organization", "actor", "contact", "reply_to"].contains(&name.as_str()) {
                found |= self.traces.replace_in(value, knows_them) > 0;
            }
        }
        found
    }
}
