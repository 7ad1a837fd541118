//! Commands on a data folder: doctor, backup, restore, erase.

use super::client::ServerChoice;
use super::{ServerArgs, block_on};
use crate::config::paths::{self, default_data_dir};
use crate::failure::{Failure, INCOMPLETE, Outcome, wrong_use};
use crate::output::{self, progress::Progress};
use crate::server::api::backup;
use crate::server::serverfile::ServerFile;
use anyhow::{Context as _, anyhow};
use clap::Args;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Check a data folder.
#[derive(Args)]
pub struct Doctor {
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// The folder [default: the usual one].
    #[arg(long, env = "TANDEM_DATA_DIR", value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// PostgreSQL that keeps the ledger [default: a file in the folder].
    #[arg(long, env = "TANDEM_LEDGER", value_name = "URL", hide_env_values = true)]
    ledger: Option<String>,
}

/// The ledger of a data folder.
fn ledger_of(data_dir: &Path, url: Option<&str>) -> Outcome<ledger::Config> {
    paths::ledger(data_dir, url).map_err(wrong_use)
}

/// What is wrong with the ledger, in the words of the doctor.
async fn ledger_findings(config: ledger::Config) -> Vec<store::Finding> {
    let finding = |message: String| store::Finding {
        severity: "error",
        message: format!("ledger: {message}"),
        remedy: "restore the ledger of the last backup; `tandem audit verify` says more".to_owned(),
    };
    match ledger::check(config).await {
        Ok(problems) if problems.is_empty() => {
            let message = "the ledger and its audit trail are whole".to_owned();
            vec![store::Finding { severity: "ok", message, remedy: String::new() }]
        }
        Ok(problems) => problems.into_iter().map(finding).collect(),
        Err(error) => vec![finding(error.to_string())],
    }
}

impl Doctor {
    /// Checks and prints; an error found is exit code 1.
    pub fn run(self) -> Outcome {
        let data_dir = self.data_dir.map_or_else(default_data_dir, Ok).map_err(wrong_use)?;
        let wait = Progress::start("checking");
        let config = ledger_of(&data_dir, self.ledger.as_deref())?;
        let found = block_on(async {
            let mut found = store::check(&data_dir).await?;
            found.extend(ledger_findings(config).await);
            Ok(found)
        })?;
        drop(wait);
        if self.json {
            output::print(&format!("{}\n", serde_json::to_string(&found).context("cannot print the findings")?))?;
        } else {
            for finding in &found {
                output::print(&format!("{:<8} {}\n", finding.severity, output::plain(&finding.message)))?;
                if !finding.remedy.is_empty() {
                    output::print(&format!("         -> {}\n", finding.remedy))?;
                }
            }
        }
        if found.iter().any(|finding| finding.severity == "error") {
            return Err(Failure { code: 1, error: anyhow!("{} needs attention", data_dir.display()) });
        }
        Ok(())
    }
}

/// Copy everything.
#[derive(Args)]
pub struct Backup {
    /// An empty or new folder on the server's machine.
    target: PathBuf,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// PostgreSQL that keeps the ledger, when no server runs that knows it.
    #[arg(long, env = "TANDEM_LEDGER", value_name = "URL", hide_env_values = true)]
    ledger: Option<String>,
    #[command(flatten)]
    server: ServerChoice,
}

impl Backup {
    /// Asks the running server, or opens the folder when none runs.
    pub fn run(self) -> Outcome {
        let target = std::path::absolute(&self.target)?;
        let data_dir = self.server.data_dir()?;
        let wait = Progress::start("copying");
        let report: Value = if self.server.has_url() || running(&data_dir) {
            let mut body = self.server.owner()?.post("/api/v1/backup", &json!({"target": target}))?;
            serde_json::from_reader(body.as_reader()).context("the answer broke off")?
        } else {
            if !data_dir.join("format").is_file() {
                return Err(wrong_use(anyhow!("{} is no data folder: name it with --data-dir", data_dir.display())));
            }
            block_on(async {
                let mut config = store::Config::new(&data_dir);
                config.retention = None;
                let store = store::Store::open(config).await.map_err(wrong_use)?;
                let ledger = ledger::Ledger::open(ledger_of(&data_dir, self.ledger.as_deref())?).await;
                let report = match ledger {
                    Ok(ledger) => backup::both(&store, &ledger, &target).await,
                    Err(error) => Err(error.into()),
                };
                store.close().await?;
                Ok(serde_json::to_value(report?).context("what was copied cannot be told")?)
            })?
        };
        drop(wait);
        print(&report, self.json, &format!("backed up to {}", target.display()))
    }
}

