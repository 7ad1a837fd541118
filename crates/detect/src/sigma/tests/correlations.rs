//! Correlations.

use super::*;
use crate::limits::MAX_CHAIN;
use crate::rule::{Comparison, Correlation, Field, Measure, RuleExpr, WindowCondition};

/// Two rules, `a` and `b`.
fn rules() -> String {
    let one = |name: &str| {
        format!(
            "title: {name}\nid: id-{name}\nname: {name}\nlogsource: {{product: linux}}\ndetection:\n  s: {{F: {name}}}\n  condition: s\n"
        )
    };
    format!("{}---\n{}", one("a"), one("b"))
}

fn with(correlation: &str) -> Loaded {
    let indented: String = correlation.lines().map(|line| format!("  {line}\n")).collect();
    let text = format!("{}---\ntitle: c\nid: id-c\nname: c\nlevel: high\ncorrelation:\n{indented}", rules());
    load_texts([("t.yml", text.as_str())], &Options::default())
}

fn correlation(text: &str) -> Correlation {
    let mut loaded = with(text);
    assert_eq!(loaded.refused, [], "{text}");
    assert_eq!((loaded.rules.len(), loaded.correlations.len()), (2, 1), "{text}");
    loaded.correlations.remove(0)
}

/// Why the correlation is refused; the rules that it alone looks at are with it.
fn refused_because(text: &str) -> String {
    let loaded = with(text);
    assert_eq!(loaded.correlations, [], "{text}");
    let own: Vec<_> = loaded.refused.iter().filter(|refusal| refusal.title == "c").collect();
    assert_eq!(own.len(), 1, "{text}: {:?}", loaded.refused);
    own[0].to_string()
}

#[test]
fn counts() {
    let found =
        correlation("type: event_count\nrules: [a]\ngroup-by: [user, host]\ntimespan: 10m\ncondition: {gte: 10}");
    assert_eq!(
        (found.rules.as_slice(), found.timespan, found.generate),
        (&["id-a".to_owned()][..], 600_000_000_000, false)
    );
    assert_eq!(found.measure, Measure::EventCount);
    assert_eq!(found.condition, WindowCondition::Compare(vec![(Comparison::GreaterOrEqual, 10.0)]));
    let groups: Vec<_> = found.group_by.iter().map(|group| (group.name.as_str(), group.fields.clone())).collect();
    assert_eq!(groups, [("user", vec![Field::new("user")]), ("host", vec![Field::new("host")])]);
    let range =
        correlation("type: event_count\nrules: a\ngroup-by: user\ntimespan: 1h\ncondition: {lte: 200, gt: 100}");
    assert_eq!(
        range.condition,
        WindowCondition::Compare(vec![(Comparison::Greater, 100.0), (Comparison::LessOrEqual, 200.0)])
    );
    for (operator, comparison) in [("eq", Comparison::Equal), ("neq", Comparison::NotEqual), ("lt", Comparison::Less)] {
        let found = correlation(&format!(
            "type: event_count\nrules: [a]\ngroup-by: [u]\ntimespan: 1h\ncondition: {{{operator}: 3}}"
        ));
        assert_eq!(found.condition, WindowCondition::Compare(vec![(comparison, 3.0)]));
    }
}

#[test]
fn measures_of_values() {
    let f = || Field::new("f");
    for (kind, condition, expected) in [
        ("value_count", "{field: f, gte: 3}", Measure::ValueCount(vec![f()])),
        ("value_count", "{field: [f, g], gte: 3}", Measure::ValueCount(vec![f(), Field::new("g")])),
        ("value_sum", "{field: f, gt: 1.5}", Measure::ValueSum(f())),
        ("value_avg", "{field: [f], gt: 1}", Measure::ValueAvg(f())),
        ("value_median", "{field: f, lt: 1}", Measure::ValueMedian(f())),
        ("value_percentile", "{field: f, percentile: 95, gt: 1}", Measure::ValuePercentile(f(), 95.0)),
        ("value_percentile", "{field: f, gt: 1}", Measure::ValuePercentile(f(), 50.0)),
    ] {
        let found =
            correlation(&format!("type: {kind}\nrules: [a]\ngroup-by: [u]\ntimespan: 1h\ncondition: {condition}"));
        assert_eq!(found.measure, expected, "{kind} {condition}");
    }
    let loaded = with("type: value_percentile\nrules: [a]\ngroup-by: [u]\ntimespan: 1h\ncondition: {field: f, gt: 1}");
    assert!(loaded.findings.iter().any(|finding| finding.check == "missing-percentile"));
}

