//! What stands above a page between two lines of `---`.

use super::page::{Kind, Problem};
use super::text::title;
use crate::limits::{MAX_FRONT_BYTES, MAX_FRONT_DEPTH, MAX_FRONT_NAMES, MAX_FRONT_NODES, MAX_NAME_BYTES};
use chrono::{NaiveDate, NaiveTime};
use model::Nanos;
use yaml::{Limits, Node, Yaml};

/// What a page says about itself.
#[derive(Debug, Default)]
pub(super) struct Front {
    pub(super) title: Option<String>,
    pub(super) services: Vec<String>,
    pub(super) rules: Vec<String>,
    pub(super) alerts: Vec<String>,
    pub(super) techniques: Vec<String>,
    pub(super) owner: Option<String>,
    pub(super) review_by: Option<Nanos>,
    pub(super) kind: Option<Kind>,
}

/// Cuts a file into its front matter, with the number of bytes before the text and of lines before it.
fn split(text: &str) -> Option<Result<(&str, usize, usize), &'static str>> {
    let first = text.split_inclusive('\n').next()?;
    if first.trim_end() != "---" {
        return None;
    }
    let (mut at, mut lines) = (first.len(), 1);
    for line in text[first.len()..].split_inclusive('\n') {
        if matches!(line.trim_end(), "---" | "...") {
            return Some(Ok((&text[first.len()..at], at + line.len(), lines + 1)));
        }
        at += line.len();
        lines += 1;
        if at > MAX_FRONT_BYTES {
            return Some(Err(
                "the front matter has more than 16 KiB, or no line `---` ends it: end it, or begin the page otherwise",
            ));
        }
    }
    Some(Err("no line `---` ends the front matter: add one"))
}

/// Reads the front matter of a page. What is wrong with it is a problem, and the page is read without it. Answers the
/// text below it and on which line that begins.
pub(super) fn read<'t>(text: &'t str, path: &str, problems: &mut Vec<Problem>) -> (Front, &'t str, usize) {
    let mut front = Front::default();
    let mut problem =
        |line: usize, what: String| problems.push(Problem { path: path.to_owned(), line: Some(line), what });
    match split(text) {
        None => (front, text, 1),
        Some(Err(what)) => {
            problem(1, what.to_owned());
            (front, text, 1)
        }
        Some(Ok((yaml, at, lines))) => {
            let limits = Limits { nodes: MAX_FRONT_NODES, depth: MAX_FRONT_DEPTH };
            match Yaml::parse_part(yaml, 2, limits) {
                Err(error) => problem(
                    error.place.0,
                    format!("the front matter is no YAML: {}; the page is read without it", error.reason),
                ),
                Ok(yaml) => {
                    if let Some(document) = yaml.documents().next() {
                        front.take(document, &mut problem);
                    }
                }
            }
            (front, &text[at..], lines + 1)
        }
    }
}

impl Front {
    fn take(&mut self, document: Node<'_>, problem: &mut impl FnMut(usize, String)) {
        if !document.is_map() {
            if !document.is_null() {
                problem(document.place().0, "the front matter is no map: write `key: value` lines".to_owned());
            }
            return;
        }
        for (key, value) in document.members().filter(|(_, value)| !value.is_null()) {
            let line = value.place().0;
            match key {
                "title" => self.title = one(value, key, problem).map(|text| title(&text)),
                "services" | "service" => self.services = names(value, key, problem),
                "rules" | "rule" => self.rules = names(value, key, problem),
                "alerts" | "alert" => self.alerts = names(value, key, problem),
                "techniques" | "technique" => {
                    self.techniques = names(value, key, problem).into_iter().map(|name| technique(&name)).collect();
                }
                "owner" => {
                    // People write teams as entities or as names.
                    let owner = one(value, key, problem);
                    self.owner = owner.map(|owner| owner.strip_prefix("team:").unwrap_or(&owner).to_owned());
                }
                "review_by" => {
                    let day = value.text().and_then(day);
                    if day.is_none() {
                        problem(line, "`review_by` is no day: write it as 2026-12-31".to_owned());
                    }
                    self.review_by = day;
                }
                "kind" => {
                    self.kind = value.text().and_then(Kind::from_name);
                    if self.kind.is_none() {
                        let kinds = Kind::ALL.map(Kind::name).join(", ");
                        problem(line, format!("there is no such kind of page; there are {kinds}"));
                    }
                }
                // Pages have front matter for other programs too.
                _ => {}
            }
        }
    }
}

