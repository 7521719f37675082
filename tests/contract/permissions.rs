//! Who may do what and read what: two tables that must be complete, as a mutation, a query, a subscription, a type or a field that
//! is in none of them fails. [`operations`]: the ways in, against everybody who could try ([`callers`]). [`types`]: what can be
//! seen from there.

mod callers;
mod events;
mod matrix;
mod operations;
mod reader;
mod reading;
mod rule;
mod things;
mod types;
mod within;
mod world;
