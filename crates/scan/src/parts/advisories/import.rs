//! Folders, archives and single files of advisories, of all forms, into a file. What is refused is told by its place; what
//! is no advisory is passed over and counted.

use super::database::{Builder, Source};
use super::{kev, osv, rustsec};
use crate::limits::{MAX_ADVISORY_BYTES, MAX_IMPORT_BYTES, MAX_IMPORT_FILES, MAX_REFUSED, MAX_TREE_DEPTH};
use crate::text::Text;
use crate::tree::{Malformed, Tree};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

/// A file that looks like an advisory and is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The file, below what was imported.
    pub path: String,
    /// The line.
    pub line: u32,
    /// Why.
    pub reason: String,
}

/// What an import did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// Advisories, and entries of lists.
    pub count: usize,
    /// How many were refused.
    pub refused_count: usize,
    /// The first of these.
    pub refused: Vec<Refused>,
    /// Files that are something else.
    pub passed_over: usize,
}

/// Imports a folder, an archive (`.zip`, `.tar`, `.tar.gz`, `.tgz`) or one file as a source of this name.
///
/// # Errors
/// When it cannot be read, or is larger than the limits.
pub fn import(
    builder: &mut Builder,
    name: &str,
    path: &Path,
    now: &str,
    progress: Progress<'_>,
) -> io::Result<Imported> {
    builder.source(Source { name: name.to_owned(), imported: now.to_owned(), ..Source::default() });
    let mut importer = Importer { builder, name, done: Imported::default(), files: 0, bytes: 0, progress };
    if path.is_dir() {
        importer.folder(path, "", 0)?;
    } else {
        let file_name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let lower = file_name.to_lowercase();
        let file = File::open(path)?;
        if lower.ends_with(".zip") {
            importer.zip(file)?;
        } else if lower.ends_with(".tar.gz") || lower.ends_with(".tgz") {
            importer.tar(flate2::read::MultiGzDecoder::new(io::BufReader::new(file)))?;
        } else if lower.ends_with(".tar") {
            importer.tar(io::BufReader::new(file))?;
        } else {
            importer.file(&file_name, file)?;
        }
    }
    Ok(importer.done)
}

/// Imports texts that were read already as a source of this name.
pub fn texts(builder: &mut Builder, name: &str, texts: &[Text]) -> Imported {
    builder.source(Source { name: name.to_owned(), ..Source::default() });
    let mut importer = Importer { builder, name, done: Imported::default(), files: 0, bytes: 0, progress: &|_| {} };
    texts.iter().for_each(|text| importer.text(text));
    importer.done
}

/// How far an import is: it is called with the number of files that were read.
pub type Progress<'p> = &'p dyn Fn(usize);

struct Importer<'i> {
    builder: &'i mut Builder,
    name: &'i str,
    done: Imported,
    files: usize,
    bytes: u64,
    progress: Progress<'i>,
}

impl Importer<'_> {
    /// Links are not followed.
    fn folder(&mut self, folder: &Path, below: &str, depth: usize) -> io::Result<()> {
        if depth > MAX_TREE_DEPTH {
            return Err(io::Error::other(format!(
                "{below}: folders nest deeper than {MAX_TREE_DEPTH} (MAX_TREE_DEPTH)"
            )));
        }
        let mut entries: Vec<_> = fs::read_dir(folder)?.collect::<io::Result<_>>()?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let (name, kind) = (entry.file_name(), entry.file_type()?);
            let Some(name) = name.to_str().filter(|name| *name != ".git") else { continue };
            let path = super::super::files::join(below, name);
            if kind.is_dir() {
                self.folder(&entry.path(), &path, depth + 1)?;
            } else if kind.is_file() {
                if is_wanted(name) { self.file(&path, File::open(entry.path())?)? } else { self.done.passed_over += 1 }
            }
        }
        Ok(())
    }

    fn zip(&mut self, file: File) -> io::Result<()> {
        let mut archive = zip::ZipArchive::new(io::BufReader::new(file)).map_err(io::Error::other)?;
        for number in 0..archive.len() {
            let entry = archive.by_index(number).map_err(io::Error::other)?;
            let path = entry.name().map_err(io::Error::other)?.into_owned();
            if entry.is_file() && is_wanted(&path) {
                self.file(&path, entry)?;
            }
        }
        Ok(())
    }

    fn tar(&mut self, from: impl Read) -> io::Result<()> {
        // What is passed over is unpacked too, and counts.
        let mut archive = tar::Archive::new(from.take(MAX_IMPORT_BYTES));
        for entry in archive.entries()? {
            let entry = entry?;
            let path = entry.path()?.to_string_lossy().into_owned();
            if entry.header().entry_type().is_file() && is_wanted(&path) {
                self.file(&path, entry)?;
            }
        }
        Ok(())
    }

    fn file(&mut self, path: &str, from: impl Read) -> io::Result<()> {
        self.files += 1;
        (self.progress)(self.files);
        if self.files > MAX_IMPORT_FILES {
            return Err(io::Error::other(format!("more than {MAX_IMPORT_FILES} files (MAX_IMPORT_FILES)")));
        }
        let mut bytes = Vec::new();
        from.take(MAX_ADVISORY_BYTES + 1).read_to_end(&mut bytes)?;
        self.bytes += bytes.len() as u64;
        if self.bytes > MAX_IMPORT_BYTES {
            return Err(io::Error::other(format!("more than {MAX_IMPORT_BYTES} bytes (MAX_IMPORT_BYTES)")));
        }
        let reason = if bytes.len() as u64 > MAX_ADVISORY_BYTES {
            format!("larger than {MAX_ADVISORY_BYTES} bytes (MAX_ADVISORY_BYTES)")
        } else {
            match String::from_utf8(bytes) {
                Ok(said) => {
                    self.text(&Text::new(path, said));
                    return Ok(());
                }
                Err(_) => "it is not UTF-8".to_owned(),
            }
        };
        self.refuse(Refused { path: path.to_owned(), line: 1, reason });
        Ok(())
    }

    fn text(&mut self, text: &Text) {
        if let Err(malformed) = self.read(text) {
            let line = text.place(malformed.span.start).line;
            self.refuse(Refused { path: text.path.to_string(), line, reason: malformed.reason });
        }
    }

    fn read(&mut self, text: &Text) -> Result<(), Malformed> {
        let lower = text.path.to_lowercase();
        if lower.ends_with(".md") {
            if !rustsec::is(&text.text) {
                self.done.passed_over += 1;
                return Ok(());
            }
            let advisory = rustsec::read(text)?;
            self.add("rustsec", advisory);
        } else if lower.ends_with(".json") {
            let tree = Tree::json(text)?;
            match tree.documents().next() {
                Some(root) if kev::is(root) => {
                    let (exploited, _) = kev::of(root);
                    self.builder.form(self.name, "kev");
                    self.done.count += exploited.len();
                    for one in exploited {
                        self.builder.exploited(self.name, one);
                    }
                }
                Some(root) if osv::is(root) => {
                    let advisory = osv::advisory(text, root)?;
                    self.add("osv", advisory);
                }
                _ => self.done.passed_over += 1,
            }
        } else if text.text.contains("\nid:") || text.text.starts_with("id:") {
            let advisory = osv::yaml(text)?;
            self.add("osv", advisory);
        } else {
            self.done.passed_over += 1;
        }
        Ok(())
    }

    fn add(&mut self, form: &str, advisory: super::Advisory) {
        if self.done.count == 0 {
            self.builder.form(self.name, form);
        }
        self.done.count += 1;
        self.builder.add(self.name, advisory);
    }

    fn refuse(&mut self, refused: Refused) {
        self.done.refused_count += 1;
        if self.done.refused.len() < MAX_REFUSED {
            self.done.refused.push(refused);
        }
    }
}

