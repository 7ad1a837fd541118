//! A drill that is run: what is to be looked at next, and what came of it. It waits for nothing and asks nobody: what is
//! due comes out as data, and what was seen goes in with its time.

use super::drill::{Drill, Looked, Probe, ProbeKind};
use super::span::words;
use super::timed::{Event, Happened, Timed};
use super::{Part, Plan};
use crate::limits::{DRILL_LASTS, MAX_EVIDENCE_ANSWERS, MAX_EVIDENCE_TEXT, PROBE_EVERY, STEADY_LOOKS};
use crate::reports::time;
use crate::situation::{DRILL, Situation};
use anyhow::{Result, bail, ensure};
use model::{Cite, Decision, EntityRef, Nanos};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// How it is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = DrillMode)]
pub enum Mode {
    /// At a table: questions, and nothing is touched.
    Tabletop,
    /// People do the steps, and probes look.
    Probes,
}

/// Where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = DrillPhase)]
pub enum Phase {
    /// Whether all is well before it begins is looked at.
    Before,
    /// Something was not well: it did not begin.
    Refused,
    /// Steps are done.
    Steps,
    /// It is waited until all is well again.
    Watching,
    /// It is over.
    Over,
    /// All was not well again in time.
    GivenUp,
}

/// A probe that is due.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Due {
    /// Its place among the probes of the drill.
    pub place: usize,
    /// What to look at.
    pub probe: Probe,
}

/// What a probe saw, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = ProbeAnswered)]
pub struct Answered {
    /// Its name.
    pub probe: String,
    /// When.
    #[schema(value_type = String)]
    pub at: Nanos,
    /// What it saw.
    pub looked: Looked,
    /// Whether that is what holds normally.
    pub holds: bool,
}

/// A drill that is run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// Which.
    pub drill: Drill,
    /// How.
    pub mode: Mode,
    /// When it began.
    pub started: Nanos,
    /// Where it stands.
    pub phase: Phase,
    /// When each step was done, with what was said of it.
    pub done: Vec<(Nanos, String)>,
    /// When each step back was done.
    pub taken_back: Vec<(Nanos, String)>,
    /// What probes saw: of each the newest, and every change.
    pub answers: Vec<Answered>,
    /// Whether all held, whenever that changed.
    pub states: Vec<(Nanos, bool)>,
    /// The newest answer of each probe.
    last: Vec<Option<Answered>>,
    /// When each probe is due.
    due: Vec<Nanos>,
    /// Looks in a row at which all held.
    looks: u32,
    /// When the fault was brought in.
    injected: Option<Nanos>,
    /// When watching began.
    watched: Option<Nanos>,
}

impl Run {
    /// Begins. With probes, nothing may be broken before.
    pub fn begin(drill: Drill, mode: Mode, now: Nanos) -> Result<Run> {
        ensure!(drill.service.is_some(), "the drill {} names no service: say which it is about", drill.name);
        ensure!(!drill.owner.is_empty(), "the drill {} has no owner: say which team answers for it", drill.name);
        let looks = mode == Mode::Probes && !drill.steady_state.is_empty();
        let probes = drill.steady_state.len();
        Ok(Run {
            mode,
            started: now,
            phase: if looks { Phase::Before } else { Phase::Steps },
            done: Vec::new(),
            taken_back: Vec::new(),
            answers: Vec::new(),
            states: Vec::new(),
            last: vec![None; probes],
            due: vec![now; probes],
            looks: 0,
            injected: None,
            watched: None,
            drill,
        })
    }

    /// The probes that are to be looked at now. At a table there are none, ever.
    pub fn due(&self, now: Nanos) -> Vec<Due> {
        if self.mode == Mode::Tabletop || matches!(self.phase, Phase::Over | Phase::Refused | Phase::GivenUp) {
            return Vec::new();
        }
        let probes = self.drill.steady_state.iter().enumerate();
        let due = probes.filter(|(place, _)| self.due[*place] <= now);
        due.map(|(place, probe)| Due { place, probe: probe.clone() }).collect()
    }

    /// When a probe is due next; nothing when none is.
    pub fn next_due(&self) -> Option<Nanos> {
        let waits = !self.due(Nanos::MAX).is_empty();
        self.due.iter().min().copied().filter(|_| waits)
    }

