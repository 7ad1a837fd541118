//! Whether everything would come back, and how: a recovery plan from what is known, and drills that prove it.
//!
//! What each thing promises (`rto`, `rpo`, `tier`) and where its backup is are attributes that a catalog, a person or a
//! program told; what needs what are relations. The plan is derived from them and kept nowhere.

mod chaos;
mod drill;
mod gaps;
mod order;
mod run;
mod span;
mod timed;

pub use chaos::experiment;
pub use drill::{Drill, Expect, Looked, Probe, ProbeKind, Refused, Step, drill};
pub use gaps::{Gap, ORIGIN, OpenGap, RULES, open_gaps, recovery_findings};
pub use run::{Answered, Due, Mode, Phase, Question, Run, begun, evidence, questions};
pub use span::{parse_span, words};
pub use timed::{Event, Happened, Mark, Met, Timed, events, timed};

use crate::limits::{MAX_CIRCULAR, MAX_PLANNED};
use crate::reports::time;
use crate::situation::estate::{Estate, said, tier};
use crate::situation::{Proof, proofs, restore};
use anyhow::{Result, ensure};
use ledger::{AsOf, Ledger};
use model::entity::{DEPENDS_ON, PART_OF, RUNS_IN, RUNS_ON};
use model::{EntityRef, Nanos};
use order::{Edge, arrange};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What something needs to come back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = RecoveryNeed)]
pub struct Need {
    /// `runs_on`, `depends_on`, `calls`, `part_of`.
    pub kind: &'static str,
    /// What.
    #[serde(serialize_with = "as_text")]
    #[schema(value_type = String)]
    pub to: EntityRef,
    /// The relation, by its id.
    pub id: i64,
    /// It is left out of the order, since both need each other: what needs it has to start without it.
    pub left_out: bool,
}

fn as_text<S: serde::Serializer>(entity: &EntityRef, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(entity)
}

/// Something that has to come back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = RecoveryPart)]
pub struct Part {
    /// What.
    #[serde(serialize_with = "as_text")]
    #[schema(value_type = String)]
    pub entity: EntityRef,
    /// Its id; nothing when others name it and nobody told of it.
    pub id: Option<i64>,
    /// The round in which it comes back, from 1: things of one round may come back at once.
    pub round: usize,
    /// It is of the minimum: of tier 1, or needed by what is.
    pub minimum: bool,
    /// It is not ours: it has to be there, and nobody here brings it back.
    pub outside: bool,
    /// How much it matters, from 1.
    pub tier: Option<u8>,
    /// Whose it is.
    pub owner: Option<String>,
    /// How long it may be gone.
    #[schema(value_type = Option<f64>)]
    pub rto: Option<Nanos>,
    /// How much may be lost.
    #[schema(value_type = Option<f64>)]
    pub rpo: Option<Nanos>,
    /// What was written in the place of one of both, and is no span of time.
    pub unreadable: Vec<String>,
    /// Where its backup is.
    pub backup: Option<String>,
    /// When that was made last.
    #[schema(value_type = Option<String>)]
    pub backup_at: Option<Nanos>,
    /// When a restore was proved last.
    #[schema(value_type = Option<String>)]
    pub proved_at: Option<Nanos>,
    /// Whether that still counts.
    pub proved: bool,
    /// How long it took.
    #[schema(value_type = Option<f64>)]
    pub took: Option<Nanos>,
    /// The decision that proves it.
    pub proof: Option<i64>,
    /// When it could be back after the start, if everything before it takes as long as it was proved to; nothing when
    /// something before it, or itself, never was.
    #[schema(value_type = Option<f64>)]
    pub back_after: Option<Nanos>,
    /// What it needs.
    pub needs: Vec<Need>,
}

/// Things that need each other in a circle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = RecoveryCircle)]
pub struct Circle {
    /// All of them, by name.
    pub members: Vec<String>,
    /// What is left out, as `a calls b`, and the relation.
    pub left_out: Vec<(String, i64)>,
    /// What that means, and what to do.
    pub message: String,
}

/// How everything comes back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = RecoveryPlan)]
pub struct Plan {
    /// The time that it is about.
    pub at: String,
    /// The minimum first, each in the order in which it comes back.
    pub parts: Vec<Part>,
    /// How many of them are the minimum.
    pub minimum: usize,
    /// Rounds that the minimum takes.
    pub rounds: usize,
    /// Circles.
    pub circles: Vec<Circle>,
    /// What is missing.
    pub gaps: Vec<Gap>,
}

/// The recovery plan as of a time.
pub async fn plan(ledger: &Ledger, as_of: &AsOf) -> Result<Plan> {
    let estate = Estate::read(ledger, as_of).await?;
    let proofs = proofs(ledger, as_of).await?;
    of_estate(as_of, &estate, &proofs)
}

