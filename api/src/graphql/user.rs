//! A person.

use async_graphql::{ID, Object};
use roster_entity::user;

/// A person, who can belong to several organizations. Removing somebody from one of them does not touch the person.
#[derive(Clone)]
pub(crate) struct User(pub(super) user::Model);

/// A person, who can belong to several organizations. Removing somebody from one of them does not touch the person.
#[Object]
impl User {
    /// The id of the person: `user_…`.
    pub(super) async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// The person's name; `null` for somebody who was invited and has not signed in yet.
    async fn name(&self) -> Option<&str> {
        self.0.name.as_deref()
    }

    /// What to call the person: the name, or the email address where no name is known.
    async fn display_name(&self) -> &str {
        self.0.display_name()
    }

    /// The person's email address, as they write it.
    async fn email(&self) -> &str {
        self.0.email.as_str()
    }
}
