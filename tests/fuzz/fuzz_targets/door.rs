//! Any bytes at the door of the API: the answer is well-formed, and nothing panics. See `Door::knock` for what they stand for.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use roster_tests::Door;
use tokio::runtime::{Builder, Runtime};

static DOOR: LazyLock<(Runtime, Door)> = LazyLock::new(|| {
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    let door = runtime.block_on(Door::open());
    (runtime, door)
});

fuzz_target!(|bytes: &[u8]| {
    let (runtime, door) = &*DOOR;
    if let Some(answered) = door.knock(bytes) {
        runtime.block_on(answered);
    }
});
