//! Which columns of the database hold what about people, and how that is erased. A test compares the list with the schema: a new
//! column that can hold a text must be put here before anything else passes.

/// What a column holds about people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// Nothing about a person, because …
    Nothing(&'static str),
    /// Something about the person whose row it is: what erasing does to it.
    Theirs(&'static str),
    /// What somebody has typed: addresses and names of the person in it are replaced.
    Text,
    /// The same in the texts of a JSON value.
    Json,
    /// Texts of somebody else beside what has a form of its own: replaced where it is said.
    Special(&'static str),
}

/// A column that can hold a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub name: &'static str,
    /// What it holds.
    pub holds: Holds,
}

const fn column(table: &'static str, name: &'static str, holds: Holds) -> Column {
    Column { table, name, holds }
}

const ENUM: Holds = Holds::Nothing("one of a few fixed words");
const PERMISSIONS: Holds = Holds::Nothing("a set of fixed words");

/// All columns that can hold a text, table by table.
pub const COLUMNS: &[Column] = &[
    column("users", "email", Holds::Theirs("replaced by the pseudonym's, where no mail can go")),
    column("users", "email_norm", Holds::Theirs("emptied: the address is free again")),
    column("users", "name", Holds::Theirs("replaced by the pseudonym's")),
    column("identities", "issuer", Holds::Theirs("the row is deleted")),
    column("identities", "subject", Holds::Theirs("the row is deleted")),
    column("members", "role", ENUM),
    column("members", "status", ENUM),
    column("members", "removal", ENUM),
    column("members", "sort_name", Holds::Theirs("made anew of the pseudonym")),
    column("members", "search", Holds::Theirs("made anew of the pseudonym")),
    column("members", "removal_note", Holds::Text),
    column("invitations", "email", Holds::Theirs("replaced by the pseudonym's")),
    column("invitations", "email_norm", Holds::Theirs("replaced by the pseudonym's")),
    column("invitations", "answer", ENUM),
    column("api_tokens", "name", Holds::Text), // and those of their own tokens are emptied, also in the log
    column("api_tokens", "permissions", PERMISSIONS),
    column("api_tokens", "secret_hash", Holds::Nothing("SHA-256 of 256 random bits; the token is revoked")),
    column("activities", "action", ENUM),
    column("activities", "before", Holds::Json),
    column("activities", "after", Holds::Json),
    column("activities", "reason", Holds::Text),
    column("notifications", "kind", ENUM),
    column("notifications", "status", ENUM),
    column("notifications", "recipient_email", Holds::Theirs("replaced by the pseudonym's")),
    column("notifications", "recipient_name", Holds::Theirs("emptied")),
    column("notifications", "snapshot", Holds::Special("erase/snapshots.rs")),
    column("notifications", "last_error", Holds::Text), // and those of their own emails are emptied
    column("idempotency_keys", "key", Holds::Special("erase/answers.rs: the row is deleted")),
    column("idempotency_keys", "answer", Holds::Special("erase/answers.rs: their own are deleted")),
    column("idempotency_keys", "request_hash", Holds::Nothing("SHA-256 of a request with random ids")),
    column("groups", "name", Holds::Special("erase/groups.rs: names of groups are unique")),
    column("groups", "sort_name", Holds::Special("erase/groups.rs: follows the name")),
    column("groups", "description", Holds::Text),
    column("groups", "permissions", PERMISSIONS),
    column(
        "organizations",
        "name",
        Holds::Nothing("the organization's own; erasing says where it names somebody"),
    ),
    column(
        "organizations",
        "slug",
        Holds::Nothing("the organization's own; erasing says where it names somebody"),
    ),
    column("organizations", "branding_line", Holds::Text),
    column("organizations", "contact_email", Holds::Theirs("emptied where it is an address of theirs")),
    column("organizations", "reply_to_email", Holds::Theirs("emptied where it is an address of theirs")),
    column("organizations", "allowed_email_domains", Holds::Nothing("domains, of organizations")),
    column("seaql_migrations", "version", Holds::Nothing("names of migrations")),
];
