//! What only `roster` without a subcommand has: secrets made up on the first start, people to play with, and a way to sign
//! in without an identity provider.

pub(crate) mod demo;
pub(crate) mod examples;
pub(crate) mod secrets;
pub(crate) mod sign_in;
