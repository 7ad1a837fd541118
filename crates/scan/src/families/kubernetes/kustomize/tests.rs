use crate::evaluate::{Evaluated, Evaluator};
use crate::families;
use crate::resource::World;
use crate::text::Text;
use crate::tree::{Data, Node};

const WEB: &str = "apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 1
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
        - name: app
          image: r:5000/shop/app:latest
          securityContext:
            privileged: true
        - name: side
          image: side
";

fn world(files: &[(&str, &str)]) -> World {
    let mut texts = vec![Text::new("base/web.yaml", WEB)];
    texts.extend(files.iter().map(|(path, text)| Text::new(*path, *text)));
    let (world, unread) = families::world(texts);
    assert_eq!(unread, [""; 0]);
    world
}

/// What a container's field is: `?` when that is not known, `-` when there is none.
fn said(world: &World, container: &str, field: &str) -> String {
    let mut found = world.ids().filter(|id| {
        let resource = world.resource(*id);
        resource.kind == "container" && resource.name == container
    });
    let id = found.next().unwrap();
    assert_eq!(found.next(), None, "{container} is there twice");
    match world.field(id, field) {
        None => "-".to_owned(),
        Some(node) => node.scalar().unwrap_or_else(|| "?".to_owned()),
    }
}

const BASE: (&str, &str) = ("base/kustomization.yaml", "resources: [web.yaml]\n");

#[test]
fn images_are_those_that_are_built() {
    let over = "resources: [../base]\nimages:\n- {name: 'r:5000/shop/app', newName: q/app, newTag: 1.10}\n- {name: side, digest: 'sha256:ab'}\n- {name: app, newTag: x}\n";
    let one = world(&[BASE, ("over/kustomization.yaml", over)]);
    assert_eq!(said(&one, "app", "image"), "q/app:1.10");
    assert_eq!(said(&one, "app", "image_tag"), "1.10");
    assert_eq!(said(&one, "side", "image"), "side@sha256:ab");
    assert_eq!(said(&one, "app", "privileged"), "true");
    // It is found where it was found before.
    let id = one.ids().find(|id| one.resource(*id).kind == "container").unwrap();
    let text = &one.file(one.resource(id).file).text;
    assert_eq!((&*text.path, one.resource(id).address.as_str()), ("base/web.yaml", "Deployment/web/containers/app"));
    assert_eq!(text.place(one.field(id, "privileged").unwrap().span().start).line, 15);

    // What overlays make of it in different ways is all there, what they leave as it is as well.
    let tags = |world: &World| -> Vec<String> {
        let all = world.ids().filter(|id| world.resource(*id).kind == "container" && world.resource(*id).name == "app");
        let mut tags: Vec<String> = all.filter_map(|id| world.field(id, "image_tag").and_then(Node::scalar)).collect();
        tags.sort();
        tags
    };
    let plain = ("dev/kustomization.yaml", "resources: [../base]\n");
    assert_eq!(tags(&world(&[BASE, ("over/kustomization.yaml", over), plain])), ["1.10", "latest"]);
    let same = ("dev/kustomization.yaml", over);
    assert_eq!(tags(&world(&[BASE, ("over/kustomization.yaml", over), same])), ["1.10"]);
    // Of too many only what is the same in all is known.
    let many: Vec<(String, String)> = (0..=crate::limits::MAX_VARIANTS)
        .map(|at| {
            (
                format!("o{at}/kustomization.yaml"),
                format!("resources: [../base]\nimages: [{{name: 'r:5000/shop/app', newTag: v{at}}}]\n"),
            )
        })
        .collect();
    let files: Vec<(&str, &str)> =
        many.iter().map(|(path, text)| (path.as_str(), text.as_str())).chain([BASE]).collect();
    let many = world(&files);
    assert_eq!((said(&many, "app", "image_tag").as_str(), said(&many, "side", "image").as_str()), ("?", "side"));
    // Of the base alone nothing changes.
    assert_eq!(said(&world(&[BASE]), "app", "image_tag"), "latest");
}

