//! Backstage's `catalog-info.yaml`: what there is, whose it is, what it is part of and what it needs.

use super::draft::{Draft, is_person, item, put, put_list, text};
use super::limits::{MAX_CATALOG_BYTES, MAX_ITEMS, MAX_LINKS, MAX_YAML_DEPTH, MAX_YAML_NODES};
use super::{ImportError, Imported, Reading};
use model::entity::{BUILT_FROM, DEPENDS_ON, OWNED_BY, PART_OF, PROVIDES, repository, service, team};
use model::{About, EntityRef};
use serde_json::{Map, Value};
use std::collections::{BTreeSet, HashMap};
use yaml::{Limits, Node, Yaml};

/// Annotation that gives a layer of responsibility to a team: `tandem.dev/layer.platform: team-a`.
const LAYER: &str = "tandem.dev/layer.";
/// Annotations that say what is promised and how it comes back; each is an attribute of its name.
const PROMISES: [&str; 8] = ["tier", "rto", "rpo", "backup", "backup_last", "stateful", "capacity", "max_instances"];
/// The namespace of everything that names none.
const DEFAULT_NAMESPACE: &str = "default";
/// All that a catalog says of one thing: a line that is removed has ended.
const TOLD: [&str; 5] = [OWNED_BY, PART_OF, DEPENDS_ON, BUILT_FROM, PROVIDES];

/// One described thing.
struct Described<'y> {
    kind: &'y str,
    namespace: &'y str,
    name: &'y str,
    node: Node<'y>,
    metadata: Node<'y>,
    spec: Option<Node<'y>>,
}

/// What is read across all documents of the file.
struct Catalog<'y> {
    /// Types of the components here, in lower case: a service is told from other components by it.
    types: HashMap<(&'y str, &'y str), String>,
}

pub fn read(text: &str, reading: &Reading<'_>) -> Result<Imported, ImportError> {
    if text.len() > MAX_CATALOG_BYTES {
        let reason = format!("{} bytes; at most {MAX_CATALOG_BYTES} (MAX_CATALOG_BYTES) are read", text.len());
        return Err(reading.refuse(reason));
    }
    let limits = Limits { nodes: MAX_YAML_NODES, depth: MAX_YAML_DEPTH };
    let yaml = Yaml::parse(text, limits).map_err(|error| reading.refuse_at(error.place, error.reason))?;
    let mut draft = Draft::new("catalog", reading);
    let mut all = Vec::new();
    for document in yaml.documents().filter(|document| !document.is_null()) {
        all.extend(described(document, &mut draft)?);
    }
    let components = all.iter().filter(|one| one.kind == "component");
    let types = components.map(|one| ((one.namespace, one.name), one.field("type").unwrap_or_default().to_lowercase()));
    let catalog = Catalog { types: types.collect() };
    for one in &all {
        catalog.entity(one, &mut draft)?;
    }
    draft.finish()
}

/// What every document must have. None for what is not Backstage's.
fn described<'y>(node: Node<'y>, draft: &mut Draft<'_>) -> Result<Option<Described<'y>>, ImportError> {
    let refuse = |node: Node<'_>, reason: &str| draft.reading.refuse_at(node.place(), reason);
    if !node.is_map() {
        return Err(refuse(node, "this document is no map: write apiVersion, kind, metadata and spec"));
    }
    let field = |of: Node<'y>, name: &str| -> Result<&'y str, ImportError> {
        let value = of.get(name).ok_or_else(|| refuse(of, &format!("{name} is missing")))?;
        let text = value.text().filter(|text| !text.is_empty());
        text.ok_or_else(|| refuse(value, &format!("{name} must be a text")))
    };
    let (version, kind) = (field(node, "apiVersion")?, field(node, "kind")?);
    if !version.starts_with("backstage.io/") && !version.contains(".backstage.io/") {
        draft.count("documents of another apiVersion than backstage.io are not read");
        return Ok(None);
    }
    let metadata = node.get("metadata").ok_or_else(|| refuse(node, "metadata is missing"))?;
    let name = field(metadata, "name")?;
    let namespace = metadata.get("namespace").and_then(Node::text).unwrap_or(DEFAULT_NAMESPACE);
    // Kinds are written as words of the API; their case says nothing.
    let known = ["Component", "API", "Resource", "System", "Domain", "Group", "User", "Location", "Template"];
    let Some(kind) = known.iter().find(|known| known.eq_ignore_ascii_case(kind)) else {
        draft.note(format!("line {}: {} is a kind that is not read", node.place().0, text(kind)));
        return Ok(None);
    };
    let lower = ["component", "api", "resource", "system", "domain", "group"];
    let Some(kind) = lower.iter().find(|lower| lower.eq_ignore_ascii_case(kind)) else {
        draft.count(match *kind {
            "User" => "users are persons and are not kept",
            "Location" => "locations are not followed: import the files that they name",
            _ => "templates are not kept",
        });
        return Ok(None);
    };
    Ok(Some(Described { kind, namespace, name, node, metadata, spec: node.get("spec") }))
}

