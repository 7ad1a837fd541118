//! The page of a rule.

use crate::failure::{Outcome, wrong_use};
use crate::output::{self, table};
use anyhow::anyhow;
use scan::pack::Pack;
use serde_json::{Value, json};

/// Prints it; of `all`, a list of the rules.
pub(super) fn print(pack: &Pack, wanted: &str) -> Outcome {
    let (rules, _) = pack.load();
    if wanted == "all" {
        let row = |rule: &scan::rules::Rule| -> Vec<Value> {
            vec![json!(&*rule.id), json!(super::name(rule.severity)), json!(&*rule.title)]
        };
        let rows: Vec<Vec<Value>> = rules.iter().map(row).collect();
        let header = ["rule", "severity", "title"].map(str::to_owned);
        return Ok(output::print(&table::render(&header, &rows))?);
    }
    let Some(rule) = rules.iter().find(|rule| *rule.id == *wanted) else {
        return Err(wrong_use(anyhow!("there is no rule `{wanted}`; `tandem scan --explain all` lists them")));
    };
    let mut text = format!("{}  ({}, confidence {:?})\n", rule.id, super::name(rule.severity), rule.confidence);
    let controls = rule.controls.iter().map(|(catalog, ids)| format!("{catalog}: {}", ids.join(", ")));
    let known = rule.cwe.iter().map(|cwe| cwe.to_string()).chain(controls).collect::<Vec<_>>().join("; ");
    if !known.is_empty() {
        text.push_str(&known);
        text.push('\n');
    }
    text.push('\n');
    match pack.page_of(&rule.file) {
        Some(page) => text.push_str(page.text.split("\n## Cases").next().unwrap_or_default().trim_end()),
        None => text.push_str("This rule has no page."),
    }
    text.push_str("\n\nTo answer: mend it, or say why not in the code, for a time:\n");
    text.push_str(&format!("  # tandem:ignore {} reason=\"...\" owner=TEAM until=YYYY-MM-DD\n", rule.id));
    Ok(output::print(&output::plain(&text))?)
}
