//! The log of a process: what the settings ask for, but nothing that shows secrets.

use std::io::{self, IsTerminal};

use tracing::{Level, Metadata};
use tracing_subscriber::{
    EnvFilter, Layer, Registry,
    filter::{FilterExt, filter_fn},
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

use crate::config::{self, ConfigError, LogFormat};

/// What Roster says itself.
const OURS: &str = "roster";

/// What says at any level what may be a secret: PostgreSQL's client repeats a parameter of the address that it does not know,
/// with its value, which may be a password behind a mistyped name; the WebSockets' library repeats what arrives.
const NEVER: [&str; 3] = ["sqlx_postgres::options", "tungstenite", "tokio_tungstenite"];

/// Starts the log. It goes to standard error, so that the output of commands stays clean.
pub(super) fn start(config: &config::Log) -> Result<(), ConfigError> {
    tracing_subscriber::registry().with(layer(config, io::stderr)?).init();
    Ok(())
}

fn layer<W>(config: &config::Log, writer: W) -> Result<impl Layer<Registry>, ConfigError>
where
    W: for<'w> tracing_subscriber::fmt::MakeWriter<'w> + Send + Sync + 'static,
{
    let asked = EnvFilter::builder().parse(&config.filter).map_err(|e| {
        ConfigError::one(format!("log.filter should be like info or info,roster_worker=debug: {e}"))
    })?;
    let log = tracing_subscriber::fmt::layer()
        .with_writer(writer)
        // It would say on standard error that standard error is gone, and panic.
        .log_internal_errors(false)
        .with_ansi(io::stderr().is_terminal());
    let log = match config.format {
        LogFormat::Text => log.boxed(),
        LogFormat::Json => log.json().boxed(),
    };
    Ok(log.with_filter(asked.and(filter_fn(may_be_heard))))
}

/// Whatever the settings say: of libraries nothing at the level `trace`, where they show the bytes of headers, frames and
/// messages, and with them tokens, passwords and addresses.
fn may_be_heard(metadata: &Metadata<'_>) -> bool {
    let of = |crate_: &str| {
        metadata.target().strip_prefix(crate_).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
    };
    metadata.target().starts_with(OURS) || (*metadata.level() <= Level::DEBUG && !NEVER.into_iter().any(of))
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn said(filter: &str, speak: impl FnOnce()) -> String {
        let written = Written::default();
        let config = config::Log { filter: filter.to_owned(), format: LogFormat::Json };
        let writer = written.clone();
        let log = layer(&config, move || writer.clone()).unwrap();
        tracing::subscriber::with_default(tracing_subscriber::registry().with(log), speak);
        String::from_utf8(written.0.lock().unwrap().clone()).unwrap()
    }

    #[test]
    fn no_setting_makes_libraries_say_more_than_debug() {
        for filter in ["trace", "hyper=trace", "trace,tungstenite=trace,sqlx_postgres=trace"] {
            let said = said(filter, || {
                tracing::trace!(target: "hyper::proto", "hunter2");
                tracing::warn!(target: "tungstenite::protocol", "hunter2");
                tracing::warn!(target: "sqlx_postgres::options::parse", "hunter2");
                tracing::debug!(target: "hyper::proto", "its connection");
                tracing::trace!(target: "roster_worker", "our trace");
            });
            assert!(!said.contains("hunter2"), "{said}");
            assert!(said.contains("its connection"), "{said}");
            assert_eq!(said.contains("our trace"), filter.starts_with("trace"), "{said}");
        }
        assert_eq!(said("info", || tracing::debug!(target: "roster_api", "quiet")), "");
    }
}
