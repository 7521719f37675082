//! `roster members restore`: undoes removals, one after the other, some in one request.

use std::{collections::HashMap, fmt::Write, process::ExitCode};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Common,
    batch::{Batch, Done},
    items,
    report::{ItemError, Outcome},
    resolve::{self, Person},
};
use crate::cli::{
    client::{Client, understood},
    failure::Failure,
};

/// How many mutations the API takes in one document.
const MAX: usize = 20;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    #[command(flatten)]
    common: Common,
    /// The members: by email address, or by id (member_…).
    #[arg(value_name = "MEMBER")]
    members: Vec<String>,
    #[command(flatten)]
    from: items::From,
    /// Only say what would be done.
    #[arg(long)]
    dry_run: bool,
}

/// `RestoreMemberInput`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Input<'a> {
    member_id: &'a str,
    dry_run: bool,
}

#[derive(Deserialize)]
struct Payload {
    changed: bool,
    message: Option<String>,
    warnings: Vec<String>,
    errors: Vec<ItemError>,
}

pub(super) fn run(args: Args) -> Result<ExitCode, Failure> {
    let names = args.from.read(args.members)?;
    let batch = Batch::prepare(&args.common, "restored", args.dry_run, None, (names.len(), MAX))?;
    let organization = args.common.organization();
    batch.run(&names, MAX, |client, portion| {
        let found = resolve::members(client, organization, portion.items)?;
        let people: Vec<&Person> = found.iter().flatten().collect();
        let mut restored = restore(client, &people, args.dry_run)?.into_iter();
        let outcomes = resolve::outcomes(portion.items, found, |person| outcome(person, restored.next()))?;
        Ok(Done { outcomes, replayed: false })
    })
}

fn outcome(person: Person, result: Option<Result<Payload, ItemError>>) -> Result<Outcome, Failure> {
    match result {
        Some(Ok(Payload { changed, message, warnings, mut errors })) => {
            Ok(Outcome { changed, message, warnings, error: errors.pop(), ..person.outcome() })
        }
        Some(Err(error)) => Ok(Outcome { error: Some(error), ..person.outcome() }),
        None => Err(Failure::Unexpected("The server's answer is not complete.".to_owned())),
    }
}

/// What the server says of each, in the order of the people.
fn restore(
    client: &Client,
    people: &[&Person],
    dry_run: bool,
) -> Result<Vec<Result<Payload, ItemError>>, Failure> {
    if people.is_empty() {
        return Ok(Vec::new());
    }
    let inputs = people.iter().map(|person| Input { member_id: &person.id, dry_run });
    let variables: HashMap<_, _> = (0..).map(|n| format!("i{n}")).zip(inputs).collect();
    let mut answer = client.execute(&document(people.len()), variables)?;
    // Who failed alone is null, and has an error at their alias.
    let mut failed = HashMap::new();
    for error in answer.errors {
        match error.path.first().and_then(|alias| alias.as_str()).map(str::to_owned) {
            Some(alias) => failed.insert(alias, ItemError::from(error)),
            None => return Err(error.into()),
        };
    }
    let result = |n| {
        let alias = format!("r{n}");
        match failed.remove(&alias) {
            Some(error) => Ok(Err(error)),
            None => understood(answer.data.get_mut(&alias).map(Value::take).unwrap_or_default()).map(Ok),
        }
    };
    (0..people.len()).map(result).collect()
}

/// `mutation ($i0: RestoreMemberInput!) { r0: restoreMember(input: $i0) { … } }`, for so many.
fn document(count: usize) -> String {
    let (mut variables, mut fields) = (String::new(), String::new());
    for n in 0..count {
        let _ = write!(variables, "$i{n}: RestoreMemberInput! ");
        let _ = write!(
            fields,
            "r{n}: restoreMember(input: $i{n}) {{ changed message warnings errors {{ code message }} }} "
        );
    }
    format!("mutation ({variables}) {{ {fields}}}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_has_an_alias_for_each() {
        let fields = "{ changed message warnings errors { code message } }";
        assert_eq!(
            document(2),
            format!(
                "mutation ($i0: RestoreMemberInput! $i1: RestoreMemberInput! ) {{ r0: restoreMember(input: $i0) {fields} r1: restoreMember(input: $i1) {fields} }}"
            )
        );
    }
}
