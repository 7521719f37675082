//! How many invitations an organization may send, and an address may get: so that nobody can use Roster to flood mailboxes.

use roster_entity::{EmailAddress, NormalizedEmail, organization};

use super::{Code, Error, Membership, Problem, Result, error::seconds};
use crate::rate_limit::Exceeded;

impl Membership {
    /// Counts invitations that an organization is about to send. A try that the database breaks off counts too.
    pub(super) async fn check_may_send(
        &self,
        organization: &organization::Model,
        count: usize,
    ) -> Result<()> {
        self.rate_limits.invitations(organization.id, count).await.map_err(|exceeded| Error::RateLimited {
            message: format!("{} has sent many invitations within a short time.", organization.name),
            retry_after: exceeded.retry_after_seconds,
        })
    }

    /// Counts an invitation to each address, and says to which it cannot be sent now.
    pub(super) async fn check_may_get(
        &self,
        addresses: &[&EmailAddress],
    ) -> Vec<std::result::Result<(), Problem>> {
        let normalized: Vec<NormalizedEmail> = addresses.iter().map(|address| address.normalized()).collect();
        let answers = self.rate_limits.recipients(&normalized).await;
        let problem = |address: &EmailAddress, exceeded: Exceeded| {
            let wait = exceeded.retry_after_seconds;
            Problem::new(Code::RateLimited, too_often(address, wait)).after(wait)
        };
        let answers = answers.into_iter().zip(addresses);
        answers.map(|(answer, address)| answer.map_err(|exceeded| problem(address, exceeded))).collect()
    }

    /// The same for one address, and the organization.
    pub(super) async fn check_may_send_again(
        &self,
        organization: &organization::Model,
        address: &EmailAddress,
    ) -> Result<()> {
        for problem in self.check_may_get(&[address]).await {
            problem?;
        }
        self.check_may_send(organization, 1).await
    }
}

fn too_often(address: &EmailAddress, wait: u64) -> String {
    format!("{address} has got many invitations within a short time. Try again in {}.", seconds(wait))
}
