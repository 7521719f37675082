//! Roster's API: configuration, HTTP, identity, the GraphQL schema, and the membership operations.

pub mod app;
pub mod cli;
pub mod config;
pub mod database;
mod development;
pub mod export;
pub mod graphql;
pub mod http;
pub mod identity;
pub mod membership;
pub mod pages;
pub mod person;
mod private_file;
pub mod rate_limit;
mod recent;
mod tls;
