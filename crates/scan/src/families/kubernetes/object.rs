//! Documents to objects.

use super::pod;
use crate::limits::{MAX_DEPTH, MAX_OBJECTS};
use crate::resource::{FileId, Resource, ResourceId, World};
use crate::text::Span;
use crate::tree::{Data, Id, Node};

/// Adds what the documents of a file describe.
pub fn read(world: &mut World, file: FileId, family: &'static str) {
    fill_in(world, file);
    let roots = world.file(file).tree.roots.clone();
    let mut reader = Reader { world, file, family, objects: 0 };
    for root in roots {
        reader.document(root, None, 0);
    }
}

/// Texts such as `"{{ image }}:{{ tag }}"` are filled in by something before they are applied: their gaps are not known.
/// Long texts are left alone; they are files with templates of their own.
fn fill_in(world: &mut World, file: FileId) {
    if memchr::memmem::find(world.file(file).text.text.as_bytes(), b"{{").is_none() {
        return;
    }
    let tree = world.tree_mut(file);
    for id in tree.ids() {
        let Some(text) = tree.node(id).text().filter(|text| text.len() <= 256 && !text.contains('\n')) else {
            continue;
        };
        let (mut pieces, mut rest): (Vec<Box<str>>, &str) = (Vec::new(), text);
        while let Some((before, after)) =
            rest.split_once("{{").and_then(|(before, after)| after.split_once("}}").map(|(_, after)| (before, after)))
        {
            pieces.push(Box::from(before));
            rest = after;
        }
        if !pieces.is_empty() {
            pieces.push(Box::from(rest));
            let whole = pieces.iter().all(|piece| piece.is_empty());
            let data = if whole { Data::Unknown("a template".into()) } else { Data::Partly(pieces.into()) };
            tree.replace(id, data);
        }
    }
}

/// Reads one file.
pub(super) struct Reader<'w> {
    pub(super) world: &'w mut World,
    pub(super) file: FileId,
    family: &'static str,
    objects: usize,
}

/// What is the same for all resources of an object.
pub(super) struct Object {
    pub(super) root: Id,
    pub(super) kind: String,
    /// `Deployment/shop/web`.
    pub(super) address: String,
    pub(super) name: String,
    /// Its name, where it has one.
    pub(super) span: Span,
}

/// Kinds that are in no namespace.
const CLUSTER_WIDE: &[&str] = &[
    "APIService",
    "CSIDriver",
    "CSINode",
    "CertificateSigningRequest",
    "ClusterRole",
    "ClusterRoleBinding",
    "CustomResourceDefinition",
    "FlowSchema",
    "IngressClass",
    "MutatingWebhookConfiguration",
    "Namespace",
    "Node",
    "PersistentVolume",
    "PodSecurityPolicy",
    "PriorityClass",
    "PriorityLevelConfiguration",
    "RuntimeClass",
    "StorageClass",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
    "ValidatingWebhookConfiguration",
    "VolumeAttachment",
];

/// Kinds of the platform itself that are in a namespace, and what they are here.
const NAMESPACED: &[(&str, &str)] = &[
    ("ConfigMap", "config_map"),
    ("CronJob", "workload"),
    ("DaemonSet", "workload"),
    ("Deployment", "workload"),
    ("HorizontalPodAutoscaler", "horizontal_pod_autoscaler"),
    ("Ingress", "ingress"),
    ("Job", "workload"),
    ("LimitRange", "limit_range"),
    ("NetworkPolicy", "network_policy"),
    ("PersistentVolumeClaim", "persistent_volume_claim"),
    ("Pod", "workload"),
    ("PodDisruptionBudget", "pod_disruption_budget"),
    ("ReplicaSet", "workload"),
    ("ReplicationController", "workload"),
    ("ResourceQuota", "resource_quota"),
    ("Role", "role"),
    ("RoleBinding", "role_binding"),
    ("Secret", "secret"),
    ("Service", "service"),
    ("ServiceAccount", "service_account"),
    ("StatefulSet", "workload"),
];

/// What a kind is here, when it is more than an object.
fn normalised(kind: &str, api: &str) -> Option<&'static str> {
    match kind {
        "ClusterRole" => Some("role"),
        "ClusterRoleBinding" => Some("role_binding"),
        "Namespace" => Some("namespace"),
        "PersistentVolume" => Some("persistent_volume"),
        "PodSecurityPolicy" => Some("pod_security_policy"),
        "ServiceMonitor" => Some("service_monitor"),
        "KubeletConfiguration" => Some("kubelet_configuration"),
        // Knative's and others' services are workloads of their own.
        "Service" if api != "v1" => None,
        _ => NAMESPACED.iter().find(|(of, _)| *of == kind).map(|(_, normalised)| *normalised),
    }
}

