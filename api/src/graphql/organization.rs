//! An organization, as somebody with access to it sees it.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result};
use chrono::{DateTime, Utc};
use roster_entity::{group, keyset::Ordering};
use sea_orm::{PaginatorTrait, sea_query::Expr};

use super::{
    activity::{self, Activity, ActivityFilter},
    api_token::{self, ApiToken},
    connection::{Connection, Key, Kind, List, PageArgs, connect},
    enums::{ApiTokenStatus, InvitationStatus, NotificationStatus, Permission},
    error::{internal, to_graphql},
    group::Group,
    ids::parse,
    invitation::{self, Invitation},
    member::{self, Member, MemberFilter, MemberOrder},
    notification::{self, Notification},
    scope::Scope,
};
use crate::membership::Error;

/// The GraphQL type `Organization`.
#[derive(Clone)]
pub(crate) struct Organization(pub(super) Arc<Scope>);

/// An organization: the tenant to which members, groups, invitations, activities and notifications belong. Only its
/// active members see it.
#[Object]
impl Organization {
    /// The id of the organization: `organization_…`.
    pub(super) async fn id(&self) -> ID {
        self.0.organization().to_string().into()
    }

    /// Its name in addresses of pages: lower case letters, digits and hyphens. Unique.
    async fn slug(&self) -> &str {
        &self.0.access.organization.slug
    }

    /// Its name.
    async fn name(&self) -> &str {
        &self.0.access.organization.name
    }

    /// Whom members can ask; emails name it. Where it is not set, they name who acted.
    async fn contact_email(&self) -> Option<&str> {
        self.0.access.organization.contact_email.as_ref().map(|email| email.as_str())
    }

    /// Where answers to emails go (Reply-To). Where it is not set, to whom the emails name.
    async fn reply_to_email(&self) -> Option<&str> {
        self.0.access.organization.reply_to_email.as_ref().map(|email| email.as_str())
    }

    /// A line of the organization's own under every email.
    async fn branding_line(&self) -> Option<&str> {
        self.0.access.organization.branding_line.as_deref()
    }

    /// Whether people whose invitation is revoked are told by email.
    async fn revocation_email(&self) -> bool {
        self.0.access.organization.revocation_email
    }

    /// How long an invitation can be accepted, in days.
    async fn invitation_lifetime_days(&self) -> i32 {
        self.0.access.organization.invitation_lifetime_days
    }

    /// How long a removal can be undone, in days.
    async fn restore_window_days(&self) -> i32 {
        self.0.access.organization.restore_window_days
    }

    /// The domains to whose addresses invitations can be sent; empty: all.
    async fn allowed_email_domains(&self) -> Vec<String> {
        self.0.access.organization.allowed_email_domains.0.iter().map(ToString::to_string).collect()
    }

