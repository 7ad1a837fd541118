//! Looking for all detectors at once: one automaton over all keywords, then each detector only around its own.

use super::assignment;
use super::decode::{self, Encoding};
use super::detector::{Class, Detector, Shape};
use super::found::{FingerprintKey, SecretFinding, mask};
use super::path::{Kind, in_test_code, is_test};
use super::{Value, filter, generic};
use crate::limits::{
    MAX_DECODE_DEPTH, MAX_DECODED_BYTES, MAX_HITS, MAX_KEY_NAME, MAX_SECRETS_A_FILE, WINDOW_WORK_A_BYTE,
};
use crate::rules::{Confidence, RuleError, Severity};
use crate::text::{Place, Span};
use ahash::AHashMap;
use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

/// Detectors ready to be asked.
#[derive(Debug)]
pub struct Secrets {
    detectors: Vec<Detector>,
    finder: AhoCorasick,
    /// The keywords, and the detectors of each.
    keywords: Vec<(Arc<str>, Vec<u16>)>,
    /// Detectors that are asked where another one found something.
    beside: Vec<u16>,
    /// Detectors whose findings are not reported: what they find is only kept from being shown.
    silent: Vec<bool>,
}

/// What a text is.
#[derive(Clone, Copy)]
pub struct Source<'t> {
    /// Its path below the root of the scan; empty when it has none.
    pub path: &'t str,
    /// The text as it was read.
    pub bytes: &'t [u8],
}

/// How a scan went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scanned {
    /// It is no text and was not looked at.
    pub binary: bool,
    /// Findings beyond a limit: only counted.
    pub cut: usize,
    /// A limit on work was reached: there may be more.
    pub incomplete: bool,
}

/// Something found in a text or in what it decodes to. It holds nothing of the value.
#[derive(Clone, Debug)]
pub(crate) struct Hit {
    pub detector: u16,
    pub span: Range<usize>,
    /// That, and what overlaps it that another detector found.
    pub cover: Range<usize>,
    pub value: Value,
    pub name: String,
    pub mask: String,
    pub digest: Option<[u8; 16]>,
    pub encoded: Vec<Encoding>,
    pub companions: Vec<u16>,
    /// Its checksum does not fit.
    pub unproven: bool,
}

/// What a scan of one text carries along.
struct Run<'r> {
    key: Option<&'r FingerprintKey>,
    /// Bytes that may still be decoded.
    budget: usize,
    /// Bytes of windows that may still be looked at.
    work: usize,
    scanned: Scanned,
}

impl Secrets {
    /// Those that come with the program.
    ///
    /// # Errors
    /// Never, which a test holds.
    pub fn builtin() -> Result<Secrets, RuleError> {
        Secrets::new(super::builtin::detectors()?)
    }

    /// Of some detectors.
    ///
    /// # Errors
    /// When their keywords make no automaton.
    pub fn new(detectors: Vec<Detector>) -> Result<Secrets, RuleError> {
        let mut by_keyword: AHashMap<String, usize> = AHashMap::new();
        let mut keywords: Vec<(Arc<str>, Vec<u16>)> = Vec::new();
        for (number, detector) in detectors.iter().enumerate() {
            for keyword in &detector.keywords {
                // The automaton knows no case; a detector that does compares again.
                let key = if detector.case { keyword.to_string() } else { keyword.to_ascii_lowercase() };
                let at = *by_keyword.entry(key.clone()).or_insert_with(|| {
                    keywords.push((key.into(), Vec::new()));
                    keywords.len() - 1
                });
                if !keywords[at].1.contains(&(number as u16)) {
                    keywords[at].1.push(number as u16);
                }
            }
        }
        let finder = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .kind(Some(AhoCorasickKind::DFA))
            .build(keywords.iter().map(|(keyword, _)| keyword.as_bytes()))
            .map_err(|error| RuleError { file: "".into(), place: (1, 1), reason: format!("keywords: {error}") })?;
        let beside = (0..detectors.len() as u16)
            .filter(|number| matches!(detectors[usize::from(*number)].shape, Shape::Beside { .. }))
            .collect();
        let silent = vec![false; detectors.len()];
        Ok(Secrets { detectors, finder, keywords, beside, silent })
    }

    /// Reports only what these detectors find. The others are asked all the same, so that no line shows what they know.
    #[must_use]
    pub fn reporting(mut self, wanted: impl Fn(&str) -> bool) -> Secrets {
        self.silent = self.detectors.iter().map(|detector| !wanted(&detector.id)).collect();
        self
    }

