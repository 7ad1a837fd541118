//! Dashboards: a small number, as files in git, each with an owner, and approved on a day or not.
//!
//! ```yaml
//! title: A host
//! about: What a machine does, and what it says about itself.
//! owner: platform
//! approved: 2026-11-01            # the day; without it the dashboard is shown as a draft
//! range: now-1h                   # what it opens with
//! variables:
//!   - {name: host, label: Host, table: metrics, field: host.name}
//! panels:
//!   - {title: Processor, kind: chart, metric: system.cpu.utilization, query: "host.name:$host", by: state, agg: avg, unit: "1", width: 6}
//!   - {title: Errors, kind: search, table: logs, query: "host.name:$host level:error", width: 12}
//! ```

use crate::limits::{MAX_PANELS, MAX_VARIABLES};
use crate::planning::Problem;
use crate::planning::fields::{Fields, day, read, refuse};
use ledger::{AsOf, DecisionsAsked, Ledger, LedgerError, Person};
use model::{DEFAULT_DATASET, Decision, EntityRef, Facts, Nanos};
use serde::Serialize;
use std::collections::BTreeMap;
use yaml::{Node, Scalar};

/// What a panel may be.
const KINDS: [&str; 6] = ["search", "sql", "chart", "number", "table", "markdown"];
const TABLES: [&str; 3] = ["logs", "spans", "metrics"];
/// Columns that a dashboard is wide.
const COLUMNS: i64 = 12;
/// How the ledger calls a dashboard whose views are counted.
pub const VIEWED: &str = "dashboard";
/// Nobody looked for so long: it is proposed for deletion.
pub const UNUSED_AFTER: Nanos = 30 * 24 * 3_600 * 1_000_000_000;

/// A dashboard as its file says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Dashboard {
    /// The file's stem.
    pub name: String,
    /// It in a few words.
    pub title: String,
    /// What it is for.
    pub about: String,
    /// The team that answers for it.
    pub owner: String,
    /// The day it was approved; without one it is a draft.
    pub approved: Option<String>,
    /// The beginning of the range of time that it opens with.
    pub range: Option<String>,
    /// What can be chosen.
    pub variables: Vec<Variable>,
    /// What it shows, in order.
    pub panels: Vec<Panel>,
}

/// Something that can be chosen: `$name` in the panels' queries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Variable {
    /// Its name in queries.
    pub name: String,
    /// Its name on the page.
    pub label: String,
    /// The table whose values are offered.
    pub table: String,
    /// The field whose values are offered.
    pub field: String,
    /// What is chosen at first; everything when absent.
    pub default: Option<String>,
}

/// A part of a dashboard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Panel {
    /// What it shows.
    pub title: String,
    /// One of `search`, `sql`, `chart`, `number`, `table`, `markdown`.
    pub kind: String,
    /// The table of a search.
    pub table: Option<String>,
    /// A search, or the filter of a metric.
    pub query: Option<String>,
    /// A statement.
    pub sql: Option<String>,
    /// A metric's name.
    pub metric: Option<String>,
    /// What a metric is split by.
    pub by: Option<String>,
    /// How values of one step become one.
    pub agg: Option<String>,
    /// The unit, as UCUM writes it.
    pub unit: Option<String>,
    /// The text of Markdown.
    pub text: Option<String>,
    /// Columns of twelve.
    pub width: i64,
    /// Where it leads.
    pub link: Option<String>,
}

/// Reads a dashboard; `stem` is the name of its file without the ending.
pub fn dashboard(path: &str, stem: &str, text: &str) -> Result<Dashboard, Problem> {
    read(path, text, |root| {
        root.only(&["title", "about", "owner", "approved", "range", "variables", "panels"])?;
        let approved = root.text("approved")?;
        if let Some(text) = approved.as_deref().filter(|text| day(text).is_none()) {
            let node = root.0.get("approved").unwrap_or(root.0);
            return Err(refuse(node, format!("{text:?} is no day: write the day it was approved, as 2027-02-01")));
        }
        let panels = each(root, "panels", MAX_PANELS, panel)?;
        if panels.is_empty() {
            return Err(refuse(root.0, "panels is missing: write at least one"));
        }
        Ok(Dashboard {
            name: stem.to_owned(),
            title: root.needed("title", "what is it called?")?,
            about: root.needed("about", "what is it for?")?,
            owner: root.team("owner", "which team answers for it?")?,
            approved,
            range: root.text("range")?,
            variables: each(root, "variables", MAX_VARIABLES, variable)?,
            panels,
        })
    })
}

