//! `go.mod`. The version of Go that it names in whole is a component, too (`stdlib`). Since Go 1.17 it names every module of the build; before, only some, which is said.
//!
//! `go.sum` also names modules that are not built and several versions of one, so that nothing is taken from it.

use super::purl::Purl;
use super::{Inventory, Origin};
use crate::text::{Span, Text};
use crate::tree::Malformed;
use ahash::AHashMap;

/// What replaces a module: a path and a version; no version means a folder.
type Replaced = (String, Option<String>);

/// Reads a `go.mod`.
///
/// # Errors
/// When a line is no directive.
pub fn read(text: &Text) -> Result<Inventory, Malformed> {
    let mut required: Vec<(Span, String, String, bool)> = Vec::new();
    let mut replaced: AHashMap<(String, Option<String>), Replaced> = AHashMap::new();
    let (mut block, mut go, mut module, mut itself) = (String::new(), None, None, None);
    let mut start = 0;
    for line in text.text.split_inclusive('\n') {
        let from = start;
        start += line.len();
        let (said, comment) = line.split_once("//").unwrap_or((line, ""));
        let span = Span::new(from + (said.len() - said.trim_start().len()), from + said.trim_end().len());
        let mut words: Vec<&str> = said.split_whitespace().collect();
        let refuse = || super::refuse(span, "no directive of go.mod: expected `require PATH VERSION` and the like");
        match (words.as_slice(), block.is_empty()) {
            ([], _) => continue,
            ([")"], false) => {
                block.clear();
                continue;
            }
            ([name, "("], true) | ([name], true) if words.len() == 2 || name.ends_with('(') => {
                block = name.trim_end_matches('(').to_owned();
                continue;
            }
            _ => {}
        }
        let directive = if block.is_empty() { words.remove(0).to_owned() } else { block.clone() };
        let words: Vec<String> = words.into_iter().map(unquoted).collect();
        match (directive.as_str(), words.as_slice()) {
            ("require", [path, version, ..]) => {
                let is_indirect = comment.trim().split(';').any(|word| word.trim() == "indirect");
                required.push((span, path.clone(), version.clone(), !is_indirect));
            }
            ("replace", [path, arrow, to, rest @ ..]) if arrow == "=>" => {
                replaced.insert((path.clone(), None), (to.clone(), rest.first().cloned()));
            }
            ("replace", [path, version, arrow, to, rest @ ..]) if arrow == "=>" => {
                replaced.insert((path.clone(), Some(version.clone())), (to.clone(), rest.first().cloned()));
            }
            ("go", [version, ..]) => {
                go = Some(version.clone());
                itself = itself.or_else(|| whole(version).map(|version| (span, version)));
            }
            // It is not older than the version of `go`.
            ("toolchain", [name, ..]) => {
                let version = name.strip_prefix("go").and_then(whole);
                itself = version.map(|version| (span, version)).or(itself);
            }
            ("module", [path, ..]) => module = Some((span, path.clone())),
            ("require" | "replace" | "module" | "go", _) => return Err(refuse()),
            ("exclude" | "retract" | "toolchain" | "tool" | "godebug" | "ignore", _) => {}
            _ => return Err(refuse()),
        }
    }
    let mut inventory = inventory(text, required, &replaced, go.as_deref(), module);
    if let Some((span, version)) = itself
        && let Some(component) = inventory.add(text, span, Purl::new("golang", "stdlib", &version))
    {
        component.direct = Some(true);
    }
    Ok(inventory)
}

/// The version of Go's own library that pipelines take when they are told to read this file: `1.22.3`, also of
/// `1.22.3-custom`. `1.22` and `1.22rc1` name no release.
fn whole(version: &str) -> Option<String> {
    let version = version.split('-').next().unwrap_or(version);
    let is_whole = version.split('.').count() == 3
        && version.split('.').all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
    is_whole.then(|| version.to_owned())
}

