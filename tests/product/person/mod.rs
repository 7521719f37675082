//! All that Roster keeps about one person: exported, and erased.

mod columns;
mod erase;
mod erased;
mod export;
mod neighbours;
mod world;
