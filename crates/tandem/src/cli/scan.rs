//! `tandem scan`: what is weak in a tree of files, without a server.

mod behind;
mod helm;
mod mend;
mod origin;
mod upload;

pub use upload::sarif_query;

use crate::failure::{Failure, INCOMPLETE, Outcome, SAID_NO, wrong_use};
use crate::output::{self, progress::Progress, table};
use anyhow::{Context as _, anyhow};
use behind::Controls;
use chrono::Utc;
use clap::{Args, ValueEnum};
use scan::clean::Clean;
use scan::pack::Pack;
use scan::parts::collect;
use scan::report::{Abouts, Choice, Form, Report, explain};
use scan::rules::{Rule, RuleError, Severity};
use scan::scanner::{self, Options};
use scan::secrets::FingerprintKey;
use serde_json::{Value, json};
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Exit codes of this command.
pub const EXIT_CODES: &str = "Example: tandem scan . --format sarif --output scan.sarif

Exit codes: 0 fine, or only observed; 1 findings that --enforce stops; 2 wrong use; 3 with --enforce, something could not be read.";

/// Scan a folder for weaknesses in infrastructure code, pipelines and containers, and for secrets in any file.
#[derive(Args)]
pub struct Scan {
    /// A folder or a file; what `.gitignore` and `.tandemignore` leave out is not read.
    #[arg(default_value = ".")]
    path: PathBuf,
    /// Look for secrets in all that the repository ever held, not at its files of today.
    #[arg(long, conflicts_with_all = ["stdin", "root", "sbom"])]
    history: bool,
    /// Scan standard input.
    #[arg(long, conflicts_with_all = ["root", "sbom"])]
    stdin: bool,
    /// Scan standard input as if it lay at this path.
    #[arg(long, value_name = "PATH", requires = "stdin", default_value = "stdin")]
    stdin_name: String,
    /// What is installed below the root folder of a host or of an unpacked image (dpkg, apk, Python), in place of a tree of files.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["path", "sbom"])]
    root: Option<PathBuf>,
    /// What a CycloneDX bill of materials (JSON) names, in place of a tree of files.
    #[arg(long, value_name = "FILE", conflicts_with = "path")]
    sbom: Option<PathBuf>,
    #[command(flatten)]
    advisories: super::db::File,
    /// How findings are printed.
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    /// Write there, not to standard output.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Write it in one more form, besides what is printed: `--report sarif=scan.sarif`; several times for several.
    #[arg(long, value_name = "FORMAT=FILE", value_parser = in_form)]
    report: Vec<(Format, PathBuf)>,
    /// More rules: a folder of YAML files with their pages, Checkov's custom policies (YAML), or conftest's packages (Rego).
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
    /// Leave out what this file knows: an earlier result as JSON or SARIF, or what --write-baseline wrote.
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Write what is found now to this file, for --baseline later.
    #[arg(long, value_name = "FILE")]
    write_baseline: Option<PathBuf>,
    #[command(flatten)]
    terms: mend::BaselineTerms,
    /// Folders of knowledge: their controls stand behind findings, before those that come with Tandem.
    #[arg(long, value_name = "DIR")]
    knowledge: Vec<PathBuf>,
    /// Leave out what was there in this commit (a branch, a tag, a hash), and say what is fixed since.
    #[arg(long, value_name = "BASE", conflicts_with_all = ["root", "sbom"])]
    diff: Option<String>,
    /// Show what can be mended without knowing what was meant, as a diff; `--fix=write` changes the files.
    #[arg(long, value_name = "HOW", value_enum, num_args = 0..=1, require_equals = true, default_missing_value = "show", conflicts_with_all = ["root", "sbom"])]
    fix: Option<mend::Fix>,
    /// With --fix: also what may stop something that works now.
    #[arg(long, requires = "fix")]
    unsafe_fixes: bool,
    /// Show what could not be decided, too.
    #[arg(long)]
    undecided: bool,
    /// Show what is suppressed, too.
    #[arg(long)]
    suppressed: bool,
    /// Markers of other tools (checkov, trivy, kics, hadolint, zizmor, kube-linter, nosec, gitleaks, ...) hide findings, too.
    #[arg(long)]
    foreign_suppressions: bool,
    /// Do not ask the program `helm` for charts that cannot be rendered whole without it.
    #[arg(long)]
    no_helm: bool,
    /// Look for secrets in every file, also in those that were seen to hold none.
    #[arg(long)]
    no_cache: bool,
    /// Threads [default: all cores].
    #[arg(long, value_name = "N")]
    jobs: Option<usize>,
    /// Print the page of a rule: why it exists, and how to mend what it finds.
    #[arg(long, value_name = "RULE", conflicts_with_all = ["format", "enforce"])]
    explain: Option<String>,
    #[command(flatten)]
    upload: upload::Upload,
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

/// `sarif=scan.sarif`.
fn in_form(text: &str) -> Result<(Format, PathBuf), String> {
    let (format, path) = text.split_once('=').ok_or("write it as FORMAT=FILE, such as sarif=scan.sarif")?;
    let known = Format::value_variants().iter().filter_map(ValueEnum::to_possible_value);
    let names: Vec<String> = known.map(|value| value.get_name().to_owned()).collect();
    let format = Format::from_str(format, false).map_err(|_| format!("formats are {}", names.join(", ")))?;
    Ok((format, PathBuf::from(path)))
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

impl Format {
    fn form(self) -> Form {
        match self {
            Format::Table => Form::Table,
            Format::Json => Form::Json,
            Format::Sarif => Form::Sarif,
            Format::Github => Form::Github,
            Format::Gitlab => Form::Gitlab,
            Format::Markdown => Form::Markdown,
        }
    }
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

impl Scan {
    /// Scans, prints, and says whether it may go on.
    pub fn run(self) -> Outcome {
        let pack = self.pack()?;
        if let Some(rule) = &self.explain {
            let mut abouts = Abouts::of_rules(&pack.load().0, &pack);
            abouts.add_detectors(&pack.load_detectors().0, &pack);
            let controls = Controls::read(&self.knowledge);
            abouts.stand_behind([&Arc::from(rule.as_str())], |rule| controls.of(rule));
            return print_page(&abouts, rule);
        }
        // A start takes some milliseconds, half of them for each.
        let ((rules, refused), secrets) = std::thread::scope(|scope| {
            let secrets = scope.spawn(|| pack.secrets(|id| self.wants(id)));
            (pack.load(), secrets.join())
        });
        let (secrets, errors) = secrets.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        complain_of(refused.into_iter().chain(errors));
        let rules = self.rules(rules, &pack)?;
        let secrets = secrets.map_err(wrong_use)?;
        let mut about = Abouts::of_rules(&rules, &pack);
        about.add_detectors(secrets.reported(), &pack);
        let what = self.what();
        if !self.stdin && !what.exists() {
            return Err(wrong_use(anyhow!("{}: there is no such file or folder", what.display())));
        }
        let today = Utc::now().date_naive();
        let (known, baseline, notice) = self.baseline(today)?;
        let mut choice = Choice {
            least: self.severity.severity(),
            enforced: self.enforce.map(Least::severity),
            known,
            baseline,
            suppressed: self.suppressed,
            undecided: self.undecided,
        };
        let jobs = self.jobs.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
        let advisories = self.advisories.for_scan()?;
        let key = std::env::var("TANDEM_FINGERPRINT_KEY").ok();
        let key = key.and_then(|key| FingerprintKey::new(key.as_bytes()));
        let clean = self.clean(&pack);
        let is_tree = self.root.is_none() && self.sbom.is_none() && !self.stdin && !self.history;
        let rendered = if is_tree { self.charts(what) } else { Vec::new() };
        let options = Options {
            today,
            jobs,
            foreign: self.foreign_suppressions,
            secrets: Some(&secrets),
            key: key.as_ref(),
            advisories: advisories.as_deref(),
            clean: clean.as_ref(),
            rendered: &rendered,
        };
        let mut scan = self.scanned(&rules, options)?;
        scan.notices.extend(notice);
        if let Some(base) = &self.diff {
            choice.known.extend(self.compare(base, &scan, &rules, options)?);
            choice.known.sort_unstable();
        }
        if let Some(clean) = clean
            && let Err(error) = clean.save()
        {
            output::complain(&format!("what was found clean is not remembered: {error}"));
        }
        self.write_baseline(&scan, today)?;
        if let Some(how) = self.fix {
            return self.mend(how, &scan, &rules, &choice, &secrets);
        }
        if !scan.findings.is_empty() {
            let controls = Controls::read(&self.knowledge);
            about.stand_behind(scan.findings.iter().map(|found| &found.finding.rule), |rule| controls.of(rule));
        }
        let report = Report::new(&scan, &about, &choice);
        self.print(&report)?;
        self.upload.run(&upload::Scanned {
            path: what,
            is_tree,
            scan: &scan,
            rules: about.iter().map(|about| about.id.to_string()).collect(),
        })?;
        self.verdict(&report, scan.problems.len())
    }

    /// What was seen earlier to hold no secret, in the user's cache.
    fn clean(&self, pack: &Pack) -> Option<Clean> {
        if self.no_cache || self.stdin || self.history {
            return None;
        }
        let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let cache = set("XDG_CACHE_HOME").or_else(|| Some(set("HOME")?.join(".cache")))?;
        Some(Clean::open(&cache.join("tandem/scan"), self.what(), &pack.detectors_identity()))
    }

    /// What `helm` makes of charts below a folder that the scanner cannot render whole.
    fn charts(&self, root: &Path) -> Vec<scan::families::helm::Output> {
        if self.no_helm { Vec::new() } else { helm::rendered(root) }
    }

    /// The folder or file that is looked at.
    fn what(&self) -> &Path {
        self.root.as_ref().or(self.sbom.as_ref()).unwrap_or(&self.path)
    }

    /// A tree of files, its history, or standard input; or components that are no files of it, for which suppressions are
    /// those of this folder.
    fn scanned(&self, rules: &[Rule], options: Options<'_>) -> Outcome<scanner::Scan> {
        let progress = Arc::new(scanner::Progress::default());
        let seen = Arc::clone(&progress);
        let count = |of: &AtomicUsize| of.load(Ordering::Relaxed);
        let done = move || (count(&seen.done), count(&seen.files));
        let _wait = Progress::counting(format!("scanning {}", self.what().display()), done);
        if self.stdin {
            return Ok(scanner::scan_reader(&self.stdin_name, std::io::stdin().lock(), rules, options));
        }
        if self.history {
            let past = scanner::history(&self.path, options);
            return past.map_err(|error| wrong_use(anyhow!("{error}; --history needs a git repository")));
        }
        let collected = match (&self.root, &self.sbom) {
            (None, None) => return Ok(scanner::scan(&self.path, rules, options, &progress)),
            (Some(root), _) => collect::host(root).with_context(|| root.display().to_string())?,
            (None, Some(file)) => {
                // A bill that cannot be read has nothing to be held against: that is no pass, and no scan.
                collect::bill(file).map_err(|problem| {
                    let place =
                        problem.place.map_or(String::new(), |place| format!(":{}:{}", place.line, place.column));
                    wrong_use(anyhow!("{}{place}: {}", problem.path, problem.reason))
                })?
            }
        };
        Ok(scanner::components(collected, Path::new("."), rules, options))
    }

    /// Whether a rule or detector is asked for.
    fn wants(&self, id: &str) -> bool {
        let named = |ids: &[String]| ids.iter().any(|of| of == id);
        (self.only.is_empty() || named(&self.only)) && !named(&self.skip)
    }

    fn pack(&self) -> Outcome<Pack> {
        let mut pack = if self.no_builtin_rules { Pack::default() } else { scan::pack() };
        for folder in &self.rules {
            let more = Pack::read(folder).with_context(|| format!("rules of {}", folder.display()));
            let more = more.map_err(wrong_use)?;
            pack.extend(more);
        }
        Ok(pack)
    }

    /// Those of the rules that are asked.
    fn rules(&self, mut rules: Vec<Rule>, pack: &Pack) -> Outcome<Vec<Rule>> {
        for remark in scan::policies::remarks(&rules) {
            output::complain(&output::plain(&remark));
        }
        let chosen = !self.only.is_empty() || !self.skip.is_empty();
        let detectors = if chosen { pack.load_detectors().0 } else { Vec::new() };
        let known = |id: &String| {
            rules.iter().any(|rule| *rule.id == **id) || detectors.iter().any(|detector| *detector.id == **id)
        };
        if let Some(unknown) = self.only.iter().chain(&self.skip).find(|id| !known(id)) {
            return Err(wrong_use(anyhow!("there is no rule `{unknown}`; `tandem scan --explain all` lists them")));
        }
        rules.retain(|rule| self.wants(&rule.id));
        Ok(rules)
    }

    fn print(&self, report: &Report<'_>) -> Outcome {
        let to_file = |format: Format, path: &Path| {
            let write = || {
                let mut file = BufWriter::new(File::create(path)?);
                report.write_to(format.form(), false, &mut file)?;
                file.flush()
            };
            write().with_context(|| format!("cannot write {}", path.display()))
        };
        for (format, path) in &self.report {
            to_file(*format, path)?;
        }
        match &self.output {
            Some(path) => to_file(self.format, path)?,
            None => output::stream(|out| report.write_to(self.format.form(), output::colours(), out))?,
        }
        if self.format != Format::Table || self.output.is_some() {
            output::complain(report.summary().trim_end());
        }
        Ok(())
    }

    fn verdict(&self, report: &Report<'_>, unread: usize) -> Outcome {
        if self.enforce.is_none() {
            return Ok(());
        }
        if report.stopped() > 0 {
            return Err(Failure {
                code: SAID_NO,
                error: anyhow!("{} findings that are not let through", report.stopped()),
            });
        }
        if unread > 0 && !self.allow_incomplete {
            return Err(Failure {
                code: INCOMPLETE,
                error: anyhow!(
                    "{unread} files could not be read, so this is no pass; --allow-incomplete takes it as one"
                ),
            });
        }
        Ok(())
    }
}

/// Says which rules are not used, and why.
fn complain_of(errors: impl IntoIterator<Item = RuleError>) {
    for error in errors {
        output::complain(&format!("rule refused: {}", output::plain(&error.to_string())));
    }
}

/// Prints the page of a rule; of `all`, a list of the rules.
fn print_page(abouts: &Abouts, wanted: &str) -> Outcome {
    if wanted == "all" {
        let row = |about: &scan::report::About| -> Vec<Value> {
            vec![json!(&*about.id), json!(about.severity.name()), json!(&*about.title)]
        };
        let rows: Vec<Vec<Value>> = abouts.iter().map(row).collect();
        let header = ["rule", "severity", "title"].map(str::to_owned);
        return Ok(output::print(&table::render(&header, &rows))?);
    }
    match explain(abouts, wanted) {
        Some(page) => Ok(output::print(&page)?),
        None => Err(wrong_use(anyhow!("there is no rule `{wanted}`; `tandem scan --explain all` lists them"))),
    }
}
