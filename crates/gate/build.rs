//! Puts the checks and pages of `rules/gate` into the crate: a list of paths and texts, in the order of the paths.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let crate_dir = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or(io::ErrorKind::NotFound)?);
    let rules = crate_dir.join("../..").canonicalize()?.join("rules/gate");
    // Cargo looks at the time of all that is in it, so that a new file is seen as well.
    write_line(&format!("cargo::rerun-if-changed={}", rules.display()))?;
    let mut list = String::from("&[\n");
    let mut paths = fs::read_dir(&rules)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    for path in paths {
        let ending = path.extension().and_then(|ending| ending.to_str());
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if matches!(ending, Some("yml" | "md")) && name != "README.md" {
            let name = format!("rules/gate/{name}");
            writeln!(list, "    ({name:?}, include_str!({:?})),", path.display().to_string())
                .map_err(io::Error::other)?;
        }
    }
    list.push_str("]\n");
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?);
    fs::write(out.join("checks.rs"), list)
}

/// Tells Cargo something.
fn write_line(line: &str) -> io::Result<()> {
    use io::Write as _;
    writeln!(io::stdout(), "{line}")
}
