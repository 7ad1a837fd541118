//! One key of a search with its values: `Image|endswith: [...]` to tests.

use super::modifiers::{Chain, Kind};
use super::reader::{Reader, Refusal, shown};
use super::value::{Encoding, Piece, Value, encode, expand, fits, parse, pattern, windash};
use crate::limits::{BYTES_PER_TEST, MAX_EXPANDED, MAX_NAME_BYTES, MAX_VALUE_BYTES};
use crate::rule::{Anchor, Comparison, Expr, Field, FieldTest, Leaf, Pattern, Test, TimePart};
use ipnet::IpNet;
use std::collections::HashSet;
use std::net::IpAddr;
use yaml::{Node, Scalar};

const NO_PLACEHOLDER: &str = "expand finds no placeholder here: write one such as %Servers%, in letters, digits, `_`, `-` and `.`, or leave expand out";

/// The key of a value and where it stands, for messages.
struct Item<'p> {
    field: Option<Field>,
    chain: Chain,
    path: &'p str,
}

impl Reader<'_> {
    /// A key and its values. `path` is where it stands, for messages.
    pub(super) fn item(&mut self, key: Node<'_>, value: Node<'_>, path: &str) -> Result<Expr, Refusal> {
        let Some(text) = key.raw().filter(|_| !key.is_null()) else {
            return Err(self.refuse(key, path, "a key must be the name of a field"));
        };
        let path = format!("{path}.{}", shown(text));
        let mut parts = text.split('|');
        let name = parts.next().unwrap_or_default();
        if name.len() > MAX_NAME_BYTES || name.chars().any(char::is_control) {
            let reason = format!("the name of a field has at most {MAX_NAME_BYTES} bytes and no control characters");
            return Err(self.refuse(key, &path, reason));
        }
        let chain = Chain::parse(parts).map_err(|reason| self.refuse(key, &path, reason))?;
        let item = Item { field: (!name.is_empty()).then(|| Field::new(name)), chain, path: &path };
        if item.field.is_none() {
            item.check_keyword().map_err(|reason| self.refuse(key, &path, reason))?;
        }
        self.values(&item, key, value)
    }

    /// A keyword without a key: looked for in all values.
    pub(super) fn keyword(&mut self, value: Node<'_>, path: &str) -> Result<Expr, Refusal> {
        let chain = Chain::parse(std::iter::empty()).map_err(|reason| self.refuse(value, path, reason))?;
        self.value(&Item { field: None, chain, path }, value)
    }

    fn values(&mut self, item: &Item<'_>, key: Node<'_>, value: Node<'_>) -> Result<Expr, Refusal> {
        let chain = &item.chain;
        if value.is_map() {
            return Err(self.refuse(value, item.path, "a field has a value or a list of values, no map"));
        }
        let expr = if value.is_list() {
            let all: Vec<Expr> = value.items().map(|one| self.value(item, one)).collect::<Result<_, _>>()?;
            self.check_list(item, value)?;
            join(all, chain.all)
        } else {
            if chain.all {
                self.note(key, "all-of-one", "`all` with one value says nothing: leave it out, or write a list");
            }
            self.value(item, value)?
        };
        if chain.encodings.contains(&Encoding::Base64Offset) && chain.anchor != Anchor::Anywhere {
            self.note(key, "base64offset-alone", "base64offset finds a part of a text: add `|contains`");
        }
        Ok(if chain.neq { Expr::Not(Box::new(expr)) } else { expr })
    }

    fn check_list(&mut self, item: &Item<'_>, list: Node<'_>) -> Result<(), Refusal> {
        if list.items().len() == 0 {
            return Err(self.refuse(list, item.path, "an empty list matches nothing: write a value, '' or null"));
        }
        if item.chain.kind == Kind::Exists {
            return Err(self.refuse(list, item.path, "exists takes one value, true or false"));
        }
        if list.items().len() == 1 && item.chain.all {
            self.note(list, "all-of-one", "`all` with one value says nothing: leave it out");
        }
        let mut seen = HashSet::new();
        let twice: Vec<Node<'_>> = list.items().filter(|one| one.raw().is_some_and(|raw| !seen.insert(raw))).collect();
        for one in twice {
            self.note(
                one,
                "value-repeated",
                format!("`{}` is in this list twice", shown(one.raw().unwrap_or_default())),
            );
        }
        if item.field.is_some() && list.items().len() > 1 {
            for null in list.items().filter(|one| one.is_null()) {
                self.note(
                    null,
                    "null-in-list",
                    "null among other values is no Sigma: write a search of its own for it",
                );
            }
        }
        Ok(())
    }

    fn value(&mut self, item: &Item<'_>, node: Node<'_>) -> Result<Expr, Refusal> {
        let Some(scalar) = node.scalar() else {
            return Err(self.refuse(
                node,
                item.path,
                "a list of values has texts, numbers, booleans or null in it, no lists or maps",
            ));
        };
        let raw = node.raw().unwrap_or_default();
        if raw.len() > MAX_VALUE_BYTES {
            let reason = format!("{} bytes; a value has at most {MAX_VALUE_BYTES} (MAX_VALUE_BYTES)", raw.len());
            return Err(self.refuse(node, item.path, reason));
        }
        let tests = self.tests(item, scalar, raw).map_err(|reason| self.refuse(node, item.path, reason))?;
        self.spend(tests.len() * (1 + raw.len() / BYTES_PER_TEST), node, item.path)?;
        if matches!((&scalar, &tests[..]), (Scalar::Float(_) | Scalar::Int(_), [_, _])) {
            let message = format!(
                "`{raw}` is a number: it matches its value and the text as written; quote it to match the text alone"
            );
            self.note(node, "number-as-written", message);
        }
        if raw.is_empty() && item.chain.anchored && !node.is_null() {
            self.note(node, "empty-text", "an empty text is in any text: leave it out, or write '*' if that is meant");
        }
        let place = self.place(node);
        let field = &item.field;
        let leaf = |test| match test {
            Found::Is(test) => Expr::Leaf(Leaf { field: field.clone(), test, place: place.clone() }),
            Found::Not(test) => {
                Expr::Not(Box::new(Expr::Leaf(Leaf { field: field.clone(), test, place: place.clone() })))
            }
        };
        Ok(join(tests.into_iter().map(leaf).collect(), false))
    }

    /// The tests that a value becomes; any of them may hold. The error is what to say.
    fn tests(&mut self, item: &Item<'_>, scalar: Scalar<'_>, raw: &str) -> Result<Vec<Found>, String> {
        if scalar == Scalar::Null {
            return item.null().map(|test| vec![Found::Is(test)]);
        }
        match &item.chain.kind {
            Kind::Text => item.text(scalar, raw, self.options),
            Kind::Regex(flags) => {
                if matches!(scalar, Scalar::Bool(_)) {
                    return Err("a regular expression is a text: quote it".to_owned());
                }
                let known = &self.options.placeholders;
                let all = if item.chain.expand { item.plain_expanded(raw, known, true)? } else { vec![raw.to_owned()] };
                all.iter().map(|one| self.regex(one, flags).map(|regex| Found::Is(Test::Regex(regex)))).collect()
            }
            Kind::Cidr => {
                let known = &self.options.placeholders;
                let all =
                    if item.chain.expand { item.plain_expanded(raw, known, false)? } else { vec![raw.to_owned()] };
                all.iter().map(|one| network(one).map(|net| Found::Is(Test::Cidr(net)))).collect()
            }
            Kind::Compare(comparison) => {
                let number = match scalar {
                    Scalar::Int(int) => int as f64,
                    Scalar::Float(float) if float.is_finite() => float,
                    _ => return Err(format!("`{}` is no number; write a number without quotes", shown(raw))),
                };
                Ok(vec![Found::Is(Test::Compare(*comparison, number))])
            }
            Kind::Exists => match scalar {
                Scalar::Bool(true) => Ok(vec![Found::Is(Test::Exists)]),
                Scalar::Bool(false) => Ok(vec![Found::Not(Test::Exists)]),
                _ => Err("exists takes true or false, without quotes".to_owned()),
            },
            Kind::FieldRef => {
                let Scalar::Text(name) = scalar else { return Err("fieldref takes the name of a field".to_owned()) };
                if name.is_empty() || name.len() > MAX_NAME_BYTES || name.contains(['*', '?', '|']) {
                    return Err("fieldref takes the name of a field, without wildcards and modifiers".to_owned());
                }
                let test = FieldTest { at: item.chain.anchor, cased: item.chain.cased };
                Ok(vec![Found::Is(Test::Field(test, Field::new(name)))])
            }
            Kind::Time(part, comparison) => {
                let Scalar::Int(int) = scalar else {
                    return Err(format!("`{}` is no whole number; write one without quotes", shown(raw)));
                };
                time(*part, *comparison, int)
            }
        }
    }
}

