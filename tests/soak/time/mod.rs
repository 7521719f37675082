//! Hostile time: clocks that go wrong by a day, and a mail server that is away for long.

mod clocks;
mod outbox;
