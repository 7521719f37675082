//! Undoing removals.

mod again;
mod coming_back;
mod groups;
mod window;
