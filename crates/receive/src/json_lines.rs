//! Newline-delimited records over HTTP, with the meaning of fields given by query parameters.
//!
//! `POST ...?message=msg,event&time=ts&service=app`: each parameter is a list of field names, of which the
//! first that a record has is taken; without the parameter the usual names count. With `format=` the
//! lines may be in another of the common formats.

use crate::error::{DecodeError, Decoded};
use crate::lines::roles::{Role, Roles};
use crate::lines::rows::Rows;
use crate::lines::{Format, LineOrigin, Parser};
use crate::redact::Redactor;
use model::Context;
use model::limits::{MAX_KEY_BYTES, MAX_RECORDS_PER_REQUEST};

/// Field names in one parameter: more than any pipeline has, and a bound on the work per record.
pub const MAX_FIELD_NAMES: usize = 32;

/// Which fields are what, and how lines are read. An empty list stands for the usual names.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mapping {
    /// Fields that hold the text.
    pub message_field: Vec<String>,
    /// Fields that hold the time.
    pub time_field: Vec<String>,
    /// Fields that hold the level.
    pub level_field: Vec<String>,
    /// Fields that hold the service.
    pub service_field: Vec<String>,
    /// Fields that hold the host.
    pub host_field: Vec<String>,
    /// Fields that hold the trace id.
    pub trace_id_field: Vec<String>,
    /// Fields that hold the span id.
    pub span_id_field: Vec<String>,
    /// How lines are read; JSON when none is given.
    pub format: Option<Format>,
}

const KNOWN: &str = "message (_msg_field), time (_time_field), level (_level_field), service (_service_field), \
                     host (_host_field), trace_id (_trace_id_field), span_id (_span_id_field), format";

impl Mapping {
    /// Reads the query parameters.
    ///
    /// # Errors
    /// For an unknown parameter or format and for a list that is empty or too long.
    pub fn from_query(query: &[(String, String)]) -> Result<Mapping, DecodeError> {
        let mut mapping = Mapping::default();
        for (name, value) in query {
            let list = match name.as_str() {
                "message" | "_msg_field" => &mut mapping.message_field,
                "time" | "_time_field" => &mut mapping.time_field,
                "level" | "_level_field" => &mut mapping.level_field,
                "service" | "_service_field" => &mut mapping.service_field,
                "host" | "_host_field" => &mut mapping.host_field,
                "trace_id" | "_trace_id_field" => &mut mapping.trace_id_field,
                "span_id" | "_span_id_field" => &mut mapping.span_id_field,
                "format" => {
                    let format = Format::from_name(value);
                    mapping.format =
                        Some(format.ok_or_else(|| wrong(format!("unknown format {}", short(value)), FORMATS))?);
                    continue;
                }
                _ => {
                    return Err(wrong(
                        format!("unknown query parameter {}; known are {KNOWN}", short(name)),
                        PARAMETERS,
                    ));
                }
            };
            list.extend(value.split(',').map(str::trim).filter(|field| !field.is_empty()).map(str::to_owned));
            if list.is_empty() || list.len() > MAX_FIELD_NAMES || list.iter().any(|field| field.len() > MAX_KEY_BYTES) {
                return Err(wrong(
                    format!(
                        "query parameter {name} must list 1 to {MAX_FIELD_NAMES} field names of at most {MAX_KEY_BYTES} bytes"
                    ),
                    "give field names separated by commas",
                ));
            }
        }
        Ok(mapping)
    }

    /// The given names go before the usual ones: a name that was given one role has no other.
    fn roles(&self) -> Roles {
        let given = [
            (Role::Message, &self.message_field),
            (Role::Time, &self.time_field),
            (Role::Level, &self.level_field),
            (Role::Service, &self.service_field),
            (Role::Host, &self.host_field),
            (Role::TraceId, &self.trace_id_field),
            (Role::SpanId, &self.span_id_field),
        ];
        let stated: Vec<Role> = given.iter().filter(|(_, names)| !names.is_empty()).map(|(role, _)| *role).collect();
        given.into_iter().fold(Roles::default(), |roles, (role, names)| roles.add(role, names)).add_usual(&stated)
    }
}

