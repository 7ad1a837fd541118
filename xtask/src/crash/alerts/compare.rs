//! What a server has raised against what there is to raise.
//!
//! A row of the queue is what a rule says of one host: how often it fired (each window once), over how many events, from
//! when to when. That is a sum over the alerts of the rule for the host, so it is the same whatever order they came in.

use super::events::{CHAINED, SAYING};
use crate::server::Server;
use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Alerts of a page.
const PAGE: usize = 500;
/// Events that an alert cites at most.
const CITED: u64 = 20;
/// Differences that are told.
const SHOWN: usize = 5;

/// Rule and what it is about.
type Of = (String, String);

/// What a rule says of a host.
#[derive(Clone, Debug, Default, PartialEq)]
struct Row {
    firings: u64,
    events: u64,
    first: i64,
    last: i64,
    /// From when to when, of each of them.
    spans: Vec<(i64, i64)>,
    /// The records of the events that they cite. Windows overlap, so an event may count in two of them.
    records: BTreeSet<String>,
    /// Its number in the server.
    id: u64,
}

/// What there is to say.
#[derive(Debug, Default)]
pub struct Wanted {
    rows: BTreeMap<Of, Row>,
}

/// What a server has raised.
#[derive(Debug, Default)]
pub struct Found {
    rows: BTreeMap<Of, Row>,
}

impl Wanted {
    /// From the alerts of `tandem detect`, one a line.
    pub fn read(lines: &str) -> Result<Wanted> {
        let mut wanted = Wanted::default();
        for line in lines.lines() {
            let alert: Value = serde_json::from_str(line).context("an alert that is no JSON")?;
            let text = |name: &str| alert[name].as_str().with_context(|| format!("an alert without {name}: {line}"));
            let number = |name: &str| alert[name].as_i64().with_context(|| format!("an alert without {name}: {line}"));
            let entity = &alert["entity"];
            let entity =
                format!("{}:{}", entity["kind"].as_str().unwrap_or("?"), entity["key"].as_str().unwrap_or("?"));
            let (first, last) = (number("first")?, number("last")?);
            let row = wanted.rows.entry((text("rule")?.to_owned(), entity)).or_insert_with(|| Row {
                first,
                last,
                ..Row::default()
            });
            row.firings += 1;
            row.events += number("count")? as u64;
            (row.first, row.last) = (row.first.min(first), row.last.max(last));
            row.spans.push((first, last));
            let events = alert["events"].as_array().into_iter().flatten();
            row.records.extend(events.map(|event| event["fields"]["EventRecordID"].to_string()));
        }
        Ok(wanted)
    }

    /// Alerts in all.
    pub fn alerts(&self) -> u64 {
        self.rows.values().map(|row| row.firings).sum()
    }

    /// Whether each rule that says something itself did.
    pub fn all_rules_fired(&self) -> bool {
        SAYING.iter().all(|id| self.rows.keys().any(|(rule, _)| rule.ends_with(id)))
    }

    /// Nothing is told that is not so, and nothing is counted twice.
    pub fn no_more(&self, found: &Found) -> Result<()> {
        for (of, row) in &found.rows {
            let Some(wanted) = self.rows.get(of) else { bail!("an alert that should not be: {of:?} {row:?}") };
            ensure!(
                row.firings <= wanted.firings && row.events <= wanted.events,
                "{of:?} fired {} times over {} events, but should {} times over {}",
                row.firings,
                row.events,
                wanted.firings,
                wanted.events
            );
        }
        Ok(())
    }

    /// What is not there yet, the first of it in words.
    pub fn missing(&self, found: &Found) -> Vec<String> {
        let mut missing = Vec::new();
        for (of, wanted) in &self.rows {
            let row = found.rows.get(of).cloned().unwrap_or_default();
            let (is, should) = (row.said(), wanted.said());
            if is != should && missing.len() < SHOWN {
                missing.push(format!("{of:?}: fired, over, first, last are {is:?}, not {should:?}"));
            }
        }
        missing
    }
}

impl Row {
    fn said(&self) -> (u64, u64, i64, i64) {
        (self.firings, self.events, self.first, self.last)
    }
}

impl Found {
    /// All that the server has raised.
    pub fn ask(server: &Server) -> Result<Found> {
        let (mut found, mut after) = (Found::default(), String::new());
        loop {
            let page = get(server, &format!("/api/v1/alerts?state=all&limit={PAGE}{after}"))?;
            for alert in page["rows"].as_array().context("a page without alerts")? {
                let text = |name: &str| alert[name].as_str().unwrap_or_default().to_owned();
                let number = |name: &str| alert[name].as_u64().with_context(|| format!("no {name} in {alert}"));
                let row = Row {
                    firings: number("firings")?,
                    events: number("events")?,
                    first: nanos(&text("first"))?,
                    last: nanos(&text("last"))?,
                    id: number("id")?,
                    ..Row::default()
                };
                let of = (text("rule"), text("entity"));
                if let Some(other) = found.rows.insert(of, row) {
                    bail!("there are two alerts where one should count on: {other:?} and {alert}");
                }
            }
            match page["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => return Ok(found),
            }
        }
    }
}

