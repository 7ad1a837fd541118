//! Findings with their life, as of two times.

use super::state::{FindingState, Step, Told, life, stands};
use crate::db::Ledger;
use crate::error::{LedgerError, Result};
use crate::facts::Class;
use crate::history::{AsOf, held};
use crate::limits::{MAX_ASKED_FINDINGS, ROWS_PER_STATEMENT};
use crate::sql::Statement;
use model::{EntityRef, Hiding, Nanos};
use serde::Serialize;
use serde_json::{Map, Value};
use sqlx::Row as _;
use sqlx::any::AnyRow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Which findings are asked for.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// By their ids; all when empty.
    pub ids: Vec<i64>,
    /// Of this entity.
    pub entity: Option<EntityRef>,
    /// Of this rule.
    pub rule: Option<String>,
    /// Of this rule, at this place, or naming it in their evidence: an advisory, an alias of it, a component.
    pub about: Option<String>,
    /// On this side branch; on default branches when absent.
    pub branch: Option<String>,
    /// Those that are gone, too.
    pub fixed: bool,
}

/// A scan as it is cited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ScanRef {
    /// Its id.
    pub id: i64,
    /// When it ran.
    #[schema(value_type = String)]
    pub at: Nanos,
    /// The tool.
    pub tool: String,
    /// The commit.
    pub commit: Option<String>,
    /// The branch.
    pub branch: Option<String>,
    /// The version.
    pub version: Option<String>,
    /// The pipeline.
    pub pipeline: Option<String>,
}

/// A change as it is cited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ChangeRef {
    /// Its id.
    pub id: i64,
    /// `push`, `deployment`, ...
    pub kind: String,
    /// What was altered.
    #[schema(value_type = String)]
    pub entity: EntityRef,
    /// When.
    #[schema(value_type = String)]
    pub at: Nanos,
    /// The version that came.
    pub version: Option<String>,
}

/// What hides a finding, by its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Suppressed {
    /// Why, by whom.
    #[serde(flatten)]
    pub why: Hiding,
    /// Until when.
    #[schema(value_type = String)]
    pub ends: Nanos,
    /// That was before the time that was asked for: it hides no more.
    pub expired: bool,
    /// The decision that hides it; nothing when that is said where the code is.
    pub decision: Option<i64>,
}

/// A finding, with all that is known of it.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct FindingView {
    /// Its id.
    pub id: i64,
    /// What is weak.
    #[schema(value_type = Option<String>)]
    pub entity: Option<EntityRef>,
    /// The rule.
    pub rule: String,
    /// What identifies it.
    pub fingerprint: String,
    /// How bad it is.
    pub severity: String,
    /// One line.
    pub title: String,
    /// What is wrong, in a sentence.
    pub message: String,
    /// The component, or file and logical place.
    pub place: String,
    /// The file.
    pub path: String,
    /// The line, when known.
    pub line: Option<i64>,
    /// The logical place in it.
    pub address: String,
    /// The teams that own its path, by the file of owners.
    pub owners: Vec<String>,
    /// Whose facts.
    pub dataset: String,
    /// Where it stands.
    pub state: FindingState,
    /// What hides it.
    pub suppressed: Option<Suppressed>,
    /// What proves it.
    #[schema(value_type = std::collections::BTreeMap<String, serde_json::Value>)]
    pub evidence: Map<String, Value>,
    /// When it was found first.
    #[schema(value_type = String)]
    pub found: Nanos,
    /// Its life.
    pub steps: Vec<Step>,
    /// The scan that found it, the last time.
    pub found_by: Option<ScanRef>,
    /// The scan that found it gone.
    pub fixed_by: Option<ScanRef>,
    /// The change that brought its end, when that is known.
    pub fixed_by_change: Option<ChangeRef>,
}

/// How a finding looked last.
struct Look {
    severity: String,
    message: String,
    path: String,
    line: i64,
    address: String,
    owners: Vec<String>,
    hidden: Option<(Hiding, Nanos)>,
    evidence: Map<String, Value>,
}

