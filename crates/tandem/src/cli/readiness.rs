//! Commands for what to do next, and for whether everything would come back: home, levers, recovery, drill.

use super::client::ServerChoice;
use super::facts::{get, post};
use crate::failure::{Failure, Outcome, SAID_NO};
use crate::output::{self, plain, table};
use anyhow::anyhow;
use clap::{Args, Subcommand};
use know::readiness::words;
use serde_json::{Value, json};
use std::io::BufRead as _;
use std::time::Duration;

/// Between two looks at a drill that is run.
const LOOK: Duration = Duration::from_secs(1);

#[derive(Args)]
struct Asking {
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerChoice,
}

fn word<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_default()
}

fn array<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value[name].as_array().map_or(&[], Vec::as_slice)
}

fn names(value: &Value) -> String {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).collect::<Vec<_>>().join(", ")
}

/// A span in seconds, in words.
fn span(value: &Value) -> String {
    value.as_f64().map_or_else(String::new, |seconds| words((seconds * 1e9) as i64))
}

/// The day of a time, or nothing.
fn day(value: &Value) -> String {
    value.as_str().unwrap_or_default().chars().take(10).collect()
}

/// Show the next steps that gain most for operations and security.
#[derive(Args)]
pub struct Levers {
    /// Open one: what its number counts, one by one.
    #[arg(value_name = "LEVER")]
    lever: Option<String>,
    /// The same.
    #[arg(long, value_name = "LEVER", conflicts_with_all = ["lever", "all"])]
    open: Option<String>,
    /// All, those too whose number is 0 or that nobody can count.
    #[arg(long, conflicts_with = "lever")]
    all: bool,
    #[command(flatten)]
    asking: Asking,
}

impl Levers {
    /// Asks and prints.
    pub fn run(self) -> Outcome {
        let Asking { json, server } = &self.asking;
        if let Some(id) = self.open.as_ref().or(self.lever.as_ref()) {
            let answer = get(server, &format!("/api/v1/levers/{id}"), &[])?;
            let text = if *json { format!("{answer}\n") } else { opened(&answer) };
            return Ok(output::print(&text)?);
        }
        let query: &[(&str, &str)] = if self.all { &[("all", "true")] } else { &[] };
        let answer = get(server, "/api/v1/levers", query)?;
        let text = if *json { format!("{answer}\n") } else { levers(array(&answer, "levers")) };
        Ok(output::print(&text)?)
    }
}

/// Levers as people read them.
fn levers(all: &[Value]) -> String {
    if all.is_empty() {
        return "no lever: what is known shows no number that should be smaller\n".to_owned();
    }
    let mut text = String::new();
    for (place, lever) in all.iter().enumerate() {
        let unknown = if lever["unknown"] == true { " (nobody looked)" } else { "" };
        text.push_str(&format!("{}. {}{unknown}   [{}]\n", place + 1, word(lever, "title"), word(lever, "id")));
        if lever["unknown"] == true {
            continue;
        }
        text.push_str(&format!("   operations: {}\n", word(lever, "operations")));
        text.push_str(&format!("   security:   {}\n", word(lever, "security")));
        let (effort, why) = (word(lever, "effort"), word(lever, "effort_why"));
        text.push_str(&format!("   effort:     {effort}: {why} (score {})\n", lever["score"]));
        text.push_str(&format!("   first:      {}\n", word(lever, "first_step")));
        let owners = names(&lever["owners"]);
        if !owners.is_empty() {
            text.push_str(&format!("   whose:      {owners}\n"));
        }
        if let Some(gained) = lever["gained"]["text"].as_str() {
            text.push_str(&format!("   gained:     {gained}\n"));
        }
    }
    plain(&text)
}

