//! The command line. One file a command, or a few that belong together.

mod access;
mod agent;
mod answers;
mod ask;
mod check;
mod client;
mod controls;
mod db;
mod detect;
mod facts;
mod findings;
mod folder;
mod knowledge;
mod planning;
mod readiness;
mod respond;
mod rules;
mod sbom;
mod scan;
mod serve;
mod suppress;

use crate::config::Options;
use crate::failure::{INCOMPLETE, Outcome, wrong_use};
use crate::output;
use clap::{Args, CommandFactory as _, Parser, Subcommand};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use tracing::Subscriber;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::Layer;
use tracing_subscriber::registry::LookupSpan;

const EXIT_CODES: &str = "Exit codes: 0 fine, 1 a check said no, 2 wrong use, 3 incomplete.";

/// One place for a team's telemetry and what follows from it: what runs, what is wrong, what changed, who acts next.
#[derive(Parser)]
#[command(name = "tandem", version, after_help = EXIT_CODES, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Start everything here, watch this machine, and print the addresses.
    #[command(after_help = "Example: tandem up --data-dir /srv/tandem --retention 14d")]
    Up(serve::Up),
    /// Start the server alone.
    #[command(after_help = "Example: tandem serve --config /etc/tandem.toml")]
    Serve(ServerArgs),
    /// Watch this machine and send what it says to a server elsewhere.
    #[command(after_help = "Example: TANDEM_TOKEN=... tandem agent --url https://tandem.example:4318")]
    Agent(agent::Agent),
    /// Search events, newest first.
    #[command(after_help = "Example: tandem search 'level:error | count by service' --from now-1h")]
    Search(ask::Search),
    /// Run one read-only SQL statement.
    #[command(after_help = "Example: tandem sql \"SELECT service_name, count(*) FROM logs GROUP BY 1\" --json")]
    Sql(ask::Sql),
    /// Follow events as they come.
    #[command(after_help = "Example: tandem tail 'service:checkout level:error'")]
    Tail(ask::Tail),
    /// Read documents of other tools: catalogs, CODEOWNERS, bills of materials, Kubernetes objects, osquery results, SARIF.
    #[command(after_help = "Example: tandem import codeowners CODEOWNERS --subject repository:github.com/acme/shop")]
    Import(facts::Import),
    /// Tell what was altered.
    Change(facts::Change),
    /// List what was altered, the newest first.
    #[command(after_help = "Example: tandem changes service:checkout --limit 10")]
    Changes(facts::Changes),
    /// Say who owns something, now or at any time, or hand it over.
    #[command(after_help = "Example: tandem owner checkout --at 2026-10-01T00:00:00Z")]
    Owner(facts::Owner),
    /// Say which changes may be to blame for what broke.
    #[command(after_help = "Example: tandem suspects checkout --at 2026-11-21T10:04:00Z")]
    Suspects(facts::Suspects),
    /// Report what runs, whose it is, what it sends and what is open.
    #[command(after_help = "Example: tandem inventory orphans --kind service --at 2026-11-01T00:00:00Z")]
    Inventory(facts::Inventory),
    /// Show how well services are delivered: the DORA measures and their twins for security, by month.
    #[command(after_help = "Example: tandem dora --team payments --months 12")]
    Dora(facts::Dora),
    /// Test, check, import and explain detection rules, and try them on what the server has stored.
    Rules(rules::Rules),
    /// List alerts, and say what you do about them.
    #[command(after_help = "Example: tandem alerts --team payments --level high")]
    Alerts(respond::Alerts),
    /// List incidents, open one, add tasks, print a review.
    #[command(after_help = "Example: tandem incidents --state all")]
    Incidents(respond::Incidents),
    /// List what is suppressed, and suppress for a while what is known.
    #[command(after_help = "Example: tandem suppress")]
    Suppress(suppress::Suppress),
    /// Ask whether something may be released, or grow: "ready", or "not yet, because ...".
    #[command(after_help = check::EXIT_CODES)]
    Check(check::Check),
    /// Show the controls: why each is there, and how it speaks.
    #[command(after_help = "Example: tandem controls show fixed-before-release")]
    Controls(controls::Controls),
    /// Say to a control that it helped or hurt, ask its owner, or ask for an exception.
    Answer(answers::Answer),
    /// List what was said to controls and waits for a reply; or what you said, with the replies.
    #[command(after_help = "Example: tandem answers --mine")]
    Answers(answers::Answers),
    /// Reply for a control, and relax, tighten or except until a date.
    Reply(answers::Reply),
    /// List what is exempt; make, renew or end an exception.
    #[command(after_help = "Example: tandem exception renew 4711")]
    Exception(controls::Exception),
    /// Tighten controls at once until a time, and review that afterwards.
    Lockdown(controls::Lockdown),
    /// Show what controls cost beside what they stand against, by control and by system.
    #[command(after_help = "Example: tandem friction --days 90")]
    Friction(controls::Friction),
    /// Search runbooks, notes, reviews and decisions; show a page; list what is missing, old or broken.
    #[command(after_help = "Example: tandem knowledge search 'restore cart'")]
    Knowledge(knowledge::Knowledge),
    /// Write the agenda of one team, or of several that meet, from what happened since they met last.
    #[command(after_help = "Example: tandem agenda payments+security --for 2026-12-01")]
    Agenda(planning::Agenda),
    /// Keep that a meeting was held, with its notes.
    #[command(after_help = "Example: tandem meeting payments+security --notes notes.md")]
    Meeting(planning::Meeting),
    /// Show what is planned, up to five years ahead.
    #[command(after_help = "Example: tandem roadmap --team payments")]
    Roadmap(planning::Roadmap),
    /// Show what an upgrade touches, or object to it.
    Upgrade(planning::UpgradeCommand),
    /// Show what you should see first: lockdowns to review, incidents, questions, what ends, and the next steps.
    Home(readiness::Home),
    /// Show the next steps that gain most for operations and security, for least effort.
    #[command(after_help = "Example: tandem levers services-without-logs")]
    Levers(readiness::Levers),
    /// Show how everything comes back: the minimum set, its order, circles, and what is missing.
    #[command(after_help = "Example: tandem recovery --json")]
    Recovery(readiness::Recovery),
    /// List drills, show one, or run it and keep the evidence.
    Drill(readiness::DrillCommand),
    /// Run detection rules over files of events, without a server.
    #[command(after_help = detect::EXIT_CODES)]
    Detect(detect::Detect),
    /// Scan a folder for weaknesses in infrastructure code, pipelines and containers, without a server.
    #[command(after_help = scan::EXIT_CODES)]
    Scan(scan::Scan),
    /// List what is weak, the most urgent first, and who must act.
    #[command(after_help = "Example: tandem findings --owner payments --severity critical,high")]
    Findings(findings::Findings),
    /// Say why a finding, an advisory or a component matters: where it runs, who owns it, how it came in, what mends it.
    #[command(after_help = "Example: tandem why CVE-2021-23337")]
    Why(findings::Why),
    /// Write what something is made of as a CycloneDX bill of materials, without a server.
    #[command(after_help = sbom::EXIT_CODES)]
    Sbom(sbom::Sbom),
    /// Import advisories for scans, and say how old they are.
    Db(db::Db),
    /// Make users, and say what they may do.
    User(access::User),
    /// Make tokens for programs: to send, or to ask.
    Token(access::Token),
    /// List or verify what was done and refused.
    Audit(access::Audit),
    /// Check a data folder, byte by byte, without changing it.
    #[command(after_help = "Example: tandem doctor --data-dir /srv/tandem")]
    Doctor(folder::Doctor),
    /// Copy everything committed so far into an empty folder, beside the running server or without one.
    #[command(after_help = "Example: tandem backup /backup/2026-11-21")]
    Backup(folder::Backup),
    /// Put a backup into an empty data folder.
    #[command(after_help = "Example: tandem restore /backup/2026-11-21 --data-dir /srv/tandem")]
    Restore(folder::Restore),
    /// Remove matching events, or the name of a person, for good. For events the server must be stopped.
    #[command(after_help = "Example: tandem erase 'user.email:\"a@example.org\"' --yes")]
    Erase(folder::Erase),
    /// Print completions for a shell.
    #[command(after_help = "Example: tandem completions bash > /etc/bash_completion.d/tandem")]
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Print the description of the API, from which the types of clients are made.
    #[command(hide = true)]
    Openapi,
}

