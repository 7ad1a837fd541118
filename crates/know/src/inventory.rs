//! What was there at a time, whose it was, and what it sent.

use crate::limits::{DAY, LOGS_LAST, MAX_READERS, MAX_ROWS};
use crate::reports::{Owners, Report, Thing, percent, things, time, until};
use anyhow::Result;
use ledger::{AsOf, Claimed, Ledger, PRECEDENCE};
use model::entity::HAS;
use model::{EntityRef, Nanos, Table};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// Kinds that somebody has to own.
pub const OWNED: &[&str] = &["service", "host", "container.image", "repository"];
/// Kinds that are expected to send logs.
pub const LOGGING: &[&str] = &["service", "service.instance", "host", "container", "k8s.deployment"];

/// Something that was there.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Ran {
    /// What it is.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// When it was seen last before the time asked for.
    pub seen: String,
    /// Until when that holds; nothing when only its end says so.
    pub until: Option<String>,
    /// Whose it was.
    pub owner: Option<String>,
    /// Why that is said.
    pub reason: Option<String>,
    /// What is known of it.
    #[schema(value_type = std::collections::BTreeMap<String, serde_json::Value>)]
    pub attributes: Map<String, Value>,
}

/// What was there, of a kind or of all, with whose it was.
pub async fn ran(ledger: &Ledger, as_of: &AsOf, kind: Option<&str>) -> Result<Report<Ran>> {
    let owners = Owners::read(ledger, as_of).await?;
    let row = |thing: Thing| {
        let owner = owners.of(&thing.entity);
        Ran {
            seen: time(thing.seen),
            until: until(thing.until),
            owner: owner.map(|owner| owner.owner.key.clone()),
            reason: owner.map(ledger::Owner::reason),
            attributes: thing.attributes,
            kind: thing.entity.kind,
            name: thing.entity.key,
        }
    };
    let rows = things(ledger, as_of, kind).await?.into_iter().map(row).collect();
    Ok(Report::new("running", as_of, &["entities", "owners"], rows))
}

/// Something that belongs to another.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = InventoryPart)]
pub struct Part {
    /// How: `runs_on`, `part_of`, `listens`, ...
    pub relation: String,
    /// Whether the relation points away from what was asked for.
    pub outward: bool,
    /// What it is.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Who says so.
    pub origin: String,
    /// When it was said last.
    pub seen: String,
}

/// What belongs to a host, a service or anything else, and what it belongs to. Packages are counted only.
pub async fn parts_of(ledger: &Ledger, as_of: &AsOf, of: &EntityRef) -> Result<Report<Part>> {
    let packages = ledger.related(as_of, of, HAS).await?.len();
    let links = ledger.links_of(as_of, of, &[HAS], MAX_ROWS + 1).await?;
    let row = |link: ledger::Link| Part {
        relation: link.kind,
        outward: link.outward,
        kind: link.entity.kind,
        name: link.entity.key,
        origin: link.origin,
        seen: time(link.seen),
    };
    let rows = links.into_iter().map(row).collect();
    Ok(Report::new("parts", as_of, &["relations"], rows).total("packages", packages as f64))
}

/// Something without an owner.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Orphan {
    /// What it is.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// When it was seen first.
    pub since: Option<String>,
    /// Until when it had an owner, if it ever had one.
    pub owned_until: Option<String>,
    /// Tables that its telemetry goes to.
    pub sends: Vec<String>,
}

/// What ran and belonged to nobody; of the kinds [`OWNED`] if none are named.
pub async fn orphans(ledger: &Ledger, as_of: &AsOf, kinds: &[&str]) -> Result<Report<Orphan>> {
    let owners = Owners::read(ledger, as_of).await?;
    let mut alone = Vec::new();
    for kind in if kinds.is_empty() { OWNED } else { kinds } {
        let all = things(ledger, as_of, Some(kind)).await?;
        alone.extend(all.into_iter().filter(|thing| owners.of(&thing.entity).is_none()));
    }
    let shown: Vec<i64> = alone.iter().take(MAX_ROWS).map(|thing| thing.id).collect();
    let (first, claimed) = (ledger.first_seen(as_of, &shown).await?, ledger.claimed_last(as_of, &shown).await?);
    let row = |thing: Thing| Orphan {
        since: first.get(&thing.id).map(|at| time(*at)),
        owned_until: claimed.get(&thing.id).map(|at| time(*at)),
        sends: thing.sends(),
        kind: thing.entity.kind,
        name: thing.entity.key,
    };
    let rows = alone.into_iter().map(row).collect();
    Ok(Report::new("orphans", as_of, &["entities", "owners", "observations"], rows))
}

