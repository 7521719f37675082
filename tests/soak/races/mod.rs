//! Two requests at the same moment, round after round, in either order: whoever comes first, there is one winner, one entry
//! in the log for each thing done, one email, and an owner. What is legal beside that stands in each race.

mod always;
mod course;
mod erasing;
mod groups;
mod invitations;
mod inviting;
mod lists;
mod organizations;
mod owners;
mod removals;
mod restoring;
mod story;
mod tokens;
