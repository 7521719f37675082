//! Ids in arguments: texts that must be of one kind.

use async_graphql::{ID, Result};
use roster_entity::id::TypedId;

use super::error::bad_input;

/// The id of one kind that an argument holds; `BAD_USER_INPUT` says what is wrong with another one.
pub(super) fn parse<I: TypedId>(id: &ID) -> Result<I> {
    id.parse().map_err(|error: roster_entity::id::InvalidId| bad_input(error.to_string()))
}

/// The same for a list.
pub(super) fn parse_all<I: TypedId>(ids: &[ID]) -> Result<Vec<I>> {
    ids.iter().map(parse).collect()
}
