//! `tandem rules explain`.

use super::{Needs, Output, operational, pack, place_json, read, source_json, source_words};
use crate::failure::{Outcome, wrong_use};
use crate::limits::MAX_EXPLAINED_EVENTS;
use crate::output;
use anyhow::{Context as _, anyhow};
use clap::Args;
use detect::event::PlainEvent;
use detect::explain::{self, Line};
use detect::input::{self, Item};
use detect::ops::OpsRule;
use detect::pack::Pack;
use detect::pages::Page;
use detect::rule::{Correlation, Meta, Rule};
use detect::sigma::Loaded;
use detect::sources::Sources;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs::File;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

/// Say what a rule looks at.
#[derive(Args)]
pub struct Explain {
    /// Its id, name, title, the stem of its file, or the file.
    rule: String,
    /// A folder with more rules, beside those that are built in.
    #[arg(long, value_name = "DIR")]
    rules: Option<PathBuf>,
    /// Events to explain it by, in any form that `tandem detect` reads; `-` reads from standard input.
    #[arg(long, value_name = "FILE")]
    event: Option<PathBuf>,
    #[command(flatten)]
    needs: Needs,
    #[command(flatten)]
    output: Output,
}

/// What is explained, and what is needed for it.
struct Told<'t> {
    pack: &'t Pack,
    loaded: &'t Loaded,
    sources: &'t Sources,
    /// Events and the lines where they begin.
    events: &'t [(PlainEvent, u64)],
}

impl Explain {
    /// Finds it and tells.
    pub fn run(self) -> Outcome {
        let sources = self.needs.sources()?;
        let path = Path::new(&self.rule);
        let pack = match (&self.rules, path.is_file()) {
            (None, true) => read(path)?,
            (rules, _) => {
                let mut pack = pack(None)?;
                if let Some(rules) = rules {
                    pack.add_all(read(rules)?);
                }
                pack
            }
        };
        let loaded = pack.load(&sources, &self.needs.options()?);
        let events = self.event.as_deref().map(events).transpose()?.unwrap_or_default();
        let told = Told { pack: &pack, loaded: &loaded, sources: &sources, events: &events };
        let operations = operational(&pack, &loaded);
        let is_it = |meta: &Meta| self.is_it(meta);
        let rules: Vec<&Rule> = loaded.rules.iter().filter(|rule| is_it(&rule.meta)).collect();
        let correlations: Vec<&Correlation> = loaded.correlations.iter().filter(|one| is_it(&one.meta)).collect();
        let operations: Vec<&OpsRule> = operations.iter().filter(|rule| is_it(&rule.meta)).collect();
        if rules.is_empty() && correlations.is_empty() && operations.is_empty() {
            let refused = loaded.refused.iter().find(|one| *one.place.file == *self.rule || one.title == self.rule);
            return Err(wrong_use(match refused {
                Some(refusal) => anyhow!("this rule is refused: {refusal}"),
                None => anyhow!("there is no rule {:?}: `tandem rules list` names them", self.rule),
            }));
        }
        if self.output.json() {
            let rules = rules.iter().map(|rule| told.rule_json(rule));
            let correlations = correlations.iter().map(|one| told.correlation_json(one));
            let operations = operations.iter().map(|rule| told.meta_json(&rule.meta));
            let all: Vec<Value> = rules.chain(correlations).chain(operations).collect();
            return Ok(output::print(&format!("{}\n", json!({"rules": all})))?);
        }
        let mut texts: Vec<String> = rules.iter().map(|rule| told.rule(rule)).collect();
        texts.extend(correlations.iter().map(|one| told.correlation(one)));
        texts.extend(operations.iter().map(|rule| told.head(&rule.meta)));
        // Rules of one file share a page: it is told once.
        let metas = rules.iter().map(|rule| &rule.meta).chain(correlations.iter().map(|one| &one.meta));
        let files: BTreeSet<&str> =
            metas.chain(operations.iter().map(|rule| &rule.meta)).map(|meta| &*meta.place.file).collect();
        texts.extend(files.into_iter().filter_map(|file| told.page(file)));
        Ok(output::print(&output::plain(&texts.join("\n")))?)
    }

