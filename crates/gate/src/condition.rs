//! Conditions over the facts: yes, no, or not known.

use crate::check::{CheckError, refuse};
use crate::facts::{self, nanos};
use crate::limits::{MAX_CONDITION_DEPTH, MAX_CONDITION_PARTS};
use model::Nanos;
use serde_json::Value;
use yaml::{Node, Scalar};

/// What a condition comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Truth {
    /// It holds.
    Yes,
    /// It does not.
    No,
    /// A fact is missing.
    Unknown,
}

/// What was seen on the way.
#[derive(Debug, Default)]
pub struct Seen {
    /// Facts that are missing and would have decided.
    pub missing: Vec<&'static str>,
    /// What comparing with the time gave, one after another: all that a verdict has of the time.
    pub times: Vec<Truth>,
}

/// A condition.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// A test of one fact.
    Fact(&'static str, Test),
    /// All hold.
    All(Vec<Condition>),
    /// One holds.
    Any(Vec<Condition>),
    /// It does not hold.
    Not(Box<Condition>),
}

/// What is asked of a fact.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// It is a number above.
    Over(Bound),
    /// It is a number below.
    Under(Bound),
    /// It is this.
    Is(Value),
    /// It is one of these.
    In(Vec<Value>),
    /// It is known, or is not: the only test that is never undecided.
    Exists(bool),
    /// It is a list with this, or a text with this in it.
    Contains(Value),
    /// It is a time that comes before so long from now.
    Before(Nanos),
    /// It is a time that comes after so long from now.
    After(Nanos),
    /// It is a time that lies longer back.
    OlderThan(Nanos),
}

/// What a number is compared with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bound {
    /// A number.
    Number(f64),
    /// Another fact.
    Fact(&'static str),
}

const TESTS: &str = "over, under, is, in, exists, contains, before, after, older_than";

impl Truth {
    fn of(holds: bool) -> Truth {
        if holds { Truth::Yes } else { Truth::No }
    }

    /// Both hold.
    pub fn and(self, other: Truth) -> Truth {
        match (self, other) {
            (Truth::No, _) | (_, Truth::No) => Truth::No,
            (Truth::Yes, Truth::Yes) => Truth::Yes,
            _ => Truth::Unknown,
        }
    }

    /// One holds.
    pub fn or(self, other: Truth) -> Truth {
        self.not().and(other.not()).not()
    }

    fn not(self) -> Truth {
        match self {
            Truth::Yes => Truth::No,
            Truth::No => Truth::Yes,
            Truth::Unknown => Truth::Unknown,
        }
    }
}

/// The value at a path; none when it is not known.
pub fn at<'d>(document: &'d Value, path: &str) -> Option<&'d Value> {
    let found = path.split('.').try_fold(document, |value, name| value.get(name))?;
    (!found.is_null()).then_some(found)
}

impl Condition {
    /// What it comes to. Of what is missing only that is kept which keeps it from being decided.
    pub fn ask(&self, document: &Value, now: Nanos, seen: &mut Seen) -> Truth {
        let before = seen.missing.len();
        let truth = match self {
            Condition::Fact(path, test) => {
                let truth = test.ask(document, at(document, path), now, seen);
                if truth == Truth::Unknown {
                    let missing = test.bound().filter(|_| at(document, path).is_some()).unwrap_or(path);
                    if !seen.missing.contains(&missing) {
                        seen.missing.push(missing);
                    }
                }
                return truth;
            }
            Condition::Not(inner) => inner.ask(document, now, seen).not(),
            Condition::All(parts) => {
                parts.iter().fold(Truth::Yes, |truth, part| truth.and(part.ask(document, now, seen)))
            }
            Condition::Any(parts) => {
                parts.iter().fold(Truth::No, |truth, part| truth.or(part.ask(document, now, seen)))
            }
        };
        if truth != Truth::Unknown {
            seen.missing.truncate(before);
        }
        truth
    }

    /// Reads one.
    pub(crate) fn read(file: &str, node: Node<'_>) -> Result<Condition, CheckError> {
        let mut parts = MAX_CONDITION_PARTS;
        read(file, node, 0, &mut parts)
    }
}

