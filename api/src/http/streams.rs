//! What all WebSockets and event streams of this process have in common: how many there may be, how long they may take, and
//! that they end when the process stops.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Arc, Mutex, MutexGuard},
};

use roster_entity::UserId;
use tokio_util::{
    sync::{CancellationToken, WaitForCancellationFutureOwned},
    task::TaskTracker,
};

use crate::{config, identity::Caller};

/// The WebSockets and event streams of this process. Clones are the same.
#[derive(Clone)]
pub struct Streams(Arc<Inner>);

struct Inner {
    settings: config::Streams,
    taken: Mutex<Taken>,
    stop: CancellationToken,
    sockets: TaskTracker,
}

#[derive(Default)]
struct Taken {
    all: usize,
    /// By person; `None`: those who are not signed in, together.
    by_caller: HashMap<Option<UserId>, usize>,
}

/// Why there is no place for another one. Its `Display` is a sentence for the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoPlace {
    #[error("Too many connections are open at this server. Try again in a moment.")]
    Here,
    #[error("You have too many connections open. Close some of them.")]
    ForYou,
}

/// The place of one connection, as long as it is held.
pub(super) struct Place {
    streams: Streams,
    caller: Option<Option<UserId>>,
}

impl Streams {
    /// None yet.
    pub fn new(settings: &config::Streams) -> Self {
        Self(Arc::new(Inner {
            settings: settings.clone(),
            taken: Mutex::default(),
            stop: CancellationToken::new(),
            sockets: TaskTracker::new(),
        }))
    }

    /// Ends all of them, in a way that clients come again, and waits for that.
    pub async fn close(&self) {
        self.0.stop.cancel();
        self.0.sockets.close();
        self.0.sockets.wait().await;
    }

    pub(super) fn settings(&self) -> &config::Streams {
        &self.0.settings
    }

    /// Ends when they are to end.
    pub(super) fn stopped(&self) -> WaitForCancellationFutureOwned {
        self.0.stop.clone().cancelled_owned()
    }

    /// Lets [`close`](Self::close) wait for a socket.
    pub(super) async fn track(&self, socket: impl Future<Output = ()>) {
        self.0.sockets.track_future(socket).await;
    }

    /// A place for another connection of somebody.
    pub(super) fn place(&self) -> Result<Place, NoPlace> {
        let mut taken = self.taken();
        if taken.all >= self.0.settings.connections {
            return Err(NoPlace::Here);
        }
        taken.all += 1;
        Ok(Place { streams: self.clone(), caller: None })
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.0.taken.lock().expect("nothing panics while it holds the counts")
    }
}

impl Place {
    /// Counts it for this caller from now on.
    pub(super) fn take_for(&mut self, caller: Option<&Caller>) -> Result<(), NoPlace> {
        let caller = caller.map(|caller| caller.user.id);
        let mut taken = self.streams.taken();
        let count = taken.by_caller.entry(caller).or_default();
        if *count >= self.streams.0.settings.connections_per_caller {
            return Err(NoPlace::ForYou);
        }
        *count += 1;
        drop(taken);
        self.caller = Some(caller);
        Ok(())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.streams.taken();
        taken.all -= 1;
        if let Some(Entry::Occupied(mut count)) = self.caller.map(|caller| taken.by_caller.entry(caller)) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }
}
