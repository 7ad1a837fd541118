//! A verdict in words: for a terminal, for a pull request as Markdown, and in one line.
//!
//! Each reason comes with what people need to act on it or to answer it: the control, why for both sides, the facts behind it, the
//! fix, whom to ask, and until when an exception lets it pass.

mod markdown;
#[cfg(test)]
mod tests;

pub use markdown::markdown;

use crate::check::day;
use crate::limits::{MAX_LINE_CHARS, MAX_LISTED};
use model::{Answer, Asked, Mode, Question, Reason, Verdict, Waived};
use std::fmt::Write as _;

/// Where a verdict is kept, so that it can be answered.
#[derive(Clone, Copy, Debug, Default)]
pub struct Kept<'a> {
    /// Its decision in the ledger, by id.
    pub id: Option<i64>,
    /// The address of its page.
    pub page: Option<&'a str>,
}

/// What is asked, in words: `release of checkout 1.4.2 to production`.
pub fn question(asked: &Asked) -> String {
    let mut out = match asked.question {
        Question::Release => format!("release of {}", asked.service),
        Question::Scale => format!("growth of {}", asked.service),
    };
    if let Some(version) = &asked.version {
        let _ = write!(out, " {version}");
    }
    if let (Question::Scale, Some(from)) = (asked.question, asked.from) {
        let _ = write!(out, " from {from}");
    }
    if let (Question::Scale, Some(to)) = (asked.question, asked.to) {
        let _ = write!(out, " to {to}");
    }
    if let Some(environment) = &asked.environment {
        let _ = write!(out, "{} {environment}", if asked.question == Question::Scale { " in" } else { " to" });
    }
    plain(&out)
}

/// How a reason speaks, in words.
pub fn manner(verdict: &Verdict, reason: &Reason) -> String {
    if let (Some(id), Some(until)) = (reason.excepted, reason.excepted_until) {
        return format!("passes until {} by exception {id}", day(until));
    }
    match (reason.answer, reason.mode) {
        (Answer::NotYet, Mode::Enforce) if verdict.asked.defence.is_some() => "let pass for defence".to_owned(),
        (Answer::NotYet, Mode::Enforce) => "stops".to_owned(),
        (Answer::NotYet, Mode::Warn) => "warns, would have stopped".to_owned(),
        (Answer::NotYet, Mode::Observe) => "observes, would have stopped".to_owned(),
        _ => "undecided".to_owned(),
    }
}

/// What comes of it for whoever asks, in a sentence.
pub fn outcome(verdict: &Verdict) -> String {
    let against = verdict.reasons.iter().filter(|reason| reason.excepted.is_none() && reason.answer == Answer::NotYet);
    let against = against.count();
    if verdict.passed_for_defence {
        return "let pass for defence; it is recorded, and looked at afterwards".to_owned();
    }
    match (verdict.stopped, verdict.answer) {
        (true, _) => "stopped".to_owned(),
        (_, Answer::NotYet) => {
            format!(
                "nothing was stopped; {against} would have {}",
                if against == 1 { "been a reason" } else { "been reasons" }
            )
        }
        (_, Answer::Undecided) => "nothing was stopped; what is not known is not taken for good".to_owned(),
        (_, Answer::Ready) => format!("{} checks found nothing against it", verdict.passed.len()),
    }
}

/// For a terminal.
pub fn terminal(verdict: &Verdict, kept: Kept<'_>) -> String {
    let because = if verdict.answer == Answer::Ready { "" } else { ", because" };
    let mut out = format!("{}{because}  ({})\n", verdict.answer.words(), question(&verdict.asked));
    for reason in &verdict.reasons {
        let _ = writeln!(out, "\n  {}  [{}, {}]", plain(&reason.text), reason.check, manner(verdict, reason));
        for (name, text) in told(reason) {
            let _ = writeln!(out, "    {name:<15} {}", plain(&text));
        }
    }
    let waived = waived(verdict);
    if !waived.is_empty() {
        out.push_str("\n  suppressed, and not counted:\n");
        for line in waived {
            let _ = writeln!(out, "    {}", plain(&line));
        }
    }
    let _ = writeln!(out, "\n{}", outcome(verdict));
    if let Some(page) = kept.page {
        let _ = writeln!(out, "see {}", plain(page));
    }
    if !verdict.reasons.is_empty() {
        out.push_str("did it help, or was it in the way? its owner reads every answer:\n");
        for command in answers(verdict, kept) {
            let _ = writeln!(out, "  {command}");
        }
    }
    out
}

