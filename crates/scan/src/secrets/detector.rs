//! Detectors: what secrets look like, as data.

use crate::limits::{MAX_DETECTORS_A_FILE, MAX_KEYWORDS, MAX_REGEX_BYTES, MAX_RULE_BYTES, MAX_RULE_NODES, MAX_WINDOW};
use crate::rules::{Confidence, RuleError, Severity};
use crate::secrets::checksum::Checksum;
use regex::bytes::{Regex, RegexBuilder};
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use yaml::{Limits, Node, Yaml};

/// Members of a detector.
const MEMBERS: &[&str] = &[
    "id",
    "title",
    "severity",
    "confidence",
    "keywords",
    "token",
    "value",
    "assigned",
    "beside",
    "before",
    "window",
    "within",
    "entropy",
    "words",
    "checksum",
    "companions",
    "alone",
    "case",
    "loose",
    "examples",
    "quiet",
];

/// What stands between a vendor's name and a value that has no form of its own: the rest of the name, then at most three
/// words, all divided by what stands between a key and a value.
const BETWEEN: (&str, &str) = (
    r#"^[A-Za-z0-9_.\-]{0,40}?(?:[ \t\r\n"'`=:>,(\[{|\\]{1,12}[A-Za-z0-9_.\-]{1,30}){0,3}?[ \t\r\n"'`=:>,(\[{|\\]{1,12}("#,
    r")(?:[^A-Za-z0-9_\-]|\z)",
);

/// How a detector finds a value.
#[derive(Clone, Debug)]
pub(crate) enum Shape {
    /// The value has a form of its own that begins with the keyword, or `before` bytes before it.
    Token {
        /// The form; its first group, else all of it, is the secret.
        regex: Lazy,
        /// Bytes before the keyword that belong to it.
        before: usize,
    },
    /// The value is told by a vendor's name before it.
    Value {
        /// The name's rest, what is between, and the value as the first group.
        regex: Lazy,
    },
    /// A key and its value in any language: see [`crate::secrets::assignment`].
    Assigned(Class),
    /// The value is told by another detector's finding nearby.
    Beside {
        /// That detector.
        of: Arc<str>,
        /// The value is the first group.
        regex: Lazy,
        /// Bytes before and after.
        within: usize,
    },
}

/// What is assigned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// A person may have chosen it.
    Password,
    /// A machine made it.
    Key,
}

/// A regular expression that is compiled when it is first needed: most are never.
#[derive(Clone, Debug)]
pub(crate) struct Lazy {
    pattern: Arc<str>,
    ignore_case: bool,
    compiled: OnceLock<Option<Regex>>,
}

impl Lazy {
    fn new(pattern: String, ignore_case: bool) -> Lazy {
        Lazy { pattern: pattern.into(), ignore_case, compiled: OnceLock::new() }
    }

    fn compile(&self) -> Result<Regex, regex::Error> {
        RegexBuilder::new(&self.pattern)
            .unicode(false)
            .case_insensitive(self.ignore_case)
            .size_limit(MAX_REGEX_BYTES)
            .dfa_size_limit(MAX_REGEX_BYTES)
            .build()
    }

    /// None when it does not compile, which [`Detector::check`] has said before.
    pub(crate) fn get(&self) -> Option<&Regex> {
        self.compiled.get_or_init(|| self.compile().ok()).as_ref()
    }
}

/// One kind of secret.
#[derive(Clone, Debug)]
pub struct Detector {
    /// Its name for ever.
    pub id: Arc<str>,
    /// One line.
    pub title: Arc<str>,
    /// How bad it is.
    pub severity: Severity,
    /// How bad it is where none of its companions is near.
    pub alone: Option<Severity>,
    /// How sure it is.
    pub confidence: Confidence,
    /// The words it is looked for by.
    pub keywords: Vec<Arc<str>>,
    /// Whether keywords are told by case.
    pub(crate) case: bool,
    pub(crate) shape: Shape,
    /// Bytes after the keyword that are looked at.
    pub(crate) window: usize,
    /// The least bits a character.
    pub(crate) entropy: f32,
    /// The largest part of it that may be words, in hundredths.
    pub(crate) words: u32,
    pub(crate) checksum: Option<Checksum>,
    /// It may stand between letters and digits.
    pub(crate) loose: bool,
    /// Detectors whose findings nearby make it worse.
    pub companions: Vec<Arc<str>>,
    /// Texts that it must find, with parts in `<...>` that are made when tests run: see [`crate::secrets::example`].
    pub examples: Vec<Arc<str>>,
    /// Texts in which it must find nothing.
    pub quiet: Vec<Arc<str>>,
    /// The file it is written in.
    pub file: Arc<str>,
}

