//! The transport for development: every email becomes a file, which any mail program opens. The names sort by time.

use std::{io, path::PathBuf};

use lettre::Message;
use roster_entity::NotificationId;
use tokio::fs;

use super::SendError;

/// A folder of emails.
pub(super) struct Files {
    directory: PathBuf,
}

impl Files {
    pub(super) fn new(directory: PathBuf) -> Self {
        Self { directory }
    }

    pub(super) async fn keep(&self, id: NotificationId, message: &Message) -> Result<(), SendError> {
        let write = async {
            fs::create_dir_all(&self.directory).await?;
            // Under another name first, so that nobody reads half an email.
            let unfinished = self.directory.join(format!(".{id}.unfinished"));
            fs::write(&unfinished, message.formatted()).await?;
            fs::rename(unfinished, self.directory.join(format!("{id}.eml"))).await
        };
        write.await.map_err(|error| self.problem(&error))
    }

    pub(super) async fn check(&self) -> Result<(), SendError> {
        fs::create_dir_all(&self.directory).await.map_err(|error| self.problem(&error))
    }

    fn problem(&self, error: &io::Error) -> SendError {
        SendError::Unreachable(format!(
            "Cannot write into mail.directory, {}: {error}",
            self.directory.display()
        ))
    }
}

#[cfg(test)]
mod tests {
    use roster_entity::Clock;

    use super::*;

    fn message(body: &str) -> Message {
        let mailbox: lettre::message::Mailbox = "bob@example.com".parse().unwrap();
        Message::builder().from(mailbox.clone()).to(mailbox).body(body.to_owned()).unwrap()
    }

    #[tokio::test]
    async fn every_email_is_one_whole_file() {
        let folder = tempfile::tempdir().unwrap();
        let directory = folder.path().join("made/when/needed");
        let files = Files::new(directory.clone());
        let id = NotificationId::generate(Clock::system().now());
        files.keep(id, &message("first")).await.unwrap();
        files.keep(id, &message("again")).await.unwrap();
        let names: Vec<_> =
            std::fs::read_dir(&directory).unwrap().map(|file| file.unwrap().file_name()).collect();
        assert_eq!(names, [format!("{id}.eml").as_str()]);
        let text = std::fs::read_to_string(directory.join(format!("{id}.eml"))).unwrap();
        assert!(text.contains("again"), "{text}");
    }

    #[tokio::test]
    async fn a_folder_that_cannot_be_made_is_tried_again() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let files = Files::new(file.path().join("below a file"));
        let error = files.check().await.unwrap_err();
        assert!(
            matches!(&error, SendError::Unreachable(words) if words.contains("mail.directory")),
            "{error}"
        );
    }
}
