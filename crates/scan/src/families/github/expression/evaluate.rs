//! What is known of the result of an expression before it runs.

use super::{Expr, Kind, Op, lex};
use std::fmt::Write as _;

/// What an expression comes to.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing.
    Null,
    /// True or false.
    Bool(bool),
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Value>),
    /// A map.
    Map(Vec<(String, Value)>),
    /// A secret, by its name.
    Secret(String),
    /// Only running it would tell.
    Unknown,
}

/// What is known of an expression; `lookup` tells the values of contexts that are known.
pub fn evaluate(expr: &Expr, lookup: &dyn Fn(&str) -> Option<Value>) -> Value {
    let of = |expr: &Expr| evaluate(expr, lookup);
    match &expr.kind {
        Kind::Null => Value::Null,
        Kind::Bool(value) => Value::Bool(*value),
        Kind::Number(value) => Value::Number(*value),
        Kind::Text(text) => Value::Text(text.to_string()),
        Kind::Not(inner) => of(inner).truth().map_or(Value::Unknown, |truth| Value::Bool(!truth)),
        Kind::Binary(Op::And, a, b) => and_or(of(a), || of(b), true),
        Kind::Binary(Op::Or, a, b) => and_or(of(a), || of(b), false),
        Kind::Binary(op, a, b) => compare(*op, &of(a), &of(b)),
        Kind::Call(name, parts) => call(name, parts, &of).unwrap_or(Value::Unknown),
        Kind::Name(_) | Kind::Member(..) | Kind::Index(..) | Kind::Every(_) => {
            if let Some(context) = expr.context() {
                if let Some(value) = lookup(&context) {
                    return value;
                }
                if let Some(secret) = secret(&context) {
                    return Value::Secret(secret);
                }
            }
            member(expr, &of)
        }
    }
}

/// The secret that a context is.
fn secret(context: &str) -> Option<String> {
    if context == "github.token" {
        return Some("GITHUB_TOKEN".to_owned());
    }
    let name = context.strip_prefix("secrets.")?;
    Some(name.to_uppercase())
}

/// A part of a value that is known, such as of `fromJSON('{"a": 1}')`.
fn member(expr: &Expr, of: &dyn Fn(&Expr) -> Value) -> Value {
    let pick = |value: Value, name: &str| match value {
        Value::Map(members) => {
            let found = members.into_iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
            found.map_or(Value::Null, |(_, value)| value)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) => Value::Null,
        Value::List(_) | Value::Secret(_) | Value::Unknown => Value::Unknown,
    };
    match &expr.kind {
        Kind::Member(inner, name) => pick(of(inner), name),
        Kind::Index(inner, index) => match (of(inner), of(index)) {
            (Value::List(items), Value::Number(at)) if at >= 0.0 => {
                items.into_iter().nth(at as usize).unwrap_or(Value::Null)
            }
            (value @ Value::Map(_), Value::Text(name)) => pick(value, &name),
            _ => Value::Unknown,
        },
        Kind::Every(inner) => match of(inner) {
            Value::List(items) => Value::List(items),
            Value::Map(members) => Value::List(members.into_iter().map(|(_, value)| value).collect()),
            _ => Value::Unknown,
        },
        _ => Value::Unknown,
    }
}

/// `&&` gives the first that is false, `||` the first that is true, else the last.
fn and_or(a: Value, b: impl Fn() -> Value, goes_on_when: bool) -> Value {
    match a.truth() {
        Some(truth) if truth == goes_on_when => b(),
        Some(_) => a,
        None => {
            let b = b();
            // `unknown && false` is false whichever it is; only as a condition, so the value stays plain.
            match b.truth() {
                Some(truth) if truth != goes_on_when && matches!(b, Value::Bool(_)) => b,
                _ => Value::Unknown,
            }
        }
    }
}

impl Value {
    /// Whether it counts as true; none when that is not known.
    pub fn truth(&self) -> Option<bool> {
        match self {
            Value::Null => Some(false),
            Value::Bool(value) => Some(*value),
            Value::Number(value) => Some(*value != 0.0 && !value.is_nan()),
            Value::Text(text) => Some(!text.is_empty()),
            Value::List(_) | Value::Map(_) => Some(true),
            Value::Secret(_) | Value::Unknown => None,
        }
    }

    /// As text in a value of a workflow; none when it is not known.
    pub fn text(&self) -> Option<String> {
        match self {
            Value::Null => Some(String::new()),
            Value::Bool(value) => Some(value.to_string()),
            Value::Number(value) => Some(value.to_string()),
            Value::Text(text) => Some(text.clone()),
            Value::List(_) => Some("Array".to_owned()),
            Value::Map(_) => Some("Object".to_owned()),
            Value::Secret(_) | Value::Unknown => None,
        }
    }

    fn number(&self) -> Option<f64> {
        match self {
            Value::Null => Some(0.0),
            Value::Bool(value) => Some(f64::from(u8::from(*value))),
            Value::Number(value) => Some(*value),
            Value::Text(text) if text.trim().is_empty() => Some(0.0),
            Value::Text(text) => Some(lex::number(text.trim()).unwrap_or(f64::NAN)),
            Value::List(_) | Value::Map(_) => Some(f64::NAN),
            Value::Secret(_) | Value::Unknown => None,
        }
    }

