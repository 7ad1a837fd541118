//! Results of scans in, and the life of their findings: new, open, fixed, back again.
//!
//! A stream is what one tool says of one thing, in one category, on the default branch or on one side branch. The newest
//! scan of a stream says what is there; that a finding was seen or is gone is written when that changes, and only then,
//! so that the same scan told twice writes nothing.

mod deploys;
mod read;
mod state;
mod waived;

pub use deploys::{Deployment, Holder, NamedScan, VersionScanned};
pub use read::{Asked as FindingsAsked, ChangeRef, FindingView, ScanRef, Suppressed};
pub use state::{FindingState, Step as FindingStep, StepKind};
pub(crate) use waived::WAIVER;
pub use waived::{Waiver, Waivers};

use crate::db::{Ledger, Write};
use crate::error::{LedgerError, Result};
use crate::facts::{Class, END, OPEN, digest, object, text};
use crate::limits::{
    HIDDEN_NANOS, MAX_AT, MAX_KEY_BYTES, MAX_PATH_OWNERS, MAX_REPORT_NAMES, MAX_REPORTED, MAX_TEXT_BYTES,
    ROWS_PER_STATEMENT,
};
use crate::personal::{Person, person};
use crate::sql::Statement;
use model::limits::{MAX_AHEAD_NANOS, MAX_DATASET_BYTES, MAX_KIND_BYTES};
use model::{Nanos, Report, Reported, hex};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use sqlx::Row as _;
use std::collections::{BTreeSet, HashMap, HashSet};

/// What became of a report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Scanned {
    /// The scan, by its id.
    pub id: i64,
    /// It was told before; nothing was written.
    pub repeated: bool,
    /// A newer scan was told before; it is kept, and changes nothing.
    pub late: bool,
    /// Findings that it has.
    pub found: u64,
    /// Those that were never seen before.
    pub new: u64,
    /// Those that had been fixed.
    pub back: u64,
    /// Those that are gone by it.
    pub fixed: u64,
    /// Those that it does not have and could not judge: it was incomplete, did not ask their rule, or did not look there.
    pub unjudged: u64,
}

/// A finding of the stream, as it was before.
struct Before {
    rule: String,
    ended: bool,
    path: String,
    digest: Option<String>,
}

/// A report on its way in.
struct Incoming<'r> {
    report: &'r Report,
    origin: String,
    at: Nanos,
    scan: i64,
    entity: i64,
    class: i64,
}

/// What is written about a finding.
struct Seen {
    about: i64,
    ended: bool,
}

/// The name of the stream that a report belongs to.
pub fn stream(report: &Report) -> String {
    let mut name = format!("scan:{}", report.tool.name);
    if !report.category.is_empty() {
        name.push('#');
        name.push_str(&report.category);
    }
    if let Some(branch) = side(report) {
        name.push('@');
        name.push_str(branch);
    }
    if name.len() <= MAX_KIND_BYTES {
        return name;
    }
    let told = format!("~{:016x}", digest(&name));
    let mut end = MAX_KIND_BYTES - told.len();
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    name.truncate(end);
    name + &told
}

fn side(report: &Report) -> Option<&str> {
    report.source.branch.as_deref().filter(|branch| report.source.side && !branch.is_empty())
}

