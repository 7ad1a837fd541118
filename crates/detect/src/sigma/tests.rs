//! What rules mean, with values worked out by hand from the specification.

mod conditions;
mod correlations;
mod filters;
mod loading;
mod modifiers;
mod regexes;

use super::{Loaded, Options, load_texts};
use crate::event::{PlainEvent, Scalar};
use crate::oracle::matches;
use crate::rule::{Expr, Rule};

/// What is before the detection of a test's rule.
const HEAD: &str = "title: t\nid: 4b7f8f0e-6c6e-4a8c-9c8e-000000000001\nlogsource: {product: windows}\nlevel: low\ndescription: d\nfalsepositives: [none]\n";

/// A rule around searches and a condition.
fn around(detection: &str) -> String {
    let indented: String = detection.lines().map(|line| format!("  {line}\n")).collect();
    format!("{HEAD}detection:\n{indented}")
}

fn load_one(detection: &str, options: &Options) -> Loaded {
    load_texts([("t.yml", around(detection).as_str())], options)
}

/// The rule of a detection that is fine.
fn rule(detection: &str) -> Rule {
    let mut loaded = load_one(detection, &Options::default());
    assert_eq!(loaded.refused, [], "{detection}");
    loaded.rules.remove(0)
}

/// The condition of a search with one line.
fn search(line: &str) -> Expr {
    rule(&format!("s:\n  {line}\ncondition: s")).condition
}

/// The reason why a detection is refused, with the field.
fn refused(detection: &str) -> String {
    let loaded = load_one(detection, &Options::default());
    assert_eq!((loaded.rules.len(), loaded.refused.len()), (0, 1), "{detection}: {:?}", loaded.refused);
    let refusal = &loaded.refused[0];
    assert_eq!((&*refusal.place.file, refusal.title.as_str()), ("t.yml", "t"));
    assert!(refusal.place.line > 6 && refusal.place.column > 1, "{refusal}");
    refusal.to_string()
}

/// The checks that a detection is odd for.
fn odd(detection: &str) -> Vec<&'static str> {
    let loaded = load_one(detection, &Options::default());
    assert_eq!(loaded.refused, [], "{detection}");
    loaded.findings.iter().map(|finding| finding.check).collect()
}

fn event<const N: usize>(fields: [(&str, Scalar); N]) -> PlainEvent {
    let fields = fields.map(|(path, value)| (path.to_owned(), value)).to_vec();
    PlainEvent { fields, ..PlainEvent::default() }
}

fn text(text: &str) -> Scalar {
    Scalar::Text(text.to_owned())
}

/// Whether a search with one line holds for a field `F` with this value.
fn holds(line: &str, value: Scalar) -> bool {
    matches(&search(line), &event([("F", value)]))
}

/// Which of these texts a search with one line holds for.
fn of<'t>(line: &str, texts: &[&'t str]) -> Vec<&'t str> {
    let expr = search(line);
    texts.iter().copied().filter(|one| matches(&expr, &event([("F", text(one))]))).collect()
}
