//! `tandem sql`.

use super::{FINE, INCOMPLETE};
use crate::client::{self, ServerChoice};
use crate::output::{self, table};
use anyhow::{Context as _, Result};
use clap::Args;
use serde_json::{Value, json};
use std::io::Read as _;

/// Shown under the help.
pub const EXAMPLES: &str = "Examples:
  tandem sql 'SELECT count(*) FROM logs'
  tandem sql \"SELECT attributes['http.route'] AS route, count(*) FROM logs GROUP BY route\" --json
  tandem sql --csv - < report.sql";

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
    /// Rows at most.
    #[arg(long, short = 'n')]
    limit: Option<usize>,
    #[command(flatten)]
    server: ServerChoice,
}

impl Sql {
    /// Asks and prints.
    pub fn run(self) -> Result<u8> {
        let client = self.server.client()?;
        let sql = if self.sql == "-" {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text).context("cannot read the statement from the input")?;
            text
        } else {
            self.sql
        };
        let format = if self.csv { "csv" } else { "json" };
        let wait = output::progress::spinner("running");
        let mut body = client.post("/api/v1/sql", &json!({"sql": sql, "format": format, "limit": self.limit}))?;
        if self.csv {
            wait.finish();
            let copied = std::io::copy(&mut body.into_reader(), &mut std::io::stdout().lock());
            copied.context("the answer broke off")?;
            return Ok(FINE);
        }
        let answer: Value = serde_json::from_reader(body.as_reader()).context("the answer broke off")?;
        wait.finish();
        if self.json {
            output::json(&answer)?;
        } else {
            print(&answer);
        }
        if answer["error"].is_null() {
            return Ok(FINE);
        }
        output::error(&client::error(&answer["error"]));
        Ok(INCOMPLETE)
    }
}

fn print(answer: &Value) {
    let none = Vec::new();
    let columns = answer["columns"].as_array().unwrap_or(&none);
    let names: Vec<&str> = columns.iter().filter_map(|column| column["name"].as_str()).collect();
    let mut out = table::new(&names);
    for row in answer["rows"].as_array().unwrap_or(&none) {
        out.add_row(row.as_array().unwrap_or(&none).iter().map(table::text));
    }
    output::line(&out.to_string());
}
