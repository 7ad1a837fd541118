//! A rule as the engine sees it, whatever language it was written in.
//!
//! All modifiers are resolved here: what is left is a condition over leaves, each of which looks at one field.

use ipnet::IpNet;
use model::alert::{Aspect, Level};
use std::fmt;
use std::sync::Arc;

/// Where something stands in a rule file; lines and columns count from 1.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Place {
    /// The file, as it was named.
    pub file: Arc<str>,
    /// Line.
    pub line: usize,
    /// Column.
    pub column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// What events a rule is for. An absent part stands for any.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LogSource {
    /// Such as `windows`.
    pub product: Option<String>,
    /// Such as `process_creation`.
    pub category: Option<String>,
    /// Such as `security`.
    pub service: Option<String>,
}

/// What every document says of itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Meta {
    /// Its UUID where it has one, else the stem of its file.
    pub id: String,
    /// The name by which other rules refer to it.
    pub name: Option<String>,
    /// Title.
    pub title: String,
    /// Description.
    pub description: String,
    /// How bad.
    pub level: Level,
    /// Such as `stable`, `test`, `experimental`, `deprecated`, `unsupported`.
    pub status: Option<String>,
    /// Tags.
    pub tags: Vec<String>,
    /// Known false positives.
    pub false_positives: Vec<String>,
    /// References.
    pub references: Vec<String>,
    /// Where to look when it fires.
    pub runbook: Option<String>,
    /// Whose language.
    pub aspect: Aspect,
    /// Hash of the document's text.
    pub version: String,
    /// Where it begins.
    pub place: Place,
}

impl Meta {
    /// Of a rule that a program makes: the id is its title, and what is not said is empty.
    pub fn new(id: &str, level: Level) -> Meta {
        Meta {
            id: id.to_owned(),
            name: None,
            title: id.to_owned(),
            description: String::new(),
            level,
            status: None,
            tags: Vec::new(),
            false_positives: Vec::new(),
            references: Vec::new(),
            runbook: None,
            aspect: Aspect::Security,
            version: String::new(),
            place: Place::default(),
        }
    }
}

/// A rule over single events.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// What it says of itself.
    pub meta: Meta,
    /// What events it is for.
    pub source: LogSource,
    /// When it matches.
    pub condition: Expr,
}

/// A condition. A test of a field that is not there is false, and its negation is true.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// All of them; true without any.
    And(Vec<Expr>),
    /// Any of them; false without any.
    Or(Vec<Expr>),
    /// Not this.
    Not(Box<Expr>),
    /// One test.
    Leaf(Leaf),
}

/// A test of one field.
#[derive(Clone, Debug, PartialEq)]
pub struct Leaf {
    /// The field; none for a keyword, which looks at every value of the event.
    pub field: Option<Field>,
    /// What is tested. Of several values of a field any may hold.
    pub test: Test,
    /// Where it stands.
    pub place: Place,
}

/// A field of a rule and where events have it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Field {
    /// As the rule calls it.
    pub name: Arc<str>,
    /// Dotted paths in events, the first that is there counts. Before [`crate::sources`] has resolved it: the name alone.
    pub paths: Arc<[Arc<str>]>,
}

impl Field {
    /// A field that events have by the same name.
    pub fn new(name: &str) -> Field {
        let name: Arc<str> = name.into();
        Field { paths: Arc::new([name.clone()]), name }
    }
}

/// What is tested of a value. Text is compared in canonical form: integers in decimal, booleans as `true` and `false`.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// Text with wildcards, as a whole.
    Text(Pattern),
    /// A regular expression, found anywhere unless it is anchored. Flags are in it as `(?i)`.
    Regex(String),
    /// An address in a network.
    Cidr(IpNet),
    /// A number compared; text that is a number counts.
    Compare(Comparison, f64),
    /// The field is there, null included.
    Exists,
    /// The field is there and null, or not there at all.
    Null,
    /// The value of another field, compared as text.
    Field(FieldTest, Field),
    /// A part of a time, in UTC.
    Time(TimePart, i64),
}

/// How two values of fields are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldTest {
    /// Where the other's value must be.
    pub at: Anchor,
    /// Letters in upper and lower case differ.
    pub cased: bool,
}

/// Where a text must be in another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Anchor {
    /// It is all of it.
    Whole,
    /// It begins with it.
    Start,
    /// It ends with it.
    End,
    /// It is somewhere in it.
    Anywhere,
}

/// An order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
}

/// A part of a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimePart {
    /// 0 to 59.
    Minute,
    /// 0 to 23.
    Hour,
    /// 1 to 31.
    Day,
    /// ISO 8601 week.
    Week,
    /// 1 to 12.
    Month,
    /// Year.
    Year,
}

/// A text with wildcards: `*` any characters, `?` one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Pattern {
    /// Its parts, in order; no two texts follow each other, and none is empty.
    pub parts: Vec<Part>,
    /// Letters in upper and lower case differ.
    pub cased: bool,
}

/// A part of a pattern.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// This text.
    Text(String),
    /// Any characters, or none.
    Any,
    /// One character.
    One,
}

impl Pattern {
    /// This text and nothing else.
    pub fn exact(text: &str, cased: bool) -> Pattern {
        let parts = if text.is_empty() { Vec::new() } else { vec![Part::Text(text.to_owned())] };
        Pattern { parts, cased }
    }
}

/// What a window counts.
#[derive(Clone, Debug, PartialEq)]
pub enum Measure {
    /// Events.
    EventCount,
    /// Different values of these fields together.
    ValueCount(Vec<Field>),
    /// Each of the rules has matched.
    Temporal,
    /// Each of the rules has matched, in this order.
    TemporalOrdered,
    /// Sum of a field.
    ValueSum(Field),
    /// Mean of a field.
    ValueAvg(Field),
    /// A percentile of a field, 0 to 100.
    ValuePercentile(Field, f64),
    /// Median of a field.
    ValueMedian(Field),
}

/// When a window fires.
#[derive(Clone, Debug, PartialEq)]
pub enum WindowCondition {
    /// The measure compares so, with all of these.
    Compare(Vec<(Comparison, f64)>),
    /// Rules that matched in the window, by their place in [`Correlation::rules`].
    Rules(RuleExpr),
}

/// A boolean condition over rules, for `temporal` and `temporal_ordered`.
#[derive(Clone, Debug, PartialEq)]
pub enum RuleExpr {
    /// All of them.
    And(Vec<RuleExpr>),
    /// Any of them.
    Or(Vec<RuleExpr>),
    /// Not this.
    Not(Box<RuleExpr>),
    /// The rule at this place has matched.
    Rule(usize),
}

/// A rule over what other rules matched.
#[derive(Clone, Debug, PartialEq)]
pub struct Correlation {
    /// What it says of itself.
    pub meta: Meta,
    /// The rules it looks at, by name or id; correlations among them are chained.
    pub rules: Vec<String>,
    /// What is grouped by: for each group field its name, and the field in each of `rules` (aliases resolved).
    pub group_by: Vec<GroupField>,
    /// How long a window is, in nanoseconds.
    pub timespan: i64,
    /// What is counted.
    pub measure: Measure,
    /// When it fires.
    pub condition: WindowCondition,
    /// Whether the rules it looks at still raise alerts of their own.
    pub generate: bool,
}

/// A field that windows are grouped by.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupField {
    /// As the correlation calls it.
    pub name: String,
    /// The field in each of the rules, in their order.
    pub fields: Vec<Field>,
}
