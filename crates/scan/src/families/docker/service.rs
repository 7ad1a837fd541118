//! A service of a Compose file, as the container that runs it.

use super::compose::Chain;
use super::nodes::{Draft, Maker};
use super::reader::image;
use super::variables::Value;
use crate::resource::{FileId, World};
use crate::text::Span;
use crate::tree::{Data, Id, Node, Tree};
use ahash::AHashSet;

/// Members, each with its node.
type Members = Vec<(&'static str, Id)>;

/// Adds a service: `compose_service`, its `container` and its `image`.
pub(super) fn add(
    world: &mut World,
    file: FileId,
    name: &str,
    span: Span,
    chain: &Chain,
    variables: &[(String, Value, Span)],
) {
    let mut make = Maker { world, file };
    let mut members: Members = Vec::new();
    settings(&mut make, chain, span, &mut members);
    security(&mut make, chain, span, &mut members);
    limits(&mut make, chain, &mut members);
    members.push(("environment", environment(&mut make, chain, variables, span)));
    members.push(("ports", ports(&mut make, chain, span)));
    members.push(("host_mounts", mounts(&mut make, chain, span)));
    let address = format!("services/{name}");
    let draft = |kind: &'static str, members: &Members| Draft {
        kind,
        address: address.clone(),
        name: name.to_owned(),
        span,
        members: members.clone(),
    };
    let (service, container) = (draft("compose_service", &members), draft("container", &members));
    let service = make.resource(service);
    let container = make.resource(container);
    make.world.relate(service, "container", container);
    make.world.relate(container, "service", service);
    let tree = &make.world.file(file).tree;
    // What is built here is only named by `image`.
    let pulled = chain.get(tree, "image").filter(|_| chain.get(tree, "build").is_none());
    if let Some(node) = pulled {
        let (value, at) = (value(node), node.span());
        let image = image(&mut make, &value, "service", format!("{address}/image"), at);
        make.world.relate(service, "image", image);
        make.world.relate(image, "service", service);
    }
}

/// What a node says, as far as it is known.
fn value(node: Node<'_>) -> Value {
    match node.data() {
        Data::Partly(pieces) => Value::split(&pieces.join(super::variables::UNKNOWN)),
        _ => node.scalar().map_or_else(Value::unknown, |text| text.as_str().into()),
    }
}

fn settings(make: &mut Maker<'_>, chain: &Chain, span: Span, members: &mut Members) {
    let said: Members = {
        let tree = &make.world.file(make.file).tree;
        let names =
            [("image", "image"), ("run_as_user", "user"), ("restart", "restart"), ("user", "user"), ("build", "build")];
        names.iter().filter_map(|(field, name)| Some((*field, chain.get(tree, name)?.id()))).collect()
    };
    members.extend(said);
    for name in ["networks", "network_mode", "security_opt", "cgroup_parent", "volumes"] {
        let said = chain.get(&make.world.file(make.file).tree, name).map(Node::id);
        let id = said.or_else(|| chain.open.then(|| make.maybe(None, span)));
        members.extend(id.map(|id| (name, id)));
    }
    let policy = chain.at(&make.world.file(make.file).tree, &["deploy", "restart_policy"]).map(Node::id);
    members.extend(policy.map(|id| ("restart_policy", id)));
    for (field, name) in [("privileged", "privileged"), ("read_only_root", "read_only")] {
        let said = chain.get(&make.world.file(make.file).tree, name).map(Node::id);
        let id = said.unwrap_or_else(|| default(make, chain, Data::Bool(false), span));
        members.push((field, id));
    }
    for (field, name) in [
        ("host_network", "network_mode"),
        ("host_pid", "pid"),
        ("host_ipc", "ipc"),
        ("host_users", "userns_mode"),
        ("host_uts", "uts"),
        ("host_cgroup", "cgroup"),
    ] {
        let said = chain.get(&make.world.file(make.file).tree, name);
        let said = said.map(|node| (node.scalar().map(|text| text == "host"), node.span()));
        let id = match said {
            Some((is_host, at)) => make.maybe(is_host, at),
            None => default(make, chain, Data::Bool(false), span),
        };
        members.push((field, id));
    }
    let tree = &make.world.file(make.file).tree;
    let check = chain.get(tree, "healthcheck").map(|node| {
        let off = node.get("disable").and_then(Node::bool) == Some(true)
            || node.each("test").first().and_then(|first| first.text()) == Some("NONE");
        (!off, node.span())
    });
    let id = match check {
        Some((is_on, at)) => make.bool(is_on, at),
        None => default(make, chain, Data::Bool(false), span),
    };
    members.push(("healthcheck", id));
}

