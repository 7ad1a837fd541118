//! `cargo xtask arrows`: which crate may use which.
//!
//! Holds the table of crates and the invariants of `ARCHITECTURE.md` over `cargo metadata`. What it looks at are
//! direct dependencies of every kind, so that a test cannot bring in what the code may not.

use crate::run;
use anyhow::{Context as _, Result, bail};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

/// A crate and the workspace crates it may use. A crate of `crates/` that is missing here is an error.
const MAY_USE: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("query", &["model"]),
    ("yaml", &[]),
    // Two crates ask policies, which must be bounded in one way; neither may use the other.
    ("rego", &[]),
    ("receive", &["model", "yaml"]),
    ("watch", &["model", "receive"]),
    ("store", &["model", "query"]),
    ("ledger", &["model"]),
    ("detect", &["model", "query", "yaml"]),
    ("respond", &["model", "ledger"]),
    ("scan", &["model", "rego", "yaml"]),
    ("gate", &["model", "rego", "yaml"]),
    ("know", &["model", "ledger", "yaml"]),
    ("tandem", &["*"]),
    // Tools beside the product: they meet it through its ports and its command line; `bench` also weighs
    // some of its parts against others.
    ("xtask", &[]),
    ("bench", &["xtask", "model", "query", "receive", "ledger", "detect", "know"]),
    // What holds for every decoder; those of the store come in by path, without its engine.
    ("decoders", &["model", "query", "receive", "detect", "scan", "gate"]),
    // What the operational rules ask, over a real store.
    ("operations", &["model", "detect", "store"]),
];

/// A family of libraries and the only crates that may name it.
struct Reserved {
    /// Exact names, or a prefix ending in `*`.
    libraries: &'static [&'static str],
    only: &'static [&'static str],
    why: &'static str,
}

const RESERVED: &[Reserved] = &[
    Reserved {
        libraries: &["datafusion", "datafusion-*", "parquet", "object_store"],
        only: &["store"],
        why: "the engine can only be replaced while one crate knows it",
    },
    Reserved {
        libraries: &["sqlx", "sqlx-*", "rusqlite", "libsqlite3-sys", "postgres", "tokio-postgres", "diesel", "sea-orm"],
        only: &["ledger", "store"],
        why: "only the ledger and the store's catalog keep a database",
    },
    Reserved {
        libraries: &["axum", "axum-*", "tonic", "tonic-*", "warp", "actix-web", "clap", "clap_*"],
        only: &["tandem"],
        why: "servers and the command line belong to the binary",
    },
    Reserved { libraries: &["regorus"], only: &["rego"], why: "policies are bounded in one place" },
];

/// Crates that wait for nothing and open no socket; they take the time as an argument.
const SYNCHRONOUS: &[&str] = &["model", "query", "yaml", "rego", "receive", "detect", "scan", "gate"];
const ASYNCHRONOUS: &[&str] =
    &["tokio", "tokio-*", "async-std", "smol", "mio", "hyper", "hyper-*", "reqwest", "ureq", "socket2"];
/// What the code of a synchronous crate must not say either.
const SOCKETS_AND_CLOCKS: &[&str] =
    &["TcpStream", "TcpListener", "UdpSocket", "UnixStream", "SystemTime::now", "Utc::now", "Local::now"];

/// Of Arrow `model` has the arrays alone.
const MODEL_ARROW: &[&str] = &["arrow-array", "arrow-buffer", "arrow-schema"];

/// One crate of the workspace as the rules see it.
#[derive(Clone, Debug, Default)]
pub struct Crate {
    /// Its name.
    pub name: String,
    /// Folder of its manifest, relative to the root.
    pub folder: String,
    /// Direct dependencies of every kind.
    pub uses: BTreeSet<String>,
}

/// Checks this workspace.
pub fn run() -> Result<()> {
    let crates = read(&run::metadata()?)?;
    let mut problems = check(&crates);
    for krate in crates.iter().filter(|krate| SYNCHRONOUS.contains(&krate.name.as_str())) {
        check_sources(krate, &run::root().join(&krate.folder).join("src"), &mut problems)?;
    }
    if problems.is_empty() {
        println!("arrows: {} crates, all as designed", crates.len());
        return Ok(());
    }
    for problem in &problems {
        eprintln!("arrows: {problem}");
    }
    bail!("{} dependencies break the design (ARCHITECTURE.md, xtask/src/arrows.rs)", problems.len())
}

