//! `Cargo.lock`, versions 1 to 4.

use super::purl::Purl;
use super::{Inventory, Origin, Part};
use crate::text::Text;
use crate::tree::{Malformed, Node, Tree};
use ahash::AHashMap;

/// Reads a `Cargo.lock`. Members of the workspace are components too, of the origin `Local`; what these need is direct.
/// A lock file does not tell what is for development only.
///
/// # Errors
/// When it is malformed or beyond the limits.
pub fn read(text: &Text) -> Result<Inventory, Malformed> {
    let tree = Tree::toml(text)?;
    let Some(root) = tree.documents().next() else { return Ok(Inventory::default()) };
    let packages: Vec<Node<'_>> = root.each("root").into_iter().chain(root.each("package")).collect();
    let mut inventory = Inventory::default();
    let mut needs: Vec<(Part, Vec<String>)> = Vec::new();
    // By name: version, source, part.
    let mut known: AHashMap<String, Vec<(String, String, Part)>> = AHashMap::new();
    for package in packages {
        let said = |name: &str| package.get(name).and_then(|node| node.text());
        let Some(name) = said("name") else { continue };
        let span = package.get("name").map_or(package.span(), |node| node.span());
        let (Some(version), source) = (said("version"), said("source").unwrap_or_default()) else {
            inventory.miss(text, span, name, "the lock file names no version: run `cargo update --workspace`");
            continue;
        };
        let part = inventory.components.len();
        let Some(component) = inventory.add(text, span, Purl::new("cargo", name, version)) else { break };
        component.origin = origin(source);
        known.entry(name.to_owned()).or_default().push((version.to_owned(), source.to_owned(), part));
        let names = package.each("dependencies").into_iter().filter_map(|node| node.text().map(str::to_owned));
        needs.push((part, names.collect()));
    }
    for (part, names) in needs {
        for name in names {
            if let Some(needed) = find(&known, &name) {
                inventory.edges.push((part, needed));
            }
        }
    }
    let is_local = |part: Part| inventory.components[part].origin == Origin::Local;
    let direct: ahash::AHashSet<Part> =
        inventory.edges.iter().filter(|(from, _)| is_local(*from)).map(|(_, to)| *to).collect();
    for (part, component) in inventory.components.iter_mut().enumerate() {
        component.direct = Some(direct.contains(&part) || component.origin == Origin::Local);
    }
    Ok(inventory)
}

fn origin(source: &str) -> Origin {
    match source {
        "" => Origin::Local,
        "registry+https://github.com/rust-lang/crates.io-index" | "sparse+https://index.crates.io/" => Origin::Registry,
        other => Origin::Elsewhere(other.into()),
    }
}

/// What `name`, `name version` or `name version (source)` means.
fn find(known: &AHashMap<String, Vec<(String, String, Part)>>, said: &str) -> Option<Part> {
    let mut words = said.split(' ');
    let of_name = known.get(words.next()?)?;
    let (version, source) = (words.next(), words.next().map(|word| word.trim_matches(['(', ')'])));
    let mut fits = of_name.iter().filter(|(of, from, _)| {
        version.is_none_or(|version| version == of) && source.is_none_or(|source| from.starts_with(source))
    });
    fits.next().map(|(_, _, part)| *part)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{edges, lines, read};

    #[test]
    fn versions_1_to_4_are_read() {
        let new = "version = 4\n\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\ndependencies = [\n \"a\",\n \"b 1.0.0\",\n]\n\n\
            [[package]]\nname = \"a\"\nversion = \"2.0.0\"\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\n\
            dependencies = [\"b 2.0.0\"]\n\n\
            [[package]]\nname = \"b\"\nversion = \"1.0.0\"\nsource = \"git+https://example.com/b#0123\"\n\n\
            [[package]]\nname = \"b\"\nversion = \"2.0.0\"\nsource = \"sparse+https://index.crates.io/\"\n";
        let inventory = read("Cargo.lock", new, &[]);
        assert_eq!(
            lines(&inventory),
            [
                "4 cargo/app@0.1.0 direct Unknown",
                "12 cargo/a@2.0.0 direct Unknown",
                "18 cargo/b@1.0.0 direct Unknown",
                "23 cargo/b@2.0.0 indirect Unknown"
            ]
        );
        assert_eq!(edges(&inventory), ["app@0.1.0 > a@2.0.0", "app@0.1.0 > b@1.0.0", "a@2.0.0 > b@2.0.0"]);
        assert!(matches!(inventory.components[2].origin, super::Origin::Elsewhere(_)));
        let old = "[root]\nname = \"app\"\nversion = \"0.1.0\"\ndependencies = [\n \
            \"a 2.0.0 (registry+https://github.com/rust-lang/crates.io-index)\",\n]\n\n\
            [[package]]\nname = \"a\"\nversion = \"2.0.0\"\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\n\n\
            [metadata]\n\"checksum a 2.0.0 (registry+https://github.com/rust-lang/crates.io-index)\" = \"00\"\n";
        let inventory = read("sub/Cargo.lock", old, &[]);
        assert_eq!(lines(&inventory), ["2 cargo/app@0.1.0 direct Unknown", "9 cargo/a@2.0.0 direct Unknown"]);
        assert_eq!(edges(&inventory), ["app@0.1.0 > a@2.0.0"]);
    }
}
