//! Where each story begins, and what can be named in it.

use std::{
    collections::{BTreeMap, VecDeque},
    fmt,
};

use super::{
    operation::{Call, Caller, EmailNo, GroupNo, InvitationNo, MemberOf, Operation, TokenNo},
    outcome::Outcome,
    state::{Entry, Member, Org, Organization, Person, Role, Says, Settings, Status, Time, World},
};

impl World {
    pub(super) fn new() -> Self {
        let organizations = [(Org::Acme, Person::Olivia), (Org::Globex, Person::Greta)];
        Self {
            now: Time::zero(),
            eve_is_verified: false,
            organizations: organizations.map(|(org, owner)| (org, Organization::of(owner))).into(),
            emails: Vec::new(),
            queue: VecDeque::new(),
            arrived: Vec::new(),
            reviews: BTreeMap::new(),
            outcome: Outcome::Silence,
        }
    }

    /// Whether everything is there that an operation names.
    pub(super) fn has_all_of(&self, operation: &Operation) -> bool {
        match operation {
            Operation::Call(caller, call) => self.has_caller(*caller) && self.has_all_of_call(call),
            Operation::Look(caller) => self.has_caller(*caller),
            Operation::Review(caller, member) => {
                self.has_caller(*caller) && self.can_review(*caller, *member)
            }
            Operation::Deliver | Operation::Pass(_) | Operation::Verify => true,
        }
    }

    fn has_caller(&self, caller: Caller) -> bool {
        match caller {
            Caller::Signed(_) => true,
            Caller::Script(TokenNo(org, no)) => no < self.of(org).tokens.len(),
        }
    }

    fn has_all_of_call(&self, call: &Call) -> bool {
        let member = |MemberOf(org, person): &MemberOf| self.of(*org).members.contains_key(person);
        let group = |GroupNo(org, no): &GroupNo| *no < self.of(*org).groups.len();
        let link = |no: &EmailNo| {
            self.arrived.contains(no) && matches!(self.emails[no.0].says, Says::Invitation { .. })
        };
        match call {
            Call::Invite(_, people, _) => people.iter().all(|it| it.groups.iter().all(group)),
            Call::Resend(InvitationNo(org, no)) | Call::Revoke(InvitationNo(org, no)) => {
                *no < self.of(*org).invitations.len()
            }
            Call::Accept(email) | Call::Decline(email) => link(email),
            Call::Remove { member: it, .. } | Call::Restore { member: it, .. } | Call::ChangeRole(it, _) => {
                member(it)
            }
            Call::RemoveMany { members, .. } => members.iter().all(member),
            Call::RenameGroup(it, _) | Call::ChangeGroup(it, _) | Call::DeleteGroup(it) => group(it),
            Call::AddToGroup(it, members, _) | Call::TakeOutOfGroup(it, members, _) => {
                group(it) && members.iter().all(member)
            }
            Call::RevokeToken(token) => self.has_caller(Caller::Script(*token)),
            Call::ResendEmail(email) => email.0 < self.emails.len(),
            Call::Leave(_) | Call::CreateGroup(..) | Call::CreateToken(..) | Call::ChangeSettings(..) => true,
        }
    }
}

impl Organization {
    fn of(owner: Person) -> Self {
        let member = Member {
            role: Role::Owner,
            status: Status::Active,
            groups: [].into(),
            end: None,
            restored_at: None,
        };
        let created = Entry {
            at: Time::zero(),
            action: "ORGANIZATION_CREATED",
            by: owner,
            token: None,
            about: Some(owner),
        };
        Self {
            settings: Settings { revocation_email: true, invitation_days: 7, restore_days: 30 },
            members: [(owner, member)].into(),
            invitations: Vec::new(),
            groups: Vec::new(),
            tokens: Vec::new(),
            log: vec![created],
            answers: BTreeMap::new(),
        }
    }
}

/// Every story begins in the same way, so there is nothing to tell.
impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the world")
    }
}
