//! Changing the role of somebody.

use super::{Caller, Outcome, Role, Ruled, Status, Stop, done};
use crate::model::{
    operation::MemberOf,
    state::{Says, World},
};

impl World {
    /// The order of the checks is that of the code. Who is only invited gets no email (PRODUCT.md is silent; the schema: "tells
    /// them by email", the code: active members).
    pub(super) fn change_role(&mut self, caller: Caller, no: MemberOf, role: Role) -> Ruled {
        let access = self.enter(caller, no.0)?;
        access.require("ROLES_MANAGE")?;
        if no.1 == access.who {
            return Err(Stop::Fails("CANNOT_CHANGE_OWN_ROLE"));
        }
        let member = self.member(no);
        let is_active = member.status == Status::Active;
        if member.status == Status::Removed {
            return Err(Stop::Fails("ALREADY_REMOVED"));
        }
        if member.role == role {
            return Ok(Outcome::Unchanged);
        }
        if !access.covers(&self.granted(no)) || !access.covers(&role.permissions()) {
            return Err(Stop::Fails("ROLE_ABOVE_YOURS"));
        }
        if self.of(no.0).owners() == [no.1] {
            return Err(Stop::Fails("LAST_OWNER"));
        }
        self.member_mut(no).role = role;
        self.record(&access, "MEMBER_ROLE_CHANGED", Some(no.1));
        if is_active {
            self.notify(no, Says::RoleChanged(role));
        }
        done()
    }
}