/// What is so when nothing is said; when something is extended that is not there, that is not known.
fn default(make: &mut Maker<'_>, chain: &Chain, data: Data, span: Span) -> Id {
    let data = if chain.open { Data::Unknown("what is extended is not in the tree".into()) } else { data };
    make.add(data, span)
}

fn security(make: &mut Maker<'_>, chain: &Chain, span: Span, members: &mut Members) {
    for (field, name) in [("added", "cap_add"), ("dropped", "cap_drop")] {
        let tree = &make.world.file(make.file).tree;
        let found: Vec<(Data, Span)> =
            chain.each(tree, name).iter().map(|item| (capability(*item), item.span())).collect();
        let items = found.into_iter().map(|(data, at)| make.add(data, at)).collect();
        members.push((field, make.list(items, span)));
    }
    let tree = &make.world.file(make.file).tree;
    let options: Vec<(Option<String>, Span)> =
        chain.each(tree, "security_opt").iter().map(|item| (item.scalar(), item.span())).collect();
    let mut escalates = None;
    for (option, at) in options {
        let Some(option) = option else {
            escalates = Some(make.maybe(None, at));
            continue;
        };
        let (name, set) = option.split_once([':', '=']).unwrap_or((&option, "true"));
        match name.trim() {
            "no-new-privileges" => escalates = Some(make.bool(set.trim() != "true", at)),
            "seccomp" | "apparmor" | "label" => {
                let field = match name {
                    "seccomp" => "seccomp",
                    "apparmor" => "app_armor",
                    _ => "label",
                };
                let set = if set.trim() == "unconfined" { "Unconfined" } else { set.trim() };
                members.push((field, make.text(set, at)));
            }
            _ => {}
        }
    }
    let escalates = escalates.unwrap_or_else(|| default(make, chain, Data::Bool(true), span));
    members.push(("allow_privilege_escalation", escalates));
}

fn capability(item: Node<'_>) -> Data {
    match item.text() {
        Some(text) => {
            let upper = text.trim().to_ascii_uppercase();
            Data::Text(upper.strip_prefix("CAP_").unwrap_or(&upper).into())
        }
        None => item.data().clone(),
    }
}

/// Limits, in the old form and the new one.
fn limits(make: &mut Maker<'_>, chain: &Chain, members: &mut Members) {
    let tree = &make.world.file(make.file).tree;
    let of = |old: &str, new: &str| {
        chain.get(tree, old).or_else(|| chain.at(tree, &["deploy", "resources", "limits", new])).map(Node::id)
    };
    let found = [
        ("memory_limit", of("mem_limit", "memory")),
        ("cpu_limit", of("cpus", "cpus").or_else(|| of("cpu_quota", "cpus"))),
        ("pids_limit", of("pids_limit", "pids")),
    ];
    for (field, id) in found {
        let id = id.or_else(|| chain.open.then(|| make.maybe(None, Span::default())));
        members.extend(id.map(|id| (field, id)));
    }
}

