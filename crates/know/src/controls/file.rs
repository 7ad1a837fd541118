//! A control's file: YAML between two lines `---`, then prose in Markdown.

use super::problem::{Problem, Severity};
use crate::limits::{
    MAX_CONTROL_BYTES, MAX_CONTROL_DEPTH, MAX_CONTROL_LIST, MAX_CONTROL_NAME_BYTES, MAX_CONTROL_NODES,
};
use chrono::NaiveDate;
use model::{Control, Mode, Nanos, Protects};
use std::collections::{BTreeMap, BTreeSet};
use yaml::{Limits, Node, Place, Yaml};

/// Keys of the front matter, with what each says.
const KEYS: &[(&str, &str)] = &[
    ("name", "the file's stem"),
    ("title", "the control in a sentence"),
    ("owner", "the team that answers for it"),
    ("threat", "what could happen without it"),
    ("protects", "what it protects against: `operations` and `security`"),
    ("teams", "teams that it affects"),
    ("mode", "observe, warn or enforce"),
    ("effective", "the day from which on it holds"),
    ("review_by", "the day when somebody asks again whether it is needed"),
    ("ask", "where to ask"),
    ("rules", "rules that it stands behind"),
    ("checks", "checks of the gate that it stands behind"),
    ("standards", "controls of standards, by catalog"),
];

/// Names that cannot be a control's: keys of the ledger begin so for something else.
const TAKEN: &[&str] = &["suppression"];

/// What a file says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Read {
    /// The control; none when something that it must have is missing or wrong.
    pub control: Option<Control>,
    /// What is wrong or odd, in the order of the file.
    pub problems: Vec<Problem>,
    /// Where each key stands, for what is found out later.
    pub(super) places: BTreeMap<String, Place>,
}

/// Reads a file. `path` is what problems name; its stem is the control's name.
pub fn read(path: &str, text: &str) -> Read {
    let mut reader = Reader { path, problems: Vec::new(), places: BTreeMap::new() };
    let control = reader.control(text);
    let Reader { mut problems, places, .. } = reader;
    problems.sort_by_key(|problem| (problem.line, problem.column));
    let is_wrong = problems.iter().any(|problem| problem.severity == Severity::Error);
    Read { control: control.filter(|_| !is_wrong), problems, places }
}

/// The name that a file gives its control.
pub fn stem(path: &str) -> &str {
    let file = path.rsplit(['/', '\\']).next().unwrap_or(path);
    file.rsplit_once('.').map_or(file, |(stem, _)| stem)
}

/// Midnight of a day written as `YYYY-MM-DD`.
pub fn day(text: &str) -> Option<Nanos> {
    let shaped = text.len() == 10 && text.bytes().enumerate().all(|(at, byte)| (at == 4 || at == 7) == (byte == b'-'));
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|_| shaped)?;
    date.and_hms_opt(0, 0, 0)?.and_utc().timestamp_nanos_opt().filter(|at| *at >= 0)
}

struct Reader<'f> {
    path: &'f str,
    problems: Vec<Problem>,
    places: BTreeMap<String, Place>,
}

