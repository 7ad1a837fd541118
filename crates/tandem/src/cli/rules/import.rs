//! `tandem rules import`.

use super::{Needs, Output, count, place_json, said_no, source_json, source_words};
use crate::failure::{Outcome, wrong_use};
use crate::limits::MAX_RULES_SHOWN;
use crate::output::{self, table};
use anyhow::{Context as _, anyhow};
use clap::Args;
use detect::engine::{Class, Compiled};
use detect::rule::LogSource;
use detect::sigma::{self, Loaded};
use detect::sources::{Sources, Unmapped};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

/// Read a collection of Sigma files.
#[derive(Args)]
pub struct Import {
    /// Folders, files, or archives: .zip, .tar, .tar.gz, .tgz.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Copies files into this folder of which every document loaded. Files that are there already are not written over.
    #[arg(long, value_name = "DIR")]
    into: Option<PathBuf>,
    #[command(flatten)]
    needs: Needs,
    #[command(flatten)]
    output: Output,
}

/// What came of it.
struct Report {
    loaded: Loaded,
    /// Rules that the engine refuses, by their place, and why.
    unusable: Vec<(usize, String)>,
    /// Log sources that no definition fits, and how many rules are for each.
    unseen: BTreeMap<LogSource, usize>,
    unmapped: Vec<Unmapped>,
    /// Files that were copied, and those that were there.
    copied: Option<(usize, usize)>,
}

impl Import {
    /// Reads them and tells.
    pub fn run(self) -> Outcome {
        if let Some(path) = self.paths.iter().find(|path| !path.exists()) {
            return Err(wrong_use(anyhow!("{} is not there", path.display())));
        }
        let sources = self.needs.sources()?;
        let mut report = Report::new(sigma::load(&self.paths, &self.needs.options()?), &sources);
        if let Some(into) = &self.into {
            report.copied = Some(self.copy(into, &report)?);
        }
        match self.output.json() {
            true => output::print(&format!("{}\n", report.json()))?,
            false => output::print(&output::plain(&report.text()))?,
        }
        let Loaded { rules, correlations, filter_places, .. } = &report.loaded;
        match rules.is_empty() && correlations.is_empty() && filter_places.is_empty() {
            true => Err(said_no("nothing was loaded".to_owned())),
            false => Ok(()),
        }
    }

    /// Copies the files of which all loaded; how many, and how many were there already.
    fn copy(&self, into: &Path, report: &Report) -> anyhow::Result<(usize, usize)> {
        let good = report.good_files();
        let (mut copied, mut left) = (0, 0);
        let mut place = |name: &str, bytes: &[u8]| -> anyhow::Result<()> {
            match self.target(into, name).map(|target| place(&target, bytes)).transpose()? {
                Some(true) => copied += 1,
                Some(false) | None => left += 1,
            }
            Ok(())
        };
        let cannot = || format!("cannot copy into {}", into.display());
        for name in good.iter().filter(|name| Path::new(name).is_file()) {
            place(name, &fs::read(name)?).with_context(cannot)?;
        }
        for path in &self.paths {
            let mut failed = Ok(());
            sigma::unpack(path, &mut |name, bytes| {
                if failed.is_ok() && good.contains(name) {
                    failed = place(name, bytes);
                }
            })?;
            failed.with_context(cannot)?;
        }
        Ok((copied, left))
    }

    /// Where a file goes: its path below what was given. Names in archives are not trusted.
    fn target(&self, into: &Path, name: &str) -> Option<PathBuf> {
        let name = Path::new(name);
        let below = self.paths.iter().find_map(|path| match name.strip_prefix(path) {
            Ok(rest) if rest.as_os_str().is_empty() => name.file_name().map(PathBuf::from),
            Ok(rest) => Some(rest.to_path_buf()),
            Err(_) => None,
        })?;
        let plain = below.components().all(|part| matches!(part, Component::Normal(_)));
        plain.then(|| into.join(below))
    }
}

/// Writes a file unless it is there; whether it was written.
fn place(target: &Path, bytes: &[u8]) -> anyhow::Result<bool> {
    if let Some(folder) = target.parent() {
        fs::create_dir_all(folder)?;
    }
    match fs::OpenOptions::new().write(true).create_new(true).open(target) {
        Ok(mut file) => {
            std::io::Write::write_all(&mut file, bytes).with_context(|| target.display().to_string())?;
            Ok(true)
        }
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error).with_context(|| target.display().to_string()),
    }
}

impl Report {
    fn new(mut loaded: Loaded, sources: &Sources) -> Report {
        sources.resolve_all(&mut loaded.rules, &mut loaded.correlations);
        let classes = sources.definitions().iter();
        let classes = classes.map(|of| Class { source: of.source.clone(), when: of.when.clone() }).collect();
        let (_, compiled) = Compiled::new(&loaded.rules, classes);
        let mut unseen = BTreeMap::new();
        for rule in &compiled.unseen {
            *unseen.entry(loaded.rules[*rule].source.clone()).or_insert(0) += 1;
        }
        let seen = loaded.rules.iter().filter(|rule| !unseen.contains_key(&rule.source));
        let unmapped = sources.unmapped(seen);
        Report { unusable: compiled.refused, unseen, unmapped, copied: None, loaded }
    }

