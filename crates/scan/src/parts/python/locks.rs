//! `poetry.lock`, `uv.lock` and `Pipfile.lock`.

use super::super::purl::Purl;
use super::super::{Inventory, Origin, Others, Part, Scope, beside};
use super::{leading_name, normal};
use crate::text::Text;
use crate::tree::{Malformed, Node, Tree};
use ahash::{AHashMap, AHashSet};

/// A package of a lock file, read before its edges.
pub(super) struct Package<'t> {
    pub part: Part,
    pub node: Node<'t>,
}

/// The packages of `[[package]]`, by their normal names.
pub(super) struct Packages<'t> {
    pub inventory: Inventory,
    known: AHashMap<String, Vec<Part>>,
    pub all: Vec<Package<'t>>,
}

pub(super) fn packages<'t>(text: &Text, listed: Vec<Node<'t>>, origin: impl Fn(Node<'t>) -> Origin) -> Packages<'t> {
    let mut packages = Packages { inventory: Inventory::default(), known: AHashMap::new(), all: Vec::new() };
    for node in listed {
        let Some(name) = node.get("name").filter(|name| name.text().is_some()) else { continue };
        let named = name.text().unwrap_or_default();
        let origin = origin(node);
        let Some(version) = node.get("version").and_then(Node::text) else {
            if origin != Origin::Local {
                packages.inventory.miss(text, name.span(), named, "the lock file names no version: lock it again");
            }
            continue;
        };
        let part = packages.inventory.components.len();
        let Some(component) = packages.inventory.add(text, name.span(), Purl::new("pypi", &normal(named), version))
        else {
            break;
        };
        component.origin = origin;
        packages.known.entry(normal(named)).or_default().push(part);
        packages.all.push(Package { part, node });
    }
    packages
}

impl Packages<'_> {
    /// What a name means; of several versions of one, all: markers decide at installation.
    pub fn find(&self, name: &str) -> Vec<Part> {
        self.known.get(&normal(name)).cloned().unwrap_or_default()
    }

    fn direct(&mut self, required: &[Part], development: &[Part]) {
        let direct: AHashSet<Part> = required.iter().chain(development).copied().collect();
        for (part, component) in self.inventory.components.iter_mut().enumerate() {
            component.direct = Some(direct.contains(&part));
        }
        self.inventory.reach(required, development);
    }
}

/// Reads a `poetry.lock`. What is direct, `pyproject.toml` beside it says.
///
/// # Errors
/// When it is malformed or beyond the limits.
pub fn poetry(text: &Text, others: Others<'_>) -> Result<Inventory, Malformed> {
    let tree = Tree::toml(text)?;
    let Some(root) = tree.documents().next() else { return Ok(Inventory::default()) };
    let mut packages = packages(text, root.each("package"), |node| {
        let of = |name: &str| node.at(&["source", name]).and_then(Node::text).unwrap_or_default();
        match of("type") {
            "" | "legacy" => Origin::Registry,
            "directory" | "file" => Origin::Local,
            _ => Origin::Elsewhere(of("url").into()),
        }
    });
    for Package { part, node } in std::mem::take(&mut packages.all) {
        let names = node.get("dependencies").into_iter().flat_map(|map| map.members());
        let edges: Vec<_> = names.flat_map(|(name, _)| packages.find(name)).map(|to| (part, to)).collect();
        packages.inventory.edges.extend(edges);
        let groups: Vec<&str> = node.each("groups").into_iter().filter_map(Node::text).collect();
        let category = node.get("category").and_then(Node::text);
        let is_optional = node.get("optional").and_then(Node::bool) == Some(true);
        packages.inventory.components[part].scope = match category {
            _ if groups.contains(&"main") || category == Some("main") => {
                if is_optional {
                    Scope::Optional
                } else {
                    Scope::Required
                }
            }
            Some(_) => Scope::Development,
            None if !groups.is_empty() => Scope::Development,
            None => Scope::Unknown,
        };
    }
    if let Some(project) = others(&beside(&text.path, "pyproject.toml")) {
        let (required, development) = asked(&project);
        let of = |names: &[String]| -> Vec<Part> { names.iter().flat_map(|name| packages.find(name)).collect() };
        let (required, development) = (of(&required), of(&development));
        packages.direct(&required, &development);
    }
    Ok(packages.inventory)
}

