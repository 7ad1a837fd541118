//! A drill as its file says it: what holds normally, what is done, how it is taken back, and what is expected.
//!
//! ```yaml
//! name: orders-restore            # the file's stem when it is absent
//! title: Orders come back from their backup
//! service: shop/orders
//! owner: shop
//! restore: true                   # that it succeeds proves a restore
//! steady_state:
//!   - {name: orders answer, http: "https://orders.example/health", status: 200}
//!   - {name: few errors, query: "service.name:orders status_code:error", within: 5m, at_most: 10}
//!   - {name: no alert, alert: error_rate, state: none}
//! steps:
//!   - Stop the database of orders          # the first step breaks something, unless another says inject: true
//!   - {do: Restore it from last night, question: Where is the key of the backup?}
//! rollback:
//!   - Start the database again
//! expect: {detect_within: 5m, acknowledge_within: 15m, recover_within: 4h}
//! ```

use super::span::parse_span;
use crate::limits::{
    MAX_DRILL_BYTES, MAX_DRILL_DEPTH, MAX_DRILL_NODES, MAX_DRILL_STEPS, MAX_DRILL_TEXT, MAX_NAME_BYTES, MINUTE,
    PROBE_TIMEOUT,
};
use model::{EntityRef, Nanos};
use serde::{Deserialize, Serialize};
use yaml::{Limits, Node, Scalar, Yaml};

/// A drill.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Drill {
    /// What it is called everywhere.
    pub name: String,
    /// It in a sentence.
    pub title: String,
    /// What it is about.
    pub service: Option<EntityRef>,
    /// The team that answers for it.
    pub owner: String,
    /// That it succeeds proves that the service can be restored.
    pub restore: bool,
    /// What holds before, and again at the end.
    pub steady_state: Vec<Probe>,
    /// What is done.
    pub steps: Vec<Step>,
    /// How it is taken back.
    pub rollback: Vec<String>,
    /// What is expected.
    pub expect: Expect,
    /// What of the file is shown and never run, and why.
    pub notes: Vec<String>,
}

/// What is expected, each within a time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expect {
    /// An alert says so.
    pub detect_within: Option<Nanos>,
    /// Somebody acts on it.
    pub acknowledge_within: Option<Nanos>,
    /// What holds normally holds again.
    pub recover_within: Option<Nanos>,
}

/// Something that people do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = DrillStep)]
pub struct Step {
    /// What.
    pub text: String,
    /// What is asked at the table.
    pub question: Option<String>,
    /// It breaks something: from here on time is taken.
    pub inject: bool,
}

/// Something that is looked at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = DrillProbe)]
pub struct Probe {
    /// What it is called.
    pub name: String,
    /// What is looked at.
    pub kind: ProbeKind,
}

/// What a probe looks at. None of them alters anything.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = DrillProbeKind)]
pub enum ProbeKind {
    /// `GET` of an address that whoever runs it allows.
    Http {
        /// The address.
        url: String,
        /// The status that is expected.
        status: u16,
        /// How long an answer may take.
        #[schema(value_type = i64)]
        timeout: Nanos,
    },
    /// Rows that a search finds.
    Query {
        /// The search.
        query: String,
        /// How far back.
        #[schema(value_type = i64)]
        within: Nanos,
        /// So many at least.
        at_least: Option<u64>,
        /// So many at most.
        at_most: Option<u64>,
    },
    /// Open alerts of the service.
    Alert {
        /// Of this rule; of any when absent.
        rule: Option<String>,
        /// Whether one is expected, or none.
        open: bool,
    },
}

/// What a probe saw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ProbeLooked)]
pub enum Looked {
    /// The status of an answer.
    Status(u16),
    /// How many rows or alerts there are.
    Count(u64),
    /// It could not look, and why.
    Failed(String),
}

impl Probe {
    /// Whether what was seen is what holds normally. What could not be looked at does not hold.
    pub fn holds(&self, looked: &Looked) -> bool {
        match (&self.kind, looked) {
            (ProbeKind::Http { status, .. }, Looked::Status(saw)) => status == saw,
            (ProbeKind::Query { at_least, at_most, .. }, Looked::Count(count)) => {
                at_least.is_none_or(|least| *count >= least) && at_most.is_none_or(|most| *count <= most)
            }
            (ProbeKind::Alert { open, .. }, Looked::Count(count)) => (*count > 0) == *open,
            _ => false,
        }
    }
}

/// Why a file is no drill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Line and column, from 1.
    pub place: (usize, usize),
    /// What is wrong there, and what to write.
    pub reason: String,
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}: {}", self.place.0, self.place.1, self.reason)
    }
}

impl std::error::Error for Refused {}

pub(super) type Read<T> = Result<T, Refused>;

pub(super) fn refuse(node: Node<'_>, reason: impl Into<String>) -> Refused {
    Refused { place: node.place(), reason: reason.into() }
}

