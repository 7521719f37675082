//! Who can remove whom: the rules of one removal, which the preview, each member's `viewerCanRemove` and the operations share.

use roster_entity::{Role, group, member, user};
use sea_orm::{ConnectionTrait, PaginatorTrait};

use super::{Access, Code, MAX_NOTE, Problem, Result, access::granted};

/// Why the caller cannot remove a member with these groups of an organization with so many owners, if they cannot.
///
/// That there is always an owner also means that there is always somebody who can manage roles: no other role, and no group,
/// can take that permission from an owner.
pub fn removal_problem<'a>(
    access: &Access,
    member: &member::Model,
    user: &user::Model,
    groups: impl IntoIterator<Item = &'a group::Model>,
    owners: u64,
) -> Option<Problem> {
    if access.member.id == member.id {
        return Some(cannot_remove_self(access));
    }
    if !access.permissions.cover(&granted(member, groups)) {
        return Some(above(access, member, user));
    }
    is_last_owner(member, owners).then(|| last_owner(access, member, &format!("{} is", user.display_name())))
}

pub(super) fn cannot_remove_self(access: &Access) -> Problem {
    let message = format!(
        "You cannot remove yourself from {}. Leave the organization instead, or ask another administrator.",
        access.organization.name
    );
    Problem::new(Code::CannotRemoveSelf, message).about(access.member.id)
}

/// Somebody can do more than the caller.
pub(super) fn above(access: &Access, member: &member::Model, user: &user::Model) -> Problem {
    let (name, organization) = (user.display_name(), &access.organization.name);
    let message = match access.api_token {
        None => format!("{name} can do more in {organization} than you. Ask an owner."),
        Some(_) => format!(
            "{name} can do more in {organization} than this API token. Use one that has all the permissions of {name}."
        ),
    };
    Problem::new(Code::RoleAboveYours, message).about(member.id)
}

pub(super) fn is_last_owner(member: &member::Model, owners: u64) -> bool {
    is_owner(member) && owners <= 1
}

pub(super) fn is_owner(member: &member::Model) -> bool {
    member.role == Role::Owner && member.status == member::Status::Active
}

/// `who_is` begins the sentence: "Olivia is", "You are".
pub(super) fn last_owner(access: &Access, member: &member::Model, who_is: &str) -> Problem {
    let message = format!(
        "{who_is} the last owner of {}. Make somebody else an owner first.",
        access.organization.name
    );
    Problem::new(Code::LastOwner, message).about(member.id)
}

/// How many owners the organization has.
pub(super) async fn owners(conn: &impl ConnectionTrait, access: &Access) -> Result<u64> {
    Ok(member::Entity::owners(access.organization.id).count(conn).await?)
}

/// A note as it is kept; `None` where it says nothing.
pub(super) fn valid_note(note: Option<&str>) -> Result<Option<String>> {
    let note = note.map(roster_entity::text::clean_text).filter(|note| !note.is_empty());
    let length = note.as_ref().map_or(0, |note| note.chars().count());
    if length > MAX_NOTE {
        let message =
            format!("The note has {length} characters. Shorten it to at most {MAX_NOTE} characters.");
        return Err(Problem::new(Code::NoteTooLong, message).at(["note"]).into());
    }
    Ok(note)
}
