//! Mutations of organizations and of one's own membership.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};

use super::{MutationError, payloads, settle};
use crate::{
    graphql::{caller, operations, organization::Organization, scope::Scope},
    membership::{CreateOrganization, Left, OrganizationCreated},
};

/// An organization to be created.
#[derive(InputObject)]
struct CreateOrganizationInput {
    /// Its name: 1 to 100 characters.
    name: String,
    /// Its name in addresses of pages: lower case letters, digits and hyphens, at most 40. Without it, one is made of the name.
    slug: Option<String>,
    /// Whom members can ask. Emails name it and use it as their Reply-To.
    contact_email: Option<String>,
    /// Whether people whose invitation is revoked are told by email.
    #[graphql(default = true)]
    revocation_email: bool,
    /// How long an invitation can be accepted, in days: 1 to 365.
    #[graphql(default = 7)]
    invitation_lifetime_days: i32,
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

payloads!(CreateOrganizationPayload, LeaveOrganizationPayload);

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
                slug: input.slug,
                contact_email: input.contact_email,
                revocation_email: input.revocation_email,
                invitation_lifetime_days: input.invitation_lifetime_days,
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