/// A test, or that it does not hold.
enum Found {
    Is(Test),
    Not(Test),
}

impl Item<'_> {
    fn check_keyword(&self) -> Result<(), String> {
        let chain = &self.chain;
        let fine = match chain.kind {
            Kind::Text => matches!(chain.anchor, Anchor::Whole | Anchor::Anywhere),
            Kind::Regex(_) | Kind::Cidr => true,
            _ => false,
        };
        if fine {
            return Ok(());
        }
        Err("a keyword has no field: it is looked for anywhere, as text, with re or with cidr; name a field for this modifier"
            .to_owned())
    }

    fn null(&self) -> Result<Test, String> {
        let plain = self.chain.kind == Kind::Text && !self.chain.anchored && self.chain.encodings.is_empty();
        if self.field.is_none() {
            return Err("null needs a field".to_owned());
        }
        if !plain || self.chain.windash || self.chain.expand || self.chain.cased || self.chain.all {
            return Err("null goes with no modifier but neq; quote it if the text is meant".to_owned());
        }
        Ok(Test::Null)
    }

    fn text(&self, scalar: Scalar<'_>, raw: &str, options: &super::Options) -> Result<Vec<Found>, String> {
        let chain = &self.chain;
        let changed = chain.anchored || chain.windash || chain.expand || !chain.encodings.is_empty();
        let texts = match scalar {
            Scalar::Bool(_) if changed => {
                return Err("true and false go with no modifier but cased, neq and all; quote the text".to_owned());
            }
            Scalar::Bool(bool) => vec![bool.to_string()],
            Scalar::Int(int) if !changed && int.to_string() != raw => vec![int.to_string(), raw.to_owned()],
            Scalar::Float(float) if !changed => {
                let mut text = String::new();
                model::json::write_double_text(&mut text, float);
                if text == raw { vec![text] } else { vec![text, raw.to_owned()] }
            }
            _ => vec![raw.to_owned()],
        };
        let is_text = matches!(scalar, Scalar::Text(_));
        if is_text && raw.is_empty() && self.field.is_none() {
            return Err("an empty keyword is in everything: write a text".to_owned());
        }
        let (mut all, mut seen) = (Vec::new(), HashSet::new());
        for text in texts {
            for value in self.values(&text, is_text, options)? {
                let pattern = self.pattern(value)?;
                if seen.insert(pattern.clone()) {
                    all.push(pattern);
                }
            }
        }
        Ok(all.into_iter().map(|pattern| Found::Is(Test::Text(pattern))).collect())
    }

    /// A text after all modifiers but the anchor.
    fn values(&self, text: &str, is_text: bool, options: &super::Options) -> Result<Vec<Value>, String> {
        let mut values = if is_text {
            vec![parse(text, self.chain.expand)]
        } else {
            vec![vec![Piece::Bytes(text.as_bytes().to_vec())]]
        };
        let each = |values: Vec<Value>, step: &dyn Fn(Value) -> Result<Vec<Value>, String>| {
            let mut out = Vec::new();
            for value in values {
                out.extend(step(value)?);
            }
            Ok::<_, String>(out)
        };
        if self.chain.expand {
            let placed = |piece: &Piece| matches!(piece, Piece::Placeholder(_));
            if !values.iter().flatten().any(placed) {
                return Err(NO_PLACEHOLDER.to_owned());
            }
            values = each(values, &|value| expand(value, &options.placeholders))?;
        }
        if self.chain.windash {
            values = each(values, &windash)?;
        }
        for encoding in &self.chain.encodings {
            values = each(values, &|value| encode(value, *encoding))?;
        }
        Ok(values)
    }

    fn pattern(&self, value: Value) -> Result<Pattern, String> {
        let anchor = if self.field.is_none() { Anchor::Anywhere } else { self.chain.anchor };
        pattern(value, anchor, self.chain.cased)
    }

    /// A text that is no pattern, with placeholders put in.
    fn plain_expanded(
        &self,
        raw: &str,
        known: &std::collections::BTreeMap<String, Vec<String>>,
        escape: bool,
    ) -> Result<Vec<String>, String> {
        let mut all = vec![String::new()];
        let mut rest = raw;
        let mut found = false;
        while let Some((before, after)) = rest.split_once('%') {
            let name = after.split_once('%').map(|(name, _)| name);
            let values = name.filter(|name| known.contains_key(*name));
            let word = name.is_some_and(|name| {
                !name.is_empty() && name.chars().all(|letter| letter.is_alphanumeric() || "_-.".contains(letter))
            });
            let (choices, left): (Vec<String>, &str) = match (values, name) {
                (Some(name), _) => {
                    found = true;
                    let put = |value: &String| if escape { regex::escape(value) } else { value.clone() };
                    (known[name].iter().map(put).collect(), &after[name.len() + 1..])
                }
                (None, Some(name)) if word && !before.ends_with('\\') => {
                    return Err(format!("the placeholder %{name}% is not known: give its values by --placeholders"));
                }
                _ => (vec!["%".to_owned()], after),
            };
            if all.len() * choices.len() > MAX_EXPANDED || choices.is_empty() {
                return Err("a placeholder has no values, or too many (MAX_EXPANDED)".to_owned());
            }
            let long = |texts: &[String]| texts.iter().map(String::len).sum::<usize>();
            fits((long(&all) + all.len() * before.len()) * choices.len() + long(&choices) * all.len())?;
            let each = |one: &String| choices.iter().map(|choice| format!("{one}{before}{choice}")).collect::<Vec<_>>();
            all = all.iter().flat_map(each).collect();
            rest = left;
        }
        fits(all.len() * rest.len())?;
        all.iter_mut().for_each(|one| one.push_str(rest));
        if found { Ok(all) } else { Err(NO_PLACEHOLDER.to_owned()) }
    }
}