impl<'y> Described<'y> {
    fn field(&self, name: &str) -> Option<&'y str> {
        self.spec?.get(name)?.text()
    }

    fn annotations(&self) -> impl Iterator<Item = (&'y str, Node<'y>)> {
        self.metadata.get("annotations").into_iter().flat_map(Node::members)
    }

    fn annotation(&self, name: &str) -> Option<&'y str> {
        self.annotations().find(|(key, _)| *key == name)?.1.text()
    }

    /// What is shown of it.
    fn attributes(&self) -> Map<String, Value> {
        let mut attributes = Map::new();
        for name in ["title", "description"] {
            put(&mut attributes, name, self.metadata.get(name).and_then(Node::text));
        }
        for name in ["type", "lifecycle"] {
            put(&mut attributes, name, self.field(name));
        }
        for name in PROMISES {
            put(&mut attributes, name, self.annotation(&format!("tandem.dev/{name}")));
        }
        let tags = self.metadata.get("tags").into_iter().flat_map(Node::items).filter_map(Node::text);
        put_list(&mut attributes, "tags", tags);
        let labels = self.metadata.get("labels").into_iter().flat_map(Node::members).take(MAX_ITEMS);
        let labels: Map<String, Value> =
            labels.filter_map(|(key, value)| Some((item(key), Value::String(item(value.text()?))))).collect();
        if !labels.is_empty() {
            attributes.insert("labels".to_owned(), Value::Object(labels));
        }
        let links = self.metadata.get("links").into_iter().flat_map(Node::items).take(MAX_LINKS);
        let links: Vec<Map<String, Value>> = links.filter_map(link).collect();
        let runbook = links.iter().find(|link| {
            let says = |name| link.get(name).and_then(Value::as_str).is_some_and(is_runbook);
            says("type") || says("title")
        });
        put(&mut attributes, "runbook", runbook.and_then(|link| link["url"].as_str()));
        if !links.is_empty() {
            attributes.insert("links".to_owned(), links.into_iter().map(Value::Object).collect());
        }
        attributes
    }
}

/// A link with an address, without the credentials that some write into it.
fn link(node: Node<'_>) -> Option<Map<String, Value>> {
    let url = node.get("url")?.text().filter(|url| !url.is_empty())?;
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let end = rest.find('/').unwrap_or(rest.len());
    let host = rest[..end].rsplit('@').next().unwrap_or_default();
    let plain = if scheme.is_empty() { url.to_owned() } else { format!("{scheme}://{host}{}", &rest[end..]) };
    let mut link = Map::new();
    put(&mut link, "url", Some(&plain));
    for name in ["title", "type"] {
        put(&mut link, name, node.get(name).and_then(Node::text));
    }
    Some(link)
}

/// Run book, runbook, run-book, Runbooks: ...
fn is_runbook(text: &str) -> bool {
    let letters: String = text.chars().filter(|letter| letter.is_alphabetic()).flat_map(char::to_lowercase).collect();
    letters.contains("runbook")
}

