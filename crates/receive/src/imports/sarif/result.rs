//! A result as a finding.

use super::document::{Component, Descriptor, Found, Message, Run, Score};
use super::paths::Bases;
use crate::imports::limits::{MAX_SARIF_MESSAGE_BYTES, MAX_SARIF_NAME_BYTES};
use crate::lines::rows::cut_text;
use model::{Hiding, Reported, hex};
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;

/// A finding, what identifies it, and where exactly it is.
pub struct Identified {
    pub identity: Vec<String>,
    pub place: (i64, i64, String),
    pub finding: Reported,
}

/// The rules of a run's tool and of its extensions.
pub struct Rules<'r> {
    components: Vec<&'r Component>,
    by_id: HashMap<&'r str, &'r Descriptor>,
}

impl<'r> Rules<'r> {
    pub fn of(run: &'r Run<'_>) -> Rules<'r> {
        let components: Vec<&Component> = std::iter::once(&run.tool.driver).chain(&run.tool.extensions).collect();
        let mut by_id = HashMap::new();
        for rule in components.iter().flat_map(|component| &component.rules) {
            by_id.entry(rule.id.as_str()).or_insert(rule);
        }
        Rules { components, by_id }
    }

    /// The rule that a result names: by place, else by name, else by the name before its last part.
    fn find(&self, result: &Found) -> Option<&'r Descriptor> {
        let said = result.rule.as_ref();
        let component = said.and_then(|rule| rule.tool_component.as_ref()).and_then(|wanted| {
            let by_index = wanted.index.filter(|index| *index >= 0).and_then(|index| self.extension(index));
            by_index.or_else(|| {
                self.components.iter().copied().find(|one| {
                    wanted.guid.is_some() && one.guid == wanted.guid
                        || wanted.name.as_deref() == Some(one.name.as_str())
                })
            })
        });
        let index = said.and_then(|rule| rule.index).or(result.rule_index).filter(|index| *index >= 0);
        let by_index = component.or(self.components.first().copied()).zip(index);
        let by_index = by_index.and_then(|(component, index)| component.rules.get(usize::try_from(index).ok()?));
        let id = said.and_then(|rule| rule.id.as_deref()).or(result.rule_id.as_deref());
        // An index that contradicts the name is a mistake: the name counts.
        let by_index =
            by_index.filter(|rule| id.is_none_or(|id| id == rule.id || id.starts_with(&format!("{}/", rule.id))));
        by_index.or_else(|| {
            let id = id?;
            let parent = || self.by_id.get(id.rsplit_once('/')?.0);
            self.by_id.get(id).or_else(parent).copied()
        })
    }

    fn extension(&self, index: i64) -> Option<&'r Component> {
        self.components.get(usize::try_from(index).ok()? + 1).copied()
    }
}

