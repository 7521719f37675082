//! The table of what can be seen from something that one may see: of each type, the fields that need nothing more, and those that
//! need a permission.

use std::collections::BTreeSet;

use crate::sdl::{Sdl, base};

/// A field that not everybody sees who sees the object.
pub(crate) struct Guard {
    pub(crate) field: &'static str,
    /// One of these lets one see it.
    pub(crate) permissions: &'static [&'static str],
    /// Whether others are told why it is null.
    pub(crate) says: bool,
}

impl Guard {
    /// Whether somebody with these permissions sees it.
    pub(crate) fn lets(&self, mine: &BTreeSet<String>) -> bool {
        self.permissions.iter().any(|permission| mine.contains(*permission))
    }
}

/// Null, and an error, without the permission.
const fn told(field: &'static str, permissions: &'static [&'static str]) -> Guard {
    Guard { field, permissions, says: true }
}

/// Null without one of the permissions.
const fn null(field: &'static str, permissions: &'static [&'static str]) -> Guard {
    Guard { field, permissions, says: false }
}

/// A type, its open fields, and the others.
type Type = (&'static str, &'static str, &'static [Guard]);

const TYPES: [Type; 15] = [
    (
        "Activity",
        "action actor after apiTokenId before createdAt groupId id invitationId reason",
        &[
            null("apiToken", &["API_TOKENS_MANAGE"]),
            null("member", &["MEMBERS_READ"]),
            null("notification", &["NOTIFICATIONS_READ"]),
        ],
    ),
    (
        "ApiToken",
        "createdAt expiresAt id lastUsedAt name permissions revokedAt status",
        &[null("member", &["MEMBERS_READ"])],
    ),
    ("EffectivePermission", "groups permission role", &[]),
    ("EmailPreview", "html replyTo subject text to", &[]),
    ("Group", "createdAt description id name permissions", &[told("members", &["MEMBERS_READ"])]),
    (
        "Invitation",
        "answeredAt createdAt email expiresAt id invitedBy member organization revokedBy sentAt status",
        &[],
    ),
    // For whoever has the secret of a link.
    ("InvitationOffer", "expiresAt groupNames inviterName organizationName recipientMasked role status", &[]),
    (
        "Member",
        "groups id invitedAt joinedAt organization permissions removalReason removedAt removedBy restoredAt role \
         status user viewerCanRemove viewerCannotRemoveBecause",
        &[
            null("invitation", &["MEMBERS_INVITE"]),
            null("removalNote", &["MEMBERS_REMOVE", "ACTIVITIES_READ"]),
            null("removalNotification", &["NOTIFICATIONS_READ"]),
            told("removalPreview", &["MEMBERS_REMOVE"]),
        ],
    ),
    ("MutationError", "code invitationId memberId message path retryAfter", &[]),
    (
        "Notification",
        "attempts createdAt id kind lastError nextAttemptAt recipient resends sentAt status",
        &[null("member", &["MEMBERS_READ"])],
    ),
    (
        "Organization",
        "allowedEmailDomains brandingLine contactEmail createdAt id invitationLifetimeDays name replyToEmail \
         restoreWindowDays revocationEmail slug viewerMember viewerPermissions",
        &[
            told("activities", &["ACTIVITIES_READ"]),
            told("apiTokens", &["API_TOKENS_MANAGE"]),
            told("groups", &["MEMBERS_READ"]),
            told("invitations", &["MEMBERS_INVITE"]),
            told("member", &["MEMBERS_READ"]),
            told("members", &["MEMBERS_READ"]),
            told("notifications", &["NOTIFICATIONS_READ"]),
            told("undeliveredNotificationCount", &["NOTIFICATIONS_READ"]),
        ],
    ),
    (
        "OrganizationEvent",
        "at kind",
        &[
            null("activity", &["ACTIVITIES_READ"]),
            null("invitation", &["MEMBERS_INVITE"]),
            null("member", &["MEMBERS_READ"]),
            null("notification", &["NOTIFICATIONS_READ"]),
        ],
    ),
    (
        "RemovalPreview",
        "email fingerprint groups isLastOwner permissions role viewerCanRemove viewerCannotRemoveBecause warnings",
        &[null("apiTokens", &["API_TOKENS_MANAGE"]), null("sentInvitations", &["MEMBERS_INVITE"])],
    ),
    ("User", "displayName email id name", &[]),
    ("Viewer", "emailVerified organizations user", &[]),
];

/// What a mutation shows of what it has changed, to whoever may call it.
const SHOWN: [(&str, &str); 20] = [
    ("AcceptInvitationPayload", "member organization"),
    ("AddGroupMembersPayload", "group results"),
    ("ChangeMemberRolePayload", "member"),
    ("CreateApiTokenPayload", "apiToken"),
    ("CreateGroupPayload", "group"),
    ("CreateOrganizationPayload", "organization"),
    ("GroupMemberResult", "member"),
    ("InviteMemberResult", "invitation member"),
    ("InviteMembersPayload", "results"),
    ("RemoveGroupMembersPayload", "group results"),
    ("RemoveMemberPayload", "member revokedInvitation revokedSentInvitations"),
    ("RemoveMembersPayload", "results revokedSentInvitations"),
    ("RemoveMembersResult", "member revokedInvitation"),
    ("ResendInvitationPayload", "invitation"),
    ("ResendNotificationPayload", "notification"),
    ("RestoreMemberPayload", "member"),
    ("RevokeApiTokenPayload", "apiToken"),
    ("RevokeInvitationPayload", "invitation member"),
    ("UpdateGroupPayload", "group"),
    ("UpdateOrganizationPayload", "organization"),
];

/// The fields of a type that need a permission.
pub(crate) fn guards(of: &str) -> &'static [Guard] {
    TYPES.iter().find(|(name, ..)| *name == of).map(|(.., guards)| *guards).unwrap_or_default()
}

/// The guard of a field, if it has one.
pub(crate) fn guard(of: &str, field: &str) -> Option<&'static Guard> {
    guards(of).iter().find(|guard| guard.field == field)
}

/// All fields of the table that lead on or need a permission, as `Type.field`.
pub(crate) fn worth_seeing(sdl: &Sdl) -> BTreeSet<String> {
    let types = TYPES.iter().filter(|(name, ..)| !matches!(*name, "InvitationOffer" | "MutationError"));
    let fields = types.flat_map(|(name, ..)| {
        let fields = sdl.fields(name).into_iter();
        let worth = fields.filter(|field| {
            guard(name, &field.name.node).is_some()
                || sdl.is_object(base(&field.ty.node)) && base(&field.ty.node) != "MutationError"
        });
        worth.map(move |field| format!("{name}.{}", field.name.node))
    });
    fields.collect()
}

/// The fields of a type that the schema has, as far as the table must have them.
fn in_the_schema(sdl: &Sdl, name: &str) -> BTreeSet<String> {
    let is_answer = name.ends_with("Payload") || name.ends_with("Result");
    let leads_on = |of: &str| sdl.is_object(of) && of != "MutationError";
    let fields = sdl.fields(name).into_iter();
    let fields = fields.filter(|field| !is_answer || leads_on(base(&field.ty.node)));
    fields.map(|field| field.name.to_string()).collect()
}

fn in_the_table(name: &str) -> BTreeSet<String> {
    let listed = TYPES.iter().filter(|(of, ..)| *of == name).map(|(_, open, _)| *open);
    let shown = SHOWN.iter().filter(|(of, _)| *of == name).map(|(_, shown)| *shown);
    let open = listed.chain(shown).flat_map(str::split_whitespace);
    open.chain(guards(name).iter().map(|guard| guard.field)).map(str::to_owned).collect()
}

#[test]
fn every_field_of_every_type_is_open_or_guarded() {
    let sdl = Sdl::of_repository();
    let mut wrong = Vec::new();
    for (name, ..) in TYPES {
        assert!(sdl.is_object(name), "the schema has no {name}: take its row out of TYPES");
    }
    let roots = ["Query", "Mutation", "Subscription"]; // the ways in, which have a table of their own
    let objects = sdl.types().map(|found| found.name.to_string()).filter(|name| sdl.is_object(name));
    for name in objects.filter(|name| !roots.contains(&name.as_str())) {
        let has = in_the_schema(sdl, &name);
        let is = |fields: &[&str]| has.iter().eq(fields);
        let is_list = (name.ends_with("Connection") && is(&["edges", "nodes", "pageInfo"]))
            || (name.ends_with("Edge") && is(&["cursor", "node"]))
            || name == "PageInfo";
        if is_list {
            continue;
        }
        let listed = in_the_table(&name);
        wrong.extend(has.difference(&listed).map(|field| {
            format!("{name}.{field} has no row. May everybody see it who sees a {name}? Then it is an open field; if not, a \
                guarded one, with its permission. (A payload's: SHOWN.)")
        }));
        wrong.extend(listed.difference(&has).map(|field| format!("the schema has no {name}.{field}")));
    }
    assert!(wrong.is_empty(), "tests/contract/permissions/types.rs:\n{}", wrong.join("\n"));
}
