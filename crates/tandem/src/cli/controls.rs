//! Commands about controls: controls, exception, lockdown, friction.

use super::client::ServerChoice;
use super::facts::{get, list, post};
use crate::failure::{Outcome, SAID_NO, wrong_use};
use crate::output::{self, table};
use crate::server::knowledge;
use anyhow::anyhow;
use clap::{Args, Subcommand};
use know::controls::{Against, Severity, lint};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

/// Days of notice that a control gives before it stops somebody.
const NOTICE_DAYS: i64 = 14;

/// Show the controls, and how each speaks.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Controls {
    #[command(subcommand)]
    command: Option<ControlCommand>,
    #[command(flatten)]
    listing: Listing,
}

#[derive(Args)]
struct Listing {
    /// As they speak to this: service:checkout.
    #[arg(long, value_name = "KIND:NAME")]
    entity: Option<String>,
    /// In this environment.
    #[arg(long)]
    environment: Option<String>,
    /// When it was so [default: now].
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    #[command(flatten)]
    asking: Asking,
}

/// Which server is asked, and how its answer is written.
#[derive(Args)]
pub struct Asking {
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub server: ServerChoice,
}

#[derive(Subcommand)]
enum ControlCommand {
    /// List them.
    List(Listing),
    /// Show one: what it is for, who is exempt, what is asked, what it costs and stands against.
    Show {
        /// Its name.
        name: String,
        #[command(flatten)]
        asking: Asking,
    },
    /// Check files of controls, without a server.
    #[command(after_help = "Example: tandem controls lint knowledge")]
    Lint {
        /// Folders of knowledge, with a folder `controls` in each.
        #[arg(required = true)]
        folders: Vec<PathBuf>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Relax or tighten one until a date.
    #[command(
        after_help = "Example: tandem controls adjust tested-before-release --mode warn --until now+14d --reason 'a try'"
    )]
    Adjust {
        /// Its name.
        name: String,
        /// observe, warn, enforce.
        #[arg(long)]
        mode: String,
        /// Why.
        #[arg(long)]
        reason: String,
        /// Until when [default: 30 days from now].
        #[arg(long, value_name = "TIME")]
        until: Option<String>,
        /// To this alone: service:checkout.
        #[arg(long, value_name = "KIND:NAME")]
        entity: Option<String>,
        /// In this environment alone.
        #[arg(long)]
        environment: Option<String>,
        #[command(flatten)]
        server: ServerChoice,
    },
}

/// A text of an answer; empty when there is none.
pub fn word<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_default()
}

impl Controls {
    /// Runs it.
    pub fn run(self) -> Outcome {
        match self.command {
            None => all(&self.listing),
            Some(ControlCommand::List(listing)) => all(&listing),
            Some(ControlCommand::Show { name, asking }) => {
                let answer = get(&asking.server, &format!("/api/v1/controls/{name}"), &[])?;
                Ok(output::print(&if asking.json { format!("{answer}\n") } else { shown(&answer) })?)
            }
            Some(ControlCommand::Lint { folders, json }) => linted(&folders, json),
            Some(ControlCommand::Adjust { name, mode, reason, until, entity, environment, server }) => {
                let body = json!({"control": name, "mode": mode, "reason": reason, "until": until, "entity": entity,
                    "environment": environment});
                let answer = post(&server, "/api/v1/adjustments", &body)?;
                let (id, until) = (&answer["adjustment"], word(&answer, "until"));
                Ok(output::print(&format!("{name} speaks as {mode} until {until} ({id})\n"))?)
            }
        }
    }
}