impl Reader<'_> {
    fn wrong(&mut self, place: Place, check: &'static str, text: impl Into<String>) {
        let (line, column) = place;
        let path = self.path.to_owned();
        self.problems.push(Problem { path, line, column, severity: Severity::Error, check, text: text.into() });
    }

    fn control(&mut self, text: &str) -> Option<Control> {
        let name = stem(self.path);
        self.name(name);
        if text.len() > MAX_CONTROL_BYTES {
            let why =
                format!("the file has more than {MAX_CONTROL_BYTES} bytes: move what is not the control to a note");
            self.wrong((1, 1), "too-long", why);
            return None;
        }
        if let Some(at) = text.find(|c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
            let before = &text[..at];
            let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
            let place = (before.matches('\n').count() + 1, column);
            self.wrong(place, "odd-character", "this character is neither text nor the end of a line: remove it");
            return None;
        }
        let Some((front, prose)) = split(text) else {
            let why = "begin the file with a line `---`, then the keys of the control, then a line `---`";
            self.wrong((1, 1), "no-front-matter", why);
            return None;
        };
        let limits = Limits { nodes: MAX_CONTROL_NODES, depth: MAX_CONTROL_DEPTH };
        let yaml = match Yaml::parse_part(front, 2, limits) {
            Ok(yaml) => yaml,
            Err(error) => {
                self.wrong(error.place, "no-yaml", error.reason);
                return None;
            }
        };
        let Some(root) = yaml.documents().next().filter(|root| root.is_map()) else {
            self.wrong((2, 1), "no-front-matter", "the front matter has keys and values: `owner: team`");
            return None;
        };
        self.keys(root, KEYS.iter().map(|(key, _)| *key), "");
        Some(self.members(root, name, prose))
    }

    fn name(&mut self, name: &str) {
        let fine = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c);
        if name.is_empty() || name.len() > MAX_CONTROL_NAME_BYTES || !name.chars().all(fine) {
            let why = format!(
                "a control is called as its file: small letters, digits, `-` and `_`, at most {MAX_CONTROL_NAME_BYTES}; \
                 rename {name:?}"
            );
            self.wrong((1, 1), "odd-name", why);
        } else if TAKEN.contains(&name) {
            self.wrong(
                (1, 1),
                "odd-name",
                format!("the ledger calls something else `{name}`: name the file otherwise"),
            );
        }
    }

    fn members(&mut self, root: Node<'_>, name: &str, prose: &str) -> Control {
        if let Some(said) = root.get("name")
            && said.text() != Some(name)
        {
            let why = format!("a control is called as its file: write `name: {name}`, or leave it out");
            self.wrong(said.place(), "other-name", why);
        }
        let title = match root.get("title") {
            Some(_) => self.line(root, "title").unwrap_or_default(),
            None => heading(prose).unwrap_or_default().to_owned(),
        };
        if title.is_empty() {
            self.wrong(root.place(), "no-title", "say what it is with `title`, or begin the prose with `# ...`");
        }
        let mode = self.line(root, "mode").map_or(Mode::Observe, |said| {
            said.parse().unwrap_or_else(|why: String| {
                self.wrong(self.places["mode"], "odd-mode", format!("{why}, not {said:?}"));
                Mode::Observe
            })
        });
        let review_by = self.date(root, "review_by");
        if root.get("review_by").is_none() {
            let why = "say with `review_by: YYYY-MM-DD` when somebody asks again whether it is needed";
            self.wrong(root.place(), "no-review", why);
        }
        Control {
            name: name.to_owned(),
            title,
            owner: self.owner(root),
            threat: self.needed(root, "threat", "no-threat", "say with `threat` what could happen without it"),
            protects: self.protects(root),
            teams: self.texts(root, "teams").iter().map(|team| team_name(team)).collect(),
            mode,
            effective: self.date(root, "effective"),
            review_by,
            ask: self.line(root, "ask"),
            rules: self.texts(root, "rules"),
            checks: self.texts(root, "checks"),
            standards: self.standards(root),
            text: prose.trim().to_owned(),
        }
    }

    /// Refuses keys that say nothing here, and keys that come twice.
    fn keys<'k>(&mut self, map: Node<'_>, known: impl Iterator<Item = &'k str> + Clone, prefix: &str) {
        let mut seen = BTreeSet::new();
        for (key, value) in map.entries() {
            let Some(name) = key.raw().filter(|_| !key.is_null()) else {
                self.wrong(key.place(), "unknown-key", "a key is a word");
                continue;
            };
            if !known.clone().any(|one| one == name) {
                let near =
                    known.clone().find(|one| one.replace('_', "") == name.to_lowercase().replace(['-', '_'], ""));
                let list = known.clone().collect::<Vec<_>>().join(", ");
                let hint = near.map_or(format!("known are {list}"), |near| format!("did you mean `{near}`?"));
                self.wrong(key.place(), "unknown-key", format!("`{prefix}{name}` says nothing here: {hint}"));
            } else if !seen.insert(name) {
                self.wrong(key.place(), "key-twice", format!("`{prefix}{name}` is there twice: leave one"));
            } else {
                self.places.insert(format!("{prefix}{name}"), value.place());
            }
        }
    }

    /// A text; none when it is not there.
    fn line(&mut self, map: Node<'_>, key: &str) -> Option<String> {
        let node = map.get(key)?;
        match node.text() {
            Some(text) => Some(text.to_owned()).filter(|text| !text.is_empty()),
            None => {
                self.wrong(node.place(), "odd-value", format!("`{key}` is a text"));
                None
            }
        }
    }

    fn needed(&mut self, map: Node<'_>, key: &str, check: &'static str, why: &str) -> String {
        let before = self.problems.len();
        let said = self.line(map, key);
        if said.is_none() && self.problems.len() == before {
            self.wrong(map.get(key).unwrap_or(map).place(), check, why);
        }
        said.unwrap_or_default()
    }

    fn owner(&mut self, root: Node<'_>) -> String {
        team_name(&self.needed(root, "owner", "no-owner", "say with `owner` which team answers for it"))
    }

    fn protects(&mut self, root: Node<'_>) -> Protects {
        let why =
            "say what it protects against, in the words of each side: `protects: {operations: ..., security: ...}`";
        let Some(map) = root.get("protects").filter(|node| node.is_map()) else {
            self.wrong(root.get("protects").unwrap_or(root).place(), "no-reason", why);
            return Protects::default();
        };
        self.keys(map, ["operations", "security"].into_iter(), "protects.");
        let mut side = |key: &str| {
            self.needed(
                map,
                key,
                "no-reason",
                &format!("say with `protects.{key}` what it is for, in the words of {key}"),
            )
        };
        Protects { operations: side("operations"), security: side("security") }
    }

    fn texts(&mut self, map: Node<'_>, key: &str) -> Vec<String> {
        let Some(node) = map.get(key) else { return Vec::new() };
        let nodes: Vec<Node<'_>> = if node.is_list() { node.items().collect() } else { vec![node] };
        if nodes.len() > MAX_CONTROL_LIST {
            self.wrong(node.place(), "odd-value", format!("`{key}` has more than {MAX_CONTROL_LIST} elements"));
            return Vec::new();
        }
        let mut texts = Vec::with_capacity(nodes.len());
        for node in nodes {
            match node.text().filter(|text| !text.is_empty()) {
                Some(text) => texts.push(text.to_owned()),
                None => self.wrong(node.place(), "odd-value", format!("each element of `{key}` is a text")),
            }
        }
        texts
    }

    fn date(&mut self, map: Node<'_>, key: &str) -> Option<Nanos> {
        let said = self.line(map, key)?;
        let at = day(&said);
        if at.is_none() {
            self.wrong(self.places[key], "odd-date", format!("{said:?} is no day: write `{key}: YYYY-MM-DD`"));
        }
        at
    }

    fn standards(&mut self, root: Node<'_>) -> BTreeMap<String, Vec<String>> {
        let Some(map) = root.get("standards") else { return BTreeMap::new() };
        if !map.is_map() {
            self.wrong(map.place(), "odd-value", "`standards` has catalogs and their controls: `nist-800-53: [RA-5]`");
            return BTreeMap::new();
        }
        let catalogs: Vec<&str> = map.members().map(|(catalog, _)| catalog).collect();
        catalogs.into_iter().map(|catalog| (catalog.to_owned(), self.texts(map, catalog))).collect()
    }
}

/// Front matter and prose.
fn split(text: &str) -> Option<(&str, &str)> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (first, rest) = text.split_once('\n')?;
    if first.trim_end() != "---" {
        return None;
    }
    let mut end = 0;
    for line in rest.split_inclusive('\n') {
        if line.trim_end() == "---" {
            return Some((&rest[..end], &rest[end + line.len()..]));
        }
        end += line.len();
    }
    None
}

/// The first heading of the prose.
fn heading(prose: &str) -> Option<&str> {
    let first = prose.lines().find(|line| !line.trim().is_empty())?;
    first.strip_prefix("# ").map(str::trim).filter(|title| !title.is_empty())
}

/// A team by its usual name; what is no name stays as it is and is refused by the ledger.
fn team_name(text: &str) -> String {
    model::entity::team(text).map_or_else(|_| text.to_owned(), |team| team.key)
}
