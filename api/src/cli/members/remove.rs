//! `roster members remove`: from a list of addresses and ids to one result for each.

use std::process::ExitCode;

use serde::{Deserialize, Serialize};

use super::{
    Common,
    batch::{Batch, Done, Mode},
    items, organization_id,
    report::{ItemError, Outcome},
    resolve::{self, Person},
};
use crate::cli::{client::Client, failure::Failure};

/// How many the API removes at once.
const MAX: usize = crate::membership::MAX_REMOVALS;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    #[command(flatten)]
    common: Common,
    /// The members: by email address, or by id (member_…).
    #[arg(value_name = "MEMBER")]
    members: Vec<String>,
    #[command(flatten)]
    from: items::From,
    /// A note to the people, which the email quotes.
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// Revoke the open invitations, too, that these people have sent.
    #[arg(long)]
    revoke_sent_invitations: bool,
    #[command(flatten)]
    mode: Mode,
}

const MUTATION: &str = "mutation ($input: RemoveMembersInput!) { removeMembers(input: $input) {
    replayed results { memberId changed message error { code message } } errors { code message } } }";

#[derive(Serialize)]
struct Variables<'a> {
    input: Input<'a>,
}

/// `RemoveMembersInput`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Input<'a> {
    organization_id: &'a str,
    members: Vec<Item<'a>>,
    note: Option<&'a str>,
    revoke_sent_invitations: bool,
    mode: &'static str,
    dry_run: bool,
    idempotency_key: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Item<'a> {
    member_id: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    remove_members: Payload,
}

#[derive(Deserialize)]
struct Payload {
    replayed: bool,
    results: Vec<Removed>,
    errors: Vec<ItemError>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Removed {
    member_id: String,
    changed: bool,
    message: Option<String>,
    error: Option<ItemError>,
}

pub(super) fn run(args: Args) -> Result<ExitCode, Failure> {
    let names = args.from.read(args.members)?;
    let mode = &args.mode;
    mode.check(names.len(), MAX)?;
    let batch = Batch::prepare(&args.common, "removed", mode.dry_run, mode.key()?, (names.len(), MAX))?;
    let organization = args.common.organization();
    let id = organization_id(&batch.client, organization)?;
    batch.run(&names, MAX, |client, portion| {
        let found = resolve::members(client, organization, portion.items)?;
        let people: Vec<&Person> = found.iter().flatten().collect();
        // All or nobody: somebody who is not found keeps the others from being removed.
        if people.is_empty() || (mode.atomic && people.len() < found.len()) {
            let outcomes = resolve::outcomes(portion.items, found, |person| Ok(untouched(person)))?;
            return Ok(Done { outcomes, replayed: false });
        }
        let input = Input {
            organization_id: &id,
            members: people.iter().map(|person| Item { member_id: &person.id }).collect(),
            note: args.note.as_deref(),
            revoke_sent_invitations: args.revoke_sent_invitations,
            mode: mode.name(),
            dry_run: mode.dry_run,
            idempotency_key: portion.key,
        };
        let payload = remove(client, input)?;
        let mut results = payload.results.into_iter();
        let outcomes = resolve::outcomes(portion.items, found, |person| outcome(person, results.next()))?;
        Ok(Done { outcomes, replayed: payload.replayed })
    })
}

fn remove(client: &Client, input: Input) -> Result<Payload, Failure> {
    let answer: Answer = client.call(MUTATION, Variables { input })?;
    let payload = answer.remove_members;
    if !payload.results.is_empty() {
        return Ok(payload);
    }
    // Nothing was tried: the error is of the call, like a note that is too long.
    Err(match payload.errors.into_iter().next() {
        Some(error) => Failure::refused(error.code, error.message),
        None => Failure::Unexpected("The server's answer has no results.".to_owned()),
    })
}

/// The server's result of a member.
fn outcome(person: Person, result: Option<Removed>) -> Result<Outcome, Failure> {
    match result {
        Some(Removed { member_id, changed, message, error }) if member_id == person.id => {
            Ok(Outcome { changed, message, error, ..person.outcome() })
        }
        _ => Err(Failure::Unexpected(
            "The server's results are not those of the members in the call.".to_owned(),
        )),
    }
}

fn untouched(person: Person) -> Outcome {
    let message = "Nothing was done, as somebody else was refused.".to_owned();
    Outcome { message: Some(message), ..person.outcome() }
}
