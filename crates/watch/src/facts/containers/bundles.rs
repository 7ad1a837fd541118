//! Containers of containerd, without its gRPC interface: from the folder that it keeps for each one while it runs. The
//! folder is named after the container and holds its description (`config.json`, by the Open Container Initiative) with
//! the annotations of the Kubernetes runtime interface. Environments and arguments in it are skipped, never kept.

use super::{Looked, Run, Runtime, image};
use crate::facts::part::{Attributes, attributes};
use crate::facts::read;
use anyhow::{Context as _, Result};
use model::entity;
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// Where the folders are, below containerd's own.
const TASKS: &str = "io.containerd.runtime.v2.task";
/// Docker's containers run in containerd too, and are told by Docker, which knows more.
const NAMESPACE_OF_DOCKER: &str = "moby";
/// Namespaces looked at; there is one for each program that uses containerd.
const MAX_NAMESPACES: usize = 64;
/// Folders looked at in a namespace.
const MAX_FOLDERS: usize = 4_000;
/// Largest description; most have 20 KiB.
const MAX_CONFIG_BYTES: u64 = 2 * 1024 * 1024;
/// Longest id, name or image.
const MAX_TEXT_BYTES: usize = 1_024;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Config {
    annotations: BTreeMap<String, String>,
    process: Process,
    linux: Linux,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Process {
    user: User,
    capabilities: Option<Capabilities>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct User {
    uid: u32,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Capabilities {
    bounding: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Linux {
    masked_paths: Option<Vec<String>>,
}

/// What runs now; what is known and no longer there has ended.
pub(super) fn look(folder: &Path, known: &Runtime) -> Result<Looked> {
    let mut looked = Looked::default();
    let tasks = folder.join(TASKS);
    let namespaces = match fs::read_dir(&tasks) {
        Ok(namespaces) => namespaces,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(gone(looked, &HashSet::new(), known)),
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", tasks.display())),
    };
    let mut there = HashSet::new();
    for namespace in namespaces.flatten().take(MAX_NAMESPACES) {
        if namespace.file_name() == NAMESPACE_OF_DOCKER {
            continue;
        }
        let folders = fs::read_dir(namespace.path());
        let folders = folders.with_context(|| format!("cannot read {}", namespace.path().display()))?;
        for entry in folders.flatten().take(MAX_FOLDERS) {
            let Some(id) = entry.file_name().to_str().map(str::to_owned) else { continue };
            if let Some(run) = run(&entry.path(), &id) {
                looked.runs.push(run);
            }
            // Half written, or a sandbox: not told, but not over either.
            there.insert(id);
        }
    }
    Ok(gone(looked, &there, known))
}

fn gone(mut looked: Looked, there: &HashSet<String>, known: &Runtime) -> Looked {
    looked.gone = known.running.keys().filter(|id| !there.contains(*id)).cloned().collect();
    looked
}

fn run(bundle: &Path, id: &str) -> Option<Run> {
    if id.len() > MAX_TEXT_BYTES {
        return None;
    }
    let path = bundle.join("config.json");
    let config: Config = serde_json::from_slice(&read::bytes(&path, MAX_CONFIG_BYTES).ok()?).ok()?;
    let cri = |name: &str| {
        let value = config.annotations.get(&format!("io.kubernetes.cri.{name}"))?;
        (1..=MAX_TEXT_BYTES).contains(&value.len()).then_some(value.as_str())
    };
    // It holds the namespaces of a pod open and runs nothing.
    if cri("container-type") == Some("sandbox") {
        return None;
    }
    // The number of its first process is written when it starts.
    let started = read::stamp(&bundle.join("init.pid")).or_else(|| read::stamp(&path))?.modified;
    let mut out: Attributes =
        attributes([("privileged", privileged(&config).into()), ("root_user", (config.process.user.uid == 0).into())]);
    for (name, key) in [
        ("container-name", "k8s.container.name"),
        ("sandbox-name", "k8s.pod.name"),
        ("sandbox-namespace", "k8s.namespace.name"),
        ("image-name", "container.image"),
    ] {
        if let Some(value) = cri(name) {
            out.insert(key.to_owned(), Value::from(value));
        }
    }
    if let Some(name) = cri("container-name") {
        out.insert("container.name".to_owned(), name.into());
    }
    let pod = match (cri("sandbox-namespace"), cri("sandbox-name")) {
        (Some(namespace), Some(name)) => entity::k8s("pod", None, Some(namespace), name).ok(),
        _ => None,
    };
    let image = cri("image-name").and_then(|name| image(name, &[]));
    Some(Run { id: id.to_owned(), started: Some(started), ended: None, attributes: out, image, pod })
}

/// A description does not say it; a privileged container has all capabilities and no path hidden from it.
fn privileged(config: &Config) -> bool {
    let bounding = config.process.capabilities.as_ref().map(|all| &all.bounding[..]).unwrap_or_default();
    let all = ["CAP_SYS_ADMIN", "CAP_SYS_MODULE"].iter().all(|one| bounding.iter().any(|other| other == one));
    all && config.linux.masked_paths.as_ref().is_none_or(Vec::is_empty)
}
