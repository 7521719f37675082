//! Ctrl-C while a command calls the API: the first one lets the call that was sent end, the second one ends at once.

use std::{
    sync::{Arc, Condvar, Mutex, PoisonError},
    time::Duration,
};

use super::{failure::Failure, stop_signal};

/// What a shell says of a command that Ctrl-C has ended.
pub(super) const EXIT_CODE: u8 = 130;

/// Whether the command was asked to stop.
#[derive(Clone)]
pub(super) struct Interrupt(Arc<Inner>);

#[derive(Default)]
struct Inner {
    stopped: Mutex<bool>,
    changed: Condvar,
    /// How to go on later, to be said before the process ends.
    advice: Mutex<Option<String>>,
}

impl Interrupt {
    /// Listens from now on.
    pub(super) fn listen() -> Result<Self, Failure> {
        let interrupt = Self(Arc::default());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let first = {
            let _entered = runtime.enter();
            stop_signal()
        };
        let heard = interrupt.clone();
        std::thread::spawn(move || {
            runtime.block_on(async {
                first.await;
                let second = stop_signal();
                heard.stop();
                eprintln!("roster: Stopping after what was sent. Ctrl-C again stops at once.");
                second.await;
                heard.advise();
                std::process::exit(EXIT_CODE.into());
            });
        });
        Ok(interrupt)
    }

    /// Keeps what is to be said when the command does not come to its end.
    pub(super) fn set_advice(&self, advice: String) {
        *self.0.advice.lock().unwrap_or_else(PoisonError::into_inner) = Some(advice);
    }

    /// Says how to go on, once.
    pub(super) fn advise(&self) {
        if let Some(advice) = self.0.advice.lock().unwrap_or_else(PoisonError::into_inner).take() {
            eprintln!("roster: {advice}");
        }
    }

    /// Fails if the command was asked to stop.
    pub(super) fn check(&self) -> Result<(), Failure> {
        self.pause(Duration::ZERO)
    }

    /// Waits this long; fails as soon as the command is asked to stop.
    pub(super) fn pause(&self, time: Duration) -> Result<(), Failure> {
        let stopped = self.0.stopped.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.0.changed.wait_timeout_while(stopped, time, |stopped| !*stopped);
        let (stopped, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if *stopped { Err(Failure::Interrupted) } else { Ok(()) }
    }

    fn stop(&self) {
        *self.0.stopped.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.0.changed.notify_all();
    }
}