/// What a stream of events has brought so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamSeen {
    /// Dataset.
    pub dataset: String,
    /// `service.name`; empty when there is none.
    pub service: String,
    /// `host.name`, where it is told.
    pub host: Option<String>,
    /// Tables that it goes to.
    pub tables: Vec<String>,
    /// When something came last.
    pub last_received: Nanos,
    /// When a question found rows of it last.
    pub last_query: Option<Nanos>,
    /// Bytes received.
    pub bytes: u64,
    /// Rows received.
    pub rows: u64,
}

/// Names of those that send something to a table, as streams tell them.
fn senders<'a>(streams: &'a [StreamSeen], as_of: &AsOf, table: Table, host: bool) -> HashSet<&'a str> {
    let live = |stream: &&StreamSeen| {
        let recent = stream.last_received > as_of.valid.saturating_sub(LOGS_LAST);
        recent && as_of.datasets.allow(&stream.dataset) && stream.tables.iter().any(|known| known == table.name())
    };
    let name = |stream: &'a StreamSeen| if host { stream.host.as_deref() } else { Some(stream.service.as_str()) };
    streams.iter().filter(live).filter_map(name).filter(|name| !name.is_empty()).collect()
}

/// A service is named with its namespace in the ledger, and without in a stream.
fn among(service: &EntityRef, names: &HashSet<&str>) -> bool {
    names.contains(service.key.as_str()) || service.key.rsplit_once('/').is_some_and(|(_, name)| names.contains(name))
}

/// Something that sends no logs.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Silent {
    /// What it is.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// When it was seen first.
    pub since: Option<String>,
    /// When it was seen last.
    pub seen: String,
    /// Tables that its telemetry goes to.
    pub sends: Vec<String>,
    /// Whose it is.
    pub owner: Option<String>,
}

/// The inventory minus what sends logs.
pub async fn silent(ledger: &Ledger, as_of: &AsOf, streams: &[StreamSeen]) -> Result<Report<Silent>> {
    let owners = Owners::read(ledger, as_of).await?;
    let (services, hosts) = (senders(streams, as_of, Table::Logs, false), senders(streams, as_of, Table::Logs, true));
    let (mut quiet, mut all) = (Vec::new(), 0);
    for kind in LOGGING {
        for thing in things(ledger, as_of, Some(kind)).await? {
            all += 1;
            let by_stream = match *kind {
                "service" => among(&thing.entity, &services),
                "host" => hosts.contains(thing.entity.key.as_str()),
                _ => false,
            };
            if !by_stream && !thing.sends().iter().any(|table| table == Table::Logs.name()) {
                quiet.push(thing);
            }
        }
    }
    let shown: Vec<i64> = quiet.iter().take(MAX_ROWS).map(|thing| thing.id).collect();
    let (first, count) = (ledger.first_seen(as_of, &shown).await?, quiet.len());
    let row = |thing: Thing| Silent {
        since: first.get(&thing.id).map(|at| time(*at)),
        seen: time(thing.seen),
        sends: thing.sends(),
        owner: owners.name(&thing.entity),
        kind: thing.entity.kind,
        name: thing.entity.key,
    };
    let rows = quiet.into_iter().map(row).collect();
    let report = Report::new("silent", as_of, &["entities", "owners", "streams"], rows);
    Ok(report.total("looked_at", all as f64).total("percent", percent(count, all)))
}

/// A stream that nobody reads.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Unread {
    /// Dataset.
    pub dataset: String,
    /// `service.name`; empty when there is none.
    pub service: String,
    /// Host, where it is told.
    pub host: Option<String>,
    /// Tables that it goes to.
    pub tables: Vec<String>,
    /// Bytes that it brought.
    pub bytes: u64,
    /// Rows that it brought.
    pub rows: u64,
    /// When something came last.
    pub last_received: String,
    /// When a question found rows of it last.
    pub last_query: Option<String>,
    /// Rules over its tables of which nobody can tell which rows they look at: statements in SQL, and searches that took
    /// too long.
    pub statements: Vec<String>,
}

