//! OpenSLO v1: objectives over ratios of events become rules about how fast their error budget burns.
//!
//! Read are `SLO` with a `ratioMetric` of `good` or `bad` and `total`, budgeting method `Occurrences`, a rolling window, and
//! `alertPolicies` with conditions of kind `burnrate`, inline or by name in the same file. A metric source has the type
//! `tandem` and asks by `query` (and `table`) or `sql`. What else OpenSLO knows is refused, never passed over in silence.

use super::fields::{Fields, Refused};
use super::parse::{DAY, MINUTE, SECOND, version};
use super::rule::{BurnPair, EntitySpec, Kind, OpsRule, RatioQuery, Source, default_pairs};
use crate::limits::{MAX_OPS_WINDOW, MAX_PAIRS};
use crate::rule::Meta;
use model::{Aspect, EntityRef, Level, Nanos};
use yaml::Node;

/// Objectives of one SLO.
const MAX_OBJECTIVES: usize = 16;

/// Whether a document is of OpenSLO.
pub fn is_open_slo(document: Node<'_>) -> bool {
    document.get("apiVersion").and_then(Node::text).is_some_and(|version| version.starts_with("openslo"))
}

/// When to tell.
struct Policy {
    name: String,
    level: Level,
    pairs: Vec<BurnPair>,
    hold: Nanos,
}

/// The rules of a document: none unless it is an SLO. `others` are the documents of the file, for what is referred to.
pub(crate) fn objectives(fields: &Fields<'_>, text: &str, others: &[Fields<'_>]) -> Result<Vec<OpsRule>, Refused> {
    if fields.need_text("apiVersion")? != "openslo/v1" {
        return Err(fields.refuse("apiVersion", "only openslo/v1 is read"));
    }
    fields.only(&["apiVersion", "kind", "metadata", "spec"])?;
    match fields.need_text("kind")? {
        "SLO" => {}
        // What is only referred to, or says nothing that is asked.
        "SLI" | "AlertPolicy" | "AlertCondition" | "Service" => return Ok(Vec::new()),
        other => {
            return Err(fields.refuse("kind", format!("{other} is not read: objectives need no such document here")));
        }
    }
    let (metadata, spec) = (fields.need_map("metadata")?, fields.need_map("spec")?);
    spec.only(&[
        "description",
        "service",
        "indicator",
        "indicatorRef",
        "timeWindow",
        "budgetingMethod",
        "objectives",
        "alertPolicies",
    ])?;
    let period = period(&spec)?;
    let method = spec.text("budgetingMethod")?.unwrap_or("Occurrences");
    if method != "Occurrences" {
        return Err(spec.refuse("budgetingMethod", format!("{method} is not supported: write Occurrences")));
    }
    let (ratio, bad, dataset) = indicator(&spec, others)?;
    let policies = policies(&spec, others)?;
    let service = spec.need_text("service")?;
    EntityRef::new("service", service).map_err(|error| spec.refuse("service", error.to_string()))?;
    let name = metadata.need_text("name")?;
    let shown = metadata.text("displayName")?.unwrap_or(name);
    let list = spec.maps("objectives", MAX_OBJECTIVES)?;
    if list.is_empty() {
        return Err(spec.refuse("objectives", "is missing: a list with a target"));
    }
    let several = list.len() > 1;
    let mut rules = Vec::new();
    for (place, objective) in list.iter().enumerate() {
        let target = target(objective)?;
        for policy in &policies {
            let number = if several { format!("-{}", place + 1) } else { String::new() };
            let what = objective.text("displayName")?.map_or_else(String::new, |what| format!(" ({what})"));
            let meta = Meta {
                id: format!("{name}{number}-{}", policy.name),
                name: None,
                title: format!("{shown}{what}: the error budget burns too fast ({})", policy.name),
                description: spec.text("description")?.unwrap_or_default().to_owned(),
                level: policy.level,
                status: None,
                tags: vec!["slo".to_owned()],
                false_positives: Vec::new(),
                references: Vec::new(),
                runbook: runbook(&metadata)?,
                aspect: Aspect::Operations,
                version: version(text),
                place: fields.place(),
            };
            let kind = Kind::BurnRate { target, period, bad, pairs: policy.pairs.clone(), minimum: 1 };
            rules.push(rule(meta, kind, ratio.clone(), policy, service, dataset.clone()));
        }
    }
    Ok(rules)
}

