//! A file is read once: for the family that it belongs to, and for secrets.

use super::{Options, Problem};
use crate::families::{self, Format, Parsed};
use crate::limits::{MAX_CHART_FILE_BYTES, MAX_FILE_BYTES, MAX_SECRETS_A_FILE, MAX_STREAMED_BYTES, STREAM_PART};
use crate::policies::rego;
use crate::resource::World;
use crate::secrets::{Part, SecretFinding, Secrets, Source, number, readable};
use crate::shown::{Mask, Shown};
use crate::suppress::Inline;
use crate::text::Text;
use crate::tree::Malformed;
use crate::walk::Entry;
use std::fs::File;
use std::io::{self, Read as _};
use std::sync::Arc;

/// Bytes that tell whether a file is text.
const BEGINNING: u64 = 8192;

/// A secret with its line, in which no detector's finding is to be seen.
pub(super) struct Secret {
    pub finding: SecretFinding,
    pub shown: Shown,
    /// The bytes in the file that stand for it, when it is encoded.
    pub run: Option<Vec<u8>>,
}

/// What families and policies want of a file.
#[derive(Clone, Copy)]
pub(super) struct Wanted {
    /// How a family parses it, if one may read it.
    pub format: Option<Format>,
    /// Policies of the user's may read it, whether a family does or not.
    pub keep: bool,
    /// Templates of its chart may ask for it.
    pub in_chart: bool,
}

impl Wanted {
    /// Of a path. A file that nobody parses is kept as plain text.
    pub fn of(path: &str, parse: bool, keep: bool) -> Wanted {
        let format = families::format(path).filter(|_| parse);
        let keep = keep && parse && rego::keeps(path);
        Wanted { format: format.or(keep.then_some(Format::Plain)), keep, in_chart: false }
    }

    /// The same of a file that a chart's templates may ask for.
    pub fn with_chart(self, is_file: bool) -> Wanted {
        match is_file {
            true => Wanted { format: self.format.or(Some(Format::Plain)), in_chart: true, ..self },
            false => self,
        }
    }

    /// Whether a text is kept that no family reads. One that is no UTF-8 is longer than its file.
    fn keeps(self, text: &Text) -> bool {
        self.keep || self.in_chart && text.text.len() <= MAX_CHART_FILE_BYTES
    }
}

/// What one file gives.
#[derive(Default)]
pub(super) struct Read {
    /// What families read, in a world of its own.
    pub part: Option<World>,
    pub secrets: Vec<Secret>,
    /// Suppressions, when something was found.
    pub inline: Option<Inline>,
    pub problems: Vec<Problem>,
    pub bytes: u64,
    /// It was looked at.
    pub read: bool,
    /// It is no text.
    pub binary: bool,
    pub cut: usize,
    /// Not all secrets in it are known: its lines are not shown.
    pub hidden: bool,
}

/// Reads a file, for families as well when they may parse it.
pub(super) fn file(entry: &Entry, wanted: Wanted, options: Options<'_>, buffer: &mut Vec<u8>) -> Read {
    if wanted.format.is_none() && !options.secrets.is_some_and(Secrets::reports) {
        return Read::default();
    }
    match File::open(&entry.file) {
        Ok(file) => reader(&entry.path, wanted, file, options, buffer),
        Err(error) => Read { problems: vec![problem(&entry.path, error.to_string())], ..Read::default() },
    }
}

/// Reads whatever gives bytes.
pub(super) fn reader(
    path: &Arc<str>,
    wanted: Wanted,
    mut from: impl io::Read,
    options: Options<'_>,
    buffer: &mut Vec<u8>,
) -> Read {
    let mut read = Read { read: true, ..Read::default() };
    if let Err(error) = parts(path, wanted, &mut from, options, buffer, &mut read) {
        read.problems.push(problem(path, error.to_string()));
    }
    read
}

fn parts(
    path: &Arc<str>,
    wanted: Wanted,
    from: &mut impl io::Read,
    options: Options<'_>,
    buffer: &mut Vec<u8>,
    read: &mut Read,
) -> io::Result<()> {
    let format = wanted.format;
    buffer.clear();
    from.by_ref().take(BEGINNING).read_to_end(buffer)?;
    if format.is_none() && readable(buffer).is_none() {
        (read.binary, read.bytes) = (true, buffer.len() as u64);
        return Ok(());
    }
    let most = if format.is_some() { MAX_FILE_BYTES } else { STREAM_PART as u64 };
    from.by_ref().take(most + 1 - buffer.len() as u64).read_to_end(buffer)?;
    read.bytes = buffer.len() as u64;
    if read.bytes <= most {
        whole(path, buffer, wanted, options, read);
        return Ok(());
    }
    let all = io::Cursor::new(&*buffer).chain(from);
    stream(path, all, format, options, read)
}

