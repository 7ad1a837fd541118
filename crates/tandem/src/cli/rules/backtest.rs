//! `tandem rules backtest`.

use super::{Output, count};
use crate::cli::client::ServerChoice;
use crate::failure::{Outcome, wrong_use};
use crate::output;
use anyhow::Context as _;
use clap::Args;
use serde_json::{Value, json};
use std::path::Path;

/// Say how often a rule would have fired.
#[derive(Args)]
pub struct Backtest {
    /// A file of rules, or a rule of the server: its id, name, or the name of its file.
    rule: String,
    /// From when: a date, or a time back such as now-30d.
    #[arg(long, default_value = "now-7d", value_name = "TIME")]
    from: String,
    /// Until when.
    #[arg(long, default_value = "now", value_name = "TIME")]
    to: String,
    #[command(flatten)]
    server: ServerChoice,
    #[command(flatten)]
    output: Output,
}

impl Backtest {
    /// Asks the server, and prints what it says.
    pub fn run(self) -> Outcome {
        let mut given = json!({"from": self.from, "to": self.to});
        let path = Path::new(&self.rule);
        if path.is_file() {
            let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", self.rule));
            given["text"] = text.map_err(wrong_use)?.into();
        } else {
            given["rule"] = self.rule.as_str().into();
        }
        let mut body = self.server.client()?.post("/api/v1/rules/backtest", &given)?;
        let hunted: Value = serde_json::from_reader(body.as_reader()).context("the answer broke off")?;
        match self.output.json() {
            true => output::print(&format!("{hunted:#}\n"))?,
            false => output::print(&text(&hunted))?,
        }
        Ok(())
    }
}

fn text(hunted: &Value) -> String {
    let number = |name: &str| hunted[name].as_u64().unwrap_or(0);
    let word = |name: &str| hunted[name].as_str().unwrap_or("").to_owned();
    let mut text = format!(
        "{} from {} to {}: {} matched, {} looked at\n",
        count(number("alerts") as usize, "alert", "alerts"),
        word("from"),
        word("to"),
        number("matches"),
        number("candidates"),
    );
    if number("evicted") > 0 {
        text.push_str(&format!(
            "{} did not fit into memory: there may be more alerts\n",
            count(number("evicted") as usize, "event", "events")
        ));
    }
    for failed in hunted["failed"].as_array().into_iter().flatten() {
        text.push_str(&format!("no answer: {}\n", output::plain(failed.as_str().unwrap_or(""))));
    }
    for (day, alerts) in hunted["days"].as_object().into_iter().flatten() {
        text.push_str(&format!("  {day}  {alerts}\n"));
    }
    for top in hunted["top"].as_array().into_iter().flatten() {
        text.push_str(&format!("  {:>6}  {}\n", top[1], output::plain(top[0].as_str().unwrap_or(""))));
    }
    for alert in hunted["samples"].as_array().into_iter().flatten() {
        let line = format!(
            "{}  {}: {}",
            crate::server::rows::rfc3339(alert["first"].as_i64().unwrap_or(0)),
            alert["title"].as_str().unwrap_or(""),
            alert["why"].as_str().unwrap_or("")
        );
        text.push_str(&format!("{}\n", output::plain(&line)));
    }
    text
}
