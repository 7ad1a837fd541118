//! Arguments of the tools: `--name value`, `--name=value` and `--flag`.

use anyhow::{Context as _, Result, bail};
use std::collections::BTreeMap;
use std::str::FromStr;

/// Parsed arguments.
#[derive(Debug, Default)]
pub struct Args {
    values: BTreeMap<String, String>,
}

impl Args {
    /// Parses `arguments`; only the named options and flags are accepted.
    pub fn parse(arguments: &[String], options: &[&str], flags: &[&str]) -> Result<Self> {
        let mut args = Self::default();
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let Some(name) = argument.strip_prefix("--") else { bail!("unexpected argument `{argument}`") };
            let (name, value) = match name.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (name, None),
            };
            let value = if flags.contains(&name) {
                if value.is_some() {
                    bail!("--{name} takes no value");
                }
                String::new()
            } else if options.contains(&name) {
                value.or_else(|| rest.next().cloned()).with_context(|| format!("--{name} needs a value"))?
            } else {
                bail!("there is no option --{name}");
            };
            args.values.insert(name.to_owned(), value);
        }
        Ok(args)
    }

    /// Whether a flag was given.
    pub fn flag(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// The text of an option.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// A number, or `default` when it was not given; `_` may group the digits.
    pub fn number<T: FromStr>(&self, name: &str, default: T) -> Result<T> {
        match self.values.get(name) {
            None => Ok(default),
            Some(text) => {
                text.replace('_', "").parse().ok().with_context(|| format!("--{name} `{text}` is not a number"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Args> {
        let words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
        Args::parse(&words, &["rows"], &["keep"])
    }

    #[test]
    fn options_and_flags() {
        let args = parse("--rows 10_000 --keep").unwrap();
        assert_eq!(args.number("rows", 1u64).unwrap(), 10_000);
        assert!(args.flag("keep"));
        assert_eq!(parse("--rows=5").unwrap().number("rows", 1u64).unwrap(), 5);
        assert_eq!(parse("").unwrap().number("rows", 7u64).unwrap(), 7);
    }

    #[test]
    fn wrong_use_is_named() {
        for (text, message) in [
            ("--row 1", "there is no option --row"),
            ("rows", "unexpected argument `rows`"),
            ("--rows", "--rows needs a value"),
            ("--keep=1", "--keep takes no value"),
        ] {
            assert_eq!(parse(text).unwrap_err().to_string(), message);
        }
        assert!(parse("--rows many").unwrap().number("rows", 1u64).is_err());
    }
}
