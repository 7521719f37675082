//! What others have typed about the person: every column that the list of columns calls a text.

use roster_entity::{OrganizationId, activity};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter,
};
use serde_json::Value;

use super::{Erasure, rows::TOKEN_NAME};
use crate::person::{
    columns::{COLUMNS, Holds},
    mentions,
};

impl Erasure<'_> {
    /// Replaces addresses and names in all columns of texts.
    pub(super) async fn replace_in_texts(&mut self) -> Result<(), DbErr> {
        for column in COLUMNS {
            let is_json = match column.holds {
                Holds::Text => false,
                Holds::Json => true,
                Holds::Nothing(_) | Holds::Theirs(_) | Holds::Special(_) => continue,
            };
            let found = mentions::lock(self.conn, &self.traces, column.table, column.name, None).await?;
            let mut rows = 0;
            for mention in found {
                let knows_them = self.is_known_in(mention.organization);
                let value = match is_json {
                    false => self.traces.replaced(&mention.text, knows_them).map(sea_orm::Value::from),
                    true => {
                        let mut json = parse(&mention.text)?;
                        (self.traces.replace_in(&mut json, knows_them) > 0).then(|| json.into())
                    }
                };
                if let Some(value) = value {
                    mentions::put(self.conn, column.table, column.name, mention.id, value).await?;
                    rows += 1;
                }
            }
            self.step(column.table, column.name, rows);
        }
        Ok(())
    }

    /// The names that the person gave to their API tokens stand in the log, too.
    pub(super) async fn forget_token_names_in_log(&mut self) -> Result<(), DbErr> {
        let entries = activity::Entity::find()
            .filter(activity::Column::MemberId.is_in(self.traces.member_ids()))
            .filter(
                activity::Column::Action
                    .is_in([activity::Action::ApiTokenCreated, activity::Action::ApiTokenRevoked]),
            );
        let mut rows = 0;
        for entry in entries.all(self.conn).await? {
            let (before, after) = (unnamed(entry.before.clone()), unnamed(entry.after.clone()));
            let mut entry = entry.into_active_model();
            (entry.before, entry.after) = (Set(before), Set(after));
            entry.update(self.conn).await?;
            rows += 1;
        }
        self.step("activities", "names of API tokens cleared", rows);
        Ok(())
    }

    /// Whether an organization knows the person, and means them by their name.
    pub(super) fn is_known_in(&self, organization: sea_orm::prelude::Uuid) -> bool {
        self.traces.organizations().any(|known| known == OrganizationId(organization))
    }
}

fn unnamed(state: Option<Value>) -> Option<Value> {
    let mut state = state?;
    if let Some(name) = state.get_mut("name") {
        *name = TOKEN_NAME.into();
    }
    Some(state)
}

/// JSON as the database has written it.
pub(super) fn parse(text: &str) -> Result<Value, DbErr> {
    serde_json::from_str(text).map_err(|error| DbErr::Json(error.to_string()))
}
