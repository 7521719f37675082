//! API tokens: they act as their owner, and never do more than either.

use super::{Caller, Outcome, Ruled, Stop, done};
use crate::model::{
    operation::{MemberOf, TokenNo},
    state::{Org, Permissions, Token, World},
};

impl World {
    /// "scripts cannot create tokens" (schema).
    pub(super) fn create_token(&mut self, caller: Caller, org: Org, permissions: &Permissions) -> Ruled {
        if matches!(caller, Caller::Script(_)) {
            return Err(Stop::Refused("NOT_PERMITTED"));
        }
        let access = self.enter(caller, org)?;
        access.require("API_TOKENS_MANAGE")?;
        if !access.covers(permissions) {
            return Err(Stop::Fails("PERMISSION_ABOVE_YOURS"));
        }
        let token = Token { owner: access.who, permissions: permissions.clone(), is_revoked: false };
        self.of_mut(org).tokens.push(token);
        self.record(&access, "API_TOKEN_CREATED", Some(access.who));
        done()
    }

    /// "Nobody revokes a token that can do more than they can" (schema): what it may do, of what its owner may do now.
    pub(super) fn revoke_token(&mut self, caller: Caller, no: TokenNo) -> Ruled {
        let access = self.enter(caller, no.0)?;
        access.require("API_TOKENS_MANAGE")?;
        let Token { owner, permissions, is_revoked } = self.of(no.0).tokens[no.1].clone();
        if is_revoked {
            return Ok(Outcome::Unchanged);
        }
        let can = self.granted(MemberOf(no.0, owner)).intersection(&permissions).copied().collect();
        if !access.covers(&can) {
            return Err(Stop::Fails("PERMISSION_ABOVE_YOURS"));
        }
        self.of_mut(no.0).tokens[no.1].is_revoked = true;
        self.record(&access, "API_TOKEN_REVOKED", Some(owner));
        done()
    }
}