pub(crate) fn of_estate(as_of: &AsOf, estate: &Estate, proofs: &HashMap<EntityRef, Proof>) -> Result<Plan> {
    let needs = everything(estate)?;
    let names: Vec<&EntityRef> = needs.keys().collect();
    let numbers: HashMap<&EntityRef, usize> = names.iter().enumerate().map(|(at, name)| (*name, at)).collect();
    let mut edges = Vec::new();
    let mut of_edge = Vec::new();
    for (from, (name, all)) in needs.iter().enumerate() {
        for (place, need) in all.iter().enumerate() {
            edges.push(Edge { from, to: numbers[&need.to], strength: strength(need.kind) });
            of_edge.push((name.clone(), place));
        }
    }
    let arranged = arrange(names.len(), &edges);
    let circular: BTreeSet<usize> = arranged.circles.iter().flatten().copied().collect();
    let among = edges.iter().filter(|edge| circular.contains(&edge.from) && circular.contains(&edge.to)).count();
    ensure!(
        among <= MAX_CIRCULAR,
        "{among} relations are among things that need each other in circles; at most {MAX_CIRCULAR} are sorted out \
         (MAX_CIRCULAR): say with depends_on what really has to be there first"
    );
    let minimum = minimum(estate, &needs);
    let mut parts: BTreeMap<EntityRef, Part> = BTreeMap::new();
    for (name, all) in &needs {
        let round = arranged.round[numbers[name]] + 1;
        let mut part = part(name, estate, proofs, as_of.valid);
        (part.round, part.minimum, part.needs) = (round, minimum.contains(name), all.clone());
        parts.insert(name.clone(), part);
    }
    for place in &arranged.left_out {
        let (name, need) = &of_edge[*place];
        if let Some(part) = parts.get_mut(name) {
            part.needs[*need].left_out = true;
        }
    }
    let circles: Vec<Circle> = arranged.circles.iter().map(|circle| told(circle, &names, &parts)).collect();
    let mut parts: Vec<Part> = parts.into_values().collect();
    parts.sort_by(|a, b| {
        let order = |part: &Part| (!part.minimum, part.round, part.tier.unwrap_or(u8::MAX), part.entity.clone());
        order(a).cmp(&order(b))
    });
    back_after(&mut parts);
    let rounds = parts.iter().filter(|part| part.minimum).map(|part| part.round).max().unwrap_or(0);
    let gaps = gaps::gaps(&parts, &circles, estate);
    Ok(Plan { at: time(as_of.valid), minimum: minimum.len(), rounds, circles, gaps, parts })
}

/// How sure it is that one needs the other: that it runs there, that somebody said so, that it was seen to call it. What
/// is called may be done without for a while.
fn strength(kind: &str) -> u8 {
    match kind {
        RUNS_ON | PART_OF => 3,
        DEPENDS_ON => 2,
        _ => 1,
    }
}

/// Services and stores, and all that they need, each with what it needs.
fn everything(estate: &Estate) -> Result<BTreeMap<EntityRef, Vec<Need>>> {
    let mut all: BTreeMap<EntityRef, Vec<Need>> = BTreeMap::new();
    let kinds = ["service", "resource"];
    let mut edge: Vec<EntityRef> =
        kinds.iter().flat_map(|kind| estate.of_kind(kind)).map(|thing| thing.entity.clone()).collect();
    while let Some(thing) = edge.pop() {
        if all.contains_key(&thing) {
            continue;
        }
        let needs = needs(&thing, estate);
        edge.extend(needs.iter().map(|need| need.to.clone()).filter(|to| !all.contains_key(to)));
        all.insert(thing, needs);
        ensure!(
            all.len() <= MAX_PLANNED,
            "there are more than {MAX_PLANNED} services, stores and hosts (MAX_PLANNED): ask for one dataset"
        );
    }
    Ok(all)
}

fn needs(thing: &EntityRef, estate: &Estate) -> Vec<Need> {
    let mut all: BTreeMap<EntityRef, Need> = BTreeMap::new();
    let mut add = |kind: &'static str, to: &EntityRef, id: i64| {
        let need = Need { kind, to: to.clone(), id, left_out: false };
        // Of two reasons the surer counts.
        let known = all.entry(to.clone()).or_insert_with(|| need.clone());
        if strength(known.kind) < strength(kind) {
            *known = need;
        }
    };
    for (kind, id, to) in estate.uses(thing) {
        add(kind, &to, id);
    }
    let instances: Vec<EntityRef> = estate.instances(thing).into_iter().map(|one| one.entity.clone()).collect();
    for part in instances.iter().chain([thing]) {
        for held in estate.from(RUNS_ON, part).filter(|held| held.to != *thing) {
            add(RUNS_ON, &held.to, held.id);
        }
        // A workload is in a namespace, which is in a cluster.
        for held in estate.from(RUNS_IN, part) {
            for (cluster, id) in clusters(&held.to, estate) {
                add(PART_OF, &cluster, id);
            }
        }
    }
    all.into_values().collect()
}

