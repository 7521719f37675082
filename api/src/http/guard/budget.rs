//! What the requests of a batch may cost together: no more than one request may cost alone.

use async_graphql::ServerError;

use super::{Limits, limits::over};

/// What a request costs.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Price {
    pub(super) bytes: u64,
    pub(super) tokens: u64,
    pub(super) fields: u64,
    pub(super) mutations: u64,
    pub(super) items: u64,
    pub(super) values: u64,
    pub(super) answer: u64,
    pub(super) introspection: u64,
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
        let Self { limits, taken } = self;
        let mut sum = *taken;
        for (sum, price, limit, name, what) in [
            (&mut sum.bytes, price.bytes, limits.bytes as u64, "bytes", "bytes in its documents"),
            (&mut sum.tokens, price.tokens, limits.tokens as u64, "tokens", "tokens in its documents"),
            (&mut sum.fields, price.fields, limits.fields, "fields", "fields"),
            (&mut sum.mutations, price.mutations, limits.mutations, "mutations", "mutations"),
            (&mut sum.items, price.items, limits.mutation_items, "mutation_items", ITEMS),
            (&mut sum.values, price.values, limits.values, "values", VALUES),
            (&mut sum.answer, price.answer, limits.answer_fields, "answer_fields", ANSWERS),
            (
                &mut sum.introspection,
                price.introspection,
                limits.introspection_fields,
                "introspection_fields",
                "fields in its answers about the schema",
            ),
        ] {
            *sum = sum.saturating_add(price);
            if *sum > limit {
                let message = format!(
                    "The batch has too many {what}: {sum} with this request, at most {limit}. Send it in another batch."
                );
                return Err(over("QUERY_TOO_COMPLEX", &format!("limits.{name}"), message));
            }
        }
        *taken = sum;
        Ok(())
    }
}

const ITEMS: &str = "items in the lists of its mutations";
const VALUES: &str = "values in its arguments";
const ANSWERS: &str = "fields in its answers, if all pages are full";
