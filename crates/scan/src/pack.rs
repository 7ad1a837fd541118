//! Files of rules and pages: those that are built in, and those of a folder.

use crate::limits::{MAX_PACK_DEPTH, MAX_PACK_FILES, MAX_RULE_BYTES};
use crate::policies::{checkov, rego};
use crate::rules::{Rule, RuleError};
use crate::secrets::{Detector, Secrets};
use ahash::AHashSet;
use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;
use std::{fs, io};

/// All of `rules/scan` as it was when the program was built: path and text, in the order of the paths.
const BUILTIN: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/rules.rs"));

/// A file of text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// As it is named in errors: `rules/scan/kubernetes/host_network.yml`, or the path given.
    pub path: String,
    /// What is in it.
    pub text: Cow<'static, str>,
}

impl File {
    /// The path without its ending: what a rule and its page share.
    pub fn stem(&self) -> &str {
        stem(&self.path)
    }

    /// Whether it came with the program.
    fn is_builtin(&self) -> bool {
        matches!(self.text, Cow::Borrowed(_))
    }
}

fn stem(path: &str) -> &str {
    path.rsplit_once('.').map_or(path, |(stem, _)| stem)
}

/// Rules and their pages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pack {
    /// Files of rules, by path.
    pub rules: Vec<File>,
    /// Their pages, by what they share with their rules.
    pub pages: Vec<File>,
    /// Detectors of secrets, from folders named `secrets`: several a file, see [`crate::secrets`].
    pub detectors: Vec<File>,
    /// Their pages.
    pub detector_pages: Vec<File>,
    /// Policies in Rego.
    pub rego: Vec<File>,
    /// Files beside policies in Rego that are no rules: what those have as `data`.
    pub data: Vec<File>,
}

/// The rules that are built in, with their pages.
pub fn pack() -> Pack {
    let mut pack = Pack::default();
    for (path, text) in BUILTIN {
        pack.add(File { path: (*path).to_owned(), text: Cow::Borrowed(text) });
    }
    pack.sort();
    pack
}

impl Pack {
    /// Reads a folder, or one file with its page. What is no rule and no page is passed over, links are not followed.
    ///
    /// # Errors
    /// When something cannot be read, is no text, or is too much.
    pub fn read(path: &Path) -> io::Result<Pack> {
        let mut pack = Pack::default();
        if path.is_dir() {
            pack.read_dir(path, 0, false)?;
        } else {
            pack.read_file(path)?;
            let page = path.with_extension("md");
            if page.is_file() && page != path {
                pack.read_file(&page)?;
            }
        }
        pack.sort_data();
        pack.sort();
        Ok(pack)
    }

    /// The rules, and why others cannot be used.
    pub fn load(&self) -> (Vec<Rule>, Vec<RuleError>) {
        let rego::Read { mut rules, mut errors } = rego::read(&self.rego, &self.data);
        for file in &self.rules {
            // Expressions of ours are compiled when they are needed; that they can be, a test proves.
            let checked = |rule: Rule| match file.text {
                Cow::Borrowed(_) => Ok(rule),
                Cow::Owned(_) => rule.check().map(|()| rule),
            };
            let read = match checkov::is(&file.text) {
                true => checkov::read(&file.path, &file.text),
                false => Rule::read(&file.path, &file.text).and_then(checked).map(Some),
            };
            match read {
                Ok(rule) => rules.extend(rule),
                Err(error) => errors.push(error),
            }
        }
        (rules, errors)
    }

    /// Adds another's files.
    pub fn extend(&mut self, other: Pack) {
        self.rules.extend(other.rules);
        self.pages.extend(other.pages);
        self.detectors.extend(other.detectors);
        self.detector_pages.extend(other.detector_pages);
        self.rego.extend(other.rego);
        self.data.extend(other.data);
        self.sort();
    }

    /// The page of the rule, or of the detectors, in the file at this path.
    pub fn page_of(&self, path: &str) -> Option<&File> {
        let rule = self.pages.binary_search_by(|page| page.stem().cmp(stem(path))).ok().map(|at| &self.pages[at]);
        rule.or_else(|| self.detector_pages.iter().find(|page| page.stem() == stem(path)))
    }

