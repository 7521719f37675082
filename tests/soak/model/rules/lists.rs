//! What operations on lists have in common: all or those that can be, and once for each idempotency key.

use super::{Access, KEY_IS_KEPT, Ruled, Stop};
use crate::model::{
    operation::{Call, List},
    outcome::Outcome,
    state::{Remembered, World},
};

/// What was decided about an item: what is to be done, nothing, or why not.
pub(super) type Decision<T> = Result<Option<T>, &'static str>;

impl World {
    /// "idempotency key used for another request `IDEMPOTENCY_KEY_REUSED`"; sent again within 24 hours, the first answer. A dry run
    /// asks for no key.
    pub(super) fn answered_before(
        &mut self,
        access: &Access,
        call: &Call,
        list: List,
    ) -> Ruled<Option<Outcome>> {
        let (Some(key), false) = (list.key, list.dry) else { return Ok(None) };
        let now = self.now;
        let answers = &mut self.of_mut(access.org).answers;
        answers.retain(|_, known| now < known.at + KEY_IS_KEPT);
        match answers.get(&(access.who, key)) {
            None => Ok(None),
            Some(known) if known.call != *call => Err(Stop::Refused("IDEMPOTENCY_KEY_REUSED")),
            Some(Remembered { answer: Outcome::Items { items, also, .. }, .. }) => {
                Ok(Some(Outcome::Items { items: items.clone(), also: also.clone(), replayed: true }))
            }
            Some(_) => unreachable!("only answers to lists are kept"),
        }
    }

    /// Does what was decided, of an `ATOMIC` list only if nothing of it is refused. `act` does one thing and says what became of it.
    pub(super) fn carry_out<T>(
        &mut self,
        list: List,
        decisions: Vec<Decision<T>>,
        mut act: impl FnMut(&mut World, T) -> &'static str,
    ) -> Vec<String> {
        let nobody = list.atomic && decisions.iter().any(Result::is_err);
        let mut item = |decision| match decision {
            Err(code) => code,
            Ok(Some(thing)) if !nobody => act(self, thing),
            Ok(_) => "unchanged",
        };
        decisions.into_iter().map(|decision| item(decision).to_owned()).collect()
    }

    /// The answer to a list, which is kept under its key.
    pub(super) fn answer(
        &mut self,
        access: &Access,
        call: &Call,
        list: List,
        items: Vec<String>,
        also: Vec<String>,
    ) -> Ruled {
        let answer = Outcome::Items { items, also, replayed: false };
        if let Some(key) = list.key {
            let known = Remembered { call: call.clone(), answer: answer.clone(), at: self.now };
            self.of_mut(access.org).answers.insert((access.who, key), known);
        }
        Ok(answer)
    }
}