    /// What a probe saw. Its time is that of the look.
    pub fn told(&mut self, place: usize, looked: Looked, at: Nanos) -> Result<()> {
        let Some(probe) = self.drill.steady_state.get(place) else { bail!("the drill has no probe {place}") };
        let holds = probe.holds(&looked);
        let looked = match looked {
            Looked::Failed(why) => Looked::Failed(short(&why)),
            other => other,
        };
        let answer = Answered { probe: short(&probe.name), at, looked, holds };
        let changed = self.last[place].as_ref().is_none_or(|last| last.holds != holds);
        if changed {
            self.answers.push(answer.clone());
        }
        self.last[place] = Some(answer);
        self.due[place] = at.saturating_add(PROBE_EVERY);
        if self.last.iter().all(Option::is_some) {
            self.judge(at, place);
        }
        Ok(())
    }

    /// All probes were looked at once at least.
    fn judge(&mut self, at: Nanos, place: usize) {
        let all = self.last.iter().flatten().all(|last| last.holds);
        if self.states.last().is_none_or(|(_, held)| *held != all) {
            self.states.push((at, all));
        }
        // A look is over with its last probe.
        if !all {
            self.looks = 0;
        } else if place + 1 == self.last.len() {
            self.looks += 1;
        }
        match self.phase {
            Phase::Before => self.phase = if all { Phase::Steps } else { Phase::Refused },
            Phase::Watching if self.looks >= STEADY_LOOKS => self.phase = Phase::Over,
            Phase::Watching => self.give_up(at),
            _ => {}
        }
    }

    fn give_up(&mut self, now: Nanos) {
        let lasts = self.drill.expect.recover_within.map_or(DRILL_LASTS, |within| within.saturating_mul(2));
        if self.watched.is_some_and(|since| now.saturating_sub(since) > lasts) {
            self.phase = Phase::GivenUp;
        }
    }

    /// The step that comes next.
    pub fn next_step(&self) -> Option<&super::Step> {
        self.drill.steps.get(self.done.len()).filter(|_| self.phase == Phase::Steps)
    }

    /// Somebody did the next step, or answered it at the table. `said` names nobody.
    pub fn did(&mut self, said: &str, at: Nanos) -> Result<()> {
        let Some(step) = self.next_step() else {
            bail!("there is no step to do: the drill is {}", serde_json::to_string(&self.phase)?)
        };
        if step.inject && self.mode == Mode::Probes && self.injected.is_none() {
            self.injected = Some(at);
        }
        self.done.push((at, said.to_owned()));
        if self.done.len() == self.drill.steps.len() {
            let watches = self.mode == Mode::Probes && !self.drill.steady_state.is_empty();
            (self.watched, self.looks) = (Some(at), 0);
            self.phase = if watches { Phase::Watching } else { Phase::Over };
            self.due.fill(at);
        }
        Ok(())
    }

    /// Somebody did the next step back. These may be done at any time: whoever stops a drill takes it back.
    pub fn took_back(&mut self, said: &str, at: Nanos) -> Result<()> {
        ensure!(self.taken_back.len() < self.drill.rollback.len(), "there is no step back left");
        self.taken_back.push((at, said.to_owned()));
        Ok(())
    }

    /// It is stopped. What was broken is still broken, unless it is taken back.
    pub fn stop(&mut self) {
        if !matches!(self.phase, Phase::Over | Phase::Refused) {
            self.phase = Phase::GivenUp;
        }
    }

    /// Probes that did not hold before it began.
    pub fn refused_by(&self) -> Vec<&Answered> {
        self.last.iter().flatten().filter(|last| !last.holds).collect()
    }

    /// What happened in it, beside what the ledger kept: with the decision that began it as the fact behind it.
    pub fn events(&self, begun: i64) -> Vec<Event> {
        let event = |at, what| Event { at, what, about: None, ids: Vec::new() };
        let injected = self.injected.map(|at| Event { ids: vec![begun], ..event(at, Happened::Injected) });
        let states = self.states.iter().filter(|(at, _)| self.injected.is_some_and(|since| *at >= since));
        let states = states.map(|(at, held)| event(*at, if *held { Happened::Holds } else { Happened::Lost }));
        injected.into_iter().chain(states).collect()
    }