/// Dataset and service of a stream.
pub type StreamKey = (String, String);

/// What the rules that are switched on read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RulesRead {
    /// Streams, and the rules that read them.
    pub streams: BTreeMap<StreamKey, BTreeSet<String>>,
    /// Rules of which only the tables are known.
    pub statements: Vec<Statement>,
    /// Streams beyond the bound, of which it is not known whether rules over events read them.
    pub not_looked_at: usize,
}

/// A rule that is a statement in SQL, or whose search took too long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Its id.
    pub rule: String,
    /// Tables that it names.
    pub tables: Vec<String>,
    /// It looks at this dataset alone.
    pub dataset: Option<String>,
}

impl Statement {
    fn names(&self, stream: &StreamSeen) -> bool {
        self.dataset.as_ref().is_none_or(|dataset| *dataset == stream.dataset)
            && self.tables.iter().any(|table| stream.tables.contains(table))
    }
}

/// A stream that only rules read.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct ReadByRules {
    /// Dataset.
    pub dataset: String,
    /// `service.name`; empty when there is none.
    pub service: String,
    /// Bytes that it brought.
    pub bytes: u64,
    /// How many rules read it.
    pub count: usize,
    /// The first of them.
    pub rules: Vec<String>,
}

/// Streams that nobody asked for in so many days, the largest first.
pub fn unasked<'s>(as_of: &AsOf, streams: &'s [StreamSeen], days: u32) -> Vec<&'s StreamSeen> {
    let since = as_of.valid.saturating_sub(Nanos::from(days).saturating_mul(DAY));
    let unasked =
        |stream: &&StreamSeen| as_of.datasets.allow(&stream.dataset) && stream.last_query.is_none_or(|at| at <= since);
    let mut found: Vec<&StreamSeen> = streams.iter().filter(unasked).collect();
    found.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| (&a.dataset, &a.service).cmp(&(&b.dataset, &b.service))));
    found
}

/// Of these streams those that no rule reads; and those that rules alone read.
pub fn unread(as_of: &AsOf, unasked: &[&StreamSeen], rules: &RulesRead) -> (Report<Unread>, Vec<ReadByRules>) {
    let readers = |stream: &StreamSeen| {
        let of = rules.streams.get(&(stream.dataset.clone(), stream.service.clone()));
        of.filter(|readers| !readers.is_empty())
    };
    let by_rules = |stream: &&StreamSeen| {
        let readers = readers(stream)?;
        let rules = readers.iter().take(MAX_READERS).cloned().collect();
        let (dataset, service) = (stream.dataset.clone(), stream.service.clone());
        Some(ReadByRules { dataset, service, bytes: stream.bytes, count: readers.len(), rules })
    };
    let read: Vec<ReadByRules> = unasked.iter().filter_map(by_rules).collect();
    let found: Vec<&StreamSeen> = unasked.iter().copied().filter(|stream| readers(stream).is_none()).collect();
    let bytes: u64 = found.iter().map(|stream| stream.bytes).sum();
    let statements = |stream: &StreamSeen| {
        let naming = rules.statements.iter().filter(|statement| statement.names(stream));
        naming.map(|statement| statement.rule.clone()).take(MAX_READERS).collect()
    };
    let row = |stream: &StreamSeen| Unread {
        dataset: stream.dataset.clone(),
        service: stream.service.clone(),
        host: stream.host.clone(),
        tables: stream.tables.clone(),
        bytes: stream.bytes,
        rows: stream.rows,
        last_received: time(stream.last_received),
        last_query: stream.last_query.map(time),
        statements: statements(stream),
    };
    let rows = found.into_iter().map(row).collect();
    let report = Report::new("unread", as_of, &["streams", "rules"], rows).total("bytes", bytes as f64);
    let report = report.total("read_by_rules_alone", read.len() as f64);
    (report.total("not_looked_at", rules.not_looked_at as f64), read.into_iter().take(MAX_ROWS).collect())
}

