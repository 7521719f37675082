//! How PostgreSQL does what it is asked: the plans of statements as they were carried out, with how many rows they have read. Its module
//! `auto_explain` tells the client, and they are heard on their way.

use std::collections::BTreeMap;

use secrecy::ExposeSecret;
use serde_json::Value;

use crate::{On, Roster, Statements};

/// What a session is started with. The plan that counts is the one that is made once for all values.
const OPTIONS: [(&str, &str); 7] = [
    ("session_preload_libraries", "auto_explain"),
    ("auto_explain.log_min_duration", "0"),
    ("auto_explain.log_level", "notice"),
    ("auto_explain.log_analyze", "on"),
    ("auto_explain.log_timing", "off"),
    ("auto_explain.log_format", "json"),
    ("plan_cache_mode", "force_generic_plan"),
];

/// So many rows for each that is returned or changed may be read of a table…
const READ_FOR_ONE: f64 = 3.0;
/// …and so many beside: who calls, their groups, rows that happen to lie together.
const READ_BESIDE: f64 = 20.0;
/// A table with so many rows is not read from one end to the other.
const LARGE: f64 = 1_000.0;

/// The plans of what a Roster asks its database.
pub struct Plans {
    statements: Statements,
}

impl Roster {
    /// A Roster on PostgreSQL, whose plans can be seen.
    pub async fn watching_plans() -> (Self, Plans) {
        let mut statements = Statements::default();
        let roster = Self::start_with(On::Postgres, |config| {
            let (mut url, seen) = Statements::on_the_way_to(config.database.url.expose_secret());
            for (name, value) in OPTIONS {
                url += &format!("&options[{name}]={value}");
            }
            (config.database.url, statements) = (url.into(), seen);
        })
        .await;
        (roster, Plans { statements })
    }

    /// The same Roster through an API over one connection, for which PostgreSQL chooses between the plan for all values and one for
    /// each call, as it does in production: by what it has seen on that connection.
    pub async fn choosing_plans(&self) -> Self {
        self.another_api(|config| {
            let url = config.database.url.expose_secret().replace("force_generic_plan", "auto");
            (config.database.url, config.database.connections) = (url.into(), 1);
        })
        .await
    }
}

impl Plans {
    /// Forgets what was asked so far: a test prepares what it looks at.
    pub fn forget(&self) {
        self.statements.take_notices();
    }

    /// What is not good about the plans since then, in sentences. There must be some.
    pub fn problems(&self, what: &str) -> Vec<String> {
        let notices = self.statements.take_notices();
        let plans: Vec<Value> = notices.iter().filter_map(|notice| plan(notice)).collect();
        assert!(!plans.is_empty(), "{what} has asked the database nothing");
        plans.iter().flat_map(problems).map(|problem| format!("{what}: {problem}")).collect()
    }
}

/// `duration: 0.042 ms  plan:` and the plan.
fn plan(notice: &str) -> Option<Value> {
    let (_, json) = notice.split_once("plan:\n")?;
    Some(serde_json::from_str(json).expect("auto_explain writes JSON"))
}

/// What was read of one table.
#[derive(Default)]
struct Read {
    rows: f64,
    from_one_end: bool,
}

/// What was done for one answer, in rows.
#[derive(Default)]
struct Work<'a> {
    /// By table.
    read: BTreeMap<&'a str, Read>,
    changed: f64,
    sorted: f64,
    /// Of which an aggregate has made fewer.
    gathered: f64,
}

fn problems(plan: &Value) -> Vec<String> {
    let mut work = Work::default();
    work.add(&plan["Plan"]);
    let text = plan["Query Text"].as_str().unwrap_or_default();
    // What stands in arrays is answered, too.
    let gathered = if text.contains("ARRAY_AGG") { work.gathered } else { 0.0 };
    let answered = rows(&plan["Plan"]) + work.changed + gathered;
    let most = READ_FOR_ONE * answered + READ_BESIDE;
    let reading = |(table, read): (&&str, &Read)| {
        if read.from_one_end && read.rows > LARGE {
            Some(format!("reads all of {table}, {} rows", read.rows))
        } else if read.rows > most {
            Some(format!("reads {} rows of {table} for {answered}", read.rows))
        } else {
            None
        }
    };
    let sorting = (work.sorted > most).then(|| format!("sorts {} rows for {answered}", work.sorted));
    work.read
        .iter()
        .filter_map(reading)
        .chain(sorting)
        .map(|problem| format!("{problem}, in\n    {text}"))
        .collect()
}

impl<'a> Work<'a> {
    /// Adds what a node and those below it have done.
    fn add(&mut self, node: &'a Value) {
        let below = || node["Plans"].as_array().into_iter().flatten();
        if node["Node Type"] == "ModifyTable" {
            self.changed += below().map(rows).sum::<f64>();
        } else if let Some(table) = node["Relation Name"].as_str() {
            let left_out = ["Rows Removed by Filter", "Rows Removed by Index Recheck"];
            let left_out: f64 = left_out.iter().filter_map(|what| node[what].as_f64()).sum();
            let table = self.read.entry(table).or_default();
            table.rows += rows(node) + left_out * node["Actual Loops"].as_f64().unwrap_or(1.0);
            table.from_one_end |= node["Node Type"] == "Seq Scan";
        } else {
            let given = || below().map(rows).sum::<f64>();
            match node["Node Type"].as_str() {
                Some("Sort" | "Incremental Sort") => self.sorted += given(),
                Some("Aggregate") => self.gathered += given(),
                _ => {}
            }
        }
        below().for_each(|node| self.add(node));
    }
}

/// How many rows a node has given.
fn rows(node: &Value) -> f64 {
    let number = |what: &str| node[what].as_f64().unwrap_or_default();
    number("Actual Rows") * number("Actual Loops")
}
