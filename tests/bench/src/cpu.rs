//! What processes have used, as Linux tells it in /proc.

use std::{fs, time::Duration};

use anyhow::{Context, Result};

/// Linux counts in hundredths of a second here, whatever the kernel's own clock is.
const TICK: Duration = Duration::from_millis(10);

/// What stands in `/proc/PID/stat`.
struct Stat {
    parent: u32,
    /// Of all its threads, those that have ended too.
    own: u32,
    /// Of children that have ended.
    reaped: u32,
}

impl Stat {
    fn read(process: impl std::fmt::Display) -> Result<Self> {
        let path = format!("/proc/{process}/stat");
        let text = fs::read_to_string(&path).with_context(|| {
            format!("{path} cannot be read: this needs Linux, and servers on the same machine")
        })?;
        Self::parse(&text).with_context(|| format!("{path} has not the form that Linux gives it: {text}"))
    }

    fn parse(text: &str) -> Option<Self> {
        // The name before it is in brackets, and can have spaces and brackets in it.
        let fields: Vec<_> = text.rsplit_once(')')?.1.split_whitespace().collect();
        let number = |index: usize| fields.get(index)?.parse::<u32>().ok();
        Some(Self { parent: number(1)?, own: number(11)? + number(12)?, reaped: number(13)? + number(14)? })
    }
}

/// The CPU time of a process so far.
pub(crate) fn of(process: u32) -> Result<Duration> {
    Ok(TICK * Stat::read(process)?.own)
}

/// The CPU time so far of this process.
pub(crate) fn of_myself() -> Result<Duration> {
    Ok(TICK * Stat::read("self")?.own)
}

/// The CPU time of the children of this process that have ended and been waited for.
pub(crate) fn of_ended_children() -> Result<Duration> {
    Ok(TICK * Stat::read("self")?.reaped)
}

/// The CPU time so far of a process and all its children, those that have ended too: of a PostgreSQL server, by its
/// postmaster.
pub(crate) fn of_family(process: u32) -> Result<Duration> {
    let root = Stat::read(process)?;
    let mut ticks = root.own + root.reaped;
    for entry in fs::read_dir("/proc")? {
        let name = entry?.file_name();
        let Some(id) = name.to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        // It may have ended meanwhile.
        let Ok(stat) = Stat::read(id) else { continue };
        if stat.parent == process {
            ticks += stat.own + stat.reaped;
        }
    }
    Ok(TICK * ticks)
}

/// The process that has started this one.
pub(crate) fn parent_of(process: u32) -> Result<u32> {
    Ok(Stat::read(process)?.parent)
}

/// The memory that a process has now, in bytes.
pub(crate) fn memory_of(process: u32) -> Result<u64> {
    let path = format!("/proc/{process}/status");
    let text = fs::read_to_string(&path).with_context(|| format!("{path} cannot be read"))?;
    let kib = text
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    Ok(kib.with_context(|| format!("{path} has no VmRSS"))? * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_brackets_and_spaces_does_not_shift_the_fields() {
        let text = "42 (a) b (c) S 7 42 42 0 -1 4194560 1 2 3 4 100 20 300 4 20 0 1 0 5";
        let stat = Stat::parse(text).unwrap();
        assert_eq!((stat.parent, stat.own, stat.reaped), (7, 120, 304));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_is_found() {
        assert_eq!(parent_of(std::process::id()).unwrap(), std::os::unix::process::parent_id());
        assert!(memory_of(std::process::id()).unwrap() > 100_000);
    }
}
