//! A person in an organization, and the list of them.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{Context, Enum, ID, InputObject, Lookahead, Object, Result, connection::Connection};
use chrono::{DateTime, Utc};
use roster_entity::{
    EmailAddress, GroupId, MemberId, NormalizedEmail, group, group_member, invitation,
    keyset::Ordering,
    member::{self, joined_or_created},
    notification, text, user,
};
use sea_orm::sea_query::Expr;
use tokio::sync::OnceCell;

use super::{
    connection::{Key, Kind, List, PageArgs, connect},
    enums::{MemberStatus, Permission, RemovalReason, Role},
    error::{MutationError, bad_input, internal, to_graphql},
    group::Group,
    ids::parse_all,
    invitation::Invitation,
    notification::Notification,
    organization::Organization,
    removal_preview::RemovalPreview,
    scope::Scope,
    user::User,
};
use crate::membership::{granted, removal_problem};

/// The most groups in a filter.
const MAX_GROUPS: usize = 100;

/// The most addresses in a filter.
const MAX_EMAILS: usize = 100;

/// The longest text to search for, in characters: as long as an address can be.
const MAX_SEARCH: usize = 254;

/// The GraphQL type `Member`.
pub(crate) struct Member {
    scope: Arc<Scope>,
    row: member::Model,
    user: user::Model,
    /// Fetched for a whole page where the query asks for them, and for one member otherwise.
    groups: OnceCell<Vec<group::Model>>,
    /// The same.
    removal_notification: OnceCell<Option<notification::Model>>,
}

/// Which members a list shows. All parts that are given hold together; the values of one part are alternatives.
#[derive(Clone, Debug, Default, InputObject)]
pub(crate) struct MemberFilter {
    /// With one of these statuses. Without it: `INVITED` and `ACTIVE`; people who were removed are found by asking for
    /// `REMOVED`.
    pub(super) status: Option<Vec<MemberStatus>>,
    /// With one of these roles.
    pub(super) role: Option<Vec<Role>>,
    /// In one of these groups.
    pub(super) group_ids: Option<Vec<ID>>,
    /// With this text in the name or the email address, in any case: at most 254 characters.
    pub(super) search: Option<String>,
    /// With exactly one of these email addresses, in any case: at most 100.
    pub(super) emails: Option<Vec<String>>,
}

/// By what members are sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum)]
pub(crate) enum MemberOrderField {
    /// By name; people without a known name by their email address.
    #[default]
    Name,
    /// By the date of joining; people who have not joined stand where they were first invited.
    JoinedAt,
}

/// In which direction a list is sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum)]
pub(crate) enum OrderDirection {
    /// The smallest or oldest first.
    #[default]
    Asc,
    /// The greatest or newest first.
    Desc,
}

/// The order of a list of members.
#[derive(Clone, Copy, Debug, Default, InputObject)]
pub(crate) struct MemberOrder {
    /// By what.
    #[graphql(default)]
    field: MemberOrderField,
    /// In which direction.
    #[graphql(default)]
    direction: OrderDirection,
}

/// A person in an organization: invited, active or removed. One member for each person, whatever happens.
#[Object]
impl Member {
    /// The id of the member: `member_…`.
    pub(super) async fn id(&self) -> ID {
        self.row.id.to_string().into()
    }

    /// The organization that the member belongs to.
    async fn organization(&self) -> Organization {
        Organization(Arc::clone(&self.scope))
    }

    /// The person. Of somebody who has never joined, only the address is shown.
    async fn user(&self) -> User {
        User(self.user.clone())
    }

    /// The role.
    async fn role(&self) -> Role {
        self.row.role.into()
    }

    /// Whether the person is invited (pending), active (verified) or removed.
    async fn status(&self) -> MemberStatus {
        self.row.status.into()
    }

    /// The groups that the member is in, by name. Removed members are in none.
    async fn groups(&self) -> Result<Vec<Group>> {
        let groups = self.groups_of_member().await?.iter();
        Ok(groups.map(|row| Group { scope: Arc::clone(&self.scope), row: row.clone() }).collect())
    }

