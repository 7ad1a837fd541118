//! CycloneDX bills of materials in JSON: what others made is read (1.2 to 1.7), and what was found is written (1.4 to 1.6).

use super::purl::Purl;
use super::{Component, Inventory, Origin, Part, Scope, refuse};
use crate::limits::MAX_DEPTH;
use crate::text::{Span, Text};
use crate::tree::{Malformed, Node, Tree};
use ahash::AHashMap;
use serde::Serialize;

/// Versions that are read: what is taken from them is the same in all.
const READ: &[&str] = &["1.2", "1.3", "1.4", "1.5", "1.6", "1.7"];
/// Versions that are written.
const VERSIONS: &[&str] = &["1.4", "1.5", "1.6"];

/// Whether a document is a bill of materials.
pub fn is(tree: &Tree) -> bool {
    let format = tree.documents().next().and_then(|root| root.get("bomFormat")).and_then(Node::text);
    format == Some("CycloneDX")
}

/// Reads a bill of materials. A component without a package URL is missed: its name alone is no identity.
///
/// # Errors
/// When it is malformed, or of a version that is not read.
pub fn read(text: &Text) -> Result<Inventory, Malformed> {
    let tree = Tree::json(text)?;
    let root = tree.documents().next().filter(|_| is(&tree));
    let root = root.ok_or_else(|| refuse(Span::default(), "no CycloneDX: `bomFormat` is not `CycloneDX`"))?;
    let version =
        root.get("specVersion").filter(|version| version.text().is_none_or(|version| !READ.contains(&version)));
    if let Some(version) = version {
        let said = text.slice(version.span());
        return Err(refuse(version.span(), format!("CycloneDX {said} is not read, only {}", READ.join(", "))));
    }
    let mut reader = Reader { text, inventory: Inventory::default(), by_reference: AHashMap::new() };
    for component in root.each("components") {
        reader.component(component, 0);
    }
    let Reader { mut inventory, by_reference, .. } = reader;
    let main = root.at(&["metadata", "component", "bom-ref"]).and_then(Node::text);
    let mut direct = None;
    for dependency in root.each("dependencies") {
        let Some(from) = dependency.get("ref").and_then(Node::text) else { continue };
        let to = dependency.each("dependsOn").into_iter().filter_map(|to| by_reference.get(to.text()?).copied());
        let to: Vec<Part> = to.collect();
        if Some(from) == main && !to.is_empty() {
            direct = Some(to.clone());
        }
        if let Some(from) = by_reference.get(from) {
            inventory.edges.extend(to.iter().map(|to| (*from, *to)));
        }
    }
    if let Some(direct) = direct {
        for (part, component) in inventory.components.iter_mut().enumerate() {
            component.direct = Some(direct.contains(&part));
        }
    }
    inventory.tidy();
    Ok(inventory)
}

struct Reader<'t> {
    text: &'t Text,
    inventory: Inventory,
    by_reference: AHashMap<String, Part>,
}

impl Reader<'_> {
    fn component(&mut self, node: Node<'_>, depth: usize) {
        let said = |name: &str| node.get(name).and_then(Node::text);
        let name = said("name").unwrap_or_default();
        let place = node.get("purl").or_else(|| node.get("name")).unwrap_or(node).span();
        match said("purl").map(str::parse::<Purl>) {
            Some(Ok(mut purl)) => {
                if purl.version.is_none() {
                    purl.version = said("version").map(Into::into);
                }
                self.add(node, place, purl);
            }
            Some(Err(error)) => self.inventory.miss(self.text, place, name, error.to_string()),
            // What is no package: files, and the operating system itself.
            None if matches!(said("type"), Some("file" | "operating-system" | "device" | "data")) => {}
            None => self.inventory.miss(
                self.text,
                place,
                name,
                "it has no package URL (`purl`), so that nothing identifies it",
            ),
        }
        if depth < MAX_DEPTH {
            for inner in node.each("components") {
                self.component(inner, depth + 1);
            }
        }
    }

    fn add(&mut self, node: Node<'_>, place: Span, purl: Purl) {
        let part = self.inventory.components.len();
        let elsewhere = purl.qualifier("vcs_url").or_else(|| purl.qualifier("download_url")).map(Into::into);
        let Some(component) = self.inventory.add(self.text, place, purl) else { return };
        if let Some(from) = elsewhere {
            component.origin = Origin::Elsewhere(from);
        }
        component.scope = match node.get("scope").and_then(Node::text) {
            Some("required") => Scope::Required,
            Some("optional") => Scope::Optional,
            Some("excluded") => Scope::Development,
            _ => Scope::Unknown,
        };
        let properties: Vec<(&str, &str)> = node
            .each("properties")
            .into_iter()
            .filter_map(|of| Some((of.get("name")?.text()?, of.get("value")?.text()?)))
            .collect();
        let of = |name: &str| properties.iter().find(|(of, _)| *of == name).map(|(_, value)| *value);
        if of(LOCAL) == Some("true") {
            component.origin = Origin::Local;
        }
        if let Some(source) = of("aquasecurity:trivy:SrcName").or_else(|| of("syft:metadata:source"))
            && !source.is_empty()
            && matches!(&*component.purl.kind, "deb" | "apk")
        {
            component.source = Some((source.into(), source_version(&component.purl, of).into()));
        }
        if let Some(reference) = node.get("bom-ref").and_then(Node::text) {
            self.by_reference.entry(reference.to_owned()).or_insert(part);
        }
    }
}

