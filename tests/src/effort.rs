//! How much a test of chance does: little in `make test`, always the same; a lot in `make soak`, each time something else.

use std::sync::OnceLock;

use fastrand::Rng;

/// What the tests of chance were asked to do.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    is_long: bool,
    /// What chance is drawn from. The same seed draws the same.
    pub seed: u64,
}

/// The seed of the short form, so that it fails for a change and never for bad luck.
const SHORT_SEED: u64 = 4;

impl Effort {
    /// What the environment asks for: `ROSTER_SOAK=1` for the long form, `ROSTER_SEED=…` for this seed. `make soak` sets both.
    pub fn get() -> Self {
        static EFFORT: OnceLock<Effort> = OnceLock::new();
        *EFFORT.get_or_init(|| {
            let is_long = variable("ROSTER_SOAK").is_some_and(|value| value != "0");
            let seed = match variable("ROSTER_SEED") {
                Some(seed) => seed.parse().expect("ROSTER_SEED should be a number"),
                None if is_long => fastrand::u64(..),
                None => SHORT_SEED,
            };
            // libtest shows it when the test fails, and with --nocapture.
            println!("seed {seed}");
            Self { is_long, seed }
        })
    }

    /// How many rounds, rows or cases: `short`, or `long` in `make soak`.
    pub fn of(self, short: usize, long: usize) -> usize {
        if self.is_long { long } else { short }
    }

    /// Chance of a test's own, so that the draws of one test do not depend on the others.
    pub fn chance(self, test: &str) -> Rng {
        let name =
            test.bytes().fold(self.seed, |all, byte| all.wrapping_mul(0x100_0000_01b3) ^ u64::from(byte));
        Rng::with_seed(name)
    }
}

#[expect(clippy::disallowed_methods, reason = "no setting of Roster is read")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
