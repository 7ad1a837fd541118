//! What the tools of ecosystems say, against what was read.

use scan::parts::collect::{self, Collected};
use scan::parts::{Inventory, Origin};
use scan::walk::walk;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

type Names = BTreeSet<String>;

fn said(command: &mut Command) -> Option<String> {
    let output = command.output().ok()?;
    // `npm ls` fails when something optional is absent, and still lists.
    let text = String::from_utf8(output.stdout).ok()?;
    (!text.trim().is_empty()).then_some(text)
}

/// Prints how many there are, and what one has and the other has not.
fn compare(what: &str, ours: &Names, theirs: Option<Names>) -> bool {
    let Some(theirs) = theirs else {
        println!("{what}: the tool says nothing here, so that nothing is compared");
        return false;
    };
    let is_same = *ours == theirs;
    println!("{what}: {} here, {} there, {}", ours.len(), theirs.len(), if is_same { "the same" } else { "DIFFERENT" });
    for name in ours.difference(&theirs).take(20) {
        println!("  only here: {name}");
    }
    for name in theirs.difference(ours).take(20) {
        println!("  only there: {name}");
    }
    is_same
}

fn names(inventory: &Inventory, kind: &str) -> Names {
    let parts = inventory.components.iter().filter(|part| &*part.purl.kind == kind);
    let name = |part: &scan::parts::Component| {
        format!("{} {}", part.purl.full_name(), part.purl.version.as_deref().unwrap_or_default())
    };
    parts.map(name).collect()
}

fn json_names(list: &Value, name: impl Fn(&str) -> String) -> Names {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let one = |package: &Value| format!("{} {}", name(&text(&package["name"])), text(&package["version"]));
    list.as_array().into_iter().flatten().map(one).collect()
}

/// This repository against `cargo metadata`.
pub fn cargo() -> bool {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let lock = collect::tree(&walk(&root.join("Cargo.lock")).files, 1, &|_, _| {});
    let arguments = ["metadata", "--format-version", "1", "--locked"];
    let theirs = said(Command::new("cargo").args(arguments).current_dir(&root))
        .and_then(|text| serde_json::from_str::<Value>(&text).ok())
        .map(|metadata| json_names(&metadata["packages"], str::to_owned));
    let members = lock.inventory.components.iter().filter(|part| part.origin == Origin::Local).count();
    println!("cargo metadata: {members} members of the workspace among them");
    compare("cargo metadata", &names(&lock.inventory, "cargo"), theirs)
}

/// This machine against `dpkg-query`.
pub fn dpkg() -> bool {
    let Ok(collected) = collect::host(Path::new("/")) else { return false };
    let format = "-f=${db:Status-Abbrev}|${Package} ${Version}\n";
    let theirs = said(Command::new("dpkg-query").args(["-W", format])).map(|list| {
        let installed = list.lines().filter(|line| line.get(1..2) == Some("i"));
        installed.filter_map(|line| Some(line.split_once('|')?.1.to_owned())).collect()
    });
    compare("dpkg -l", &only_names(&collected), theirs)
}

/// Without the distribution before the name.
fn only_names(collected: &Collected) -> Names {
    let parts = collected.inventory.components.iter().filter(|part| &*part.purl.kind == "deb");
    parts.map(|part| format!("{} {}", part.purl.name, part.purl.version.as_deref().unwrap_or_default())).collect()
}

/// The `node_modules` of a folder, and its lock file, against `npm ls --all`.
pub fn npm(folder: &Path) -> bool {
    let theirs = said(Command::new("npm").args(["ls", "--all", "--json"]).current_dir(folder))
        .and_then(|text| serde_json::from_str::<Value>(&text).ok())
        .map(|root| {
            let mut names = Names::new();
            listed(&root, folder, &mut names);
            names
        });
    let Ok(installed) = collect::installed(folder) else { return false };
    let lock = collect::tree(&walk(&folder.join("package-lock.json")).files, 1, &|_, _| {});
    println!("package-lock.json: {} components", names(&lock.inventory, "npm").len());
    compare("npm ls --all", &names(&installed.inventory, "npm"), theirs)
}

fn listed(of: &Value, folder: &Path, names: &mut Names) {
    for (name, package) in of["dependencies"].as_object().into_iter().flatten() {
        // What is optional and for other machines is listed without a version.
        if let Some(version) = package["version"].as_str() {
            // An alias is listed by its own name, and its folder has the real one.
            let real = real_name(folder, name, version);
            names.insert(format!("{} {version}", real.as_deref().unwrap_or(name)));
        }
        listed(package, folder, names);
    }
}

fn real_name(folder: &Path, name: &str, version: &str) -> Option<String> {
    let text = std::fs::read_to_string(folder.join("node_modules").join(name).join("package.json")).ok()?;
    let package: Value = serde_json::from_str(&text).ok()?;
    (package["version"] == version).then(|| package["name"].as_str().map(str::to_owned))?
}

/// A virtual environment against `pip list`.
pub fn pip(folder: &Path) -> bool {
    let theirs = said(Command::new(folder.join("bin/python")).args(["-m", "pip", "list", "--format", "json"]))
        .and_then(|text| serde_json::from_str::<Value>(&text).ok())
        .map(|list| json_names(&list, scan::parts::python::normal));
    let Ok(installed) = collect::installed(folder) else { return false };
    compare("pip list", &names(&installed.inventory, "pypi"), theirs)
}
