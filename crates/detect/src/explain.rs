//! A condition in plain words, and what became of each part of it for an event.

use crate::event::{PlainEvent, Scalar};
use crate::limits::{MAX_EXPLAINED_VALUE_CHARS, MAX_EXPLAINED_VALUES};
use crate::oracle;
use crate::rule::{
    Anchor, Comparison, Correlation, Expr, Field, Leaf, Measure, Part, Pattern, RuleExpr, Test, TimePart,
    WindowCondition,
};

/// A line of an explanation.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// How deep it stands below the lines before it.
    pub depth: usize,
    /// In plain words.
    pub words: String,
    /// Where its first test stands: line and column of the rule's file.
    pub place: Option<(usize, usize)>,
    /// Whether it holds for the event, if there is one.
    pub holds: Option<bool>,
    /// What the event has there.
    pub saw: Option<String>,
}

/// A condition in words, part by part; for an event also whether each part holds.
pub fn condition(expr: &Expr, event: Option<&PlainEvent>) -> Vec<Line> {
    let mut lines = Vec::new();
    add(expr, event, 0, &mut lines);
    lines
}

fn add(expr: &Expr, event: Option<&PlainEvent>, depth: usize, lines: &mut Vec<Line>) {
    let holds = event.map(|event| oracle::matches(expr, event));
    let line = |words: String, place, saw| Line { depth, words, place, holds, saw };
    match expr {
        Expr::Leaf(leaf) => lines.push(line(leaf_words(leaf, &[leaf]), place(leaf), saw(leaf, event))),
        Expr::And(parts) | Expr::Or(parts) if parts.len() == 1 => add(&parts[0], event, depth, lines),
        Expr::Or(parts) if alike(parts).is_some() => {
            let leaves = alike(parts).unwrap_or_default();
            lines.push(line(leaf_words(leaves[0], &leaves), place(leaves[0]), saw(leaves[0], event)));
        }
        Expr::And(parts) => {
            lines.push(line("all of".to_owned(), None, None));
            parts.iter().for_each(|part| add(part, event, depth + 1, lines));
        }
        Expr::Or(parts) => {
            lines.push(line("any of".to_owned(), None, None));
            parts.iter().for_each(|part| add(part, event, depth + 1, lines));
        }
        Expr::Not(part) => {
            lines.push(line("not".to_owned(), None, None));
            add(part, event, depth + 1, lines);
        }
    }
}

fn place(leaf: &Leaf) -> Option<(usize, usize)> {
    Some((leaf.place.line, leaf.place.column))
}

/// The tests of an alternative that all look at one field in one way, such as a list of values.
fn alike(parts: &[Expr]) -> Option<Vec<&Leaf>> {
    let leaves: Vec<&Leaf> = parts
        .iter()
        .map(|part| match part {
            Expr::Leaf(leaf) => Some(leaf),
            _ => None,
        })
        .collect::<Option<_>>()?;
    let first = leaves.first()?;
    let (verb, _) = test_words(&first.test)?;
    let same = |leaf: &&Leaf| {
        leaf.field == first.field
            && test_words(&leaf.test).is_some_and(|(other, value)| other == verb && !value.is_empty())
    };
    leaves.iter().all(same).then_some(leaves)
}

fn leaf_words(leaf: &Leaf, all: &[&Leaf]) -> String {
    let field = leaf.field.as_ref().map_or("any value", |field| &field.name);
    let (verb, _) = test_words(&leaf.test).unwrap_or_default();
    let mut values: Vec<String> =
        all.iter().filter_map(|leaf| test_words(&leaf.test)).map(|(_, value)| value).collect();
    let more = values.len().saturating_sub(MAX_EXPLAINED_VALUES);
    values.truncate(MAX_EXPLAINED_VALUES);
    let mut values = values.join(" or ");
    if more > 0 {
        values.push_str(&format!(" or one of {more} more"));
    }
    let text = format!("{field} {verb} {values}");
    text.trim_end().to_owned()
}

/// What a test asks, as a verb and a value.
fn test_words(test: &Test) -> Option<(String, String)> {
    Some(match test {
        Test::Text(pattern) => pattern_words(pattern),
        Test::Regex(regex) => ("has a match of".to_owned(), format!("/{}/", shown(regex))),
        Test::Cidr(net) => ("is an address in".to_owned(), net.to_string()),
        Test::Compare(comparison, number) => {
            (format!("is a number {}", comparison_words(*comparison)), number.to_string())
        }
        Test::Exists => ("is there".to_owned(), String::new()),
        Test::Null => ("is not there or null".to_owned(), String::new()),
        Test::Field(test, other) => {
            let verb = match test.at {
                Anchor::Whole => "is the same as",
                Anchor::Start => "begins with the value of",
                Anchor::End => "ends with the value of",
                Anchor::Anywhere => "contains the value of",
            };
            (verb.to_owned(), other.name.to_string())
        }
        Test::Time(part, number) => {
            let part = match part {
                TimePart::Minute => "minute",
                TimePart::Hour => "hour",
                TimePart::Day => "day",
                TimePart::Week => "week",
                TimePart::Month => "month",
                TimePart::Year => "year",
            };
            (format!("is a time whose {part} in UTC is"), number.to_string())
        }
    })
}