fn read(file: &str, node: Node<'_>, depth: usize, parts: &mut usize) -> Result<Condition, CheckError> {
    let wrong = |reason: String| Err(refuse(file, node.place(), reason));
    if depth >= MAX_CONDITION_DEPTH {
        return wrong(format!("conditions are nested at most {MAX_CONDITION_DEPTH} deep"));
    }
    let Some(left) = parts.checked_sub(1) else {
        return wrong(format!("a condition has at most {MAX_CONDITION_PARTS} parts"));
    };
    *parts = left;
    let members: Vec<_> = node.members().collect();
    if !node.is_map() || members.len() != node.entries().len() {
        return wrong("a condition is a map: {fact: PATH, over: 0}, {all: [...]}, {any: [...]} or {not: {...}}".into());
    }
    match members.as_slice() {
        [("not", inner)] => Ok(Condition::Not(Box::new(read(file, *inner, depth + 1, parts)?))),
        [(name @ ("all" | "any"), list)] => {
            if list.items().len() == 0 {
                return wrong(format!("`{name}` is a list of conditions, with at least one"));
            }
            let parts = list.items().map(|item| read(file, item, depth + 1, parts)).collect::<Result<_, _>>()?;
            Ok(if *name == "all" { Condition::All(parts) } else { Condition::Any(parts) })
        }
        [("fact", fact), (test, value)] | [(test, value), ("fact", fact)] => {
            let path = fact_path(file, *fact)?;
            Ok(Condition::Fact(path, Test::read(file, test, *value)?))
        }
        _ => wrong(format!("a condition is `all`, `any`, `not`, or a `fact` with one of {TESTS}")),
    }
}

/// The path that a node names.
pub(crate) fn fact_path(file: &str, node: Node<'_>) -> Result<&'static str, CheckError> {
    let name = node.text().unwrap_or_default();
    let known = facts::known(name).map(|path| path.path);
    known.ok_or_else(|| {
        let reason = format!("there is no fact `{name}`; rules/gate/README.md lists them");
        refuse(file, node.place(), reason)
    })
}

impl Test {
    fn read(file: &str, name: &str, node: Node<'_>) -> Result<Test, CheckError> {
        let wrong = |needs: &str| Err(refuse(file, node.place(), format!("`{name}` needs {needs}")));
        Ok(match name {
            "over" | "under" => {
                let bound = match scalar(node) {
                    Some(Value::String(path)) => facts::known(&path).map(|path| Bound::Fact(path.path)),
                    other => other.as_ref().and_then(Value::as_f64).map(Bound::Number),
                };
                match bound {
                    Some(bound) if name == "over" => Test::Over(bound),
                    Some(bound) => Test::Under(bound),
                    None => return wrong("a number, or the path of a fact"),
                }
            }
            "is" | "contains" => match scalar(node) {
                Some(value) if name == "is" => Test::Is(value),
                Some(value) => Test::Contains(value),
                None => return wrong("a value that is no list, no map and not null"),
            },
            "in" => {
                let values: Option<Vec<Value>> = node.items().map(scalar).collect();
                match values {
                    Some(values) if !values.is_empty() => Test::In(values),
                    _ => return wrong("a list of values"),
                }
            }
            "exists" => match scalar(node) {
                Some(Value::Bool(wanted)) => Test::Exists(wanted),
                _ => return wrong("true or false"),
            },
            "before" | "after" | "older_than" => match node.text().and_then(duration) {
                Some(length) if name == "before" => Test::Before(length),
                Some(length) if name == "after" => Test::After(length),
                Some(length) => Test::OlderThan(length),
                None => return wrong("a time such as 30m, 12h or 90d"),
            },
            _ => return wrong(&format!("another name: a fact is asked with one of {TESTS}")),
        })
    }

    /// The fact that it compares with.
    fn bound(&self) -> Option<&'static str> {
        match self {
            Test::Over(Bound::Fact(path)) | Test::Under(Bound::Fact(path)) => Some(path),
            _ => None,
        }
    }

    fn ask(&self, document: &Value, value: Option<&Value>, now: Nanos, seen: &mut Seen) -> Truth {
        if let Test::Exists(wanted) = self {
            return Truth::of(value.is_some() == *wanted);
        }
        let Some(value) = value else { return Truth::Unknown };
        let compare = |bound: &Bound, holds: fn(f64, f64) -> bool| {
            let other = match bound {
                Bound::Number(number) => Some(*number),
                Bound::Fact(path) => at(document, path).and_then(Value::as_f64),
            };
            let both = value.as_f64().zip(other);
            both.map_or(Truth::Unknown, |(number, other)| Truth::of(holds(number, other)))
        };
        match self {
            Test::Over(bound) => compare(bound, |number, least| number > least),
            Test::Under(bound) => compare(bound, |number, most| number < most),
            Test::Is(wanted) => Truth::of(same(value, wanted)),
            Test::In(wanted) => Truth::of(wanted.iter().any(|wanted| same(value, wanted))),
            Test::Contains(wanted) => match value {
                Value::Array(items) => Truth::of(items.iter().any(|item| same(item, wanted))),
                Value::String(text) => Truth::of(wanted.as_str().is_some_and(|wanted| text.contains(wanted))),
                _ => Truth::Unknown,
            },
            Test::Before(_) | Test::After(_) | Test::OlderThan(_) => {
                let truth = nanos(value).map_or(Truth::Unknown, |at| Truth::of(self.compare(at, now)));
                seen.times.push(truth);
                truth
            }
            Test::Exists(_) => Truth::Unknown,
        }
    }

    fn compare(&self, at: Nanos, now: Nanos) -> bool {
        match self {
            Test::Before(length) => at < now.saturating_add(*length),
            Test::After(length) => at > now.saturating_add(*length),
            Test::OlderThan(length) => at < now.saturating_sub(*length),
            _ => false,
        }
    }
}

