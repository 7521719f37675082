//! Why a command that calls the API could not do its work to the end.

use std::{fmt, process::ExitCode};

/// What stopped a command. Its `Display` is a sentence for who ran it.
#[derive(Debug)]
pub(super) enum Failure {
    /// What was asked for cannot be done; nothing was tried.
    Usage(String),
    /// The server cannot be reached, or cannot answer now, after several attempts.
    Unavailable(String),
    /// The server refused the call as a whole.
    Refused {
        /// For programs: `extensions.code`.
        code: String,
        /// The server's sentence.
        message: String,
    },
    /// What answers is not Roster, or the answer cannot be used.
    Unexpected(String),
    /// Ctrl-C, or SIGTERM.
    Interrupted,
    /// Standard output was closed by who read it, as `head` does: no failure.
    OutputClosed,
}

impl Failure {
    /// A call that the server refused.
    pub(super) fn refused(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Refused { code: code.into(), message: message.into() }
    }

    /// Whether what was sent last may have been done, so that sending it again under the same key helps.
    pub(super) fn leaves_doubt(&self) -> bool {
        match self {
            Self::Unavailable(_) | Self::Unexpected(_) | Self::Interrupted => true,
            Self::Refused { code, .. } => {
                matches!(code.as_str(), "INTERNAL_SERVER_ERROR" | "TIMEOUT" | "CONFLICT" | "RATE_LIMITED")
            }
            Self::Usage(_) | Self::OutputClosed => false,
        }
    }

    /// Whether the idempotency key belongs to another request.
    pub(super) fn is_reused_key(&self) -> bool {
        matches!(self, Self::Refused { code, .. } if code == "IDEMPOTENCY_KEY_REUSED")
    }

    /// Says it on standard error; the exit code.
    pub(super) fn report(&self) -> ExitCode {
        match self {
            Self::OutputClosed => return ExitCode::SUCCESS,
            Self::Interrupted => return ExitCode::from(super::interrupt::EXIT_CODE),
            _ => eprintln!("roster: {self}"),
        }
        ExitCode::from(2)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(message)
            | Self::Unavailable(message)
            | Self::Unexpected(message)
            | Self::Refused { message, .. } => f.write_str(message),
            Self::Interrupted => f.write_str("Interrupted."),
            Self::OutputClosed => f.write_str("Standard output was closed."),
        }
    }
}

/// Of writing results.
impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::BrokenPipe => Self::OutputClosed,
            _ => Self::Unexpected(format!("The results cannot be written: {error}")),
        }
    }
}
