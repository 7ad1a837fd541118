//! What is missing, old or broken in what people wrote down.

use super::markdown;
use super::page::{Kind, Origin, Page};
use super::read::without_notion_ids;
use super::shelf::Shelf;
use crate::limits::MAX_LISTED;
use model::Nanos;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

/// A rule, by all the names that a page may call it.
#[derive(Clone, Debug)]
pub struct RuleName {
    /// Its id, and `linux/sudoers_changed` if it is built in.
    pub names: Vec<String>,
    /// The title of its alerts.
    pub title: String,
}

/// How many different people wrote some files, if that can be told.
pub type Authors<'a> = dyn Fn(&[&str]) -> Option<usize> + 'a;

/// What the lists are made from, beside the pages.
#[derive(Clone, Copy, Default)]
pub struct ListsAsked<'a> {
    /// The time.
    pub now: Nanos,
    /// Rules at work.
    pub rules: &'a [RuleName],
    /// Known commands of `tandem`, such as `search` and `rules backtest`; none to leave commands alone.
    pub commands: &'a [String],
    /// Whether a path of the repository is there; none to leave files alone.
    pub exists: Option<&'a dyn Fn(&str) -> bool>,
    /// How many different people wrote these pages, by their files, as the history of the repository tells; none where
    /// it does not. It tells a number, and nobody's name.
    pub authors: Option<&'a Authors<'a>>,
}

/// A place in a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = PagePlace)]
pub struct Place {
    /// The page.
    pub page: String,
    /// Its file.
    pub file: String,
    /// The line, if the page is as its file.
    pub line: Option<usize>,
    /// What is there.
    pub what: String,
    /// What is wrong with it and what to do.
    pub why: String,
}

/// A list, and how long it really is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Listed<T> {
    /// The first of them.
    pub first: Vec<T>,
    /// All of them.
    pub count: usize,
}

impl<T> Listed<T> {
    fn of(mut all: Vec<T>) -> Listed<T> {
        let count = all.len();
        all.truncate(MAX_LISTED);
        Listed { first: all, count }
    }
}

/// A service that few pages are for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Hangs {
    /// The service.
    pub service: String,
    /// Its pages.
    pub pages: Vec<String>,
    /// The risk in words; it names nobody.
    pub why: &'static str,
}

/// A page that somebody should have looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = PageOverdue)]
pub struct Overdue {
    /// The page.
    pub page: String,
    /// The team that answers for it.
    pub owner: Option<String>,
    /// Since when.
    #[schema(value_type = String)]
    pub review_by: Nanos,
}

/// All lists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = KnowledgeLists)]
pub struct Lists {
    /// Titles of rules that no runbook names.
    pub without_runbook: Listed<String>,
    /// Pages past their day, the longest first.
    pub overdue: Listed<Overdue>,
    /// Links to pages and headings that are not there.
    pub broken_links: Listed<Place>,
    /// Commands and files that are not there.
    pub stale_commands: Listed<Place>,
    /// Services whose pages one person wrote.
    pub one_author: Listed<Hangs>,
}

impl Shelf {
    /// Makes the lists. It reads every page's Markdown, some 20,000 a second.
    pub fn lists(&self, asked: &ListsAsked<'_>) -> Lists {
        let pages = self.pages();
        let outlines: HashMap<&str, markdown::Outline> =
            pages.iter().map(|page| (page.id.as_str(), markdown::outline(&page.markdown))).collect();
        let (mut links, mut commands) = (Vec::new(), Vec::new());
        for page in &pages {
            let Some(outline) = outlines.get(page.id.as_str()) else { continue };
            broken(page, outline, &outlines, asked, &mut links);
            stale(page, outline, asked, &mut commands);
        }
        Lists {
            without_runbook: Listed::of(without_runbook(&pages, asked.rules)),
            overdue: Listed::of(overdue(&pages, asked.now)),
            broken_links: Listed::of(links),
            stale_commands: Listed::of(commands),
            one_author: Listed::of(one_author(&pages, asked)),
        }
    }
}