    /// The detectors of secrets, and why others cannot be used.
    pub fn load_detectors(&self) -> (Vec<Detector>, Vec<RuleError>) {
        let (mut all, mut errors) = (Vec::with_capacity(512), Vec::new());
        for file in &self.detectors {
            match Detector::read(&file.path, &file.text) {
                Ok(detectors) if file.is_builtin() => all.extend(detectors),
                // What users write is compiled now, so that it is refused now.
                Ok(detectors) => {
                    for detector in detectors {
                        match detector.check() {
                            Ok(()) => all.push(detector),
                            Err(reason) => {
                                errors.push(RuleError { file: detector.file.clone(), place: (1, 1), reason });
                            }
                        }
                    }
                }
                Err(error) => errors.push(error),
            }
        }
        (all, errors)
    }

    /// The detectors that a scan asks, and why others cannot be used. Those that come with the program are always among them,
    /// so that no line shows what they know; `wanted` says whose findings are reported, of those that are in the pack.
    pub fn secrets(&self, wanted: impl Fn(&str) -> bool) -> (Result<Secrets, RuleError>, Vec<RuleError>) {
        let (mut all, errors) = self.load_detectors();
        let own: AHashSet<Arc<str>> = all.iter().map(|detector| detector.id.clone()).collect();
        if !self.detectors.iter().any(File::is_builtin) {
            let (builtin, _) = pack().load_detectors();
            all.extend(builtin.into_iter().filter(|detector| !own.contains(&detector.id)));
        }
        (Secrets::new(all).map(|secrets| secrets.reporting(|id| own.contains(id) && wanted(id))), errors)
    }

    /// Another text whenever detectors, or what asks them, are others.
    pub fn detectors_identity(&self) -> String {
        let texts = self.detectors.iter().map(|file| file.text.as_ref());
        std::iter::once(env!("SCAN_SECRETS")).chain(texts).collect::<Vec<_>>().join("\n")
    }

    fn sort(&mut self) {
        self.rules.sort_by(|a, b| a.path.cmp(&b.path));
        self.pages.sort_by(|a, b| a.stem().cmp(b.stem()));
        // What is generic comes last: of two detectors that find the same, the first is reported.
        self.detectors.sort_by_key(|file| (file.stem().ends_with("generic"), file.path.clone()));
        self.detector_pages.sort_by(|a, b| a.path.cmp(&b.path));
        self.rego.sort_by(|a, b| a.path.cmp(&b.path));
        self.data.sort_by(|a, b| a.path.cmp(&b.path));
    }

    /// Beside policies in Rego, YAML that is no rule is their data.
    fn sort_data(&mut self) {
        if self.rego.is_empty() {
            self.data.clear();
            return;
        }
        let is_rule = |file: &File| checkov::is(&file.text) || is_rule(&file.text);
        let (rules, data): (Vec<File>, Vec<File>) = std::mem::take(&mut self.rules).into_iter().partition(is_rule);
        self.rules = rules;
        // Manifests are what policies are tried on.
        let is_manifest = |file: &File| file.text.lines().any(|line| line.starts_with("apiVersion:"));
        self.data.extend(data.into_iter().filter(|file| !is_manifest(file)));
    }

    fn add(&mut self, file: File) {
        match file.path.rsplit_once('.').map(|(_, ending)| ending) {
            Some("rego") => return self.rego.push(file),
            Some("json") => return self.data.push(file),
            _ => {}
        }
        let of_secrets = Path::new(&file.path).parent().is_some_and(|dir| dir.ends_with("secrets"));
        match (of_secrets, file.path.ends_with(".md")) {
            (true, true) => self.detector_pages.push(file),
            (true, false) => self.detectors.push(file),
            (false, true) => self.pages.push(file),
            (false, false) => self.rules.push(file),
        }
    }

