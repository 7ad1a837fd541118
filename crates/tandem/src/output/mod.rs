//! What commands print.

pub mod progress;
pub mod table;

use anyhow::Result;
use std::io::{IsTerminal as _, Write as _};

/// Prints a line; nobody listening is no error.
pub fn line(text: &str) {
    let _ = print(text);
}

/// Prints a line.
pub fn print(text: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.write_all(b"\n")?;
    out.flush()
}

/// Prints to the side of the output.
pub fn note(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Prints an error with its causes.
pub fn error(error: &anyhow::Error) {
    let (on, off) = if colours(&std::io::stderr()) { ("\x1b[31;1m", "\x1b[0m") } else { ("", "") };
    note(&format!("{on}error:{off} {error:#}"));
}

/// Whether colours are wanted there: on a terminal, unless `NO_COLOR` is set.
pub fn colours(stream: &impl std::io::IsTerminal) -> bool {
    stream.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// Whether the output goes to a person.
pub fn is_terminal() -> bool {
    std::io::stdout().is_terminal()
}

/// Whether an error means that nobody reads the output any more.
pub fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<std::io::Error>())
        .any(|cause| cause.kind() == std::io::ErrorKind::BrokenPipe)
}

/// Prints a value as JSON on several lines.
pub fn json(value: &serde_json::Value) -> Result<()> {
    Ok(print(&serde_json::to_string_pretty(value)?)?)
}
