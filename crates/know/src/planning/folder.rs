//! Folders of knowledge: the files of meetings, the roadmap and upgrades in them.

use super::agenda::Planned;
use super::fields::Problem;
use super::{meeting, roadmap, upgrade};
use crate::limits::{MAX_FILE_BYTES, MAX_PLANNED_FILES};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

/// Folders below a folder of knowledge, and what their files are.
const MEETINGS: &str = "meetings";
const ROADMAP: &str = "roadmap";
const UPGRADES: &str = "upgrades";
/// How their names end.
const YAML: &[&str] = &["yaml", "yml"];

/// Reads all of them. A file that cannot be used is told, and hides no other; of two with one name that of the later folder counts.
pub fn read(folders: &[PathBuf]) -> (Planned, Vec<Problem>) {
    let mut problems = Vec::new();
    let (mut meetings, mut initiatives, mut upgrades) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    for folder in folders {
        for (path, stem, text) in texts(&folder.join(MEETINGS), YAML, &mut problems) {
            keep(&mut meetings, stem, meeting::meeting(&path, &text), &mut problems);
        }
        for (path, stem, text) in texts(&folder.join(ROADMAP), YAML, &mut problems) {
            let read = roadmap::initiative(&path, &stem, &text);
            keep(&mut initiatives, stem, read, &mut problems);
        }
        for (path, stem, text) in texts(&folder.join(UPGRADES), YAML, &mut problems) {
            let read = upgrade::upgrade(&path, &stem, &text);
            keep(&mut upgrades, stem, read, &mut problems);
        }
    }
    let planned = Planned {
        meetings: meetings.into_values().collect(),
        roadmap: roadmap::by_time(initiatives.into_values().collect()),
        upgrades: upgrades.into_values().collect(),
    };
    problems.sort_by(|a, b| (&a.path, a.place).cmp(&(&b.path, b.place)));
    (planned, problems)
}

fn keep<T>(all: &mut BTreeMap<String, T>, stem: String, read: Result<T, Problem>, problems: &mut Vec<Problem>) {
    match read {
        Ok(one) => {
            all.insert(stem, one);
        }
        Err(problem) => problems.push(problem),
    }
}

fn problem(path: &Path, reason: String) -> Problem {
    Problem { path: path.display().to_string(), place: (1, 1), reason }
}

/// The files of a folder whose names end so, in the order of their names: path, stem, text. No folder is none. Links are
/// not followed.
pub fn texts(folder: &Path, endings: &[&str], problems: &mut Vec<Problem>) -> Vec<(String, String, String)> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Vec::new(),
        Err(error) => {
            problems.push(problem(folder, format!("this folder cannot be read: {error}")));
            return Vec::new();
        }
    };
    let mut paths: Vec<PathBuf> = entries
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()))
        .map(|entry| entry.path())
        .filter(|path| path.extension().and_then(|ending| ending.to_str()).is_some_and(|own| endings.contains(&own)))
        .collect();
    paths.sort();
    if paths.len() > MAX_PLANNED_FILES {
        let reason = format!("{} files; at most {MAX_PLANNED_FILES} (MAX_PLANNED_FILES) are read", paths.len());
        problems.push(problem(folder, reason));
        paths.truncate(MAX_PLANNED_FILES);
    }
    let mut all = Vec::new();
    for path in paths {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        match text(&path) {
            Ok(text) => all.push((path.display().to_string(), stem, text)),
            Err(error) => problems.push(problem(&path, format!("this file cannot be read: {error}"))),
        }
    }
    all
}

/// A file's text; one byte more than is read of any tells that it is too long.
fn text(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(MAX_FILE_BYTES as u64 + 1).read_to_string(&mut text)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_file_is_told_and_hides_no_other() {
        let dir = tempfile::tempdir().unwrap();
        let (one, two) = (dir.path().join("one"), dir.path().join("two"));
        for folder in [one.join("roadmap"), one.join("meetings"), two.join("roadmap")] {
            fs::create_dir_all(folder).unwrap();
        }
        let file = |title: &str| format!("initiative: {title}\nwhy: b\nhorizon: now\nowner: c\n");
        fs::write(one.join("roadmap/a.yaml"), file("old")).unwrap();
        fs::write(two.join("roadmap/a.yml"), file("new")).unwrap();
        fs::write(one.join("roadmap/b.yaml"), "initiative: [\n").unwrap();
        fs::write(one.join("roadmap/c.yaml"), [0xff, 0xfe]).unwrap();
        fs::write(one.join("roadmap/notes.txt"), "not read").unwrap();
        fs::write(one.join("meetings/m.yaml"), "teams: [a, b]\n").unwrap();
        std::os::unix::fs::symlink("/etc/passwd", one.join("roadmap/d.yaml")).unwrap();
        let (planned, problems) = read(&[one, two, dir.path().join("none")]);
        assert_eq!(planned.roadmap.iter().map(|one| one.title.as_str()).collect::<Vec<_>>(), ["new"]);
        assert_eq!(planned.meetings[0].name(), "a+b");
        assert_eq!(problems.len(), 2, "{problems:?}");
        assert!(problems[0].to_string().contains("b.yaml:") && problems[1].reason.contains("UTF-8"), "{problems:?}");
    }
}