/// Settings of the commands that open a data folder.
#[derive(Args, Clone)]
pub struct ServerArgs {
    /// The configuration: one TOML file with the names of the flags.
    #[arg(long, env = "TANDEM_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    options: Options,
}

impl ServerArgs {
    /// Flags and variables over the file.
    pub fn options(&self) -> Outcome<Options> {
        over_file(self.options.clone(), self.config.as_deref())
    }
}

/// Flags and variables over the file, if there is one.
fn over_file(options: Options, config: Option<&Path>) -> Outcome<Options> {
    match config {
        Some(path) => Ok(options.over(crate::config::file::read(path).map_err(wrong_use)?)),
        None => Ok(options),
    }
}

/// The program's log on standard error.
fn terminal_log<S: Subscriber + for<'a> LookupSpan<'a>>() -> impl Layer<S> {
    tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
        .with_filter(LevelFilter::INFO)
}

/// Reads the command line and runs the command.
pub fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) if output::is_closed(&failure.error) => ExitCode::SUCCESS,
        Err(failure) => {
            output::complain(&format!("error: {}", output::plain(&format!("{:#}", failure.error))));
            failure.exit_code()
        }
    }
}

fn run(command: Command) -> Outcome {
    match command {
        Command::Up(up) => up.run(),
        Command::Serve(server) => serve::run(server.options()?.settle().map_err(wrong_use)?, false),
        Command::Agent(agent) => agent.run(),
        Command::Search(search) => search.run(),
        Command::Sql(sql) => sql.run(),
        Command::Tail(tail) => tail.run(),
        Command::Import(import) => import.run(),
        Command::Change(change) => change.run(),
        Command::Changes(changes) => changes.run(),
        Command::Owner(owner) => owner.run(),
        Command::Suspects(suspects) => suspects.run(),
        Command::Inventory(inventory) => inventory.run(),
        Command::Dora(dora) => dora.run(),
        Command::Rules(rules) => rules.run(),
        Command::Alerts(alerts) => alerts.run(),
        Command::Incidents(incidents) => incidents.run(),
        Command::Suppress(suppress) => suppress.run(),
        Command::Check(check) => check.run(),
        Command::Controls(controls) => controls.run(),
        Command::Answer(answer) => answer.run(),
        Command::Answers(answers) => answers.run(),
        Command::Reply(reply) => reply.run(),
        Command::Exception(exception) => exception.run(),
        Command::Lockdown(lockdown) => lockdown.run(),
        Command::Friction(friction) => friction.run(),
        Command::Knowledge(knowledge) => knowledge.run(),
        Command::Agenda(agenda) => agenda.run(),
        Command::Meeting(meeting) => meeting.run(),
        Command::Roadmap(roadmap) => roadmap.run(),
        Command::Upgrade(upgrade) => upgrade.run(),
        Command::Home(home) => home.run(),
        Command::Levers(levers) => levers.run(),
        Command::Recovery(recovery) => recovery.run(),
        Command::Drill(drill) => drill.run(),
        Command::Detect(detect) => detect.run(),
        Command::Scan(scan) => scan.run(),
        Command::Findings(findings) => findings.run(),
        Command::Why(why) => why.run(),
        Command::Sbom(sbom) => sbom.run(),
        Command::Db(db) => db.run(),
        Command::User(user) => user.run(),
        Command::Token(token) => token.run(),
        Command::Audit(audit) => audit.run(),
        Command::Doctor(doctor) => doctor.run(),
        Command::Backup(backup) => backup.run(),
        Command::Restore(restore) => restore.run(),
        Command::Erase(erase) => erase.run(),
        Command::Completions { shell } => {
            let mut text = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "tandem", &mut text);
            Ok(output::write(&text)?)
        }
        Command::Openapi => Ok(output::print(&format!("{:#}\n", crate::server::openapi::document()))?),
    }
}

/// All commands by their words, such as `search` and `rules backtest`.
pub fn commands() -> Vec<String> {
    fn under(command: &clap::Command, before: &str, all: &mut Vec<String>) {
        for one in command.get_subcommands() {
            for name in std::iter::once(one.get_name()).chain(one.get_all_aliases()) {
                let name = if before.is_empty() { name.to_owned() } else { format!("{before} {name}") };
                under(one, &name, all);
                all.push(name);
            }
        }
    }
    let mut all = vec!["help".to_owned()];
    under(&Cli::command(), "", &mut all);
    all
}

/// Runs a future on a runtime of its own.
fn block_on<T>(future: impl Future<Output = Outcome<T>>) -> Outcome<T> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(future)
}

/// An answer that broke off.
fn broken_off(text: &str) -> crate::failure::Failure {
    crate::failure::Failure { code: INCOMPLETE, error: anyhow::anyhow!("{text}") }
}
