//! Members: a person in an organization. One row for each pair, whatever happens to it.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{
    DatabaseBackend, QueryResult, QueryTrait, Select, SelectTwoRequired,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait, Func, LikeExpr, Query, SimpleExpr},
};
use serde::{Deserialize, Serialize};

use crate::{
    GroupId, MemberId, NormalizedEmail, OrganizationId, Role, UserId, cells::Cells, group_member,
    literal::has_word, one_of, own_plan::own_plan, text, user,
};

/// Where a person stands in an organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    /// Has an invitation that was neither accepted nor ended. No access.
    Invited,
    /// Has accepted. Has access.
    Active,
    /// Was removed, has left, or the invitation came to nothing. No access.
    Removed,
}

/// What ended a membership.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Removal {
    /// An administrator removed the person.
    Removed,
    /// The person left.
    Left,
    /// The invitation was revoked before it was accepted.
    InvitationRevoked,
    /// The person declined the invitation.
    InvitationDeclined,
}

/// A row of `members`.
#[sea_orm::model]
#[allow(missing_docs, reason = "sea-orm's macro adds a field without one")]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "members")]
pub struct Model {
    /// The id of the row.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MemberId,
    /// The organization it belongs to.
    pub organization_id: OrganizationId,
    /// The person.
    pub user_id: UserId,
    /// The role.
    pub role: Role,
    /// Where it stands.
    pub status: Status,
    /// The person's name as it sorts; kept here so that a page of members is a range of one index.
    pub sort_name: String,
    /// What a search looks through: the folded name and address.
    pub search: String,
    /// When the person was (last) invited; `None` for who created the organization.
    pub invited_at: Option<DateTimeUtc>,
    /// When the person (last) joined; `None` for somebody who never did.
    pub joined_at: Option<DateTimeUtc>,
    /// When the membership ended.
    pub removed_at: Option<DateTimeUtc>,
    /// Who ended the membership: an administrator, or the person.
    pub removed_by: Option<UserId>,
    /// What ended the membership.
    pub removal: Option<Removal>,
    /// What the administrator wrote to the person on removing them.
    pub removal_note: Option<String>,
    /// When the last removal was undone; `None` where the membership has ended again since, or began anew.
    pub restored_at: Option<DateTimeUtc>,
    /// When the row was made.
    pub created_at: DateTimeUtc,
    #[sea_orm(belongs_to, from = "user_id", to = "id")]
    pub user: BelongsTo<super::user::Entity>,
    #[sea_orm(belongs_to, from = "organization_id", to = "id")]
    pub organization: BelongsTo<super::organization::Entity>,
    #[sea_orm(has_many, via = "group_member")]
    pub groups: HasMany<super::group::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

/// Which members a list shows. The lists are alternatives; the parts hold together.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// With one of these statuses; `None`: invited and active.
    pub status: Option<Vec<Status>>,
    /// With one of these roles.
    pub role: Option<Vec<Role>>,
    /// In one of these groups.
    pub group: Option<Vec<GroupId>>,
    /// With this text in the name or address.
    pub search: Option<String>,
    /// With exactly one of these addresses.
    pub emails: Option<Vec<NormalizedEmail>>,
}

/// Whom a list shows that is not asked for others.
const USUAL: &[Status] = &[Status::Invited, Status::Active];

const STATUS: &str = "members.status";

impl Entity {
    /// The members of an organization, whatever their status.
    pub fn in_organization(organization: OrganizationId) -> Select<Entity> {
        Self::find().filter(Column::OrganizationId.eq(organization))
    }

    /// The members of an organization that `filter` lets through.
    pub fn filtered(
        backend: DatabaseBackend,
        organization: OrganizationId,
        filter: &Filter,
    ) -> Select<Entity> {
        let mut members =
            Self::in_organization(organization).filter(has_status(filter.status.as_deref().unwrap_or(USUAL)));
        if let Some(roles) = &filter.role {
            members = members.filter(has_word("members.role", roles));
        }
        if let Some(groups) = &filter.group {
            let in_groups = Query::select()
                .column(group_member::Column::MemberId)
                .from(group_member::Entity)
                .and_where(group_member::Column::OrganizationId.eq(organization))
                .and_where(group_member::Column::GroupId.is_in(groups.clone()))
                .to_owned();
            members = members.filter(Column::Id.in_subquery(in_groups)).filter(own_plan(backend, "members"));
        }
        if let Some(emails) = &filter.emails {
            let people = Query::select()
                .column(user::Column::Id)
                .from(user::Entity)
                .and_where(user::Column::EmailNorm.is_in(emails.clone()))
                .to_owned();
            members = members.filter(Column::UserId.in_subquery(people));
        }
        if let Some(search) = filter.search.as_deref().map(str::trim).filter(|s| !s.is_empty()) {
            members = members.filter(has_text(backend, &text::fold(search)));
        }
        members
    }

    /// The active owners of an organization.
    pub fn owners(organization: OrganizationId) -> Select<Entity> {
        Self::in_organization(organization)
            .filter(has_word("members.role", &[Role::Owner]))
            .filter(is_active())
    }
}

