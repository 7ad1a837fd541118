//! JSON with places: one document, or several after another.

use super::limits::MAX_DOCUMENT_FACTS;
use super::{ImportError, Place, Reading};
use serde::de::{Error as _, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
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
pub fn refuse(error: &serde_json::Error, start: Place, reading: &Reading<'_>) -> ImportError {
    let (line, column) = (error.line(), error.column());
    let said = error.to_string();
    let reason = said.strip_suffix(&format!(" at line {line} column {column}")).unwrap_or(&said);
    let column = if line <= 1 { column.max(1) + start.1 - 1 } else { column.max(1) };
    reading.refuse_at((start.0 + line.max(1) - 1, column), reason)
}

/// Documents that follow one another.
pub struct Stream<'t>(serde_json::StreamDeserializer<'t, serde_json::de::StrRead<'t>, &'t RawValue>);

impl<'t> Stream<'t> {
    pub fn new(text: &'t str) -> Self {
        Stream(serde_json::Deserializer::from_str(text).into_iter())
    }

    pub fn next(&mut self, reading: &Reading<'_>) -> Option<Result<&'t RawValue, ImportError>> {
        Some(self.0.next()?.map_err(|error| refuse(&error, (1, 1), reading)))
    }
}

/// A text of which parts are read by and by, each with its own place in errors.
pub struct Source<'t> {
    text: &'t str,
    /// How far lines are counted.
    counted: usize,
    /// The line there, and where it starts: a document may be one line, which is not searched for every part.
    line: (usize, usize),
}

impl<'t> Source<'t> {
    pub fn new(text: &'t str) -> Self {
        Source { text, counted: 0, line: (1, 0) }
    }

    /// Line and column of a part of the text. Parts are mostly asked for in their order.
    pub fn place(&mut self, part: &'t RawValue) -> Place {
        let offset = (part.get().as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize).min(self.text.len());
        if offset < self.counted {
            (self.counted, self.line) = (0, (1, 0));
        }
        for end in memchr::memchr_iter(b'\n', &self.text.as_bytes()[self.counted..offset]) {
            self.line = (self.line.0 + 1, self.counted + end + 1);
        }
        self.counted = offset;
        (self.line.0, offset - self.line.1 + 1)
    }

    /// Reads a part.
    pub fn parse<T: Deserialize<'t>>(&mut self, part: &'t RawValue, reading: &Reading<'_>) -> Result<T, ImportError> {
        serde_json::from_str(part.get()).map_err(|error| refuse(&error, self.place(part), reading))
    }

    /// The items of an array as they are written; none of an empty text, as which osquery writes no rows.
    pub fn items(&mut self, part: &'t RawValue, reading: &Reading<'_>) -> Result<Vec<&'t RawValue>, ImportError> {
        if part.get() == "\"\"" {
            return Ok(Vec::new());
        }
        let mut from = serde_json::Deserializer::from_str(part.get());
        bounded(&mut from).map_err(|error| refuse(&error, self.place(part), reading))
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
    fn values_after_another_know_their_places() {
        let text = "[1]\n\n [\n2]\n[3]{\n\"a\": x}\n";
        let (mut stream, mut source, reading) = (Stream::new(text), Source::new(text), reading("a"));
        let mut places = Vec::new();
        let error = loop {
            match stream.next(&reading).unwrap() {
                Ok(value) => places.push((source.place(value), source.items(value, &reading).unwrap().len())),
                Err(error) => break error,
            }
        };
        assert_eq!(places, [((1, 1), 1), ((3, 2), 1), ((5, 1), 1)]);
        assert_eq!((error.line, error.column), (Some(6), Some(6)));
    }

    #[test]
    fn parts_have_their_own_places_in_errors() {
        let text = "[\n  {\"a\": 1},\n  {\"a\":\n   true}]";
        let (mut source, reading) = (Source::new(text), reading("a"));
        let whole = Stream::new(text).next(&reading).unwrap().unwrap();
        let items = source.items(whole, &reading).unwrap();
        let error = source.parse::<std::collections::BTreeMap<String, u8>>(items[1], &reading).unwrap_err();
        assert_eq!(error.to_string(), "a:4:7: invalid type: boolean `true`, expected u8");
        assert_eq!((source.place(items[1]), source.place(items[0])), ((3, 3), (2, 3)));
    }
}