fn opened(lever: &Value) -> String {
    let mut text = format!("{}\n", word(lever, "title"));
    if lever["unknown"] == true {
        text.push_str("nobody looked: this number says nothing\n");
    }
    let row = |row: &Value| {
        let facts = array(row, "facts").iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        vec![row["what"].clone(), row["entity"].clone(), row["team"].clone(), facts.into()]
    };
    let rows: Vec<Vec<Value>> = array(lever, "rows").iter().map(row).collect();
    if !rows.is_empty() {
        text.push_str(&table::render(&["what", "entity", "team", "facts"].map(str::to_owned), rows.iter()));
    }
    text
}

/// Show how everything comes back: the minimum first, in rounds.
#[derive(Args)]
pub struct Recovery {
    /// As it was at this time [default: now].
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    #[command(flatten)]
    asking: Asking,
}

impl Recovery {
    /// Asks and prints.
    pub fn run(self) -> Outcome {
        let Asking { json, server } = &self.asking;
        let query: Vec<(&str, &str)> = self.at.as_deref().map(|at| ("at", at)).into_iter().collect();
        let answer = get(server, "/api/v1/recovery", &query)?;
        let text = if *json { format!("{answer}\n") } else { recovery(&answer) };
        Ok(output::print(&text)?)
    }
}

fn recovery(plan: &Value) -> String {
    let parts = array(plan, "parts");
    if parts.is_empty() {
        return "no service is known: nothing can be planned\n".to_owned();
    }
    let (minimum, rounds) = (&plan["minimum"], &plan["rounds"]);
    let mut text = format!("the minimum has {minimum} of {} parts, in {rounds} rounds\n", parts.len());
    if *minimum == 0 {
        text.push_str("nothing is of tier 1: say with the attribute `tier` what matters most\n");
    }
    let row = |part: &Value| {
        let part_of = if part["minimum"] == true { "minimum" } else { "" };
        let proved = if part["outside"] == true { "not ours".into() } else { day(&part["proved_at"]) };
        let needs: Vec<&str> =
            array(part, "needs").iter().filter(|need| need["left_out"] != true).map(|need| word(need, "to")).collect();
        vec![
            part["round"].clone(),
            part["entity"].clone(),
            part_of.into(),
            part["tier"].clone(),
            part["owner"].clone(),
            span(&part["rto"]).into(),
            proved.into(),
            span(&part["back_after"]).into(),
            needs.join(", ").into(),
        ]
    };
    let rows: Vec<Vec<Value>> = parts.iter().map(row).collect();
    let columns = ["round", "what", "part of", "tier", "owner", "rto", "proved", "back after", "needs"];
    text.push_str(&table::render(&columns.map(str::to_owned), rows.iter()));
    for circle in array(plan, "circles") {
        text.push_str(&format!("\n{}\n", word(circle, "message")));
    }
    let gaps = array(plan, "gaps");
    if !gaps.is_empty() {
        text.push_str(&format!("\n{} gaps\n", gaps.len()));
    }
    for gap in gaps {
        text.push_str(&format!("  {} {} ({})\n", word(gap, "severity"), word(gap, "title"), word(gap, "rule")));
    }
    plain(&text)
}

/// List drills, show one, or run it.
#[derive(Args)]
pub struct DrillCommand {
    #[command(subcommand)]
    command: Doing,
}

#[derive(Subcommand)]
enum Doing {
    /// List them.
    List(Asking),
    /// Show one: its steps, and the questions that it asks at a table.
    Show {
        /// Its name.
        name: String,
        #[command(flatten)]
        asking: Asking,
    },
    /// Run one, step by step, and keep the evidence.
    #[command(
        after_help = "Examples:\n  tandem drill run orders-restore --tabletop\n  tandem drill run orders-restore\n\
        Exit codes: 0 over, 1 it did not begin or was given up."
    )]
    Run(Running),
}

