//! Reading all that there is, and comparing what somebody sees with the table of the types and with what the owner sees.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{
    callers::all,
    operations::arguments,
    rule::lacks,
    types::{Guard, guard},
};
use crate::sdl::{Sdl, base};

/// The most errors that an answer has.
const MAX_ERRORS: usize = 50;

/// All fields of a type, and so many objects below each other.
pub(crate) fn selection(sdl: &Sdl, of: &str, depth: usize) -> String {
    let mut fields = Vec::new();
    for field in sdl.fields(of) {
        let (name, leads_to) = (field.name.node.as_str(), base(&field.ty.node));
        let given = arguments(&format!("{of}.{name}"));
        match leads_to {
            leads_to if !sdl.is_object(leads_to) => fields.push(name.to_owned()),
            "MutationError" => fields.push(format!("{name} {{ code message path memberId invitationId }}")),
            "PageInfo" => fields.push("pageInfo { hasNextPage }".to_owned()),
            // Needs an id, which only who asks for it at the top gives.
            _ if depth == 0 || (of, name) == ("Organization", "member") => {}
            // As many as the input may have: more of each would cost more than a request may.
            _ if name == "results" => {
                let shown = selection(sdl, leads_to, 0);
                fields.push(format!("results {{ {shown} member {{ id removalNote }} }}"));
            }
            // Nothing but a list of groups with a name.
            "EffectivePermission" => fields.push(format!("{name} {{ {} }}", selection(sdl, leads_to, depth))),
            _ if name == "revokedSentInvitations" => {
                fields.push(format!("{name} {{ {} }}", selection(sdl, leads_to, 0)));
            }
            _ => match leads_to.strip_suffix("Connection") {
                Some(item) => {
                    let given = if given.is_empty() { "(first: 1)" } else { given };
                    fields
                        .push(format!("{name}{given} {{ nodes {{ {} }} }}", selection(sdl, item, depth - 1)));
                }
                None => fields.push(format!("{name}{given} {{ {} }}", selection(sdl, leads_to, depth - 1))),
            },
        }
    }
    fields.join(" ")
}

/// Somebody who reads.
pub(crate) struct Reader {
    sdl: &'static Sdl,
    mine: BTreeSet<String>,
    /// What is not as the table says.
    pub(crate) wrong: Vec<String>,
    /// `Type.field` of all that was there.
    pub(crate) seen: BTreeSet<String>,
    /// The errors that must be there: where, and what they say.
    refused: BTreeSet<(String, String)>,
}

impl Reader {
    /// Somebody with these permissions.
    pub(crate) fn with(sdl: &'static Sdl, mine: &BTreeSet<String>) -> Self {
        let (mine, wrong, seen, refused) = (mine.clone(), Vec::new(), BTreeSet::new(), BTreeSet::new());
        Self { sdl, mine, wrong, seen, refused }
    }

    /// The owner, who sees all.
    pub(crate) fn owner(sdl: &'static Sdl) -> Self {
        Self::with(sdl, &all())
    }

    /// Looks at a whole answer, whose data are of the type `root`, beside the owner's where it is known.
    pub(crate) fn look_at(&mut self, root: &str, answer: &Value, owners: Option<&Value>) {
        self.refused.clear();
        self.object(root, "", &answer["data"], owners.map(|owners| &owners["data"]));
        let errors = answer["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
        let said: BTreeSet<_> = errors.iter().map(place_and_words).collect();
        self.wrong
            .extend(said.difference(&self.refused).map(|error| format!("an error too much: {error:?}")));
        if self.refused.len() <= MAX_ERRORS {
            self.wrong.extend(
                self.refused.difference(&said).map(|error| format!("an error is missing: {error:?}")),
            );
        }
    }

    fn object(&mut self, of: &str, at: &str, shown: &Value, owners: Option<&Value>) {
        let of = shown["__typename"].as_str().unwrap_or(of).to_owned();
        for (name, value) in shown.as_object().into_iter().flatten() {
            if name == "__typename" {
                continue;
            }
            let at = format!("{at}/{name}");
            match guard(&of, name) {
                Some(guard) if !guard.lets(&self.mine) => self.refuses(guard, &at, value),
                _ => {
                    let leads_to = base(&self.sdl.field(&of, name).ty.node).to_owned();
                    let owners = owners.filter(|_| !varies(&of, name)).map(|owners| &owners[name]);
                    if is_there(value) {
                        self.seen.insert(format!("{of}.{name}"));
                    }
                    self.value(&leads_to, &at, value, owners);
                }
            }
        }
    }

    fn refuses(&mut self, guard: &Guard, at: &str, value: &Value) {
        if !value.is_null() {
            self.wrong.push(format!("{at} is shown without {:?}", guard.permissions));
        }
        if guard.says {
            self.refused.insert((at.to_owned(), lacks(guard.permissions[0])));
        }
    }

    fn value(&mut self, of: &str, at: &str, shown: &Value, owners: Option<&Value>) {
        match shown {
            Value::Array(items) if self.is_object(of) => {
                if owners.is_some_and(|owners| owners.as_array().map(Vec::len) != Some(items.len())) {
                    self.wrong.push(format!("{at} has other items than for the owner"));
                    return;
                }
                for (index, item) in items.iter().enumerate() {
                    self.value(of, &format!("{at}/{index}"), item, owners.map(|owners| &owners[index]));
                }
            }
            Value::Object(_) if self.is_object(of) && !owners.is_some_and(Value::is_null) => {
                self.object(of, at, shown, owners);
            }
            _ => {
                if let Some(owners) = owners.filter(|owners| *owners != shown) {
                    self.wrong.push(format!("{at} is {shown}, and for the owner {owners}"));
                }
            }
        }
    }

    fn is_object(&self, of: &str) -> bool {
        of == "Node" || self.sdl.is_object(of)
    }
}

/// Whether a field depends on who asks, or when.
fn varies(of: &str, field: &str) -> bool {
    field.starts_with("viewer") || field == "lastUsedAt" || of == "EmailPreview"
}

/// Something, and not an empty list.
fn is_there(value: &Value) -> bool {
    let items = value.get("nodes").unwrap_or(value);
    !value.is_null() && items.as_array().is_none_or(|items| !items.is_empty())
}

fn place_and_words(error: &Value) -> (String, String) {
    let part = |part: &Value| part.as_str().map_or_else(|| part.to_string(), str::to_owned);
    let path = error["path"].as_array().map(Vec::as_slice).unwrap_or_default();
    let place = path.iter().map(|at| format!("/{}", part(at))).collect();
    (place, error["message"].as_str().unwrap_or_default().to_owned())
}
