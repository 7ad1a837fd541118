//! Commands about alerts: alerts, incidents.

use super::client::ServerChoice;
use super::facts::{get, list, post};
use crate::failure::Outcome;
use crate::output;
use anyhow::Context as _;
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::io::Read as _;

/// What is listed.
#[derive(Args)]
pub(super) struct Filter {
    /// open, acknowledged, snoozed, resolved, separated by commas, or all [default: all but resolved].
    #[arg(long)]
    state: Option<String>,
    /// At least so bad: informational, low, medium, high, critical.
    #[arg(long)]
    level: Option<String>,
    /// Of these teams, separated by commas.
    #[arg(long)]
    team: Option<String>,
    /// About this: host:web-1.
    #[arg(long, value_name = "KIND:NAME")]
    entity: Option<String>,
    /// Of this rule.
    #[arg(long)]
    rule: Option<String>,
    /// Raised since.
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// What comes first: opened, last, level [default: opened].
    #[arg(long)]
    order: Option<String>,
    /// Rows at most.
    #[arg(long, default_value_t = 50)]
    limit: u32,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerChoice,
}

impl Filter {
    fn ask(&self, path: &str) -> Outcome<Value> {
        let limit = self.limit.to_string();
        let mut query = vec![("limit", limit.as_str())];
        for (name, value) in [
            ("state", &self.state),
            ("level", &self.level),
            ("team", &self.team),
            ("entity", &self.entity),
            ("rule", &self.rule),
            ("from", &self.from),
            ("order", &self.order),
        ] {
            query.extend(value.as_deref().map(|value| (name, value)));
        }
        get(&self.server, path, &query)
    }

    /// Asks for a list and prints it.
    pub(super) fn print(&self, path: &str, columns: &[&str], none: &str) -> Outcome {
        let answer = self.ask(path)?;
        if self.json {
            return Ok(output::print(&format!("{answer}\n"))?);
        }
        let rows = answer["rows"].as_array().cloned().unwrap_or_default();
        if rows.is_empty() {
            return Ok(output::print(&format!("{none}\n"))?);
        }
        let mut columns = columns.to_vec();
        // What is hidden is shown with why, until when, and how to answer.
        if rows.iter().any(|row| row["because"].is_string()) {
            columns.extend(
                ["until", "because", "answer_with"]
                    .into_iter()
                    .filter(|name| !columns.contains(name))
                    .collect::<Vec<_>>(),
            );
        }
        list(&rows, &columns)?;
        if !answer["next"].is_null() {
            output::complain(&format!("these are {} of {}; --limit shows more", rows.len(), answer["counts"]["all"]));
        }
        Ok(())
    }
}

/// What is done, and to which.
#[derive(Args)]
pub(super) struct Deed {
    /// Their ids.
    #[arg(required = true)]
    ids: Vec<i64>,
    /// Why.
    #[arg(long, default_value = "")]
    reason: String,
    #[command(flatten)]
    server: ServerChoice,
}

impl Deed {
    /// Does it.
    pub(super) fn run(&self, what: &str, more: Value) -> Outcome {
        let mut body = json!({"ids": self.ids, "do": what, "reason": self.reason});
        if let (Some(body), Value::Object(more)) = (body.as_object_mut(), more) {
            body.extend(more);
        }
        let answer = post(&self.server, "/api/v1/alerts/act", &body)?;
        Ok(output::print(&format!("{what}: {}\n", answer["acted"]))?)
    }
}

/// One of them.
#[derive(Args)]
struct One {
    /// Its id.
    id: i64,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerChoice,
}

/// Alerts.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Alerts {
    #[command(subcommand)]
    command: Option<AlertCommand>,
    #[command(flatten)]
    filter: Filter,
}

