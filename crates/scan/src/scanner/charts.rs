//! Charts that cannot be rendered whole here, so that whoever may run programs can ask `helm`.

use super::Entry;
use crate::families::helm::{self, Folders};
use crate::families::{self, Format};
use crate::limits::{MAX_CHARTS_BYTES, MAX_FILE_BYTES};
use crate::resource::World;
use crate::text::Text;
use crate::walk::walk;
use std::path::Path;

/// The folders of these charts, below the root and with their last slash. Charts in charts are parts of the outermost one.
pub fn not_whole(root: &Path) -> Vec<String> {
    let walked = walk(root);
    let charts = Folders::of(walked.files.iter().map(|entry| &*entry.path));
    let mut world = World { paths: walked.files.iter().map(|entry| entry.path.clone()).collect(), ..World::default() };
    let mut left = MAX_CHARTS_BYTES;
    for entry in walked.files.iter().filter(|entry| charts.contain(&entry.path)) {
        let wanted = charts.has(&entry.path, entry.bytes) || families::format(&entry.path).is_some_and(is_read);
        let Some(rest) = left.checked_sub(entry.bytes).filter(|_| wanted && entry.bytes <= MAX_FILE_BYTES) else {
            continue;
        };
        left = rest;
        let Some(text) = read(entry) else { continue };
        // Only what is rendered counts: nothing else is parsed.
        world.add_file(text, crate::tree::Tree::default());
    }
    helm::not_whole(&world)
}

fn is_read(format: Format) -> bool {
    matches!(format, Format::Yaml | Format::Plain)
}

fn read(entry: &Entry) -> Option<Text> {
    let text = String::from_utf8(entry.read().ok()?).ok()?;
    Some(Text::new(entry.path.clone(), text))
}