    /// Files with something loaded and nothing refused.
    fn good_files(&self) -> BTreeSet<&str> {
        let metas = self.loaded.rules.iter().map(|rule| &rule.meta);
        let metas = metas.chain(self.loaded.correlations.iter().map(|one| &one.meta));
        let filters = self.loaded.filter_places.iter();
        let mut good: BTreeSet<&str> = metas.map(|meta| &meta.place).chain(filters).map(|place| &*place.file).collect();
        for refusal in &self.loaded.refused {
            good.remove(&*refusal.place.file);
        }
        for (rule, _) in &self.unusable {
            good.remove(&*self.loaded.rules[*rule].meta.place.file);
        }
        good
    }

    fn json(&self) -> Value {
        let loaded = &self.loaded;
        let mut refused: Vec<Value> = loaded
            .refused
            .iter()
            .map(|refusal| {
                json!({"place": place_json(&refusal.place), "title": refusal.title, "field": refusal.field,
                    "reason": refusal.reason})
            })
            .collect();
        for (rule, reason) in &self.unusable {
            let meta = &loaded.rules[*rule].meta;
            refused.push(json!({"place": place_json(&meta.place), "title": meta.title, "field": "detection",
                "reason": reason}));
        }
        let unseen: Vec<Value> = self
            .unseen
            .iter()
            .map(|(source, rules)| json!({"logsource": source_json(source), "rules": rules}))
            .collect();
        let unmapped: Vec<Value> = self
            .unmapped
            .iter()
            .map(|one| json!({"field": one.field, "logsource": source_json(&one.source), "rules": one.rules}))
            .collect();
        json!({
            "files": loaded.files, "documents": loaded.documents,
            "rules": loaded.rules.len() - self.unusable.len(), "correlations": loaded.correlations.len(),
            "filters": loaded.filters, "operational": loaded.operational.len(),
            "refused": refused, "no_data": unseen, "unknown_fields": unmapped,
            "odd": loaded.findings.len() + loaded.findings_left_out,
            "copied": self.copied.map(|(copied, there)| json!({"files": copied, "left_alone": there})),
        })
    }

    fn text(&self) -> String {
        let loaded = &self.loaded;
        let refused = loaded.refused.len() + self.unusable.len();
        let blind: usize = self.unseen.values().sum();
        let mut text = String::new();
        for refusal in loaded.refused.iter().take(MAX_RULES_SHOWN) {
            text.push_str(&format!("refused: {refusal}\n"));
        }
        for (rule, reason) in self.unusable.iter().take(MAX_RULES_SHOWN) {
            text.push_str(&format!("refused: {}: detection: {reason}\n", loaded.rules[*rule].meta.place));
        }
        if refused > MAX_RULES_SHOWN {
            text.push_str(&format!("... {refused} in all; --json tells each\n"));
        }
        if blind > 0 {
            text.push_str("\nNo data to see: no definition of a log source fits\n");
            let mut rows: Vec<(&LogSource, usize)> =
                self.unseen.iter().map(|(source, rules)| (source, *rules)).collect();
            rows.sort_by_key(|(_, rules)| std::cmp::Reverse(*rules));
            let rows: Vec<Vec<Value>> = rows
                .into_iter()
                .take(MAX_RULES_SHOWN)
                .map(|(source, rules)| vec![json!(source_words(source)), json!(rules)])
                .collect();
            text.push_str(&table::render(&["log source".to_owned(), "rules".to_owned()], &rows));
            text.push('\n');
        }
        text.push_str(&format!(
            "{}, {}: {} and {} loaded, {} applied, {refused} refused\n",
            count(loaded.files, "file", "files"),
            count(loaded.documents, "document", "documents"),
            count(loaded.rules.len() - self.unusable.len(), "rule", "rules"),
            count(loaded.correlations.len(), "correlation", "correlations"),
            count(loaded.filters, "filter", "filters"),
        ));
        text.push_str(&format!(
            "{} without data to see, {} that no definition knows, {} odd (`tandem rules lint` tells them)\n",
            count(blind, "rule", "rules"),
            count(self.unmapped.len(), "field", "fields"),
            count(loaded.findings.len() + loaded.findings_left_out, "thing", "things"),
        ));
        if !loaded.operational.is_empty() {
            text.push_str(&format!(
                "{} are not Sigma\n",
                count(loaded.operational.len(), "operational rule", "operational rules")
            ));
        }
        if let Some((copied, there)) = self.copied {
            text.push_str(&format!("{} copied, {there} left alone\n", count(copied, "file", "files")));
        }
        text
    }
}
