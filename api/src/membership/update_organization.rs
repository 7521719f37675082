//! Changing the settings of an organization.

use roster_entity::{OrganizationId, Permission, activity, organization};
use sea_orm::{ActiveModelTrait, IntoActiveModel, SqlErr};
use serde_json::{Map, Value, json};

use super::{
    Access, Error, Membership, Result,
    settings::{Settings, slug_taken},
    transaction::{Entry, retrying},
};
use crate::identity::Caller;

/// New settings of an organization.
#[derive(Clone, Debug)]
pub struct UpdateOrganization {
    /// Which organization.
    pub organization: OrganizationId,
    /// What is to be changed.
    pub settings: Settings,
}

/// An organization whose settings were changed.
#[derive(Debug)]
pub struct OrganizationUpdated {
    /// The caller's access to it, as it is now.
    pub access: Access,
    /// `false` if everything was so before.
    pub changed: bool,
    /// What to tell the caller.
    pub message: String,
}

impl Membership {
    /// Changes the settings of an organization.
    pub async fn update_organization(
        &self,
        caller: &Caller,
        input: &UpdateOrganization,
    ) -> Result<OrganizationUpdated> {
        retrying(|| self.update_organization_once(caller, input)).await
    }

    async fn update_organization_once(
        &self,
        caller: &Caller,
        input: &UpdateOrganization,
    ) -> Result<OrganizationUpdated> {
        let mut tx = self.begin().await?;
        let access = tx.enter(caller, input.organization).await?;
        access.require(Permission::OrganizationManage)?;
        let before = access.organization.clone();
        let after = input.settings.apply(before.clone())?;
        if after == before {
            let message = format!("{} has these settings already.", before.name);
            return Ok(OrganizationUpdated { access, changed: false, message });
        }
        let slug = after.slug.clone();
        let updated = after.into_active_model().reset_all().update(&tx.conn).await;
        let after = updated.map_err(|e| match e.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(_)) => slug_taken(&slug).into(),
            _ => Error::Internal(e),
        })?;
        let (old, new) = differences(&before, &after);
        let entry = Entry {
            before: Some(old),
            after: Some(new),
            ..Entry::new(activity::Action::OrganizationUpdated)
        };
        tx.record(&access.actor(), entry);
        tx.commit().await?;
        let message = format!("The settings of {} were changed.", after.name);
        Ok(OrganizationUpdated { access: Access { organization: after, ..access }, changed: true, message })
    }
}

/// What is not the same, as the log shows it.
fn differences(before: &organization::Model, after: &organization::Model) -> (Value, Value) {
    let (before, mut after) = (shown(before), shown(after));
    let changed = |(name, value): &(String, Value)| after.get(name) != Some(value);
    let before: Map<_, _> = before.into_iter().filter(changed).collect();
    after.retain(|name, _| before.contains_key(name));
    (before.into(), after.into())
}

/// The settings under the names that the API has for them.
fn shown(organization: &organization::Model) -> Map<String, Value> {
    let settings = json!({
        "name": organization.name,
        "slug": organization.slug,
        "contactEmail": organization.contact_email,
        "replyToEmail": organization.reply_to_email,
        "brandingLine": organization.branding_line,
        "revocationEmail": organization.revocation_email,
        "invitationLifetimeDays": organization.invitation_lifetime_days,
        "restoreWindowDays": organization.restore_window_days,
        "allowedEmailDomains": organization.allowed_email_domains,
    });
    match settings {
        Value::Object(settings) => settings,
        _ => Map::new(),
    }
}
