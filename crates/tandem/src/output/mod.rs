//! What commands print: text, tables, progress.

pub mod progress;
pub mod table;

use std::io::{BufWriter, IsTerminal as _, StdoutLock, Write as _};

/// Bytes that are written to standard output together.
const STREAM_BYTES: usize = 64 * 1024;

/// Writes to standard output at once. A reader that went away is an error of its kind, see [`is_closed`].
pub fn print(text: &str) -> std::io::Result<()> {
    write(text.as_bytes())
}

/// Writes bytes to standard output at once.
pub fn write(bytes: &[u8]) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()
}

/// Lets something write itself to standard output, piece by piece.
pub fn stream(write: impl FnOnce(&mut BufWriter<StdoutLock<'_>>) -> std::io::Result<()>) -> std::io::Result<()> {
    let mut out = BufWriter::with_capacity(STREAM_BYTES, std::io::stdout().lock());
    write(&mut out)?;
    out.flush()
}

/// Writes a line to standard error; nothing can be done when that fails.
pub fn complain(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Whether an error only says that nobody reads any more, as with `| head`.
pub fn is_closed(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<std::io::Error>())
        .any(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}

/// Whether standard output takes colours: a terminal, and the user did not say no.
pub fn colours() -> bool {
    std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// Text without what would move the cursor or change colours on a terminal: log lines are hostile too.
pub fn plain(text: &str) -> String {
    let shown = |c: char| if c.is_control() && !matches!(c, '\n' | '\t') { '\u{fffd}' } else { c };
    text.chars().map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_do_not_reach_the_terminal() {
        assert_eq!(plain("a\x1b[31mb\tc\n"), "a\u{fffd}[31mb\tc\n");
    }
}
