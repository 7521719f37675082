//! What can happen in a story. Things are named by the order in which they came to be, so that the same operation means the same
//! in each run.

use std::fmt;

use super::state::{Org, Permissions, Person, Role, Settings};

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Operation {
    /// Somebody calls the API.
    Call(Caller, Call),
    /// Somebody lists their organizations, and in each who is there and whom they can remove.
    Look(Caller),
    /// Somebody reviews what removing a member would mean.
    Review(Caller, MemberOf),
    /// The worker sends what is due.
    Deliver,
    Pass(Span),
    /// Eve verifies her address.
    Verify,
}

/// How much time passes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Span {
    Minute,
    Day,
    EightDays,
    AMonth,
    /// Until something ends, the next or a later one: an invitation, the time in which a removal can be undone, a wait, an
    /// idempotency key.
    UntilTheEnd(usize),
    /// Until a second before that.
    AlmostUntilTheEnd(usize),
    /// The clock is put back; the worker was never behind then.
    DayBack,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Caller {
    Signed(Person),
    Script(TokenNo),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Call {
    Invite(Org, Vec<Invitee>, List),
    Resend(InvitationNo),
    Revoke(InvitationNo),
    Accept(EmailNo),
    Decline(EmailNo),
    /// `reviewed`: with the fingerprint of the last review, if there was one.
    Remove {
        member: MemberOf,
        reviewed: bool,
        revoke_sent: bool,
        dry: bool,
    },
    RemoveMany {
        org: Org,
        members: Vec<MemberOf>,
        revoke_sent: bool,
        list: List,
    },
    Restore {
        member: MemberOf,
        dry: bool,
    },
    Leave(Org),
    ChangeRole(MemberOf, Role),
    CreateGroup(Org, &'static str, Permissions),
    RenameGroup(GroupNo, &'static str),
    ChangeGroup(GroupNo, Permissions),
    DeleteGroup(GroupNo),
    AddToGroup(GroupNo, Vec<MemberOf>, List),
    TakeOutOfGroup(GroupNo, Vec<MemberOf>, List),
    CreateToken(Org, Permissions),
    RevokeToken(TokenNo),
    ResendEmail(EmailNo),
    ChangeSettings(Org, Settings),
}

/// How a list is carried out.
#[derive(Clone, Copy, PartialEq, Default)]
pub(super) struct List {
    pub(super) atomic: bool,
    pub(super) dry: bool,
    pub(super) key: Option<&'static str>,
}

#[derive(Clone, PartialEq)]
pub(super) struct Invitee {
    /// Nobody: the address is not one.
    pub(super) person: Option<Person>,
    pub(super) in_capitals: bool,
    pub(super) role: Role,
    pub(super) groups: Vec<GroupNo>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct MemberOf(pub(super) Org, pub(super) Person);
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct GroupNo(pub(super) Org, pub(super) usize);
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct InvitationNo(pub(super) Org, pub(super) usize);
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct TokenNo(pub(super) Org, pub(super) usize);
/// Of all organizations.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct EmailNo(pub(super) usize);

impl Call {
    /// What the call is, as the API calls it.
    pub(super) fn mutation(&self) -> &'static str {
        match self {
            Call::Invite(..) => "inviteMembers",
            Call::Resend(_) => "resendInvitation",
            Call::Revoke(_) => "revokeInvitation",
            Call::Accept(_) => "acceptInvitation",
            Call::Decline(_) => "declineInvitation",
            Call::Remove { .. } => "removeMember",
            Call::RemoveMany { .. } => "removeMembers",
            Call::Restore { .. } => "restoreMember",
            Call::Leave(_) => "leaveOrganization",
            Call::ChangeRole(..) => "changeMemberRole",
            Call::CreateGroup(..) => "createGroup",
            Call::RenameGroup(..) | Call::ChangeGroup(..) => "updateGroup",
            Call::DeleteGroup(_) => "deleteGroup",
            Call::AddToGroup(..) => "addGroupMembers",
            Call::TakeOutOfGroup(..) => "removeGroupMembers",
            Call::CreateToken(..) => "createApiToken",
            Call::RevokeToken(_) => "revokeApiToken",
            Call::ResendEmail(_) => "resendNotification",
            Call::ChangeSettings(..) => "updateOrganization",
        }
    }

    /// How the list is carried out, of a call that has one.
    pub(super) fn list(&self) -> Option<List> {
        match self {
            Call::Invite(_, _, list)
            | Call::RemoveMany { list, .. }
            | Call::AddToGroup(_, _, list)
            | Call::TakeOutOfGroup(_, _, list) => Some(*list),
            _ => None,
        }
    }

    pub(super) fn is_dry(&self) -> bool {
        match self {
            Call::Remove { dry, .. } | Call::Restore { dry, .. } => *dry,
            _ => self.list().is_some_and(|list| list.dry),
        }
    }
}

impl fmt::Debug for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.atomic { "ATOMIC" } else { "PARTIAL" })?;
        f.write_str(if self.dry { ", dry" } else { "" })?;
        self.key.map_or(Ok(()), |key| write!(f, ", key {key}"))
    }
}

impl fmt::Debug for Invitee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.person {
            Some(person) if self.in_capitals => write!(f, "{}", format!("{person:?}").to_uppercase())?,
            Some(person) => write!(f, "{person:?}")?,
            None => f.write_str("nonsense")?,
        }
        write!(f, " as {} in {:?}", self.role.name(), self.groups)
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Settings { revocation_email, invitation_days, restore_days } = self;
        write!(
            f,
            "revocation email {revocation_email}, invitations {invitation_days} d, restoring {restore_days} d"
        )
    }
}

/// `Bob of Acme`, `group 0 of Acme`.
macro_rules! shown {
    ($($name:ident: $words:literal),+) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($words, "{:?} of {:?}"), self.1, self.0)
            }
        }
    )+};
}
shown!(MemberOf: "", GroupNo: "group ", InvitationNo: "invitation ", TokenNo: "token ");

impl fmt::Debug for EmailNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "email {}", self.0)
    }
}