#[test]
fn proximity_in_time() {
    let all = WindowCondition::Rules(RuleExpr::And(vec![RuleExpr::Rule(0), RuleExpr::Rule(1)]));
    let rest = "rules: [a, b]\ngroup-by: [u]\ntimespan: 1m";
    let found = correlation(&format!("type: temporal\n{rest}"));
    assert_eq!((found.measure, found.condition), (Measure::Temporal, all.clone()));
    let found = correlation(&format!("type: temporal_ordered\n{rest}\ncondition: {{gte: 2}}"));
    assert_eq!((found.measure, found.condition), (Measure::TemporalOrdered, all));
    let found = correlation(&format!("type: temporal\n{rest}\ncondition: {{gte: 1}}"));
    assert_eq!(found.condition, WindowCondition::Compare(vec![(Comparison::GreaterOrEqual, 1.0)]));
    assert!(
        refused_because(&format!("type: temporal_ordered\n{rest}\ncondition: {{gte: 1}}")).contains("not a number")
    );
}

#[test]
fn boolean_conditions() {
    let rest = "group-by: [u]\ntimespan: 1m\ncondition";
    let not = || RuleExpr::Not(Box::new(RuleExpr::Rule(1)));
    for rules in ["rules: [a, b]\n", ""] {
        let found = correlation(&format!("type: temporal\n{rules}{rest}: a and not b"));
        assert_eq!(found.condition, WindowCondition::Rules(RuleExpr::And(vec![RuleExpr::Rule(0), not()])));
        assert_eq!(found.rules, ["id-a", "id-b"]);
    }
    let found = correlation(&format!("type: temporal\nrules: [a, b]\n{rest}: 1 of them"));
    assert_eq!(found.condition, WindowCondition::Rules(RuleExpr::Or(vec![RuleExpr::Rule(0), RuleExpr::Rule(1)])));
    let found = correlation(&format!("type: temporal_ordered\nrules: [id-a, b]\n{rest}: (id-a or not b) and b"));
    assert_eq!(found.measure, Measure::TemporalOrdered);
    for (text, reason) in [
        (format!("type: temporal\nrules: [a]\n{rest}: a and b"), "`b` is none of the rules"),
        (format!("type: temporal\nrules: [a, b]\n{rest}: a"), "does not use the rule `b`"),
        (format!("type: temporal\nrules: [a, b]\n{rest}: a and"), "ends where"),
        (format!("type: event_count\nrules: [a, b]\n{rest}: a and b"), "compared with a number"),
        (format!("type: temporal\n{rest}: a and x"), "no rule with the name or id `x`"),
    ] {
        assert!(refused_because(&text).contains(reason), "{text}: {}", refused_because(&text));
    }
}

#[test]
fn aliases_name_a_field_of_each_rule() {
    let text = "type: temporal\nrules: [id-a, b]\ngroup-by: [ip, u]\ntimespan: 10s\naliases:\n  ip: {a: source.ip, b: destination.ip}";
    let found = correlation(text);
    assert_eq!(found.group_by[0].fields, [Field::new("source.ip"), Field::new("destination.ip")]);
    assert_eq!(found.group_by[1].fields, [Field::new("u"), Field::new("u")]);
    let aliases = |aliases: &str| {
        refused_because(&format!("type: temporal\nrules: [a, b]\ngroup-by: [ip]\ntimespan: 10s\naliases:\n  {aliases}"))
    };
    assert!(aliases("ip: {a: source.ip}").contains("no field for the rule `b`"));
    assert!(aliases("ip: {a: x, b: y, z: z}").contains("no rule with the name or id `z`"));
    assert!(aliases("ip: {a: x, b: y, c: z}").contains("none of the rules"));
    assert!(aliases("ip: x").contains("for each of the rules"));
    let field = "type: value_count\nrules: [a]\ngroup-by: [u]\ntimespan: 10s\naliases:\n  ip: {a: x}\ncondition: {field: ip, gte: 2}";
    assert!(refused_because(field).contains("aliases are for group-by"));
}

#[test]
fn timespans() {
    for (text, seconds) in
        [("30s", 30), ("90m", 5_400), ("1h", 3_600), ("7d", 604_800), ("2w", 1_209_600), ("1M", 2_629_746)]
    {
        let found = correlation(&format!("type: temporal\nrules: [a, b]\ngroup-by: [u]\ntimespan: {text}"));
        assert_eq!(found.timespan, seconds * 1_000_000_000, "{text}");
    }
    for (text, reason) in [
        ("60", "no timespan"),
        ("1 h", "no timespan"),
        ("-1h", "no timespan"),
        ("1H", "no timespan"),
        ("h", "no timespan"),
        ("0s", "longer than nothing"),
        ("32d", "at most 31 days"),
        ("99999999999999999999s", "no timespan"),
    ] {
        let given = refused_because(&format!("type: temporal\nrules: [a, b]\ngroup-by: [u]\ntimespan: {text}"));
        assert!(given.contains(reason), "{text}: {given}");
    }
}

