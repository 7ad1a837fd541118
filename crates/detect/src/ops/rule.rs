//! What an operational rule is, after it was read.

use crate::event::Scalar;
use crate::rule::Meta;
use model::{Nanos, Table};

/// A rule over what a query says.
#[derive(Clone, Debug, PartialEq)]
pub struct OpsRule {
    /// What it says of itself.
    pub meta: Meta,
    /// What is asked.
    pub source: Source,
    /// When it fires.
    pub kind: Kind,
    /// How often it is looked at.
    pub every: Nanos,
    /// How much time one look covers.
    pub window: Nanos,
    /// How long it must hold before it fires.
    pub hold: Nanos,
    /// How long it must be over before it is, so that flapping is one alert.
    pub keep_firing: Nanos,
    /// How long events may take to arrive: a look ends that long ago.
    pub delay: Nanos,
    /// What it is judged by, each group for itself.
    pub group_by: Vec<String>,
    /// Where a search finds each of them, and then each of the fields that make a value: of several fields, as of the old
    /// and the new name of an attribute, the first that is there.
    pub found_in: Vec<Vec<String>>,
    /// What it is about.
    pub entity: Option<EntitySpec>,
    /// What the value is called in sentences, such as `error rate`.
    pub measures: Option<String>,
    /// Unit of the value, for sentences: `ns`, `s`, `By`, `1`, `percent`, or a word.
    pub unit: String,
    /// It looks at this dataset alone. Without, every dataset is judged for itself.
    pub dataset: Option<String>,
}

/// What is asked.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// A search and a number over what it finds.
    Search {
        /// Where.
        table: Table,
        /// What, without pipes.
        query: Box<query::Query>,
        /// The number.
        aggregate: Aggregate,
    },
    /// A statement with `$from` and `$to`, whose columns say the groups and `value`.
    Sql(String),
    /// Good and all events of an objective.
    Ratio(Box<RatioQuery>),
}

/// Good and all events of an objective.
#[derive(Clone, Debug, PartialEq)]
pub enum RatioQuery {
    /// Searches of one table: of what `total` finds, `part` finds some.
    Search {
        /// Where.
        table: Table,
        /// All.
        total: query::Query,
        /// Some of them.
        part: query::Query,
    },
    /// Statements with `$from` and `$to` and a column `value`.
    Sql {
        /// All.
        total: String,
        /// Some of them.
        part: String,
    },
}

/// A number over what a search finds.
#[derive(Clone, Debug, PartialEq)]
pub enum Aggregate {
    /// How many.
    Count,
    /// How many different values of a field.
    Distinct(String),
    /// Sum of a field.
    Sum(String),
    /// Mean of a field.
    Avg(String),
    /// Least of a field.
    Min(String),
    /// Greatest of a field.
    Max(String),
    /// The newest value of a field.
    Last(String),
    /// Greatest less least: what a counter grew by, if it was not reset.
    Increase(String),
    /// A percentile of a field, 1 to 99.
    Percentile(u8, String),
    /// The share, 0 to 1, that this search finds of them.
    Share(Box<query::Query>),
}

impl Aggregate {
    /// Whether no rows at all mean nought, not "nothing known".
    pub(crate) fn counts(&self) -> bool {
        matches!(self, Aggregate::Count | Aggregate::Distinct(_) | Aggregate::Sum(_))
    }
}

/// When it fires.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// The value compares so.
    Threshold {
        /// With what.
        bound: Bound,
        /// Rows that it must rest on.
        minimum: u64,
    },
    /// Nothing for a window, where there was something.
    Absence {
        /// What was last seen longer ago is no longer expected.
        lookback: Nanos,
        /// What was there for less than this was only passing by.
        steady: Nanos,
    },
    /// It differs from the same time earlier.
    Change {
        /// By how much.
        change: Change,
        /// How long ago it is compared with, each; the median counts.
        against: Vec<Nanos>,
        /// Rows that one of both must rest on.
        minimum: u64,
        /// Earlier times that must have had data.
        periods: usize,
    },
    /// Values that were never there before.
    FirstSeen {
        /// The fields that make a value.
        fields: Vec<String>,
        /// How long back is learnt from. A group that is not known for half of it is only learnt.
        learn: Nanos,
        /// Numbers and ids in the value do not tell values apart.
        shape: bool,
    },
    /// Values that are seldom among the others of their group.
    Rare {
        /// The fields that make a value.
        fields: Vec<String>,
        /// Share below which it is rare.
        share: f64,
        /// Rows of the group that it takes to say so.
        minimum: u64,
    },
    /// A straight line through the window reaches a limit soon.
    Forecast {
        /// The limit.
        limit: f64,
        /// How soon.
        within: Nanos,
        /// How straight the line must be: coefficient of determination, 0 to 1.
        fit: f64,
        /// Points that it must rest on.
        minimum: u64,
    },
    /// The error budget of an objective burns too fast, in a long and in a short window.
    BurnRate {
        /// Share of events that should be good.
        target: f64,
        /// Time that the objective is over.
        period: Nanos,
        /// `part` counts bad events, not good ones.
        bad: bool,
        /// Any of these pairs is enough.
        pairs: Vec<BurnPair>,
        /// Events in the long window that it takes to say so.
        minimum: u64,
    },
}

