//! What is written in which form: each family reads its own files to resources.
//!
//! | folder | reads |
//! |---|---|
//! | `kubernetes` | manifests |

pub mod kubernetes;

use crate::evaluate::Evaluator;
use crate::finding::Finding;
use crate::resource::{FileId, World};
use crate::rules::Rule;
use crate::text::Text;
use crate::tree::{Malformed, Tree};

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

/// Parses a file. What is wrong with it is told; the rest is there.
pub fn parse(text: &Text, format: Format) -> (Tree, Vec<Malformed>) {
    match format {
        Format::Yaml => Tree::yaml(text),
        Format::Json => match Tree::json(text) {
            Ok(tree) => (tree, Vec::new()),
            Err(malformed) => (Tree::default(), vec![malformed]),
        },
    }
}

/// Reads a file's resources, by every family that it belongs to.
pub fn read(world: &mut World, file: FileId) {
    if kubernetes::is(&world.file(file).tree) {
        kubernetes::read(world, file, "kubernetes");
    }
}

/// Relates resources across files, when all are read.
pub fn link(world: &mut World) {
    kubernetes::link(world);
}

/// Reads files that belong together, and why some could not be read.
pub fn world(texts: Vec<Text>) -> (World, Vec<String>) {
    let (mut world, mut unread) = (World::default(), Vec::new());
    for text in texts {
        let Some(format) = format(&text.path) else { continue };
        let (tree, malformed) = parse(&text, format);
        unread.extend(malformed.into_iter().map(|malformed| {
            let line = text.place(malformed.span.start).line;
            format!("{}:{line}: {}", text.path, malformed.reason)
        }));
        let file = world.add_file(text, tree);
        read(&mut world, file);
    }
    link(&mut world);
    (world, unread)
}

/// What one rule finds in files, and why files could not be read: what pages are run with.
pub fn findings(rule: &Rule, texts: Vec<Text>) -> (Vec<Finding>, Vec<String>) {
    let (world, unread) = world(texts);
    (Evaluator::new([rule]).run(&world).findings, unread)
}
