//! How much there is to fear from something: what its alerts say, less as time goes by.

use model::{Level, Nanos};

/// What an alert of a level counts. A critical one alone, or a high one and a medium one, are worth an incident; so are
/// ten low ones of different rules.
pub fn weight(level: Level) -> f64 {
    match level {
        Level::Informational => 1.0,
        Level::Low => 5.0,
        Level::Medium => 15.0,
        Level::High => 40.0,
        Level::Critical => 80.0,
    }
}

/// An alert's part: it halves with each half-life, and what repeats counts more, at most twice.
pub fn part(level: Level, firings: u64, last: Nanos, now: Nanos, half_life: Nanos) -> f64 {
    let age = now.saturating_sub(last).max(0) as f64;
    let repeated = (1.0 + (firings.max(1) as f64).log2() / 10.0).min(2.0);
    weight(level) * repeated * 0.5f64.powf(age / half_life.max(1) as f64)
}

/// The risk of several alerts together: level, how often it fired, when last.
pub fn risk(alerts: impl IntoIterator<Item = (Level, u64, Nanos)>, now: Nanos, half_life: Nanos) -> f64 {
    alerts.into_iter().map(|(level, firings, last)| part(level, firings, last, now, half_life)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::{HOUR, MINUTE};
    use proptest::prelude::*;

    #[test]
    fn small_signals_add_up_and_fade() {
        let ten = || (0..10).map(|_| (Level::Low, 1, 0));
        assert!(risk(ten(), MINUTE, 6 * HOUR) > 49.0);
        assert!((risk(ten(), 6 * HOUR, 6 * HOUR) - 25.0).abs() < 1e-9);
        assert!(risk([(Level::Low, 1_000_000, 0)], 0, HOUR) <= 10.0, "one that repeats stays a small one");
        assert!(risk([(Level::Critical, 1, 0)], 0, HOUR) >= 50.0);
    }

    proptest! {
        #[test]
        fn more_and_later_is_never_less(firings in 1u64..1 << 40, more in 0u64..1 << 20, age in 0i64..1 << 50) {
            let at = |firings, age: i64| part(Level::High, firings, -age, 0, HOUR);
            prop_assert!(at(firings + more, age) >= at(firings, age));
            prop_assert!(at(firings, age) >= at(firings, age + 1_000_000_000));
            prop_assert!(at(firings, age).is_finite());
        }
    }
}
