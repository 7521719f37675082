//! What an error on the way to the mail server means: who is meant, and whether trying again can help.

use lettre::transport::smtp;

use crate::mail::SendError;

/// How far a conversation with the mail server has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Greetings and TLS.
    Connect,
    /// Our name and password.
    Login,
    /// Who the email is from: the same for every email.
    Sender,
    /// The recipient and the email itself.
    Email,
}

/// Only what a server says for good about the email itself is final.
pub(super) fn failure(stage: Stage, error: &smtp::Error) -> SendError {
    let code = error.status().map(u16::from);
    let words = match (error.status(), std::error::Error::source(error)) {
        (Some(code), Some(words)) => format!("{code} {words}"),
        _ => error.to_string(),
    };
    meaning(stage, code, words)
}

fn meaning(stage: Stage, code: Option<u16>, words: String) -> SendError {
    match (stage, code) {
        // Authentication (or TLS) required, too weak or wrong, at whichever command the server notices.
        (_, Some(530 | 534 | 535 | 538)) => SendError::Refused(words),
        // The server does not take emails at all, or not now.
        (_, Some(521)) => SendError::Unreachable(words),
        (Stage::Connect, _) => SendError::Unreachable(words),
        (Stage::Login | Stage::Sender, Some(500..=599)) => SendError::Refused(words),
        (Stage::Login, _) => SendError::Unreachable(words),
        (Stage::Email, Some(500..=599)) => SendError::Permanent(words),
        _ => SendError::Transient(words),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_final_no_to_the_email_is_final() {
        use {SendError::*, Stage::*};
        for (stage, code, expected) in [
            (Email, Some(550), Permanent as fn(String) -> SendError),
            (Email, Some(552), Permanent),
            (Email, Some(554), Permanent),
            (Email, Some(421), Transient),
            (Email, Some(451), Transient),
            (Email, Some(521), Unreachable),
            (Email, Some(530), Refused),
            (Email, None, Transient),
            (Sender, Some(553), Refused),
            (Sender, Some(530), Refused),
            (Sender, Some(451), Transient),
            (Login, Some(535), Refused),
            (Login, Some(504), Refused),
            (Login, Some(454), Unreachable),
            (Connect, Some(554), Unreachable),
            (Connect, Some(421), Unreachable),
            (Connect, None, Unreachable),
        ] {
            let words = || "words".to_owned();
            assert_eq!(meaning(stage, code, words()), expected(words()), "{stage:?} {code:?}");
        }
    }
}
