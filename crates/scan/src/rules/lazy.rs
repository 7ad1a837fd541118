//! A regular expression that is compiled when it is first needed: in most scans most are never, and compiling those of all rules
//! would cost more than a small scan does.

use crate::limits::{MAX_CONDITION_DEPTH, MAX_REGEX_BYTES};
use regex::{Regex, RegexBuilder};
use std::sync::{Arc, OnceLock};

/// A regular expression whose form is checked at once and that is compiled later.
#[derive(Clone, Debug)]
pub struct Lazy {
    pattern: Arc<str>,
    folds: bool,
    compiled: Arc<OnceLock<Option<Regex>>>,
}

impl Lazy {
    /// Checks the form of an expression.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn new(pattern: &str, folds: bool) -> Result<Lazy, String> {
        let nesting = 10 * MAX_CONDITION_DEPTH as u32;
        let mut parser = regex_syntax::ast::parse::ParserBuilder::new().nest_limit(nesting).build();
        parser.parse(pattern).map_err(|error| format!("no regular expression: {error}"))?;
        Ok(Lazy { pattern: pattern.into(), folds, compiled: Arc::default() })
    }

    fn build(&self) -> Result<Regex, regex::Error> {
        RegexBuilder::new(&self.pattern).case_insensitive(self.folds).size_limit(MAX_REGEX_BYTES).build()
    }

    /// Compiles it now.
    ///
    /// # Errors
    /// When it names what is not there, or is too large.
    pub fn check(&self) -> Result<(), String> {
        match self.build() {
            Ok(regex) => {
                self.compiled.get_or_init(|| Some(regex));
                Ok(())
            }
            Err(error) => Err(format!("no regular expression: {error}")),
        }
    }

    /// The expression; none when it does not compile, which [`Lazy::check`] says.
    pub fn get(&self) -> Option<&Regex> {
        self.compiled.get_or_init(|| self.build().ok()).as_ref()
    }

    /// Whether it matches a text.
    pub fn is_match(&self, text: &str) -> bool {
        self.get().is_some_and(|regex| regex.is_match(text))
    }
}
