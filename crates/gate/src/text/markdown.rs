//! A verdict as Markdown: a comment of a pull request.

use super::{Kept, answers, manner, outcome, plain, question, told, waived};
use model::{Answer, Verdict};
use std::fmt::Write as _;

/// For a pull request. What comes from facts is text and nothing else: no link, no picture, no mention.
pub fn markdown(verdict: &Verdict, kept: Kept<'_>) -> String {
    let because = if verdict.answer == Answer::Ready { "" } else { ", because" };
    let mut out = format!("**{}{because}** ({})\n", verdict.answer.words(), text(&question(&verdict.asked)));
    for reason in &verdict.reasons {
        let _ =
            writeln!(out, "\n- **{}** (`{}`: {})", text(&reason.text), code(&reason.check), manner(verdict, reason));
        for (name, said) in told(reason) {
            let _ = writeln!(out, "  - {name}: {}", text(&said));
        }
    }
    let waived = waived(verdict);
    if !waived.is_empty() {
        out.push_str("\nSuppressed, and not counted:\n\n");
        for line in waived {
            let _ = writeln!(out, "- {}", text(&line));
        }
    }
    let _ = writeln!(out, "\n{}", text(&outcome(verdict)));
    if let Some(page) = kept.page.filter(|page| page.starts_with("https://") || page.starts_with("http://")) {
        // In angle brackets an address ends where it ends.
        let page: String = page.chars().filter(|sign| !sign.is_control() && !matches!(sign, '<' | '>' | ' ')).collect();
        let _ = writeln!(out, "\nThe whole of it: <{page}>");
    }
    if !verdict.reasons.is_empty() {
        out.push_str("\nDid it help, or was it in the way? Its owner reads every answer:\n\n```\n");
        for command in answers(verdict, kept) {
            let _ = writeln!(out, "{}", code(&command));
        }
        out.push_str("```\n");
    }
    out
}

/// Text in which nothing means anything.
fn text(said: &str) -> String {
    let mut out = String::with_capacity(said.len() + 16);
    for sign in plain(said).chars() {
        match sign {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            // Mentions and references of issues begin with these.
            '@' | '#' => {
                out.push(sign);
                out.push_str("<!-- -->");
            }
            // Addresses become links by themselves.
            ':' => out.push_str("&#58;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '(' | ')' | '!' | '|' | '~' => {
                out.push('\\');
                out.push(sign);
            }
            other => out.push(other),
        }
    }
    out
}

/// What stands between backticks.
fn code(said: &str) -> String {
    plain(said).replace('`', "'")
}
