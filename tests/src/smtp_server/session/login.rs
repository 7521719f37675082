//! The `AUTH` command, with the mechanisms PLAIN and LOGIN.

use std::io;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::{Next, Session};

impl Session {
    pub(super) async fn auth(&mut self, arguments: &str) -> io::Result<Next> {
        if self.lacks_encryption() {
            return self.say("538 5.7.11 Encryption required").await;
        }
        let mut arguments = arguments.split(' ');
        let mechanism = arguments.next().unwrap_or_default().to_ascii_uppercase();
        let first = arguments.next().map(str::to_owned);
        let (user, password) = match mechanism.as_str() {
            "PLAIN" => {
                let response = self.response(first, "").await?;
                let mut parts = response.split('\0').skip(1).map(str::to_owned);
                (parts.next().unwrap_or_default(), parts.next().unwrap_or_default())
            }
            "LOGIN" => (self.response(first, "Username:").await?, self.response(None, "Password:").await?),
            _ => return self.say("504 5.5.4 Unknown mechanism").await,
        };
        let login = self.site.login.as_ref();
        self.has_logged_in = login.is_some_and(|login| login.user == user && login.password == password);
        let answer =
            if self.has_logged_in { "235 2.7.0 Welcome" } else { "535 5.7.8 Wrong user or password" };
        self.say(answer).await
    }

    /// What the client has sent along, or else sends when asked. What is not base64 is taken as empty.
    async fn response(&mut self, sent_along: Option<String>, question: &str) -> io::Result<String> {
        let response = match sent_along {
            Some(response) => response.into_bytes(),
            None => {
                self.say(&format!("334 {}", BASE64_STANDARD.encode(question))).await?;
                self.connection.read_line().await?.ok_or(io::ErrorKind::UnexpectedEof)?
            }
        };
        let response = BASE64_STANDARD.decode(response).unwrap_or_default();
        Ok(String::from_utf8_lossy(&response).into_owned())
    }
}
