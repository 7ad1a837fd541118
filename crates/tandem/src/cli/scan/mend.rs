//! `tandem scan --fix`, `--diff` and `--write-baseline`: arguments to library functions, and what they say.

use super::Scan;
use super::behind::Controls;
use crate::failure::{Failure, Outcome, SAID_NO, wrong_use};
use crate::output;
use anyhow::{Context as _, anyhow};
use chrono::{Days, NaiveDate};
use clap::{Args, ValueEnum};
use scan::baseline::{Baseline, Terms};
use scan::compare::compare;
use scan::fix::{Grade, Plan, plan, write};
use scan::report::Choice;
use scan::rules::Rule;
use scan::scanner::{self, Options, Scan as Scanned};
use scan::secrets::Secrets;
use scan::suppress::{Notice, Suppression};

/// The control behind what hides something.
const SUPPRESSIONS: &str = "suppressions";
/// Days for which a baseline hides when nothing is said: as an exception at most.
const BASELINE_DAYS: u64 = 90;

/// What is known, what hides it, and what is to be said of that.
type Hides = (Vec<String>, Option<Suppression>, Option<Notice>);

/// What a baseline says beside what it knows. A file that says it itself counts more.
#[derive(Args)]
pub(super) struct BaselineTerms {
    /// Why a baseline hides what it knows [default: that it was known when it was written].
    #[arg(long, value_name = "WHY")]
    baseline_reason: Option<String>,
    /// The team that answers for it [default: that of the control `suppressions`].
    #[arg(long, value_name = "TEAM")]
    baseline_owner: Option<String>,
    /// The last day on which it hides, such as 2027-01-31 [default: 90 days after it was written].
    #[arg(long, value_name = "DAY")]
    baseline_until: Option<String>,
}

impl BaselineTerms {
    fn given(&self) -> Terms {
        let BaselineTerms { baseline_reason, baseline_owner, baseline_until } = self;
        Terms { reason: baseline_reason.clone(), owner: baseline_owner.clone(), until: baseline_until.clone() }
    }
}

/// What `--fix` does.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Fix {
    /// Print the changes as a diff and make none.
    Show,
    /// Print the changes and make them.
    Write,
}

impl Scan {
    /// Prints what can be mended, and mends it when that was asked for.
    pub(super) fn mend(&self, how: Fix, scan: &Scanned, rules: &[Rule], choice: &Choice, secrets: &Secrets) -> Outcome {
        let grade = if self.unsafe_fixes { Grade::Unsafe } else { Grade::Safe };
        let is_open = |finding: &scan::finding::Finding| {
            finding.severity >= choice.least && choice.known.binary_search(&finding.fingerprint).is_err()
        };
        let mut plan: Plan = plan(scan, rules, grade, &is_open);
        output::print(&plan.shown(secrets))?;
        let mut refused = 0;
        if how == Fix::Write {
            plan.changes.retain(|change| match write(&self.path, change) {
                Ok(()) => true,
                Err(error) => {
                    refused += 1;
                    output::complain(&output::plain(&error.to_string()));
                    false
                }
            });
        }
        output::complain(output::plain(&plan.says(how == Fix::Write)).trim_end());
        match refused {
            0 => Ok(()),
            _ => Err(Failure { code: SAID_NO, error: anyhow!("{refused} files were not changed") }),
        }
    }

    /// Adds what a commit had to what is known, and says what is fixed since.
    pub(super) fn compare(
        &self,
        base: &str,
        scan: &Scanned,
        rules: &[Rule],
        options: Options<'_>,
    ) -> Outcome<Vec<String>> {
        let revision = scan::revision::checkout(&self.path, base).map_err(wrong_use)?;
        let rendered = self.charts(&revision.root);
        let options = Options { rendered: &rendered, ..options };
        let before = scanner::scan(&revision.root, rules, options, &scanner::Progress::default());
        let compared = compare(&before, scan);
        output::complain(output::plain(&compared.says(base)).trim_end());
        Ok(compared.fingerprints())
    }

    /// What `--baseline` knows, sorted, and what hides it: a reason, an owner and an end; or why it hides nothing.
    pub(super) fn baseline(&self, today: NaiveDate) -> Outcome<Hides> {
        let Some(path) = &self.baseline else { return Ok((Vec::new(), None, None)) };
        let read = Baseline::read(path).with_context(|| format!("the baseline {}", path.display()));
        let read = read.map_err(wrong_use)?;
        let (by, mut notice) = read.judged(&path.display().to_string(), self.terms.given(), today);
        if let Some(notice) = notice.as_mut().filter(|notice| notice.void) {
            notice.says.push_str(
                "; write it anew with --write-baseline, or say the rest with --baseline-reason, -owner and -until",
            );
        }
        Ok((if by.is_some() { read.fingerprints() } else { Vec::new() }, by, notice))
    }

    /// Writes what is found and not hidden as a baseline.
    pub(super) fn write_baseline(&self, scan: &Scanned, today: NaiveDate) -> Outcome {
        let Some(path) = &self.write_baseline else { return Ok(()) };
        let open = scan.findings.iter().filter(|found| found.hidden.is_none()).map(|found| &found.finding);
        let usual = Terms {
            reason: Some(format!("known since {today}, when this was written")),
            owner: Controls::read(&self.knowledge).owner(SUPPRESSIONS),
            until: Some((today + Days::new(BASELINE_DAYS)).to_string()),
        };
        let written = Baseline::write(open, &self.terms.given().or(usual));
        std::fs::write(path, written).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(())
    }
}
