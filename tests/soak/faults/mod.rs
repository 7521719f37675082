//! A storm: while many clients remove and invite people, everything that Roster needs fails, one after the other. When it is
//! over, everything must add up.

mod books;
mod chaos;
mod clients;
mod equations;
mod errands;
mod told;
mod world;

use std::{
    io::Write,
    time::{Duration, Instant},
};

use roster_tests::Effort;

use self::{
    books::Books,
    chaos::Fault,
    clients::Clients,
    errands::{Size, errands},
    world::World,
};

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_in_a_storm_of_faults() {
    let (effort, start) = (Effort::get(), Instant::now());
    let mut chance = effort.chance("nothing is lost in a storm of faults");
    let size = Size {
        removals: effort.of(300, 2_000),
        invitations: effort.of(150, 1_000),
        refused_lists: effort.of(6, 40),
    };
    let mut world = World::start(&mut chance, size).await;
    println!("{:?}: everything runs", start.elapsed());
    let errands = errands(&mut chance, size, &world.acme);
    let faults = Fault::rounds(&mut chance, effort.of(1, 3));

    // Each fault has its share of the errands, and as much again is left for the end.
    let share = errands.len() / (faults.len() + 1);
    let mut clients = Clients::start(&world.front, errands);
    for fault in faults {
        clients.share(share);
        world.suffer(fault, &mut chance, &mut clients).await;
        clients.begin_all();
        clients.answered_but_for(share / 2).await;
        world.smtp.heal();
        println!("{:?}: {fault:?} is over", start.elapsed());
    }
    let told = clients.finish().await;
    println!("{:?}: all is answered", start.elapsed());
    world.drained(Duration::from_secs(effort.of(60, 300) as u64)).await;
    world.stop_workers().await;

    let books = Books::open(&world, told, start.elapsed()).await;
    // Not by println, which nobody hears when all is well.
    writeln!(std::io::stderr(), "the storm with seed {}:\n{books}", effort.seed).unwrap();
    println!("errors of the API processes:\n{}", world.errors());
    books.balance();
}
