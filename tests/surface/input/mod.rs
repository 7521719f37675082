//! Input of every kind: a clear error or a clean result, and nothing half written.

mod every_text;
mod invitees;
mod lengths;
mod names;
mod numbers;
