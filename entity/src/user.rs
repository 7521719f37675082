//! People. One for each normalized email address; they outlive every membership.

use std::collections::HashMap;

use sea_orm::entity::prelude::*;

use crate::{EmailAddress, NormalizedEmail, UserId, in_list::in_list, text};

/// A row of `users`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub struct Model {
    /// The id of the row.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: UserId,
    /// The address, as it was typed.
    pub email: EmailAddress,
    /// Unique. `None` while the address is only claimed: an address that its owner has not verified must neither take
    /// over an invited person's place nor keep its true owner out.
    pub email_norm: Option<NormalizedEmail>,
    /// `None` for somebody who was invited and has not signed in yet.
    pub name: Option<String>,
    /// When the row was made.
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// The name, or the address of somebody whose name is not known yet.
    pub fn display_name(&self) -> &str {
        self.name.as_deref().unwrap_or(self.email.as_str())
    }

    /// Whether the person is known to own the address.
    pub fn email_verified(&self) -> bool {
        self.email_norm.is_some()
    }

    /// What members are sorted by when they are sorted by name.
    pub fn sort_name(&self) -> String {
        text::fold(self.display_name())
    }

    /// What a search for members looks through.
    pub fn search_text(&self) -> String {
        format!("{}\n{}", self.sort_name(), text::fold(self.email.as_str()))
    }
}

/// The person with this address.
pub async fn by_email(conn: &impl ConnectionTrait, email: &NormalizedEmail) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(Column::EmailNorm.eq(email.clone())).one(conn).await
}

/// The people with these ids, in one statement.
pub async fn by_ids(
    conn: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = UserId>,
) -> Result<HashMap<UserId, Model>, DbErr> {
    let ids = in_list(ids);
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let people = Entity::find().filter(Column::Id.is_in(ids)).all(conn).await?;
    Ok(people.into_iter().map(|user| (user.id, user)).collect())
}
