//! One journal entry, rendered as a JSON line in OpenTelemetry's names for `receive` to decode, so that
//! limits and masking are the same as for every other line.

use model::limits::MAX_BODY_BYTES;
use model::{ValueRef, json};
use serde_json::{Map, Value};

/// Fields of the journal that become attributes, and whether they are numbers.
const ATTRIBUTES: [(&str, &str, bool); 17] = [
    ("_PID", "process.pid", true),
    ("_COMM", "process.executable.name", false),
    ("_EXE", "process.executable.path", false),
    ("_UID", "process.user.id", true),
    ("_SYSTEMD_UNIT", "systemd.unit", false),
    ("_SYSTEMD_USER_UNIT", "systemd.user_unit", false),
    ("_SYSTEMD_SLICE", "systemd.slice", false),
    ("_TRANSPORT", "systemd.transport", false),
    ("_BOOT_ID", "systemd.boot_id", false),
    ("MESSAGE_ID", "systemd.message_id", false),
    ("CONTAINER_ID_FULL", "container.id", false),
    ("CONTAINER_NAME", "container.name", false),
    ("IMAGE_NAME", "container.image.name", false),
    ("CODE_FILE", "code.file.path", false),
    ("CODE_LINE", "code.line.number", true),
    ("CODE_FUNC", "code.function.name", false),
    ("ERRNO", "systemd.errno", true),
];
/// Fields that are used otherwise.
const USED: [&str; 5] = ["MESSAGE", "PRIORITY", "SYSLOG_IDENTIFIER", "SYSLOG_FACILITY", "CONTAINER_ID"];
/// Words of the priorities 0 to 7.
const PRIORITIES: [&str; 8] = ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"];
/// Names of the syslog facilities 0 to 11; beyond, only `local0` to `local7` at 16 to 23 are in use.
const FACILITIES: [&str; 12] =
    ["kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp"];

/// An entry as `journalctl -o json` prints it.
pub(crate) struct Entry(Map<String, Value>);

impl Entry {
    /// `None` when it is not a JSON object with a cursor.
    pub fn parse(line: &[u8]) -> Option<Entry> {
        let entry = Entry(serde_json::from_slice(line).ok()?);
        entry.cursor().is_some().then_some(entry)
    }

    /// Its place in the journal.
    pub fn cursor(&self) -> Option<&str> {
        self.0.get("__CURSOR")?.as_str()
    }

    /// Appends it as a line of JSON, without the line's end.
    pub fn render(&self, out: &mut String) {
        let mut line = String::new();
        let mut push = |key: &str, value: ValueRef<'_>| json::push_member(&mut line, key, value);
        let time = self.number("_SOURCE_REALTIME_TIMESTAMP").or_else(|| self.number("__REALTIME_TIMESTAMP"));
        if let Some(micros) = time {
            push("@timestamp", ValueRef::Int(micros.saturating_mul(1000)));
        }
        if let Some(message) = self.text("MESSAGE") {
            // One byte above the limit, so that `receive` cuts it and marks the row.
            let end = message.floor_char_boundary(MAX_BODY_BYTES + 4);
            push("message", ValueRef::Str(&message[..end]));
        }
        let priority = self.number("PRIORITY").and_then(|number| usize::try_from(number).ok());
        if let Some(word) = priority.and_then(|priority| PRIORITIES.get(priority)) {
            push("level", ValueRef::Str(word));
        }
        let unit = || self.text("_SYSTEMD_UNIT").map(|unit| unit.trim_end_matches(".service").to_owned());
        if let Some(service) = self.text("SYSLOG_IDENTIFIER").or_else(unit).or_else(|| self.text("_COMM")) {
            push("service.name", ValueRef::Str(&service));
            let message = self.text("MESSAGE").unwrap_or_default();
            if let Some(login) = receive::syslog::login(&service, &message) {
                push("user.name", ValueRef::Str(login.user));
                push("source.address", ValueRef::Str(&login.address.to_string()));
                push("source.port", ValueRef::Int(login.port.into()));
            }
        }
        if let Some(host) = self.text("_HOSTNAME") {
            push("host.name", ValueRef::Str(&host));
        }
        if let Some(facility) = self.number("SYSLOG_FACILITY").and_then(facility) {
            push("syslog.facility", ValueRef::Str(&facility));
        }
        for (field, key, number) in ATTRIBUTES {
            match self.number(field).filter(|_| number) {
                Some(number) => push(key, ValueRef::Int(number)),
                None => {
                    if let Some(text) = self.text(field) {
                        push(key, ValueRef::Str(&text));
                    }
                }
            }
        }
        // What programs add themselves. The journal's other own fields start with an underscore and are
        // left out: most say nothing more, and the command line may hold secrets.
        for field in self.0.keys().filter(|field| is_own(field)) {
            if let Some(text) = self.text(field) {
                push(&format!("journal.{}", field.to_ascii_lowercase()), ValueRef::Str(&text));
            }
        }
        if line.is_empty() {
            line.push('{');
        }
        out.push_str(&line);
        out.push('}');
    }

