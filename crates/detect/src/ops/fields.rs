//! Typed access to the members of a YAML map, with refusals that name the place and the field.

use crate::limits::MAX_QUERY_BYTES;
use crate::rule::Place;
use model::{Nanos, Table};
use std::sync::Arc;
use thiserror::Error;
use yaml::{Node, Scalar};

/// Why a rule is not taken.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{place}: {field}: {reason}")]
pub struct Refused {
    /// Where.
    pub place: Place,
    /// Which field.
    pub field: String,
    /// What is wrong and what to write.
    pub reason: String,
}

/// A map that is read.
#[derive(Clone)]
pub(crate) struct Fields<'y> {
    file: Arc<str>,
    node: Node<'y>,
    /// What leads to it, such as `operation.`.
    path: String,
}

impl<'y> Fields<'y> {
    /// The root of a document.
    pub fn root(file: &Arc<str>, node: Node<'y>) -> Fields<'y> {
        Fields { file: file.clone(), node, path: String::new() }
    }

    /// Where it begins.
    pub fn place(&self) -> Place {
        self.at(self.node)
    }

    fn at(&self, node: Node<'_>) -> Place {
        let (line, column) = node.place();
        Place { file: self.file.clone(), line, column }
    }

    /// A refusal of a member, or of the map when the member is not there.
    pub fn refuse(&self, field: &str, reason: impl Into<String>) -> Refused {
        let place = self.at(self.node.get(field).unwrap_or(self.node));
        Refused { place, field: format!("{}{field}", self.path), reason: reason.into() }
    }

    /// Refuses members that are not known, and those that come twice.
    pub fn only(&self, known: &[&str]) -> Result<(), Refused> {
        let mut seen: Vec<&str> = Vec::new();
        for (key, _) in self.node.entries() {
            let name = key.raw().unwrap_or("?");
            let refuse =
                |reason: String| Refused { place: self.at(key), field: format!("{}{name}", self.path), reason };
            if !known.contains(&name) {
                return Err(refuse(format!("not known here; known are {}", known.join(", "))));
            }
            if seen.contains(&name) {
                return Err(refuse("is there twice".to_owned()));
            }
            seen.push(name);
        }
        Ok(())
    }

    /// Whether it is there.
    pub fn has(&self, field: &str) -> bool {
        self.node.get(field).is_some()
    }

    /// A map in it.
    pub fn map(&self, field: &str) -> Result<Option<Fields<'y>>, Refused> {
        let Some(node) = self.node.get(field) else { return Ok(None) };
        if !node.is_map() {
            return Err(self.refuse(field, "must be a map"));
        }
        Ok(Some(Fields { file: self.file.clone(), node, path: format!("{}{field}.", self.path) }))
    }

