//! Repository practice: what the platform's export says, and who owns what.
//!
//! | file | holds |
//! |---|---|
//! | `export.rs` | JSON of GitHub's and GitLab's interfaces, made the same |
//! | `owners.rs` | `CODEOWNERS` |
//!
//! Resources:
//!
//! | kind | is |
//! |---|---|
//! | `branch_protection` | what all exports of a folder say together of the branch: `reviews`, `dismiss_stale`, `code_owner_review`, `signatures`, `force_pushes`, `deletions`, `admins`, `checks`, `direct_push`, `author_approves` |
//! | `repository_settings`, `workflow_permissions`, `webhook` | one export |
//! | `codeowners`, `codeowner_line` | the file that counts, and its lines |
//! | `repository` | the root of a git repository, shown at its read-me |
//!
//! The platform keeps these settings for itself, so nothing is said of what was not exported. `docs/scan.md` says how to export.

mod export;
mod owners;

use crate::resource::{FileId, Resource, ResourceId, World};
use crate::text::{Span, Text};
use crate::tree::{Data, Id};

/// The name of this family.
pub const FAMILY: &str = "repository";

/// Folders for exports: ours, and those that other tools write.
const FOLDERS: &[&str] = &[".tandem", "github_conf", "gitlab_conf"];

/// Beginnings of names of exports in other folders.
const NAMES: &[&str] = &[
    "branch-protection",
    "branch_protection",
    "protected-branches",
    "protected_branches",
    "ruleset",
    "workflow-permissions",
    "workflow_permissions",
];

/// Whether a file without a format of its own counts here.
pub fn is_plain(path: &str) -> bool {
    owners::PLACES.contains(&path) || path.eq_ignore_ascii_case("readme.md")
}

/// Whether a path says that a file is an export.
fn is_export(path: &str) -> bool {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    name.ends_with(".json")
        && (folder.split('/').any(|part| FOLDERS.contains(&part)) || NAMES.iter().any(|start| name.starts_with(start)))
}

/// Whether a JSON file may be an export, before it is parsed.
pub fn may_be(path: &str) -> bool {
    is_export(path)
}

/// Whether a file is one of this family.
pub fn is(text: &Text) -> bool {
    is_export(&text.path) || is_plain(&text.path)
}

/// Reads an export; other files are read when all are there.
pub fn read(world: &mut World, file: FileId) {
    if is_export(&world.file(file).text.path) {
        export::read(world, file);
    } else {
        let node = world.tree_mut(file).add(Data::Null, Span::default());
        add(world, file, "repository_file", String::new(), node, Span::default());
    }
}

/// Puts exports together, and looks at owners and at what is missing.
pub fn link(world: &mut World) {
    export::link(world);
    let files: Vec<FileId> =
        world.resources.iter().filter(|of| of.kind == "repository_file").map(|resource| resource.file).collect();
    let first =
        owners::PLACES.iter().find_map(|place| files.iter().find(|file| &*world.file(**file).text.path == *place));
    if let Some(file) = first {
        owners::read(world, *file);
    }
    if !world.is_repository {
        return;
    }
    let policy = |path: &str| {
        let lower = path.to_ascii_lowercase();
        let name = lower
            .strip_prefix(".github/")
            .or_else(|| lower.strip_prefix("docs/"))
            .or_else(|| lower.strip_prefix(".gitlab/"))
            .unwrap_or(&lower);
        name.starts_with("security.") || name == "security"
    };
    let has_policy = world.paths.iter().any(|path| policy(path));
    let Some(file) = files.into_iter().find(|file| is_read_me(&world.file(*file).text.path)) else { return };
    let says = world.file(file).text.text.to_ascii_lowercase();
    let told = [
        "security policy",
        "report a vulnerability",
        "reporting a vulnerability",
        "security@",
        "vulnerabilit",
        "security issue",
        "hackerone",
    ];
    let mentioned = told.iter().any(|words| says.contains(words));
    let span = Span::new(0, world.file(file).text.line(1).len());
    let tree = world.tree_mut(file);
    let members = [("security_policy", tree.add(Data::Bool(has_policy || mentioned), span))];
    let node = tree.map(&members, span);
    add(world, file, "repository", "repository".to_owned(), node, span);
}

fn is_read_me(path: &str) -> bool {
    path.eq_ignore_ascii_case("readme.md")
}

fn add(world: &mut World, file: FileId, kind: &'static str, name: String, node: Id, span: Span) -> ResourceId {
    let (fields, relations) = (Vec::new(), Vec::new());
    world.add(Resource { kind, family: FAMILY, file, address: name.clone(), name, node, span, fields, relations })
}

#[cfg(test)]
mod tests;