/// Any or all of them.
pub(super) fn join(mut all: Vec<Expr>, and: bool) -> Expr {
    match (all.len(), and) {
        (1, _) => all.remove(0),
        (_, true) => Expr::And(all),
        (_, false) => Expr::Or(all),
    }
}

fn network(text: &str) -> Result<IpNet, String> {
    let wrong = || {
        format!("`{}` is no network: write an address and a length, such as 10.0.0.0/8 or 2001:db8::/32", shown(text))
    };
    let text = text.trim();
    let net: IpNet = match text.parse::<IpNet>() {
        Ok(net) => net,
        Err(_) => text.parse::<IpAddr>().map(IpNet::from).map_err(|_| wrong())?,
    };
    if net.trunc() != net {
        return Err(format!("`{text}` has bits beyond its length: the network is {}", net.trunc()));
    }
    Ok(net)
}

/// A part of a time that is equal, or one of those that compare so.
fn time(part: TimePart, comparison: Option<Comparison>, value: i64) -> Result<Vec<Found>, String> {
    // Years are those that a time in nanoseconds has.
    let (name, least, most) = match part {
        TimePart::Minute => ("a minute", 0, 59),
        TimePart::Hour => ("an hour", 0, 23),
        TimePart::Day => ("a day", 1, 31),
        TimePart::Week => ("a week", 1, 53),
        TimePart::Month => ("a month", 1, 12),
        TimePart::Year => ("a year", 1678, 2261),
    };
    if !(least..=most).contains(&value) {
        return Err(format!("{name} is {least} to {most}, not {value}"));
    }
    let holds = |one: &i64| match comparison {
        None | Some(Comparison::Equal) => *one == value,
        Some(Comparison::NotEqual) => *one != value,
        Some(Comparison::Less) => *one < value,
        Some(Comparison::LessOrEqual) => *one <= value,
        Some(Comparison::Greater) => *one > value,
        Some(Comparison::GreaterOrEqual) => *one >= value,
    };
    let all: Vec<Found> = (least..=most).filter(holds).map(|one| Found::Is(Test::Time(part, one))).collect();
    let unit = name.split_once(' ').map_or(name, |(_, unit)| unit);
    if all.is_empty() { Err(format!("no {unit} is so")) } else { Ok(all) }
}
