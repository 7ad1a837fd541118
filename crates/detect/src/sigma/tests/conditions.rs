//! Conditions, and searches of every form.

use super::*;
use crate::limits::MAX_CONDITION_DEPTH;

/// Four searches `a1`, `a2`, `b` and `_c` that look for their own names among the values of F.
const SEARCHES: &str = "a1: {F: a1}\na2: {F: a2}\nb: {F: b}\n_c: {F: _c}\ncondition: ";

/// Whether a condition over those holds when these have matched.
fn holds(condition: &str, matched: &str) -> bool {
    let fields = matched.split_whitespace().map(|name| ("F".to_owned(), text(name))).collect();
    let event = PlainEvent { fields, ..PlainEvent::default() };
    matches(&rule(&format!("{SEARCHES}{condition}")).condition, &event)
}

fn refused_condition(condition: &str) -> String {
    refused(&format!("{SEARCHES}{condition}"))
}

#[test]
fn and_binds_more_than_or_and_not_most() {
    for (condition, matched, expected) in [
        ("a1", "a1", true),
        ("a1", "", false),
        ("not a1", "", true),
        ("a1 or a2 and b", "a1", true),
        ("a1 or a2 and b", "a2", false),
        ("a1 or a2 and b", "a2 b", true),
        ("(a1 or a2) and b", "a1", false),
        ("(a1 or a2) and b", "a1 b", true),
        ("not a1 and a2", "a2", true),
        ("not (a1 and a2)", "a2", true),
        ("not (a1 and a2)", "a1 a2", false),
        ("not not a1", "a1", true),
        ("a1 AND NOT a2 Or b", "a1", true),
        ("a1 and not 1 of b*", "a1", true),
        ("a1 and not 1 of b*", "a1 b", false),
        ("((a1))and(b)", "a1 b", true),
    ] {
        assert_eq!(holds(condition, matched), expected, "{condition}: {matched}");
    }
}

#[test]
fn so_many_of_them() {
    for (condition, matched, expected) in [
        ("1 of them", "b", true),
        ("1 of them", "_c", false),
        ("any of them", "a2", true),
        ("all of them", "a1 a2 b", true),
        ("all of them", "a1 a2", false),
        ("1 of a*", "a2", true),
        ("1 of a*", "b", false),
        ("all of a*", "a1 a2", true),
        ("all of a*", "a1 b", false),
        ("1 of *1", "a1", true),
        ("1 of *1", "a2", false),
        ("1 of *", "_c", false),
        ("1 of _*", "_c", true),
        ("2 of them", "a1 b", true),
        ("2 of them", "b", false),
        ("3 of them", "a1 a2 b", true),
        ("3 of them", "a1 a2", false),
        ("1 of a1", "a1", true),
        ("all of a* or b", "b", true),
    ] {
        assert_eq!(holds(condition, matched), expected, "{condition}: {matched}");
    }
}

#[test]
fn a_list_of_conditions_is_any_of_them() {
    assert!(holds("[a1, a2 and b]", "a1") && holds("[a1, a2 and b]", "a2 b") && !holds("[a1, a2 and b]", "a2"));
}

#[test]
fn what_has_no_meaning_is_refused() {
    for (condition, reason) in [
        ("a3", "there is no search `a3`; did you mean `a1`?"),
        ("1 of c*", "no search is called `c*`"),
        ("4 of them", "can never match: there are 3"),
        ("0 of them", "always matches"),
        ("some of them", "write a number, `any` or `all`"),
        ("a1 and", "ends where a search is expected"),
        ("and a1", "`and` stands where"),
        ("a1 a2", "`a2` is not expected"),
        ("(a1", "is not closed"),
        ("a1)", "closes nothing"),
        ("a*", "means several searches"),
        ("a1 of", "write a number"),
        ("1 of", "is expected"),
        ("1 of a?", "only wildcard"),
        ("a1 | count() by F > 5", "`correlation`"),
        ("a1 | near a2", "`near` is no longer Sigma"),
        ("''", "a condition is a text"),
        ("[]", "empty list of conditions"),
        ("{a: b}", "a condition is a text"),
    ] {
        let reason_given = refused_condition(condition);
        assert!(
            reason_given.contains(reason) && reason_given.contains("detection.condition: "),
            "{condition}: {reason_given}"
        );
    }
    assert!(refused_condition(&format!("{}a1", "not ".repeat(MAX_CONDITION_DEPTH))).contains("MAX_CONDITION_DEPTH"));
    assert!(refused_condition(&format!("{}a1", "(".repeat(100_000))).contains("MAX_CONDITION_BYTES"));
    let nested = |depth| format!("{}a1{}", "(b or not (b and ".repeat(depth), "))".repeat(depth));
    assert!(
        refused_condition(&nested(30)).contains("MAX_EXPR_DEPTH")
            || refused_condition(&nested(30)).contains("MAX_CONDITION")
    );
    assert!(holds(&nested(8), "a1 b") || !holds(&nested(8), "a1 b"));
}

#[test]
fn many_of_many_are_bounded() {
    let searches: String = (0..60).map(|n| format!("s{n}: {{F: {n}}}\n")).collect();
    assert!(refused(&format!("{searches}condition: 8 of them")).contains("MAX_LEAVES"));
    assert!(refused(&format!("{searches}condition: 30 of them")).contains("MAX_OF"));
    assert_eq!(rule(&format!("{searches}condition: all of s*")).source.product.as_deref(), Some("windows"));
}

#[test]
fn searches_of_every_form() {
    let map = rule("s:\n  F: a\n  G: b\ncondition: s").condition;
    assert!(matches(&map, &event([("F", text("a")), ("G", text("b"))])) && !matches(&map, &event([("F", text("a"))])));
    let list = rule("s:\n  - F: a\n    G: b\n  - G: c\ncondition: s").condition;
    assert!(matches(&list, &event([("G", text("c"))])) && !matches(&list, &event([("F", text("a"))])));
    let mixed = rule("s:\n  - word\n  - G: c\ncondition: s").condition;
    assert!(matches(&mixed, &event([("x", text("a word"))])) && matches(&mixed, &event([("G", text("c"))])));
    assert!(matches(&rule("s: word\ncondition: s").condition, &event([("x", text("a word"))])));
    for (detection, reason) in [
        ("s: {}\ncondition: s", "matches everything"),
        ("s: []\ncondition: s", "matches nothing"),
        ("s:\ncondition: s", "null needs a field"),
        ("condition: s", "there is no search"),
        ("s: {F: a}", "condition is missing"),
        ("s: {F: a}\ntimeframe: 5m\ncondition: s", "`timespan`"),
        ("s: {F: a}\ns: {F: b}\ncondition: s", "twice"),
        ("s: {<<: {F: a}}\ncondition: s", "merge keys"),
    ] {
        assert!(refused(detection).contains(reason), "{detection}: {}", refused(detection));
    }
}

#[test]
fn odd_conditions_are_told() {
    assert_eq!(odd("s: {F: a}\nt: {F: b}\n_u: {F: c}\ncondition: s"), ["unused-search"]);
    assert_eq!(odd("s: {F: a}\nt: {F: b}\ncondition: all of them"), ["all-of-them"]);
    assert_eq!(odd("s: {F: a}\nfilter: {F: b}\ncondition: 1 of them"), ["filter-is-meant"]);
    assert_eq!(odd("s: {F: a}\nfilter_x: {F: b}\ncondition: s and not 1 of filter_*"), [] as [&str; 0]);
}