fn without_runbook(pages: &[Arc<Page>], rules: &[RuleName]) -> Vec<String> {
    let runbooks = || pages.iter().filter(|page| page.kind == Kind::Runbook);
    let named: HashSet<&str> = runbooks().flat_map(|page| &page.rules).map(String::as_str).collect();
    let titles: HashSet<String> = runbooks().flat_map(|page| &page.alerts).map(|title| title.to_lowercase()).collect();
    let has = |rule: &RuleName| {
        let own = |name: &String| {
            named.contains(name.as_str()) || name.rsplit('/').next().is_some_and(|stem| named.contains(stem))
        };
        rule.names.iter().any(own) || titles.contains(&rule.title.to_lowercase())
    };
    rules.iter().filter(|rule| !has(rule)).map(|rule| rule.title.clone()).collect()
}

fn overdue(pages: &[Arc<Page>], now: Nanos) -> Vec<Overdue> {
    let late = |page: &Arc<Page>| {
        let review_by = page.review_by.filter(|day| *day < now)?;
        Some(Overdue { page: page.id.clone(), owner: page.owner.clone(), review_by })
    };
    let mut late: Vec<Overdue> = pages.iter().filter_map(late).collect();
    late.sort_by_key(|one| one.review_by);
    late
}

fn place(page: &Page, line: usize, what: &str, why: String) -> Place {
    let line = page.line_of(line);
    Place { page: page.id.clone(), file: page.file.clone(), line, what: super::text::title(what), why }
}

/// Links to what is not there: pages, headings, and other files when it can be asked whether they are.
fn broken(
    page: &Page,
    outline: &markdown::Outline,
    all: &HashMap<&str, markdown::Outline>,
    asked: &ListsAsked<'_>,
    into: &mut Vec<Place>,
) {
    for link in &outline.links {
        let (path, anchor) = link.target.split_once('#').unwrap_or((&link.target, ""));
        let path = path.split('?').next().unwrap_or_default();
        let outside = path.starts_with(['/', '\\']) || path.split('/').next().is_some_and(|head| head.contains(':'));
        if outside || link.target.is_empty() {
            continue;
        }
        let target = if path.is_empty() { Some(page.id.clone()) } else { beside(&page.id, &unescaped(path)) };
        let Some(target) = target else {
            // Out of the folder of knowledge, as to the code beside it.
            continue;
        };
        let found = all.get(target.as_str()).or_else(|| all.get(without_notion_ids(&target).as_str()));
        // Exports of wikis make anchors of their own.
        let own_anchors = matches!(page.origin, Origin::Markdown | Origin::BuiltIn);
        let why = match found {
            Some(outline)
                if own_anchors
                    && !anchor.is_empty()
                    && !outline.anchors.iter().any(|known| *known == unescaped(anchor)) =>
            {
                format!("`{target}` has no heading `#{anchor}`: link to another or mend the name")
            }
            Some(_) => continue,
            None if is_page(&target) => format!("there is no page `{target}`: mend the link, or write the page"),
            None => match asked.exists {
                Some(exists) if own_anchors && page.origin != Origin::BuiltIn && !exists(&target) => {
                    format!("there is no file `{target}`: mend the link")
                }
                _ => continue,
            },
        };
        into.push(place(page, link.line, &link.target, why));
    }
}

fn is_page(path: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, ending)| matches!(ending, "md" | "html"))
}

