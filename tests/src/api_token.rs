//! API tokens of a test.

use std::ops::Deref;

use roster_api::{identity::Caller, membership::CreateApiToken};
use roster_entity::{EmailAddress, Permissions, user};
use secrecy::ExposeSecret;

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
        let parts = person.roster.parts();
        let address: EmailAddress = person.address.parse().expect("a test's address is valid");
        let found = user::by_email(parts.database.read(), &address.normalized()).await;
        let user = found.expect("the database answers").expect("the person has signed in");
        let input = CreateApiToken {
            lifetime: None,
            organization: self.id.parse().expect("an id"),
            name: format!("{}'s script", person.name),
            permissions,
        };
        let caller = Caller { user, api_token: None };
        let created = parts.membership.create_api_token(&caller, &input).await.expect("they may have one");
        ApiToken {
            id: created.token.id.to_string(),
            person: person.with_token(created.secret.expose_secret()),
        }
    }
}