#[test]
fn patches_are_laid_over() {
    let patch = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  template:\n    spec:\n      hostNetwork: true\n      containers:\n      - name: app\n        securityContext: {privileged: false, runAsNonRoot: true}\n      - {name: side, $patch: delete}\n      - {name: new, image: 'n:1'}\n";
    let operations = "- {op: replace, path: /spec/template/spec/containers/0/image, value: 'r/app:7'}\n- op: add\n  path: /spec/template/spec/containers/0/securityContext/readOnlyRootFilesystem\n  value: true\n- {op: remove, path: /spec/nothing}\n";
    let json = ("over/ops.yaml", operations);
    for over in [
        "resources: [../base]\npatchesStrategicMerge: [web.yaml]\npatchesJson6902:\n- {target: {kind: Deployment, name: web}, path: ops.yaml}\n",
        "resources: [../base]\npatches:\n- path: web.yaml\n- {path: ops.yaml, target: {kind: Deploy.*, name: 'w.b', group: apps}}\n- {path: ops.yaml, target: {kind: Service}}\n",
    ] {
        let world = world(&[BASE, json, ("over/web.yaml", patch), ("over/kustomization.yaml", over)]);
        assert_eq!(said(&world, "app", "privileged"), "false", "{over}");
        assert_eq!(said(&world, "app", "run_as_non_root"), "true");
        assert_eq!(said(&world, "app", "read_only_root"), "true");
        assert_eq!(said(&world, "app", "image_tag"), "7");
        assert_eq!(said(&world, "new", "image_tag"), "1");
        assert!(!world.resources.iter().any(|resource| resource.name == "side"));
        // The patch is no object of its own; relations are those of what is there.
        let workloads: Vec<_> = world.ids().filter(|id| world.resource(*id).kind == "workload").collect();
        assert_eq!(workloads.len(), 1);
        assert_eq!(world.related(workloads[0], "container").count(), 2);
        let pod = world.related(workloads[0], "pod").next().unwrap();
        assert_eq!(world.field(pod, "hostNetwork").and_then(Node::bool), Some(true));
    }
    // What is in line.
    let over = "resources: [../base]\npatches:\n- target: {name: web}\n  patch: |-\n    - {op: remove, path: /spec/template/spec/containers/0/securityContext}\n";
    assert_eq!(said(&world(&[BASE, ("over/kustomization.yaml", over)]), "app", "privileged"), "false");
    // An object that every overlay takes away.
    let over = "resources: [../base]\npatches:\n- patch: '{kind: Deployment, apiVersion: apps/v1, metadata: {name: web}, $patch: delete}'\n";
    let world = world(&[BASE, ("over/kustomization.yaml", over)]);
    assert!(!world.resources.iter().any(|resource| resource.kind == "workload"));
}

#[test]
fn what_is_not_decided_is_not_known() {
    for (over, tag, privileged) in [
        ("patches: [{path: gone.yaml, target: {kind: Deployment}}]\n", "-", "-"),
        ("transformers: [x.yaml]\n", "-", "-"),
        ("replacements: [{path: x.yaml}]\n", "-", "-"),
        ("patches: [{path: gone.yaml, target: {kind: Service}}]\n", "latest", "true"),
        ("images: [{name: 'r:5000/shop/app', tagSuffix: x}]\n", "?", "true"),
        (
            "replacements:\n- source: {kind: ConfigMap}\n  targets:\n  - select: {kind: Deployment}\n    fieldPaths: ['spec.template.spec.containers.[name=app].image']\n",
            "?",
            "true",
        ),
        (
            "patches:\n- target: {labelSelector: a=b}\n  patch: '[{op: replace, path: /spec/template/spec/containers/0/image, value: a:1}]'\n",
            "?",
            "true",
        ),
    ] {
        let text = format!("resources: [../base]\n{over}");
        let world = world(&[BASE, ("over/kustomization.yaml", &text)]);
        if tag == "-" {
            // Its pod is not known, so no container of it is there.
            let workload = world.ids().find(|id| world.resource(*id).kind == "workload").unwrap();
            assert!(matches!(world.root(workload).get("spec").unwrap().data(), Data::Unknown(_)), "{over}");
            continue;
        }
        assert_eq!(
            (said(&world, "app", "image_tag").as_str(), said(&world, "app", "privileged").as_str()),
            (tag, privileged),
            "{over}"
        );
    }
}

#[test]
fn components_replicas_and_labels_count() {
    let component = "kind: Component\nreplicas: [{name: web, count: 3}]\ncommonLabels: {team: shop}\n";
    let over = "namePrefix: a-\nresources: [../base]\ncomponents: [../part]\npatches:\n- target: {name: a-web}\n  patch: '[{op: replace, path: /spec/replicas, value: 9}]'\n";
    let files = [BASE, ("part/kustomization.yaml", component), ("over/kustomization.yaml", over)];
    let one = world(&files);
    let workload = one.ids().find(|id| one.resource(*id).kind == "workload").unwrap();
    assert_eq!(one.field(workload, "replicas").and_then(Node::int), Some(3));
    let label = |path: &[&str]| one.root(workload).at(path).and_then(Node::scalar);
    assert_eq!(label(&["metadata", "labels", "team"]).as_deref(), Some("shop"));
    assert_eq!(label(&["spec", "template", "metadata", "labels", "app"]).as_deref(), Some("web"));
    assert_eq!(label(&["spec", "template", "metadata", "labels", "team"]).as_deref(), Some("shop"));
    // The outer one knows it by the name that the inner one gave it.
    let outer = "resources: [../over]\npatches:\n- target: {name: a-web}\n  patch: '[{op: replace, path: /spec/replicas, value: 5}]'\n";
    let all: Vec<_> = files.into_iter().chain([("top/kustomization.yaml", outer)]).collect();
    let two = world(&all);
    let workload = two.ids().find(|id| two.resource(*id).kind == "workload").unwrap();
    assert_eq!(two.field(workload, "replicas").and_then(Node::int), Some(5));
}

