//! `roster members` and `roster export`, as a script runs them: the real binary against a running Roster, over HTTP.

#![expect(clippy::unwrap_used, reason = "a test stops where something is not as expected")]

mod export;
mod invite;
mod list;
mod proxy;
mod readme;
mod refusals;
mod remove;
mod restore;
mod resume;
mod script;
mod seed;

use script::Script;