impl Model {
    /// From the cells of its columns.
    pub(crate) fn read(cells: &mut Cells<'_>) -> Result<Self, DbErr> {
        Ok(Self {
            id: cells.take()?,
            organization_id: cells.take()?,
            user_id: cells.take()?,
            role: cells.take()?,
            status: cells.take()?,
            sort_name: cells.take()?,
            search: cells.take()?,
            invited_at: cells.take_optional()?,
            joined_at: cells.take_optional()?,
            removed_at: cells.take_optional()?,
            removed_by: cells.take_optional()?,
            removal: cells.take_optional()?,
            removal_note: cells.take_optional()?,
            restored_at: cells.take_optional()?,
            created_at: cells.take()?,
        })
    }

    /// The person as this organization may know them: the name of somebody who never joined it is not its business, or
    /// inviting an address would tell who has it.
    pub fn as_known_here(&self, user: user::Model) -> user::Model {
        match self.joined_at {
            Some(_) => user,
            None => user::Model { name: None, ..user },
        }
    }

    /// What members are sorted by when they are sorted by join date: people who have not joined stand where they
    /// were first invited.
    pub fn joined_or_created(&self) -> DateTime<Utc> {
        self.joined_at.unwrap_or(self.created_at)
    }
}

/// A member is active.
pub fn is_active() -> SimpleExpr {
    has_word(STATUS, &[Status::Active])
}

/// A member has one of these statuses. Where they are the usual two, in the words of the partial indexes for them.
fn has_status(statuses: &[Status]) -> SimpleExpr {
    match [Status::Invited, Status::Active, Status::Removed].map(|status| statuses.contains(&status)) {
        [true, true, false] => Expr::cust("members.status <> 'REMOVED'"),
        _ => has_word(STATUS, statuses),
    }
}

/// A member's folded name or address has this folded text in it.
fn has_text(backend: DatabaseBackend, text: &str) -> SimpleExpr {
    let search = Expr::col((Entity, Column::Search));
    // The index is one of three letters that follow each other: of fewer it would be read as a whole. So the list is read in its order.
    if text.chars().filter(|c| c.is_alphanumeric()).count() < 3 {
        let position = if backend == DatabaseBackend::Postgres { "strpos" } else { "instr" };
        return Func::cust(position).arg(search).arg(text).gt(0);
    }
    let escape = |c: char| matches!(c, '%' | '_' | '\\').then_some('\\').into_iter().chain([c]);
    let pattern: String = text.chars().flat_map(escape).collect();
    search.like(LikeExpr::new(format!("%{pattern}%")).escape('\\')).and(own_plan(backend, "members"))
}

/// The SQL of [`Model::joined_or_created`]; the text of the index.
pub fn joined_or_created() -> SimpleExpr {
    Expr::cust("COALESCE(members.joined_at, members.created_at)")
}

/// A list of members with their people, whose rows [`read_with_person`] reads.
pub fn with_people(members: Select<Entity>) -> SelectTwoRequired<Entity, user::Entity> {
    members.find_both_related(user::Entity)
}

/// A member with the person as the organization may know them, from a row of [`with_people`].
pub fn read_with_person(row: &QueryResult) -> Result<(Model, user::Model), DbErr> {
    let mut cells = Cells::of(row);
    let member = Model::read(&mut cells)?;
    let user = member.as_known_here(user::Model::read(&mut cells)?);
    Ok((member, user))
}

/// A member of an organization, with the person as the organization may know them.
pub async fn find_in(
    conn: &impl ConnectionTrait,
    organization: OrganizationId,
    id: MemberId,
) -> Result<Option<(Model, user::Model)>, DbErr> {
    Ok(find_all_in(conn, organization, [id]).await?.pop())
}

/// The members of an organization with these ids, each with the person as the organization may know them. Ids that are not
/// there, or are another organization's, are left out.
pub async fn find_all_in(
    conn: &impl ConnectionTrait,
    organization: OrganizationId,
    ids: impl IntoIterator<Item = MemberId>,
) -> Result<Vec<(Model, user::Model)>, DbErr> {
    let backend = conn.get_database_backend();
    let members = with_people(Entity::in_organization(organization).filter(one_of(backend, Column::Id, ids)));
    conn.query_all_raw(members.build(backend)).await?.iter().map(read_with_person).collect()
}

/// The same by id: for lists that refer to members.
pub async fn by_ids_in(
    conn: &impl ConnectionTrait,
    organization: OrganizationId,
    ids: impl IntoIterator<Item = MemberId>,
) -> Result<HashMap<MemberId, (Model, user::Model)>, DbErr> {
    let ids: Vec<_> = ids.into_iter().collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let found = find_all_in(conn, organization, ids).await?;
    Ok(found.into_iter().map(|(row, user)| (row.id, (row, user))).collect())
}

/// Who has done something, as the organization may know them. Who has done it to themselves may never have joined, and is
/// then not known by name: they have declined.
pub fn known_actor<'a>(
    actor: UserId,
    member: Option<&'a (Model, user::Model)>,
    people: &'a HashMap<UserId, user::Model>,
) -> Option<&'a user::Model> {
    match member {
        Some((_, user)) if user.id == actor => Some(user),
        _ => people.get(&actor),
    }
}

/// A person's row in an organization, whatever its status.
pub async fn of_user(
    conn: &impl ConnectionTrait,
    organization: OrganizationId,
    user: UserId,
) -> Result<Option<Model>, DbErr> {
    Entity::in_organization(organization).filter(Column::UserId.eq(user)).one(conn).await
}
