//! The pages that are part of Tandem.

use super::page::{Origin, Page, Problem};
use super::read;

/// All of `knowledge` as it was when the program was built: path and text, in the order of the paths.
const BUILTIN: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/knowledge.rs"));

/// The files of `knowledge`, by their path in it: runbooks, and what else is built in.
pub fn files() -> impl Iterator<Item = (&'static str, &'static str)> {
    BUILTIN.iter().copied()
}

/// The runbooks among them as pages.
pub(super) fn pages(problems: &mut Vec<Problem>) -> Vec<Page> {
    let runbooks = files().filter(|(path, _)| path.starts_with("runbooks/"));
    let page = |(path, text): (&str, &str)| {
        let page = read::page(path, &format!("knowledge/{path}"), text, problems)?;
        Some(Page { origin: Origin::BuiltIn, ..page })
    };
    runbooks.filter_map(page).collect()
}
