//! Roster's tests, through its public door: GraphQL over HTTP, and the mail that arrives.

#![expect(clippy::unwrap_used, reason = "a test stops where something is not as expected")]

mod product;
