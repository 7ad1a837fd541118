//! Containers: what they say, what their pod says, and what the platform does when neither says anything.

use super::object::{Object, Reader};
use super::pod::Pod;
use super::{flags, image};
use crate::text::Span;
use crate::tree::{Data, Id, Node};
use ahash::{AHashMap, AHashSet};

/// Capabilities are named with and without this.
const CAPABILITY: &str = "CAP_";
/// The annotation that named the profile before the field was there; the container's name follows.
const APP_ARMOR: &str = "container.apparmor.security.beta.kubernetes.io/";
/// The annotations that named the profile before the field was there.
const SECCOMP_CONTAINER: &str = "container.seccomp.security.alpha.kubernetes.io/";
const SECCOMP_POD: &str = "seccomp.security.alpha.kubernetes.io/pod";

/// Adds a container.
pub(super) fn add(reader: &mut Reader<'_>, object: &Object, pod: &Pod, list: &str, node: Id) {
    let said = reader.node(node);
    let named = said.get("name");
    let name = named.and_then(Node::scalar).unwrap_or_default();
    let first_line = reader.world.file(reader.file).text.slice(said.span()).lines().next().map_or(0, str::len);
    let start = said.span().start as usize;
    let span = named.map_or(Span::new(start, start + first_line), Node::span);
    let kind = match (list, said.get("restartPolicy").and_then(Node::text)) {
        ("initContainers", Some("Always")) => "sidecar",
        ("initContainers", _) => "init",
        ("containers", _) => "main",
        _ => "ephemeral",
    };
    let object = Object {
        root: node,
        kind: String::new(),
        address: format!("{}/{list}/{name}", object.address),
        name: name.clone(),
        span,
    };
    let mut fields = Vec::with_capacity(28);
    fields.push(("type", reader.add(Data::Text(kind.into()), span)));
    fields.push(("workload_kind", pod.kind));
    let os = reader.at(pod.spec, &["os", "name"]);
    fields.extend(os.map(|os| ("os", os)));
    security(reader, pod, node, span, &mut fields);
    profiles(reader, pod, node, &name, &mut fields);
    capabilities(reader, node, &mut fields);
    image::fields(reader, node, span, &mut fields);
    resources(reader, node, &mut fields);
    fields.push(("host_mounts", host_mounts(reader, pod, node, span)));
    fields.push(("duplicate_env", duplicate_env(reader, node, span)));
    fields.push(("undeclared_probe_ports", undeclared_probe_ports(reader, node, span)));
    flags::fields(reader, node, span, &mut fields);
    let container = reader.resource("container", &object, node, fields);
    reader.world.relate(pod.workload, "container", container);
    reader.world.relate(pod.resource, "container", container);
    reader.world.relate(container, "pod", pod.resource);
    reader.world.relate(container, "workload", pod.workload);
}

/// Whether what is in a node cannot be known.
fn is_hidden(node: Node<'_>) -> bool {
    matches!(node.data(), Data::Unknown(_) | Data::Secret(_))
}

/// What is at a path; what hides it, when something does.
pub(super) fn reach<'t>(node: Node<'t>, path: &[&str]) -> Option<Node<'t>> {
    let mut node = node;
    for name in path {
        if is_hidden(node) {
            return Some(node);
        }
        node = node.get(name)?;
    }
    Some(node)
}

/// A setting of the container, else of the pod.
fn effective(reader: &Reader<'_>, pod: &Pod, node: Id, path: &[&str]) -> Option<Id> {
    let path: Vec<&str> = ["securityContext"].iter().chain(path).copied().collect();
    let own = reach(reader.node(node), &path);
    own.or_else(|| reach(reader.node(pod.spec), &path)).map(Node::id)
}

fn security(reader: &mut Reader<'_>, pod: &Pod, node: Id, span: Span, fields: &mut Vec<(&'static str, Id)>) {
    let own = |reader: &Reader<'_>, name: &str| reach(reader.node(node), &["securityContext", name]).map(Node::id);
    for (field, name) in [("privileged", "privileged"), ("read_only_root", "readOnlyRootFilesystem")] {
        let found = own(reader, name).unwrap_or_else(|| reader.add(Data::Bool(false), span));
        fields.push((field, found));
    }
    let privileged = fields.iter().find(|(name, _)| *name == "privileged").map(|(_, id)| *id);
    let is_privileged = privileged.is_some_and(|id| reader.node(id).bool() == Some(true));
    // The platform lets a privileged container escalate whatever it says.
    let escalates = own(reader, "allowPrivilegeEscalation").filter(|_| !is_privileged);
    let escalates = escalates.unwrap_or_else(|| reader.add(Data::Bool(true), span));
    fields.push(("allow_privilege_escalation", escalates));
    for (field, path) in [
        ("run_as_non_root", &["runAsNonRoot"][..]),
        ("run_as_user", &["runAsUser"]),
        ("run_as_group", &["runAsGroup"]),
        ("host_process", &["windowsOptions", "hostProcess"]),
        ("se_linux", &["seLinuxOptions"]),
    ] {
        fields.extend(effective(reader, pod, node, path).map(|found| (field, found)));
    }
}