const FORMATS: &str = "use one of json, logfmt, access, syslog, plain, auto";
const PARAMETERS: &str = "leave it out or use a known one";

fn wrong(what: String, remedy: &'static str) -> DecodeError {
    DecodeError::Malformed { what, at: None, remedy }
}

/// A value of the query, quoted and short enough for a message.
fn short(value: &str) -> String {
    format!("{:?}", crate::lines::rows::cut_text(value, 64))
}

/// Reads a body of records, one a line. A line that is not JSON is refused alone; in the other formats
/// nothing is refused.
///
/// # Errors
/// When there are more than [`MAX_RECORDS_PER_REQUEST`] lines.
pub fn decode(body: &[u8], mapping: &Mapping, context: &Context, redactor: &Redactor) -> Result<Decoded, DecodeError> {
    let format = mapping.format.unwrap_or(Format::Json);
    let origin = LineOrigin::default();
    let mut rows = Rows::new(context, redactor);
    let mut parser = Parser::new(format, mapping.roles());
    let mut at = 0;
    for (index, line) in (Lines { body, at: 0 }).enumerate() {
        let start = at;
        at += line.len() + 1;
        let line = line.trim_ascii_end();
        if line.is_empty() {
            continue;
        }
        if rows.seen() >= MAX_RECORDS_PER_REQUEST {
            return Err(DecodeError::TooLarge {
                limit_name: "MAX_RECORDS_PER_REQUEST",
                limit: MAX_RECORDS_PER_REQUEST,
                remedy: "send fewer lines per request",
            });
        }
        if format != Format::Json {
            parser.line(line, &origin, &mut rows);
        } else if let Err(bad) = parser.json(line, &origin, &mut rows) {
            // The column is that of the text, which may be longer when bytes of the line were mended.
            let byte = start + bad.column.saturating_sub(1).min(line.len());
            rows.reject(|| format!("line {}, column {} (byte {byte}): {}", index + 1, bad.column, bad.reason));
        }
    }
    Ok(rows.finish())
}

struct Lines<'a> {
    body: &'a [u8],
    at: usize,
}

