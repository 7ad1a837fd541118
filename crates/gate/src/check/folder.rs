//! Files of checks and pages: those that are built in, and those of a folder.

use super::{Check, CheckError, Page, refuse};
use crate::limits::{MAX_CHECK_BYTES, MAX_CHECK_FILES, MAX_FOLDER_DEPTH};
use model::hex;
use sha2::{Digest as _, Sha256};
use std::borrow::Cow;
use std::path::Path;
use std::{fs, io};

/// All of `rules/gate` as it was when the program was built: path and text, in the order of the paths.
const BUILTIN: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/checks.rs"));

/// A file of text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// As it is named in errors: `rules/gate/no-owner.yml`, or the path given.
    pub path: String,
    /// What is in it.
    pub text: Cow<'static, str>,
}

impl File {
    /// The path without its ending: what a check and its page share.
    pub fn stem(&self) -> &str {
        self.path.rsplit_once('.').map_or(&self.path, |(stem, _)| stem)
    }

    /// The ending.
    pub fn ending(&self) -> &str {
        self.path.rsplit_once('.').map_or("", |(_, ending)| ending)
    }
}

/// Checks and their pages.
#[derive(Clone, Debug, Default)]
pub struct Checks {
    /// Those that can be asked, by id.
    checks: Vec<Check>,
    /// Pages, by path.
    pages: Vec<File>,
    /// Why others cannot be asked: a verdict says so and is undecided.
    broken: Vec<CheckError>,
    /// Digest of all that is above.
    digest: String,
}

impl Checks {
    /// The checks that are built in.
    pub fn builtin() -> Checks {
        let files = BUILTIN.iter().map(|(path, text)| File { path: (*path).to_owned(), text: Cow::Borrowed(text) });
        Checks::of(files.collect())
    }

    /// Checks out of files. What is no check is kept as broken, and never passed over.
    pub fn of(files: Vec<File>) -> Checks {
        let mut out = Checks::default();
        for file in files {
            match file.ending() {
                "md" => out.pages.push(file),
                _ => match Check::read(&file.path, &file.text) {
                    Ok(check) => out.add(check),
                    Err(error) => out.broken.push(error),
                },
            }
        }
        out.settle();
        out
    }

    /// Reads a folder. Links are not followed; what ends in neither `.yml`, `.yaml` nor `.md` is passed over.
    ///
    /// # Errors
    /// When something cannot be read, is no text, or is too much.
    pub fn read(folder: &Path) -> io::Result<Checks> {
        Ok(Checks::of(read_folder(folder, &["yml", "yaml", "md"])?))
    }

    /// Adds another's checks; one of the same id takes the place of ours.
    pub fn extend(&mut self, other: Checks) {
        for check in other.checks {
            self.checks.retain(|own| own.id != check.id);
            self.checks.push(check);
        }
        self.pages.extend(other.pages);
        self.broken.extend(other.broken);
        self.settle();
    }

    /// Those that can be asked, by id.
    pub fn iter(&self) -> impl Iterator<Item = &Check> {
        self.checks.iter()
    }

    /// The check of that id.
    pub fn get(&self, id: &str) -> Option<&Check> {
        self.checks.iter().find(|check| check.id == id)
    }

    /// Why others cannot be asked.
    pub fn broken(&self) -> &[CheckError] {
        &self.broken
    }

    /// The page of a check.
    pub fn page(&self, id: &str) -> Option<Page> {
        let check = self.get(id)?;
        let stem = check.file.rsplit_once('.').map_or(check.file.as_str(), |(stem, _)| stem);
        let file = self.pages.iter().find(|page| page.stem() == stem)?;
        Page::parse(&file.path, &file.text).ok()
    }

    /// All pages, as they are written.
    pub fn pages(&self) -> &[File] {
        &self.pages
    }

    /// Another text whenever a check is another.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    fn add(&mut self, check: Check) {
        match self.get(&check.id) {
            Some(first) => {
                let reason = format!("`{}` is a check of {} already", check.id, first.file);
                self.broken.push(refuse(&check.file, (1, 1), reason));
            }
            None => self.checks.push(check),
        }
    }

    fn settle(&mut self) {
        self.checks.sort_by(|a, b| a.id.cmp(&b.id));
        self.broken.sort_by(|a, b| (&a.file, a.place).cmp(&(&b.file, b.place)));
        let mut hash = Sha256::new();
        for check in &self.checks {
            // Where a file lies decides nothing.
            hash.update(&check.digest);
        }
        for broken in &self.broken {
            hash.update(format!("{broken}\n"));
        }
        self.digest = hex::encode(&hash.finalize());
    }
}

/// The files of a folder with these endings, by path. `README.md` is none of them.
pub(crate) fn read_folder(folder: &Path, endings: &[&str]) -> io::Result<Vec<File>> {
    let mut out = Vec::new();
    read_into(folder, endings, 0, &mut out)?;
    Ok(out)
}

fn read_into(folder: &Path, endings: &[&str], depth: usize, out: &mut Vec<File>) -> io::Result<()> {
    let refused =
        |path: &Path, why: String| io::Error::new(io::ErrorKind::InvalidData, format!("{}: {why}", path.display()));
    if depth > MAX_FOLDER_DEPTH {
        return Err(refused(folder, format!("folders lie more than {MAX_FOLDER_DEPTH} deep (MAX_FOLDER_DEPTH)")));
    }
    let list = fs::read_dir(folder).map_err(|error| refused(folder, error.to_string()))?;
    let mut entries = list.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let (path, kind) = (entry.path(), entry.file_type()?);
        if kind.is_dir() {
            read_into(&path, endings, depth + 1, out)?;
            continue;
        }
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        let readme = path.file_stem().is_some_and(|stem| stem.eq_ignore_ascii_case("readme"));
        if !kind.is_file() || readme || !endings.contains(&ending) {
            continue;
        }
        if out.len() >= MAX_CHECK_FILES {
            return Err(refused(folder, format!("more than {MAX_CHECK_FILES} files (MAX_CHECK_FILES)")));
        }
        if entry.metadata()?.len() > MAX_CHECK_BYTES as u64 {
            return Err(refused(&path, format!("a file has at most {} KiB (MAX_CHECK_BYTES)", MAX_CHECK_BYTES >> 10)));
        }
        let text = fs::read_to_string(&path).map_err(|error| refused(&path, error.to_string()))?;
        out.push(File { path: path.display().to_string(), text: Cow::Owned(text) });
    }
    Ok(())
}
