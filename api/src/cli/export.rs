//! `roster export`: downloads all members, or the activity log, of an organization.

use std::{
    io::{self, BufWriter, Read, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use tempfile::NamedTempFile;

use super::{
    client::{Client, Server},
    failure::Failure,
    interrupt::Interrupt,
    progress::Progress,
    status::Status,
};

/// What can be downloaded.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// The members of an organization.
    Members {
        #[command(flatten)]
        common: Common,
        /// Only members with one of these statuses.
        #[arg(long, value_name = "STATUS", value_delimiter = ',')]
        status: Vec<Status>,
    },
    /// The activity log of an organization.
    Activities {
        #[command(flatten)]
        common: Common,
        /// Only what was done at this time or later: 2026-11-21T12:00:00Z.
        #[arg(long, value_name = "TIME")]
        since: Option<String>,
        /// Only what was done before this time.
        #[arg(long, value_name = "TIME")]
        until: Option<String>,
    },
}

#[derive(Debug, clap::Args)]
pub(super) struct Common {
    #[command(flatten)]
    server: Server,
    /// The slug of the organization, or its id.
    #[arg(long, value_name = "SLUG")]
    organization: String,
    /// The format.
    #[arg(long, value_name = "FORMAT", default_value = "csv")]
    format: Format,
    /// Write to this file instead of standard output. It is there when it is complete, and not before.
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Format {
    /// Comma-separated values, with a header.
    Csv,
    /// One JSON object a line.
    Jsonl,
}

/// Runs a command to its end; says on standard error what stopped it.
pub(super) fn run(command: Command) -> ExitCode {
    let (path, common, filters) = match command {
        Command::Members { common, status } => {
            let status: Vec<_> = status.into_iter().map(Status::name).collect();
            ("/export/members", common, vec![("status", Some(status.join(",")))])
        }
        Command::Activities { common, since, until } => {
            ("/export/activities", common, vec![("since", since), ("until", until)])
        }
    };
    match download(path, &common, filters) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

fn download(path: &str, common: &Common, filters: Vec<(&str, Option<String>)>) -> Result<(), Failure> {
    let format = match common.format {
        Format::Csv => "csv",
        Format::Jsonl => "jsonl",
    };
    let mut query = vec![("organization", common.organization.clone()), ("format", format.to_owned())];
    let given = |(name, value): (_, Option<String>)| Some((name, value.filter(|value| !value.is_empty())?));
    query.extend(filters.into_iter().filter_map(given));

    let interrupt = Interrupt::listen()?;
    let progress = match common.to {
        Some(_) => Progress::bytes(),
        None => Progress::beside_output(Progress::bytes),
    };
    let client = Client::new(&common.server, interrupt.clone(), progress.clone())?;
    let from = client.download(path, &query)?.into_reader();
    let done = match &common.to {
        None => copy(from, BufWriter::new(io::stdout().lock()), &interrupt, &progress),
        Some(file) => to_file(from, file, &interrupt, &progress),
    };
    progress.finish();
    done
}

/// Into a file beside it, which takes its place when it is complete.
fn to_file(from: impl Read, file: &Path, interrupt: &Interrupt, progress: &Progress) -> Result<(), Failure> {
    let problem =
        |error: io::Error| Failure::Usage(format!("The file {} cannot be written: {error}.", file.display()));
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut part = NamedTempFile::new_in(folder).map_err(problem)?;
    copy(from, &mut part, interrupt, progress)?;
    part.as_file().sync_all().map_err(problem)?;
    part.persist(file).map_err(|error| problem(error.error))?;
    Ok(())
}

fn copy(
    mut from: impl Read,
    mut to: impl Write,
    interrupt: &Interrupt,
    progress: &Progress,
) -> Result<(), Failure> {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        interrupt.check()?;
        let read = from.read(&mut buffer).map_err(|error| {
            Failure::Unavailable(format!("The download broke off and is not complete: {error}."))
        })?;
        if read == 0 {
            break;
        }
        to.write_all(&buffer[..read])?;
        progress.advance(read);
    }
    Ok(to.flush()?)
}
