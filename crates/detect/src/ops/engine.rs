//! Asks when it is time, takes the answers, and says what follows: what holds long enough fires once, goes on while it
//! holds, and is over when it was over long enough.

use super::judge::{self, Judged};
use super::rule::{Kind, OpsRule, Rows};
use super::state::{self, Holding, Key, RuleState};
use super::{lower, words};
use crate::limits::{ASK_LOST, MAX_ANSWER_ROWS, MAX_NEW_VALUES, RETELL_LASTING};
use model::{Alert, EntityRef, Nanos};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// A query whose time has come.
#[derive(Clone, Debug, PartialEq)]
pub struct Ask {
    /// Place of the rule in [`Ops::rules`].
    pub rule: usize,
    /// Its id, for messages.
    pub id: String,
    /// The statement. It ends after as many rows as an answer may have, and one.
    pub sql: String,
    /// Earliest time that it reads.
    pub from: Nanos,
    /// End of the look, excluded.
    pub to: Nanos,
    /// It must see this dataset alone; without, all of them, and the rows say theirs.
    pub dataset: Option<String>,
}

/// An alert that was not over when its rule was taken away or changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Orphan {
    /// The rule's id.
    pub rule: String,
    /// The alert's id.
    pub alert: String,
}

/// How a rule is doing.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleStatus {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// End of the last look.
    pub answered: Option<Nanos>,
    /// Groups that fired and are not over.
    pub firing: usize,
    /// Groups that hold, but not for long enough.
    pub pending: usize,
    /// Groups or values that it remembers.
    pub known: usize,
    /// What did not fit into its memory.
    pub dropped: u64,
    /// Answers that had more rows than are looked at.
    pub truncated: u64,
    /// Looks that failed.
    pub failures: u64,
    /// Why the last one failed, if the last one did.
    pub error: Option<String>,
    /// It cannot tell anything: it had more values to learn than can be remembered.
    pub blind: bool,
}

/// What is only of this run of the program.
#[derive(Clone, Debug, Default)]
struct Work {
    /// End of the look that was asked for, and when it was.
    asked: Option<(Nanos, Nanos)>,
    failures: u64,
    truncated: u64,
    error: Option<String>,
}

/// The operational rules and what they remember.
#[derive(Debug, Default)]
pub struct Ops {
    rules: Vec<OpsRule>,
    states: Vec<RuleState>,
    work: Vec<Work>,
}

impl Ops {
    /// Without any memory.
    pub fn new(rules: Vec<OpsRule>) -> Ops {
        let (states, work) = (vec![RuleState::default(); rules.len()], vec![Work::default(); rules.len()]);
        Ops { rules, states, work }
    }

    /// The rules.
    pub fn rules(&self) -> &[OpsRule] {
        &self.rules
    }

    /// The queries whose time has come. Times of looks are multiples of the rule's `every`, so that they are the same
    /// after a restart; of looks that were missed, only the newest is made up for. A rule that waits for an answer is not
    /// asked again before [`ASK_LOST`].
    pub fn due(&mut self, now: Nanos) -> Vec<Ask> {
        let mut asks = Vec::new();
        for (place, rule) in self.rules.iter().enumerate() {
            let (state, work) = (&self.states[place], &mut self.work[place]);
            let to = (now - rule.delay).div_euclid(rule.every) * rule.every;
            // A clock that was far ahead and was set back must not silence a rule.
            let answered = state.answered.filter(|answered| *answered <= to + rule.every);
            let waits = work.asked.is_some_and(|(_, at)| now - at < ASK_LOST && now >= at);
            if waits || state.overfull || answered.is_some_and(|answered| answered >= to) {
                continue;
            }
            let back = match &rule.kind {
                Kind::Absence { .. } | Kind::FirstSeen { .. } => match answered.filter(|_| state.learnt) {
                    Some(answered) => (to - answered + rule.window).min(rule.reach()),
                    None => rule.reach(),
                },
                _ => rule.window,
            };
            match lower::look(rule, to - back, to) {
                Ok(sql) => {
                    work.asked = Some((to, now));
                    let from = match rule.kind {
                        Kind::Absence { .. } | Kind::FirstSeen { .. } => to - back,
                        _ => to - rule.reach(),
                    };
                    let dataset = rule.dataset.clone();
                    asks.push(Ask { rule: place, id: rule.meta.id.clone(), sql, from, to, dataset });
                }
                Err(error) => {
                    work.failures += 1;
                    work.error = Some(error);
                }
            }
        }
        asks
    }

