//! People. One for each normalized email address; they outlive every membership.

use std::collections::HashMap;

use sea_orm::{QuerySelect, entity::prelude::*, sea_query::LockType};

use crate::{EmailAddress, NormalizedEmail, UserId, cells::Cells, one_of, text};

/// What somebody is called whose data was erased.
pub const ERASED_NAME: &str = "Erased person";

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
    /// From the cells of its columns.
    pub(crate) fn read(cells: &mut Cells<'_>) -> Result<Self, DbErr> {
        Ok(Self {
            id: cells.take()?,
            email: cells.take()?,
            email_norm: cells.take_optional()?,
            name: cells.take_optional()?,
            created_at: cells.take()?,
        })
    }

    /// The name, or the address of somebody whose name is not known yet.
    pub fn display_name(&self) -> &str {
        self.name.as_deref().unwrap_or(self.email.as_str())
    }

    /// What is left of a person whose data was erased: the id, to which the activity log points.
    pub fn pseudonym(&self) -> Self {
        Self {
            id: self.id,
            email: erased_email(self.id),
            email_norm: None,
            name: Some(ERASED_NAME.to_owned()),
            created_at: self.created_at,
        }
    }

    /// Whether the data of this person was erased.
    pub fn is_erased(&self) -> bool {
        self.email == erased_email(self.id)
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

/// Where no mail can go (RFC 2606), and nobody can sign in.
fn erased_email(id: UserId) -> EmailAddress {
    let id = id.to_string();
    let address = format!("erased-{}@erased.invalid", id.trim_start_matches("user_"));
    address.parse().expect("an id has letters and digits")
}

/// The person as they are now, locked until the transaction ends: for what must not happen beside their erasure. `None` if they
/// were erased, or joined with another row.
pub async fn lock(
    conn: &impl ConnectionTrait,
    id: UserId,
    strength: LockType,
) -> Result<Option<Model>, DbErr> {
    let user = Entity::find_by_id(id).lock(strength).one(conn).await?;
    Ok(user.filter(|user| !user.is_erased()))
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
    let ids: Vec<_> = ids.into_iter().collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let people =
        Entity::find().filter(one_of(conn.get_database_backend(), Column::Id, ids)).all(conn).await?;
    Ok(people.into_iter().map(|user| (user.id, user)).collect())
}
