//! The emails that the embedded default keeps as files: which of them are to a person, or name them.

use std::{collections::HashSet, fs, io, path::Path, path::PathBuf};

use mail_parser::MessageParser;
use roster_entity::NotificationId;

use super::traces::Traces;

/// The files of these notifications, and all that name an address of the person; in the order of their names. A folder that is
/// not there is empty.
pub(super) fn of(
    directory: Option<&Path>,
    notifications: &HashSet<NotificationId>,
    traces: &Traces,
) -> io::Result<Vec<PathBuf>> {
    let Some(directory) = directory else { return Ok(Vec::new()) };
    let entries = match fs::read_dir(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        // `{id}.eml`, and `.{id}.unfinished` while it is written.
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let Some((id, "eml" | "unfinished")) = name.trim_start_matches('.').rsplit_once('.') else {
            continue;
        };
        let is_of_theirs = id.parse().is_ok_and(|id: NotificationId| notifications.contains(&id));
        if is_of_theirs || names(&path, traces)? {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Deletes files. One that somebody else has deleted meanwhile is gone, too.
pub(super) fn delete(files: &[PathBuf]) -> io::Result<()> {
    for file in files {
        match fs::remove_file(file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// Whether an address of the person stands in an email, as its reader sees it.
fn names(file: &Path, traces: &Traces) -> io::Result<bool> {
    let bytes = match fs::read(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        bytes => bytes?,
    };
    let Some(mail) = MessageParser::default().parse(&bytes) else { return Ok(false) };
    let header = |text: &str| traces.replaced(text, false).is_some();
    let addresses = [mail.from(), mail.to(), mail.reply_to()];
    let people = addresses.into_iter().flatten().flat_map(|list| list.iter());
    let mut headers = people.filter_map(|person| person.address()).chain(mail.subject());
    Ok(headers.any(header) || mail.parts.iter().filter_map(|part| part.text_contents()).any(header))
}
