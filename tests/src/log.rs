//! The activity log, as the owner reads it.

use serde_json::{Value, json};

use crate::{Organization, Person};

const QUERY: &str = "query ($id: ID!, $filter: ActivityFilter) { organization(id: $id) {
    activities(first: 100, filter: $filter) {
        nodes { action actor { name } apiTokenId member { id } invitationId groupId before after reason }
    }
} }";

impl Organization {
    /// The entries that a filter lets through, newest first, without what is null in them.
    pub async fn log(&self, filter: Value) -> Vec<Value> {
        let answer = self.owner.graphql(QUERY, json!({ "id": self.id, "filter": filter })).await;
        let entries = answer.at("/organization/activities/nodes").as_array().expect("a list").clone();
        let slim = |entry: Value| match entry {
            Value::Object(fields) => fields.into_iter().filter(|(_, value)| !value.is_null()).collect(),
            other => other,
        };
        entries.into_iter().map(slim).collect()
    }

    /// The newest entry, without what is null in it.
    pub async fn last_entry(&self) -> Value {
        self.log(json!({})).await.swap_remove(0)
    }
}

impl Person {
    /// The id of the person: `user_…`.
    pub async fn user_id(&self) -> String {
        self.query("{ viewer { user { id } } }").await.text("/viewer/user/id")
    }
}