#[derive(Subcommand)]
enum AlertCommand {
    /// Show one with its events, suspects, findings and what happened to it.
    Show(One),
    /// Say that you look at them.
    #[command(after_help = "Example: tandem alerts ack 4711")]
    Ack(Deed),
    /// Say what they were: true, benign or false; done of a task.
    #[command(after_help = "Example: tandem alerts resolve 4711 --as benign --reason 'load test'")]
    Resolve {
        #[command(flatten)]
        deed: Deed,
        /// true, benign, false, done.
        #[arg(long = "as", value_name = "OUTCOME")]
        outcome: String,
    },
    /// Do not see them until a time.
    #[command(after_help = "Example: tandem alerts snooze 4711 --until now+4h --reason 'waits for the vendor'")]
    Snooze {
        #[command(flatten)]
        deed: Deed,
        /// Until when.
        #[arg(long, value_name = "TIME")]
        until: String,
    },
    /// Open them again.
    Reopen(Deed),
    /// Say who looks at them: me, nobody, or a log-in.
    Assign {
        #[command(flatten)]
        deed: Deed,
        /// Who.
        #[arg(long, default_value = "me")]
        to: String,
    },
    /// Give them to another team.
    HandOver {
        #[command(flatten)]
        deed: Deed,
        /// The team.
        #[arg(long)]
        to: String,
    },
    /// Say something about them: the reason.
    Comment(Deed),
    /// Tag them.
    Tag {
        #[command(flatten)]
        deed: Deed,
        /// The tag.
        #[arg(long)]
        tag: String,
    },
    /// Put them into an incident.
    Join {
        #[command(flatten)]
        deed: Deed,
        /// The incident [default: none any more].
        #[arg(long)]
        incident: Option<i64>,
    },
    /// Try, run or undo a playbook of an alert.
    #[command(after_help = "Example: tandem alerts playbook 4711 isolate --run run --reason 'confirmed by phone'")]
    Playbook(Playbook),
    /// List notices that no channel took, and when they are tried again; or send those again that were given up.
    #[command(after_help = "Example: tandem alerts undelivered --retry")]
    Undelivered {
        /// Send all of them again.
        #[arg(long)]
        retry: bool,
        /// Print JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        server: ServerChoice,
    },
    /// Say who looks at an alert, an incident or a task. Names are masked everywhere else: it takes a responder of its team and a
    /// reason, and both are kept in the audit trail.
    #[command(
        after_help = "Example: tandem alerts who 4711 --reason 'the call broke off in the middle of the restore'"
    )]
    Who(Who),
    /// What came of each rule's alerts, and which are proposed for tuning or retirement.
    #[command(after_help = "Example: tandem alerts ledger --days 90 --proposals")]
    Ledger(Ledger),
}

#[derive(Args)]
struct Who {
    /// The alert, incident or task.
    id: i64,
    /// Why you must know; it is kept in the audit trail.
    #[arg(long)]
    reason: String,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerChoice,
}

impl Who {
    fn run(self) -> Outcome {
        let answer = post(&self.server, "/api/v1/names", &json!({"id": self.id, "reason": self.reason}))?;
        if self.json {
            return Ok(output::print(&format!("{answer}\n"))?);
        }
        let text = match (answer["name"].as_str(), answer["assigned"] == true) {
            (Some(name), _) => output::plain(name),
            (None, true) => "the name was erased".to_owned(),
            (None, false) => "nobody looks at it".to_owned(),
        };
        Ok(output::print(&format!("{text}\n"))?)
    }
}

#[derive(Args)]
struct Playbook {
    /// The alert.
    id: i64,
    /// The playbook.
    name: String,
    /// dry: say what it would do; run; undo.
    #[arg(long, default_value = "dry")]
    run: String,
    /// Why; it is the approval.
    #[arg(long, default_value = "")]
    reason: String,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerChoice,
}

#[derive(Args)]
struct Ledger {
    /// Alerts raised in so many days.
    #[arg(long, default_value_t = 30)]
    days: u32,
    /// Of this team alone.
    #[arg(long)]
    team: Option<String>,
    /// Of this rule alone.
    #[arg(long)]
    rule: Option<String>,
    /// Only rules about which something is proposed.
    #[arg(long)]
    proposals: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerChoice,
}

impl Alerts {
    /// Lists, shows, or does something.
    pub fn run(self) -> Outcome {
        let Some(command) = self.command else {
            let columns = ["id", "level", "state", "title", "entity", "team", "firings", "incident", "opened"];
            return self.filter.print("/api/v1/alerts", &columns, "no alerts");
        };
        match command {
            AlertCommand::Show(one) => one.show("alerts"),
            AlertCommand::Ack(deed) => deed.run("acknowledge", json!({})),
            AlertCommand::Resolve { deed, outcome } => deed.run("resolve", json!({"outcome": outcome})),
            AlertCommand::Snooze { deed, until } => deed.run("snooze", json!({"until": until})),
            AlertCommand::Reopen(deed) => deed.run("reopen", json!({})),
            AlertCommand::Assign { deed, to } => deed.run("assign", json!({"to": to})),
            AlertCommand::HandOver { deed, to } => deed.run("hand_over", json!({"to": to})),
            AlertCommand::Comment(deed) => deed.run("comment", json!({})),
            AlertCommand::Tag { deed, tag } => deed.run("tag", json!({"to": tag})),
            AlertCommand::Join { deed, incident } => deed.run("join", json!({"incident": incident})),
            AlertCommand::Playbook(playbook) => playbook.run(),
            AlertCommand::Undelivered { retry, json, server } => undelivered(&server, retry, json),
            AlertCommand::Who(who) => who.run(),
            AlertCommand::Ledger(ledger) => ledger.run(),
        }
    }
}