/// How a drill is run.
#[derive(Args)]
struct Running {
    /// Its name.
    name: String,
    /// At a table: questions, and nothing is looked at.
    #[arg(long)]
    tabletop: bool,
    /// Every step is done as soon as it is asked for: for programs that do the steps.
    #[arg(long)]
    yes: bool,
    /// What it is about, where the file does not say it: service:checkout.
    #[arg(long, value_name = "KIND:NAME")]
    service: Option<String>,
    /// The team that answers for it, where the file does not say it.
    #[arg(long, value_name = "TEAM")]
    owner: Option<String>,
    #[command(flatten)]
    server: ServerChoice,
}

impl DrillCommand {
    /// Runs it.
    pub fn run(self) -> Outcome {
        match self.command {
            Doing::List(Asking { json, server }) => {
                let answer = get(&server, "/api/v1/drills", &[])?;
                if json {
                    return Ok(output::print(&format!("{answer}\n"))?);
                }
                let columns = ["name", "title", "service", "owner", "steps", "probes"];
                let rows: Vec<Vec<Value>> = array(&answer, "rows")
                    .iter()
                    .map(|row| columns.iter().map(|name| row[*name].clone()).collect())
                    .collect();
                for problem in array(&answer, "problems") {
                    output::complain(&plain(&format!("not used: {}", problem.as_str().unwrap_or_default())));
                }
                let none = "no drill: put files into the folder `drills` of a folder of knowledge\n".to_owned();
                let table = || table::render(&columns.map(str::to_owned), rows.iter());
                Ok(output::print(&if rows.is_empty() { none } else { table() })?)
            }
            Doing::Show { name, asking: Asking { json, server } } => {
                let answer = get(&server, &format!("/api/v1/drills/{name}"), &[])?;
                let text = if json { format!("{answer}\n") } else { shown(&answer) };
                Ok(output::print(&text)?)
            }
            Doing::Run(running) => running.run(),
        }
    }
}

fn shown(drill: &Value) -> String {
    let or = |name: &str, none: &str| drill[name].as_str().filter(|text| !text.is_empty()).unwrap_or(none).to_owned();
    let mut text = format!(
        "{}\nabout {}, by {}\n\n",
        word(drill, "title"),
        or("service", "what --service says"),
        or("owner", "whom --owner says")
    );
    for (place, step) in array(drill, "steps").iter().enumerate() {
        let breaks = if step["inject"] == true { "   (from here on time is taken)" } else { "" };
        text.push_str(&format!("{}. {}{breaks}\n", place + 1, word(step, "text")));
    }
    for back in array(drill, "rollback") {
        text.push_str(&format!("back: {}\n", back.as_str().unwrap_or_default()));
    }
    for probe in array(drill, "probes") {
        text.push_str(&format!("probe: {}\n", word(probe, "name")));
    }
    for (name, expected) in drill["expect"].as_object().into_iter().flatten().filter(|(_, span)| !span.is_null()) {
        text.push_str(&format!("{}: {}\n", name.replace('_', " "), span(expected)));
    }
    for note in array(drill, "notes") {
        text.push_str(&format!("note: {}\n", note.as_str().unwrap_or_default()));
    }
    text.push_str("\nAt a table\n");
    text.push_str(&asked(array(drill, "questions")));
    plain(&text)
}

fn asked(questions: &[Value]) -> String {
    let line = |question: &Value| {
        let known = question["known"].as_str().map(|known| format!(" ({known})")).unwrap_or_default();
        format!("- {}{known}\n", word(question, "ask"))
    };
    questions.iter().map(line).collect()
}

/// A drill that is run.
struct Walk<'a> {
    server: &'a ServerChoice,
    id: i64,
    yes: bool,
}

impl Running {
    fn run(self) -> Outcome {
        let drill = get(&self.server, &format!("/api/v1/drills/{}", self.name), &[])?;
        output::print(&shown(&drill))?;
        let mode = if self.tabletop { "tabletop" } else { "probes" };
        let body = json!({"mode": mode, "service": self.service, "owner": self.owner});
        let state = post(&self.server, &format!("/api/v1/drills/{}/run", self.name), &body)?;
        let walk = Walk { server: &self.server, id: state["run"].as_i64().unwrap_or_default(), yes: self.yes };
        output::print(&format!("\nit begins, kept under {}\n", walk.id))?;
        let state = walk.walk(state)?;
        walk.end(&state)
    }
}

