//! The tables of pages.

use super::{Figures, case::Look};
use crate::{
    meter::{Sample, ratio, spread},
    site::Site,
    stats::Figure,
    table::{Table, heading, say},
};

pub(super) fn print(site: &Site, figures: &[Figures], connection_options: &str) {
    let options = &site.options;
    heading("Pages of 50 members, with user, role and groups");
    say(&format!(
        "{} connections; {} to PostgreSQL for each contestant; {} rounds of {:?} each, by turns; medians (least..most). \
         Roster's connections to PostgreSQL, and pgbench's: `{connection_options}`.",
        options.connections,
        options.database_connections,
        options.rounds(),
        options.duration()
    ));
    absolute(figures);
    say(
        "Against the limits, in the same rounds. CPU is that of all processes together but the load generator:",
    );
    ratios(figures);
    say("Flat: what it costs, against the first page of the smallest organization, in the same rounds:");
    flat(figures);
}

fn absolute(figures: &[Figures]) {
    let mut table = Table::new(&[
        "members",
        "page",
        "",
        "requests/s",
        "p50 ms",
        "p99 ms",
        "its CPU µs",
        "PostgreSQL CPU µs",
        "statements",
        "memory MB",
        "load generator CPU µs",
    ]);
    for Figures { case, roster, minimal, pgbench, memory } in figures {
        let page = match case.look {
            Look::Deep => format!("{} pages deep", case.depth),
            look => look.name().to_owned(),
        };
        let contestants = [("Roster", roster), ("minimal handler", minimal), ("pgbench", pgbench)];
        for (index, (name, samples)) in contestants.into_iter().enumerate() {
            let [members, page] = match index {
                0 => [case.members.to_string(), page.clone()],
                _ => Default::default(),
            };
            let (statements, memory) = match name {
                "Roster" => (case.statements.to_string(), Figure(*memory as f64 / 1e6).to_string()),
                "minimal handler" => ("1".to_owned(), String::new()),
                _ => (case.statements.to_string(), String::new()),
            };
            let median = |figure: fn(&Sample) -> f64| Figure(spread(samples, figure).median).to_string();
            table.row([
                members,
                page,
                name.to_owned(),
                spread(samples, |sample| sample.rate).to_string(),
                median(|sample| sample.p50),
                median(|sample| sample.p99),
                median(|sample| sample.server),
                median(|sample| sample.postgres),
                statements,
                memory,
                median(|sample| sample.load),
            ]);
        }
    }
    table.print();
}

fn ratios(figures: &[Figures]) {
    let mut table = Table::new(&[
        "members",
        "page",
        "requests/s, of the minimal handler's",
        "CPU, × the minimal handler's",
        "CPU, × pgbench's",
    ]);
    for Figures { case, roster, minimal, pgbench, .. } in figures {
        table.row([
            case.members.to_string(),
            case.look.name().to_owned(),
            ratio(roster, minimal, |sample| sample.rate).to_string(),
            ratio(roster, minimal, Sample::total).to_string(),
            ratio(roster, pgbench, Sample::total).to_string(),
        ]);
    }
    table.print();
}

fn flat(figures: &[Figures]) {
    let Some(first) = figures.first() else { return };
    let mut table = Table::new(&["members", "page", "CPU", "of which PostgreSQL's", "p50", "time a request"]);
    for Figures { case, roster, .. } in figures {
        let against = |figure: fn(&Sample) -> f64| ratio(roster, &first.roster, figure).to_string();
        table.row([
            case.members.to_string(),
            case.look.name().to_owned(),
            against(Sample::total),
            against(|sample| sample.postgres),
            against(|sample| sample.p50),
            against(|sample| 1.0 / sample.rate),
        ]);
    }
    table.print();
}
