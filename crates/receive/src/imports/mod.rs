//! Documents to facts: what others have already written down about services, owners, packages, clusters and hosts.
//!
//! Bytes in, facts out. A document is read whole or not at all: what is malformed names file, line and reason. What is
//! well-formed and still not kept, such as a person, is said in the notes. No name of a person leaves this module.

mod catalog;
pub mod codeowners;
mod cyclonedx;
mod document;
mod draft;
mod image;
mod json;
mod kubernetes;
pub mod limits;
mod osquery;
mod paths;
pub mod purl;
pub mod sarif;
mod sbom;
mod spdx;
mod spdx_tags;

pub use document::Document;

use limits::{MAX_DOCUMENT_BYTES, MAX_REASON_BYTES};
use model::{EntityRef, Facts, Nanos};
use std::fmt;

/// What the reader must know beside the bytes.
#[derive(Clone, Copy, Debug)]
pub struct Reading<'a> {
    /// Name of the file, for errors; it may also say what is in it.
    pub name: &'a str,
    /// Who may see it, as with events.
    pub dataset: &'a str,
    /// When it was read.
    pub at: Nanos,
    /// What it is about when the document does not say: an image, a host, a repository.
    pub subject: Option<&'a EntityRef>,
    /// The Kubernetes cluster it comes from; documents do not say.
    pub cluster: Option<&'a str>,
}

/// What became of a document.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Imported {
    /// What it says.
    pub facts: Facts,
    /// What was left out, and why.
    pub notes: Vec<String>,
}

/// Why a document was refused. Nothing of it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportError {
    /// Name of the file.
    pub file: String,
    /// Line, from 1, when one is to blame.
    pub line: Option<usize>,
    /// Column, from 1.
    pub column: Option<usize>,
    /// What is wrong, and what to do.
    pub reason: String,
}

impl fmt::Display for ImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
            if let Some(column) = self.column {
                write!(f, ":{column}")?;
            }
        }
        write!(f, ": {}", self.reason)
    }
}

impl std::error::Error for ImportError {}

/// A place in a document: line and column, from 1.
type Place = (usize, usize);

impl Reading<'_> {
    /// The document is refused for a reason that has no line.
    fn refuse(&self, reason: impl AsRef<str>) -> ImportError {
        let reason = crate::lines::rows::cut_text(reason.as_ref(), MAX_REASON_BYTES).to_owned();
        ImportError { file: self.name.to_owned(), line: None, column: None, reason }
    }

    /// The document is refused for what is at a place.
    fn refuse_at(&self, place: Place, reason: impl AsRef<str>) -> ImportError {
        ImportError { line: Some(place.0), column: Some(place.1), ..self.refuse(reason) }
    }
}

/// Reads a document.
///
/// # Errors
/// When it is not what it claims to be, is larger than a limit, or does not say what it is about.
pub fn read(document: Document, bytes: &[u8], reading: &Reading<'_>) -> Result<Imported, ImportError> {
    if bytes.len() > MAX_DOCUMENT_BYTES {
        let reason = format!("{} bytes; at most {MAX_DOCUMENT_BYTES} (MAX_DOCUMENT_BYTES) are read", bytes.len());
        return Err(reading.refuse(reason));
    }
    let text = text_of(bytes, reading)?;
    match document {
        Document::Catalog => catalog::read(text, reading),
        Document::Codeowners => codeowners::read(text, reading),
        Document::CycloneDx => cyclonedx::read(text, reading),
        Document::Spdx => spdx::read(text, reading),
        Document::Kubernetes => kubernetes::read(text, reading),
        Document::Osquery => osquery::read(text, reading),
    }
}

/// The text without a byte order mark; names the first byte that is none.
fn text_of<'a>(bytes: &'a [u8], reading: &Reading<'_>) -> Result<&'a str, ImportError> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(reading.refuse_at((1, 1), "this is UTF-16: save it as UTF-8"));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|error| {
        let before = &bytes[..error.valid_up_to()];
        let line = 1 + memchr::memchr_iter(b'\n', before).count();
        let column = before.len() - memchr::memrchr(b'\n', before).map_or(0, |end| end + 1) + 1;
        reading.refuse_at((line, column), "this is not UTF-8: save it as UTF-8")
    })
}

#[cfg(test)]
mod testing;

#[cfg(test)]
mod tests {
    use super::testing::{AT, reading};
    use super::*;

    #[test]
    fn what_is_no_text_names_its_place() {
        for document in Document::ALL {
            let error = read(document, b"a: b\nc: \xff\n", &reading("x.yaml")).unwrap_err();
            assert_eq!(error.to_string(), "x.yaml:2:4: this is not UTF-8: save it as UTF-8");
            let error = read(document, b"\xff\xfe{\0", &reading("x.json")).unwrap_err();
            assert_eq!(error.to_string(), "x.json:1:1: this is UTF-16: save it as UTF-8");
        }
    }

    #[test]
    fn what_is_too_large_is_refused() {
        let bytes = vec![b' '; MAX_DOCUMENT_BYTES + 1];
        let error = read(Document::CycloneDx, &bytes, &reading("big.json")).unwrap_err();
        assert!(error.to_string().starts_with("big.json: 67108865 bytes; at most 67108864"), "{error}");
        assert_eq!(reading("a").at, AT);
    }
}
