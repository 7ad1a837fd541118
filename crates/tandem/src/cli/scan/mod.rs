//! `tandem scan`: what is weak in a tree of files, without a server.

mod explain;
mod forges;
mod sarif;
mod table;

use crate::failure::{Failure, INCOMPLETE, Outcome, SAID_NO, wrong_use};
use crate::output::{self, progress::Progress};
use anyhow::{Context as _, anyhow};
use chrono::Utc;
use clap::{Args, ValueEnum};
use scan::pack::Pack;
use scan::rules::{Rule, Severity};
use scan::scanner::{self, Found, Options, Scan as Scanned};
use serde_json::json;
use std::path::PathBuf;

/// Exit codes of this command.
pub const EXIT_CODES: &str = "Example: tandem scan . --format sarif --output scan.sarif

Exit codes: 0 fine, or only observed; 1 findings that --enforce stops; 2 wrong use; 3 with --enforce, something could not be read.";

/// Scan a folder for weaknesses in infrastructure code, pipelines and containers.
#[derive(Args)]
pub struct Scan {
    /// A folder or a file; what `.gitignore` and `.tandemignore` leave out is not read.
    #[arg(default_value = ".")]
    path: PathBuf,
    /// How findings are printed.
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    /// Write there, not to standard output.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// More rules: a folder of YAML files with their pages.
    #[arg(long, value_name = "DIR")]
    rules: Vec<PathBuf>,
    /// Without the rules that come with Tandem.
    #[arg(long)]
    no_builtin_rules: bool,
    /// Only these rules, separated by commas.
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    only: Vec<String>,
    /// Without these rules, separated by commas.
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    skip: Vec<String>,
    /// Only findings that are at least so bad.
    #[arg(long, value_name = "SEVERITY", value_enum, default_value = "info")]
    severity: Least,
    /// End with 1 when there is a finding at least so bad. Without it findings are only shown.
    #[arg(long, value_name = "SEVERITY", value_enum)]
    enforce: Option<Least>,
    /// With --enforce: what could not be read does not end with 3.
    #[arg(long)]
    allow_incomplete: bool,
    /// Leave out what this file knows: findings as `--format json` printed them earlier.
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Show what could not be decided, too.
    #[arg(long)]
    undecided: bool,
    /// Show what is suppressed, too.
    #[arg(long)]
    suppressed: bool,
    /// Markers of other tools (checkov, trivy, kics, hadolint, zizmor, kube-linter, nosec) hide findings, too.
    #[arg(long)]
    foreign_suppressions: bool,
    /// Threads [default: all cores].
    #[arg(long, value_name = "N")]
    jobs: Option<usize>,
    /// Print the page of a rule: why it exists, and how to mend what it finds.
    #[arg(long, value_name = "RULE", conflicts_with_all = ["format", "enforce"])]
    explain: Option<String>,
}

/// How findings are printed.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// With the line they are about, for people.
    Table,
    /// One JSON document.
    Json,
    /// SARIF 2.1.0.
    Sarif,
    /// Annotations of GitHub Actions.
    Github,
    /// GitLab's code quality report.
    Gitlab,
    /// For a comment on a pull request.
    Markdown,
}

/// How bad at least.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Least {
    /// Worth knowing.
    Info,
    /// Bad practice.
    Low,
    /// A weakness that needs another one.
    Medium,
    /// A weakness.
    High,
    /// A loss as soon as somebody finds it.
    Critical,
}

impl Least {
    fn severity(self) -> Severity {
        match self {
            Least::Info => Severity::Info,
            Least::Low => Severity::Low,
            Least::Medium => Severity::Medium,
            Least::High => Severity::High,
            Least::Critical => Severity::Critical,
        }
    }
}

/// What is printed.
struct Report<'a> {
    scan: &'a Scanned,
    rules: &'a [Rule],
    pack: &'a Pack,
    /// Those that are shown.
    shown: Vec<&'a Found>,
    /// What is left after suppressions and the baseline.
    open: usize,
    suppressed: usize,
    known: usize,
    /// What would be stopped, or is.
    stopped: usize,
    enforced: Option<Severity>,
    undecided: bool,
}

impl Scan {
    /// Scans, prints, and says whether it may go on.
    pub fn run(self) -> Outcome {
        let pack = self.pack()?;
        if let Some(rule) = &self.explain {
            return explain::print(&pack, rule);
        }
        let rules = self.rules(&pack)?;
        if !self.path.exists() {
            return Err(wrong_use(anyhow!("{}: there is no such file or folder", self.path.display())));
        }
        let baseline = self.baseline.as_deref().map(read_baseline).transpose()?.unwrap_or_default();
        let jobs = self.jobs.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
        let options = Options { today: Utc::now().date_naive(), jobs, foreign: self.foreign_suppressions };
        let wait = Progress::start(format!("scanning {}", self.path.display()));
        let scan = scanner::scan(&self.path, &rules, options, &scanner::Progress::default());
        drop(wait);
        let least = self.severity.severity();
        let enforced = self.enforce.map(Least::severity);
        let is_known = |found: &&Found| baseline.binary_search(&found.finding.fingerprint).is_ok();
        let bad = || scan.findings.iter().filter(|found| found.finding.severity >= least);
        let open: Vec<&Found> = bad().filter(|found| found.hidden.is_none() && !is_known(found)).collect();
        let at = enforced.unwrap_or(Severity::High);
        let report = Report {
            scan: &scan,
            rules: &rules,
            pack: &pack,
            open: open.len(),
            suppressed: bad().filter(|found| found.hidden.is_some()).count(),
            known: bad().filter(|found| found.hidden.is_none() && is_known(found)).count(),
            stopped: open.iter().filter(|found| found.finding.severity >= at).count(),
            shown: if self.suppressed { bad().filter(|found| !is_known(found)).collect() } else { open },
            enforced,
            undecided: self.undecided,
        };
        self.print(&report)?;
        verdict(&report, self.allow_incomplete)
    }