    /// JSON counts only in and below folders with policies in Rego: what they have as data.
    fn read_dir(&mut self, dir: &Path, depth: usize, json: bool) -> io::Result<()> {
        if depth > MAX_PACK_DEPTH {
            return Err(refused(dir, format!("folders lie more than {MAX_PACK_DEPTH} deep")));
        }
        let mut entries = fs::read_dir(dir)?.collect::<io::Result<Vec<_>>>()?;
        entries.sort_by_key(fs::DirEntry::file_name);
        let json = json || entries.iter().any(|entry| ending(&entry.path()) == Some("rego".into()));
        for entry in entries {
            let kind = entry.file_type()?;
            let path = entry.path();
            if kind.is_dir() {
                self.read_dir(&path, depth + 1, json)?;
            } else if kind.is_file() && (is_rule_or_page(&path) || json && ending(&path) == Some("json".into())) {
                self.read_file(&path)?;
            }
        }
        Ok(())
    }

    fn read_file(&mut self, path: &Path) -> io::Result<()> {
        let beside = self.detectors.len() + self.detector_pages.len() + self.rego.len() + self.data.len();
        if self.rules.len() + self.pages.len() + beside >= MAX_PACK_FILES {
            return Err(refused(path, format!("more than {MAX_PACK_FILES} files")));
        }
        if fs::metadata(path)?.len() > MAX_RULE_BYTES as u64 {
            return Err(refused(path, format!("a file has at most {} KiB", MAX_RULE_BYTES >> 10)));
        }
        let text = fs::read_to_string(path).map_err(|error| refused(path, error.to_string()))?;
        self.add(File { path: path.display().to_string(), text: Cow::Owned(text) });
        Ok(())
    }
}

/// Whether the name ends as rules and pages do. `README.md` is neither.
fn is_rule_or_page(path: &Path) -> bool {
    let ending = ending(path);
    let readme = path.file_stem().is_some_and(|stem| stem.eq_ignore_ascii_case("readme"));
    matches!(ending.as_deref(), Some("yml" | "yaml" | "rego")) || ending.as_deref() == Some("md") && !readme
}

fn ending(path: &Path) -> Option<Cow<'_, str>> {
    path.extension().map(std::ffi::OsStr::to_string_lossy)
}

/// Whether a text has a member that only rules have, at the beginning of a line.
fn is_rule(text: &str) -> bool {
    let of_rules = ["id:", "about:", "fails:", "check:", "severity:"];
    text.lines().filter(|line| of_rules.iter().any(|member| line.starts_with(member))).count() > 1
}

fn refused(path: &Path, why: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("{}: {why}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::families;
    use crate::pages;

    #[test]
    fn every_page_proves_its_rule() {
        let tested = pages::test(&pack(), &families::findings);
        let problems: Vec<String> = tested.problems.iter().map(ToString::to_string).collect();
        assert!(problems.is_empty(), "\n{}", problems.join("\n"));
        assert!(tested.cases >= 4 * tested.rules);
    }

    #[test]
    fn expressions_of_ours_can_be_compiled() {
        let (rules, errors) = pack().load();
        assert_eq!(errors, []);
        let refused: Vec<String> = rules.iter().filter_map(|rule| Some(rule.check().err()?.to_string())).collect();
        assert_eq!(refused, [""; 0]);
    }

    #[test]
    fn rules_and_pages_of_a_folder_are_paired_by_stem() -> io::Result<()> {
        let dir = tempfile::tempdir()?;
        fs::create_dir(dir.path().join("linux"))?;
        for name in ["linux/a.yml", "linux/a.md", "b.yaml", "README.md", "note.txt"] {
            fs::write(dir.path().join(name), name)?;
        }
        let pack = Pack::read(dir.path())?;
        let names: Vec<&str> = pack.rules.iter().map(|file| file.text.as_ref()).collect();
        assert_eq!(names, ["b.yaml", "linux/a.yml"]);
        assert_eq!(pack.page_of(&pack.rules[1].path).map(|page| page.text.as_ref()), Some("linux/a.md"));
        assert_eq!(pack.page_of(&pack.rules[0].path), None);
        fs::File::create(dir.path().join("big.yml"))?.set_len(MAX_RULE_BYTES as u64 + 1)?;
        let error = Pack::read(dir.path()).unwrap_err().to_string();
        assert!(error.contains("big.yml") && error.contains("KiB"), "{error}");
        Ok(())
    }
}
