//! JSON with places: one document, or several after another.

use super::limits::MAX_DOCUMENT_FACTS;
use super::{ImportError, Reading};
use serde::de::{Error as _, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::fmt;
use std::marker::PhantomData;

/// Reads the whole text as one document.
pub fn parse<'t, T: Deserialize<'t>>(text: &'t str, reading: &Reading<'_>) -> Result<T, ImportError> {
    serde_json::from_str(text).map_err(|error| refuse(&error, (1, 1), reading))
}

/// Reads a list, or `null`, that is no longer than a document may have facts: a short item costs much more in memory.
pub fn bounded<'t, D: Deserializer<'t>, T: Deserialize<'t>>(from: D) -> Result<Vec<T>, D::Error> {
    struct Items<T>(PhantomData<T>);
    impl<'t, T: Deserialize<'t>> Visitor<'t> for Items<T> {
        type Value = Vec<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list")
        }

        fn visit_unit<E>(self) -> Result<Vec<T>, E> {
            Ok(Vec::new())
        }

        fn visit_seq<A: SeqAccess<'t>>(self, mut from: A) -> Result<Vec<T>, A::Error> {
            let mut items = Vec::new();
            while let Some(item) = from.next_element()? {
                if items.len() >= MAX_DOCUMENT_FACTS {
                    let most = format!("more than {MAX_DOCUMENT_FACTS} items (MAX_DOCUMENT_FACTS): split the document");
                    return Err(A::Error::custom(most));
                }
                items.push(item);
            }
            Ok(items)
        }
    }
    from.deserialize_any(Items(PhantomData))
}

/// Says where in a text that starts at `start` an error is.
pub fn refuse(error: &serde_json::Error, start: (usize, usize), reading: &Reading<'_>) -> ImportError {
    let (line, column) = (error.line(), error.column());
    let said = error.to_string();
    let reason = said.strip_suffix(&format!(" at line {line} column {column}")).unwrap_or(&said);
    let column = if line <= 1 { column.max(1) + start.1 - 1 } else { column.max(1) };
    reading.refuse_at((start.0 + line.max(1) - 1, column), reason)
}

/// Documents that follow one another, each with the line it starts at.
pub struct Stream<'t, T> {
    text: &'t str,
    values: serde_json::StreamDeserializer<'t, serde_json::de::StrRead<'t>, T>,
    /// How far lines are counted.
    counted: usize,
    line: usize,
}

impl<'t, T: Deserialize<'t>> Stream<'t, T> {
    pub fn new(text: &'t str) -> Self {
        let values = serde_json::Deserializer::from_str(text).into_iter();
        Stream { text, values, counted: 0, line: 1 }
    }

    pub fn next(&mut self, reading: &Reading<'_>) -> Option<Result<(usize, T), ImportError>> {
        let end = self.values.byte_offset();
        let rest = &self.text[end..];
        let start = end + (rest.len() - rest.trim_start().len());
        self.line += memchr::memchr_iter(b'\n', &self.text.as_bytes()[self.counted..start]).count();
        self.counted = start;
        let value = self.values.next()?;
        Some(value.map(|value| (self.line, value)).map_err(|error| refuse(&error, (1, 1), reading)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::reading;
    use super::*;

    #[test]
    fn errors_name_the_place() {
        let error = parse::<Vec<u8>>("[1,\n 2,\n  x]", &reading("a.json")).unwrap_err();
        assert_eq!(error.to_string(), "a.json:3:3: expected value");
        let error = parse::<u8>("", &reading("a.json")).unwrap_err();
        assert_eq!(error.to_string(), "a.json:1:1: EOF while parsing a value");
    }

    #[test]
    fn values_after_another_know_their_lines() {
        let mut stream = Stream::<Vec<u8>>::new("[1]\n\n[\n2]\n[3][4]\n[x");
        let mut read = Vec::new();
        let error = loop {
            match stream.next(&reading("a")).unwrap() {
                Ok(value) => read.push(value),
                Err(error) => break error,
            }
        };
        assert_eq!(read, [(1, vec![1]), (3, vec![2]), (5, vec![3]), (5, vec![4])]);
        assert_eq!((error.line, error.column), (Some(6), Some(2)));
    }
}