/// What is known of a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Coverage {
    /// The service.
    pub service: String,
    /// It sends logs.
    pub logs: bool,
    /// It sends spans.
    pub traces: bool,
    /// It sends metrics.
    pub metrics: bool,
    /// Its version is known.
    pub version: bool,
    /// Where it runs is known.
    pub environment: bool,
    /// It has an owner.
    pub owner: bool,
    /// It has a runbook.
    pub runbook: bool,
    /// Whose it is.
    pub owned_by: Option<String>,
}

impl Coverage {
    fn all(&self) -> [(&'static str, bool); 7] {
        [
            ("logs", self.logs),
            ("traces", self.traces),
            ("metrics", self.metrics),
            ("version", self.version),
            ("environment", self.environment),
            ("owner", self.owner),
            ("runbook", self.runbook),
        ]
    }
}

/// What is known of each service, those that lack most first; with percentages.
pub async fn coverage(ledger: &Ledger, as_of: &AsOf, streams: &[StreamSeen]) -> Result<Report<Coverage>> {
    let owners = Owners::read(ledger, as_of).await?;
    let by_stream = Table::ALL.map(|table| (table, senders(streams, as_of, table, false)));
    let row = |thing: Thing| {
        let sends = thing.sends();
        let signal = |table: Table| {
            let stream = by_stream.iter().any(|(known, names)| *known == table && among(&thing.entity, names));
            stream || sends.iter().any(|name| name == table.name())
        };
        let owned_by = owners.name(&thing.entity);
        Coverage {
            logs: signal(Table::Logs),
            traces: signal(Table::Spans),
            metrics: signal(Table::Metrics),
            version: thing.has("service.version"),
            environment: thing.has("deployment.environment.name"),
            owner: owned_by.is_some(),
            runbook: thing.has("runbook"),
            owned_by,
            service: thing.entity.key,
        }
    };
    let mut rows: Vec<Coverage> = things(ledger, as_of, Some("service")).await?.into_iter().map(row).collect();
    let has = |row: &Coverage| row.all().iter().filter(|(_, has)| *has).count();
    rows.sort_by(|a, b| has(a).cmp(&has(b)).then_with(|| a.service.cmp(&b.service)));
    let mut totals: BTreeMap<&'static str, f64> = BTreeMap::new();
    for (place, (name, _)) in rows.first().map(Coverage::all).into_iter().flatten().enumerate() {
        totals.insert(name, percent(rows.iter().filter(|row| row.all()[place].1).count(), rows.len()));
    }
    let mut report = Report::new("coverage", as_of, &["entities", "owners", "streams"], rows);
    report.totals = totals;
    Ok(report)
}

/// Whose something was, from when to when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Ownership {
    /// Who.
    pub owner: String,
    /// Which layer; empty for the whole.
    pub layer: String,
    /// Who says so.
    pub origin: String,
    /// From when.
    pub from: String,
    /// Until when; nothing while it is so.
    pub until: Option<String>,
}

/// From one owner to the next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = OwnerHandOver)]
pub struct HandOver {
    /// When.
    pub at: String,
    /// Which layer; empty for the whole.
    pub layer: String,
    /// Who had it; nothing when nobody had.
    pub from: Option<String>,
    /// Who got it; nothing when nobody did.
    pub to: Option<String>,
}

/// Who owns something at a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct OwnedBy {
    /// Who.
    pub owner: String,
    /// Which layer; empty for the whole.
    pub layer: String,
    /// Why that is said.
    pub reason: String,
}

/// Whose something was, over time.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct OwnerHistory {
    /// What.
    pub entity: String,
    /// What it is part of, when the history is that of this.
    pub via: Option<String>,
    /// Owners as of the earlier time.
    pub before: Vec<OwnedBy>,
    /// Owners as of the later time.
    pub after: Vec<OwnedBy>,
    /// Each hand-over between the two times.
    pub hand_overs: Vec<HandOver>,
    /// Owners one after another, until the later time.
    pub intervals: Report<Ownership>,
}