/// Each alert cites as many events as it can, each once, and only events of its own host and windows. Answers how many.
pub fn cites(server: &Server, wanted: &Wanted) -> Result<u64> {
    let mut all = 0;
    for (of, row) in Found::ask(server)?.rows {
        let alert = get(server, &format!("/api/v1/alerts/{}", row.id))?;
        let cited = alert["cited"].as_array().with_context(|| format!("{of:?} cites nothing"))?;
        let wanted = wanted.rows.get(&of).with_context(|| format!("{of:?} should not be there"))?;
        // Over another correlation it counts window ends, and cites the events of the windows below them.
        let back = if of.0.ends_with(CHAINED.0) { CHAINED.1 } else { 0 };
        let mut records = BTreeSet::new();
        for event in cited {
            let (fields, time) = (&event["fields"], event["timestamp"].as_i64().unwrap_or_default());
            ensure!(of.1.ends_with(fields["Computer"].as_str().unwrap_or("?")), "{of:?} cites another's event {event}");
            ensure!(
                wanted.spans.iter().any(|(first, last)| (first - back..=*last).contains(&time)),
                "{of:?} cites {event}, which is in none of its windows {:?}",
                wanted.spans
            );
            ensure!(records.insert(fields["EventRecordID"].to_string()), "{of:?} cites an event twice: {event}");
        }
        ensure!(cited.len() as u64 <= CITED, "{of:?} cites {} events", cited.len());
        let few = CITED.min(wanted.records.len() as u64);
        ensure!(back > 0 || cited.len() as u64 >= few, "{of:?} cites {} of {few} events", cited.len());
        ensure!(!cited.is_empty(), "{of:?} cites nothing");
        all += cited.len() as u64;
    }
    Ok(all)
}

/// All that was acknowledged is there, once: then what is missing elsewhere was lost by detection.
pub fn stored(server: &Server, sent: u64) -> Result<()> {
    let sql = "SELECT count(*), count(DISTINCT attributes['EventRecordID']) FROM logs WHERE attributes['EventRecordID'] IS NOT NULL";
    let rows = server.sql(sql)?;
    let counts: Vec<u64> = rows.iter().flatten().filter_map(Value::as_u64).collect();
    ensure!(counts == [sent, sent], "{sent} events were acknowledged, the store has (all, different) {counts:?}");
    Ok(())
}

/// What came too late for its window changes alerts by design: then a difference would prove nothing.
pub fn nothing_late(server: &Server) -> Result<()> {
    let windows = detection(server)?["stats"]["windows"].clone();
    for what in ["late", "evicted_entries", "evicted_keys", "dropped_copies"] {
        ensure!(windows[what].as_u64() == Some(0), "events had to be left out of windows ({what}): {windows}");
    }
    Ok(())
}

/// How detection is doing.
pub fn detection(server: &Server) -> Result<Value> {
    get(server, "/api/v1/detection")
}

fn get(server: &Server, path: &str) -> Result<Value> {
    let answer = server.api().get(path)?;
    ensure!(answer.status == 200, "{path} answered {}: {}", answer.status, answer.text());
    serde_json::from_slice(&answer.body).with_context(|| format!("{path} is not JSON"))
}

/// Nanoseconds since 1970 of `2026-11-22T01:02:03.004Z`.
fn nanos(text: &str) -> Result<i64> {
    let read = || -> Option<i64> {
        let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
        let mut date = date.split('-').map(|part| part.parse::<i64>().ok());
        let (year, month, day) = (date.next()??, date.next()??, date.next()??);
        let (clock, fraction) = time.split_once('.').unwrap_or((time, ""));
        let mut clock = clock.split(':').map(|part| part.parse::<i64>().ok());
        let (hour, minute, second) = (clock.next()??, clock.next()??, clock.next()??);
        let fraction: i64 = format!("{fraction:0<9}").get(..9)?.parse().ok()?;
        // Days since 1970 of the civil calendar, years beginning in March.
        let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
        let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1 - 719_468;
        Some(((days * 24 + hour) * 60 + minute) * 60_000_000_000 + second * 1_000_000_000 + fraction)
    };
    read().with_context(|| format!("`{text}` is no time"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        assert_eq!(nanos("1970-01-01T00:00:00Z").unwrap(), 0);
        assert_eq!(nanos("2026-11-22T01:02:03.004Z").unwrap(), 1_795_309_323_004_000_000);
        assert_eq!(nanos("2024-02-29T23:59:59.000000001Z").unwrap(), 1_709_251_199_000_000_001);
        assert!(nanos("2026-11-22").is_err() && nanos("").is_err());
    }

    #[test]
    fn a_lost_and_a_doubled_alert_are_seen() {
        let alert = |first: i64, count: u64| {
            format!(
                r#"{{"rule":"r","entity":{{"kind":"host","key":"h"}},"first":{first},"last":{},"count":{count}}}"#,
                first + 5
            )
        };
        let wanted = Wanted::read(&[alert(10, 3), alert(20, 4)].join("\n")).unwrap();
        assert_eq!(wanted.alerts(), 2);
        let with = |firings, events, last| {
            let row = Row { firings, events, first: 10, last, ..Row::default() };
            Found { rows: BTreeMap::from([(("r".to_owned(), "host:h".to_owned()), row)]) }
        };
        let right = with(2, 7, 25);
        assert!(wanted.missing(&right).is_empty() && wanted.no_more(&right).is_ok());
        for short in [Found::default(), with(1, 3, 15), with(2, 6, 25), with(2, 7, 24)] {
            assert!(!wanted.missing(&short).is_empty() && wanted.no_more(&short).is_ok());
        }
        for more in [with(3, 7, 25), with(2, 8, 25)] {
            assert!(wanted.no_more(&more).is_err());
        }
    }
}
