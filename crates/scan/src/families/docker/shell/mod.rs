//! The commands of a shell script, as far as reading it tells: what runs, with which words, after what.
//!
//! This is no shell: what a script does with its variables is not followed, and a word that has one in it is known in parts.
//!
//! | file | holds |
//! |---|---|
//! | `parse.rs` | lists, pipelines, compound commands |
//! | `words.rs` | words, quotes, substitutions, redirects |
//! | `inner.rs` | commands that are given to commands: `sudo`, `xargs`, `sh -c` |

mod inner;
mod parse;
mod words;

use super::mapped::Mapped;
use super::variables::Value;
use crate::text::Span;
use crate::tree::Malformed;
use std::ops::Range;

/// A word of a command.
#[derive(Clone, Debug, Default)]
pub struct Word {
    /// What it is, as far as it is known.
    pub value: Value,
    /// What is written, without quotes, variables as they are written; the place of each byte is known.
    pub raw: Mapped,
    /// Where.
    pub span: Span,
    /// A part of it was quoted.
    pub quoted: bool,
}

impl Word {
    /// A word that is known.
    pub fn known(&self) -> Option<&str> {
        self.value.known()
    }
}

/// A redirect.
#[derive(Clone, Debug)]
pub struct Redirect {
    /// Such as `>`, `2>`, `<<<`.
    pub operator: String,
    /// Where to, or where from.
    pub target: Word,
}

/// How the command before ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
    /// There is none.
    Start,
    /// `&&`
    And,
    /// `||`
    Or,
    /// `;` or a line's end.
    Then,
    /// `|`
    Pipe,
    /// `&`
    Background,
}

impl After {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            After::Start => "",
            After::And => "&&",
            After::Or => "||",
            After::Then => ";",
            After::Pipe => "|",
            After::Background => "&",
        }
    }
}

/// A command.
#[derive(Clone, Debug)]
pub struct Command {
    /// Variables set for it alone.
    pub assignments: Vec<(String, Word)>,
    /// Its name and its arguments; none when it only sets variables.
    pub words: Vec<Word>,
    /// Redirects.
    pub redirects: Vec<Redirect>,
    /// Where.
    pub span: Span,
    /// How the one before it ended.
    pub after: After,
    /// The commands whose output it reads through a pipe.
    pub reads: Range<usize>,
    /// Another command reads its output through a pipe.
    pub piped: bool,
    /// The commands within its words: `$(...)`, `<(...)`.
    pub within: Range<usize>,
    /// It is within a word of another command.
    pub substituted: bool,
    /// The commands that it was given to: `sudo`, `xargs`, `sh`.
    pub through: Vec<String>,
    /// `set -o pipefail` or the like was said before it, in its own shell.
    pub pipefail: bool,
    /// Where it runs as `-c` of a shell, that shell.
    pub shell: Option<String>,
}

impl Command {
    /// Its name without its folder; none when it is not known.
    pub fn name(&self) -> Option<&str> {
        let name = self.words.first()?.known()?;
        Some(name.rsplit('/').next().unwrap_or(name))
    }
}

/// A script's commands.
#[derive(Clone, Debug, Default)]
pub struct Script {
    /// In the order of writing; those within words before the command that has them.
    pub commands: Vec<Command>,
    /// What is wrong with it, or was too much.
    pub malformed: Vec<Malformed>,
}

impl Script {
    /// Reads a script.
    pub fn read(text: &Mapped) -> Script {
        parse::read(text, 0, None)
    }

    /// A command whose words are known, as in the exec form.
    pub fn of_words(words: Vec<Word>) -> Script {
        let span = words.iter().fold(words.first().map_or_else(Span::default, |word| word.span), |a, b| a.to(b.span));
        let mut script = Script::default();
        script.add(command(words, span, After::Start), 0);
        script
    }
}

fn command(words: Vec<Word>, span: Span, after: After) -> Command {
    Command {
        assignments: Vec::new(),
        words,
        redirects: Vec::new(),
        span,
        after,
        reads: 0..0,
        piped: false,
        within: 0..0,
        substituted: false,
        through: Vec::new(),
        pipefail: false,
        shell: None,
    }
}

#[cfg(test)]
mod tests;
