//! What the clients are to do: who is removed and who is invited, alone or in lists, and lists that must be refused.

use std::collections::BTreeSet;

use fastrand::Rng;
use serde_json::{Value, json};

/// How many are refused for good: one in so many.
const ONE_UNKNOWN_IN: usize = 25;
/// How many singles are removed by two clients.
const ONE_TWICE_IN: usize = 15;
/// How many people stand in a list that is refused because of one item more.
const IN_VAIN: usize = 8;

/// How much there is to do.
#[derive(Clone, Copy)]
pub(super) struct Size {
    pub(super) removals: usize,
    pub(super) invitations: usize,
    pub(super) refused_lists: usize,
}

impl Size {
    /// Members that there are: some stand only in lists that are refused.
    pub(super) fn members(self) -> usize {
        self.removals + self.refused_lists * IN_VAIN
    }

    /// The addresses that have no mailbox, among all that there are.
    pub(super) fn unknown(self, chance: &mut Rng) -> BTreeSet<String> {
        let members = (1..=self.members()).map(|n| format!("p{n}@example.com"));
        let all: Vec<_> = members.chain((0..self.invitations).map(guest)).collect();
        chance.choose_multiple(&all, all.len() / ONE_UNKNOWN_IN).into_iter().cloned().collect()
    }
}

fn guest(number: usize) -> String {
    format!("guest{number}@example.com")
}

/// A mutation that a client calls until it is answered.
#[derive(Clone)]
pub(super) struct Errand {
    pub(super) mutation: &'static str,
    pub(super) input: Value,
    /// One item is wrong, and the others must not be done without it.
    pub(super) is_in_vain: bool,
}

impl Errand {
    fn new(mutation: &'static str, input: Value) -> Self {
        Self { mutation, input, is_in_vain: false }
    }

    fn in_vain(mutation: &'static str, input: Value) -> Self {
        Self { mutation, input, is_in_vain: true }
    }

    pub(super) fn has_key(&self) -> bool {
        self.input["idempotencyKey"].is_string()
    }

    pub(super) fn document(&self) -> String {
        let (fields, results) = match self.mutation {
            "removeMember" => ("changed member { id status }", ""),
            "removeMembers" => ("replayed", "memberId changed message error { code message }"),
            _ => ("replayed", "email member { id } error { code message }"),
        };
        let results = if results.is_empty() { String::new() } else { format!("results {{ {results} }}") };
        let capital = self.mutation[..1].to_uppercase() + &self.mutation[1..];
        format!(
            "mutation ($input: {capital}Input!) {{ {0}(input: $input) {{
                message {fields} {results} errors {{ code message }} }} }}",
            self.mutation
        )
    }
}

/// Where, and who there is.
pub(super) struct Acme {
    pub(super) id: String,
    /// The member who does it all.
    pub(super) owner: String,
    pub(super) members: Vec<String>,
}

/// All that is to be done, in the order in which it is begun.
pub(super) fn errands(chance: &mut Rng, size: Size, acme: &Acme) -> Vec<Errand> {
    let mut members = acme.members.clone();
    chance.shuffle(&mut members);
    let bystanders = members.split_off(size.removals);
    let mut errands = removals(chance, acme, &members);
    errands.extend(invitations(chance, acme, size.invitations));
    for (number, some) in bystanders.chunks(IN_VAIN).enumerate() {
        errands.push(removal_in_vain(chance, acme, some));
        errands.push(invitation_in_vain(acme, number));
    }
    chance.shuffle(&mut errands);
    errands
}

/// Half of them in lists.
fn removals(chance: &mut Rng, acme: &Acme, mut members: &[String]) -> Vec<Errand> {
    let mut errands = Vec::new();
    let in_lists = members.len() / 2;
    let mut left = in_lists;
    while left > 0 {
        let (list, others) = members.split_at(chance.usize(20..=50).min(left));
        (members, left) = (others, left - list.len());
        errands.push(Errand::new("removeMembers", list_of_members(chance, acme, list)));
    }
    for (number, member) in members.iter().enumerate() {
        let errand = Errand::new("removeMember", json!({ "memberId": member }));
        errands.extend((number % ONE_TWICE_IN == 0).then(|| errand.clone()));
        errands.push(errand);
    }
    errands
}

fn list_of_members(chance: &mut Rng, acme: &Acme, list: &[String]) -> Value {
    let members: Vec<_> = list.iter().map(|member| json!({ "memberId": member })).collect();
    json!({ "organizationId": acme.id, "members": members, "idempotencyKey": key(chance) })
}

/// Two thirds of them in lists of ten.
fn invitations(chance: &mut Rng, acme: &Acme, count: usize) -> Vec<Errand> {
    let addresses: Vec<_> = (0..count).map(guest).collect();
    let (listed, single) = addresses.split_at(count * 2 / 3);
    let lists = listed.chunks(10).map(|list| (list, true));
    let singles = single.chunks(1).enumerate().map(|(number, one)| (one, number % 2 == 0));
    let mut invite = |(list, has_key): (&[String], bool)| {
        let mut input = people(acme, list);
        if has_key {
            input["idempotencyKey"] = key(chance).into();
        }
        Errand::new("inviteMembers", input)
    };
    lists.chain(singles).map(&mut invite).collect()
}

fn people(acme: &Acme, addresses: &[String]) -> Value {
    let people: Vec<_> = addresses.iter().map(|address| json!({ "email": address })).collect();
    json!({ "organizationId": acme.id, "people": people })
}

/// All or nobody, and one of them is not there or is the one who calls.
fn removal_in_vain(chance: &mut Rng, acme: &Acme, bystanders: &[String]) -> Errand {
    let mut list = bystanders.to_vec();
    let nobody = "member_01h455vb4pex5vsknk084sn02q".to_owned();
    let wrong = if chance.bool() { nobody } else { acme.owner.clone() };
    list.insert(chance.usize(..=list.len()), wrong);
    let mut input = list_of_members(chance, acme, &list);
    input["mode"] = "ATOMIC".into();
    Errand::in_vain("removeMembers", input)
}

fn invitation_in_vain(acme: &Acme, number: usize) -> Errand {
    let mut addresses: Vec<_> = (0..IN_VAIN).map(|n| format!("nobody{number}.{n}@example.com")).collect();
    addresses.insert(number % IN_VAIN, "not an address".to_owned());
    let mut input = people(acme, &addresses);
    input["mode"] = "ATOMIC".into();
    Errand::in_vain("inviteMembers", input)
}

fn key(chance: &mut Rng) -> String {
    format!("key-{:016x}", chance.u64(..))
}
