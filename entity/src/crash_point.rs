//! The points at which a test lets the process die, so that it can see that nothing is lost. They exist in builds with the
//! feature `crash-points` only, which only the tests ask for; in all others they are nothing.
//!
//! A test names a point in the variable `FAILPOINTS`, in the words of the crate `fail`: `statement=4*off->return` ends
//! the process the fifth time that it comes there, as `kill -9` would; `statement=print` says so in the log each time.

use sea_orm::{DatabaseConnection, EnumIter};

/// A point on the way from a request to the email, in the order in which a removal comes to them. Between two of them the
/// process does one thing that others can see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter)]
pub enum CrashPoint {
    /// A GraphQL request was read.
    RequestParsed,
    /// A statement was run, of whatever kind, in a transaction or not.
    Statement,
    /// A transaction was committed.
    Committed,
    /// The ids of its notifications were pushed into the queue.
    Pushed,
    /// The answer is ready to be sent.
    Answered,
    /// The sweep put into the queue what it has found, be it nothing.
    Swept,
    /// The id of a notification was taken from the queue.
    Taken,
    /// The email was written.
    Composed,
    /// The mail server is about to be told something: a connection and each SMTP command.
    SmtpCommand,
    /// The mail server has taken the email.
    Delivered,
}

impl CrashPoint {
    /// What a test calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RequestParsed => "request-parsed",
            Self::Statement => "statement",
            Self::Committed => "committed",
            Self::Pushed => "pushed",
            Self::Answered => "answered",
            Self::Swept => "swept",
            Self::Taken => "taken",
            Self::Composed => "composed",
            Self::SmtpCommand => "smtp-command",
            Self::Delivered => "delivered",
        }
    }

    /// The process is at this point now.
    pub fn reached(self) {
        #[cfg(feature = "crash-points")]
        fail::fail_point!(self.name(), |_| std::process::abort());
    }
}

/// Makes [`CrashPoint::Statement`] a point after each statement of a connection.
pub fn at_each_statement(db: DatabaseConnection) -> DatabaseConnection {
    #[cfg(feature = "crash-points")]
    let db = {
        let mut db = db;
        db.set_metric_callback(|_| CrashPoint::Statement.reached());
        db
    };
    db
}

/// Reads what a test asks for. Once, when the process starts.
pub fn arm() {
    #[cfg(feature = "crash-points")]
    std::mem::forget(fail::FailScenario::setup());
}