impl Catalog<'_> {
    /// What is known of one thing.
    fn entity(&self, one: &Described<'_>, draft: &mut Draft<'_>) -> Result<(), ImportError> {
        let place = one.metadata.get("name").unwrap_or(one.node).place();
        let entity = draft.entity(self.named(one.kind, one.namespace, one.name), Some(place))?;
        let at = draft.reading.at;
        draft.facts.seen(entity.clone(), at, one.attributes());
        let mut told = BTreeSet::new();
        if one.kind != "group" {
            owners(one, &entity, &mut told, draft)?;
        }
        for (field, relation, kind) in [
            ("system", PART_OF, "system"),
            ("domain", PART_OF, "domain"),
            ("subdomainOf", PART_OF, "domain"),
            ("subcomponentOf", PART_OF, "component"),
            ("parent", PART_OF, "group"),
            ("dependsOn", DEPENDS_ON, "component"),
            ("consumesApis", DEPENDS_ON, "api"),
            ("providesApis", PROVIDES, "api"),
        ] {
            let node = one.spec.and_then(|spec| spec.get(field));
            for target in node.into_iter().flat_map(|node| node.items().chain(node.text().map(|_| node))) {
                let Some(name) = target.text().filter(|name| !name.is_empty()) else {
                    return Err(draft.reading.refuse_at(target.place(), format!("{field} must name entities")));
                };
                let to = draft.entity(self.referred(name, kind, one.namespace), Some(target.place()))?;
                if told.insert((relation, String::new(), to.clone())) {
                    draft.facts.related(entity.clone(), relation, to, at);
                }
            }
        }
        if let Some(members) = one.spec.and_then(|spec| spec.get("members")) {
            members.items().for_each(|_| draft.count("members of groups are persons and are not kept"));
        }
        for address in repositories(one) {
            let to = draft.entity(repository(&address), Some(one.metadata.place()))?;
            if told.insert((BUILT_FROM, String::new(), to.clone())) {
                draft.facts.related(entity.clone(), BUILT_FROM, to, at);
            }
        }
        draft.complete(&entity, &TOLD);
        Ok(())
    }

    /// What a thing is called here: a component whose type is `service` is a service.
    fn named(&self, kind: &str, namespace: &str, name: &str) -> Result<EntityRef, model::fact::NotAnEntity> {
        let apart = Some(namespace).filter(|namespace| *namespace != DEFAULT_NAMESPACE);
        if kind == "group" {
            return team(name);
        }
        // What another file describes is a service more often than not.
        let is_service = kind == "component" && self.types.get(&(namespace, name)).is_none_or(|kind| kind == "service");
        let entity = service(apart, name)?;
        EntityRef::new(
            if is_service { "service" } else { kind },
            if name.is_empty() { String::new() } else { entity.key },
        )
    }

    /// `[kind:][namespace/]name`.
    fn referred(&self, text: &str, kind: &str, namespace: &str) -> Result<EntityRef, model::fact::NotAnEntity> {
        let (kind, rest) = text.split_once(':').unwrap_or((kind, text));
        let (namespace, name) = rest.split_once('/').unwrap_or((namespace, rest));
        self.named(&kind.to_ascii_lowercase(), namespace, name)
    }
}

/// The owner, and the owners of layers.
fn owners(
    one: &Described<'_>,
    entity: &EntityRef,
    told: &mut BTreeSet<(&'static str, String, EntityRef)>,
    draft: &mut Draft<'_>,
) -> Result<(), ImportError> {
    let owner = one.spec.and_then(|spec| spec.get("owner")).map(|node| ("", node));
    let layers = one.annotations().filter_map(|(key, node)| Some((key.strip_prefix(LAYER)?, node)));
    for (layer, node) in owner.into_iter().chain(layers.take(MAX_ITEMS)) {
        let Some(name) = node.text().filter(|name| !name.is_empty()) else {
            return Err(draft.reading.refuse_at(node.place(), "an owner must be the name of a team"));
        };
        if is_person(name) {
            draft.note(format!("line {}: the owner is a person and is not kept; name a team", node.place().0));
            continue;
        }
        let to = draft.entity(team(name), Some(node.place()))?;
        let layer = text(layer);
        if told.insert((OWNED_BY, layer.clone(), to.clone())) {
            let observation = draft.facts.related(entity.clone(), OWNED_BY, to, draft.reading.at);
            if let About::Relation(relation) = &mut observation.about {
                relation.layer = layer;
            }
        }
    }
    Ok(())
}

/// Addresses of the repositories that the annotations name.
fn repositories(one: &Described<'_>) -> Vec<String> {
    let mut found = Vec::new();
    let source = one.annotation("backstage.io/source-location").and_then(repository_of);
    let gitlab = one.annotation("gitlab.com/instance").unwrap_or("gitlab.com");
    for (annotation, host) in [("github.com/project-slug", "github.com"), ("gitlab.com/project-slug", gitlab)] {
        let Some(slug) = one.annotation(annotation).map(|slug| slug.trim_matches('/')).filter(|slug| !slug.is_empty())
        else {
            continue;
        };
        // On a server of one's own the slug names no host; the location does.
        let own =
            source.as_ref().is_some_and(|source| source.to_lowercase().ends_with(&format!("/{}", slug.to_lowercase())));
        if !own {
            found.push(format!("{host}/{slug}"));
        }
    }
    found.extend(source);
    found
}

/// The repository of a location within it: `url:https://github.com/acme/shop/tree/main/api/`.
fn repository_of(location: &str) -> Option<String> {
    let address = location.strip_prefix("url:").unwrap_or(location);
    let (_, rest) = address.split_once("://")?;
    let rest = rest.split(['?', '#']).next().unwrap_or(rest);
    if rest.starts_with("github.com/") {
        return Some(rest.split('/').take(3).collect::<Vec<_>>().join("/"))
            .filter(|path| path.matches('/').count() == 2);
    }
    let cut = ["/-/", "/tree/", "/blob/", "/src/"].iter().filter_map(|mark| rest.find(mark)).min();
    Some(rest[..cut.unwrap_or(rest.len())].trim_end_matches('/').to_owned()).filter(|path| path.contains('/'))
}

#[cfg(test)]
#[path = "catalog_tests.rs"]
mod tests;
