//! Commands about what runs, whose it is and what changed: import, change, changes, owner, suspects, inventory, dora.

use super::client::{Client, ServerChoice};
use crate::failure::{Outcome, wrong_use};
use crate::limits::MAX_FACTS_BYTES;
use crate::output::{self, table};
use crate::server::api::time;
use crate::server::state::now;
use anyhow::{Context as _, anyhow};
use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// Read documents of other tools.
#[derive(Args)]
pub struct Import {
    /// catalog, codeowners, cyclonedx, spdx, kubernetes, osquery, sarif, or auto to see for itself.
    format: String,
    /// The files; `-` reads from standard input.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// What a file is about when it does not say: repository:github.com/acme/shop, host:web-1.
    #[arg(long, value_name = "KIND:NAME", alias = "entity")]
    subject: Option<String>,
    /// sarif: tells it from other runs of the same tool, when it does not say so itself.
    #[arg(long, value_name = "NAME")]
    category: Option<String>,
    /// The Kubernetes cluster it comes from.
    #[arg(long, value_name = "NAME")]
    cluster: Option<String>,
    /// When it was so [default: now].
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// Who may see it.
    #[arg(long, value_name = "DATASET")]
    dataset: Option<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerChoice,
}

impl Import {
    /// Sends each file; one that is refused does not keep the others out, and is the exit code.
    pub fn run(self) -> Outcome {
        let client = self.server.client()?;
        let mut failed = None;
        for file in &self.files {
            if let Err(failure) = self.one(&client, file) {
                output::complain(&format!("error: {}", output::plain(&format!("{:#}", failure.error))));
                failed = Some(failure.code);
            }
        }
        match failed {
            None => Ok(()),
            Some(code) => Err(crate::failure::Failure { code, error: anyhow!("not everything was imported") }),
        }
    }

    fn one(&self, client: &Client, file: &Path) -> Outcome {
        let name = file.display().to_string();
        let bytes = document(file)?;
        if bytes.len() > MAX_FACTS_BYTES {
            // The server would hang up before all of it is sent, and could not say why.
            return Err(wrong_use(anyhow!("{name}: a document has at most {} MiB; split it", MAX_FACTS_BYTES >> 20)));
        }
        let log = self.format == "sarif" || self.format == "auto" && is_sarif(&name);
        let format = if log { "sarif" } else { self.format.as_str() };
        let known = if log { super::scan::sarif_query()? } else { Vec::new() };
        let mut query = vec![("name", name.as_str())];
        query.extend(known.iter().map(|(key, value)| (*key, value.as_str())));
        for (key, value) in [
            ("subject", &self.subject),
            ("cluster", &self.cluster),
            ("category", &self.category),
            ("at", &self.at),
            ("dataset", &self.dataset),
        ] {
            query.extend(value.as_deref().map(|value| (key, value)));
        }
        let mut body = client.send(&format!("/api/v1/import/{format}"), &query, &bytes)?;
        let answer: Value = serde_json::from_reader(body.as_reader()).context("the answer broke off")?;
        if self.json {
            return Ok(output::print(&format!("{answer}\n"))?);
        }
        let document = answer["document"].as_str().unwrap_or_default();
        let mut text = format!("{name}: {document}, {} facts, {} new\n", answer["facts"], answer["new"]);
        if log {
            text = format!("{name}:\n");
        }
        for run in answer["runs"].as_array().into_iter().flatten() {
            text.push_str(&format!("  {}\n", sarif_run(run)));
        }
        for note in answer["notes"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            text.push_str(&format!("  note: {note}\n"));
        }
        Ok(output::print(&output::plain(&text))?)
    }
}

/// Whether a file is a SARIF log, by its name.
fn is_sarif(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.ends_with(".sarif") || name.ends_with(".sarif.json")
}

/// What became of a tool's findings.
fn sarif_run(run: &Value) -> String {
    let word = |name: &str| run[name].as_str().unwrap_or_default();
    let category = if word("category").is_empty() { String::new() } else { format!(" ({})", word("category")) };
    let of = format!("{}{category} of {}: {} findings", word("tool"), word("entity"), run["found"]);
    if run["repeated"] == true {
        return format!("{of}, known already");
    }
    if run["late"] == true {
        return format!("{of}, older than what is known: kept beside it");
    }
    format!("{of}, {} new, {} back, {} fixed", run["new"], run["back"], run["fixed"])
}