/// The findings that somebody suppressed: why, who answers for it, and until when.
fn waived(verdict: &Verdict) -> Vec<String> {
    let line = |one: &Waived| {
        format!(
            "{} ({}, finding {}) until {} by decision {} of {}: {}",
            one.title,
            one.severity,
            one.finding,
            day(one.until),
            one.decision,
            one.owner,
            one.reason
        )
    };
    let mut out: Vec<String> = verdict.waived.iter().take(MAX_LISTED).map(line).collect();
    if verdict.waived.len() > MAX_LISTED {
        out.push(format!("and {} more", verdict.waived.len() - MAX_LISTED));
    }
    out
}

/// The commands that answer a verdict.
pub fn answers(verdict: &Verdict, kept: Kept<'_>) -> Vec<String> {
    let id = kept.id.map_or_else(|| "VERDICT".to_owned(), |id| id.to_string());
    let mut out = vec![
        format!("tandem answer {id} helped"),
        format!("tandem answer {id} hurt 'because ...'"),
        format!("tandem answer {id} question '...'"),
    ];
    if let Some(reason) = verdict.reasons.iter().find(|reason| reason.excepted.is_none()) {
        let control = shell(&reason.control);
        out.push(format!("tandem answer {id} exception 'because ...' --control {control} --until now+30d"));
    }
    out
}

/// What belongs to a reason, by name.
fn told(reason: &Reason) -> Vec<(&'static str, String)> {
    let mut out =
        vec![("for operations", reason.for_operations.clone()), ("for security", reason.for_security.clone())];
    if !reason.facts.is_empty() {
        out.push(("facts", facts(reason)));
    }
    out.push(("what to do", reason.fix.clone()));
    out.push(("whom to ask", reason.ask.clone()));
    out.push(("control", control(reason)));
    out
}

fn facts(reason: &Reason) -> String {
    let shown: Vec<String> = reason.facts.iter().take(MAX_LISTED).map(ToString::to_string).collect();
    match reason.facts.len().saturating_sub(MAX_LISTED) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// The control with its owner, its review, and what made it speak so.
pub(crate) fn control(reason: &Reason) -> String {
    let mut out = format!("{} of {}", reason.control, reason.owner);
    if let Some(review) = reason.review_by {
        let _ = write!(out, ", asked again by {}", day(review));
    }
    if let Some(because) = &reason.because {
        let _ = write!(out, "; {} until {} by {}: {}", because.kind, day(because.until), because.owner, because.reason);
    }
    out
}

/// For a webhook or a list: one line.
pub fn line(verdict: &Verdict) -> String {
    let mut out = format!("{}: {}", question(&verdict.asked), verdict.answer.words());
    let counted: Vec<&Reason> = verdict.reasons.iter().filter(|reason| reason.excepted.is_none()).collect();
    if let Some(first) = counted.first() {
        let _ = write!(out, ", because {} (control {}, ask {})", first.text, first.control, first.ask);
        if counted.len() > 1 {
            let _ = write!(out, ", and {} more", counted.len() - 1);
        }
    }
    let end = format!("; {}", outcome(verdict));
    let most = MAX_LINE_CHARS.saturating_sub(end.chars().count());
    format!("{}{end}", shortened(&plain(&out), most))
}

/// A text of at most so many characters.
pub(crate) fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most.saturating_sub(3)).collect();
    format!("{kept}...")
}

/// Without what would break lines, colour a terminal, or turn its letters around.
pub(crate) fn plain(text: &str) -> String {
    let turns =
        |sign: char| matches!(sign, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let odd = |sign: char| sign.is_control() || turns(sign);
    text.chars().map(|sign| if odd(sign) { ' ' } else { sign }).collect()
}

/// A word for a shell: what is given may be copied and run.
fn shell(text: &str) -> String {
    let text = plain(text);
    let safe = |sign: char| sign.is_ascii_alphanumeric() || "-_./:@".contains(sign);
    match !text.is_empty() && !text.starts_with('-') && text.chars().all(safe) {
        true => text,
        false => format!("'{}'", text.replace('\'', r"'\''")),
    }
}