/// Two windows and how many times faster than allowed the budget may burn in both.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BurnPair {
    /// The window that says it matters.
    pub long: Nanos,
    /// The window that says it still goes on.
    pub short: Nanos,
    /// 1 uses the budget up exactly by the end of the period.
    pub rate: f64,
}

/// The pairs of the SRE workbook: the fast ones wake somebody, the slow ones make a ticket.
pub fn default_pairs(fast: bool) -> Vec<BurnPair> {
    const MINUTE: i64 = 60 * 1_000_000_000;
    let pair = |short, long, rate| BurnPair { short: short * MINUTE, long: long * MINUTE, rate };
    match fast {
        true => vec![pair(5, 60, 14.4), pair(30, 360, 6.0)],
        false => vec![pair(120, 1440, 3.0), pair(360, 4320, 1.0)],
    }
}

/// An order and a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bound {
    /// The order.
    pub compare: Compare,
    /// The number.
    pub number: f64,
    /// What has fired goes on until the value is on the other side of this.
    pub clear: f64,
}

/// An order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compare {
    /// `>`
    Above,
    /// `>=`
    AtLeast,
    /// `<`
    Below,
    /// `<=`
    AtMost,
}

impl Compare {
    /// As a rule writes it.
    pub fn name(self) -> &'static str {
        match self {
            Compare::Above => "above",
            Compare::AtLeast => "at_least",
            Compare::Below => "below",
            Compare::AtMost => "at_most",
        }
    }

    /// Whether it holds; never for what is no number.
    pub fn holds(self, value: f64, number: f64) -> bool {
        match self {
            Compare::Above => value > number,
            Compare::AtLeast => value >= number,
            Compare::Below => value < number,
            Compare::AtMost => value <= number,
        }
    }
}

/// How much something differs from before; any of those that are given.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Change {
    /// Now by then is above this.
    pub ratio_above: Option<f64>,
    /// Now by then is below this.
    pub ratio_below: Option<f64>,
    /// Now less then is above this; with a ratio, both must hold.
    pub difference_above: Option<f64>,
    /// Now less then is below this; with a ratio, both must hold.
    pub difference_below: Option<f64>,
}

/// What an alert is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntitySpec {
    /// Kind, such as `service`.
    pub kind: String,
    /// Places in `group_by` that make its name, joined by `/`; those without a value are left out.
    pub key: Vec<usize>,
    /// Its name, where it is always the same.
    pub name: Option<String>,
}

/// What a query answered. Times are integers, nanoseconds since 1970.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    /// Names of the columns.
    pub columns: Vec<String>,
    /// Rows, each as long as `columns`.
    pub rows: Vec<Vec<Scalar>>,
}

impl Rows {
    /// The place of a column.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column == name)
    }
}

impl OpsRule {
    /// The fields that make a value, where it tells values apart.
    pub(crate) fn value_fields(&self) -> &[String] {
        match &self.kind {
            Kind::FirstSeen { fields, .. } | Kind::Rare { fields, .. } => fields,
            _ => &[],
        }
    }

    /// The longest time that one look reads back, from its end.
    pub fn reach(&self) -> Nanos {
        match &self.kind {
            Kind::Absence { lookback, .. } => self.window.max(*lookback),
            Kind::Change { against, .. } => self.window.saturating_add(against.iter().copied().max().unwrap_or(0)),
            Kind::FirstSeen { learn, .. } => self.window.max(*learn),
            Kind::BurnRate { pairs, .. } => pairs.iter().map(|pair| pair.long).max().unwrap_or(self.window),
            _ => self.window,
        }
    }
}
