//! Bundles the page of `web` with the tools that its lock file names, and puts it into the binary, compressed.
//!
//! Where npm is missing the binary is built all the same, and says so where the page would be. `TANDEM_WEB=required` makes
//! that an error, for whoever ships binaries; `TANDEM_WEB=off` leaves the page out.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let variable = |name: &str| env::var_os(name).map(PathBuf::from).ok_or(io::ErrorKind::NotFound);
    let web = variable("CARGO_MANIFEST_DIR")?.join("../../web");
    let out = variable("OUT_DIR")?;
    for part in ["src", "build.mjs", "package.json", "package-lock.json"] {
        say(&format!("cargo::rerun-if-changed={}", web.join(part).display()))?;
    }
    say("cargo::rerun-if-env-changed=TANDEM_WEB")?;
    let wanted = env::var("TANDEM_WEB").unwrap_or_default();
    let page = out.join("page");
    let _ = fs::remove_dir_all(&page);
    fs::create_dir_all(&page)?;
    if wanted != "off"
        && let Err(error) = bundle(&web, &out, &page)
    {
        if wanted == "required" {
            return Err(error);
        }
        say(&format!("cargo::warning=the page is left out: {error}"))?;
        fs::remove_dir_all(&page)?;
        fs::create_dir_all(&page)?;
    }
    fs::write(out.join("page.rs"), list(&page)?)
}

/// Installs what the lock file names, once for each of its versions, and bundles.
fn bundle(web: &Path, out: &Path, page: &Path) -> io::Result<()> {
    let modules = out.join("modules");
    let lock = fs::read(web.join("package-lock.json"))?;
    let done = modules.join("done");
    if fs::read(&done).ok().as_ref() != Some(&lock) {
        let _ = fs::remove_dir_all(&modules);
        fs::create_dir_all(&modules)?;
        for file in ["package.json", "package-lock.json"] {
            fs::copy(web.join(file), modules.join(file))?;
        }
        let arguments = ["ci", "--ignore-scripts", "--omit=dev", "--no-audit", "--no-fund", "--loglevel=error"];
        run(Command::new("npm").args(arguments).current_dir(&modules))?;
        fs::write(&done, &lock)?;
    }
    run(Command::new("node").arg(web.join("build.mjs")).arg("--modules").arg(&modules).arg("--out").arg(page))
}

fn run(command: &mut Command) -> io::Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| io::Error::new(error.kind(), format!("{program}: {error}")))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(io::Error::other(format!("{program}: {}: {}", output.status, said.trim())))
}

/// The files as a list in Rust: name and compressed bytes, in the order of the names.
fn list(page: &Path) -> io::Result<String> {
    let mut names = Vec::new();
    for entry in fs::read_dir(page)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if let Some(name) = name.strip_suffix(".gz") {
            names.push(name.to_owned());
        }
    }
    names.sort();
    let mut list = String::from("&[\n");
    for name in names {
        let path = page.join(format!("{name}.gz"));
        writeln!(list, "    ({name:?}, include_bytes!({:?})),", path.display().to_string())
            .map_err(io::Error::other)?;
    }
    list.push_str("]\n");
    Ok(list)
}

/// Tells Cargo something.
fn say(line: &str) -> io::Result<()> {
    use io::Write as _;
    writeln!(io::stdout(), "{line}")
}
