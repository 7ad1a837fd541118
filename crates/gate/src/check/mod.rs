//! Checks as data: what they ask of the facts, and what they say when these speak against it.

mod folder;
mod page;
mod template;
#[cfg(test)]
mod tests;

pub(crate) use folder::read_folder;
pub use folder::{Checks, File};
pub(crate) use page::json;
pub use page::{Case, Page};
pub use template::Template;
pub(crate) use template::{cut, day};

use crate::condition::{Condition, fact_path};
use crate::limits::{MAX_CHECK_BYTES, MAX_YAML_DEPTH, MAX_YAML_NODES};
use model::{Question, hex};
use sha2::{Digest as _, Sha256};
use std::fmt;
use yaml::{Limits, Node, Place, Yaml};

/// A check.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    /// What it is called everywhere.
    pub id: String,
    /// It in a sentence.
    pub title: String,
    /// The control behind it, by name.
    pub control: String,
    /// The questions that it answers.
    pub asks: Vec<Question>,
    /// Environments that it is about, with `*` for anything; empty for all.
    pub environments: Vec<String>,
    /// How much something must grow before it has a word in that.
    pub grows: Option<Grows>,
    /// When it has a word at all.
    pub when: Option<Condition>,
    /// When it speaks against what is asked.
    pub speaks: Condition,
    /// What it says then.
    pub text: Template,
    /// What to do about it.
    pub fix: Template,
    /// Lists of ids of facts that it cites.
    pub facts: Vec<&'static str>,
    /// Its file.
    pub file: String,
    /// Digest of its text: another one whenever the check is another.
    pub digest: String,
}

/// Growth from which on a check has a word; one of both is enough.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Grows {
    /// So many times as many.
    pub factor: Option<f64>,
    /// To so many.
    pub to: Option<u64>,
}

/// Why a file is no check, page or policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckError {
    /// The file.
    pub file: String,
    /// Line and column.
    pub place: Place,
    /// What is wrong there.
    pub reason: String,
}

impl fmt::Display for CheckError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.place.0, self.place.1, self.reason)
    }
}

impl std::error::Error for CheckError {}

pub(crate) fn refuse(file: &str, place: Place, reason: impl Into<String>) -> CheckError {
    CheckError { file: file.to_owned(), place, reason: reason.into() }
}

const MEMBERS: &str = "id, title, control, asks, environments, grows, when, speaks, text, fix, facts";

/// A file on its way.
struct Reader<'y> {
    file: &'y str,
    root: Node<'y>,
}

impl Check {
    /// Reads one.
    ///
    /// # Errors
    /// When it is malformed, lacks something, or names a fact that there is not.
    pub fn read(file: &str, text: &str) -> Result<Check, CheckError> {
        if text.len() > MAX_CHECK_BYTES {
            let reason = format!("a check has at most {} KiB (MAX_CHECK_BYTES)", MAX_CHECK_BYTES >> 10);
            return Err(refuse(file, (1, 1), reason));
        }
        let yaml = parse(file, text)?;
        let mut documents = yaml.documents();
        let Some(root) = documents.next().filter(|root| root.is_map()) else {
            return Err(refuse(file, (1, 1), format!("a check is a map with {MEMBERS}")));
        };
        if let Some(second) = documents.next() {
            return Err(refuse(file, second.place(), "a file has one check"));
        }
        let digest = hex::encode(&Sha256::digest(text));
        Ok(Check { digest, ..Reader { file, root }.check()? })
    }

    /// Whether it is about an environment. What is not said is taken as the strictest: everything is about it.
    pub fn is_about(&self, environment: Option<&str>) -> bool {
        let Some(environment) = environment else { return true };
        self.environments.is_empty()
            || self.environments.iter().any(|pattern| model::control::fits(pattern, environment))
    }
}

/// The YAML of a check or a case.
pub(crate) fn parse(file: &str, text: &str) -> Result<Yaml, CheckError> {
    let limits = Limits { nodes: MAX_YAML_NODES, depth: MAX_YAML_DEPTH };
    Yaml::parse(text, limits).map_err(|error| refuse(file, error.place, error.reason))
}

