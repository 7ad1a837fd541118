//! What is shown of files, without the secrets in them.
//!
//! Two things are done, each of which would do for most: a line is shown without the bytes that a detector found in it, and
//! nothing that is said anywhere (lines, messages, addresses, reasons of problems, markers) holds a value that was found
//! anywhere, plain or as base64. Values are in memory until that is done.

use crate::limits::{MAX_REDACTED_VALUES, MAX_SHOWN_LINE, MIN_REDACTED};
use crate::secrets::{SecretFinding, Secrets, Source};
use ahash::AHashMap;
use aho_corasick::AhoCorasick;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use regex::Regex;
use std::borrow::Cow;
use std::ops::Range;
use std::sync::LazyLock;

/// Bytes before and after a place that are kept of its line, until values are taken out and it is cut to what is shown.
const AROUND: usize = 1024;

/// A line as it is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// The line, or a part of a long one.
    pub line: String,
    /// The bytes of it that the finding is about.
    pub about: Range<usize>,
}

/// What stands in the place of bytes.
pub(crate) type Mask = (Range<usize>, String);

impl Shown {
    /// The first line of a span of a text, with masks over the text's bytes.
    pub(crate) fn new(text: &[u8], span: Range<usize>, masks: &[Mask]) -> Shown {
        let at = span.start.min(text.len());
        let least = at.saturating_sub(AROUND);
        let start = memchr::memrchr(b'\n', &text[least..at]).map_or(least, |newline| least + newline + 1);
        let most = text.len().min(at + AROUND);
        let end = memchr::memchr(b'\n', &text[at..most]).map_or(most, |newline| at + newline);
        let (start, end) = (boundary(text, start), boundary(text, end));
        let about = span.start.clamp(start, end) - start..span.end.clamp(start, end) - start;
        let within = |(range, with): &Mask| -> Option<Mask> {
            let range = range.start.max(start)..range.end.min(end);
            (range.start < range.end).then(|| (range.start - start..range.end - start, with.clone()))
        };
        masked(&text[start..end], about, masks.iter().filter_map(within).collect())
    }

    /// Nothing of a line, because it is not known what in it is secret.
    pub(crate) fn nothing() -> Shown {
        Shown { line: "(not shown: too many secrets here to know them all)".to_owned(), about: 0..0 }
    }

    /// Without values, and no longer than is shown.
    pub(crate) fn finish(&mut self, redactor: &Redactor) {
        let ranges = redactor.ranges(self.line.as_bytes());
        if !ranges.is_empty() {
            *self = masked(self.line.as_bytes(), self.about.clone(), ranges);
        }
        self.cut();
    }

    /// What a rule about written secrets tells by a key, whether or not a detector took its value for one.
    pub(crate) fn hide_assigned(&mut self) {
        let masks = self.assigned();
        if !masks.is_empty() {
            *self = masked(self.line.as_bytes(), self.about.clone(), masks);
        }
    }

    /// Whether something is assigned to a key of secrets.
    pub(crate) fn assigns(&self) -> bool {
        !self.assigned().is_empty()
    }

    fn assigned(&self) -> Vec<Mask> {
        let mut masks = Vec::new();
        for captures in ASSIGNED.captures_iter(&self.line) {
            let Some(value) = captures.iter().skip(1).flatten().last() else { continue };
            if !["$", "{{", "true", "false", "null"].iter().any(|start| value.as_str().starts_with(start)) {
                masks.push((value.range(), "\u{2026}".to_owned()));
            }
        }
        masks
    }

    fn cut(&mut self) {
        self.line.truncate(self.line.trim_end_matches(['\r', '\n']).len());
        self.about = self.about.start.min(self.line.len())..self.about.end.min(self.line.len());
        if self.line.len() <= MAX_SHOWN_LINE {
            return;
        }
        let start = if self.about.start > MAX_SHOWN_LINE / 2 { self.about.start - MAX_SHOWN_LINE / 4 } else { 0 };
        let start = boundary(self.line.as_bytes(), start);
        let end = boundary(self.line.as_bytes(), self.line.len().min(start + MAX_SHOWN_LINE));
        let (before, after) =
            (if start > 0 { "\u{2026}" } else { "" }, if end < self.line.len() { "\u{2026}" } else { "" });
        let about = self.about.start.max(start)..self.about.end.clamp(start, end);
        let moved = |at: usize| at + before.len() - start;
        self.about = moved(about.start)..moved(about.end.max(about.start));
        self.line = format!("{before}{}{after}", &self.line[start..end]);
    }
}

/// A whole text without the secrets in it, where more than a finding's line is shown, such as a change. Its lines stay.
pub fn without_secrets(secrets: &Secrets, path: &str, text: &str) -> String {
    let mut found = Vec::new();
    let scanned = secrets.scan(Source { path, bytes: text.as_bytes() }, None, &mut found);
    if scanned.cut > 0 || scanned.incomplete {
        return text.lines().map(|_| format!("{}\n", Shown::nothing().line)).collect();
    }
    let runs = found.iter().filter(|found| !found.encoded.is_empty()).map(|found| &text.as_bytes()[found.span.range()]);
    let redactor = Redactor::new(found.iter(), runs);
    let of = |found: &SecretFinding| (found.cover.range(), found.stand_in());
    let masks = found.iter().map(of).chain(redactor.ranges(text.as_bytes()));
    let lines = |(range, with): Mask| {
        let lines = memchr::memchr_iter(b'\n', &text.as_bytes()[range.clone()]).count();
        (range, with + &"\n".repeat(lines))
    };
    masked(text.as_bytes(), 0..0, masks.map(lines).collect()).line
}

