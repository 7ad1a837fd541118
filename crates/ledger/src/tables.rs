//! The ledger as tables for SQL: each as of two times, with what is asked of its columns pushed down.

mod scan;

pub use scan::{Cell, Scan};

use crate::facts::Class;
use crate::history::AsOf;
use crate::scans::WAIVER;
use model::Nanos;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    /// A number of 64 bits.
    Number,
    /// Nanoseconds since 1970.
    Time,
    /// Text, or JSON as text.
    Text,
    /// What several sources say: lines of a source and its JSON, made one object.
    Merged,
}

/// A column: its name, what it holds, and what gives it.
type Column = (&'static str, ColumnKind, &'static str);

/// A table.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// Its name in SQL; with `_at(valid, known)` it is the same as of two times.
    pub name: &'static str,
    /// Its columns.
    pub columns: &'static [Column],
    from: Rows,
}

/// Where rows come from.
#[derive(Clone, Copy, Debug)]
enum Rows {
    /// What held at the time: the newest observations of a class, by the name `h`.
    Held(Class, &'static str),
    /// What was so by then and known by then: columns `at` and `known` of the first table.
    Told(&'static str),
    /// What was known by then.
    Known(&'static str),
    /// Decisions of a kind, or of all when it is empty.
    Decided(&'static str),
    /// Decisions of a kind with what became of them.
    Raised(&'static str),
    /// Who owned what, which is settled between sources.
    Owners,
}

const DECISIONS: &str = "decisions d LEFT JOIN entities e ON e.id = d.entity LEFT JOIN entities o ON o.id = d.owner";
const RAISED: &str = "decisions d LEFT JOIN entities e ON e.id = d.entity LEFT JOIN entities o ON o.id = d.owner \
     LEFT JOIN raised r ON r.id = d.id";

use ColumnKind::{Merged, Number, Text, Time};

/// The columns of a decision, and those of what became of it. In these `{moved}` stands for "of the decision, by the two
/// times", and `{tallied}` for the same of what was counted.
macro_rules! decided {
    ($($more:expr,)*) => {
        &[
            ("id", Number, "d.id"),
            ("at", Time, "d.at"),
            ("known", Time, "d.known"),
            ("kind", Text, "d.kind"),
            ("entity_kind", Text, "e.kind"),
            ("entity", Text, "e.key"),
            ("reason", Text, "d.reason"),
            ("owner", Text, "o.key"),
            ("control", Number, "d.control"),
            ("expires", Time, "d.expires"),
            ("dataset", Text, "d.dataset"),
            ("body", Text, "d.body"),
            $($more,)*
        ]
    };
}

const DECISION: &[Column] = decided!();

/// Where it stands: what was snoozed is open again after its end.
const STATE: &str = "CASE WHEN r.id IS NULL THEN NULL ELSE coalesce((SELECT CASE WHEN m.value = 'snoozed' \
     AND m.number <= {valid} THEN 'open' ELSE m.value END FROM moves m WHERE m.what = 'state' AND {moved} \
     ORDER BY m.at DESC, m.id DESC LIMIT 1), 'open') END";
const OUTCOME: &str = "(SELECT m.detail FROM moves m WHERE m.what = 'state' AND {moved} \
     ORDER BY m.at DESC, m.id DESC LIMIT 1)";
const LEVEL: &str = "coalesce((SELECT m.value FROM moves m WHERE m.what = 'level' AND {moved} \
     ORDER BY m.at DESC, m.id DESC LIMIT 1), r.level)";
const TEAM: &str = "coalesce((SELECT m.value FROM moves m WHERE m.what = 'owner' AND {moved} \
     ORDER BY m.at DESC, m.id DESC LIMIT 1), o.key)";
const ACKNOWLEDGED: &str = "(SELECT min(m.at) FROM moves m WHERE m.decision IS NOT NULL AND {moved})";
const CLOSED: &str = "(SELECT CASE WHEN m.value = 'resolved' THEN m.at ELSE NULL END FROM moves m \
     WHERE m.what = 'state' AND {moved} ORDER BY m.at DESC, m.id DESC LIMIT 1)";

const ALERT: &[Column] = decided!(
    ("fingerprint", Text, "r.fingerprint"),
    ("rule", Text, "r.rule"),
    ("title", Text, "r.title"),
    ("level", Text, LEVEL),
    ("aspect", Text, "r.aspect"),
    ("tags", Text, "r.tags"),
    ("runbook", Text, "r.runbook"),
    ("team", Text, TEAM),
    ("state", Text, STATE),
    ("outcome", Text, OUTCOME),
    ("acknowledged", Time, ACKNOWLEDGED),
    ("closed", Time, CLOSED),
    (
        "incident",
        Number,
        "(SELECT m.number FROM moves m WHERE m.what = 'incident' AND {moved} ORDER BY m.at DESC, m.id DESC LIMIT 1)"
    ),
    ("firings", Number, "CAST(coalesce((SELECT sum(t.firings) FROM tallies t WHERE {tallied}), 0) AS BIGINT)"),
    ("events", Number, "CAST(coalesce((SELECT sum(t.events) FROM tallies t WHERE {tallied}), 0) AS BIGINT)"),
    ("first", Time, "(SELECT min(t.first) FROM tallies t WHERE {tallied})"),
    ("last", Time, "(SELECT max(t.last) FROM tallies t WHERE {tallied})"),
);

const INCIDENT: &[Column] = decided!(
    ("title", Text, "r.title"),
    ("level", Text, LEVEL),
    ("team", Text, TEAM),
    ("state", Text, STATE),
    ("outcome", Text, OUTCOME),
    ("acknowledged", Time, ACKNOWLEDGED),
    ("closed", Time, CLOSED),
    (
        "alerts",
        Number,
        "(SELECT count(*) FROM moves i WHERE i.what = 'incident' AND i.number = d.id AND i.at <= {valid} \
         AND i.known <= {known} AND NOT EXISTS (SELECT 1 FROM moves l WHERE l.about = i.about AND l.what = 'incident' \
         AND l.id > i.id AND l.at <= {valid} AND l.known <= {known}))"
    ),
);

const CONTROL: &[Column] = decided!((
    "hidden",
    Number,
    "CAST(coalesce((SELECT sum(t.firings) FROM decisions s JOIN tallies t ON t.about = s.id WHERE s.control = d.id \
     AND s.kind = 'suppression' AND t.first <= {valid} AND t.known <= {known}), 0) AS BIGINT)"
),);

/// How a finding looked last, to whom the row is from.
macro_rules! look {
    ($what:literal) => {
        concat!(
            "(SELECT ",
            $what,
            " FROM details d WHERE d.finding = n.id AND d.origin = h.origin AND d.dataset = h.dataset \
             AND d.at <= {valid} AND d.known <= {known} ORDER BY d.at DESC, d.id DESC LIMIT 1)"
        )
    };
}

/// The scan of the stream of an observation, which was at its time.
macro_rules! scan_of {
    ($what:literal) => {
        concat!(
            "(SELECT ",
            $what,
            " FROM scans s WHERE s.entity = n.entity AND s.dataset = b.dataset AND s.origin = b.origin AND s.at = b.at \
             AND s.late = 0 ORDER BY s.id DESC LIMIT 1)"
        )
    };
}

/// Where a finding that is there stands: it had been gone, or the newest scan of whom the row is from saw it first.
const FOUND_STATE: &str = "CASE WHEN EXISTS (SELECT 1 FROM observations x WHERE x.about = n.id AND x.class = 2 \
     AND x.ended = 1 AND x.origin = h.origin AND x.dataset = h.dataset AND x.at <= {valid} AND x.known <= {known}) \
     THEN 'back' WHEN h.at = (SELECT max(s.at) FROM scans s WHERE s.entity = n.entity AND s.dataset = h.dataset \
     AND s.origin = h.origin AND s.late = 0 AND s.at <= {valid} AND s.known <= {known}) THEN 'new' ELSE 'open' END";

/// An expression of a column as of two times.
pub(crate) fn as_of(text: &str, times: &AsOf) -> String {
    text.replace("{moved}", "m.about = d.id AND m.at <= {valid} AND m.known <= {known}")
        .replace("{tallied}", "t.about = d.id AND t.first <= {valid} AND t.known <= {known}")
        // Numbers, so that they may stand where they are.
        .replace("{valid}", &times.valid.max(-Nanos::MAX).to_string())
        .replace("{known}", &times.known.max(-Nanos::MAX).to_string())
}

/// Decisions of one kind, or all.
const fn decisions(name: &'static str, kind: &'static str) -> Table {
    Table { name, columns: DECISION, from: Rows::Decided(kind) }
}

/// Every table.
pub const TABLES: &[Table] = &[
    Table {
        name: "entities",
        columns: &[
            ("id", Number, "e.id"),
            ("kind", Text, "e.kind"),
            ("entity", Text, "e.key"),
            ("seen", Time, "h.at"),
            ("until", Time, "h.until"),
            ("attributes", Merged, "h.attributes"),
        ],
        from: Rows::Held(
            Class::Entity,
            "(SELECT h.about, max(h.at) AS at, max(h.until) AS until, \
             string_agg(h.origin || ' ' || b.attributes, '\n') AS attributes FROM held h \
             JOIN observations b ON b.id = h.last GROUP BY h.about) h JOIN entities e ON e.id = h.about",
        ),
    },
    Table {
        name: "relations",
        columns: &[
            ("id", Number, "r.id"),
            ("kind", Text, "r.kind"),
            ("from_kind", Text, "f.kind"),
            ("from_entity", Text, "f.key"),
            ("to_kind", Text, "t.kind"),
            ("to_entity", Text, "t.key"),
            ("layer", Text, "r.layer"),
            ("origin", Text, "h.origin"),
            ("since", Time, "h.at"),
            ("dataset", Text, "h.dataset"),
            ("attributes", Text, "b.attributes"),
        ],
        from: Rows::Held(
            Class::Relation,
            "held h JOIN relations r ON r.id = h.about JOIN entities f ON f.id = r.source \
             JOIN entities t ON t.id = r.target JOIN observations b ON b.id = h.last",
        ),
    },
    Table {
        name: "findings",
        columns: &[
            ("id", Number, "n.id"),
            ("at", Time, "n.at"),
            ("seen", Time, "h.at"),
            ("entity_kind", Text, "e.kind"),
            ("entity", Text, "e.key"),
            ("rule", Text, "n.rule"),
            ("severity", Text, "n.severity"),
            ("title", Text, "n.title"),
            ("place", Text, "n.place"),
            ("fingerprint", Text, "n.fingerprint"),
            ("origin", Text, "h.origin"),
            ("dataset", Text, "h.dataset"),
            ("evidence", Text, "n.evidence"),
            ("state", Text, FOUND_STATE),
            ("message", Text, look!("d.message")),
            ("path", Text, look!("d.path")),
            ("line", Number, look!("d.line")),
            ("owners", Text, look!("d.owners")),
            ("suppressed", Text, look!("CASE WHEN d.hidden_until > {valid} THEN d.hidden END")),
            ("suppressed_until", Time, look!("d.hidden_until")),
            ("waiver", Number, WAIVER),
        ],
        from: Rows::Held(
            Class::Finding,
            "held h JOIN findings n ON n.id = h.about LEFT JOIN entities e ON e.id = n.entity",
        ),
    },
    Table {
        name: "finding_history",
        columns: &[
            ("id", Number, "b.id"),
            ("at", Time, "b.at"),
            ("known", Time, "b.known"),
            ("finding", Number, "b.about"),
            ("ended", Number, "b.ended"),
            ("entity_kind", Text, "e.kind"),
            ("entity", Text, "e.key"),
            ("rule", Text, "n.rule"),
            ("severity", Text, "n.severity"),
            ("title", Text, "n.title"),
            ("place", Text, "n.place"),
            ("fingerprint", Text, "n.fingerprint"),
            ("origin", Text, "b.origin"),
            ("dataset", Text, "b.dataset"),
            ("commit", Text, scan_of!("s.revision")),
            ("branch", Text, scan_of!("s.branch")),
            ("version", Text, scan_of!("s.version")),
        ],
        from: Rows::Told(
            "observations b JOIN findings n ON n.id = b.about AND b.class IN (2, 3) \
             LEFT JOIN entities e ON e.id = n.entity",
        ),
    },
    Table {
        name: "scans",
        columns: &[
            ("id", Number, "s.id"),
            ("at", Time, "s.at"),
            ("known", Time, "s.known"),
            ("entity_kind", Text, "e.kind"),
            ("entity", Text, "e.key"),
            ("tool", Text, "s.tool"),
            ("tool_version", Text, "s.tool_version"),
            ("category", Text, "s.category"),
            ("branch", Text, "s.branch"),
            ("commit", Text, "s.revision"),
            ("version", Text, "s.version"),
            ("pipeline", Text, "s.pipeline"),
            ("complete", Number, "s.complete"),
            ("late", Number, "s.late"),
            ("found", Number, "s.found"),
            ("opened", Number, "s.opened"),
            ("fixed", Number, "s.fixed"),
            ("back", Number, "s.back"),
            ("origin", Text, "s.origin"),
            ("dataset", Text, "s.dataset"),
        ],
        from: Rows::Told("scans s JOIN entities e ON e.id = s.entity"),
    },
    Table {
        name: "observations",
        columns: &[
            ("id", Number, "b.id"),
            ("at", Time, "b.at"),
            ("known", Time, "b.known"),
            ("about", Number, "b.about"),
            ("ended", Number, "b.ended"),
            ("until", Time, "b.until"),
            ("origin", Text, "b.origin"),
            ("dataset", Text, "b.dataset"),
            ("attributes", Text, "b.attributes"),
        ],
        from: Rows::Told("observations b"),
    },
    Table {
        name: "changes",
        columns: &[
            ("id", Number, "c.id"),
            ("at", Time, "c.at"),
            ("known", Time, "c.known"),
            ("kind", Text, "c.kind"),
            ("entity_kind", Text, "e.kind"),
            ("entity", Text, "e.key"),
            ("environment", Text, "c.environment"),
            ("version", Text, "c.version"),
            ("origin", Text, "c.origin"),
            ("dataset", Text, "c.dataset"),
            ("attributes", Text, "c.attributes"),
        ],
        from: Rows::Told("changes c JOIN entities e ON e.id = c.entity"),
    },
    Table {
        name: "owners",
        columns: &[
            ("entity_kind", Text, ""),
            ("entity", Text, ""),
            ("layer", Text, ""),
            ("owner", Text, ""),
            ("origin", Text, ""),
            ("since", Time, ""),
            ("conflict", Number, ""),
            ("reason", Text, ""),
        ],
        from: Rows::Owners,
    },
    decisions("decisions", ""),
    Table { name: "alerts", columns: ALERT, from: Rows::Raised("alert") },
    Table { name: "incidents", columns: INCIDENT, from: Rows::Raised("incident") },
    Table { name: "controls", columns: CONTROL, from: Rows::Raised("control") },
    decisions("verdicts", "verdict"),
    decisions("answers", "answer"),
    decisions("exceptions", "exception"),
    decisions("lockdowns", "lockdown"),
    Table {
        name: "audit",
        columns: &[
            ("seq", Number, "a.seq"),
            ("known", Time, "a.known"),
            ("action", Text, "a.action"),
            ("object", Text, "a.object"),
            ("detail", Text, "a.detail"),
        ],
        from: Rows::Known("audit a"),
    },
];