    fn key(&self) -> String {
        format!("{DRILL}:{}:{}", self.drill.name, time(self.started))
    }

    fn decision(&self, key: String, reason: String, at: Nanos, dataset: &str) -> Decision {
        let mut body = Map::new();
        body.insert("name".to_owned(), self.drill.name.clone().into());
        body.insert("mode".to_owned(), json!(self.mode));
        Decision {
            key,
            kind: DRILL.to_owned(),
            dataset: dataset.to_owned(),
            at,
            entity: self.drill.service.clone(),
            reason,
            owner: EntityRef::new("team", self.drill.owner.clone()).ok(),
            control: None,
            expires: None,
            cites: Vec::new(),
            body,
        }
    }
}

/// A text as evidence keeps it; with control characters it would be six times as long.
fn short(text: &str) -> String {
    let mut end = text.len().min(MAX_EVIDENCE_TEXT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].replace(char::is_control, " ")
}

/// The decision that a drill began: kept before anything is broken, so that a kill in the middle leaves its trace.
pub fn begun(run: &Run, dataset: &str) -> Decision {
    let reason = format!("The drill {:?} begins", short(&run.drill.title));
    let mut decision = run.decision(format!("{}:begun", run.key()), reason, run.started, dataset);
    decision.body.insert("phase".to_owned(), "begun".into());
    decision
}

/// The evidence of a drill that is over or was given up: what was done when, the times from telemetry, and whether it
/// proves a restore. It cites the decision that began it and every fact behind its times.
pub fn evidence(run: &Run, timed: &Timed, begun: i64, dataset: &str, now: Nanos) -> Decision {
    let met = timed.against(&run.drill.expect);
    let title = short(&run.drill.title);
    let all: Vec<&str> = met.iter().map(|met| met.text.as_str()).collect();
    let over = run.phase == Phase::Over;
    let reason = match (run.mode, over) {
        (Mode::Tabletop, _) => format!("The drill {title:?} was talked through; nothing was touched"),
        (Mode::Probes, true) => format!("The drill {title:?} is over: {}", all.join("; ")),
        (Mode::Probes, false) => format!("The drill {title:?} was given up: {}", all.join("; ")),
    };
    let mut decision = run.decision(run.key(), reason, now, dataset);
    let steps = |done: &[(Nanos, String)], texts: &[String]| -> Vec<Value> {
        let one = |((at, said), text): (&(Nanos, String), &String)| json!({"at": time(*at), "did": short(text), "said": short(said)});
        done.iter().zip(texts).map(one).collect()
    };
    let texts: Vec<String> = run.drill.steps.iter().map(|step| step.text.clone()).collect();
    let answers: Vec<Value> = run.answers.iter().take(MAX_EVIDENCE_ANSWERS).map(|answer| json!(answer)).collect();
    let body = &mut decision.body;
    body.insert("phase".to_owned(), json!(run.phase));
    body.insert("started".to_owned(), time(run.started).into());
    body.insert("steps".to_owned(), steps(&run.done, &texts).into());
    body.insert("rollback".to_owned(), steps(&run.taken_back, &run.drill.rollback).into());
    body.insert("times".to_owned(), json!(timed));
    body.insert("expected".to_owned(), json!(met));
    body.insert("probes".to_owned(), answers.into());
    // Proved is what was broken, and holds again: nothing at a table, and nothing that nobody looked at.
    let took = timed.recovered.as_ref().zip(timed.injected.as_ref()).map(|(end, start)| end.at - start.at);
    // A drill that never broke anything says nothing of a restore, and leaves an earlier proof as it is.
    if run.drill.restore && run.injected.is_some() {
        let proved = over && took.is_some();
        body.insert("restore".to_owned(), json!({"proved": proved, "took": took}));
    }
    let ids = timed.ids().into_iter().chain([begun]).collect::<std::collections::BTreeSet<_>>();
    decision.cites = ids.into_iter().map(Cite::Fact).collect();
    decision
}

/// A question for people at a table, and what is known of the answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = DrillQuestion)]
pub struct Question {
    /// The question.
    pub ask: String,
    /// What is known; nothing when that is a gap.
    pub known: Option<String>,
}

