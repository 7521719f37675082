//! `roster members invite`: invites a list of addresses, all with one role and the same groups.

use std::process::ExitCode;

use serde::{Deserialize, Serialize};

use super::{
    Common, Role,
    batch::{Batch, Done, Mode},
    groups, items, organization_id,
    report::{ItemError, Outcome},
};
use crate::cli::{client::Client, failure::Failure};

/// How many the API invites at once.
const MAX: usize = crate::membership::MAX_ITEMS;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    #[command(flatten)]
    common: Common,
    /// The email addresses.
    #[arg(value_name = "EMAIL")]
    emails: Vec<String>,
    #[command(flatten)]
    from: items::From,
    /// The role that they will have.
    #[arg(long, value_name = "ROLE", default_value = "member")]
    role: Role,
    /// A group that they will be in, by its name; can be given several times.
    #[arg(long, value_name = "NAME")]
    group: Vec<String>,
    #[command(flatten)]
    mode: Mode,
}

const MUTATION: &str = "mutation ($input: InviteMembersInput!) { inviteMembers(input: $input) {
    replayed results { email changed member { id } error { code message memberId } } errors { code message } } }";

#[derive(Serialize)]
struct Variables<'a> {
    input: Input<'a>,
}

/// `InviteMembersInput`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Input<'a> {
    organization_id: &'a str,
    people: Vec<Invitee<'a>>,
    mode: &'static str,
    dry_run: bool,
    idempotency_key: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invitee<'a> {
    email: &'a str,
    role: Role,
    group_ids: &'a [String],
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    invite_members: Payload,
}

#[derive(Deserialize)]
struct Payload {
    replayed: bool,
    results: Vec<Invited>,
    errors: Vec<ItemError>,
}

#[derive(Deserialize)]
struct Invited {
    email: String,
    changed: bool,
    member: Option<Member>,
    error: Option<ItemError>,
}

#[derive(Deserialize)]
struct Member {
    id: String,
}

impl From<Invited> for Outcome {
    fn from(invited: Invited) -> Self {
        Self {
            member: invited.member.map(|member| member.id),
            email: Some(invited.email),
            changed: invited.changed,
            error: invited.error,
            ..Self::default()
        }
    }
}

pub(super) fn run(args: Args) -> Result<ExitCode, Failure> {
    let emails = args.from.read(args.emails)?;
    let mode = &args.mode;
    mode.check(emails.len(), MAX)?;
    let batch = Batch::prepare(&args.common, "invited", mode.dry_run, mode.key()?, (emails.len(), MAX))?;
    let organization = args.common.organization();
    let id = organization_id(&batch.client, organization)?;
    let group_ids = groups::ids(&batch.client, organization, &args.group)?;
    batch.run(&emails, MAX, |client, portion| {
        let invitee = |email| Invitee { email, role: args.role, group_ids: &group_ids };
        let payload = invite(
            client,
            Input {
                organization_id: &id,
                people: portion.items.iter().map(String::as_str).map(invitee).collect(),
                mode: mode.name(),
                dry_run: mode.dry_run,
                idempotency_key: portion.key,
            },
        )?;
        let outcomes = payload.results.into_iter().map(Outcome::from).collect();
        Ok(Done { outcomes, replayed: payload.replayed })
    })
}

fn invite(client: &Client, input: Input) -> Result<Payload, Failure> {
    let count = input.people.len();
    let answer: Answer = client.call(MUTATION, Variables { input })?;
    let payload = answer.invite_members;
    if payload.results.len() == count {
        return Ok(payload);
    }
    Err(match payload.errors.into_iter().next() {
        Some(error) => Failure::refused(error.code, error.message),
        None => {
            Failure::Unexpected("The server's results are not those of the people in the call.".to_owned())
        }
    })
}
