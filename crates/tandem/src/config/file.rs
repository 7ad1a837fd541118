//! The configuration file. An unknown key is an error that points at the line and knows what was meant.

use super::Options;
use crate::limits::MAX_CONFIG_BYTES;
use anyhow::{Context as _, Result, bail};
use std::path::Path;

/// Reads a file.
pub fn read(path: &Path) -> Result<Options> {
    let size =
        std::fs::metadata(path).with_context(|| format!("cannot read the configuration {}", path.display()))?.len();
    if size > MAX_CONFIG_BYTES {
        bail!("{} has {size} bytes, a configuration has at most {MAX_CONFIG_BYTES}", path.display());
    }
    let text =
        std::fs::read_to_string(path).with_context(|| format!("cannot read the configuration {}", path.display()))?;
    parse(&text, &path.display().to_string())
}

/// Reads a text; `name` is what errors call it.
pub fn parse(text: &str, name: &str) -> Result<Options> {
    toml::from_str::<Options>(text).map_err(|error| {
        let (line, column, source) = place(text, error.span().map_or(0, |span| span.start));
        let message = error.message();
        let caret = " ".repeat(column.saturating_sub(1));
        let help = help(message).map(|help| format!("\n{help}")).unwrap_or_default();
        anyhow::anyhow!("{name}:{line}:{column}: {}\n  {source}\n  {caret}^{help}", short(message))
    })
}

/// Line and column from 1, and the line itself.
fn place(text: &str, at: usize) -> (usize, usize, &str) {
    let before = text.get(..at).unwrap_or(text);
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = text[start..].lines().next().unwrap_or("");
    (before.matches('\n').count() + 1, before[start..].chars().count() + 1, line)
}

/// The message without its list of every known key.
fn short(message: &str) -> &str {
    match message.find(", expected ") {
        Some(end) if message.starts_with("unknown field") => &message[..end],
        _ => message.trim_end(),
    }
}

/// For an unknown key: the nearest known one.
fn help(message: &str) -> Option<String> {
    let rest = message.strip_prefix("unknown field `")?;
    let (unknown, rest) = rest.split_once('`')?;
    let known: Vec<&str> = rest.split('`').skip(1).step_by(2).collect();
    let nearest = known.iter().min_by_key(|key| distance(unknown, key))?;
    Some(if distance(unknown, nearest) <= 1 + nearest.len() / 3 {
        format!("help: did you mean `{nearest}`?")
    } else {
        format!("help: known keys are {}", known.join(", "))
    })
}

/// Edits that make one word of the other.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (index, a) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = index + 1;
        for (at, b) in right.iter().enumerate() {
            let cost = diagonal + usize::from(a != *b);
            diagonal = row[at + 1];
            row[at + 1] = cost.min(row[at] + 1).min(diagonal + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_points_at_its_line() {
        let error = parse("retention = \"7d\"\nhttp_lisen = \"127.0.0.1:1\"\n", "tandem.toml").unwrap_err().to_string();
        assert!(error.starts_with("tandem.toml:2:1: unknown field `http_lisen`\n"), "{error}");
        assert!(error.contains("did you mean `http_listen`?"), "{error}");
        let error = parse("[watch]\n  zzzzz = 1\n", "t").unwrap_err().to_string();
        assert!(error.starts_with("t:2:3:") && error.contains("known keys are files, exclude"), "{error}");
    }

    #[test]
    fn a_wrong_value_points_at_the_value() {
        let error = parse("\nretention = \"7 days\"\n", "t").unwrap_err().to_string();
        assert!(error.starts_with("t:2:13: an age is a number"), "{error}");
        assert!(parse("http_listen = ", "t").unwrap_err().to_string().starts_with("t:1:"));
    }

    #[test]
    fn what_is_known_is_read() {
        let options =
            parse("http_listen = \"127.0.0.1:0\"\nsyslog_listen = \"off\"\n[watch]\nfiles = [\"/x/*.log\"]\n", "t");
        let options = options.unwrap();
        assert_eq!(options.watch.files, ["/x/*.log"]);
        assert!(options.syslog_listen.is_some());
    }
}
