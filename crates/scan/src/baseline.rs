//! What was known before: an earlier result, as JSON or SARIF, or what a baseline file keeps of it.

use crate::finding::Finding;
use crate::limits::{MAX_BASELINE_BYTES, MAX_BASELINE_FINDINGS};
use crate::suppress::{Notice, Suppression, Written};
use crate::text::Place;
use ahash::AHashSet;
use chrono::NaiveDate;
use serde_json::{Value, json};
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use std::sync::Arc;

/// Our fingerprint in SARIF.
const PARTIAL: &str = "tandem/v1";

/// Fingerprints that are known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    known: AHashSet<String>,
    terms: Terms,
}

/// What all that hides something must say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// Why it hides what it knows.
    pub reason: Option<String>,
    /// The team that answers for it.
    pub owner: Option<String>,
    /// The last day on which it hides, as `2027-01-31`.
    pub until: Option<String>,
}

impl Terms {
    /// Of a document that was written with them.
    fn of(document: &Value) -> Terms {
        let text = |name: &str| document.get(name).and_then(Value::as_str).map(str::to_owned);
        Terms { reason: text("reason"), owner: text("owner"), until: text("until") }
    }

    /// These, and those of others where these say nothing.
    pub fn or(self, other: Terms) -> Terms {
        Terms {
            reason: self.reason.or(other.reason),
            owner: self.owner.or(other.owner),
            until: self.until.or(other.until),
        }
    }
}

impl Baseline {
    /// Reads a file: findings as `--format json` or `--write-baseline` write them, or our SARIF.
    ///
    /// # Errors
    /// When it cannot be read, or is neither. An empty list is a baseline; a file without any list is none.
    pub fn read(path: &Path) -> io::Result<Baseline> {
        let invalid = |reason: String| io::Error::new(io::ErrorKind::InvalidData, reason);
        let mut text = String::new();
        File::open(path)?.take(MAX_BASELINE_BYTES + 1).read_to_string(&mut text)?;
        if text.len() as u64 > MAX_BASELINE_BYTES {
            return Err(invalid(format!("more than {MAX_BASELINE_BYTES} bytes (MAX_BASELINE_BYTES)")));
        }
        Baseline::parse(&text).map_err(invalid)
    }

    /// Reads a text.
    ///
    /// # Errors
    /// Why it is no baseline.
    pub fn parse(text: &str) -> Result<Baseline, String> {
        let document: Value =
            serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(|error| error.to_string())?;
        let mut known = AHashSet::new();
        let mut add = |fingerprint: Option<&Value>, place: String| -> Result<(), String> {
            let fingerprint = fingerprint.and_then(Value::as_str).filter(|text| !text.is_empty());
            let fingerprint = fingerprint.ok_or_else(|| format!("{place} has no fingerprint of Tandem"))?;
            known.insert(fingerprint.to_owned());
            match known.len() > MAX_BASELINE_FINDINGS {
                true => Err(format!("more than {MAX_BASELINE_FINDINGS} findings (MAX_BASELINE_FINDINGS)")),
                false => Ok(()),
            }
        };
        if let Some(findings) = document.get("findings").and_then(Value::as_array) {
            for (number, finding) in findings.iter().enumerate() {
                add(finding.get("fingerprint"), format!("findings[{number}]"))?;
            }
        } else if let Some(runs) = document.get("runs").and_then(Value::as_array) {
            for (run, results) in runs.iter().enumerate() {
                let results = results.get("results").and_then(Value::as_array);
                for (number, result) in results.into_iter().flatten().enumerate() {
                    let fingerprints = result.get("partialFingerprints").and_then(|all| all.get(PARTIAL));
                    add(fingerprints, format!("runs[{run}].results[{number}]"))?;
                }
            }
        } else {
            return Err("it has neither a list `findings` nor `runs` of SARIF".to_owned());
        }
        Ok(Baseline { known, terms: Terms::of(&document) })
    }

    /// What hides what is known: reason, owner and end as the file says them, else as they are given. Without one of them, or
    /// after its end, it hides nothing, and that is said.
    pub fn judged(&self, path: &str, given: Terms, today: NaiveDate) -> (Option<Suppression>, Option<Notice>) {
        let Terms { reason, owner, until } = self.terms.clone().or(given);
        let path: Arc<str> = path.into();
        let written = Written {
            rules: vec!["*".to_owned()],
            reason: reason.as_deref(),
            owner: owner.as_deref(),
            until: until.as_deref(),
            path: &path,
            place: Place { line: 1, column: 1 },
        };
        written.judge(today)
    }

