//! The cases of an operational rule's page: rows of telemetry over time, and when to look at them.
//!
//! A line of a case is one row, or many of the same shape:
//!
//! ```json
//! {"at": "-5m", "table": "logs", "service": "cart", "severity": "error", "body": "timeout"}
//! {"from": "-30m", "until": "0s", "every": "10s", "table": "metrics", "name": "queue", "value": {"from": 1, "to": 900}}
//! ```
//!
//! `observed` says how long after its time a log record was seen by who collected it. Times count from the end of the story, which is when somebody looks for the last time. `{n}` in a text is the number
//! of the row. Who has a store puts [`Story::batches`] into it and then asks the rule at each of [`Story::looks`].

use super::rule::{Kind, OpsRule};
use crate::limits::{MAX_STORY_LOOKS, MAX_STORY_ROWS};
use crate::rule::Place;
use model::batch::Origin;
use model::logs::{LogRow, LogsBuilder};
use model::metrics::{MetricRow, MetricsBuilder};
use model::spans::{SpanRow, SpansBuilder};
use model::{Context, EventBatch, Nanos, Table, ValueRef};
use serde_json::{Map, Value};

/// What happened, in a form that a store keeps.
#[derive(Clone, Debug)]
pub struct Story {
    /// All rows.
    pub batches: Vec<EventBatch>,
    /// Its end.
    pub now: Nanos,
}

/// A row that may be many.
struct Template {
    table: Table,
    /// Times before the end, as offsets.
    times: Vec<Nanos>,
    /// Rows at each time.
    copies: usize,
    dataset: String,
    object: Map<String, Value>,
}

const SHARED: [&str; 10] =
    ["at", "from", "until", "every", "times", "table", "dataset", "service", "attributes", "resource"];

impl Story {
    /// Reads the rows of a case, with the places where they stand; `now` is when it ends.
    ///
    /// # Errors
    /// Where a row is malformed: `file:line:column`, the field and what to write.
    pub fn of<'e>(
        rows: impl IntoIterator<Item = (&'e Place, &'e Map<String, Value>)>,
        now: Nanos,
    ) -> Result<Story, String> {
        let (mut batches, mut count) = (Vec::new(), 0);
        for (place, object) in rows {
            let placed = |reason: String| format!("{place}: {reason}");
            let template = Template::of(object).map_err(placed)?;
            count += template.times.len() * template.copies;
            if count > MAX_STORY_ROWS {
                return Err(placed(format!("a case has at most {MAX_STORY_ROWS} rows: write fewer, or further apart")));
            }
            batches.push(template.batch(now).map_err(placed)?);
        }
        Ok(Story { batches, now })
    }

    /// When to look: often enough for what the rule waits for, and for the last time at the end.
    pub fn looks(&self, rule: &OpsRule) -> impl Iterator<Item = Nanos> + use<> {
        let back = match rule.kind {
            // These read back themselves.
            Kind::Absence { .. } | Kind::FirstSeen { .. } => rule.hold,
            _ => rule.window.min(rule.every) + rule.hold,
        };
        let count = (back / rule.every + 2).min(MAX_STORY_LOOKS);
        let (every, end) = (rule.every, self.now.div_euclid(rule.every) * rule.every + rule.delay);
        (0..=count).rev().map(move |look| end - look * every)
    }
}