/// The document in a file or from standard input; what is too large is not read to its end.
fn document(file: &Path) -> Outcome<Vec<u8>> {
    let mut bytes = Vec::new();
    let most = MAX_FACTS_BYTES as u64 + 1;
    if file == Path::new("-") {
        std::io::stdin().take(most).read_to_end(&mut bytes)?;
    } else {
        let read = std::fs::File::open(file).and_then(|opened| opened.take(most).read_to_end(&mut bytes));
        read.with_context(|| format!("cannot read {}", file.display())).map_err(wrong_use)?;
    }
    Ok(bytes)
}

/// Tell a change.
#[derive(Args)]
pub struct Change {
    #[command(subcommand)]
    command: ChangeCommand,
}

#[derive(Subcommand)]
enum ChangeCommand {
    /// Record a change that nothing else reports.
    #[command(
        after_help = "Example: tandem change record deployment service:checkout --version 1.4 --environment production"
    )]
    Record(Record),
}

#[derive(Args)]
struct Record {
    /// deployment, release, config, flag, infrastructure, incident, ...
    kind: String,
    /// What was altered: service:checkout.
    entity: String,
    /// The version that came.
    #[arg(long)]
    version: Option<String>,
    /// Where it took effect.
    #[arg(long)]
    environment: Option<String>,
    /// When [default: now].
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// Your own id of it: told twice, it is one change.
    #[arg(long)]
    key: Option<String>,
    /// Who may see it.
    #[arg(long, value_name = "DATASET")]
    dataset: Option<String>,
    /// More about it; may be given several times.
    #[arg(long = "attribute", value_name = "KEY=VALUE")]
    attributes: Vec<String>,
    #[command(flatten)]
    server: ServerChoice,
}

impl Change {
    /// Sends it.
    pub fn run(self) -> Outcome {
        let ChangeCommand::Record(record) = self.command;
        let mut attributes = Map::new();
        for pair in &record.attributes {
            let (key, value) = pair.split_once('=').ok_or_else(|| wrong_use(anyhow!("{pair:?} is no KEY=VALUE")))?;
            attributes.insert(key.to_owned(), serde_json::from_str(value).unwrap_or_else(|_| value.into()));
        }
        let change = json!({
            "kind": record.kind, "entity": record.entity, "version": record.version, "environment": record.environment,
            "at": record.at, "key": record.key, "dataset": record.dataset, "attributes": attributes,
        });
        let answer = post(&record.server, "/api/v1/changes", &change)?;
        Ok(output::print(if answer["new"] == 1 { "recorded\n" } else { "known already\n" })?)
    }
}

/// List changes.
#[derive(Args)]
pub struct Changes {
    /// Of this entity alone: service:checkout.
    entity: Option<String>,
    /// Not before this time, such as 2026-11-21T00:00:00Z or now-1h.
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Changes at most.
    #[arg(long, default_value_t = 50)]
    limit: u32,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerChoice,
}

impl Changes {
    /// Asks and prints, the newest first.
    pub fn run(self) -> Outcome {
        let mut conditions = vec!["true".to_owned()];
        if let Some(entity) = &self.entity {
            let (kind, name) =
                entity.split_once(':').ok_or_else(|| wrong_use(anyhow!("{entity:?} is no KIND:NAME")))?;
            let literal = |text: &str| format!("'{}'", text.replace('\'', "''"));
            conditions.push(format!("entity_kind = {} AND entity = {}", literal(kind), literal(name)));
        }
        if let Some(from) = &self.from {
            let from = time::parse(from, now()).map_err(|error| wrong_use(anyhow!(error.message)))?;
            conditions.push(format!("at >= to_timestamp_nanos({from})"));
        }
        let sql = format!(
            "SELECT at, kind, entity_kind || ':' || entity AS entity, version, environment, origin FROM changes \
             WHERE {} ORDER BY at DESC LIMIT {}",
            conditions.join(" AND "),
            self.limit
        );
        rows(&post(&self.server, "/api/v1/sql", &json!({"sql": sql}))?, self.json)
    }
}