/// Numbers are the same however they are written.
fn same(one: &Value, other: &Value) -> bool {
    match (one.as_f64(), other.as_f64()) {
        (Some(one), Some(other)) => one == other,
        _ => one == other,
    }
}

/// What a scalar is; none for null, lists and maps.
fn scalar(node: Node<'_>) -> Option<Value> {
    Some(match node.scalar()? {
        Scalar::Null => return None,
        Scalar::Bool(value) => Value::Bool(value),
        Scalar::Int(value) => Value::from(value),
        Scalar::Float(value) => serde_json::Number::from_f64(value).map(Value::Number)?,
        Scalar::Text(text) => Value::from(text),
    })
}

/// A length of time: a number with `s`, `m`, `h` or `d` behind it; at most a hundred years.
pub fn duration(text: &str) -> Option<Nanos> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return None,
    };
    let number: i64 = number.bytes().all(|byte| byte.is_ascii_digit()).then(|| number.parse().ok())??;
    let seconds = number.checked_mul(seconds).filter(|seconds| *seconds <= 36_525 * 86_400)?;
    Some(seconds * 1_000_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn parse(text: &str) -> Result<Condition, String> {
        let limits = yaml::Limits { nodes: 1000, depth: 40 };
        let yaml = yaml::Yaml::parse(text, limits).unwrap();
        let root = yaml.documents().next().unwrap();
        Condition::read("a.yml", root).map_err(|error| error.to_string())
    }

    fn ask(text: &str, document: &Value) -> (Truth, Vec<&'static str>) {
        let mut seen = Seen::default();
        let now = nanos(&json!("2026-11-22")).unwrap();
        let truth = parse(text).unwrap().ask(document, now, &mut seen);
        (truth, seen.missing)
    }

    #[test]
    fn a_fact_is_asked_in_three_values() {
        let document = json!({
            "tier": 1, "known": true, "owner": {"team": "shop", "count": null}, "logs": {"last": "2026-11-21T23:00:00Z"},
            "runs": {"versions": ["1.0", "1.1"]}, "restore": {"at": 1_795_305_600_000_000_000_i64},
        });
        use Truth::{No, Unknown, Yes};
        for (text, truth) in [
            ("{fact: tier, over: 0}", Yes),
            ("{fact: tier, over: 1}", No),
            ("{fact: tier, under: 1.5}", Yes),
            ("{fact: tier, under: restore.at}", Yes),
            ("{fact: tier, over: limits.max}", Unknown),
            ("{fact: tier, is: 1.0}", Yes),
            ("{fact: tier, is: '1'}", No),
            ("{is: true, fact: known}", Yes),
            ("{fact: owner.team, in: [till, shop]}", Yes),
            ("{fact: owner.team, contains: ho}", Yes),
            ("{fact: owner.team, over: 1}", Unknown),
            ("{fact: owner.count, is: 0}", Unknown),
            ("{fact: owner.count, exists: false}", Yes),
            ("{fact: findings.critical, over: 0}", Unknown),
            ("{fact: runs.versions, contains: '1.1'}", Yes),
            ("{fact: runs.versions, contains: '1'}", No),
            ("{fact: logs.last, older_than: 30m}", Yes),
            ("{fact: logs.last, older_than: 60m}", No),
            ("{fact: logs.last, before: 0d}", Yes),
            ("{fact: logs.last, after: 0s}", No),
            ("{fact: restore.at, older_than: 1d}", No),
        ] {
            assert_eq!(ask(text, &document).0, truth, "{text}");
        }
    }

    #[test]
    fn what_is_missing_is_named_where_it_decides() {
        let document = json!({"tier": 1});
        use Truth::{No, Unknown, Yes};
        for (text, truth, missing) in [
            ("{any: [{fact: known, is: true}, {fact: tier, is: 1}]}", Yes, vec![]),
            ("{all: [{fact: known, is: true}, {fact: tier, is: 2}]}", No, vec![]),
            ("{all: [{fact: known, is: true}, {fact: tier, is: 1}]}", Unknown, vec!["known"]),
            ("{not: {fact: known, is: true}}", Unknown, vec!["known"]),
            ("{fact: tier, over: limits.max}", Unknown, vec!["limits.max"]),
            ("{fact: runs.hosts, over: limits.max}", Unknown, vec!["runs.hosts"]),
            (
                "{all: [{any: [{fact: known, is: true}, {fact: tier, is: 1}]}, {fact: owner.count, is: 0}]}",
                Unknown,
                vec!["owner.count"],
            ),
        ] {
            assert_eq!(ask(text, &document), (truth, missing), "{text}");
        }
    }

    #[test]
    fn a_wrong_condition_is_refused_with_its_place() {
        let deep = format!("{}{{fact: tier, is: 1}}{}", "{not: ".repeat(9), "}".repeat(9));
        let wide = format!("any: [{}]", "{fact: tier, is: 1}, ".repeat(70));
        for (text, says) in [
            ("{fact: teir, is: 1}", "a.yml:1:8: there is no fact `teir`"),
            ("{fact: tier}", "a.yml:1:1: a condition is"),
            ("{fact: tier, is: 1, over: 2}", "a.yml:1:1: a condition is"),
            ("{fact: tier, over: many}", "a.yml:1:20: `over` needs a number, or"),
            ("{fact: tier, is: null}", "`is` needs a value"),
            ("{fact: tier, in: []}", "`in` needs a list"),
            ("{fact: tier, exists: maybe}", "`exists` needs true or false"),
            ("{fact: logs.last, older_than: 5 weeks}", "`older_than` needs a time"),
            ("{fact: tier, like: 1}", "`like` needs another name"),
            ("any: []", "`any` is a list"),
            ("[]", "a condition is a map"),
            (&deep, "nested at most 8 deep"),
            (&wide, "at most 64 parts"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(says), "{text}: {error}");
        }
    }

    #[test]
    fn lengths_of_time() {
        for (text, seconds) in [("0s", Some(0)), ("90d", Some(7_776_000)), ("36525d", Some(36_525 * 86_400))] {
            assert_eq!(duration(text), seconds.map(|seconds: i64| seconds * 1_000_000_000), "{text}");
        }
        for wrong in ["", "d", "-1d", "+1d", "1w", "36526d", "9999999999999999999d", "1é"] {
            assert_eq!(duration(wrong), None, "{wrong}");
        }
    }
}
