//! Results of tests as JUnit XML, as every test runner writes them.
//!
//! What counts are the test cases, not what suites say of themselves. No entity is expanded but the five of XML, and a document type is
//! refused. What tests print is not read.

use super::ReadError;
use crate::check::cut;
use crate::facts::Tests;
use crate::limits::{MAX_JUNIT_BYTES, MAX_JUNIT_DEPTH, MAX_JUNIT_NAME_BYTES, MAX_JUNIT_NAMES};
use model::Nanos;
use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::{BytesStart, Event};

/// What the tests of a file said.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Results {
    /// Tests that ran, or were skipped.
    pub total: u64,
    /// Tests that failed.
    pub failed: u64,
    /// Tests that broke.
    pub errors: u64,
    /// Tests that were skipped.
    pub skipped: u64,
    /// How long they took together.
    pub seconds: f64,
    /// Those that failed or broke, by name; not more than [`MAX_JUNIT_NAMES`].
    pub names: Vec<String>,
}

impl Results {
    /// Adds those of another file.
    pub fn add(&mut self, other: Results) {
        self.total += other.total;
        self.failed += other.failed;
        self.errors += other.errors;
        self.skipped += other.skipped;
        self.seconds += other.seconds;
        self.names.extend(other.names);
        self.names.truncate(MAX_JUNIT_NAMES);
    }

    /// As facts. What was skipped did not run.
    pub fn facts(&self, at: Option<Nanos>) -> Tests {
        Tests {
            known: Some(true),
            total: Some(self.total - self.skipped),
            failed: Some(self.failed + self.errors),
            at,
            names: Some(self.names.clone()),
            ids: None,
        }
    }
}

/// A test on its way.
#[derive(Default)]
struct Case {
    name: String,
    failed: bool,
    error: bool,
    skipped: bool,
}

/// Reads one.
///
/// # Errors
/// When it is malformed, too large, or no JUnit XML.
pub fn read(text: &str) -> Result<Results, ReadError> {
    if text.len() > MAX_JUNIT_BYTES {
        return Err(ReadError::too_large(MAX_JUNIT_BYTES, "MAX_JUNIT_BYTES"));
    }
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let (mut out, mut case, mut depth): (Results, Option<(usize, Case)>, usize) = (Results::default(), None, 0);
    let mut begun = false;
    loop {
        let event = reader.read_event();
        let here = |reason: String| Err(at(text, reader.buffer_position(), reason));
        match event {
            Err(error) => return Err(at(text, reader.error_position(), format!("malformed XML: {error}"))),
            Ok(Event::DocType(_)) => return here("a document type is not read".to_owned()),
            Ok(Event::Start(element)) => {
                depth += 1;
                if depth > MAX_JUNIT_DEPTH {
                    return here(format!("nested deeper than {MAX_JUNIT_DEPTH} (MAX_JUNIT_DEPTH)"));
                }
                let name = element.local_name();
                if depth == 1 {
                    if begun || !matches!(name.as_ref(), b"testsuites" | b"testsuite") {
                        return here("no JUnit XML: it begins with <testsuites> or <testsuite>".to_owned());
                    }
                    begun = true;
                }
                match (name.as_ref(), &mut case) {
                    (b"testcase", None) => {
                        out.seconds += seconds(&element);
                        case = Some((depth, Case { name: case_name(&element), ..Case::default() }));
                    }
                    (b"failure", Some((_, case))) => case.failed = true,
                    (b"error", Some((_, case))) => case.error = true,
                    (b"skipped", Some((_, case))) => case.skipped = true,
                    _ => {}
                }
            }
            Ok(Event::End(_)) => {
                if case.as_ref().is_some_and(|(begun, _)| *begun == depth)
                    && let Some((_, case)) = case.take()
                {
                    count(case, &mut out);
                }
                depth = depth.saturating_sub(1);
            }
            Ok(Event::Eof) if depth > 0 => return here("the file ends before its elements do".to_owned()),
            Ok(Event::Eof) if !begun => return here("no JUnit XML: it has no <testsuite>".to_owned()),
            Ok(Event::Eof) => return Ok(out),
            Ok(_) => {}
        }
    }
}

fn count(case: Case, out: &mut Results) {
    out.total += 1;
    // What broke after it failed is one test.
    out.failed += u64::from(case.failed);
    out.errors += u64::from(case.error && !case.failed);
    out.skipped += u64::from(case.skipped && !case.failed && !case.error);
    if (case.failed || case.error) && out.names.len() < MAX_JUNIT_NAMES {
        out.names.push(case.name);
    }
}

fn attribute(element: &BytesStart<'_>, name: &[u8]) -> Option<String> {
    // Without looking for doubles: that takes the square of their number.
    let mut all = element.attributes();
    let found = all.with_checks(false).flatten().find(|attribute| attribute.key.local_name().as_ref() == name)?;
    // What is longer is cut anyway.
    let raw = std::str::from_utf8(found.value.get(..found.value.len().min(4096))?).ok()?;
    Some(unescape(raw).map_or_else(|_| raw.to_owned(), std::borrow::Cow::into_owned))
}

fn case_name(element: &BytesStart<'_>) -> String {
    let name = attribute(element, b"name").unwrap_or_else(|| "a test without a name".to_owned());
    let whole = match attribute(element, b"classname").filter(|class| !class.is_empty()) {
        Some(class) => format!("{class}.{name}"),
        None => name,
    };
    cut(whole, MAX_JUNIT_NAME_BYTES)
}

/// How long a test took; what is no length of time is nothing.
fn seconds(element: &BytesStart<'_>) -> f64 {
    let said = attribute(element, b"time").and_then(|text| text.replace(',', "").parse::<f64>().ok());
    said.filter(|seconds| seconds.is_finite() && (0.0..1e9).contains(seconds)).unwrap_or_default()
}

fn at(text: &str, offset: u64, reason: String) -> ReadError {
    let offset = usize::try_from(offset).unwrap_or(usize::MAX).min(text.len());
    let before = &text.as_bytes()[..offset];
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    let column = before.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
    ReadError::new(line, column, reason)
}
