//! How bad an advisory says it is: from CVSS where it states that, else in its database's own words.

use crate::rules::Severity;
use cvss::Cvss;

/// A severity, and what says so.
#[derive(Clone, Debug, PartialEq)]
pub struct Rated {
    /// How bad it is.
    pub severity: Severity,
    /// Such as `CVSS 9.8`, or the database's word; empty when nothing says so.
    pub because: String,
}

/// The worst of what CVSS 3 and 4 say; else what CVSS 2 says, whose numbers mean something else; else the database's
/// word; else medium.
pub fn rate(scores: &[(String, String)], rating: &str) -> Rated {
    let of = |is_old: bool| {
        let read = scores.iter().filter_map(|(kind, said)| score(kind, said));
        read.filter(|(old, _)| *old == is_old).map(|(_, score)| score).max_by(f64::total_cmp)
    };
    if let Some(score) = of(false).or_else(|| of(true)) {
        return Rated { severity: by_score(score), because: format!("CVSS {score:.1}") };
    }
    let words = scores.iter().map(|(_, said)| said.as_str()).chain([rating]);
    match words.filter_map(|word| Some((by_word(word)?, word))).max_by_key(|(severity, _)| *severity) {
        Some((severity, word)) => Rated { severity, because: word.to_owned() },
        None => Rated { severity: Severity::Medium, because: String::new() },
    }
}

/// A score, and whether it is of CVSS 2. A vector tells its version itself, but that of version 2 has none.
fn score(kind: &str, said: &str) -> Option<(bool, f64)> {
    let said = said.trim().trim_matches(['(', ')']);
    let is_old = kind == "CVSS_V2" || said.starts_with("AV:");
    if let Ok(number) = said.parse::<f64>() {
        return ((0.0..=10.0).contains(&number) && kind.starts_with("CVSS")).then_some((is_old, number));
    }
    // A vector may end in a slash, and lists of CISA have spaces.
    let vector: Cvss = said.trim_end_matches('/').parse().ok()?;
    Some((is_old, vector.score())).filter(|(_, score)| score.is_finite())
}

/// The names that CVSS 3 and 4 give to numbers.
fn by_score(score: f64) -> Severity {
    match score {
        score if score >= 9.0 => Severity::Critical,
        score if score >= 7.0 => Severity::High,
        score if score >= 4.0 => Severity::Medium,
        score if score > 0.0 => Severity::Low,
        _ => Severity::Info,
    }
}

/// The words of GitHub, Ubuntu, Debian, Red Hat and others.
fn by_word(word: &str) -> Option<Severity> {
    Some(match word.trim().trim_end_matches('*').to_ascii_lowercase().as_str() {
        "critical" => Severity::Critical,
        "high" | "important" => Severity::High,
        "medium" | "moderate" => Severity::Medium,
        "low" => Severity::Low,
        "negligible" | "unimportant" | "none" | "informational" => Severity::Info,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn scores(of: &[(&str, &str)]) -> Vec<(String, String)> {
        of.iter().map(|(kind, said)| ((*kind).to_owned(), (*said).to_owned())).collect()
    }

    #[test]
    fn all_versions_and_words_are_read() {
        const V2: (&str, &str) = ("CVSS_V2", "AV:N/AC:L/Au:N/C:P/I:P/A:P");
        const V3: (&str, &str) = ("CVSS_V3", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H");
        const V3_LOW: (&str, &str) = ("CVSS_V3", "CVSS:3.0/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N");
        const V4: (&str, &str) = ("CVSS_V4", "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N");
        for (said, rating, severity, because) in [
            (scores(&[V2]), "", Severity::High, "CVSS 7.5"),
            (scores(&[V3]), "LOW", Severity::Critical, "CVSS 9.8"),
            (scores(&[V4]), "", Severity::Critical, "CVSS 9.3"),
            (scores(&[V2, V3_LOW]), "", Severity::Low, "CVSS 1.8"),
            (scores(&[V3_LOW, V4]), "", Severity::Critical, "CVSS 9.3"),
            (scores(&[("CVSS_V3", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N")]), "", Severity::Info, "CVSS 0.0"),
            (scores(&[("CVSS_V3", "5.3")]), "", Severity::Medium, "CVSS 5.3"),
            (scores(&[("CVSS_V3", "nonsense")]), "MODERATE", Severity::Medium, "MODERATE"),
            (scores(&[("Ubuntu", "negligible")]), "", Severity::Info, "negligible"),
            (scores(&[]), "not yet assigned", Severity::Medium, ""),
            (scores(&[]), "CRITICAL", Severity::Critical, "CRITICAL"),
            (scores(&[]), "", Severity::Medium, ""),
        ] {
            assert_eq!(rate(&said, rating), Rated { severity, because: because.into() }, "{said:?}");
        }
    }

    proptest! {
        #[test]
        fn it_never_panics(kind in "(CVSS_V[2-4]|x)?", said in "(CVSS:[2-4].[01]/)?([A-Z]{1,3}:[A-Z]/?){0,8}|[0-9.]{0,5}") {
            let _ = rate(&scores(&[(&kind, &said)]), &said);
        }
    }
}
