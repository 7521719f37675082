//! Mutations of API tokens.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use secrecy::ExposeSecret;

use super::{MutationError, payloads, settle_then};
use crate::{
    graphql::{
        api_token::ApiToken,
        caller,
        enums::Permission,
        error::{to_graphql, valid_time},
        operations,
        scope::Scope,
    },
    membership::{ApiTokenRevoked, CreateApiToken, NewApiToken},
};

/// An API token to be created.
#[derive(InputObject)]
struct CreateApiTokenInput {
    /// The organization in which it acts: `organization_…`.
    organization_id: ID,
    /// What you call it: 1 to 100 characters.
    name: String,
    /// What it may do: nothing that you may not. It needs `MEMBERS_READ` to see members.
    permissions: Vec<Permission>,
    /// Until when it can be used; without it, until it is revoked.
    expires_at: Option<DateTime<Utc>>,
}

/// The answer to `createApiToken`.
#[derive(Default, SimpleObject)]
struct CreateApiTokenPayload {
    /// The token; `null` if there are errors.
    api_token: Option<ApiToken>,
    /// What a script sends as its bearer token. It is not kept, and cannot be shown again. `null` if there are errors.
    secret: Option<String>,
    /// A sentence to show to a person; `null` if there are errors.
    message: Option<String>,
    /// Why nothing was done; empty if it was.
    errors: Vec<MutationError>,
}

/// The API token to be revoked.
#[derive(InputObject)]
struct RevokeApiTokenInput {
    /// The id of the token: `apitoken_…`.
    api_token_id: ID,
}

/// The answer to `revokeApiToken`.
#[derive(Default, SimpleObject)]
struct RevokeApiTokenPayload {
    /// The token; `null` if there are errors.
    api_token: Option<ApiToken>,
    /// Whether it was revoked now; `false` if it was revoked before, or if there are errors.
    changed: bool,
    /// A sentence to show to a person; `null` if there are errors.
    message: Option<String>,
    /// Why nothing was done; empty if it was.
    errors: Vec<MutationError>,
}

payloads!(CreateApiTokenPayload, RevokeApiTokenPayload);

#[derive(Default)]
pub(super) struct ApiTokenMutation;

#[Object]
impl ApiTokenMutation {
    /// Creates an API token, with which a script acts as you in one organization. It stops working at once when you are removed,
    /// and never may do more than you. To remove or invite people, it needs all the permissions that they have. Needs
    /// `API_TOKENS_MANAGE`; scripts cannot create tokens.
    async fn create_api_token(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The API token to be created.")] input: CreateApiTokenInput,
    ) -> Option<Result<CreateApiTokenPayload>> {
        let operation = async {
            let caller = caller(ctx)?;
            let input = CreateApiToken {
                organization: input.organization_id.parse()?,
                name: input.name,
                permissions: Some(input.permissions.into_iter().map(Into::into).collect()),
                expires_at: input.expires_at.map(|time| valid_time(time, "expiresAt")).transpose()?,
            };
            operations(ctx).create_api_token(caller, &input).await
        };
        settle_then(operation, |done| created(ctx, done)).await
    }

    /// Revokes an API token, yours or another member's: it stops working at once. Nobody revokes a token that can do more than
    /// they can. Needs `API_TOKENS_MANAGE`.
    async fn revoke_api_token(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The API token to be revoked.")] input: RevokeApiTokenInput,
    ) -> Option<Result<RevokeApiTokenPayload>> {
        let operation = async {
            let caller = caller(ctx)?;
            let id = input.api_token_id.parse()?;
            operations(ctx).revoke_api_token(caller, id).await
        };
        settle_then(operation, |done| revoked(ctx, done)).await
    }
}

async fn created(ctx: &Context<'_>, done: NewApiToken) -> Result<CreateApiTokenPayload> {
    let scope = Scope::new(operations(ctx), done.access);
    Ok(CreateApiTokenPayload {
        api_token: Some(ApiToken::one(&scope, done.token).await.map_err(to_graphql)?),
        secret: Some(done.secret.expose_secret().to_owned()),
        message: Some(done.message),
        errors: Vec::new(),
    })
}

async fn revoked(ctx: &Context<'_>, done: ApiTokenRevoked) -> Result<RevokeApiTokenPayload> {
    let scope = Scope::new(operations(ctx), done.access);
    Ok(RevokeApiTokenPayload {
        api_token: Some(ApiToken::one(&scope, done.token).await.map_err(to_graphql)?),
        changed: done.changed,
        message: Some(done.message),
        errors: Vec::new(),
    })
}