fn rule(meta: Meta, kind: Kind, ratio: RatioQuery, policy: &Policy, service: &str, dataset: Option<String>) -> OpsRule {
    let short = policy.pairs.iter().map(|pair| pair.short).min().unwrap_or(5 * MINUTE);
    // Five looks in the shortest window are often enough to see it end, and cheap for the slow ones.
    let every = (short / 5 / MINUTE * MINUTE).clamp(MINUTE, 60 * MINUTE);
    OpsRule {
        meta,
        source: Source::Ratio(Box::new(ratio)),
        window: policy.pairs.iter().map(|pair| pair.long).max().unwrap_or(60 * MINUTE),
        kind,
        every,
        hold: policy.hold,
        keep_firing: (5 * MINUTE).max(2 * every),
        delay: 10 * SECOND,
        group_by: Vec::new(),
        found_in: Vec::new(),
        entity: Some(EntitySpec { kind: "service".to_owned(), key: Vec::new(), name: Some(service.to_owned()) }),
        measures: None,
        unit: "1".to_owned(),
        dataset,
    }
}

fn runbook(metadata: &Fields<'_>) -> Result<Option<String>, Refused> {
    let Some(annotations) = metadata.map("annotations")? else { return Ok(None) };
    Ok(annotations.text("runbook")?.map(str::to_owned))
}

fn period(spec: &Fields<'_>) -> Result<Nanos, Refused> {
    let windows = spec.maps("timeWindow", 1)?;
    let Some(window) = windows.first() else { return Err(spec.refuse("timeWindow", "is missing: one rolling window")) };
    window.only(&["duration", "isRolling"])?;
    if !window.flag("isRolling")? {
        return Err(window.refuse("isRolling", "must be true: windows of the calendar are not supported"));
    }
    window.duration("duration", 28 * DAY, DAY, 366 * DAY)
}

fn target(objective: &Fields<'_>) -> Result<f64, Refused> {
    objective.only(&["displayName", "target", "targetPercent"])?;
    let share = match (objective.number("target")?, objective.number("targetPercent")?) {
        (Some(target), None) => Some(target),
        (None, Some(percent)) => Some(percent / 100.0),
        _ => None,
    };
    share.filter(|share| *share > 0.0 && *share < 1.0).ok_or_else(|| {
        objective.refuse("target", "must be a share above 0 and below 1, or targetPercent one of 100, and one of them")
    })
}

/// A document of the file, by kind and name.
fn named<'f, 'y>(others: &'f [Fields<'y>], kind: &str, name: &str) -> Option<&'f Fields<'y>> {
    others.iter().find(|other| {
        let metadata = other.map("metadata").ok().flatten();
        other.text("kind").ok().flatten() == Some(kind)
            && metadata.is_some_and(|metadata| metadata.text("name").ok().flatten() == Some(name))
    })
}

type Indicator = (RatioQuery, bool, Option<String>);

fn indicator(spec: &Fields<'_>, others: &[Fields<'_>]) -> Result<Indicator, Refused> {
    let of = match (spec.map("indicator")?, spec.text("indicatorRef")?) {
        (Some(inline), None) => inline.need_map("spec")?,
        (None, Some(name)) => named(others, "SLI", name)
            .ok_or_else(|| spec.refuse("indicatorRef", format!("there is no SLI {name} in this file")))?
            .need_map("spec")?,
        _ => return Err(spec.refuse("indicator", "one of indicator and indicatorRef is needed")),
    };
    of.only(&["description", "ratioMetric"])?;
    let ratio = of.need_map("ratioMetric")?;
    ratio.only(&["counter", "good", "bad", "total"])?;
    if ratio.has("good") == ratio.has("bad") {
        return Err(ratio.refuse("good", "one of good and bad is needed"));
    }
    let bad = ratio.has("bad");
    let total = asked(&ratio.need_map("total")?)?;
    let part = ratio.need_map(if bad { "bad" } else { "good" })?;
    let part = (asked(&part)?, part);
    let dataset = total.dataset.clone();
    let query = match (total, part) {
        (Asked { search: Some((table, total)), .. }, (Asked { search: Some((other, part)), .. }, _))
            if table == other =>
        {
            RatioQuery::Search { table, total, part }
        }
        (Asked { sql: Some(total), .. }, (Asked { sql: Some(part), .. }, _)) => RatioQuery::Sql { total, part },
        (_, (_, fields)) => {
            return Err(
                fields.refuse("metricSource", "and that of total must both be searches of one table, or both sql")
            );
        }
    };
    Ok((query, bad, dataset))
}

/// What a metric source asks.
struct Asked {
    search: Option<(model::Table, query::Query)>,
    sql: Option<String>,
    dataset: Option<String>,
}