fn all(listing: &Listing) -> Outcome {
    let mut query = Vec::new();
    for (name, value) in [("entity", &listing.entity), ("environment", &listing.environment), ("at", &listing.at)] {
        query.extend(value.as_deref().map(|value| (name, value)));
    }
    let answer = get(&listing.asking.server, "/api/v1/controls", &query)?;
    if listing.asking.json {
        return Ok(output::print(&format!("{answer}\n"))?);
    }
    let names = ["control", "mode", "because", "owner", "review by", "title"].map(str::to_owned);
    let row = |one: &Value| -> Vec<Value> {
        let control = &one["control"];
        let because = match &one["because"] {
            Value::Null => Value::Null,
            because => format!("{} until {}", word(because, "kind"), word(because, "until")).into(),
        };
        let review = control["review_by"].as_str().map(|day| day.split('T').next().unwrap_or(day));
        vec![
            control["name"].clone(),
            one["mode"].clone(),
            because,
            control["owner"].clone(),
            review.into(),
            control["title"].clone(),
        ]
    };
    let rows: Vec<Vec<Value>> = answer["controls"].as_array().into_iter().flatten().map(row).collect();
    let mut text = table::render(&names, rows.iter());
    for (what, list) in [("adjustment", "adjustments"), ("lockdown", "lockdowns"), ("exception", "exceptions")] {
        for one in answer[list].as_array().into_iter().flatten() {
            let names: Vec<&str> = one["controls"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            let of = one["control"].as_str().map_or_else(|| names.join(", "), str::to_owned);
            text.push_str(&format!("{what} {} of {of}: {}\n", one["decision"], restricts(one)));
        }
    }
    for open in answer["reviews"].as_array().into_iter().flatten() {
        let lockdown = &open["lockdown"];
        let waiting: Vec<&str> = open["waiting"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        text.push_str(&format!(
            "the lockdown {} ({}) waits for its review of {}: tandem lockdown review {} --control NAME --as kept|relaxed|removed\n",
            lockdown["decision"],
            restricts(lockdown),
            waiting.join(", "),
            lockdown["decision"]
        ));
    }
    for problem in answer["problems"].as_array().into_iter().flatten() {
        output::complain(&format!("not used: {}", problem.as_str().unwrap_or_default()));
    }
    Ok(output::print(&text)?)
}

fn shown(answer: &Value) -> String {
    let (of, control) = (&answer["control"], &answer["control"]["control"]);
    let mut text = format!(
        "{}: {}\n{} by {}, reviewed by {}\nagainst: {}\nfor operations: {}\nfor security: {}\nask: {}\n",
        word(control, "name"),
        word(control, "title"),
        word(of, "mode"),
        word(control, "owner"),
        word(control, "review_by"),
        word(control, "threat"),
        word(&control["protects"], "operations"),
        word(&control["protects"], "security"),
        control["ask"].as_str().unwrap_or("its owner"),
    );
    if let Some(because) = of["because"].as_object() {
        let because = Value::Object(because.clone());
        text.push_str(&format!("because of {}: {}\n", word(&because, "kind"), restricts(&because)));
    }
    for one in answer["exceptions"].as_array().into_iter().flatten() {
        let of = one["entity"].as_str().unwrap_or("everything");
        text.push_str(&format!("exception {} for {of}: {}\n", one["decision"], restricts(one)));
    }
    if let Some(row) = answer["friction"].as_object() {
        let row = Value::Object(row.clone());
        text.push_str(&format!(
            "in 30 days: asked {} times, would have stopped {}, stopped {}, helped {}, hurt {}, friction {:.2}, risk {:.2}\n",
            row["asked"],
            row["would_have_stopped"],
            row["stopped"],
            row["said"]["helped"],
            row["said"]["hurt"],
            row["friction"].as_f64().unwrap_or_default(),
            row["risk"].as_f64().unwrap_or_default()
        ));
    }
    for one in answer["answers"].as_array().into_iter().flatten().filter(|one| one["waits"] == true) {
        text.push_str(&format!("waits for a reply: {} {}: {}\n", one["id"], word(one, "say"), word(one, "text")));
    }
    text.push_str(&format!("\n{}\n", word(control, "text").trim()));
    text
}

/// Why something restricts, who answers for it, until when, and how to answer.
fn restricts(of: &Value) -> String {
    let (why, owner) = (word(of, "reason"), word(of, "owner"));
    format!("{why} (by {owner}, until {}); {}", word(of, "until"), word(of, "answer_with"))
}

fn linted(folders: &[PathBuf], json: bool) -> Outcome {
    for folder in folders {
        if !folder.is_dir() {
            return Err(wrong_use(anyhow!("{} is no folder", folder.display())));
        }
    }
    let mut unread = Vec::new();
    let sources = knowledge::sources(folders, &mut unread);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_nanos() as i64);
    let checks = gate::Checks::builtin();
    let against = Against {
        now,
        notice_days: NOTICE_DAYS,
        checks: checks.iter().map(|check| check.id.as_str()).collect(),
        ..Against::default()
    };
    let problems = lint(&sources, &against);
    let errors = problems.iter().filter(|problem| problem.severity == Severity::Error).count() + unread.len();
    if json {
        output::print(&format!("{}\n", json!({"errors": errors, "problems": problems})))?;
    } else {
        let mut text = String::new();
        for line in unread.iter().map(ToString::to_string).chain(problems.iter().map(ToString::to_string)) {
            text.push_str(&format!("{line}\n"));
        }
        let own = sources.iter().filter(|source| !source.built_in).count();
        text.push_str(&format!("{own} files, {errors} errors, {} warnings\n", problems.len() + unread.len() - errors));
        output::print(&text)?;
    }
    match errors {
        0 => Ok(()),
        _ => Err(crate::failure::Failure { code: SAID_NO, error: anyhow!("{errors} errors") }),
    }
}

/// List what is exempt, ask what ends soon, renew with one key.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Exception {
    #[command(subcommand)]
    command: Option<ExceptionCommand>,
    #[command(flatten)]
    asking: Asking,
}

