//! The W3C extended log format: `#Fields:` names what the lines after it have.

use super::lines::Lines;
use super::{Bad, Out};
use crate::event::{PlainEvent, Scalar};
use crate::sources::parse_time;
use std::io::{self, BufRead};

/// Values in which IIS writes spaces as `+`.
const WITH_SPACES: [&str; 3] = ["cs(User-Agent)", "cs(Referer)", "cs(Cookie)"];

pub(super) fn read(input: impl BufRead, out: &mut Out<'_, '_>) -> io::Result<()> {
    let mut lines = Lines::new(input);
    let mut names: Vec<String> = Vec::new();
    let mut date = String::new();
    while let Some(line) = lines.next(out)? {
        let (text, number) = (line.text.trim(), line.number);
        if let Some(fields) = text.strip_prefix("#Fields:") {
            names = fields.split_whitespace().map(str::to_owned).collect();
        } else if let Some(day) = text.strip_prefix("#Date:") {
            date = day.split_whitespace().next().unwrap_or_default().to_owned();
        } else if !text.is_empty() && !text.starts_with('#') {
            match event(text, &names, &date) {
                Ok(event) => out.event(event, number),
                Err(reason) => out.bad(Bad { line: number, column: 1, reason }),
            }
        }
        if out.stopped {
            break;
        }
    }
    Ok(())
}

fn event(text: &str, names: &[String], date: &str) -> Result<PlainEvent, String> {
    if names.is_empty() {
        return Err("there is no #Fields line above that names the values".to_owned());
    }
    let values = values(text);
    if values.len() != names.len() {
        return Err(format!("the line has {} values, but #Fields names {}", values.len(), names.len()));
    }
    let (mut day, mut time) = (date, None);
    let mut event = PlainEvent::default();
    for (name, value) in names.iter().zip(values) {
        match name.as_str() {
            "date" => day = value,
            "time" => time = Some(value),
            _ => {}
        }
        if value == "-" || value.is_empty() {
            continue;
        }
        let value = if WITH_SPACES.contains(&name.as_str()) { value.replace('+', " ") } else { value.to_owned() };
        event.fields.push((name.clone(), Scalar::Text(value)));
    }
    event.timestamp = time.and_then(|time| parse_time(&Scalar::Text(format!("{day} {time}"))));
    Ok(event)
}

/// The values of a line: words, or texts in quotes.
fn values(text: &str) -> Vec<&str> {
    let mut values = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (value, behind) = match rest.strip_prefix('"').and_then(|quoted| quoted.split_once('"')) {
            Some(quoted) => quoted,
            None => rest.split_once([' ', '\t']).unwrap_or((rest, "")),
        };
        values.push(value);
        rest = behind.trim_start();
    }
    values
}