impl Reader<'_> {
    pub(super) fn node(&self, id: Id) -> Node<'_> {
        self.world.node(self.file, id)
    }

    /// The id of what is at a path.
    pub(super) fn at(&self, id: Id, path: &[&str]) -> Option<Id> {
        self.node(id).at(path).map(Node::id)
    }

    pub(super) fn add(&mut self, data: Data, span: Span) -> Id {
        self.world.tree_mut(self.file).add(data, span)
    }

    pub(super) fn resource(
        &mut self,
        kind: &'static str,
        object: &Object,
        node: Id,
        fields: Vec<(&'static str, Id)>,
    ) -> ResourceId {
        self.world.add(Resource {
            kind,
            family: self.family,
            file: self.file,
            address: object.address.clone(),
            name: object.name.clone(),
            node,
            span: object.span,
            fields,
            relations: Vec::new(),
        })
    }

    /// Reads a document, or an item of a list; the items of a `RoleList` need not say that they are roles.
    fn document(&mut self, root: Id, inherited: Option<(&str, &str)>, depth: usize) {
        let node = self.node(root);
        let said = |name: &str| node.get(name).and_then(Node::text).map(str::to_owned);
        let api = said("apiVersion").or(inherited.map(|(api, _)| api.to_owned()));
        let kind = said("kind").or(inherited.map(|(_, kind)| kind.to_owned()));
        let (Some(api), Some(kind)) = (api, kind) else { return };
        if let Some(of) = kind.strip_suffix("List")
            && let Some(items) = node.get("items")
        {
            let items: Vec<Id> = items.items().map(Node::id).collect();
            let inherited = (!of.is_empty()).then_some((api.as_str(), of));
            for item in items {
                if depth < MAX_DEPTH {
                    self.document(item, inherited, depth + 1);
                }
            }
            return;
        }
        // OpenShift's templates hold their objects in a list of their own.
        if kind == "Template"
            && let Some(items) = node.get("objects").filter(|items| items.is_list())
        {
            for item in items.items().map(Node::id).collect::<Vec<_>>() {
                if depth < MAX_DEPTH {
                    self.document(item, None, depth + 1);
                }
            }
            return;
        }
        self.objects += 1;
        if self.objects <= MAX_OBJECTS {
            self.object(root, &api, kind);
        }
    }

    /// The data of a config map or a secret as `key` and `value`, so that rules can look at the names.
    fn entries(&mut self, root: Id, span: Span) -> Id {
        let mut pairs = Vec::new();
        for part in ["data", "stringData"] {
            let Some(data) = self.node(root).get(part) else { continue };
            if !data.is_map() {
                return data.id();
            }
            pairs.extend(data.entries().map(|(key, value)| (key.id(), value.id(), key.span().to(value.span()))));
        }
        let tree = self.world.tree_mut(self.file);
        let items = pairs.into_iter().map(|(key, value, at)| tree.map(&[("key", key), ("value", value)], at));
        let items = items.collect();
        self.add(Data::List(items), span)
    }

    fn object(&mut self, root: Id, api: &str, kind: String) {
        let node = self.node(root);
        let text = |path: &[&str]| {
            let found = node.at(path)?;
            Some(match found.scalar() {
                Some(scalar) => scalar,
                // What is not known is named as it is written.
                None => self.world.file(self.file).text.slice(found.span()).chars().take(64).collect(),
            })
        };
        let named = node.at(&["metadata", "name"]).or(node.at(&["metadata", "generateName"]));
        let name = text(&["metadata", "name"]).or_else(|| text(&["metadata", "generateName"])).unwrap_or_default();
        let address = match text(&["metadata", "namespace"]) {
            Some(namespace) => format!("{kind}/{namespace}/{name}"),
            None => format!("{kind}/{name}"),
        };
        let first = self.world.file(self.file).text.slice(node.span()).lines().next().map_or(0, str::len);
        let start = node.span().start as usize;
        let span = named.or(node.get("kind")).map_or(Span::new(start, start + first), Node::span);
        let namespaced = match () {
            () if CLUSTER_WIDE.contains(&kind.as_str()) => Some(false),
            () if NAMESPACED.iter().any(|(of, _)| *of == kind) => Some(true),
            () => None,
        };
        let object = Object { root, kind, address, name, span };
        let kind_node = self.add(Data::Text(object.kind.as_str().into()), span);
        let mut fields = vec![("kind", kind_node)];
        if let Some(namespaced) = namespaced {
            fields.push(("namespaced", self.add(Data::Bool(namespaced), span)));
        }
        self.resource("object", &object, root, fields.clone());
        match normalised(&object.kind, api) {
            Some("workload") => pod::workload(self, &object, fields),
            Some(normalised) => {
                if matches!(normalised, "config_map" | "secret") {
                    fields.push(("entries", self.entries(root, span)));
                }
                self.resource(normalised, &object, root, fields);
            }
            None if pod::is_workload(self.node(root)) => pod::workload(self, &object, fields),
            None => {}
        }
    }
}