impl<'y> Reader<'y> {
    fn check(&self) -> Result<Check, CheckError> {
        let mut known = Vec::new();
        for (key, _) in self.root.entries() {
            let name = key.raw().unwrap_or_default();
            if !MEMBERS.split(", ").any(|member| member == name) {
                return Err(refuse(self.file, key.place(), format!("a check has no `{name}`; it has {MEMBERS}")));
            }
            if known.contains(&name) {
                return Err(refuse(self.file, key.place(), format!("`{name}` is there twice")));
            }
            known.push(name);
        }
        let asks = self.asks()?;
        let grows = self.root.get("grows").map(|node| self.grows(node)).transpose()?;
        if let (Some(node), true) = (self.root.get("grows"), asks != [Question::Scale]) {
            return Err(refuse(self.file, node.place(), "only what asks `scale` alone has a `grows`"));
        }
        Ok(Check {
            id: self.word("id")?,
            title: self.text("title")?.text().unwrap_or_default().to_owned(),
            control: self.word("control")?,
            asks,
            environments: self.words("environments")?,
            grows,
            when: self.root.get("when").map(|node| Condition::read(self.file, node)).transpose()?,
            speaks: Condition::read(self.file, self.needed("speaks")?)?,
            text: Template::read(self.file, self.text("text")?)?,
            fix: Template::read(self.file, self.text("fix")?)?,
            facts: self.facts()?,
            file: self.file.to_owned(),
            digest: String::new(),
        })
    }

    fn needed(&self, name: &str) -> Result<Node<'y>, CheckError> {
        let place = self.root.place();
        self.root.get(name).ok_or_else(|| refuse(self.file, place, format!("a check needs `{name}`")))
    }

    fn text(&self, name: &str) -> Result<Node<'y>, CheckError> {
        let node = self.needed(name)?;
        match node.text() {
            Some(text) if !text.is_empty() => Ok(node),
            _ => Err(refuse(self.file, node.place(), format!("`{name}` is a text"))),
        }
    }

    /// A name in small letters.
    fn word(&self, name: &str) -> Result<String, CheckError> {
        let node = self.text(name)?;
        let text = node.text().unwrap_or_default();
        let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if text.len() > 64 || !text.bytes().all(letter) {
            let reason = format!("`{name}` is a name of small letters, digits and dashes, at most 64");
            return Err(refuse(self.file, node.place(), reason));
        }
        Ok(text.to_owned())
    }

    fn words(&self, name: &str) -> Result<Vec<String>, CheckError> {
        let Some(node) = self.root.get(name) else { return Ok(Vec::new()) };
        let words: Option<Vec<String>> = node.items().map(|item| item.text().map(str::to_owned)).collect();
        let words = words.filter(|words| node.is_list() && !words.is_empty());
        words.ok_or_else(|| refuse(self.file, node.place(), format!("`{name}` is a list of texts")))
    }

    fn asks(&self) -> Result<Vec<Question>, CheckError> {
        let node = self.needed("asks")?;
        let mut out = Vec::new();
        for item in node.items() {
            match item.text() {
                Some("release") => out.push(Question::Release),
                Some("scale") => out.push(Question::Scale),
                _ => return Err(refuse(self.file, item.place(), "a check is asked about `release` or `scale`")),
            }
        }
        if out.is_empty() {
            return Err(refuse(self.file, node.place(), "`asks` is a list: [release], [scale] or [release, scale]"));
        }
        Ok(out)
    }

    fn grows(&self, node: Node<'y>) -> Result<Grows, CheckError> {
        let mut grows = Grows::default();
        for (name, value) in node.members() {
            let number = value.text().and_then(|text| text.parse::<f64>().ok()).filter(|number| number.is_finite());
            match (name, number) {
                ("factor", Some(number)) if number > 1.0 => grows.factor = Some(number),
                ("to", Some(number)) if number >= 1.0 && number.fract() == 0.0 => grows.to = Some(number as u64),
                _ => {
                    let reason = "`grows` is {factor: N} with N above 1, {to: N} with a whole N, or both";
                    return Err(refuse(self.file, value.place(), reason));
                }
            }
        }
        if grows == Grows::default() {
            return Err(refuse(self.file, node.place(), "`grows` has a `factor` or a `to`"));
        }
        Ok(grows)
    }

    fn facts(&self) -> Result<Vec<&'static str>, CheckError> {
        let Some(list) = self.root.get("facts") else { return Ok(Vec::new()) };
        let mut out = Vec::new();
        for item in list.items() {
            let path = fact_path(self.file, item)?;
            if !path.rsplit('.').next().is_some_and(|last| last.starts_with("ids")) {
                return Err(refuse(self.file, item.place(), format!("`{path}` is no list of ids, such as owner.ids")));
            }
            out.push(path);
        }
        Ok(out)
    }
}