/// A row of `findings`.
struct Bare {
    id: i64,
    entity_id: i64,
    entity: Option<EntityRef>,
    texts: [String; 6],
    evidence: Map<String, Value>,
}

type Streams = HashMap<(i64, String), BTreeMap<String, Nanos>>;

impl Ledger {
    /// The findings that are asked for, by their ids.
    pub async fn findings(&self, as_of: &AsOf, asked: &Asked) -> Result<Vec<FindingView>> {
        let class = if asked.branch.is_some() { Class::Side } else { Class::Finding };
        let bare = self.bare(as_of, asked, class).await?;
        let ids: Vec<i64> = bare.iter().map(|finding| finding.id).collect();
        let mut told = self.told(as_of, asked, class, &ids).await?;
        let mut looks = self.looks(as_of, &told, &ids).await?;
        let streams = self.streams(as_of, &bare).await?;
        let waivers = self.waivers(as_of).await?;
        let mut views = Vec::new();
        for finding in bare {
            let steps = life(&told.remove(&finding.id).unwrap_or_default());
            let none = BTreeMap::new();
            let newest = streams.get(&(finding.entity_id, finding.texts[5].clone())).unwrap_or(&none);
            let Some(state) = stands(&steps, newest) else { continue };
            if !asked.fixed && !state.is_open() {
                continue;
            }
            let look = looks.remove(&finding.id);
            let mut view = view(finding, look, steps, state, as_of.valid);
            let waiver = waivers.of(view.id, &view.fingerprint, &view.dataset, &view.evidence);
            let outlasts = |until: Nanos| view.suppressed.as_ref().is_none_or(|own| own.ends < until);
            if let Some(waiver) = waiver.filter(|waiver| outlasts(waiver.until)) {
                view.suppressed = Some(waiver.hides());
            }
            views.push(view);
        }
        self.cite(as_of, &mut views).await?;
        Ok(views)
    }

    async fn bare(&self, as_of: &AsOf, asked: &Asked, class: Class) -> Result<Vec<Bare>> {
        let mut query = Statement::new("");
        let open = !asked.fixed && asked.ids.is_empty() && asked.entity.is_none();
        if open {
            held(&mut query, class, as_of);
        }
        query.push(
            "SELECT n.id, n.entity, e.kind, e.key, n.rule, n.fingerprint, n.severity, n.title, n.place, n.dataset, \
             n.evidence FROM findings n LEFT JOIN entities e ON e.id = n.entity WHERE n.known <= ",
        );
        query.bind(as_of.known);
        as_of.visible(&mut query, "n.dataset");
        if open {
            query.push(" AND n.id IN (SELECT about FROM held)");
        }
        if !asked.ids.is_empty() {
            query.push(" AND n.id IN (");
            for (number, id) in asked.ids.iter().take(ROWS_PER_STATEMENT).enumerate() {
                query.push(if number == 0 { "" } else { ", " }).bind(*id);
            }
            query.push(")");
        }
        if let Some(entity) = &asked.entity {
            query.push(" AND e.kind = ").bind(entity.kind.clone()).push(" AND e.key = ").bind(entity.key.clone());
        }
        if let Some(rule) = &asked.rule {
            query.push(" AND n.rule = ").bind(rule.clone());
        }
        if let Some(about) = &asked.about {
            let quoted = serde_json::to_string(about).unwrap_or_default();
            let pattern = quoted.replace('!', "!!").replace('%', "!%").replace('_', "!_");
            query.push(" AND (n.rule = ").bind(about.clone()).push(" OR n.place = ").bind(about.clone());
            query.push(" OR n.evidence LIKE ").bind(format!("%{pattern}%")).push(" ESCAPE '!')");
        }
        query.push(" ORDER BY n.id LIMIT ").bind(MAX_ASKED_FINDINGS as i64 + 1);
        let rows = query.build(self.inner.sqlite)?.fetch_all(&self.inner.pool).await?;
        if rows.len() > MAX_ASKED_FINDINGS {
            return Err(LedgerError::Invalid(format!(
                "more than {MAX_ASKED_FINDINGS} findings (MAX_ASKED_FINDINGS): ask for those of one entity or rule"
            )));
        }
        rows.into_iter().map(bare).collect()
    }

