//! Whether an advisory's ranges contain a version, exactly as OSV's specification evaluates them.

use super::order::{Order, Version};
use super::{Affected, Event, Range, RangeKind};
use std::cmp::Ordering;

/// What an advisory says of a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is not meant.
    Outside,
    /// It is meant, by what, and the first later versions that are not, if any are told.
    Inside {
        /// `versions` names it, or the range in words.
        because: String,
        /// Versions that fix it, from the lowest.
        fixed: Vec<String>,
    },
    /// It cannot be decided, and why.
    Undecided(String),
}

/// A version that is held against many advisories: it is read once.
pub struct Known<'v> {
    text: &'v str,
    order: Option<Order>,
    read: Option<Version>,
    numbers: (u64, u64),
}

impl<'v> Known<'v> {
    /// Reads a version by the order of its ecosystem, when that is known.
    pub fn new(text: &'v str, order: Option<Order>) -> Known<'v> {
        Known { text, order, read: order.and_then(|order| order.read(text)), numbers: first_numbers(text) }
    }
}

/// Decides. Ranges of commits are not matched; when there is nothing else, that is said.
pub fn decide(affected: &Affected, known: &Known<'_>) -> Verdict {
    let Known { text: version, order, read, numbers } = known;
    let own = order.zip(read.as_ref());
    let is_named = |named: &str| {
        let same =
            |(order, version): (Order, &Version)| order.read(named).is_some_and(|of| of.compare(version).is_eq());
        // Reading all of a long list would cost more than all else.
        first_numbers(named) == *numbers && own.is_some_and(same)
    };
    // Package URLs of Python have no upper case, and its versions mean the same in both; old ones have no order at all.
    let is_same = |named: &str| match order {
        Some(Order::Python) => named.eq_ignore_ascii_case(version),
        _ => named == *version,
    };
    // The first costs less, and mostly decides.
    if affected.versions.iter().any(is_same) || affected.versions.iter().any(is_named) {
        return inside(affected, own, "its version is named".to_owned());
    }
    let ranges = affected.ranges.iter().filter(|range| range.kind != RangeKind::Git);
    let mut undecided = None;
    let mut count = 0;
    for range in ranges {
        count += 1;
        let Some(order) = (if range.kind == RangeKind::Semver { Some(Order::Semver) } else { *order }) else {
            undecided = Some(format!("the order of versions of {} is not known here", affected.ecosystem));
            continue;
        };
        let other;
        let read = match own {
            Some((own, read)) if own == order => Some(read),
            _ => {
                other = order.read(version);
                other.as_ref()
            }
        };
        let Some(read) = read else {
            undecided = Some(format!("`{version}` is no version of {}", affected.ecosystem));
            continue;
        };
        match contains(range, read, order) {
            Some(true) => return inside(affected, Some((order, read)), in_words(range)),
            Some(false) => {}
            None => undecided = Some("the advisory's range names what is no version".to_owned()),
        }
    }
    match undecided {
        Some(reason) => Verdict::Undecided(reason),
        None if count == 0 && affected.versions.is_empty() && !affected.ranges.is_empty() => {
            Verdict::Undecided("the advisory only names commits (GIT), which are not matched".to_owned())
        }
        None => Verdict::Outside,
    }
}

/// The first two numbers of a version, which equal versions share.
fn first_numbers(version: &str) -> (u64, u64) {
    let mut numbers = version.trim_start_matches(['v', 'V']).splitn(3, '.').map(|part| {
        let digits = part.bytes().take_while(u8::is_ascii_digit);
        digits.fold(0_u64, |number, digit| number.wrapping_mul(10).wrapping_add(u64::from(digit - b'0')))
    });
    (numbers.next().unwrap_or_default(), numbers.next().unwrap_or_default())
}

/// Whether a range contains a version; none when an event is no version.
pub fn contains(range: &Range, version: &Version, order: Order) -> Option<bool> {
    let mut limits = range.events.iter().filter_map(|event| match event {
        Event::Limit(limit) => Some(limit),
        _ => None,
    });
    let mut is_limited = false;
    let within = limits.try_fold(false, |within, limit| {
        is_limited = true;
        Some(within || limit == "*" || version.compare(&order.read(limit)?).is_lt())
    })?;
    if is_limited && !within {
        return Some(false);
    }
    let mut is_inside = false;
    for (at, event) in sorted(range, order)? {
        // Before all is only what is introduced.
        let compared = at.map_or(Ordering::Greater, |at| version.compare(&at));
        match event {
            Event::Introduced(_) if compared.is_ge() => is_inside = true,
            Event::Fixed(_) if compared.is_ge() => is_inside = false,
            Event::Last(_) if compared.is_gt() => is_inside = false,
            _ => {}
        }
    }
    Some(is_inside)
}

/// Events by their versions, `0` first; those of one version stay as they are.
fn sorted(range: &Range, order: Order) -> Option<Vec<(Option<Version>, &Event)>> {
    let mut events = Vec::with_capacity(range.events.len());
    for event in &range.events {
        let version = match event {
            Event::Introduced(zero) if zero == "0" => None,
            Event::Introduced(text) | Event::Fixed(text) | Event::Last(text) => Some(order.read(text)?),
            Event::Limit(_) => continue,
        };
        events.push((version, event));
    }
    events.sort_by(|(one, _), (other, _)| match (one, other) {
        (Some(one), Some(other)) => one.compare(other),
        (one, other) => one.is_some().cmp(&other.is_some()),
    });
    Some(events)
}

fn inside(affected: &Affected, own: Option<(Order, &Version)>, because: String) -> Verdict {
    let mut fixed: Vec<(Version, &String)> = Vec::new();
    if let Some((own, version)) = own {
        for range in affected.ranges.iter().filter(|range| range.kind != RangeKind::Git) {
            let order = if range.kind == RangeKind::Semver { Order::Semver } else { own };
            for event in &range.events {
                if let Event::Fixed(text) = event
                    && let Some(at) = order.read(text)
                    && at.compare(version).is_gt()
                {
                    fixed.push((at, text));
                }
            }
        }
    }
    fixed.sort_by(|(one, _), (other, _)| one.compare(other));
    let mut fixed: Vec<String> = fixed.into_iter().map(|(_, text)| text.clone()).collect();
    fixed.dedup();
    Verdict::Inside { because, fixed }
}

fn in_words(range: &Range) -> String {
    let words = range.events.iter().take(12).map(|event| match event {
        Event::Introduced(version) => format!("introduced {version}"),
        Event::Fixed(version) => format!("fixed {version}"),
        Event::Last(version) => format!("last affected {version}"),
        Event::Limit(version) => format!("limit {version}"),
    });
    words.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(affected: &Affected, version: &str, order: Option<Order>) -> Verdict {
        decide(affected, &Known::new(version, order))
    }

    fn affected(events: Vec<Event>) -> Affected {
        let ranges = vec![Range { kind: RangeKind::Ecosystem, events }];
        Affected { ecosystem: "npm".into(), name: "a".into(), ranges, ..Affected::default() }
    }

    #[test]
    fn what_cannot_be_decided_is_said() {
        let open = affected(vec![Event::Introduced("0".into()), Event::Fixed("1.2.0".into())]);
        let is_undecided = |verdict| matches!(verdict, Verdict::Undecided(_));
        assert!(is_undecided(of(&open, "latest", Some(Order::Semver))));
        assert!(is_undecided(of(&open, "1.0.0", None)));
        let git = Affected {
            ranges: vec![Range { kind: RangeKind::Git, events: vec![Event::Introduced("0".into())] }],
            ..open.clone()
        };
        assert!(is_undecided(of(&git, "1.0.0", Some(Order::Semver))));
        let named = Affected { versions: ["1.0"].into_iter().collect(), ..git };
        assert!(matches!(of(&named, "1.0.0", Some(Order::Python)), Verdict::Inside { .. }));
        assert_eq!(of(&named, "1.0.1", Some(Order::Python)), Verdict::Outside);
        let because = "introduced 0, fixed 1.2.0".to_owned();
        assert_eq!(
            of(&open, "1.2.0-rc.1", Some(Order::Semver)),
            Verdict::Inside { because, fixed: vec!["1.2.0".into()] }
        );
    }

    /// The specification's steps on whole numbers, one by one, and nothing else.
    fn naive(events: &[(u8, u8)], version: u8) -> bool {
        let limits: Vec<u8> = events.iter().filter(|(kind, _)| *kind == 3).map(|(_, at)| *at).collect();
        if !limits.is_empty() && limits.iter().all(|limit| version >= *limit) {
            return false;
        }
        let mut vulnerable = false;
        for at in 0..=12 {
            for (kind, of) in events.iter().filter(|(_, of)| *of == at) {
                match kind {
                    0 if version >= *of => vulnerable = true,
                    1 if version >= *of => vulnerable = false,
                    2 if version > *of => vulnerable = false,
                    _ => {}
                }
            }
        }
        vulnerable
    }

    proptest! {
        /// No version is held that the ranges or the named versions do not contain, and none that they contain is missed.
        #[test]
        fn exactly_what_the_ranges_contain(
            ranges in prop::collection::vec((any::<bool>(), prop::collection::vec((0..4_u8, 0..10_u8), 1..6)), 0..4),
            named in prop::collection::vec(0..12_u8, 0..3),
            version in 0..12_u8,
            form in 0..3_usize,
        ) {
            let (order, write): (Order, fn(u8) -> String) = [
                (Order::Semver, (|at| format!("1.{at}.0")) as fn(u8) -> String),
                (Order::Python, |at| format!("{at}.0")),
                (Order::Debian, |at| format!("1.{at}-1")),
            ][form];
            let event = |(kind, at): &(u8, u8)| match kind {
                0 if *at == 0 => Event::Introduced("0".into()),
                0 => Event::Introduced(write(*at)),
                1 => Event::Fixed(write(*at)),
                2 => Event::Last(write(*at)),
                _ => Event::Limit(write(*at)),
            };
            // `0` comes before all that is equal to it.
            let mut sorted = ranges.clone();
            for (_, events) in &mut sorted {
                events.sort_by_key(|(kind, at)| (*kind, *at) != (0, 0));
            }
            let kind = |git: bool| if git { RangeKind::Git } else { RangeKind::Ecosystem };
            let affected = Affected {
                ecosystem: "x".into(),
                name: "a".into(),
                ranges: ranges.iter().map(|(git, events)| Range { kind: kind(*git), events: events.iter().map(event).collect() }).collect(),
                versions: named.iter().map(|at| write(*at)).collect(),
                ..Affected::default()
            };
            let expected = named.contains(&version) || sorted.iter().any(|(git, events)| !git && naive(events, version));
            let verdict = of(&affected, &write(version), Some(order));
            prop_assert_eq!(matches!(verdict, Verdict::Inside { .. }), expected, "{:?} {}", affected, version);
        }
    }
}
