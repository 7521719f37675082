//! Creating an API token for a member: a script's access to one organization.

use chrono::TimeDelta;
use roster_entity::{ApiTokenId, OrganizationId, Permission, Permissions, activity, api_token};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, DbErr};
use secrecy::SecretString;
use serde_json::json;

use super::{
    Access, Membership, Result,
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
    /// How long it lasts; `None`: until it is revoked.
    pub lifetime: Option<TimeDelta>,
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
}

impl Membership {
    /// Creates a token that acts as the caller.
    pub async fn create_api_token(&self, caller: &Caller, input: &CreateApiToken) -> Result<NewApiToken> {
        retrying(|| self.create_api_token_once(caller, input)).await
    }

    async fn create_api_token_once(&self, caller: &Caller, input: &CreateApiToken) -> Result<NewApiToken> {
        let mut tx = self.begin().await?;
        let access = tx.enter(caller, input.organization).await?;
        access.require(Permission::ApiTokensManage)?;
        let name = valid_name(&input.name)?;
        let permissions = match &input.permissions {
            Some(asked) => asked.intersection(&access.permissions),
            None => access.permissions.clone(),
        };
        let secret = token::generate().map_err(|e| DbErr::Custom(format!("no random bytes: {e}")))?;
        let token = api_token::ActiveModel {
            id: Set(ApiTokenId::generate(tx.now)),
            organization_id: Set(access.organization.id),
            member_id: Set(access.member.id),
            name: Set(name),
            secret_hash: Set(token::hash(&secret)),
            permissions: Set(permissions),
            expires_at: Set(input.lifetime.map(|lifetime| tx.now + lifetime)),
            last_used_at: Set(None),
            revoked_at: Set(None),
            created_at: Set(tx.now),
        };
        let token = token.insert(&tx.conn).await?;
        let after = json!({ "name": token.name, "permissions": token.permissions });
        let entry = Entry {
            member: Some(access.member.id),
            after: Some(after),
            ..Entry::new(activity::Action::ApiTokenCreated)
        };
        tx.record(&access.actor(), entry);
        tx.commit().await?;
        Ok(NewApiToken { token, secret, access })
    }
}
