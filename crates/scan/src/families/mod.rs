//! What is written in which form: each family reads its own files to resources.

pub mod github;

use crate::resource::{FileId, World};

/// How a file is parsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// YAML.
    Yaml,
    /// JSON.
    Json,
}

/// How a file is parsed that some family may read; none for others. The path has `/` between its parts.
pub fn format(path: &str) -> Option<Format> {
    let name = path.rsplit('/').next().unwrap_or(path);
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("yml" | "yaml") => Some(Format::Yaml),
        Some("json") => Some(Format::Json),
        _ => None,
    }
}

/// Reads a file's resources, by every family that it belongs to.
pub fn read(world: &mut World, file: FileId) {
    github::read(world, file);
}

/// Relates resources across files, when all are read.
pub fn link(world: &mut World) {
    github::link(world);
}
