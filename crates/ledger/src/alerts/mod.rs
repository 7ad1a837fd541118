//! Alerts, incidents, tasks and suppressions: how they are raised, counted, moved on, listed and erased.
//!
//! Each of them is a decision, signed in the audit trail: those that detection raises with one entry for all of a
//! transaction, those of people one by one. What becomes of them is appended as *moves*, how often they fired as
//! *tallies* of a minute. The *queue* holds the newest of both, so that what is open is found among all there ever was;
//! the tables of SQL are derived from moves and tallies, as of any time.

mod act;
mod commit;
mod copies;
mod kept;
mod list;
mod outbox;
mod records;
mod rows;
mod situation;

pub use act::{Act, Acted, Enqueue};
pub use copies::Erased;
pub use kept::{Copy, Kept, Moved, Whole};
pub use list::{Counts, Order, Page, Wanted};
pub use outbox::{Fate, Waiting};
pub use records::{Hidden, Record};
pub(crate) use rows::{Delta, tally};
pub use situation::{Asked, KnownFiring, Situation, Suppressing};

pub(crate) use copies::verify as verify_copies;
pub(crate) use rows::verify as verify_queue;

use model::{Aspect, CitedEvent, Decision, EntityRef, Level, Nanos};
use serde::{Deserialize, Serialize};

/// What is in the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = QueueKind)]
pub enum Kind {
    /// A rule has fired for something, once or often.
    Alert,
    /// Alerts that belong together.
    Incident,
    /// Something to do that an incident taught.
    Task,
    /// What keeps alerts from being raised, until a day.
    Suppression,
}

impl Kind {
    /// All.
    pub const ALL: [Kind; 4] = [Kind::Alert, Kind::Incident, Kind::Task, Kind::Suppression];

    /// As it is kept, which is also the kind of its decision.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Alert => "alert",
            Kind::Incident => "incident",
            Kind::Task => "task",
            Kind::Suppression => "suppression",
        }
    }

    /// The kind called so.
    pub fn from_name(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = QueueState)]
pub enum State {
    /// Nobody has said anything yet.
    Open,
    /// Somebody looks at it.
    Acknowledged,
    /// Nobody wants to see it until a time; then it is open again.
    Snoozed,
    /// It is over, with an [`Outcome`].
    Resolved,
}

impl State {
    /// All.
    pub const ALL: [State; 4] = [State::Open, State::Acknowledged, State::Snoozed, State::Resolved];

    /// As it is kept.
    pub fn name(self) -> &'static str {
        match self {
            State::Open => "open",
            State::Acknowledged => "acknowledged",
            State::Snoozed => "snoozed",
            State::Resolved => "resolved",
        }
    }

    /// The state called so.
    pub fn from_name(name: &str) -> Option<State> {
        State::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// What it turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It was what the rule says.
    True,
    /// It happened, and was meant to.
    Benign,
    /// It did not happen: the rule is wrong.
    False,
    /// Its source says that it is over; nobody said what it was.
    Ended,
    /// Nobody looked at it until it had been quiet for long.
    Ignored,
    /// A worse one for the same thing took its place.
    Escalated,
    /// Done, of a task; ended early, of a suppression.
    Done,
}

impl Outcome {
    /// All.
    pub const ALL: [Outcome; 7] = [
        Outcome::True,
        Outcome::Benign,
        Outcome::False,
        Outcome::Ended,
        Outcome::Ignored,
        Outcome::Escalated,
        Outcome::Done,
    ];

    /// As it is kept.
    pub fn name(self) -> &'static str {
        match self {
            Outcome::True => "true",
            Outcome::Benign => "benign",
            Outcome::False => "false",
            Outcome::Ended => "ended",
            Outcome::Ignored => "ignored",
            Outcome::Escalated => "escalated",
            Outcome::Done => "done",
        }
    }

    /// The outcome called so.
    pub fn from_name(name: &str) -> Option<Outcome> {
        Outcome::ALL.into_iter().find(|outcome| outcome.name() == name)
    }
}

/// What is so of an alert beside its state, and stays so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = QueueMark)]
pub enum Mark {
    /// A worse one nearby says it already.
    Inhibited,
    /// It comes and goes.
    Flapping,
    /// Its notice goes with others in a digest: its team had more than its budget.
    Digest,
    /// Too little for a notice of its own.
    Quiet,
}

impl Mark {
    /// All.
    pub const ALL: [Mark; 4] = [Mark::Inhibited, Mark::Flapping, Mark::Digest, Mark::Quiet];

    /// As it is kept.
    pub fn name(self) -> &'static str {
        match self {
            Mark::Inhibited => "inhibited",
            Mark::Flapping => "flapping",
            Mark::Digest => "digest",
            Mark::Quiet => "quiet",
        }
    }

    pub(crate) fn bit(self) -> i64 {
        1 << (self as i64)
    }
}