/// What a `pyproject.toml` asks for at run time, and for development.
fn asked(project: &Text) -> (Vec<String>, Vec<String>) {
    let Ok(tree) = Tree::toml(project) else { return Default::default() };
    let Some(root) = tree.documents().next() else { return Default::default() };
    let keys = |path: &[&str]| -> Vec<String> {
        root.at(path).into_iter().flat_map(|map| map.members()).map(|(name, _)| name.to_owned()).collect()
    };
    let named = |list: Vec<Node<'_>>| -> Vec<String> {
        list.into_iter().filter_map(|node| Some(leading_name(node.text()?)?.0.to_owned())).collect()
    };
    let mut required = keys(&["tool", "poetry", "dependencies"]);
    let mut development = keys(&["tool", "poetry", "dev-dependencies"]);
    for (_, group) in root.at(&["tool", "poetry", "group"]).into_iter().flat_map(|map| map.members()) {
        development.extend(
            group.get("dependencies").into_iter().flat_map(|map| map.members()).map(|(name, _)| name.to_owned()),
        );
    }
    if let Some(project) = root.get("project") {
        required.extend(named(project.each("dependencies")));
        let extras = project.get("optional-dependencies").into_iter().flat_map(|map| map.members());
        required.extend(extras.flat_map(|(_, list)| named(list.items().collect())));
    }
    for (_, list) in root.get("dependency-groups").into_iter().flat_map(|map| map.members()) {
        development.extend(named(list.items().collect()));
    }
    (required, development)
}

/// Reads a `uv.lock`.
///
/// # Errors
/// When it is malformed or beyond the limits.
pub fn uv(text: &Text) -> Result<Inventory, Malformed> {
    let tree = Tree::toml(text)?;
    let Some(root) = tree.documents().next() else { return Ok(Inventory::default()) };
    let mut packages = packages(text, root.each("package"), |node| {
        let source = node.get("source").into_iter().flat_map(|map| map.members()).next();
        match source {
            None | Some(("registry", _)) => Origin::Registry,
            Some(("editable" | "virtual" | "directory" | "path", _)) => Origin::Local,
            Some((_, from)) => Origin::Elsewhere(from.text().unwrap_or_default().into()),
        }
    });
    // Without a version, the root is no component, and still asks.
    let (mut required, mut development) = (Vec::new(), Vec::new());
    for node in root.each("package") {
        let said = |node: Node<'_>, name: &str| node.get(name).and_then(Node::text).map(str::to_owned);
        let needed = |node: Node<'_>| -> Vec<Part> {
            let Some(name) = said(node, "name") else { return Vec::new() };
            let parts = packages.find(&name);
            let version = said(node, "version");
            let is = |part: &Part| {
                version.is_none() || packages.inventory.components[*part].purl.version.as_deref() == version.as_deref()
            };
            parts.into_iter().filter(is).collect()
        };
        let mut needs: Vec<Part> = node.each("dependencies").into_iter().flat_map(needed).collect();
        let optional = node.get("optional-dependencies").into_iter().flat_map(|map| map.members());
        needs.extend(optional.flat_map(|(_, list)| list.items()).flat_map(needed));
        let groups = ["dev-dependencies", "dependency-groups"].iter().filter_map(|name| node.get(name));
        let groups: Vec<Part> =
            groups.flat_map(|map| map.members()).flat_map(|(_, list)| list.items()).flat_map(needed).collect();
        let own = packages.all.iter().find(|package| package.node.id() == node.id()).map(|package| package.part);
        let is_root = own.map_or(!node.each("source").is_empty(), |part| {
            packages.inventory.components[part].origin == Origin::Local
        });
        if is_root {
            required.extend(needs.iter().copied().chain(own));
            development.extend(groups);
        }
        if let Some(from) = own {
            packages.inventory.edges.extend(needs.into_iter().map(|to| (from, to)));
        }
    }
    packages.direct(&required, &development);
    Ok(packages.inventory)
}

