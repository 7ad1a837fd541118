//! Commands for what people wrote down: search, show, lists, "this helped", and a look at a folder without a server.

use super::client::ServerChoice;
use super::facts::{get, list, post};
use crate::failure::{Failure, Outcome, SAID_NO, wrong_use};
use crate::output;
use crate::server::state::now;
use anyhow::anyhow;
use clap::{Args, Subcommand};
use know::pages::lists::Place;
use know::pages::{ListsAsked, Origin, Shelf};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Runbooks and notes.
#[derive(Args)]
pub struct Knowledge {
    #[command(subcommand)]
    command: KnowledgeCommand,
}

#[derive(Subcommand)]
enum KnowledgeCommand {
    /// Find pages, reviews of incidents, controls, decisions, answers and notes of meetings by words.
    #[command(after_help = "Example: tandem knowledge search 'restore cart' --kind runbook")]
    Search(Search),
    /// Show a page.
    #[command(after_help = "Example: tandem knowledge show runbooks/disk-full.md")]
    Show {
        /// Its id: the path in its folder.
        id: String,
        #[command(flatten)]
        asking: Asking,
    },
    /// List rules without a runbook, pages past their day, links and commands that lead nowhere.
    Lists(Asking),
    /// Say that a page helped: it comes first among equals at the next alert of that rule.
    #[command(after_help = "Example: tandem knowledge helped runbooks/disk-full.md --alert 4711")]
    Helped {
        /// The page's id.
        page: String,
        /// The alert that it helped with.
        #[arg(long)]
        alert: Option<i64>,
        /// The rule of the alert, when there is no alert to name.
        #[arg(long)]
        rule: Option<String>,
        #[command(flatten)]
        server: ServerChoice,
    },
    /// Check a folder of pages, without a server: what cannot be read, links and commands that lead nowhere.
    #[command(after_help = "Example: tandem knowledge lint docs/runbooks")]
    Lint {
        /// The folder.
        folder: PathBuf,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Args)]
struct Asking {
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerChoice,
}

#[derive(Args)]
struct Search {
    /// Words; "in quotes" is a phrase. Without any, the newest.
    #[arg(default_value = "")]
    query: String,
    /// runbook, note, review, decision, control, roadmap, incident, answer, meeting, separated by commas.
    #[arg(long)]
    kind: Option<String>,
    /// For these services, separated by commas.
    #[arg(long)]
    service: Option<String>,
    /// Of this team.
    #[arg(long)]
    owner: Option<String>,
    /// Answers at most.
    #[arg(long, default_value_t = 10)]
    limit: u32,
    #[command(flatten)]
    asking: Asking,
}

fn word<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_default()
}

fn rows<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value[name].as_array().map_or(&[], Vec::as_slice)
}

impl Knowledge {
    /// Runs it.
    pub fn run(self) -> Outcome {
        match self.command {
            KnowledgeCommand::Search(search) => search.run(),
            KnowledgeCommand::Show { id, asking } => {
                let answer = get(&asking.server, "/api/v1/knowledge/page", &[("id", &id)])?;
                let text = if asking.json { format!("{answer}\n") } else { output::plain(&shown(&answer)) };
                Ok(output::print(&text)?)
            }
            KnowledgeCommand::Lists(asking) => {
                let answer = get(&asking.server, "/api/v1/knowledge/lists", &[])?;
                let text = if asking.json { format!("{answer}\n") } else { output::plain(&listed(&answer)) };
                Ok(output::print(&text)?)
            }
            KnowledgeCommand::Helped { page, alert, rule, server } => {
                let body = json!({"page": page, "alert": alert, "rule": rule});
                let answer = post(&server, "/api/v1/knowledge/helped", &body)?;
                let said = if answer["repeated"] == true { "kept already" } else { "kept" };
                Ok(output::print(&format!("{said}: {page} helped ({})\n", answer["helped"]))?)
            }
            KnowledgeCommand::Lint { folder, json } => linted(&folder, json),
        }
    }
}

impl Search {
    fn run(self) -> Outcome {
        let limit = self.limit.to_string();
        let mut query = vec![("q", self.query.as_str()), ("limit", limit.as_str())];
        for (name, value) in [("kind", &self.kind), ("service", &self.service), ("owner", &self.owner)] {
            query.extend(value.as_deref().map(|value| (name, value)));
        }
        let answer = get(&self.asking.server, "/api/v1/knowledge/search", &query)?;
        if self.asking.json {
            return Ok(output::print(&format!("{answer}\n"))?);
        }
        let hits = rows(&answer, "hits");
        if hits.is_empty() {
            return Ok(output::print("nothing found\n")?);
        }
        list(hits, &["kind", "id", "title", "owner", "snippet"])
    }
}

