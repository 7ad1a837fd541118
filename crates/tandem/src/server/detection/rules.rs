//! The rules of a server. A broken one is told and stops none of the others.

use crate::config::detect::DetectSettings;
use anyhow::{Context as _, Result, bail};
use detect::ops::{self, OpsRule};
use detect::pack::Pack;
use detect::rule::{Correlation, Meta, Rule};
use detect::sigma;
use detect::sources::{SourceFile, Sources};
use std::path::Path;

/// Rules, as they were loaded.
pub struct RuleSet {
    /// Over single events; their fields are resolved.
    pub rules: Vec<Rule>,
    /// Over what these match.
    pub correlations: Vec<Correlation>,
    /// Over what a query answers.
    pub operational: Vec<OpsRule>,
    /// What events belong to what.
    pub sources: Sources,
    /// Files with their pages.
    pub pack: Pack,
    /// What was refused, with its place and why.
    pub refused: Vec<String>,
    /// How rules are read.
    pub options: sigma::Options,
    /// How often the rules were read again before.
    pub generation: u64,
}

impl RuleSet {
    /// Those that come with Tandem, unless they are not wanted, and those of folders.
    pub fn load(settings: &DetectSettings) -> Result<RuleSet> {
        let mut pack = Pack::default();
        if settings.builtin {
            pack.add_all(Pack::builtin());
            pack.add_all(Pack::operations());
        }
        for path in &settings.rules {
            pack.add_all(read(path).context("--rules")?);
        }
        let (sources, problems) = sources(&settings.sources)?;
        let mut options = sigma::Options::default();
        for path in &settings.placeholders {
            let name = path.display().to_string();
            let text = std::fs::read_to_string(path).with_context(|| format!("--placeholders: cannot read {name}"))?;
            options.add_placeholders(&name, &text).map_err(|refused| anyhow::anyhow!("--placeholders: {refused}"))?;
        }
        let mut set = RuleSet::of(pack, sources, options);
        set.refused.extend(problems);
        Ok(set)
    }

    /// The rules of files.
    pub fn of(pack: Pack, sources: Sources, options: sigma::Options) -> RuleSet {
        let loaded = pack.load(&sources, &options);
        let mut refused: Vec<String> = loaded.refused.iter().map(ToString::to_string).collect();
        let mut operational = Vec::new();
        let is = |path: &str| loaded.operational.iter().any(|place| *place.file == *path);
        for file in pack.rules.iter().filter(|file| is(&file.path)) {
            let (rules, wrong) = ops::parse(&file.path, &file.text);
            operational.extend(rules);
            refused.extend(wrong.iter().map(ToString::to_string));
        }
        let (rules, correlations) = (loaded.rules, loaded.correlations);
        RuleSet { rules, correlations, operational, sources, pack, refused, options, generation: 0 }
    }

    /// What all of them say of themselves.
    pub fn metas(&self) -> impl Iterator<Item = &Meta> {
        let rules = self.rules.iter().map(|rule| &rule.meta);
        let rules = rules.chain(self.correlations.iter().map(|rule| &rule.meta));
        rules.chain(self.operational.iter().map(|rule| &rule.meta))
    }

    /// The rule, correlation or operational rule with this id, name, or stem of its file, as files of their own: with
    /// everything that it needs.
    pub fn files_of(&self, wanted: &str) -> Option<Pack> {
        let stem = |file: &str| Path::new(file).file_stem().is_some_and(|stem| stem.to_str() == Some(wanted));
        let is = |meta: &&Meta| meta.id == wanted || meta.name.as_deref() == Some(wanted) || stem(&meta.place.file);
        let file = self.metas().find(is)?.place.file.clone();
        let rules = self.pack.rules.iter().filter(|of| of.path == *file).cloned().collect();
        Some(Pack { rules, pages: Vec::new() })
    }
}

fn read(path: &Path) -> Result<Pack> {
    Pack::read(path).with_context(|| format!("cannot read {}", path.display()))
}

/// The definitions of log sources that come with Tandem, and those of folders. What is broken is told.
fn sources(paths: &[std::path::PathBuf]) -> Result<(Sources, Vec<String>)> {
    let mut files = Vec::new();
    for path in paths {
        let texts = read(path).context("--rule-sources")?.rules.into_iter();
        files.extend(texts.map(|file| SourceFile { name: file.path.into(), text: file.text.into_owned() }));
        if files.is_empty() {
            bail!("--rule-sources {} has no definition in it", path.display());
        }
    }
    let (sources, problems) = Sources::with(files);
    Ok((sources, problems.iter().map(ToString::to_string).collect()))
}