/// The owners of something as of two dates, and each hand-over between them.
pub async fn owner_history(ledger: &Ledger, of: &EntityRef, before: &AsOf, after: &AsOf) -> Result<OwnerHistory> {
    let (before_owners, after_owners) = (ledger.owners(before, Some(of)).await?, ledger.owners(after, Some(of)).await?);
    let via = after_owners.first().and_then(|owner| owner.via.clone());
    let owned_by = |owner: ledger::Owner| {
        let reason = owner.reason();
        OwnedBy { owner: owner.owner.key, layer: owner.layer, reason }
    };
    let claims = ledger.claims_of(after, via.as_ref().unwrap_or(of)).await?;
    let spans = owned(&claims, after.valid);
    let row = |span: &Span| Ownership {
        owner: span.owner.clone(),
        layer: span.layer.clone(),
        origin: span.origin.clone(),
        from: time(span.from),
        until: span.until.map(time),
    };
    let rows = spans.iter().map(row).collect();
    Ok(OwnerHistory {
        entity: of.to_string(),
        via: via.map(|via| via.to_string()),
        before: before_owners.into_iter().map(owned_by).collect(),
        after: after_owners.into_iter().map(owned_by).collect(),
        hand_overs: hand_overs(&spans, before.valid),
        intervals: Report::new("owners", after, &["relations", "observations"], rows),
    })
}

/// Whose a layer was for a time.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Span {
    layer: String,
    owner: String,
    origin: String,
    from: Nanos,
    until: Option<Nanos>,
}

/// Who was believed when: at each time the source with the highest precedence, as [`Ledger::owners`] does.
fn owned(claims: &[Claimed], end: Nanos) -> Vec<Span> {
    let layers: BTreeSet<&str> = claims.iter().map(|claim| claim.layer.as_str()).collect();
    let mut spans: Vec<Span> = Vec::new();
    for layer in layers {
        let claims: Vec<&Claimed> = claims.iter().filter(|claim| claim.layer == layer).collect();
        let mut times: BTreeSet<Nanos> = claims.iter().flat_map(|claim| [claim.from, claim.until]).collect();
        times.retain(|at| *at <= end);
        for at in times {
            let holds = claims.iter().filter(|claim| claim.from <= at && at < claim.until);
            let believed = holds.min_by_key(|claim| (rank(&claim.origin), &claim.origin, &claim.owner, claim.from));
            let last = spans.last_mut().filter(|span| span.layer == layer && span.until.is_none());
            let same = |span: &Span, claim: &Claimed| span.owner == claim.owner.key && span.origin == claim.origin;
            if let (Some(span), Some(claim)) = (&last, believed)
                && same(span, claim)
            {
                continue;
            }
            if let Some(span) = last {
                span.until = Some(at);
            }
            spans.extend(believed.map(|claim| Span {
                layer: layer.to_owned(),
                owner: claim.owner.key.clone(),
                origin: claim.origin.clone(),
                from: at,
                until: None,
            }));
        }
    }
    spans
}

fn rank(origin: &str) -> usize {
    PRECEDENCE.iter().position(|known| *known == origin).unwrap_or(PRECEDENCE.len())
}

/// From one span to the next, after a time. The same owner by another source's word is no hand-over.
fn hand_overs(spans: &[Span], after: Nanos) -> Vec<HandOver> {
    let mut all: Vec<(Nanos, HandOver)> = Vec::new();
    let mut tell = |at: Nanos, layer: &str, from: Option<&str>, to: Option<&str>| {
        if at > after && from != to {
            let (from, to) = (from.map(str::to_owned), to.map(str::to_owned));
            all.push((at, HandOver { at: time(at), layer: layer.to_owned(), from, to }));
        }
    };
    for (place, span) in spans.iter().enumerate() {
        let before = place.checked_sub(1).and_then(|place| spans.get(place));
        let before = before.filter(|before| before.layer == span.layer && before.until == Some(span.from));
        tell(span.from, &span.layer, before.map(|before| before.owner.as_str()), Some(&span.owner));
        let next = spans.get(place + 1).filter(|next| next.layer == span.layer && Some(next.from) == span.until);
        if let (Some(until), None) = (span.until, next) {
            tell(until, &span.layer, Some(&span.owner), None);
        }
    }
    all.sort_by(|a, b| (a.0, &a.1.layer).cmp(&(b.0, &b.1.layer)));
    all.into_iter().map(|(_, hand_over)| hand_over).collect()
}
