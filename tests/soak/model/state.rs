//! What the model knows: who there is, what they are in each organization, what was sent to them. Nothing here is from Roster's
//! code: the words are those of PRODUCT.md section 2.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use chrono::TimeDelta;

use super::{
    operation::{Call, EmailNo, GroupNo, InvitationNo, MemberOf},
    outcome::Outcome,
};

/// How long it is since the story began.
pub(super) type Time = TimeDelta;

/// Who there is. Dan writes his address in capitals, Eve's is not verified at first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Person {
    Olivia,
    Ada,
    Bob,
    Cleo,
    Dan,
    Eve,
    Greta,
}

impl Person {
    pub(super) const ALL: [Person; 7] =
        [Person::Olivia, Person::Ada, Person::Bob, Person::Cleo, Person::Dan, Person::Eve, Person::Greta];
}

/// Olivia has created Acme, Greta has created Globex.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Org {
    Acme,
    Globex,
}

/// Permissions, as the API spells them.
pub(super) type Permissions = BTreeSet<&'static str>;

const PERMISSIONS: [&str; 11] = [
    "MEMBERS_READ",
    "MEMBERS_INVITE",
    "MEMBERS_REMOVE",
    "ROLES_MANAGE",
    "GROUPS_MANAGE",
    "ACTIVITIES_READ",
    "NOTIFICATIONS_READ",
    "NOTIFICATIONS_RESEND",
    "ORGANIZATION_MANAGE",
    "API_TOKENS_MANAGE",
    "OWNERS_MANAGE",
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Member,
    Admin,
    Owner,
}

impl Role {
    pub(super) const ALL: [Role; 3] = [Role::Member, Role::Admin, Role::Owner];

    pub(super) fn name(self) -> &'static str {
        match self {
            Role::Member => "MEMBER",
            Role::Admin => "ADMIN",
            Role::Owner => "OWNER",
        }
    }

    /// As the schema describes the roles.
    pub(super) fn permissions(self) -> Permissions {
        match self {
            Role::Member => ["MEMBERS_READ"].into(),
            Role::Admin => PERMISSIONS.into_iter().filter(|it| *it != "OWNERS_MANAGE").collect(),
            Role::Owner => PERMISSIONS.into(),
        }
    }
}

/// Everything.
#[derive(Clone)]
pub(super) struct World {
    pub(super) now: Time,
    pub(super) eve_is_verified: bool,
    pub(super) organizations: BTreeMap<Org, Organization>,
    /// Of all organizations, in the order in which they were ordered.
    pub(super) emails: Vec<Email>,
    /// What the worker has not looked at yet.
    pub(super) queue: VecDeque<EmailNo>,
    /// What has arrived, in this order; an email that was sent again is here again.
    pub(super) arrived: Vec<EmailNo>,
    /// What the last review of a member has shown.
    pub(super) reviews: BTreeMap<MemberOf, Review>,
    /// What the last operation should have answered.
    pub(super) outcome: Outcome,
}

#[derive(Clone)]
pub(super) struct Organization {
    pub(super) settings: Settings,
    /// One for each person who was ever invited.
    pub(super) members: BTreeMap<Person, Member>,
    pub(super) invitations: Vec<Invitation>,
    pub(super) groups: Vec<Group>,
    pub(super) tokens: Vec<Token>,
    pub(super) log: Vec<Entry>,
    /// What was answered under an idempotency key.
    pub(super) answers: BTreeMap<(Person, &'static str), Remembered>,
}

#[derive(Clone, Copy, PartialEq)]
pub(super) struct Settings {
    pub(super) revocation_email: bool,
    pub(super) invitation_days: i64,
    pub(super) restore_days: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    Invited,
    Active,
    Removed,
}

#[derive(Clone)]
pub(super) struct Member {
    pub(super) role: Role,
    pub(super) status: Status,
    pub(super) groups: BTreeSet<GroupNo>,
    pub(super) end: Option<End>,
    pub(super) restored_at: Option<Time>,
}

/// How a membership ended.
#[derive(Clone)]
pub(super) struct End {
    pub(super) reason: &'static str,
    pub(super) at: Time,
    pub(super) groups: BTreeSet<GroupNo>,
    pub(super) tokens: usize,
}

/// What a removal preview shows.
#[derive(Clone, PartialEq)]
pub(super) struct Review {
    pub(super) role: Role,
    pub(super) status: Status,
    pub(super) groups: Vec<(GroupNo, Group)>,
    /// What else they would lose or leave behind.
    pub(super) sent: Vec<usize>,
    pub(super) tokens: Vec<usize>,
    pub(super) is_last_owner: bool,
    pub(super) revocation_email: bool,
}

#[derive(Clone)]
pub(super) struct Invitation {
    pub(super) to: Person,
    pub(super) by: Person,
    pub(super) answer: Option<&'static str>,
    /// Counts the links: only the newest works.
    pub(super) link: u32,
    pub(super) sent_at: Time,
    pub(super) expires_at: Time,
}

#[derive(Clone, PartialEq)]
pub(super) struct Group {
    pub(super) name: &'static str,
    pub(super) permissions: Permissions,
    pub(super) is_deleted: bool,
}

#[derive(Clone)]
pub(super) struct Token {
    pub(super) owner: Person,
    pub(super) permissions: Permissions,
    pub(super) is_revoked: bool,
}

#[derive(Clone)]
pub(super) struct Entry {
    pub(super) at: Time,
    pub(super) action: &'static str,
    pub(super) by: Person,
    /// The API token that they used.
    pub(super) token: Option<usize>,
    pub(super) about: Option<Person>,
}

#[derive(Clone)]
pub(super) struct Remembered {
    pub(super) call: Call,
    pub(super) answer: Outcome,
    pub(super) at: Time,
}

#[derive(Clone, Debug)]
pub(super) struct Email {
    pub(super) org: Org,
    pub(super) to: Person,
    pub(super) says: Says,
    /// When it was ordered, together with what it tells.
    pub(super) at: Time,
    pub(super) status: &'static str,
    pub(super) sent_at: Option<Time>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Says {
    Invitation {
        invitation: InvitationNo,
        link: u32,
        expires_at: Time,
    },
    InvitationRevoked,
    /// With the names of all groups.
    Removed(Vec<&'static str>),
    Restored,
    RoleChanged(Role),
}

impl Says {
    /// The kind, as the API spells it.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Says::Invitation { .. } => "INVITATION",
            Says::InvitationRevoked => "INVITATION_REVOKED",
            Says::Removed(_) => "REMOVED",
            Says::Restored => "RESTORED",
            Says::RoleChanged(_) => "ROLE_CHANGED",
        }
    }
}