/// Who owns something.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Owner {
    #[command(subcommand)]
    command: Option<OwnerCommand>,
    /// Of what: service:checkout; a name alone is a service.
    entity: Option<String>,
    /// When it was so [default: now].
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// As it was known then [default: now].
    #[arg(long, value_name = "TIME")]
    known: Option<String>,
    /// All owners since this time, with the hand-overs.
    #[arg(long, value_name = "TIME", conflicts_with = "known")]
    since: Option<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerChoice,
}

#[derive(Subcommand)]
enum OwnerCommand {
    /// Hand something over to a team.
    #[command(after_help = "Example: tandem owner set service:checkout payments --reason 'moved with the team'")]
    Set(SetOwner),
}

#[derive(Args)]
struct SetOwner {
    /// What: service:checkout.
    entity: String,
    /// To which team.
    team: String,
    /// Why.
    #[arg(long)]
    reason: String,
    /// Which layer of it, such as platform [default: the whole].
    #[arg(long)]
    layer: Option<String>,
    /// From when on [default: now].
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// Who may see it.
    #[arg(long, value_name = "DATASET")]
    dataset: Option<String>,
    #[command(flatten)]
    server: ServerChoice,
}

impl Owner {
    /// Asks, or hands over.
    pub fn run(self) -> Outcome {
        if let Some(OwnerCommand::Set(set)) = self.command {
            let body = json!({
                "entity": entity(&set.entity), "owner": set.team, "reason": set.reason, "at": set.at,
                "layer": set.layer.unwrap_or_default(), "dataset": set.dataset,
            });
            let answer = post(&set.server, "/api/v1/owners", &body)?;
            return Ok(output::print(&format!("decision {}\n", answer["decision"]))?);
        }
        let of = self.entity.ok_or_else(|| wrong_use(anyhow!("say of what, such as service:checkout")))?;
        let of = entity(&of);
        if let Some(since) = &self.since {
            let mut query = vec![("entity", of.as_str()), ("from", since.as_str())];
            query.extend(self.at.as_deref().map(|at| ("to", at)));
            let answer = get(&self.server, "/api/v1/owners/history", &query)?;
            if self.json {
                return Ok(output::print(&format!("{answer}\n"))?);
            }
            let intervals = answer["intervals"].as_array().cloned().unwrap_or_default();
            return list(&intervals, &["owner", "layer", "from", "until", "origin"]);
        }
        let mut query = vec![("entity", of.as_str())];
        query.extend(self.at.as_deref().map(|at| ("at", at)));
        query.extend(self.known.as_deref().map(|known| ("known", known)));
        let answer = get(&self.server, "/api/v1/owners", &query)?;
        if self.json {
            return Ok(output::print(&format!("{answer}\n"))?);
        }
        let owners = answer["owners"].as_array().cloned().unwrap_or_default();
        if owners.is_empty() {
            return Ok(output::print(&format!("nobody owns {of}: `tandem owner set` hands it over\n"))?);
        }
        list(&owners, &["owner", "layer", "since", "reason"])
    }
}

/// Which changes may be to blame.
#[derive(Args)]
pub struct Suspects {
    /// What broke: service:checkout; a name alone is a service.
    entity: String,
    /// When [default: now].
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerChoice,
}

impl Suspects {
    /// Asks and prints, the likeliest first.
    pub fn run(self) -> Outcome {
        let of = entity(&self.entity);
        let mut query = vec![("entity", of.as_str())];
        query.extend(self.at.as_deref().map(|at| ("at", at)));
        let mut answer = get(&self.server, "/api/v1/suspects", &query)?;
        if self.json {
            return Ok(output::print(&format!("{answer}\n"))?);
        }
        let mut suspects = answer["suspects"].as_array_mut().map(std::mem::take).unwrap_or_default();
        for suspect in &mut suspects {
            suspect["score"] = format!("{:.2}", suspect["score"].as_f64().unwrap_or_default()).into();
            let reasons = suspect["reasons"].as_array().into_iter().flatten().filter_map(Value::as_str);
            suspect["reasons"] = reasons.collect::<Vec<_>>().join("; ").into();
        }
        list(&suspects, &["score", "at", "kind", "entity", "version", "reasons"])
    }
}

