//! What bills of materials have in common: something has packages.

use super::draft::{Draft, put, put_list, text};
use super::image::Reference;
use super::{ImportError, Imported, Reading};
use model::entity::{HAS, package, repository};
use model::{EntityRef, Relation};
use serde_json::Map;
use std::collections::HashSet;

/// Kind of what has no package URL.
const COMPONENT: &str = "component";

/// One package of a bill.
#[derive(Clone, Debug, Default)]
pub struct Part {
    pub name: String,
    pub version: String,
    pub purl: Option<String>,
    pub licenses: Vec<String>,
    /// `required`, `optional`, `dev`, ...
    pub scope: Option<String>,
    /// `library`, `operating-system`, ...
    pub kind: Option<String>,
    /// How it came in: from what was asked for to it; empty when that is not said.
    pub via: Vec<String>,
}

/// What a bill says it is about.
#[derive(Clone, Debug, Default)]
pub struct Root {
    pub name: String,
    pub version: String,
    pub purl: Option<String>,
    pub container: bool,
    /// Address of its source.
    pub source: Option<String>,
}

impl Part {
    /// What it is called: a package, or a component that nobody else can name.
    pub fn entity(&self) -> Option<EntityRef> {
        match self.purl.as_deref().filter(|purl| purl.starts_with("pkg:")) {
            Some(purl) => package(purl).ok(),
            None if self.version.is_empty() => EntityRef::new(COMPONENT, self.name.clone()).ok(),
            None => EntityRef::new(COMPONENT, format!("{}@{}", self.name, self.version)).ok(),
        }
    }
}

/// What the bill is about: what it says itself, else what the reader was told.
pub fn subject(root: Option<&Root>, draft: &mut Draft<'_>) -> Result<EntityRef, ImportError> {
    let said = root.and_then(said);
    match (said, draft.reading.subject) {
        (Some(said), Some(told)) if said != *told => {
            let note = format!("the document says it is about {said}; {told} is not used");
            draft.note(note);
            Ok(said)
        }
        (Some(said), _) => Ok(said),
        (None, Some(told)) => Ok(told.clone()),
        (None, None) => Err(draft.reading.refuse(
            "the document does not say which image or repository it is about: name it, such as --subject repository:github.com/acme/shop",
        )),
    }
}

fn said(root: &Root) -> Option<EntityRef> {
    let oci = root.purl.as_deref().filter(|purl| purl.starts_with("pkg:oci/") || purl.starts_with("pkg:docker/"));
    if root.container || oci.is_some() {
        return image(root, oci);
    }
    root.source.as_deref().and_then(source)
}

/// The image by its name and version, which may be tag or digest, and by its package URL, which names the digest.
fn image(root: &Root, purl: Option<&str>) -> Option<EntityRef> {
    let mut reference = Reference::of(&root.name);
    let of_purl = purl.and_then(|purl| purl.split(['?', '#']).next()).and_then(|purl| purl.rsplit_once('@'));
    let digest = of_purl.map(|(_, version)| version.replace("%3A", ":").replace("%3a", ":"));
    let version = root.version.as_str();
    match version.split_once(':') {
        _ if reference.digest.is_some() => {}
        Some(("sha256" | "sha512", _)) => reference.digest = Some(version),
        _ if reference.tag.is_none() && !version.is_empty() => reference.tag = Some(version),
        _ => {}
    }
    if let Some(digest) = digest.as_deref().filter(|digest| digest.starts_with("sha256:")) {
        reference.digest = reference.digest.or(Some(digest));
        return reference.entity().ok();
    }
    reference.entity().ok().filter(|_| !reference.name.is_empty())
}

/// The repository of an address such as `git+https://github.com/acme/shop.git@v1`.
fn source(address: &str) -> Option<EntityRef> {
    let address = address.strip_prefix("git+").unwrap_or(address);
    let scp = address.starts_with("git@");
    let (_, rest) = address.split_once("://").or(Some(("", address)).filter(|_| scp))?;
    let rest = rest.split(['#', '?']).next().unwrap_or(rest);
    // After the path an @ gives a commit or tag; before it, a user.
    let rest = match rest.rsplit_once('@') {
        Some((path, _)) if path.contains('/') => path,
        _ => rest,
    };
    repository(rest).ok().filter(|repository| repository.key.contains('/'))
}