impl Ledger {
    /// Keeps what a scan found, and what is gone by it. `now` is the wall clock.
    pub async fn scanned(&self, report: &Report, now: Nanos) -> Result<Scanned> {
        check(report)?;
        let given = if report.at == 0 { now } else { report.at.min(now.saturating_add(MAX_AHEAD_NANOS)) };
        let content = content(report);
        // The scan, its entity and author; a finding, what is said of it and how it looks.
        let mut write = self.inner.write(3 + 3 * report.findings.len(), now).await?;
        let names = BTreeSet::from([report.entity.clone()]);
        let ids = self.inner.names.resolve(&mut write, &names, &BTreeSet::new()).await?;
        let entity = ids.entities[&report.entity];
        let origin = stream(report);
        let key = key(report, &origin, given, &content);
        let newest = newest(&mut write, report, entity, &origin).await?;
        if let Some(known) = known(&mut write, &key, &content, newest.as_ref()).await? {
            return Ok(known);
        }
        let late = newest.as_ref().is_some_and(|(_, at, _)| given < *at);
        // Two scans of one moment have an order.
        let at = if newest.is_some_and(|(_, at, _)| at == given) { given + 1 } else { given };
        let author = match report.source.author.as_deref().filter(|author| !author.trim().is_empty()) {
            Some(author) => Some(person(&mut write, Person(author)).await?.0),
            None => None,
        };
        let scan = write.id();
        let class = if side(report).is_some() { Class::Side } else { Class::Finding } as i64;
        let incoming = Incoming { report, origin, at, scan, entity, class };
        let mut scanned = if late { Scanned::default() } else { incoming.findings(&mut write).await? };
        (scanned.id, scanned.late, scanned.found) = (scan, late, report.findings.len() as u64);
        incoming.keep(&mut write, &key, &content, author, &scanned).await?;
        write.tx.commit().await?;
        self.inner.names.keep(&ids);
        Ok(scanned)
    }
}

fn check(report: &Report) -> Result<()> {
    report.entity.check()?;
    text("dataset", &report.dataset, MAX_DATASET_BYTES)?;
    text("name of the tool", &report.tool.name, MAX_TEXT_BYTES)?;
    let invalid = |what: String| Err(LedgerError::Invalid(what));
    if !(0..MAX_AT).contains(&report.at) {
        return invalid(format!("the time {} is not between 1970 and 2200, in nanoseconds", report.at));
    }
    if report.findings.len() > MAX_REPORTED {
        return invalid(format!(
            "{} findings in one report; send at most {MAX_REPORTED} (MAX_REPORTED): name categories of it",
            report.findings.len()
        ));
    }
    if report.scope.len() > MAX_REPORT_NAMES || report.rules.as_ref().is_some_and(|some| some.len() > MAX_REPORT_NAMES)
    {
        return invalid(format!("more than {MAX_REPORT_NAMES} rules or paths of one report (MAX_REPORT_NAMES)"));
    }
    let source = &report.source;
    let words = [&source.commit, &source.branch, &source.version, &source.pipeline, &source.author];
    let words = words.into_iter().flatten().chain([&report.category, &report.key, &report.tool.version]);
    for word in words.filter(|word| !word.is_empty()) {
        text("commit, branch, version, pipeline, author, category, key or version of the tool", word, MAX_KEY_BYTES)?;
    }
    for finding in &report.findings {
        text("fingerprint", &finding.fingerprint, MAX_KEY_BYTES)?;
        text("rule", &finding.rule, MAX_TEXT_BYTES)?;
        text("title", &finding.title, MAX_TEXT_BYTES)?;
        if !["critical", "high", "medium", "low", "info"].contains(&finding.severity.as_str()) {
            return invalid(format!(
                "{:?} is no severity: use critical, high, medium, low or info",
                finding.severity.chars().take(40).collect::<String>()
            ));
        }
        for (name, value) in
            [("message", &finding.message), ("path", &finding.path), ("address of a finding", &finding.address)]
        {
            if !value.is_empty() {
                text(name, value, MAX_TEXT_BYTES)?;
            }
        }
        if finding.owners.len() > MAX_PATH_OWNERS {
            return invalid(format!("a path has at most {MAX_PATH_OWNERS} owners (MAX_PATH_OWNERS)"));
        }
    }
    Ok(())
}

/// A digest of what a report says, whenever it is told.
fn content(report: &Report) -> String {
    let report = Report { at: 0, key: String::new(), ..report.clone() };
    hex::encode(&Sha256::digest(serde_json::to_vec(&report).unwrap_or_default()))
}

/// What tells a run from all others: the sender's own id of it, or what it said when.
fn key(report: &Report, origin: &str, at: Nanos, content: &str) -> String {
    let own = if report.key.is_empty() { format!("{at} {content}") } else { report.key.clone() };
    let all = format!("{}\0{}\0{origin}\0{own}", report.dataset, report.entity);
    hex::encode(&Sha256::digest(all.as_bytes()))
}