    /// What was said of findings, in the order of time.
    async fn told(&self, as_of: &AsOf, asked: &Asked, class: Class, ids: &[i64]) -> Result<HashMap<i64, Vec<Told>>> {
        let mut told: HashMap<i64, Vec<Told>> = HashMap::new();
        for chunk in ids.chunks(ROWS_PER_STATEMENT) {
            let mut query = Statement::new(
                "SELECT o.about, o.at, o.known, o.ended, o.origin, o.dataset, o.attributes FROM observations o \
                 WHERE o.class = ",
            );
            query.bind(class as i64).push(" AND o.at <= ").bind(as_of.valid);
            query.push(" AND o.known <= ").bind(as_of.known);
            as_of.visible(&mut query, "o.dataset");
            among(&mut query, "o.about", chunk);
            query.push(" ORDER BY o.about, o.at, o.ended, o.id");
            for row in query.build(self.inner.sqlite)?.fetch_all(&self.inner.pool).await? {
                let one = Told {
                    at: row.try_get(1)?,
                    known: row.try_get(2)?,
                    ended: row.try_get::<i64, _>(3)? == 1,
                    origin: row.try_get(4)?,
                    dataset: row.try_get(5)?,
                    attributes: row.try_get(6)?,
                };
                let end = asked.branch.as_ref().map(|branch| format!("@{branch}"));
                if end.is_none_or(|end| one.origin.ends_with(&end)) {
                    told.entry(row.try_get(0)?).or_default().push(one);
                }
            }
        }
        Ok(told)
    }

    /// How findings looked last, to one of those who tell of them here.
    async fn looks(&self, as_of: &AsOf, told: &HashMap<i64, Vec<Told>>, ids: &[i64]) -> Result<HashMap<i64, Look>> {
        let mut looks = HashMap::new();
        for chunk in ids.chunks(ROWS_PER_STATEMENT) {
            let mut query = Statement::new(
                "SELECT d.finding, d.severity, d.message, d.path, d.line, d.address, d.owners, d.hidden, d.hidden_until, \
                 d.evidence, d.origin FROM (SELECT y.*, row_number() OVER (PARTITION BY y.finding, y.origin, y.dataset \
                 ORDER BY y.at DESC, y.id DESC) AS place FROM details y WHERE y.at <= ",
            );
            query.bind(as_of.valid).push(" AND y.known <= ").bind(as_of.known);
            as_of.visible(&mut query, "y.dataset");
            among(&mut query, "y.finding", chunk);
            query.push(") d WHERE d.place = 1 ORDER BY d.at, d.id");
            for row in query.build(self.inner.sqlite)?.fetch_all(&self.inner.pool).await? {
                let (id, origin): (i64, String) = (row.try_get(0)?, row.try_get(10)?);
                if told.get(&id).is_some_and(|told| told.iter().any(|one| one.origin == origin)) {
                    looks.insert(id, look(&row)?);
                }
            }
        }
        Ok(looks)
    }