/// A file that is in memory.
fn whole(path: &Arc<str>, bytes: &[u8], wanted: Wanted, options: Options<'_>, read: &mut Read) {
    if let Some(secrets) = options.secrets {
        let id = options.clean.map(|clean| (clean, clean.id(path, bytes)));
        let known = id.is_some_and(|(clean, id)| clean.knows(&id));
        let text = readable(bytes).filter(|_| !known);
        if let Some(text) = &text {
            let mut found = Vec::new();
            let scanned = secrets.scan(Source { path, bytes: text }, options.key, &mut found);
            take(Part { bytes: text, line: 0, found, scanned }, path, options, read);
        }
        read.binary = text.is_none() && !known;
        if let Some((clean, id)) = id
            && !read.binary
            && read.secrets.is_empty()
            && !read.hidden
        {
            clean.note(id);
        }
    }
    let Some(format) = wanted.format else { return };
    match std::str::from_utf8(bytes) {
        Ok(text) if wanted.keep || wanted.in_chart || families::may_take(path, text, format) => {
            parsed(Text::new(path.clone(), text), format, wanted, read);
        }
        Ok(_) => {}
        Err(error) => {
            // UTF-16 is read for secrets, and told here.
            let readable = readable(bytes).unwrap_or(bytes.into());
            let lossy = String::from_utf8_lossy(&readable);
            // nginx and sshd read bytes, and other programs' files have such names as well.
            if matches!(format, Format::Nginx | Format::Sshd | Format::Plain) {
                parsed(Text::new(path.clone(), lossy), format, wanted, read);
            } else if families::may_take(path, &lossy, format) {
                let at = error.valid_up_to();
                read.problems.push(problem(path, format!("not UTF-8 at byte {at}: save the file as UTF-8")));
            }
        }
    }
}

/// Parses a text and reads its resources.
fn parsed(text: Text, format: Format, wanted: Wanted, read: &mut Read) {
    let keep = wanted.keeps(&text);
    let Parsed { text, tree, mut malformed } = families::parse(text, format);
    let mut part = World::default();
    malformed.extend(families::read_or_keep(&mut part, text.clone(), tree, keep));
    let at = |malformed: Malformed| Problem {
        path: text.path.clone(),
        place: Some(text.place(malformed.span.start)),
        reason: malformed.reason,
    };
    read.problems.extend(malformed.into_iter().map(at));
    read.part = (!part.files.is_empty()).then_some(part);
}

/// A file that is too large to be parsed: it is looked at for secrets, part by part.
fn stream(
    path: &Arc<str>,
    from: impl io::Read,
    format: Option<Format>,
    options: Options<'_>,
    read: &mut Read,
) -> io::Result<()> {
    let mut counted = Counted { from: from.take(MAX_STREAMED_BYTES + 1), bytes: 0 };
    let format = format.filter(|format| *format != Format::Plain);
    let mut parsed = format.is_some() && options.secrets.is_none();
    if let Some(secrets) = options.secrets {
        let scanned = secrets.scan_parts(path, &mut counted, options.key, |part| {
            let may_take = |format| families::may_take(path, &String::from_utf8_lossy(part.bytes), format);
            parsed |= format.is_some_and(may_take);
            take(part, path, options, read);
        })?;
        read.binary = scanned.binary;
    }
    read.bytes = counted.bytes.min(MAX_STREAMED_BYTES);
    // Fingerprints tell equals by their order in the whole file.
    let mut findings: Vec<SecretFinding> = read.secrets.iter().map(|secret| secret.finding.clone()).collect();
    number(&mut findings);
    read.secrets.iter_mut().zip(findings).for_each(|(secret, numbered)| secret.finding = numbered);
    let said = format!("more than {MAX_FILE_BYTES} bytes (MAX_FILE_BYTES): not parsed");
    if parsed || format.is_some() && read.binary {
        read.problems.push(problem(path, said));
    } else if counted.bytes > MAX_STREAMED_BYTES {
        let said = format!(
            "more than {MAX_STREAMED_BYTES} bytes (MAX_STREAMED_BYTES): what is beyond was not looked at for secrets; a line in .tandemignore leaves the file out"
        );
        read.problems.push(problem(path, said));
    }
    Ok(())
}

/// Takes over what was found in a part.
fn take(part: Part<'_>, path: &Arc<str>, options: Options<'_>, read: &mut Read) {
    read.cut += part.scanned.cut;
    read.hidden |= part.scanned.cut > 0 || part.scanned.incomplete;
    if part.found.is_empty() {
        return;
    }
    let masks: Vec<Mask> = part.found.iter().map(|found| (found.cover.range(), found.stand_in())).collect();
    if Inline::may_be(part.bytes) {
        let text = Text::new(path.clone(), String::from_utf8_lossy(part.bytes));
        let inline = Inline::read(&text, options.today).below(part.line);
        read.inline.get_or_insert_default().extend(inline);
    }
    for mut finding in part.found {
        if read.secrets.len() >= MAX_SECRETS_A_FILE {
            read.cut += 1;
            read.hidden = true;
            continue;
        }
        let span = finding.span.range();
        let run = (!finding.encoded.is_empty()).then(|| part.bytes[span.clone()].to_vec());
        let shown = if read.hidden { Shown::nothing() } else { Shown::new(part.bytes, span, &masks) };
        finding.start.line += part.line;
        finding.end.line += part.line;
        read.secrets.push(Secret { finding, shown, run });
    }
}

pub(super) fn problem(path: &Arc<str>, reason: String) -> Problem {
    Problem { path: path.clone(), place: None, reason }
}

/// Counts what is read.
struct Counted<R> {
    from: R,
    bytes: u64,
}

impl<R: io::Read> io::Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.from.read(buffer)?;
        self.bytes += count as u64;
        Ok(count)
    }
}
