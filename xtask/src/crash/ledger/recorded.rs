//! What the ledger holds, against what writers were told.

use super::writers::{Kind, Op, SERVICES, Told};
use crate::server::Server;
use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Hand-overs of which the owner at their time is asked for, too.
const SAMPLES: usize = 8;

/// A decision and what belongs to it have one `known`: they are one transaction. A hand-over begins one claim and ends
/// at most one.
const HALVES: &str = "
WITH claims AS (
    SELECT known, sum(1 - ended) AS begun, sum(ended) AS ended FROM observations WHERE origin = 'manual' GROUP BY known
)
SELECT count(*) FILTER (WHERE claims.known IS NULL),
       count(*) FILTER (WHERE decisions.known IS NULL),
       count(*) FILTER (WHERE claims.begun <> 1 OR claims.ended > 1)
FROM claims FULL JOIN (SELECT known FROM decisions WHERE kind = 'hand_over') decisions
ON decisions.known = claims.known";

/// Everything that writers wrote, as the server answers it.
#[derive(Debug, Default)]
pub struct Recorded {
    /// Decisions with their ids; what is there twice is here twice.
    decisions: BTreeMap<Op, Vec<i64>>,
    facts: BTreeSet<Op>,
}

/// Asks the server; whatever is wrong in itself is an error.
pub fn look(server: &Server, base: i64) -> Result<Recorded> {
    let mut found = Recorded::default();
    let rows =
        server.sql("SELECT reason, kind, entity, owner, id FROM decisions WHERE kind NOT IN ('control', 'lever')")?;
    for row in &rows {
        let op = Op::named(text(row, 0)?).with_context(|| format!("a decision that nobody took: {row:?}"))?;
        let kind = if op.kind() == Kind::HandOver { "hand_over" } else { "triage" };
        let right = [text(row, 1)?, text(row, 2)?, text(row, 3)?] == [kind, &op.service(), &op.team()];
        ensure!(right && op.kind() != Kind::Facts, "a wrong decision: {row:?}");
        found.decisions.entry(op).or_default().push(row[4].as_i64().context("a decision has no id")?);
    }
    found.look_at_facts(server)?;
    found.look_at_owners(server, base)?;
    let halves = server.sql(HALVES)?;
    let number = |at: usize| halves.first().and_then(|row| row[at].as_u64()).context("no counts of hand-overs");
    let (no_claim, no_decision, wrong) = (number(0)?, number(1)?, number(2)?);
    ensure!(
        no_claim + no_decision + wrong == 0,
        "half hand-overs: {no_claim} without a claim, {no_decision} claims without a decision, {wrong} with wrong claims"
    );
    // Controls are the server's own decisions, and are in the trail like all others.
    let entries = server.sql(
        "SELECT a.n, d.n FROM (SELECT count(*) AS n FROM audit WHERE action = 'decision') a, \
         (SELECT count(*) AS n FROM decisions) d",
    )?;
    let count = |at: usize| entries.first().and_then(|row| row[at].as_u64()).context("the audit trail is not counted");
    let (entries, all) = (count(0)?, count(1)?);
    ensure!(entries == all, "{all} decisions, but {entries} entries in the audit trail");
    Ok(found)
}

impl Recorded {
    /// A service that was seen and its deployment came in one request.
    fn look_at_facts(&mut self, server: &Server) -> Result<()> {
        let name = "SELECT version, entity FROM changes WHERE origin = 'crash'";
        for row in server.sql(name)? {
            let op = Op::named(text(&row, 0)?).filter(|op| op.kind() == Kind::Facts);
            let op = op.with_context(|| format!("a change that nobody recorded: {row:?}"))?;
            ensure!(text(&row, 1)? == op.service(), "a change of something else: {row:?}");
            ensure!(self.facts.insert(op), "a change is there twice: {row:?}");
        }
        let observed = server.sql("SELECT attributes FROM observations WHERE origin = 'crash'")?;
        let mut seen = BTreeSet::new();
        for row in &observed {
            let attributes: Value = serde_json::from_str(text(row, 0)?).context("attributes are not JSON")?;
            let op = Op::named(attributes["name"].as_str().unwrap_or_default());
            let op = op.with_context(|| format!("an observation that nobody recorded: {row:?}"))?;
            ensure!(seen.insert(op), "an observation is there twice: {row:?}");
        }
        ensure!(seen == self.facts, "half facts: {} observations, {} changes", seen.len(), self.facts.len());
        let sql = "SELECT count(*) FROM entities WHERE kind = 'service' AND starts_with(entity, 'seen-')";
        let entities = server.sql(sql)?.first().and_then(|row| row[0].as_u64());
        ensure!(entities == Some(seen.len() as u64), "{} services were seen, {entities:?} are there", seen.len());
        Ok(())
    }

