//! What somebody should see before they remove a member: whether they can be removed, what else they would lose, the email
//! that they would get, and a fingerprint of all of that, by which the removal can insist on what was reviewed.

use std::collections::HashMap;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use roster_entity::{
    ApiTokenId, EmailAddress, InvitationId, MemberId, Permission, UserId, api_token, group, invitation,
    member,
    notification::{self, Event},
    user,
};
use roster_worker::mail::{Letter, Text};
use sea_orm::{ConnectionTrait, DbErr};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{
    Access, Code, Membership, Problem, Result,
    ending::Affected,
    removal_rules::{is_last_owner, removal_problem, valid_note},
};

/// What there is to know about a member before they are removed.
#[derive(Debug)]
pub struct RemovalPreview {
    /// Why the caller cannot remove the member, if they cannot.
    pub problem: Option<Problem>,
    /// Whether the organization would be left without an owner.
    pub is_last_owner: bool,
    /// The note to the person, as the email would quote it.
    pub note: Option<String>,
    /// What else the caller should know, in sentences.
    pub warnings: Vec<String>,
    /// Changes when anything that the preview shows changes.
    pub fingerprint: String,
}

/// An email that would be sent.
#[derive(Debug)]
pub struct PreviewedEmail {
    /// To whom.
    pub recipient: EmailAddress,
    /// Where answers go.
    pub reply_to: EmailAddress,
    /// What it says.
    pub text: Text,
}

/// What a member would lose beside role and groups, or leave behind.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Losses {
    /// Invitations that they have sent and that are neither answered nor revoked.
    sent_invitations: Vec<InvitationId>,
    /// API tokens of theirs that are valid.
    api_tokens: Vec<ApiTokenId>,
}

impl Losses {
    /// The losses of each of these members.
    pub(super) async fn of_all(
        conn: &impl ConnectionTrait,
        access: &Access,
        members: &[(MemberId, UserId)],
        now: DateTime<Utc>,
    ) -> std::result::Result<HashMap<MemberId, Self>, DbErr> {
        let organization = access.organization.id;
        let (ids, users) = (members.iter().map(|(id, _)| *id), members.iter().map(|(_, user)| *user));
        let mut tokens = api_token::valid_of(conn, organization, ids, now).await?;
        let mut sent = invitation::open_by_inviters(conn, organization, users).await?;
        let losses = members.iter().map(|(id, user)| {
            let losses = Self {
                sent_invitations: sent.remove(user).unwrap_or_default(),
                api_tokens: tokens.remove(id).unwrap_or_default(),
            };
            (*id, losses)
        });
        Ok(losses.collect())
    }
}

/// A member who is reviewed, as the caller sees them.
#[derive(Clone, Copy, Debug)]
pub struct Reviewed<'a> {
    /// The member.
    pub member: &'a member::Model,
    /// The person.
    pub user: &'a user::Model,
    /// The groups that they are in.
    pub groups: &'a [group::Model],
    /// The open invitation of somebody who is only invited.
    pub invitation: Option<&'a invitation::Model>,
}

impl Membership {
    /// What removing a member would mean, of an organization with so many owners and with a note to the person; `None` if the
    /// member is removed already. Only for those who may remove members.
    pub async fn removal_preview(
        &self,
        access: &Access,
        reviewed: Reviewed<'_>,
        owners: u64,
        note: Option<&str>,
    ) -> Result<Option<RemovalPreview>> {
        access.require(Permission::MembersRemove)?;
        let note = valid_note(note)?;
        let Reviewed { member, user, groups, .. } = reviewed;
        if member.status == member::Status::Removed {
            return Ok(None);
        }
        let of = [(member.id, member.user_id)];
        let losses = Losses::of_all(self.database.read(), access, &of, self.clock.now()).await?;
        let losses = losses.into_values().next().unwrap_or_default();
        let is_last_owner = is_last_owner(member, owners);
        Ok(Some(RemovalPreview {
            problem: removal_problem(access, member, user, groups, owners),
            is_last_owner,
            note,
            warnings: warnings(user, &losses, is_last_owner),
            fingerprint: fingerprint(access, reviewed, &losses, is_last_owner),
        }))
    }

    /// The email that a member would get on being removed; `None` where the organization sends none.
    pub fn email_of_removal(
        &self,
        access: &Access,
        reviewed: Reviewed<'_>,
        note: Option<String>,
    ) -> Result<Option<PreviewedEmail>> {
        let Reviewed { user, groups, .. } = reviewed;
        let (recipient, event) = match reviewed.invitation {
            Some(_) if !access.organization.revocation_email => return Ok(None),
            Some(invitation) => (&invitation.email, Event::InvitationRevoked { note }),
            None => {
                let groups = groups.iter().map(|group| group.name.clone()).collect();
                (&user.email, Event::Removed { groups, note })
            }
        };
        let snapshot = access.actor().snapshot(self.clock.now(), event);
        Ok(Some(PreviewedEmail {
            text: self.write(recipient, user.name.as_deref(), &snapshot)?,
            reply_to: snapshot.reply_to.unwrap_or(snapshot.contact),
            recipient: recipient.clone(),
        }))
    }

    fn write(
        &self,
        recipient_email: &EmailAddress,
        recipient_name: Option<&str>,
        snapshot: &notification::Snapshot,
    ) -> Result<Text> {
        let letter = Letter { recipient_email, recipient_name, snapshot };
        let written = self.templates.render(letter, &self.links);
        written.map_err(|error| DbErr::Custom(format!("the email cannot be written: {error:#}")).into())
    }
}

fn warnings(user: &user::Model, losses: &Losses, is_last_owner: bool) -> Vec<String> {
    let name = user.display_name();
    let mut warnings = Vec::new();
    if is_last_owner {
        warnings.push(format!("{name} is the last owner. Make somebody else an owner first."));
    }
    match losses.sent_invitations.len() {
        0 => {}
        1 => warnings.push(format!(
            "An invitation that {name} sent is still open. It stays valid unless you revoke it too."
        )),
        n => warnings.push(format!(
            "{n} invitations that {name} sent are still open. They stay valid unless you revoke them too."
        )),
    }
    match losses.api_tokens.len() {
        0 => {}
        1 => warnings.push(format!("One API token of {name} will stop working.")),
        n => warnings.push(format!("{n} API tokens of {name} will stop working.")),
    }
    warnings
}

/// What the reviewer has seen, in a few letters.
pub(super) fn fingerprint(
    access: &Access,
    reviewed: Reviewed<'_>,
    losses: &Losses,
    is_last_owner: bool,
) -> String {
    let Reviewed { member, user, groups, invitation } = reviewed;
    let groups: Vec<_> = groups.iter().map(|group| (group.id, &group.name, &group.permissions)).collect();
    let organization = &access.organization;
    let seen = (
        (member.id, member.role, member.status, groups, losses, is_last_owner),
        (&user.name, &user.email, invitation.map(|invitation| (invitation.id, &invitation.email))),
        (&organization.name, &organization.contact_email, &organization.reply_to_email),
        (&organization.branding_line, organization.revocation_email),
    );
    let seen = serde_json::to_vec(&seen).expect("a fingerprint is of plain data");
    BASE64_URL_SAFE_NO_PAD.encode(&Sha256::digest(&seen)[..16])
}

/// The member is not what was reviewed.
pub(super) fn stale(affected: &Affected) -> Problem {
    let message = format!(
        "Something about {}, or about the email to them, has changed since you reviewed it. Review it again.",
        affected.user.display_name()
    );
    Problem::new(Code::StalePreview, message).about(affected.member.id)
}