impl Detector {
    /// Reads the detectors of a file.
    ///
    /// # Errors
    /// With the place and what to do.
    pub fn read(file: &str, text: &str) -> Result<Vec<Detector>, RuleError> {
        let file: Arc<str> = file.into();
        read(&file, text).map_err(|yaml::Error { place, reason }| RuleError { file, place, reason })
    }

    /// Compiles its regular expression, as a file of a user must be before it is used.
    ///
    /// # Errors
    /// When it is none, or too large.
    pub fn check(&self) -> Result<(), String> {
        let regex = match &self.shape {
            Shape::Token { regex, .. } | Shape::Value { regex } | Shape::Beside { regex, .. } => regex,
            Shape::Assigned(_) => return Ok(()),
        };
        let compiled = regex.compile().map_err(|error| format!("`{}`: {error}", self.id))?;
        if matches!(self.shape, Shape::Token { .. }) || compiled.captures_len() > 1 {
            return Ok(());
        }
        Err(format!("`{}`: the regular expression needs a group around the secret", self.id))
    }

    /// The controls behind every detector: no authenticator is written where it can be read.
    pub fn controls(&self) -> BTreeMap<Arc<str>, Vec<Arc<str>>> {
        let controls = [("nist-800-53", "IA-5(7)"), ("csf-2.0", "PR.AA-01")];
        controls.map(|(catalog, id)| (catalog.into(), vec![id.into()])).into()
    }

    /// Whether its form has one length only.
    #[cfg(test)]
    pub(crate) fn exact(&self) -> bool {
        let Shape::Token { regex, .. } = &self.shape else { return false };
        let ranges = regex
            .pattern
            .split('{')
            .skip(1)
            .any(|part| part.split('}').next().is_some_and(|count| count.contains(',')));
        !ranges && !regex.pattern.contains(['+', '*', '?']) || self.checksum == Some(Checksum::Crc32Base62)
    }

    /// How much it is to be trusted where several find the same.
    pub(crate) fn rank(&self) -> u8 {
        match self.shape {
            Shape::Token { .. } if self.checksum.is_some() => 4,
            Shape::Token { .. } => 3,
            Shape::Beside { .. } | Shape::Value { .. } => 2,
            Shape::Assigned(_) => 1,
        }
    }
}

fn refuse(node: Node<'_>, reason: impl Into<String>) -> yaml::Error {
    yaml::Error { place: node.place(), reason: reason.into() }
}

fn read(file: &Arc<str>, text: &str) -> Result<Vec<Detector>, yaml::Error> {
    if text.len() > MAX_RULE_BYTES {
        let reason = format!("the file has {} bytes, more than {MAX_RULE_BYTES} (MAX_RULE_BYTES)", text.len());
        return Err(yaml::Error { place: (1, 1), reason });
    }
    let yaml = Yaml::parse(text, Limits { nodes: MAX_RULE_NODES, depth: 6 })?;
    let mut documents = yaml.documents();
    let (Some(root), None) = (documents.next(), documents.next()) else {
        return Err(yaml::Error { place: (1, 1), reason: "expected one list of `detectors` in a file".to_owned() });
    };
    let list = root.get("detectors").ok_or_else(|| refuse(root, "`detectors`, a list, is missing"))?;
    if list.items().len() > MAX_DETECTORS_A_FILE {
        return Err(refuse(list, format!("more than {MAX_DETECTORS_A_FILE} detectors (MAX_DETECTORS_A_FILE)")));
    }
    list.items().map(|node| detector(file, node)).collect()
}

