//! Where a person stands in an organization, as it is named in arguments.

use serde::Serialize;

/// The status of a member; the API names it in capitals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum Status {
    Active,
    Invited,
    Removed,
}

impl Status {
    /// As the API names it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Invited => "INVITED",
            Self::Removed => "REMOVED",
        }
    }
}
