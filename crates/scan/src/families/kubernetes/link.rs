//! Objects to those they are about: by name, by label, by binding.

use super::selector::{Labels, Selected, Selector};
use super::{kustomize, references};
use crate::limits::MAX_PAIRS;
use crate::resource::{ResourceId, World};
use crate::tree::{Data, Id, Node};
use ahash::AHashMap;

/// Families whose objects live in one cluster.
const FAMILIES: [&str; 2] = ["kubernetes", "helm"];

/// Relates the objects of all files, and counts what rules ask for.
pub fn link(world: &mut World) {
    kustomize::link(world);
    let objects = Objects::of(world);
    accounts(world, &objects);
    let mut left = MAX_PAIRS;
    let index = Index::of(&objects.workloads);
    for (kind, count) in [
        ("service", "services"),
        ("network_policy", "network_policies"),
        ("pod_disruption_budget", "disruption_budgets"),
        ("horizontal_pod_autoscaler", "autoscalers"),
    ] {
        relate(world, &objects, &index, kind, count, &mut left);
    }
    mounted(world, &objects);
    references::link(world, &objects);
}

pub(super) struct Workload {
    id: ResourceId,
    kind: String,
    name: String,
    pub(super) namespace: Option<String>,
    pub(super) labels: Labels,
}

/// An object and the namespace that it names.
pub(super) type Housed = (ResourceId, Option<String>);

pub(super) struct Objects {
    pub(super) workloads: Vec<Workload>,
    by_kind: AHashMap<&'static str, Vec<ResourceId>>,
    /// By name.
    accounts: AHashMap<String, Vec<Housed>>,
}

/// The namespace that an object names; a text that is filled in later is none.
pub(super) fn namespace(world: &World, id: ResourceId) -> Option<String> {
    if let Some(given) = world.resource(id).fields.iter().rev().find(|(name, _)| *name == "namespace") {
        return world.node(world.resource(id).file, given.1).scalar();
    }
    world.root(id).at(&["metadata", "namespace"]).and_then(Node::scalar)
}

pub(super) fn name(world: &World, id: ResourceId) -> String {
    world.resource(id).name.clone()
}

/// Whether two objects are in the same namespace. One that names none goes where whoever applies it says.
pub(super) fn together(one: &Option<String>, other: &Option<String>) -> Selected {
    match (one, other) {
        (Some(one), Some(other)) if one == other => Selected::Yes,
        (Some(_), Some(_)) => Selected::No,
        (None, None) => Selected::Yes,
        (Some(named), None) | (None, Some(named)) if named == "default" => Selected::Yes,
        _ => Selected::Maybe,
    }
}

impl Objects {
    fn of(world: &World) -> Objects {
        let mut objects = Objects { workloads: Vec::new(), by_kind: AHashMap::new(), accounts: AHashMap::new() };
        for id in world.ids() {
            let resource = world.resource(id);
            if !FAMILIES.contains(&resource.family) {
                continue;
            }
            objects.by_kind.entry(resource.kind).or_default().push(id);
            match resource.kind {
                "workload" => objects.workloads.push(Workload {
                    id,
                    kind: world.field(id, "kind").and_then(Node::scalar).unwrap_or_default(),
                    name: name(world, id),
                    namespace: namespace(world, id),
                    labels: Labels::of(world.field(id, "pod_labels")),
                }),
                "service_account" => {
                    let account = (id, namespace(world, id));
                    objects.accounts.entry(name(world, id)).or_default().push(account);
                }
                _ => {}
            }
        }
        objects
    }

    /// Whether an account of that name may be in this namespace.
    pub(super) fn has_account(&self, name: &str, namespace: &Option<String>) -> bool {
        self.account(name, namespace).is_some()
    }

    pub(super) fn kind(&self, kind: &str) -> &[ResourceId] {
        self.by_kind.get(kind).map_or(&[], Vec::as_slice)
    }

