//! A page and what may be wrong with one.

use super::search::Document;
use model::Nanos;
use serde::Serialize;
use std::fmt;
use std::sync::Arc;

/// What a page is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = PageKind)]
pub enum Kind {
    /// What to do when something happens.
    Runbook,
    /// Anything that somebody wrote down.
    #[default]
    Note,
    /// What was learnt of an incident.
    Review,
    /// Why something was chosen.
    Decision,
    /// A control, in words.
    Control,
    /// What is planned.
    Roadmap,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 6] = [Kind::Runbook, Kind::Note, Kind::Review, Kind::Decision, Kind::Control, Kind::Roadmap];

    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Runbook => "runbook",
            Kind::Note => "note",
            Kind::Review => "review",
            Kind::Decision => "decision",
            Kind::Control => "control",
            Kind::Roadmap => "roadmap",
        }
    }

    /// The kind called so, or whose folder is: `runbook`, `Runbooks`, `playbooks`, `adr`.
    pub fn from_name(name: &str) -> Option<Kind> {
        let name = name.trim().to_lowercase();
        let one = match name.strip_suffix('s').unwrap_or(&name) {
            "playbook" => "runbook",
            "postmortem" | "post-mortem" | "retrospective" => "review",
            "adr" => "decision",
            one => one,
        };
        Kind::ALL.into_iter().find(|kind| kind.name() == one)
    }
}

/// Where a page comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = PageOrigin)]
pub enum Origin {
    /// It is part of Tandem.
    BuiltIn,
    /// A file of Markdown.
    Markdown,
    /// A file of an export of Confluence.
    Confluence,
    /// A file of an export of Notion.
    Notion,
    /// Another file of HTML.
    Html,
}

/// A page.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = KnowledgePage)]
pub struct Page {
    /// Its path in its folder, with `/`; of Notion without the ids in names.
    pub id: String,
    /// What it is for.
    pub kind: Kind,
    /// In a line.
    pub title: String,
    /// Services that it is for.
    pub services: Vec<String>,
    /// Rules that it is for: ids, or `linux/sudoers_changed`.
    pub rules: Vec<String>,
    /// Titles of alerts that it is for.
    pub alerts: Vec<String>,
    /// Techniques of ATT&CK, such as `T1110.001`.
    pub techniques: Vec<String>,
    /// The team that answers for it.
    pub owner: Option<String>,
    /// When somebody should have looked at it again, the beginning of that day.
    #[schema(value_type = Option<String>)]
    pub review_by: Option<Nanos>,
    /// Where it comes from.
    pub origin: Origin,
    /// The file, as it is named in problems.
    pub file: String,
    /// What it says.
    #[serde(skip)]
    pub markdown: Arc<str>,
    /// The line of the file on which that begins; 0 when its lines are not those of the file.
    #[serde(skip)]
    pub first_line: usize,
}

impl Page {
    /// The line of the file for a line of the Markdown, if they have to do with each other.
    pub fn line_of(&self, line: usize) -> Option<usize> {
        (self.first_line > 0).then(|| self.first_line + line - 1)
    }

    /// What the search keeps of it.
    pub(super) fn document(&self) -> Document {
        Document {
            id: self.id.clone(),
            kind: self.kind.name().to_owned(),
            title: self.title.clone(),
            text: self.markdown.clone(),
            services: self.services.clone(),
            names: [&self.rules, &self.alerts, &self.techniques].into_iter().flatten().cloned().collect(),
            owner: self.owner.clone(),
            ..Document::default()
        }
    }
}

/// What is wrong with a file or folder, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = PageProblem)]
pub struct Problem {
    /// Which.
    pub path: String,
    /// On which line.
    pub line: Option<usize>,
    /// In words.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.path, self.what),
            None => write!(f, "{}: {}", self.path, self.what),
        }
    }
}