fn detector(file: &Arc<str>, node: Node<'_>) -> Result<Detector, yaml::Error> {
    for (key, _) in node.entries() {
        let name = key.raw().unwrap_or_default();
        if !MEMBERS.contains(&name) {
            return Err(refuse(key, format!("unknown member `{name}`; there are {}", MEMBERS.join(", "))));
        }
    }
    let text = |name: &str| node.get(name).and_then(Node::text).filter(|text| !text.is_empty());
    let required = |name: &str| text(name).ok_or_else(|| refuse(node, format!("`{name}` is missing")));
    let number = |name: &str, default: usize, most: usize| match text(name).map(str::parse::<usize>) {
        None => Ok(default),
        Some(Ok(number)) if number <= most => Ok(number),
        Some(_) => Err(refuse(node, format!("`{name}` is a number up to {most}"))),
    };
    let id = required("id")?;
    if !id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-') {
        return Err(refuse(node, format!("`{id}`: an id has lower-case letters, digits and hyphens")));
    }
    let shape = shape(node)?;
    let keywords = texts(node, "keywords")?;
    if keywords.len() > MAX_KEYWORDS || keywords.is_empty() != matches!(shape, Shape::Beside { .. }) {
        return Err(refuse(
            node,
            format!("`keywords` has 1 to {MAX_KEYWORDS} words, and none beside another detector"),
        ));
    }
    let token = matches!(shape, Shape::Token { .. });
    let severity_of = |name: &str| text(name).map(|text| severity(node, text)).transpose();
    let checksum = match text("checksum") {
        None => None,
        Some(name) => {
            Some(Checksum::parse(name).ok_or_else(|| refuse(node, format!("no checksum `{name}` is known")))?)
        }
    };
    let entropy = text("entropy").map_or(Ok(if token { 2.5 } else { 3.0 }), str::parse::<f32>);
    Ok(Detector {
        id: id.into(),
        title: required("title")?.into(),
        severity: severity(node, required("severity")?)?,
        alone: severity_of("alone")?,
        confidence: confidence(node, text("confidence"), &shape)?,
        keywords,
        case: token != (text("case") == Some("any")),
        window: number("window", if token { 256 } else { 200 }, MAX_WINDOW)?,
        entropy: entropy.map_err(|_| refuse(node, "`entropy` is a number of bits"))?,
        words: number("words", if token { 100 } else { 60 }, 100)? as u32,
        checksum,
        loose: text("loose") == Some("true"),
        companions: texts(node, "companions")?,
        examples: texts(node, "examples")?,
        quiet: texts(node, "quiet")?,
        file: file.clone(),
        shape,
    })
}

fn shape(node: Node<'_>) -> Result<Shape, yaml::Error> {
    let text = |name: &str| node.get(name).and_then(Node::text);
    let number = |name: &str| text(name).and_then(|text| text.parse::<usize>().ok());
    let any_case = text("case") == Some("any");
    match (text("token"), text("value"), text("assigned"), text("beside")) {
        (Some(token), None, None, None) => {
            let before = number("before").unwrap_or_default().min(MAX_WINDOW);
            let pattern = if before == 0 { format!("^(?:{token})") } else { token.to_owned() };
            Ok(Shape::Token { regex: Lazy::new(pattern, any_case), before })
        }
        (None, Some(value), None, None) => {
            let pattern = format!("{}{value}{}", BETWEEN.0, BETWEEN.1);
            Ok(Shape::Value { regex: Lazy::new(pattern, false) })
        }
        (None, None, Some("password"), None) => Ok(Shape::Assigned(Class::Password)),
        (None, None, Some("key"), None) => Ok(Shape::Assigned(Class::Key)),
        (None, Some(value), None, Some(of)) => {
            let within = number("within").unwrap_or(400).min(MAX_WINDOW);
            Ok(Shape::Beside { of: of.into(), regex: Lazy::new(value.to_owned(), false), within })
        }
        _ => Err(refuse(node, "expected `token`, `value`, `assigned` (password or key), or `beside` with `value`")),
    }
}

fn texts(root: Node<'_>, name: &str) -> Result<Vec<Arc<str>>, yaml::Error> {
    let Some(node) = root.get(name) else { return Ok(Vec::new()) };
    let text = |node: Node<'_>| node.raw().map(Arc::from).ok_or_else(|| refuse(node, format!("`{name}` needs texts")));
    if node.is_list() { node.items().map(text).collect() } else { Err(refuse(node, format!("`{name}` is a list"))) }
}

fn severity(node: Node<'_>, text: &str) -> Result<Severity, yaml::Error> {
    match text {
        "info" => Ok(Severity::Info),
        "low" => Ok(Severity::Low),
        "medium" => Ok(Severity::Medium),
        "high" => Ok(Severity::High),
        "critical" => Ok(Severity::Critical),
        _ => Err(refuse(node, "`severity` is one of info, low, medium, high, critical")),
    }
}

fn confidence(node: Node<'_>, text: Option<&str>, shape: &Shape) -> Result<Confidence, yaml::Error> {
    match (text, shape) {
        (Some("high"), _) | (None, Shape::Token { .. }) => Ok(Confidence::High),
        (Some("medium"), _) | (None, Shape::Value { .. } | Shape::Beside { .. }) => Ok(Confidence::Medium),
        (Some("low"), _) | (None, Shape::Assigned(_)) => Ok(Confidence::Low),
        _ => Err(refuse(node, "`confidence` is one of low, medium, high")),
    }
}
