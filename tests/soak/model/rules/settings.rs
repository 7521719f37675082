//! The settings of an organization.

use super::{Caller, Outcome, Ruled, Settings, done};
use crate::model::state::{Org, World};

impl World {
    pub(super) fn change_settings(&mut self, caller: Caller, org: Org, settings: Settings) -> Ruled {
        let access = self.enter(caller, org)?;
        access.require("ORGANIZATION_MANAGE")?;
        if self.of(org).settings == settings {
            return Ok(Outcome::Unchanged);
        }
        self.of_mut(org).settings = settings;
        self.record(&access, "ORGANIZATION_UPDATED", None);
        done()
    }
}
