//! An agenda as people read it.

use super::agenda::{Agenda, Item};
use crate::reports::time;
use std::fmt::Write as _;

/// As Markdown.
pub fn markdown(agenda: &Agenda) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = head(&mut out, agenda);
    for section in &agenda.sections {
        let _ = writeln!(out, "\n## {}\n", section.title);
        if section.items.is_empty() {
            let _ = writeln!(out, "Nothing.");
        }
        for item in &section.items {
            let _ = writeln!(out, "- {}", line(item, escape));
        }
        if section.more > 0 {
            let _ = writeln!(out, "- and {} more", section.more);
        }
    }
    if let Some(notes) = &agenda.notes {
        let _ = writeln!(out, "\n## Notes of the last meeting\n");
        for line in notes.lines() {
            let _ = writeln!(out, "> {}", escape(line));
        }
    }
    out
}

fn head(out: &mut String, agenda: &Agenda) -> std::fmt::Result {
    let meeting = &agenda.meeting;
    writeln!(out, "# {}: {}\n", escape(&meeting.teams.join(" and ")), agenda.day)?;
    let last = match agenda.held {
        Some(held) => format!("Since the last meeting on {held}."),
        None => format!("Since {}; no earlier meeting is known.", time(agenda.since)),
    };
    let (phase, days) = (meeting.phase.name(), meeting.days);
    writeln!(out, "{last} The next is due on {} (phase {phase}: every {days} days).", agenda.next)?;
    if !agenda.missed.is_empty() {
        let days: Vec<String> = agenda.missed.iter().map(ToString::to_string).collect();
        writeln!(out, "\nNot held: {}.", days.join(", "))?;
    }
    if !meeting.reading.is_empty() {
        writeln!(out, "\nTo read before, if you can:\n")?;
        for one in &meeting.reading {
            writeln!(out, "- {}", escape(one))?;
        }
    }
    Ok(())
}

/// As plain text, for calendars.
pub fn plain(agenda: &Agenda) -> String {
    let mut out = String::new();
    for section in agenda.sections.iter().filter(|section| !section.items.is_empty()) {
        let _ = writeln!(out, "{}", section.title);
        for item in &section.items {
            let _ = writeln!(out, "- {}", line(item, clean));
        }
        if section.more > 0 {
            let _ = writeln!(out, "- and {} more", section.more);
        }
    }
    out
}

fn line(item: &Item, text: fn(&str) -> String) -> String {
    let mut line = text(&item.text);
    if let Some(team) = &item.team {
        let _ = write!(line, " — {}", text(team));
    }
    if let Some(next) = &item.next {
        let _ = write!(line, " — {}", text(next));
    }
    line
}

/// One line, without characters that steer a terminal or turn the direction of writing.
fn clean(text: &str) -> String {
    let shown = |c: char| if c.is_control() || is_bidi(c) { ' ' } else { c };
    text.chars().map(shown).collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn is_bidi(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The same, with nothing in it that Markdown would take for its own.
fn escape(text: &str) -> String {
    let text = clean(text);
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        let begins = at == 0 && matches!(c, '#' | '+' | '-' | '=');
        if begins || matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '~' | '!' | '&') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