/// The text of a document of bounded size, as a tree.
pub(super) fn tree(text: &str) -> Read<Yaml> {
    let start = |reason: String| Refused { place: (1, 1), reason };
    if text.len() > MAX_DRILL_BYTES {
        return Err(start(format!("the file has more than {MAX_DRILL_BYTES} bytes (MAX_DRILL_BYTES)")));
    }
    let limits = Limits { nodes: MAX_DRILL_NODES, depth: MAX_DRILL_DEPTH };
    Yaml::parse(text, limits).map_err(|error| Refused { place: error.place, reason: error.reason })
}

/// The one document of a tree.
pub(super) fn only(tree: &Yaml) -> Read<Node<'_>> {
    let mut all = tree.documents().filter(|document| !document.is_null());
    let empty =
        Refused { place: (1, 1), reason: "the file is empty: write title, service, owner and steps".to_owned() };
    let root = all.next().ok_or(empty)?;
    if let Some(second) = all.next() {
        return Err(refuse(second, "one file is one drill"));
    }
    if !root.is_map() {
        return Err(refuse(root, "a drill is a map: write title, service, owner and steps"));
    }
    Ok(root)
}

/// A text of bounded length.
pub(super) fn text(node: Node<'_>, what: &str) -> Read<String> {
    let text = node.text().filter(|text| !text.is_empty());
    let text = text.ok_or_else(|| refuse(node, format!("{what} must be a text")))?;
    if text.len() > MAX_DRILL_TEXT {
        return Err(refuse(node, format!("{what} has more than {MAX_DRILL_TEXT} bytes (MAX_DRILL_TEXT)")));
    }
    Ok(text.to_owned())
}

/// The items of a list of bounded length.
pub(super) fn items<'y>(node: Option<Node<'y>>, what: &str) -> Read<Vec<Node<'y>>> {
    let Some(node) = node else { return Ok(Vec::new()) };
    if !node.is_list() {
        return Err(refuse(node, format!("{what} must be a list")));
    }
    if node.items().len() > MAX_DRILL_STEPS {
        return Err(refuse(node, format!("{what} has more than {MAX_DRILL_STEPS} items (MAX_DRILL_STEPS)")));
    }
    Ok(node.items().collect())
}

fn only_known(node: Node<'_>, what: &str, known: &[&str]) -> Read<()> {
    for (key, _) in node.entries() {
        let name = key.raw().unwrap_or_default();
        if !known.contains(&name) {
            let known = known.join(", ");
            return Err(refuse(key, format!("{what} has no member {name:?}: it has {known}")));
        }
    }
    Ok(())
}

/// Reads a drill; `stem` is the name of its file without the ending.
pub fn drill(stem: &str, source: &str) -> Read<Drill> {
    let tree = tree(source)?;
    let root = only(&tree)?;
    let members = ["name", "title", "service", "owner", "restore", "steady_state", "steps", "rollback", "expect"];
    only_known(root, "a drill", &members)?;
    let needed = |name: &str| root.get(name).ok_or_else(|| refuse(root, format!("{name} is missing")));
    let node = needed("service")?;
    let service = text(node, "service")?;
    let service = if service.contains(':') { service.parse() } else { EntityRef::new("service", service) };
    let service = service.map_err(|error| refuse(node, error.to_string()))?;
    let node = needed("owner")?;
    let owner = model::entity::team(&text(node, "owner")?).map_err(|error| refuse(node, error.to_string()))?.key;
    let name = match root.get("name") {
        Some(node) => named(node, &text(node, "name")?)?,
        None => named(root, stem)?,
    };
    let steps = items(root.get("steps"), "steps")?.into_iter().map(step).collect::<Read<Vec<_>>>()?;
    if steps.is_empty() {
        return Err(refuse(root, "steps is missing: write at least one, such as `Stop the database`"));
    }
    let mut drill = Drill {
        name,
        title: text(needed("title")?, "title")?,
        service: Some(service),
        owner,
        restore: flag(root.get("restore"), "restore")?,
        steady_state: items(root.get("steady_state"), "steady_state")?
            .into_iter()
            .map(probe)
            .collect::<Read<Vec<_>>>()?,
        steps,
        rollback: items(root.get("rollback"), "rollback")?
            .into_iter()
            .map(|node| text(node, "a step back"))
            .collect::<Read<Vec<_>>>()?,
        expect: expect(root.get("expect"))?,
        notes: Vec::new(),
    };
    if !drill.steps.iter().any(|step| step.inject) {
        drill.steps[0].inject = true;
    }
    Ok(drill)
}

/// A name that stands in keys and commands.
pub(super) fn named(node: Node<'_>, name: &str) -> Read<String> {
    let sound = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if name.is_empty() || name.len() > MAX_NAME_BYTES || !name.bytes().all(sound) {
        return Err(refuse(node, format!("{name:?} is no name: write letters, digits, `-`, `_` and `.`")));
    }
    Ok(name.to_owned())
}

