//! Changes: removals one by one, spread over many organizations and all in one; invitations; and removals as a list. Beside
//! Roster, by turns: pgbench with Roster's own statements, or for the list with statements that were written by hand.

mod list;
mod report;
mod single;
mod traces;

use anyhow::Result;

use self::{list::List, single::Single};
use crate::{
    meter::Sample,
    options::Options,
    roster::{QUEUE, Server},
    seed::{self, Block, Seeds},
    site::Site,
    statements::{Witness, options_of_connections},
};

/// How many organizations the changes are spread over.
const ORGANIZATIONS: u64 = 100;

/// Where changes are made.
pub(crate) struct Blocks {
    spread: Block,
    one: Block,
    list: Block,
}

/// How many changes one run makes.
#[derive(Clone, Copy)]
struct Sizes {
    spread: u64,
    one: u64,
    invitations: u64,
    lists: u64,
    /// Members of each list.
    list: u64,
}

impl Sizes {
    fn of(options: &Options) -> Self {
        match options.quick {
            true => Self { spread: 800, one: 400, invitations: 400, lists: 3, list: 100 },
            false => Self { spread: 3_000, one: 1_000, invitations: 1_000, lists: 3, list: 1_000 },
        }
    }
}

impl Blocks {
    /// Members enough for all rounds of both sides, to warm up, and for a look at the statements.
    pub(crate) fn plan(seeds: &mut Seeds, options: &Options) -> Self {
        let sizes = Sizes::of(options);
        let rounds = options.rounds() as u64;
        let warm_up = 2 * single::WARM_UP * u64::from(options.database_connections);
        let singles = |count: u64| (2 * rounds + 2) * (count + warm_up);
        let lists = 2 * rounds * (sizes.lists + 2) + 1;
        Self {
            spread: seeds.block(ORGANIZATIONS, singles(sizes.spread).div_ceil(ORGANIZATIONS)),
            one: seeds.block(1, singles(sizes.one)),
            list: seeds.block(1, lists * sizes.list),
        }
    }

    /// Puts them into the database.
    pub(crate) async fn insert(&self, site: &Site) -> Result<()> {
        for block in [&self.spread, &self.one, &self.list] {
            seed::insert(&site.db, block).await?;
        }
        Ok(())
    }
}

/// What was measured of a kind of change.
#[derive(Default)]
struct Figures {
    roster: Vec<Sample>,
    limit: Vec<Sample>,
}

/// What changes are made with.
struct Tools<'a> {
    site: &'a Site,
    roster: Server,
    token: &'a str,
    /// Of Roster's connections to PostgreSQL.
    options: String,
}

/// Measures, and prints.
pub(crate) async fn run(site: &Site, blocks: &Blocks, token: &str) -> Result<()> {
    let sizes = Sizes::of(&site.options);
    let options = options_of_connections(site, token).await?;
    let tools = Tools { site, roster: site.serve(token).await?, token, options };
    let witness = Witness::start(site, token).await?;
    let mut singles = [
        Single::removals("removal, in 100 organizations", &blocks.spread, sizes.spread),
        Single::removals("removal, all in one organization", &blocks.one, sizes.one),
        Single::invitations("invitation, in 100 organizations", &blocks.spread, sizes.invitations),
    ];
    for single in &mut singles {
        single.look_at(&tools, &witness).await?;
    }
    let mut list = List::new(&blocks.list, sizes.lists, sizes.list);
    list.look_at(&tools, &witness).await?;
    witness.stop().await?;

    eprintln!("writes: warming up");
    for single in &mut singles {
        single.roster(&tools).await?;
    }
    for round in 1..=site.options.rounds() {
        for single in &mut singles {
            eprintln!("writes: round {round}, {}", single.name);
            let (roster, limit) = (single.roster(&tools).await?, single.pgbench(&tools).await?);
            single.figures.roster.push(roster);
            single.figures.limit.push(limit);
        }
        eprintln!("writes: round {round}, lists");
        let (roster, limit) = (list.roster(&tools).await?, list.by_hand(&tools).await?);
        list.figures.roster.push(roster);
        list.figures.limit.push(limit);
    }
    report::print(&tools, &singles, &list)?;
    tools.roster.process.stop().await
}

/// Leaves nothing in the queue from before: a full one takes no time.
async fn empty_queue(site: &Site) -> Result<()> {
    let mut redis = redis::Client::open(site.redis.as_str())?.get_multiplexed_async_connection().await?;
    Ok(redis::cmd("DEL").arg(QUEUE).query_async(&mut redis).await?)
}