/// Notices that no channel took.
fn undelivered(server: &ServerChoice, retry: bool, json: bool) -> Outcome {
    let answer = get(server, "/api/v1/notices", &[])?;
    let rows = answer["rows"].as_array().cloned().unwrap_or_default();
    if retry && !rows.is_empty() {
        let ids: Vec<&Value> = rows.iter().map(|row| &row["id"]).collect();
        let answer = post(server, "/api/v1/notices/retry", &json!({"ids": ids}))?;
        return Ok(output::print(&format!("sent again: {}\n", answer["retried"]))?);
    }
    if json {
        return Ok(output::print(&format!("{answer}\n"))?);
    }
    let waiting = answer["waiting"].as_array().cloned().unwrap_or_default();
    if !waiting.is_empty() {
        output::print("tried again when they are due:\n")?;
        list(&waiting, &["id", "at", "channel", "about", "attempts", "due", "error"])?;
    }
    match (rows.is_empty(), waiting.is_empty()) {
        (true, true) => Ok(output::print("every notice was taken\n")?),
        (true, false) => Ok(()),
        (false, _) => list(&rows, &["id", "at", "channel", "about", "attempts", "error"]),
    }
}

impl Playbook {
    fn run(self) -> Outcome {
        let body = json!({"name": self.name, "run": self.run, "reason": self.reason});
        let answer = post(&self.server, &format!("/api/v1/alerts/{}/playbook", self.id), &body)?;
        if self.json {
            return Ok(output::print(&format!("{answer}\n"))?);
        }
        list(answer["steps"].as_array().map_or(&[], Vec::as_slice), &["action", "channel", "text", "problem"])
    }
}

impl Ledger {
    fn run(self) -> Outcome {
        let days = self.days.to_string();
        let mut query = vec![("days", days.as_str())];
        query.extend(self.team.as_deref().map(|team| ("team", team)));
        query.extend(self.rule.as_deref().map(|rule| ("rule", rule)));
        query.extend(self.proposals.then_some(("proposals", "true")));
        let answer = get(&self.server, "/api/v1/rules/ledger", &query)?;
        if self.json {
            return Ok(output::print(&format!("{answer}\n"))?);
        }
        let mut rows = answer["rows"].as_array().cloned().unwrap_or_default();
        if rows.is_empty() {
            return Ok(output::print("no rule raised an alert in these days\n")?);
        }
        for row in &mut rows {
            let proposal = &row["proposal"];
            let told = proposal["advice"]
                .as_str()
                .map(|advice| format!("{advice}: {}", proposal["why"].as_str().unwrap_or_default()));
            row["proposal"] = told.into();
            let seconds = row["median_seconds_to_acknowledge"].as_f64();
            row["acknowledged after"] = seconds.map(|seconds| format!("{seconds:.0} s")).into();
        }
        let columns = [
            "rule",
            "team",
            "alerts",
            "fired",
            "acted",
            "ignored",
            "confirmed",
            "benign",
            "false",
            "suppressed",
            "acknowledged after",
            "proposal",
        ];
        list(&rows, &columns)
    }
}

impl One {
    fn show(self, what: &str) -> Outcome {
        let answer = get(&self.server, &format!("/api/v1/{what}/{}", self.id), &[])?;
        if self.json {
            return Ok(output::print(&format!("{answer}\n"))?);
        }
        let mut text = String::new();
        for name in [
            "title",
            "level",
            "state",
            "outcome",
            "entity",
            "team",
            "why",
            "reason",
            "rule",
            "runbook",
            "first",
            "last",
            "firings",
            "events",
            "opened",
            "acknowledged",
            "closed",
            "until",
            "because",
            "incident",
            "marks",
            "answer_with",
        ] {
            let value = &answer[name];
            if !value.is_null() && value.as_array().is_none_or(|list| !list.is_empty()) {
                let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                text.push_str(&format!("{name:<14}{value}\n"));
            }
        }
        if let Some(seconds) = answer["first_useful_signal_seconds"].as_f64() {
            text.push_str(&format!("{:<14}after {seconds:.0} s\n", "first signal"));
        }
        if let Some(last) = answer["last"]["outcome"].as_str() {
            text.push_str(&format!("{:<14}{last}\n", "last time"));
        }
        for (head, list, line) in [
            ("runbooks", &answer["runbooks"], &["why", "page", "title"][..]),
            ("suspects", &answer["suspects"], &["at", "kind", "entity", "version"][..]),
            ("findings", &answer["findings"], &["severity", "entity", "title"][..]),
            ("parts", &answer["parts"], &["id", "kind", "level", "state", "title", "entity"][..]),
            ("timeline", &answer["timeline"], &["at", "about", "what", "value", "detail", "reason"][..]),
        ] {
            let rows = list.as_array().map_or(&[][..], Vec::as_slice);
            if !rows.is_empty() {
                text.push_str(&format!("\n{head}\n"));
            }
            for row in rows {
                let cells = line.iter().map(|name| &row[*name]).filter(|cell| !cell.is_null() && *cell != "");
                let cells = cells.map(|cell| cell.as_str().map_or_else(|| cell.to_string(), str::to_owned));
                text.push_str(&format!("  {}\n", cells.collect::<Vec<_>>().join("  ")));
            }
        }
        Ok(output::print(&output::plain(&text))?)
    }
}