    /// When streams were scanned last, by entity and dataset.
    async fn streams(&self, as_of: &AsOf, bare: &[Bare]) -> Result<Streams> {
        let entities: Vec<i64> =
            bare.iter().map(|finding| finding.entity_id).collect::<BTreeSet<_>>().into_iter().collect();
        let mut streams = Streams::new();
        for chunk in entities.chunks(ROWS_PER_STATEMENT) {
            let mut query = Statement::new(
                "SELECT s.entity, s.dataset, s.origin, max(s.at) FROM scans s WHERE s.late = 0 AND s.at <= ",
            );
            query.bind(as_of.valid).push(" AND s.known <= ").bind(as_of.known);
            as_of.visible(&mut query, "s.dataset");
            among(&mut query, "s.entity", chunk);
            query.push(" GROUP BY s.entity, s.dataset, s.origin");
            for row in query.build(self.inner.sqlite)?.fetch_all(&self.inner.pool).await? {
                let of = (row.try_get(0)?, row.try_get(1)?);
                streams.entry(of).or_default().insert(row.try_get(2)?, row.try_get(3)?);
            }
        }
        Ok(streams)
    }

    /// Adds the scans and changes that steps cite.
    async fn cite(&self, as_of: &AsOf, views: &mut [FindingView]) -> Result<()> {
        let cited = |pick: fn(&Step) -> Option<i64>| -> Vec<i64> {
            let all = views.iter().flat_map(|view| view.steps.iter().filter_map(pick));
            all.collect::<BTreeSet<_>>().into_iter().collect()
        };
        let scans = self.scan_refs(as_of, &cited(|step| step.scan)).await?;
        let changes = self.change_refs(as_of, &cited(|step| step.change)).await?;
        for view in views {
            let found = view.steps.iter().rev().find(|step| step.what != super::StepKind::Fixed);
            view.found_by = found.and_then(|step| scans.get(&step.scan?).cloned());
            if view.state == FindingState::Fixed {
                let last = view.steps.last();
                view.fixed_by = last.and_then(|step| scans.get(&step.scan?).cloned());
                view.fixed_by_change = last.and_then(|step| changes.get(&step.change?).cloned());
            }
        }
        Ok(())
    }

    async fn scan_refs(&self, as_of: &AsOf, ids: &[i64]) -> Result<HashMap<i64, ScanRef>> {
        let mut scans = HashMap::new();
        for chunk in ids.chunks(ROWS_PER_STATEMENT) {
            let mut query = Statement::new(
                "SELECT s.id, s.at, s.tool, s.revision, s.branch, s.version, s.pipeline FROM scans s WHERE 1 = 1",
            );
            as_of.visible(&mut query, "s.dataset");
            among(&mut query, "s.id", chunk);
            for row in query.build(self.inner.sqlite)?.fetch_all(&self.inner.pool).await? {
                let scan = ScanRef {
                    id: row.try_get(0)?,
                    at: row.try_get(1)?,
                    tool: row.try_get(2)?,
                    commit: row.try_get(3)?,
                    branch: row.try_get(4)?,
                    version: row.try_get(5)?,
                    pipeline: row.try_get(6)?,
                };
                scans.insert(scan.id, scan);
            }
        }
        Ok(scans)
    }

    /// Changes by their ids.
    pub async fn change_refs(&self, as_of: &AsOf, ids: &[i64]) -> Result<HashMap<i64, ChangeRef>> {
        let mut changes = HashMap::new();
        for chunk in ids.chunks(ROWS_PER_STATEMENT) {
            let mut query = Statement::new(CHANGE_REF);
            as_of.visible(&mut query, "c.dataset");
            among(&mut query, "c.id", chunk);
            for row in query.build(self.inner.sqlite)?.fetch_all(&self.inner.pool).await? {
                let change = change_ref(&row)?;
                changes.insert(change.id, change);
            }
        }
        Ok(changes)
    }

    /// The change of an entity that a commit came by, if it was told: the newest.
    pub async fn change_of_commit(&self, as_of: &AsOf, of: &EntityRef, commit: &str) -> Result<Option<ChangeRef>> {
        let quoted = serde_json::to_string(commit).unwrap_or_default();
        let pattern = quoted.replace('!', "!!").replace('%', "!%").replace('_', "!_");
        let mut query = Statement::new(CHANGE_REF);
        as_of.visible(&mut query, "c.dataset");
        query.push(" AND e.kind = ").bind(of.kind.clone()).push(" AND e.key = ").bind(of.key.clone());
        query.push(" AND c.at <= ").bind(as_of.valid).push(" AND c.known <= ").bind(as_of.known);
        query.push(" AND (c.version = ").bind(commit.to_owned());
        query.push(" OR c.attributes LIKE ").bind(format!("%{pattern}%")).push(" ESCAPE '!')");
        query.push(" ORDER BY c.at DESC, c.id DESC LIMIT 1");
        let row = query.build(self.inner.sqlite)?.fetch_optional(&self.inner.pool).await?;
        row.map(|row| change_ref(&row)).transpose()
    }
}