impl Walk<'_> {
    fn post(&self, what: &str, said: &str) -> Outcome<Value> {
        post(self.server, &format!("/api/v1/drill-runs/{}/{what}", self.id), &json!({"said": said}))
    }

    fn look(&self) -> Outcome<Value> {
        std::thread::sleep(LOOK);
        get(self.server, &format!("/api/v1/drill-runs/{}", self.id), &[])
    }

    /// What somebody says once it is done; nothing when nobody is there any more.
    fn said(&self) -> Outcome<Option<String>> {
        if self.yes {
            return Ok(Some(String::new()));
        }
        output::print("   done? say what came of it, and Enter: ")?;
        let mut line = String::new();
        let read = std::io::stdin().lock().read_line(&mut line)?;
        Ok(Some(line.trim().to_owned()).filter(|_| read > 0))
    }

    /// Through all steps, until it is over.
    fn walk(&self, mut state: Value) -> Outcome<Value> {
        let mut told = 0;
        loop {
            for change in array(&state, "states").iter().skip(told) {
                let holds = if change["holds"] == true { "all is well" } else { "not all is well" };
                output::print(&format!("   {} {holds}\n", word(change, "at")))?;
            }
            told = array(&state, "states").len();
            state = match word(&state, "phase") {
                "before" | "watching" => self.look()?,
                "steps" => {
                    let step = &state["step"];
                    let question = step["question"].as_str().map(|text| format!("\n   {text}")).unwrap_or_default();
                    let text = format!("{}/{} {}{question}\n", step["number"], step["of"], word(step, "text"));
                    output::print(&plain(&text))?;
                    match self.said()? {
                        Some(said) => self.post("did", &said)?,
                        None => {
                            output::complain("nobody answers: the drill is given up");
                            return Ok(state);
                        }
                    }
                }
                _ => return Ok(state),
            };
        }
    }

    /// Steps back, the evidence, and what it says.
    fn end(&self, state: &Value) -> Outcome {
        let refused = word(state, "phase") == "refused";
        for probe in array(state, "not_well") {
            let text = format!("   {}: {}\n", word(probe, "probe"), probe["looked"]);
            output::print(&plain(&text))?;
        }
        if !refused {
            let mut back = state["back"].clone();
            while let Some(step) = back.as_str() {
                output::print(&plain(&format!("back: {step}\n")))?;
                match self.said()? {
                    Some(said) => back = self.post("took_back", &said)?["back"].clone(),
                    None => break,
                }
            }
        }
        let answer = post(self.server, &format!("/api/v1/drill-runs/{}/finish", self.id), &json!({}))?;
        let mut text = String::from("\n");
        for mark in ["injected", "detected", "acknowledged", "recovered"] {
            let of = &answer[mark];
            if let Some(at) = of["at"].as_str() {
                let facts = array(of, "facts").iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
                let facts = if facts.is_empty() { "as probes saw".to_owned() } else { format!("by {facts}") };
                text.push_str(&format!("{mark:<12} {at}  {facts}\n"));
            }
        }
        for missing in array(&answer, "missing") {
            text.push_str(&format!("{}\n", missing.as_str().unwrap_or_default()));
        }
        for expected in array(&answer, "expected").iter().filter(|one| !one["met"].is_null()) {
            let met = if expected["met"] == true { "yes" } else { "no" };
            text.push_str(&format!("{met:<4} {}\n", word(expected, "text")));
        }
        text.push_str(&format!("{}\nkept as {}\n", word(&answer, "reason"), answer["evidence"]));
        output::print(&plain(&text))?;
        match word(&answer, "phase") {
            "over" => Ok(()),
            "refused" => Err(Failure { code: SAID_NO, error: anyhow!("not all is well: the drill did not begin") }),
            _ => Err(Failure { code: SAID_NO, error: anyhow!("the drill was given up") }),
        }
    }
}

