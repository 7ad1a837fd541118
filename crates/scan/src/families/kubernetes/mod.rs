//! Kubernetes manifests, as YAML of several documents and as JSON, to resources with the platform's defaults filled in.
//!
//! | file | holds |
//! |---|---|
//! | `object.rs` | documents to objects: names, kinds, `List`s |
//! | `pod.rs` | workloads and their pods |
//! | `container.rs` | containers: settings of the pod behind those of the container |
//! | `image.rs` | the parts of an image's name |
//! | `flags.rs` | the program of a container and its flags |
//! | `selector.rs` | label selectors, of three values |
//! | `kustomize/` | what kustomizations make of objects |
//! | `references.rs` | what objects name and what is there |
//! | `link.rs` | services, policies, accounts and roles to what they are about |
//!
//! What an author writes is in `camelCase` as the platform has it; what was worked out is in `snake_case`:
//!
//! | of | worked out |
//! |---|---|
//! | every object | `kind`, `namespaced` |
//! | `workload` | `pod_labels`, `pod_spec`, `replicas`, `selector_matches`, `network_policies`, `disruption_budgets`, `autoscalers` (counts) |
//! | `pod` | `workload_kind`, `service_account_name`, `automount` |
//! | `container` | `type` (main, init, sidecar, ephemeral), `workload_kind`, `os`, `privileged`, `allow_privilege_escalation`, |
//! | | `run_as_non_root`, `run_as_user`, `read_only_root`, `seccomp`, `app_armor`, `added`, `dropped`, `image_tag`, |
//! | | `image_digest`, `pull_policy`, `cpu_request`, `cpu_limit`, `memory_request`, `memory_limit`, `host_mounts` |
//! | | (`path`, `read_only`), `duplicate_env`, `undeclared_probe_ports`, `program`, `flags` |
//! | `volume` | nothing: it is one of a pod's |
//! | `config_map`, `secret` | `entries` (`key`, `value`) |
//! | `service`, `network_policy`, `pod_disruption_budget`, `horizontal_pod_autoscaler` | `targets` (a count) |
//!
//! Counts and settings that depend on what is not known here are unknown, so that rules say "undecided".

mod container;
mod flags;
mod image;
mod kustomize;
mod link;
mod object;
mod pod;
mod references;
mod selector;

pub(super) use kustomize::join;
pub use link::link;
pub use object::read;

use crate::tree::{Node, Tree};

/// Whether a text may be a manifest, without parsing it.
pub fn may_be(text: &str) -> bool {
    let has = |word: &str| memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some();
    has("apiVersion") && has("kind")
}

/// Whether a file is a kustomization, by its name: most do not say what they are.
pub fn is_kustomization(path: &str) -> bool {
    kustomize::is(path)
}

/// Whether a text may be a list of patches' operations, without parsing it.
pub fn may_be_operations(text: &str) -> bool {
    let has = |word: &str| memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some();
    has("op")
        && has("path")
        && has("replace") | has("add") | has("remove")
        && text.trim_start().starts_with(['-', '[', '#'])
}

/// Whether a file is such a list: it is kept for the kustomization that names it.
pub fn is_operations(tree: &Tree) -> bool {
    kustomize::is_operations(tree)
}

/// Whether a document of this tree is an object.
pub fn is(tree: &Tree) -> bool {
    tree.documents().any(is_object)
}

/// Whether it says what it is, as every object does.
fn is_object(node: Node<'_>) -> bool {
    node.get("apiVersion").and_then(Node::text).is_some() && node.get("kind").and_then(Node::text).is_some()
}

#[cfg(test)]
mod tests;