    /// What the member may do: role and groups together. Nothing while invited or removed.
    async fn permissions(&self) -> Result<Vec<Permission>> {
        if self.row.status != member::Status::Active {
            return Ok(Vec::new());
        }
        let all = granted(&self.row, self.groups_of_member().await?);
        Ok(all.0.into_iter().map(Permission::from).collect())
    }

    /// When the person was last invited; `null` for who created the organization.
    async fn invited_at(&self) -> Option<DateTime<Utc>> {
        self.row.invited_at
    }

    /// When the person last joined; `null` while invited.
    async fn joined_at(&self) -> Option<DateTime<Utc>> {
        self.row.joined_at.filter(|_| self.row.status != member::Status::Invited)
    }

    /// The invitation that is open, pending or expired; `null` if there is none, or if you may not see invitations.
    async fn invitation(&self) -> Result<Option<Invitation>> {
        let may_see = self.scope.access.permissions.has(roster_entity::Permission::MembersInvite);
        if self.row.status != member::Status::Invited || !may_see {
            return Ok(None);
        }
        let found = invitation::open_of_member(self.scope.conn(), self.scope.organization(), self.row.id)
            .await
            .map_err(internal)?;
        Ok(found.map(|row| Invitation { scope: Arc::clone(&self.scope), row }))
    }

    /// When the membership ended; `null` if it has not.
    async fn removed_at(&self) -> Option<DateTime<Utc>> {
        self.row.removed_at
    }

    /// Who ended the membership: an administrator, or the person.
    async fn removed_by(&self) -> Result<Option<User>> {
        match self.row.removed_by {
            Some(id) => Ok(Some(User(self.scope.person(id).await?))),
            None => Ok(None),
        }
    }

    /// What ended the membership; `null` if it has not ended.
    async fn removal_reason(&self) -> Option<RemovalReason> {
        self.row.removal.map(Into::into)
    }

    /// The note that the administrator wrote to the person on removing them. Needs `MEMBERS_REMOVE` or `ACTIVITIES_READ`;
    /// `null` without.
    async fn removal_note(&self) -> Option<&str> {
        let mine = &self.scope.access.permissions;
        let may_read = self.viewer_may_remove() || mine.has(roster_entity::Permission::ActivitiesRead);
        self.row.removal_note.as_deref().filter(|_| may_read)
    }

    /// The email that told the person of the removal, and how its delivery stands; `null` if the member is not removed, if no
    /// email was sent, or if you lack `NOTIFICATIONS_READ`.
    async fn removal_notification(&self) -> Result<Option<Notification>> {
        let may_see = self.scope.access.permissions.has(roster_entity::Permission::NotificationsRead);
        if self.row.status != member::Status::Removed || !may_see {
            return Ok(None);
        }
        let load = || async {
            let mut found = notifications_of(&self.scope, std::slice::from_ref(&self.row)).await?;
            Ok::<_, async_graphql::Error>(found.remove(&self.row.id))
        };
        let row = self.removal_notification.get_or_try_init(load).await?.clone();
        // What a former removal said is not about this one.
        let row = row.filter(|row| self.row.removed_at.is_some_and(|at| row.created_at >= at));
        Ok(row.map(|row| Notification::of(&self.scope, row, (self.row.clone(), self.user.clone()))))
    }

    /// When the last removal was undone; `null` if there was none, or if the membership has ended again since.
    async fn restored_at(&self) -> Option<DateTime<Utc>> {
        self.row.restored_at
    }

    /// What to review before you remove this member; `null` if they are removed already. Needs `MEMBERS_REMOVE`.
    async fn removal_preview(
        &self,
        #[graphql(desc = "The note that you would write, for the email: at most 1,000 characters.")]
        note: Option<String>,
    ) -> Option<Result<RemovalPreview>> {
        let preview = async {
            let groups = self.groups_of_member().await?;
            let access = &self.scope.access;
            let preview = self
                .scope
                .membership
                .removal_preview(access, &self.row, &self.user, groups, note.as_deref())
                .await
                .map_err(to_graphql)?;
            Ok(preview.map(|preview| RemovalPreview {
                scope: Arc::clone(&self.scope),
                member: self.row.clone(),
                groups: groups.clone(),
                preview,
            }))
        };
        preview.await.transpose()
    }

