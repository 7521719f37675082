//! Who may do what and read what. Two tables, which must be complete: a mutation or a field that is not in them fails.

mod mutations;
mod queries;
mod within;
mod world;