/// One of those that are kept, or raised in the same transaction.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// By its id.
    Id(i64),
    /// By the key of its decision.
    Key(String),
}

/// Something that happens to one of them.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Its state, the outcome when it is resolved, the end when it is snoozed.
    State(State, Option<Outcome>, Option<Nanos>),
    /// The team that answers for it.
    Owner(EntityRef),
    /// The person who looks at it, by name; none for nobody any more.
    Assignee(Option<String>),
    /// The incident that it belongs to; none for none any more.
    Incident(Option<Target>),
    /// It is as bad as this by now.
    Level(Level),
    /// A mark, and what it comes from.
    Mark(Mark, Option<Target>),
    /// A notice of it was put into the outbox.
    Notified,
    /// A word, such as `ticket:4711`.
    Tag(String),
    /// Somebody said something; the text is the reason of the decision.
    Comment,
    /// A playbook's action: its name, what became of it, and the minutes that it saved.
    Action(String, String, i64),
}

/// A step of one of them, and when.
#[derive(Clone, Debug, PartialEq)]
pub struct Move {
    /// Which.
    pub about: Target,
    /// When.
    pub at: Nanos,
    /// What.
    pub step: Step,
}

/// An alert or incident that is raised.
#[derive(Clone, Debug, PartialEq)]
pub struct Raise {
    /// The decision: its kind is `alert` or `incident`, its key names it within the transaction.
    pub decision: Decision,
    /// What repeats of it share.
    pub fingerprint: String,
    /// The rule.
    pub rule: String,
    /// One line.
    pub title: String,
    /// How bad.
    pub level: Level,
    /// Whose language.
    pub aspect: Aspect,
    /// The rule's tags.
    pub tags: Vec<String>,
    /// Where to look.
    pub runbook: Option<String>,
    /// Why it fired. It may quote events, so it can be erased.
    pub why: String,
    /// What events were grouped by. The same.
    pub key: Vec<(String, String)>,
}

/// Where a firing is counted.
#[derive(Clone, Debug, PartialEq)]
pub enum On {
    /// On an alert.
    Alert(Target),
    /// On the suppression that hides it.
    Hidden {
        /// The suppression's id.
        by: i64,
        /// The team that would have heard of it; empty when nobody owns it.
        team: String,
    },
}

/// A rule has fired: what a detector told, once or again with more.
#[derive(Clone, Debug, PartialEq)]
pub struct Firing {
    /// The detector's own id. What was told before counts where it did then, and once.
    pub id: String,
    /// The rule.
    pub rule: String,
    /// Where it counts.
    pub on: On,
    /// Its events.
    pub events: u64,
    /// The first of them.
    pub first: Nanos,
    /// The last.
    pub last: Nanos,
    /// Events to keep a copy of, as long as there is room.
    pub copies: Vec<CitedEvent>,
}

/// A notice to be sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Outgoing {
    /// The sender's own id: put in twice it is one.
    pub key: String,
    /// Which way it goes, by the name of a channel.
    pub channel: String,
    /// What it is about.
    pub about: Option<Target>,
    /// Who may see it.
    pub dataset: String,
    /// The notice, as JSON.
    pub body: String,
    /// When it may leave.
    pub due: Nanos,
}

/// How far a detector has read, and what it remembers there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detector {
    /// Which.
    pub name: String,
    /// The event that it goes on with.
    pub position: u64,
    /// Its windows, in its own words; at most [`crate::MAX_SNAPSHOT_BYTES`].
    pub snapshot: Vec<u8>,
}

/// What one round of detection wants kept: all of it or nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Detection {
    /// Alerts and incidents that are new.
    pub raised: Vec<Raise>,
    /// What fired.
    pub firings: Vec<Firing>,
    /// What happens to those that are there.
    pub moves: Vec<Move>,
    /// Notices.
    pub notices: Vec<Outgoing>,
    /// Where the detector stands then. Without it, it stays where it was, and what it tells again after a restart is known
    /// by the ids of the firings.
    pub detector: Option<Detector>,
}

impl Detection {
    /// Whether there is nothing to keep.
    pub fn is_empty(&self) -> bool {
        self.raised.is_empty()
            && self.firings.is_empty()
            && self.moves.is_empty()
            && self.notices.is_empty()
            && self.detector.is_none()
    }
}

/// What became of a round.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Committed {
    /// When the ledger learnt it.
    pub known: Nanos,
    /// What was raised, by its key. What was raised before has its old id.
    pub ids: std::collections::BTreeMap<String, i64>,
    /// Firings that nobody had told.
    pub new: u64,
    /// Firings that were told before.
    pub repeated: u64,
}
