//! Operational rules in YAML: Sigma's words of what a rule says of itself, and `operation` for what it asks.

use super::fields::{Fields, Refused};
use super::rule::{
    Aggregate, Bound, BurnPair, Change, Compare, EntitySpec, Kind, OpsRule, RatioQuery, Source, default_pairs,
};
use super::{lower, slo};
use crate::limits::{MAX_EVERY, MAX_GROUP_FIELDS, MAX_OFFSETS, MAX_OPS_RULES, MAX_OPS_WINDOW, MAX_PAIRS, MIN_EVERY};
use crate::rule::{Meta, Place};
use model::{Aspect, EntityRef, Level, Nanos};
use sha2::{Digest as _, Sha256};
use std::sync::Arc;
use yaml::{Limits, Node, Yaml};

pub(crate) const SECOND: Nanos = 1_000_000_000;
pub(crate) const MINUTE: Nanos = 60 * SECOND;
pub(crate) const DAY: Nanos = 86_400 * SECOND;
/// A rule is small; this only bounds what a hostile file costs.
const LIMITS: Limits = Limits { nodes: 10_000, depth: 32 };

/// What documents say of themselves, as in Sigma.
const META: [&str; 18] = [
    "title",
    "id",
    "name",
    "related",
    "status",
    "description",
    "references",
    "author",
    "date",
    "modified",
    "tags",
    "falsepositives",
    "level",
    "license",
    "runbook",
    "aspect",
    "taxonomy",
    "operation",
];
const COMMON: [&str; 16] = [
    "kind",
    "table",
    "query",
    "sql",
    "aggregate",
    "of",
    "every",
    "window",
    "for",
    "keep_firing_for",
    "delay",
    "group_by",
    "entity",
    "dataset",
    "measures",
    "unit",
];

/// Whether a document is an operational rule.
pub fn is_operational(document: Node<'_>) -> bool {
    document.get("operation").is_some()
}

