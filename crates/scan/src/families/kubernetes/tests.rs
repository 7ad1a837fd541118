use crate::families;
use crate::resource::{ResourceId, World};
use crate::text::Text;
use crate::tree::{Data, Node};

fn world(files: &[(&str, &str)]) -> World {
    let (world, unread) = families::world(files.iter().map(|(path, text)| Text::new(*path, *text)).collect());
    assert_eq!(unread, Vec::<String>::new());
    world
}

fn one(world: &World, kind: &str, name: &str) -> ResourceId {
    let found = world.ids().find(|id| world.resource(*id).kind == kind && world.resource(*id).name == name);
    found.unwrap_or_else(|| panic!("no {kind} {name}"))
}

fn said(world: &World, id: ResourceId, field: &str) -> String {
    match world.field(id, field).map(Node::data) {
        None => "-".to_owned(),
        Some(Data::Unknown(_)) => "?".to_owned(),
        Some(Data::List(_)) => {
            let items = world.field(id, field).into_iter().flat_map(Node::items);
            items.filter_map(Node::scalar).collect::<Vec<_>>().join(" ")
        }
        Some(_) => world.field(id, field).and_then(Node::scalar).unwrap_or_else(|| "map".to_owned()),
    }
}

const SHOP: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  template:
    metadata: {labels: {app: web, tier: front}}
    spec:
      serviceAccountName: web
      securityContext: {runAsNonRoot: true, runAsUser: 1000, seccompProfile: {type: RuntimeDefault}}
      volumes: [{name: run, hostPath: {path: /run}}, {name: tmp, emptyDir: {}}]
      initContainers:
      - {name: first, image: a, securityContext: {privileged: true, allowPrivilegeEscalation: false}}
      - {name: beside, image: a, restartPolicy: Always}
      containers:
      - name: app
        image: r:5000/app@sha256:ab
        securityContext: {runAsUser: 0, capabilities: {drop: [cap_net_raw], add: [Sys_Admin]}}
        resources: {limits: {cpu: 1}}
        volumeMounts: [{name: run, mountPath: /x}, {name: tmp, mountPath: /y}]
        env: [{name: A, value: x}, {name: B, value: x}, {name: A, value: y}]
";

#[test]
fn kustomizations_and_ranges_of_limits_count() {
    let texts = vec![
        Text::new("over/kustomization.yaml", "namespace: shop\nresources: [../base]\n"),
        Text::new("base/kustomization.yaml", "resources: [web.yaml]\n"),
        Text::new(
            "base/web.yaml",
            "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers: [{name: a, image: b:1}]\n",
        ),
        Text::new(
            "limits.yaml",
            "apiVersion: v1\nkind: LimitRange\nmetadata: {name: l, namespace: shop}\nspec:\n  limits:\n    - type: Container\n      default: {memory: 1Gi}\n",
        ),
    ];
    let (world, unread) = crate::families::world(texts);
    assert_eq!(unread, Vec::<String>::new());
    let of = |kind: &str, field: &str| {
        let id = world.ids().find(|id| world.resource(*id).kind == kind && world.resource(*id).name != "l").unwrap();
        world.field(id, field).and_then(|node| node.scalar())
    };
    assert_eq!(of("workload", "namespace").as_deref(), Some("shop"));
    assert_eq!(of("container", "memory_limit").as_deref(), Some("1Gi"));
    assert_eq!(of("container", "memory_request").as_deref(), Some("1Gi"));
    assert_eq!(of("container", "cpu_limit"), None);
}

#[test]
fn settings_are_those_that_hold() {
    let world = world(&[("a.yml", SHOP)]);
    let (app, first, beside) =
        (one(&world, "container", "app"), one(&world, "container", "first"), one(&world, "container", "beside"));
    for (id, field, expected) in [
        (app, "run_as_user", "0"),
        (app, "run_as_non_root", "true"),
        (app, "seccomp", "RuntimeDefault"),
        (app, "allow_privilege_escalation", "true"),
        (app, "added", "SYS_ADMIN"),
        (app, "dropped", "NET_RAW"),
        (app, "image_tag", "-"),
        (app, "image_digest", "sha256:ab"),
        (app, "pull_policy", "IfNotPresent"),
        (app, "cpu_request", "1"),
        (app, "memory_request", "-"),
        (app, "duplicate_env", "A"),
        (app, "type", "main"),
        (app, "workload_kind", "Deployment"),
        (first, "run_as_user", "1000"),
        (first, "allow_privilege_escalation", "true"),
        (first, "pull_policy", "Always"),
        (first, "type", "init"),
        (beside, "type", "sidecar"),
        (one(&world, "workload", "web"), "replicas", "1"),
        (one(&world, "pod", "web"), "automount", "true"),
    ] {
        assert_eq!(said(&world, id, field), expected, "{field}");
    }
    let mounts: Vec<_> = world.field(app, "host_mounts").unwrap().items().collect();
    assert_eq!(mounts.len(), 1);
    assert_eq!(mounts[0].get("path").and_then(Node::text), Some("/run"));
    assert_eq!(world.resource(app).address, "Deployment/shop/web/containers/app");
}

