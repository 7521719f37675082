//! `roster user`: a person's data, exported or erased by an operator on the database of the settings.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use roster_entity::{Clock, EmailAddress, UserId, user};
use roster_worker::mail::TransportKind;

use super::output::clean;
use crate::{
    config::Config,
    database::Database,
    membership::Run,
    person::{Erased, People},
    private_file,
};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Write all that Roster keeps about a person as one JSON document. Nobody can act with what stands in it.
    Export {
        #[command(flatten)]
        whom: Whom,
        /// Write it to this new file, which only its owner can read, instead of to standard output.
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Erase all that Roster keeps about a person, but the lines of the activity logs, in which a pseudonym is left.
    ///
    /// It cannot be undone. Backups, the logs of mail servers and mailboxes are not reached.
    Erase {
        #[command(flatten)]
        whom: Whom,
        /// Do not ask for the address to be typed.
        #[arg(long)]
        yes: bool,
        /// Only say what would be done.
        #[arg(long, conflicts_with = "yes")]
        dry_run: bool,
    },
}

#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub(super) struct Whom {
    /// The person with this address, who has verified it or was invited with it.
    #[arg(long, value_name = "ADDRESS")]
    email: Option<EmailAddress>,
    /// The person with this id: user_…
    #[arg(long, value_name = "ID")]
    id: Option<UserId>,
}

pub(super) async fn run(config: Config, command: Command) -> anyhow::Result<()> {
    let database = Database::connect(&config.database).await?;
    database.require_schema().await?;
    let files = config.mail.transport == TransportKind::Files;
    let people = People::new(database, Clock::system(), files.then_some(config.mail.directory));
    match command {
        Command::Export { whom, output } => export(&people, &whom, output.as_deref()).await,
        Command::Erase { whom, yes, dry_run } => erase(&people, &whom, yes, dry_run).await,
    }
}

async fn export(people: &People, whom: &Whom, output: Option<&Path>) -> anyhow::Result<()> {
    let user = whom.find(people).await?;
    let export = people.export(user.id).await?;
    let mut document = serde_json::to_string_pretty(&export)?;
    document.push('\n');
    match output {
        None => io::stdout().write_all(document.as_bytes())?,
        Some(path) => {
            let cannot = || format!("Cannot write {}. It should not be there yet", path.display());
            private_file::create(path)
                .and_then(|mut file| file.write_all(document.as_bytes()))
                .with_context(cannot)?;
        }
    }
    Ok(())
}

async fn erase(people: &People, whom: &Whom, yes: bool, dry_run: bool) -> anyhow::Result<()> {
    let user = whom.find(people).await?;
    if dry_run {
        print(&people.erase(user.id, Run::Dry).await?, "Would be done:");
        return Ok(());
    }
    if !yes && !user.is_erased() {
        // Shown first, and refused before somebody types an address for nothing.
        print(&people.erase(user.id, Run::Dry).await?, "Will be done:");
        confirm(&user)?;
    }
    print(&people.erase(user.id, Run::Real).await?, "Done:");
    Ok(())
}

/// Asks for the address, so that nobody erases the person of another line of their notes.
fn confirm(user: &user::Model) -> anyhow::Result<()> {
    eprint!(
        "This cannot be undone. Type the address {} to erase all that Roster keeps about {}: ",
        user.email,
        clean(user.display_name())
    );
    let mut typed = String::new();
    io::stdin().read_line(&mut typed)?;
    match typed.parse::<EmailAddress>() {
        Ok(typed) if typed.normalized() == user.email.normalized() => Ok(()),
        _ => bail!("That is not the address. Nothing was erased. (A script says --yes.)"),
    }
}

fn print(erased: &Erased, heading: &str) {
    if !erased.changed {
        println!("{} was erased before.", erased.user);
    } else {
        println!("{} {heading}", erased.user);
    }
    for step in &erased.steps {
        println!("  {:<17} {:>7}  {}", step.table, step.rows, step.what);
    }
    if erased.mail_files > 0 {
        println!("  {:<17} {:>7}  deleted", "mail files", erased.mail_files);
    }
    for warning in &erased.warnings {
        eprintln!("{}", clean(warning));
    }
}

impl Whom {
    /// The person; an error that says which ids there are where an address alone does not say whom it means.
    async fn find(&self, people: &People) -> anyhow::Result<user::Model> {
        let (Some(email), _) = (&self.email, self.id) else {
            let id = self.id.context("Say --email or --id.")?;
            return Ok(people.by_id(id).await?);
        };
        let holders = people.by_email(email).await?;
        let claimants: Vec<_> = holders.claimants.iter().map(|user| user.id.to_string()).collect();
        let claimants = claimants.join(", ");
        match holders.owner {
            Some(owner) => {
                if !claimants.is_empty() {
                    eprintln!(
                        "Others claim this address without having verified it, and are left alone: {claimants}."
                    );
                }
                Ok(owner)
            }
            None if claimants.is_empty() => bail!(
                "There is no person with the address {email}. If they were erased before, --id still finds what is left."
            ),
            None => bail!(
                "Nobody has verified the address {email}, but it is claimed by {claimants}. Name the one you mean with --id."
            ),
        }
    }
}
