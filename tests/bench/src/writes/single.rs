//! Changes of one member each, over all connections.

use anyhow::{Context, Result, ensure};
use serde_json::json;

use super::{Figures, Tools, empty_queue, traces};
use crate::{
    http::{self, Request},
    load::{self, Good, Requests},
    meter::{Meter, Sample},
    pgbench::{Until, Work},
    roster::Server,
    seed::{Block, Kind, START_OF_IDS, id},
    statements::{Script, Statement, Substitute, Witness, show},
};
use roster_entity::{MemberId, OrganizationId};

/// Removes one member, and asks for what a frontend shows then.
const REMOVE: &str = "mutation ($input: RemoveMemberInput!) {
  removeMember(input: $input) { changed message member { id status } errors { code message } }
}";

/// Invites one person, and asks for what a frontend shows then.
const INVITE: &str = "mutation ($input: InviteMembersInput!) {
  inviteMembers(input: $input) { changed message results { member { id status } } errors { code message } }
}";

/// How often each connection of pgbench makes the change before it is measured.
pub(super) const WARM_UP: u64 = 10;

/// Invited people have these numbers, which no member has.
const INVITED: u64 = 500_000_000_000;

/// What is done to each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    Removal,
    Invitation,
}

/// A kind of change.
pub(super) struct Single {
    pub(super) name: &'static str,
    change: Change,
    /// Whom it is done to. Of invitations: numbers of people who are not there yet.
    block: Block,
    /// The first to whom it has not been done.
    next: u64,
    /// How many one run changes.
    count: u64,
    /// What Roster sends.
    pub(super) statements: Vec<Statement>,
    script: Script,
    runs: u64,
    pub(super) figures: Figures,
}

impl Single {
    pub(super) fn removals(name: &'static str, block: &Block, count: u64) -> Self {
        Self::new(name, Change::Removal, block.clone(), count)
    }

    pub(super) fn invitations(name: &'static str, block: &Block, count: u64) -> Self {
        let members = INVITED..2 * INVITED - 1;
        Self::new(name, Change::Invitation, Block { members, ..block.clone() }, count)
    }

    fn new(name: &'static str, change: Change, block: Block, count: u64) -> Self {
        let (next, script) = (block.members.start, Script::default());
        Self {
            name,
            change,
            block,
            next,
            count,
            statements: Vec::new(),
            script,
            runs: 0,
            figures: Figures::default(),
        }
    }