#[test]
fn what_is_missing_or_wrong_is_refused() {
    let rest = "rules: [a]\ngroup-by: [u]\ntimespan: 1m";
    for (text, field, reason) in [
        (rest.to_owned(), "type", "type is missing"),
        (format!("type: event_cuont\n{rest}"), "type", "did you mean `event_count`?"),
        (format!("type: event_count\n{rest}"), "condition", "condition is missing"),
        (format!("type: event_count\n{rest}\ncondition: {{}}"), "condition", "write what to compare with"),
        (format!("type: event_count\n{rest}\ncondition: {{gte: many}}"), "condition.gte", "write a number"),
        (format!("type: event_count\n{rest}\ncondition: {{gte: '10'}}"), "condition.gte", "without quotes"),
        (format!("type: event_count\n{rest}\ncondition: {{gte: 1, foo: 1}}"), "condition.foo", "not known"),
        (format!("type: event_count\n{rest}\ncondition: {{gte: 1, field: f}}"), "condition.field", "value_count"),
        (format!("type: value_count\n{rest}\ncondition: {{gte: 1}}"), "condition.field", "needs a `field`"),
        (format!("type: value_sum\n{rest}\ncondition: {{gte: 1, field: [f, g]}}"), "condition.field", "one field"),
        (
            format!("type: value_sum\n{rest}\ncondition: {{gte: 1, field: f, percentile: 1}}"),
            "condition.percentile",
            "value_percentile",
        ),
        (
            format!("type: value_percentile\n{rest}\ncondition: {{gte: 1, field: f, percentile: 101}}"),
            "condition.percentile",
            "0 to 100",
        ),
        (
            format!("type: event_count\n{rest}\ntimeframe: 1m\ncondition: {{gte: 1}}"),
            "timeframe",
            "did you mean `timespan`?",
        ),
        (format!("type: event_count\n{rest}\ngenerate: maybe\ncondition: {{gte: 1}}"), "generate", "true or false"),
        ("type: temporal\nrules: []\ngroup-by: [u]\ntimespan: 1m".to_owned(), "rules", "at least one"),
        ("type: temporal\nrules: [a, a]\ngroup-by: [u]\ntimespan: 1m".to_owned(), "rules", "twice"),
        ("type: temporal\nrules: [a, id-a]\ngroup-by: [u]\ntimespan: 1m".to_owned(), "rules", "already in the list"),
        ("type: temporal\nrules: [a, bb]\ngroup-by: [u]\ntimespan: 1m".to_owned(), "rules", "did you mean `b`?"),
        ("type: temporal\nrules: [a, b]\ngroup-by: {u: v}\ntimespan: 1m".to_owned(), "group-by", "a list"),
        ("type: temporal\nrules: [a, b]\ngroup-by: [u]".to_owned(), "timespan", "timespan is missing"),
        ("type: temporal\nrules: [c]\ngroup-by: [u]\ntimespan: 1m".to_owned(), "rules", "looks at itself"),
    ] {
        let given = refused_because(&text);
        assert!(given.contains(reason) && given.contains(&format!(": correlation.{field}: ")), "{text}: {given}");
    }
    assert!(
        with("type: temporal\nrules: [a, b]\ntimespan: 1m")
            .findings
            .iter()
            .any(|finding| finding.check == "missing-group-by")
    );
}

#[test]
fn generate_stands_in_either_place() {
    let within = "type: temporal\nrules: [a, b]\ngroup-by: [u]\ntimespan: 1m\ngenerate: true";
    assert!(correlation(within).generate);
    let beside = |text: &str| {
        load_texts(
            [(
                "t.yml",
                format!(
                    "{}---\ntitle: c\ncorrelation: {{type: temporal, rules: [a, b], group-by: [u], timespan: 1m{text}",
                    rules()
                )
                .as_str(),
            )],
            &Options::default(),
        )
    };
    assert!(beside("}\ngenerate: true\n").correlations[0].generate);
    assert!(
        beside(", generate: false}\ngenerate: true\n")
            .refused
            .iter()
            .any(|refusal| refusal.reason.contains("says otherwise"))
    );
}

#[test]
fn rules_that_are_only_gathered_need_no_words() {
    let missing = |text: &str| {
        let loaded = with(text);
        loaded.findings.iter().filter(|finding| finding.check == "missing-level").count()
    };
    let rest = "group-by: [u]\ntimespan: 1m\ncondition: {gte: 2}";
    assert_eq!(missing(&format!("type: event_count\nrules: [a, b]\n{rest}")), 0);
    assert_eq!(missing(&format!("type: event_count\nrules: [a]\n{rest}")), 1);
    assert_eq!(missing(&format!("type: event_count\nrules: [a, b]\n{rest}\ngenerate: true")), 2);
}

