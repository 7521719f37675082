//! Where a run takes place: the servers, a database of its own, a folder for files, and the programs.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use sea_orm::sqlx::{self, AssertSqlSafe, PgPool, postgres::PgPoolOptions};
use tempfile::TempDir;

use crate::{cpu, options::Options};

/// The database that a run makes, and leaves to the end of the server.
const DATABASE: &str = "roster_bench";

/// Where a run takes place.
pub(crate) struct Site {
    pub(crate) options: Options,
    /// Connections to the run's database.
    pub(crate) db: PgPool,
    /// The address of the run's database.
    pub(crate) database: String,
    /// The process whose children are all of PostgreSQL.
    pub(crate) postmaster: u32,
    /// The file that PostgreSQL logs into.
    pub(crate) postgres_log: PathBuf,
    pub(crate) pgbench: PathBuf,
    pub(crate) redis: String,
    /// The `roster` that is measured.
    pub(crate) roster: PathBuf,
    /// For files. It goes when the run ends.
    pub(crate) folder: TempDir,
}

impl Site {
    /// Finds everything, and makes the database. What is missing is named.
    pub(crate) async fn open(options: Options) -> Result<Self> {
        let run_by = "is missing: `make bench` gives it, by tests/with-services";
        let server = options.postgres.clone().with_context(|| format!("--postgres {run_by}"))?;
        let postgres_log =
            options.postgres_log.clone().with_context(|| format!("--postgres-log {run_by}"))?;
        let programs = options.postgres_programs.clone();
        let pgbench = find_pgbench(&programs.with_context(|| format!("--postgres-programs {run_by}"))?)?;
        let redis = options.redis.clone().with_context(|| format!("--redis {run_by}"))?;
        let beside = std::env::current_exe()?.with_file_name("roster");
        let roster = options.roster.clone().unwrap_or(beside);
        ensure!(
            roster.is_file(),
            "{} is missing: cargo build --release --locked -p roster-api",
            roster.display()
        );

        let (db, database) = make_database(&server).await?;
        let backend: i32 = sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(&db).await?;
        let roster = roster.canonicalize()?;
        let postmaster = cpu::parent_of(backend.unsigned_abs())?;
        let folder = tempfile::tempdir()?;
        Ok(Self { options, db, database, postmaster, postgres_log, pgbench, redis, roster, folder })
    }

    /// A setting of PostgreSQL.
    pub(crate) async fn postgres_setting(&self, name: &str) -> Result<String> {
        Ok(sqlx::query_scalar("SELECT current_setting($1)").bind(name).fetch_one(&self.db).await?)
    }
}

/// It lies beside the server, also where that is a link: not on the PATH, where Debian has a script around it, which would
/// count.
fn find_pgbench(programs: &Path) -> Result<PathBuf> {
    let server = programs.join("postgres");
    let server = server.canonicalize().with_context(|| format!("{} is missing", server.display()))?;
    let pgbench = server.with_file_name("pgbench");
    ensure!(pgbench.is_file(), "{} is missing: it comes with PostgreSQL's server", pgbench.display());
    Ok(pgbench)
}

async fn make_database(server: &str) -> Result<(PgPool, String)> {
    let maintenance = PgPool::connect(server).await.context("PostgreSQL cannot be reached")?;
    for statement in [format!("DROP DATABASE IF EXISTS {DATABASE}"), format!("CREATE DATABASE {DATABASE}")] {
        sqlx::raw_sql(AssertSqlSafe(statement)).execute(&maintenance).await?;
    }
    let (address, _) = server.rsplit_once('/').context("--postgres has no database in it")?;
    let database = format!("{address}/{DATABASE}");
    // Two, so that something can be looked at while something else goes on.
    let db = PgPoolOptions::new().max_connections(2).connect(&database).await?;
    Ok((db, database))
}