fn asked(metric: &Fields<'_>) -> Result<Asked, Refused> {
    metric.only(&["metricSource"])?;
    let source = metric.need_map("metricSource")?;
    source.only(&["type", "spec"])?;
    let kind = source.text("type")?.unwrap_or("tandem");
    if !kind.eq_ignore_ascii_case("tandem") {
        return Err(
            source.refuse("type", format!("{kind} cannot be asked here: write type: tandem, and a query or sql"))
        );
    }
    let spec = source.need_map("spec")?;
    spec.only(&["table", "query", "sql", "dataset"])?;
    let dataset = spec.text("dataset")?.map(str::to_owned);
    match (spec.statement("sql")?, spec.has("query")) {
        (Some(sql), false) if dataset.is_some() || sql.contains("dataset") => {
            Ok(Asked { search: None, sql: Some(sql), dataset })
        }
        (Some(_), false) => {
            Err(spec.refuse("sql", "must select dataset (and group by it), or name one: dataset: default"))
        }
        (None, true) => {
            let table = spec.table()?;
            Ok(Asked { search: spec.search("query", table)?.map(|query| (table, query)), sql: None, dataset })
        }
        _ => Err(spec.refuse("query", "one of query and sql is needed")),
    }
}

fn policies(spec: &Fields<'_>, others: &[Fields<'_>]) -> Result<Vec<Policy>, Refused> {
    if !spec.has("alertPolicies") {
        let policy = |name: &str, level, pairs| Policy { name: name.to_owned(), level, pairs, hold: 0 };
        return Ok(vec![
            policy("fast", Level::Critical, default_pairs(true)),
            policy("slow", Level::Medium, default_pairs(false)),
        ]);
    }
    let mut found = Vec::new();
    for (inline, name) in spec.maps_or_texts("alertPolicies", MAX_PAIRS)? {
        let policy = match (inline, name) {
            (Some(map), _) => match map.text("alertPolicyRef")? {
                Some(name) => refer(spec, others, "AlertPolicy", name, "alertPolicies")?.clone(),
                None => map,
            },
            (None, name) => refer(spec, others, "AlertPolicy", name, "alertPolicies")?.clone(),
        };
        let body = policy.need_map("spec")?;
        for condition in body.maps("conditions", MAX_PAIRS)? {
            let condition = match condition.text("conditionRef")? {
                Some(name) => refer(&body, others, "AlertCondition", name, "conditions")?.clone(),
                None => condition,
            };
            found.push(burn(&condition)?);
        }
    }
    match found.is_empty() {
        true => Err(spec.refuse("alertPolicies", "have no conditions: leave them out for the usual ones")),
        false => Ok(found),
    }
}

fn refer<'f, 'y>(
    spec: &Fields<'_>,
    others: &'f [Fields<'y>],
    kind: &str,
    name: &str,
    field: &str,
) -> Result<&'f Fields<'y>, Refused> {
    named(others, kind, name).ok_or_else(|| spec.refuse(field, format!("there is no {kind} {name} in this file")))
}

fn burn(of: &Fields<'_>) -> Result<Policy, Refused> {
    let spec = of.need_map("spec")?;
    let condition = spec.need_map("condition")?;
    condition.only(&["kind", "op", "threshold", "lookbackWindow", "alertAfter"])?;
    if condition.text("kind")?.is_some_and(|kind| !kind.eq_ignore_ascii_case("burnrate")) {
        return Err(condition.refuse("kind", "must be burnrate"));
    }
    if condition.text("op")?.is_some_and(|op| !matches!(op, "gt" | "gte")) {
        return Err(condition.refuse("op", "must be gt or gte"));
    }
    let rate =
        condition.number_in("threshold", 0.0, 1e6)?.ok_or_else(|| condition.refuse("threshold", "is missing"))?;
    let long = condition.duration("lookbackWindow", 60 * MINUTE, 2 * MINUTE, MAX_OPS_WINDOW)?;
    let name = of.map("metadata")?.and_then(|metadata| metadata.text("name").ok().flatten());
    let severity = spec.text("severity")?.unwrap_or("high").to_ascii_lowercase();
    let level = match severity.as_str() {
        "page" => Level::Critical,
        "ticket" => Level::Medium,
        other => Level::from_name(other).unwrap_or(Level::High),
    };
    Ok(Policy {
        name: name.map_or_else(|| super::words::duration(long), str::to_owned),
        level,
        // A twelfth of the window, as the SRE workbook has it, says whether it still goes on.
        pairs: vec![BurnPair { long, short: long / 12, rate }],
        hold: condition.duration("alertAfter", 0, 0, MAX_OPS_WINDOW)?,
    })
}
