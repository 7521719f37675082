//! The rules of PRODUCT.md: what each operation answers, and what is so after it. Where PRODUCT.md leaves the order of two checks
//! open, the order is that of the code, and a comment says so.

mod answers;
mod emails;
mod groups;
mod invitations;
mod lists;
mod removals;
mod reviews;
mod roles;
mod settings;
mod time;
mod tokens;

use chrono::TimeDelta;

use super::{
    operation::{Call, Caller, EmailNo, GroupNo, InvitationNo, MemberOf, Operation},
    outcome::Outcome,
    state::{
        Email, Entry, Group, Invitation, Member, Org, Organization, Permissions, Person, Role, Says,
        Settings, Status, World,
    },
};

/// How long one has to wait before an invitation or an email is sent again: `resend_interval_seconds` of the settings.
pub(super) const RESEND_INTERVAL: TimeDelta = TimeDelta::seconds(60);

/// How long an answer is given again under its idempotency key (schema).
pub(super) const KEY_IS_KEPT: TimeDelta = TimeDelta::hours(24);

/// How an operation ends early. Nothing of it has happened then.
pub(super) enum Stop {
    /// With a call-wide code.
    Refused(&'static str),
    /// With a code of the operation.
    Fails(&'static str),
}

pub(super) type Ruled<T = Outcome> = Result<T, Stop>;

/// Who calls, and what they may do in the organization.
pub(super) struct Access {
    pub(super) org: Org,
    pub(super) who: Person,
    pub(super) token: Option<usize>,
    pub(super) has: Permissions,
}

impl Access {
    /// "lacks a permission `NOT_PERMITTED`"
    fn require(&self, permission: &str) -> Ruled<()> {
        if self.has.contains(permission) { Ok(()) } else { Err(Stop::Refused("NOT_PERMITTED")) }
    }

    /// Whether somebody with these permissions is not "above".
    fn covers(&self, permissions: &Permissions) -> bool {
        self.has.is_superset(permissions)
    }
}

impl World {
    /// Lets something happen.
    pub(super) fn apply(&mut self, operation: &Operation) {
        self.outcome = match operation {
            Operation::Call(caller, call) => self.call(*caller, call),
            Operation::Look(caller) => self.look(*caller),
            Operation::Review(_, member) => {
                self.reviews.insert(*member, self.review(*member));
                Outcome::Silence
            }
            Operation::Deliver => self.deliver(),
            Operation::Pass(span) => self.pass(*span),
            Operation::Verify => {
                self.eve_is_verified = true;
                Outcome::Silence
            }
        };
    }

    /// Each call takes a second.
    fn call(&mut self, caller: Caller, call: &Call) -> Outcome {
        let before = self.clone();
        let outcome = self.ruled(caller, call).unwrap_or_else(|stop| {
            self.clone_from(&before);
            match stop {
                Stop::Refused(code) => Outcome::Refused(code.to_owned()),
                Stop::Fails(code) => Outcome::Fails(code.to_owned()),
            }
        });
        if call.is_dry() {
            *self = before;
        }
        self.now += TimeDelta::seconds(1);
        outcome
    }

    fn ruled(&mut self, caller: Caller, call: &Call) -> Ruled {
        self.identify(caller)?;
        match call {
            Call::Invite(org, people, list) => self.invite(caller, *org, people, *list, call),
            Call::Resend(invitation) => self.resend(caller, *invitation),
            Call::Revoke(invitation) => self.revoke(caller, *invitation),
            Call::Accept(email) => self.accept(caller, *email),
            Call::Decline(email) => self.decline(caller, *email),
            Call::Remove { member, reviewed, revoke_sent, .. } => {
                let review = if *reviewed { self.reviews.get(member).cloned() } else { None };
                self.remove(caller, *member, review, *revoke_sent)
            }
            Call::RemoveMany { org, members, revoke_sent, list } => {
                self.remove_many(caller, *org, members, *revoke_sent, *list, call)
            }
            Call::Restore { member, .. } => self.restore(caller, *member),
            Call::Leave(org) => self.leave(caller, *org),
            Call::ChangeRole(member, role) => self.change_role(caller, *member, *role),
            Call::CreateGroup(org, name, permissions) => self.create_group(caller, *org, name, permissions),
            Call::RenameGroup(group, name) => self.update_group(caller, *group, |it| it.name = name),
            Call::ChangeGroup(group, permissions) => {
                self.update_group(caller, *group, |it| it.permissions.clone_from(permissions))
            }
            Call::DeleteGroup(group) => self.delete_group(caller, *group),
            Call::AddToGroup(group, members, list) => {
                self.change_group_members(caller, *group, members, *list, call)
            }
            Call::TakeOutOfGroup(group, members, list) => {
                self.change_group_members(caller, *group, members, *list, call)
            }
            Call::CreateToken(org, permissions) => self.create_token(caller, *org, permissions),
            Call::RevokeToken(token) => self.revoke_token(caller, *token),
            Call::ResendEmail(email) => self.resend_email(caller, *email),
            Call::ChangeSettings(org, settings) => self.change_settings(caller, *org, *settings),
        }
    }

    /// Who calls. "their API tokens of that organization are revoked", and then they are nobody's.
    fn identify(&self, caller: Caller) -> Ruled<Person> {
        match caller {
            Caller::Signed(person) => Ok(person),
            Caller::Script(token) => match &self.of(token.0).tokens[token.1] {
                token if token.is_revoked => Err(Stop::Refused("UNAUTHENTICATED")),
                token => Ok(token.owner),
            },
        }
    }

    /// A caller's access to an organization: "no access … `NOT_FOUND`", of an API token beyond its own organization too.
    pub(super) fn enter(&self, caller: Caller, org: Org) -> Ruled<Access> {
        const NO_ACCESS: Stop = Stop::Refused("NOT_FOUND");
        let who = self.identify(caller)?;
        if matches!(caller, Caller::Script(token) if token.0 != org) || !self.of(org).is_active(who) {
            return Err(NO_ACCESS);
        }
        let mut has = self.granted(MemberOf(org, who));
        let token = match caller {
            Caller::Signed(_) => None,
            Caller::Script(token) => {
                has.retain(|it| self.of(org).tokens[token.1].permissions.contains(it));
                Some(token.1)
            }
        };
        Ok(Access { org, who, token, has })
    }

    pub(super) fn of(&self, org: Org) -> &Organization {
        &self.organizations[&org]
    }

    fn of_mut(&mut self, org: Org) -> &mut Organization {
        self.organizations.get_mut(&org).unwrap()
    }

    fn member(&self, MemberOf(org, person): MemberOf) -> &Member {
        &self.of(org).members[&person]
    }

    fn member_mut(&mut self, MemberOf(org, person): MemberOf) -> &mut Member {
        self.of_mut(org).members.get_mut(&person).unwrap()
    }

    /// What a member has, or will have: role and groups together.
    pub(super) fn granted(&self, member: MemberOf) -> Permissions {
        let groups = self.member(member).groups.iter().flat_map(|no| &self.group(*no).permissions);
        self.member(member).role.permissions().into_iter().chain(groups.copied()).collect()
    }

    fn group(&self, GroupNo(org, no): GroupNo) -> &Group {
        &self.of(org).groups[no]
    }

    fn invitation_mut(&mut self, InvitationNo(org, no): InvitationNo) -> &mut Invitation {
        &mut self.of_mut(org).invitations[no]
    }

    fn record(&mut self, access: &Access, action: &'static str, about: Option<Person>) {
        let entry = Entry { at: self.now, action, by: access.who, token: access.token, about };
        self.of_mut(access.org).log.push(entry);
    }

    fn notify(&mut self, MemberOf(org, to): MemberOf, says: Says) {
        self.queue.push_back(EmailNo(self.emails.len()));
        self.emails.push(Email { org, to, says, at: self.now, status: "QUEUED", sent_at: None });
    }
}

impl Organization {
    pub(super) fn is_active(&self, person: Person) -> bool {
        self.members.get(&person).is_some_and(|member| member.status == Status::Active)
    }

    fn is_owner(&self, person: Person) -> bool {
        self.is_active(person) && self.members[&person].role == Role::Owner
    }

    pub(super) fn owners(&self) -> Vec<Person> {
        self.members.keys().copied().filter(|person| self.is_owner(*person)).collect()
    }
}

/// What all calls need that answer one thing.
fn done() -> Ruled {
    Ok(Outcome::Done(Vec::new()))
}
