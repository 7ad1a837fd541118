//! Commands about what is weak: findings, why.

use super::client::ServerChoice;
use super::facts::get;
use crate::failure::{Outcome, SAID_NO};
use crate::output::{self, table};
use anyhow::anyhow;
use clap::Args;
use serde_json::Value;
use std::fmt::Write as _;

/// Findings of one page; a server answers no more.
const PAGE: usize = 1_000;

/// List what is weak.
#[derive(Args)]
pub struct Findings {
    /// Of this alone: repository:github.com/acme/shop.
    entity: Option<String>,
    /// That this team must act on; `-` for those that nobody owns.
    #[arg(long, value_name = "TEAM")]
    owner: Option<String>,
    /// Of this rule.
    #[arg(long)]
    rule: Option<String>,
    /// Naming this: an advisory, an alias of it, a component.
    #[arg(long, value_name = "NAME")]
    about: Option<String>,
    /// critical, high, medium, low, info; several with commas.
    #[arg(long)]
    severity: Option<String>,
    /// new, open, back, fixed; several with commas [default: all but fixed].
    #[arg(long)]
    state: Option<String>,
    /// Found or changed at this time or later.
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Those of a side branch.
    #[arg(long, value_name = "NAME")]
    branch: Option<String>,
    /// Those too that are suppressed.
    #[arg(long)]
    suppressed: bool,
    /// When it was so [default: now].
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// As it was known then [default: now].
    #[arg(long, value_name = "TIME")]
    known: Option<String>,
    /// Findings at most.
    #[arg(long, default_value_t = 50)]
    limit: u32,
    /// Print JSON, with each term of the ranks.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerChoice,
}

impl Findings {
    /// Asks and prints, the most urgent first.
    pub fn run(self) -> Outcome {
        let suppressed = self.suppressed.to_string();
        let mut query = vec![("suppressed", suppressed.as_str())];
        for (name, value) in [
            ("entity", &self.entity),
            ("owner", &self.owner),
            ("rule", &self.rule),
            ("about", &self.about),
            ("severity", &self.severity),
            ("state", &self.state),
            ("since", &self.since),
            ("branch", &self.branch),
            ("at", &self.at),
            ("known", &self.known),
        ] {
            query.extend(value.as_deref().map(|value| (name, value)));
        }
        let answer = self.list(&query)?;
        if self.json {
            return Ok(output::print(&format!("{answer}\n"))?);
        }
        let names = ["id", "rank", "severity", "state", "owner", "runs", "entity", "title", "place"];
        let rows: Vec<Vec<Value>> = answer["findings"].as_array().into_iter().flatten().map(row).collect();
        let mut text =
            if rows.is_empty() { String::new() } else { table::render(&names.map(str::to_owned), rows.iter()) };
        let _ = write!(text, "{} findings", answer["count"]);
        if answer["suppressed"].as_u64().is_some_and(|hidden| hidden > 0) {
            let _ = write!(text, ", {} suppressed: --suppressed shows them", answer["suppressed"]);
        }
        if answer["truncated"] == true {
            let _ = write!(text, "; {} shown, --limit shows more", rows.len());
        }
        Ok(output::print(&format!("{text}\n"))?)
    }
}

impl Findings {
    /// The answer with as many as shall be listed, page after page, all as of the first one's time.
    fn list(&self, query: &[(&str, &str)]) -> Outcome<Value> {
        let most = self.limit as usize;
        let ask = |query: &[(&str, &str)], rest: usize, after: Option<&str>| {
            let limit = rest.min(PAGE).to_string();
            let mut page = query.to_vec();
            page.push(("limit", &limit));
            page.extend(after.map(|after| ("after", after)));
            get(&self.server, "/api/v1/findings", &page)
        };
        let mut answer = ask(query, most, None)?;
        let at = answer["at"].as_str().unwrap_or_default().to_owned();
        let mut then = query.to_vec();
        then.retain(|(name, _)| *name != "at");
        then.push(("at", &at));
        loop {
            let listed = answer["findings"].as_array().map_or(0, Vec::len);
            let Some(next) = answer["next"].as_str().filter(|_| listed < most).map(str::to_owned) else {
                return Ok(answer);
            };
            let mut more = ask(&then, most - listed, Some(&next))?;
            if let (Value::Array(all), Value::Array(found)) = (&mut answer["findings"], more["findings"].take()) {
                all.extend(found);
            }
            (answer["next"], answer["truncated"]) = (more["next"].take(), more["truncated"].take());
        }
    }
}

fn row(finding: &Value) -> Vec<Value> {
    let place = match (finding["path"].as_str().unwrap_or_default(), finding["line"].as_i64()) {
        ("", _) => finding["place"].clone(),
        (path, Some(line)) => format!("{path}:{line}").into(),
        (path, None) => path.into(),
    };
    vec![
        finding["id"].clone(),
        finding["rank"]["score"].clone(),
        finding["severity"].clone(),
        finding["state"].clone(),
        finding["owner"]["team"].clone(),
        finding["places"].clone(),
        finding["entity"].clone(),
        finding["title"].clone(),
        place,
    ]
}

/// Say why something matters.
#[derive(Args)]
pub struct Why {
    /// A finding by its id; or a rule, an advisory, an alias of it, or a component: pkg:npm/lodash@4.17.20.
    id: String,
    /// When it was so [default: now].
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// As it was known then [default: now].
    #[arg(long, value_name = "TIME")]
    known: Option<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerChoice,
}

