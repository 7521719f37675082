//! How long to wait before the next attempt: at first as the settings say, then twice as long each time, at most six hours.
//! The default, 30 seconds and 16 attempts, spans a day and a half.

use chrono::TimeDelta;

const LONGEST_SECONDS: i64 = 6 * 60 * 60;

/// The pause after the given number of attempts.
pub(crate) fn backoff(first_seconds: u32, attempts: u32) -> TimeDelta {
    let doublings = attempts.saturating_sub(1).min(30);
    TimeDelta::seconds(LONGEST_SECONDS.min(i64::from(first_seconds) << doublings))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_six_hours() {
        let seconds = |attempts| backoff(30, attempts).num_seconds();
        assert_eq!([1, 2, 3, 4].map(seconds), [30, 60, 120, 240]);
        assert_eq!([10, 11, 16, u32::MAX].map(seconds), [15_360, 21_600, 21_600, 21_600]);
        assert_eq!(backoff(u32::MAX, u32::MAX).num_seconds(), 21_600);
    }

    #[test]
    fn sixteen_attempts_span_a_day_and_a_half() {
        let span: TimeDelta = (1..16).map(|attempts| backoff(30, attempts)).sum();
        assert_eq!(span.num_hours(), 38);
    }
}