/// Keys of secrets with what is assigned to them, and passwords where commands take them.
static ASSIGNED: LazyLock<Regex> = LazyLock::new(|| {
    const KEYS: &str =
        "pass(?:word|wd|phrase)?|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credential|auth";
    let pattern = [
        &format!(r#"[\w.-]*(?:{KEYS})[\w.-]*["']?(?:\s*[=:]\s*|\s+)["']?([^\s"',{{}}]+)"#),
        r#"(?:^|[\s{,])["']?value["']?\s*:\s*["']?([^\s"',{}]+)"#,
        r#"(?:echo|printf)\s+(?:-\w+\s+)*["']?[\w.-]+:([^\s"'|\\]+)"#,
        r#"\s(?:-u|--user)[\s=]+["']?[\w.@-]+:([^\s"']+)"#,
        r"\s(?:-p|-P)\s*([^\s]+)",
        r#"://[^\s/:@"']*:([^\s/@"']+)@"#,
    ]
    .join("|");
    // The pattern is fixed; one that finds nothing stands in for one that does not compile, which a test holds.
    Regex::new(&format!("(?i){pattern}")).unwrap_or_else(|_| NOTHING.clone())
});
static NOTHING: LazyLock<Regex> = LazyLock::new(|| Regex::new("$^x").unwrap_or_else(|_| unreachable!()));

/// The next byte that begins a character.
fn boundary(text: &[u8], mut at: usize) -> usize {
    while text.get(at).is_some_and(|byte| byte & 0xc0 == 0x80) {
        at += 1;
    }
    at
}

/// A line with masks in it; ranges may overlap.
fn masked(line: &[u8], about: Range<usize>, mut masks: Vec<Mask>) -> Shown {
    masks.sort_by_key(|(range, _)| (range.start, std::cmp::Reverse(range.end)));
    let (mut out, mut at) = (String::with_capacity(line.len() + 16), 0);
    let (mut from, mut to) = (None, None);
    let mut plain = |out: &mut String, range: Range<usize>| {
        // Bytes that are no text are shown as such, so that each side of a place is put in alone.
        let mut start = range.start;
        for (stop, slot) in [(about.start, &mut from), (about.end, &mut to)] {
            if slot.is_none() && (start..=range.end).contains(&stop) {
                out.push_str(&String::from_utf8_lossy(&line[start..stop]));
                *slot = Some(out.len());
                start = stop;
            }
        }
        out.push_str(&String::from_utf8_lossy(&line[start..range.end]));
    };
    let mut inside: Vec<(Range<usize>, Range<usize>)> = Vec::new();
    for (range, with) in masks {
        let range = range.start.max(at)..range.end;
        if range.start >= range.end {
            continue;
        }
        plain(&mut out, at..range.start);
        let start = out.len();
        out.push_str(&with);
        inside.push((range.clone(), start..out.len()));
        at = range.end;
    }
    plain(&mut out, at..line.len());
    let of = |known: Option<usize>, at: usize, end: bool| {
        let hidden = inside.iter().find(|(range, _)| range.contains(&at) || end && range.end == at);
        hidden.map(|(_, shown)| if end { shown.end } else { shown.start }).or(known).unwrap_or(out.len())
    };
    let (start, end) = (of(from, about.start, false), of(to, about.end, true));
    Shown { about: start..end.max(start), line: out }
}

/// Takes values out of whatever is said.
#[derive(Default)]
pub(crate) struct Redactor {
    finder: Option<AhoCorasick>,
    /// By the finder's pattern: the whole value, and what stands for it.
    values: Vec<(Vec<u8>, String)>,
}

impl Redactor {
    /// Of what was found, and the bytes that stood in files for it.
    pub fn new<'v>(found: impl Iterator<Item = &'v SecretFinding>, runs: impl Iterator<Item = &'v [u8]>) -> Redactor {
        let mut values: AHashMap<Vec<u8>, String> = AHashMap::new();
        let mut add = |value: &[u8], with: &str| {
            if value.len() >= MIN_REDACTED && values.len() < MAX_REDACTED_VALUES {
                values.entry(value.to_vec()).or_insert_with(|| with.to_owned());
            }
        };
        for finding in found {
            let (value, with) = (finding.value.bytes(), finding.stand_in());
            for line in value.split(|byte| matches!(byte, b'\n' | b'\r')) {
                add(line.trim_ascii(), &with);
            }
            if value.contains(&b'\\') {
                let unescaped: Vec<u8> = value.iter().copied().filter(|byte| *byte != b'\\').collect();
                add(&unescaped, &with);
            }
            if value.len() >= 2 * MIN_REDACTED {
                add(STANDARD_NO_PAD.encode(value).as_bytes(), "\u{2026}");
                add(URL_SAFE_NO_PAD.encode(value).as_bytes(), "\u{2026}");
            }
        }
        runs.for_each(|run| add(run, "\u{2026}"));
        let values: Vec<(Vec<u8>, String)> = values.into_iter().collect();
        // A message may hold the beginning of a value only: that is looked for.
        let begins = values.iter().map(|(value, with)| &value[..value.len().min(10.max(with.len() + 3))]);
        let finder = (!values.is_empty()).then(|| AhoCorasick::new(begins).ok()).flatten();
        Redactor { finder, values }
    }

    /// Where values are, and what stands for them.
    fn ranges(&self, text: &[u8]) -> Vec<Mask> {
        let Some(finder) = &self.finder else { return Vec::new() };
        let range = |found: aho_corasick::Match| {
            let (value, with) = &self.values[found.pattern().as_usize()];
            let same = text[found.start()..].iter().zip(value).take_while(|(a, b)| a == b).count();
            (found.start()..found.start() + same, with.clone())
        };
        finder.find_overlapping_iter(text).map(range).collect()
    }

    /// A text without values.
    pub fn clean<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let ranges = self.ranges(text.as_bytes());
        if ranges.is_empty() { Cow::Borrowed(text) } else { Cow::Owned(masked(text.as_bytes(), 0..0, ranges).line) }
    }

    /// Takes values out of a text.
    pub fn redact(&self, text: &mut String) {
        if let Cow::Owned(clean) = self.clean(text) {
            *text = clean;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, about: &str, secret: &str) -> (String, String) {
        let at = |part: &str| text.find(part).map(|at| at..at + part.len()).unwrap_or_default();
        let mut shown = Shown::new(text.as_bytes(), at(about), &[(at(secret), "gh_\u{2026}".to_owned())]);
        shown.finish(&Redactor::default());
        (shown.line[shown.about.clone()].to_owned(), shown.line)
    }

    #[test]
    fn a_line_is_shown_without_its_secret_and_with_the_place_that_is_meant() {
        let text = "x\n\u{e9}: gh_secret, user: a\r\nz";
        assert_eq!(shown(text, "user", "gh_secret"), ("user".into(), "\u{e9}: gh_\u{2026}, user: a".into()));
        assert_eq!(shown(text, "gh_secret", "gh_secret").0, "gh_\u{2026}");
        assert_eq!(shown(text, "secret, user", "gh_secret").0, "gh_\u{2026}, user");
        assert_eq!(shown(text, "z", "gh_secret"), ("z".into(), "z".into()));
        let long = format!("{}gh_secret{} user {}", "a".repeat(3000), "b".repeat(200), "c".repeat(3000));
        let (about, line) = shown(&long, "user", "gh_secret");
        assert!(about == "user" && line.len() < MAX_SHOWN_LINE + 10 && !line.contains("secret"), "{line}");
    }

    #[test]
    fn whole_texts_keep_their_lines_and_lose_their_secrets() {
        let secrets = Secrets::builtin().unwrap();
        let key = crate::secrets::example::make(
            "-----BEGIN RSA PRIVATE KEY-----\n<pem:640>\n-----END RSA PRIVATE KEY-----",
            1,
        );
        let token = crate::secrets::example::make("ghp_<base62:30><crc>", 1).text;
        let text = format!("a: {token}\n{}\nb: {token}\nc: 1\n", key.text);
        let shown = without_secrets(&secrets, "a.yml", &text);
        assert_eq!(shown.lines().count(), text.lines().count());
        assert!(shown.starts_with("a: ghp_\u{2026}\n") && shown.ends_with("\nb: ghp_\u{2026}\nc: 1\n"), "{shown}");
        assert!(!shown.contains(&token) && !shown.contains(&key.text[40..60]), "{shown}");
        assert_eq!(without_secrets(&secrets, "a.yml", "a: 1\r\n"), "a: 1\r\n");
    }

    #[test]
    fn keys_of_secrets_are_shown_without_what_is_assigned() {
        for (line, hidden) in [
            ("ENV DB_PASSWORD=hunter2 X=1", "hunter2"),
            ("ENV DB_PASSWORD hunter2", "hunter2"),
            ("  value: \"hunter2\"", "hunter2"),
            ("RUN echo 'root:hunter2' | chpasswd", "hunter2"),
            ("RUN curl -u admin:hunter2 https://x", "hunter2"),
            ("{\"api_key\": \"hunter2\"}", "hunter2"),
            ("postgres://a:hunter2@db/x", "hunter2"),
        ] {
            let mut shown = Shown::new(line.as_bytes(), 0..line.len(), &[]);
            shown.hide_assigned();
            assert!(
                !shown.line.contains(hidden) && shown.line.len() + 4 >= line.len() - hidden.len(),
                "{}",
                shown.line
            );
        }
        let mut reference = Shown::new(b"token: ${{ secrets.TOKEN }}", 0..5, &[]);
        reference.hide_assigned();
        assert_eq!(reference.line, "token: ${{ secrets.TOKEN }}");
    }
}