/// The newest scan of the stream: id, time, content.
async fn newest(
    write: &mut Write<'_>,
    report: &Report,
    entity: i64,
    origin: &str,
) -> Result<Option<(i64, Nanos, String)>> {
    let row = sqlx::query(
        "SELECT id, at, content FROM scans WHERE entity = $1 AND dataset = $2 AND origin = $3 AND late = 0 \
         ORDER BY at DESC, id DESC LIMIT 1",
    )
    .bind(entity)
    .bind(&report.dataset)
    .bind(origin)
    .fetch_optional(&mut *write.tx)
    .await?;
    row.map(|row| Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?))).transpose()
}

/// What became of it when it was told before: by its key at any time, or in the same words as the newest.
async fn known(
    write: &mut Write<'_>,
    key: &str,
    content: &str,
    newest: Option<&(i64, Nanos, String)>,
) -> Result<Option<Scanned>> {
    let same = newest.filter(|(_, _, said)| said == content).map_or(0, |(id, _, _)| *id);
    let row = sqlx::query("SELECT id, late, found FROM scans WHERE key = $1 OR id = $2")
        .bind(key)
        .bind(same)
        .fetch_optional(&mut *write.tx)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let (id, late, found): (i64, i64, i64) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
    let found = found.unsigned_abs();
    Ok(Some(Scanned { id, repeated: true, late: late == 1, found, ..Scanned::default() }))
}

