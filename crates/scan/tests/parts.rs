//! Components against what the tools of each ecosystem say, where these tools are there.

use scan::parts::advisories::order::Order;
use scan::parts::files::Root;
use scan::parts::{Kind, Origin, read, system};
use scan::text::Text;
use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

/// What a tool prints; none when it is not there or fails.
fn said(command: &mut Command) -> Option<String> {
    let output = command.output().ok().filter(|output| output.status.success())?;
    String::from_utf8(output.stdout).ok()
}

#[test]
fn this_repository_is_what_cargo_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let lock = std::fs::read_to_string(root.join("Cargo.lock")).unwrap();
    let inventory = read(Kind::Cargo, &Text::new("Cargo.lock", lock), &|_| None).unwrap();
    assert!(inventory.components.len() > 100 && inventory.missed.is_empty());
    assert!(inventory.components.iter().any(|part| &*part.purl.name == "scan" && part.origin == Origin::Local));
    // It needs the sources of all packages, also of other systems, which may not be here.
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let arguments = ["metadata", "--format-version", "1", "--locked", "--offline"];
    let Some(metadata) = said(Command::new(cargo).args(arguments).current_dir(&root)) else { return };
    let metadata: serde_json::Value = serde_json::from_str(&metadata).unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let packages = metadata["packages"].as_array().unwrap();
    let theirs: BTreeSet<_> =
        packages.iter().map(|package| (text(&package["name"]), text(&package["version"]))).collect();
    let ours = inventory
        .components
        .iter()
        .map(|part| (part.purl.name.to_string(), part.purl.version.as_deref().unwrap_or_default().to_owned()));
    assert_eq!(ours.collect::<BTreeSet<_>>(), theirs);
}

#[test]
fn this_machine_is_what_dpkg_says() {
    let format = "-f=${db:Status-Abbrev}|${Package}|${Version}|${Architecture}|${source:Package}|${source:Version}\n";
    let Some(list) = said(Command::new("dpkg-query").args(["-W", format])) else { return };
    let theirs: BTreeSet<String> = list
        .lines()
        .filter(|line| line.get(1..2) == Some("i"))
        .filter_map(|line| Some(line.split_once('|')?.1.to_owned()))
        .collect();
    let inventory = system::read(&Root::open(Path::new("/")).unwrap());
    let deb = inventory.components.iter().filter(|part| &*part.purl.kind == "deb").map(|part| {
        let (source, source_version) = part.source.clone().unwrap_or_default();
        let version = part.purl.version.as_deref().unwrap_or_default();
        let architecture = part.purl.qualifier("arch").unwrap_or_default();
        format!("{}|{version}|{architecture}|{source}|{source_version}", part.purl.name)
    });
    assert_eq!(deb.collect::<BTreeSet<_>>(), theirs);
}

#[test]
fn dpkg_orders_as_we_do() {
    if said(Command::new("dpkg").args(["--compare-versions", "1", "lt", "2"])).is_none() {
        return;
    }
    let versions = [
        "1.0",
        "1.0-1",
        "1.0~rc1",
        "1.0+b1",
        "1.0a",
        "1.0-1~",
        "1:0.9",
        "1.0-0",
        "1.0.0",
        "01.0",
        "1.0-1ubuntu1",
        "1.0-",
        "1.0~~",
        "1.0.~",
        "1.0+~",
        "2024a-0+deb12u1",
        "2024a-1",
        "1.0_x",
    ];
    for one in versions {
        for other in versions {
            let (Some(a), Some(b)) = (Order::Debian.read(one), Order::Debian.read(other)) else { continue };
            for (relation, orderings) in
                [("lt", [Ordering::Less; 2]), ("eq", [Ordering::Equal; 2]), ("gt", [Ordering::Greater; 2])]
            {
                let theirs = Command::new("dpkg").args(["--compare-versions", one, relation, other]).output().unwrap();
                // It warns of odd versions, and then still compares.
                assert_eq!(theirs.status.success(), orderings.contains(&a.compare(&b)), "{one} {relation} {other}");
            }
        }
    }
}
