//! From starting `roster serve` on an existing database to its first answer.

use std::{net::SocketAddr, path::Path, time::Duration};

use anyhow::{Result, bail};
use tokio::{
    process::Command,
    time::{Instant, sleep},
};

use crate::{
    http::{self, Connection},
    process::Process,
    site::Site,
    stats::Spread,
    table::{Table, say},
};

/// How often it is started.
const STARTS: usize = 10;
const PATIENCE: Duration = Duration::from_secs(30);

/// Measures, and prints.
pub(super) async fn print(site: &Site) -> Result<()> {
    say(&format!(
        "From starting `roster serve` to the first 200 from `/health`, {STARTS} times, the programs in memory:"
    ));
    let debug = site.options.debug_roster.clone();
    let debug = debug.or_else(|| Some(site.roster.parent()?.parent()?.join("debug/roster")));
    let mut table = Table::new(&["build", "ms"]);
    let mut add = async |build: &str, program: &Path| -> Result<()> {
        let mut times = Vec::new();
        for _ in 0..=STARTS {
            times.push(start(site, program).await?.as_secs_f64() * 1e3);
        }
        // The first one has to read the program.
        table.row([build.to_owned(), Spread::of(times.into_iter().skip(1)).to_string()]);
        Ok(())
    };
    add("the one that is measured", &site.roster).await?;
    match debug.filter(|program| program.is_file()) {
        Some(program) => add("debug", &program).await?,
        None => eprintln!("idle: there is no debug build to start: cargo build -p roster-api"),
    }
    table.print();
    Ok(())
}

async fn start(site: &Site, program: &Path) -> Result<Duration> {
    // A port that is free now: who waits for the log to tell one has waited too long.
    let address = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let settings = site.roster(&["serve"]);
    let mut command = Command::new(program);
    let variables = settings.as_std().get_envs().filter_map(|(name, value)| Some((name, value?)));
    command.args(["serve"]).current_dir(site.folder.path()).env_clear().envs(variables);
    command.env("ROSTER_HTTP__LISTEN", address.to_string());
    let start = Instant::now();
    let process = Process::start(command, "roster-start", site.folder.path())?;
    while !is_healthy(address).await {
        if start.elapsed() > PATIENCE {
            bail!("{} does not start:\n{}", program.display(), process.said());
        }
        sleep(Duration::from_millis(1)).await;
    }
    let time = start.elapsed();
    process.stop().await?;
    Ok(time)
}

async fn is_healthy(address: SocketAddr) -> bool {
    let ask = async {
        let mut connection = Connection::open(address).await?;
        let (status, _) = connection.exchange(&http::get("/health")).await?;
        anyhow::Ok(status == 200)
    };
    ask.await.unwrap_or(false)
}
