//! Conditions over searches, and over rules in a correlation: `or`, `and`, `not`, parentheses, `1 of name*`.

use super::reader::shown;
use crate::limits::MAX_CONDITION_DEPTH;

/// A condition, before its names are looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// All of them.
    And(Vec<Condition>),
    /// Any of them.
    Or(Vec<Condition>),
    /// Not this.
    Not(Box<Condition>),
    /// This search.
    Name(String),
    /// So many of the searches that a pattern means.
    Of(Quantity, String),
}

/// How many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// All.
    All,
    /// At least so many.
    AtLeast(usize),
}

/// Words with their places, and how deep it is.
struct Parser<'c> {
    words: Vec<&'c str>,
    at: usize,
    depth: usize,
}

const AGGREGATION: &str = "aggregations after a pipe (such as `| count() by field > 5`) are no longer Sigma: write a document with `correlation` (type: event_count or value_count, rules, group-by, timespan, condition)";
const NEAR: &str =
    "`near` is no longer Sigma: write a document with `correlation` of type temporal, with both as rules";

impl Condition {
    /// Reads a condition. The error is what to say.
    pub fn parse(text: &str) -> Result<Condition, String> {
        if text.contains('|') {
            return Err(if text.contains("near ") { NEAR } else { AGGREGATION }.to_owned());
        }
        let mut parser = Parser { words: words(text), at: 0, depth: 0 };
        let condition = parser.or()?;
        match parser.peek() {
            None => Ok(condition),
            Some(")") => Err("a `)` closes nothing".to_owned()),
            Some(word) => Err(format!("`{}` is not expected: write `and` or `or` before it", shown(word))),
        }
    }
}

/// Words and parentheses.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    for mut word in text.split_whitespace() {
        while let Some(at) = word.find(['(', ')']) {
            if at > 0 {
                words.push(&word[..at]);
            }
            words.push(&word[at..=at]);
            word = &word[at + 1..];
        }
        if !word.is_empty() {
            words.push(word);
        }
    }
    words
}

impl<'c> Parser<'c> {
    fn peek(&self) -> Option<&'c str> {
        self.words.get(self.at).copied()
    }

    /// Takes the word if it is this one; Sigma writes it small, some rules do not.
    fn take(&mut self, word: &str) -> bool {
        let is = self.peek().is_some_and(|next| next.eq_ignore_ascii_case(word));
        self.at += usize::from(is);
        is
    }

    fn or(&mut self) -> Result<Condition, String> {
        let mut all = vec![self.and()?];
        while self.take("or") {
            all.push(self.and()?);
        }
        Ok(if all.len() == 1 { all.remove(0) } else { Condition::Or(all) })
    }

    fn and(&mut self) -> Result<Condition, String> {
        let mut all = vec![self.not()?];
        while self.take("and") {
            all.push(self.not()?);
        }
        Ok(if all.len() == 1 { all.remove(0) } else { Condition::And(all) })
    }

    fn not(&mut self) -> Result<Condition, String> {
        self.depth += 1;
        if self.depth > MAX_CONDITION_DEPTH {
            return Err(format!("nested deeper than {MAX_CONDITION_DEPTH} levels (MAX_CONDITION_DEPTH)"));
        }
        let condition = if self.take("not") {
            Condition::Not(Box::new(self.not()?))
        } else if self.take("(") {
            let inner = self.or()?;
            if !self.take(")") {
                return Err("a `(` is not closed".to_owned());
            }
            inner
        } else {
            self.operand()?
        };
        self.depth -= 1;
        Ok(condition)
    }

    fn operand(&mut self) -> Result<Condition, String> {
        let Some(word) = self.peek() else {
            return Err("the condition ends where a search is expected".to_owned());
        };
        let lower = word.to_ascii_lowercase();
        if word == ")" || ["and", "or", "of"].contains(&lower.as_str()) {
            return Err(format!("`{word}` stands where a search is expected"));
        }
        self.at += 1;
        if !self.take("of") {
            if lower == "near" {
                return Err(NEAR.to_owned());
            }
            if word.contains(['*', '?']) {
                return Err(format!("`{0}` means several searches: write `1 of {0}` or `all of {0}`", shown(word)));
            }
            return Ok(Condition::Name(word.to_owned()));
        }
        let quantity = match lower.as_str() {
            "all" => Quantity::All,
            "any" => Quantity::AtLeast(1),
            number => match number.parse() {
                Ok(0) => return Err("`0 of` always matches: write `not 1 of`".to_owned()),
                Ok(least) => Quantity::AtLeast(least),
                Err(_) => return Err(format!("`{} of`: write a number, `any` or `all` before `of`", shown(word))),
            },
        };
        let Some(pattern) = self.peek().filter(|word| !["(", ")"].contains(word)) else {
            return Err("after `of` the name of searches is expected, such as `selection_*` or `them`".to_owned());
        };
        if pattern.contains('?') {
            return Err(format!("`{}`: names of searches have `*` as their only wildcard", shown(pattern)));
        }
        self.at += 1;
        let pattern = if pattern.eq_ignore_ascii_case("them") { "them" } else { pattern };
        Ok(Condition::Of(quantity, pattern.to_owned()))
    }
}