impl Incoming<'_> {
    /// Writes what changed; answers how much.
    async fn findings(&self, write: &mut Write<'_>) -> Result<Scanned> {
        let before = self.before(write).await?;
        let mut told: HashSet<&str> = HashSet::new();
        // What a tool says twice is one.
        let findings: Vec<&Reported> =
            self.report.findings.iter().filter(|finding| told.insert(&finding.fingerprint)).collect();
        let ids = self.named(write, &findings).await?;
        let (mut scanned, mut seen, mut looks, mut here) = (Scanned::default(), Vec::new(), Vec::new(), HashSet::new());
        for finding in findings {
            let Some(id) = ids.get(&finding.fingerprint).copied() else { continue };
            here.insert(id);
            let earlier = before.get(&id);
            match earlier {
                None => scanned.new += 1,
                Some(earlier) if earlier.ended => scanned.back += 1,
                Some(_) => {}
            }
            if earlier.is_none_or(|earlier| earlier.ended) {
                seen.push(Seen { about: id, ended: false });
            }
            let said = said(finding);
            if earlier.and_then(|earlier| earlier.digest.as_ref()) != Some(&said) {
                looks.push((id, finding, said));
            }
        }
        let rules: Option<HashSet<&str>> =
            self.report.rules.as_ref().map(|rules| rules.iter().map(String::as_str).collect());
        for (id, earlier) in before.iter().filter(|(id, earlier)| !earlier.ended && !here.contains(*id)) {
            let asked = rules.as_ref().is_none_or(|rules| rules.contains(earlier.rule.as_str()));
            if !self.report.incomplete && asked && self.report.covers(&earlier.path) {
                scanned.fixed += 1;
                seen.push(Seen { about: *id, ended: true });
            } else {
                scanned.unjudged += 1;
            }
        }
        write.reserve(scanned.fixed as usize).await?;
        self.observed(write, seen).await?;
        self.looks(write, looks).await?;
        Ok(scanned)
    }

    /// The findings of the stream, by their ids.
    async fn before(&self, write: &mut Write<'_>) -> Result<HashMap<i64, Before>> {
        let of_stream = |query: &mut Statement, table: &str| {
            query.push(&format!(" AND {table}.origin = ")).bind(self.origin.clone());
            query.push(&format!(" AND {table}.dataset = ")).bind(self.report.dataset.clone());
        };
        let mut query = Statement::new(
            "SELECT n.id, n.rule, o.ended, d.path, d.digest FROM findings n JOIN observations o ON o.id = \
             (SELECT x.id FROM observations x WHERE x.about = n.id",
        );
        of_stream(&mut query, "x");
        query.push(
            " ORDER BY x.at DESC, x.ended DESC, x.id DESC LIMIT 1) LEFT JOIN details d ON d.id = \
             (SELECT y.id FROM details y WHERE y.finding = n.id",
        );
        of_stream(&mut query, "y");
        query.push(" ORDER BY y.at DESC, y.id DESC LIMIT 1) WHERE n.entity = ").bind(self.entity);
        query.push(" AND n.dataset = ").bind(self.report.dataset.clone());
        let mut before = HashMap::new();
        for row in query.build(write.sqlite)?.fetch_all(&mut *write.tx).await? {
            let one = Before {
                rule: row.try_get(1)?,
                ended: row.try_get::<i64, _>(2)? == 1,
                path: row.try_get::<Option<String>, _>(3)?.unwrap_or_default(),
                digest: row.try_get(4)?,
            };
            before.insert(row.try_get(0)?, one);
        }
        Ok(before)
    }

    /// The ids of findings, by their fingerprints; makes those that there are not.
    async fn named(&self, write: &mut Write<'_>, findings: &[&Reported]) -> Result<HashMap<String, i64>> {
        let mut ids = HashMap::new();
        let known = write.known;
        for chunk in findings.chunks(ROWS_PER_STATEMENT) {
            let mut rows = Vec::with_capacity(chunk.len());
            for finding in chunk {
                rows.push((write.id(), *finding, object("evidence", &finding.evidence)?));
            }
            let mut insert = Statement::new(
                "INSERT INTO findings \
                 (id, known, at, entity, rule, fingerprint, severity, title, place, origin, dataset, evidence) ",
            );
            insert.values(&rows, |row, (id, finding, evidence)| {
                row.bind(*id).bind(known).bind(self.at).bind(self.entity);
                row.bind(finding.rule.clone()).bind(finding.fingerprint.clone());
                row.bind(finding.severity.clone()).bind(finding.title.clone());
                row.bind(place(finding)).bind(self.origin.clone()).bind(self.report.dataset.clone());
                row.bind(evidence.clone());
            });
            insert.push(" ON CONFLICT (fingerprint, entity, dataset) DO NOTHING");
            insert.build(write.sqlite)?.execute(&mut *write.tx).await?;
            let mut select = Statement::new("SELECT id, fingerprint FROM findings WHERE dataset = ");
            select.bind(self.report.dataset.clone()).push(" AND entity = ").bind(self.entity);
            select.push(" AND fingerprint IN (");
            for (number, finding) in chunk.iter().enumerate() {
                select.push(if number == 0 { "" } else { ", " }).bind(finding.fingerprint.clone());
            }
            for row in select.push(")").build(write.sqlite)?.fetch_all(&mut *write.tx).await? {
                ids.insert(row.try_get(1)?, row.try_get(0)?);
            }
        }
        Ok(ids)
    }

    async fn observed(&self, write: &mut Write<'_>, mut seen: Vec<Seen>) -> Result<()> {
        seen.sort_by_key(|seen| seen.about);
        let attributes = match self.report.change {
            Some(change) => serde_json::json!({"scan": self.scan, "change": change}),
            None => serde_json::json!({"scan": self.scan}),
        }
        .to_string();
        let known = write.known;
        for chunk in seen.chunks(ROWS_PER_STATEMENT) {
            let rows: Vec<(i64, &Seen)> = chunk.iter().map(|seen| (write.id(), seen)).collect();
            let mut insert = Statement::new(
                "INSERT INTO observations \
                 (id, known, class, about, at, ended, until, reach, origin, dataset, slot, attributes) ",
            );
            insert.values(&rows, |row, (id, seen)| {
                let slot = match seen.ended {
                    true => format!("e{}", self.at),
                    false => format!("o{}-{:x}", self.at, digest(&attributes)),
                };
                row.bind(*id).bind(known).bind(self.class).bind(seen.about).bind(self.at);
                row.bind(i64::from(seen.ended)).bind(i64::MAX).bind(if seen.ended { END } else { OPEN });
                row.bind(self.origin.clone()).bind(self.report.dataset.clone()).bind(slot).bind(attributes.clone());
            });
            insert.push(" ON CONFLICT (about, origin, dataset, slot) DO NOTHING");
            insert.build(write.sqlite)?.execute(&mut *write.tx).await?;
        }
        Ok(())
    }

    async fn looks(&self, write: &mut Write<'_>, looks: Vec<(i64, &Reported, String)>) -> Result<()> {
        let known = write.known;
        for chunk in looks.chunks(ROWS_PER_STATEMENT) {
            let mut rows = Vec::with_capacity(chunk.len());
            for (finding, reported, said) in chunk {
                let owners = serde_json::to_string(&reported.owners).unwrap_or_default();
                rows.push((write.id(), finding, reported, said, owners, object("evidence", &reported.evidence)?));
            }
            let mut insert = Statement::new(
                "INSERT INTO details (id, known, at, finding, origin, dataset, severity, message, path, line, address, \
                 owners, hidden, hidden_until, evidence, digest) ",
            );
            insert.values(&rows, |row, (id, finding, reported, said, owners, evidence)| {
                row.bind(*id).bind(known).bind(self.at).bind(**finding);
                row.bind(self.origin.clone()).bind(self.report.dataset.clone());
                row.bind(reported.severity.clone()).bind(reported.message.clone()).bind(reported.path.clone());
                row.bind(i64::from(reported.line)).bind(reported.address.clone()).bind(owners.clone());
                let hidden = reported.hidden.as_ref();
                row.bind(hidden.map(|hidden| serde_json::to_string(hidden).unwrap_or_default()));
                row.bind(hidden.map(|hidden| hidden.until.unwrap_or(self.at.saturating_add(HIDDEN_NANOS))));
                row.bind(evidence.clone()).bind((*said).clone());
            });
            insert.build(write.sqlite)?.execute(&mut *write.tx).await?;
        }
        Ok(())
    }

    async fn keep(
        &self,
        write: &mut Write<'_>,
        key: &str,
        content: &str,
        author: Option<i64>,
        scanned: &Scanned,
    ) -> Result<()> {
        let (report, source) = (self.report, &self.report.source);
        sqlx::query(
            "INSERT INTO scans (id, known, at, key, content, entity, origin, dataset, tool, tool_version, category, \
             branch, side, revision, version, pipeline, author, complete, late, found, opened, fixed, back) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, \
             $22, $23)",
        )
        .bind(self.scan)
        .bind(write.known)
        .bind(self.at)
        .bind(key)
        .bind(content)
        .bind(self.entity)
        .bind(&self.origin)
        .bind(&report.dataset)
        .bind(&report.tool.name)
        .bind(&report.tool.version)
        .bind(&report.category)
        .bind(source.branch.clone())
        .bind(i64::from(side(report).is_some()))
        .bind(source.commit.clone())
        .bind(source.version.clone())
        .bind(source.pipeline.clone())
        .bind(author)
        .bind(i64::from(!report.incomplete))
        .bind(i64::from(scanned.late))
        .bind(scanned.found as i64)
        .bind(scanned.new as i64)
        .bind(scanned.fixed as i64)
        .bind(scanned.back as i64)
        .execute(&mut *write.tx)
        .await?;
        Ok(())
    }
}

/// Where it is, in a word: the component that is weak, else the file and the place in it. It never changes.
fn place(finding: &Reported) -> String {
    let component = finding.evidence.get("component").and_then(serde_json::Value::as_str);
    let mut place = match (component, finding.path.as_str(), finding.address.as_str()) {
        (Some(component), _, _) => component.split(['?', '#']).next().unwrap_or(component).to_owned(),
        (None, path, "") => path.to_owned(),
        (None, "", address) => address.to_owned(),
        (None, path, address) => format!("{path} {address}"),
    };
    let mut end = place.len().min(MAX_TEXT_BYTES);
    while !place.is_char_boundary(end) {
        end -= 1;
    }
    place.truncate(end);
    place
}

/// A digest of how a finding looks, so that what looks the same is written once.
fn said(finding: &Reported) -> String {
    let Reported { severity, message, path, address, line, owners, hidden, evidence, .. } = finding;
    let all = serde_json::json!([severity, message, path, address, line, owners, hidden, evidence]);
    hex::encode(&Sha256::digest(all.to_string().as_bytes())[..16])
}