    /// Takes an answer. One that is not waited for says nothing.
    pub fn answer(&mut self, ask: &Ask, rows: &Rows) -> Vec<Alert> {
        let Some(work) = self.work.get_mut(ask.rule).filter(|work| is_waited_for(work, ask)) else { return Vec::new() };
        let (rule, state) = (&self.rules[ask.rule], &mut self.states[ask.rule]);
        work.asked = None;
        let whole = rows.rows.len() <= MAX_ANSWER_ROWS;
        work.truncated += u64::from(!whole);
        let gap = state.answered.is_none_or(|answered| ask.to - answered > 3 * rule.every);
        if gap && state.answered.is_some() {
            state.resumed = Some(ask.to);
        }
        let judged = match &rule.kind {
            Kind::Absence { .. } => absent(rule, state, rows, ask.to, whole),
            Kind::FirstSeen { .. } => match new_values(rule, state, rows, ask.to, whole) {
                Ok(alerts) => {
                    state.answered = Some(ask.to);
                    work.error = state.overfull.then(|| "more values than can be remembered".to_owned());
                    return alerts;
                }
                Err(error) => Err(error),
            },
            _ => judge::judge(rule, rows),
        };
        match judged {
            Ok(judged) => {
                work.error = None;
                state.answered = Some(ask.to);
                step(rule, state, judged, ask.to, whole)
            }
            Err(error) => {
                work.failures += 1;
                work.error = Some(error);
                Vec::new()
            }
        }
    }

    /// A query could not be run. The rule's next look is at its next time; until then it knows nothing.
    pub fn failed(&mut self, ask: &Ask, reason: &str) {
        if let Some(work) = self.work.get_mut(ask.rule).filter(|work| is_waited_for(work, ask)) {
            work.asked = None;
            work.failures += 1;
            work.error = Some(reason.to_owned());
        }
    }

    /// What all rules remember, to be kept with the alerts that were given.
    pub fn snapshot(&self) -> Vec<u8> {
        let rules = self.rules.iter().zip(&self.states);
        state::write(rules.map(|(rule, state)| (rule.meta.id.as_str(), rule.meta.version.as_str(), state)))
    }

    /// Takes back what was remembered. Rules that are new or changed begin anew; the alerts of those that are gone or
    /// changed are answered, because nothing here will end them any more. On an error nothing was taken.
    pub fn restore(&mut self, snapshot: &[u8]) -> Result<Vec<Orphan>, String> {
        let mut kept: BTreeMap<(String, String), RuleState> = BTreeMap::new();
        for (id, version, state) in state::read(snapshot)? {
            kept.insert((id, version), state);
        }
        for (rule, state) in self.rules.iter().zip(&mut self.states) {
            let key = (rule.meta.id.clone(), rule.meta.version.clone());
            if kept.get(&key).is_some_and(|kept| fits(rule, kept)) {
                *state = kept.remove(&key).unwrap_or_default();
            }
        }
        let orphans = kept.iter().flat_map(|((rule, version), state)| {
            let raised = state.holding.iter().filter(|(_, holding)| holding.raised.is_some());
            raised
                .map(move |(key, holding)| Orphan { rule: rule.clone(), alert: id(rule, version, key, holding.since) })
        });
        Ok(orphans.collect())
    }

    /// How each rule is doing.
    pub fn status(&self) -> Vec<RuleStatus> {
        let status = |((rule, state), work): ((&OpsRule, &RuleState), &Work)| {
            let firing = state.holding.values().filter(|holding| holding.raised.is_some()).count();
            RuleStatus {
                id: rule.meta.id.clone(),
                title: rule.meta.title.clone(),
                answered: state.answered,
                firing,
                pending: state.holding.len() - firing,
                known: state.expected.len() + state.values.len(),
                dropped: state.dropped,
                truncated: work.truncated,
                failures: work.failures,
                error: work.error.clone(),
                blind: state.overfull,
            }
        };
        self.rules.iter().zip(&self.states).zip(&self.work).map(status).collect()
    }
}

fn is_waited_for(work: &Work, ask: &Ask) -> bool {
    work.asked.is_some_and(|(to, _)| to == ask.to)
}