/// The questions of a drill at a table: its own, and those that the plan raises about what it is about.
pub fn questions(drill: &Drill, plan: &Plan, situation: Option<&Situation>) -> Vec<Question> {
    let mut all = Vec::new();
    let mut ask = |ask: String, known: Option<String>| all.push(Question { ask, known });
    let part = plan.parts.iter().find(|part| Some(&part.entity) == drill.service.as_ref());
    for (number, step) in drill.steps.iter().enumerate() {
        let text = step.question.clone().unwrap_or_else(|| "What happens then, and who sees it?".to_owned());
        ask(format!("Step {}: {}. {text}", number + 1, step.text.trim_end_matches('.')), None);
    }
    let sends = situation.map(|one| {
        let all = [("logs", &one.logs), ("traces", &one.traces), ("metrics", &one.metrics)];
        let sent: Vec<&str> = all.iter().filter(|(_, of)| of.sends == Some(true)).map(|(name, _)| *name).collect();
        if sent.is_empty() { "nothing is known to be sent".to_owned() } else { format!("it sends {}", sent.join(", ")) }
    });
    ask("Which alert tells of it, and how soon?".to_owned(), sends);
    ask("Who is called?".to_owned(), part.and_then(|part| part.owner.clone()).map(|team| format!("the team {team}")));
    let pages = situation.map(|one| one.runbook.pages.join(", ")).filter(|pages| !pages.is_empty());
    ask("Where does it say what to do?".to_owned(), pages);
    let by: Vec<String> = plan
        .parts
        .iter()
        .filter(|other| other.needs.iter().any(|need| Some(&need.to) == drill.service.as_ref()))
        .map(|other| other.entity.to_string())
        .take(20)
        .collect();
    ask("What else stops?".to_owned(), Some(by.join(", ")).filter(|by| !by.is_empty()));
    let order = part.map(|part| before(part, plan));
    ask("What has to be there before it, in which order?".to_owned(), order.filter(|order| !order.is_empty()));
    let backup = part.and_then(|part| part.backup.clone());
    ask("Where is the backup, and who can open it?".to_owned(), backup);
    let objective = |span: Option<Nanos>| span.map(words);
    ask("How long may it be gone?".to_owned(), objective(part.and_then(|part| part.rto)));
    ask("How much may be lost?".to_owned(), objective(part.and_then(|part| part.rpo)));
    let probes: Vec<String> = drill.steady_state.iter().map(described).collect();
    ask("How is it known that all is well again?".to_owned(), Some(probes.join("; ")).filter(|text| !text.is_empty()));
    ask("How is it taken back?".to_owned(), Some(drill.rollback.join("; ")).filter(|text| !text.is_empty()));
    all
}

/// What something needs, over any number of others, in the order in which it comes back.
fn before(part: &Part, plan: &Plan) -> String {
    let mut needed: std::collections::BTreeSet<&EntityRef> = std::collections::BTreeSet::new();
    let mut edge = vec![part];
    while let Some(part) = edge.pop() {
        for need in part.needs.iter().filter(|need| !need.left_out) {
            if needed.insert(&need.to) {
                edge.extend(plan.parts.iter().find(|other| other.entity == need.to));
            }
        }
    }
    let mut names: Vec<&Part> = plan.parts.iter().filter(|other| needed.contains(&other.entity)).collect();
    names.sort_by_key(|part| part.round);
    names.iter().map(|part| part.entity.to_string()).collect::<Vec<_>>().join(", ")
}

fn described(probe: &Probe) -> String {
    let what = match &probe.kind {
        ProbeKind::Http { url, status, .. } => format!("{url} answers {status}"),
        ProbeKind::Query { query, at_least, at_most, within } => {
            let least = at_least.map(|least| format!(" at least {least}")).unwrap_or_default();
            let most = at_most.map(|most| format!(" at most {most}")).unwrap_or_default();
            format!("{query:?} finds{least}{most} within {}", words(*within))
        }
        ProbeKind::Alert { rule, open } => {
            let rule = rule.as_deref().unwrap_or("any rule");
            format!("{} alert of {rule}", if *open { "an open" } else { "no open" })
        }
    };
    format!("{} ({what})", probe.name)
}
