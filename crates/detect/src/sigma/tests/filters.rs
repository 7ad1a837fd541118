//! Filters.

use super::*;

const RULES: &str = "title: one\nid: id-1\nname: one\nlogsource: {product: windows, category: process_creation}\ndetection:\n  s: {F: a}\n  condition: s\n---\ntitle: two\nid: id-2\nname: two\nlogsource: {product: linux}\ndetection:\n  s: {F: a}\n  condition: s\n";

fn with(logsource: &str, filter: &str) -> Loaded {
    let indented: String = filter.lines().map(|line| format!("  {line}\n")).collect();
    let text = format!("{RULES}---\ntitle: f\nlogsource: {logsource}\nfilter:\n{indented}");
    load_texts([("t.yml", text.as_str())], &Options::default())
}

/// Which rules match an event with F: a and this user.
fn matched(loaded: &Loaded, user: &str) -> Vec<String> {
    let event = event([("F", text("a")), ("User", text(user))]);
    loaded.rules.iter().filter(|rule| matches(&rule.condition, &event)).map(|rule| rule.meta.title.clone()).collect()
}

#[test]
fn a_filter_is_joined_to_the_rules_that_it_names() {
    for rules in ["[one]", "[id-1]", "one"] {
        let loaded = with(
            "{product: windows}",
            &format!("rules: {rules}\nselection: {{User|startswith: adm_}}\ncondition: not selection"),
        );
        assert_eq!((loaded.refused.len(), loaded.filters), (0, 1), "{:?}", loaded.refused);
        assert_eq!(matched(&loaded, "adm_x"), ["two"]);
        assert_eq!(matched(&loaded, "x"), ["one", "two"]);
    }
    // Its condition is joined as it is written.
    let loaded = with("{product: windows}", "rules: [one]\nselection: {User: x}\ncondition: selection");
    assert_eq!((matched(&loaded, "x").len(), matched(&loaded, "y").len()), (2, 1));
    assert!(loaded.findings.iter().any(|finding| finding.check == "filter-keeps"));
}

#[test]
fn a_filter_for_any_rule_goes_by_the_log_source() {
    for rules in ["rules: any\n", ""] {
        let loaded =
            with("{product: windows}", &format!("{rules}a: {{User: x}}\nb: {{User: y}}\ncondition: not 1 of them"));
        assert_eq!((matched(&loaded, "x"), loaded.filters), (vec!["two".to_owned()], 1));
        assert!(loaded.findings.iter().any(|finding| finding.check == "filter-for-any"));
    }
    let nowhere = with("{product: windows, service: security}", "rules: any\ns: {User: x}\ncondition: not s");
    assert_eq!((matched(&nowhere, "x").len(), nowhere.filters), (2, 0));
    assert!(nowhere.findings.iter().any(|finding| finding.check == "filter-without-rules"));
}

#[test]
fn a_filter_changes_the_version() {
    let plain = load_texts([("t.yml", RULES)], &Options::default());
    let loaded = with("{product: windows}", "rules: [one]\ns: {User: x}\ncondition: not s");
    assert_ne!(plain.rules[0].meta.version, loaded.rules[0].meta.version);
    assert_eq!(plain.rules[1].meta.version, loaded.rules[1].meta.version);
}

#[test]
fn what_a_filter_does_not_find_is_told_and_the_rest_is_filtered() {
    for (source, rules, reason) in [
        ("{product: windows}", "[one, three]", "there is no rule with the name or id `three`"),
        ("{product: windows}", "[one, two]", "logsource of this rule is another"),
    ] {
        let loaded = with(source, &format!("rules: {rules}\ns: {{User: x}}\ncondition: not s"));
        assert_eq!((loaded.refused.len(), loaded.rules.len(), loaded.filters), (1, 2, 1));
        let refusal = &loaded.refused[0];
        assert!(
            refusal.reason.contains(reason) && refusal.field == "filter.rules" && refusal.title == "f",
            "{refusal}"
        );
        assert_eq!(matched(&loaded, "x"), ["two"]);
    }
    let correlation = format!(
        "{RULES}---\nname: c\ncorrelation: {{type: temporal, rules: [one, two], group-by: [u], timespan: 1m}}\n---\ntitle: f\nlogsource: {{product: linux}}\nfilter: {{rules: [c], s: {{User: x}}, condition: not s}}\n"
    );
    let loaded = load_texts([("t.yml", correlation.as_str())], &Options::default());
    assert!(
        loaded.refused.len() == 1 && loaded.refused[0].reason.contains("this is a correlation"),
        "{:?}",
        loaded.refused
    );
}

#[test]
fn broken_filters_are_refused_and_leave_the_rules() {
    for (source, filter, reason) in [
        ("{product: windows}", "rules: [one]\ns: {User: x}", "condition is missing"),
        ("{product: windows}", "rules: [one]\ncondition: not s", "there is no search"),
        ("{product: windows}", "rules: []\ns: {User: x}\ncondition: not s", "at least one"),
        ("{product: windows}", "rules: [one]\ns: {User|foo: x}\ncondition: not s", "unknown modifier"),
        ("{}", "rules: [one]\ns: {User: x}\ncondition: not s", "empty logsource"),
    ] {
        let loaded = with(source, filter);
        assert_eq!((loaded.refused.len(), loaded.rules.len(), loaded.filters), (1, 2, 0), "{filter}");
        assert!(loaded.refused[0].reason.contains(reason), "{}", loaded.refused[0]);
    }
}