/// Whether a live server holds the folder.
fn running(data_dir: &Path) -> bool {
    ServerFile::read(data_dir).is_ok_and(|file| Path::new(&format!("/proc/{}", file.pid)).exists())
}

/// Put a backup back.
#[derive(Args)]
pub struct Restore {
    /// The folder of the backup.
    backup: PathBuf,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// An empty or new data folder [default: the usual one].
    #[arg(long, env = "TANDEM_DATA_DIR", value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// An empty PostgreSQL database for the ledger [default: a file in the data folder].
    #[arg(long, env = "TANDEM_LEDGER", value_name = "URL", hide_env_values = true)]
    ledger: Option<String>,
}

impl Restore {
    /// Copies and checks every byte.
    pub fn run(self) -> Outcome {
        let data_dir = self.data_dir.map_or_else(default_data_dir, Ok).map_err(wrong_use)?;
        let wait = Progress::start("restoring");
        let config = ledger_of(&data_dir, self.ledger.as_deref())?;
        let report = block_on(async {
            let copied = store::restore(&self.backup, &data_dir).await?;
            let mut report = serde_json::to_value(copied).context("cannot print the report")?;
            let folder = self.backup.join(store::LEDGER);
            let (ledger, read) = ledger::Ledger::restore(config, &folder).await?;
            let detail = json!({"rows": read.rows, "from": self.backup.display().to_string()}).to_string();
            let now = crate::server::state::now();
            let written = ledger.audit("restore", OWNER, "ledger", &detail, now).await;
            ledger.close().await;
            written.map_err(anyhow::Error::from)?;
            report["ledger_rows"] = read.rows.into();
            Ok(report)
        })?;
        drop(wait);
        print(&report, self.json, &format!("restored into {}; `tandem up` starts on it", data_dir.display()))
    }
}

/// Whoever may write in the data folder.
const OWNER: ledger::Person<'_> = ledger::Person("owner of the server");

/// Remove events.
#[derive(Args)]
pub struct Erase {
    /// Which events, in the search language.
    #[arg(required_unless_present = "person")]
    query: Option<String>,
    /// The name of a person, in facts, decisions and the audit trail; what was done stays, by nobody's name.
    #[arg(long, conflicts_with = "query", value_name = "NAME")]
    person: Option<String>,
    /// In this table alone: logs, spans or metrics.
    #[arg(long)]
    table: Option<String>,
    /// Do it. Without this, nothing is changed.
    #[arg(long)]
    yes: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerArgs,
}

impl Erase {
    /// Erases and records that it did.
    pub fn run(self) -> Outcome {
        if let Some(person) = &self.person {
            return self.forget(person);
        }
        let text = self.query.as_deref().unwrap_or_default();
        let query =
            query::parse(text).map_err(|error| wrong_use(anyhow!("the query is wrong:\n{}", error.render(text))))?;
        if !query.pipes.is_empty() || query.filter == query::Expr::All {
            return Err(wrong_use(anyhow!(
                "erase takes a condition without pipes, and not one that matches everything"
            )));
        }
        let table =
            match self.table.as_deref() {
                None => None,
                Some(name) => Some(model::Table::from_name(name).ok_or_else(|| {
                    wrong_use(anyhow!("there is no table {name:?}; tables are logs, spans and metrics"))
                })?),
            };
        self.sure()?;
        let settings = self.server.options()?.settle().map_err(wrong_use)?;
        let (mut config, kept) = (settings.store, settings.ledger);
        config.retention = None;
        let wait = Progress::start("erasing");
        let report = block_on(async {
            let now = crate::server::state::now();
            let ledger = ledger::Ledger::open(kept).await.map_err(anyhow::Error::from)?;
            let copied = ledger.copied_events().await.map_err(anyhow::Error::from)?;
            let erased = store::erase(config, table, &query.filter, copied, now).await;
            let erased = erased.map_err(|error| match error.downcast::<store::OpenError>() {
                Ok(error) => wrong_use(error),
                Err(error) => error.into(),
            })?;
            // Not what was looked for: that is what had to go.
            let detail = serde_json::to_string(&erased).context("cannot write the report")?;
            let written = ledger.audit("erasure", OWNER, "events", &detail, now).await;
            written.map_err(anyhow::Error::from)?;
            let copies = ledger.erase_copies(|event| is_unwanted(event, &erased, &query.filter, now), OWNER, now).await;
            ledger.close().await;
            Ok((erased, copies.map_err(anyhow::Error::from)?))
        })?;
        drop(wait);
        let (report, copies) = report;
        let mut report = serde_json::to_value(report).context("cannot print the report")?;
        report["alert_copies"] = copies.events.into();
        print(&report, self.json, "erased")
    }
}

