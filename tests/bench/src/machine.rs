//! On what was measured, in one line.

use std::{fs, process::Stdio};

use anyhow::Result;
use sea_orm::sqlx;
use tokio::process::Command;

use crate::site::Site;

/// The settings of PostgreSQL that decide what a change costs.
const SETTINGS: [&str; 6] =
    ["shared_buffers", "fsync", "synchronous_commit", "full_page_writes", "autovacuum", "max_wal_size"];

/// What has made the figures.
pub(crate) fn command() -> String {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    match arguments.is_empty() {
        true => "`make bench`".to_owned(),
        false => format!("`make bench ARGS=\"{}\"`", arguments.join(" ")),
    }
}

/// The machine, the servers and the commit.
pub(crate) async fn line(site: &Site) -> Result<String> {
    let cores = std::thread::available_parallelism()?;
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model =
        info.lines().find_map(|line| Some(line.strip_prefix("model name")?.split_once(':')?.1.trim()));
    let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let kib = memory
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:")?.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    let system = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let postgres = site.postgres_setting("server_version").await?;
    let mut settings = Vec::new();
    for name in SETTINGS {
        settings.push(format!("{name}={}", site.postgres_setting(name).await?));
    }
    Ok(format!(
        "{cores} cores ({}), {:.0} GB of memory, Linux {}; PostgreSQL {} ({}); Redis {}; commit {}.",
        model.unwrap_or("of a kind that Linux does not tell"),
        kib.unwrap_or_default() as f64 / 1e6,
        system.trim(),
        postgres.split(' ').next().unwrap_or_default(),
        settings.join(" "),
        redis_version(site).await?,
        commit().await,
    ))
}

async fn redis_version(site: &Site) -> Result<String> {
    let mut redis = redis::Client::open(site.redis.as_str())?.get_multiplexed_async_connection().await?;
    let info: String = redis::cmd("INFO").arg("server").query_async(&mut redis).await?;
    let version = info.lines().find_map(|line| line.strip_prefix("redis_version:"));
    Ok(version.unwrap_or("of an unknown version").trim().to_owned())
}

/// The commit that is checked out, which `make bench` has built, and whether something was changed since.
async fn commit() -> String {
    let mut git = Command::new("git");
    git.args(["describe", "--always", "--dirty", "--abbrev=10", "--exclude=*"]);
    match git.stdin(Stdio::null()).stderr(Stdio::null()).output().await {
        Ok(output) if output.status.success() => String::from_utf8_lossy(&output.stdout).trim().to_owned(),
        _ => "unknown".to_owned(),
    }
}

/// How large the database is.
pub(crate) async fn database_size(site: &Site) -> Result<String> {
    Ok(sqlx::query_scalar("SELECT pg_size_pretty(pg_database_size(current_database()))")
        .fetch_one(&site.db)
        .await?)
}
