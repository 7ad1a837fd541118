//! An incident as Markdown, for a review that looks for causes and blames nobody: no person is in it.

use crate::text::{cut, markdown, span, time};
use ledger::{Kept, Kind, Moved, Outcome, State, Whole};
use model::Nanos;
use std::collections::HashMap;
use std::fmt::Write as _;

/// Alerts whose timeline is written out; a larger incident has its numbers.
const MAX_ROWS: usize = 500;

/// How long it took from the first event until the first alert that was of use: one that nobody called false or benign.
pub fn first_useful_signal(incident: &Whole) -> Option<Nanos> {
    let alerts = || incident.parts.iter().filter(|part| part.kind == Kind::Alert);
    let began = alerts().filter(|part| is_useful(part)).map(|part| part.first).min()?;
    let told = alerts().filter(|part| is_useful(part)).map(|part| part.opened).min()?;
    Some((told - began).max(0))
}

fn is_useful(part: &Kept) -> bool {
    !matches!(part.outcome, Some(Outcome::False | Outcome::Benign))
}

/// The incident as Markdown.
pub fn review(incident: &Whole, now: Nanos) -> String {
    let kept = &incident.kept;
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = summary(&mut out, incident, now);
    let _ = timeline(&mut out, incident);
    let _ = parts(&mut out, incident);
    let questions = [
        "What went well, and what made it go well?",
        "What was in the way of those who acted: missing data, missing access, an unclear page?",
        "Which control was in the way, and did it have to be?",
        "Which signal would have told earlier?",
        "What will we change, who looks after it, and until when?",
    ];
    let _ = writeln!(out, "\n## For the review\n\nThis page is about systems. Persons are left out on purpose.\n");
    for question in questions {
        let _ = writeln!(out, "- {question}");
    }
    let _ = writeln!(out, "\nIncident {}, written {}.", kept.id, time(now));
    out
}

fn summary(out: &mut String, incident: &Whole, now: Nanos) -> std::fmt::Result {
    let kept = &incident.kept;
    writeln!(out, "# {}\n", markdown(&kept.title))?;
    writeln!(out, "{}\n", markdown(&incident.reason))?;
    let mut row = |name: &str, value: String| {
        if value.is_empty() { Ok(()) } else { writeln!(out, "- {name}: {value}") }
    };
    row("Level", kept.level.name().to_owned())?;
    row("State", state(kept))?;
    row("About", kept.entity.as_ref().map(|entity| markdown(&entity.to_string())).unwrap_or_default())?;
    row("Team", kept.owner.as_ref().map(|owner| markdown(&owner.key)).unwrap_or_default())?;
    row("First event", time(kept.first))?;
    row("Opened", time(kept.opened))?;
    row(
        "First useful signal",
        first_useful_signal(incident).map(|after| format!("after {}", span(after))).unwrap_or_default(),
    )?;
    row("Acknowledged", kept.acted.map(|at| format!("after {}", span(at - kept.opened))).unwrap_or_default())?;
    let end = kept.closed.unwrap_or(now);
    row(if kept.closed.is_some() { "Resolved" } else { "Open" }, format!("after {}", span(end - kept.opened)))
}

fn state(kept: &Kept) -> String {
    match kept.outcome {
        Some(outcome) if kept.state == State::Resolved => format!("resolved, {}", outcome.name()),
        _ => kept.state.name().to_owned(),
    }
}

fn timeline(out: &mut String, incident: &Whole) -> std::fmt::Result {
    writeln!(out, "\n## Timeline\n")?;
    let names: HashMap<i64, &str> =
        incident.parts.iter().map(|part| (part.id, &*part.title)).chain([(incident.kept.id, "the incident")]).collect();
    let mut rows: Vec<(Nanos, String)> = Vec::new();
    for part in incident.parts.iter().filter(|part| part.kind == Kind::Alert) {
        rows.push((part.first, format!("first event of “{}”", markdown(&part.title))));
        rows.push((part.opened, format!("alert: “{}” ({})", markdown(&part.title), part.level.name())));
    }
    rows.push((incident.kept.opened, "the incident was opened".to_owned()));
    for moved in &incident.moves {
        let about = markdown(names.get(&moved.about).copied().unwrap_or("something"));
        rows.extend(sentence(moved, &about).map(|text| (moved.at, text)));
    }
    for suspect in incident.parts.iter().filter(|part| part.kind == Kind::Task) {
        rows.push((suspect.opened, format!("task: {}", markdown(&suspect.title))));
    }
    rows.sort();
    let left_out = rows.len().saturating_sub(MAX_ROWS);
    for (at, text) in rows.into_iter().take(MAX_ROWS) {
        writeln!(out, "- {}: {text}", time(at))?;
    }
    if left_out > 0 { writeln!(out, "- and {left_out} more") } else { Ok(()) }
}

/// What happened, without who.
fn sentence(moved: &Moved, about: &str) -> Option<String> {
    let reason = moved.reason.as_deref().filter(|reason| !reason.is_empty());
    let reason = reason.map(|reason| format!(": {}", markdown(&cut(reason, 500)))).unwrap_or_default();
    Some(match moved.what.as_str() {
        "state" => match &moved.detail {
            Some(outcome) => format!("{about}: {} as {outcome}{reason}", moved.value),
            None => format!("{about}: {}{reason}", moved.value),
        },
        "owner" => format!("{about}: handed to the team {}{reason}", markdown(&moved.value)),
        "level" => format!("{about}: {} by now", moved.value),
        "notified" => format!("{about}: a notice was sent"),
        "comment" => format!("comment on {about}{reason}"),
        "action" => format!(
            "{about}: playbook {}, {}",
            markdown(&moved.value),
            markdown(moved.detail.as_deref().unwrap_or_default())
        ),
        "tag" => format!("{about}: tagged {}", markdown(&moved.value)),
        _ => return None,
    })
}

fn parts(out: &mut String, incident: &Whole) -> std::fmt::Result {
    writeln!(out, "\n## Alerts\n")?;
    for part in incident.parts.iter().filter(|part| part.kind == Kind::Alert) {
        let about =
            part.entity.as_ref().map(|entity| format!(" on {}", markdown(&entity.to_string()))).unwrap_or_default();
        writeln!(
            out,
            "- {}{about}: {}, {}, fired {} times with {} events",
            markdown(&part.title),
            part.level.name(),
            state(part),
            part.firings,
            part.events
        )?;
    }
    writeln!(out, "\n## Action items\n")?;
    let tasks: Vec<&Kept> = incident.parts.iter().filter(|part| part.kind == Kind::Task).collect();
    if tasks.is_empty() {
        writeln!(out, "None yet.")?;
    }
    for task in tasks {
        let done = if task.state == State::Resolved { "x" } else { " " };
        let team = task.owner.as_ref().map(|owner| format!(" (team {})", markdown(&owner.key))).unwrap_or_default();
        let due = task.until.map(|due| format!(", until {}", time(due))).unwrap_or_default();
        writeln!(out, "- [{done}] {}{team}{due}", markdown(&task.title))?;
    }
    Ok(())
}
