//! `yarn.lock`, of version 1 and of Berry (2 and later, which is YAML).

use super::super::purl::Purl;
use super::super::{Inventory, Origin, Others, Part, beside, raw};
use super::{asked, elsewhere, origin};
use crate::text::{Span, Text};
use crate::tree::{Malformed, Node, Tree};
use ahash::AHashMap;

/// Reads a lock file. What is direct, version 1 does not say: `package.json` beside it does.
///
/// # Errors
/// When it is malformed or beyond the limits.
pub fn read(text: &Text, others: Others<'_>) -> Result<Inventory, Malformed> {
    if text.text.contains("__metadata:") {
        return berry(text);
    }
    let entries = entries(text)?;
    let mut inventory = Inventory::default();
    let mut known: AHashMap<&str, Part> = AHashMap::new();
    let mut needs: Vec<(Part, &Vec<String>)> = Vec::new();
    for entry in &entries {
        let Some(first) = entry.asked.first() else { continue };
        let (name, range) = name_of(first);
        // `alias@npm:real@1` is an alias.
        let name = range.strip_prefix("npm:").map(|real| name_of(real).0).filter(|real| is_name(real)).unwrap_or(name);
        let Some(version) = &entry.version else {
            inventory.miss(text, entry.span, name, "the lock file names no version: run `yarn install`");
            continue;
        };
        let part = inventory.components.len();
        let Some(component) = inventory.add(text, entry.span, Purl::new("npm", name, version)) else { break };
        component.origin = elsewhere(range).unwrap_or_else(|| origin(entry.resolved.as_deref()));
        known.extend(entry.asked.iter().map(|asked| (asked.as_str(), part)));
        needs.push((part, &entry.needs));
    }
    for (from, needs) in needs {
        inventory.edges.extend(needs.iter().filter_map(|asked| Some((from, *known.get(asked.as_str())?))));
    }
    if let Some(manifest) = others(&beside(&text.path, "package.json")) {
        let asked: Vec<(String, bool)> =
            asked(&manifest).into_iter().map(|(name, range, dev)| (format!("{name}@{range}"), dev)).collect();
        let of = |development: bool| -> Vec<Part> {
            let asked = asked.iter().filter(|(_, dev)| *dev == development);
            asked.filter_map(|(asked, _)| known.get(asked.as_str()).copied()).collect()
        };
        finish(&mut inventory, &of(false), &of(true));
    }
    Ok(inventory)
}

fn finish(inventory: &mut Inventory, required: &[Part], development: &[Part]) {
    for (part, component) in inventory.components.iter_mut().enumerate() {
        component.direct = Some(required.contains(&part) || development.contains(&part));
    }
    inventory.reach(required, development);
}

/// An entry of version 1.
#[derive(Default)]
struct Entry {
    span: Span,
    asked: Vec<String>,
    version: Option<String>,
    resolved: Option<String>,
    needs: Vec<String>,
}

/// Whether it may be a name: `npm:^1.0.0` asks for a version, `npm:real@1` for another package.
fn is_name(said: &str) -> bool {
    said.starts_with(|first: char| first.is_ascii_alphabetic() || matches!(first, '@' | '_')) && said != "latest"
}

/// A name and what is asked of it: `@scope/a@^1.0.0`.
fn name_of(asked: &str) -> (&str, &str) {
    let at = asked.char_indices().skip(1).find(|(_, at)| *at == '@').map_or(asked.len(), |(at, _)| at);
    (&asked[..at], asked.get(at + 1..).unwrap_or_default())
}

fn entries(text: &Text) -> Result<Vec<Entry>, Malformed> {
    let mut entries: Vec<Entry> = Vec::new();
    let (mut start, mut in_needs) = (0, false);
    for line in text.text.split_inclusive('\n') {
        let from = start;
        start += line.len();
        let said = line.trim();
        let indent = line.len() - line.trim_start_matches(' ').len();
        if said.is_empty() || said.starts_with('#') {
            continue;
        }
        let span = Span::new(from + indent, from + line.trim_end().len());
        let refuse = |reason: &str| super::super::refuse(span, reason);
        if indent == 0 {
            let Some(asked) = said.strip_suffix(':') else {
                return Err(refuse("an entry begins with `NAME@RANGE:`"));
            };
            let asked = asked_in(asked);
            entries.push(Entry { span, asked, ..Entry::default() });
            in_needs = false;
            continue;
        }
        let Some(entry) = entries.last_mut() else { return Err(refuse("a line before the first entry")) };
        if indent <= 2 {
            in_needs = matches!(said, "dependencies:" | "optionalDependencies:");
        }
        let (name, value) = pair(said);
        match name {
            _ if indent > 2 && in_needs => entry.needs.push(format!("{name}@{value}")),
            "version" if indent <= 2 => entry.version = Some(value.to_owned()),
            "resolved" if indent <= 2 => entry.resolved = Some(value.to_owned()),
            _ => {}
        }
    }
    Ok(entries)
}

