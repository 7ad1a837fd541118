//! What objects name and what is there: services of ingresses, accounts, secrets; and what a namespace has.

use super::kustomize;
use super::link::{Housed, Objects, add, name, namespace, together};
use super::selector::{Labels, Selected, Selector};
use crate::limits::MAX_PAIRS;
use crate::resource::{ResourceId, World};
use crate::tree::{Data, Id, Node};
use ahash::AHashMap;

/// Objects by their names.
type Named = AHashMap<String, Vec<Housed>>;
/// An account's name and its namespace.
type Account = (String, Option<String>);
/// What a range of limits gives: its namespace, the settings, its file.
type Range = (Option<String>, Vec<(&'static str, Data)>, u32);

/// Counts and lists what is named and is not there.
pub(super) fn link(world: &mut World, objects: &Objects) {
    let by_name = |world: &World, kind: &str| -> Named {
        let mut named = Named::new();
        for id in objects.kind(kind) {
            named.entry(name(world, *id)).or_default().push((*id, namespace(world, *id)));
        }
        named
    };
    let (services, secrets, maps) = (by_name(world, "service"), by_name(world, "secret"), by_name(world, "config_map"));
    ingresses(world, objects, &services);
    accounts(world, objects);
    housed(world, objects);
    stateful(world, objects, &services);
    variables(world, objects, &secrets, &maps);
    peers(world, objects);
    limits(world, objects);
}

/// Whether one of that name may be in this namespace.
fn is_there(named: &Named, name: &str, home: &Option<String>) -> bool {
    named.get(name).is_some_and(|all| all.iter().any(|(_, of)| together(home, of) != Selected::No))
}

fn list(world: &mut World, id: ResourceId, field: &'static str, nodes: Vec<Id>) {
    add(world, id, field, Data::List(nodes));
}

/// The services that an ingress sends requests to and that are not here: `missing_services`.
fn ingresses(world: &mut World, objects: &Objects, services: &Named) {
    for id in objects.kind("ingress") {
        let home = namespace(world, *id);
        let spec = world.root(*id).get("spec");
        let mut backends: Vec<Node<'_>> = Vec::new();
        for name in ["defaultBackend", "backend"] {
            backends.extend(spec.and_then(|spec| spec.get(name)));
        }
        for rule in spec.map(|spec| spec.each("rules")).unwrap_or_default() {
            let paths = rule.get("http").map(|http| http.each("paths")).unwrap_or_default();
            backends.extend(paths.into_iter().filter_map(|path| path.get("backend")));
        }
        let named = backends.into_iter().filter_map(|of| of.at(&["service", "name"]).or(of.get("serviceName")));
        let missing = |node: &Node<'_>| node.text().is_some_and(|name| !is_there(services, name, &home));
        let missing: Vec<Id> = named.filter(missing).map(Node::id).collect();
        list(world, *id, "missing_services", missing);
    }
}

/// Accounts that pods name and that are not here: `account_missing`. Accounts that several workloads share: `account_users`.
fn accounts(world: &mut World, objects: &Objects) {
    let mut users: AHashMap<Account, Vec<(ResourceId, Id)>> = AHashMap::new();
    for pod in objects.kind("pod") {
        let spec = world.root(*pod);
        let Some(said) = spec.get("serviceAccountName").or(spec.get("serviceAccount")) else { continue };
        let Some(account) = said.text().filter(|name| !name.is_empty() && *name != "default") else { continue };
        let Some(workload) = world.related(*pod, "workload").next() else { continue };
        let home = namespace(world, workload);
        let (account, at) = (account.to_owned(), said.id());
        if !objects.has_account(&account, &home) {
            world.resources[pod.0 as usize].fields.push(("account_missing", at));
        }
        users.entry((account, home)).or_default().push((*pod, at));
    }
    for (_, pods) in users.into_iter().filter(|(_, pods)| pods.len() > 1) {
        for (pod, at) in pods {
            world.resources[pod.0 as usize].fields.push(("account_shared", at));
        }
    }
}

/// How many policies, quotas and ranges the namespace of an object has, as far as it is named.
fn housed(world: &mut World, objects: &Objects) {
    let count = |world: &World, kind: &str| {
        let mut counts: AHashMap<Option<String>, usize> = AHashMap::new();
        for id in objects.kind(kind) {
            *counts.entry(namespace(world, *id)).or_default() += 1;
        }
        counts
    };
    let policies = count(world, "network_policy");
    for id in objects.kind("namespace") {
        let of = Some(name(world, *id));
        let data = match (policies.get(&of), policies.get(&None)) {
            (None, Some(_)) => Data::Unknown("namespaces of policies".into()),
            (sure, _) => Data::Int(sure.map_or(0, |count| *count as i64)),
        };
        add(world, *id, "network_policies", data);
    }
    for (kind, field) in [("limit_range", "limit_ranges"), ("resource_quota", "resource_quotas")] {
        let counts = count(world, kind);
        for pod in objects.kind("pod") {
            let Some(workload) = world.related(*pod, "workload").next() else { continue };
            let home = namespace(world, workload);
            let there = counts.keys().any(|of| together(&home, of) != Selected::No);
            add(world, *pod, field, Data::Int(i64::from(there)));
        }
    }
}

/// Whether the headless service of a stateful set is here: `headless_service`.
fn stateful(world: &mut World, objects: &Objects, services: &Named) {
    for id in objects.kind("workload") {
        if world.field(*id, "kind").and_then(Node::text) != Some("StatefulSet") {
            continue;
        }
        let home = namespace(world, *id);
        let Some(wanted) = world.root(*id).at(&["spec", "serviceName"]).and_then(Node::scalar) else { continue };
        let headless = |(service, of): &Housed| {
            let address = world.root(*service).at(&["spec", "clusterIP"]).and_then(Node::scalar);
            together(&home, of) != Selected::No && address.is_none_or(|address| address == "None")
        };
        let there = services.get(&wanted).is_some_and(|all| all.iter().any(headless));
        add(world, *id, "headless_service", Data::Bool(there));
    }
}

/// Secrets and config maps that variables are taken from and that are not here: `missing_references`.
fn variables(world: &mut World, objects: &Objects, secrets: &Named, maps: &Named) {
    // A kustomization adds a hash to the names of what it makes, in references as well.
    let generated: Vec<String> = ["secretGenerator", "configMapGenerator"]
        .into_iter()
        .flat_map(|list| kustomize::generated(world, list))
        .collect();
    for container in objects.kind("container") {
        let Some(workload) = world.related(*container, "workload").next() else { continue };
        let home = namespace(world, workload);
        let root = world.root(*container);
        let mut named: Vec<(Node<'_>, &Named)> = Vec::new();
        for variable in root.each("env") {
            let from = |of: &str| variable.at(&["valueFrom", of]);
            named.extend(from("secretKeyRef").map(|node| (node, secrets)));
            named.extend(from("configMapKeyRef").map(|node| (node, maps)));
        }
        for source in root.each("envFrom") {
            named.extend(source.get("secretRef").map(|node| (node, secrets)));
            named.extend(source.get("configMapRef").map(|node| (node, maps)));
        }
        let mut missing = Vec::new();
        for (reference, all) in named {
            let optional = reference.get("optional").and_then(Node::bool) == Some(true);
            let Some(said) = reference.get("name").filter(|_| !optional) else { continue };
            let made = |name: &str| generated.iter().any(|of| of == name);
            if said.text().is_some_and(|name| !is_there(all, name, &home) && !made(name)) {
                missing.push(said.id());
            }
        }
        list(world, *container, "missing_references", missing);
    }
}

/// Peers of network policies that select no workload here: `dangling_peers`.
fn peers(world: &mut World, objects: &Objects) {
    let mut left = MAX_PAIRS;
    for id in objects.kind("network_policy") {
        let home = namespace(world, *id);
        let mut dangling = Vec::new();
        let spec = world.root(*id).get("spec");
        for (list, side) in [("ingress", "from"), ("egress", "to")] {
            let rules = spec.map(|spec| spec.each(list)).unwrap_or_default();
            for peer in rules.into_iter().flat_map(|rule| rule.each(side)) {
                let Some(selector) = peer.get("podSelector") else { continue };
                let elsewhere = peer.get("namespaceSelector").is_some();
                let wanted = Selector::full(selector);
                if wanted.is_empty() {
                    continue;
                }
                let found = objects.workloads.iter().any(|workload| {
                    left = left.saturating_sub(1);
                    let near = if elsewhere { Selected::Yes } else { together(&home, &workload.namespace) };
                    left == 0 || wanted.selects(&workload.labels).and(near) != Selected::No
                });
                if !found {
                    dangling.push(selector.id());
                }
            }
        }
        list(world, *id, "dangling_peers", dangling);
    }
    for id in objects.kind("service_monitor") {
        let wanted = world.root(*id).at(&["spec", "selector"]).map(Selector::full).unwrap_or_default();
        let found = wanted.is_empty()
            || objects.kind("service").iter().any(|service| {
                left = left.saturating_sub(1);
                let labels = Labels::of(world.root(*service).at(&["metadata", "labels"]));
                left == 0 || wanted.selects(&labels) != Selected::No
            });
        add(world, *id, "targets", Data::Int(i64::from(found)));
    }
}

/// What a `LimitRange` of the same namespace gives to containers that say nothing.
fn limits(world: &mut World, objects: &Objects) {
    let mut found: Vec<Range> = Vec::new();
    for id in objects.kind("limit_range") {
        let mut given = Vec::new();
        for limit in world.root(*id).get("spec").map(|spec| spec.each("limits")).unwrap_or_default() {
            if limit.get("type").and_then(Node::text).is_some_and(|of| of != "Container") {
                continue;
            }
            for (field, paths) in [
                ("cpu_limit", &[&["default", "cpu"]][..]),
                ("memory_limit", &[&["default", "memory"]]),
                ("cpu_request", &[&["defaultRequest", "cpu"], &["default", "cpu"]]),
                ("memory_request", &[&["defaultRequest", "memory"], &["default", "memory"]]),
            ] {
                let value = paths.iter().find_map(|path| limit.at(*path));
                given.extend(value.map(|value| (field, value.data().clone())));
            }
        }
        found.push((namespace(world, *id), given, world.resource(*id).file.0));
    }
    for container in objects.kind("container") {
        let Some(workload) = world.related(*container, "workload").next().filter(|_| !found.is_empty()) else {
            continue;
        };
        let (home, file) = (namespace(world, workload), world.resource(*container).file.0);
        // Where neither names its namespace, being in one file is being together.
        let near =
            |(of, _, at): &&Range| (home.is_some() && *of == home) || (home.is_none() && of.is_none() && *at == file);
        let given: Vec<(&'static str, Data)> =
            found.iter().filter(near).flat_map(|(_, given, _)| given.iter().cloned()).collect();
        for (field, data) in given {
            if world.field(*container, field).is_none() {
                add(world, *container, field, data);
            }
        }
    }
}
