//! Mutations of organizations and of one's own membership.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, Result, SimpleObject};

use super::{MutationError, payloads, settle};
use crate::{
    graphql::{caller, operations, organization::Organization, scope::Scope},
    membership::{
        CreateOrganization, Left, OrganizationCreated, OrganizationUpdated, Settings, UpdateOrganization,
    },
};

/// An organization to be created.
#[derive(InputObject)]
struct CreateOrganizationInput {
    /// Its name: 1 to 100 characters.
    name: String,
    /// Its name in addresses of pages: lower case letters, digits and hyphens, at most 40. Without it, one is made of the name.
    slug: Option<String>,
    /// Whom members can ask; emails name it. Without it, they name who acted.
    contact_email: Option<String>,
    /// Where answers to emails go (Reply-To); without it, to whom the emails name.
    reply_to_email: Option<String>,
    /// A line of your own under every email: at most 100 characters.
    branding_line: Option<String>,
    /// Whether people whose invitation is revoked are told by email.
    #[graphql(default = true)]
    revocation_email: bool,
    /// How long an invitation can be accepted, in days: 1 to 365.
    #[graphql(default = 7)]
    invitation_lifetime_days: i32,
    /// How long a removal can be undone, in days: 0 (not at all) to 365.
    #[graphql(default = 30)]
    restore_window_days: i32,
    /// The domains to whose addresses invitations can be sent, like `example.com`: at most 100. Empty: all.
    #[graphql(default)]
    allowed_email_domains: Vec<String>,
}

/// The answer to `createOrganization`.
#[derive(Default, SimpleObject)]
struct CreateOrganizationPayload {
    /// The organization, of which you are the owner; `null` if there are errors.
    organization: Option<Organization>,
    /// A sentence to show to a person; `null` if there are errors.
    message: Option<String>,
    /// Why nothing was done; empty if it was.
    errors: Vec<MutationError>,
}

/// What is to be changed of an organization. What is not given stays as it is.
#[derive(InputObject)]
struct UpdateOrganizationInput {
    /// The id of the organization: `organization_…`.
    organization_id: ID,
    /// Its name: 1 to 100 characters.
    name: Option<String>,
    /// Its name in addresses of pages: lower case letters, digits and hyphens, at most 40.
    slug: Option<String>,
    /// Whom members can ask; emails name it. With `null`, they name who acted.
    contact_email: MaybeUndefined<String>,
    /// Where answers to emails go (Reply-To). With `null`, to whom the emails name.
    reply_to_email: MaybeUndefined<String>,
    /// A line of your own under every email: at most 100 characters; `null` for none.
    branding_line: MaybeUndefined<String>,
    /// Whether people whose invitation is revoked are told by email.
    revocation_email: Option<bool>,
    /// How long an invitation can be accepted, in days: 1 to 365. Holds for those that are sent from now on.
    invitation_lifetime_days: Option<i32>,
    /// How long a removal can be undone, in days: 0 (not at all) to 365.
    restore_window_days: Option<i32>,
    /// The domains to whose addresses invitations can be sent, like `example.com`: at most 100. Empty: all. Open invitations
    /// stay valid.
    allowed_email_domains: Option<Vec<String>>,
}

/// The answer to `updateOrganization`.
#[derive(Default, SimpleObject)]
struct UpdateOrganizationPayload {
    /// The organization; `null` if there are errors.
    organization: Option<Organization>,
    /// Whether anything was changed now; `false` if all was so before, or if there are errors.
    changed: bool,
    /// A sentence to show to a person; `null` if there are errors.
    message: Option<String>,
    /// Why nothing was done; empty if it was.
    errors: Vec<MutationError>,
}

/// The organization to leave.
#[derive(InputObject)]
struct LeaveOrganizationInput {
    /// The id of the organization: `organization_…`.
    organization_id: ID,
}

/// The answer to `leaveOrganization`.
#[derive(Default, SimpleObject)]
struct LeaveOrganizationPayload {
    /// Whether you left now; `false` if there are errors.
    changed: bool,
    /// A sentence to show to a person; `null` if there are errors.
    message: Option<String>,
    /// Why nothing was done; empty if it was.
    errors: Vec<MutationError>,
}

payloads!(CreateOrganizationPayload, UpdateOrganizationPayload, LeaveOrganizationPayload);

/// `null` clears, nothing leaves as it is.
fn clearable(value: MaybeUndefined<String>) -> Option<Option<String>> {
    match value {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(None),
        MaybeUndefined::Value(value) => Some(Some(value)),
    }
}

#[derive(Default)]
pub(super) struct OrganizationMutation;

#[Object]
impl OrganizationMutation {
    /// Creates an organization, with you as its owner. Your email address must be verified.
    async fn create_organization(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The organization to be created.")] input: CreateOrganizationInput,
    ) -> Option<Result<CreateOrganizationPayload>> {
        let operation = async {
            let caller = caller(ctx)?;
            let input = CreateOrganization {
                name: input.name,
                settings: Settings {
                    name: None,
                    slug: input.slug,
                    contact_email: Some(input.contact_email),
                    reply_to_email: Some(input.reply_to_email),
                    branding_line: Some(input.branding_line),
                    revocation_email: Some(input.revocation_email),
                    invitation_lifetime_days: Some(input.invitation_lifetime_days),
                    restore_window_days: Some(input.restore_window_days),
                    allowed_email_domains: Some(input.allowed_email_domains),
                },
            };
            operations(ctx).create_organization(caller, &input).await
        };
        let payload = |done: OrganizationCreated| CreateOrganizationPayload {
            organization: Some(Organization(Scope::new(operations(ctx), done.access))),
            message: Some(done.message),
            errors: Vec::new(),
        };
        settle(operation, payload).await
    }

    /// Changes the settings of an organization. Needs `ORGANIZATION_MANAGE`.
    async fn update_organization(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be changed.")] input: UpdateOrganizationInput,
    ) -> Option<Result<UpdateOrganizationPayload>> {
        let operation = async {
            let caller = caller(ctx)?;
            let input = UpdateOrganization {
                organization: input.organization_id.parse()?,
                settings: Settings {
                    name: input.name,
                    slug: input.slug,
                    contact_email: clearable(input.contact_email),
                    reply_to_email: clearable(input.reply_to_email),
                    branding_line: clearable(input.branding_line),
                    revocation_email: input.revocation_email,
                    invitation_lifetime_days: input.invitation_lifetime_days,
                    restore_window_days: input.restore_window_days,
                    allowed_email_domains: input.allowed_email_domains,
                },
            };
            operations(ctx).update_organization(caller, &input).await
        };
        let payload = |done: OrganizationUpdated| UpdateOrganizationPayload {
            organization: Some(Organization(Scope::new(operations(ctx), done.access))),
            changed: done.changed,
            message: Some(done.message),
            errors: Vec::new(),
        };
        settle(operation, payload).await
    }

    /// Ends your own membership of an organization. The last owner cannot leave.
    async fn leave_organization(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The organization to leave.")] input: LeaveOrganizationInput,
    ) -> Option<Result<LeaveOrganizationPayload>> {
        let operation = async {
            let caller = caller(ctx)?;
            let organization = input.organization_id.parse()?;
            operations(ctx).leave_organization(caller, organization).await
        };
        let payload = |done: Left| LeaveOrganizationPayload {
            changed: true,
            message: Some(done.message),
            errors: Vec::new(),
        };
        settle(operation, payload).await
    }
}