/// The version of the source package, as other tools note it; empty when it is the package's own.
fn source_version<'p>(purl: &Purl, of: impl Fn(&str) -> Option<&'p str>) -> String {
    let prefix = "aquasecurity:trivy:Src";
    let Some(version) = of(&format!("{prefix}Version")) else {
        return of("syft:metadata:sourceVersion").unwrap_or_default().to_owned();
    };
    let epoch =
        of(&format!("{prefix}Epoch")).filter(|epoch| *epoch != "0").map_or(String::new(), |epoch| format!("{epoch}:"));
    let release = of(&format!("{prefix}Release")).filter(|_| &*purl.kind == "deb");
    let release = release.map_or(String::new(), |release| format!("-{release}"));
    format!("{epoch}{version}{release}")
}

/// The property that says that a component is of the tree itself.
const LOCAL: &str = "tandem:local";
/// Properties that say where a component was found.
const PATH: &str = "tandem:path";
const LINE: &str = "tandem:line";

/// A bill of materials that is written by any serializer, alone or within another document.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Bom<'i> {
    bom_format: &'static str,
    spec_version: &'i str,
    version: u32,
    metadata: Metadata<'i>,
    components: Vec<Written<'i>>,
    dependencies: Vec<Dependency>,
}

#[derive(Serialize)]
struct Metadata<'i> {
    component: Main<'i>,
}

#[derive(Serialize)]
struct Main<'i> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(rename = "bom-ref")]
    reference: &'static str,
    name: &'i str,
}

#[derive(Serialize)]
struct Written<'i> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(rename = "bom-ref")]
    reference: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<&'i str>,
    name: &'i str,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'i str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<&'static str>,
    purl: String,
    properties: Vec<Property>,
}

#[derive(Serialize)]
struct Property {
    name: &'static str,
    value: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Dependency {
    #[serde(rename = "ref")]
    reference: String,
    depends_on: Vec<String>,
}

/// The reference of what the bill is about.
const MAIN: &str = "main";

/// Writes an inventory as text: see [`bill`].
///
/// # Errors
/// When the version is not one of 1.4, 1.5 and 1.6.
pub fn write(inventory: &Inventory, name: &str, version: &str) -> Result<String, String> {
    serde_json::to_string_pretty(&bill(inventory, name, version)?).map_err(|error| error.to_string())
}

/// An inventory as a bill of materials of what has this name. The same inventory is always the same text: there is no time
/// and no random number in it.
///
/// # Errors
/// When the version is not one of 1.4, 1.5 and 1.6.
pub fn bill<'i>(inventory: &'i Inventory, name: &'i str, version: &'i str) -> Result<Bom<'i>, String> {
    if !VERSIONS.contains(&version) {
        return Err(format!("CycloneDX {version} is not written, only {}", VERSIONS.join(", ")));
    }
    let reference = |part: Part| format!("{part}");
    let mut needs: Vec<Vec<String>> = vec![Vec::new(); inventory.components.len()];
    for (from, to) in &inventory.edges {
        if let Some(needs) = needs.get_mut(*from) {
            needs.push(reference(*to));
        }
    }
    let direct = inventory.components.iter().enumerate().filter(|(_, component)| component.direct == Some(true));
    let main = Dependency { reference: MAIN.into(), depends_on: direct.map(|(part, _)| reference(part)).collect() };
    let others =
        needs.into_iter().enumerate().map(|(part, depends_on)| Dependency { reference: reference(part), depends_on });
    Ok(Bom {
        bom_format: "CycloneDX",
        spec_version: version,
        version: 1,
        metadata: Metadata { component: Main { kind: "application", reference: MAIN, name } },
        components: inventory
            .components
            .iter()
            .enumerate()
            .map(|(part, component)| written(reference(part), component))
            .collect(),
        dependencies: std::iter::once(main).chain(others).collect(),
    })
}

