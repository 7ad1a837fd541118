//! Calendar months in UTC.

use model::Nanos;

const DAY: Nanos = 86_400_000_000_000;

/// The months that are reported.
pub(super) struct Calendar {
    /// The first moment of each, within what is reported, and of the one after the last.
    starts: Vec<Nanos>,
    names: Vec<String>,
}

impl Calendar {
    /// The months between two moments; the newest `most` when there are more.
    pub(super) fn new(from: Nanos, until: Nanos, most: usize) -> Calendar {
        let mut calendar = Calendar { starts: vec![until], names: Vec::new() };
        if from >= until {
            return calendar;
        }
        let mut month = month_of(until - 1);
        while calendar.names.len() < most {
            let start = start_of(month);
            calendar.starts.push(start.max(from));
            calendar.names.push(format!("{:04}-{:02}", month.div_euclid(12), month.rem_euclid(12) + 1));
            if start <= from {
                break;
            }
            month -= 1;
        }
        calendar.starts.reverse();
        calendar.names.reverse();
        calendar
    }

    pub(super) fn len(&self) -> usize {
        self.names.len()
    }

    pub(super) fn name(&self, index: usize) -> String {
        self.names.get(index).cloned().unwrap_or_default()
    }

    /// Days that are reported of a month; one that has begun counts.
    pub(super) fn days(&self, index: usize) -> u32 {
        match (self.starts.get(index), self.starts.get(index + 1)) {
            (Some(start), Some(end)) => u32::try_from((end - start + DAY - 1) / DAY).unwrap_or(0),
            _ => 0,
        }
    }

    /// The month of a moment.
    pub(super) fn index(&self, at: Nanos) -> Option<usize> {
        let after = self.starts.partition_point(|start| *start <= at);
        after.checked_sub(1).filter(|index| *index < self.len())
    }
}

/// Months since the year 0 in which a moment lies.
fn month_of(at: Nanos) -> i64 {
    // Years of March to February, of which the leap day is the last.
    let days = at.div_euclid(DAY) + 719_468;
    let era = days.div_euclid(146_097);
    let day = days.rem_euclid(146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day_of_year + 2) / 153;
    (era * 400 + year) * 12 + month + 2
}

/// The first moment of a month.
fn start_of(month: i64) -> Nanos {
    let from_march = month - 2;
    let (year, month) = (from_march.div_euclid(12), from_march.rem_euclid(12));
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day = (153 * month + 2) / 5 + of_era * 365 + of_era / 4 - of_era / 100;
    (era * 146_097 + day - 719_468).saturating_mul(DAY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_begin_where_the_calendar_says() {
        // 2024-02-29T12:00 to 2024-05-02T00:00.
        let calendar = Calendar::new(19_782 * DAY + DAY / 2, 19_845 * DAY, 100);
        assert_eq!(calendar.names, ["2024-02", "2024-03", "2024-04", "2024-05"]);
        assert_eq!((0..4).map(|index| calendar.days(index)).collect::<Vec<_>>(), [1, 31, 30, 1]);
        assert_eq!(calendar.index(19_782 * DAY), None);
        assert_eq!(calendar.index(19_783 * DAY - 1), Some(0));
        assert_eq!(calendar.index(19_783 * DAY), Some(1));
        assert_eq!(calendar.index(19_845 * DAY), None);
        assert_eq!(Calendar::new(5, 5, 9).len(), 0);
        let newest = Calendar::new(0, 19_845 * DAY, 2);
        assert_eq!((newest.names[0].as_str(), newest.index(0)), ("2024-04", None));
    }

    #[test]
    fn every_day_is_in_the_month_that_it_begins_in() {
        for day in -100_000..100_000 {
            let (month, at) = (month_of(day * DAY), day * DAY);
            assert!(start_of(month) <= at && at < start_of(month + 1), "{day}");
        }
        assert_eq!(start_of(1970 * 12), 0);
        assert!(Calendar::new(i64::MIN, i64::MAX, 12).len() == 12);
    }
}
