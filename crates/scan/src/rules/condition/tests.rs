use super::*;
use crate::resource::{Resource, World};
use crate::text::{Span, Text};
use crate::tree::Tree;
use ::yaml::{Limits, Yaml as Document};

const SAYS: &str = "
image: nginx:1.2
open: ???
ports: [{port: 80, hostPort: 80}, {port: 443}]
securityContext: {privileged: true, capabilities: {add: [NET_ADMIN, SYS_TIME]}}
limits: {memory: 2Gi, cpu: 500m}
mode: '0777'
nothing:
empty: []
name.with/dots: x
part: ???
";

/// A resource that says this; `open` is unknown, and `part` begins with `registry/` and ends with `:latest`.
fn world() -> World {
    let text = Text::new("a.yml", SAYS);
    let (mut tree, malformed) = Tree::yaml(&text);
    assert_eq!(malformed, []);
    let root = tree.roots[0];
    let (open, part) = (tree.node(root).get("open").unwrap().id(), tree.node(root).get("part").unwrap().id());
    tree.replace(open, Data::Unknown("x".into()));
    tree.replace(part, Data::Partly(["registry/".into(), ":latest".into()].into()));
    let mut world = World::default();
    let file = world.add_file(text, tree);
    let resource = |name: &str| Resource {
        kind: "thing",
        family: "test",
        file,
        address: name.to_owned(),
        name: name.to_owned(),
        node: root,
        span: Span::default(),
        fields: Vec::new(),
        relations: Vec::new(),
    };
    let (one, other) = (world.add(resource("one")), world.add(resource("other")));
    world.relate(one, "friend", other);
    world
}

fn holds(world: &World, condition: &str) -> &'static str {
    let yaml = Document::parse(condition, Limits { nodes: 1000, depth: 60 }).unwrap();
    let condition = Condition::parse(yaml.documents().next().unwrap()).unwrap();
    match condition.holds(Subject::Resource(world, ResourceId(0))) {
        Truth::Yes(_) => "yes",
        Truth::No => "no",
        Truth::Unknown => "unknown",
    }
}

#[test]
fn conditions_have_three_values() {
    let world = world();
    for (condition, expected) in [
        ("image: nginx:1.2", "yes"),
        ("image|startswith: [apache, nginx]", "yes"),
        ("image|endswith: ':1.3'", "no"),
        ("image|i|contains: NGINX", "yes"),
        ("image|re: '^nginx:\\d'", "yes"),
        ("missing: x", "no"),
        ("missing: null", "yes"),
        ("nothing: null", "yes"),
        ("missing|exists: false", "yes"),
        ("nothing|exists: true", "no"),
        ("securityContext.privileged: true", "yes"),
        ("securityContext.privileged: 'true'", "yes"),
        ("securityContext.capabilities.add[]: SYS_TIME", "yes"),
        ("securityContext.capabilities.add[]|all: [SYS_TIME, NET_ADMIN]", "yes"),
        ("securityContext.capabilities.add[]|all: [SYS_TIME, ALL]", "no"),
        ("securityContext.capabilities.add[]|count|gte: 2", "yes"),
        ("empty[]|count|lt: 1", "yes"),
        ("image[]: nginx:1.2", "yes"),
        ("limits.memory|quantity|gt: 1Gi", "yes"),
        ("limits.cpu|quantity|lt: 1", "yes"),
        ("mode|octal|gte: 0o777", "yes"),
        ("limits.*: 500m", "yes"),
        ("'\"name.with/dots\"': x", "yes"),
        ("securityContext|type: map", "yes"),
        ("ports|type: [text, map]", "no"),
        // What is not known decides only where it could matter.
        ("open: x", "unknown"),
        ("open.inner: x", "unknown"),
        ("open.inner|exists: false", "unknown"),
        ("open|exists: true", "yes"),
        ("not: {open: x}", "unknown"),
        ("any: [{open: x}, {image: nginx:1.2}]", "yes"),
        ("all: [{open: x}, {image: other}]", "no"),
        ("part|endswith: ':latest'", "yes"),
        ("part|startswith: docker.io/", "no"),
        ("part|startswith: registry/team", "unknown"),
        ("part|contains: nginx", "unknown"),
        ("part: registry/x:latest", "unknown"),
        ("part: registry/x:1", "no"),
        ("open|type: list", "unknown"),
        // Each.
        ("some: {in: 'ports[]', match: {hostPort|exists: true}}", "yes"),
        ("every: {in: 'ports[]', match: {hostPort|exists: true}}", "no"),
        ("none: {in: 'ports[]', match: {port: 22}}", "yes"),
        ("every: {in: 'empty[]', match: {port: 22}}", "yes"),
        ("some: {in: 'open[]', match: {port: 22}}", "unknown"),
        ("some: {in: 'securityContext.capabilities.add[]', match: {.: SYS_TIME}}", "yes"),
        ("some: {of: friend, match: {image: nginx:1.2}}", "yes"),
        ("none: {of: enemy, match: {image|exists: true}}", "yes"),
    ] {
        assert_eq!(holds(&world, condition), expected, "{condition}");
    }
}