/// Whether what was remembered is of the rule as it is.
fn fits(rule: &OpsRule, kept: &RuleState) -> bool {
    let groups = rule.group_by.len();
    let width = groups + rule.value_fields().len();
    let expected = if matches!(rule.kind, Kind::FirstSeen { .. }) { groups } else { width };
    kept.holding.keys().all(|key| key.values.len() == width)
        && kept.expected.keys().all(|key| key.values.len() == expected)
}

/// Groups that were there and are silent.
fn absent(rule: &OpsRule, state: &mut RuleState, rows: &Rows, to: Nanos, whole: bool) -> Result<Vec<Judged>, String> {
    let Kind::Absence { lookback, steady } = rule.kind else { return Ok(Vec::new()) };
    for (key, seen) in judge::sightings(rule, rows)? {
        if let Some(known) = state.expected.get_mut(&key) {
            known.first = known.first.min(seen.first);
            known.last = known.last.max(seen.last);
        } else if state.expected_room() {
            state.expected.insert(key, seen);
        }
    }
    state.learnt = true;
    // What an answer left out is not silent.
    if !whole {
        return Ok(Vec::new());
    }
    let RuleState { expected, holding, .. } = &mut *state;
    expected.retain(|key, seen| {
        let expected = seen.last >= to - lookback;
        if let (false, Some(holding)) = (expected, holding.get_mut(key)) {
            let lookback = words::duration(lookback);
            holding.words = format!("nothing since {}; no longer expected after {lookback}", words::time(seen.last));
        }
        expected
    });
    let listened = state.resumed.is_none_or(|resumed| to - rule.window >= resumed);
    let judge = |(key, seen): (&Key, &state::Seen)| {
        let silent = to - seen.last >= rule.window && seen.last - seen.first >= steady;
        let fired = state.holding.contains_key(key);
        Judged {
            key: key.clone(),
            samples: 0,
            holds: silent && (listened || fired),
            still: silent,
            words: format!(
                "nothing since {}, {} ago",
                words::time(seen.last),
                words::value((to - seen.last) as f64, "ns")
            ),
        }
    };
    Ok(state.expected.iter().map(judge).collect())
}

/// Alerts for values that were never there. A group that is not known for half as long as the rule learns is only
/// learnt: of a new service, or on the first day, everything is new.
fn new_values(
    rule: &OpsRule,
    state: &mut RuleState,
    rows: &Rows,
    to: Nanos,
    whole: bool,
) -> Result<Vec<Alert>, String> {
    let Kind::FirstSeen { learn, .. } = rule.kind else { return Ok(Vec::new()) };
    let values = judge::values(rule, rows)?;
    if !state.learnt && !whole {
        state.overfull = true;
        return Ok(Vec::new());
    }
    let learning = !std::mem::replace(&mut state.learnt, true);
    let group = |key: &Key| {
        let values = key.values[..rule.group_by.len()].to_vec();
        Key { dataset: key.dataset.clone(), values }
    };
    for value in &values {
        let (group, first) = (group(&value.key), value.first.unwrap_or(to));
        if let Some(known) = state.expected.get_mut(&group) {
            known.first = known.first.min(first);
            known.last = to;
        } else if state.expected_room() {
            state.expected.insert(group, state::Seen { first, last: to });
        }
    }
    state.expected.retain(|_, seen| seen.last >= to - 2 * learn);
    let (mut alerts, mut more) = (Vec::new(), 0_u64);
    for value in values {
        let known = state.expected.get(&group(&value.key)).is_some_and(|seen| to - seen.first >= learn / 2);
        let fresh = state.learn(&value.key, to);
        if state.overfull {
            return Ok(Vec::new());
        }
        if learning || !fresh || !known {
            continue;
        }
        if alerts.len() >= MAX_NEW_VALUES {
            more += 1;
            continue;
        }
        let words = format!("never seen before: {:?}", value.example);
        let holding = Holding { since: to, raised: Some(to), over: None, told: to, samples: value.samples, words };
        alerts.push(alert(rule, &value.key, &holding, to, true));
    }
    if let Some(last) = alerts.last_mut().filter(|_| more > 0) {
        last.why.push_str(&format!("; {more} other new values in the same look are not told"));
        state.dropped += more;
    }
    Ok(alerts)
}