    /// The detectors whose findings are reported.
    pub fn reported(&self) -> impl Iterator<Item = &Detector> {
        self.detectors.iter().zip(&self.silent).filter(|(_, silent)| !**silent).map(|(detector, _)| detector)
    }

    /// Whether any detector is reported.
    pub fn reports(&self) -> bool {
        self.silent.iter().any(|silent| !silent)
    }

    /// The detectors.
    pub fn detectors(&self) -> &[Detector] {
        &self.detectors
    }

    /// Adds what a text holds, in the order of its places.
    pub fn scan(&self, source: Source<'_>, key: Option<&FingerprintKey>, out: &mut Vec<SecretFinding>) -> Scanned {
        let Some(bytes) = readable(source.bytes) else { return Scanned { binary: true, ..Scanned::default() } };
        let (hits, scanned) = self.hits(&bytes, Kind::of(source.path), key);
        if !hits.is_empty() {
            self.findings(source.path, &bytes, hits, out);
        }
        scanned
    }

    /// What a text holds, without path and places.
    pub(crate) fn hits(&self, bytes: &[u8], kind: Kind, key: Option<&FingerprintKey>) -> (Vec<Hit>, Scanned) {
        let work = bytes.len().saturating_mul(WINDOW_WORK_A_BYTE).saturating_add(1 << 20);
        let mut run = Run { key, budget: MAX_DECODED_BYTES, work, scanned: Scanned::default() };
        let mut hits = Vec::new();
        self.layer(bytes, kind, 0, &mut run, &mut hits);
        if hits.len() > MAX_SECRETS_A_FILE {
            run.scanned.cut += hits.len() - MAX_SECRETS_A_FILE;
            hits.truncate(MAX_SECRETS_A_FILE);
        }
        (hits, run.scanned)
    }

    /// A text, and what it decodes to.
    fn layer(&self, bytes: &[u8], kind: Kind, depth: usize, run: &mut Run<'_>, hits: &mut Vec<Hit>) {
        for found in self.finder.find_overlapping_iter(bytes) {
            let (keyword, detectors) = &self.keywords[found.pattern().as_usize()];
            for number in detectors {
                let detector = &self.detectors[usize::from(*number)];
                if detector.case && &bytes[found.range()] != keyword.as_bytes() {
                    continue;
                }
                if let Some((name, value)) = self.ask(detector, bytes, found.range(), kind, run) {
                    if hits.len() >= MAX_HITS {
                        run.scanned.cut += 1;
                        continue;
                    }
                    hits.push(hit(*number, detector, bytes, name, value, run.key));
                }
            }
        }
        if !hits.is_empty() {
            self.near(bytes, run, hits);
            self.best(hits);
        }
        if depth < MAX_DECODE_DEPTH {
            self.decoded(bytes, depth, run, hits);
        }
    }

    fn decoded(&self, bytes: &[u8], depth: usize, run: &mut Run<'_>, hits: &mut Vec<Hit>) {
        let mut budget = run.budget;
        let own = hits.len();
        decode::runs(bytes, &mut budget, |range, encoding, text, left| {
            let mut inner = Vec::new();
            run.budget = *left;
            self.layer(text, Kind::Other, depth + 1, run, &mut inner);
            *left = run.budget;
            for mut hit in inner {
                let overlaps = |of: &Hit| of.span.start < range.end && range.start < of.span.end;
                let known = hits[..own].iter().any(|of| {
                    overlaps(of) && (of.detector == hit.detector || of.digest == hit.digest && of.digest.is_some())
                });
                let within = hits[..own].iter().any(|of| of.span.start <= range.start && range.end <= of.span.end);
                if known || within || hits.len() >= MAX_HITS {
                    continue;
                }
                hit.span = range.clone();
                hit.cover = range.clone();
                hit.encoded.insert(0, encoding);
                hits.push(hit);
            }
        });
        run.budget = budget;
        if budget == 0 {
            run.scanned.incomplete = true;
        }
        if hits.len() > own {
            hits.sort_by_key(|hit| (hit.span.start, hit.span.end));
        }
    }

