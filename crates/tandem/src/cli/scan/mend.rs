//! `tandem scan --fix`, `--diff` and `--write-baseline`: arguments to library functions, and what they say.

use super::Scan;
use crate::failure::{Failure, Outcome, SAID_NO, wrong_use};
use crate::output;
use anyhow::{Context as _, anyhow};
use clap::ValueEnum;
use scan::baseline::Baseline;
use scan::compare::compare;
use scan::fix::{Grade, Plan, plan, write};
use scan::report::Choice;
use scan::rules::Rule;
use scan::scanner::{self, Options, Scan as Scanned};
use scan::secrets::Secrets;

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

    /// What `--baseline` knows, sorted.
    pub(super) fn baseline(&self) -> Outcome<Vec<String>> {
        let Some(path) = &self.baseline else { return Ok(Vec::new()) };
        let read = Baseline::read(path).with_context(|| format!("the baseline {}", path.display()));
        Ok(read.map_err(wrong_use)?.fingerprints())
    }

    /// Writes what is found and not hidden as a baseline.
    pub(super) fn write_baseline(&self, scan: &Scanned) -> Outcome {
        let Some(path) = &self.write_baseline else { return Ok(()) };
        let open = scan.findings.iter().filter(|found| found.hidden.is_none()).map(|found| &found.finding);
        std::fs::write(path, Baseline::write(open)).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(())
    }
}
