//! Masks secrets before anything is written.
//!
//! One Aho-Corasick pass finds keywords; only around them the patterns of the rules run. A line without
//! a keyword, which is nearly every line, costs one pass and no copy.

use crate::error::Counts;
use aho_corasick::{AhoCorasick, AhoCorasickBuilder};
use regex::Regex;
use serde::Deserialize;
use std::borrow::Cow;
use std::ops::Range;

/// What a secret is replaced by.
pub const MASK: &str = "***";
/// Rules beyond the built-in ones.
const MAX_RULES: usize = 200;
/// Bytes before a keyword that a pattern may begin in: a long user name before a password in a URL.
const BEFORE: usize = 64;
/// Bytes after a keyword that a pattern sees: a private key.
const AFTER: usize = 8 * 1024;
/// Looks at a text that held a secret: what stood beside one may be recognised only without it.
const MAX_LOOKS: usize = 8;

/// The configuration of masking.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RedactConfig {
    /// Whether anything is masked.
    pub enabled: bool,
    /// Whether the built-in rules are used.
    pub builtin: bool,
    /// More rules.
    pub rules: Vec<RuleConfig>,
    /// More attribute keys whose whole value is masked.
    pub keys: Vec<String>,
}

impl Default for RedactConfig {
    fn default() -> Self {
        Self { enabled: true, builtin: true, rules: Vec::new(), keys: Vec::new() }
    }
}

/// One rule: where a keyword is, the group `secret` of the pattern is masked.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleConfig {
    /// Text without which the pattern never matches, any case.
    pub keyword: String,
    /// A regular expression with a group named `secret`.
    pub pattern: String,
}

/// Built-in rules: keywords, then the pattern that must match around one of them.
const BUILTIN: [(&[&str], &str); 15] = [
    (&["bearer "], r"(?i)\bbearer\s+(?<secret>[A-Za-z0-9._~+/=-]{8,})"),
    (&["basic "], r"(?i)\bbasic\s+(?<secret>[A-Za-z0-9+/]{8,}={0,2})"),
    (
        &["password", "passwd", "pwd", "secret", "token", "api_key", "apikey", "api-key", "access_key", "private_key"],
        r#"(?i)(?:password|passwd|pwd|secret|token|api[_-]?key|access_key|private_key)["']?\s?[=:]\s?["']?(?<secret>[^\s"'&,;)}\]]{3,})"#,
    ),
    (&["://"], r"[A-Za-z][A-Za-z0-9+.-]*://[^\s/:@]*:(?<secret>[^\s/@]+)@"),
    (&["AKIA", "ASIA"], r"\b(?<secret>(?:AKIA|ASIA)[0-9A-Z]{16})\b"),
    (&["ghp_", "gho_", "ghu_", "ghs_", "ghr_"], r"\b(?<secret>gh[pousr]_[A-Za-z0-9]{30,255})\b"),
    (&["github_pat_"], r"\b(?<secret>github_pat_[A-Za-z0-9_]{20,255})\b"),
    (&["glpat-"], r"\b(?<secret>glpat-[A-Za-z0-9_-]{16,64})"),
    (&["xoxa-", "xoxb-", "xoxp-", "xoxr-", "xoxs-"], r"\b(?<secret>xox[abprs]-[A-Za-z0-9-]{10,250})"),
    (
        &["-----BEGIN"],
        r"(?<secret>-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,30}PRIVATE KEY-----|\z))",
    ),
    (&["eyJ"], r"\b(?<secret>eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*)"),
    (&["sk_live_", "rk_live_"], r"\b(?<secret>[sr]k_live_[A-Za-z0-9]{16,100})\b"),
    // Tandem's own.
    (&["tdm_"], r"\b(?<secret>tdm_[A-Za-z0-9_-]{16,200})"),
    (&["AIza"], r"\b(?<secret>AIza[0-9A-Za-z_-]{35})"),
    (&["sk-ant-", "sk-proj-"], r"\b(?<secret>sk-(?:ant|proj)-[A-Za-z0-9_-]{20,200})"),
];

/// Bytes of the shortest text that a built-in pattern matches: `pwd=abc`, `a://:b@`.
const BUILTIN_SHORTEST: usize = 7;

