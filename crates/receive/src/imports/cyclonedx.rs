//! CycloneDX as JSON, versions 1.2 to 1.7: what something has, and which of it is known to be vulnerable.

use super::draft::{Draft, put, text};
use super::limits::{MAX_DOCUMENT_FACTS, MAX_ITEMS};
use super::sbom::{self, Part, Root};
use super::{ImportError, Imported, Reading, json};
use model::entity::package;
use model::{EntityRef, Finding, hex};
use serde::Deserialize;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;

/// Versions of the format whose fields are known.
const VERSIONS: [&str; 6] = ["1.2", "1.3", "1.4", "1.5", "1.6", "1.7"];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bom {
    bom_format: Option<String>,
    spec_version: Option<String>,
    #[serde(default)]
    metadata: Metadata,
    #[serde(default, deserialize_with = "json::bounded")]
    components: Vec<Component>,
    #[serde(default, deserialize_with = "json::bounded")]
    vulnerabilities: Vec<Vulnerability>,
    #[serde(default, deserialize_with = "json::bounded")]
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Dependency {
    #[serde(rename = "ref")]
    reference: Option<String>,
    #[serde(default, deserialize_with = "json::bounded")]
    depends_on: Vec<String>,
}

#[derive(Default, Deserialize)]
struct Metadata {
    component: Option<Component>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Component {
    #[serde(rename = "type")]
    kind: Option<String>,
    #[serde(rename = "bom-ref")]
    reference: Option<String>,
    name: String,
    group: Option<String>,
    version: Option<String>,
    scope: Option<String>,
    purl: Option<String>,
    #[serde(default)]
    licenses: Vec<Licensed>,
    #[serde(default)]
    external_references: Vec<External>,
    #[serde(default, deserialize_with = "json::bounded")]
    components: Vec<Component>,
}

#[derive(Deserialize)]
struct Licensed {
    expression: Option<String>,
    license: Option<License>,
}

#[derive(Deserialize)]
struct License {
    id: Option<String>,
    name: Option<String>,
}

#[derive(Deserialize)]
struct External {
    #[serde(rename = "type")]
    kind: Option<String>,
    url: Option<String>,
}

#[derive(Deserialize)]
struct Vulnerability {
    id: Option<String>,
    source: Option<Source>,
    #[serde(default)]
    ratings: Vec<Rating>,
    description: Option<String>,
    #[serde(default)]
    affects: Vec<Affected>,
    analysis: Option<Analysis>,
}

#[derive(Deserialize)]
struct Source {
    name: Option<String>,
}

#[derive(Deserialize)]
struct Rating {
    severity: Option<String>,
    score: Option<f64>,
    vector: Option<String>,
}

#[derive(Deserialize)]
struct Affected {
    #[serde(rename = "ref")]
    reference: String,
}

#[derive(Deserialize)]
struct Analysis {
    state: Option<String>,
}

pub fn read(document: &str, reading: &Reading<'_>) -> Result<Imported, ImportError> {
    if document.trim_start().starts_with('<') {
        return Err(reading.refuse_at((1, 1), "CycloneDX as XML is not read: convert it to JSON"));
    }
    let bom: Bom = json::parse(document, reading)?;
    let mut draft = sbom::draft(reading);
    if bom.bom_format.as_deref() != Some("CycloneDX") {
        return Err(reading.refuse("this is no CycloneDX document: its bomFormat is not CycloneDX"));
    }
    let version = bom.spec_version.unwrap_or_default();
    if !VERSIONS.contains(&version.as_str()) {
        let known = VERSIONS.join(", ");
        return Err(reading.refuse(format!("specVersion {:?} is not read; known are {known}", text(&version))));
    }
    let mut root = bom.metadata.component;
    let below = root.as_mut().map(|root| std::mem::take(&mut root.components)).unwrap_or_default();
    let about = root.as_ref().map(root_of);
    let subject = sbom::subject(about.as_ref(), &mut draft)?;
    let main = root.as_ref().and_then(|root| root.reference.clone());
    let (mut parts, references) = flatten(bom.components.into_iter().chain(below));
    ways(&mut parts, &references, main.as_deref(), &bom.dependencies);
    let affects = Affects { references: &references, parts: &parts, subject: &subject };
    for vulnerability in bom.vulnerabilities {
        affects.findings(vulnerability, &mut draft)?;
    }
    sbom::facts(&subject, parts.into_iter(), draft)
}

fn root_of(component: &Component) -> Root {
    let vcs = component.external_references.iter().find(|external| external.kind.as_deref() == Some("vcs"));
    Root {
        name: component.name.clone(),
        version: component.version.clone().unwrap_or_default(),
        purl: component.purl.clone(),
        container: component.kind.as_deref() == Some("container"),
        source: vcs.and_then(|external| external.url.clone()),
    }
}

/// All components in their order, those within others too, and which has which reference. JSON bounds their depth.
fn flatten(components: impl Iterator<Item = Component>) -> (Vec<Part>, HashMap<String, usize>) {
    let (mut parts, mut references) = (Vec::new(), HashMap::new());
    let mut waiting: Vec<Component> = components.collect();
    waiting.reverse();
    while let Some(mut component) = waiting.pop() {
        if let Some(reference) = component.reference.take() {
            references.insert(reference, parts.len());
        }
        waiting.extend(std::mem::take(&mut component.components).into_iter().rev());
        parts.push(part(component));
    }
    (parts, references)
}

/// Says of each part how it came in: the shortest way from what the whole asks for itself, else from what nothing needs.
fn ways(parts: &mut [Part], references: &HashMap<String, usize>, main: Option<&str>, dependencies: &[Dependency]) {
    let number = |reference: &String| references.get(reference).copied();
    let (mut needs, mut needed) = (vec![Vec::new(); parts.len()], vec![false; parts.len()]);
    let mut direct = Vec::new();
    for dependency in dependencies {
        let Some(from) = &dependency.reference else { continue };
        let to: Vec<usize> = dependency.depends_on.iter().filter_map(number).collect();
        if main == Some(from.as_str()) {
            direct.extend(to);
        } else if let Some(from) = number(from) {
            to.iter().for_each(|to| needed[*to] = true);
            needs[from].extend(to);
        }
    }
    if direct.is_empty() {
        direct = (0..parts.len()).filter(|part| !needed[*part] && !needs[*part].is_empty()).collect();
    }
    // Each part with the one it came in by, and where its way begins.
    let (mut by, mut at) = (HashMap::<usize, (Option<usize>, usize)>::new(), 0);
    let mut order = direct;
    order.retain(|part| by.insert(*part, (None, *part)).is_none());
    while let Some(part) = order.get(at).copied() {
        at += 1;
        let first = by.get(&part).map_or(part, |(_, first)| *first);
        for to in &needs[part] {
            by.entry(*to).or_insert_with(|| {
                order.push(*to);
                (Some(part), first)
            });
        }
    }
    let name = |part: &Part| format!("{} {}", part.name, part.version).trim().to_owned();
    let names: Vec<String> = parts.iter().map(name).collect();
    for (number, part) in parts.iter_mut().enumerate() {
        let Some((Some(_), first)) = by.get(&number) else { continue };
        // Of a long way the beginning and the end are kept: each step is walked once for every part.
        let (mut way, mut last) = (vec![names[number].clone()], number);
        while let Some((Some(before), _)) = by.get(&last).filter(|_| way.len() < MAX_ITEMS - 1) {
            way.push(names[*before].clone());
            last = *before;
        }
        if last != *first {
            way.push(names[*first].clone());
        }
        way.reverse();
        part.via = way;
    }
}

fn part(component: Component) -> Part {
    let licenses = component.licenses.into_iter().filter_map(|licensed| {
        let named = licensed.license.and_then(|license| license.id.or(license.name));
        sbom::license(licensed.expression.or(named).as_deref())
    });
    let name = match component.group.filter(|group| !group.is_empty()) {
        Some(group) => format!("{group}/{}", component.name),
        None => component.name,
    };
    Part {
        name,
        version: component.version.unwrap_or_default(),
        purl: component.purl,
        licenses: licenses.collect(),
        scope: component.scope,
        kind: component.kind,
        via: Vec::new(),
    }
}

/// What vulnerabilities point at.
struct Affects<'a> {
    references: &'a HashMap<String, usize>,
    parts: &'a [Part],
    subject: &'a EntityRef,
}

impl Affects<'_> {
    /// A finding for everything that a vulnerability affects; without any, one for the whole.
    fn findings(&self, vulnerability: Vulnerability, draft: &mut Draft<'_>) -> Result<(), ImportError> {
        let Some(rule) = vulnerability.id.as_deref().map(text).filter(|rule| !rule.is_empty()) else {
            draft.count("vulnerabilities have no id and are not kept");
            return Ok(());
        };
        let state = vulnerability.analysis.as_ref().and_then(|analysis| analysis.state.as_deref()).unwrap_or_default();
        // What somebody found not to matter here, or to be gone, ends what was found earlier.
        let ended = matches!(state, "resolved" | "resolved_with_pedigree" | "false_positive" | "not_affected");
        let (severity, rating) = severity(&vulnerability.ratings);
        let mut evidence = Map::new();
        if let Some(rating) = rating {
            put(&mut evidence, "vector", rating.vector.as_deref());
            evidence.extend(rating.score.map(|score| ("score".to_owned(), Value::from(score))));
        }
        let source = vulnerability.source.and_then(|source| source.name);
        put(&mut evidence, "source", source.as_deref());
        put(&mut evidence, "analysis", Some(state));
        let places: Vec<String> = match vulnerability.affects.as_slice() {
            [] => vec![self.subject.key.clone()],
            affects => affects.iter().map(|affected| self.place(&affected.reference)).collect(),
        };
        let about =
            vulnerability.description.as_deref().and_then(|said| said.trim().lines().next()).unwrap_or_default();
        for place in places {
            if draft.facts.findings.len() >= MAX_DOCUMENT_FACTS {
                let reason =
                    format!("more than {MAX_DOCUMENT_FACTS} findings (MAX_DOCUMENT_FACTS): split the document");
                return Err(draft.reading.refuse(reason));
            }
            let title = if about.is_empty() { format!("{rule} in {place}") } else { format!("{rule}: {about}") };
            draft.facts.findings.push(Finding {
                entity: Some(self.subject.clone()),
                fingerprint: fingerprint(&rule, &place, self.subject),
                rule: rule.clone(),
                severity: severity.to_owned(),
                title: text(&title),
                place,
                at: draft.reading.at,
                ended,
                evidence: evidence.clone(),
            });
        }
        Ok(())
    }

    /// The package of a reference, which may be one into this document by its serial number.
    fn place(&self, reference: &str) -> String {
        let local = reference
            .strip_prefix("urn:cdx:")
            .and_then(|link| link.split_once('#'))
            .map_or(reference, |(_, local)| local);
        let part = self.references.get(local).and_then(|index| self.parts.get(*index));
        match part.and_then(Part::entity).or_else(|| package(local).ok().filter(|_| local.starts_with("pkg:"))) {
            Some(entity) => entity.key,
            None if local.trim().is_empty() => self.subject.key.clone(),
            None => text(local),
        }
    }
}

/// The same weakness of the same package in the same thing, whoever tells it.
fn fingerprint(rule: &str, place: &str, subject: &EntityRef) -> String {
    hex::encode(&Sha256::digest(format!("{rule}\0{place}\0{subject}")))
}

/// The worst rating. What nobody rated is looked at, not hidden.
fn severity(ratings: &[Rating]) -> (&'static str, Option<&Rating>) {
    let level = |rating: &Rating| match (rating.severity.as_deref(), rating.score) {
        (Some("critical"), _) => 4,
        (Some("high"), _) => 3,
        (Some("medium"), _) => 2,
        (Some("low"), _) => 1,
        (Some("info" | "none"), _) => 0,
        (_, Some(score)) if score >= 9.0 => 4,
        (_, Some(score)) if score >= 7.0 => 3,
        (_, Some(score)) if score >= 4.0 => 2,
        (_, Some(score)) if score > 0.0 => 1,
        _ => 2,
    };
    let worst = ratings.iter().max_by_key(|rating| level(rating));
    (["info", "low", "medium", "high", "critical"][worst.map_or(2, level)], worst)
}

#[cfg(test)]
#[path = "cyclonedx_tests.rs"]
mod tests;