#[derive(Subcommand)]
enum ExceptionCommand {
    /// Make one, for a control that your team owns.
    #[command(
        after_help = "Example: tandem exception add fixed-before-release --entity service:shop --reason 'no patch yet'"
    )]
    Add {
        /// The control.
        control: String,
        /// For this alone: service:checkout.
        #[arg(long, value_name = "KIND:NAME")]
        entity: Option<String>,
        /// In this environment alone.
        #[arg(long)]
        environment: Option<String>,
        /// Why.
        #[arg(long)]
        reason: String,
        /// The team that answers for it [default: who owns the thing].
        #[arg(long)]
        owner: Option<String>,
        /// Until when [default: 30 days from now].
        #[arg(long, value_name = "TIME")]
        until: Option<String>,
        #[command(flatten)]
        server: ServerChoice,
    },
    /// Go on with one, as it is.
    Renew(Going),
    /// End one before its time.
    End(Going),
}

#[derive(Args)]
struct Going {
    /// Its number.
    id: i64,
    /// Why.
    #[arg(long)]
    reason: Option<String>,
    /// Until when [default: as long as before].
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    #[command(flatten)]
    server: ServerChoice,
}

impl Exception {
    /// Runs it.
    pub fn run(self) -> Outcome {
        match self.command {
            None => exceptions(&self.asking),
            Some(ExceptionCommand::Add { control, entity, environment, reason, owner, until, server }) => {
                let body = json!({"control": control, "entity": entity, "environment": environment, "reason": reason,
                    "owner": owner, "until": until});
                let answer = post(&server, "/api/v1/exceptions", &body)?;
                let until = word(&answer, "until");
                Ok(output::print(&format!("exception {} until {until}\n", answer["exception"]))?)
            }
            Some(ExceptionCommand::Renew(going)) => {
                let body = json!({"reason": going.reason, "until": going.until});
                let answer = post(&going.server, &format!("/api/v1/exceptions/{}/renew", going.id), &body)?;
                Ok(output::print(&format!("renewed as {} until {}\n", answer["id"], word(&answer, "until")))?)
            }
            Some(ExceptionCommand::End(going)) => {
                let body = json!({"reason": going.reason});
                post(&going.server, &format!("/api/v1/exceptions/{}/end", going.id), &body)?;
                Ok(output::print(&format!("{} has ended\n", going.id))?)
            }
        }
    }
}

fn exceptions(asking: &Asking) -> Outcome {
    let answer = get(&asking.server, "/api/v1/exceptions", &[])?;
    if asking.json {
        return Ok(output::print(&format!("{answer}\n"))?);
    }
    let rows = answer["rows"].as_array().cloned().unwrap_or_default();
    if rows.is_empty() {
        output::print("nothing is exempt, hidden or locked down\n")?;
    } else {
        list(&rows, &["id", "kind", "control", "entity", "owner", "until", "reason", "ask", "answer_with"])?;
    }
    for one in answer["endings"].as_array().into_iter().flatten() {
        let (title, why) = (word(&one["word"], "title"), word(one, "reason"));
        let (owner, how) = (word(one, "owner"), word(one, "answer_with"));
        output::print(&output::plain(&format!("{title}: {why} (by {owner}); {how}\n")))?;
    }
    Ok(())
}

/// Tighten controls at once, until a time; and review that afterwards.
#[derive(Args)]
pub struct Lockdown {
    #[command(subcommand)]
    command: LockdownCommand,
}