/// The crates of `cargo metadata --no-deps`.
pub fn read(metadata: &Value) -> Result<Vec<Crate>> {
    let root = metadata["workspace_root"].as_str().context("cargo metadata names no workspace_root")?;
    let packages = metadata["packages"].as_array().context("cargo metadata lists no packages")?;
    packages
        .iter()
        .map(|package| {
            let manifest = package["manifest_path"].as_str().context("a package without manifest_path")?;
            let folder = Path::new(manifest).parent().context("a manifest without folder")?;
            let folder = folder.strip_prefix(root).unwrap_or(folder).to_string_lossy().into_owned();
            let uses = package["dependencies"].as_array().context("a package without dependencies")?;
            Ok(Crate {
                name: package["name"].as_str().context("a package without name")?.to_owned(),
                folder,
                uses: uses.iter().filter_map(|used| used["name"].as_str().map(str::to_owned)).collect(),
            })
        })
        .collect()
}

/// Every broken rule, in words.
pub fn check(crates: &[Crate]) -> Vec<String> {
    let members: BTreeSet<&str> = crates.iter().map(|krate| krate.name.as_str()).collect();
    let mut problems = Vec::new();
    for krate in crates {
        check_workspace(krate, &members, &mut problems);
        check_libraries(krate, &mut problems);
    }
    problems
}

fn check_workspace(krate: &Crate, members: &BTreeSet<&str>, problems: &mut Vec<String>) {
    let name = krate.name.as_str();
    let folder = Path::new(&krate.folder).file_name().unwrap_or_default();
    if folder != name {
        problems
            .push(format!("the folder `{}` holds the crate `{name}`; a folder bears its crate's name", krate.folder));
    }
    let Some((_, allowed)) = MAY_USE.iter().find(|(known, _)| *known == name) else {
        problems.push(format!("`{name}` is not in the table of crates; add it to the design and to MAY_USE"));
        return;
    };
    for used in krate.uses.iter().filter(|used| members.contains(used.as_str()) && *used != name) {
        // Tools are nobody's dependency; the others as the table says.
        let tool = matches!(used.as_str(), "xtask" | "bench");
        let any = allowed.contains(&"*") && !tool;
        if !any && !allowed.contains(&used.as_str()) {
            let list = if allowed.is_empty() { "no other crate".to_owned() } else { allowed.join(", ") };
            problems.push(format!("`{name}` uses `{used}`, but may use {list}"));
        }
    }
}

fn check_libraries(krate: &Crate, problems: &mut Vec<String>) {
    let name = krate.name.as_str();
    for used in &krate.uses {
        for rule in RESERVED {
            if is_any(used, rule.libraries) && !rule.only.contains(&name) {
                problems.push(format!("`{name}` names `{used}`, only {} may: {}", rule.only.join(" and "), rule.why));
            }
        }
        if SYNCHRONOUS.contains(&name) && is_any(used, ASYNCHRONOUS) {
            problems.push(format!("`{name}` names `{used}`, but it is synchronous and opens no socket"));
        }
        let arrow = used == "arrow" || used.starts_with("arrow-");
        if name == "model" && arrow && !MODEL_ARROW.contains(&used.as_str()) {
            problems.push(format!("`model` names `{used}`; of Arrow it has only {}", MODEL_ARROW.join(", ")));
        }
    }
}

fn is_any(name: &str, patterns: &[&str]) -> bool {
    patterns.iter().any(|pattern| match pattern.strip_suffix('*') {
        Some(prefix) => name.starts_with(prefix),
        None => name == *pattern,
    })
}

/// Sockets and clocks of the standard library need no dependency, so the code is looked at as well.
fn check_sources(krate: &Crate, folder: &Path, problems: &mut Vec<String>) -> Result<()> {
    let mut entries: Vec<_> = std::fs::read_dir(folder)
        .with_context(|| format!("cannot list {}", folder.display()))?
        .collect::<std::io::Result<_>>()?;
    entries.sort_by_key(std::fs::DirEntry::path);
    for entry in entries {
        let path = entry.path();
        if path.is_dir() {
            check_sources(krate, &path, problems)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path)?;
            let shown = path.strip_prefix(run::root()).unwrap_or(&path).display().to_string();
            check_source(&krate.name, &shown, &text, problems);
        }
    }
    Ok(())
}

