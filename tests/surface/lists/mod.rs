//! Lists: which items, in which order, page by page, and what a page costs.

mod addresses;
mod filters;
mod log_pages;
mod other_lists;
mod pages;
mod search;
mod statements;
mod wrong_pages;