/// Show what you should see first.
#[derive(Args)]
pub struct Home {
    #[command(flatten)]
    asking: Asking,
}

impl Home {
    /// Asks and prints.
    pub fn run(self) -> Outcome {
        let Asking { json, server } = &self.asking;
        let answer = get(server, "/api/v1/home", &[])?;
        let text = if *json { format!("{answer}\n") } else { home(&answer) };
        Ok(output::print(&text)?)
    }
}

/// A part of Home with its lines; nothing when there is none.
fn part(of: &Value, title: &str, line: impl Fn(&Value) -> String) -> String {
    let rows = array(of, "rows");
    let count = of["count"].as_u64().unwrap_or(0);
    if count == 0 {
        return String::new();
    }
    let mut text = format!("{title} ({count})\n");
    rows.iter().for_each(|row| text.push_str(&format!("  {}\n", line(row))));
    let more = count.saturating_sub(rows.len() as u64);
    if more > 0 {
        text.push_str(&format!("  and {more} more\n"));
    }
    text.push('\n');
    text
}

fn home(answer: &Value) -> String {
    let mut text = part(&answer["lockdowns"], "Lockdowns in force", |of| {
        let (names, owner) = (names(&of["controls"]), word(of, "owner"));
        let (until, id) = (word(of, "until"), &of["decision"]);
        format!("{names}: {} (by {owner}, until {until}); tandem answer {id} hurt \"because ...\"", word(of, "reason"))
    });
    text.push_str(&part(&answer["reviews"], "Lockdowns that wait for a review", |one| {
        let of = &one["lockdown"];
        let due = if one["overdue"] == true { ", overdue" } else { "" };
        format!(
            "{}: {} (by {}, until {}, review on {}{due}); tandem lockdown review {}",
            names(&one["waiting"]),
            word(of, "reason"),
            word(of, "owner"),
            day(&of["until"]),
            day(&of["review_at"]),
            of["decision"]
        )
    }));
    text.push_str(&part(&answer["incidents"], "Open incidents", |one| {
        let team = one["team"].as_str().unwrap_or("nobody owns it");
        format!("{} {} {} ({team}, since {})", one["id"], word(one, "level"), word(one, "title"), word(one, "opened"))
    }));
    text.push_str(&part(&answer["questions"], "Questions to your teams", |one| {
        format!("{} {} to {}: {}", one["id"], word(one, "say"), word(one, "owner"), word(one, "text"))
    }));
    text.push_str(&part(&answer["endings"], "What ends", |one| {
        let verb = if one["over"] == true { "ended" } else { "ends" };
        let owner = one["owner"].as_str().unwrap_or("nobody");
        let (kind, about) = (word(one, "kind"), word(one, "about"));
        let (why, how) = (word(one, "reason"), word(one, "answer_with"));
        format!("{} {kind} for {about} {verb} {}: {why} (by {owner}); {how}", one["id"], day(&one["until"]))
    }));
    let findings = &answer["findings"];
    let severities = findings["severities"].as_object().into_iter().flatten();
    let severities: Vec<String> = severities.map(|(name, count)| format!("{count} {name}")).collect();
    let of = if severities.is_empty() { String::new() } else { format!(": {}", severities.join(", ")) };
    text.push_str(&format!("Open findings ({}){of}\n\n", findings["count"]));
    text.push_str(&part(&answer["problems"], "Files of knowledge that cannot be used", |one| {
        one.as_str().unwrap_or_default().to_owned()
    }));
    text.push_str("Next steps that gain most\n");
    text.push_str(&levers(array(answer, "levers")));
    plain(&text)
}