    /// What a detector says of a keyword: the key's name and the value.
    fn ask(
        &self,
        detector: &Detector,
        bytes: &[u8],
        keyword: Range<usize>,
        kind: Kind,
        run: &mut Run<'_>,
    ) -> Option<(Range<usize>, Range<usize>)> {
        let (name, value) = match &detector.shape {
            Shape::Assigned(class) => return assigned(detector, *class, bytes, keyword, kind),
            Shape::Value { .. } if kind == Kind::Lock => return None,
            Shape::Beside { .. } => return None,
            Shape::Value { regex } => {
                // A short name within a word is not the name.
                let inside = keyword.start > 0 && bytes[keyword.start - 1].is_ascii_alphanumeric();
                if inside && keyword.len() <= 5 || !work(run, detector.window) {
                    return None;
                }
                let window = &bytes[keyword.end..bytes.len().min(keyword.end + detector.window)];
                let value = regex.get()?.captures(window)?.get(1)?.range();
                (keyword.clone(), keyword.end + value.start..keyword.end + value.end)
            }
            Shape::Token { regex, before } => {
                if *before == 0 && !detector.loose && !begins(bytes, keyword.start)
                    || !work(run, detector.window + before)
                {
                    return None;
                }
                let start = keyword.start.saturating_sub(*before);
                let window = &bytes[start..bytes.len().min(keyword.end + detector.window)];
                let captures = regex.get()?.captures(window)?;
                let (whole, value) = (captures.get(0)?, captures.get(1).or(captures.get(0))?);
                let apart = detector.loose || begins(bytes, start + whole.start()) && ends(bytes, start + whole.end());
                if !apart {
                    return None;
                }
                // Only those that people choose say that few words may be in them.
                let chosen = value.start() > whole.start() && detector.words < 100;
                let value = start + value.start()..start + value.end();
                if chosen && (filter::worthless(&bytes[value.clone()]) || at_no_host(&bytes[value.end..])) {
                    return None;
                }
                let name = self.key_name(bytes, start + whole.start());
                return self.is_secret(detector, bytes, &value).then_some((name, value));
            }
        };
        let named = self.key_name(bytes, value.start);
        if filter::names_digest(&bytes[named.clone()]) {
            return None;
        }
        let name = if named.is_empty() { name } else { named };
        self.is_secret(detector, bytes, &value).then_some((name, value))
    }

    /// The filters that all values pass.
    fn is_secret(&self, detector: &Detector, bytes: &[u8], value: &Range<usize>) -> bool {
        let value = &bytes[value.clone()];
        let random =
            detector.keywords.iter().find_map(|keyword| value.strip_prefix(keyword.as_bytes())).unwrap_or(value);
        let chosen = detector.entropy < 2.5;
        !value.is_empty()
            && filter::entropy(random) >= detector.entropy
            && !filter::placeholder(random, chosen)
            && (detector.words >= 100 || filter::words(random) <= detector.words)
            && detector.checksum.is_none_or(|checksum| checksum.fits(value) || checksum.may_be_wrong(random))
    }

    /// The key that what begins here is assigned to on the same line; empty when there is none.
    fn key_name(&self, bytes: &[u8], at: usize) -> Range<usize> {
        let from = at.saturating_sub(MAX_KEY_NAME * 2);
        let line = memchr::memrchr(b'\n', &bytes[from..at]).map_or(from, |newline| from + newline + 1);
        let before = &bytes[line..at];
        let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
        let Some(operator) = before.iter().rposition(|byte| matches!(byte, b'=' | b':')) else { return at..at };
        let Some(last) = before[..operator].iter().rposition(is_name) else { return at..at };
        let first = before[..last].iter().rposition(|byte| !is_name(byte)).map_or(0, |at| at + 1);
        if last - first >= MAX_KEY_NAME || operator - last > 6 { at..at } else { line + first..line + last + 1 }
    }

    /// Values that other findings are near of, and findings that make each other worse.
    fn near(&self, bytes: &[u8], run: &mut Run<'_>, hits: &mut Vec<Hit>) {
        for number in &self.beside {
            let detector = &self.detectors[usize::from(*number)];
            let Shape::Beside { of, regex, within } = &detector.shape else { continue };
            for at in 0..hits.len().min(MAX_SECRETS_A_FILE) {
                let other = &hits[at];
                if *self.detectors[usize::from(other.detector)].id != **of || !work(run, 2 * within) {
                    continue;
                }
                let start = other.span.start.saturating_sub(*within);
                let window = &bytes[start..bytes.len().min(other.span.end + within)];
                let Some(regex) = regex.get() else { continue };
                for captures in regex.captures_iter(window).take(8) {
                    let Some(value) = captures.get(1) else { continue };
                    let value = start + value.start()..start + value.end();
                    if self.is_secret(detector, bytes, &value) {
                        let name = self.key_name(bytes, value.start);
                        hits.push(hit(*number, detector, bytes, name, value, run.key));
                    }
                }
            }
        }
        for at in 0..hits.len().min(MAX_SECRETS_A_FILE) {
            let detector = &self.detectors[usize::from(hits[at].detector)];
            if detector.companions.is_empty() {
                continue;
            }
            let near = |other: &Hit| other.span.start.abs_diff(hits[at].span.start) < 600;
            let is_companion =
                |other: &&Hit| detector.companions.contains(&self.detectors[usize::from(other.detector)].id);
            let mut companions: Vec<u16> =
                hits.iter().filter(is_companion).filter(|other| near(other)).map(|hit| hit.detector).collect();
            companions.sort_unstable();
            companions.dedup();
            hits[at].companions = companions;
        }
    }

