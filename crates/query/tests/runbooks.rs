//! Searches that the built-in runbooks tell people to run are searches.

use model::Table;
use query::{Filter, parse};
use std::path::Path;

/// The search of a line of a shell, and its table: the text in single quotes.
fn search(line: &str) -> Option<(Table, &str)> {
    let rest = line.trim().strip_prefix("tandem search ")?;
    let (options, rest) = rest.split_once('\'')?;
    let table = options.trim().strip_prefix("--table").map_or(Some(Table::Logs), |name| Table::from_name(name.trim()));
    Some((table?, rest.split_once('\'')?.0))
}

#[test]
fn searches_of_runbooks_are_understood() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../knowledge/runbooks");
    let mut searches = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let page = std::fs::read_to_string(&path).unwrap();
        for line in page.lines().filter(|line| line.starts_with("tandem search")) {
            let (table, text) = search(line).unwrap_or_else(|| panic!("{}: {line}", path.display()));
            let parsed = parse(text).unwrap_or_else(|error| panic!("{}: {line}: {error}", path.display()));
            Filter::compile(&parsed.filter, table, 0)
                .unwrap_or_else(|error| panic!("{}: {line}: {error}", path.display()));
            searches += 1;
        }
    }
    assert!(searches >= 40, "{searches}");
}
