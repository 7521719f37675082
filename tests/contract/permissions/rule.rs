//! What holds for an operation, and what each caller is answered by it.

use serde_json::Value;

use super::callers::{Caller, Stands};

/// Who may.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Rule {
    /// Everybody, also without signing in.
    Anybody,
    /// Whoever is signed in.
    SignedIn,
    /// Whoever is signed in, but no script.
    InPerson,
    /// For whom the invitation is, but no script.
    Recipient,
    /// Who belongs to the organization, but no script.
    Themselves,
    /// Who belongs to the organization.
    Member,
    /// Who has this permission in the organization.
    Needs(&'static str),
    /// The same, but no script.
    NeedsInPerson(&'static str),
    /// Who has this permission; for others there is no such thing.
    Hidden(&'static str),
}

const ALLOWED: &str = "allowed";
const NOT_FOUND: &str = "NOT_FOUND";
const NOT_FOR_SCRIPTS: &str = "NOT_PERMITTED: not for scripts";

/// What must come of it, in a line that [`outcome`] gives too.
pub(crate) fn expected(rule: Rule, caller: &Caller) -> String {
    match (&caller.stands, rule) {
        (Stands::TurnedAway(why), _) => return format!("401 UNAUTHENTICATED: {why}"),
        (_, Rule::Anybody) => return ALLOWED.to_owned(),
        (Stands::Anonymous, _) => {
            return "UNAUTHENTICATED: You are not signed in. Send `Authorization: Bearer` with a token."
                .to_owned();
        }
        _ => {}
    }
    let in_person =
        matches!(rule, Rule::InPerson | Rule::Recipient | Rule::Themselves | Rule::NeedsInPerson(_));
    if in_person && caller.is_script {
        return NOT_FOR_SCRIPTS.to_owned();
    }
    let mine = caller.permissions();
    match (rule, mine) {
        (Rule::Anybody | Rule::SignedIn | Rule::InPerson, _) => ALLOWED.to_owned(),
        (Rule::Recipient, _) if caller.stands == Stands::Recipient => ALLOWED.to_owned(),
        (Rule::Recipient, _) => "WRONG_RECIPIENT".to_owned(),
        (Rule::Themselves, None) => "NOT_A_MEMBER".to_owned(),
        (_, None) => NOT_FOUND.to_owned(),
        (Rule::Themselves | Rule::Member, Some(_)) => ALLOWED.to_owned(),
        (
            Rule::Needs(permission) | Rule::NeedsInPerson(permission) | Rule::Hidden(permission),
            Some(mine),
        ) => match rule {
            _ if mine.contains(permission) => ALLOWED.to_owned(),
            Rule::Hidden(_) => NOT_FOUND.to_owned(),
            _ => format!("NOT_PERMITTED: {}", lacks(permission)),
        },
    }
}

/// What somebody is told who lacks a permission.
pub(crate) fn lacks(permission: &str) -> String {
    format!("You need the {permission} permission in Acme. Ask an owner.")
}

/// Whether a caller is let through.
pub(crate) fn allows(rule: Rule, caller: &Caller) -> bool {
    expected(rule, caller) == ALLOWED
}

/// What came of an operation whose answer stands at `path`.
pub(crate) fn outcome(path: &[&str], status: u16, answer: &Value) -> String {
    let Some(error) = errors_at(path, answer).first().copied() else {
        let mut at = answer["data"].clone();
        for field in path {
            at = at[*field].clone();
        }
        return match at["errors"][0]["code"].as_str() {
            // These are about who calls; all others about what is asked for.
            Some(code @ ("WRONG_RECIPIENT" | "NOT_A_MEMBER")) => code.to_owned(),
            _ if at.is_null() || status != 200 => format!("{status}: {answer}"),
            _ => ALLOWED.to_owned(),
        };
    };
    let code = error["extensions"]["code"].as_str().unwrap_or("no code");
    let message = error["message"].as_str().unwrap_or("no message");
    match (status, code) {
        (401, _) if answer.get("data").is_none() => format!("401 {code}: {message}"),
        (200, _) if !is_null_at(&error["path"], &answer["data"]) => {
            format!("data beside the error: {answer}")
        }
        (200, "NOT_FOUND") if message.starts_with("There is no such ") => NOT_FOUND.to_owned(),
        (200, "NOT_PERMITTED")
            if message.starts_with("An API token ") && message.ends_with("Sign in instead.") =>
        {
            NOT_FOR_SCRIPTS.to_owned()
        }
        (200, _) => format!("{code}: {message}"),
        _ => format!("{status} {code}: {message}"),
    }
}

/// The errors of the operation itself: without a path, or on the way to its answer.
fn errors_at<'a>(path: &[&str], answer: &'a Value) -> Vec<&'a Value> {
    let on_the_way = |error: &&Value| {
        let at = error["path"].as_array().map(Vec::as_slice).unwrap_or_default();
        let fields: Vec<_> = at.iter().filter_map(Value::as_str).collect();
        path.starts_with(&fields)
    };
    answer["errors"].as_array().map(|errors| errors.iter().filter(on_the_way).collect()).unwrap_or_default()
}

/// Whether nothing stands where an error is: there, or where the null of a field that cannot be null has gone.
fn is_null_at(path: &Value, data: &Value) -> bool {
    let mut at = data;
    for part in path.as_array().map(Vec::as_slice).unwrap_or_default() {
        at = match part.as_u64() {
            Some(index) => &at[index as usize],
            None => &at[part.as_str().unwrap_or_default()],
        };
    }
    at.is_null()
}