    /// The account of that name that is surely in this namespace, else one that may be.
    fn account(&self, name: &str, namespace: &Option<String>) -> Option<ResourceId> {
        let of_name = self.accounts.get(name)?;
        let find = |wanted: Selected| of_name.iter().find(|(_, of)| together(namespace, of) == wanted);
        find(Selected::Yes).or_else(|| find(Selected::Maybe)).map(|(id, _)| *id)
    }
}

pub(super) fn add(world: &mut World, id: ResourceId, field: &'static str, data: Data) {
    let (file, span) = (world.resource(id).file, world.resource(id).span);
    let node: Id = world.tree_mut(file).add(data, span);
    world.resources[id.0 as usize].fields.push((field, node));
}

/// Workloads and pods to their accounts, bindings to both their sides, accounts to their roles.
fn accounts(world: &mut World, objects: &Objects) {
    let mut roles: AHashMap<(String, String), Vec<Housed>> = AHashMap::new();
    for id in objects.kind("role") {
        let kind = world.field(*id, "kind").and_then(Node::scalar).unwrap_or_default();
        roles.entry((kind, name(world, *id))).or_default().push((*id, namespace(world, *id)));
    }
    for binding in objects.kind("role_binding") {
        let root = world.root(*binding);
        let said = |path: &[&str]| root.at(path).and_then(Node::scalar).unwrap_or_default();
        let (kind, role) = (said(&["roleRef", "kind"]), said(&["roleRef", "name"]));
        let home = namespace(world, *binding);
        let wide = kind == "ClusterRole";
        let candidates = roles.get(&(kind, role)).map_or(&[][..], Vec::as_slice);
        let role = candidates.iter().find(|(_, of)| wide || together(&home, of) != Selected::No).map(|(id, _)| *id);
        let mut bound = Vec::new();
        for subject in root.each("subjects") {
            let text = |name: &str| subject.get(name).and_then(Node::scalar);
            if text("kind").as_deref() == Some("ServiceAccount") {
                let namespace = text("namespace").or_else(|| home.clone());
                bound.extend(objects.account(&text("name").unwrap_or_default(), &namespace));
            }
        }
        if let Some(role) = role {
            world.relate(*binding, "role", role);
            world.relate(role, "binding", *binding);
        }
        for account in bound {
            world.relate(*binding, "service_account", account);
            world.relate(account, "binding", *binding);
            if let Some(role) = role {
                world.relate(account, "role", role);
            }
        }
    }
}

/// What selects workloads to these, and how many there are on both sides.
fn relate(world: &mut World, objects: &Objects, index: &Index, kind: &str, count: &'static str, left: &mut usize) {
    let mut counts: Vec<(usize, bool)> = vec![(0, false); objects.workloads.len()];
    for id in objects.kind(kind) {
        let Some(matcher) = Matcher::of(world, *id, kind) else { continue };
        let home = namespace(world, *id);
        let (mut targets, mut maybe) = (Vec::new(), objects.workloads.is_empty());
        for at in matcher.candidates(index, objects) {
            let workload = &objects.workloads[at];
            let selected = match left.checked_sub(1) {
                None => Selected::Maybe,
                Some(less) => {
                    *left = less;
                    matcher.selects(workload).and(together(&home, &workload.namespace))
                }
            };
            match selected {
                Selected::Yes => {
                    targets.push(workload.id);
                    counts[at].0 += 1;
                }
                Selected::Maybe => {
                    maybe = true;
                    counts[at].1 = true;
                }
                Selected::No => {}
            }
        }
        add(world, *id, "targets", counted(targets.len(), maybe));
        let relation = objects_relation(kind);
        for target in targets {
            world.relate(*id, "workload", target);
            world.relate(target, relation, *id);
        }
    }
    for (workload, (sure, maybe)) in objects.workloads.iter().zip(counts) {
        add(world, workload.id, count, counted(sure, maybe));
    }
}

/// A count; not known when there may be some and none is sure.
fn counted(sure: usize, maybe: bool) -> Data {
    match (sure, maybe) {
        (0, true) => Data::Unknown("labels or namespaces".into()),
        _ => Data::Int(sure as i64),
    }
}

