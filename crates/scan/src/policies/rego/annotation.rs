//! `# METADATA`: what an author says of a package or a rule.

use crate::rules::Severity;
use std::sync::Arc;
use yaml::{Limits, Node, Yaml};

/// What an author says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Annotation {
    pub title: Option<Arc<str>>,
    pub description: Option<Arc<str>>,
    pub related: Vec<Arc<str>>,
    /// `custom.severity`.
    pub severity: Option<Severity>,
    /// `custom.id`: another id than package and rule.
    pub id: Option<Arc<str>>,
    /// `custom.files`: globs of the files that it is about.
    pub files: Vec<String>,
}

impl Annotation {
    /// Reads what is below `# METADATA`; what is no YAML is none.
    pub fn read(text: &str) -> Annotation {
        let limits = Limits { nodes: 1000, depth: 16 };
        let Ok(yaml) = Yaml::parse(text, limits) else { return Annotation::default() };
        let Some(root) = yaml.documents().next() else { return Annotation::default() };
        let said = |node: Option<Node<'_>>| node.and_then(Node::text).filter(|text| !text.is_empty()).map(Arc::from);
        let custom = root.get("custom");
        let of = |name: &str| said(custom.and_then(|custom| custom.get(name)));
        let related = root.get("related_resources").into_iter().flat_map(Node::items);
        let files = custom.and_then(|custom| custom.get("files"));
        Annotation {
            title: said(root.get("title")),
            description: said(root.get("description")),
            related: related.filter_map(|item| said(item.get("ref").or(Some(item)))).collect(),
            severity: of("severity").and_then(|name: Arc<str>| severity(&name)),
            id: of("id"),
            files: files.into_iter().flat_map(Node::items).filter_map(|item| item.text().map(str::to_owned)).collect(),
        }
    }

    /// What the package says counts where the rule says nothing.
    pub fn or(self, package: &Annotation) -> Annotation {
        Annotation {
            title: self.title.or(package.title.clone()),
            description: self.description.or(package.description.clone()),
            related: if self.related.is_empty() { package.related.clone() } else { self.related },
            severity: self.severity.or(package.severity),
            id: self.id,
            files: if self.files.is_empty() { package.files.clone() } else { self.files },
        }
    }
}

fn severity(name: &str) -> Option<Severity> {
    match name.to_ascii_lowercase().as_str() {
        "info" | "none" | "note" => Some(Severity::Info),
        "low" => Some(Severity::Low),
        "medium" | "moderate" | "warning" => Some(Severity::Medium),
        "high" | "important" | "error" => Some(Severity::High),
        "critical" => Some(Severity::Critical),
        _ => None,
    }
}