impl Template {
    fn of(object: &Map<String, Value>) -> Result<Template, String> {
        let text = |name: &str| match object.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.as_str())),
            Some(_) => Err(format!("{name}: must be a text")),
        };
        let time = |name: &str| match text(name)? {
            None => Ok(None),
            Some(written) => query::units::duration(written)
                .filter(|nanos| *nanos <= 0)
                .map(Some)
                .ok_or_else(|| format!("{name}: {written:?} must say how long before the end, such as -5m or 0s")),
        };
        let times = match (time("at")?, time("from")?) {
            (Some(at), None) => vec![at],
            (None, Some(from)) => {
                let every = text("every")?.and_then(query::units::duration).filter(|every| *every > 0);
                let every = every.ok_or("every: is missing: how far the rows are apart, such as 10s")?;
                let until = time("until")?.unwrap_or(0);
                if (until - from) / every > MAX_STORY_ROWS as i64 {
                    return Err(format!("every: makes more than {MAX_STORY_ROWS} rows"));
                }
                (0..).map(|place| from + place * every).take_while(|time| *time < until).collect()
            }
            _ => return Err("at: is missing: write at, or from, until and every".to_owned()),
        };
        let table = text("table")?.unwrap_or("logs");
        let table = Table::from_name(table).ok_or("table: must be logs, spans or metrics")?;
        let own: &[&str] = match table {
            Table::Logs => &["body", "severity", "event_name", "observed"],
            Table::Spans => &["name", "kind", "status", "status_message", "duration"],
            Table::Metrics => &["name", "kind", "unit", "value"],
        };
        if let Some(name) = object.keys().find(|name| !SHARED.contains(&name.as_str()) && !own.contains(&name.as_str()))
        {
            return Err(format!("{name}: not known in {}; attributes stand in attributes or resource", table.name()));
        }
        let copies = match object.get("times") {
            None => 1,
            Some(times) => {
                times.as_u64().ok_or("times: must be a number of rows")?.min(1 + MAX_STORY_ROWS as u64) as usize
            }
        };
        let dataset = text("dataset")?.unwrap_or("default").to_owned();
        Ok(Template { table, times, copies, dataset, object: object.clone() })
    }

    fn batch(&self, now: Nanos) -> Result<EventBatch, String> {
        let context = Context::new(&self.dataset, "case", now);
        let mut builder = match self.table {
            Table::Logs => Builder::Logs(Box::new(LogsBuilder::new(context))),
            Table::Spans => Builder::Spans(Box::new(SpansBuilder::new(context))),
            Table::Metrics => Builder::Metrics(Box::new(MetricsBuilder::new(context))),
        };
        let all = (self.times.len() * self.copies).max(2);
        let each = self.times.iter().flat_map(|time| std::iter::repeat_n(*time, self.copies));
        for (number, time) in each.enumerate() {
            let row = Row { object: &self.object, number, share: number as f64 / (all - 1) as f64 };
            row.push(now + time, &mut builder)?;
        }
        let finished = match &mut builder {
            Builder::Logs(builder) => builder.finish(),
            Builder::Spans(builder) => builder.finish(),
            Builder::Metrics(builder) => builder.finish(),
        };
        finished.map_err(|error| error.to_string())
    }
}

enum Builder {
    Logs(Box<LogsBuilder>),
    Spans(Box<SpansBuilder>),
    Metrics(Box<MetricsBuilder>),
}

/// One row of a template.
struct Row<'t> {
    object: &'t Map<String, Value>,
    number: usize,
    /// How far it is from the first to the last.
    share: f64,
}