/// Whether the copy of an event has to go: the event went, or it is no longer there and its copy says what was looked for.
fn is_unwanted(event: &model::CitedEvent, erased: &store::EraseReport, query: &query::Expr, now: i64) -> bool {
    if event.event_id.is_some_and(|id| erased.watched.contains(&id)) {
        return true;
    }
    let Ok(line) = serde_json::to_vec(&event.fields) else { return true };
    let context = model::Context::new(model::DEFAULT_DATASET, "alert", now);
    let (mapping, redactor) = (receive::json_lines::Mapping::default(), receive::Redactor::none());
    let Ok(decoded) = receive::json_lines::decode(&line, &mapping, &context, &redactor) else { return true };
    decoded.batches.iter().any(|batch| {
        let filter = query::Filter::compile(query, batch.table, now);
        filter.is_ok_and(|filter| filter.matches(&batch.rows).true_count() > 0)
    })
}

impl Erase {
    fn sure(&self) -> Outcome {
        if self.yes {
            return Ok(());
        }
        let text = "nothing was changed: this removes it for good; say --yes to do it";
        Err(Failure { code: INCOMPLETE, error: anyhow!(text) })
    }

    /// Removes a name from the ledger.
    fn forget(&self, person: &str) -> Outcome {
        self.sure()?;
        let config = self.server.options()?.settle().map_err(wrong_use)?.ledger;
        block_on(async {
            let ledger = ledger::Ledger::open(config).await.map_err(anyhow::Error::from)?;
            let forgotten = ledger.forget(person, OWNER, crate::server::state::now()).await;
            ledger.close().await;
            forgotten.map_err(wrong_use)
        })?;
        print(&json!({"persons": 1}), self.json, "erased")
    }
}

fn print(report: &Value, json: bool, headline: &str) -> Outcome {
    if json {
        return Ok(output::print(&format!("{report}\n"))?);
    }
    let mut text = format!("{headline}\n");
    for (name, value) in report.as_object().into_iter().flatten() {
        text.push_str(&format!("  {name}: {value}\n"));
    }
    Ok(output::print(&text)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_goes_with_its_event_or_by_what_it_says() {
        let now = 1_795_219_200_000_000_000;
        let query = query::parse("user.email:\"a@example.org\"").unwrap().filter;
        let mut erased = store::EraseReport::default();
        erased.watched.insert(7);
        let copy = |id: Option<u64>, email: &str| model::CitedEvent {
            event_id: id,
            table: "logs".to_owned(),
            timestamp: now,
            fields: serde_json::Map::from_iter([("user.email".to_owned(), email.into())]),
        };
        assert!(is_unwanted(&copy(Some(7), "-"), &erased, &query, now), "its event went");
        assert!(is_unwanted(&copy(Some(8), "a@example.org"), &erased, &query, now), "its event is long gone");
        assert!(is_unwanted(&copy(None, "a@example.org"), &erased, &query, now));
        assert!(!is_unwanted(&copy(Some(8), "b@example.org"), &erased, &query, now));
    }
}