    /// When the organization was created.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.access.organization.created_at
    }

    /// You, as a member of this organization.
    async fn viewer_member(&self) -> Member {
        let access = &self.0.access;
        Member::new(&self.0, access.member.clone(), access.user.clone())
    }

    /// What you may do here: by your role and groups, and no more than your API token allows.
    async fn viewer_permissions(&self) -> Vec<Permission> {
        self.0.access.permissions.0.iter().copied().map(Permission::from).collect()
    }

    /// The members, invited and active unless the filter says otherwise. Needs `MEMBERS_READ`.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn members(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which members.")] filter: Option<MemberFilter>,
        #[graphql(desc = "The order of the list; by name if you give none.")] order_by: Option<MemberOrder>,
        #[graphql(desc = "How many items from the start, at most 100.")] first: Option<i32>,
        #[graphql(desc = "Only items after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many items from the end, at most 100.")] last: Option<i32>,
        #[graphql(desc = "Only items before this cursor.")] before: Option<String>,
    ) -> Option<Result<Connection<Member>>> {
        let args = PageArgs { first, after, last, before };
        Some(
            async {
                self.0.require(roster_entity::Permission::MembersRead)?;
                member::list(ctx, &self.0, filter.unwrap_or_default(), order_by.unwrap_or_default(), &args)
                    .await
            }
            .await,
        )
    }

    /// One member, whatever their status. `NOT_FOUND` for ids of other organizations.
    async fn member(
        &self,
        #[graphql(desc = "The id of the member: `member_…`.")] id: ID,
    ) -> Option<Result<Member>> {
        Some(
            async {
                self.0.require(roster_entity::Permission::MembersRead)?;
                let found = Member::find(&self.0, parse(&id)?).await?;
                found.ok_or_else(|| to_graphql(Error::NotFound("member")))
            }
            .await,
        )
    }

    /// The invitations, newest first. Needs `MEMBERS_INVITE`.
    async fn invitations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only invitations that stand at one of these.")] status: Option<
            Vec<InvitationStatus>,
        >,
        #[graphql(desc = "How many items from the start, at most 100.")] first: Option<i32>,
        #[graphql(desc = "Only items after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many items from the end, at most 100.")] last: Option<i32>,
        #[graphql(desc = "Only items before this cursor.")] before: Option<String>,
    ) -> Option<Result<Connection<Invitation>>> {
        Some(invitation::list(ctx, &self.0, status, &PageArgs { first, after, last, before }).await)
    }

    /// The groups, by name. Needs `MEMBERS_READ`.
    async fn groups(
        &self,
        #[graphql(desc = "How many items from the start, at most 100.")] first: Option<i32>,
        #[graphql(desc = "Only items after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many items from the end, at most 100.")] last: Option<i32>,
        #[graphql(desc = "Only items before this cursor.")] before: Option<String>,
    ) -> Option<Result<Connection<Group>>> {
        Some(self.list_groups(&PageArgs { first, after, last, before }).await)
    }

    /// The activity log, newest first. Needs `ACTIVITIES_READ`.
    async fn activities(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which entries.")] filter: Option<ActivityFilter>,
        #[graphql(desc = "How many items from the start, at most 100.")] first: Option<i32>,
        #[graphql(desc = "Only items after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many items from the end, at most 100.")] last: Option<i32>,
        #[graphql(desc = "Only items before this cursor.")] before: Option<String>,
    ) -> Option<Result<Connection<Activity>>> {
        let args = PageArgs { first, after, last, before };
        Some(activity::list(ctx, &self.0, filter.unwrap_or_default(), &args).await)
    }

    /// The emails that were and will be sent, newest first. Needs `NOTIFICATIONS_READ`.
    async fn notifications(
        &self,
        #[graphql(desc = "Only emails whose delivery stands at one of these.")] status: Option<
            Vec<NotificationStatus>,
        >,
        #[graphql(desc = "How many items from the start, at most 100.")] first: Option<i32>,
        #[graphql(desc = "Only items after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many items from the end, at most 100.")] last: Option<i32>,
        #[graphql(desc = "Only items before this cursor.")] before: Option<String>,
    ) -> Option<Result<Connection<Notification>>> {
        Some(notification::list(&self.0, status, &PageArgs { first, after, last, before }).await)
    }

    /// How many emails are not delivered: on their way, or given up. Needs `NOTIFICATIONS_READ`.
    async fn undelivered_notification_count(&self) -> Option<Result<u64>> {
        let count = async {
            self.0.require(roster_entity::Permission::NotificationsRead)?;
            let undelivered = roster_entity::notification::Entity::undelivered(self.0.organization());
            undelivered.count(self.0.conn()).await.map_err(internal)
        };
        Some(count.await)
    }

    /// The API tokens of all members, newest first. Needs `API_TOKENS_MANAGE`.
    async fn api_tokens(
        &self,
        #[graphql(desc = "Only tokens that stand at one of these.")] status: Option<Vec<ApiTokenStatus>>,
        #[graphql(desc = "How many items from the start, at most 100.")] first: Option<i32>,
        #[graphql(desc = "Only items after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many items from the end, at most 100.")] last: Option<i32>,
        #[graphql(desc = "Only items before this cursor.")] before: Option<String>,
    ) -> Option<Result<Connection<ApiToken>>> {
        let args = PageArgs { first, after, last, before };
        let list = async {
            self.0.require(roster_entity::Permission::ApiTokensManage)?;
            api_token::list(&self.0, api_token::Filter { status, member: None }, &args).await
        };
        Some(list.await)
    }
}

impl Organization {
    async fn list_groups(&self, args: &PageArgs) -> Result<Connection<Group>> {
        self.0.require(roster_entity::Permission::MembersRead)?;
        let list = List {
            name: "groups",
            ordering: Ordering::new(
                [Expr::col(group::Column::SortName), Expr::col(group::Column::Id)],
                false,
            ),
            kinds: &[Kind::Text, Kind::Id],
            key: |row: &group::Model| vec![Key::Text(row.sort_name.clone()), Key::Id(row.id.0)],
        };
        let page =
            list.fetch(self.0.conn(), group::Entity::in_organization(self.0.organization()), args).await?;
        let node = |row| (list.cursor(&row), Group { scope: Arc::clone(&self.0), row: row.into() });
        Ok(connect(page.has_previous, page.has_next, page.rows.into_iter().map(node)))
    }
}
