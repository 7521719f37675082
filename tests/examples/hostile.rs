//! What hostile requests cost: the CPU time of this process for each kind, worst first.
//!
//! ```sh
//! cargo run --release -p roster-tests --example hostile
//! ```

use std::time::Duration;

use cpu_time::ProcessTime;
use roster_tests::{Door, hostile};

/// How often each is sent: the least of the times counts, as everything else is noise.
const TIMES: usize = 5;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let door = Door::open().await;
    let mut rows = Vec::new();
    for kind in hostile::kinds() {
        for (form, body) in [
            ("one", hostile::Kind::at_most as fn(&hostile::Kind, usize) -> Vec<u8>),
            ("batch", hostile::Kind::batch),
        ] {
            let mut worst = (Duration::ZERO, 0, 0, 0);
            for size in hostile::SIZES {
                let body = body(&kind, size);
                let mut least = Duration::MAX;
                let mut answered = 0;
                for _ in 0..TIMES {
                    let body = body.clone();
                    let start = ProcessTime::now();
                    answered = door.post(body).await.body.len();
                    least = least.min(start.elapsed());
                    // Once is enough to see that it is far too much.
                    if least > Duration::from_millis(500) {
                        break;
                    }
                }
                worst = worst.max((least, size, body.len(), answered));
                if least > Duration::from_secs(3) {
                    break;
                }
            }
            rows.push((worst, form, kind.name));
        }
    }
    rows.sort_by(|a, b| b.cmp(a));
    println!("{:>9}  {:>6}  {:>9}  {:>9}  kind", "CPU ms", "size", "request", "answer");
    for ((time, size, request, answer), form, name) in rows {
        println!("{:>9.2}  {size:>6}  {request:>9}  {answer:>9}  {form}: {name}", time.as_secs_f64() * 1e3);
    }
}
