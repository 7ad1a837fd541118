//! Commands for what people sit down for: agenda, meeting, roadmap, upgrade.

use super::client::ServerChoice;
use super::facts::{get, post};
use crate::failure::{Outcome, wrong_use};
use crate::output::{self, table};
use anyhow::{Context as _, anyhow};
use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};
use std::io::Read as _;
use std::path::PathBuf;

/// How an agenda is written.
#[derive(Clone, Copy, ValueEnum)]
enum Form {
    /// For reading.
    Markdown,
    /// For browsers and mail.
    Html,
    /// For calendars.
    Ics,
    /// For programs.
    Json,
}

/// Write the agenda of one team, or of several that meet.
#[derive(Args)]
pub struct Agenda {
    /// A team, or several with `+` between them.
    #[arg(value_name = "TEAM[+TEAM]")]
    teams: String,
    /// The day of the meeting [default: today].
    #[arg(long = "for", value_name = "DAY")]
    day: Option<String>,
    /// How it is written.
    #[arg(long, value_enum, default_value = "markdown")]
    format: Form,
    /// As it was at this time [default: now].
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    #[command(flatten)]
    server: ServerChoice,
}

impl Agenda {
    /// Asks and prints.
    pub fn run(self) -> Outcome {
        let format = match self.format {
            Form::Markdown => "markdown",
            Form::Html => "html",
            Form::Ics => "ics",
            Form::Json => "json",
        };
        let mut query = vec![("teams", self.teams.as_str()), ("format", format)];
        query.extend(self.day.as_deref().map(|day| ("for", day)));
        query.extend(self.at.as_deref().map(|at| ("at", at)));
        print_text(&self.server, "/api/v1/agenda", &query)
    }
}

/// Prints an answer that is text.
fn print_text(server: &ServerChoice, path: &str, query: &[(&str, &str)]) -> Outcome {
    let mut text = String::new();
    server.client()?.get(path, query)?.as_reader().read_to_string(&mut text).context("the answer broke off")?;
    if !text.ends_with('\n') {
        text.push('\n');
    }
    Ok(output::print(&text)?)
}

/// Keep that a meeting was held, with its notes.
#[derive(Args)]
pub struct Meeting {
    /// A team, or several with `+` between them.
    #[arg(value_name = "TEAM[+TEAM]")]
    teams: String,
    /// On which day [default: today].
    #[arg(long, value_name = "DAY")]
    day: Option<String>,
    /// A file with the notes, as Markdown; `-` for standard input.
    #[arg(long, value_name = "FILE")]
    notes: Option<PathBuf>,
    #[command(flatten)]
    server: ServerChoice,
}

impl Meeting {
    /// Tells the server.
    pub fn run(self) -> Outcome {
        let notes = match &self.notes {
            None => String::new(),
            Some(path) if path.as_os_str() == "-" => {
                let mut text = String::new();
                std::io::stdin().read_to_string(&mut text).map_err(|error| wrong_use(anyhow!("the notes: {error}")))?;
                text
            }
            Some(path) => std::fs::read_to_string(path)
                .map_err(|error| wrong_use(anyhow!("cannot read {}: {error}", path.display())))?,
        };
        let teams: Vec<&str> = self.teams.split('+').collect();
        let answer = post(&self.server, "/api/v1/meetings", &json!({"teams": teams, "day": self.day, "notes": notes}))?;
        let names: Vec<&str> = answer["teams"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        Ok(output::print(&format!("kept: {} met on {}\n", names.join(" and "), answer["day"].as_str().unwrap_or("")))?)
    }
}

/// Show what is planned.
#[derive(Args)]
pub struct Roadmap {
    /// What affects this team, or is theirs.
    #[arg(long)]
    team: Option<String>,
    /// Write it for calendars.
    #[arg(long, conflicts_with = "json")]
    ics: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerChoice,
}

impl Roadmap {
    /// Asks and prints, what is now first.
    pub fn run(self) -> Outcome {
        let mut query = vec![("format", if self.ics { "ics" } else { "json" })];
        query.extend(self.team.as_deref().map(|team| ("team", team)));
        if self.ics || self.json {
            return print_text(&self.server, "/api/v1/roadmap", &query);
        }
        let answer = get(&self.server, "/api/v1/roadmap", &query)?;
        let names = ["horizon", "id", "title", "owner", "from", "until", "restricts", "teams"];
        let list = |name: &str| answer[name].as_array().cloned().unwrap_or_default();
        let (roadmap, ahead) = (list("roadmap"), list("ahead"));
        let rows: Vec<Vec<Value>> = roadmap.iter().map(|one| columns(one, &names)).collect();
        let mut text = match rows.len() {
            0 => "nothing is planned: put files into the folder `roadmap` of a folder of knowledge\n".to_owned(),
            _ => table::render(&names.map(str::to_owned), rows.iter()),
        };
        for one in &ahead {
            text.push_str(&format!(
                "{} will restrict {} from {}: {}\n",
                word(one, "title"),
                word(one, "team"),
                word(one, "day"),
                word(one, "for_operations")
            ));
        }
        for problem in &list("problems") {
            output::complain(&format!("not used: {}", problem.as_str().unwrap_or_default()));
        }
        Ok(output::print(&text)?)
    }
}

fn word<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_default()
}