#[test]
fn objects_of_several_files_are_related() {
    let cluster = "
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: ServiceAccount, metadata: {name: web, namespace: shop}, automountServiceAccountToken: false}
- {apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop}, spec: {selector: {app: web}}}
- {apiVersion: v1, kind: Service, metadata: {name: lost, namespace: shop}, spec: {selector: {app: web2}}}
- {apiVersion: v1, kind: Service, metadata: {name: far, namespace: other}, spec: {selector: {app: web}}}
- {apiVersion: v1, kind: Service, metadata: {name: nowhere}, spec: {selector: {app: web}}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleList
items: [{metadata: {name: reader}, rules: []}]
";
    let json = r#"{"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": "b", "namespace": "shop"},
      "roleRef": {"kind": "ClusterRole", "name": "reader"}, "subjects": [{"kind": "ServiceAccount", "name": "web"}]}
    "#;
    let policy = "
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny, namespace: shop}
spec:
  podSelector:
    matchExpressions: [{key: tier, operator: In, values: [front]}, {key: gone, operator: DoesNotExist}]
";
    let world = world(&[("dir/a.yml", SHOP), ("b.yaml", cluster), ("c.json", json), ("d.yml", policy)]);
    for (name, targets) in [("web", "1"), ("lost", "0"), ("far", "0"), ("nowhere", "?")] {
        assert_eq!(said(&world, one(&world, "service", name), "targets"), targets, "{name}");
    }
    let workload = one(&world, "workload", "web");
    assert_eq!(said(&world, workload, "network_policies"), "1");
    assert_eq!(said(&world, workload, "disruption_budgets"), "0");
    assert_eq!(said(&world, one(&world, "pod", "web"), "automount"), "false");
    let account = world.related(workload, "service_account").next().unwrap();
    let role = world.related(account, "role").next().unwrap();
    assert_eq!(world.resource(role).name, "reader");
    assert_eq!(world.resource(role).kind, "role");
}

#[test]
fn flags_are_read_however_they_are_written() {
    let pod = |container: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n  containers:\n  - {{name: c, {container}}}\n"
        )
    };
    for container in [
        "command: [kube-apiserver, --anonymous-auth=false, --profiling]",
        "command: [/bin/sh, -c, 'exec /usr/bin/kube-apiserver --anonymous-auth=\"false\" --profiling 2>&1']",
        "command: [/hyperkube, apiserver], args: [--anonymous-auth, 'false', --profiling]",
    ] {
        let world = world(&[("a.yml", &pod(container))]);
        let id = one(&world, "container", "c");
        assert_eq!(said(&world, id, "program"), "kube-apiserver");
        let flags = world.field(id, "flags").unwrap();
        assert_eq!(flags.get("anonymous-auth").and_then(Node::text), Some("false"), "{container}");
    }
}

#[test]
fn what_is_no_object_is_left_alone() {
    for (path, text) in [
        ("a.yml", "apiVersion: v1\nkinds: x\n"),
        ("a.yml", "- apiVersion: v1\n  kind: Pod\n"),
        ("a.txt", SHOP),
        ("a.json", "{\"apiVersion\": 1, \"kind\": {}}"),
    ] {
        assert!(world(&[(path, text)]).resources.is_empty(), "{path} {text}");
    }
    // Nothing is as it should be, and nothing breaks.
    for text in [
        "apiVersion: v1\nkind: Pod\n",
        "apiVersion: v1\nkind: Pod\nspec: []\nmetadata: x\n",
        "apiVersion: apps/v1\nkind: Deployment\nspec: {template: {spec: {containers: {a: 1}, volumes: x}}}\n",
        "apiVersion: v1\nkind: List\nitems: [null, {kind: List, apiVersion: v1, items: 3}]\n",
    ] {
        world(&[("a.yml", text)]);
    }
}

#[test]
fn what_is_filled_in_later_is_not_known() {
    let text = "apiVersion: v1\nkind: Pod\nmetadata: {name: \"{{ name }}\"}\nspec:\n  containers:\n  - name: c\n    image: \"r/{{ app }}:latest\"\n    resources: {limits: {cpu: \"{{ cpu }}\"}}\n";
    let world = world(&[("a.yml", text)]);
    let id = one(&world, "container", "c");
    assert_eq!(said(&world, id, "image_tag"), "?");
    assert_eq!(said(&world, id, "cpu_limit"), "?");
}
