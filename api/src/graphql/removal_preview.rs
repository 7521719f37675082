//! What to review before a member is removed.

use std::sync::Arc;

use async_graphql::{Context, Object, Result, SimpleObject};
use roster_entity::{group, invitation, member, user};
use sea_orm::{ColumnTrait, QueryFilter};

use super::{
    api_token::{self, ApiToken},
    connection::{Connection, PageArgs},
    enums::{ApiTokenStatus, Permission, Role},
    error::{MutationError, to_graphql},
    group::Group,
    invitation::{self as graphql_invitation, Invitation},
    scope::Scope,
};
use crate::membership::{self, PreviewedEmail, Reviewed};

/// The GraphQL type `RemovalPreview`.
pub(crate) struct RemovalPreview {
    pub(super) scope: Arc<Scope>,
    pub(super) member: member::Model,
    pub(super) user: user::Model,
    pub(super) groups: Vec<group::Model>,
    pub(super) invitation: Option<invitation::Model>,
    pub(super) preview: membership::RemovalPreview,
}

/// What to review before a member is removed: what they have and would lose, whether you can remove them, and the email that
/// they would get.
#[Object]
impl RemovalPreview {
    /// The role of the member.
    async fn role(&self) -> Role {
        self.member.role.into()
    }

    /// What the member may do, and where each permission comes from. Of somebody who is only invited: what they will be able to do.
    async fn permissions(&self) -> Vec<EffectivePermission> {
        let granted = membership::granted(&self.member, &self.groups);
        let source = |permission: roster_entity::Permission| EffectivePermission {
            permission: permission.into(),
            role: self.member.role.permissions().has(permission).then(|| self.member.role.into()),
            groups: self
                .groups
                .iter()
                .filter(|g| g.permissions.has(permission))
                .map(|g| self.group(g))
                .collect(),
        };
        granted.0.into_iter().map(source).collect()
    }

    /// The groups that the member would lose.
    async fn groups(&self) -> Vec<Group> {
        self.groups.iter().map(|row| self.group(row)).collect()
    }

    /// The invitations that the member has sent and that are still open, newest first. They stay valid unless they are revoked
    /// too. Needs `MEMBERS_INVITE`; `null` without, and how many there are stands in `warnings`.
    async fn sent_invitations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many items from the start, at most 100.")] first: Option<i32>,
        #[graphql(desc = "Only items after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many items from the end, at most 100.")] last: Option<i32>,
        #[graphql(desc = "Only items before this cursor.")] before: Option<String>,
    ) -> Option<Result<Connection<Invitation>>> {
        if !self.scope.access.permissions.has(roster_entity::Permission::MembersInvite) {
            return None;
        }
        let args = PageArgs { first, after, last, before };
        let sent = invitation::Entity::open(self.scope.organization())
            .filter(invitation::Column::InvitedBy.eq(self.member.user_id));
        Some(graphql_invitation::page(ctx, &self.scope, sent, &args).await)
    }

    /// The API tokens of the member in this organization that can be used, newest first. They would stop working. Needs
    /// `API_TOKENS_MANAGE`; `null` without, and how many there are stands in `warnings`.
    async fn api_tokens(
        &self,
        #[graphql(desc = "How many items from the start, at most 100.")] first: Option<i32>,
        #[graphql(desc = "Only items after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many items from the end, at most 100.")] last: Option<i32>,
        #[graphql(desc = "Only items before this cursor.")] before: Option<String>,
    ) -> Option<Result<Connection<ApiToken>>> {
        if !self.scope.access.permissions.has(roster_entity::Permission::ApiTokensManage) {
            return None;
        }
        let args = PageArgs { first, after, last, before };
        let filter =
            api_token::Filter { status: Some(vec![ApiTokenStatus::Active]), member: Some(self.member.id) };
        Some(api_token::list(&self.scope, filter, &args).await)
    }

    /// Whether the organization would be left without an owner.
    async fn is_last_owner(&self) -> bool {
        self.preview.is_last_owner
    }

    /// What else you should know, in sentences.
    async fn warnings(&self) -> &[String] {
        &self.preview.warnings
    }

    /// Whether you can remove the member.
    async fn viewer_can_remove(&self) -> bool {
        self.preview.problem.is_none()
    }

    /// Why you cannot remove the member, as `removeMember` would answer; `null` if you can.
    async fn viewer_cannot_remove_because(&self) -> Option<MutationError> {
        self.preview.problem.clone().map(MutationError::from)
    }

    /// The email that the person would get; `null` if the organization sends none: to people whose invitation is revoked, where
    /// that is switched off.
    async fn email(&self) -> Option<Result<EmailPreview>> {
        let reviewed = Reviewed {
            member: &self.member,
            user: &self.user,
            groups: &self.groups,
            invitation: self.invitation.as_ref(),
        };
        let membership = &self.scope.membership;
        let email = membership.email_of_removal(&self.scope.access, reviewed, self.preview.note.clone());
        let shown = |email: PreviewedEmail| EmailPreview {
            to: email.recipient.to_string(),
            reply_to: email.reply_to.to_string(),
            subject: email.text.subject,
            text: email.text.plain,
            html: email.text.html,
        };
        email.map(|email| email.map(shown)).map_err(to_graphql).transpose()
    }

    /// Stands for all of this. Given as `expectedFingerprint`, a removal happens only if nothing of it has changed.
    async fn fingerprint(&self) -> &str {
        &self.preview.fingerprint
    }
}

impl RemovalPreview {
    fn group(&self, row: &group::Model) -> Group {
        Group { scope: Arc::clone(&self.scope), row: row.clone().into() }
    }
}

/// A permission that a member has, and where it comes from.
#[derive(SimpleObject)]
struct EffectivePermission {
    /// The permission.
    permission: Permission,
    /// The role that has it; `null` if it comes from groups alone.
    role: Option<Role>,
    /// The groups that grant it.
    groups: Vec<Group>,
}

/// An email as it would be sent.
#[derive(SimpleObject)]
struct EmailPreview {
    /// The address that it would go to.
    to: String,
    /// Where answers would go.
    reply_to: String,
    /// Its subject.
    subject: String,
    /// Its text, for programs that show no HTML.
    text: String,
    /// Its text in HTML, a whole page. Show it in an `iframe` with `sandbox`.
    html: String,
}
