//! How long to wait before the next attempt: 30 seconds, then twice as long each time, at most six hours. The default
//! of 16 attempts spans a day and a half.

use chrono::TimeDelta;

const FIRST_SECONDS: i64 = 30;
const LONGEST_SECONDS: i64 = 6 * 60 * 60;

/// The pause after the given number of attempts.
pub(super) fn backoff(attempts: u32) -> TimeDelta {
    let doublings = attempts.saturating_sub(1).min(30);
    TimeDelta::seconds(LONGEST_SECONDS.min(FIRST_SECONDS << doublings))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_six_hours() {
        let seconds = |attempts| backoff(attempts).num_seconds();
        assert_eq!([1, 2, 3, 4].map(seconds), [30, 60, 120, 240]);
        assert_eq!([10, 11, 16, u32::MAX].map(seconds), [15_360, 21_600, 21_600, 21_600]);
    }

    #[test]
    fn sixteen_attempts_span_a_day_and_a_half() {
        let span: TimeDelta = (1..16).map(backoff).sum();
        assert_eq!(span.num_hours(), 38);
    }
}