/// The bill as facts: relations alone, for a package is there where something has it.
pub fn facts(
    subject: &EntityRef,
    parts: impl Iterator<Item = Part>,
    mut draft: Draft<'_>,
) -> Result<Imported, ImportError> {
    let mut told: HashSet<Relation> = HashSet::new();
    for part in parts {
        let Some(to) = part.entity() else {
            draft.count("packages have neither a package URL nor a name that can be kept");
            continue;
        };
        let relation = Relation { kind: HAS.to_owned(), from: subject.clone(), to, layer: String::new() };
        if relation.to == *subject || told.contains(&relation) {
            continue;
        }
        let mut attributes = Map::new();
        put(&mut attributes, "name", Some(&part.name));
        put(&mut attributes, "version", Some(&part.version));
        put_list(&mut attributes, "licenses", part.licenses.iter().map(String::as_str));
        put(&mut attributes, "scope", part.scope.as_deref());
        put(&mut attributes, "type", part.kind.as_deref());
        put_list(&mut attributes, "via", part.via.iter().map(String::as_str));
        let Relation { from, to, .. } = relation.clone();
        draft.facts.related(from, HAS, to, draft.reading.at).attributes = attributes;
        told.insert(relation);
    }
    draft.complete(subject, &[HAS]);
    draft.finish()
}

/// A license expression or name, unless it says that nobody knows.
pub fn license(said: Option<&str>) -> Option<String> {
    said.map(text).filter(|said| !said.is_empty() && said != "NOASSERTION" && said != "NONE")
}

/// Origin of everything that a bill says.
pub fn draft<'a>(reading: &'a Reading<'a>) -> Draft<'a> {
    Draft::new("sbom", reading)
}

/// What is said of a package, for the tests of both formats.
#[cfg(test)]
pub fn attributes_of(facts: &model::Facts, to: &str) -> serde_json::Value {
    let found = facts.observations.iter().find_map(|observation| match &observation.about {
        model::About::Relation(relation) if relation.to.to_string() == to => Some(observation.attributes.clone()),
        _ => None,
    });
    serde_json::Value::Object(found.unwrap_or_else(|| panic!("no {to}")))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{entity, reading};
    use super::*;

    fn about(root: Root) -> Option<String> {
        said(&root).map(|entity| entity.to_string())
    }

    #[test]
    fn images_are_named_by_digest_when_it_is_known() {
        let root = |name: &str, version: &str, purl: Option<&str>| {
            let purl = purl.map(str::to_owned);
            about(Root { name: name.into(), version: version.into(), purl, container: true, source: None })
        };
        let with_digest = Some("container.image:acme/shop@sha256:ab".to_owned());
        assert_eq!(root("acme/shop:1.2", "sha256:ab", None), with_digest);
        assert_eq!(root("acme/shop@sha256:ab", "1.2", None), with_digest);
        assert_eq!(root("acme/shop:1", "", Some("pkg:oci/shop@sha256%3Aab?repository_url=x")), with_digest);
        assert_eq!(root("acme/shop", "1.2", None), Some("container.image:acme/shop:1.2".to_owned()));
        assert_eq!(root("acme/shop", "", None), Some("container.image:acme/shop:latest".to_owned()));
        assert_eq!(root("", "", None), None);
    }

    #[test]
    fn sources_are_repositories() {
        for address in [
            "https://github.com/acme/shop",
            "git+https://github.com/acme/shop.git@v1.2",
            "git+ssh://git@github.com/acme/shop#main",
            "git@github.com:acme/shop.git",
        ] {
            let root = Root { source: Some(address.to_owned()), ..Root::default() };
            assert_eq!(about(root).as_deref(), Some("repository:github.com/acme/shop"), "{address}");
        }
        for address in ["NOASSERTION", "", "https://example.org"] {
            assert_eq!(about(Root { source: Some(address.to_owned()), ..Root::default() }), None, "{address}");
        }
    }

    #[test]
    fn what_it_is_about_must_be_said_somewhere() {
        let told = entity("host:web-1");
        let with = Reading { subject: Some(&told), ..reading("a") };
        assert_eq!(subject(None, &mut draft(&with)).unwrap(), told);
        let container = Root { name: "acme/shop".into(), container: true, ..Root::default() };
        let mut noted = draft(&with);
        assert_eq!(subject(Some(&container), &mut noted).unwrap().key, "acme/shop:latest");
        assert_eq!(noted.finish().unwrap().notes.len(), 1);
        let error = subject(Some(&Root::default()), &mut draft(&reading("a"))).unwrap_err();
        assert!(error.reason.contains("--subject"));
    }
}