fn is_wanted(path: &str) -> bool {
    let lower = path.to_lowercase();
    [".json", ".yaml", ".yml", ".md"].iter().any(|end| lower.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    const OSV: &str = r#"{"id": "X-1", "modified": "2024-05-01", "affected": [{"package": {"ecosystem": "npm", "name": "a"}, "versions": ["1.0.0"]}]}"#;
    const KEV: &str = r#"{"catalogVersion": "1", "dateReleased": "2024", "vulnerabilities": [{"cveID": "CVE-1", "dateAdded": "2024-01-01", "knownRansomwareCampaignUse": "Known"}]}"#;
    const RUSTSEC: &str = "```toml\n[advisory]\nid = \"RUSTSEC-1\"\npackage = \"b\"\ndate = \"2020-01-01\"\n[versions]\npatched = []\n```\n# T\n";
    const FILES: &[(&str, &str)] = &[
        ("osv/X-1.json", OSV),
        ("osv/Y-1.yaml", "id: Y-1\nmodified: 2024-04-01\naffected:\n- package: {ecosystem: PyPI, name: c}\n"),
        ("crates/b/RUSTSEC-1.md", RUSTSEC),
        ("kev.json", KEV),
        ("README.md", "# Text"),
        ("package.json", "{}"),
        ("bad.json", "{\n\"id\": "),
        ("image.png", ""),
    ];

    fn check(path: &Path) {
        let mut builder = Builder::default();
        let imported = import(&mut builder, "all", path, "2024-06-01", &|_| {}).unwrap();
        assert_eq!((imported.count, imported.refused_count), (4, 1), "{path:?}");
        assert_eq!((imported.refused[0].path.as_str(), imported.refused[0].line), ("bad.json", 2));
        let head = builder.write_to(&mut Vec::new()).unwrap();
        assert_eq!(head.ecosystems.keys().collect::<Vec<_>>(), ["PyPI", "crates.io", "npm"]);
        assert_eq!((head.sources[0].count, head.sources[0].newest.as_str()), (4, "2024-05-01"));
    }

    #[test]
    fn folders_and_archives_are_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let tree = folder.path().join("tree");
        let mut zip = zip::ZipWriter::new(File::create(folder.path().join("a.zip")).unwrap());
        let gzip =
            flate2::write::GzEncoder::new(File::create(folder.path().join("a.tar.gz")).unwrap(), Default::default());
        let mut tar = tar::Builder::new(gzip);
        for (path, text) in FILES {
            let at = tree.join(path);
            fs::create_dir_all(at.parent().unwrap()).unwrap();
            fs::write(&at, text).unwrap();
            zip.start_file(*path, zip::write::SimpleFileOptions::default()).unwrap();
            zip.write_all(text.as_bytes()).unwrap();
            tar.append_path_with_name(&at, path).unwrap();
        }
        zip.finish().unwrap();
        tar.into_inner().unwrap().finish().unwrap();
        std::os::unix::fs::symlink("/", tree.join("loop")).unwrap();
        for path in [&tree, &folder.path().join("a.zip"), &folder.path().join("a.tar.gz")] {
            check(path);
        }
        fs::write(folder.path().join("b.zip"), "no").unwrap();
        assert!(import(&mut Builder::default(), "b", &folder.path().join("b.zip"), "", &|_| {}).is_err());
    }
}
