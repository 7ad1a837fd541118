//! The rules of a run, compiled.

use super::note;
use crate::failure::{Outcome, wrong_use};
use anyhow::Context as _;
use detect::engine::{Class, Compiled, Report};
use detect::limits::MAX_SOURCE_FILE_BYTES;
use detect::pack::Pack;
use detect::rule::{Correlation, LogSource, Rule};
use detect::sigma::{self, Loaded};
use detect::sources::{SourceFile, Sources};
use std::collections::HashSet;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// Problems that are told one by one; the others are counted.
const TOLD: usize = 5;

/// Rules, what they see, and the engine over them.
pub struct Rules {
    pub sources: Sources,
    pub rules: Vec<Rule>,
    pub correlations: Vec<Correlation>,
    pub compiled: Compiled,
    report: Report,
    refused: Vec<String>,
    /// Rules for log sources that nobody defines.
    without_data: usize,
}

impl Rules {
    /// Reads rules and definitions; without any rules those that are built in.
    pub fn read(rules: &[PathBuf], sources: &[PathBuf]) -> Outcome<Rules> {
        let mut files = Vec::new();
        for path in sources {
            source_files(path, &mut files).map_err(wrong_use)?;
        }
        let (sources, problems) = Sources::with(files);
        let mut refused: Vec<String> = problems.iter().map(ToString::to_string).collect();
        let options = sigma::Options::default();
        let loaded = match rules {
            [] => Pack::builtin().load(&sources, &options),
            paths => {
                if let Some(path) = paths.iter().find(|path| !path.exists()) {
                    return Err(wrong_use(anyhow::anyhow!("there is no {}", path.display())));
                }
                sigma::load(paths, &options)
            }
        };
        let Loaded { mut rules, mut correlations, refused: broken, .. } = loaded;
        refused.extend(broken.iter().map(ToString::to_string));
        rules.iter_mut().for_each(|rule| sources.resolve(rule));
        {
            let of = sources_of(&rules, &correlations);
            correlations.iter_mut().for_each(|correlation| sources.resolve_correlation(correlation, &of));
        }
        let classes = sources.definitions().iter();
        let classes = classes.map(|one| Class { source: one.source.clone(), when: one.when.clone() }).collect();
        let (compiled, report) = Compiled::new(&rules, classes);
        let without_data = rules.iter().filter(|rule| sources.fits(&rule.source).is_empty()).count();
        Ok(Rules { sources, rules, correlations, compiled, report, refused, without_data })
    }

    /// Tells what is not used, and which fields no event had.
    pub fn tell(&self, seen: &HashSet<String>) {
        let refused = self.report.refused.iter().map(|(rule, reason)| {
            let rule = &self.rules[*rule];
            format!("{}: {}: {reason}", rule.meta.place, rule.meta.title)
        });
        let refused: Vec<String> = self.refused.iter().cloned().chain(refused).collect();
        for text in refused.iter().take(TOLD) {
            note(&format!("not used: {text}"));
        }
        if refused.len() > TOLD {
            note(&format!("not used: {} more; `tandem rules lint` lists them", refused.len() - TOLD));
        }
        if self.without_data > 0 {
            note(&format!("{} of {} rules are for log sources that nobody defines", self.without_data, self.rules.len()));
        }
        if !seen.is_empty() {
            let lacking = self.sources.without_data(&self.rules, |path| seen.contains(path)).len();
            if lacking > 0 {
                note(&format!("{lacking} fields of rules are in none of these events"));
            }
        }
    }
}

/// The log sources of the rules below a correlation, by id or name.
fn sources_of<'r>(rules: &'r [Rule], correlations: &[Correlation]) -> impl Fn(&str) -> Vec<LogSource> + use<'r> {
    let below: Vec<(String, Option<String>, Vec<String>)> = correlations
        .iter()
        .map(|one| (one.meta.id.clone(), one.meta.name.clone(), one.rules.clone()))
        .collect();
    move |name| {
        let (mut found, mut open, mut seen) = (Vec::new(), vec![name.to_owned()], HashSet::new());
        while let Some(name) = open.pop() {
            if !seen.insert(name.clone()) {
                continue;
            }
            let is = |id: &str, other: Option<&str>| id == name || other == Some(&*name);
            let direct = rules.iter().filter(|rule| is(&rule.meta.id, rule.meta.name.as_deref()));
            found.extend(direct.map(|rule| rule.source.clone()));
            for (_, _, rules) in below.iter().filter(|(id, other, _)| is(id, other.as_deref())) {
                open.extend(rules.iter().cloned());
            }
        }
        found
    }
}

/// The files of definitions of a folder, or one file.
fn source_files(path: &Path, files: &mut Vec<SourceFile>) -> anyhow::Result<()> {
    let paths = match path.is_dir() {
        false => vec![path.to_owned()],
        true => {
            let entries = std::fs::read_dir(path).with_context(|| format!("cannot list {}", path.display()))?;
            let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
            paths.retain(|path| path.extension().is_some_and(|ending| ending == "yml" || ending == "yaml"));
            paths.sort();
            paths
        }
    };
    for path in paths {
        let name = path.display().to_string();
        let mut text = String::new();
        // One byte more than allowed, so that what is too large is refused with its name.
        let file = std::fs::File::open(&path).with_context(|| format!("cannot read {name}"))?;
        let most = MAX_SOURCE_FILE_BYTES as u64 + 1;
        file.take(most).read_to_string(&mut text).with_context(|| format!("cannot read {name}"))?;
        files.push(SourceFile { name: name.into(), text });
    }
    Ok(())
}
