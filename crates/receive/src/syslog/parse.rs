//! The two forms of a syslog message.

use crate::lines::time;
use ahash::AHashMap;
use model::Value;
use model::limits::MAX_LIST_ITEMS;
use std::net::IpAddr;

/// Longest tag taken for one: RFC 3164 allows 32, unit names of systemd reach 255.
const MAX_TAG_BYTES: usize = 255;
/// Highest priority: facility 23, severity 7.
const MAX_PRIORITY: u16 = 191;

/// A message as read.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Message<'a> {
    pub priority: Option<u8>,
    pub version: Option<i64>,
    pub timestamp: Option<i64>,
    pub host: Option<&'a str>,
    pub app: Option<&'a str>,
    pub pid: Option<&'a str>,
    pub message_id: Option<&'a str>,
    /// Structured data as attributes; a repeated parameter is an array.
    pub data: Vec<(String, Value)>,
    /// Structured data that could not be read and was left in the body.
    pub broken_data: bool,
    pub body: &'a str,
}

/// Reads a message of either form. `None` when it has neither a priority nor a time.
pub(super) fn message(text: &str, received: i64) -> Option<Message<'_>> {
    match priority(text) {
        Some((priority, rest)) => {
            let mut message = rfc5424(rest).or_else(|| rfc3164(rest, received, true))?;
            message.priority = Some(priority);
            Some(message)
        }
        None => rfc3164(text, received, false),
    }
}

fn priority(text: &str) -> Option<(u8, &str)> {
    let (digits, rest) = text.strip_prefix('<')?.split_once('>')?;
    if digits.is_empty() || digits.len() > 3 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let priority: u16 = digits.parse().ok().filter(|priority| *priority <= MAX_PRIORITY)?;
    Some((u8::try_from(priority).ok()?, rest))
}

/// `1 TIME HOST APP PROCID MSGID DATA MESSAGE`, after the priority.
fn rfc5424(text: &str) -> Option<Message<'_>> {
    let mut words = text.splitn(7, ' ');
    let version = words.next()?;
    if version.is_empty() || version.len() > 2 || version.starts_with('0') {
        return None;
    }
    let version = version.parse::<u8>().ok()?;
    let timestamp = match words.next()? {
        "-" => None,
        time => {
            let (timestamp, length) = time::leading_iso(time)?;
            Some(timestamp).filter(|_| length == time.len() && time.as_bytes()[10].eq_ignore_ascii_case(&b't'))?.into()
        }
    };
    let mut word = || words.next().map(|word| Some(word).filter(|word| *word != "-" && !word.is_empty()));
    let (host, app, pid, message_id) = (word()?, word()?, word()?, word()?);
    let rest = words.next()?;
    let mut message =
        Message { version: Some(version.into()), timestamp, host, app, pid, message_id, ..Message::default() };
    let body = match structured_data(rest, &mut message.data) {
        Some(body) => body,
        None => {
            message.data.clear();
            message.broken_data = true;
            rest
        }
    };
    message.body = body.strip_prefix('\u{feff}').unwrap_or(body);
    Some(message)
}

/// Reads `-` or `[id name="value" ...]...`; answers the message after it, `None` when it is malformed.
fn structured_data<'a>(text: &'a str, data: &mut Vec<(String, Value)>) -> Option<&'a str> {
    let mut rest = text;
    if let Some(after) = text.strip_prefix('-') {
        rest = after;
    } else {
        let mut index = AHashMap::new();
        if !text.starts_with('[') {
            return None;
        }
        while let Some(element) = rest.strip_prefix('[') {
            rest = self::element(element, data, &mut index)?;
        }
    }
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix(' ') }
}