/// What an entry answers, divided by commas that are not within quotes.
fn asked_in(said: &str) -> Vec<String> {
    let (mut asked, mut current, mut quoted) = (Vec::new(), String::new(), false);
    for character in said.chars() {
        match character {
            '"' => quoted = !quoted,
            ',' if !quoted => asked.push(std::mem::take(&mut current).trim().to_owned()),
            other => current.push(other),
        }
    }
    asked.push(current.trim().to_owned());
    asked
}

/// `name "value"`, either with or without quotes.
fn pair(said: &str) -> (&str, &str) {
    let (name, value) = match said.strip_prefix('"').and_then(|rest| rest.split_once('"')) {
        Some(quoted) => quoted,
        None => said.split_once(' ').unwrap_or((said, "")),
    };
    (name, value.trim().trim_matches('"'))
}

fn berry(text: &Text) -> Result<Inventory, Malformed> {
    let (tree, malformed) = Tree::yaml(text);
    if let Some(malformed) = malformed.into_iter().next() {
        return Err(malformed);
    }
    let mut inventory = Inventory::default();
    let mut known: AHashMap<String, Part> = AHashMap::new();
    let mut entries: Vec<(Part, Node<'_>)> = Vec::new();
    for (key, node) in tree.documents().flat_map(|root| root.entries()) {
        let Some(asked) = key.text().filter(|key| *key != "__metadata") else { continue };
        let resolution = node.get("resolution").and_then(|node| node.text()).unwrap_or(asked);
        let (name, range) = name_of(resolution);
        let Some(version) = node.get("version").and_then(|node| raw(text, node)) else {
            inventory.miss(text, key.span(), name, "the lock file names no version: run `yarn install`");
            continue;
        };
        let part = inventory.components.len();
        // A patched package is the package: `a@patch:a@npm%3A1.0.0#...`.
        let Some(component) = inventory.add(text, key.span(), Purl::new("npm", name, &version)) else { break };
        component.origin = match range {
            range if range.starts_with("npm:") || range.starts_with("patch:") => Origin::Registry,
            range => elsewhere(range).unwrap_or_else(|| Origin::Elsewhere(range.into())),
        };
        known.extend(asked.split(", ").map(|asked| (asked.to_owned(), part)));
        entries.push((part, node));
    }
    let (mut required, mut development) = (Vec::new(), Vec::new());
    for (from, node) in entries {
        let is_local = inventory.components[from].origin == Origin::Local;
        for (name, range) in node.get("dependencies").into_iter().flat_map(|map| map.members()) {
            let Some(range) = raw(text, range) else { continue };
            let forms = [format!("{name}@{range}"), format!("{name}@npm:{range}"), format!("{name}@workspace:{range}")];
            if let Some(to) = forms.iter().find_map(|form| known.get(form)) {
                inventory.edges.push((from, *to));
            }
        }
        if is_local {
            required.push(from);
        }
    }
    let is_local = |part: Part| inventory.components[part].origin == Origin::Local;
    development.extend(inventory.edges.iter().filter(|(from, _)| is_local(*from)).map(|(_, to)| *to));
    let direct: ahash::AHashSet<Part> = development.into_iter().chain(required).collect();
    for (part, component) in inventory.components.iter_mut().enumerate() {
        component.direct = Some(direct.contains(&part));
    }
    // Berry writes what is for development among the rest, so that the scope is not known.
    Ok(inventory)
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{edges, lines, read};
    use proptest::prelude::*;

    #[test]
    fn version_1_is_read() {
        let text = "# yarn lockfile v1\n\n\n\"@s/a@^1.0.0\", \"@s/a@~1.2\":\n  version \"1.2.3\"\n  \
            resolved \"https://registry.yarnpkg.com/@s/a/-/a-1.2.3.tgz#00\"\n  dependencies:\n    b \">= 2, < 3\"\n    \"@s/c\" \"*\"\n\n\
            b@\"x\", \"b@>= 2, < 3\":\n  version \"2.1.0\"\n\n\"@s/c@*\":\n  version \"0.1.0\"\n  dependencies:\n    b x\n\n\
            \"old@npm:real@1\":\n  version \"1.0.0\"\n\nl@file:./l:\n  version \"0.0.0\"\n";
        let text = text.replace("b@\"x\", \"b@>= 2, < 3\"", "b@x, \"b@>= 2, < 3\"");
        let manifest = r#"{"dependencies": {"@s/a": "^1.0.0"}, "devDependencies": {"old": "npm:real@1"}}"#;
        let inventory = read("yarn.lock", &text, &[("package.json", manifest)]);
        assert_eq!(
            lines(&inventory),
            [
                "4 npm/%40s/a@1.2.3 direct Required",
                "11 npm/b@2.1.0 indirect Required",
                "14 npm/%40s/c@0.1.0 indirect Required",
                "19 npm/real@1.0.0 direct Development",
                "22 npm/l@0.0.0 indirect Unknown"
            ]
        );
        assert_eq!(edges(&inventory), ["@s/a@1.2.3 > b@2.1.0", "@s/a@1.2.3 > @s/c@0.1.0", "@s/c@0.1.0 > b@2.1.0"]);
    }

    #[test]
    fn aliases_and_odd_requests_of_version_1() {
        let text = "\"one@npm:@s/real\", \"one@npm:@s/real@^1\":\r\n  version \"1.0.0\"\r\n\r\n\"two@npm:latest\":\n  version \"2.0.0\"\n\n\
            \"r@github:o/r#main\":\n  version \"3.0.0\"\n  resolved \"https://codeload.github.com/o/r/tar.gz/0123\"\n\n\
            s@o/s:\n  version \"4.0.0\"\n  resolved \"https://codeload.github.com/o/s/tar.gz/0123\"\n\n\
            \"odd@>= 1.0.0 < 2.0.0\", \"odd@1.x || >=2.5.0 || 5.0.0 - 7.2.3\":\n  version \"1.5.0\"\n  optionalDependencies:\n    \"two\" \"npm:latest\"\n";
        let inventory = read("yarn.lock", text, &[]);
        let names: Vec<_> = lines(&inventory).iter().map(|line| line.split(' ').nth(1).unwrap().to_owned()).collect();
        assert_eq!(names, ["npm/%40s/real@1.0.0", "npm/two@2.0.0", "npm/r@3.0.0", "npm/s@4.0.0", "npm/odd@1.5.0"]);
        assert_eq!(edges(&inventory), ["odd@1.5.0 > two@2.0.0"]);
        for part in [2, 3] {
            assert!(matches!(inventory.components[part].origin, super::Origin::Elsewhere(_)));
        }
        let conflict = "a@1:\n  version \"1\"\n<<<<<<< HEAD\nb@1:\n";
        let error = super::read(&crate::text::Text::new("yarn.lock", conflict), &|_| None).unwrap_err();
        assert_eq!(error.span.start, 19);
    }

    #[test]
    fn berry_is_read() {
        let text = "__metadata:\n  version: 6\n\n\"a@npm:^1.0.0, a@npm:^1.1.0\":\n  version: 1.10\n  resolution: \"a@npm:1.10\"\n  \
            dependencies:\n    \"@s/b\": ^2.0.0\n  checksum: 00\n\n\"@s/b@npm:^2.0.0\":\n  version: 2.0.0\n  resolution: \"@s/b@npm:2.0.0\"\n\n\
            \"app@workspace:.\":\n  version: 0.0.0-use.local\n  resolution: \"app@workspace:.\"\n  dependencies:\n    a: ^1.0.0\n  languageName: unknown\n";
        let inventory = read("yarn.lock", text, &[]);
        assert_eq!(
            lines(&inventory),
            [
                "4 npm/a@1.10 direct Unknown",
                "11 npm/%40s/b@2.0.0 indirect Unknown",
                "15 npm/app@0.0.0-use.local direct Unknown"
            ]
        );
        assert_eq!(edges(&inventory), ["a@1.10 > @s/b@2.0.0", "app@0.0.0-use.local > a@1.10"]);
    }

    proptest! {
        #[test]
        fn it_never_panics(text in "([a@\",:\u{e9} ]{0,6}(version|resolved|dependencies|__metadata)?[ :\n\"]){0,10}") {
            let _ = super::read(&crate::text::Text::new("yarn.lock", text), &|_| None);
        }
    }
}
