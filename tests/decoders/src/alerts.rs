//! Alerts of others: what holds whatever comes.

use receive::Redactor;
use receive::alertmanager::{MAX_ALERTS, MAX_LABELS, MAX_NOTES, alertmanager as read};

const NOW: i64 = 1_795_246_176_000_000_000;

/// Alertmanager: nothing is unbounded, times are in order, and reading it twice tells the same.
pub fn alertmanager(data: &[u8]) {
    let told = read(data, "default", &Redactor::none(), NOW);
    assert_eq!(read(data, "default", &Redactor::none(), NOW), told);
    let told = match told {
        Ok(told) => told,
        Err(error) => {
            assert!((400..500).contains(&error.http_status()) && !error.to_string().is_empty());
            return;
        }
    };
    assert!(told.notes.len() <= MAX_NOTES && told.firing.len() + told.ended.len() <= MAX_ALERTS);
    for alert in told.firing.iter().chain(&told.ended) {
        assert!(!alert.id.is_empty() && !alert.title.is_empty() && alert.key.len() <= MAX_LABELS, "{alert:?}");
        assert!(alert.first > 0 && alert.first <= alert.last, "{alert:?}");
        assert!(alert.last <= NOW + model::limits::MAX_AHEAD_NANOS, "{alert:?}");
        assert!(alert.entity.as_ref().is_none_or(|entity| entity.check().is_ok()), "{alert:?}");
    }
}
