//! Creating an API token for oneself: a script's access to one organization.

use chrono::{DateTime, Utc};
use roster_entity::{ApiTokenId, OrganizationId, Permission, Permissions, activity, api_token};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, DbErr};
use secrecy::SecretString;
use serde_json::json;

use super::{
    Access, Code, Error, Membership, Problem, Result,
    settings::valid_name,
    transaction::{Entry, retrying},
};
use crate::identity::{Caller, api_token as token};

/// A token as it is asked for.
#[derive(Clone, Debug)]
pub struct CreateApiToken {
    /// Where it acts.
    pub organization: OrganizationId,
    /// What the caller calls it.
    pub name: String,
    /// What it may do; `None`: all that the caller may.
    pub permissions: Option<Permissions>,
    /// From when on it no longer holds; `None`: when it is revoked.
    pub expires_at: Option<DateTime<Utc>>,
}

/// A token that was created.
#[derive(Debug)]
pub struct NewApiToken {
    /// The token.
    pub token: api_token::Model,
    /// Its secret, which is not kept: this is the only time it can be read.
    pub secret: SecretString,
    /// The caller's access to the organization.
    pub access: Access,
    /// What to tell the caller.
    pub message: String,
}

impl Membership {
    /// Creates a token that acts as the caller.
    pub async fn create_api_token(&self, caller: &Caller, input: &CreateApiToken) -> Result<NewApiToken> {
        retrying(|| self.create_api_token_once(caller, input)).await
    }

    async fn create_api_token_once(&self, caller: &Caller, input: &CreateApiToken) -> Result<NewApiToken> {
        // Or one that leaked could outlive its end by a copy of itself.
        if caller.api_token.is_some() {
            let message = "An API token cannot create API tokens. Sign in instead.";
            return Err(Error::NotPermitted(message.to_owned()));
        }
        let mut tx = self.begin().await?;
        let access = tx.enter(caller, input.organization).await?;
        access.require(Permission::ApiTokensManage)?;
        let name = valid_name(&input.name)?;
        let permissions = granted(&access, input.permissions.as_ref())?;
        if input.expires_at.is_some_and(|end| end <= tx.now) {
            let message = "The token would have expired already. Choose a time in the future.";
            return Err(Problem::new(Code::InvalidExpiry, message).at(["expiresAt"]).into());
        }
        let secret = token::generate().map_err(|e| DbErr::Custom(format!("no random bytes: {e}")))?;
        let token = api_token::ActiveModel {
            id: Set(ApiTokenId::generate(tx.now)),
            organization_id: Set(access.organization.id),
            member_id: Set(access.member.id),
            name: Set(name),
            secret_hash: Set(token::hash(&secret)),
            permissions: Set(permissions),
            expires_at: Set(input.expires_at),
            last_used_at: Set(None),
            revoked_at: Set(None),
            created_at: Set(tx.now),
        };
        let token = token.insert(&tx.conn).await?;
        let entry = Entry {
            member: Some(access.member.id),
            after: Some(json!({
                "id": token.id, "name": token.name, "permissions": token.permissions, "expiresAt": token.expires_at,
            })),
            ..Entry::new(activity::Action::ApiTokenCreated)
        };
        tx.record(&access.actor(), entry);
        tx.commit().await?;
        let message =
            format!("The API token {} was created. Copy its secret now: it is not shown again.", token.name);
        Ok(NewApiToken { token, secret, access, message })
    }
}

/// Nobody gives a token more than they have.
fn granted(access: &Access, asked: Option<&Permissions>) -> Result<Permissions> {
    match asked {
        None => Ok(access.permissions.clone()),
        Some(asked) if access.permissions.cover(asked) => Ok(asked.clone()),
        Some(_) => {
            let message = "An API token cannot have permissions that you do not have. Ask an owner.";
            Err(Problem::new(Code::PermissionAboveYours, message).at(["permissions"]).into())
        }
    }
}