fn inventory(
    text: &Text,
    required: Vec<(Span, String, String, bool)>,
    replaced: &AHashMap<(String, Option<String>), Replaced>,
    go: Option<&str>,
    module: Option<(Span, String)>,
) -> Inventory {
    let mut inventory = Inventory::default();
    for (span, path, version, direct) in required {
        let key = (path.clone(), Some(version.clone()));
        let other = replaced.get(&key).or_else(|| replaced.get(&(path.clone(), None)));
        let (path, version, is_folder) = match other {
            Some((to, Some(version))) => (to.clone(), version.clone(), false),
            Some((to, None)) => {
                inventory.miss(text, span, &path, format!("it is replaced by the folder {to}, which has no version"));
                (path, String::new(), true)
            }
            None => (path, version, false),
        };
        if is_folder {
            continue;
        }
        let Some(component) = inventory.add(text, span, Purl::new("golang", &path, &version)) else { break };
        component.direct = Some(direct);
        component.origin = Origin::Registry;
    }
    let minor = go.and_then(|go| go.strip_prefix("1.")).and_then(|rest| rest.split('.').next()?.parse::<u32>().ok());
    if minor.is_none_or(|minor| minor < 17)
        && go.is_none_or(|go| go.starts_with("1."))
        && let Some((span, path)) = module
        && !inventory.components.is_empty()
    {
        let reason = "a go.mod of before Go 1.17 does not name every module of the build: run `go mod tidy -go=1.17`";
        inventory.miss(text, span, &path, reason);
    }
    inventory
}

fn unquoted(word: &str) -> String {
    word.trim_matches(['"', '`']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{lines, read};
    use proptest::prelude::*;

    #[test]
    fn requirements_and_replacements_are_read() {
        let text = "module example.com/app\n\ngo 1.22.1\ntoolchain go1.22.3\n\nrequire github.com/One/a v1.2.3 // a reason\n\n\
            require (\n\tgolang.org/x/net v0.0.0-20210226172049-e18ecbb05110 // indirect\n\t\"gopkg.in/b.v2\" v2.0.0+incompatible\n\
            \tgitlab.com/c v1.0.0\n\texample.com/here v0.0.0\n)\n\nreplace (\n\tgitlab.com/c => gitlab.com/fork/c v1.0.1\n)\n\
            replace example.com/here v0.0.0 => ./here\nexclude gitlab.com/c v0.9.0\nretract [v1.0.0, v1.0.1]\n";
        let inventory = read("go.mod", text, &[]);
        assert_eq!(
            lines(&inventory),
            [
                "6 golang/github.com/One/a@v1.2.3 direct Unknown",
                "9 golang/golang.org/x/net@v0.0.0-20210226172049-e18ecbb05110 indirect Unknown",
                "10 golang/gopkg.in/b.v2@v2.0.0%2Bincompatible direct Unknown",
                "11 golang/gitlab.com/fork/c@v1.0.1 direct Unknown",
                "4 golang/stdlib@1.22.3 direct Unknown"
            ]
        );
        assert_eq!(inventory.missed.iter().map(|missed| &*missed.name).collect::<Vec<_>>(), ["example.com/here"]);
        let old = read("go.mod", "module m\ngo 1.16\nrequire a.b/c v1.0.0\n", &[]);
        assert_eq!((old.components.len(), old.missed.len()), (1, 1));
        assert!(super::read(&crate::text::Text::new("go.mod", "<<<<<<< HEAD\n")).is_err());
        let odd = "module (\n\texample.com/app\n)\ngo 1.23.4\ntoolchain default\nrequire(\n\ta.b/c v1.0.0 //indirect\n\ta.b/d/v2 v2.0.0 // indirect; why\n)\n\
            replace a.b/c v0.9.0 => a.b/other v1.0.0\nreplace a.b/d/v2 => ../d\nexclude (\n\ta.b/c v1.0.0\n)\nretract (\n\tv1.0.0 // bad\n\t[v1.1.0, v1.2.0]\n)\n\
            tool a.b/c/cmd/x\ngodebug default=go1.21\nignore ./node_modules\n";
        let odd = read("go.mod", &odd.replace('\n', "\r\n"), &[]);
        assert_eq!(lines(&odd), ["7 golang/a.b/c@v1.0.0 indirect Unknown", "4 golang/stdlib@1.23.4 direct Unknown"]);
        assert_eq!(odd.missed.len(), 1);
        assert!(read("go.mod", "module m\ngo 1.22\n", &[]).components.is_empty());
    }

    proptest! {
        #[test]
        fn it_never_panics(text in "((require|replace|module|go|a.b/c|v1|=>|[()\"/\u{e9} \n]){0,3}[ \n]){0,12}") {
            let _ = super::read(&crate::text::Text::new("go.mod", text));
        }
    }
}
