//! Files that people write: a map of known names, with the place of whatever is wrong.

use crate::limits::{MAX_FILE_BYTES, MAX_FILE_DEPTH, MAX_FILE_NODES, MAX_WRITTEN_LIST, MAX_WRITTEN_TEXT};
use chrono::{NaiveDate, NaiveTime};
use model::{Nanos, entity};
use std::fmt;
use yaml::{Limits, Node, Yaml};

/// What is wrong in a file, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file.
    pub path: String,
    /// Line and column, from 1.
    pub place: yaml::Place,
    /// What, and what to do.
    pub reason: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.path, self.place.0, self.place.1, self.reason)
    }
}

impl std::error::Error for Problem {}

/// Reads the one document of a file.
pub(crate) fn read<T>(
    path: &str,
    text: &str,
    of: impl FnOnce(Fields<'_>) -> Result<T, yaml::Error>,
) -> Result<T, Problem> {
    let problem = |place, reason| Problem { path: path.to_owned(), place, reason };
    if text.len() > MAX_FILE_BYTES {
        let reason = format!("{} bytes; at most {MAX_FILE_BYTES} (MAX_FILE_BYTES) are read", text.len());
        return Err(problem((1, 1), reason));
    }
    let limits = Limits { nodes: MAX_FILE_NODES, depth: MAX_FILE_DEPTH };
    let yaml = Yaml::parse(text, limits).map_err(|error| problem(error.place, error.reason))?;
    let mut documents = yaml.documents();
    let (Some(node), None) = (documents.next(), documents.next()) else {
        return Err(problem((1, 1), "write one document into a file".to_owned()));
    };
    if !node.is_map() {
        return Err(problem(node.place(), "this is no map: write names and values".to_owned()));
    }
    of(Fields(node)).map_err(|error| problem(error.place, error.reason))
}

/// A map of known names.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'y>(pub Node<'y>);

/// An error at a place.
pub(crate) fn refuse(node: Node<'_>, reason: impl Into<String>) -> yaml::Error {
    yaml::Error { place: node.place(), reason: reason.into() }
}

impl<'y> Fields<'y> {
    /// Refuses names that are not known, and names that come twice.
    pub fn only(self, names: &[&str]) -> Result<(), yaml::Error> {
        let mut seen = Vec::new();
        for (key, _) in self.0.entries() {
            let name = key.raw().unwrap_or_default();
            if !names.contains(&name) {
                return Err(refuse(key, format!("{name:?} is not known here; known are {}", names.join(", "))));
            }
            if seen.contains(&name) {
                return Err(refuse(key, format!("{name} is said twice")));
            }
            seen.push(name);
        }
        Ok(())
    }

    /// A text, if there is one.
    pub fn text(self, name: &str) -> Result<Option<String>, yaml::Error> {
        let Some(node) = self.0.get(name) else { return Ok(None) };
        match node.text() {
            Some("") => Ok(None),
            Some(text) if text.len() <= MAX_WRITTEN_TEXT => Ok(Some(text.to_owned())),
            Some(_) => Err(refuse(node, format!("{name} is longer than {MAX_WRITTEN_TEXT} bytes"))),
            None => Err(refuse(node, format!("{name} must be a text"))),
        }
    }

    /// A text that must be there.
    pub fn needed(self, name: &str, what: &str) -> Result<String, yaml::Error> {
        self.text(name)?.ok_or_else(|| refuse(self.0, format!("{name} is missing: {what}")))
    }

    /// A list of texts, or one text.
    pub fn list(self, name: &str) -> Result<Vec<String>, yaml::Error> {
        let Some(node) = self.0.get(name) else { return Ok(Vec::new()) };
        let items: Vec<Node<'y>> = if node.is_list() { node.items().collect() } else { vec![node] };
        if items.len() > MAX_WRITTEN_LIST {
            return Err(refuse(node, format!("{name} has more than {MAX_WRITTEN_LIST} items")));
        }
        let text = |item: Node<'y>| {
            let text = item.text().filter(|text| !text.is_empty() && text.len() <= MAX_WRITTEN_TEXT);
            text.map(str::to_owned).ok_or_else(|| refuse(item, format!("{name} is a list of texts")))
        };
        items.into_iter().map(text).collect()
    }

    /// Teams, by any of their names.
    pub fn teams(self, name: &str) -> Result<Vec<String>, yaml::Error> {
        let team = |text: &String| {
            let made = entity::team(text).map_err(|error| refuse(self.0, error.to_string()))?;
            Ok(made.key)
        };
        self.list(name)?.iter().map(team).collect()
    }

    /// A team that must be there.
    pub fn team(self, name: &str, what: &str) -> Result<String, yaml::Error> {
        let text = self.needed(name, what)?;
        let node = self.0.get(name).unwrap_or(self.0);
        Ok(entity::team(&text).map_err(|error| refuse(node, error.to_string()))?.key)
    }

    /// A day such as `2027-02-01`.
    pub fn day(self, name: &str) -> Result<Option<NaiveDate>, yaml::Error> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        let node = self.0.get(name).unwrap_or(self.0);
        let day = day(&text).ok_or_else(|| refuse(node, format!("{name} is no day: write it as 2027-02-01")))?;
        Ok(Some(day))
    }

    /// A time of day such as `10:30`.
    pub fn time(self, name: &str) -> Result<Option<NaiveTime>, yaml::Error> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        let node = self.0.get(name).unwrap_or(self.0);
        let time = NaiveTime::parse_from_str(&text, "%H:%M");
        time.map(Some).map_err(|_| refuse(node, format!("{name} is no time: write it as 10:30")))
    }

    /// A number of days: `14d`, `2w`.
    pub fn days(self, name: &str) -> Result<Option<u32>, yaml::Error> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        let node = self.0.get(name).unwrap_or(self.0);
        let days = span(&text).ok_or_else(|| refuse(node, format!("{name} is no span: write it as 14d or 2w")))?;
        Ok(Some(days))
    }
}

/// Days of `14d` or `2w`, 1 to five years.
pub(crate) fn span(text: &str) -> Option<u32> {
    let (number, factor) = match (text.strip_suffix('d'), text.strip_suffix('w')) {
        (Some(number), _) => (number, 1),
        (_, Some(number)) => (number, 7),
        _ => return None,
    };
    let days = number.parse::<u32>().ok()?.checked_mul(factor)?;
    (1..=5 * 366).contains(&days).then_some(days)
}

/// A day of the years that plans are made for.
pub fn day(text: &str) -> Option<NaiveDate> {
    use chrono::Datelike as _;
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    (2000..2200).contains(&day.year()).then_some(day)
}

/// When a day begins, in UTC.
pub fn begins(day: NaiveDate) -> Nanos {
    day.and_time(NaiveTime::MIN).and_utc().timestamp_nanos_opt().unwrap_or(Nanos::MAX)
}

/// The day of a time, in UTC.
pub fn day_of(at: Nanos) -> NaiveDate {
    chrono::DateTime::from_timestamp_nanos(at).date_naive()
}
