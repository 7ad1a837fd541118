//! The orders of Maven, RubyGems, NuGet and Composer.

use std::cmp::Ordering;

/// A part of a Maven version.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// Digits without zeros before them; of any length.
    Number(Box<str>),
    /// A word: its rank among the known ones, otherwise the word.
    Word(u8, Box<str>),
    /// A `-`, or a change between digits and letters: what follows is a list of its own.
    Break,
}

/// Words before the release, the release itself, and after it; other words come after all of them.
const RELEASE: u8 = 5;

fn word(text: &str, is_short: bool) -> Item {
    let text = match text {
        "a" if is_short => "alpha",
        "b" if is_short => "beta",
        "m" if is_short => "milestone",
        other => other,
    };
    let rank = match text {
        "alpha" => 0,
        "beta" => 1,
        "milestone" => 2,
        "rc" | "cr" => 3,
        "snapshot" => 4,
        "" | "ga" | "final" | "release" => RELEASE,
        "sp" => 6,
        _ => return Item::Word(7, text.into()),
    };
    Item::Word(rank, "".into())
}

/// Reads a Maven version; every text is one.
pub fn maven(text: &str) -> Vec<Item> {
    let text = text.to_ascii_lowercase();
    let mut items = Vec::new();
    for (at, list) in text.split('-').enumerate() {
        if at > 0 {
            push_break(&mut items);
        }
        for part in list.split('.') {
            runs(part, &mut items);
        }
    }
    push_break(&mut items);
    while items.last() == Some(&Item::Break) {
        items.pop();
    }
    items
}

/// Nothing, zero and the release at the end of a list say nothing.
fn push_break(items: &mut Vec<Item>) {
    while items.last().is_some_and(is_nothing) {
        items.pop();
    }
    if !matches!(items.last(), None | Some(Item::Break)) {
        items.push(Item::Break);
    }
}

fn is_nothing(item: &Item) -> bool {
    match item {
        Item::Number(number) => number.is_empty(),
        Item::Word(rank, _) => *rank == RELEASE,
        Item::Break => false,
    }
}

fn runs(part: &str, items: &mut Vec<Item>) {
    let mut rest = part;
    if rest.is_empty() {
        items.push(Item::Number("".into()));
    }
    while let Some(first) = rest.chars().next() {
        let is_number = first.is_ascii_digit();
        let end = rest.find(|at: char| at.is_ascii_digit() != is_number).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        // A word begins a list of its own, after a `.` as after a `-`.
        if !is_number {
            push_break(items);
        }
        items.push(match is_number {
            true => Item::Number(run.trim_start_matches('0').into()),
            false => word(run, !after.is_empty()),
        });
        if !after.is_empty() {
            push_break(items);
        }
        rest = after;
    }
}

/// Compares two Maven versions.
pub fn compare_maven(one: &[Item], other: &[Item]) -> Ordering {
    for at in 0..one.len().max(other.len()) {
        let ordering = match (one.get(at), other.get(at)) {
            (Some(one), Some(other)) => compare_items(one, other),
            (Some(one), None) => beyond(one),
            (None, Some(other)) => beyond(other).reverse(),
            (None, None) => Ordering::Equal,
        };
        if ordering != Ordering::Equal {
            return ordering;
        }
    }
    Ordering::Equal
}

/// A word, then a list, then a number.
fn compare_items(one: &Item, other: &Item) -> Ordering {
    let class = |item: &Item| match item {
        Item::Word(..) => 0,
        Item::Break => 1,
        Item::Number(_) => 2,
    };
    match (one, other) {
        (Item::Number(one), Item::Number(other)) => one.len().cmp(&other.len()).then_with(|| one.cmp(other)),
        (Item::Word(rank, text), Item::Word(other, beside)) => rank.cmp(other).then_with(|| text.cmp(beside)),
        _ => class(one).cmp(&class(other)),
    }
}

/// An item against nothing.
fn beyond(item: &Item) -> Ordering {
    match item {
        Item::Number(number) if number.is_empty() => Ordering::Equal,
        Item::Number(_) => Ordering::Greater,
        Item::Word(rank, _) => rank.cmp(&RELEASE),
        Item::Break => Ordering::Equal,
    }
}

/// A part of a RubyGems version: words are before numbers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Segment {
    /// A word.
    Word(Box<str>),
    /// A number.
    Number(u64),
}

/// Reads a RubyGems version; a `-` is `.pre.`.
pub fn ruby(text: &str) -> Option<Vec<Segment>> {
    if !text.starts_with(|at: char| at.is_ascii_digit()) {
        return None;
    }
    let text = text.replace('-', ".pre.");
    let mut segments = Vec::new();
    for part in text.split('.') {
        if part.is_empty() || !part.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return None;
        }
        let mut rest = part;
        while let Some(first) = rest.chars().next() {
            let is_number = first.is_ascii_digit();
            let end = rest.find(|at: char| at.is_ascii_digit() != is_number).unwrap_or(rest.len());
            let (run, after) = rest.split_at(end);
            segments.push(if is_number { Segment::Number(run.parse().ok()?) } else { Segment::Word(run.into()) });
            rest = after;
        }
    }
    // Zeros at the end, and those before the first word, say nothing.
    let is_zero = |segment: &Segment| *segment == Segment::Number(0);
    let first_word = segments.iter().position(|segment| matches!(segment, Segment::Word(_))).unwrap_or(segments.len());
    let mut words = segments.split_off(first_word);
    for list in [&mut segments, &mut words] {
        while list.last().is_some_and(is_zero) {
            list.pop();
        }
    }
    segments.extend(words);
    Some(segments)
}

