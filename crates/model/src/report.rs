//! What a scan says, whoever made it: the findings of one tool about one thing, and how far it looked.

use crate::fact::{EntityRef, Nanos};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The result of one run of one tool over one thing.
///
/// What it does not say is as important as what it says: a finding that is absent is gone only when the run was complete,
/// asked the rule, and looked at the path.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// What was scanned: a repository, an image, a service.
    pub entity: EntityRef,
    /// Who may see it, as with events.
    #[serde(default)]
    pub dataset: String,
    /// The tool.
    pub tool: Tool,
    /// Tells runs of the tool over different parts from one another: each category has its own findings.
    #[serde(default)]
    pub category: String,
    /// The sender's own id of the run: the same run told twice is one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub key: String,
    /// When it ran; 0 for when it is received.
    #[serde(default)]
    pub at: Nanos,
    /// What exactly was scanned.
    #[serde(default)]
    pub source: Source,
    /// The rules that ran; all that the tool has when absent.
    #[serde(default)]
    pub rules: Option<Vec<String>>,
    /// The paths that were looked at, with what is below them; everything when empty.
    #[serde(default)]
    pub scope: Vec<String>,
    /// Something could not be read: then nothing is found to be gone.
    #[serde(default)]
    pub incomplete: bool,
    /// What is weak.
    #[serde(default)]
    pub findings: Vec<Reported>,
    /// The change that brought this about, by its id in the ledger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<i64>,
}

/// A tool.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// Its version.
    #[serde(default)]
    pub version: String,
}

/// Where what was scanned comes from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Source {
    /// The commit.
    pub commit: Option<String>,
    /// The branch.
    pub branch: Option<String>,
    /// It is not the default branch: what is found there says nothing of what is in the default branch.
    pub side: bool,
    /// The version or tag that it is.
    pub version: Option<String>,
    /// The run of a pipeline, by its address.
    pub pipeline: Option<String>,
    /// Who made the commit: a personal field, kept apart, never shown in views of findings.
    pub author: Option<String>,
}

/// A weakness that a tool reports.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reported {
    /// The same weakness at the same place has the same one for ever; never a line number.
    pub fingerprint: String,
    /// The rule that says so.
    pub rule: String,
    /// `critical`, `high`, `medium`, `low`, `info`.
    pub severity: String,
    /// What it is, in a line.
    pub title: String,
    /// What is wrong here, in a sentence.
    #[serde(default)]
    pub message: String,
    /// The file, below the root of the scan.
    #[serde(default)]
    pub path: String,
    /// The logical place in it.
    #[serde(default)]
    pub address: String,
    /// The line, from 1; 0 when none is known.
    #[serde(default)]
    pub line: u32,
    /// The teams that own the path, by the file of owners.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub owners: Vec<String>,
    /// What hides it, until when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hidden: Option<Hiding>,
    /// What proves it. Known names: `component` (package URL), `advisory`, `aliases`, `exploited`, `fixed` (versions),
    /// `via` (how the component came in), `exposed`.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub evidence: Map<String, Value>,
}

/// What hides a finding.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Hiding {
    /// Why.
    pub reason: String,
    /// Who answers for it.
    #[serde(default)]
    #[schema(required)]
    pub owner: String,
    /// When it ends by itself; what names no end hides for 90 days from when it was first told.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub until: Option<Nanos>,
    /// Who says so: `tandem`, or the tool whose marker it is.
    #[serde(default)]
    #[schema(required)]
    pub by: String,
}

impl Report {
    /// A report of nothing yet.
    pub fn new(entity: EntityRef, tool: impl Into<String>, at: Nanos) -> Report {
        Report {
            entity,
            dataset: crate::DEFAULT_DATASET.to_owned(),
            tool: Tool { name: tool.into(), version: String::new() },
            category: String::new(),
            key: String::new(),
            at,
            source: Source::default(),
            rules: None,
            scope: Vec::new(),
            incomplete: false,
            findings: Vec::new(),
            change: None,
        }
    }

    /// Whether a path was looked at.
    pub fn covers(&self, path: &str) -> bool {
        let within = |root: &String| {
            let root = root.trim_start_matches("./").trim_end_matches('/');
            root.is_empty()
                || root == "."
                || path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.scope.is_empty() || self.scope.iter().any(within)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_made_of_whole_names() {
        let mut report = Report::new("repository:a/b".parse().unwrap(), "tandem", 1);
        assert!(report.covers("deploy/a.yml"));
        report.scope = vec!["deploy/".to_owned(), "Dockerfile".to_owned()];
        let covered = ["deploy/a.yml", "deploy", "Dockerfile"];
        assert!(covered.iter().all(|path| report.covers(path)));
        assert!(["deployment/a.yml", "Dockerfile.dev", "src/deploy/a.yml", ""].iter().all(|path| !report.covers(path)));
        report.scope = vec![".".to_owned()];
        assert!(report.covers("anything"));
    }
}
