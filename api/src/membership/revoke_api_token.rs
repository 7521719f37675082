//! Revoking an API token, one's own or somebody else's: it stops working at once.

use roster_entity::{ApiTokenId, Permission, activity, api_token, member};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, IntoActiveModel, QueryFilter};
use serde_json::json;

use super::{
    Access, Code, Error, Membership, Problem, Result,
    access::effective_permissions,
    place::Place,
    transaction::{Entry, Transaction, retrying},
};
use crate::identity::Caller;

/// A token that was revoked.
#[derive(Debug)]
pub struct ApiTokenRevoked {
    /// The caller's access to the organization.
    pub access: Access,
    /// The token.
    pub token: api_token::Model,
    /// `false` if it was revoked already.
    pub changed: bool,
    /// What to tell the caller.
    pub message: String,
}

impl Membership {
    /// Revokes a token.
    pub async fn revoke_api_token(&self, caller: &Caller, id: ApiTokenId) -> Result<ApiTokenRevoked> {
        retrying(|| self.revoke_api_token_once(caller, id)).await
    }

    async fn revoke_api_token_once(&self, caller: &Caller, id: ApiTokenId) -> Result<ApiTokenRevoked> {
        let place = Place::ApiToken(id);
        let mut tx = self.begin().await?;
        let access = tx.enter(caller, place).await?;
        access.require(Permission::ApiTokensManage)?;
        let token = api_token::Entity::in_organization(access.organization.id)
            .filter(api_token::Column::Id.eq(id))
            .one(&tx.conn)
            .await?
            .ok_or(Error::NotFound(place.what()))?;
        if token.revoked_at.is_some() {
            let message = format!("The API token {} was revoked before.", token.name);
            return Ok(ApiTokenRevoked { access, token, changed: false, message });
        }
        check_not_above(&tx, &access, &token).await?;
        let mut revoked = token.into_active_model();
        revoked.revoked_at = Set(Some(tx.now));
        let token = revoked.update(&tx.conn).await?;
        let entry = Entry {
            member: Some(token.member_id),
            before: Some(json!({ "id": token.id, "name": token.name, "permissions": token.permissions })),
            ..Entry::new(activity::Action::ApiTokenRevoked)
        };
        tx.record(&access.actor(), entry);
        tx.commit().await?;
        let message = format!("The API token {} was revoked.", token.name);
        Ok(ApiTokenRevoked { access, token, changed: true, message })
    }
}

/// Nobody takes more than they have: what the token may do, of what its owner may do now. One's own tokens can be above
/// only a script.
async fn check_not_above(tx: &Transaction<'_>, access: &Access, token: &api_token::Model) -> Result<()> {
    let owner = member::find_in(&tx.conn, access.organization.id, token.member_id).await?;
    let (owner, _) = owner.ok_or(Error::NotFound("API token"))?;
    let theirs = effective_permissions(&tx.conn, &owner).await?.intersection(&token.permissions);
    if access.permissions.cover(&theirs) {
        return Ok(());
    }
    let message = format!("The API token {} can do more than you. Ask an owner to revoke it.", token.name);
    Err(Problem::new(Code::PermissionAboveYours, message).about(owner.id).into())
}