/// Moves each group on by one look. Groups that are not judged do not hold, unless the answer was cut.
fn step(rule: &OpsRule, state: &mut RuleState, judged: Vec<Judged>, to: Nanos, whole: bool) -> Vec<Alert> {
    let mut alerts = Vec::new();
    let mut gone: BTreeSet<Key> = if whole { state.holding.keys().cloned().collect() } else { BTreeSet::new() };
    for judged in judged {
        gone.remove(&judged.key);
        let Some(holding) = state.holding.get_mut(&judged.key) else {
            if judged.holds && state.holding_room() {
                let Judged { key, samples, words, .. } = judged;
                let mut holding = Holding { since: to, raised: None, over: None, told: to, samples, words };
                alerts.extend(raise(rule, &key, &mut holding, to));
                state.holding.insert(key, holding);
            }
            continue;
        };
        let on = if holding.raised.is_some() { judged.still } else { judged.holds };
        if !on {
            gone.insert(judged.key);
            continue;
        }
        holding.over = None;
        holding.samples = holding.samples.max(judged.samples);
        holding.words = judged.words;
        alerts.extend(raise(rule, &judged.key, holding, to));
    }
    for key in gone {
        let Some(holding) = state.holding.get_mut(&key) else { continue };
        let over = *holding.over.get_or_insert(to);
        if holding.raised.is_some() && to - over < rule.keep_firing {
            continue;
        }
        if let Some(holding) = state.holding.remove(&key).filter(|holding| holding.raised.is_some()) {
            alerts.push(alert(rule, &key, &holding, over, true));
        }
    }
    alerts
}

/// An alert if it holds long enough: the first time, and again now and then.
fn raise(rule: &OpsRule, key: &Key, holding: &mut Holding, to: Nanos) -> Option<Alert> {
    let tell = match holding.raised {
        None => to - holding.since >= rule.hold,
        Some(_) => to - holding.told >= RETELL_LASTING,
    };
    if !tell {
        return None;
    }
    holding.raised.get_or_insert(to);
    holding.told = to;
    Some(alert(rule, key, holding, to, false))
}

fn alert(rule: &OpsRule, key: &Key, holding: &Holding, last: Nanos, settled: bool) -> Alert {
    let meta = &rule.meta;
    let names = rule.group_by.iter().chain(rule.value_fields());
    let named: Vec<(String, String)> =
        names.cloned().zip(key.values.iter().cloned()).filter(|(_, value)| !value.is_empty()).collect();
    let entity = rule.entity.as_ref().and_then(|spec| {
        if let Some(name) = &spec.name {
            return EntityRef::new(&spec.kind, name).ok();
        }
        let parts = spec.key.iter().filter_map(|place| key.values.get(*place));
        let parts: Vec<&str> = parts.map(String::as_str).filter(|part| !part.is_empty()).collect();
        EntityRef::new(&spec.kind, parts.join("/")).ok()
    });
    let about: Vec<String> = named.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let about = if about.is_empty() { String::new() } else { format!("{}: ", about.join(", ")) };
    let (window, since) = (words::duration(rule.window), words::time(holding.since));
    let span = match rule.kind {
        Kind::Absence { .. } | Kind::BurnRate { .. } => format!("since {since}"),
        Kind::FirstSeen { .. } => format!("in the {window} to {since}"),
        _ => format!("over {window}, since {since}"),
    };
    let end = match (settled, &rule.kind) {
        (_, Kind::FirstSeen { .. }) | (false, _) => String::new(),
        (true, _) => format!("; over at {}", words::time(last)),
    };
    Alert {
        id: id(&meta.id, &meta.version, key, holding.since),
        rule: meta.id.clone(),
        rule_version: meta.version.clone(),
        title: meta.title.clone(),
        level: meta.level,
        aspect: meta.aspect,
        tags: meta.tags.clone(),
        entity,
        dataset: key.dataset.clone(),
        key: named,
        first: holding.since - rule.window,
        last,
        count: holding.samples.max(1),
        why: format!("{about}{} ({span}){end}", holding.words),
        runbook: meta.runbook.clone(),
        events: Vec::new(),
        settled,
    }
}

/// The same rule, group and beginning are the same alert.
fn id(rule: &str, version: &str, key: &Key, since: Nanos) -> String {
    let mut hasher = Sha256::new();
    for part in [rule, version, &key.dataset].into_iter().chain(key.values.iter().map(String::as_str)) {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hasher.update(since.to_le_bytes());
    hasher.finalize()[..16].iter().map(|byte| format!("{byte:02x}")).collect()
}
