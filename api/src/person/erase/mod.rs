//! Erasing a person: one transaction, under the locks of all organizations that know them and of the person, so that it is
//! before or after whatever else happens to them, and never in the midst of it.
//!
//! The rows stay, because the activity log points to them; the person in them is a pseudonym. They have no access afterwards:
//! memberships end as if they had left, invitations to them are revoked, API tokens too. Nobody is told by email.

mod answers;
mod groups;
mod rows;
mod snapshots;
mod texts;

use std::collections::{BTreeSet, HashSet};

use chrono::{DateTime, Utc};
use roster_entity::{NotificationId, OrganizationId, UserId, member, organization, user};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, PaginatorTrait, QueryFilter,
    QuerySelect, sea_query::LockType,
};

use super::{Error, People, mail_files, traces::Traces};
use crate::{
    database::{broken_off, disconnected, waited_too_long},
    membership::Run,
};

/// How often it is begun anew: because the database broke it off, or another organization came to know the person meanwhile.
const ATTEMPTS: usize = 10;

/// What was done, or would be.
#[derive(Debug)]
pub struct Erased {
    /// Whose data: the id stays.
    pub user: UserId,
    /// `false` for somebody who was erased before.
    pub changed: bool,
    /// What was done in the database, in the order in which it was done.
    pub steps: Vec<Step>,
    /// How many mail files were deleted.
    pub mail_files: usize,
    /// What an operator should look at: names of organizations that name the person, which are not touched.
    pub warnings: Vec<String>,
}

/// What was done to the rows of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The table.
    pub table: &'static str,
    /// What was done, after the number: "ended".
    pub what: &'static str,
    /// To how many rows.
    pub rows: u64,
}

/// An erasure on its way.
struct Erasure<'a> {
    conn: &'a DatabaseTransaction,
    traces: Traces,
    /// What the person is from now on.
    pseudonym: user::Model,
    now: DateTime<Utc>,
    steps: Vec<Step>,
    /// Emails to others in which they are named.
    named_in: HashSet<NotificationId>,
}

impl People {
    /// Erases all data of a person but the id. For somebody who was erased before only mail files are left to be deleted. A
    /// dry run goes the whole way, and is rolled back.
    pub async fn erase(&self, id: UserId, run: Run) -> Result<Erased, Error> {
        for _ in 0..ATTEMPTS {
            match self.try_erase(id, run).await {
                Ok(Some(erased)) => return Ok(erased),
                // Another organization came to know them while the locks were taken.
                Ok(None) => {}
                Err(Error::Database(error)) if waited_too_long(&error) => break,
                Err(Error::Database(error)) if broken_off(&error) || disconnected(&error) => {}
                Err(error) => return Err(error),
            }
        }
        Err(Error::Busy)
    }

    async fn try_erase(&self, id: UserId, run: Run) -> Result<Option<Erased>, Error> {
        let tx = self.database.begin().await?;
        let user = user::Entity::find_by_id(id).one(&tx).await?.ok_or(Error::NotFound(id))?;
        let organizations = concerned(&tx, &user).await?;
        for organization in &organizations {
            organization::lock(&tx, *organization).await?;
        }
        // From here on nobody invites them or signs in as them: who does so at this moment waits, or is waited for.
        let locked = user::Entity::find_by_id(id).lock(LockType::Update).one(&tx).await?;
        if locked.as_ref() != Some(&user) || concerned(&tx, &user).await? != organizations {
            return Ok(None);
        }
        let owned = last_owner_of(&tx, &organizations, id).await?;
        if !owned.is_empty() {
            return Err(Error::LastOwner(owned));
        }
        let changed = !user.is_erased();
        let traces = Traces::of(&tx, user).await?;
        let warnings = warnings(&tx, &traces).await?;
        let mut erasure = Erasure {
            conn: &tx,
            pseudonym: traces.user.pseudonym(),
            traces,
            now: self.clock.now(),
            steps: Vec::new(),
            named_in: HashSet::new(),
        };
        if changed {
            erasure.run().await?;
        }
        let mut mails = erasure.traces.emails(&tx).await?;
        let Erasure { traces, steps, named_in, .. } = erasure;
        mails.extend(named_in);
        match run {
            Run::Real => tx.commit().await?,
            Run::Dry => tx.rollback().await?,
        }
        let files = |error| Error::Files(error, id);
        let found = mail_files::of(self.mail_directory.as_deref(), &mails, &traces).map_err(files)?;
        if run == Run::Real {
            mail_files::delete(&found).map_err(files)?;
            // The one place where it is kept: no organization has done it, and the operator is nobody in its log.
            tracing::info!(user = %id, changed, mail_files = found.len(), "a person's data was erased");
        }
        Ok(Some(Erased { user: id, changed, steps, mail_files: found.len(), warnings }))
    }
}

impl Erasure<'_> {
    async fn run(&mut self) -> Result<(), DbErr> {
        self.end_memberships().await?;
        self.revoke_invitations().await?;
        self.forget_tokens().await?;
        self.rename_members().await?;
        self.forget_emails().await?;
        // Before what emails say is read: from here on no email names them as whom to ask.
        self.forget_contacts().await?;
        self.replace_in_snapshots().await?;
        self.replace_in_groups().await?;
        self.replace_in_texts().await?;
        self.forget_answers().await?;
        self.forget_person().await
    }

    fn step(&mut self, table: &'static str, what: &'static str, rows: u64) {
        if rows > 0 {
            self.steps.push(Step { table, what, rows });
        }
    }
}

/// The organizations that know a person, in the order in which they are locked.
async fn concerned(
    conn: &impl ConnectionTrait,
    user: &user::Model,
) -> Result<BTreeSet<OrganizationId>, DbErr> {
    let known: Vec<OrganizationId> = member::Entity::find()
        .filter(member::Column::UserId.eq(user.id))
        .select_only()
        .column(member::Column::OrganizationId)
        .into_tuple()
        .all(conn)
        .await?;
    Ok(known.into_iter().collect())
}

/// The organizations that would have no owner without them.
async fn last_owner_of(
    conn: &impl ConnectionTrait,
    organizations: &BTreeSet<OrganizationId>,
    user: UserId,
) -> Result<Vec<(String, String)>, DbErr> {
    let mut owned = Vec::new();
    for id in organizations {
        let owners = || member::Entity::owners(*id);
        let is_owner = owners().filter(member::Column::UserId.eq(user)).count(conn).await? > 0;
        if is_owner && owners().count(conn).await? == 1 {
            let organization = organization::Entity::find_by_id(*id).one(conn).await?;
            owned.extend(organization.map(|organization| (organization.name, organization.slug)));
        }
    }
    Ok(owned)
}

/// The names of organizations are theirs, and stand in addresses of pages: an operator should know of those that name the person.
async fn warnings(conn: &impl ConnectionTrait, traces: &Traces) -> Result<Vec<String>, DbErr> {
    let known: HashSet<_> = traces.organizations().collect();
    let all = organization::Entity::find().filter(organization::Column::Id.is_in(known)).all(conn).await?;
    let names_them =
        |organization: &&organization::Model| traces.replaced(&organization.name, true).is_some();
    let warning = |organization: &organization::Model| {
        let organization::Model { name, slug, .. } = organization;
        format!("The organization {name} ({slug}) is called after them. An owner can rename it.")
    };
    Ok(all.iter().filter(names_them).map(warning).collect())
}