    /// Whether you can remove this member now.
    async fn viewer_can_remove(&self) -> Result<bool> {
        Ok(self.viewer_may_remove()
            && self.row.status != member::Status::Removed
            && self.problem().await?.is_none())
    }

    /// Why you cannot remove this member, as `removeMember` would answer; `null` if you can, if the member is removed
    /// already, or if you lack the `MEMBERS_REMOVE` permission and the member is not you.
    async fn viewer_cannot_remove_because(&self) -> Result<Option<MutationError>> {
        let is_viewer = self.row.id == self.scope.access.member.id;
        if self.row.status == member::Status::Removed || !(is_viewer || self.viewer_may_remove()) {
            return Ok(None);
        }
        self.problem().await
    }
}

impl Member {
    /// One member.
    pub(super) fn new(scope: &Arc<Scope>, row: member::Model, user: user::Model) -> Self {
        let (groups, removal_notification) = (OnceCell::new(), OnceCell::new());
        Self { scope: Arc::clone(scope), row, user, groups, removal_notification }
    }

    /// A member of the scope's organization, by id.
    pub(super) async fn find(scope: &Arc<Scope>, id: MemberId) -> Result<Option<Self>> {
        let found = member::find_in(scope.conn(), scope.organization(), id).await.map_err(internal)?;
        Ok(found.map(|(row, user)| Self::new(scope, row, user)))
    }

    async fn groups_of_member(&self) -> Result<&Vec<group::Model>> {
        let load = || group::of_member(self.scope.conn(), self.scope.organization(), self.row.id);
        self.groups.get_or_try_init(load).await.map_err(internal)
    }

    fn viewer_may_remove(&self) -> bool {
        self.scope.access.permissions.has(roster_entity::Permission::MembersRemove)
    }

    async fn problem(&self) -> Result<Option<MutationError>> {
        let groups = self.groups_of_member().await?;
        let owners = self.scope.owners().await?;
        let problem = removal_problem(&self.scope.access, &self.row, &self.user, groups, owners);
        Ok(problem.map(MutationError::from))
    }
}

impl MemberOrder {
    fn list(self) -> List<member::Model> {
        let descending = self.direction == OrderDirection::Desc;
        let id = Expr::col((member::Entity, member::Column::Id));
        match self.field {
            MemberOrderField::Name => List {
                name: "members by name",
                ordering: Ordering {
                    by: vec![Expr::col((member::Entity, member::Column::SortName)), id],
                    descending,
                },
                kinds: &[Kind::Text, Kind::Id],
                key: |row| vec![Key::Text(row.sort_name.clone()), Key::Id(row.id.0)],
            },
            MemberOrderField::JoinedAt => List {
                name: "members by join date",
                ordering: Ordering { by: vec![joined_or_created(), id], descending },
                kinds: &[Kind::Time, Kind::Id],
                key: |row| vec![Key::Time(row.joined_or_created()), Key::Id(row.id.0)],
            },
        }
    }
}

/// A page of the members of an organization: one statement for the members, one for the people, and one for the groups
/// of all of them if the query asks for something that depends on groups.
pub(super) async fn list(
    ctx: &Context<'_>,
    scope: &Arc<Scope>,
    filter: MemberFilter,
    order: MemberOrder,
    args: &PageArgs,
) -> Result<Connection<String, Member>> {
    let filter = member::Filter {
        status: filter.status.map(distinct),
        role: filter.role.map(distinct),
        group: filter.group_ids.map(|ids| parse_groups(&ids)).transpose()?,
        search: filter.search.as_deref().map(valid_search).transpose()?,
        emails: filter.emails.map(|emails| normalized(&emails)).transpose()?,
    };
    let list = order.list();
    let rows = member::Entity::filtered(scope.organization(), &filter);
    let page = list.fetch(scope.conn(), rows, args).await?;
    let mut people = scope.people(page.rows.iter().map(|row| row.user_id)).await?;
    let asked = nodes(&ctx.look_ahead());
    let mut groups = match asked.iter().any(wants_groups) {
        true => Some(groups_of(scope, &page.rows).await?),
        false => None,
    };
    let wants_notification = |member: &Lookahead<'_>| member.field("removalNotification").exists();
    let mut notifications = match asked.iter().any(wants_notification) {
        true => Some(notifications_of(scope, &page.rows).await?),
        false => None,
    };
    let nodes = page.rows.into_iter().filter_map(|row| {
        let user = row.as_known_here(people.remove(&row.user_id)?);
        let loaded = groups.as_mut().map(|groups| groups.remove(&row.id).unwrap_or_default());
        let cursor = list.cursor(&row);
        let notification = notifications.as_mut().map(|all| all.remove(&row.id));
        let removal_notification = OnceCell::new_with(notification);
        Some((cursor, Member { removal_notification, ..with_groups(scope, row, user, loaded) }))
    });
    Ok(connect(page.has_previous, page.has_next, nodes))
}