const CHANGE_REF: &str = "SELECT c.id, c.kind, e.kind, e.key, c.at, c.version FROM changes c \
     JOIN entities e ON e.id = c.entity WHERE 1 = 1";

fn change_ref(row: &AnyRow) -> Result<ChangeRef> {
    Ok(ChangeRef {
        id: row.try_get(0)?,
        kind: row.try_get(1)?,
        entity: EntityRef { kind: row.try_get(2)?, key: row.try_get(3)? },
        at: row.try_get(4)?,
        version: row.try_get(5)?,
    })
}

fn among(query: &mut Statement, column: &str, ids: &[i64]) {
    query.push(" AND ").push(column).push(" IN (");
    for (number, id) in ids.iter().enumerate() {
        query.push(if number == 0 { "" } else { ", " }).bind(*id);
    }
    query.push(")");
}

fn bare(row: AnyRow) -> Result<Bare> {
    let (kind, key): (Option<String>, Option<String>) = (row.try_get(2)?, row.try_get(3)?);
    let mut texts: [String; 6] = Default::default();
    for (at, text) in texts.iter_mut().enumerate() {
        *text = row.try_get(4 + at)?;
    }
    Ok(Bare {
        id: row.try_get(0)?,
        entity_id: row.try_get(1)?,
        entity: kind.zip(key).map(|(kind, key)| EntityRef { kind, key }),
        texts,
        evidence: object(&row.try_get::<String, _>(10)?),
    })
}

fn object(text: &str) -> Map<String, Value> {
    serde_json::from_str(text).unwrap_or_default()
}

fn look(row: &AnyRow) -> Result<Look> {
    let hidden: Option<String> = row.try_get(7)?;
    let until: Option<Nanos> = row.try_get(8)?;
    Ok(Look {
        severity: row.try_get(1)?,
        message: row.try_get(2)?,
        path: row.try_get(3)?,
        line: row.try_get(4)?,
        address: row.try_get(5)?,
        owners: serde_json::from_str(&row.try_get::<String, _>(6)?).unwrap_or_default(),
        hidden: hidden.and_then(|text| serde_json::from_str(&text).ok()).zip(until),
        evidence: object(&row.try_get::<String, _>(9)?),
    })
}

fn view(bare: Bare, look: Option<Look>, steps: Vec<Step>, state: FindingState, valid: Nanos) -> FindingView {
    let [rule, fingerprint, severity, title, place, dataset] = bare.texts;
    let found = steps.first().map_or(0, |step| step.at);
    let mut view = FindingView {
        id: bare.id,
        entity: bare.entity,
        rule,
        fingerprint,
        severity,
        title,
        message: String::new(),
        path: String::new(),
        line: None,
        address: String::new(),
        owners: Vec::new(),
        place,
        dataset,
        state,
        suppressed: None,
        evidence: bare.evidence,
        found,
        steps,
        found_by: None,
        fixed_by: None,
        fixed_by_change: None,
    };
    if let Some(look) = look {
        view.severity = look.severity;
        (view.message, view.path, view.address) = (look.message, look.path, look.address);
        view.line = (look.line > 0).then_some(look.line);
        view.owners = look.owners;
        view.evidence = look.evidence;
        view.suppressed =
            look.hidden.map(|(why, ends)| Suppressed { why, ends, expired: ends <= valid, decision: None });
    }
    view
}