/// Parts of attribute keys whose whole value is masked.
const KEYS: [&str; 11] = [
    "authorization",
    "cookie",
    "password",
    "passwd",
    "secret",
    "api_key",
    "apikey",
    "api-key",
    "private_key",
    "access_token",
    "refresh_token",
];

/// Whether a key is, or ends in, the word `token`, which is too common inside of words.
fn is_token(key: &str) -> bool {
    let key = key.as_bytes();
    key.len().checked_sub(5).is_some_and(|at| {
        key[at..].eq_ignore_ascii_case(b"token") && (at == 0 || matches!(key[at - 1], b'.' | b'_' | b'-'))
    })
}

/// Masks secrets in texts and attributes.
#[derive(Debug)]
pub struct Redactor {
    keywords: Option<AhoCorasick>,
    /// For each keyword, the rule it belongs to.
    rule_of: Vec<usize>,
    rules: Vec<Regex>,
    /// Shorter texts, of which there are many, hold nothing that a rule could find.
    shortest: usize,
    keys: Option<AhoCorasick>,
    /// Whether keys are masked that name a token.
    tokens: bool,
}

impl Redactor {
    /// The built-in rules.
    pub fn default_rules() -> Self {
        // The built-in patterns are tested to compile; without them nothing would be masked, so an
        // empty redactor must not pass for them.
        match Self::new(&RedactConfig::default()) {
            Ok(redactor) => redactor,
            Err(error) => unreachable!("{error}"),
        }
    }

    /// Masks nothing.
    pub fn none() -> Self {
        Self { keywords: None, rule_of: Vec::new(), rules: Vec::new(), shortest: usize::MAX, keys: None, tokens: false }
    }

    /// The rules of a configuration.
    pub fn new(config: &RedactConfig) -> Result<Self, String> {
        if !config.enabled {
            return Ok(Self::none());
        }
        if config.rules.len() > MAX_RULES {
            return Err(format!("more than {MAX_RULES} redaction rules"));
        }
        let mut keywords: Vec<&str> = Vec::new();
        let mut rule_of = Vec::new();
        let mut rules = Vec::new();
        let mut add = |words: &[&'_ str], pattern: &str| -> Result<(), String> {
            let regex = regex::RegexBuilder::new(pattern)
                .size_limit(1024 * 1024)
                .build()
                .map_err(|error| format!("the redaction pattern {pattern:?} cannot be used: {error}"))?;
            if regex.capture_names().flatten().all(|name| name != "secret") {
                return Err(format!("the redaction pattern {pattern:?} has no group (?<secret>...)"));
            }
            rule_of.extend(words.iter().map(|_| rules.len()));
            rules.push(regex);
            Ok(())
        };
        if config.builtin {
            for (words, pattern) in &BUILTIN {
                add(words, pattern)?;
                keywords.extend(*words);
            }
        }
        for rule in &config.rules {
            if rule.keyword.is_empty() {
                return Err(format!("the redaction rule {:?} needs a keyword", rule.pattern));
            }
            add(&[&rule.keyword], &rule.pattern)?;
            keywords.push(&rule.keyword);
        }
        let keys: Vec<&str> =
            KEYS.into_iter().filter(|_| config.builtin).chain(config.keys.iter().map(String::as_str)).collect();
        let build = |words: &[&str]| {
            AhoCorasickBuilder::new().ascii_case_insensitive(true).build(words).map_err(|error| error.to_string())
        };
        let builtin = config.builtin.then_some(BUILTIN_SHORTEST);
        Ok(Self {
            keywords: Some(build(&keywords)?),
            rule_of,
            rules,
            shortest: config.rules.iter().map(|rule| rule.keyword.len()).chain(builtin).min().unwrap_or(usize::MAX),
            keys: Some(build(&keys)?),
            tokens: config.builtin,
        })
    }