/// The values of a part of a filter, each once: a list may be as long as a request.
pub(super) fn distinct<A: Into<B>, B: PartialEq>(values: Vec<A>) -> Vec<B> {
    let mut distinct = Vec::new();
    for value in values.into_iter().map(Into::into) {
        if !distinct.contains(&value) {
            distinct.push(value);
        }
    }
    distinct
}

fn parse_groups(ids: &[ID]) -> Result<Vec<GroupId>> {
    if ids.len() > MAX_GROUPS {
        return Err(bad_input(format!("groupIds has {} ids. Give at most {MAX_GROUPS}.", ids.len())));
    }
    parse_all(ids)
}

/// What is no address is nobody's.
fn normalized(emails: &[String]) -> Result<Vec<NormalizedEmail>> {
    if emails.len() > MAX_EMAILS {
        let message = format!("emails has {} addresses. Give at most {MAX_EMAILS}.", emails.len());
        return Err(bad_input(message));
    }
    let parsed = emails.iter().filter_map(|email| email.parse::<EmailAddress>().ok());
    Ok(parsed.map(|email| email.normalized()).collect())
}

/// The text to search for, cleaned as the names were in which it is looked for.
fn valid_search(search: &str) -> Result<String> {
    let search = text::clean_name(search);
    let length = search.chars().count();
    if length > MAX_SEARCH {
        let message =
            format!("The search has {length} characters. Shorten it to at most {MAX_SEARCH} characters.");
        return Err(bad_input(message));
    }
    Ok(search)
}

async fn groups_of(scope: &Scope, rows: &[member::Model]) -> Result<HashMap<MemberId, Vec<group::Model>>> {
    let ids = rows.iter().map(|row| row.id);
    group_member::groups_of(scope.conn(), scope.organization(), ids).await.map_err(internal)
}

/// Whether a document asks of members for something that depends on groups.
pub(super) fn wants_groups(member: &Lookahead<'_>) -> bool {
    ["groups", "permissions", "viewerCanRemove", "viewerCannotRemoveBecause", "removalPreview"]
        .iter()
        .any(|field| member.field(field).exists())
}

/// The members in a page, as a document asks for them.
fn nodes<'a>(page: &Lookahead<'a>) -> [Lookahead<'a>; 2] {
    [page.field("nodes"), page.field("edges").field("node")]
}

async fn notifications_of(
    scope: &Scope,
    rows: &[member::Model],
) -> Result<HashMap<MemberId, notification::Model>> {
    let removed = rows.iter().filter(|row| row.status == member::Status::Removed).map(|row| row.id);
    let removed: Vec<_> = removed.collect();
    if removed.is_empty() {
        return Ok(HashMap::new());
    }
    let found = notification::of_removals(scope.conn(), scope.organization(), removed).await;
    // Oldest first, so that the newest stays.
    Ok(found.map_err(internal)?.into_iter().map(|row| (row.member_id, row)).collect())
}

/// A member with the groups, if they are known.
pub(super) fn with_groups(
    scope: &Arc<Scope>,
    row: member::Model,
    user: user::Model,
    groups: Option<Vec<group::Model>>,
) -> Member {
    Member { groups: OnceCell::new_with(groups), ..Member::new(scope, row, user) }
}

/// Members by id, with their people: for lists that refer to members.
pub(super) async fn by_ids(
    scope: &Arc<Scope>,
    ids: impl IntoIterator<Item = MemberId>,
) -> Result<HashMap<MemberId, (member::Model, user::Model)>> {
    member::by_ids_in(scope.conn(), scope.organization(), ids).await.map_err(internal)
}