/// Columns of reports that say what a row is about, and come first.
const FIRST: [&str; 14] = [
    "at", "entity", "kind", "name", "service", "image", "external", "socket", "host", "layer", "owner", "owned_by",
    "bytes", "relation",
];

/// Reports about what runs.
#[derive(Args)]
pub struct Inventory {
    /// running, parts, orphans, silent, unread, coverage, external, images, sockets, surface, growth, engineers, layers, clocks.
    #[arg(default_value = "running")]
    report: String,
    /// When it was so [default: now].
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// As it was known then [default: now].
    #[arg(long, value_name = "TIME")]
    known: Option<String>,
    /// running and orphans: of this kind alone, such as service.
    #[arg(long)]
    kind: Option<String>,
    /// parts: of what, such as host:web-1.
    #[arg(long, value_name = "KIND:NAME")]
    of: Option<String>,
    /// unread, surface, growth: over so many days [default: 30].
    #[arg(long)]
    days: Option<u32>,
    /// engineers: how many security engineers there are.
    #[arg(long)]
    engineers: Option<u32>,
    /// sockets: also those that only the machine itself reaches.
    #[arg(long)]
    all: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerChoice,
}

impl Inventory {
    /// Asks and prints the rows.
    pub fn run(self) -> Outcome {
        let number = |number: Option<u32>| number.map(|number| number.to_string());
        let all = self.all.then(|| "true".to_owned());
        let parameters = [
            ("at", self.at),
            ("known", self.known),
            ("kind", self.kind),
            ("of", self.of),
            ("days", number(self.days)),
            ("engineers", number(self.engineers)),
            ("all", all),
        ];
        let query: Vec<(&str, &str)> =
            parameters.iter().filter_map(|(name, value)| Some((*name, value.as_deref()?))).collect();
        let answer = get(&self.server, &format!("/api/v1/inventory/{}", self.report), &query)?;
        if self.json {
            return Ok(output::print(&format!("{answer}\n"))?);
        }
        let rows = answer["rows"].as_array().cloned().unwrap_or_default();
        if !rows.is_empty() {
            let mut columns: Vec<String> =
                rows[0].as_object().into_iter().flat_map(|row| row.keys()).cloned().collect();
            columns.retain(|name| name != "attributes");
            columns.sort_by_key(|name| FIRST.iter().position(|first| first == name).unwrap_or(FIRST.len()));
            list(&rows, &columns.iter().map(String::as_str).collect::<Vec<_>>())?;
        }
        let mut last = format!("{} {}\n", answer["count"], self.report);
        for (name, value) in answer["totals"].as_object().into_iter().flatten() {
            // Whole numbers come as such.
            let whole = value.as_f64().filter(|number| number.fract() == 0.0);
            let value = whole.map_or_else(|| value.to_string(), |number| format!("{number:.0}"));
            last.push_str(&format!("  {name}: {value}\n"));
        }
        for read in answer["read_by_rules"].as_array().into_iter().flatten() {
            let word = |name: &str| read[name].as_str().unwrap_or("").to_owned();
            let rules: Vec<&str> = read["rules"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            let more = read["count"].as_u64().unwrap_or(0).saturating_sub(rules.len() as u64);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let line = format!("{}/{}: {}{more}", word("dataset"), word("service"), rules.join(", "));
            last.push_str(&format!("  read by rules alone: {}\n", output::plain(&line)));
        }
        if answer["truncated"] == true {
            output::complain("these are only the first rows; --json has the same, SQL on the tables has all");
        }
        Ok(output::print(&last)?)
    }
}

/// How well services are delivered.
#[derive(Args)]
pub struct Dora {
    /// One service alone.
    #[arg(long)]
    service: Option<String>,
    /// One team alone: its services together.
    #[arg(long)]
    team: Option<String>,
    /// Months up to the current one.
    #[arg(long, default_value_t = 6)]
    months: u32,
    /// The end [default: now].
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// Environments that are production, separated by commas [default: production,prod,live].
    #[arg(long)]
    production: Option<String>,
    /// Print JSON, with the ids of the events that each number comes from.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerChoice,
}

/// The columns of the measures, with their heads.
const MEASURES: [(&str, &str); 11] = [
    ("deployment_frequency", "deploys/day"),
    ("lead_time_p50", "lead p50"),
    ("lead_time_p90", "lead p90"),
    ("change_fail_rate", "failed"),
    ("failed_deployment_recovery_time", "recovery"),
    ("rework_rate", "rework"),
    ("security_feedback_p50", "feedback p50"),
    ("security_feedback_p90", "feedback p90"),
    ("fix_time_p50", "fix p50"),
    ("fix_time_p90", "fix p90"),
    ("escape_rate", "escaped"),
];

impl Dora {
    /// Asks and prints a line for each service or team and month.
    pub fn run(self) -> Outcome {
        let months = self.months.to_string();
        let mut query = vec![("months", months.as_str())];
        for (name, value) in
            [("service", &self.service), ("team", &self.team), ("until", &self.until), ("production", &self.production)]
        {
            query.extend(value.as_deref().map(|value| (name, value)));
        }
        let answer = get(&self.server, "/api/v1/dora", &query)?;
        if self.json {
            return Ok(output::print(&format!("{answer}\n"))?);
        }
        let part = if self.team.is_some() { "teams" } else { "services" };
        let mut names = vec![part.trim_end_matches('s').to_owned(), "month".to_owned()];
        names.extend(MEASURES.iter().map(|(_, head)| (*head).to_owned()));
        let mut rows: Vec<Vec<Value>> = Vec::new();
        for (name, months) in answer[part].as_object().into_iter().flatten() {
            for month in months.as_array().into_iter().flatten() {
                let mut row = vec![name.clone().into(), month["month"].clone()];
                row.extend(MEASURES.iter().map(|(measure, _)| measured(&month[*measure]).into()));
                rows.push(row);
            }
        }
        if rows.is_empty() {
            return Ok(output::print("no service was deployed: tell it with `tandem change record` or a webhook\n")?);
        }
        Ok(output::print(&table::render(&names, rows.iter()))?)
    }
}

/// A measure as people read it; `-` where there is no data, which is not the same as 0.
fn measured(measure: &Value) -> String {
    let Some(value) = measure["value"].as_f64() else { return "-".to_owned() };
    match measure["unit"].as_str() {
        Some("seconds" | "s") => match value {
            ..120.0 => format!("{value:.0} s"),
            ..7_200.0 => format!("{:.0} min", value / 60.0),
            ..172_800.0 => format!("{:.1} h", value / 3_600.0),
            _ => format!("{:.1} d", value / 86_400.0),
        },
        Some("share" | "ratio" | "1") => format!("{:.0} %", value * 100.0),
        _ => format!("{value:.2}"),
    }
}

/// An entity; a name alone is a service.
fn entity(text: &str) -> String {
    if text.contains(':') { text.to_owned() } else { format!("service:{text}") }
}

/// Posts and reads the whole answer.
pub fn post(server: &ServerChoice, path: &str, body: &Value) -> Outcome<Value> {
    let mut body = server.client()?.post(path, body)?;
    Ok(serde_json::from_reader(body.as_reader()).context("the answer broke off")?)
}

/// Gets and reads the whole answer.
pub fn get(server: &ServerChoice, path: &str, query: &[(&str, &str)]) -> Outcome<Value> {
    let mut body = server.client()?.get(path, query)?;
    Ok(serde_json::from_reader(body.as_reader()).context("the answer broke off")?)
}

/// Prints objects as a table.
pub fn list(objects: &[Value], columns: &[&str]) -> Outcome {
    let names: Vec<String> = columns.iter().map(|name| (*name).to_owned()).collect();
    let rows: Vec<Vec<Value>> =
        objects.iter().map(|object| columns.iter().map(|name| object[*name].clone()).collect()).collect();
    Ok(output::print(&table::render(&names, rows.iter()))?)
}

/// Prints an answer of SQL.
fn rows(answer: &Value, json: bool) -> Outcome {
    if json {
        return Ok(output::print(&format!("{answer}\n"))?);
    }
    let none = Vec::new();
    let name = |column: &Value| column["name"].as_str().unwrap_or_default().to_owned();
    let columns: Vec<String> = answer["columns"].as_array().unwrap_or(&none).iter().map(name).collect();
    let rows = answer["rows"].as_array().unwrap_or(&none).iter().filter_map(Value::as_array);
    Ok(output::print(&table::render(&columns, rows))?)
}
