//! The tables of changes.

use anyhow::Result;

use super::{Figures, Tools, list::List, single::Single};
use crate::{
    meter::{Sample, ratio, spread},
    stats::Figure,
    table::{Table, heading, say},
};

pub(super) fn print(tools: &Tools<'_>, singles: &[Single], list: &List) -> Result<()> {
    let options = &tools.site.options;
    heading("Changes");
    say(&format!(
        "{} connections, lists over one; {} to PostgreSQL for each contestant; {} rounds, by turns; medians (least..most). \
         pgbench sends Roster's own statements, for lists one that was written by hand. BEGIN and COMMIT count as statements. \
         Memory of `roster serve` afterwards: {} MB.",
        options.connections,
        options.database_connections,
        options.rounds(),
        Figure(tools.roster.memory()? as f64 / 1e6),
    ));
    let list_name = format!("list of {} removals", list.size);
    let changes = || {
        let singles = singles.iter().map(|single| (single.name, &single.figures, single.statements.len()));
        singles.chain([(list_name.as_str(), &list.figures, list.statements)])
    };
    let mut table = Table::new(&[
        "change",
        "",
        "a second",
        "p50 ms",
        "p99 ms",
        "its CPU µs",
        "PostgreSQL CPU µs",
        "statements",
    ]);
    for (name, figures, statements) in changes() {
        let by_hand = name == list_name;
        let contestants = [
            (name, "Roster", &figures.roster, statements),
            ("", "pgbench", &figures.limit, if by_hand { 4 } else { statements }),
        ];
        for (name, who, samples, statements) in contestants {
            let median = |figure: fn(&Sample) -> f64| Figure(spread(samples, figure).median).to_string();
            table.row([
                name.to_owned(),
                who.to_owned(),
                spread(samples, |sample| sample.rate).to_string(),
                median(|sample| sample.p50),
                median(|sample| sample.p99),
                median(|sample| sample.server),
                median(|sample| sample.postgres),
                statements.to_string(),
            ]);
        }
    }
    table.print();
    say(
        "Against the limits, in the same rounds. CPU is that of Roster and PostgreSQL against pgbench and PostgreSQL:",
    );
    let mut table =
        Table::new(&["change", "a second, of pgbench's", "CPU, × pgbench's", "of which PostgreSQL's"]);
    for (name, Figures { roster, limit }, _) in changes() {
        table.row([
            name.to_owned(),
            ratio(roster, limit, |sample| sample.rate).to_string(),
            ratio(roster, limit, Sample::total).to_string(),
            ratio(roster, limit, |sample| sample.postgres).to_string(),
        ]);
    }
    table.print();
    Ok(())
}
