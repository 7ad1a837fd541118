//! SPDX as tag-value: `Tag: value` lines, of which those of packages and relationships are read.

use super::limits::MAX_DOCUMENT_FACTS;
use super::spdx::{Document, External, Package, Relationship};
use super::{ImportError, Reading};

/// Reads a document. Texts between `<text>` and `</text>` may have lines of their own.
pub fn parse(text: &str, reading: &Reading<'_>) -> Result<Document, ImportError> {
    let mut document = Document::default();
    // A file or snippet began: what follows is not the package's.
    let mut of_package = false;
    let mut lines = text.lines().enumerate();
    while let Some((index, line)) = lines.next() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let place = (index + 1, 1);
        let refuse = |reason: &str| reading.refuse_at(place, reason);
        let (tag, value) = line.split_once(':').ok_or_else(|| refuse("this line is no `Tag: value`"))?;
        let (tag, mut value) = (tag.trim(), value.trim());
        if let Some(rest) = value.strip_prefix("<text>") {
            value = match rest.split_once("</text>") {
                Some((value, _)) => value,
                // No tag that is read has several lines; the text is only passed over.
                None if lines.any(|(_, line)| line.contains("</text>")) => "",
                None => return Err(refuse("this <text> has no </text>")),
            };
        }
        match tag {
            "SPDXVersion" => document.spdx_version = Some(value.to_owned()),
            "PackageName" => {
                of_package = true;
                document.packages.push(Package { name: value.to_owned(), ..Package::default() });
            }
            "FileName" | "SnippetSPDXID" | "LicenseID" => of_package = false,
            "Relationship" => {
                let mut words = value.split_whitespace();
                let (Some(from), Some(kind), Some(to)) = (words.next(), words.next(), words.next()) else {
                    return Err(refuse("a relationship is written: id TYPE id"));
                };
                let (from, kind, to) = (from.to_owned(), kind.to_owned(), to.to_owned());
                document.relationships.push(Relationship { from, to, kind });
            }
            _ => {
                if let Some(package) = document.packages.last_mut().filter(|_| of_package) {
                    field(package, tag, value).map_err(refuse)?;
                }
            }
        }
        if document.packages.len().max(document.relationships.len()) > MAX_DOCUMENT_FACTS {
            return Err(refuse("more packages or relationships than MAX_DOCUMENT_FACTS: split the document"));
        }
    }
    if document.spdx_version.is_none() {
        return Err(reading.refuse("this is no SPDX document: it has no SPDXVersion"));
    }
    Ok(document)
}

fn field(package: &mut Package, tag: &str, value: &str) -> Result<(), &'static str> {
    let said = Some(value.to_owned());
    match tag {
        "SPDXID" => package.id = value.to_owned(),
        "PackageVersion" => package.version_info = said,
        "PackageDownloadLocation" => package.download_location = said,
        "PackageLicenseConcluded" => package.license_concluded = said,
        "PackageLicenseDeclared" => package.license_declared = said,
        "PrimaryPackagePurpose" => package.primary_package_purpose = said,
        "ExternalRef" => {
            let mut words = value.split_whitespace().skip(1);
            let (Some(kind), Some(locator)) = (words.next(), words.next()) else {
                return Err("an external reference is written: CATEGORY type locator");
            };
            let (reference_type, reference_locator) = (kind.to_owned(), locator.to_owned());
            package.external_refs.push(External { reference_type, reference_locator });
        }
        _ => {}
    }
    Ok(())
}
