//! What somebody should see before they remove a member: what the member has and would lose, whether they can be removed,
//! the email that they would get, and a fingerprint of all of that, by which the removal can insist on what was reviewed.

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
    removal_rules::{is_last_owner, owners, removal_problem, valid_note},
};

/// What there is to know about a member before they are removed.
#[derive(Debug)]
pub struct RemovalPreview {
    /// Why the caller cannot remove the member, if they cannot.
    pub problem: Option<Problem>,
    /// Whether the organization would be left without an owner.
    pub is_last_owner: bool,
    /// What the member would lose.
    pub losses: Losses,
    /// What else the caller should know, in sentences.
    pub warnings: Vec<String>,
    /// The email that the person would get; `None` where the organization sends none.
    pub email: Option<PreviewedEmail>,
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
pub struct Losses {
    /// Invitations that they have sent and that are neither answered nor revoked.
    pub sent_invitations: Vec<InvitationId>,
    /// API tokens of theirs that are valid.
    pub api_tokens: Vec<ApiTokenId>,
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

impl Membership {
    /// What removing a member would mean, for somebody who may remove members; `None` if the member is removed already.
    pub async fn removal_preview(
        &self,
        access: &Access,
        member: &member::Model,
        user: &user::Model,
        groups: &[group::Model],
        note: Option<&str>,
    ) -> Result<Option<RemovalPreview>> {
        access.require(Permission::MembersRemove)?;
        if member.status == member::Status::Removed {
            return Ok(None);
        }
        let note = valid_note(note)?;
        let affected = Affected { member: member.clone(), user: user.clone(), groups: groups.to_vec() };
        let conn = self.database.read();
        let owners = owners(conn, access).await?;
        let of = [(member.id, member.user_id)];
        let losses = Losses::of_all(conn, access, &of, self.clock.now()).await?.remove(&member.id);
        let losses = losses.unwrap_or_default();
        let is_last_owner = is_last_owner(member, owners);
        Ok(Some(RemovalPreview {
            problem: removal_problem(access, member, user, groups, owners),
            is_last_owner,
            warnings: warnings(&affected, &losses, is_last_owner),
            email: self.email_of_removal(access, &affected, note).await?,
            fingerprint: fingerprint(access, &affected, &losses, is_last_owner),
            losses,
        }))
    }

    async fn email_of_removal(
        &self,
        access: &Access,
        affected: &Affected,
        note: Option<String>,
    ) -> Result<Option<PreviewedEmail>> {
        let Affected { member, user, .. } = affected;
        let invitation = match member.status {
            member::Status::Invited => {
                invitation::open_of_member(self.database.read(), member.organization_id, member.id).await?
            }
            _ => None,
        };
        let (recipient, event) = match invitation {
            Some(_) if !access.organization.revocation_email => return Ok(None),
            Some(invitation) => (invitation.email, Event::InvitationRevoked { note }),
            None => (user.email.clone(), Event::Removed { groups: affected.group_names(), note }),
        };
        let snapshot = access.actor().snapshot(self.clock.now(), event);
        Ok(Some(PreviewedEmail {
            text: self.write(&recipient, user.name.as_deref(), &snapshot)?,
            reply_to: snapshot.reply_to.unwrap_or(snapshot.contact),
            recipient,
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

fn warnings(affected: &Affected, losses: &Losses, is_last_owner: bool) -> Vec<String> {
    let name = affected.user.display_name();
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
        1 => warnings.push(format!("An API token of {name} stops working.")),
        n => warnings.push(format!("{n} API tokens of {name} stop working.")),
    }
    warnings
}

/// What the reviewer has seen, in a few letters.
pub(super) fn fingerprint(
    access: &Access,
    affected: &Affected,
    losses: &Losses,
    is_last_owner: bool,
) -> String {
    let Affected { member, user, groups } = affected;
    let groups: Vec<_> = groups.iter().map(|group| (group.id, &group.name, &group.permissions)).collect();
    let organization = &access.organization;
    let seen = (
        (member.id, member.role, member.status, groups, losses, is_last_owner),
        (&user.name, &user.email),
        (&organization.name, &organization.contact_email, &organization.reply_to_email),
        (&organization.branding_line, organization.revocation_email),
    );
    let seen = serde_json::to_vec(&seen).expect("a fingerprint is of plain data");
    BASE64_URL_SAFE_NO_PAD.encode(&Sha256::digest(&seen)[..16])
}

/// The member is not what was reviewed.
pub(super) fn stale(affected: &Affected) -> Problem {
    let message = format!(
        "{} is not as you have reviewed them: role, groups, invitations or API tokens have changed. Review them again.",
        affected.user.display_name()
    );
    Problem::new(Code::StalePreview, message).about(affected.member.id)
}
