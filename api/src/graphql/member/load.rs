//! What members refer to: fetched for all members of a list at once where the document asks for it, and for one member when
//! it is asked for otherwise.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{Lookahead, Result};
use roster_entity::{MemberId, UserId, group, group_member, invitation, member, notification, user};
use tokio::sync::OnceCell;

use super::Member;
use crate::graphql::{error::internal, scope::Scope};

/// What one member refers to, as far as it is known. What is seldom there is boxed, so that members are small; and so is what
/// asks for it otherwise: each field of each member in a list is a future, as large as the largest of them.
#[derive(Clone, Default)]
pub(super) struct Related {
    groups: OnceCell<Vec<Arc<group::Model>>>,
    invitation: OnceCell<Option<Box<invitation::Model>>>,
    removed_by: OnceCell<Option<Box<user::Model>>>,
    removal_notification: OnceCell<Option<Box<notification::Model>>>,
}

impl Related {
    pub(super) async fn groups(
        &self,
        scope: &Scope,
        member: &member::Model,
    ) -> Result<&Vec<Arc<group::Model>>> {
        let load = || {
            Box::pin(async {
                let found = group::of_member(scope.conn(), scope.organization(), member.id).await?;
                Ok(found.into_iter().map(Arc::new).collect())
            })
        };
        self.groups.get_or_try_init(load).await.map_err(internal)
    }

    pub(super) async fn invitation(
        &self,
        scope: &Scope,
        member: &member::Model,
    ) -> Result<Option<invitation::Model>> {
        let load = || async {
            let open = invitation::open_of_member(scope.conn(), scope.organization(), member.id);
            Ok(Box::pin(open).await?.map(Box::new))
        };
        let found = self.invitation.get_or_try_init(load).await.map_err(internal)?;
        Ok(found.as_deref().cloned())
    }

    pub(super) async fn removed_by(
        &self,
        scope: &Scope,
        member: &member::Model,
    ) -> Result<Option<user::Model>> {
        let load = || async {
            match member.removed_by {
                Some(id) => Box::pin(scope.person(id)).await.map(|person| Some(Box::new(person))),
                None => Ok(None),
            }
        };
        Ok(self.removed_by.get_or_try_init(load).await?.as_deref().cloned())
    }

    pub(super) async fn removal_notification(
        &self,
        scope: &Scope,
        member: &member::Model,
    ) -> Result<Option<notification::Model>> {
        let load = || async {
            let mut found = Box::pin(removal_notifications(scope, &[member])).await?;
            Ok::<_, async_graphql::Error>(found.remove(&member.id).map(Box::new))
        };
        Ok(self.removal_notification.get_or_try_init(load).await?.as_deref().cloned())
    }
}

/// Members with what `asked`, the selections of them in the document, will need.
pub(crate) async fn load(
    scope: &Arc<Scope>,
    rows: Vec<(member::Model, user::Model)>,
    asked: &[Lookahead<'_>],
) -> Result<Vec<Member>> {
    let asks = |field: &str| asked.iter().any(|member| member.field(field).exists());
    let of: Vec<_> = rows.iter().map(|(member, _)| member).collect();
    let mut groups = fetched(asks_for_groups(asks), groups(scope, &of)).await?;
    let mut invitations = fetched(asks("invitation"), invitations(scope, &of)).await?;
    let removers = fetched(asks("removedBy"), removers(scope, &of)).await?;
    let mut notifications = fetched(asks("removalNotification"), removal_notifications(scope, &of)).await?;
    let member = |(row, user): (member::Model, user::Model)| {
        let related = Related {
            groups: OnceCell::new_with(groups.as_mut().map(|all| all.remove(&row.id).unwrap_or_default())),
            invitation: known(invitations.as_mut().map(|all| all.remove(&row.id))),
            removed_by: known(removers.as_ref().map(|all| all.get(&row.removed_by?).cloned())),
            removal_notification: known(notifications.as_mut().map(|all| all.remove(&row.id))),
        };
        Member { related, ..Member::new(scope, row, user) }
    };
    Ok(rows.into_iter().map(member).collect())
}

/// What was fetched for all members, and found for this one.
fn known<T>(found: Option<Option<T>>) -> OnceCell<Option<Box<T>>> {
    OnceCell::new_with(found.map(|found| found.map(Box::new)))
}

/// Fetches what is wanted.
async fn fetched<T>(wanted: bool, fetch: impl Future<Output = Result<T>>) -> Result<Option<T>> {
    if wanted { fetch.await.map(Some) } else { Ok(None) }
}

fn asks_for_groups(asks: impl Fn(&str) -> bool) -> bool {
    ["groups", "permissions", "viewerCanRemove", "viewerCannotRemoveBecause", "removalPreview"]
        .into_iter()
        .any(asks)
}

async fn groups(
    scope: &Scope,
    members: &[&member::Model],
) -> Result<HashMap<MemberId, Vec<Arc<group::Model>>>> {
    let ids = members.iter().map(|member| member.id);
    group_member::groups_of(scope.conn(), scope.organization(), ids).await.map_err(internal)
}

async fn invitations(
    scope: &Scope,
    members: &[&member::Model],
) -> Result<HashMap<MemberId, invitation::Model>> {
    let invited = members.iter().filter(|member| member.status == member::Status::Invited);
    let ids = invited.map(|member| member.id);
    invitation::open_of_members(scope.conn(), scope.organization(), ids).await.map_err(internal)
}

async fn removers(scope: &Scope, members: &[&member::Model]) -> Result<HashMap<UserId, user::Model>> {
    scope.people(members.iter().filter_map(|member| member.removed_by)).await
}

/// The email that told each of these members of the last end of a membership or an invitation.
async fn removal_notifications(
    scope: &Scope,
    members: &[&member::Model],
) -> Result<HashMap<MemberId, notification::Model>> {
    let removed: HashMap<_, _> =
        members.iter().filter_map(|member| Some((member.id, member.removed_at?))).collect();
    let ids = removed.keys().copied();
    let found = notification::of_removals(scope.conn(), scope.organization(), ids).await.map_err(internal)?;
    // What a former removal said is not about this one.
    let of_this = found.into_iter().filter(|row| removed.get(&row.member_id) == Some(&row.created_at));
    Ok(of_this.map(|row| (row.member_id, row)).collect())
}

/// Members by id, with their people: for lists that refer to members.
pub(crate) async fn by_ids(
    scope: &Arc<Scope>,
    ids: impl IntoIterator<Item = MemberId>,
) -> Result<HashMap<MemberId, (member::Model, user::Model)>> {
    member::by_ids_in(scope.conn(), scope.organization(), ids).await.map_err(internal)
}
