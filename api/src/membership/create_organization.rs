//! Creating an organization. Who creates it is its first owner.

use roster_entity::{
    EmailDomains, MemberId, OrganizationId, Role, activity, member, organization, text, user,
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, DbErr, IntoActiveModel, SqlErr, prelude::Json, sea_query::LockType,
};
use serde_json::json;

use super::{
    Access, Code, Error, Membership, Problem, Result,
    settings::{MAX_SLUG, Settings, slug_taken, valid_name},
    transaction::{Entry, retrying},
};
use crate::identity::Caller;

/// An organization as it is asked for.
#[derive(Clone, Debug)]
pub struct CreateOrganization {
    /// Its name.
    pub name: String,
    /// All else; without a slug, one is made of the name.
    pub settings: Settings,
}

/// An organization that was created.
#[derive(Debug)]
pub struct OrganizationCreated {
    /// The creator's access to it.
    pub access: Access,
    /// What to tell them.
    pub message: String,
}

impl Membership {
    /// Creates an organization with the caller as its owner.
    pub async fn create_organization(
        &self,
        caller: &Caller,
        input: &CreateOrganization,
    ) -> Result<OrganizationCreated> {
        match retrying(|| self.create_organization_once(caller, input)).await {
            // Another organization of this name came about at the same moment. Now it is found, and another slug is made.
            Err(Error::Internal(e)) if is_taken(&e) => {
                retrying(|| self.create_organization_once(caller, input)).await
            }
            result => result,
        }
    }

    async fn create_organization_once(
        &self,
        caller: &Caller,
        input: &CreateOrganization,
    ) -> Result<OrganizationCreated> {
        if caller.api_token.is_some() {
            return Err(Error::NotPermitted(
                "An API token acts within one organization and cannot create another. Sign in instead."
                    .to_owned(),
            ));
        }
        if !caller.user.email_verified() {
            let message = "Verify your email address where you sign in, then create the organization.";
            return Err(Problem::new(Code::EmailNotVerified, message).into());
        }
        let mut tx = self.begin().await?;
        // Somebody whose data was erased in this moment owns nothing.
        user::lock(&tx.conn, caller.user.id, LockType::KeyShare).await?.ok_or(Error::Unauthenticated)?;
        let organization = organization::Model {
            id: OrganizationId::generate(tx.now),
            name: valid_name(&input.name)?,
            slug: String::new(),
            contact_email: None,
            reply_to_email: None,
            branding_line: None,
            revocation_email: true,
            invitation_lifetime_days: 7,
            restore_window_days: 30,
            allowed_email_domains: EmailDomains::default(),
            created_at: tx.now,
        };
        let mut organization = input.settings.apply(organization)?;
        if input.settings.slug.is_none() {
            organization.slug = slug_of(&organization.name);
            if organization::by_slug(&tx.conn, &organization.slug).await?.is_some() {
                organization.slug = with_suffix(&organization.slug, organization.id);
            }
        }
        let slug = organization.slug.clone();
        let organization = organization.into_active_model().reset_all().insert(&tx.conn).await;
        let organization = organization.map_err(|e| match input.settings.slug.is_some() && is_taken(&e) {
            true => slug_taken(&slug).into(),
            false => Error::Internal(e),
        })?;
        let owner = member::ActiveModel {
            id: Set(MemberId::generate(tx.now)),
            organization_id: Set(organization.id),
            user_id: Set(caller.user.id),
            role: Set(Role::Owner),
            status: Set(member::Status::Active),
            sort_name: Set(caller.user.sort_name()),
            search: Set(caller.user.search_text()),
            invited_at: Set(None),
            joined_at: Set(Some(tx.now)),
            removed_at: Set(None),
            removed_by: Set(None),
            removal: Set(None),
            removal_note: Set(None),
            restored_at: Set(None),
            created_at: Set(tx.now),
        };
        let owner = owner.insert(&tx.conn).await?;
        let access = Access {
            permissions: owner.role.permissions(),
            member: owner,
            user: caller.user.clone(),
            api_token: None,
            organization,
        };
        let after: Json = json!({ "name": access.organization.name, "slug": access.organization.slug });
        let entry = Entry {
            member: Some(access.member.id),
            after: Some(after),
            ..Entry::new(activity::Action::OrganizationCreated)
        };
        tx.record(&access.actor(), entry);
        tx.commit().await?;
        let message = format!("{} was created, and you are its owner.", access.organization.name);
        Ok(OrganizationCreated { access, message })
    }
}

/// Whether somebody has the slug, which is all that has to be unique here.
fn is_taken(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
}

/// `Acme & Söhne` → `acme-s-hne`: what is left of a name in a slug.
fn slug_of(name: &str) -> String {
    let words: String =
        text::fold(name).chars().map(|c| if c.is_ascii_alphanumeric() { c } else { ' ' }).collect();
    let slug = words.split_whitespace().collect::<Vec<_>>().join("-");
    let slug = text::truncate(&slug, MAX_SLUG);
    match slug.trim_end_matches('-') {
        "" => "organization".to_owned(),
        slug => slug.to_owned(),
    }
}

/// A slug that was made of a name and is taken, with the random end of the id: `acme-4k02q7`.
fn with_suffix(slug: &str, id: OrganizationId) -> String {
    let id = id.to_string();
    let suffix = &id[id.len() - 6..];
    format!("{}-{suffix}", text::truncate(slug, MAX_SLUG - 7).trim_end_matches('-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_is_made_of_the_name() {
        assert_eq!(slug_of("Acme & Co."), "acme-co");
        assert_eq!(slug_of("株式会社"), "organization");
        assert_eq!(slug_of(&"a ".repeat(50)).len(), 39);
    }
}
