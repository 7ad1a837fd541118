//! `tandem rules`: what the detection rules are, whether they are sound, and what would become of others. Only `backtest` and
//! `reload` need a server.

mod backtest;
mod explain;
mod import;
mod lint;
mod list;
mod reload;
mod scanning;
mod stories;
mod test;

use crate::failure::{Failure, Outcome, wrong_use};
use anyhow::{Context as _, anyhow};
use clap::{Args, Subcommand, ValueEnum};
use detect::ops::OpsRule;
use detect::pack::{File, Pack};
use detect::rule::{LogSource, Place};
use detect::sigma::{Loaded, Options};
use detect::sources::{SourceFile, Sources};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Test, check, import and explain detection rules.
#[derive(Args)]
pub struct Rules {
    #[command(subcommand)]
    command: RulesCommand,
}

#[derive(Subcommand)]
enum RulesCommand {
    /// List rules: those that are built in, or those of a folder.
    #[command(after_help = "Example: tandem rules list --json | jq '.rules[] | select(.level == \"critical\")'")]
    List(list::List),
    /// Run the cases of the rules' pages.
    #[command(after_help = "Example: tandem rules test rules/\nExit code 1 when anything is not as its page says.")]
    Test(test::Test),
    /// Say what is wrong or odd in rules, with the place.
    #[command(after_help = "Example: tandem rules lint rules/ --strict\nExit code 1 when a rule is refused.")]
    Lint(lint::Lint),
    /// Read a collection of Sigma files, and say what loaded, what did not and why, and what has no data to see.
    #[command(after_help = "Example: tandem rules import sigma-master.zip --into /etc/tandem/rules")]
    Import(import::Import),
    /// Say what a rule looks at, in plain words, and why it matched an event or not.
    #[command(after_help = "Example: tandem rules explain ssh_root_login --event event.json")]
    Explain(explain::Explain),
    /// Say how often a rule would have fired over what the server has stored.
    #[command(after_help = "Example: tandem rules backtest my-rule.yml --from now-30d")]
    Backtest(backtest::Backtest),
    /// Have the server read its rules again, and say what changed.
    #[command(after_help = "Example: tandem rules reload\nExit code 1 when a rule is refused; the others work.")]
    Reload(reload::Reload),
}

impl Rules {
    /// Runs the command.
    pub fn run(self) -> Outcome {
        match self.command {
            RulesCommand::List(list) => list.run(),
            RulesCommand::Test(test) => test.run(),
            RulesCommand::Lint(lint) => lint.run(),
            RulesCommand::Import(import) => import.run(),
            RulesCommand::Explain(explain) => explain.run(),
            RulesCommand::Backtest(backtest) => backtest.run(),
            RulesCommand::Reload(reload) => reload.run(),
        }
    }
}

/// How answers are printed.
#[derive(Args)]
struct Output {
    /// As text and tables for people, or as one JSON object.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// The same as `--format json`.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Table,
    Json,
}

impl Output {
    fn json(&self) -> bool {
        self.json || self.format == Format::Json
    }
}

/// What rules need beside their own text.
#[derive(Args)]
struct Needs {
    /// A file or folder with more definitions of log sources, beside those that are built in.
    #[arg(long = "rule-sources", env = "TANDEM_RULE_SOURCES", value_delimiter = ',', value_name = "PATH")]
    sources: Vec<PathBuf>,
    /// A file with the values of placeholders, such as `Workstations: [WS-1, WS-2*]`.
    #[arg(long, env = "TANDEM_PLACEHOLDERS", value_delimiter = ',', value_name = "FILE")]
    placeholders: Vec<PathBuf>,
}

impl Needs {
    /// What rules are read with.
    fn options(&self) -> Outcome<Options> {
        let mut options = Options::default();
        for path in &self.placeholders {
            let name = path.display().to_string();
            let text =
                std::fs::read_to_string(path).with_context(|| format!("cannot read {name}")).map_err(wrong_use)?;
            options.add_placeholders(&name, &text).map_err(wrong_use)?;
        }
        Ok(options)
    }

    /// All definitions; a broken one is an error, because rules would silently see less.
    fn sources(&self) -> Outcome<Sources> {
        let mut files = Vec::new();
        for path in &self.sources {
            let pack = read(path)?;
            let texts = pack.rules.into_iter();
            files.extend(texts.map(|file| SourceFile { name: file.path.into(), text: file.text.into_owned() }));
        }
        let (sources, problems) = Sources::with(files);
        match problems.is_empty() {
            true => Ok(sources),
            false => {
                let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
                Err(wrong_use(anyhow!("definitions of log sources:\n{}", lines.join("\n"))))
            }
        }
    }
}

/// The rules of a folder or file, or those that are built in, operational ones included.
fn pack(path: Option<&Path>) -> Outcome<Pack> {
    match path {
        Some(path) => read(path),
        None => {
            let (mut pack, operations) = (Pack::builtin(), Pack::operations());
            pack.add_all(operations);
            Ok(pack)
        }
    }
}

fn read(path: &Path) -> Outcome<Pack> {
    Pack::read(path).with_context(|| format!("cannot read {}", path.display())).map_err(wrong_use)
}

/// The operational rules of a pack; those that are refused are told by `lint` and `test`.
fn operational(pack: &Pack, loaded: &Loaded) -> Vec<OpsRule> {
    let of = |file: &&File| loaded.operational.iter().any(|place| *place.file == *file.path);
    pack.rules.iter().filter(of).flat_map(|file| detect::ops::parse(&file.path, &file.text).0).collect()
}

/// A log source in one line.
fn source_words(source: &LogSource) -> String {
    let parts = [&source.product, &source.category, &source.service];
    let parts: Vec<&str> = parts.iter().filter_map(|part| part.as_deref()).collect();
    if parts.is_empty() { "every event".to_owned() } else { parts.join(" ") }
}

fn source_json(source: &LogSource) -> Value {
    json!({"product": source.product, "category": source.category, "service": source.service})
}

fn place_json(place: &Place) -> Value {
    json!({"file": &*place.file, "line": place.line, "column": place.column})
}

/// A check said no.
fn said_no(why: String) -> Failure {
    Failure { code: crate::failure::SAID_NO, error: anyhow!(why) }
}

/// A number and its noun.
fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}