/// The clusters that a workload is part of, with the last relation on the way.
fn clusters(workload: &EntityRef, estate: &Estate) -> Vec<(EntityRef, i64)> {
    let (mut edge, mut found) = (vec![workload.clone()], Vec::new());
    for _ in 0..crate::limits::MAX_UP {
        let mut next = Vec::new();
        for held in edge.iter().flat_map(|thing| estate.from(PART_OF, thing)) {
            match held.to.kind.as_str() {
                "k8s.cluster" => found.push((held.to.clone(), held.id)),
                _ => next.push(held.to.clone()),
            }
        }
        edge = next;
    }
    found
}

/// What is of tier 1, and all that it needs.
fn minimum(estate: &Estate, needs: &BTreeMap<EntityRef, Vec<Need>>) -> BTreeSet<EntityRef> {
    let first = |thing: &&EntityRef| estate.thing(thing).is_some_and(|thing| tier(&thing.attributes) == Some(1));
    let mut edge: Vec<EntityRef> = needs.keys().filter(first).cloned().collect();
    let mut minimum: BTreeSet<EntityRef> = edge.iter().cloned().collect();
    while let Some(thing) = edge.pop() {
        for need in needs.get(&thing).into_iter().flatten() {
            if minimum.insert(need.to.clone()) {
                edge.push(need.to.clone());
            }
        }
    }
    minimum
}

fn part(name: &EntityRef, estate: &Estate, proofs: &HashMap<EntityRef, Proof>, now: Nanos) -> Part {
    let thing = estate.thing(name);
    let mut unreadable = Vec::new();
    let mut objective = |what: &str| {
        let text = said(&thing?.attributes, what)?;
        let span = parse_span(&text);
        if span.is_none() {
            unreadable.push(format!("{what} {text:?} is no span of time such as 4h"));
        }
        span
    };
    let (rto, rpo) = (objective("rto"), objective("rpo"));
    let (backup, backup_at) = thing.map(|thing| restore::backup(&thing.attributes)).unwrap_or_default();
    let proof = restore::proof(name, estate, proofs);
    Part {
        entity: name.clone(),
        id: thing.map(|thing| thing.id),
        round: 0,
        minimum: false,
        outside: name.kind == "external",
        tier: thing.and_then(|thing| tier(&thing.attributes)),
        owner: estate.owners.name(name),
        rto,
        rpo,
        unreadable,
        backup,
        backup_at,
        proved_at: proof.as_ref().filter(|proof| proof.proved).map(|proof| proof.at),
        proved: proof.as_ref().is_some_and(|proof| proof.holds(now)),
        took: proof.as_ref().filter(|proof| proof.proved).and_then(|proof| proof.took),
        proof: proof.and_then(|proof| proof.id),
        back_after: None,
        needs: Vec::new(),
    }
}

/// When each could be back, in the order of rounds.
fn back_after(parts: &mut [Part]) {
    let mut places: Vec<usize> = (0..parts.len()).collect();
    places.sort_by_key(|place| parts[*place].round);
    let mut known: HashMap<EntityRef, Option<Nanos>> = HashMap::new();
    for place in places {
        let part = &parts[place];
        let before = part.needs.iter().filter(|need| !need.left_out).map(|need| known.get(&need.to).copied().flatten());
        let before = before.collect::<Option<Vec<Nanos>>>().map(|all| all.into_iter().max().unwrap_or(0));
        // What is not ours is there, or nothing can be planned.
        let own = if part.outside { Some(0) } else { part.took };
        let after = before.zip(own).map(|(before, own)| before.saturating_add(own));
        known.insert(part.entity.clone(), after);
        parts[place].back_after = after;
    }
}

fn told(circle: &[usize], names: &[&EntityRef], parts: &BTreeMap<EntityRef, Part>) -> Circle {
    let members: Vec<&EntityRef> = circle.iter().map(|at| names[*at]).collect();
    let mut left_out = Vec::new();
    for member in &members {
        for need in parts.get(*member).into_iter().flat_map(|part| &part.needs).filter(|need| need.left_out) {
            left_out.push((format!("{member} {} {}", need.kind, need.to), need.id));
        }
    }
    let members: Vec<String> = members.iter().map(ToString::to_string).collect();
    let out: Vec<&str> = left_out.iter().map(|(text, _)| text.as_str()).collect();
    let message = format!(
        "circular restore order: {} need each other. The order here leaves out: {}. Prove by a drill that what is named \
         first starts without the other, or take the need away",
        members.join(", "),
        out.join("; ")
    );
    Circle { members, left_out, message }
}
