//! `roster migrate`: brings the database to the schema of this version. Safe to run at every deployment, and in several
//! processes at once.

use crate::{
    config::{Config, Process},
    database::Database,
};

pub(super) async fn run(config: Config) -> anyhow::Result<()> {
    config.check(Process::Migrate)?;
    let database = Database::connect(&config.database).await?;
    match database.migrate().await? {
        0 => println!("The database is up to date."),
        1 => println!("The database was migrated (1 migration)."),
        n => println!("The database was migrated ({n} migrations)."),
    }
    Ok(())
}