/// Variables as `name` and `value`; `literal` when the value is written here, not in a file of variables. Those that the
/// service itself says count before those of files.
fn environment(make: &mut Maker<'_>, chain: &Chain, variables: &[(String, Value, Span)], span: Span) -> Id {
    let mut found: Vec<(Value, Option<Value>, Span)> = Vec::new();
    {
        let tree = &make.world.file(make.file).tree;
        for id in &chain.nodes {
            let Some(node) = tree.node(*id).get("environment") else { continue };
            for (key, said) in node.entries() {
                found.push((value(key), (!said.is_null()).then(|| value(said)), key.span().to(said.span())));
            }
            for item in node.items() {
                let item_value = value(item);
                match item_value.split_at_first('=') {
                    Some((name, set)) => found.push((name, Some(set), item.span())),
                    None => found.push((item_value, None, item.span())),
                }
            }
        }
    }
    let mut items = Vec::new();
    let own: AHashSet<String> = found.iter().filter_map(|(name, ..)| name.known().map(str::to_owned)).collect();
    for (name, said, at) in found {
        let literal = said.as_ref().and_then(Value::known).is_some_and(|text| !text.trim().is_empty());
        let mut pair = vec![("name", make.value(&name, at)), ("literal", make.bool(literal, at))];
        if let Some(said) = said {
            pair.push(("value", make.value(&said, at)));
        }
        items.push(make.map(&pair, at));
    }
    for (name, value, at) in variables.iter().filter(|(name, ..)| !own.contains(name.as_str())) {
        let (name, literal, value) = (make.text(name, *at), make.bool(false, *at), make.value(value, *at));
        items.push(make.map(&[("name", name), ("literal", literal), ("value", value)], *at));
    }
    make.list(items, span)
}

/// A published port: the address it is bound to, the host's port, the container's.
struct Port {
    host: Value,
    published: Value,
    target: Value,
    at: Span,
}

fn ports(make: &mut Maker<'_>, chain: &Chain, span: Span) -> Id {
    let tree: &Tree = &make.world.file(make.file).tree;
    let found: Vec<Port> = chain.each(tree, "ports").into_iter().map(port).collect();
    let mut items = Vec::new();
    for port in found {
        let mut ids = vec![("host", make.value(&port.host, port.at)), ("target", make.value(&port.target, port.at))];
        let everywhere = port.host.known().map(|host| matches!(host, "" | "0.0.0.0" | "::" | "[::]" | "*"));
        ids.push(("everywhere", make.maybe(everywhere, port.at)));
        if !port.published.is_empty() {
            ids.push(("published", make.value(&port.published, port.at)));
        }
        items.push(make.map(&ids, port.at));
    }
    make.list(items, span)
}

fn port(node: Node<'_>) -> Port {
    let at = node.span();
    if node.is_map() {
        let of = |name: &str| node.get(name).map_or_else(Value::default, value);
        return Port { host: of("host_ip"), published: of("published"), target: of("target"), at };
    }
    // `[host:]published:target[/protocol]`; an IPv6 host is in brackets.
    let said = value(node).joined();
    let said = said.split('/').next().unwrap_or_default();
    let (rest, target) = said.rsplit_once(':').unwrap_or(("", said));
    let (host, published) = match rest.rsplit_once(':') {
        Some((host, published)) => (host, published),
        None if rest.contains('.') => (rest, ""),
        None => ("", rest),
    };
    Port { host: Value::split(host), published: Value::split(published), target: Value::split(target), at }
}

/// Folders and files of the host: `path`, `target`, `read_only`.
fn mounts(make: &mut Maker<'_>, chain: &Chain, span: Span) -> Id {
    let tree = &make.world.file(make.file).tree;
    let mut found: Vec<(Value, Value, Option<bool>, Span)> = Vec::new();
    for node in chain.each(tree, "volumes") {
        if node.is_map() {
            let of = |name: &str| node.get(name).map_or_else(Value::default, value);
            if node.get("type").and_then(Node::text) != Some("volume") {
                let read_only = node.get("read_only").map_or(Some(false), Node::bool);
                found.push((of("source"), of("target"), read_only, node.span()));
            }
            continue;
        }
        let said = value(node).joined();
        let mut parts = said.split(':');
        let (Some(source), Some(target)) = (parts.next(), parts.next()) else { continue };
        let mode = parts.next().unwrap_or_default();
        if source.starts_with(['/', '.', '~', '\0']) {
            let read_only = Some(mode.split(',').any(|mode| mode == "ro"));
            found.push((Value::split(source), Value::split(target), read_only, node.span()));
        }
    }
    let mut items = Vec::new();
    for (source, target, read_only, at) in found {
        let ids = [
            ("path", make.value(&source, at)),
            ("target", make.value(&target, at)),
            ("read_only", make.maybe(read_only, at)),
        ];
        items.push(make.map(&ids, at));
    }
    make.list(items, span)
}
