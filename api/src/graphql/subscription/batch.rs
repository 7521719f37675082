//! The objects that the events of one message are about: each kind is fetched for all of them at once, when the first event
//! is asked for it.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{Context, Result};
use roster_entity::{
    ActivityId, InvitationId, MemberId, NotificationId, activity, invitation, member as member_entity,
    notification,
};
use roster_worker::events::Message;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Select};
use tokio::sync::OnceCell;

use crate::graphql::{
    activity::Activity,
    error::internal,
    invitation::Invitation,
    member::{self, Member},
    notification::Notification,
    scope::Scope,
};

/// A message, and what is known of its objects, as one subscriber may see them.
pub(super) struct Batch {
    pub(super) scope: Arc<Scope>,
    pub(super) message: Arc<Message>,
    members: OnceCell<HashMap<MemberId, Member>>,
    invitations: OnceCell<HashMap<InvitationId, Invitation>>,
    notifications: OnceCell<HashMap<NotificationId, Notification>>,
    activities: OnceCell<HashMap<ActivityId, Activity>>,
}

impl Batch {
    pub(super) fn new(scope: Arc<Scope>, message: Arc<Message>) -> Arc<Self> {
        Arc::new(Self {
            scope,
            message,
            members: OnceCell::new(),
            invitations: OnceCell::new(),
            notifications: OnceCell::new(),
            activities: OnceCell::new(),
        })
    }

    /// A member, with what the document asks for of it.
    pub(super) async fn member(&self, ctx: &Context<'_>, id: MemberId) -> Result<Option<Member>> {
        let load = || async {
            let ids = self.message.events.iter().filter_map(|event| event.member);
            let scope = &self.scope;
            let found = member_entity::find_all_in(scope.conn(), scope.organization(), ids).await;
            let found = found.map_err(internal)?;
            let ids: Vec<_> = found.iter().map(|(row, _)| row.id).collect();
            let members = member::load(scope, found, &[ctx.look_ahead()]).await?;
            Ok::<_, async_graphql::Error>(ids.into_iter().zip(members).collect())
        };
        Ok(self.members.get_or_try_init(load).await?.get(&id).cloned())
    }

    pub(super) async fn invitation(&self, id: InvitationId) -> Result<Option<Invitation>> {
        let load = || async {
            let ids = self.message.events.iter().filter_map(|event| event.invitation);
            let rows = invitation::Entity::in_organization(self.scope.organization());
            let rows = self.fetch(rows, invitation::Column::Id, ids).await?;
            let known = |row: invitation::Model| (row.id, Invitation::new(&self.scope, row));
            Ok::<_, async_graphql::Error>(rows.into_iter().map(known).collect())
        };
        Ok(self.invitations.get_or_try_init(load).await?.get(&id).cloned())
    }

    pub(super) async fn notification(&self, id: NotificationId) -> Result<Option<Notification>> {
        let load = || async {
            let ids = self.message.events.iter().filter_map(|event| event.notification);
            let rows = notification::Entity::in_organization(self.scope.organization());
            let rows = self.fetch(rows, notification::Column::Id, ids).await?;
            let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
            let notifications = Notification::load(&self.scope, rows).await?;
            Ok::<_, async_graphql::Error>(ids.into_iter().zip(notifications).collect())
        };
        Ok(self.notifications.get_or_try_init(load).await?.get(&id).cloned())
    }

    pub(super) async fn activity(&self, id: ActivityId) -> Result<Option<Activity>> {
        let load = || async {
            let ids = self.message.events.iter().filter_map(|event| event.activity);
            let rows = activity::Entity::in_organization(self.scope.organization());
            let rows = self.fetch(rows, activity::Column::Id, ids).await?;
            let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
            let activities = Activity::load(&self.scope, rows).await?;
            Ok::<_, async_graphql::Error>(ids.into_iter().zip(activities).collect())
        };
        Ok(self.activities.get_or_try_init(load).await?.get(&id).cloned())
    }

    /// The rows with these ids, in one statement.
    async fn fetch<E: EntityTrait, I: Into<sea_orm::Value>>(
        &self,
        rows: Select<E>,
        id: impl ColumnTrait,
        ids: impl Iterator<Item = I>,
    ) -> Result<Vec<E::Model>> {
        let rows = rows.filter(id.is_in(ids));
        rows.all(self.scope.conn()).await.map_err(internal)
    }
}
