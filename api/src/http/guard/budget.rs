//! What the requests of a batch may cost together: no more than one request may cost alone.

use async_graphql::ServerError;

use super::{Limits, request_error};

/// What a document costs: of each, what the dearest of its operations has.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Price {
    pub(super) fields: u64,
    pub(super) mutations: u64,
    pub(super) items: u64,
    pub(super) answer: u64,
}

/// What has been taken, and how much there is.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    limits: Limits,
    taken: Price,
}

impl Budget {
    /// All of it.
    pub fn new(limits: &Limits) -> Self {
        Self { limits: *limits, taken: Price::default() }
    }

    /// Takes the price of a request; what is refused takes nothing.
    pub(super) fn take(&mut self, price: Price) -> Result<(), ServerError> {
        let Self { limits, taken } = *self;
        self.taken = Price {
            fields: together(taken.fields, price.fields, limits.fields, "fields")?,
            mutations: together(taken.mutations, price.mutations, limits.mutations, "mutations")?,
            items: together(
                taken.items,
                price.items,
                limits.mutation_items,
                "items in the lists of its mutations",
            )?,
            answer: together(
                taken.answer,
                price.answer,
                limits.answer,
                "fields in its answers, if all pages are full",
            )?,
        };
        Ok(())
    }
}

fn together(taken: u64, price: u64, limit: u64, what: &str) -> Result<u64, ServerError> {
    let sum = taken.saturating_add(price);
    if sum <= limit {
        return Ok(sum);
    }
    let message = format!(
        "The batch has too many {what}: {sum} with this request, at most {limit}. Send it in another batch."
    );
    Err(request_error("QUERY_TOO_COMPLEX", message))
}
