//! The rules of a run.

use super::note;
use crate::failure::{Outcome, wrong_use};
use anyhow::{Context as _, anyhow};
use detect::detector::{Detector, Options};
use detect::limits::MAX_SOURCE_FILE_BYTES;
use detect::pack::Pack;
use detect::sigma::{self, Loaded};
use detect::sources::{SourceFile, Sources};
use std::collections::HashSet;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// Problems that are told one by one; the others are counted.
const TOLD: usize = 5;

/// The rules of files, folders and archives, ready to be run; without any those that are built in. And what is not used
/// of them and of the definitions of log sources, and why.
pub fn read(rules: &[PathBuf], sources: &[PathBuf]) -> Outcome<(Detector, Vec<String>)> {
    let mut files = Vec::new();
    for path in sources {
        source_files(path, &mut files).map_err(wrong_use)?;
    }
    let (sources, problems) = Sources::with(files);
    let mut unused: Vec<String> = problems.iter().map(ToString::to_string).collect();
    let options = sigma::Options::default();
    let loaded = match rules {
        [] => Pack::builtin().load(&sources, &options),
        paths => {
            if let Some(path) = paths.iter().find(|path| !path.exists()) {
                return Err(wrong_use(anyhow!("there is no {}", path.display())));
            }
            sigma::load(paths, &options)
        }
    };
    let Loaded { rules, correlations, refused, .. } = loaded;
    unused.extend(refused.iter().map(ToString::to_string));
    if rules.is_empty() {
        let why = unused.first().map(|first| format!("; {first}")).unwrap_or_default();
        return Err(wrong_use(anyhow!("there is no rule to run{why}")));
    }
    let detector = Detector::new(rules, correlations, sources, Options::files());
    let of_detector = detector.unused();
    unused.extend(of_detector.iter().map(|one| format!("{}: {}: {}", one.place, one.field, one.reason)));
    Ok((detector, unused))
}

/// Tells what is not used, what sees nothing, and which fields no event had.
pub fn tell(detector: &Detector, unused: &[String], seen: &HashSet<String>) {
    for text in unused.iter().take(TOLD) {
        note(&format!("not used: {text}"));
    }
    if unused.len() > TOLD {
        note(&format!("not used: {} more; `tandem rules lint` lists them", unused.len() - TOLD));
    }
    let (rules, sources) = (detector.rules(), detector.sources());
    let blind = rules.iter().filter(|rule| sources.fits(&rule.source).is_empty()).count();
    if blind > 0 {
        note(&format!("{blind} of {} rules have no data to see: nobody defines their log source", rules.len()));
    }
    if !seen.is_empty() {
        let lacking = sources.without_data(rules, |path| seen.contains(path)).len();
        if lacking > 0 {
            note(&format!("{lacking} fields of rules are in none of these events"));
        }
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