/// A technique as it is written by ATT&CK: `attack.t1110.001` is `T1110.001`.
pub(super) fn technique(name: &str) -> String {
    let name = name.trim();
    let lower = name.to_ascii_lowercase();
    lower.strip_prefix("attack.").unwrap_or(&lower).to_ascii_uppercase()
}

/// The beginning of a day in UTC.
pub(super) fn day(text: &str) -> Option<Nanos> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_time(NaiveTime::MIN).and_utc().timestamp_nanos_opt()
}

fn one(value: Node<'_>, key: &str, problem: &mut impl FnMut(usize, String)) -> Option<String> {
    let text = value.text().filter(|text| text.len() <= MAX_NAME_BYTES && !text.is_empty());
    if text.is_none() {
        problem(value.place().0, format!("`{key}` is no text of at most {MAX_NAME_BYTES} bytes"));
    }
    text.map(str::to_owned)
}

/// A list of names, or one name.
fn names(value: Node<'_>, key: &str, problem: &mut impl FnMut(usize, String)) -> Vec<String> {
    if !value.is_list() {
        return one(value, key, problem).into_iter().collect();
    }
    if value.items().len() > MAX_FRONT_NAMES {
        problem(value.place().0, format!("`{key}` has more than {MAX_FRONT_NAMES} names; the first are taken"));
    }
    value.items().take(MAX_FRONT_NAMES).filter_map(|item| one(item, key, problem)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str) -> (Front, usize, Vec<String>) {
        let mut problems = Vec::new();
        let (front, _, line) = read(text, "p", &mut problems);
        (front, line, problems.iter().map(Problem::to_string).collect())
    }

    #[test]
    fn what_a_page_says_about_itself() {
        let (front, line, told) = problems(
            "---\ntitle: Disk\nservices: [cart, payment-api]\nrule: disk_full\ntechniques: [attack.t1110.001]\nowner: \
             team:shop\nreview_by: 2026-12-31\nkind: Runbook\nlayout: x\n---\ntext\n",
        );
        assert_eq!((line, told.len()), (11, 0), "{told:?}");
        assert_eq!((front.title.as_deref(), front.owner.as_deref()), (Some("Disk"), Some("shop")));
        assert_eq!((front.services.len(), front.rules.len(), front.kind), (2, 1, Some(Kind::Runbook)));
        assert_eq!(
            (front.techniques.as_slice(), front.review_by),
            (["T1110.001".to_owned()].as_slice(), day("2026-12-31"))
        );
        assert_eq!(problems("text\n---\n").1, 1);
    }

    #[test]
    fn what_is_wrong_has_its_line() {
        for (text, place, part) in [
            ("---\ntitle: a\n", "p:1:", "add one"),
            ("---\ntitle: [a\n---\n", "p:", "no YAML"),
            ("---\n- a\n---\n", "p:2:", "no map"),
            ("---\ntitle: a\nreview_by: soon\n---\n", "p:3:", "2026-12-31"),
            ("---\nkind: poem\n---\n", "p:2:", "runbook, note"),
            ("---\nservices: {a: b}\n---\n", "p:2:", "no text"),
        ] {
            let (_, _, told) = problems(text);
            assert_eq!(told.len(), 1, "{text} {told:?}");
            assert!(told[0].starts_with(place) && told[0].contains(part), "{text} {told:?}");
        }
        let long = format!("---\n{}---\n", "a: b\n".repeat(5_000));
        assert!(problems(&long).2[0].contains("16 KiB"));
        let many = format!("---\nservices: [{}]\n---\n", "a, ".repeat(300));
        assert_eq!((problems(&many).0.services.len(), problems(&many).2.len()), (MAX_FRONT_NAMES, 1));
    }
}