    /// A map that must be there.
    pub fn need_map(&self, field: &str) -> Result<Fields<'y>, Refused> {
        self.map(field)?.ok_or_else(|| self.refuse(field, "is missing: it must be a map"))
    }

    /// Maps in a list, at most so many.
    pub fn maps(&self, field: &str, most: usize) -> Result<Vec<Fields<'y>>, Refused> {
        let Some(node) = self.node.get(field) else { return Ok(Vec::new()) };
        if !node.is_list() || node.items().len() > most || node.items().any(|item| !item.is_map()) {
            return Err(self.refuse(field, format!("must be a list of at most {most} maps")));
        }
        let map =
            |(place, node)| Fields { file: self.file.clone(), node, path: format!("{}{field}[{place}].", self.path) };
        Ok(node.items().enumerate().map(map).collect())
    }

    /// Items that are maps, or texts that stand for them.
    pub fn maps_or_texts(&self, field: &str, most: usize) -> Result<Vec<(Option<Fields<'y>>, &'y str)>, Refused> {
        let Some(node) = self.node.get(field) else { return Ok(Vec::new()) };
        let wrong = || self.refuse(field, format!("must be a list of at most {most} maps or names"));
        if !node.is_list() || node.items().len() > most {
            return Err(wrong());
        }
        let read = |(place, node): (usize, Node<'y>)| match node.text() {
            Some(text) => Ok((None, text)),
            None if node.is_map() => {
                let path = format!("{}{field}[{place}].", self.path);
                Ok((Some(Fields { file: self.file.clone(), node, path }), ""))
            }
            None => Err(wrong()),
        };
        node.items().enumerate().map(read).collect()
    }

    /// Text.
    pub fn text(&self, field: &str) -> Result<Option<&'y str>, Refused> {
        let Some(node) = self.node.get(field) else { return Ok(None) };
        let text = node.text().ok_or_else(|| self.refuse(field, "must be a text"))?;
        if text.len() > MAX_QUERY_BYTES {
            return Err(self.refuse(field, format!("is longer than {MAX_QUERY_BYTES} bytes")));
        }
        Ok(Some(text))
    }

    /// Text that must be there.
    pub fn need_text(&self, field: &str) -> Result<&'y str, Refused> {
        self.text(field)?
            .filter(|text| !text.is_empty())
            .ok_or_else(|| self.refuse(field, "is missing: it must be a text"))
    }

    /// Texts, or one text.
    pub fn texts(&self, field: &str, most: usize) -> Result<Vec<String>, Refused> {
        let Some(node) = self.node.get(field) else { return Ok(Vec::new()) };
        let wrong = || self.refuse(field, format!("must be a list of at most {most} texts"));
        if let Some(text) = node.text() {
            return Ok(vec![text.to_owned()]);
        }
        if !node.is_list() || node.items().len() > most {
            return Err(wrong());
        }
        node.items().map(|item| item.text().map(str::to_owned).ok_or_else(wrong)).collect()
    }

    /// A number.
    pub fn number(&self, field: &str) -> Result<Option<f64>, Refused> {
        let Some(node) = self.node.get(field) else { return Ok(None) };
        let number = match node.scalar() {
            Some(Scalar::Int(int)) => Some(int as f64),
            Some(Scalar::Float(float)) => Some(float).filter(|float| float.is_finite()),
            _ => None,
        };
        number.map(Some).ok_or_else(|| self.refuse(field, "must be a number, without a unit"))
    }

    /// A number; where values are nanoseconds, a duration too, such as `800ms`.
    pub fn amount(&self, field: &str) -> Result<Option<f64>, Refused> {
        let text = self.node.get(field).and_then(Node::text);
        match (self.text("unit")?, text.and_then(query::units::duration)) {
            (Some("ns"), Some(nanos)) => Ok(Some(nanos as f64)),
            _ => self.number(field),
        }
    }

    /// A number within bounds, both included.
    pub fn number_in(&self, field: &str, least: f64, most: f64) -> Result<Option<f64>, Refused> {
        match self.number(field)? {
            Some(number) if !(least..=most).contains(&number) => {
                Err(self.refuse(field, format!("must be from {least} to {most}")))
            }
            other => Ok(other),
        }
    }

    /// A count, or what stands for none given.
    pub fn count(&self, field: &str, otherwise: u64) -> Result<u64, Refused> {
        Ok(self.number_in(field, 0.0, 1e15)?.map_or(otherwise, |count| count as u64))
    }

    /// Yes or no; no when it is not there.
    pub fn flag(&self, field: &str) -> Result<bool, Refused> {
        match self.node.get(field).map(Node::scalar) {
            None => Ok(false),
            Some(Some(Scalar::Bool(flag))) => Ok(flag),
            Some(_) => Err(self.refuse(field, "must be true or false")),
        }
    }

    /// A duration within bounds, or what stands for none given.
    pub fn duration(&self, field: &str, otherwise: Nanos, least: Nanos, most: Nanos) -> Result<Nanos, Refused> {
        let Some(text) = self.text(field)? else { return Ok(otherwise) };
        self.duration_of(field, text, least, most)
    }

    /// What a text says of a duration, within bounds.
    pub fn duration_of(&self, field: &str, text: &str, least: Nanos, most: Nanos) -> Result<Nanos, Refused> {
        let nanos = query::units::duration(text)
            .ok_or_else(|| self.refuse(field, format!("{text:?} is no duration; write 5m, 1h or 7d")))?;
        if !(least..=most).contains(&nanos) {
            let (least, most) = (super::words::duration(least), super::words::duration(most));
            return Err(self.refuse(field, format!("must be from {least} to {most}")));
        }
        Ok(nanos)
    }

    /// A search without pipes, checked against its table.
    pub fn search(&self, field: &str, table: Table) -> Result<Option<query::Query>, Refused> {
        let Some(text) = self.text(field)? else { return Ok(None) };
        let query = query::parse(text)
            .map_err(|error| self.refuse(field, format!("at character {}: {error}", error.span.start + 1)))?;
        if !query.pipes.is_empty() {
            return Err(self.refuse(field, "has pipes: say what is counted in aggregate and group_by"));
        }
        query.where_sql(table, 0).map_err(|error| self.refuse(field, error.to_string()))?;
        Ok(Some(query))
    }

    /// The table; logs when it is not said.
    pub fn table(&self) -> Result<Table, Refused> {
        let name = self.text("table")?.unwrap_or("logs");
        Table::from_name(name).ok_or_else(|| self.refuse("table", "must be logs, spans or metrics"))
    }

    /// A statement: one `SELECT` that says its range of time. What it means is checked where it runs.
    pub fn statement(&self, field: &str) -> Result<Option<String>, Refused> {
        let Some(text) = self.text(field)? else { return Ok(None) };
        let first = text.split_whitespace().next().unwrap_or_default().to_ascii_lowercase();
        if first != "select" && first != "with" {
            return Err(self.refuse(field, "must begin with SELECT or WITH"));
        }
        if !text.contains("$from") || !text.contains("$to") {
            return Err(self.refuse(field, "must bound the time: timestamp >= $from AND timestamp < $to"));
        }
        Ok(Some(text.to_owned()))
    }
}
