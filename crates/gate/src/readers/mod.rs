//! Documents that say what shall grow or be released, and what tests said. All are bounded, and each error has its place.

pub mod admission;
pub mod autoscaler;
mod images;
pub mod junit;
pub mod plan;
#[cfg(test)]
mod tests;

use crate::limits::{MAX_GROWTHS, MAX_NAME_BYTES};
use model::{Asked, Question};

/// Why a document is not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{line}:{column}: {reason}")]
pub struct ReadError {
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
    /// What is wrong there.
    pub reason: String,
}

impl ReadError {
    fn new(line: usize, column: usize, reason: impl Into<String>) -> ReadError {
        ReadError { line: line.max(1), column: column.max(1), reason: reason.into() }
    }

    fn json(error: &serde_json::Error) -> ReadError {
        ReadError::new(error.line(), error.column(), format!("malformed JSON: {error}"))
    }

    fn too_large(bytes: usize, name: &str) -> ReadError {
        ReadError::new(1, 1, format!("more than {} MiB ({name})", bytes >> 20))
    }
}

/// Something that shall become more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Growth {
    /// The service, as the inventory names it.
    pub service: String,
    /// Where, when the document says so.
    pub environment: Option<String>,
    /// How many there are.
    pub from: Option<u64>,
    /// How many there shall be, or may be.
    pub to: u64,
    /// What is changed, as its document names it.
    pub address: String,
}

impl Growth {
    /// The question that it is. What the document does not say of the environment is given.
    pub fn asked(&self, environment: Option<&str>) -> Asked {
        Asked {
            question: Question::Scale,
            service: self.service.clone(),
            environment: self.environment.clone().or(environment.map(str::to_owned)),
            version: None,
            from: self.from,
            to: Some(self.to),
            defence: None,
        }
    }
}

/// What a document says of growth.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Growths {
    /// What becomes more.
    pub growths: Vec<Growth>,
    /// What could not be told, with the reason: undecided.
    pub undecided: Vec<String>,
    /// What was left out, as it is more than is looked at.
    pub cut: usize,
}

impl Growths {
    fn add(&mut self, growth: Growth) {
        if growth.from.is_some_and(|from| growth.to <= from) {
            return;
        }
        match self.growths.len() + self.undecided.len() < MAX_GROWTHS {
            true => self.growths.push(growth),
            false => self.cut += 1,
        }
    }

    fn unknown(&mut self, text: String) {
        match self.growths.len() + self.undecided.len() < MAX_GROWTHS {
            true => self.undecided.push(crate::check::cut(text, MAX_NAME_BYTES)),
            false => self.cut += 1,
        }
    }
}

/// A name as an entity may have; a longer one is no name.
fn name(text: &str) -> Option<String> {
    let fits = !text.is_empty() && text.len() <= MAX_NAME_BYTES && !text.chars().any(char::is_control);
    fits.then(|| text.to_owned())
}

/// The name of a service in Kubernetes: by its labels, else by namespace and name.
fn service<'a>(label: impl Fn(&str) -> Option<&'a str>, namespace: Option<&str>, own: &str) -> Option<String> {
    let labelled = ["app.kubernetes.io/name", "app"].into_iter().find_map(|key| label(key).and_then(name));
    labelled.or_else(|| {
        let whole = match namespace.filter(|namespace| !namespace.is_empty()) {
            Some(namespace) => format!("{namespace}/{own}"),
            None => own.to_owned(),
        };
        (!own.is_empty()).then(|| name(&whole)).flatten()
    })
}

/// Labels that say where something is.
const ENVIRONMENTS: [&str; 3] = ["app.kubernetes.io/environment", "environment", "env"];