/// The maps of a list.
fn each<T>(
    root: Fields<'_>,
    name: &str,
    most: usize,
    of: impl Fn(Fields<'_>) -> Result<T, yaml::Error>,
) -> Result<Vec<T>, yaml::Error> {
    let Some(list) = root.0.get(name) else { return Ok(Vec::new()) };
    if !list.is_list() || list.items().len() > most {
        return Err(refuse(list, format!("{name} is a list of at most {most}")));
    }
    let map = |node: Node<'_>| match node.is_map() {
        true => of(Fields(node)),
        false => Err(refuse(node, format!("each of {name} is a map"))),
    };
    list.items().map(map).collect()
}

fn variable(given: Fields<'_>) -> Result<Variable, yaml::Error> {
    given.only(&["name", "label", "table", "field", "default"])?;
    let name = given.needed("name", "how do queries call it?")?;
    if !name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') {
        return Err(refuse(given.0, format!("{name:?} is no name: write small letters and `_`")));
    }
    Ok(Variable {
        label: given.text("label")?.unwrap_or_else(|| name.clone()),
        name,
        table: one_of(given, "table", &TABLES)?.unwrap_or_else(|| "logs".to_owned()),
        field: given.needed("field", "whose values are offered?")?,
        default: given.text("default")?,
    })
}

fn panel(given: Fields<'_>) -> Result<Panel, yaml::Error> {
    given.only(&["title", "kind", "table", "query", "sql", "metric", "by", "agg", "unit", "text", "width", "link"])?;
    let kind = one_of(given, "kind", &KINDS)?
        .ok_or_else(|| refuse(given.0, format!("kind is missing: write one of {}", KINDS.join(", "))))?;
    let width = match given.0.get("width").map(|node| (node, node.scalar())) {
        None => COLUMNS / 2,
        Some((_, Some(Scalar::Int(width)))) if (1..=COLUMNS).contains(&width) => width,
        Some((node, _)) => return Err(refuse(node, format!("width is a number from 1 to {COLUMNS}"))),
    };
    let link = given.text("link")?;
    if link.as_deref().is_some_and(|link| !link.starts_with('/') || link.starts_with("//")) {
        return Err(refuse(given.0, "link leads into this page: begin it with `/`"));
    }
    let panel = Panel {
        title: given.needed("title", "what does it show?")?,
        table: one_of(given, "table", &TABLES)?,
        query: given.text("query")?,
        sql: given.text("sql")?,
        metric: given.text("metric")?,
        by: given.text("by")?,
        agg: given.text("agg")?,
        unit: given.text("unit")?,
        text: given.text("text")?,
        kind,
        width,
        link,
    };
    let asks = [&panel.query, &panel.sql, &panel.metric, &panel.text].iter().any(|part| part.is_some());
    if !asks {
        return Err(refuse(given.0, format!("{:?} asks for nothing: write query, sql, metric or text", panel.title)));
    }
    Ok(panel)
}

fn one_of(given: Fields<'_>, name: &str, known: &[&str]) -> Result<Option<String>, yaml::Error> {
    let Some(text) = given.text(name)? else { return Ok(None) };
    if known.contains(&text.as_str()) {
        return Ok(Some(text));
    }
    let node = given.0.get(name).unwrap_or(given.0);
    Err(refuse(node, format!("{text:?} is no {name}: write one of {}", known.join(", "))))
}

/// How often a dashboard was looked at. By whom is not kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Views {
    /// In the last thirty days.
    pub last_30_days: u64,
    /// The last time.
    pub last: Option<Nanos>,
}