/// A page: what it is for, then what it says.
fn shown(page: &Value) -> String {
    let mut text = String::new();
    for name in ["id", "kind", "owner", "review_by", "services", "rules", "alerts", "techniques"] {
        let value = match &page[name] {
            Value::Array(all) => all.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "),
            value => value.as_str().unwrap_or_default().to_owned(),
        };
        if !value.is_empty() {
            text.push_str(&format!("{name:<12}{value}\n"));
        }
    }
    text.push('\n');
    text.push_str(word(page, "markdown").trim_start());
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

fn listed(answer: &Value) -> String {
    let mut text = String::new();
    for (name, head, columns) in [
        ("without_runbook", "rules without a runbook", &[][..]),
        ("overdue", "pages past their review", &["review_by", "page", "owner"][..]),
        ("broken_links", "links that lead nowhere", &["page", "line", "what", "why"][..]),
        ("stale_commands", "commands that are not there", &["page", "line", "what", "why"][..]),
        ("one_author", "services whose pages have one author", &["service", "why"][..]),
    ] {
        let of = &answer[name];
        text.push_str(&format!("{head}: {}\n", of["count"]));
        for row in rows(of, "first") {
            let cells = columns.iter().map(|name| &row[*name]).filter(|cell| !cell.is_null());
            let cells: Vec<String> =
                cells.map(|cell| cell.as_str().map_or_else(|| cell.to_string(), str::to_owned)).collect();
            let line = row.as_str().map_or_else(|| cells.join("  "), str::to_owned);
            text.push_str(&format!("  {line}\n"));
        }
    }
    let problems = rows(&answer["problems"], "first");
    text.push_str(&format!("files that cannot be used: {}\n", problems.len()));
    for problem in problems {
        let line = problem["line"].as_u64().map(|line| format!(":{line}")).unwrap_or_default();
        text.push_str(&format!("  {}{line}: {}\n", word(problem, "path"), word(problem, "what")));
    }
    text
}

/// The folder in which the repository of a folder begins, or the folder itself.
fn repository(folder: &Path) -> PathBuf {
    let whole = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let root = whole.ancestors().find(|parent| parent.join(".git").exists()).map(Path::to_owned);
    root.unwrap_or(whole)
}

fn linted(folder: &Path, json: bool) -> Outcome {
    if !folder.is_dir() {
        return Err(wrong_use(anyhow!("{} is no folder", folder.display())));
    }
    let (shelf, root) = (Shelf::open(vec![folder.to_owned()]), repository(folder));
    // A link is meant from the folder of pages, a file in a command from the repository.
    let exists = |path: &str| folder.join(path).exists() || root.join(path).exists();
    let commands = super::commands();
    let asked = ListsAsked { now: now(), commands: &commands, exists: Some(&exists), ..ListsAsked::default() };
    let lists = shelf.lists(&asked);
    let own = |id: &str| shelf.page(id).is_some_and(|page| page.origin != Origin::BuiltIn);
    let problems = shelf.problems();
    let unread = problems.first.iter().map(ToString::to_string);
    let place = |place: &Place| {
        let line = place.line.map(|line| format!(":{line}")).unwrap_or_default();
        format!("{}{line}: {}: {}", place.file, place.what, place.why)
    };
    let places = lists.broken_links.first.iter().chain(&lists.stale_commands.first);
    let errors: Vec<String> = unread.chain(places.filter(|place| own(&place.page)).map(place)).collect();
    let late = lists.overdue.first.iter().filter(|late| own(&late.page));
    let late = late.map(|late| {
        let day = know::planning::day_of(late.review_by);
        format!("{}: to be looked at again by {day}: do so, and set `review_by` anew", late.page)
    });
    let (warnings, pages) = (late.collect::<Vec<_>>(), shelf.own_pages());
    if json {
        output::print(&format!("{}\n", json!({"pages": pages, "errors": errors, "warnings": warnings})))?;
    } else {
        let mut text = String::new();
        errors.iter().chain(&warnings).for_each(|line| text.push_str(&format!("{line}\n")));
        text.push_str(&format!("{pages} pages, {} errors, {} warnings\n", errors.len(), warnings.len()));
        output::print(&output::plain(&text))?;
    }
    match errors.len() {
        0 => Ok(()),
        count => Err(Failure { code: SAID_NO, error: anyhow!("{count} errors") }),
    }
}