    /// What changed hands last belongs to whom it was handed to, and at any earlier time as well.
    fn look_at_owners(&self, server: &Server, base: i64) -> Result<()> {
        let hand_overs: Vec<Op> = self.decisions.keys().copied().filter(|op| op.kind() == Kind::HandOver).collect();
        let mut last = BTreeMap::new();
        for op in &hand_overs {
            last.insert(op.service(), op.team());
        }
        let mut owners = BTreeMap::new();
        for row in server.sql("SELECT entity, owner, conflict FROM owners WHERE entity_kind = 'service'")? {
            ensure!(row[2].as_i64() == Some(0), "two owners of one thing: {row:?}");
            owners.insert(text(&row, 0)?.to_owned(), text(&row, 1)?.to_owned());
        }
        ensure!(owners == last, "owners are {owners:?}, but decisions say {last:?}");
        let step = (hand_overs.len() / SAMPLES).max(1);
        for op in hand_overs.iter().step_by(step) {
            for (at, team) in [(op.at(base), Some(op.team())), (op.at(base) - 1, self.before(*op))] {
                let answer = server.api().get(&format!("/api/v1/owners?entity=service:{}&at={at}", op.service()))?;
                let answer: Value = serde_json::from_slice(&answer.body)?;
                let owner = answer["owners"][0]["owner"].as_str().map(str::to_owned);
                ensure!(owner == team, "the owner at {at} is {owner:?}, but {team:?} was decided: {answer}");
            }
        }
        Ok(())
    }

    /// To whom the thing was handed before.
    fn before(&self, op: Op) -> Option<String> {
        let number = op.number.checked_sub(3 * SERVICES)?;
        Some(Op { number, ..op }.team())
    }

    /// How many decisions and other requests there are.
    pub fn counts(&self) -> (usize, usize) {
        (self.decisions.len(), self.facts.len())
    }

    /// Everything that writers were told is there, once. What nobody was told may be there as well: of each writer the
    /// request that was not answered.
    pub fn at_least(&self, told: &[Told]) -> Result<()> {
        self.holds(told, 1)
    }

    /// Exactly what writers were told is there, once.
    pub fn exactly(&self, told: &[Told]) -> Result<()> {
        self.holds(told, 0)
    }

    fn holds(&self, told: &[Told], unanswered: usize) -> Result<()> {
        let (mut lost, mut others) = (Vec::new(), Vec::new());
        for (writer, told) in told.iter().enumerate() {
            for (number, id) in told.iter().enumerate() {
                let op = Op { writer: writer as u64, number: number as u64 };
                match (id, self.decisions.get(&op)) {
                    (None, _) if self.facts.contains(&op) => {}
                    (Some(id), Some(ids)) if ids.contains(id) => {}
                    (Some(_), Some(ids)) => others.push((op, ids.clone())),
                    _ => lost.push(op),
                }
            }
        }
        let doubled: Vec<Op> = self.decisions.iter().filter(|(_, ids)| ids.len() > 1).map(|(op, _)| *op).collect();
        let first = |ops: &[Op]| ops.iter().take(3).map(|op| op.name()).collect::<Vec<_>>().join(", ");
        if !(lost.is_empty() && doubled.is_empty() && others.is_empty()) {
            bail!(
                "{} acknowledged requests are lost ({}), {} decisions are doubled ({}), {} have another id",
                lost.len(),
                first(&lost),
                doubled.len(),
                first(&doubled),
                others.len()
            );
        }
        let known = |op: &&Op| told.get(op.writer as usize).is_some_and(|told| (op.number as usize) < told.len());
        let extra: Vec<Op> = self.decisions.keys().chain(&self.facts).filter(|op| !known(op)).copied().collect();
        let open = |op: &Op| {
            let told = told.get(op.writer as usize).map_or(0, Vec::len);
            (op.number as usize) < told + unanswered
        };
        ensure!(extra.iter().all(open), "there is more than anybody sent: {}", first(&extra));
        Ok(())
    }
}

fn text(row: &[Value], at: usize) -> Result<&str> {
    row.get(at).and_then(Value::as_str).with_context(|| format!("no text in column {at} of {row:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_lost_or_doubled_is_told() {
        let op = |number| Op { writer: 0, number };
        let mut found = Recorded::default();
        found.decisions.insert(op(0), vec![10]);
        found.decisions.insert(op(1), vec![11]);
        found.facts.insert(op(2));
        let told = vec![vec![Some(10), Some(11), None]];
        found.exactly(&told).unwrap();
        found.at_least(&[vec![Some(10), Some(11)]]).unwrap();
        assert!(found.exactly(&[vec![Some(10), Some(11)]]).is_err(), "nobody was told of the facts");
        assert!(found.at_least(&[vec![Some(10)]]).is_err(), "a writer has one open request");
        assert!(found.exactly(&[vec![Some(10), Some(12), None]]).is_err(), "another id");
        let lost = found.at_least(&[vec![Some(10), Some(11), None, Some(12)]]).unwrap_err();
        assert!(lost.to_string().starts_with("1 acknowledged requests are lost (crash 0 3)"), "{lost}");
        found.decisions.insert(op(1), vec![11, 13]);
        assert!(found.exactly(&told).unwrap_err().to_string().contains("1 decisions are doubled (crash 0 1)"));
    }
}