fn pattern_words(pattern: &Pattern) -> (String, String) {
    let quoted = |text: &str| format!("{:?}", shown(text));
    let (verb, value) = match pattern.parts.as_slice() {
        [] => ("is", quoted("")),
        [Part::Any] => ("is there with a value", String::new()),
        [Part::Text(text)] => ("is", quoted(text)),
        [Part::Text(text), Part::Any] => ("begins with", quoted(text)),
        [Part::Any, Part::Text(text)] => ("ends with", quoted(text)),
        [Part::Any, Part::Text(text), Part::Any] => ("contains", quoted(text)),
        parts => {
            let text: String = parts
                .iter()
                .map(|part| match part {
                    Part::Text(text) => text.as_str(),
                    Part::Any => "*",
                    Part::One => "?",
                })
                .collect();
            ("is like", quoted(&text))
        }
    };
    let cased = if pattern.cased && !value.is_empty() { " in exactly these letters" } else { "" };
    (format!("{verb}{cased}"), value)
}

/// A value, cut for people.
fn shown(text: &str) -> String {
    match text.char_indices().nth(MAX_EXPLAINED_VALUE_CHARS) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

fn comparison_words(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Less => "less than",
        Comparison::LessOrEqual => "at most",
        Comparison::Greater => "greater than",
        Comparison::GreaterOrEqual => "at least",
        Comparison::Equal => "equal to",
        Comparison::NotEqual => "other than",
    }
}

/// What the event has where a test looks: the path and its values.
fn saw(leaf: &Leaf, event: Option<&PlainEvent>) -> Option<String> {
    let event = event?;
    let Some(field) = &leaf.field else { return None };
    let found = field.paths.iter().find(|path| event.values(path).next().is_some());
    let Some(path) = found else { return Some("not there".to_owned()) };
    let values: Vec<String> = event
        .values(path)
        .take(MAX_EXPLAINED_VALUES)
        .map(|value| match value {
            Scalar::Text(text) => format!("{:?}", shown(text)),
            other => other.text().map_or_else(|| "null".to_owned(), |text| shown(&text)),
        })
        .collect();
    Some(format!("{path} = {}", values.join(", ")))
}

/// The fields that a condition looks at, each once.
pub fn fields(expr: &Expr) -> Vec<&Field> {
    let mut found = Vec::new();
    gather(expr, &mut found);
    found
}

fn gather<'e>(expr: &'e Expr, found: &mut Vec<&'e Field>) {
    match expr {
        Expr::And(parts) | Expr::Or(parts) => parts.iter().for_each(|part| gather(part, found)),
        Expr::Not(part) => gather(part, found),
        Expr::Leaf(leaf) => {
            let other = match &leaf.test {
                Test::Field(_, other) => Some(other),
                _ => None,
            };
            for field in leaf.field.iter().chain(other) {
                if !found.contains(&field) {
                    found.push(field);
                }
            }
        }
    }
}

/// A correlation in words. `title` gives the title of a rule by its name or id.
pub fn correlation(of: &Correlation, title: impl Fn(&str) -> String) -> Vec<String> {
    let names: Vec<String> = of.rules.iter().map(|rule| format!("{:?}", title(rule))).collect();
    let list = |fields: &[Field]| fields.iter().map(|field| field.name.to_string()).collect::<Vec<_>>().join(", ");
    let what = match &of.measure {
        Measure::EventCount => "counts events".to_owned(),
        Measure::ValueCount(fields) => format!("counts different values of {}", list(fields)),
        Measure::Temporal => "waits until the rules have matched, in any order".to_owned(),
        Measure::TemporalOrdered => "waits until the rules have matched, in this order".to_owned(),
        Measure::ValueSum(field) => format!("adds up {}", field.name),
        Measure::ValueAvg(field) => format!("takes the mean of {}", field.name),
        Measure::ValuePercentile(field, percent) => format!("takes percentile {percent} of {}", field.name),
        Measure::ValueMedian(field) => format!("takes the median of {}", field.name),
    };
    let mut lines = vec![format!("looks at what these rules match: {}", names.join(", ")), what];
    match &of.condition {
        WindowCondition::Compare(bounds) => {
            let bounds =
                bounds.iter().map(|(comparison, number)| format!("{} {number}", comparison_words(*comparison)));
            lines.push(format!("fires when that is {}", bounds.collect::<Vec<_>>().join(" and ")));
        }
        WindowCondition::Rules(expr) => lines.push(format!("fires when {}", rule_words(expr, &names))),
    }
    lines.push(format!("within {}", duration(of.timespan)));
    let groups: Vec<&str> = of.group_by.iter().map(|group| group.name.as_str()).collect();
    lines.push(match groups.is_empty() {
        true => "over everything together".to_owned(),
        false => format!("for each {}", groups.join(" and ")),
    });
    if of.generate {
        lines.push("the rules that it looks at still raise alerts of their own".to_owned());
    }
    lines
}

