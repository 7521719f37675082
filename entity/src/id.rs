//! Typed ids: a UUIDv7 in the database, the TypeID form (`member_01h455vb4pex5vsknk084sn02q`) everywhere a person sees
//! it, so that an id of the wrong kind is a clear error and ids sort by the time they were made.

use std::{fmt, str::FromStr, sync::Mutex};

use chrono::{DateTime, Utc};
use sea_orm::{DbErr, DeriveValueType, TryFromU64};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use type_safe_id::{DynamicType, TypeSafeId};
use uuid::{ContextV7, Timestamp, Uuid};

/// Why a text is not an id of the wanted kind. Its `Display` is a sentence for the caller.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidId {
    /// Well-formed, but of another kind: a group's id where a member's is wanted.
    #[error("Expected an id of the form {expected}_…, but this one begins with {found}_.")]
    WrongKind {
        /// The prefix that was wanted.
        expected: &'static str,
        /// The prefix that came.
        found: String,
    },
    /// Not a TypeID at all.
    #[error("This is not a valid id. It should look like {expected}_01h455vb4pex5vsknk084sn02q.")]
    Malformed {
        /// The prefix that was wanted.
        expected: &'static str,
    },
}

/// What all typed ids have in common.
pub trait TypedId: Copy + fmt::Display + FromStr<Err = InvalidId> {
    /// The kind, in the singular and lower case: the part before the underscore.
    const PREFIX: &'static str;

    /// The bare UUID, as the database keeps it.
    fn uuid(self) -> Uuid;
}

/// The prefix of any TypeID, whatever its kind; `None` where the text is not a TypeID.
pub fn prefix_of(id: &str) -> Option<String> {
    Some(typeid(id)?.type_prefix().to_owned())
}

/// The library cuts a long prefix at a byte, and panics where that is within a letter: only ASCII gets that far.
fn typeid(text: &str) -> Option<TypeSafeId<DynamicType>> {
    if text.is_ascii() { text.parse().ok() } else { None }
}

fn parse(text: &str, expected: &'static str) -> Result<Uuid, InvalidId> {
    let id = typeid(text).ok_or(InvalidId::Malformed { expected })?;
    if id.type_prefix() == expected {
        Ok(id.uuid())
    } else {
        Err(InvalidId::WrongKind { expected, found: id.type_prefix().to_owned() })
    }
}

/// Ids made within one millisecond still count up, so that a log reads in the order in which it was written.
static SEQUENCE: Mutex<ContextV7> = Mutex::new(ContextV7::new());

fn generate(now: DateTime<Utc>) -> Uuid {
    let seconds = u64::try_from(now.timestamp()).unwrap_or_default();
    Uuid::new_v7(Timestamp::from_unix(&SEQUENCE, seconds, now.timestamp_subsec_nanos()))
}

macro_rules! typed_ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)+) => {
    /// What the library knows the prefixes by.
    mod kind {$(
        #[derive(Default)]
        pub(super) struct $name;

        impl type_safe_id::StaticType for $name {
            const TYPE: &'static str = $prefix;
        }
    )+}

    $(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, DeriveValueType)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new id, sorted by `now`.
            pub fn generate(now: DateTime<Utc>) -> Self {
                Self(generate(now))
            }
        }

        impl TypedId for $name {
            const PREFIX: &'static str = $prefix;

            fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                TypeSafeId::<kind::$name>::from_uuid(self.0).fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                parse(text, $prefix).map(Self)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
            }
        }

        // sea-orm asks this of every primary key; only databases without RETURNING use it.
        impl TryFromU64 for $name {
            fn try_from_u64(_: u64) -> Result<Self, DbErr> {
                Err(DbErr::ConvertFromU64(stringify!($name)))
            }
        }
    )+};
}

typed_ids! {
    /// An organization.
    OrganizationId = "organization";
    /// A person.
    UserId = "user";
    /// A person in an organization.
    MemberId = "member";
    /// An invitation of a person to an organization.
    InvitationId = "invitation";
    /// A group of members of an organization.
    GroupId = "group";
    /// An entry of an organization's activity log.
    ActivityId = "activity";
    /// An email to be sent.
    NotificationId = "notification";
    /// A script's access to an organization.
    ApiTokenId = "apitoken";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_survives_the_way_to_text_and_back() {
        let id = MemberId::generate(Clock::system().now());
        assert!(id.to_string().starts_with("member_"));
        assert_eq!(id.to_string().parse(), Ok(id));
    }

    /// Found by `make fuzz`.
    #[test]
    fn a_long_prefix_of_other_letters_is_no_id() {
        for letters in 1..100 {
            let text = format!("{}_01h455vb4pex5vsknk084sn02q", "é".repeat(letters));
            assert_eq!(text.parse::<MemberId>(), Err(InvalidId::Malformed { expected: "member" }));
            assert_eq!(prefix_of(&text), None);
        }
    }

    #[test]
    fn another_kind_of_id_is_named() {
        let group = GroupId::generate(Clock::system().now());
        let error = group.to_string().parse::<MemberId>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "Expected an id of the form member_…, but this one begins with group_."
        );
    }

    #[test]
    fn garbage_is_malformed() {
        for text in ["", "member_", "member_x", "42", "member_01h455vb4pex5vsknk084sn02q0", "💥"] {
            let error = text.parse::<MemberId>().unwrap_err();
            assert_eq!(error, InvalidId::Malformed { expected: "member" }, "{text}");
        }
    }

    #[test]
    fn ids_of_one_moment_count_up() {
        let now = Clock::system().now();
        let ids: Vec<_> = (0..1_000).map(|_| ActivityId::generate(now)).collect();
        assert!(ids.is_sorted());
    }

    use crate::Clock;
}