    fn pack(&self) -> Outcome<Pack> {
        let mut pack = if self.no_builtin_rules { Pack::default() } else { scan::pack() };
        for folder in &self.rules {
            let more = Pack::read(folder).with_context(|| format!("rules of {}", folder.display()));
            let more = more.map_err(wrong_use)?;
            pack.rules.extend(more.rules);
            pack.pages.extend(more.pages);
        }
        pack.pages.sort_by(|a, b| a.stem().cmp(b.stem()));
        Ok(pack)
    }

    /// The rules to ask. One that cannot be used is told and stops none of the others.
    fn rules(&self, pack: &Pack) -> Outcome<Vec<Rule>> {
        let (mut rules, errors) = pack.load();
        for error in errors {
            output::complain(&format!("rule refused: {}", output::plain(&error.to_string())));
        }
        let known = |id: &String| rules.iter().any(|rule| *rule.id == **id);
        if let Some(unknown) = self.only.iter().chain(&self.skip).find(|id| !known(id)) {
            return Err(wrong_use(anyhow!("there is no rule `{unknown}`; `tandem scan --explain all` lists them")));
        }
        let wanted = |rule: &Rule| {
            let named = |ids: &[String]| ids.iter().any(|id| **id == *rule.id);
            (self.only.is_empty() || named(&self.only)) && !named(&self.skip)
        };
        rules.retain(wanted);
        Ok(rules)
    }

    fn print(&self, report: &Report<'_>) -> Outcome {
        let text = match self.format {
            Format::Table => table::render(report),
            Format::Json => json_text(&json_of(report)),
            Format::Sarif => json_text(&sarif::render(report)),
            Format::Github => forges::github(report),
            Format::Gitlab => json_text(&forges::gitlab(report)),
            Format::Markdown => forges::markdown(report),
        };
        match &self.output {
            Some(path) => std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?,
            None => output::print(&text)?,
        }
        if self.format != Format::Table || self.output.is_some() {
            output::complain(table::summary(report).trim_end());
        }
        Ok(())
    }
}

fn verdict(report: &Report<'_>, allow_incomplete: bool) -> Outcome {
    if report.enforced.is_none() {
        return Ok(());
    }
    if report.stopped > 0 {
        return Err(Failure { code: SAID_NO, error: anyhow!("{} findings that are not let through", report.stopped) });
    }
    if report.scan.is_incomplete() && !allow_incomplete {
        let count = report.scan.problems.len();
        return Err(Failure {
            code: INCOMPLETE,
            error: anyhow!("{count} files could not be read, so this is no pass; --allow-incomplete takes it as one"),
        });
    }
    Ok(())
}

/// The fingerprints that an earlier result has, sorted.
fn read_baseline(path: &std::path::Path) -> Outcome<Vec<String>> {
    let read = || -> anyhow::Result<Vec<String>> {
        let text = std::fs::read_to_string(path)?;
        let document: serde_json::Value = serde_json::from_str(&text)?;
        let findings = document["findings"].as_array().context("it has no list `findings`")?;
        let mut all: Vec<String> =
            findings.iter().filter_map(|finding| finding["fingerprint"].as_str()).map(str::to_owned).collect();
        all.sort_unstable();
        Ok(all)
    };
    read().with_context(|| format!("the baseline {}", path.display())).map_err(wrong_use)
}

fn json_text(value: &serde_json::Value) -> String {
    format!("{value:#}\n")
}

fn json_of(report: &Report<'_>) -> serde_json::Value {
    json!({
        "version": 1,
        "tool": {"name": "tandem", "version": env!("CARGO_PKG_VERSION")},
        "findings": report.shown,
        "undecided": report.scan.undecided,
        "problems": report.scan.problems,
        "suppressions": report.scan.notices,
        "summary": {
            "open": report.open,
            "suppressed": report.suppressed,
            "known": report.known,
            "would_stop": report.stopped,
            "enforced": report.enforced,
            "incomplete": report.scan.is_incomplete(),
            "files": report.scan.files,
            "bytes": report.scan.bytes,
            "cut": report.scan.cut,
            "rules": report.rules.len(),
        },
    })
}

fn name(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "info",
        Severity::Low => "low",
        Severity::Medium => "medium",
        Severity::High => "high",
        Severity::Critical => "critical",
    }
}
