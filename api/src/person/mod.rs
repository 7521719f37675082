//! All that Roster keeps about one person: exported and erased for an operator, who answers for the installation. It asks for
//! no permission, and no organization is asked.

mod columns;
mod erase;
mod export;
mod mail_files;
mod mentions;
mod traces;

use std::path::PathBuf;

use roster_entity::{Clock, EmailAddress, UserId, user};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder};

use crate::database::Database;

pub use columns::{COLUMNS, Column, Holds};
pub use erase::{Erased, Step};
pub use export::{Export, FORMAT};

/// The people whom Roster knows.
#[derive(Clone, Debug)]
pub struct People {
    database: Database,
    clock: Clock,
    /// Where emails are kept as files, if they are.
    mail_directory: Option<PathBuf>,
}

/// Why a person's data was neither exported nor erased. Its `Display` is a sentence for the operator.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The last active owner of these organizations, by name and slug.
    #[error(
        "They are the last owner of {}. An organization always has an owner: let an owner give the role to another member with \
         changeMemberRole, or invite another owner and wait until they have joined. Nothing was erased.",
        .0.iter().map(|(name, slug)| format!("{name} ({slug})")).collect::<Vec<_>>().join(", ")
    )]
    LastOwner(Vec<(String, String)>),
    /// There is no such person.
    #[error("There is no person {0}.")]
    NotFound(UserId),
    /// Others were changing the same rows for too long.
    #[error("Others are changing the same organizations at this moment. Nothing was erased. Try again.")]
    Busy,
    /// The database failed.
    #[error("The database failed, and nothing was changed: {0}")]
    Database(#[from] DbErr),
    /// A mail file could not be read or deleted; the database is done.
    #[error(
        "The database is done, but mail.directory is not: {0}. Mend that, and do it again with --id {1}."
    )]
    Files(std::io::Error, UserId),
}

/// Whom an address means.
#[derive(Debug)]
pub struct Holders {
    /// Who has verified it, or was invited with it: at most one.
    pub owner: Option<user::Model>,
    /// Who claims it without having verified it.
    pub claimants: Vec<user::Model>,
}

impl People {
    /// Those in this database. `mail_directory` is where emails are kept as files, if they are.
    pub fn new(database: Database, clock: Clock, mail_directory: Option<PathBuf>) -> Self {
        Self { database, clock, mail_directory }
    }

    /// Whom an address means.
    pub async fn by_email(&self, email: &EmailAddress) -> Result<Holders, Error> {
        let conn = self.database.write();
        let owner = user::by_email(conn, &email.normalized()).await?;
        // Nothing is kept by which claimed addresses are compared: they are few.
        let claimed = user::Entity::find()
            .filter(user::Column::EmailNorm.is_null())
            .order_by_asc(user::Column::Id)
            .all(conn)
            .await?;
        let is_claimed = |user: &user::Model| user.email.normalized() == email.normalized();
        let claimants = claimed.into_iter().filter(|user| !user.is_erased() && is_claimed(user)).collect();
        Ok(Holders { owner, claimants })
    }

    /// A person by id, erased or not.
    pub async fn by_id(&self, id: UserId) -> Result<user::Model, Error> {
        let found = user::Entity::find_by_id(id).one(self.database.write()).await?;
        found.ok_or(Error::NotFound(id))
    }
}
