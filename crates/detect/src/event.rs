//! An event in its plainest form: dotted paths and scalars. The oracle looks at this one; the engine has a faster one.

use model::fact::Nanos;
use std::borrow::Cow;

/// A scalar of an event.
#[derive(Clone, Debug, PartialEq)]
pub enum Scalar {
    /// There, without a value.
    Null,
    /// Text.
    Text(String),
    /// An integer.
    Int(i64),
    /// A float.
    Double(f64),
    /// A boolean.
    Bool(bool),
}

impl Scalar {
    /// The canonical text; none for null.
    pub fn text(&self) -> Option<Cow<'_, str>> {
        Some(match self {
            Scalar::Null => return None,
            Scalar::Text(text) => Cow::Borrowed(text),
            Scalar::Int(int) => Cow::Owned(int.to_string()),
            Scalar::Double(double) => {
                let mut out = String::new();
                model::json::write_double_text(&mut out, *double);
                Cow::Owned(out)
            }
            Scalar::Bool(bool) => Cow::Borrowed(if *bool { "true" } else { "false" }),
        })
    }

    /// The number that it is or that its text says.
    pub fn number(&self) -> Option<f64> {
        match self {
            Scalar::Int(int) => Some(*int as f64),
            Scalar::Double(double) => Some(*double),
            Scalar::Text(text) => number(text),
            Scalar::Null | Scalar::Bool(_) => None,
        }
    }
}

/// The number that a text says; none for `NaN` and the infinities.
pub fn number(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|number: &f64| number.is_finite())
}

/// Appends a text in lower case, by which letters in upper and lower case are the same.
///
/// Each character on its own, unlike `str::to_lowercase`, whose final sigma depends on what follows: so a part of a text
/// folds to a part of the folded text.
pub fn fold(text: &str, out: &mut String) {
    // Most text is ASCII with a foreign letter here and there: what lies between those is copied at once.
    let mut rest = text;
    while !rest.is_empty() {
        let foreign = || rest.bytes().position(|byte| !byte.is_ascii()).unwrap_or(rest.len());
        let plain = if rest.is_ascii() { rest.len() } else { foreign() };
        let start = out.len();
        out.push_str(&rest[..plain]);
        out[start..].make_ascii_lowercase();
        let mut letters = rest[plain..].chars();
        out.extend(letters.next().into_iter().flat_map(char::to_lowercase));
        rest = letters.as_str();
    }
}

/// An event. A path that is there several times has several values: the elements of a list, in its order, with the
/// list's path; members of objects in a list with the path of the member.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PlainEvent {
    /// Its time, if it has one.
    pub timestamp: Option<Nanos>,
    /// Its id in the store.
    pub event_id: Option<u64>,
    /// Its dataset.
    pub dataset: String,
    /// Paths and values.
    pub fields: Vec<(String, Scalar)>,
}

impl PlainEvent {
    /// All values of a path.
    pub fn values<'e>(&'e self, path: &'e str) -> impl Iterator<Item = &'e Scalar> {
        self.fields.iter().filter(move |(of, _)| of == path).map(|(_, value)| value)
    }
}
