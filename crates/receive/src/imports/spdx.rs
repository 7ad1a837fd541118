//! SPDX 2.2 and 2.3, as JSON or tag-value, and the packages of SPDX 3.0 as JSON-LD.

use super::draft::Draft;
use super::sbom::{self, Part, Root};
use super::{ImportError, Imported, Reading, json, spdx_tags};
use serde::Deserialize;
use std::collections::{HashMap, HashSet};

/// The id of the document itself.
const DOCUMENT: &str = "SPDXRef-DOCUMENT";

/// A document of version 2, in either form.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Document {
    pub spdx_version: Option<String>,
    #[serde(default, deserialize_with = "json::bounded")]
    pub packages: Vec<Package>,
    #[serde(default, deserialize_with = "json::bounded")]
    pub relationships: Vec<Relationship>,
    #[serde(default, deserialize_with = "json::bounded")]
    pub document_describes: Vec<String>,
    /// Of version 3.
    #[serde(rename = "@graph", default, deserialize_with = "json::bounded")]
    graph: Vec<Element>,
    #[serde(rename = "@context")]
    context: Option<serde::de::IgnoredAny>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Package {
    #[serde(rename = "SPDXID")]
    pub id: String,
    pub name: String,
    pub version_info: Option<String>,
    pub download_location: Option<String>,
    pub license_concluded: Option<String>,
    pub license_declared: Option<String>,
    pub primary_package_purpose: Option<String>,
    #[serde(default, deserialize_with = "json::bounded")]
    pub external_refs: Vec<External>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct External {
    pub reference_type: String,
    pub reference_locator: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Relationship {
    #[serde(rename = "spdxElementId")]
    pub from: String,
    #[serde(rename = "relatedSpdxElement")]
    pub to: String,
    #[serde(rename = "relationshipType")]
    pub kind: String,
}

/// An element of version 3, as far as it is read.
#[derive(Deserialize)]
struct Element {
    #[serde(rename = "type")]
    kind: Option<String>,
    #[serde(rename = "spdxId")]
    id: Option<String>,
    name: Option<String>,
    #[serde(rename = "software_packageVersion")]
    version: Option<String>,
    #[serde(rename = "software_packageUrl")]
    purl: Option<String>,
    #[serde(rename = "software_downloadLocation")]
    source: Option<String>,
    #[serde(rename = "software_primaryPurpose")]
    purpose: Option<String>,
    #[serde(rename = "rootElement", default, deserialize_with = "json::bounded")]
    roots: Vec<String>,
}

pub fn read(text: &str, reading: &Reading<'_>) -> Result<Imported, ImportError> {
    let start = text.trim_start();
    if start.starts_with('<') {
        return Err(reading.refuse_at((1, 1), "SPDX as XML or RDF is not read: convert it to JSON"));
    }
    let document = if start.starts_with(['{', '[']) {
        json::parse::<Document>(text, reading)?
    } else {
        spdx_tags::parse(text, reading)?
    };
    if document.context.is_some() {
        return third(document.graph, reading);
    }
    match document.spdx_version.as_deref() {
        Some("SPDX-2.2" | "SPDX-2.3") => second(document, reading),
        Some(other) => {
            let other = super::draft::text(other);
            Err(reading.refuse(format!("spdxVersion {other:?} is not read; known are SPDX-2.2, SPDX-2.3 and 3.0")))
        }
        None => Err(reading.refuse("this is no SPDX document: it has no spdxVersion")),
    }
}

fn second(document: Document, reading: &Reading<'_>) -> Result<Imported, ImportError> {
    let mut draft = sbom::draft(reading);
    let described = document.relationships.iter().filter_map(|relationship| match relationship.kind.as_str() {
        "DESCRIBES" if relationship.from == DOCUMENT => Some(relationship.to.as_str()),
        "DESCRIBED_BY" if relationship.to == DOCUMENT => Some(relationship.from.as_str()),
        _ => None,
    });
    let roots: HashSet<&str> = document.document_describes.iter().map(String::as_str).chain(described).collect();
    let scopes = scopes(&document.relationships);
    let root = document.packages.iter().find(|package| roots.contains(package.id.as_str())).map(root_of);
    // Where several packages are described, the document is a list of them and is about none.
    let single = roots.len() == 1;
    let subject = sbom::subject(root.as_ref().filter(|_| single), &mut draft)?;
    let parts = document.packages.iter().filter(|package| !(single && roots.contains(package.id.as_str())));
    let parts = parts.map(|package| Part {
        name: package.name.clone(),
        version: package.version_info.clone().unwrap_or_default(),
        purl: purl_of(package).map(str::to_owned),
        licenses: [&package.license_concluded, &package.license_declared]
            .into_iter()
            .find_map(|said| sbom::license(said.as_deref()))
            .into_iter()
            .collect(),
        scope: scopes.get(package.id.as_str()).map(|scope| (*scope).to_owned()),
        kind: package.primary_package_purpose.as_ref().map(|purpose| purpose.to_lowercase().replace('_', "-")),
        via: Vec::new(),
    });
    sbom::facts(&subject, parts, draft)
}

fn purl_of(package: &Package) -> Option<&str> {
    let found = package.external_refs.iter().find(|external| external.reference_type == "purl");
    found.map(|external| external.reference_locator.as_str())
}

fn root_of(package: &Package) -> Root {
    Root {
        name: package.name.clone(),
        version: package.version_info.clone().unwrap_or_default(),
        purl: purl_of(package).map(str::to_owned),
        container: package.primary_package_purpose.as_deref() == Some("CONTAINER"),
        source: package.download_location.clone(),
    }
}

/// What a package is needed for, where a relationship says so.
fn scopes(relationships: &[Relationship]) -> HashMap<&str, &'static str> {
    let scope = |relationship: &Relationship| match relationship.kind.as_str() {
        "DEV_DEPENDENCY_OF" | "DEV_TOOL_OF" => Some("dev"),
        "TEST_DEPENDENCY_OF" | "TEST_OF" => Some("test"),
        "BUILD_DEPENDENCY_OF" | "BUILD_TOOL_OF" => Some("build"),
        "OPTIONAL_DEPENDENCY_OF" | "OPTIONAL_COMPONENT_OF" => Some("optional"),
        "RUNTIME_DEPENDENCY_OF" => Some("runtime"),
        "PROVIDED_DEPENDENCY_OF" => Some("provided"),
        _ => None,
    };
    relationships.iter().filter_map(|relationship| Some((relationship.from.as_str(), scope(relationship)?))).collect()
}

fn third(graph: Vec<Element>, reading: &Reading<'_>) -> Result<Imported, ImportError> {
    let mut draft: Draft<'_> = sbom::draft(reading);
    let is = |element: &&Element, kind: &str| element.kind.as_deref() == Some(kind);
    // The bill names what it is about; the document may name the bill.
    let bill = graph.iter().find(|element| is(element, "software_Sbom"));
    let names = bill.or_else(|| graph.iter().find(|element| is(element, "SpdxDocument")));
    let roots: Vec<&str> = names.map_or(&[][..], |names| &names.roots).iter().map(String::as_str).collect();
    let packages = || graph.iter().filter(|element| is(element, "software_Package"));
    let is_root = |element: &Element| roots.len() == 1 && element.id.as_deref() == Some(roots[0]);
    let root = packages().find(|element| is_root(element)).map(|element| Root {
        name: element.name.clone().unwrap_or_default(),
        version: element.version.clone().unwrap_or_default(),
        purl: element.purl.clone(),
        container: element.purpose.as_deref() == Some("container"),
        source: element.source.clone(),
    });
    if packages().next().is_none() {
        return Err(reading.refuse("this SPDX 3.0 document has no software_Package in its @graph"));
    }
    let subject = sbom::subject(root.as_ref(), &mut draft)?;
    let parts = packages().filter(|element| !is_root(element)).map(|element| Part {
        name: element.name.clone().unwrap_or_default(),
        version: element.version.clone().unwrap_or_default(),
        purl: element.purl.clone(),
        kind: element.purpose.clone(),
        ..Part::default()
    });
    let parts: Vec<Part> = parts.collect();
    sbom::facts(&subject, parts.into_iter(), draft)
}

#[cfg(test)]
#[path = "spdx_tests.rs"]
mod tests;