/// Values of an object; lists as words with commas.
fn columns(of: &Value, names: &[&str]) -> Vec<Value> {
    let value = |name: &&str| match &of[*name] {
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ").into(),
        other => other.clone(),
    };
    names.iter().map(value).collect()
}

/// Show what an upgrade touches, or object to it.
#[derive(Args)]
pub struct UpgradeCommand {
    #[command(subcommand)]
    command: Doing,
}

#[derive(Subcommand)]
enum Doing {
    /// List the upgrades that are planned.
    List(Server),
    /// Show what one touches, whose it is, what else happens then, and what became of it.
    #[command(after_help = "Example: tandem upgrade show lodash")]
    Show {
        /// Its id.
        id: String,
        #[command(flatten)]
        server: Server,
    },
    /// Object to one, for a team.
    #[command(
        after_help = "Example: tandem upgrade object lodash --team shop --reason 'the till is frozen until the 12th'"
    )]
    Object {
        /// Its id.
        id: String,
        /// The team that objects.
        #[arg(long)]
        team: String,
        /// Why.
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        server: ServerChoice,
    },
}

#[derive(Args)]
struct Server {
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerChoice,
}

impl UpgradeCommand {
    /// Runs it.
    pub fn run(self) -> Outcome {
        match self.command {
            Doing::List(Server { json, server }) => {
                let answer = get(&server, "/api/v1/roadmap", &[])?;
                if json {
                    return Ok(output::print(&format!("{}\n", answer["upgrades"]))?);
                }
                let names = ["id", "title", "component", "to_version", "from", "until", "owner", "objections_until"];
                let upgrades = answer["upgrades"].as_array().cloned().unwrap_or_default();
                let rows: Vec<Vec<Value>> = upgrades.iter().map(|one| columns(one, &names)).collect();
                let none = "no upgrade is planned: put files into the folder `upgrades` of a folder of knowledge\n";
                let text = if rows.is_empty() {
                    none.to_owned()
                } else {
                    table::render(&names.map(str::to_owned), rows.iter())
                };
                Ok(output::print(&text)?)
            }
            Doing::Show { id, server: Server { json, server } } => {
                let answer = get(&server, &format!("/api/v1/upgrades/{id}"), &[])?;
                let text = if json { format!("{answer}\n") } else { shown(&answer) };
                Ok(output::print(&text)?)
            }
            Doing::Object { id, team, reason, server } => {
                let body = json!({"team": team, "reason": reason});
                let answer = post(&server, &format!("/api/v1/upgrades/{id}/objections"), &body)?;
                let late =
                    if answer["late"] == true { "; the window for objections is over, so talk to them" } else { "" };
                let owner = answer["owner"].as_str().unwrap_or_default();
                Ok(output::print(&format!("kept as {}: {owner} sees it{late}\n", answer["objection"]))?)
            }
        }
    }
}

fn shown(answer: &Value) -> String {
    let of = &answer["upgrade"];
    let mut text = format!(
        "{}\n{} to {}, {} to {}, by {}\nfor operations: {}\nfor security: {}\nto go back: {}\nto all places from {}; objections until {}\n",
        word(of, "title"),
        word(of, "component"),
        word(of, "to_version"),
        word(of, "from"),
        word(of, "until"),
        word(of, "owner"),
        word(of, "for_operations"),
        word(of, "for_security"),
        word(of, "back"),
        word(answer, "everywhere_from"),
        word(of, "objections_until"),
    );
    let services = answer["services"].as_object().cloned().unwrap_or_default();
    text.push_str(&format!("\ntouches {} services\n", services.len()));
    for (service, owner) in &services {
        text.push_str(&format!("  {service} ({})\n", owner.as_str().unwrap_or("nobody owns it")));
    }
    let hosts: Vec<&str> = answer["hosts"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    if !hosts.is_empty() {
        text.push_str(&format!("on {}\n", hosts.join(", ")));
    }
    for one in answer["overlaps"].as_array().into_iter().flatten() {
        let shared: Vec<&str> = one["shared"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let (from, until) = (word(one, "from"), word(one, "until"));
        text.push_str(&format!(
            "at the same time: {} ({from} to {until}; {})\n",
            word(one, "title"),
            shared.join(", ")
        ));
    }
    for one in answer["objections"].as_array().into_iter().flatten() {
        let late = if one["late"] == true { " (late)" } else { "" };
        text.push_str(&format!(
            "objection of {}{late}: {}\n",
            one["team"].as_str().unwrap_or("somebody"),
            word(one, "reason")
        ));
    }
    for one in answer["outcome"].as_array().into_iter().flatten() {
        let rate = |name: &str| one[name].as_f64().map_or_else(|| "?".to_owned(), |rate| format!("{rate:.1}"));
        text.push_str(&format!(
            "{}: {} errors a thousand records before, {} after: {}\n",
            word(one, "place"),
            rate("before"),
            rate("after"),
            word(one, "verdict")
        ));
    }
    text
}