impl<'a> Iterator for Lines<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let rest = self.body.get(self.at..).filter(|rest| !rest.is_empty())?;
        let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        self.at += end + 1;
        Some(&rest[..end])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lines::testing::{RECEIVED, column, context};
    use proptest::prelude::*;

    fn query(pairs: &[(&str, &str)]) -> Result<Mapping, DecodeError> {
        let owned: Vec<(String, String)> = pairs.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect();
        Mapping::from_query(&owned)
    }

    fn read(body: &str, pairs: &[(&str, &str)]) -> Decoded {
        decode(body.as_bytes(), &query(pairs).unwrap(), &context(), &Redactor::none()).unwrap()
    }

    #[test]
    fn usual_names_need_no_mapping() {
        let body = r#"{"time":"2026-11-21T07:29:36.5Z","level":"warn","msg":"hello","service":"shop","trace_id":"0123456789abcdef0123456789abcdef","span_id":"0123456789ABCDEF","n":1,"http":{"status":200}}"#;
        let decoded = read(body, &[]);
        let wanted = [
            ("timestamp", "2026-11-21T07:29:36.500Z"),
            ("body", "hello"),
            ("severity_number", "13"),
            ("severity_text", "warn"),
            ("service_name", "shop"),
            ("trace_id", "0123456789abcdef0123456789abcdef"),
            ("span_id", "0123456789abcdef"),
            ("attributes.n", "1"),
            ("attributes.http.status", "200"),
            ("attributes", ""),
        ];
        for (name, value) in wanted {
            assert_eq!(column(&decoded, name), [value], "{name}");
        }
        assert_eq!((decoded.accepted, decoded.rejected, decoded.message), (1, 0, None));
    }

    #[test]
    fn a_mapping_replaces_the_usual_names() {
        let body =
            "{\"message\":\"m\",\"event\":\"e\",\"when\":1795246176123,\"time\":\"x\",\"sev\":50,\"app\":\"a\"}\n";
        let decoded =
            read(body, &[("_msg_field", "nothing, event"), ("time", "when"), ("level", "sev"), ("service", "app")]);
        let wanted = [
            ("body", "e"),
            ("timestamp", "2026-11-21T07:29:36.123Z"),
            ("severity_number", "17"),
            ("severity_text", "50"),
            ("service_name", "a"),
            ("attributes.message", "m"),
            ("attributes.time", "x"),
        ];
        for (name, value) in wanted {
            assert_eq!(column(&decoded, name), [value], "{name}");
        }
    }

    #[test]
    fn a_bad_line_is_refused_alone() {
        let body = "{\"msg\":\"a\"}\n\n{\"msg\":}\r\n[1]\n{\"msg\":\"b\"}\r\n{\"msg\":\"c\"} {}\n{\"x\":";
        let decoded = read(body, &[]);
        assert_eq!(column(&decoded, "body"), ["a", "b"]);
        assert_eq!((decoded.accepted, decoded.rejected), (2, 4));
        let message = decoded.message.unwrap();
        assert!(message.starts_with("line 3, column 8 (byte 20): "), "{message}");
        assert_eq!(body.as_bytes()[20], b'}');
    }

    #[test]
    fn a_record_too_wide_keeps_what_becomes_columns() {
        let fields: Vec<String> = (0..2_000).map(|field| format!("\"field_{field}\":[{field}]")).collect();
        let last = r#""o":{"x":[],"y":{}},"log":{"level":"warn"},"service":"s","msg":"last","time":1795246176123"#;
        let line = format!("{{{},{last}}}", fields.join(","));
        let logfmt = format!("{} level=warn service=s msg=last ts=1795246176123", fields[..2_000].join("=1 ") + "=1");
        for (line, format, sent) in [(line, "json", 2_002), (logfmt, "logfmt", 2_000)] {
            let decoded = read(&line, &[("format", format)]);
            for (name, value) in [
                ("body", "last"),
                ("severity_number", "13"),
                ("service_name", "s"),
                ("timestamp", "2026-11-21T07:29:36.123Z"),
            ] {
                assert_eq!(column(&decoded, name), [value], "{format} {name}");
            }
            assert_eq!(column(&decoded, "cut"), [format!("attributes:{sent}")], "{format}");
        }
        // One name over and over takes no more room than all of them.
        let again = r#","msg":1"#.repeat(50_000);
        let decoded = read(&format!("{{{}{again}}}", fields.join(",")), &[]);
        assert_eq!(
            (column(&decoded, "body"), column(&decoded, "cut")),
            (vec!["1".into()], vec!["attributes:51999".into()])
        );
    }

    #[test]
    fn numbers_that_are_secrets_are_masked() {
        let body = r#"{"password":1234,"db_token":1.5,"login":{"pin.secret":7,"password":true},"n":5,
                       "cookie":[1,{"a":2.5,"b":null}],"list":[{"api_key":9,"n":8}]}"#;
        let redactor = Redactor::default_rules();
        let decoded = decode(body.replace('\n', "").as_bytes(), &Mapping::default(), &context(), &redactor).unwrap();
        for (name, value) in [
            ("attributes.password", "***"),
            ("attributes.db_token", "***"),
            ("attributes.login.pin.secret", "***"),
            ("attributes.login.password", "true"),
            ("attributes.n", "5"),
            ("attributes", r#"{"cookie":["***",{"a":"***","b":null}],"list":[{"api_key":"***","n":8}]}"#),
        ] {
            assert_eq!(column(&decoded, name), [value], "{name}");
        }
        assert_eq!(decoded.counts.redacted, 6);
    }

    #[test]
    fn structured_messages_keep_their_type() {
        let decoded =
            read("{\"msg\":[1,\"a\"]}\n{\"msg\":5}\n{\"msg\":{\"a\":1}}\n{\"msg\":null,\"text\":\"t\"}\n", &[]);
        assert_eq!(column(&decoded, "body"), ["[1,\"a\"]", "5", "", "t"]);
        assert_eq!(column(&decoded, "body_type"), ["array", "int", "", ""]);
        assert_eq!(column(&decoded, "attributes.msg.a"), ["", "", "1", ""]);
    }

    #[test]
    fn odd_times_are_replaced_and_counted() {
        let body = "{\"ts\":0}\n{\"ts\":\"2106-02-07T06:28:15Z\"}\n{\"ts\":\"never\"}\n{}\n";
        let context = Context { oldest: RECEIVED - 86_400_000_000_000, ..context() };
        let decoded = decode(body.as_bytes(), &Mapping::default(), &context, &Redactor::none()).unwrap();
        let now = "2026-11-21T07:29:36Z";
        assert_eq!(column(&decoded, "timestamp"), [now; 4]);
        assert_eq!(column(&decoded, "original_timestamp"), ["1970-01-01T00:00:00Z", "2106-02-07T06:28:15Z", "", ""]);
        assert_eq!(column(&decoded, "attributes.ts"), ["", "", "never", ""]);
        assert_eq!(decoded.counts.skewed, 2);
    }

    #[test]
    fn invalid_utf8_is_kept_and_marked() {
        let decoded = decode(b"{\"msg\":\"a\xffb\"}", &Mapping::default(), &context(), &Redactor::none()).unwrap();
        assert_eq!(column(&decoded, "body"), ["a\u{fffd}b"]);
        assert_eq!(column(&decoded, "cut"), ["body:utf8"]);
        assert_eq!(decoded.counts.invalid_utf8, 1);
    }

    #[test]
    fn parameters_are_checked() {
        let error = query(&[("mesage", "x")]).unwrap_err().to_string();
        assert!(error.contains("\"mesage\"") && error.contains("message (_msg_field)"), "{error}");
        assert!(query(&[("format", "xml")]).unwrap_err().to_string().contains("xml"));
        assert!(query(&[("time", " , ")]).is_err());
        assert!(query(&[("time", &"a,".repeat(40))]).is_err());
        assert_eq!(query(&[("format", "logfmt")]).unwrap().format, Some(Format::Logfmt));
    }

    #[test]
    fn too_many_lines_are_refused() {
        let body = "{}\n".repeat(MAX_RECORDS_PER_REQUEST + 1);
        let result = decode(body.as_bytes(), &Mapping::default(), &context(), &Redactor::none());
        assert!(matches!(result, Err(DecodeError::TooLarge { .. })));
    }

    #[test]
    fn other_formats_refuse_nothing() {
        let decoded = read("level=info msg=hi n=1\nfree text\n", &[("format", "logfmt")]);
        assert_eq!(column(&decoded, "body"), ["hi", "free text"]);
        assert_eq!(column(&decoded, "attributes.line.unparsed"), ["", "true"]);
    }

    #[test]
    fn wide_records_keep_every_field() {
        let fields: Vec<String> = (0..100).map(|field| format!("\"field_{field}\":\"value {field}\"")).collect();
        let line = format!("{{\"msg\":\"wide\",{}}}\n", fields.join(","));
        let decoded = read(&line.repeat(10), &[]);
        assert_eq!(decoded.accepted, 10);
        assert_eq!(column(&decoded, "attributes.field_63")[9], "value 63");
        assert!(column(&decoded, "attributes")[9].contains("\"field_99\":\"value 99\""));
    }

    proptest! {
        #[test]
        fn never_panics(body in proptest::collection::vec(any::<u8>(), 0..200), structured in "[{}\\[\\]\":,a1\n.]{0,100}") {
            for format in [Format::Json, Format::Logfmt, Format::Access, Format::Syslog, Format::Plain, Format::Auto] {
                let mapping = Mapping { format: Some(format), ..Mapping::default() };
                for body in [&body[..], structured.as_bytes()] {
                    let decoded = decode(body, &mapping, &context(), &Redactor::none()).unwrap();
                    let lines = body.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii_end().is_empty()).count();
                    prop_assert_eq!(decoded.accepted + decoded.rejected, lines);
                }
            }
        }
    }
}
