//! `roster worker`: a process that sends the emails. Any number of them share the work.

use roster_entity::Clock;

use super::stop_signal;
use crate::{
    app::Parts,
    config::{Config, Process},
};

pub(super) async fn run(config: Config) -> anyhow::Result<()> {
    config.check(Process::Worker)?;
    let parts = Parts::connect(config, Clock::system()).await?;
    parts.database.require_schema().await?;
    let courier = parts.courier()?;
    let stop = stop_signal();
    tracing::info!("working");
    roster_worker::run(courier, parts.queue.clone(), stop).await;
    Ok(())
}