    /// Of several that found the same, the one that is surest.
    fn best(&self, hits: &mut Vec<Hit>) {
        let rank = |hit: &Hit| self.detectors[usize::from(hit.detector)].rank();
        hits.sort_by_key(|hit| {
            (std::cmp::Reverse(rank(hit)), std::cmp::Reverse(hit.span.len()), hit.span.start, hit.detector)
        });
        // Kept spans never overlap, so that those before the end, from the last one on, decide.
        let mut kept: std::collections::BTreeMap<usize, Hit> = std::collections::BTreeMap::new();
        for hit in hits.drain(..) {
            let mut known = false;
            for (_, of) in kept.range_mut(..hit.span.end).rev().take_while(|(_, of)| of.span.end > hit.span.start) {
                of.cover = of.cover.start.min(hit.span.start)..of.cover.end.max(hit.span.end);
                known = true;
            }
            if !known {
                kept.insert(hit.span.start, hit);
            }
        }
        hits.extend(kept.into_values());
    }

    /// Hits as findings, with places.
    pub(crate) fn findings(&self, path: &str, bytes: &[u8], hits: Vec<Hit>, out: &mut Vec<SecretFinding>) {
        let mut places = Places { bytes, at: 0, place: Place { line: 1, column: 1 } };
        let first = out.len();
        let path: Arc<str> = path.into();
        for hit in hits {
            let start = places.of(hit.span.start);
            let mut ahead = Places { ..places };
            let end = ahead.of(hit.span.end);
            let tried = is_test(&path) || in_test_code(&path, bytes, hit.span.start);
            out.push(self.finding(&path, hit, start, end, tried));
        }
        number(&mut out[first..]);
    }

    fn finding(&self, path: &Arc<str>, hit: Hit, start: Place, end: Place, tried: bool) -> SecretFinding {
        let detector = &self.detectors[usize::from(hit.detector)];
        let alone = hit.companions.is_empty();
        let severity = if alone { detector.alone.unwrap_or(detector.severity) } else { detector.severity };
        let less = tried || hit.unproven;
        SecretFinding {
            rule: detector.id.clone(),
            title: detector.title.clone(),
            severity: if less { severity.min(Severity::Medium) } else { severity },
            confidence: if less { Confidence::Low } else { detector.confidence },
            unproven: hit.unproven,
            path: path.clone(),
            name: hit.name,
            mask: hit.mask,
            start,
            end,
            encoded: hit.encoded,
            companions: hit
                .companions
                .iter()
                .map(|number| self.detectors[usize::from(*number)].id.to_string())
                .collect(),
            fingerprint: String::new(),
            same: hit.digest.map(|digest| digest.iter().map(|byte| format!("{byte:02x}")).collect()),
            span: Span::new(hit.span.start, hit.span.end),
            cover: Span::new(hit.cover.start, hit.cover.end),
            asked: !self.silent[usize::from(hit.detector)],
            value: hit.value,
        }
    }
}

/// Gives the findings of one text their fingerprints: equals are told by their order.
pub(crate) fn number(findings: &mut [SecretFinding]) {
    let mut ordinals: AHashMap<(Arc<str>, String, Option<String>), usize> = AHashMap::new();
    for finding in findings {
        let ordinal = ordinals.entry((finding.rule.clone(), finding.name.clone(), finding.same.clone())).or_default();
        finding.identify(*ordinal);
        *ordinal += 1;
    }
}

fn work(run: &mut Run<'_>, bytes: usize) -> bool {
    let left = run.work.checked_sub(bytes);
    run.scanned.incomplete |= left.is_none();
    run.work = left.unwrap_or(run.work);
    left.is_some()
}

