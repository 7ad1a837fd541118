//! `tandem check`: may this be released, may this grow?

use super::client::ServerChoice;
use super::facts::post;
use crate::failure::{Failure, INCOMPLETE, Outcome, SAID_NO, wrong_use};
use crate::output;
use anyhow::anyhow;
use clap::{Args, Subcommand, ValueEnum};
use gate::{autoscaler, junit, plan};
use model::{Asked, Question};
use serde_json::json;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// What the exit codes mean here.
pub const EXIT_CODES: &str =
    "Exit codes: 0 ready, or nothing was stopped; 1 stopped; 2 wrong use; 3 undecided, with --strict.";
/// Longest document that is read: a plan of a large installation.
const MAX_DOCUMENT: u64 = 64 << 20;

/// Ask whether something may be released, or grow.
#[derive(Args)]
pub struct Check {
    #[command(subcommand)]
    command: CheckCommand,
}

#[derive(Subcommand)]
enum CheckCommand {
    /// May this version be released?
    #[command(
        after_help = "Example: tandem check release --service shop --version 1.4.2 --env production --junit target/junit.xml"
    )]
    Release {
        /// The service, as the inventory names it.
        #[arg(long)]
        service: String,
        /// What is released.
        #[arg(long)]
        version: Option<String>,
        /// Results of tests (JUnit's XML), told as facts before the question; may be given several times.
        #[arg(long, value_name = "FILE")]
        junit: Vec<PathBuf>,
        #[command(flatten)]
        how: How,
    },
    /// May this grow so far? Of one service, or of all that a plan or an autoscaler names.
    #[command(
        after_help = "Examples:\n  tandem check scale --service shop --from 10 --to 1000\n  terraform show -json plan.out > plan.json && tandem check scale --plan plan.json"
    )]
    Scale {
        /// The service, as the inventory names it.
        #[arg(long)]
        service: Option<String>,
        /// How many there are.
        #[arg(long)]
        from: Option<u64>,
        /// How many there shall be.
        #[arg(long)]
        to: Option<u64>,
        /// A plan of Terraform as JSON.
        #[arg(long, value_name = "FILE")]
        plan: Option<PathBuf>,
        /// Manifests of autoscalers of Kubernetes: their maximum is what is asked about.
        #[arg(long, value_name = "FILE")]
        autoscaler: Option<PathBuf>,
        #[command(flatten)]
        how: How,
    },
}

/// How verdicts are written.
#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Form {
    /// For a terminal.
    Text,
    /// For a comment of a pull request.
    Markdown,
    /// For programs.
    Json,
}

#[derive(Args)]
struct How {
    /// Where to.
    #[arg(long = "env", value_name = "ENVIRONMENT")]
    environment: Option<String>,
    /// Capacity for defence is never held back: say why, and it passes and is looked at afterwards.
    #[arg(long, value_name = "WHY")]
    defence: Option<String>,
    /// How verdicts are written.
    #[arg(long, value_enum, default_value = "text")]
    format: Form,
    /// What is undecided ends with 3 rather than 0.
    #[arg(long)]
    strict: bool,
    /// Answers, and keeps nothing.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    server: ServerChoice,
}

impl Check {
    /// Asks and prints.
    pub fn run(self) -> Outcome {
        match self.command {
            CheckCommand::Release { service, version, junit, how } => {
                if !junit.is_empty() {
                    tested(&service, version.as_deref(), &junit, &how)?;
                }
                let asked = Asked {
                    question: Question::Release,
                    service,
                    environment: how.environment.clone(),
                    version,
                    from: None,
                    to: None,
                    defence: how.defence.clone(),
                };
                ask(vec![asked], &[], &how)
            }
            CheckCommand::Scale { service, from, to, plan, autoscaler, how } => {
                let (mut asked, undecided) = grown(plan.as_deref(), autoscaler.as_deref(), from, &how)?;
                match (service, to) {
                    (Some(service), Some(to)) => asked.push(Asked {
                        question: Question::Scale,
                        service,
                        environment: how.environment.clone(),
                        version: None,
                        from,
                        to: Some(to),
                        defence: how.defence.clone(),
                    }),
                    (None, None) if plan.is_some() || autoscaler.is_some() => {}
                    _ => {
                        let what = "say what grows with --service and --to, with --plan, or with --autoscaler";
                        return Err(wrong_use(anyhow!("{what}")));
                    }
                }
                if asked.is_empty() && undecided.is_empty() {
                    return Ok(output::print("ready: nothing grows\n")?);
                }
                ask(asked, &undecided, &how)
            }
        }
    }
}