    /// Makes the script from the statements of one change.
    pub(super) async fn look_at(&mut self, tools: &Tools<'_>, witness: &Witness) -> Result<()> {
        // Once, for what is prepared or remembered the first time.
        let (first, second) = (self.take(1)?, self.take(1)?);
        witness.statements_of(&self.request(tools.token, first)).await?;
        let (statements, answer) = witness.statements_of(&self.request(tools.token, second)).await?;
        show(tools.site, self.name, &statements);
        ensure!(answer.to_string().contains(r#""changed":true"#), "nothing was changed: {answer}");
        let substitutes = self.substitutes(second, &statements);
        self.script = Script::of(&tools.site.db, HEAD, &statements, &substitutes).await?;
        self.statements = statements;
        Ok(())
    }

    /// By Roster.
    pub(super) async fn roster(&mut self, tools: &Tools<'_>) -> Result<Sample> {
        let Server { process, address } = &tools.roster;
        let first = self.take(self.count)?;
        let requests = (first..first + self.count).map(|number| self.request(tools.token, number)).collect();
        empty_queue(tools.site).await?;
        let meter = Meter::start(&[process.id()?], tools.site.postmaster)?;
        let good = Good::Contains(r#""changed":true"#);
        let connections = tools.site.options.connections;
        let answers = load::send(&[*address], connections, Requests::Each(requests), good).await?;
        let sample = Sample::of_http(&answers, meter.used()?);
        self.check(tools, first, self.count).await.context("after Roster's changes")?;
        Ok(sample)
    }

    /// By pgbench, with Roster's statements.
    pub(super) async fn pgbench(&mut self, tools: &Tools<'_>) -> Result<Sample> {
        let connections = u64::from(tools.site.options.database_connections);
        let each = (self.count / connections).max(1);
        // The warm-up is run twice, and each transaction changes somebody else.
        let share = each + 2 * WARM_UP;
        let first = self.take(share * connections)?;
        self.runs += 1;
        let mut script = self.script.clone();
        let Block { organizations, members } = &self.block;
        for (name, value) in [
            ("share", share),
            ("first", first),
            ("members", members.start),
            ("organizations", organizations.start),
            ("count", self.block.count()),
            ("run", self.runs),
        ] {
            script.variables.push((name.to_owned(), value.to_string()));
        }
        let (until, options) = (Until::Count(each), tools.options.as_str());
        let work = Work { script: &script, connections, warm_up: WARM_UP, until, options };
        let sample = work.measure(tools.site).await?;
        self.check(tools, first, share * connections).await.context("after pgbench's changes")?;
        Ok(sample)
    }

    fn take(&mut self, count: u64) -> Result<u64> {
        let first = self.next;
        self.next += count;
        ensure!(self.next <= self.block.members.end, "no members are left: this is a mistake of the plan");
        Ok(first)
    }

    fn request(&self, token: &str, number: u64) -> Request {
        match self.change {
            Change::Removal => {
                let member = MemberId(id(Kind::Member, number));
                http::graphql(token, REMOVE, &json!({ "input": { "memberId": member } }))
            }
            Change::Invitation => {
                let organization = OrganizationId(id(Kind::Organization, self.block.organization_of(number)));
                let people = json!([{ "email": format!("invited.{number:012}@example.com") }]);
                let input = json!({ "organizationId": organization, "people": people });
                http::graphql(token, INVITE, &json!({ "input": input }))
            }
        }
    }

    /// What is another in each transaction, in the statements about this number.
    fn substitutes(&self, number: u64, statements: &[Statement]) -> Vec<Substitute> {
        let organization = self.block.organization_of(number);
        let substitute =
            |text: String, expression: &str| Substitute { text, expression: expression.to_owned() };
        let mut all = vec![
            substitute(format!("{number:012}"), "lpad(:n::text, 12, '0')"),
            substitute(format!("{organization:012}"), "lpad(:o::text, 12, '0')"),
            // The caller's membership.
            substitute(format!("{:012}", 100_000 + organization), "lpad(:caller::text, 12, '0')"),
        ];
        for new in new_ids(statements) {
            all.push(substitute(new, "lpad(:new::text, 12, '0')"));
        }
        all
    }

    /// Whether all that belongs to the changes is there.
    async fn check(&self, tools: &Tools<'_>, first: u64, count: u64) -> Result<()> {
        match self.change {
            Change::Removal => traces::of_removals(&tools.site.db, first, count).await,
            Change::Invitation => traces::of_invitations(&tools.site.db, first, count).await,
        }
    }
}

/// What the expressions are made of. `i` counts the transactions of a client.
const HEAD: &str = "\\set n :first + :client_id * :share + :i
\\set o :organizations + mod(:n - :members, :count)
\\set caller 100000 + :o
\\set new :run * 1000000000 + :client_id * 1000000 + :i
\\set i :i + 1
";

/// The last twelve digits of each id in the parameters that was not seeded.
fn new_ids(statements: &[Statement]) -> Vec<String> {
    let mut found = Vec::new();
    let values = statements.iter().flat_map(|statement| statement.parameters.iter().flatten());
    for value in values {
        for word in value.split(|c: char| !(c.is_ascii_hexdigit() || c == '-')) {
            let is_id = word.len() == 36 && word.parse::<uuid::Uuid>().is_ok();
            if is_id && !word.starts_with(START_OF_IDS) && !found.contains(&word[24..].to_owned()) {
                found.push(word[24..].to_owned());
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_that_were_not_seeded_are_found_once() {
        let seeded = id(Kind::Member, 7).to_string();
        let new = "019bb000-1111-7abc-8def-0123456789ab";
        let parameters = vec![Some(format!("{{{seeded},{new}}}")), None, Some(new.to_owned())];
        let statements = [Statement { text: String::new(), parameters }];
        assert_eq!(new_ids(&statements), ["0123456789ab"]);
    }
}
