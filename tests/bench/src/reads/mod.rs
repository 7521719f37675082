//! Pages of members: the first, one ten thousand pages deep, and searches, in organizations of each size. Beside Roster, by
//! turns: the minimal handler, and pgbench with Roster's own statements.

mod case;
mod report;

use anyhow::{Context, Result};
use tokio::process::Command;

pub(crate) use self::case::first_page;
use self::case::{Case, Look};
use crate::{
    load::{self, Good, Requests},
    meter::{Meter, Sample},
    pgbench::{Until, Work},
    process::Process,
    roster::Server,
    seed::Seeds,
    site::Site,
    statements::{Witness, options_of_connections},
};

/// What was measured of a case.
struct Figures {
    case: Case,
    roster: Vec<Sample>,
    minimal: Vec<Sample>,
    pgbench: Vec<Sample>,
    /// Of `roster serve`, after its last round, in bytes.
    memory: u64,
}

/// What is measured.
struct Contest<'a> {
    site: &'a Site,
    roster: Server,
    minimal: Process,
    minimal_address: std::net::SocketAddr,
    /// Of Roster's connections to PostgreSQL.
    options: String,
}

/// Measures, and prints.
pub(crate) async fn run(site: &Site, seeds: &Seeds, token: &str) -> Result<()> {
    let contest = Contest::start(site, token).await?;
    eprintln!("reads: walking to the deep pages");
    let mut figures = contest.cases(seeds, token).await?;
    contest.warm_up(&figures).await?;
    for round in 1..=site.options.rounds() {
        for figures in &mut figures {
            eprintln!("reads: round {round}, {}", figures.case.title());
            figures.roster.push(contest.roster(&figures.case).await?);
            figures.memory = contest.roster.memory()?;
            figures.minimal.push(contest.minimal(&figures.case).await?);
            figures.pgbench.push(contest.pgbench(&figures.case).await?);
        }
    }
    report::print(site, &figures, &contest.options);
    contest.roster.process.stop().await?;
    contest.minimal.stop().await
}

impl<'a> Contest<'a> {
    async fn start(site: &'a Site, token: &str) -> Result<Self> {
        let options = options_of_connections(site, token).await?;
        let roster = site.serve(token).await?;
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["minimal", "--database", &site.database, "--connections"]);
        command.arg(site.options.database_connections.to_string());
        let mut minimal = Process::start(command, "minimal", site.folder.path())?;
        let minimal_address = minimal.says("address=").await?.parse()?;
        Ok(Self { site, roster, minimal, minimal_address, options })
    }

    /// The cases, each with what its answers must be: they were looked through once.
    async fn cases(&self, seeds: &Seeds, token: &str) -> Result<Vec<Figures>> {
        let witness = Witness::start(self.site, token).await?;
        let mut figures = Vec::new();
        for block in &seeds.sized {
            for look in Look::ALL {
                let case = Case::prepare(self, &witness, block, look, token).await;
                let case = case.with_context(|| format!("{}, {} members", look.name(), block.size()))?;
                let [roster, minimal, pgbench] = [Vec::new(), Vec::new(), Vec::new()];
                figures.push(Figures { case, roster, minimal, pgbench, memory: 0 });
            }
        }
        witness.stop().await?;
        Ok(figures)
    }

    /// Fills pools and caches.
    async fn warm_up(&self, figures: &[Figures]) -> Result<()> {
        eprintln!("reads: warming up");
        for Figures { case, .. } in figures {
            self.roster(case).await?;
            self.minimal(case).await?;
        }
        Ok(())
    }

    async fn roster(&self, case: &Case) -> Result<Sample> {
        self.http(self.roster.address, self.roster.process.id()?, &case.roster, case.roster_length).await
    }

    async fn minimal(&self, case: &Case) -> Result<Sample> {
        self.http(self.minimal_address, self.minimal.id()?, &case.minimal, case.minimal_length).await
    }

    async fn http(
        &self,
        address: std::net::SocketAddr,
        process: u32,
        request: &crate::http::Request,
        length: usize,
    ) -> Result<Sample> {
        let options = &self.site.options;
        let meter = Meter::start(&[process], self.site.postmaster)?;
        let requests = Requests::Same(request.clone(), options.duration());
        let answers = load::send(&[address], options.connections, requests, Good::Length(length)).await?;
        Ok(Sample::of_http(&answers, meter.used()?))
    }

    async fn pgbench(&self, case: &Case) -> Result<Sample> {
        let options = &self.site.options;
        let work = Work {
            script: &case.script,
            connections: options.database_connections.into(),
            warm_up: 10,
            until: Until::Time(options.duration()),
            options: &self.options,
        };
        work.measure(self.site).await
    }
}
