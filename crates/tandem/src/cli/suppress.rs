//! `tandem suppress`: what keeps alerts from being raised, until a day.

use super::client::ServerChoice;
use super::facts::post;
use super::respond::{Deed, Filter};
use crate::failure::Outcome;
use crate::output;
use clap::{Args, Subcommand};
use serde_json::json;

/// Suppressions.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Suppress {
    #[command(subcommand)]
    command: Option<SuppressCommand>,
    #[command(flatten)]
    filter: Filter,
}

#[derive(Subcommand)]
enum SuppressCommand {
    /// Keep alerts from being raised, until a day; what is hidden is counted.
    #[command(
        after_help = "Example: tandem suppress add --rule ssh-brute-force --entity 'host:test-*' --owner platform --reason 'a test bed'"
    )]
    Add(Add),
    /// End one early.
    End(Deed),
}

#[derive(Args)]
struct Add {
    /// Alerts of this rule, by id or title; * stands for anything, here and below.
    #[arg(long)]
    rule: Option<String>,
    /// Alerts about this: host:test-*.
    #[arg(long, value_name = "KIND:NAME")]
    entity: Option<String>,
    /// Alerts with this tag.
    #[arg(long)]
    tag: Option<String>,
    /// Why.
    #[arg(long)]
    reason: String,
    /// The team that answers for it.
    #[arg(long, value_name = "TEAM")]
    owner: String,
    /// When it ends, 90 days from now at most [default: then].
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// Of which dataset.
    #[arg(long, value_name = "DATASET")]
    dataset: Option<String>,
    #[command(flatten)]
    server: ServerChoice,
}

impl Suppress {
    /// Lists, adds or ends.
    pub fn run(self) -> Outcome {
        match self.command {
            None => {
                let columns = ["id", "state", "title", "team", "until", "firings", "opened"];
                self.filter.print("/api/v1/suppressions", &columns, "nothing is suppressed")
            }
            Some(SuppressCommand::Add(add)) => {
                let body = json!({"rule": add.rule, "entity": add.entity, "tag": add.tag, "reason": add.reason,
                    "owner": add.owner, "until": add.until, "dataset": add.dataset});
                let answer = post(&add.server, "/api/v1/suppressions", &body)?;
                let made = &answer["suppression"];
                let until = made["until"].as_str().unwrap_or_default();
                Ok(output::print(&format!("suppression {} until {until}\n", made["id"]))?)
            }
            Some(SuppressCommand::End(deed)) => deed.run("resolve", json!({"outcome": "done"})),
        }
    }
}
