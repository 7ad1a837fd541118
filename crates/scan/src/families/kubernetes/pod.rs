//! Workloads and their pods.

use super::container;
use super::object::{Object, Reader};
use super::selector::{Labels, Selected, Selector};
use crate::resource::ResourceId;
use crate::tree::{Data, Id, Node};

/// Where pods are described: the template, and in it `spec`.
const TEMPLATES: &[&[&str]] = &[&["spec", "jobTemplate", "spec", "template"], &["spec", "template"], &["template"]];

/// Whether an object of a kind that is not the platform's has a pod in it, such as a rollout or a serverless service.
pub(super) fn is_workload(root: Node<'_>) -> bool {
    let spec = TEMPLATES.iter().find_map(|path| root.at(path)).and_then(|template| template.get("spec"));
    let containers = spec.and_then(|spec| spec.get("containers")).filter(|containers| containers.is_list());
    containers.is_some_and(|containers| containers.items().all(Node::is_map))
}

/// What is the same for all containers of a pod.
pub(super) struct Pod {
    pub(super) spec: Id,
    pub(super) annotations: Option<Id>,
    pub(super) kind: Id,
    pub(super) resource: ResourceId,
    pub(super) workload: ResourceId,
}

/// Adds a workload, its pod and its containers.
pub(super) fn workload(reader: &mut Reader<'_>, object: &Object, mut fields: Vec<(&'static str, Id)>) {
    let template = match object.kind.as_str() {
        "Pod" => Some(object.root),
        _ => TEMPLATES.iter().find_map(|path| reader.at(object.root, path)),
    };
    let kind = fields[0].1;
    let spec = template.and_then(|template| reader.at(template, &["spec"]));
    let labels = template.and_then(|template| reader.at(template, &["metadata", "labels"]));
    fields.extend(labels.map(|labels| ("pod_labels", labels)));
    fields.extend(spec.map(|spec| ("pod_spec", spec)));
    let counted = matches!(object.kind.as_str(), "Deployment" | "StatefulSet" | "ReplicaSet" | "ReplicationController");
    if counted && reader.at(object.root, &["spec", "replicas"]).is_none() {
        let one = reader.add(Data::Int(1), object.span);
        fields.push(("replicas", one));
    } else if let Some(replicas) = reader.at(object.root, &["spec", "replicas"]).filter(|_| counted) {
        fields.push(("replicas", replicas));
    }
    let selects = matches!(object.kind.as_str(), "Deployment" | "StatefulSet" | "ReplicaSet" | "DaemonSet");
    if let Some(selector) = reader.at(object.root, &["spec", "selector"]).filter(|_| selects && template.is_some()) {
        let own = Labels::of(labels.map(|labels| reader.node(labels)));
        let matches = match Selector::full(reader.node(selector)).selects(&own) {
            Selected::Yes => Data::Bool(true),
            Selected::No => Data::Bool(false),
            Selected::Maybe => Data::Unknown("labels".into()),
        };
        fields.push(("selector_matches", reader.add(matches, object.span)));
    }
    let workload = reader.resource("workload", object, object.root, fields);
    let Some(spec) = spec else { return };
    let annotations = template.and_then(|template| reader.at(template, &["metadata", "annotations"]));

    let mut fields = vec![("workload_kind", kind)];
    let account = reader.at(spec, &["serviceAccountName"]).or_else(|| reader.at(spec, &["serviceAccount"]));
    let account = match account.filter(|account| reader.node(*account).scalar().as_deref() != Some("")) {
        Some(account) => account,
        None => reader.add(Data::Text("default".into()), object.span),
    };
    fields.push(("service_account_name", account));
    fields.extend(labels.map(|labels| ("labels", labels)));
    fields.extend(annotations.map(|annotations| ("annotations", annotations)));
    let resource = reader.resource("pod", object, spec, fields);
    reader.world.relate(workload, "pod", resource);
    reader.world.relate(resource, "workload", workload);

    volumes(reader, object, spec, resource);
    let pod = Pod { spec, annotations, kind, resource, workload };
    for list in ["initContainers", "containers", "ephemeralContainers"] {
        let Some(containers) = reader.at(spec, &[list]) else { continue };
        let containers: Vec<Id> = reader.node(containers).items().filter(|node| node.is_map()).map(Node::id).collect();
        for node in containers {
            container::add(reader, object, &pod, list, node);
        }
    }
}

/// Adds the volumes of a pod, so that a finding about each is at its own place.
fn volumes(reader: &mut Reader<'_>, object: &Object, spec: Id, pod: ResourceId) {
    let volumes: Vec<Id> = reader.node(spec).each("volumes").into_iter().map(Node::id).collect();
    for id in volumes {
        let node = reader.node(id);
        let named = node.get("name");
        let name = named.and_then(Node::scalar).unwrap_or_default();
        let volume = Object {
            root: id,
            kind: String::new(),
            address: format!("{}/volumes/{name}", object.address),
            name,
            span: named.unwrap_or(node).span(),
        };
        let volume = reader.resource("volume", &volume, id, Vec::new());
        reader.world.relate(volume, "pod", pod);
    }
}
