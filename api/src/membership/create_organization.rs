//! Creating an organization. Who creates it is its first owner.

use roster_entity::{EmailAddress, MemberId, OrganizationId, Role, activity, member, organization, text};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, SqlErr, prelude::Json};
use serde_json::json;

use super::{
    Access, Code, Error, Membership, Problem, Result,
    transaction::{Entry, retrying},
};
use crate::identity::Caller;

/// The longest slug, in characters.
const MAX_SLUG: usize = 40;

/// An organization as it is asked for.
#[derive(Clone, Debug)]
pub struct CreateOrganization {
    /// Its name.
    pub name: String,
    /// Its name in addresses; `None`: made of the name.
    pub slug: Option<String>,
    /// Whom members can ask.
    pub contact_email: Option<String>,
    /// Whether people whose invitation is revoked are told by email.
    pub revocation_email: bool,
    /// How long an invitation can be accepted, in days.
    pub invitation_lifetime_days: i32,
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
        retrying(|| self.create_organization_once(caller, input)).await
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
        let name = valid_name(&input.name)?;
        let mut slug = valid_slug(input.slug.as_deref(), &name)?;
        let contact_email = input.contact_email.as_deref().map(valid_contact).transpose()?;
        if !(1..=365).contains(&input.invitation_lifetime_days) {
            return Err(Error::BadInput("invitationLifetimeDays should be between 1 and 365.".to_owned()));
        }

        let mut tx = self.begin().await?;
        let id = OrganizationId::generate(tx.now);
        if input.slug.is_none() && organization::by_slug(&tx.conn, &slug).await?.is_some() {
            slug = with_suffix(&slug, id);
        }
        let organization = organization::ActiveModel {
            id: Set(id),
            slug: Set(slug.clone()),
            name: Set(name),
            contact_email: Set(contact_email),
            revocation_email: Set(input.revocation_email),
            invitation_lifetime_days: Set(input.invitation_lifetime_days),
            created_at: Set(tx.now),
        };
        let organization = organization.insert(&tx.conn).await.map_err(|e| match e.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(_)) => slug_taken(&slug).into(),
            _ => Error::Internal(e),
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

/// A name with 1 to [`text::MAX_NAME`] characters that show.
pub(super) fn valid_name(name: &str) -> Result<String> {
    let name = text::clean_name(name);
    let problem = |message: String| Problem::new(Code::InvalidName, message).at(["name"]);
    match name.chars().count() {
        0 => Err(problem("The name is empty. Give it at least one letter.".to_owned()).into()),
        n if n > text::MAX_NAME => Err(problem(format!(
            "The name has {n} characters. Shorten it to at most {} characters.",
            text::MAX_NAME
        ))
        .into()),
        _ => Ok(name),
    }
}

fn valid_slug(slug: Option<&str>, name: &str) -> Result<String> {
    let Some(slug) = slug else {
        return Ok(slug_of(name));
    };
    let plain = slug.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if plain && (1..=MAX_SLUG).contains(&slug.len()) && !slug.starts_with('-') && !slug.ends_with('-') {
        return Ok(slug.to_owned());
    }
    let message = format!(
        "A slug has 1 to {MAX_SLUG} lower case letters, digits and hyphens, and no hyphen at its ends: my-team-2."
    );
    Err(Problem::new(Code::InvalidSlug, message).at(["slug"]).into())
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

fn slug_taken(slug: &str) -> Problem {
    Problem::new(Code::SlugTaken, format!("Another organization has the slug {slug}. Choose another one."))
        .at(["slug"])
}

fn valid_contact(email: &str) -> Result<EmailAddress> {
    email.parse().map_err(|e: roster_entity::email::InvalidEmail| {
        Problem::new(Code::InvalidEmail, e.to_string()).at(["contactEmail"]).into()
    })
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

    #[test]
    fn a_slug_of_other_characters_is_refused() {
        for slug in ["", "Acme", "a b", "-a", "a-", "ä", &"a".repeat(41)] {
            assert!(valid_slug(Some(slug), "x").is_err(), "{slug}");
        }
        assert_eq!(valid_slug(Some("team-2"), "x").unwrap(), "team-2");
    }
}
