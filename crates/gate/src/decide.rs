//! Checks, policies, controls, exceptions and facts to a verdict.

mod digest;
mod reasons;
#[cfg(test)]
pub(crate) mod tests;

use crate::check::{Check, Checks};
use crate::condition::{Seen, Truth};
use crate::facts::{self, Facts};
use crate::limits::{MAX_BROKEN_SHOWN, MAX_CITED};
use crate::policies::Policies;
use digest::Inputs;
use model::control::{Exception, InForce};
use model::{Answer, Asked, Nanos, Question, Reason, Verdict, Waived};
pub(crate) use reasons::{Reasons, Said};
use serde_json::Value;

/// The control behind what names none that is known.
pub const OWN_POLICIES: &str = "own-policies";

/// Decides. The same inputs give the same verdict, and the same digest of them; of the time only that counts which comparing
/// with it gave.
///
/// What cannot be decided is undecided and never ready. Capacity for defence is never held back: the verdict says that it would
/// have been.
pub fn decide(
    checks: &Checks,
    policies: &Policies,
    asked: &Asked,
    facts: &Facts,
    controls: &[InForce],
    exceptions: &[Exception],
    now: Nanos,
) -> Verdict {
    let document = document(asked, facts);
    let mut inputs = Inputs::new(asked, &document);
    let mut reasons = Reasons::new(asked, controls, exceptions, now);
    let mut passed = Vec::new();
    inputs.text("checks", checks.digest());
    for check in asking(checks, asked).filter(|_| may_grow(asked)) {
        let mut seen = Seen::default();
        let applies = grows(check, asked, &mut seen);
        let applies = check.when.as_ref().map_or(applies, |when| applies.and(when.ask(&document, now, &mut seen)));
        let truth = applies.and(check.speaks.ask(&document, now, &mut seen));
        inputs.times(&seen.times);
        match truth {
            Truth::No if applies == Truth::No => {}
            Truth::No => passed.push(check.id.clone()),
            Truth::Yes => reasons.add(said(check, &document)),
            Truth::Unknown => reasons.add(undecided(check, &seen.missing)),
        }
    }
    let broken = checks.broken().iter().map(|error| ("check", error)).collect::<Vec<_>>();
    let broken = broken.into_iter().chain(policies.broken().iter().map(|error| ("policy", error)));
    add_broken(broken, &mut reasons);
    if !policies.is_empty() {
        inputs.text("policies", policies.digest());
        let day = crate::check::day(now);
        inputs.text("today", &day);
        policies.ask(&document, &day, &mut reasons, &mut passed);
    }
    let reasons = reasons.finish(&mut inputs);
    let waived = waived(checks, asked, facts);
    let counted = || reasons.iter().filter(|reason| reason.excepted.is_none());
    let answer = counted().map(|reason| reason.answer).max().unwrap_or(Answer::Ready);
    let stops = reasons.iter().any(Reason::stops);
    Verdict {
        asked: asked.clone(),
        at: now,
        answer,
        stopped: stops && asked.defence.is_none(),
        passed_for_defence: stops && asked.defence.is_some(),
        reasons,
        passed,
        waived,
        inputs: inputs.finish(),
    }
}

/// The facts, with what is asked. What the question says of itself counts more than what is known of it.
fn document(asked: &Asked, facts: &Facts) -> Value {
    let mut document = facts.document();
    let Some(members) = document.as_object_mut() else { return document };
    members.insert("service".to_owned(), asked.service.as_str().into());
    for (name, value) in [("environment", &asked.environment), ("version", &asked.version)] {
        if let Some(value) = value {
            members.insert(name.to_owned(), value.as_str().into());
        }
    }
    let mut question = serde_json::Map::new();
    question.insert("question".to_owned(), asked.question.name().into());
    for (name, number) in [("from", asked.from), ("to", asked.to)] {
        if let Some(number) = number {
            question.insert(name.to_owned(), number.into());
        }
    }
    if let (Some(from @ 1..), Some(to)) = (asked.from, asked.to) {
        question.insert("factor".to_owned(), (to as f64 / from as f64).into());
    }
    members.insert("asked".to_owned(), Value::Object(question));
    document
}