fn rule_words(expr: &RuleExpr, names: &[String]) -> String {
    let join = |parts: &[RuleExpr], word: &str| {
        let parts: Vec<String> = parts.iter().map(|part| rule_words(part, names)).collect();
        match parts.len() {
            1 => parts.concat(),
            _ => format!("({})", parts.join(word)),
        }
    };
    match expr {
        RuleExpr::And(parts) => join(parts, " and "),
        RuleExpr::Or(parts) => join(parts, " or "),
        RuleExpr::Not(part) => format!("not {}", rule_words(part, names)),
        RuleExpr::Rule(at) => names.get(*at).cloned().unwrap_or_default(),
    }
}

/// A span of time in the largest unit that fits.
fn duration(nanos: i64) -> String {
    let seconds = nanos / 1_000_000_000;
    for (unit, name) in [(86_400, "day"), (3_600, "hour"), (60, "minute")] {
        if seconds >= unit && seconds % unit == 0 {
            let count = seconds / unit;
            return format!("{count} {name}{}", if count == 1 { "" } else { "s" });
        }
    }
    format!("{seconds} seconds")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::object;
    use crate::sigma;

    fn rule(detection: &str) -> Expr {
        let text = format!("title: t\nlogsource: {{product: linux}}\ndetection:\n{detection}");
        let loaded = sigma::load_texts([("t.yml", text.as_str())], &sigma::Options::default());
        assert_eq!(loaded.refused, []);
        loaded.rules[0].condition.clone()
    }

    fn text(lines: &[Line]) -> Vec<String> {
        let mark = |holds| match holds {
            None => "",
            Some(true) => "+ ",
            Some(false) => "- ",
        };
        let saw = |line: &Line| line.saw.as_ref().map_or_else(String::new, |saw| format!(" [{saw}]"));
        lines
            .iter()
            .map(|line| format!("{}{}{}{}", "  ".repeat(line.depth), mark(line.holds), line.words, saw(line)))
            .collect()
    }

    #[test]
    fn a_condition_is_told_part_by_part() {
        let expr = rule(
            "  a:\n    Image|endswith: [/sh, /bash]\n    User: root\n  filter:\n    Port|lt: 5\n  condition: a and not filter\n",
        );
        assert_eq!(
            text(&condition(&expr, None)),
            [
                "all of",
                "  all of",
                "    Image ends with \"/sh\" or \"/bash\"",
                "    User is \"root\"",
                "  not",
                "    Port is a number less than 5"
            ]
        );
        let event = object(r#"{"Image":"/bin/bash","User":"maria"}"#).unwrap();
        assert_eq!(
            text(&condition(&expr, Some(&event))),
            [
                "- all of",
                "  - all of",
                "    + Image ends with \"/sh\" or \"/bash\" [Image = \"/bin/bash\"]",
                "    - User is \"root\" [User = \"maria\"]",
                "  + not",
                "    - Port is a number less than 5 [not there]",
            ]
        );
        let names: Vec<&str> = fields(&expr).iter().map(|field| &*field.name).collect();
        assert_eq!(names, ["Image", "User", "Port"]);
    }

    #[test]
    fn long_lists_are_cut() {
        let values: Vec<String> = (0..100).map(|number| format!("v{number}")).collect();
        let expr = rule(&format!("  a:\n    f: [{}]\n  condition: a\n", values.join(", ")));
        let lines = text(&condition(&expr, None));
        assert_eq!(lines.len(), 1);
        assert!(lines[0].ends_with(&format!("or one of {} more", 100 - MAX_EXPLAINED_VALUES)), "{lines:?}");
    }

    #[test]
    fn spans_are_told_in_the_largest_unit() {
        let told = [90, 600, 7_200, 86_400].map(|seconds| duration(seconds * 1_000_000_000));
        assert_eq!(told, ["90 seconds", "10 minutes", "2 hours", "1 day"]);
    }
}
