//! Lists of members that are removed at once. The limit is one statement between `BEGIN` and `COMMIT`, written by hand,
//! which changes the same rows as sets.

use anyhow::{Context, Result, ensure};
use roster_entity::MemberId;
use serde_json::json;

use super::{Figures, Tools, empty_queue, traces};
use crate::{
    http::{self, Request},
    load::{self, Good, Requests},
    meter::{Meter, Sample},
    pgbench::{Until, Work},
    roster::Server,
    seed::{ADMIN, Block, Kind, id},
    statements::{Script, Witness, show},
};

const REMOVE: &str = "mutation ($input: RemoveMembersInput!) {
  removeMembers(input: $input) { changed message results { memberId changed } errors { code message } }
}";

const BY_HAND: &str = include_str!("list.sql");

/// Lists of removals in one organization.
pub(super) struct List {
    block: Block,
    next: u64,
    /// How many lists a run has.
    lists: u64,
    /// How many members a list has.
    pub(super) size: u64,
    /// How many statements Roster needs for a list.
    pub(super) statements: usize,
    pub(super) figures: Figures,
}

impl List {
    pub(super) fn new(block: &Block, lists: u64, size: u64) -> Self {
        let next = block.members.start;
        Self { block: block.clone(), next, lists, size, statements: 0, figures: Figures::default() }
    }

    /// Counts the statements.
    pub(super) async fn look_at(&mut self, tools: &Tools<'_>, witness: &Witness) -> Result<()> {
        let first = self.take(1)?;
        let request = self.request(tools.token, first);
        let (statements, answer) = witness.statements_of(&request).await?;
        show(tools.site, "list of removals", &statements);
        ensure!(answer.to_string().contains(r#""changed":true"#), "nothing was changed: {answer}");
        self.statements = statements.len();
        traces::of_removals(&tools.site.db, first, self.size).await
    }

    /// By Roster, one list after the other.
    pub(super) async fn roster(&mut self, tools: &Tools<'_>) -> Result<Sample> {
        let Server { process, address } = &tools.roster;
        let first = self.take(self.lists)?;
        let lists = (0..self.lists).map(|list| self.request(tools.token, first + list * self.size));
        let lists = Requests::Each(lists.collect());
        empty_queue(tools.site).await?;
        let meter = Meter::start(&[process.id()?], tools.site.postmaster)?;
        let answers = load::send(&[*address], 1, lists, Good::Contains(r#""changed":true"#)).await?;
        let sample = Sample::of_http(&answers, meter.used()?);
        traces::of_removals(&tools.site.db, first, self.lists * self.size)
            .await
            .context("after Roster's lists")?;
        Ok(sample)
    }

    /// By pgbench, with the statement that was written by hand.
    pub(super) async fn by_hand(&mut self, tools: &Tools<'_>) -> Result<Sample> {
        // The warm-up of one list is run twice.
        let lists = self.lists + 2;
        let first = self.take(lists)?;
        let variables = [
            ("start", first.to_string()),
            ("size", self.size.to_string()),
            ("organization", self.block.organization().0.to_string()),
            ("caller", id(Kind::User, ADMIN.number).to_string()),
        ];
        let variables = variables.map(|(name, value)| (name.to_owned(), value)).to_vec();
        let script = Script { text: BY_HAND.to_owned(), variables };
        let until = Until::Count(self.lists);
        let work = Work { script: &script, connections: 1, warm_up: 1, until, options: "" };
        let sample = work.measure(tools.site).await?;
        traces::of_removals(&tools.site.db, first, lists * self.size)
            .await
            .context("after pgbench's lists")?;
        Ok(sample)
    }

    fn take(&mut self, lists: u64) -> Result<u64> {
        let first = self.next;
        self.next += lists * self.size;
        ensure!(self.next <= self.block.members.end, "no members are left: this is a mistake of the plan");
        Ok(first)
    }

    fn request(&self, token: &str, first: u64) -> Request {
        let members = (first..first + self.size)
            .map(|number| json!({ "memberId": MemberId(id(Kind::Member, number)) }));
        let members: Vec<_> = members.collect();
        let input = json!({ "organizationId": self.block.organization(), "members": members });
        http::graphql(token, REMOVE, &json!({ "input": input }))
    }
}
