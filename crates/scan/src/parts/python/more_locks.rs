//! `pdm.lock`, and `pylock.toml` (PEP 751).

use super::leading_name;
use super::locks::{Package, packages};
use crate::parts::{Inventory, Origin, Scope};
use crate::text::Text;
use crate::tree::{Malformed, Node, Tree};

/// Where a package is from, by the members that say it is not from an index: those of a folder or file, and those of an
/// address.
fn origin(node: Node<'_>, local: &[&str], elsewhere: &[&str]) -> Origin {
    if let Some(from) = elsewhere.iter().find_map(|name| node.get(name)) {
        let url = from.text().or_else(|| from.get("url").and_then(Node::text)).unwrap_or_default();
        return Origin::Elsewhere(url.into());
    }
    if local.iter().any(|name| node.get(name).is_some()) { Origin::Local } else { Origin::Registry }
}

/// Reads a `pdm.lock`. Its groups say what is for development; what is direct it does not say.
///
/// # Errors
/// When it is malformed or beyond the limits.
pub fn pdm(text: &Text) -> Result<Inventory, Malformed> {
    let tree = Tree::toml(text)?;
    let Some(root) = tree.documents().next() else { return Ok(Inventory::default()) };
    let of = |node| origin(node, &["path"], &["git", "hg", "svn", "bzr", "url"]);
    let mut packages = packages(text, root.each("package"), of);
    for Package { part, node } in std::mem::take(&mut packages.all) {
        // Versions before 4.5 tell no groups.
        let groups: Vec<&str> = node.each("groups").into_iter().filter_map(Node::text).collect();
        packages.inventory.components[part].scope = match groups.as_slice() {
            [] => Scope::Unknown,
            groups if groups.contains(&"default") => Scope::Required,
            _ => Scope::Development,
        };
        let needs = node.each("dependencies").into_iter().filter_map(|node| Some(leading_name(node.text()?)?.0));
        let edges: Vec<_> = needs.flat_map(|name| packages.find(name)).map(|to| (part, to)).collect();
        // `a[x]` is a package of its own there, that needs `a`.
        packages.inventory.edges.extend(edges.into_iter().filter(|(from, to)| from != to));
    }
    Ok(packages.inventory)
}

/// Reads a `pylock.toml`.
///
/// # Errors
/// When it is malformed or beyond the limits.
pub fn pylock(text: &Text) -> Result<Inventory, Malformed> {
    let tree = Tree::toml(text)?;
    let Some(root) = tree.documents().next() else { return Ok(Inventory::default()) };
    let of = |node| origin(node, &["directory"], &["vcs", "archive"]);
    let mut packages = packages(text, root.each("packages"), of);
    for Package { part, node } in std::mem::take(&mut packages.all) {
        for needed in node.each("dependencies") {
            let said = |name: &str| needed.get(name).and_then(Node::text);
            let parts = packages.find(said("name").unwrap_or_default());
            let version = |part: usize| packages.inventory.components[part].purl.version.as_deref();
            let fits = |to: &usize| said("version").is_none() || said("version") == version(*to);
            let edges: Vec<_> = parts.into_iter().filter(fits).map(|to| (part, to)).collect();
            packages.inventory.edges.extend(edges);
        }
    }
    Ok(packages.inventory)
}

#[cfg(test)]
mod tests {
    use super::Origin;
    use crate::parts::testing::{edges, lines, read};

    #[test]
    fn pdm_is_read() {
        let lock = "[metadata]\ngroups = [\"default\", \"dev\"]\nlock_version = \"4.5.0\"\n\n\
            [[package]]\nname = \"Requests\"\nversion = \"2.31.0\"\ngroups = [\"default\"]\ndependencies = [\n    \"certifi>=2017.4.17\",\n    \"win-only; sys_platform == 'win32'\",\n]\n\n\
            [[package]]\nname = \"requests\"\nversion = \"2.31.0\"\nextras = [\"socks\"]\ngroups = [\"default\"]\ndependencies = [\"requests==2.31.0\"]\n\n\
            [[package]]\nname = \"certifi\"\nversion = \"2023.7.22\"\ngroups = [\"default\", \"dev\"]\n\n\
            [[package]]\nname = \"pytest\"\nversion = \"7.4.0\"\ngroups = [\"dev\"]\n\n\
            [[package]]\nname = \"fork\"\nversion = \"1.0\"\ngit = \"https://example.com/fork.git\"\nrevision = \"0123\"\n";
        let inventory = read("pdm.lock", lock, &[]);
        assert_eq!(
            lines(&inventory),
            [
                "6 pypi/requests@2.31.0 ? Required",
                "15 pypi/requests@2.31.0 ? Required",
                "22 pypi/certifi@2023.7.22 ? Required",
                "27 pypi/pytest@7.4.0 ? Development",
                "32 pypi/fork@1.0 ? Unknown"
            ]
        );
        assert_eq!(edges(&inventory), ["requests@2.31.0 > certifi@2023.7.22", "requests@2.31.0 > requests@2.31.0"]);
        assert_eq!(inventory.components[4].origin, Origin::Elsewhere("https://example.com/fork.git".into()));
    }

    #[test]
    fn the_common_form_is_read() {
        let lock = "lock-version = \"1.0\"\ncreated-by = \"x\"\n\n[[packages]]\nname = \"attrs\"\nversion = \"25.1.0\"\nwheels = []\n\n\
            [[packages]]\nname = \"cattrs\"\nversion = \"24.1.2\"\ndependencies = [{name = \"attrs\"}]\n\n\
            [[packages]]\nname = \"here\"\ndirectory = {path = \".\", editable = true}\n\n\
            [[packages]]\nname = \"there\"\nvcs = {type = \"git\", url = \"https://example.com/x\", commit-id = \"0\"}\n";
        let inventory = read("pylock.dev.toml", lock, &[]);
        assert_eq!(lines(&inventory), ["5 pypi/attrs@25.1.0 ? Unknown", "10 pypi/cattrs@24.1.2 ? Unknown"]);
        assert_eq!(edges(&inventory), ["cattrs@24.1.2 > attrs@25.1.0"]);
        assert_eq!(inventory.missed.iter().map(|missed| &*missed.name).collect::<Vec<_>>(), ["there"]);
    }
}
