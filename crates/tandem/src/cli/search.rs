//! `tandem search`.

use super::{FINE, INCOMPLETE};
use crate::client::{self, ServerChoice};
use crate::output::{self, table};
use anyhow::Result;
use clap::Args;
use serde_json::{Value, json};

/// Shown under the help.
pub const EXAMPLES: &str = "Examples:
  tandem search 'timeout service:api'
  tandem search 'level:error | count by service' --from now-1h
  tandem search 'duration>500ms' --table spans --json";

/// Search events.
#[derive(Args)]
pub struct Search {
    /// What to look for; everything when left out.
    #[arg(default_value = "", hide_default_value = true)]
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
    /// Rows at most.
    #[arg(long, short = 'n', default_value_t = 100)]
    limit: usize,
    /// Print one JSON object a line.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerChoice,
}

impl Search {
    /// Asks and prints.
    pub fn run(self) -> Result<u8> {
        let client = self.server.client()?;
        let parameters = json!({
            "query": self.query.join(" "), "table": self.table, "from": self.from, "to": self.to,
            "limit": self.limit, "histogram": 0,
        });
        let wait = output::progress::spinner("searching");
        let body = client.post("/api/v1/search", &parameters)?;
        let mut printer = Printer::new(&self.table, self.json);
        let mut done = false;
        for line in client::lines(body) {
            let line = line?;
            if let Some(columns) = line["columns"].as_array() {
                printer.columns = columns.iter().filter_map(|column| column["name"].as_str().map(str::to_owned)).collect();
            } else if !line["row"].is_null() {
                wait.finish();
                printer.row(&line["row"])?;
            } else if !line["error"].is_null() {
                wait.finish();
                printer.end();
                return Err(client::error(&line["error"]));
            }
            done |= !line["done"].is_null();
        }
        wait.finish();
        printer.end();
        if !done {
            output::note("the answer broke off: the server stopped");
        }
        Ok(if done { FINE } else { INCOMPLETE })
    }
}

/// Prints rows: JSON as they come; lines of events as they come; tables of results at the end.
pub struct Printer {
    table: String,
    json: bool,
    columns: Vec<String>,
    rows: Vec<Value>,
    count: usize,
}

impl Printer {
    /// A printer of this table's rows.
    pub fn new(table: &str, json: bool) -> Self {
        Self { table: table.to_owned(), json, columns: Vec::new(), rows: Vec::new(), count: 0 }
    }

    /// Prints or keeps a row.
    pub fn row(&mut self, row: &Value) -> Result<()> {
        self.count += 1;
        if self.json {
            output::print(&row.to_string())?;
        } else if self.columns.is_empty() {
            output::print(&event(&self.table, row, output::colours(&std::io::stdout())))?;
        } else {
            self.rows.push(row.clone());
        }
        Ok(())
    }

    /// Prints what was kept.
    pub fn end(&self) {
        if self.json {
            return;
        }
        if self.count == 0 {
            output::note("nothing found");
        } else if !self.columns.is_empty() {
            let names: Vec<&str> = self.columns.iter().map(String::as_str).collect();
            let mut out = table::new(&names);
            for row in &self.rows {
                out.add_row(names.iter().map(|name| table::text(&row[*name])));
            }
            output::line(&out.to_string());
        }
    }
}

/// One line for an event: time, severity, service, text.
pub fn event(kind: &str, row: &Value, colours: bool) -> String {
    let text = |name: &str| table::text(&row[name]);
    let time = text("timestamp");
    // Milliseconds are enough for eyes; --json has all of it.
    let time = time.get(..23).map_or(time.clone(), |time| format!("{time}Z"));
    let service = if row["service_name"].is_null() { "-".to_owned() } else { text("service_name") };
    let rest = match kind {
        "spans" => {
            let took = row["duration_ns"].as_f64().unwrap_or(0.0) / 1e6;
            format!("{took:>10.3} ms {service} {} {}", text("name"), text("status_code"))
        }
        "metrics" => format!("{service} {} {}", text("name"), text("value")),
        _ => {
            let severity = text("severity_text");
            let (on, off) = if colours { (colour(row["severity_number"].as_i64()), "\x1b[0m") } else { ("", "") };
            let body = if row["body"].is_null() { text("event_name") } else { text("body") };
            format!("{on}{severity:<5}{off} {service} {body}")
        }
    };
    format!("{time} {rest}")
}

fn colour(severity: Option<i64>) -> &'static str {
    match severity {
        Some(17..) => "\x1b[31m",
        Some(13..=16) => "\x1b[33m",
        Some(9..=12) => "\x1b[32m",
        _ => "\x1b[2m",
    }
}
