//! `field|modifier|modifier`: what the modifiers are, and which go together.

use super::reader::closest;
use super::value::Encoding;
use crate::rule::{Anchor, Comparison, TimePart};

/// A modifier; aliases are already resolved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Modifier {
    All,
    Neq,
    Cased,
    Anchor(Anchor),
    Exists,
    Windash,
    Expand,
    Encoding(Encoding),
    Re,
    Flag(char),
    Cidr,
    Compare(Comparison),
    Time(TimePart),
    FieldRef,
}

/// All names, aliases included.
const MODIFIERS: [(&str, Modifier); 34] = [
    ("all", Modifier::All),
    ("neq", Modifier::Neq),
    ("cased", Modifier::Cased),
    ("contains", Modifier::Anchor(Anchor::Anywhere)),
    ("startswith", Modifier::Anchor(Anchor::Start)),
    ("endswith", Modifier::Anchor(Anchor::End)),
    ("exists", Modifier::Exists),
    ("windash", Modifier::Windash),
    ("expand", Modifier::Expand),
    ("base64", Modifier::Encoding(Encoding::Base64)),
    ("base64offset", Modifier::Encoding(Encoding::Base64Offset)),
    ("utf16le", Modifier::Encoding(Encoding::Utf16Le)),
    ("wide", Modifier::Encoding(Encoding::Utf16Le)),
    ("utf16be", Modifier::Encoding(Encoding::Utf16Be)),
    ("utf16", Modifier::Encoding(Encoding::Utf16)),
    ("re", Modifier::Re),
    ("i", Modifier::Flag('i')),
    ("ignorecase", Modifier::Flag('i')),
    ("m", Modifier::Flag('m')),
    ("multiline", Modifier::Flag('m')),
    ("s", Modifier::Flag('s')),
    ("dotall", Modifier::Flag('s')),
    ("cidr", Modifier::Cidr),
    ("lt", Modifier::Compare(Comparison::Less)),
    ("lte", Modifier::Compare(Comparison::LessOrEqual)),
    ("gt", Modifier::Compare(Comparison::Greater)),
    ("gte", Modifier::Compare(Comparison::GreaterOrEqual)),
    ("minute", Modifier::Time(TimePart::Minute)),
    ("hour", Modifier::Time(TimePart::Hour)),
    ("day", Modifier::Time(TimePart::Day)),
    ("week", Modifier::Time(TimePart::Week)),
    ("month", Modifier::Time(TimePart::Month)),
    ("year", Modifier::Time(TimePart::Year)),
    ("fieldref", Modifier::FieldRef),
];

/// What a value is compared as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text with wildcards.
    Text,
    /// A regular expression with these flags.
    Regex(String),
    /// A network.
    Cidr,
    /// A number.
    Compare(Comparison),
    /// Whether it is there.
    Exists,
    /// Another field.
    FieldRef,
    /// A part of a time; equal unless it is compared.
    Time(TimePart, Option<Comparison>),
}

/// What the modifiers of a key say together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    /// What a value is compared as.
    pub kind: Kind,
    /// All values, not any.
    pub all: bool,
    /// Not so.
    pub neq: bool,
    /// Letters in upper and lower case differ.
    pub cased: bool,
    /// Where a text is looked for.
    pub anchor: Anchor,
    /// Whether the anchor was written.
    pub anchored: bool,
    /// Dashes stand for one another.
    pub windash: bool,
    /// Placeholders are put in.
    pub expand: bool,
    /// Encodings in their order.
    pub encodings: Vec<Encoding>,
}

