//! What every document says of itself.

use super::lint::Finding;
use super::reader::{Reader, Refusal, closest, shown};
use crate::limits::{MAX_META_BYTES, MAX_META_ITEMS, MAX_NAME_BYTES};
use crate::rule::{LogSource, Meta, Place};
use model::alert::{Aspect, Level};
use yaml::Node;

const TAXONOMIES: [&str; 5] = ["sigma", "ecs", "ocsf", "opentelemetry", "otel"];
const STATUS: [&str; 5] = ["stable", "test", "experimental", "deprecated", "unsupported"];
const RELATED: [&str; 6] = ["derived", "obsolete", "merged", "renamed", "similar", "correlation"];
/// Fields that Sigma knows; others are custom.
const KNOWN: [&str; 24] = [
    "title",
    "id",
    "name",
    "related",
    "taxonomy",
    "status",
    "description",
    "license",
    "author",
    "references",
    "date",
    "modified",
    "logsource",
    "detection",
    "fields",
    "falsepositives",
    "level",
    "tags",
    "scope",
    "correlation",
    "filter",
    "generate",
    "custom",
    "action",
];
const SOURCE: [&str; 4] = ["category", "product", "service", "definition"];
/// The tag that says what `custom.aspect: operations` says.
const OPERATIONS: &str = "tandem.operations";