#[derive(Subcommand)]
enum LockdownCommand {
    /// Have controls stop from now on.
    #[command(
        after_help = "Example: tandem lockdown call --control reviewed-changes --until now+4h --reason 'a worm is about'"
    )]
    Call {
        /// A control; may be given several times.
        #[arg(long = "control", required = true, value_name = "NAME")]
        controls: Vec<String>,
        /// Why: whoever is stopped reads that.
        #[arg(long)]
        reason: String,
        /// When it ends.
        #[arg(long, value_name = "TIME")]
        until: String,
        /// When it is reviewed [default: a week after its end].
        #[arg(long, value_name = "TIME")]
        review_at: Option<String>,
        /// The incident or alert behind it.
        #[arg(long, value_name = "ID")]
        because_of: Option<i64>,
        #[command(flatten)]
        server: ServerChoice,
    },
    /// Say what becomes of one of its controls.
    #[command(
        after_help = "Example: tandem lockdown review 4713 --control reviewed-changes --as kept --reason 'it cost nothing'"
    )]
    Review {
        /// The lockdown.
        id: i64,
        /// The control.
        #[arg(long)]
        control: String,
        /// kept, relaxed, removed.
        #[arg(long = "as", value_name = "OUTCOME")]
        outcome: String,
        /// Why.
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        server: ServerChoice,
    },
}

impl Lockdown {
    /// Runs it.
    pub fn run(self) -> Outcome {
        match self.command {
            LockdownCommand::Call { controls, reason, until, review_at, because_of, server } => {
                let body = json!({"controls": controls, "reason": reason, "until": until, "review_at": review_at,
                    "because_of": because_of});
                let answer = post(&server, "/api/v1/lockdowns", &body)?;
                let id = &answer["lockdown"];
                Ok(output::print(&format!("locked down by {id}: {}\n", controls.join(", ")))?)
            }
            LockdownCommand::Review { id, control, outcome, reason, server } => {
                let body = json!({"control": control, "outcome": outcome, "reason": reason});
                let answer = post(&server, &format!("/api/v1/lockdowns/{id}/review"), &body)?;
                let waiting: Vec<&str> =
                    answer["waiting"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
                let left = if waiting.is_empty() {
                    "all are reviewed".to_owned()
                } else {
                    format!("left: {}", waiting.join(", "))
                };
                Ok(output::print(&format!("{control} is {outcome}; {left}\n"))?)
            }
        }
    }
}

/// Show what controls cost beside what they stand against, by control and by system.
#[derive(Args)]
pub struct Friction {
    /// Over so many days.
    #[arg(long, default_value_t = 30)]
    days: u32,
    #[command(flatten)]
    asking: Asking,
}

impl Friction {
    /// Asks and prints.
    pub fn run(self) -> Outcome {
        let days = self.days.to_string();
        let answer = get(&self.asking.server, "/api/v1/friction", &[("days", &days)])?;
        if self.asking.json {
            return Ok(output::print(&format!("{answer}\n"))?);
        }
        let names = [
            "name",
            "asked",
            "would stop",
            "stopped",
            "helped",
            "hurt",
            "exceptions",
            "bypasses",
            "waiting",
            "friction",
            "risk",
        ];
        let row = |one: &Value| -> Vec<Value> {
            let share = |name: &str| format!("{:.2}", one[name].as_f64().unwrap_or_default()).into();
            vec![
                one["name"].clone(),
                one["asked"].clone(),
                one["would_have_stopped"].clone(),
                one["stopped"].clone(),
                one["said"]["helped"].clone(),
                one["said"]["hurt"].clone(),
                one["exceptions"]["made"].clone(),
                one["bypasses"].clone(),
                one["said"]["unanswered"].clone(),
                share("friction"),
                share("risk"),
            ]
        };
        let mut text = String::new();
        for part in ["controls", "systems"] {
            let rows: Vec<Vec<Value>> = answer[part].as_array().into_iter().flatten().map(row).collect();
            if !rows.is_empty() {
                text.push_str(&table::render(&names.map(str::to_owned), rows.iter()));
            }
        }
        text.push_str(&quadrant(&answer["controls"]));
        for one in answer["proposals"].as_array().into_iter().flatten() {
            text.push_str(&format!("{} {}: {}\n", word(one, "what"), word(one, "control"), word(one, "because")));
        }
        Ok(output::print(&text)?)
    }
}

/// Controls by high and low friction and risk.
fn quadrant(rows: &Value) -> String {
    let names = |high_friction: bool, high_risk: bool| {
        let fits = |one: &&Value| {
            let is = |name: &str| one[name].as_f64().unwrap_or_default() >= 0.5;
            is("friction") == high_friction && is("risk") == high_risk
        };
        let names: Vec<&str> =
            rows.as_array().into_iter().flatten().filter(fits).map(|one| word(one, "name")).collect();
        if names.is_empty() { "-".to_owned() } else { names.join(", ") }
    };
    format!(
        "\nearns its place (much risk, little friction): {}\nneeds work (much risk, much friction): {}\n\
         in the way (little risk, much friction): {}\nquiet (little risk, little friction): {}\n",
        names(false, true),
        names(true, true),
        names(true, false),
        names(false, false)
    )
}
