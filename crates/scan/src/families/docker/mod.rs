//! Dockerfiles and Compose files.
//!
//! | file | holds |
//! |---|---|
//! | `lines.rs` | a Dockerfile's logical lines |
//! | `dockerfile.rs` | its instructions |
//! | `variables.rs` | build arguments and environment variables |
//! | `stages.rs` | what is in force at each instruction |
//! | `shell/` | the commands of `RUN` |
//! | `packages.rs` | what commands of package managers do |
//! | `image.rs` | references to images |
//! | `reader.rs`, `run.rs`, `copy.rs` | resources of a Dockerfile |
//! | `compose.rs`, `service.rs` | Compose files: `extends`, `include`, interpolation, services as containers |
//! | `environment.rs` | files of variables |
//! | `mapped.rs` | texts put together from pieces of a file |
//! | `nodes.rs` | nodes for what was worked out |
//!
//! Resources: `dockerfile`, `stage`, `instruction`, `command`, `image`; of Compose files `compose_service`, `container`, `image`.

pub mod compose;
mod copy;
pub mod dockerfile;
mod environment;
pub mod image;
pub mod lines;
pub mod mapped;
mod nodes;
pub mod packages;
mod reader;
mod run;
mod service;
pub mod shell;
pub mod stages;
pub mod variables;

use super::Format;
use crate::resource::{FileId, World};
use crate::text::Text;
use crate::tree::{Malformed, Tree};

/// Endings of files that are made into a Dockerfile, or are about one.
const OTHERS: &[&str] = &[
    "dockerignore",
    "erb",
    "go",
    "in",
    "j2",
    "jinja",
    "jinja2",
    "js",
    "json",
    "lock",
    "m4",
    "md",
    "mustache",
    "orig",
    "patch",
    "ps1",
    "py",
    "rb",
    "rs",
    "rst",
    "sh",
    "template",
    "tmpl",
    "toml",
    "tpl",
    "ts",
    "txt",
    "yaml",
    "yml",
];

/// How a file of this name is parsed, when it is a Dockerfile or of one.
pub fn format(name: &str) -> Option<Format> {
    let lower = name.to_ascii_lowercase();
    if lower.ends_with(".dockerignore") || lower == ".containerignore" {
        return Some(Format::Plain);
    }
    if environment::is(name) {
        return Some(Format::Plain);
    }
    // That such files are there counts for `COPY .`.
    if matches!(name, ".npmrc" | ".pypirc" | ".netrc" | ".git-credentials" | "id_rsa" | "id_ed25519") {
        return Some(Format::Plain);
    }
    let (stem, ending) = lower.rsplit_once('.').unwrap_or((&lower, ""));
    if matches!(ending, "dockerfile" | "containerfile") {
        return Some(Format::Dockerfile);
    }
    let is = |of: &str| lower.strip_prefix(of).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-', '_']));
    let named = (is("dockerfile") || is("containerfile")) && !OTHERS.contains(&ending);
    let ends = ending.is_empty() && (stem.ends_with("-dockerfile") || stem.ends_with("_dockerfile"));
    (named || ends).then_some(Format::Dockerfile)
}

/// Whether a text may be a Compose file: looking is quicker than parsing.
pub fn may_be(path: &str, text: &str) -> bool {
    text.contains("services") || compose::is_named(path) && text.contains("include")
}

/// Whether a file is one of this family.
pub fn is(text: &Text, tree: &Tree) -> bool {
    let name = text.path.rsplit('/').next().unwrap_or(&text.path);
    format(name).is_some() || compose::is(&text.path, tree)
}

/// Reads a file's resources, if it is one of this family, and what is wrong with a Dockerfile.
pub fn read(world: &mut World, file: FileId) -> Vec<Malformed> {
    let path = world.file(file).text.path.clone();
    let name = path.rsplit('/').next().unwrap_or(&path);
    if format(name) == Some(Format::Dockerfile) { reader::read(world, file) } else { Vec::new() }
}

/// Relates resources across files.
pub fn link(world: &mut World) {
    copy::link(world);
    compose::link(world);
}

#[cfg(test)]
mod tests;