impl Chain {
    /// Reads the modifiers. The error is what to say.
    pub fn parse<'m>(names: impl Iterator<Item = &'m str>) -> Result<Chain, String> {
        let mut chain = Chain {
            kind: Kind::Text,
            all: false,
            neq: false,
            cased: false,
            anchor: Anchor::Whole,
            anchored: false,
            windash: false,
            expand: false,
            encodings: Vec::new(),
        };
        let mut seen: Vec<(&str, Modifier)> = Vec::new();
        for name in names {
            let modifier = find(name)?;
            if seen.iter().any(|(_, other)| *other == modifier) {
                return Err(format!("`{name}` is written twice: once is enough"));
            }
            chain.add(name, modifier, &seen)?;
            seen.push((name, modifier));
        }
        chain.check(&seen)?;
        Ok(chain)
    }

    fn add(&mut self, name: &str, modifier: Modifier, before: &[(&str, Modifier)]) -> Result<(), String> {
        match modifier {
            Modifier::All => self.all = true,
            Modifier::Neq => self.neq = true,
            Modifier::Cased => self.cased = true,
            Modifier::Windash => {
                if !self.encodings.is_empty() {
                    return Err("windash after an encoding finds no dashes: write it before".to_owned());
                }
                self.windash = true;
            }
            Modifier::Expand => {
                if !self.encodings.is_empty() {
                    return Err("expand after an encoding finds no placeholders: write it before".to_owned());
                }
                self.expand = true;
            }
            Modifier::Anchor(anchor) => {
                if self.anchored {
                    return Err(format!("`{name}` does not go with another of contains, startswith, endswith"));
                }
                (self.anchor, self.anchored) = (anchor, true);
            }
            Modifier::Encoding(encoding) => self.encoding(name, encoding)?,
            Modifier::Flag(flag) => match &mut self.kind {
                Kind::Regex(flags) => flags.push(flag),
                _ => return Err(format!("`{name}` is a flag of a regular expression: write it after `re`")),
            },
            Modifier::Re => self.kind(name, Kind::Regex(String::new()), before)?,
            Modifier::Cidr => self.kind(name, Kind::Cidr, before)?,
            Modifier::Exists => self.kind(name, Kind::Exists, before)?,
            Modifier::FieldRef => self.kind(name, Kind::FieldRef, before)?,
            Modifier::Compare(comparison) => match &mut self.kind {
                Kind::Time(_, compared @ None) => *compared = Some(comparison),
                _ => self.kind(name, Kind::Compare(comparison), before)?,
            },
            Modifier::Time(part) => match self.kind {
                Kind::Compare(comparison) => self.kind = Kind::Time(part, Some(comparison)),
                _ => self.kind(name, Kind::Time(part, None), before)?,
            },
        }
        Ok(())
    }

    fn kind(&mut self, name: &str, kind: Kind, before: &[(&str, Modifier)]) -> Result<(), String> {
        if self.kind == Kind::Text {
            self.kind = kind;
            return Ok(());
        }
        let others: Vec<&str> = before.iter().map(|(name, _)| *name).collect();
        Err(format!("`{name}` does not go with `{}`: a value is compared in one way", others.join("|")))
    }

    fn encoding(&mut self, name: &str, encoding: Encoding) -> Result<(), String> {
        if self.anchored {
            return Err(format!("write `{name}` before contains, startswith or endswith: wildcards have no encoding"));
        }
        let is_base64 = |encoding: &Encoding| matches!(encoding, Encoding::Base64 | Encoding::Base64Offset);
        let fits = match self.encodings.last() {
            None => true,
            Some(last) => !is_base64(last) && is_base64(&encoding),
        };
        if !fits {
            return Err(format!(
                "`{name}` does not go after another encoding: first one of utf16, utf16le, utf16be and wide, then one of base64 and base64offset"
            ));
        }
        self.encodings.push(encoding);
        Ok(())
    }

    /// Refuses what has no meaning together.
    fn check(&self, seen: &[(&str, Modifier)]) -> Result<(), String> {
        for (name, modifier) in seen {
            let joins = matches!(modifier, Modifier::All | Modifier::Neq) && self.kind != Kind::Exists;
            if !joins && !self.kind.goes_with(*modifier) {
                return Err(format!("`{name}` does not go with `{}`: {}", self.kind.name(), self.kind.why()));
            }
        }
        Ok(())
    }
}

impl Kind {
    /// Whether a modifier means something beside it; `all` and `neq` aside.
    fn goes_with(&self, modifier: Modifier) -> bool {
        match self {
            Kind::Text => true,
            Kind::Regex(_) => matches!(
                modifier,
                Modifier::Re | Modifier::Flag(_) | Modifier::Expand | Modifier::Anchor(Anchor::Anywhere)
            ),
            Kind::Cidr => matches!(modifier, Modifier::Cidr | Modifier::Expand),
            Kind::Compare(_) => matches!(modifier, Modifier::Compare(_)),
            Kind::Time(..) => matches!(modifier, Modifier::Time(_) | Modifier::Compare(_)),
            Kind::Exists => matches!(modifier, Modifier::Exists),
            Kind::FieldRef => matches!(modifier, Modifier::FieldRef | Modifier::Anchor(_) | Modifier::Cased),
        }
    }

    fn why(&self) -> &'static str {
        match self {
            Kind::Text => "",
            Kind::Regex(_) => {
                "a regular expression is found anywhere unless ^ and $ anchor it, and has flags i, m and s"
            }
            Kind::Cidr => "a network is no text",
            Kind::Compare(_) => "a number is no text",
            Kind::Time(..) => "a part of a time is a number",
            Kind::Exists => "exists stands alone, with true or false",
            Kind::FieldRef => "the name of a field is taken as it is",
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Kind::Text => "text",
            Kind::Regex(_) => "re",
            Kind::Cidr => "cidr",
            Kind::Compare(_) => "lt, lte, gt and gte",
            Kind::Exists => "exists",
            Kind::FieldRef => "fieldref",
            Kind::Time(..) => "minute, hour, day, week, month and year",
        }
    }
}

fn find(name: &str) -> Result<Modifier, String> {
    if let Some((_, modifier)) = MODIFIERS.iter().find(|(known, _)| *known == name) {
        return Ok(*modifier);
    }
    let shown = super::reader::shown(name);
    let names: Vec<&str> = MODIFIERS.iter().map(|(name, _)| *name).collect();
    Err(match closest(name, &names) {
        Some(meant) => format!("unknown modifier `{shown}`; did you mean `{meant}`?"),
        None => format!("unknown modifier `{shown}`"),
    })
}
