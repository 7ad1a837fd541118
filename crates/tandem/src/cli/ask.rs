//! `tandem search`, `tandem sql`, `tandem tail`: questions to a running server.

use super::broken_off;
use super::client::{self, ServerChoice};
use crate::failure::{Failure, Outcome, WRONG_USE};
use crate::output::{self, progress::Progress, table};
use anyhow::Context as _;
use clap::Args;
use serde_json::{Value, json};
use std::io::Read as _;

/// Search events.
#[derive(Args)]
pub struct Search {
    /// What to look for; everything when left out.
    query: Vec<String>,
    /// logs, spans or metrics.
    #[arg(long, default_value = "logs")]
    table: String,
    /// Not before: RFC 3339, now-15m, or a number since 1970.
    #[arg(long, allow_hyphen_values = true)]
    from: Option<String>,
    /// Before this time.
    #[arg(long, allow_hyphen_values = true)]
    to: Option<String>,
    /// Rows at most; 100 when nothing is said, and all steps of a `rate`.
    #[arg(long, short = 'n')]
    limit: Option<usize>,
    /// Print one JSON object a line.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerChoice,
}

impl Search {
    /// Asks and prints.
    pub fn run(self) -> Outcome {
        let parameters = json!({
            "query": self.query.join(" "), "table": self.table, "from": self.from, "to": self.to,
            "limit": self.limit, "histogram": 0,
        });
        let mut wait = Some(Progress::start("searching"));
        let body = self.server.client()?.post("/api/v1/search", &parameters)?;
        let (mut columns, mut rows, mut count) = (None, Vec::new(), 0);
        let (mut done, mut truncated) = (false, false);
        for line in client::lines(body) {
            let line: Value = serde_json::from_str(&line?).context("the server answered something that is not JSON")?;
            if let Some(names) = line["columns"].as_array() {
                let name = |column: &Value| column["name"].as_str().unwrap_or_default().to_owned();
                columns = Some(names.iter().map(name).collect::<Vec<_>>());
            } else if let Some(row) = line.get("row") {
                drop(wait.take());
                count += 1;
                match &columns {
                    _ if self.json => output::print(&format!("{row}\n"))?,
                    Some(names) => rows.push(names.iter().map(|name| row[name].clone()).collect()),
                    None => output::print(&format!("{}\n", event(&self.table, row)))?,
                }
            } else if let Some(error) = line.get("error") {
                return Err(client::error(error).into());
            }
            done |= line.get("done").is_some();
            truncated |= line["done"]["truncated"] == true;
        }
        drop(wait);
        if let Some(columns) = columns.filter(|_| !self.json) {
            output::print(&table::render(&columns, &rows))?;
        } else if count == 0 {
            output::complain("nothing found");
        }
        if truncated {
            output::complain(&cut(&json!(count)));
        }
        if done { Ok(()) } else { Err(broken_off("the answer broke off: the server stopped")) }
    }
}

/// Run SQL.
#[derive(Args)]
pub struct Sql {
    /// The statement, or `-` to read it from the input.
    sql: String,
    /// Print the answer as JSON.
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// Print the answer as CSV.
    #[arg(long)]
    csv: bool,
    #[command(flatten)]
    server: ServerChoice,
}

impl Sql {
    /// Asks and prints.
    pub fn run(self) -> Outcome {
        let mut sql = self.sql;
        if sql == "-" {
            sql.clear();
            std::io::stdin().read_to_string(&mut sql).context("cannot read the statement from the input")?;
        }
        let format = if self.csv { "csv" } else { "json" };
        let wait = Progress::start("running");
        let mut body = self.server.client()?.post("/api/v1/sql", &json!({"sql": sql, "format": format}))?;
        let mut text = Vec::new();
        body.as_reader().read_to_end(&mut text).context("the answer broke off")?;
        drop(wait);
        if self.csv {
            return Ok(output::write(&text)?);
        }
        let answer: Value = serde_json::from_slice(&text).context("the answer broke off")?;
        if let Some(error) = answer.get("error").filter(|error| !error.is_null()) {
            return Err(Failure { code: WRONG_USE, error: client::error(error) });
        }
        if answer["truncated"] == true {
            output::complain(&cut(&answer["row_count"]));
        }
        if self.json {
            return Ok(output::print(&format!("{answer}\n"))?);
        }
        let none = Vec::new();
        let name = |column: &Value| column["name"].as_str().unwrap_or_default().to_owned();
        let columns: Vec<String> = answer["columns"].as_array().unwrap_or(&none).iter().map(name).collect();
        let rows = answer["rows"].as_array().unwrap_or(&none).iter().filter_map(Value::as_array);
        Ok(output::print(&table::render(&columns, rows))?)
    }
}

/// What people are told of an answer that a limit cut.
fn cut(rows: &Value) -> String {
    format!("these are only the first {rows} rows, there are more")
}

/// Follow events.
#[derive(Args)]
pub struct Tail {
    /// What to look for; everything when left out.
    query: Vec<String>,
    /// logs, spans or metrics.
    #[arg(long, default_value = "logs")]
    table: String,
    /// Print one JSON object a line.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerChoice,
}

impl Tail {
    /// Prints until it is interrupted or the server stops.
    pub fn run(self) -> Outcome {
        let query = self.query.join(" ");
        let body = self.server.client()?.get("/api/v1/tail", &[("query", &query), ("table", &self.table)])?;
        let mut kind = String::new();
        for line in client::lines(body) {
            let line = line?;
            if let Some(name) = line.strip_prefix("event:") {
                name.trim().clone_into(&mut kind);
            } else if let Some(data) = line.strip_prefix("data:") {
                let data: Value = serde_json::from_str(data.trim()).unwrap_or(Value::Null);
                match kind.as_str() {
                    "dropped" => output::complain(&format!("some events were not shown: {data}")),
                    _ if self.json => output::print(&format!("{data}\n"))?,
                    _ => output::print(&format!("{}\n", event(&self.table, &data)))?,
                }
            }
        }
        Err(broken_off("the server stopped"))
    }
}

/// One line for an event: time, severity, service, text.
fn event(kind: &str, row: &Value) -> String {
    let text = |name: &str| table::text(&row[name]);
    let time = text("timestamp");
    // Milliseconds are enough for eyes; --json has all of it.
    let time = time.get(..23).map_or_else(|| time.clone(), |time| format!("{time}Z"));
    let service = if row["service_name"].is_null() { "-".to_owned() } else { text("service_name") };
    let rest = match kind {
        "spans" => {
            let took = row["duration_ns"].as_f64().unwrap_or(0.0) / 1e6;
            format!("{took:>10.3} ms {service} {} {}", text("name"), text("status_code"))
        }
        "metrics" => format!("{service} {} {}", text("name"), text("value")),
        _ => {
            let severity = text("severity_text");
            let body = if row["body"].is_null() { text("event_name") } else { text("body") };
            let (on, off) = match row["severity_number"].as_i64() {
                Some(17..) if output::colours() => ("\x1b[31m", "\x1b[0m"),
                Some(13..=16) if output::colours() => ("\x1b[33m", "\x1b[0m"),
                _ => ("", ""),
            };
            format!("{on}{severity:<5}{off} {service} {body}")
        }
    };
    format!("{time} {rest}")
}