/// A document, bounded.
fn read(path: &Path) -> Outcome<Vec<u8>> {
    let cannot = |error: std::io::Error| wrong_use(anyhow!("cannot read {}: {error}", path.display()));
    let mut bytes = Vec::new();
    File::open(path).map_err(cannot)?.take(MAX_DOCUMENT + 1).read_to_end(&mut bytes).map_err(cannot)?;
    if bytes.len() as u64 > MAX_DOCUMENT {
        return Err(wrong_use(anyhow!("{} has more than {} MiB", path.display(), MAX_DOCUMENT >> 20)));
    }
    Ok(bytes)
}

fn text(path: &Path) -> Outcome<String> {
    String::from_utf8(read(path)?).map_err(|_| wrong_use(anyhow!("{} is no UTF-8", path.display())))
}

/// What documents say shall grow, and what they do not let know.
fn grown(
    plan: Option<&Path>,
    autoscaler: Option<&Path>,
    from: Option<u64>,
    how: &How,
) -> Outcome<(Vec<Asked>, Vec<String>)> {
    let (mut asked, mut undecided) = (Vec::new(), Vec::new());
    let wrong = |path: &Path, error: gate::ReadError| wrong_use(anyhow!("{}:{error}", path.display()));
    let mut all = Vec::new();
    if let Some(path) = plan {
        all.push(plan::read(&read(path)?).map_err(|error| wrong(path, error))?);
    }
    if let Some(path) = autoscaler {
        all.push(autoscaler::read(&text(path)?, from).map_err(|error| wrong(path, error))?);
    }
    for growths in all {
        let environment = how.environment.as_deref();
        asked
            .extend(growths.growths.iter().map(|one| Asked { defence: how.defence.clone(), ..one.asked(environment) }));
        undecided.extend(growths.undecided);
        if growths.cut > 0 {
            undecided.push(format!("{} more that grow are not looked at", growths.cut));
        }
    }
    Ok((asked, undecided))
}

/// Tells results of tests as facts about the service.
fn tested(service: &str, version: Option<&str>, files: &[PathBuf], how: &How) -> Outcome {
    let mut results = junit::Results::default();
    for path in files {
        let read = junit::read(&text(path)?);
        results.add(read.map_err(|error| wrong_use(anyhow!("{}:{error}", path.display())))?);
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_nanos() as i64);
    let mut tests = serde_json::to_value(results.facts(Some(now))).unwrap_or_default();
    tests["version"] = version.into();
    let entity = json!({"kind": "service", "key": service});
    let seen = json!({"about": {"entity": entity}, "at": now, "attributes": {"tests": tests}});
    post(&how.server, "/api/v1/facts", &json!({"origin": "junit", "observations": [seen]}))?;
    Ok(())
}

fn ask(asked: Vec<Asked>, undecided: &[String], how: &How) -> Outcome {
    let mut code = 0;
    let mut verdicts = Vec::new();
    let mut answer = json!({"answer": "ready", "stopped": false, "verdicts": []});
    for part in asked.chunks(crate::limits::MAX_ASKED) {
        let body = json!({"questions": part, "dry_run": how.dry_run});
        let told = post(&how.server, "/api/v1/check", &body)?;
        verdicts.extend(told["verdicts"].as_array().cloned().unwrap_or_default());
    }
    let words = |name: &str| verdicts.iter().any(|verdict| verdict["answer"] == name);
    answer["stopped"] = verdicts.iter().any(|verdict| verdict["stopped"] == true).into();
    answer["answer"] = match (words("not_yet"), words("undecided") || !undecided.is_empty()) {
        (true, _) => "not_yet",
        (_, true) => "undecided",
        _ => "ready",
    }
    .into();
    if answer["stopped"] == true {
        code = SAID_NO;
    } else if how.strict && answer["answer"] == "undecided" {
        code = INCOMPLETE;
    }
    answer["undecided"] = json!(undecided);
    if how.format == Form::Json {
        answer["verdicts"] = verdicts.into();
        output::print(&format!("{answer}\n"))?;
    } else {
        let name = if how.format == Form::Text { "text" } else { "markdown" };
        let texts: Vec<&str> = verdicts.iter().filter_map(|verdict| verdict[name].as_str()).collect();
        let mut out = texts.join("\n");
        undecided.iter().for_each(|one| out.push_str(&format!("undecided: {one}\n")));
        output::print(&out)?;
    }
    match code {
        0 => Ok(()),
        SAID_NO => Err(Failure { code, error: anyhow!("stopped") }),
        _ => Err(Failure { code, error: anyhow!("undecided, and --strict was given") }),
    }
}
