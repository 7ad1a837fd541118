//! Puts the files of `knowledge` into the crate: a list of paths and texts, in the order of the paths.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let crate_dir = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or(io::ErrorKind::NotFound)?);
    let knowledge = crate_dir.join("../..").canonicalize()?.join("knowledge");
    let mut files = Vec::new();
    // Cargo looks at the time of all that is in it, so that a new file is seen as well.
    write_line(&format!("cargo::rerun-if-changed={}", knowledge.display()))?;
    collect(&knowledge, &knowledge, &mut files)?;
    files.sort();
    let mut list = String::from("&[\n");
    for name in &files {
        let path = knowledge.join(name);
        writeln!(list, "    ({name:?}, include_str!({:?})),", path.display().to_string()).map_err(io::Error::other)?;
    }
    list.push_str("]\n");
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?);
    fs::write(out.join("knowledge.rs"), list)
}

/// Lists the files below `dir` by their path from `root`.
fn collect(root: &Path, dir: &Path, files: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(root, &path, files)?;
        } else if path.extension().is_some_and(|ending| ending == "md" || ending == "yaml") {
            let parts = path.strip_prefix(root).map_err(io::Error::other)?.components();
            let parts: Vec<String> = parts.map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
            files.push(parts.join("/"));
        }
    }
    Ok(())
}

/// Tells Cargo something.
fn write_line(line: &str) -> io::Result<()> {
    use io::Write as _;
    writeln!(io::stdout(), "{line}")
}