    fn is_it(&self, meta: &Meta) -> bool {
        let file = &*meta.place.file;
        let stem = Path::new(file).file_stem().is_some_and(|stem| *stem == *self.rule);
        let page = file.rsplit_once('.').is_some_and(|(stem, _)| stem == self.rule);
        meta.id == self.rule
            || meta.name.as_ref() == Some(&self.rule)
            || meta.title.eq_ignore_ascii_case(&self.rule)
            || file == self.rule
            || stem
            || page
    }
}

/// The first events of a file.
fn events(path: &Path) -> Outcome<Vec<(PlainEvent, u64)>> {
    let name = path.display().to_string();
    let mut events = Vec::new();
    let mut take = |item: Item<'_>, line: u64| {
        if let Item::Event(event) = item {
            events.push((event, line));
        }
        if events.len() < MAX_EXPLAINED_EVENTS { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    let summary = if name == "-" {
        input::read(std::io::stdin(), &name, None, &mut take)
    } else {
        let file = File::open(path).with_context(|| format!("cannot read {name}")).map_err(wrong_use)?;
        input::read(file, &name, None, &mut take)
    };
    if let Some(broken) = &summary.broken {
        return Err(wrong_use(anyhow!("{name}: {broken}")));
    }
    if events.is_empty() {
        let bad = summary.first_bad.first().map_or_else(|| "no event in it".to_owned(), ToString::to_string);
        return Err(wrong_use(anyhow!("{name}:{bad}")));
    }
    Ok(events)
}

impl Told<'_> {
    fn head(&self, meta: &Meta) -> String {
        let aspect = match meta.aspect {
            model::alert::Aspect::Security => "security",
            model::alert::Aspect::Operations => "operations",
        };
        let mut text = format!("{} ({}, {aspect})\n{}\n", meta.title, meta.level.name(), meta.place);
        if !meta.description.is_empty() {
            text.push_str(&format!("{}\n", meta.description.trim()));
        }
        text.push_str(&format!("id {}\n", meta.id));
        if !meta.tags.is_empty() {
            text.push_str(&format!("tags {}\n", meta.tags.join(", ")));
        }
        text
    }

    fn rule(&self, rule: &Rule) -> String {
        let mut text = self.head(&rule.meta);
        text.push_str(&format!("\nLooks at {}\n", source_words(&rule.source)));
        let fits = self.sources.fits(&rule.source);
        for index in &fits {
            let definition = &self.sources.definitions()[*index];
            text.push_str(&format!("  {} ({})\n", source_words(&definition.source), definition.place));
        }
        if fits.is_empty() {
            text.push_str("  no definition of a log source fits: there is no data to see\n");
        }
        text.push_str("\nMatches when\n");
        text.push_str(&lines(&explain::condition(&rule.condition, None)));
        text.push_str("\nFields, and where events have them\n");
        for field in explain::fields(&rule.condition) {
            let paths: Vec<&str> = field.paths.iter().map(|path| &**path).collect();
            text.push_str(&format!("  {}: {}\n", field.name, paths.join(", ")));
        }
        for (event, line) in self.events {
            text.push_str(&format!("\nThe event at {line}: {}\n", self.verdict(rule, event)));
            text.push_str(&lines(&explain::condition(&rule.condition, Some(event))));
        }
        text
    }

    /// Whether an event is for a rule, and matches.
    fn verdict(&self, rule: &Rule, event: &PlainEvent) -> &'static str {
        let routed = self.sources.is_for(&rule.source, &self.sources.of(event));
        match (routed, detect::oracle::matches(&rule.condition, event)) {
            (true, true) => "matches",
            (true, false) => "does not match",
            (false, true) => "is of another log source; the condition alone would hold",
            (false, false) => "is of another log source, and does not match",
        }
    }

    fn correlation(&self, of: &Correlation) -> String {
        let mut text = self.head(&of.meta);
        text.push_str("\nOver what other rules match, it\n");
        for line in explain::correlation(of, |name| self.title(name)) {
            text.push_str(&format!("  {line}\n"));
        }
        for group in &of.group_by {
            let mut paths: Vec<&str> = Vec::new();
            for path in group.fields.iter().flat_map(|field| field.paths.iter()) {
                if !paths.contains(&&**path) {
                    paths.push(path);
                }
            }
            text.push_str(&format!("  {} is at {}\n", group.name, paths.join(", ")));
        }
        for (event, line) in self.events {
            for rule in self.loaded.rules.iter().filter(|rule| of.rules.iter().any(|name| is_named(&rule.meta, name))) {
                text.push_str(&format!(
                    "\nThe event at {line} for {:?}: {}\n",
                    rule.meta.title,
                    self.verdict(rule, event)
                ));
                text.push_str(&lines(&explain::condition(&rule.condition, Some(event))));
            }
        }
        text
    }

    fn title(&self, name: &str) -> String {
        let rules = self.loaded.rules.iter().map(|rule| &rule.meta);
        let mut metas = rules.chain(self.loaded.correlations.iter().map(|one| &one.meta));
        metas.find(|meta| is_named(meta, name)).map_or_else(|| name.to_owned(), |meta| meta.title.clone())
    }

    /// What the page of a file says.
    fn page(&self, file: &str) -> Option<String> {
        let page = self.pack.page_at(file)?;
        let read = match Page::parse(&page.path, &page.text) {
            Ok(read) => read,
            Err(problems) => return problems.first().map(|problem| format!("Its page is not whole: {problem}\n")),
        };
        let sections = [
            ("Why it matters for operations", read.operations),
            ("Why it matters for security", read.security),
            ("False positives", read.false_positives),
            ("What to do", read.what_to_do),
        ];
        let mut text = format!("{} ({})\n", read.title, page.path);
        text.push_str(&format!("{}\n", read.front));
        for (name, section) in
            sections.into_iter().chain(read.other.iter().map(|(name, text)| (name.as_str(), text.clone())))
        {
            text.push_str(&format!("\n{name}\n{section}\n"));
        }
        Some(text)
    }

    fn meta_json(&self, meta: &Meta) -> Value {
        let page = self.pack.page_at(&meta.place.file);
        let read = page.and_then(|page| Page::parse(&page.path, &page.text).ok());
        json!({
            "id": meta.id, "name": meta.name, "title": meta.title, "level": meta.level.name(), "aspect": meta.aspect,
            "description": meta.description, "tags": meta.tags, "place": place_json(&meta.place),
            "page": page.map(|page| &page.path),
            "why_operations": read.as_ref().map(|page| &page.operations),
            "why_security": read.as_ref().map(|page| &page.security),
            "false_positives": read.as_ref().map(|page| &page.false_positives),
            "what_to_do": read.as_ref().map(|page| &page.what_to_do),
        })
    }

    fn rule_json(&self, rule: &Rule) -> Value {
        let fields: Vec<Value> = explain::fields(&rule.condition)
            .into_iter()
            .map(|field| json!({"name": &*field.name, "paths": field.paths.iter().map(|path| &**path).collect::<Vec<_>>()}))
            .collect();
        let events: Vec<Value> = self
            .events
            .iter()
            .map(|(event, line)| {
                json!({
                    "line": line,
                    "routed": self.sources.is_for(&rule.source, &self.sources.of(event)),
                    "matches": detect::oracle::matches(&rule.condition, event),
                    "condition": lines_json(&explain::condition(&rule.condition, Some(event))),
                })
            })
            .collect();
        let mut json = self.meta_json(&rule.meta);
        json["logsource"] = source_json(&rule.source);
        json["has_data"] = json!(!self.sources.fits(&rule.source).is_empty());
        json["condition"] = lines_json(&explain::condition(&rule.condition, None));
        json["fields"] = json!(fields);
        json["events"] = json!(events);
        json
    }

    fn correlation_json(&self, of: &Correlation) -> Value {
        let mut json = self.meta_json(&of.meta);
        json["correlation"] = json!(explain::correlation(of, |name| self.title(name)));
        json["rules"] = json!(of.rules);
        json
    }
}

fn is_named(meta: &Meta, name: &str) -> bool {
    meta.id == name || meta.name.as_deref() == Some(name)
}

fn lines(all: &[Line]) -> String {
    let mut text = String::new();
    for line in all {
        let mark = match line.holds {
            None => "",
            Some(true) => "yes ",
            Some(false) => "no  ",
        };
        text.push_str(&format!("  {mark}{}{}", "  ".repeat(line.depth), line.words));
        if let Some(saw) = &line.saw {
            text.push_str(&format!("   [{saw}]"));
        }
        text.push('\n');
    }
    text
}

fn lines_json(all: &[Line]) -> Value {
    let one = |line: &Line| {
        json!({"depth": line.depth, "words": line.words, "line": line.place.map(|(line, _)| line), "holds": line.holds,
            "saw": line.saw})
    };
    json!(all.iter().map(one).collect::<Vec<_>>())
}