/// Reads `id name="value" ...]` and answers what follows.
fn element<'a>(text: &'a str, data: &mut Vec<(String, Value)>, index: &mut AHashMap<String, usize>) -> Option<&'a str> {
    let end = text.find([' ', ']'])?;
    let id = &text[..end];
    if !is_name(id) {
        return None;
    }
    let mut rest = &text[end..];
    if let Some(after) = rest.strip_prefix(']') {
        add(data, index, id.to_owned(), Value::Bool(true));
        return Some(after);
    }
    loop {
        rest = rest.trim_start_matches(' ');
        if let Some(after) = rest.strip_prefix(']') {
            return Some(after);
        }
        let (name, after) = rest.split_once("=\"")?;
        if !is_name(name) {
            return None;
        }
        let (value, after) = value(after)?;
        add(data, index, format!("{id}.{name}"), Value::String(value));
        rest = after;
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'=' | b'"' | b']'))
}

/// A value up to its closing quote, `\"`, `\\` and `\]` resolved.
fn value(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut rest = text;
    loop {
        let at = rest.find(['"', '\\'])?;
        value.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        if rest.as_bytes()[at] == b'"' {
            return Some((value, after));
        }
        match after.as_bytes().first()? {
            escaped @ (b'"' | b'\\' | b']') => {
                value.push(*escaped as char);
                rest = &after[1..];
            }
            _ => {
                // Before any other character a backslash stands for itself.
                value.push('\\');
                rest = after;
            }
        }
    }
}

fn add(data: &mut Vec<(String, Value)>, index: &mut AHashMap<String, usize>, key: String, value: Value) {
    let Some(&at) = index.get(&key) else {
        index.insert(key.clone(), data.len());
        data.push((key, value));
        return;
    };
    match &mut data[at].1 {
        Value::Array(items) if items.len() < MAX_LIST_ITEMS => items.push(value),
        Value::Array(_) => {}
        single => *single = Value::Array(vec![std::mem::take(single), value]),
    }
}

/// `TIME HOST TAG[PID]: MESSAGE`, after the priority if there was one; everything but the message may be
/// missing, though without a priority there must be a time.
fn rfc3164(text: &str, received: i64, prioritised: bool) -> Option<Message<'_>> {
    let time = time::leading_bsd(text, received)
        .or_else(|| time::leading_iso(text))
        .filter(|(_, length)| matches!(text.as_bytes().get(*length), None | Some(b' ' | b':')));
    if time.is_none() && !prioritised {
        return None;
    }
    let mut message = Message { timestamp: time.map(|(time, _)| time), ..Message::default() };
    let mut rest = text;
    if let Some((_, length)) = time {
        // Cisco closes the time with a colon.
        rest = text[length..].trim_start_matches(':').trim_start_matches(' ');
        if tag(rest).is_none()
            && let Some((word, after)) = rest.split_once(' ')
            && is_host(word)
        {
            message.host = Some(word);
            rest = after;
        }
    }
    if let Some((app, pid, after)) = tag(rest) {
        message.app = Some(app);
        message.pid = pid;
        rest = after;
    }
    message.body = rest.strip_prefix('\u{feff}').unwrap_or(rest);
    Some(message)
}

fn is_host(word: &str) -> bool {
    word.parse::<IpAddr>().is_ok()
        || (!word.is_empty()
            && word.len() <= 255
            && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_')))
}

/// `name:`, `name[pid]:` or `name[pid]` before a blank or the end, and the message after it.
fn tag(text: &str) -> Option<(&str, Option<&str>, &str)> {
    let word = &text[..text.find(' ').unwrap_or(text.len())];
    let after = &text[word.len()..];
    let after = after.strip_prefix(' ').unwrap_or(after);
    let bare = word.strip_suffix(':').unwrap_or(word);
    let (name, pid) = match bare.strip_suffix(']').and_then(|bare| bare.rsplit_once('[')) {
        Some((name, pid)) => (name, Some(pid).filter(|pid| !pid.is_empty())),
        None if bare.len() < word.len() => (bare, None),
        None => return None,
    };
    let valid = !name.is_empty() && name.len() <= MAX_TAG_BYTES && name.bytes().all(|byte| byte.is_ascii_graphic());
    (valid && name.parse::<IpAddr>().is_err()).then_some((name, pid, after))
}