#[test]
fn kustomizations_that_name_each_other_end() {
    let many = format!("resources: [{}web.yaml]\n", "../b, ../a, ".repeat(200));
    let many: &str = &many;
    let files = [
        ("a/kustomization.yaml", many),
        ("b/kustomization.yaml", many),
        ("top/kustomization.yaml", "resources: [../a]\n"),
    ];
    let texts = files.iter().map(|(path, text)| Text::new(*path, *text));
    let texts = texts.chain([Text::new("a/web.yaml", WEB), Text::new("b/web.yaml", WEB)]);
    let (world, _) = families::world(texts.collect());
    assert_eq!(world.resources.iter().filter(|resource| resource.kind == "workload").count(), 2);
}

#[test]
fn what_is_generated_is_there() {
    let web = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n  - name: c\n    image: i\n    envFrom: [{configMapRef: {name: made}}, {secretRef: {name: gone}}]\n";
    let made = ("k/kustomization.yaml", "resources: [p.yaml]\nconfigMapGenerator: [{name: made, literals: [a=b]}]\n");
    let world = world(&[made, ("k/p.yaml", web)]);
    let id = world.ids().find(|id| world.resource(*id).name == "c").unwrap();
    let missing = world.field(id, "missing_references").unwrap();
    assert_eq!(missing.items().filter_map(Node::scalar).collect::<Vec<_>>(), ["gone"]);
}

#[test]
fn patches_that_grow_are_bounded() {
    let grow = "- {op: copy, from: /spec, path: /spec/more}\n".repeat(900);
    let insert = "- {op: add, path: /spec/template/spec/containers/0, value: {name: x}}\n".repeat(2_000);
    for operations in [grow, insert] {
        let over = "resources: [../base]\npatches: [{path: ops.yaml, target: {kind: Deployment}}]\n";
        let world = world(&[BASE, ("over/kustomization.yaml", over), ("over/ops.yaml", &operations)]);
        assert!(world.files.iter().all(|file| file.tree.len() < 5_000_000));
        assert!(world.resources.iter().any(|resource| resource.name == "web"));
    }
}

#[test]
fn what_is_so_in_two_overlays_is_found_once() {
    let (rules, _) = crate::pack().load();
    let rules: Vec<_> = rules
        .into_iter()
        .filter(|rule| matches!(&*rule.id, "kubernetes-privileged-container" | "kubernetes-host-network"))
        .collect();
    assert_eq!(rules.len(), 2);
    let found = |files: &[(&str, &str)]| -> Vec<String> {
        let findings = Evaluator::new(&rules).run(&world(files)).findings;
        findings.iter().map(|finding| format!("{} {} {}", finding.rule, finding.address, finding.fingerprint)).collect()
    };
    let written = found(&[BASE]);
    assert_eq!(written.len(), 1);
    let host = "resources: [../base]\npatches:\n- target: {kind: Deployment}\n  patch: '[{op: add, path: /spec/template/spec/hostNetwork, value: true}]'\n";
    let dev = ("dev/kustomization.yaml", "resources: [../base]\n");
    let both = found(&[BASE, dev, ("prod/kustomization.yaml", host)]);
    // One of them adds a weakness, and both have the one that is written, which is known as before.
    assert_eq!(both.len(), 2, "{both:?}");
    assert!(
        both.contains(&written[0])
            && both.iter().any(|found| found.starts_with("kubernetes-host-network Deployment/web")),
        "{both:?}"
    );
}

#[test]
fn what_is_found_once_is_so_on_several_threads() {
    let (rules, errors) = crate::pack().load();
    assert!(errors.is_empty());
    // Variants of one object lie behind those of all others: another thread asks about them.
    let many: Vec<String> = (0..100).map(|number| WEB.replace("name: web", &format!("name: web{number}"))).collect();
    let dev = "resources: [../base]\nimages: [{name: 'r:5000/shop/app', tagSuffix: x}]\n";
    let host = "patches:\n- target: {kind: Deployment}\n  patch: '[{op: add, path: /spec/template/spec/hostNetwork, value: true}]'\n";
    let (world, unread) = families::world(vec![
        Text::new("base/many.yaml", many.join("---\n")),
        Text::new("base/kustomization.yaml", "resources: [many.yaml]\n"),
        Text::new("dev/kustomization.yaml", dev),
        Text::new("prod/kustomization.yaml", format!("{dev}{host}")),
    ]);
    assert_eq!(unread, [""; 0]);
    assert_eq!(world.ids().filter(|id| world.resource(*id).kind == "pod").count(), 200);
    let evaluator = Evaluator::new(&rules);
    let one = evaluator.run(&world);
    let of = |rule: &str| one.findings.iter().filter(|finding| *finding.rule == *rule).count();
    assert_eq!((of("kubernetes-privileged-container"), of("kubernetes-host-network")), (100, 100));
    let mut undecided: Vec<_> = one.undecided.iter().map(|of| (&of.rule, &of.address)).collect();
    let all = undecided.len();
    undecided.sort();
    undecided.dedup();
    assert!(all > 0 && undecided.len() == all, "{} of {all}", undecided.len());
    let written = |of: &Evaluated| serde_json::to_string(&(&of.findings, &of.undecided, of.cut)).unwrap();
    for jobs in [2, 3, 8] {
        assert_eq!(written(&evaluator.run_on(&world, jobs)), written(&one));
    }
}
