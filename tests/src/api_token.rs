//! API tokens of a test.

use std::ops::Deref;

use roster_entity::Permissions;
use serde_json::{Value, json};

use crate::{Organization, Person};

/// A person who calls with an API token of theirs.
#[derive(Clone)]
pub struct ApiToken {
    /// The id of the token: `apitoken_…`.
    pub id: String,
    /// The person, whose bearer token is the API token's secret.
    pub person: Person,
}

impl Deref for ApiToken {
    type Target = Person;

    fn deref(&self) -> &Person {
        &self.person
    }
}

impl Organization {
    /// A new API token of a member, which may do all that they may here.
    pub async fn api_token_of(&self, person: &Person) -> ApiToken {
        self.api_token_with(person, None).await
    }

    /// The same, which may do no more than this.
    pub async fn api_token_with(&self, person: &Person, permissions: Option<Permissions>) -> ApiToken {
        let permissions = match permissions {
            Some(permissions) => json!(permissions),
            None => {
                self.seen_by(person, "viewerPermissions").await.at("/organization/viewerPermissions").clone()
            }
        };
        let name = format!("{}'s script", person.name);
        let input = json!({ "organizationId": self.id, "name": name, "permissions": permissions });
        let created = person.mutate("createApiToken", input, "secret apiToken { id }").await;
        let payload = created.succeeds();
        let text =
            |pointer: &str| payload.pointer(pointer).and_then(Value::as_str).expect(pointer).to_owned();
        ApiToken { id: text("/apiToken/id"), person: person.with_token(text("/secret")) }
    }
}