/// Reads a `Pipfile.lock`. It has no edges.
///
/// # Errors
/// When it is malformed or beyond the limits.
pub fn pipfile(text: &Text) -> Result<Inventory, Malformed> {
    let tree = Tree::json(text)?;
    let Some(root) = tree.documents().next() else { return Ok(Inventory::default()) };
    let mut inventory = Inventory::default();
    for (group, node) in root.members().filter(|(group, _)| *group != "_meta") {
        for (key, package) in node.entries() {
            let Some(name) = key.text() else { continue };
            let version = package.get("version").and_then(Node::text);
            let Some(version) = version.and_then(|version| version.strip_prefix("==")) else {
                inventory.miss(text, key.span(), name, "the lock file names no version: it is not from an index");
                continue;
            };
            let purl = Purl::new("pypi", &normal(name), version.trim_start_matches('='));
            let Some(component) = inventory.add(text, key.span(), purl) else { break };
            component.scope = if group == "default" { Scope::Required } else { Scope::Development };
        }
    }
    Ok(inventory)
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{edges, lines, read};

    #[test]
    fn poetry_of_both_times_is_read() {
        let lock = "[[package]]\nname = \"Flask\"\nversion = \"2.0\"\noptional = false\ngroups = [\"main\"]\n\n[package.dependencies]\nclick = \">=7\"\n\n\
            [[package]]\nname = \"click\"\nversion = \"8.0\"\ngroups = [\"main\", \"dev\"]\n\n\
            [[package]]\nname = \"pytest\"\nversion = \"7.0\"\ngroups = [\"dev\"]\n\n\
            [[package]]\nname = \"fork\"\nversion = \"1.0\"\ncategory = \"main\"\n\n[package.source]\ntype = \"git\"\nurl = \"https://example.com/fork\"\n";
        let project = "[tool.poetry.dependencies]\npython = \"^3.9\"\nflask = \"^2\"\n[tool.poetry.group.dev.dependencies]\npytest = \"*\"\n";
        let inventory = read("poetry.lock", lock, &[("pyproject.toml", project)]);
        assert_eq!(
            lines(&inventory),
            [
                "2 pypi/flask@2.0 direct Required",
                "11 pypi/click@8.0 indirect Required",
                "16 pypi/pytest@7.0 direct Development",
                "21 pypi/fork@1.0 indirect Required"
            ]
        );
        assert_eq!(edges(&inventory), ["flask@2.0 > click@8.0"]);
        assert!(matches!(inventory.components[3].origin, super::Origin::Elsewhere(_)));
        assert_eq!(read("poetry.lock", lock, &[]).components[0].direct, None);
    }

    #[test]
    fn uv_is_read() {
        let lock = "version = 1\n\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\nsource = { virtual = \".\" }\ndependencies = [{ name = \"a\" }]\n\n\
            [package.dev-dependencies]\ndev = [{ name = \"t\" }]\n\n\
            [[package]]\nname = \"a\"\nversion = \"1.0\"\nsource = { registry = \"https://pypi.org/simple\" }\ndependencies = [{ name = \"b\", version = \"2.0\", marker = \"x\" }]\n\n\
            [[package]]\nname = \"b\"\nversion = \"1.0\"\nsource = { registry = \"https://pypi.org/simple\" }\n\n\
            [[package]]\nname = \"b\"\nversion = \"2.0\"\nsource = { registry = \"https://pypi.org/simple\" }\n\n\
            [[package]]\nname = \"t\"\nversion = \"3.0\"\nsource = { git = \"https://example.com/t\" }\n";
        let inventory = read("uv.lock", lock, &[]);
        assert_eq!(
            lines(&inventory),
            [
                "4 pypi/app@0.1.0 direct Required",
                "13 pypi/a@1.0 direct Required",
                "19 pypi/b@1.0 indirect Unknown",
                "24 pypi/b@2.0 indirect Required",
                "29 pypi/t@3.0 direct Development"
            ]
        );
        assert_eq!(edges(&inventory), ["app@0.1.0 > a@1.0", "a@1.0 > b@2.0"]);
    }

    #[test]
    fn pipfile_is_read() {
        let lock = "{\"_meta\": {\"hash\": {}},\n\"default\": {\n\"A.b\": {\"version\": \"==1.0\"},\n\"g\": {\"git\": \"https://x\"}},\n\"develop\": {\"t\": {\"version\": \"==2\"}}}";
        let inventory = read("Pipfile.lock", lock, &[]);
        assert_eq!(lines(&inventory), ["3 pypi/a-b@1.0 ? Required", "5 pypi/t@2 ? Development"]);
        assert_eq!(inventory.missed.len(), 1);
    }
}