/// Reads a file of operational rules and OpenSLO documents. What is refused does not stop the others; documents of
/// other kinds are passed over.
pub fn parse(file: &str, text: &str) -> (Vec<OpsRule>, Vec<Refused>) {
    let (mut rules, mut refused): (Vec<OpsRule>, _) = (Vec::new(), Vec::new());
    let file: Arc<str> = file.into();
    let mut parts = Vec::new();
    for (line, part) in yaml::split(text) {
        match Yaml::parse_part(part, line, LIMITS) {
            Ok(yaml) => parts.push((part, yaml)),
            Err(error) => {
                let (line, column) = error.place;
                let place = Place { file: file.clone(), line, column };
                refused.push(Refused { place, field: "YAML".to_owned(), reason: error.reason });
            }
        }
    }
    let documents: Vec<(&str, Node<'_>)> =
        parts.iter().flat_map(|(part, yaml)| yaml.documents().map(|document| (*part, document))).collect();
    let all: Vec<Fields<'_>> = documents.iter().map(|(_, document)| Fields::root(&file, *document)).collect();
    for ((part, document), fields) in documents.iter().zip(&all) {
        let read = if slo::is_open_slo(*document) {
            slo::objectives(fields, part, &all)
        } else if is_operational(*document) {
            rule(fields, part).map(|rule| vec![rule])
        } else {
            continue;
        };
        match read {
            Ok(read) if rules.len() + read.len() > MAX_OPS_RULES => {
                refused.push(fields.refuse("operation", format!("more than {MAX_OPS_RULES} rules in one file")));
            }
            Ok(read) => rules.extend(read),
            Err(error) => refused.push(error),
        }
    }
    (rules, refused)
}

fn rule(fields: &Fields<'_>, text: &str) -> Result<OpsRule, Refused> {
    fields.only(&META)?;
    let meta = meta(fields, text)?;
    let of = fields.need_map("operation")?;
    let (group_by, mut found_in) = columns(&of, "group_by")?;
    found_in.extend(columns(&of, "values")?.1);
    of.only(&[&COMMON[..], own(&of)?].concat())?;
    let kind = kind(&of)?;
    let source = source(&of, &kind)?;
    let every = of.duration("every", MINUTE, MIN_EVERY, MAX_EVERY)?;
    let rule = OpsRule {
        meta,
        source,
        every,
        window: of.duration("window", 5 * MINUTE, MIN_EVERY, MAX_OPS_WINDOW)?,
        hold: of.duration("for", 0, 0, MAX_OPS_WINDOW)?,
        keep_firing: of.duration("keep_firing_for", (5 * MINUTE).max(2 * every), 0, MAX_OPS_WINDOW)?,
        delay: of.duration("delay", 10 * SECOND, 0, MAX_EVERY)?,
        entity: entity(&of, &group_by)?,
        group_by,
        found_in,
        kind,
        measures: of.text("measures")?.map(str::to_owned),
        unit: of.text("unit")?.unwrap_or("1").to_owned(),
        dataset: of.text("dataset")?.map(str::to_owned),
    };
    check(&of, &rule)?;
    Ok(rule)
}

/// What makes a column: names, and where they are found. `a|b` is `a`, found in the field `a` or else in `b`.
fn columns(of: &Fields<'_>, field: &str) -> Result<(Vec<String>, Vec<Vec<String>>), Refused> {
    let (mut names, mut found_in) = (Vec::new(), Vec::new());
    for text in of.texts(field, MAX_GROUP_FIELDS)? {
        let fields: Vec<String> = text.split('|').map(|field| field.trim().to_owned()).collect();
        if fields.len() > MAX_GROUP_FIELDS || fields.iter().any(String::is_empty) {
            return Err(of.refuse(field, format!("{text:?} must be a field, or some with | between them")));
        }
        names.push(fields[0].clone());
        found_in.push(fields);
    }
    Ok((names, found_in))
}

/// What must hold of the parts together.
fn check(of: &Fields<'_>, rule: &OpsRule) -> Result<(), Refused> {
    if rule.reach() > MAX_OPS_WINDOW {
        return Err(of.refuse("window", format!("reads further back than {}", super::words::duration(MAX_OPS_WINDOW))));
    }
    let names: Vec<&String> = rule.group_by.iter().chain(rule.value_fields()).collect();
    for (place, name) in names.iter().enumerate() {
        let field = if place < rule.group_by.len() { "group_by" } else { "values" };
        if ["dataset", "value", "samples", "period", "time", "of", "first", "last", "slope", "fit", "example"]
            .contains(&name.as_str())
        {
            return Err(
                of.refuse(field, format!("{name} is a column of every answer; rows are judged by dataset anyway"))
            );
        }
        if names[..place].contains(name) {
            return Err(of.refuse(field, format!("{name} is there twice")));
        }
    }
    if let (Source::Sql(sql), None) = (&rule.source, &rule.dataset)
        && !sql.contains("dataset")
    {
        return Err(
            of.refuse("sql", "must select dataset (and group by it), or the rule must name one: dataset: default")
        );
    }
    let field = if matches!(rule.source, Source::Sql(_)) { "sql" } else { "query" };
    lower::look(rule, 0, rule.window).map(drop).map_err(|reason| of.refuse(field, reason))
}

/// What a document says of itself.
pub(crate) fn meta(fields: &Fields<'_>, text: &str) -> Result<Meta, Refused> {
    let level = fields.text("level")?.unwrap_or("medium");
    let level = Level::from_name(level)
        .ok_or_else(|| fields.refuse("level", "must be informational, low, medium, high or critical"))?;
    let aspect = match fields.text("aspect")?.unwrap_or("operations") {
        "operations" => Aspect::Operations,
        "security" => Aspect::Security,
        _ => return Err(fields.refuse("aspect", "must be operations or security")),
    };
    let place = fields.place();
    let stem = place.file.rsplit('/').next().unwrap_or_default();
    let stem = stem.rsplit_once('.').map_or(stem, |(stem, _)| stem);
    let owned = |text: &str| text.to_owned();
    Ok(Meta {
        id: fields.text("id")?.unwrap_or(stem).to_owned(),
        name: fields.text("name")?.map(owned),
        title: fields.need_text("title")?.to_owned(),
        description: fields.text("description")?.unwrap_or_default().to_owned(),
        level,
        status: fields.text("status")?.map(owned),
        tags: fields.texts("tags", 100)?,
        false_positives: fields.texts("falsepositives", 100)?,
        references: fields.texts("references", 100)?,
        runbook: fields.text("runbook")?.map(owned),
        aspect,
        version: version(text),
        place,
    })
}

/// A hash of the text.
pub(crate) fn version(text: &str) -> String {
    Sha256::digest(text.trim())[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}

fn entity(of: &Fields<'_>, group_by: &[String]) -> Result<Option<EntitySpec>, Refused> {
    let Some(entity) = of.map("entity")? else { return Ok(None) };
    entity.only(&["kind", "key"])?;
    let kind = entity.need_text("kind")?.to_owned();
    EntityRef::new(&kind, "x").map_err(|error| entity.refuse("kind", error.to_string()))?;
    let place = |name: String| {
        let place = group_by.iter().position(|field| *field == name);
        place.ok_or_else(|| entity.refuse("key", format!("{name} is not in group_by")))
    };
    let key = entity.texts("key", MAX_GROUP_FIELDS)?.into_iter().map(place).collect::<Result<Vec<_>, _>>()?;
    if key.is_empty() {
        return Err(entity.refuse("key", "must name fields of group_by"));
    }
    Ok(Some(EntitySpec { kind, key, name: None }))
}

fn source(of: &Fields<'_>, kind: &Kind) -> Result<Source, Refused> {
    if let Kind::BurnRate { bad, .. } = kind {
        let name = if *bad { "bad" } else { "good" };
        if let Some(total) = of.statement("sql")? {
            let part =
                of.statement(name)?.ok_or_else(|| of.refuse(name, "is missing: a statement, as sql is for all"))?;
            return Ok(Source::Ratio(Box::new(RatioQuery::Sql { total, part })));
        }
        let table = of.table()?;
        let total =
            of.search("query", table)?.ok_or_else(|| of.refuse("query", "is missing: a search for all events"))?;
        let part = of.search(name, table)?.ok_or_else(|| of.refuse(name, "is missing: a search"))?;
        return Ok(Source::Ratio(Box::new(RatioQuery::Search { table, total, part })));
    }
    match (of.statement("sql")?, of.has("query")) {
        (Some(_), true) => Err(of.refuse("sql", "and query are both there: one of them asks")),
        (None, false) => Err(of.refuse("query", "is missing: write a search, or a statement in sql")),
        (Some(sql), false) => match ["table", "aggregate", "of"].into_iter().find(|field| of.has(field)) {
            Some(field) => Err(of.refuse(field, "belongs to a search; the statement says it")),
            None => Ok(Source::Sql(sql)),
        },
        (None, true) => {
            let table = of.table()?;
            let query = of.search("query", table)?.ok_or_else(|| of.refuse("query", "is missing"))?;
            Ok(Source::Search { table, query: Box::new(query), aggregate: aggregate(of)? })
        }
    }
}

fn aggregate(of: &Fields<'_>) -> Result<Aggregate, Refused> {
    let text = of.text("aggregate")?.unwrap_or("count");
    let (name, field) = text.split_once(char::is_whitespace).map_or((text, ""), |(name, rest)| (name, rest.trim()));
    let alone = matches!(name, "count" | "share");
    if alone != field.is_empty() {
        let reason = if alone { "stands alone" } else { "needs a field, as in `p99 duration_ns`" };
        return Err(of.refuse("aggregate", format!("{name} {reason}")));
    }
    if name != "share" && of.has("of") {
        return Err(of.refuse("of", "belongs to aggregate: share"));
    }
    let field = field.to_owned();
    Ok(match name {
        "count" => Aggregate::Count,
        "share" => {
            let part = of.search("of", of.table()?)?;
            Aggregate::Share(Box::new(part.ok_or_else(|| of.refuse("of", "is missing: a search for the share"))?))
        }
        "distinct" => Aggregate::Distinct(field),
        "sum" => Aggregate::Sum(field),
        "avg" => Aggregate::Avg(field),
        "min" => Aggregate::Min(field),
        "max" => Aggregate::Max(field),
        "last" => Aggregate::Last(field),
        "increase" => Aggregate::Increase(field),
        other => match other.strip_prefix('p').and_then(|p| p.parse().ok()).filter(|p| (1..=99).contains(p)) {
            Some(p) => Aggregate::Percentile(p, field),
            None => {
                let known = "count, distinct, sum, avg, min, max, last, increase, p1 to p99 or share";
                return Err(of.refuse("aggregate", format!("{other:?} is none of {known}")));
            }
        },
    })
}

/// The fields that are a kind's own.
fn own(of: &Fields<'_>) -> Result<&'static [&'static str], Refused> {
    Ok(match of.need_text("kind")? {
        "threshold" => &["above", "at_least", "below", "at_most", "clear", "minimum"],
        "absence" => &["lookback", "steady"],
        "change" => &[
            "ratio_above",
            "ratio_below",
            "difference_above",
            "difference_below",
            "against",
            "weeks",
            "periods",
            "minimum",
        ],
        "first_seen" => &["values", "learn", "shape"],
        "rare" => &["values", "share_below", "minimum"],
        "forecast" => &["limit", "within", "fit", "minimum"],
        "slo" => &["good", "bad", "target", "period", "burn", "minimum"],
        other => {
            let known = "threshold, absence, change, first_seen, rare, forecast or slo";
            return Err(of.refuse("kind", format!("{other:?} is none of {known}")));
        }
    })
}

fn kind(of: &Fields<'_>) -> Result<Kind, Refused> {
    Ok(match of.need_text("kind")? {
        "threshold" => Kind::Threshold { bound: bound(of)?, minimum: of.count("minimum", 0)? },
        "absence" => Kind::Absence {
            lookback: of.duration("lookback", DAY, MINUTE, MAX_OPS_WINDOW)?,
            steady: of.duration("steady", 60 * MINUTE, 0, MAX_OPS_WINDOW)?,
        },
        "change" => changes(of)?,
        "first_seen" => Kind::FirstSeen {
            fields: values(of)?,
            learn: of.duration("learn", 7 * DAY, MINUTE, MAX_OPS_WINDOW)?,
            shape: of.flag("shape")?,
        },
        "rare" => Kind::Rare {
            fields: values(of)?,
            share: of
                .number_in("share_below", 0.0, 1.0)?
                .ok_or_else(|| of.refuse("share_below", "is missing: such as 0.001"))?,
            minimum: of.count("minimum", 1_000)?,
        },
        "forecast" => Kind::Forecast {
            limit: of.number("limit")?.ok_or_else(|| of.refuse("limit", "is missing: the value that is reached"))?,
            within: of.duration("within", DAY, MINUTE, 365 * DAY)?,
            fit: of.number_in("fit", 0.0, 1.0)?.unwrap_or(0.7),
            minimum: of.count("minimum", 10)?,
        },
        // `own` has refused every other.
        _ => burn_rate(of)?,
    })
}

fn values(of: &Fields<'_>) -> Result<Vec<String>, Refused> {
    let fields = columns(of, "values")?.0;
    if fields.is_empty() {
        return Err(of.refuse("values", "is missing: the fields that make a value"));
    }
    Ok(fields)
}

fn bound(of: &Fields<'_>) -> Result<Bound, Refused> {
    let mut found = None;
    for compare in [Compare::Above, Compare::AtLeast, Compare::Below, Compare::AtMost] {
        let Some(number) = of.amount(compare.name())? else { continue };
        if found.is_some() {
            return Err(of.refuse(compare.name(), "a threshold compares once"));
        }
        let clear = of.amount("clear")?.unwrap_or(number);
        // What clears must lie where the threshold does not hold, or an alert would clear while it holds.
        let easier = match compare {
            Compare::Above | Compare::AtLeast => clear <= number,
            Compare::Below | Compare::AtMost => clear >= number,
        };
        if !easier {
            return Err(of.refuse("clear", "must be easier to meet than the threshold, so that flapping is one alert"));
        }
        found = Some(Bound { compare, number, clear });
    }
    found.ok_or_else(|| of.refuse("above", "is missing: write above, at_least, below or at_most and a number"))
}

fn changes(of: &Fields<'_>) -> Result<Kind, Refused> {
    let change = Change {
        ratio_above: of.number_in("ratio_above", 0.0, 1e9)?,
        ratio_below: of.number_in("ratio_below", 0.0, 1e9)?,
        difference_above: of.amount("difference_above")?,
        difference_below: of.amount("difference_below")?,
    };
    if change == Change::default() {
        return Err(of.refuse("ratio_above", "is missing: write ratio_above, ratio_below or a difference"));
    }
    if of.has("against") && of.has("weeks") {
        return Err(of.refuse("weeks", "and against are both there"));
    }
    let against = match of.texts("against", MAX_OFFSETS)? {
        none if none.is_empty() => {
            let weeks = of.number_in("weeks", 1.0, 4.0)?.unwrap_or(4.0) as i64;
            (1..=weeks).map(|week| week * 7 * DAY).collect()
        }
        some => some
            .iter()
            .map(|text| of.duration_of("against", text, MINUTE, MAX_OPS_WINDOW))
            .collect::<Result<Vec<_>, _>>()?,
    };
    let periods = of.number_in("periods", 1.0, against.len() as f64)?.unwrap_or(1.0) as usize;
    Ok(Kind::Change { change, against, minimum: of.count("minimum", 0)?, periods })
}

fn burn_rate(of: &Fields<'_>) -> Result<Kind, Refused> {
    let target = of.number("target")?.filter(|target| *target > 0.0 && *target < 1.0);
    let target = target.ok_or_else(|| of.refuse("target", "is missing: a share above 0 and below 1, such as 0.995"))?;
    if of.has("good") == of.has("bad") {
        return Err(of.refuse("good", "one of good and bad is needed"));
    }
    let mut pairs = Vec::new();
    for pair in of.maps("burn", MAX_PAIRS)? {
        pair.only(&["long", "short", "rate"])?;
        let long = pair.duration("long", 0, MINUTE, MAX_OPS_WINDOW)?;
        let short = pair.duration("short", long / 12, MIN_EVERY, MAX_OPS_WINDOW)?;
        let rate = pair.number_in("rate", 0.0, 1e6)?.ok_or_else(|| pair.refuse("rate", "is missing"))?;
        if long < MINUTE || short >= long {
            return Err(pair.refuse("long", "must be there, and longer than short"));
        }
        pairs.push(BurnPair { long, short, rate });
    }
    if pairs.is_empty() {
        pairs = [default_pairs(true), default_pairs(false)].concat();
    }
    Ok(Kind::BurnRate {
        target,
        period: of.duration("period", 28 * DAY, DAY, 366 * DAY)?,
        bad: of.has("bad"),
        pairs,
        minimum: of.count("minimum", 1)?,
    })
}