/// Profiles are fields, and were annotations before; both are read.
fn profiles(reader: &Reader<'_>, pod: &Pod, node: Id, name: &str, fields: &mut Vec<(&'static str, Id)>) {
    let annotation = |key: &str| pod.annotations.and_then(|id| reach(reader.node(id), &[key])).map(Node::id);
    let of_container = |prefix: &str| annotation(&format!("{prefix}{name}"));
    let seccomp = effective(reader, pod, node, &["seccompProfile", "type"]);
    let seccomp = seccomp.or_else(|| of_container(SECCOMP_CONTAINER)).or_else(|| annotation(SECCOMP_POD));
    fields.extend(seccomp.map(|found| ("seccomp", found)));
    let app_armor = effective(reader, pod, node, &["appArmorProfile", "type"]).or_else(|| of_container(APP_ARMOR));
    fields.extend(app_armor.map(|found| ("app_armor", found)));
}

fn capabilities(reader: &mut Reader<'_>, node: Id, fields: &mut Vec<(&'static str, Id)>) {
    for (field, name) in [("added", "add"), ("dropped", "drop")] {
        let Some(list) = reach(reader.node(node), &["securityContext", "capabilities", name]) else { continue };
        if !list.is_list() {
            fields.push((field, list.id()));
            continue;
        }
        let span = list.span();
        let items: Vec<(Data, Span)> = list.items().map(|item| (capability(item), item.span())).collect();
        let items = items.into_iter().map(|(data, span)| reader.add(data, span)).collect();
        fields.push((field, reader.add(Data::List(items), span)));
    }
}

fn capability(item: Node<'_>) -> Data {
    match item.text() {
        Some(text) => {
            let upper = text.trim().to_ascii_uppercase();
            Data::Text(upper.strip_prefix(CAPABILITY).unwrap_or(&upper).into())
        }
        None => item.data().clone(),
    }
}

/// A request that is not made is as large as the limit.
fn resources(reader: &Reader<'_>, node: Id, fields: &mut Vec<(&'static str, Id)>) {
    let found = |part: &str, name: &str| reach(reader.node(node), &["resources", part, name]).map(Node::id);
    for (request, limit, name) in [("cpu_request", "cpu_limit", "cpu"), ("memory_request", "memory_limit", "memory")] {
        let limited = found("limits", name);
        fields.extend(limited.map(|id| (limit, id)));
        fields.extend(found("requests", name).or(limited).map(|id| (request, id)));
        if let (Some(asked), Some(limited)) = (found("requests", name), limited)
            && let (Some(asked), Some(most)) = (reader.node(asked).scalar(), reader.node(limited).scalar())
            && asked != most
        {
            fields.push((if name == "cpu" { "cpu_differs" } else { "memory_differs" }, limited));
        }
    }
}

/// The mounts of volumes that are folders of the node: `path` is the node's.
fn host_mounts(reader: &mut Reader<'_>, pod: &Pod, node: Id, span: Span) -> Id {
    let mut volumes: AHashMap<String, Id> = AHashMap::new();
    for volume in reader.node(pod.spec).each("volumes") {
        if let (Some(name), Some(path)) = (volume.get("name").and_then(Node::scalar), volume.at(&["hostPath", "path"]))
        {
            volumes.insert(name, path.id());
        }
    }
    let mut found = Vec::new();
    for mount in reader.node(node).each("volumeMounts") {
        let name = mount.get("name");
        if let Some(path) = name.and_then(Node::scalar).and_then(|name| volumes.get(&name)) {
            let at = name.map_or(mount.span(), Node::span);
            found.push((*path, mount.get("readOnly").map(Node::id), at));
        }
    }
    let mut list = Vec::new();
    for (path, read_only, at) in found {
        let read_only = read_only.unwrap_or_else(|| reader.add(Data::Bool(false), at));
        let tree = reader.world.tree_mut(reader.file);
        list.push(tree.map(&[("path", path), ("read_only", read_only)], at));
    }
    reader.add(Data::List(list), span)
}

/// The names of variables that are there once more.
fn duplicate_env(reader: &mut Reader<'_>, node: Id, span: Span) -> Id {
    let (mut seen, mut again) = (AHashSet::new(), Vec::new());
    for variable in reader.node(node).each("env") {
        let Some(name) = variable.get("name") else { continue };
        if name.text().is_some_and(|text| !seen.insert(text)) {
            again.push(name.id());
        }
    }
    reader.add(Data::List(again), span)
}

/// The ports of probes that are not among the container's, by number or by name.
fn undeclared_probe_ports(reader: &mut Reader<'_>, node: Id, span: Span) -> Id {
    let container = reader.node(node);
    let ports = container.each("ports");
    let mut declared: AHashSet<String> = AHashSet::new();
    let mut open = container.get("ports").is_some_and(is_hidden);
    for port in &ports {
        open |= port.is_open();
        for name in ["containerPort", "name"] {
            open |= port.get(name).is_some_and(Node::is_open);
            declared.extend(port.get(name).and_then(Node::scalar));
        }
    }
    let mut undeclared = Vec::new();
    for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
        for action in ["httpGet", "tcpSocket", "grpc"] {
            let Some(port) = container.at(&[probe, action, "port"]) else { continue };
            if port.scalar().is_some_and(|port| !declared.contains(&port)) {
                undeclared.push(port.id());
            }
        }
    }
    match open {
        true => reader.add(Data::Unknown("ports".into()), span),
        false => reader.add(Data::List(undeclared), span),
    }
}
