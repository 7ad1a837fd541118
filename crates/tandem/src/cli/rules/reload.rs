//! `tandem rules reload`.

use super::{Output, count, said_no};
use crate::cli::client::ServerChoice;
use crate::failure::Outcome;
use crate::output;
use anyhow::Context as _;
use clap::Args;
use serde_json::{Value, json};

/// Have the server read its rules again.
#[derive(Args)]
pub struct Reload {
    #[command(flatten)]
    server: ServerChoice,
    #[command(flatten)]
    output: Output,
}

impl Reload {
    /// Asks the server, and prints what it says.
    pub fn run(self) -> Outcome {
        let mut body = self.server.client()?.post("/api/v1/rules/reload", &json!({}))?;
        let told: Value = serde_json::from_reader(body.as_reader()).context("the answer broke off")?;
        match self.output.json() {
            true => output::print(&format!("{told:#}\n"))?,
            false => output::print(&output::plain(&text(&told)))?,
        }
        match told["refused"].as_array().is_none_or(Vec::is_empty) {
            true => Ok(()),
            false => Err(said_no("not all rules are used".to_owned())),
        }
    }
}

fn text(told: &Value) -> String {
    let list = |name: &str| told[name].as_array().cloned().unwrap_or_default();
    let number = |name: &str| told[name].as_u64().unwrap_or(0) as usize;
    let mut text = String::new();
    for refused in list("refused") {
        text.push_str(&format!("refused: {}\n", refused.as_str().unwrap_or("")));
    }
    for (name, sign) in [("added", '+'), ("removed", '-'), ("changed", '~')] {
        for rule in list(name) {
            let word = |field: &str| rule[field].as_str().unwrap_or("").to_owned();
            text.push_str(&format!("{sign} {}  {}\n", word("title"), word("place")));
        }
    }
    text.push_str(&format!(
        "{}, {} and {} loaded: {} new, {} gone, {} another, {} as they were\n",
        count(number("rules"), "rule", "rules"),
        count(number("correlations"), "correlation", "correlations"),
        count(number("operational"), "operational rule", "operational rules"),
        list("added").len(),
        list("removed").len(),
        list("changed").len(),
        number("unchanged"),
    ));
    if told["in_force"] == false {
        text.push_str("detection is still busy: it works with them when it has done what it is at\n");
    }
    text
}