/// Counts a look at it.
pub async fn viewed(ledger: &Ledger, dashboard: &Dashboard, by: Person<'_>, now: Nanos) -> Result<(), LedgerError> {
    let key = format!("{VIEWED}:{}", dashboard.name);
    let known = DecisionsAsked { key: Some(key.clone()), limit: 1, ..DecisionsAsked::of(&[VIEWED]) };
    let id = match ledger.decisions(&known, &AsOf::at(now)).await?.first() {
        Some(decided) => decided.id,
        None => {
            let body = [("name".to_owned(), dashboard.name.clone().into())].into_iter().collect();
            let decision = Decision {
                key,
                kind: VIEWED.to_owned(),
                dataset: DEFAULT_DATASET.to_owned(),
                at: now,
                entity: None,
                reason: "its views are counted".to_owned(),
                owner: EntityRef::new("team", dashboard.owner.as_str()).ok(),
                control: None,
                expires: None,
                cites: Vec::new(),
                body,
            };
            ledger.decide(&decision, &Facts::default(), by, now).await?.id
        }
    };
    ledger.decided_again(&[(id, now)], now).await
}

/// Views of all dashboards that were ever looked at, by name.
pub async fn views(ledger: &Ledger, now: Nanos) -> Result<BTreeMap<String, Views>, LedgerError> {
    let as_of = AsOf::at(now);
    let mut all: BTreeMap<i64, (String, Views)> = BTreeMap::new();
    for decided in ledger.decisions(&DecisionsAsked::of(&[VIEWED]), &as_of).await? {
        let Some(name) = decided.decision.body.get("name").and_then(|name| name.as_str()) else { continue };
        all.insert(decided.id, (name.to_owned(), Views::default()));
    }
    for (since, recent) in [(0, false), (now - UNUSED_AFTER, true)] {
        for again in ledger.again(VIEWED, since, &as_of).await? {
            let Some((_, views)) = all.get_mut(&again.decision) else { continue };
            views.last = Some(again.last);
            if recent {
                views.last_30_days = again.times;
            }
        }
    }
    Ok(all.into_values().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "title: A host\nabout: b\nowner: platform\napproved: 2026-11-01\nvariables:\n  - {name: host, field: host.name}\n\
                        panels:\n  - {title: Errors, kind: search, query: 'host.name:$host', width: 4}\n";

    #[test]
    fn a_file_is_read_and_what_is_wrong_has_a_place() {
        let read = dashboard("d/host.yaml", "host", GOOD).unwrap();
        assert_eq!(
            (read.owner.as_str(), read.approved.as_deref(), read.panels[0].width),
            ("platform", Some("2026-11-01"), 4)
        );
        assert_eq!((read.variables[0].label.as_str(), read.variables[0].table.as_str()), ("host", "logs"));
        for (from, to, place, says) in [
            ("owner: platform\n", "", (1, 1), "owner is missing"),
            ("kind: search", "kind: pie", (8, 27), "is no kind"),
            ("width: 4", "width: 13", (8, 68), "from 1 to 12"),
            ("2026-11-01", "yes", (4, 11), "is no day"),
            ("query: 'host.name:$host', ", "", (8, 5), "asks for nothing"),
            ("width: 4", "link: '//elsewhere'", (8, 5), "begin it with `/`"),
            ("about", "abuot", (2, 1), "not known"),
        ] {
            let refused = dashboard("d/host.yaml", "host", &GOOD.replacen(from, to, 1)).unwrap_err();
            assert!(refused.reason.contains(says), "{refused}");
            assert_eq!(refused.place, place, "{refused}");
        }
    }

    #[test]
    fn those_that_are_built_in_are_good() {
        let all: Vec<_> = crate::pages::builtin_files().filter(|(path, _)| path.starts_with("dashboards/")).collect();
        for (path, text) in &all {
            let stem = path.trim_start_matches("dashboards/").trim_end_matches(".yaml");
            let read = dashboard(path, stem, text).unwrap_or_else(|problem| panic!("{problem}"));
            assert!(read.approved.is_some(), "{path}");
        }
        assert!(all.len() >= 6, "{} are built in", all.len());
    }
}