fn flag(node: Option<Node<'_>>, what: &str) -> Read<bool> {
    match node.map(|node| (node, node.scalar())) {
        None => Ok(false),
        Some((_, Some(Scalar::Bool(yes)))) => Ok(yes),
        Some((node, _)) => Err(refuse(node, format!("{what} is true or false"))),
    }
}

fn span(node: Node<'_>, what: &str) -> Read<Nanos> {
    let span = node.text().and_then(parse_span);
    span.ok_or_else(|| refuse(node, format!("{what} is a span of time such as 5m or 4h")))
}

fn number(node: Node<'_>, what: &str, most: i64) -> Read<u64> {
    match node.scalar() {
        Some(Scalar::Int(number)) if (0..=most).contains(&number) => Ok(number.unsigned_abs()),
        _ => Err(refuse(node, format!("{what} is a number from 0 to {most}"))),
    }
}

fn step(node: Node<'_>) -> Read<Step> {
    if !node.is_map() {
        return Ok(Step { text: text(node, "a step")?, ..Step::default() });
    }
    only_known(node, "a step", &["do", "question", "inject"])?;
    let what = node.get("do").ok_or_else(|| refuse(node, "do is missing: what is done in this step?"))?;
    let question = node.get("question").map(|node| text(node, "question")).transpose()?;
    Ok(Step { text: text(what, "do")?, question, inject: flag(node.get("inject"), "inject")? })
}

fn expect(node: Option<Node<'_>>) -> Read<Expect> {
    let Some(node) = node else { return Ok(Expect::default()) };
    if !node.is_map() {
        return Err(refuse(node, "expect is a map: detect_within, acknowledge_within, recover_within"));
    }
    only_known(node, "expect", &["detect_within", "acknowledge_within", "recover_within"])?;
    let within = |name: &str| node.get(name).map(|node| span(node, name)).transpose();
    Ok(Expect {
        detect_within: within("detect_within")?,
        acknowledge_within: within("acknowledge_within")?,
        recover_within: within("recover_within")?,
    })
}

fn probe(node: Node<'_>) -> Read<Probe> {
    if !node.is_map() {
        return Err(refuse(node, "a probe is a map with a name and one of http, query, alert"));
    }
    let told: Vec<(&str, Node<'_>)> =
        ["http", "query", "alert"].into_iter().filter_map(|name| Some((name, node.get(name)?))).collect();
    let [(kind, what)] = told[..] else {
        return Err(refuse(node, "a probe looks at exactly one of http, query, alert"));
    };
    let (members, kind): (&[&str], ProbeKind) = match kind {
        "http" => {
            let url = address(what, &text(what, "http")?)?;
            let status = node.get("status").map_or(Ok(200), |node| number(node, "status", 599))?;
            let timeout = node.get("timeout").map_or(Ok(PROBE_TIMEOUT), |node| span(node, "timeout"))?;
            let timeout = timeout.clamp(1, MINUTE);
            (&["name", "http", "status", "timeout"], ProbeKind::Http { url, status: status as u16, timeout })
        }
        "query" => {
            let most = |name: &str| node.get(name).map(|node| number(node, name, i64::MAX)).transpose();
            let (at_least, at_most) = (most("at_least")?, most("at_most")?);
            if at_least.is_none() && at_most.is_none() {
                return Err(refuse(node, "a query needs at_least or at_most: how many rows are normal?"));
            }
            let within = node.get("within").map_or(Ok(5 * MINUTE), |node| span(node, "within"))?;
            let query = text(what, "query")?;
            (&["name", "query", "within", "at_least", "at_most"], ProbeKind::Query { query, within, at_least, at_most })
        }
        _ => {
            let state = node.get("state").map_or(Ok("none".to_owned()), |node| text(node, "state"))?;
            if !["open", "none"].contains(&state.as_str()) {
                return Err(refuse(node, "state is open or none"));
            }
            let rule = text(what, "alert")?;
            let rule = Some(rule).filter(|rule| rule != "any");
            (&["name", "alert", "state"], ProbeKind::Alert { rule, open: state == "open" })
        }
    };
    only_known(node, "this probe", members)?;
    let name = node.get("name").map_or_else(|| text(what, "probe"), |node| text(node, "name"))?;
    Ok(Probe { name, kind })
}

/// An address that may be asked: without credentials, which would end up in reports.
pub(super) fn address(node: Node<'_>, url: &str) -> Read<String> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let rest = rest.ok_or_else(|| refuse(node, "an address begins with https:// or http://"))?;
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if host.is_empty() || host.contains('@') || url.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(refuse(node, "an address has a host, no spaces, and neither user nor password"));
    }
    if url.contains("${") {
        return Err(refuse(node, "an address is written out: variables are not filled in"));
    }
    Ok(url.to_owned())
}