/// Incidents.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Incidents {
    #[command(subcommand)]
    command: Option<IncidentCommand>,
    #[command(flatten)]
    filter: Filter,
}

#[derive(Subcommand)]
enum IncidentCommand {
    /// Show one with its alerts, tasks and timeline.
    Show(One),
    /// Print one as Markdown for a review: the story, and no person.
    #[command(after_help = "Example: tandem incidents review 4711 > incident-4711.md")]
    Review(One),
    /// Say that you look at them, and at their alerts.
    Ack(Deed),
    /// Say what they were: true, benign or false; their open alerts with them.
    Resolve {
        #[command(flatten)]
        deed: Deed,
        /// true, benign, false.
        #[arg(long = "as", value_name = "OUTCOME")]
        outcome: String,
    },
    /// Open one that no rule saw.
    #[command(
        after_help = "Example: tandem incidents open 'Customers cannot pay' --team payments --reason 'support says so'"
    )]
    Open(Open),
    /// Add something to do.
    #[command(after_help = "Example: tandem incidents task 4711 'Rotate the keys' --due now+7d")]
    Task(Task),
    /// List what is to be done.
    Tasks(Filter),
}

#[derive(Args)]
struct Open {
    /// One line.
    title: String,
    /// Why.
    #[arg(long)]
    reason: String,
    /// informational to critical [default: high].
    #[arg(long)]
    level: Option<String>,
    /// The team that leads.
    #[arg(long)]
    team: Option<String>,
    /// What it is about.
    #[arg(long, value_name = "KIND:NAME")]
    entity: Option<String>,
    /// An alert that belongs to it; may be given several times.
    #[arg(long = "alert", value_name = "ID")]
    alerts: Vec<i64>,
    /// Who may see it.
    #[arg(long, value_name = "DATASET")]
    dataset: Option<String>,
    #[command(flatten)]
    server: ServerChoice,
}

#[derive(Args)]
struct Task {
    /// The incident.
    id: i64,
    /// What.
    title: String,
    /// The team that does it [default: that of the incident].
    #[arg(long)]
    team: Option<String>,
    /// Until when.
    #[arg(long, value_name = "TIME")]
    due: Option<String>,
    #[command(flatten)]
    server: ServerChoice,
}

impl Incidents {
    /// Lists, shows, or does something.
    pub fn run(self) -> Outcome {
        let Some(command) = self.command else {
            let columns = ["id", "level", "state", "title", "entity", "team", "firings", "opened"];
            return self.filter.print("/api/v1/incidents", &columns, "no incidents");
        };
        match command {
            IncidentCommand::Show(one) => one.show("incidents"),
            IncidentCommand::Review(one) => {
                let client = one.server.client()?;
                let mut body = client.get(&format!("/api/v1/incidents/{}/review", one.id), &[])?;
                let mut text = String::new();
                body.as_reader().read_to_string(&mut text).context("the answer broke off")?;
                Ok(output::print(&output::plain(&text))?)
            }
            IncidentCommand::Ack(deed) => deed.run("acknowledge", json!({})),
            IncidentCommand::Resolve { deed, outcome } => deed.run("resolve", json!({"outcome": outcome})),
            IncidentCommand::Open(open) => {
                let body = json!({"title": open.title, "reason": open.reason, "level": open.level, "team": open.team,
                    "entity": open.entity, "alerts": open.alerts, "dataset": open.dataset});
                let answer = post(&open.server, "/api/v1/incidents", &body)?;
                Ok(output::print(&format!("incident {}\n", answer["incident"]))?)
            }
            IncidentCommand::Task(task) => {
                let body = json!({"title": task.title, "team": task.team, "due": task.due});
                let answer = post(&task.server, &format!("/api/v1/incidents/{}/tasks", task.id), &body)?;
                Ok(output::print(&format!("task {}\n", answer["task"]))?)
            }
            IncidentCommand::Tasks(filter) => {
                let columns = ["id", "state", "title", "team", "until", "incident", "opened"];
                filter.print("/api/v1/tasks", &columns, "nothing is to be done")
            }
        }
    }
}