/// A generic assignment, when its value can be a secret.
fn assigned(
    detector: &Detector,
    class: Class,
    bytes: &[u8],
    keyword: Range<usize>,
    kind: Kind,
) -> Option<(Range<usize>, Range<usize>)> {
    if matches!(kind, Kind::Lock | Kind::Made) {
        return None;
    }
    let read = assignment::read(bytes, keyword, kind)?;
    let value = &bytes[read.value.clone()];
    let name = &bytes[read.name.clone()];
    generic::is_secret(name, value, read.quoted, class, detector, kind).then_some((read.name, read.value))
}

fn hit(
    number: u16,
    detector: &Detector,
    bytes: &[u8],
    name: Range<usize>,
    value: Range<usize>,
    key: Option<&FingerprintKey>,
) -> Hit {
    let secret = &bytes[value.clone()];
    let public = match detector.shape {
        Shape::Token { .. } => detector
            .keywords
            .iter()
            .filter(|keyword| secret.starts_with(keyword.as_bytes()))
            .max_by_key(|keyword| keyword.len()),
        _ => None,
    };
    // A key's name may hold a part of the value only by accident: then it is left out.
    let overlaps = name.start < value.end && value.start < name.end;
    let name = if overlaps || name.len() > MAX_KEY_NAME {
        String::new()
    } else {
        String::from_utf8_lossy(&bytes[name]).into_owned()
    };
    Hit {
        detector: number,
        name,
        mask: mask(public.map_or("", |keyword| keyword), secret.len()),
        digest: key.and_then(|key| key.digest(secret)),
        encoded: Vec::new(),
        companions: Vec::new(),
        unproven: detector.checksum.is_some_and(|checksum| !checksum.fits(secret)),
        value: Value::new(secret),
        cover: value.clone(),
        span: value,
    }
}

/// Whether `@` and a host that is no real machine follow.
fn at_no_host(after: &[u8]) -> bool {
    after.first() == Some(&b'@') && filter::nowhere(&after[1..after.len().min(100)])
}

/// Whether a token may begin here: not within a word; an escape such as `\n` before it is no letter. `+` in a word is base64.
fn begins(bytes: &[u8], at: usize) -> bool {
    let before = |back: usize| at.checked_sub(back).and_then(|at| bytes.get(at)).copied().unwrap_or(b' ');
    let word = before(1).is_ascii_alphanumeric()
        || before(1) == b'_'
        || before(1) == b'+' && before(2).is_ascii_alphanumeric();
    !word || before(2) == b'\\' && matches!(before(1), b'n' | b'r' | b't')
}

fn ends(bytes: &[u8], at: usize) -> bool {
    let next = |ahead: usize| bytes.get(at + ahead).copied().unwrap_or(b' ');
    let word = next(0).is_ascii_alphanumeric() || next(0) == b'_' || next(0) == b'+' && next(1).is_ascii_alphanumeric();
    !word
}

/// The text of a file: UTF-16 with its mark is made UTF-8; what holds a zero byte at its beginning is no text.
pub(crate) fn readable(bytes: &[u8]) -> Option<Cow<'_, [u8]>> {
    let units = |from: fn([u8; 2]) -> u16| {
        let units = bytes[2..].as_chunks::<2>().0.iter().map(|pair| from(*pair));
        let text: String = char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
        Some(Cow::Owned(text.into_bytes()))
    };
    match bytes {
        [0xff, 0xfe, ..] => units(u16::from_le_bytes),
        [0xfe, 0xff, ..] => units(u16::from_be_bytes),
        _ if memchr::memchr(0, &bytes[..bytes.len().min(8192)]).is_some() => None,
        _ => Some(Cow::Borrowed(bytes)),
    }
}

/// Lines and columns of rising bytes.
#[derive(Clone, Copy)]
struct Places<'b> {
    bytes: &'b [u8],
    at: usize,
    place: Place,
}

impl Places<'_> {
    fn of(&mut self, at: usize) -> Place {
        let at = at.min(self.bytes.len());
        // Spans may overlap by nesting; what lies before is counted anew.
        if at < self.at {
            *self = Places { bytes: self.bytes, at: 0, place: Place { line: 1, column: 1 } };
        }
        let between = &self.bytes[self.at..at];
        self.place.line += memchr::memchr_iter(b'\n', between).count() as u32;
        let last = memchr::memrchr(b'\n', &self.bytes[..at]).map_or(0, |newline| newline + 1);
        let characters = self.bytes[last..at].iter().filter(|byte| **byte & 0xc0 != 0x80).count();
        self.place.column = characters as u32 + 1;
        self.at = at;
        self.place
    }
}