impl Row<'_> {
    fn push(&self, timestamp: Nanos, into: &mut Builder) -> Result<(), String> {
        let origin = self.origin()?;
        let attributes = self.map("attributes")?;
        let attributes = attributes.iter().map(|(key, value)| (key.as_str(), value_ref(value)));
        match into {
            Builder::Logs(builder) => {
                builder.set_origin(origin);
                attributes.for_each(|(key, value)| builder.attributes().push(key, value.of()));
                let (body, severity, event_name) =
                    (self.text("body")?, self.text("severity")?, self.text("event_name")?);
                let observed = match self.text("observed")? {
                    None => None,
                    Some(text) => Some(query::units::duration(&text).ok_or("observed: write how long after its time")?),
                };
                builder.push(&LogRow {
                    timestamp,
                    observed_timestamp: observed.map(|after| timestamp + after),
                    severity_number: severity.as_deref().and_then(severity_number),
                    severity_text: severity.as_deref(),
                    body: body.as_deref(),
                    event_name: event_name.as_deref(),
                    ..LogRow::default()
                });
            }
            Builder::Spans(builder) => {
                builder.set_origin(origin);
                attributes.for_each(|(key, value)| builder.attributes().push(key, value.of()));
                let (name, message) = (self.text("name")?, self.text("status_message")?);
                let (kind, status) = (self.text("kind")?, self.text("status")?);
                builder.push(&SpanRow {
                    timestamp,
                    duration_ns: self.duration()?,
                    name: name.as_deref(),
                    kind: kind.as_deref().unwrap_or("server"),
                    status_code: status.as_deref().unwrap_or("unset"),
                    status_message: message.as_deref(),
                    ..SpanRow::default()
                });
            }
            Builder::Metrics(builder) => {
                builder.set_origin(origin);
                attributes.for_each(|(key, value)| builder.attributes().push(key, value.of()));
                let (name, kind, unit) = (self.text("name")?, self.text("kind")?, self.text("unit")?);
                let sum = kind.as_deref() == Some("sum");
                builder.push(&MetricRow {
                    timestamp,
                    name: name.as_deref(),
                    kind: kind.as_deref().unwrap_or("gauge"),
                    unit: unit.as_deref(),
                    temporality: sum.then_some("cumulative"),
                    is_monotonic: sum.then_some(true),
                    value: self.number("value")?,
                    ..MetricRow::default()
                });
            }
        }
        Ok(())
    }

    fn origin(&self) -> Result<Origin, String> {
        let (service_name, mut resource) = (self.text("service")?, self.map("resource")?);
        if let Some(name) = &service_name {
            resource.entry("service.name").or_insert_with(|| Value::String(name.clone()));
        }
        let resource_attributes = (!resource.is_empty()).then(|| Value::Object(resource).to_string());
        Ok(Origin { service_name, resource_attributes, ..Origin::default() })
    }

    /// A map of the row, as it is in this one.
    fn map(&self, name: &str) -> Result<Map<String, Value>, String> {
        let map = match self.object.get(name) {
            None => return Ok(Map::new()),
            Some(Value::Object(map)) => map,
            Some(_) => return Err(format!("{name}: must be an object")),
        };
        let value = |value: &Value| match value {
            Value::String(text) => Value::String(self.numbered(text)),
            other => other.clone(),
        };
        Ok(map.iter().map(|(key, of)| (key.clone(), value(of))).collect())
    }

    fn text(&self, name: &str) -> Result<Option<String>, String> {
        match self.object.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(self.numbered(text))),
            Some(_) => Err(format!("{name}: must be a text")),
        }
    }

    fn numbered(&self, text: &str) -> String {
        text.replace("{n}", &self.number.to_string())
    }

    /// A number, or one on the line from the first row to the last.
    fn number(&self, name: &str) -> Result<Option<f64>, String> {
        let wrong = || format!("{name}: must be a number, or {{\"from\": 1, \"to\": 9}}");
        match self.object.get(name) {
            None => Ok(None),
            Some(Value::Object(line)) => {
                let end = |name: &str| line.get(name).and_then(Value::as_f64).ok_or_else(wrong);
                Ok(Some(end("from")? + (end("to")? - end("from")?) * self.share))
            }
            Some(number) => number.as_f64().map(Some).ok_or_else(wrong),
        }
    }

    fn duration(&self) -> Result<Nanos, String> {
        match self.text("duration")? {
            None => Ok(1_000_000),
            Some(text) => {
                query::units::duration(&text).ok_or_else(|| format!("duration: {text:?} is none; write 120ms"))
            }
        }
    }
}

/// A value of an attribute, and the JSON of what is no scalar.
enum Held<'v> {
    Plain(ValueRef<'v>),
    Json(String),
}

impl Held<'_> {
    fn of(&self) -> ValueRef<'_> {
        match self {
            Held::Plain(value) => *value,
            Held::Json(json) => ValueRef::Json(json),
        }
    }
}

fn value_ref(value: &Value) -> Held<'_> {
    Held::Plain(match value {
        Value::Null => ValueRef::Null,
        Value::Bool(bool) => ValueRef::Bool(*bool),
        Value::String(text) => ValueRef::Str(text),
        Value::Number(number) => match number.as_i64() {
            Some(int) => ValueRef::Int(int),
            None => ValueRef::Double(number.as_f64().unwrap_or_default()),
        },
        other => return Held::Json(other.to_string()),
    })
}

fn severity_number(text: &str) -> Option<i32> {
    let levels = [("trace", 1), ("debug", 5), ("info", 9), ("warn", 13), ("error", 17), ("fatal", 21)];
    levels.into_iter().find(|(name, _)| text.eq_ignore_ascii_case(name)).map(|(_, number)| number)
}
