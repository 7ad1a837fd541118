//! `tandem db`: what is known of components, in one file. No server is needed.

use crate::config::paths::default_data_dir;
use crate::failure::{Failure, INCOMPLETE, Outcome, wrong_use};
use crate::output::{self, progress::Progress, table};
use anyhow::{Context as _, anyhow};
use chrono::Utc;
use clap::{Args, Subcommand};
use scan::parts::advisories::database::{Database, Head};
use scan::parts::advisories::update::{UpdateError, update};
use scan::parts::run::Aged;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// The file of advisories in a data folder.
const FILE: &str = "advisories.db";

/// Import advisories, and say what is known of which ecosystems.
#[derive(Args)]
pub struct Db {
    #[command(subcommand)]
    command: DbCommand,
}

#[derive(Subcommand)]
enum DbCommand {
    /// Read advisories into the file: OSV archives and folders (JSON, YAML), RustSec's repository, CISA's list of exploited
    /// weaknesses. What is imported again replaces what it brought before.
    #[command(after_help = "Example: tandem db import npm/all.zip advisory-db/ known_exploited_vulnerabilities.json
Exit code 3 when single files were refused; the others are in.")]
    Import(Import),
    /// Say where the advisories are from, how old they are, and of how many packages they know.
    #[command(after_help = "Example: tandem db info --json")]
    Info(Info),
}

/// Which file.
#[derive(Args)]
pub(super) struct File {
    /// The file of advisories [default: advisories.db in the data folder].
    #[arg(long, env = "TANDEM_DB", value_name = "FILE")]
    db: Option<PathBuf>,
    /// Where the data is kept.
    #[arg(long, env = "TANDEM_DATA_DIR", value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

#[derive(Args)]
struct Import {
    /// Folders, archives (.zip, .tar, .tar.gz) or files.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    file: File,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
struct Info {
    #[command(flatten)]
    file: File,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

impl File {
    /// The one that was named, else that of the data folder.
    fn path(&self) -> Outcome<PathBuf> {
        if let Some(db) = &self.db {
            return Ok(db.clone());
        }
        let folder = self.data_dir.clone().map_or_else(default_data_dir, Ok).map_err(wrong_use)?;
        Ok(folder.join(FILE))
    }

    /// The one to hold components against: that of the data folder only when it is there.
    pub(super) fn for_scan(&self) -> Outcome<Option<PathBuf>> {
        if let Some(db) = &self.db {
            let missing =
                || wrong_use(anyhow!("{}: there is no such file; `tandem db import` makes one", db.display()));
            return if db.is_file() { Ok(Some(db.clone())) } else { Err(missing()) };
        }
        // Without a home folder there is none, which is no mistake of whoever scans.
        Ok(self.path().ok().filter(|path| path.is_file()))
    }
}

impl Db {
    /// Runs the command.
    pub fn run(self) -> Outcome {
        match self.command {
            DbCommand::Import(import) => import.run(),
            DbCommand::Info(info) => info.run(),
        }
    }
}

impl Import {
    fn run(self) -> Outcome {
        let file = self.file.path()?;
        if let Some(path) = self.paths.iter().find(|path| !path.exists()) {
            return Err(wrong_use(anyhow!("{} is not there", path.display())));
        }
        let wait = Progress::start(format!("importing into {}", file.display()));
        let now = Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        let updated = update(&file, &self.paths, &now, &|_, _| {}).map_err(|error| match error {
            UpdateError::Nothing(_) => wrong_use(error),
            other => anyhow::Error::from(other).into(),
        })?;
        drop(wait);
        let mut refused = 0;
        for (name, imported) in &updated.sources {
            refused += imported.refused_count;
            for one in &imported.refused {
                output::complain(&output::plain(&format!(
                    "refused  {name}: {}:{}: {}",
                    one.path, one.line, one.reason
                )));
            }
        }
        if self.json {
            output::print(&format!("{:#}\n", json_of(&file, &updated.head)))?;
        } else {
            let lines = updated.sources.iter().map(|(name, imported)| format!("{name}: {} read\n", imported.count));
            let lines: String = lines.collect();
            output::print(&output::plain(&format!("{lines}{}", text_of(&file, &updated.head))))?;
        }
        match refused {
            0 => Ok(()),
            count => Err(Failure { code: INCOMPLETE, error: anyhow!("{count} files were refused; the others are in") }),
        }
    }
}

impl Info {
    fn run(self) -> Outcome {
        let file = self.file.path()?;
        if !file.exists() {
            let hint = "`tandem db import FILE|DIR...` makes one";
            return Err(wrong_use(anyhow!("{}: there are no advisories yet; {hint}", file.display())));
        }
        let head = Database::open(&file).with_context(|| file.display().to_string())?.head;
        match self.json {
            true => output::print(&format!("{:#}\n", json_of(&file, &head)))?,
            false => output::print(&output::plain(&text_of(&file, &head)))?,
        }
        Ok(())
    }
}

fn json_of(file: &Path, head: &Head) -> Value {
    json!({
        "file": file.display().to_string(),
        "advisories": head.advisories,
        "sources": Aged::all(&head.sources, Utc::now().date_naive()),
        "packages": head.ecosystems,
    })
}

fn text_of(file: &Path, head: &Head) -> String {
    let mut text = format!("{}: {} advisories\n\n", file.display(), head.advisories);
    let sources = Aged::all(&head.sources, Utc::now().date_naive());
    let day = |time: &str| json!(time.get(..10).unwrap_or(time));
    let row = |of: &Aged| -> Vec<Value> {
        let source = &of.source;
        vec![
            json!(source.name),
            json!(source.form),
            json!(source.count),
            day(&source.newest),
            of.days.map_or(json!(""), |days| json!(days)),
            day(&source.imported),
        ]
    };
    let rows: Vec<Vec<Value>> = sources.iter().map(row).collect();
    let header = ["source", "form", "advisories", "newest", "days old", "imported"].map(str::to_owned);
    text.push_str(&table::render(&header, &rows));
    text.push('\n');
    let rows: Vec<Vec<Value>> = head.ecosystems.iter().map(|(name, count)| vec![json!(name), json!(count)]).collect();
    text.push_str(&table::render(&["ecosystem", "packages"].map(str::to_owned), &rows));
    text
}