/// A result as a finding, or why it is none.
pub fn read(result: &Found, run: &Run<'_>, rules: &Rules<'_>, bases: &Bases<'_>) -> Result<Identified, &'static str> {
    match result.kind.as_deref() {
        None | Some("fail" | "review") => {}
        Some("pass") => return Err("results say that a rule passed"),
        Some("notApplicable") => return Err("results say that a rule does not apply"),
        Some("open") => return Err("results say that a rule could not be decided"),
        Some(_) => return Err("results say nothing that is weak"),
    }
    if result.baseline_state.as_deref() == Some("absent") {
        return Err("results are of an earlier run and are gone");
    }
    let rule = rules.find(result);
    let named = result.rule_id.as_deref().or_else(|| result.rule.as_ref()?.id.as_deref());
    let id = named.or(rule.map(|rule| rule.id.as_str())).map(str::trim).filter(|id| !id.is_empty());
    let id = clean(id.ok_or("results name no rule")?, MAX_SARIF_NAME_BYTES);
    let (path, line, column, address) = place(result, run, bases);
    let message = clean(&said(&result.message, rule), MAX_SARIF_MESSAGE_BYTES);
    let title = rule.and_then(|rule| title(rule, &id)).unwrap_or_else(|| first_line(&message));
    let title = if title.is_empty() { id.clone() } else { title };
    let identity = identity(result, &id, &path, &address, &message);
    let finding = Reported {
        fingerprint: String::new(),
        rule: id,
        severity: severity(result, rule).to_owned(),
        title: clean(&title, MAX_SARIF_NAME_BYTES),
        message: message.clone(),
        path,
        address,
        line: u32::try_from(line).unwrap_or(0),
        owners: Vec::new(),
        hidden: hidden(result),
        evidence: quoted(result, run, column),
    };
    Ok(Identified { identity, place: (line, column, message), finding })
}

/// The tool whose lines hold no secrets: others write the secret itself there.
const OURS: &str = "tandem";

/// The line that a result is about with the column in it, where it is known to hold no secret.
fn quoted(result: &Found, run: &Run<'_>, column: i64) -> serde_json::Map<String, serde_json::Value> {
    let mut evidence = serde_json::Map::new();
    let region = result.locations.iter().find_map(|location| location.physical_location.as_ref()?.region.as_ref());
    let text = region.and_then(|region| region.snippet.as_ref()?.text.as_deref());
    let line = text.and_then(|text| text.lines().next()).filter(|line| !line.trim().is_empty());
    if let Some(line) = line.filter(|_| run.tool.driver.name.trim() == OURS) {
        evidence.insert("snippet".to_owned(), cut_text(line, MAX_SARIF_NAME_BYTES).replace('\0', " ").into());
        // Of a long line that was cut before the place nobody knows the column any more.
        if column > 0 && !line.starts_with('\u{2026}') {
            evidence.insert("column".to_owned(), column.into());
        }
    }
    evidence
}

/// What identifies a result: what its tool says does, with rule and path, as some tools write the same for all.
fn identity(result: &Found, rule: &str, path: &str, address: &str, message: &str) -> Vec<String> {
    let listed = |prints: &std::collections::BTreeMap<String, String>| -> Vec<String> {
        prints.iter().map(|(name, value)| format!("{name}={value}")).collect()
    };
    let own = if !result.fingerprints.is_empty() {
        listed(&result.fingerprints)
    } else if let Some(guid) = &result.correlation_guid {
        vec![guid.clone()]
    } else if !result.partial_fingerprints.is_empty() {
        listed(&result.partial_fingerprints)
    } else {
        vec![address.to_owned(), normalised(message)]
    };
    [vec![rule.to_owned(), path.to_owned()], own].concat()
}

/// The fingerprint that the ledger keeps.
pub fn fingerprint(tool: &str, identity: &[String], ordinal: usize) -> String {
    let mut hasher = Sha256::new();
    let ordinal = ordinal.to_string();
    for part in std::iter::once(tool).chain(identity.iter().map(String::as_str)).chain([ordinal.as_str()]) {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hex::encode(&hasher.finalize()[..16])
}

/// Words without what changes when lines move: numbers, and how it is spaced.
fn normalised(message: &str) -> String {
    let mut out = String::with_capacity(message.len());
    for word in message.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        let mut digits = false;
        for character in word.chars() {
            if character.is_ascii_digit() {
                if !digits {
                    out.push('#');
                }
                digits = true;
            } else {
                digits = false;
                out.extend(character.to_lowercase());
            }
        }
    }
    out
}

/// Path, line, column and logical place: of the first location that has a file, and the first that has a name.
fn place(result: &Found, run: &Run<'_>, bases: &Bases<'_>) -> (String, i64, i64, String) {
    let physical = result.locations.iter().find_map(|location| location.physical_location.as_ref());
    let mut artifact = physical.and_then(|physical| physical.artifact_location.clone());
    if let Some(artifact) = &mut artifact
        && artifact.uri.is_none()
        && let Some(index) = artifact.index.and_then(|index| usize::try_from(index).ok())
        && let Some(listed) = run.artifacts.get(index).and_then(|listed| listed.location.clone())
    {
        *artifact = listed;
    }
    let path = artifact.map(|artifact| bases.path(&artifact)).unwrap_or_default();
    let region = physical.and_then(|physical| physical.region.as_ref());
    let line = region.and_then(|region| region.start_line).unwrap_or(0).max(0);
    let column = region.and_then(|region| region.start_column).unwrap_or(0).max(0);
    let logical = result.locations.iter().flat_map(|location| &location.logical_locations);
    let mut names = logical.filter_map(|one| one.fully_qualified_name.as_deref().or(one.name.as_deref()));
    let address = clean(names.next().unwrap_or_default(), MAX_SARIF_NAME_BYTES);
    (clean(&path, MAX_SARIF_NAME_BYTES), line, column, address)
}

/// The message, or the rule's words that it names, with its arguments.
fn said(message: &Message, rule: Option<&Descriptor>) -> String {
    let named = || rule?.message_strings.get(message.id.as_deref()?)?.text.clone();
    let text = message.text.clone().or_else(named).or_else(|| message.markdown.clone()).unwrap_or_default();
    if message.arguments.is_empty() || !text.contains('{') {
        return text;
    }
    message.arguments.iter().enumerate().fold(text, |text, (at, argument)| {
        // A message that grew beyond what is kept need not grow more.
        if text.len() > MAX_SARIF_MESSAGE_BYTES { text } else { text.replace(&format!("{{{at}}}"), argument) }
    })
}

fn title(rule: &Descriptor, id: &str) -> Option<String> {
    let text = |message: &Option<Message>| message.as_ref().and_then(|message| message.text.clone());
    let said = text(&rule.short_description).or_else(|| text(&rule.full_description).map(|text| first_line(&text)));
    let said = said.or_else(|| rule.name.clone()).map(|said| first_line(&said));
    said.filter(|said| !said.is_empty() && said != id)
}

fn first_line(text: &str) -> String {
    text.trim().lines().next().unwrap_or_default().trim().to_owned()
}

fn clean(text: &str, most: usize) -> String {
    cut_text(text.trim(), most).replace('\0', " ")
}

/// By the score where there is one, else by the level.
fn severity(result: &Found, rule: Option<&Descriptor>) -> &'static str {
    let own = result.properties.security_severity.as_ref();
    let score = own.or(rule.and_then(|rule| rule.properties.security_severity.as_ref()));
    let score = match score {
        Some(Score::Number(score)) => Some(*score),
        Some(Score::Text(text)) => text.trim().parse().ok(),
        Some(Score::Other(_)) | None => None,
    };
    match score {
        Some(score) if score >= 9.0 => return "critical",
        Some(score) if score >= 7.0 => return "high",
        Some(score) if score >= 4.0 => return "medium",
        Some(score) if score > 0.0 => return "low",
        Some(_) => return "info",
        None => {}
    }
    let usual = || rule?.default_configuration.as_ref()?.level.as_deref();
    match result.level.as_deref().or_else(usual).unwrap_or("warning") {
        "error" => "high",
        "note" => "low",
        "none" => "info",
        _ => "medium",
    }
}

/// What hides it, unless all that would was not accepted.
fn hidden(result: &Found) -> Option<Hiding> {
    let accepted = |status: Option<&str>| matches!(status, None | Some("accepted"));
    let first = result.suppressions.iter().find(|one| accepted(one.status.as_deref()))?;
    let by = if first.kind.as_deref() == Some("external") { "external" } else { "inSource" };
    let reason = first.justification.as_deref().map(|said| clean(said, MAX_SARIF_NAME_BYTES));
    let reason = reason.filter(|reason| !reason.is_empty()).unwrap_or_else(|| "no reason was given".to_owned());
    Some(Hiding { reason, owner: String::new(), until: None, by: by.to_owned() })
}