    /// The text with its secrets masked.
    pub fn text<'a>(&self, text: &'a str, counts: &mut Counts) -> Cow<'a, str> {
        if text.len() < self.shortest {
            return Cow::Borrowed(text);
        }
        let Some(mut masked) = self.masked(text, counts) else { return Cow::Borrowed(text) };
        for _ in 1..MAX_LOOKS {
            let Some(again) = self.masked(&masked, counts) else { break };
            masked = again;
        }
        Cow::Owned(masked)
    }

    /// `None` when there is nothing to mask.
    fn masked(&self, text: &str, counts: &mut Counts) -> Option<String> {
        let keywords = self.keywords.as_ref()?;
        let mut found: Vec<Range<usize>> = Vec::new();
        for hit in keywords.find_iter(text) {
            // What lies inside a secret found already needs no second look.
            if found.iter().any(|range| range.start <= hit.start() && hit.end() <= range.end) {
                continue;
            }
            self.around(text, hit.span().range(), self.rule_of[hit.pattern().as_usize()], &mut found);
        }
        if found.is_empty() {
            return None;
        }
        found.sort_by_key(|range| range.start);
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        for range in found {
            if range.start < at {
                // Overlaps what is masked already.
                at = at.max(range.end);
                continue;
            }
            counts.redacted += 1;
            out.push_str(&text[at..range.start]);
            out.push_str(MASK);
            at = range.end;
        }
        out.push_str(&text[at..]);
        Some(out)
    }

    /// Runs a rule where its keyword is.
    fn around(&self, text: &str, hit: Range<usize>, rule: usize, found: &mut Vec<Range<usize>>) {
        let mut start = hit.start.saturating_sub(BEFORE);
        while !text.is_char_boundary(start) {
            start -= 1;
        }
        let mut end = (hit.end + AFTER).min(text.len());
        while !text.is_char_boundary(end) {
            end += 1;
        }
        for captures in self.rules[rule].captures_iter(&text[start..end]) {
            let Some(whole) = captures.get(0) else { continue };
            if start + whole.start() > hit.start {
                break;
            }
            if let Some(secret) = captures.name("secret")
                && start + whole.end() >= hit.end
            {
                let mut range = start + secret.start()..start + secret.end();
                // A secret that goes on past the window is masked to its end.
                if range.end == end && end < text.len() {
                    let rest = &text[end..];
                    range.end += rest.find(|c: char| c.is_whitespace() || c == '"').unwrap_or(rest.len());
                }
                let secret = &text[range.clone()];
                if !secret.is_empty() && secret != MASK && !found.contains(&range) {
                    found.push(range);
                }
            }
        }
    }

    /// The value of an attribute, masked whole when its key says that it is a secret.
    pub fn attribute<'a>(&self, key: &str, value: &'a str, counts: &mut Counts) -> Cow<'a, str> {
        if value.is_empty() {
            return Cow::Borrowed(value);
        }
        if self.is_secret_key(key) && value != MASK {
            counts.redacted += 1;
            return Cow::Borrowed(MASK);
        }
        self.text(value, counts)
    }

    /// Whether values under this key are masked whole.
    pub fn is_secret_key(&self, key: &str) -> bool {
        let Some(keys) = &self.keys else { return false };
        keys.is_match(key) || self.tokens && is_token(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mask(text: &str) -> String {
        Redactor::default_rules().text(text, &mut Counts::default()).into_owned()
    }

    #[test]
    fn secrets_are_masked_and_their_surroundings_stay() {
        for (text, masked) in [
            ("Authorization: Bearer abcdef0123456789", "Authorization: Bearer ***"),
            ("login password=hunter2&x=1", "login password=***&x=1"),
            (r#"{"password": "hunter2", "a":1}"#, r#"{"password": "***", "a":1}"#),
            ("postgres://app:s3cret@db:5432/x", "postgres://app:***@db:5432/x"),
            ("key AKIAIOSFODNN7EXAMPLE used", "key *** used"),
            ("api_key: 0123456789abcdef", "api_key: ***"),
            ("two password=aaaa and token=bbbb", "two password=*** and token=***"),
            ("db_password=aaaa", "db_password=***"),
            ("x eyJhbGciOiJI.eyJzdWIiOiIx.abc_def y", "x *** y"),
        ] {
            assert_eq!(mask(text), masked);
        }
        let key = format!("a -----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA PRIVATE KEY----- b", "x".repeat(9000));
        assert!(!mask(&key).contains("xxx"), "a long private key is masked whole");
    }

    #[test]
    fn secrets_beside_secrets_are_masked_at_once() {
        let user = "u".repeat(100);
        for text in [
            "e://token:d@".to_owned(),
            format!("post://{user}:d@h x"),
            format!("post://{user}token=xoxb,-01=xoxb-09xcr4eb:t2d@389abcdef"),
            format!("https://oauth2:{}@git/x", "x".repeat(300)),
            format!("glpat-{}AKIAIOSFODNN7EXAMPLE", "x".repeat(64)),
        ] {
            let once = mask(&text);
            assert!(once.contains(MASK) && !once.contains("xxxx") && !once.contains("AKIA"), "{once}");
            assert_eq!(mask(&once), once);
        }
    }

    #[test]
    fn ordinary_words_stay() {
        for text in [
            "token bucket refilled",
            "secret santa",
            "https://example.org:8080/path@x",
            "password changed for user 7",
            "a bearer of news",
            "mailto://a@b",
            "tokens=5",
        ] {
            assert_eq!(mask(text), text);
        }
    }

    #[test]
    fn keys_mask_whole_values() {
        let redactor = Redactor::default_rules();
        let mut counts = Counts::default();
        assert_eq!(redactor.attribute("http.request.header.authorization", "x y", &mut counts), "***");
        assert_eq!(redactor.attribute("DB_PASSWORD", "x", &mut counts), "***");
        assert_eq!(redactor.attribute("session_token", "x", &mut counts), "***");
        assert_eq!(redactor.attribute("token.count", "5", &mut counts), "5");
        assert_eq!(counts.redacted, 3);
        for (key, secret) in [("token", true), ("x-Token", true), ("a.token", true), ("étoken", false), ("oken", false)]
        {
            assert_eq!(redactor.is_secret_key(key), secret, "{key}");
        }
    }

    #[test]
    fn without_the_built_in_rules_only_the_own_ones_count() {
        let redactor =
            Redactor::new(&RedactConfig { builtin: false, keys: vec!["pin".to_owned()], ..Default::default() });
        let redactor = redactor.unwrap();
        for key in ["token", "session_token", "a.token", "a-token", "password"] {
            assert!(!redactor.is_secret_key(key), "{key}");
        }
        assert!(redactor.is_secret_key("the_PIN"));
        assert_eq!(redactor.text("password=hunter2", &mut Counts::default()), "password=hunter2");
    }

    #[test]
    fn the_shortest_texts_that_match_are_looked_at() {
        for (text, masked) in [("pwd=abc", "pwd=***"), ("PWD:abc", "PWD:***"), ("a://:b@", "a://:***@")] {
            assert_eq!((text.len(), mask(text).as_str()), (BUILTIN_SHORTEST, masked));
        }
        let ab = RuleConfig { keyword: "b".to_owned(), pattern: "b(?<secret>a*)".to_owned() };
        let redactor = Redactor::new(&RedactConfig { rules: vec![ab], ..RedactConfig::default() }).unwrap();
        assert_eq!(redactor.text("ba", &mut Counts::default()), "b***");
    }

    proptest::proptest! {
        #[test]
        fn shorter_texts_match_no_built_in_pattern(text in "[a-z]{0,3}(pwd|token|basic |eyJ|AKIA|://|:|=|@){0,3}[a-z:=@/ ]{0,4}") {
            let mut redactor = Redactor::default_rules();
            redactor.shortest = 1;
            let kept = text.len() >= BUILTIN_SHORTEST || redactor.text(&text, &mut Counts::default()) == text;
            proptest::prop_assert!(kept, "{}", text);
        }
    }

    #[test]
    fn own_rules_are_checked() {
        let rule = |keyword: &str, pattern: &str| RedactConfig {
            rules: vec![RuleConfig { keyword: keyword.to_owned(), pattern: pattern.to_owned() }],
            ..RedactConfig::default()
        };
        let redactor = Redactor::new(&rule("ssn", r"ssn=(?<secret>\d+)")).unwrap();
        assert_eq!(redactor.text("ssn=123", &mut Counts::default()), "ssn=***");
        assert!(Redactor::new(&rule("ssn", r"ssn=(\d+)")).is_err());
        assert!(Redactor::new(&rule("", r"(?<secret>\d+)")).is_err());
        assert!(Redactor::new(&rule("x", r"(?<secret>")).is_err());
    }
}