/// The checks that have a word in a question, there where it is asked about.
fn asking<'c>(checks: &'c Checks, asked: &'c Asked) -> impl Iterator<Item = &'c Check> {
    let of = checks.iter().filter(|check| check.asks.contains(&asked.question));
    of.filter(|check| check.is_about(asked.environment.as_deref()))
}

/// The findings that somebody suppressed, where a check would have counted them.
fn waived(checks: &Checks, asked: &Asked, facts: &Facts) -> Vec<Waived> {
    let counts = |check: &Check| check.facts.iter().any(|path| path.starts_with("findings."));
    let waived = facts.findings.as_ref().and_then(|findings| findings.waived.clone()).unwrap_or_default();
    if asking(checks, asked).any(counts) { waived } else { Vec::new() }
}

/// What becomes smaller, or stays as it is, is no growth: nothing has a word in that.
fn may_grow(asked: &Asked) -> bool {
    match (asked.question, asked.from, asked.to) {
        (Question::Scale, Some(from), Some(to)) => to > from,
        _ => true,
    }
}

/// Whether it grows so far that a check has a word.
fn grows(check: &Check, asked: &Asked, seen: &mut Seen) -> Truth {
    let Some(grows) = check.grows else { return Truth::Yes };
    let mut missing = Vec::new();
    let mut one = |truth: Option<bool>, path: &'static str| match truth {
        Some(true) => Truth::Yes,
        Some(false) => Truth::No,
        None => {
            missing.push(path);
            Truth::Unknown
        }
    };
    let mut truth = Truth::No;
    if let Some(least) = grows.to {
        truth = truth.or(one(asked.to.map(|to| to >= least), "asked.to"));
    }
    if let Some(factor) = grows.factor {
        let reached = match (asked.from, asked.to) {
            (Some(from), Some(to)) => Some(to as f64 >= from as f64 * factor),
            _ => None,
        };
        let path = if asked.to.is_none() { "asked.to" } else { "asked.from" };
        truth = truth.or(one(reached, path));
    }
    if truth == Truth::Unknown {
        seen.missing.extend(missing);
    }
    truth
}

fn said(check: &Check, document: &Value) -> Said {
    let lists = check.facts.iter().filter_map(|path| crate::condition::at(document, path)?.as_array());
    let facts = lists.flatten().filter_map(Value::as_i64).take(MAX_CITED).collect();
    Said {
        check: check.id.clone(),
        answer: Answer::NotYet,
        text: check.text.fill(document),
        fix: check.fix.fill(document),
        control: Some(check.control.clone()),
        at_most: None,
        facts,
    }
}

fn undecided(check: &Check, missing: &[&'static str]) -> Said {
    let paths = missing.iter().filter_map(|path| facts::known(path));
    let (mut is, mut learn): (Vec<String>, Vec<&str>) = (Vec::new(), Vec::new());
    for path in paths {
        let named = format!("{} (`{}`)", path.is, path.path);
        if !is.contains(&named) {
            is.push(named);
        }
        if !learn.contains(&path.learn) {
            learn.push(path.learn);
        }
    }
    let said = if is.is_empty() { "a fact is of another form than the check reads".to_owned() } else { is.join(", ") };
    Said {
        check: check.id.clone(),
        answer: Answer::Undecided,
        text: format!("{}: not known: {said}", check.title),
        fix: if learn.is_empty() { "look at the check and at the facts".to_owned() } else { learn.join("; ") },
        control: Some(check.control.clone()),
        at_most: None,
        facts: Vec::new(),
    }
}

/// What could not be read decides nothing, and is never passed over.
fn add_broken<'e>(broken: impl Iterator<Item = (&'static str, &'e crate::CheckError)>, reasons: &mut Reasons<'_>) {
    let mut left = 0;
    for (number, (what, error)) in broken.enumerate() {
        if number >= MAX_BROKEN_SHOWN {
            left += 1;
            continue;
        }
        reasons.add(Said::undecided("unreadable", format!("a {what} cannot be read: {error}"), "mend the file"));
    }
    if left > 0 {
        let text = format!("{left} more checks and policies cannot be read");
        reasons.add(Said::undecided("unreadable", text, "mend the files: `tandem check lint`"));
    }
}
