//! The organization that a newcomer finds: people, groups and an invitation to play with, made by the same operations that
//! everybody uses.

use anyhow::{Context, anyhow};
use roster_entity::{
    EmailAddress, GroupId, Permission, Permissions, Role, invitation, member, organization, user,
};
use roster_worker::link::LinkClaim;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::sign_in::TOKEN_LIFETIME;
use crate::{
    app::Parts,
    identity::{Authenticator, Caller, jwt},
    membership::{Batch, CreateGroup, CreateOrganization, GroupMembers, InviteMembers, Invitee, Settings},
};

/// The owner of the demo organization.
pub(crate) const OWNER: Persona = Persona { email: "olivia@acme.example", name: "Olivia Owner" };
/// A member without further permissions.
pub(crate) const MEMBER: Persona = Persona { email: "max@acme.example", name: "Max Member" };
/// Whom the `curl` of the start-up text removes.
pub(crate) const LEAVER: Persona = Persona { email: "zoe@acme.example", name: "Zoë Müller" };

const SLUG: &str = "acme";

/// Somebody of the demo.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Persona {
    /// Their address.
    pub(crate) email: &'static str,
    /// Their name.
    pub(crate) name: &'static str,
}

impl Persona {
    /// A token with which to act as this person.
    pub(crate) fn token(&self, parts: &Parts) -> anyhow::Result<String> {
        let email: EmailAddress = self.email.parse()?;
        Ok(jwt::mint(&parts.config.auth, &email, Some(self.name), parts.clock.now(), TOKEN_LIFETIME)?)
    }
}

/// Makes the demo organization, if the database has no organization at all.
pub(crate) async fn seed(parts: &Parts) -> anyhow::Result<()> {
    if organization::Entity::find().one(parts.database.read()).await?.is_some() {
        return Ok(());
    }
    Demo { parts, authenticator: parts.authenticator()? }
        .seed()
        .await
        .context("cannot make the demo organization")
}

/// The member with this address in the demo organization, if they are active.
pub(crate) async fn active_member(parts: &Parts, persona: Persona) -> anyhow::Result<Option<member::Model>> {
    let conn = parts.database.read();
    let Some(organization) = organization::by_slug(conn, SLUG).await? else { return Ok(None) };
    let email: EmailAddress = persona.email.parse()?;
    let Some(user) = user::by_email(conn, &email.normalized()).await? else { return Ok(None) };
    let member = member::of_user(conn, organization.id, user.id).await?;
    Ok(member.filter(|member| member.status == member::Status::Active))
}

struct Demo<'a> {
    parts: &'a Parts,
    authenticator: Authenticator,
}

impl Demo<'_> {
    async fn seed(&self) -> anyhow::Result<()> {
        let membership = &self.parts.membership;
        let owner = self.sign_in(OWNER).await?;
        let acme = CreateOrganization {
            name: "Acme".to_owned(),
            settings: Settings {
                slug: Some(SLUG.to_owned()),
                contact_email: Some(Some("people@acme.example".to_owned())),
                ..Settings::default()
            },
        };
        let acme = membership.create_organization(&owner, &acme).await.map_err(explain)?.access.organization;
        let group = async |name: &str, description: &str, permissions: Permissions| {
            let group = CreateGroup {
                organization: acme.id,
                name: name.to_owned(),
                description: description.to_owned(),
                permissions,
            };
            let group = membership.create_group(&owner, &group).await.map_err(explain)?.group;
            anyhow::Ok(group.id)
        };
        let engineering = group("Engineering", "Builds the product.", Permissions::default()).await?;
        let design = group("Design", "Decides how it looks and feels.", Permissions::default()).await?;
        let people: Permissions = [Permission::MembersInvite].into_iter().collect();
        let people = group("People", "Invites new colleagues.", people).await?;

        let staff = [
            (Persona { email: "adam@acme.example", name: "Adam Admin" }, Role::Admin, vec![people]),
            (MEMBER, Role::Member, vec![engineering]),
            (LEAVER, Role::Member, vec![design, engineering]),
            (Persona { email: "grace@acme.example", name: "Grace Hopper" }, Role::Member, vec![engineering]),
            (Persona { email: "miriam@acme.example", name: "מרים כהן" }, Role::Member, vec![design]),
            (Persona { email: "priya@acme.example", name: "Priya Nair" }, Role::Member, vec![people]),
        ];
        for (persona, role, groups) in staff {
            self.join(&owner, acme.id, persona, role, groups).await?;
        }
        let ida =
            Invitee { email: "ida@acme.example".to_owned(), role: Role::Member, groups: vec![engineering] };
        let invite = InviteMembers { organization: acme.id, people: vec![ida], batch: Batch::default() };
        membership.invite_members(&owner, &invite).await.map_err(explain)?;
        let owner_member = membership_of(self.parts, &owner, acme.id).await?;
        let in_design = GroupMembers { group: design, members: vec![owner_member], batch: Batch::default() };
        membership.add_group_members(&owner, &in_design).await.map_err(explain)?;
        Ok(())
    }

    async fn sign_in(&self, persona: Persona) -> anyhow::Result<Caller> {
        Ok(self.authenticator.authenticate(&persona.token(self.parts)?).await?)
    }

    /// Invites somebody and accepts as them, with the link that only their email would hold.
    async fn join(
        &self,
        owner: &Caller,
        organization: roster_entity::OrganizationId,
        persona: Persona,
        role: Role,
        groups: Vec<GroupId>,
    ) -> anyhow::Result<()> {
        let membership = &self.parts.membership;
        let invitee = Invitee { email: persona.email.to_owned(), role, groups };
        let invite = InviteMembers { organization, people: vec![invitee], batch: Batch::default() };
        membership.invite_members(owner, &invite).await.map_err(explain)?;
        let email: EmailAddress = persona.email.parse()?;
        let invitation = invitation::Entity::open(organization)
            .filter(invitation::Column::EmailNorm.eq(email.normalized()))
            .one(self.parts.database.read())
            .await?
            .context("no invitation")?;
        let claim = LinkClaim { invitation: invitation.id, version: invitation.link_version };
        let invited = self.sign_in(persona).await?;
        membership.accept_invitation(&invited, &self.parts.links.token(claim)).await.map_err(explain)?;
        Ok(())
    }
}

async fn membership_of(
    parts: &Parts,
    caller: &Caller,
    organization: roster_entity::OrganizationId,
) -> anyhow::Result<roster_entity::MemberId> {
    let member = member::of_user(parts.database.read(), organization, caller.user.id).await?;
    Ok(member.context("no member")?.id)
}

fn explain(error: crate::membership::Error) -> anyhow::Error {
    match error {
        crate::membership::Error::Internal(cause) => anyhow!(cause),
        other => anyhow!(other.to_string()),
    }
}