    /// Whether a finding is known.
    pub fn knows(&self, finding: &Finding) -> bool {
        self.known.contains(&finding.fingerprint)
    }

    /// All that are known, sorted.
    pub fn fingerprints(&self) -> Vec<String> {
        let mut all: Vec<String> = self.known.iter().cloned().collect();
        all.sort_unstable();
        all
    }

    /// How many are known.
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// Whether none is known.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// A baseline of findings: what identifies them, and what a person needs to know them by. In the order of fingerprints, so
    /// that two of them compare well.
    pub fn write<'f>(findings: impl IntoIterator<Item = &'f Finding>, terms: &Terms) -> String {
        let mut all: Vec<&Finding> = findings.into_iter().collect();
        all.sort_by(|a, b| a.fingerprint.cmp(&b.fingerprint));
        all.dedup_by(|a, b| a.fingerprint == b.fingerprint);
        let entry = |finding: &&Finding| {
            json!({
                "fingerprint": finding.fingerprint,
                "rule": &*finding.rule,
                "path": &*finding.path,
                "address": finding.address,
            })
        };
        let document = json!({
            "version": 1,
            "reason": terms.reason,
            "owner": terms.owner,
            "until": terms.until,
            "findings": all.iter().map(entry).collect::<Vec<_>>(),
        });
        format!("{document:#}\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluate::Evaluator;
    use crate::families;
    use crate::text::Text;

    #[test]
    fn what_is_written_is_known_again() {
        let (rules, _) = crate::pack().load();
        let text = Text::new("Dockerfile", "FROM debian\nRUN apt-get install x\n");
        let findings = Evaluator::new(&rules).run(&families::world(vec![text]).0).findings;
        assert!(findings.len() > 2);
        let baseline = Baseline::parse(&Baseline::write(&findings[1..], &Terms::default())).unwrap();
        assert_eq!((baseline.len(), baseline.is_empty()), (findings.len() - 1, false));
        assert_eq!(findings.iter().filter(|finding| !baseline.knows(finding)).count(), 1);
        let results: Vec<Value> = findings
            .iter()
            .map(|finding| json!({"ruleId": &*finding.rule, "partialFingerprints": {PARTIAL: finding.fingerprint}}))
            .collect();
        let sarif = json!({"version": "2.1.0", "runs": [{"results": results}]}).to_string();
        assert!(findings.iter().all(|finding| Baseline::parse(&sarif).unwrap().knows(finding)));
    }

    #[test]
    fn it_hides_for_a_reason_an_owner_and_a_time_alone() {
        let today = NaiveDate::from_ymd_opt(2026, 11, 22).unwrap();
        let terms = |until: &str| Terms {
            reason: Some("known".to_owned()),
            owner: Some("shop".to_owned()),
            until: Some(until.to_owned()),
        };
        let of = |text: &str, given: Terms| Baseline::parse(text).unwrap().judged("known.json", given, today);
        let whole = Baseline::write([], &terms("2027-01-31"));
        let (by, said) = of(&whole, Terms::default());
        let by = by.unwrap();
        assert_eq!(
            (&*by.reason, &*by.owner, &*by.until, &*by.path, said),
            ("known", "shop", "2027-01-31", "known.json", None)
        );
        // What the file says counts more.
        assert_eq!(of(&whole, terms("2026-12-31")).0.unwrap().until, "2027-01-31");
        let none = "{\"findings\": []}";
        assert!(of(none, terms("2027-01-31")).0.is_some());
        for (text, given, says) in [
            (none, Terms::default(), "no reason and no owner and no until"),
            (none, terms("2026-11-21"), "ended on 2026-11-21"),
            (none, terms("2030-01-01"), "MAX_SUPPRESSED_DAYS"),
        ] {
            let (by, said) = of(text, given);
            assert!(by.is_none() && said.unwrap().says.contains(says), "{says}");
        }
    }

    #[test]
    fn what_is_no_baseline_is_refused() {
        for (text, says) in [
            ("", "EOF"),
            ("{}", "neither"),
            ("{\"findings\": [{}]}", "findings[0] has no fingerprint"),
            ("{\"runs\": [{\"results\": [{\"partialFingerprints\": {\"other\": \"x\"}}]}]}", "runs[0].results[0]"),
        ] {
            assert!(Baseline::parse(text).unwrap_err().contains(says), "{text}");
        }
        assert!(Baseline::parse("{\"findings\": []}").unwrap().is_empty());
    }
}
