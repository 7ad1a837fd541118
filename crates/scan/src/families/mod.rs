//! Families: files of one sort of format, read to resources.
//!
//! | folder | reads |
//! |---|---|
//! | `kubernetes` | manifests |
//!
//! A family says which files are its own, reads each of them alone, and relates what is in all of them once everything is read.

pub mod kubernetes;

use crate::evaluate::Evaluator;
use crate::finding::Finding;
use crate::resource::World;
use crate::rules::Rule;
use crate::text::Text;
use crate::tree::{Malformed, Tree};
use std::sync::Arc;

/// A file, or a part of it, that could not be read: the result is incomplete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// The file.
    pub path: Arc<str>,
    /// The line.
    pub line: u32,
    /// Why.
    pub reason: String,
}

/// Reads files that belong together, such as all of a repository, into a new world, and relates what is in them.
pub fn read(texts: Vec<Text>) -> (World, Vec<Unread>) {
    let (mut world, mut unread) = (World::default(), Vec::new());
    for text in texts {
        one(&mut world, text, &mut unread);
    }
    kubernetes::link(&mut world);
    (world, unread)
}

/// Reads one file. What no family reads is left alone.
fn one(world: &mut World, text: Text, unread: &mut Vec<Unread>) {
    let name = text.path.rsplit('/').next().unwrap_or_default();
    let (tree, malformed) = match name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).as_deref() {
        // Parsing costs more than looking.
        Some("yml" | "yaml" | "json") if !kubernetes::may_be(&text.text) => return,
        Some("yml" | "yaml") => Tree::yaml(&text),
        Some("json") => match Tree::json(&text) {
            Ok(tree) => (tree, Vec::new()),
            Err(malformed) => (Tree::default(), vec![malformed]),
        },
        _ => return,
    };
    let told =
        |Malformed { span, reason }| Unread { path: text.path.clone(), line: text.place(span.start).line, reason };
    unread.extend(malformed.into_iter().map(told));
    if kubernetes::is(&tree) {
        let file = world.add_file(text, tree);
        kubernetes::read(world, file, "kubernetes");
    }
}

/// What one rule finds in files, and why files could not be read: what pages are run with.
pub fn findings(rule: &Rule, texts: Vec<Text>) -> (Vec<Finding>, Vec<String>) {
    let (world, unread) = read(texts);
    let evaluated = Evaluator::new([rule]).run(&world);
    let unread = unread.into_iter().map(|unread| format!("{}:{}: {}", unread.path, unread.line, unread.reason));
    (evaluated.findings, unread.collect())
}