    fn number(&self, field: &str) -> Option<i64> {
        self.text(field)?.parse().ok()
    }

    /// A field as text: bytes come as a list of numbers, a repeated field as a list of values of which
    /// the first is taken.
    fn text(&self, field: &str) -> Option<String> {
        let value = match self.0.get(field)? {
            Value::Array(items) if !matches!(items.first(), Some(Value::Number(_))) => items.first()?,
            value => value,
        };
        match value {
            Value::String(text) => Some(text.clone()),
            Value::Array(items) => {
                let byte = |item: &Value| item.as_u64().and_then(|byte| u8::try_from(byte).ok());
                let bytes: Option<Vec<u8>> = items.iter().map(byte).collect();
                Some(String::from_utf8_lossy(&bytes?).into_owned())
            }
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }
}

fn is_own(field: &str) -> bool {
    !field.starts_with('_')
        && !field.starts_with("SYSLOG_")
        && !USED.contains(&field)
        && !ATTRIBUTES.iter().any(|(known, ..)| *known == field)
}

fn facility(number: i64) -> Option<String> {
    let number = usize::try_from(number).ok()?;
    match FACILITIES.get(number) {
        Some(name) => Some((*name).to_owned()),
        None => (16..24).contains(&number).then(|| format!("local{}", number - 16)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(text: &str) -> String {
        let mut out = String::new();
        Entry::parse(text.as_bytes()).unwrap().render(&mut out);
        out
    }

    #[test]
    fn fields_get_their_names() {
        let line = rendered(
            r#"{"__CURSOR":"c","__REALTIME_TIMESTAMP":"1795246176000001","MESSAGE":"hi","PRIORITY":"4","_PID":"7",
            "_SYSTEMD_UNIT":"x.service","_CMDLINE":"x --password=1","JOB_RESULT":"done","SYSLOG_FACILITY":"10"}"#,
        );
        assert_eq!(
            line,
            concat!(
                r#"{"@timestamp":1795246176000001000,"message":"hi","level":"warning","service.name":"x","#,
                r#""syslog.facility":"authpriv","process.pid":7,"systemd.unit":"x.service","journal.job_result":"done"}"#
            )
        );
    }

    #[test]
    fn log_ins_over_ssh_say_who_and_from_where() {
        let line = rendered(
            r#"{"__CURSOR":"c","SYSLOG_IDENTIFIER":"sshd","MESSAGE":"Accepted publickey for maria from 203.0.113.4 port 5 ssh2"}"#,
        );
        let wanted = r#""user.name":"maria","source.address":"203.0.113.4","source.port":5}"#;
        assert!(line.ends_with(wanted), "{line}");
    }

    #[test]
    fn bytes_and_repeated_fields_become_text() {
        assert!(rendered(r#"{"__CURSOR":"c","MESSAGE":[104,105,255]}"#).contains("\"message\":\"hi\u{fffd}\""));
        assert!(rendered(r#"{"__CURSOR":"c","MESSAGE":["a","b"]}"#).contains(r#""message":"a""#));
        assert_eq!(rendered(r#"{"__CURSOR":"c","MESSAGE":null,"PRIORITY":"99"}"#), "{}");
        for wrong in ["", "[]", "{", "{}", r#"{"__CURSOR":1}"#] {
            assert!(Entry::parse(wrong.as_bytes()).is_none(), "{wrong}");
        }
    }
}
