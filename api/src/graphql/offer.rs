//! What the page that an invitation link opens may show.

use async_graphql::{Context, Object};
use chrono::{DateTime, Utc};

use roster_entity::invitation;

use super::enums::{InvitationStatus, Role};
use crate::{
    membership::{self, Code, Error, Offer},
    rate_limit::Guesses,
};

/// Does what somebody asks for who shows the secret of a link. Guesses are counted, and then refused.
pub(super) async fn by_link<T>(
    ctx: &Context<'_>,
    answer: impl Future<Output = membership::Result<T>>,
) -> membership::Result<T> {
    let guesses = ctx.data_unchecked::<Guesses>();
    guesses.may_try().map_err(|exceeded| Error::RateLimited {
        message: "You have tried too many links that are not good.".to_owned(),
        retry_after: exceeded.retry_after_seconds,
    })?;
    let answer = answer.await;
    if matches!(&answer, Err(Error::Problem(problem)) if problem.code == Code::InvitationNotFound) {
        guesses.failed().await;
    }
    answer
}

/// The GraphQL type `InvitationOffer`.
pub(crate) struct InvitationOffer {
    pub(super) offer: Offer,
    pub(super) now: DateTime<Utc>,
}

/// What somebody who has the link of an invitation may know: enough to decide, and nothing else of the organization.
#[Object]
impl InvitationOffer {
    /// The name of the organization.
    async fn organization_name(&self) -> &str {
        &self.offer.organization.name
    }

    /// What to call who invited the person.
    async fn inviter_name(&self) -> &str {
        self.offer.inviter.display_name()
    }

    /// The role that the person will have; `null` when the invitation was answered or revoked: an old link does not show
    /// what became of the person.
    async fn role(&self) -> Option<Role> {
        self.is_open().then(|| self.offer.member.role.into())
    }

    /// The names of the groups that the person will be in; empty when the invitation was answered or revoked.
    async fn group_names(&self) -> Vec<&str> {
        let groups = self.offer.groups.iter().filter(|_| self.is_open());
        groups.map(|group| group.name.as_str()).collect()
    }

    /// The address that the invitation was sent to, masked: `b•••@e•••.com`.
    async fn recipient_masked(&self) -> String {
        self.offer.invitation.email.masked()
    }

    /// Where the invitation stands.
    async fn status(&self) -> InvitationStatus {
        self.offer.invitation.status(self.now).into()
    }

    /// Until when the invitation can be accepted.
    async fn expires_at(&self) -> DateTime<Utc> {
        self.offer.invitation.expires_at
    }
}

impl InvitationOffer {
    fn is_open(&self) -> bool {
        self.offer.invitation.answer == invitation::Answer::Pending
    }
}