impl Why {
    /// Asks and prints; the exit code is 1 when nothing is known by that name.
    pub fn run(self) -> Outcome {
        let mut query = vec![("id", self.id.as_str())];
        query.extend(self.at.as_deref().map(|at| ("at", at)));
        query.extend(self.known.as_deref().map(|known| ("known", known)));
        let answer = get(&self.server, "/api/v1/why", &query)?;
        if self.json {
            return Ok(output::print(&format!("{answer}\n"))?);
        }
        let findings = answer["findings"].as_array().map_or(&[][..], Vec::as_slice);
        let holders = answer["holders"].as_array().map_or(&[][..], Vec::as_slice);
        if findings.is_empty() && holders.is_empty() {
            let error = anyhow!("nothing is known of {:?}: `tandem findings` lists what is", self.id);
            return Err(crate::failure::Failure { code: SAID_NO, error });
        }
        let mut text = String::new();
        for finding in findings {
            explain(&mut text, finding);
        }
        if !holders.is_empty() {
            let _ = writeln!(text, "{} is in:", self.id);
            for holder in holders {
                let _ = writeln!(text, "  {} since {}", word(&holder["entity"]), word(&holder["since"]));
            }
        }
        Ok(output::print(&output::plain(&text))?)
    }
}

fn word(value: &Value) -> &str {
    value.as_str().unwrap_or("-")
}

/// Texts of a list, in a line.
fn listed(list: &Value, between: &str) -> String {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).collect::<Vec<_>>().join(between)
}

fn change(change: &Value) -> String {
    let version = change["version"].as_str().map(|version| format!(" {version}")).unwrap_or_default();
    format!(
        "{}{version} of {} at {} (change {})",
        word(&change["kind"]),
        word(&change["entity"]),
        word(&change["at"]),
        change["id"]
    )
}

/// A finding and all that is known of it, as people read it.
fn explain(text: &mut String, finding: &Value) {
    let _ = writeln!(
        text,
        "{} {} [{}] {}",
        finding["id"],
        word(&finding["severity"]),
        word(&finding["state"]),
        word(&finding["title"])
    );
    let mut line = |name: &str, value: String| {
        if !value.is_empty() {
            let _ = writeln!(text, "  {name:<10} {value}");
        }
    };
    let place = match (finding["path"].as_str().unwrap_or_default(), finding["line"].as_i64()) {
        ("", _) => word(&finding["place"]).to_owned(),
        (path, Some(at)) => format!("{path}:{at}"),
        (path, None) => path.to_owned(),
    };
    line("in", format!("{}, {place}", word(&finding["entity"])));
    line("message", finding["message"].as_str().unwrap_or_default().to_owned());
    line("rank", format!("{} of 100", finding["rank"]["score"]));
    for term in finding["rank"]["terms"].as_array().into_iter().flatten() {
        let number = |name: &str| term[name].as_f64().unwrap_or_default();
        let (name, because) = (word(&term["name"]), word(&term["because"]));
        line(
            "",
            format!("{:>5.1} = {:.2} x {:<3} {name}: {because}", number("points"), number("value"), number("weight")),
        );
    }
    line(
        "runs",
        match listed(&finding["runs"], ", ") {
            none if none.is_empty() => "nowhere, as far as is known".to_owned(),
            places => places,
        },
    );
    line(
        "owner",
        match &finding["owner"] {
            Value::Null => "nobody: `tandem owner set` says whose it is".to_owned(),
            owner => format!("{} ({})", word(&owner["team"]), word(&owner["because"])),
        },
    );
    line("came in", listed(&finding["via"], " > "));
    let by = match (&finding["since"], finding["found_by"]["commit"].as_str()) {
        (Value::Null, Some(commit)) => format!(", by commit {commit}"),
        (Value::Null, None) => String::new(),
        (since, _) => format!(", by {}", change(since)),
    };
    let found = finding["found_by"]["at"].as_str().unwrap_or_else(|| word(&finding["found"]));
    line("since", format!("{found}{by}"));
    line("fix", fix(finding));
    line("waiting", listed(&finding["waiting"], ", "));
    if let Some(hidden) = finding["suppressed"].as_object() {
        let ended = if hidden["expired"] == true { "suppressed until" } else { "suppressed, until" };
        let owner = hidden["owner"].as_str().filter(|owner| !owner.is_empty()).map(|owner| format!(" by {owner}"));
        line(
            "",
            format!("{ended} {}{}: {}", word(&hidden["ends"]), owner.unwrap_or_default(), word(&hidden["reason"])),
        );
        if let Some(decision) = hidden["decision"].as_i64() {
            line("", format!("answer with: tandem answer {decision} hurt \"because ...\""));
        }
    }
    for step in finding["steps"].as_array().into_iter().flatten() {
        line("", format!("{} {} ({})", word(&step["at"]), word(&step["what"]), word(&step["origin"])));
    }
}

fn fix(finding: &Value) -> String {
    let fix = &finding["fix"];
    let mut all = Vec::new();
    let versions = listed(&fix["versions"], ", ");
    if !versions.is_empty() {
        all.push(format!("version {versions}"));
    }
    if finding["state"] == "fixed" {
        all.extend(fix["commit"].as_str().map(|commit| format!("went with commit {commit}")));
        all.extend(fix["change"].as_object().map(|_| format!("went with {}", change(&fix["change"]))));
    }
    all.join("; ")
}