/// A relative path from beside a page; none when it leads out of the folder.
fn beside(page: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = page.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// A path without the escapes of addresses.
fn unescaped(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = after.get(..2).filter(|_| *first == b'%').and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Commands that `tandem` does not have, and files of the repository that are not there.
fn stale(page: &Page, outline: &markdown::Outline, asked: &ListsAsked<'_>, into: &mut Vec<Place>) {
    for command in &outline.commands {
        for words in commands(&command.text) {
            let words: Vec<&str> = words.iter().map(String::as_str).skip_while(|word| *word == "sudo").collect();
            if let Some(why) = unknown(&words, asked.commands) {
                into.push(place(page, command.line, &command.text, why));
            }
            let Some(exists) = asked.exists else { continue };
            for word in words.iter().filter(|word| is_path(word)) {
                let path = word.strip_prefix("./").unwrap_or(word);
                // Only what begins in a folder of the repository is known to be meant as one of its files.
                let top = path.split('/').next().unwrap_or_default();
                if (word.starts_with("./") || exists(top)) && !exists(path) {
                    into.push(place(
                        page,
                        command.line,
                        &command.text,
                        format!("there is no `{path}` in the repository: mend the command"),
                    ));
                }
            }
        }
    }
}

fn is_path(word: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '-' | '_');
    word.contains('/')
        && !word.starts_with(['/', '-'])
        && !word.contains("..")
        && word.chars().all(plain)
        && !word.ends_with('/')
}

/// Why a command of `tandem` is none; nothing is said of other programs.
fn unknown(words: &[&str], known: &[String]) -> Option<String> {
    let arguments = words.strip_prefix(&["tandem"])?;
    // With options before the command it cannot be told which words are theirs.
    let first = arguments.first().filter(|first| !known.is_empty() && is_name(first))?;
    let under =
        |prefix: &str| known.iter().any(|one| one.strip_prefix(prefix).is_some_and(|rest| rest.starts_with(' ')));
    let is = |name: &str| known.iter().any(|one| one == name) || under(name);
    if !is(first) {
        return Some(format!("`tandem` has no command `{first}`: see `tandem --help`"));
    }
    let second = arguments.get(1).filter(|second| under(first) && is_name(second))?;
    (!is(&format!("{first} {second}")))
        .then(|| format!("`tandem {first}` has no command `{second}`: see `tandem {first} --help`"))
}

fn is_name(word: &str) -> bool {
    !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c == '-') && !word.starts_with('-')
}

/// The words of each command on a line, as a shell sees them, roughly.
fn commands(line: &str) -> Vec<Vec<String>> {
    let (mut all, mut words, mut word) = (Vec::new(), Vec::new(), String::new());
    let mut quote: Option<char> = None;
    for c in line.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"') => quote = Some(c),
            (None, ' ' | '\t') => words.extend((!word.is_empty()).then(|| std::mem::take(&mut word))),
            (None, '|' | ';' | '&' | '(' | ')') => {
                words.extend((!word.is_empty()).then(|| std::mem::take(&mut word)));
                all.push(std::mem::take(&mut words));
            }
            (None, '#') if word.is_empty() => break,
            (_, c) => word.push(c),
        }
    }
    words.extend((!word.is_empty()).then_some(word));
    all.push(words);
    all.retain(|words| !words.is_empty());
    all
}

/// Services for which one person wrote all pages. That is a risk to the service, and nobody is named.
fn one_author(pages: &[Arc<Page>], asked: &ListsAsked<'_>) -> Vec<Hangs> {
    let Some(authors) = asked.authors else { return Vec::new() };
    let mut of: BTreeMap<&str, Vec<&Page>> = BTreeMap::new();
    for page in pages.iter().filter(|page| page.origin != Origin::BuiltIn) {
        for service in &page.services {
            of.entry(service).or_default().push(page);
        }
    }
    let hangs = |(service, pages): (&str, Vec<&Page>)| {
        let files: Vec<&str> = pages.iter().map(|page| page.file.as_str()).collect();
        (authors(&files) == Some(1)).then(|| Hangs {
            service: service.to_owned(),
            pages: pages.iter().map(|page| page.id.clone()).collect(),
            why: "one author: have a second person go through it and write down what is missing",
        })
    };
    of.into_iter().filter_map(hangs).collect()
}
