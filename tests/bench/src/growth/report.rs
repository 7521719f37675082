//! The table of growth.

use super::{REMOVALS, Step, rounds};
use crate::{
    meter::Sample,
    site::Site,
    stats::{Figure, Spread},
    table::{Table, heading, say},
};

/// Prints the steps, of which so many after each other are of all sizes.
pub(super) fn print(site: &Site, steps: &[Step<'_>], sizes: usize) {
    heading("Growth");
    say(&format!(
        "The first page of 50 members with user, role and groups ({:?} each), and single removals, all in one organization ({REMOVALS} \
         each); {} connections to PostgreSQL for each API process; medians of {} rounds. CPU is that of the API and PostgreSQL, and × what it is \
         in the smallest organization, measured just before.",
        site.options.duration(),
        site.options.database_connections,
        rounds(site),
    ));
    let mut table = Table::new(&[
        "API processes",
        "connections",
        "members",
        "pages/s",
        "p50 ms",
        "p99 ms",
        "CPU µs a page",
        "×",
        "removals/s",
        "p50 ms",
        "p99 ms",
        "CPU µs a removal",
        "×",
    ]);
    for of_all_sizes in steps.chunks(sizes) {
        let smallest = &of_all_sizes[0];
        for step in of_all_sizes {
            let Step { processes, connections, block, pages, removals } = step;
            let cells = [processes.to_string(), connections.to_string(), block.size().to_string()];
            let pages = figures(pages, &smallest.pages);
            let removals = figures(removals, &smallest.removals);
            table.row(cells.into_iter().chain(pages).chain(removals));
        }
    }
    table.print();
}

fn figures(samples: &[Sample], smallest: &[Sample]) -> [String; 5] {
    fn cpu(sample: &Sample) -> f64 {
        sample.server + sample.postgres
    }
    let median =
        |figure: fn(&Sample) -> f64| Figure(Spread::of(samples.iter().map(figure)).median).to_string();
    let ratio =
        Spread::of(samples.iter().zip(smallest).map(|(sample, smallest)| cpu(sample) / cpu(smallest)));
    [
        median(|sample| sample.rate),
        median(|sample| sample.p50),
        median(|sample| sample.p99),
        median(cpu),
        ratio.to_string(),
    ]
}