impl Reader<'_> {
    /// What a document says of itself. `stem` is the id of a document that has neither id nor name.
    pub(super) fn meta(&mut self, root: Node<'_>, place: Place, version: String, stem: &str) -> Result<Meta, Refusal> {
        for (key, _) in self.entries(root, "")? {
            let name = key.raw().unwrap_or_default();
            if !KNOWN.contains(&name)
                && let Some(meant) = closest(name, &KNOWN)
            {
                self.note(
                    key,
                    "misspelt-field",
                    format!("`{}` is a custom field; did you mean `{meant}`?", shown(name)),
                );
            }
        }
        self.taxonomy(root)?;
        let name = self.line(root, "name", MAX_NAME_BYTES)?;
        let id = self.line(root, "id", MAX_NAME_BYTES)?;
        if let (Some(id), Some(node)) = (&id, root.get("id"))
            && !is_uuid(id)
        {
            self.note(node, "id-no-uuid", "this id is no UUID; a random one is never taken twice");
        }
        let id = id.or_else(|| name.clone()).unwrap_or_else(|| stem.to_owned());
        let title = self.line(root, "title", MAX_NAME_BYTES)?;
        if title.is_none() {
            self.note(root, "missing-title", "there is no title: say in some words what it detects");
        }
        self.related(root)?;
        self.dates(root);
        let tags = self.list(root, "tags", false)?;
        let status = self.word(root, "status", &STATUS)?;
        let aspect = self.aspect(root, &tags)?;
        Ok(Meta {
            title: title.unwrap_or_else(|| name.clone().unwrap_or_else(|| id.clone())),
            id,
            name,
            description: self.line(root, "description", MAX_META_BYTES)?.unwrap_or_default(),
            level: self
                .word(root, "level", &Level::ALL.map(Level::name))?
                .and_then(|name| Level::from_name(&name))
                .unwrap_or_default(),
            status,
            tags,
            false_positives: self.list(root, "falsepositives", true)?,
            references: self.list(root, "references", true)?,
            runbook: self.custom(root, "runbook")?,
            aspect,
            version,
            place,
        })
    }

    /// Field names of these are found in events alike; names of log sources are Sigma's in any case.
    pub(super) fn taxonomy(&self, root: Node<'_>) -> Result<(), Refusal> {
        match self.line(root, "taxonomy", MAX_NAME_BYTES)? {
            Some(taxonomy) if !TAXONOMIES.contains(&taxonomy.to_lowercase().as_str()) => {
                let reason =
                    format!("the taxonomy `{}` is not known: there are {}", shown(&taxonomy), TAXONOMIES.join(", "));
                Err(self.refuse_field(root, "taxonomy", reason))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn refuse_field(&self, root: Node<'_>, field: &str, reason: impl AsRef<str>) -> Refusal {
        self.refuse(root.get(field).unwrap_or(root), field, reason)
    }

    /// A text of one field, without spaces around it; none when it is empty.
    pub(super) fn line(&self, root: Node<'_>, field: &str, most: usize) -> Result<Option<String>, Refusal> {
        let Some(node) = root.get(field) else { return Ok(None) };
        let Some(text) = node.text() else {
            return Err(self.refuse(node, field, "this must be a text"));
        };
        if text.len() > most {
            return Err(self.refuse(node, field, format!("{} bytes; at most {most} are read", text.len())));
        }
        Ok(Some(text.to_owned()).filter(|text| !text.is_empty()))
    }

    fn word(&self, root: Node<'_>, field: &str, known: &[&str]) -> Result<Option<String>, Refusal> {
        let Some(word) = self.line(root, field, MAX_META_BYTES)? else { return Ok(None) };
        if known.contains(&word.as_str()) {
            return Ok(Some(word));
        }
        let reason = format!("`{}` is none of {}", shown(&word), known.join(", "));
        Err(self.refuse_field(root, field, reason))
    }

    /// A list of texts; where `one` is fine, a single text too.
    fn list(&self, root: Node<'_>, field: &str, one: bool) -> Result<Vec<String>, Refusal> {
        let Some(node) = root.get(field) else { return Ok(Vec::new()) };
        if let Some(text) = node.text().filter(|_| one) {
            return Ok(vec![text.to_owned()]);
        }
        if !node.is_list() {
            return Err(self.refuse(node, field, "this must be a list of texts"));
        }
        if node.items().len() > MAX_META_ITEMS {
            return Err(self.refuse(node, field, format!("more than {MAX_META_ITEMS} entries (MAX_META_ITEMS)")));
        }
        let text = |item: Node<'_>| match item.text() {
            Some(text) if text.len() <= MAX_META_BYTES => Ok(text.to_owned()),
            None if item.is_null() => Ok(String::new()),
            _ => Err(self.refuse(item, field, "an entry of this list must be a text")),
        };
        let all: Vec<String> = node.items().map(text).collect::<Result<_, _>>()?;
        Ok(all.into_iter().filter(|text| !text.is_empty()).collect())
    }

    fn related(&mut self, root: Node<'_>) -> Result<(), Refusal> {
        let Some(node) = root.get("related") else { return Ok(()) };
        if !node.is_list() {
            return Err(self.refuse(node, "related", "this must be a list of maps with id and type"));
        }
        for item in node.items() {
            let kind = item.get("type").and_then(Node::text);
            if item.get("id").and_then(Node::text).is_none() || !kind.is_some_and(|kind| RELATED.contains(&kind)) {
                let message = format!("a relation has an id and a type, one of {}", RELATED[..5].join(", "));
                self.note(item, "odd-relation", message);
            }
        }
        Ok(())
    }

    fn dates(&mut self, root: Node<'_>) {
        for field in ["date", "modified"] {
            let Some(node) = root.get(field) else { continue };
            let date = node.text().and_then(|text| chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").ok());
            if date.is_none() {
                self.note(node, "odd-date", format!("{field} is written as 2026-11-21"));
            }
        }
    }

    /// A text below `custom`, which is ours.
    fn custom(&self, root: Node<'_>, field: &str) -> Result<Option<String>, Refusal> {
        match root.get("custom").filter(|custom| custom.is_map()) {
            Some(custom) => self.line(custom, field, MAX_META_BYTES).map_err(|mut refusal| {
                refusal.field = format!("custom.{field}");
                refusal
            }),
            None => Ok(None),
        }
    }

    fn aspect(&self, root: Node<'_>, tags: &[String]) -> Result<Aspect, Refusal> {
        match self.custom(root, "aspect")?.as_deref() {
            None if tags.iter().any(|tag| tag == OPERATIONS) => Ok(Aspect::Operations),
            None | Some("security") => Ok(Aspect::Security),
            Some("operations") => Ok(Aspect::Operations),
            Some(other) => {
                let reason = format!("`{}` is neither security nor operations", shown(other));
                let node = root.get("custom").and_then(|custom| custom.get("aspect")).unwrap_or(root);
                Err(self.refuse(node, "custom.aspect", reason))
            }
        }
    }

    /// What events a rule or filter is for.
    pub(super) fn logsource(&mut self, root: Node<'_>) -> Result<LogSource, Refusal> {
        let Some(node) = root.get("logsource") else {
            return Err(self.refuse(root, "logsource", "logsource is missing: name category, product or service"));
        };
        if !node.is_map() {
            return Err(self.refuse(node, "logsource", "this must be a map with category, product or service"));
        }
        self.entries(node, "logsource")?;
        for (key, _) in node.entries() {
            let name = key.raw().unwrap_or_default();
            if let (false, Some(meant)) = (SOURCE.contains(&name), closest(name, &SOURCE)) {
                self.note(
                    key,
                    "misspelt-field",
                    format!("`{}` says nothing here; did you mean `{meant}`?", shown(name)),
                );
            }
        }
        let part = |field: &str| {
            let text = self.line(node, field, MAX_NAME_BYTES).map_err(|mut refusal| {
                refusal.field = format!("logsource.{field}");
                refusal
            })?;
            Ok::<_, Refusal>(text.map(|text| text.to_lowercase()))
        };
        let source = LogSource { product: part("product")?, category: part("category")?, service: part("service")? };
        if source == LogSource::default() {
            return Err(self.refuse(
                node,
                "logsource",
                "an empty logsource is for every event: name category, product or service",
            ));
        }
        Ok(source)
    }

    /// What is missing in a rule that raises alerts.
    pub(super) fn lint_alerting(&mut self, root: Node<'_>, meta: &Meta) -> Vec<Finding> {
        let before = self.mark();
        for (check, missing, message) in [
            (
                "missing-id",
                root.get("id").is_none(),
                "there is no id: write a random UUID, so that its alerts are known again when it is renamed",
            ),
            (
                "missing-description",
                meta.description.is_empty(),
                "there is no description: say what it sees and why that matters",
            ),
            ("missing-level", root.get("level").is_none(), "there is no level: it counts as medium"),
            (
                "missing-falsepositives",
                meta.false_positives.is_empty(),
                "there are no falsepositives: say what else looks so",
            ),
        ] {
            if missing {
                self.note(root, check, message);
            }
        }
        let alerting = self.findings.split_off(before.0);
        self.lint_always(root, meta);
        alerting
    }

    fn lint_always(&mut self, root: Node<'_>, meta: &Meta) {
        if let (Some(status @ ("deprecated" | "unsupported")), Some(node)) =
            (meta.status.as_deref(), root.get("status"))
        {
            self.note(node, status_check(status), "this status says that the rule should no longer be used");
        }
        for tag in root.get("tags").into_iter().flat_map(Node::items) {
            if !tag.text().is_some_and(is_tag) {
                self.note(
                    tag,
                    "odd-tag",
                    "a tag is a namespace, a dot and a name in small letters, such as attack.t1110",
                );
            }
        }
    }
}

fn status_check(status: &str) -> &'static str {
    if status == "deprecated" { "deprecated" } else { "unsupported" }
}

fn is_tag(text: &str) -> bool {
    let word = |text: &str, more: &str| {
        let fine = |letter: char| {
            letter.is_ascii_lowercase() || letter.is_ascii_digit() || "_-".contains(letter) || more.contains(letter)
        };
        !text.is_empty() && text.chars().all(fine)
    };
    text.split_once('.').is_some_and(|(space, rest)| word(space, "") && word(rest, "."))
}

fn is_uuid(text: &str) -> bool {
    let lengths = text.split('-').map(str::len);
    lengths.eq([8, 4, 4, 4, 12]) && text.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}