fn written(reference: String, component: &Component) -> Written<'_> {
    let purl = &component.purl;
    let mut full = purl.clone();
    if let Some((source, version)) = &component.source {
        full = full.with("upstream", &format!("{source}@{version}"));
    }
    if let Origin::Elsewhere(from) = &component.origin
        && full.qualifier("vcs_url").is_none()
        && full.qualifier("download_url").is_none()
    {
        full = full.with(if from.contains("git") { "vcs_url" } else { "download_url" }, from);
    }
    let mut properties = Vec::new();
    let mut property = |name, value: String| properties.push(Property { name, value });
    if !component.path.is_empty() {
        property(PATH, component.path.to_string());
    }
    if component.line > 0 {
        property(LINE, component.line.to_string());
    }
    if component.origin == Origin::Local {
        property(LOCAL, "true".to_owned());
    }
    Written {
        kind: "library",
        reference,
        group: purl.namespace.as_deref(),
        name: &purl.name,
        version: purl.version.as_deref(),
        scope: match component.scope {
            Scope::Unknown => None,
            Scope::Required => Some("required"),
            Scope::Optional => Some("optional"),
            Scope::Development => Some("excluded"),
        },
        purl: full.to_string(),
        properties,
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{edges, lines};
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_others_wrote_is_read() {
        let text = r#"{"bomFormat": "CycloneDX", "specVersion": "1.5", "metadata": {"component": {"bom-ref": "app", "name": "app"}},
"components": [
  {"type": "library", "bom-ref": "a", "name": "a", "version": "1.0.0", "purl": "pkg:npm/a@1.0.0", "scope": "optional",
   "components": [{"type": "library", "bom-ref": "b", "name": "b", "version": "2.0", "purl": "pkg:pypi/B_c"}]},
  {"type": "operating-system", "name": "debian", "version": "12"},
  {"type": "library", "name": "nameless", "version": "1"},
  {"type": "library", "name": "bad", "purl": "npm/x"}
], "dependencies": [{"ref": "app", "dependsOn": ["a"]}, {"ref": "a", "dependsOn": ["b", "gone"]}]}"#;
        let inventory = read(&Text::new("bom.json", text)).unwrap();
        assert_eq!(lines(&inventory), ["3 npm/a@1.0.0 direct Optional", "4 pypi/b-c@2.0 indirect Unknown"]);
        assert_eq!(edges(&inventory), ["a@1.0.0 > b-c@2.0"]);
        assert_eq!(inventory.missed.iter().map(|missed| missed.line).collect::<Vec<_>>(), [6, 7]);
        let of_system = r#"{"bomFormat": "CycloneDX", "specVersion": "1.7", "components": [
  {"name": "libssl3", "purl": "pkg:deb/debian/libssl3@3.0.1-1?arch=amd64&distro=debian-12.4&epoch=1", "properties": [
    {"name": "aquasecurity:trivy:SrcName", "value": "openssl"}, {"name": "aquasecurity:trivy:SrcVersion", "value": "3.0.1"},
    {"name": "aquasecurity:trivy:SrcRelease", "value": "1"}, {"name": "aquasecurity:trivy:SrcEpoch", "value": "1"}]},
  {"name": "zlib", "purl": "pkg:apk/alpine/zlib@1.3-r0?distro=3.19.0", "properties": [{"name": "syft:metadata:source", "value": "z"}]}]}"#;
        let inventory = read(&Text::new("bom.json", of_system)).unwrap();
        let sources: Vec<_> = inventory.components.iter().map(|part| part.source.clone().unwrap()).collect();
        assert_eq!(sources, [("openssl".into(), "1:3.0.1-1".into()), ("z".into(), "".into())]);
        let error = read(&Text::new("bom.json", text.replace("1.5", "2.0"))).unwrap_err();
        assert!(error.reason.contains("1.6"), "{error:?}");
        assert!(read(&Text::new("bom.json", "{}")).is_err());
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(
            parts in prop::collection::vec(("[a-z@/ é]{1,6}", "[0-9a-z.+~]{1,6}", 0..4_usize, any::<bool>(), 0..3_usize), 0..8),
            edges in prop::collection::vec((0..8_usize, 0..8_usize), 0..10),
            version in prop::sample::select(VERSIONS.to_vec()),
        ) {
            let mut inventory = Inventory::default();
            for (name, version, scope, direct, origin) in &parts {
                let purl = Purl::new("npm", &format!("x{name}y"), version);
                let scope = [Scope::Unknown, Scope::Required, Scope::Optional, Scope::Development][*scope];
                let origin = [Origin::Registry, Origin::Local, Origin::Elsewhere("git+https://example.com/a".into())][*origin].clone();
                inventory.components.push(Component { purl, scope, direct: Some(*direct), origin, ..Component::default() });
            }
            let count = parts.len();
            inventory.edges = edges.into_iter().filter(|(from, to)| from.max(to) < &count).collect();
            inventory.tidy();
            let text = write(&inventory, "app", version).unwrap();
            let again = read(&Text::new("bom.json", text)).unwrap();
            prop_assert_eq!(&again.edges, &inventory.edges);
            prop_assert_eq!(&again.missed, &[]);
            let any_direct = parts.iter().any(|(_, _, _, direct, _)| *direct);
            for (one, other) in again.components.iter().zip(&inventory.components) {
                prop_assert_eq!((&one.purl.name, &one.purl.version, one.scope, &one.origin), (&other.purl.name, &other.purl.version, other.scope, &other.origin));
                prop_assert_eq!(one.direct, any_direct.then_some(other.direct).flatten());
            }
            prop_assert_eq!(again.components.len(), count);
        }
    }
}
