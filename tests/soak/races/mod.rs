//! Two requests at the same moment, on several threads and many times over: whoever comes first, there is one winner,
//! one entry in the log, one email, and an owner. Which of the two wins is left open.

mod invitations_and_owners;
mod removals;
