//! GitHub: workflows, actions and Dependabot.
//!
//! | kind | is |
//! |---|---|
//! | `workflow` | a workflow, called or started |
//! | `trigger` | an event that starts it |
//! | `job` | a job of it |
//! | `step` | a step of a job or of a composite action |
//! | `script_line` | a line of a step's script, with those that it goes on with |
//! | `action` | what an `action.yml` describes |
//! | `action_use` | a `uses` of a step or job, taken apart |
//! | `permissions` | a `permissions` block where it is written |
//! | `expression` | a `${{ }}` or a condition, with where it is (`at`) |
//! | `image` | an image that a job, a service or a step runs |
//! | `dependabot_update` | an entry of `updates` |
//! | `pre_commit_repository` | an entry of `repos` of `.pre-commit-config.yaml` |
//!
//! | file | holds |
//! |---|---|
//! | `reader.rs` | adds resources, finds expressions |
//! | `workflow.rs` | workflows, jobs and steps |
//! | `action.rs` | actions, Dependabot, pre-commit |
//! | `uses.rs` | `uses` and images, taken apart |
//! | `permissions.rs` | what a job may do |
//! | `settle.rs` | values with expressions become what is known of them |
//! | `link.rs` | relations across files |
//! | `expression/` | the expression language |

mod action;
pub mod expression;
mod link;
mod permissions;
mod reader;
mod settle;
mod uses;
mod workflow;

pub use link::link;
pub(super) use uses::{pinned_by, ref_kind};

use crate::resource::{FileId, World};
use crate::text::Text;
use crate::tree::{Node, Tree};

/// The name of this family.
pub const FAMILY: &str = "github";

/// What a file of this family is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sort {
    Workflow,
    Action,
    Dependabot,
    PreCommit,
}

/// Whether a file may be of this family, before it is parsed.
pub fn may_be(path: &str, text: &str) -> bool {
    let has = |part: &str| memchr::memmem::find(text.as_bytes(), part.as_bytes()).is_some();
    sort(path, None).is_some()
        || has("package-ecosystem")
        || (has("jobs") && has("on"))
        || (has("runs") && has("using"))
}

/// Whether a file is of this family: by its path, else by what it says.
pub fn is(path: &str, tree: Option<&Tree>, _text: &Text) -> bool {
    sort(path, tree).is_some()
}

fn sort(path: &str, tree: Option<&Tree>) -> Option<Sort> {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let stem = name.strip_suffix(".yml").or_else(|| name.strip_suffix(".yaml"))?;
    let root = tree.and_then(|tree| tree.documents().next());
    let says = |test: fn(Node<'_>) -> bool| root.is_some_and(test);
    if folder == ".github/workflows" || folder.ends_with("/.github/workflows") || says(is_workflow) {
        return Some(Sort::Workflow);
    }
    if (stem == "dependabot" && (folder == ".github" || folder.ends_with("/.github"))) || says(is_dependabot) {
        return Some(Sort::Dependabot);
    }
    if stem == ".pre-commit-config" {
        return Some(Sort::PreCommit);
    }
    ((stem == "action" || says(is_composite)) && root.is_some_and(|root| root.at(&["runs", "using"]).is_some()))
        .then_some(Sort::Action)
}

fn is_workflow(root: Node<'_>) -> bool {
    let job = |job: Node<'_>| job.get("runs-on").is_some() || job.get("steps").is_some() || job.get("uses").is_some();
    root.member("on").is_some()
        && root.get("jobs").is_some_and(|jobs| jobs.is_map() && jobs.members().any(|(_, of)| job(of)))
}

fn is_dependabot(root: Node<'_>) -> bool {
    root.get("version").is_some()
        && root.get("updates").is_some_and(|all| all.items().any(|one| one.get("package-ecosystem").is_some()))
}

fn is_composite(root: Node<'_>) -> bool {
    root.at(&["runs", "using"]).and_then(Node::text) == Some("composite") && root.at(&["runs", "steps"]).is_some()
}

/// Reads a file of this family.
pub fn read(world: &mut World, file: FileId) {
    let (sort, root) = {
        let file = world.file(file);
        (sort(&file.text.path, Some(&file.tree)), file.tree.roots.first().copied())
    };
    let (Some(sort), Some(root)) = (sort, root) else { return };
    let mut reader = reader::Reader::new(world, file);
    match sort {
        Sort::Workflow => workflow::read(&mut reader, root),
        Sort::Action => action::read(&mut reader, root),
        Sort::Dependabot => action::dependabot(&mut reader, root),
        Sort::PreCommit => action::pre_commit(&mut reader, root),
    }
    settle::settle(world, file);
}

#[cfg(test)]
mod tests;