#[test]
fn correlations_are_chained_in_any_order() {
    let chain = |length: usize| -> String {
        let one = |n: usize| {
            format!(
                "---\ntitle: c{n}\nname: c{n}\ncorrelation: {{type: event_count, rules: [{}], group-by: [u], timespan: 1m, condition: {{gte: 2}}}}\n",
                if n == 0 { "a".to_owned() } else { format!("c{}", n - 1) }
            )
        };
        (0..length).rev().map(one).collect::<String>() + "---\n" + &rules()
    };
    let load = |text: &str| load_texts([("t.yml", text)], &Options::default());
    let fine = load(&chain(MAX_CHAIN));
    assert_eq!((fine.correlations.len(), fine.refused.len()), (MAX_CHAIN, 0), "{:?}", fine.refused);
    let long = load(&chain(MAX_CHAIN + 1));
    assert!(long.refused.iter().any(|refusal| refusal.reason.contains("MAX_CHAIN")));
    let ring = "title: c\nname: c\ncorrelation: {type: temporal, rules: [d], group-by: [u], timespan: 1m}\n---\ntitle: d\nname: d\ncorrelation: {type: temporal, rules: [c], group-by: [u], timespan: 1m}\n";
    let ring = load(ring);
    assert_eq!((ring.correlations.len(), ring.refused.len()), (0, 2));
    let other_group = load(&chain(2).replacen("group-by: [u]", "group-by: [v]", 1));
    assert!(
        other_group.refused.is_empty() && other_group.findings.iter().any(|finding| finding.check == "chained-group")
    );
}

#[test]
fn a_refused_correlation_does_not_let_its_rules_loose() {
    let loaded = with("type: event_cuont\nrules: [a]\ngroup-by: [u]\ntimespan: 1m");
    assert_eq!(loaded.rules.iter().map(|rule| rule.meta.title.as_str()).collect::<Vec<_>>(), ["b"]);
    assert!(
        loaded
            .refused
            .iter()
            .any(|refusal| refusal.title == "a" && refusal.reason.contains("only a correlation that was refused"))
    );
    let loaded = with("type: event_cuont\nrules: [a]\ngroup-by: [u]\ntimespan: 1m\ngenerate: true");
    assert_eq!((loaded.rules.len(), loaded.refused.len()), (2, 1));
    // The rules below a chain go with it, those that something else looks at stay.
    let text = format!(
        "{}---\nname: low\ncorrelation: {{type: temporal, rules: [a], group-by: [u], timespan: 1m}}\n---\nname: high\ncorrelation: {{type: temporal, rules: [low, x], group-by: [u], timespan: 1m}}\n",
        rules()
    );
    let loaded = load_texts([("t.yml", text.as_str())], &Options::default());
    assert_eq!(
        (loaded.rules.len(), loaded.correlations.len(), loaded.refused.len()),
        (1, 0, 3),
        "{:?}",
        loaded.refused
    );
    let more = format!(
        "{text}---\nname: other\ncorrelation: {{type: temporal, rules: [a, b], group-by: [u], timespan: 1m}}\n"
    );
    let loaded = load_texts([("t.yml", more.as_str())], &Options::default());
    assert_eq!(
        (loaded.rules.len(), loaded.correlations.len(), loaded.refused.len()),
        (2, 1, 2),
        "{:?}",
        loaded.refused
    );
}

#[test]
fn a_name_means_the_one_in_its_own_file_first() {
    let correlation = "---\ntitle: c\ncorrelation: {type: temporal, rules: [a, b], group-by: [u], timespan: 1m}\n";
    let own = rules() + correlation;
    let other = rules().replace("id-", "other-");
    let loaded = load_texts([("x.yml", other.as_str()), ("t.yml", own.as_str())], &Options::default());
    assert_eq!(loaded.correlations[0].rules, ["id-a", "id-b"]);
    let third = correlation.replace("title: c", "title: d");
    let loaded = load_texts(
        [("x.yml", other.as_str()), ("t.yml", own.as_str()), ("z.yml", third.as_str())],
        &Options::default(),
    );
    assert!(
        loaded
            .refused
            .iter()
            .any(|refusal| refusal.reason.contains("several rules are called `a` (x.yml:1:1, t.yml:1:1)")
                || refusal.reason.contains("several rules are called `b`")),
        "{:?}",
        loaded.refused
    );
}