fn check_source(name: &str, path: &str, text: &str, problems: &mut Vec<String>) {
    for (number, line) in text.lines().enumerate() {
        let code = line.split("//").next().unwrap_or_default();
        for word in SOCKETS_AND_CLOCKS.iter().filter(|word| code.contains(**word)) {
            let number = number + 1;
            problems.push(format!("{path}:{number}: `{name}` says `{word}`; it opens no socket and reads no clock"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn graph(crates: &[(&str, &[&str])]) -> Vec<String> {
        let crates: Vec<Crate> = crates
            .iter()
            .map(|(name, uses)| Crate {
                name: (*name).to_owned(),
                folder: format!("crates/{name}"),
                uses: uses.iter().map(|used| (*used).to_owned()).collect(),
            })
            .collect();
        check(&crates)
    }

    #[test]
    fn the_design_is_fine() {
        let fine = graph(&[
            ("model", &["arrow-array", "arrow-buffer", "arrow-schema", "serde_json", "proptest"]),
            ("query", &["model", "regex", "query"]),
            ("receive", &["model", "opentelemetry-proto", "prost"]),
            ("watch", &["model", "receive", "procfs"]),
            ("store", &["model", "query", "datafusion", "parquet", "sqlx", "tokio"]),
            ("tandem", &["model", "query", "receive", "watch", "store", "axum", "tonic", "clap", "tokio"]),
            ("xtask", &["anyhow"]),
            ("bench", &["xtask", "prost"]),
        ]);
        assert_eq!(fine, Vec::<String>::new());
    }

    #[test]
    fn an_arrow_against_the_table() {
        assert_eq!(
            graph(&[("model", &["query"]), ("query", &["model"])]),
            ["`model` uses `query`, but may use no other crate"]
        );
        assert_eq!(
            graph(&[("store", &["model", "receive"]), ("model", &[]), ("receive", &["model"])]),
            ["`store` uses `receive`, but may use model, query"]
        );
        assert_eq!(graph(&[("tandem", &["xtask"]), ("xtask", &[])]), ["`tandem` uses `xtask`, but may use *"]);
    }

    #[test]
    fn reserved_libraries() {
        for (name, used, part) in [
            ("query", "datafusion", "only store may"),
            ("watch", "datafusion-common", "only store may"),
            ("tandem", "parquet", "only store may"),
            ("tandem", "sqlx", "only ledger and store may"),
            ("receive", "tonic", "only tandem may"),
            ("watch", "clap", "only tandem may"),
            ("store", "axum-server", "only tandem may"),
            ("receive", "tokio", "synchronous"),
            ("gate", "ureq", "synchronous"),
            ("model", "arrow-cast", "of Arrow it has only"),
        ] {
            let problems = graph(&[(name, &[used])]);
            assert_eq!(problems.len(), 1, "{name} {used}: {problems:?}");
            assert!(problems[0].contains(part), "{problems:?}");
        }
    }

    #[test]
    fn a_new_crate_must_be_placed() {
        assert!(graph(&[("helpers", &[])])[0].contains("not in the table"));
        let misplaced = Crate { name: "gate".into(), folder: "crates/door".into(), uses: BTreeSet::new() };
        assert!(check(&[misplaced])[0].contains("bears its crate's name"));
    }

    #[test]
    fn metadata_of_cargo() {
        let crates = read(&json!({
            "workspace_root": "/w",
            "packages": [{
                "name": "query",
                "manifest_path": "/w/crates/query/Cargo.toml",
                "dependencies": [{"name": "model", "kind": null}, {"name": "tokio", "kind": "dev"}],
            }],
        }))
        .unwrap();
        assert_eq!(crates[0].folder, "crates/query");
        assert!(check(&crates).iter().any(|problem| problem.contains("tokio")));
        assert!(read(&json!({})).is_err());
    }

    #[test]
    fn sockets_and_clocks_in_the_code() {
        let mut problems = Vec::new();
        check_source("gate", "a.rs", "// SystemTime::now is forbidden\nlet now = SystemTime::now();", &mut problems);
        assert_eq!(problems, ["a.rs:2: `gate` says `SystemTime::now`; it opens no socket and reads no clock"]);
    }
}