fn objects_relation(kind: &str) -> &'static str {
    match kind {
        "service" => "service",
        "network_policy" => "network_policy",
        "pod_disruption_budget" => "pod_disruption_budget",
        _ => "horizontal_pod_autoscaler",
    }
}

/// Workloads by a label and its value, so that a selector is compared with those that may have it.
struct Index {
    by_label: AHashMap<(String, String), Vec<usize>>,
    /// Those of which not all labels are known.
    open: Vec<usize>,
}

impl Index {
    fn of(workloads: &[Workload]) -> Index {
        let mut index = Index { by_label: AHashMap::new(), open: Vec::new() };
        for (at, workload) in workloads.iter().enumerate() {
            match workload.labels.all() {
                Some(labels) => {
                    for (name, value) in labels {
                        index.by_label.entry((name, value)).or_default().push(at);
                    }
                }
                None => index.open.push(at),
            }
        }
        index
    }
}

/// How an object says which workloads it is about.
enum Matcher {
    Labels(Selector),
    Named { kind: String, name: String },
    Unknown,
}

impl Matcher {
    /// None for a service without a selector, which is about no workload.
    fn of(world: &World, id: ResourceId, kind: &str) -> Option<Matcher> {
        let spec = world.root(id).get("spec")?;
        match kind {
            "service" => {
                let selector = spec.get("selector").map(Selector::plain).filter(|selector| !selector.is_empty());
                selector.map(Matcher::Labels)
            }
            "network_policy" => Some(Matcher::Labels(spec.get("podSelector").map(Selector::full).unwrap_or_default())),
            "horizontal_pod_autoscaler" => {
                let text = |name: &str| spec.at(&["scaleTargetRef", name]).and_then(Node::scalar);
                Some(match (text("kind"), text("name")) {
                    (Some(kind), Some(name)) => Matcher::Named { kind, name },
                    _ => Matcher::Unknown,
                })
            }
            _ => spec.get("selector").map(|selector| Matcher::Labels(Selector::full(selector))),
        }
    }

    /// The workloads that may be selected.
    fn candidates(&self, index: &Index, objects: &Objects) -> Vec<usize> {
        let wanted = match self {
            Matcher::Labels(selector) => selector.one_of(),
            _ => None,
        };
        let Some((name, values)) = wanted else { return (0..objects.workloads.len()).collect() };
        let having = |value: &String| index.by_label.get(&(name.clone(), value.clone())).cloned().unwrap_or_default();
        let mut all: Vec<usize> = values.iter().flat_map(having).chain(index.open.iter().copied()).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    fn selects(&self, workload: &Workload) -> Selected {
        match self {
            Matcher::Labels(selector) => selector.selects(&workload.labels),
            Matcher::Named { kind, name } if *kind == workload.kind && *name == workload.name => Selected::Yes,
            Matcher::Named { .. } => Selected::No,
            Matcher::Unknown => Selected::Maybe,
        }
    }
}

/// Pods to their accounts, and whether the account's token is mounted: the pod says, else the account, else it is.
fn mounted(world: &mut World, objects: &Objects) {
    for pod in objects.kind("pod") {
        let Some(workload) = world.related(*pod, "workload").next() else { continue };
        let account = world.field(*pod, "service_account_name").and_then(Node::scalar).unwrap_or_default();
        let account = objects.account(&account, &namespace(world, workload));
        if let Some(account) = account {
            for id in [*pod, workload] {
                world.relate(id, "service_account", account);
            }
        }
        let said = |id: ResourceId| world.root(id).get("automountServiceAccountToken").map(|node| node.data().clone());
        if let Some(own) = world.root(*pod).get("automountServiceAccountToken").map(Node::id) {
            world.resources[pod.0 as usize].fields.push(("automount", own));
            continue;
        }
        let data = account.and_then(said).unwrap_or(Data::Bool(true));
        add(world, *pod, "automount", data);
    }
}
