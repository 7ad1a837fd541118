//! Puts the rules and pages of `rules/scan` into the crate: a list of paths and texts, in the order of the paths; and a number
//! that is another one whenever what looks for secrets is, so that nothing is remembered of an older one.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let crate_dir = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or(io::ErrorKind::NotFound)?);
    let root = crate_dir.join("../..").canonicalize()?;
    let rules = root.join("rules/scan");
    let mut files = Vec::new();
    // Cargo looks at the time of all that is in it, so that a new file is seen as well.
    write_line(&format!("cargo::rerun-if-changed={}", rules.display()))?;
    collect(&root, &rules, &mut files)?;
    files.sort();
    let mut list = String::from("&[\n");
    for name in &files {
        let path = root.join(name);
        writeln!(list, "    ({name:?}, include_str!({:?})),", path.display().to_string()).map_err(io::Error::other)?;
    }
    list.push_str("]\n");
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?);
    fs::write(out.join("rules.rs"), list)?;
    let mut sources = Vec::new();
    for folder in [root.join("rules/scan/secrets"), crate_dir.join("src/secrets")] {
        write_line(&format!("cargo::rerun-if-changed={}", folder.display()))?;
        for entry in fs::read_dir(folder)? {
            sources.push(entry?.path());
        }
    }
    sources.sort();
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for path in sources.iter().filter(|path| path.is_file()) {
        for byte in fs::read(path)? {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    write_line(&format!("cargo::rustc-env=SCAN_SECRETS={hash:016x}"))
}

/// Lists the rules and pages below `dir` by their path from `root`.
fn collect(root: &Path, dir: &Path, files: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(root, &path, files)?;
        } else if is_rule_or_page(&path) {
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

fn is_rule_or_page(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str());
    matches!(ending, Some("yml" | "md")) && path.file_stem().is_some_and(|stem| stem != "README")
}