    /// From JSON as `fromJSON` reads it.
    pub fn from_json(json: serde_json::Value) -> Value {
        match json {
            serde_json::Value::Null => Value::Null,
            serde_json::Value::Bool(value) => Value::Bool(value),
            serde_json::Value::Number(value) => value.as_f64().map_or(Value::Unknown, Value::Number),
            serde_json::Value::String(text) => Value::Text(text),
            serde_json::Value::Array(items) => Value::List(items.into_iter().map(Value::from_json).collect()),
            serde_json::Value::Object(members) => {
                Value::Map(members.into_iter().map(|(key, value)| (key, Value::from_json(value))).collect())
            }
        }
    }
}

fn compare(op: Op, a: &Value, b: &Value) -> Value {
    if [a, b].iter().any(|value| matches!(value, Value::Secret(_) | Value::Unknown)) {
        return Value::Unknown;
    }
    if let (Value::Text(a), Value::Text(b)) = (a, b) {
        // Case does not count.
        let (a, b) = (a.to_lowercase(), b.to_lowercase());
        return Value::Bool(match op {
            Op::Equal => a == b,
            Op::NotEqual => a != b,
            Op::Less => a < b,
            Op::LessOrEqual => a <= b,
            Op::More => a > b,
            Op::MoreOrEqual => a >= b,
            Op::And | Op::Or => return Value::Unknown,
        });
    }
    let (Some(a), Some(b)) = (a.number(), b.number()) else { return Value::Unknown };
    Value::Bool(match op {
        Op::Equal => a == b,
        Op::NotEqual => a != b,
        Op::Less => a < b,
        Op::LessOrEqual => a <= b,
        Op::More => a > b,
        Op::MoreOrEqual => a >= b,
        Op::And | Op::Or => return Value::Unknown,
    })
}

fn call(name: &str, parts: &[Expr], of: &dyn Fn(&Expr) -> Value) -> Option<Value> {
    let text = |at: usize| of(parts.get(at)?).text();
    match name {
        "always" => Some(Value::Bool(true)),
        "contains" => match of(parts.first()?) {
            Value::List(items) => {
                let sought = of(parts.get(1)?);
                let each = items.iter().map(|item| compare(Op::Equal, item, &sought).truth());
                let each: Option<Vec<bool>> = each.collect();
                Some(Value::Bool(each?.contains(&true)))
            }
            Value::Map(_) => None,
            whole => {
                let (whole, part) = (whole.text()?.to_lowercase(), text(1)?.to_lowercase());
                Some(Value::Bool(whole.contains(&part)))
            }
        },
        "startswith" => Some(Value::Bool(text(0)?.to_lowercase().starts_with(&text(1)?.to_lowercase()))),
        "endswith" => Some(Value::Bool(text(0)?.to_lowercase().ends_with(&text(1)?.to_lowercase()))),
        "format" => {
            let arguments: Option<Vec<String>> = parts.iter().skip(1).map(|part| of(part).text()).collect();
            format(&text(0)?, &arguments?).map(Value::Text)
        }
        "join" => {
            let between = if parts.len() > 1 { text(1)? } else { ",".to_owned() };
            match of(parts.first()?) {
                Value::List(items) => {
                    let items: Option<Vec<String>> = items.iter().map(Value::text).collect();
                    Some(Value::Text(items?.join(&between)))
                }
                other => other.text().map(Value::Text),
            }
        }
        "fromjson" => {
            let json = serde_json::from_str(&text(0)?).ok()?;
            Some(Value::from_json(json))
        }
        "tojson" => match of(parts.first()?) {
            Value::Text(text) => serde_json::to_string(&text).ok().map(Value::Text),
            Value::List(_) | Value::Map(_) => None,
            other => other.text().map(|text| Value::Text(if text.is_empty() { "null".to_owned() } else { text })),
        },
        "case" => {
            let mut pairs = parts.chunks_exact(2);
            for pair in &mut pairs {
                if of(&pair[0]).truth()? {
                    return Some(of(&pair[1]));
                }
            }
            pairs.remainder().first().map(of)
        }
        _ => None,
    }
}

/// `format('{0} of {1}', a, b)`; `{{` and `}}` are braces. None when a number names nothing.
fn format(template: &str, arguments: &[String]) -> Option<String> {
    let (mut out, mut characters) = (String::new(), template.chars().peekable());
    while let Some(character) = characters.next() {
        match character {
            '{' if characters.peek() == Some(&'{') => {
                characters.next();
                out.push('{');
            }
            '{' => {
                let mut number = String::new();
                loop {
                    match characters.next()? {
                        '}' => break,
                        digit => number.push(digit),
                    }
                }
                let argument = arguments.get(number.split(':').next()?.trim().parse::<usize>().ok()?)?;
                let _ = write!(out, "{argument}");
            }
            '}' => {
                characters.next().filter(|next| *next == '}')?;
                out.push('}');
            }
            other => out.push(other),
        }
    }
    Some(out)
}
