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

/// Text without what would move the cursor, change colours or turn the line around on a terminal: log lines are hostile too.
pub fn plain(text: &str) -> String {
    let odd = |c: char| c.is_control() && !matches!(c, '\n' | '\t') || turns(c);
    text.chars().map(|c| if odd(c) { '\u{fffd}' } else { c }).collect()
}

/// Whether a character changes the direction of those after it.
fn turns(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_do_not_reach_the_terminal() {
        assert_eq!(plain("a\x1b[31mb\tc\n"), "a\u{fffd}[31mb\tc\n");
        assert_eq!(plain("now\u{202e}txt.exe\u{2069} ä漢"), "now\u{fffd}txt.exe\u{fffd} ä漢");
    }
}
