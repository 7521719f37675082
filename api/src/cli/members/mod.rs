//! `roster members`: who belongs to an organization, for scripts. Calls the API of a running Roster.

mod batch;
mod groups;
mod invite;
mod items;
mod list;
mod remove;
mod report;
mod resolve;
mod restore;

use std::process::ExitCode;

use serde::{Deserialize, Serialize};

use super::{client, client::Client, failure::Failure, output::Format};

/// What can be done with members.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// List the members of an organization.
    List(list::Args),
    /// Remove members, or revoke their invitations; each gets an email.
    Remove(remove::Args),
    /// Invite people by email.
    Invite(invite::Args),
    /// Bring removed members back, with their role and groups.
    Restore(restore::Args),
}

/// What all commands have in common.
#[derive(Debug, clap::Args)]
struct Common {
    #[command(flatten)]
    server: client::Server,
    /// The slug of the organization, or its id.
    #[arg(long, value_name = "SLUG")]
    organization: String,
    /// How results are written; a table on a terminal, JSON otherwise.
    #[arg(long, value_name = "FORMAT")]
    output: Option<Format>,
}

impl Common {
    fn format(&self) -> Format {
        Format::or_fitting(self.output)
    }

    fn organization(&self) -> Which<'_> {
        Which::of(&self.organization)
    }
}

/// Runs a command to its end; says on standard error what stopped it.
pub(super) fn run(command: Command) -> ExitCode {
    let done = match command {
        Command::List(args) => list::run(args),
        Command::Remove(args) => remove::run(args),
        Command::Invite(args) => invite::run(args),
        Command::Restore(args) => restore::run(args),
    };
    done.unwrap_or_else(|failure| failure.report())
}

/// How an organization is named: the arguments of the query `organization`. Every id has an underscore, and no slug has one.
#[derive(Clone, Copy, Serialize)]
struct Which<'a> {
    id: Option<&'a str>,
    slug: Option<&'a str>,
}

impl<'a> Which<'a> {
    fn of(name: &'a str) -> Self {
        match name.contains('_') {
            true => Self { id: Some(name), slug: None },
            false => Self { id: None, slug: Some(name) },
        }
    }

    /// Whether it is the organization with this id and slug.
    fn is(self, id: &str, slug: &str) -> bool {
        self.id == Some(id) || self.slug == Some(slug)
    }
}

#[derive(Deserialize)]
struct Found<T> {
    organization: T,
}

/// The id of the organization.
fn organization_id(client: &Client, organization: Which) -> Result<String, Failure> {
    #[derive(Deserialize)]
    struct Organization {
        id: String,
    }
    let query = "query ($id: ID, $slug: String) { organization(id: $id, slug: $slug) { id } }";
    let found: Found<Organization> = client.call(query, organization)?;
    Ok(found.organization.id)
}

/// Where the next page of a list begins.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PageInfo {
    has_next_page: bool,
    end_cursor: Option<String>,
}

/// What a member may do, as it is named in arguments.
#[derive(Clone, Copy, Debug, Serialize, clap::ValueEnum)]
#[serde(rename_all = "UPPERCASE")]
enum Role {
    Owner,
    Admin,
    Member,
}