/// Compares two RubyGems versions; what is missing is 0.
pub fn compare_ruby(one: &[Segment], other: &[Segment]) -> Ordering {
    let zero = Segment::Number(0);
    let pairs =
        (0..one.len().max(other.len())).map(|at| (one.get(at).unwrap_or(&zero), other.get(at).unwrap_or(&zero)));
    pairs.map(|(one, other)| one.cmp(other)).find(|ordering| *ordering != Ordering::Equal).unwrap_or(Ordering::Equal)
}

/// A NuGet version: up to four numbers, and a pre-release whose words have no upper case.
#[derive(Clone, Debug, PartialEq)]
pub struct Nuget {
    numbers: [u64; 4],
    pre: semver::Prerelease,
}

/// Reads a NuGet version.
pub fn nuget(text: &str) -> Option<Nuget> {
    let text = text.split('+').next()?;
    let (numbers, pre) = text.split_once('-').unwrap_or((text, ""));
    let mut all = [0; 4];
    let mut count = 0;
    for (at, number) in numbers.split('.').enumerate() {
        *all.get_mut(at)? = number.parse().ok()?;
        count = at + 1;
    }
    let pre = semver::Prerelease::new(&pre.to_lowercase()).ok()?;
    (count > 0).then_some(Nuget { numbers: all, pre })
}

impl Nuget {
    /// Compares two.
    pub fn compare(&self, other: &Nuget) -> Ordering {
        self.numbers.cmp(&other.numbers).then_with(|| self.pre.cmp(&other.pre))
    }
}

/// A part of a Composer version, as PHP's `version_compare` ranks it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// A word that is not known, before all others.
    Unknown(Box<str>),
    /// `dev`, `alpha`, `beta`, `RC`.
    Before(u8),
    /// Nothing more.
    End,
    /// A number.
    Number(u64),
    /// `patch`.
    After,
}

/// Reads a Composer version; branches (`dev-main`) are none.
pub fn packagist(text: &str) -> Option<Vec<Part>> {
    let text = text.strip_prefix(['v', 'V']).unwrap_or(text).to_ascii_lowercase();
    let text = text.split('+').next()?;
    if !text.starts_with(|at: char| at.is_ascii_digit()) {
        return None;
    }
    let mut parts = Vec::new();
    for part in text.split(['.', '-', '_']).filter(|part| !part.is_empty()) {
        let mut rest = part;
        while let Some(first) = rest.chars().next() {
            let is_number = first.is_ascii_digit();
            let end = rest.find(|at: char| at.is_ascii_digit() != is_number).unwrap_or(rest.len());
            let (run, after) = rest.split_at(end);
            parts.push(match run {
                _ if is_number => Part::Number(run.parse().ok()?),
                "dev" => Part::Before(0),
                "alpha" | "a" => Part::Before(1),
                "beta" | "b" => Part::Before(2),
                "rc" | "c" => Part::Before(3),
                "stable" => Part::End,
                "pl" | "p" | "patch" => Part::After,
                other => Part::Unknown(other.into()),
            });
            rest = after;
        }
    }
    // Composer fills up to four numbers.
    let numbers = parts.iter().take_while(|part| matches!(part, Part::Number(_))).count();
    let words = parts.split_off(numbers);
    parts.resize(numbers.max(4), Part::Number(0));
    parts.extend(words);
    while parts.last() == Some(&Part::End) {
        parts.pop();
    }
    Some(parts)
}

/// Compares two Composer versions.
pub fn compare_packagist(one: &[Part], other: &[Part]) -> Ordering {
    let end = Part::End;
    let pairs = (0..one.len().max(other.len())).map(|at| (one.get(at).unwrap_or(&end), other.get(at).unwrap_or(&end)));
    pairs.map(|(one, other)| one.cmp(other)).find(|ordering| *ordering != Ordering::Equal).unwrap_or(Ordering::Equal)
}

#[cfg(test)]
mod tests {
    use super::super::Order;
    use super::super::tests::ascending;

    #[test]
    fn maven_orders_so() {
        ascending(
            Order::Maven,
            &[
                "1-alpha-1 1-a1",
                "1-beta-2",
                "1-milestone-1 1.0-m1",
                "1-rc1 1-cr1",
                "1-snapshot",
                "1 1.0 1.0.0 1-ga 1.0.final 1-release",
                "1-sp",
                "1-x",
                "1-1",
                "1.1",
                "1.9",
                "1.10",
                "2",
            ],
        );
    }

    #[test]
    fn rubygems_orders_so() {
        ascending(
            Order::Ruby,
            &["1.0.a", "1.0.b1", "1.0.0.pre1 1.0-1", "1.0.0.rc1", "1 1.0 1.0.0", "1.0.1", "1.9", "1.10"],
        );
    }

    #[test]
    fn nuget_orders_so() {
        ascending(
            Order::Nuget,
            &[
                "1.0.0-Alpha 1.0-alpha",
                "1.0.0-alpha.1",
                "1.0.0-beta",
                "1.0.0 1.0 1.0.0.0 1.0.0+x",
                "1.0.0.1",
                "1.0.1",
                "1.10",
            ],
        );
    }

    #[test]
    fn composer_orders_so() {
        ascending(
            Order::Packagist,
            &[
                "1.0-dev",
                "1.0.0-alpha1 1.0a1",
                "1.0.0-beta2",
                "1.0.0-RC1",
                "v1.0.0 1.0",
                "1.0.0-p1",
                "1.0.1",
                "1.9",
                "1.10",
            ],
        );
        assert_eq!(Order::Packagist.read("dev-main"), None);
    }
}
