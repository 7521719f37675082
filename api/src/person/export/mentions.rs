//! Where others' rows name the person: in the columns in which erasing would replace something.

use roster_entity::{OrganizationId, idempotency_key};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder};
use serde_json::Value;

use super::{Mention, read::Reader};
use crate::person::{
    columns::{COLUMNS, Holds},
    mentions,
};

/// Columns of their own in the classification, that are texts of others as well.
const SPECIAL: [(&str, &str); 3] =
    [("notifications", "snapshot"), ("groups", "name"), ("groups", "sort_name")];
/// Settings of organizations.
const SETTINGS: [(&str, &str); 2] = [("organizations", "contact_email"), ("organizations", "reply_to_email")];

impl Reader<'_> {
    pub(super) async fn mentions(&self) -> Result<Vec<Mention>, DbErr> {
        let texts = COLUMNS.iter().filter(|column| matches!(column.holds, Holds::Text | Holds::Json));
        let texts = texts.map(|column| (column.table, column.name)).chain(SPECIAL).chain(SETTINGS);
        let mut found = Vec::new();
        for (table, column) in texts {
            for mention in mentions::find(self.conn, &self.traces, table, column).await? {
                let organization = OrganizationId(mention.organization);
                let text = match mention.text.starts_with(['{', '[']) {
                    true => serde_json::from_str(&mention.text).unwrap_or(Value::String(mention.text)),
                    false => Value::String(mention.text),
                };
                found.extend(self.mention(organization, table, column, text));
            }
        }
        let others = idempotency_key::Entity::find()
            .filter(idempotency_key::Column::UserId.ne(self.traces.user.id))
            .filter(mentions::answer_naming(&self.traces))
            .order_by_asc(idempotency_key::Column::CreatedAt);
        for row in others.all(self.conn).await? {
            let columns = [("key", Value::String(row.key)), ("answer", row.answer)];
            for (column, text) in columns {
                found.extend(self.mention(row.organization_id, "idempotency_keys", column, text));
            }
        }
        Ok(found)
    }

    /// The text, if it names the person: the database has only looked roughly.
    fn mention(
        &self,
        organization: OrganizationId,
        table: &'static str,
        column: &'static str,
        text: Value,
    ) -> Option<Mention> {
        let knows_them = self.traces.organizations().any(|known| known == organization);
        let names_them = self.traces.replace_in(&mut text.clone(), knows_them) > 0;
        names_them.then(|| Mention { organization: self.organization(organization), table, column, text })
    }
}
