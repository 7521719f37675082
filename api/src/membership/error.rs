//! What can go wrong with an operation, in words for the person who called it.

use std::fmt;

use roster_entity::{InvitationId, MemberId, Permission, id::InvalidId};
use sea_orm::DbErr;
use serde::{Deserialize, Serialize};

/// Why an operation did not do what was asked. Nothing has changed, but for [`Error::Unknown`].
#[derive(Debug)]
pub enum Error {
    /// Nobody is signed in.
    Unauthenticated,
    /// There is no such thing, or the caller has no access to it: the same answer, so that ids cannot be probed.
    NotFound(&'static str),
    /// The caller belongs to the organization and lacks a permission there.
    NotPermitted(String),
    /// The input is malformed.
    BadInput(String),
    /// An empty list.
    NoItems,
    /// A list longer than `max`.
    TooManyItems {
        /// The longest list that is taken.
        max: usize,
    },
    /// Others are changing the same things, for longer than the settings let one wait.
    Conflict,
    /// The idempotency key was used for another request.
    IdempotencyKeyReused,
    /// Too often.
    RateLimited {
        /// What was too often.
        message: String,
        /// In how many seconds it may be done again.
        retry_after: u64,
    },
    /// An outcome that the operation knows, as PRODUCT.md section 4 lists them.
    Problem(Box<Problem>),
    /// Something failed that the caller cannot mend. Logged, never shown.
    Internal(DbErr),
    /// The database did not answer to a commit: the change was made, or it was not. Logged, never shown.
    Unknown(DbErr),
}

/// An outcome that an operation knows: a code for programs, a sentence for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// For programs.
    pub code: Code,
    /// For people: what happened, and what to do.
    pub message: String,
    /// The part of the input it is about, from the outside to the inside: `["people", "3", "email"]`. Empty: the whole.
    pub path: Vec<String>,
    /// The member it is about, where that helps: the one who has accepted an invitation that should be revoked.
    pub member: Option<MemberId>,
    /// The invitation it is about: the one to be resent.
    pub invitation: Option<InvitationId>,
    /// In how many seconds it may be done, where it is too soon now.
    #[serde(default)]
    pub retry_after: Option<u64>,
}

/// The codes of [`Problem`]s. The API spells them in capitals: `LAST_OWNER`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Code {
    /// The address cannot be mailed to.
    InvalidEmail,
    /// The same person or member stands in the list before.
    DuplicateInRequest,
    /// The person belongs to the organization already.
    AlreadyMember,
    /// The person has an open invitation.
    AlreadyInvited,
    /// The organization has no such group.
    GroupNotFound,
    /// The role, or what the person has, is more than the caller has.
    RoleAboveYours,
    /// The group grants more than the caller has.
    PermissionAboveYours,
    /// The token is of no invitation, or of an older link.
    InvitationNotFound,
    /// The invitation was accepted.
    InvitationAlreadyAccepted,
    /// The invitation was revoked.
    InvitationRevoked,
    /// The invitation was declined.
    InvitationDeclined,
    /// The invitation's time has passed.
    InvitationExpired,
    /// The invitation was sent a moment ago.
    ResendTooSoon,
    /// The invitation is for another address than the caller's.
    WrongRecipient,
    /// The caller's address is not verified.
    EmailNotVerified,
    /// Nobody can remove themselves.
    CannotRemoveSelf,
    /// The organization would be left without an owner.
    LastOwner,
    /// The organization has no such member.
    MemberNotFound,
    /// The note is too long.
    NoteTooLong,
    /// Nobody can change their own role.
    CannotChangeOwnRole,
    /// The person was removed.
    AlreadyRemoved,
    /// The caller does not belong to the organization.
    NotAMember,
    /// The name is empty or too long.
    InvalidName,
    /// Another group of the organization has this name.
    NameTaken,
    /// The slug has other characters than lower case letters, digits and hyphens, or too many.
    InvalidSlug,
    /// Another organization has this slug.
    SlugTaken,
    /// The organization does not invite addresses of this domain.
    EmailDomainNotAllowed,
    /// What was reviewed has changed since.
    StalePreview,
    /// The member was not removed, so that there is nothing to undo.
    NotRemoved,
    /// The removal is too long ago to be undone.
    RestoreWindowPassed,
    /// The person left on their own; only an invitation brings them back.
    LeftVoluntarily,
    /// What the email says no longer holds.
    NotificationOvertaken,
    /// The text is not the domain of an email address.
    InvalidDomain,
    /// The text is too long.
    TextTooLong,
    /// The time at which the token should expire has passed.
    InvalidExpiry,
    /// The address was invited too often.
    RateLimited,
}

impl Problem {
    /// A problem with the input as a whole.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            path: Vec::new(),
            member: None,
            invitation: None,
            retry_after: None,
        }
    }

    /// The same, said of one part of the input.
    pub fn at<P: ToString>(mut self, path: impl IntoIterator<Item = P>) -> Self {
        self.path = path.into_iter().map(|part| part.to_string()).collect();
        self
    }

    /// The same, with how many seconds to wait.
    pub fn after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// The same, with the member it is about.
    pub fn about(mut self, member: MemberId) -> Self {
        self.member = Some(member);
        self
    }
}

impl Error {
    /// The answer to somebody who lacks a permission.
    pub fn not_permitted(permission: Permission, organization: &str) -> Self {
        Self::NotPermitted(format!("You need the {permission} permission in {organization}. Ask an owner."))
    }

    /// Refuses an empty list, and one of more than `max` items.
    pub fn check_count(count: usize, max: usize) -> Result<(), Error> {
        match count {
            0 => Err(Error::NoItems),
            count if count > max => Err(Error::TooManyItems { max }),
            _ => Ok(()),
        }
    }
}

/// The sentence for the caller.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Unauthenticated => {
                f.write_str("You are not signed in. Send `Authorization: Bearer` with a token.")
            }
            Error::NotFound(what) => write!(f, "There is no such {what}, or you have no access to it."),
            Error::NotPermitted(message) | Error::BadInput(message) => f.write_str(message),
            Error::NoItems => f.write_str("The list is empty. Give at least one item."),
            Error::TooManyItems { max } => {
                write!(f, "The list is too long. Give at most {max} items at a time.")
            }
            Error::Conflict => {
                f.write_str("Others are changing the same things at this moment. Nothing was changed. Try again.")
            }
            Error::IdempotencyKeyReused => f.write_str(
                "This idempotency key was used for another request within the last 24 hours. Use a new key for a new request.",
            ),
            Error::Problem(problem) => f.write_str(&problem.message),
            Error::RateLimited { message, retry_after } => {
                write!(f, "{message} Try again in {}.", seconds(*retry_after))
            }
            Error::Internal(_) => f.write_str("Something went wrong on our side. Try again."),
            Error::Unknown(_) => f.write_str(
                "Something went wrong on our side while your change was saved. See whether it was made before you try again.",
            ),
        }
    }
}

/// How long, in words: "1 second", "20 seconds", "90 minutes".
pub(super) fn seconds(seconds: u64) -> String {
    match seconds {
        1 => "1 second".to_owned(),
        0..120 => format!("{seconds} seconds"),
        120..7200 => format!("{} minutes", seconds.div_ceil(60)),
        _ => format!("{} hours", seconds.div_ceil(3600)),
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Self::Problem(Box::new(problem))
    }
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        Self::Internal(error)
    }
}

impl From<InvalidId> for Error {
    fn from(error: InvalidId) -> Self {
        Self::BadInput(error.to_string())
    }
}
