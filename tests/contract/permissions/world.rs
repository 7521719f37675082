//! Two organizations with everything in them, and everybody who could try to get at the first.

use chrono::TimeDelta;
use roster_tests::{Member, On, Organization, Person, Roster};

use super::{
    callers::{self, Caller},
    things::Things,
};

/// Acme, and another organization.
pub(crate) struct World {
    pub(crate) acme: Organization,
    pub(crate) globex: Organization,
    /// What is in Acme.
    pub(crate) things: Things,
    /// What is in Globex.
    pub(crate) foreign: Things,
    /// For whom the invitation in `things` is.
    recipient: Member,
}

impl World {
    /// Olivia's Acme and Hank's Globex.
    pub(crate) async fn new(on: On) -> Self {
        // The owner's scripts watch all at one time.
        let roster = Roster::start_with(on, |config| config.streams.connections_per_caller = 100).await;
        let acme = roster.organization("Acme").await;
        let globex = roster.organization_of("Hank", "Globex").await;
        let (things, recipient) = Things::of(&acme, ["Bob", "Rita", "Ruth"]).await;
        let (foreign, _) = Things::of(&globex, ["Gina", "Greta", "Gerd"]).await;
        Self { acme, globex, things, foreign, recipient }
    }

    /// Everybody. Time has passed when they are there: what was sent can be sent again.
    pub(crate) async fn callers(&self) -> Vec<Caller> {
        let mut callers = callers::without_a_token_that_holds(&self.acme).await;
        callers.extend(callers::outside(&self.acme, &self.globex).await);
        callers.push(callers::recipient(&self.recipient));
        callers.extend(self.members().await);
        self.acme.owner.roster.pass(TimeDelta::hours(2));
        callers
    }

    /// Who has access to Acme: the owner comes last.
    pub(crate) async fn members(&self) -> Vec<Caller> {
        callers::inside(&self.acme).await
    }

    /// A script of the owner that may do everything but this.
    pub(crate) async fn script_without(&self, permission: &str) -> Person {
        let others = roster_entity::Permission::ALL.into_iter().filter(|p| p.to_string() != permission);
        self.acme.api_token_with(&self.acme.owner, Some(others.collect())).await.person
    }
}
