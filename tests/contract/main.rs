//! What Roster promises to programs: its schema, its permissions and its errors.

#![expect(clippy::unwrap_used, reason = "a test stops where something is not as expected")]

mod done_before;
mod errors;
mod permission_sets;
mod permissions;
mod plans;
mod refusal;
mod schema;
mod sdl;
