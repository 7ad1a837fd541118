use crate::families;
use crate::resource::{ResourceId, World};
use crate::text::Text;
use crate::tree::{Data, Node};

const CHART: &str = "apiVersion: v2\nname: shop\nversion: 1.2.3\nappVersion: \"4.5\"\n";
const VALUES: &str = "
replicas: 2
image: {repository: registry.example/app, tag: ''}
resources: {limits: {cpu: 1, memory: 64Mi}}
podAnnotations: {}
tolerations:
- {key: a, operator: Exists}
env: {LOG: info, MODE: \"yes\"}
ingress: {enabled: false}
";
const HELPERS: &str = r#"
{{/* A name. */}}
{{- define "shop.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- define "shop.labels" -}}
app: {{ include "shop.name" . }}
chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | quote }}
{{- end }}
"#;
const DEPLOYMENT: &str = r#"apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}-{{ include "shop.name" . }}
  namespace: {{ .Release.Namespace }}
  labels:
    {{- include "shop.labels" . | nindent 4 }}
spec:
  {{- if not .Values.autoscaling }}
  replicas: {{ .Values.replicas }}
  {{- end }}
  template:
    metadata:
      {{- with .Values.podAnnotations }}
      annotations: {{- toYaml . | nindent 8 }}
      {{- end }}
      labels: {{- include "shop.labels" . | nindent 8 }}
    spec:
      {{- with .Values.tolerations }}
      tolerations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      containers:
        - name: app
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
          env:
            {{- range $key, $value := .Values.env }}
            - name: {{ $key }}
              value: {{ $value | quote }}
            {{- end }}
            - {name: SEED, value: "x-{{ randAlphaNum 8 }}"}
          resources:
            {{- toYaml .Values.resources | nindent 12 }}
          securityContext:
            privileged: true
"#;

fn world(template: &str) -> (World, Vec<String>) {
    let files = [
        ("c/Chart.yaml", CHART),
        ("c/values.yaml", VALUES),
        ("c/templates/_helpers.tpl", HELPERS),
        ("c/templates/x.yaml", template),
    ];
    families::world(files.iter().map(|(path, text)| Text::new(*path, *text)).collect())
}

fn one(world: &World, kind: &str) -> ResourceId {
    world.ids().find(|id| world.resource(*id).kind == kind).unwrap()
}

#[test]
fn a_chart_is_rendered_with_its_defaults() {
    let (world, unread) = world(DEPLOYMENT);
    assert_eq!(unread, [""; 0]);
    let (workload, container) = (one(&world, "workload"), one(&world, "container"));
    assert_eq!(world.resource(workload).name, "release-name-shop");
    assert_eq!(world.resource(workload).family, "helm");
    assert!(matches!(world.root(workload).at(&["metadata", "namespace"]).unwrap().data(), Data::Unknown(_)));
    assert_eq!(world.root(workload).at(&["metadata", "labels", "chart"]).and_then(Node::text), Some("shop-1.2.3"));
    assert_eq!(world.field(workload, "replicas").and_then(Node::int), Some(2));
    let said = |field: &str| world.field(container, field).and_then(Node::scalar).unwrap_or_default();
    assert_eq!((said("image_tag").as_str(), said("memory_limit").as_str()), ("4.5", "64Mi"));
    let env = world.field(container, "env").unwrap();
    let values: Vec<_> = env.items().map(|item| item.get("value").unwrap().data().clone()).collect();
    assert_eq!(values[..2], [Data::Text("info".into()), Data::Text("yes".into())]);
    assert_eq!(values[2], Data::Partly(["x-".into(), "".into()].into()));
    // Places are those of the template.
    let text = &world.file(world.resource(container).file).text;
    let privileged = world.field(container, "privileged").unwrap().span();
    assert_eq!(text.place(privileged.start).line, DEPLOYMENT.lines().count() as u32);
    assert_eq!(text.slice(privileged), "true");
    assert_eq!(text.place(world.resource(workload).span.start).line, 4);
}

#[test]
fn what_cannot_be_decided_is_told_and_not_guessed() {
    for (template, says) in [
        ("{{ if .Subcharts.x }}\na: 1\n{{ end }}", "c/templates/x.yaml:1: not rendered: `if` depends"),
        ("a: 1\n{{ if .Values.x }}\n", "c/templates/x.yaml:2: not rendered: this `if` has no `end`"),
        ("a: {{ .Values.x\n", "never closed"),
        ("{{ end }}", "closes nothing"),
        ("{{ include \"loop\" . }}{{ define \"loop\" }}{{ include \"loop\" . }}{{ end }}", "MAX_TEMPLATE_CALLS"),
        ("a: [{{ .Values.x }}\n", "the text is no YAML"),
        ("{{ fail \"no\" }}", "refuses its own"),
    ] {
        let (world, unread) = world(template);
        assert!(world.resources.is_empty());
        assert!(unread.len() == 1 && unread[0].contains(says), "{template}: {unread:?}");
    }
    // Nothing explodes.
    for grows in [
        "{{ $x := \"a\" }}{{ range .Values.many }}{{ $x = printf \"%s%s\" $x $x }}{{ end }}{{ $x }}",
        "{{ $x := list }}{{ range .Values.many }}{{ $x = list $x $x }}{{ end }}{{ toYaml $x }}",
        "{{ $x := \"a\" }}{{ range .Values.many }}{{ $x = replace \"a\" \"aaaaaaaaaaaaaaaaa\" $x }}{{ end }}{{ $x }}",
        "{{ $x := list }}{{ range .Values.many }}{{ range $.Values.many }}{{ $x = list $x }}{{ end }}{{ end }}",
    ] {
        let values = format!("many: [{}]\n", "1, ".repeat(300));
        let files = [("Chart.yaml", CHART), ("values.yaml", &values), ("templates/x.yaml", grows)];
        let (world, _) = families::world(files.iter().map(|(path, text)| Text::new(*path, *text)).collect());
        assert!(world.resources.is_empty());
    }
    // What is not installed by default is not there.
    let (world, unread) = world("{{- if .Values.ingress.enabled }}\nkind: Ingress\napiVersion: v1\n{{- end }}\n");
    assert!(world.resources.is_empty() && unread.is_empty());
}

#[test]
fn without_a_chart_there_is_nothing_to_render() {
    let (world, unread) = families::world(vec![Text::new("templates/x.yaml", DEPLOYMENT)]);
    assert!(world.resources.is_empty());
    assert_eq!(
        unread,
        ["templates/x.yaml:1: not rendered: there is no Chart.yaml; scan the output of `helm template`"]
    );
}

/// Files of a tree, rendered; each container's image and where it is.
fn images(files: &[(&str, &str)]) -> (Vec<String>, Vec<String>) {
    let (world, unread) = families::world(files.iter().map(|(path, text)| Text::new(*path, *text)).collect());
    let mut images = Vec::new();
    for id in world.ids().filter(|id| world.resource(*id).kind == "container") {
        let image = world.field(id, "image").and_then(Node::scalar).unwrap_or_else(|| "?".to_owned());
        images.push(format!("{} {image}", world.file(world.resource(id).file).text.path));
    }
    images.sort();
    (images, unread)
}

/// A template of a pod with this image.
fn pod(image: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: {{{{ .Chart.Name }}}}}}\nspec:\n  containers:\n  - name: c\n    image: {image}\n"
    )
}

#[test]
fn charts_in_charts_are_installed_with_what_they_are_given() {
    let chart = "name: shop\nversion: 1.0.0\ndependencies:\n- {name: db, condition: db.enabled, import-values: [data]}\n- {name: cache, alias: fast}\n- {name: cache, alias: slow, condition: slow.on}\n- {name: off, tags: [extra]}\n- {name: base, repository: 'file://../base'}\n";
    let values = "global: {registry: r}\ntags: {extra: false}\ndb: {enabled: true, tag: '7', gone: null}\nfast: {tag: f}\nslow: {on: true}\n";
    let (own, db, cache) = (
        pod("'{{ include \"lib.image\" . }}:{{ .Values.port }}-{{ .Values.db.other }}'"),
        pod("'{{ .Values.global.registry }}/db:{{ .Values.tag }}{{ .Values.gone }}'"),
        pod("'{{ include \"base.name\" . }}:{{ .Values.tag }}'"),
    );
    let files = [
        ("shop/Chart.yaml", chart),
        ("shop/values.yaml", values),
        ("shop/templates/p.yaml", &own),
        ("shop/charts/db/Chart.yaml", "name: db\n"),
        ("shop/charts/db/values.yaml", "tag: old\ngone: x\nother: o\nexports: {data: {port: 99}}\n"),
        ("shop/charts/db/templates/p.yaml", &db),
        ("shop/charts/cache/Chart.yaml", "name: cache\n"),
        ("shop/charts/cache/values.yaml", "tag: default\n"),
        ("shop/charts/cache/templates/p.yaml", &cache),
        ("shop/charts/off/Chart.yaml", "name: off\n"),
        ("shop/charts/off/templates/p.yaml", &db),
        ("shop/charts/lib/Chart.yaml", "name: lib\ntype: library\n"),
        ("shop/charts/lib/templates/_x.tpl", "{{ define \"lib.image\" }}{{ .Chart.Name }}{{ end }}"),
        ("shop/charts/lib/templates/p.yaml", &db),
        ("base/Chart.yaml", "name: base\ntype: library\n"),
        ("base/templates/_x.tpl", "{{ define \"base.name\" }}b-{{ .Chart.Name }}{{ end }}"),
    ];
    let (images, unread) = images(&files);
    assert_eq!(unread, [""; 0]);
    assert_eq!(
        images,
        [
            "shop/charts/cache/templates/p.yaml b-fast:f",
            "shop/charts/cache/templates/p.yaml b-slow:default",
            "shop/charts/db/templates/p.yaml r/db:7x",
            "shop/templates/p.yaml shop:99-o",
        ]
    );
}

#[test]
fn charts_in_charts_are_bounded() {
    let many = "dependencies: [{name: b, alias: x}, {name: b, alias: y}, {name: b, alias: z}]\nname: ";
    let (mut files, mut folder) = (Vec::new(), String::new());
    for depth in 0..7 {
        let name = if depth == 0 { "a" } else { "b" };
        files.push((format!("{folder}Chart.yaml"), format!("{many}{name}\n")));
        files.push((format!("{folder}templates/p.yaml"), pod("'{{ .Values.x }}'")));
        folder.push_str("charts/b/");
    }
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let (images, unread) = images(&files);
    assert!(images.is_empty());
    assert!(unread.len() == 7 && unread[0].contains("MAX_CHART_INSTANCES"), "{unread:?}");
}

#[test]
fn templates_in_values_and_files_of_the_chart_count() {
    let own = "{{- $more := dict \"a\" \"1\" }}{{- $_ := set $more \"b\" \"2\" }}
{{- range $path, $text := .Files.Glob \"conf/*.ini\" }}
---
apiVersion: v1
kind: Pod
metadata: {name: {{ base $path }}}
spec:
  containers:
  - {name: c, image: \"{{ tpl $.Values.image $ }}:{{ $.Files.Get \"tag.txt\" | trim }}-{{ len $path }}{{ $more.b }}{{ $.Files.Get \"../out.txt\" }}\"}
{{- end }}
{{- range untilStep 0 4 2 }}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: m{{ . }}}
data:
{{ ($.Files.Glob \"conf/*\").AsConfig | indent 2 }}
{{- end }}
";
    let files = [
        ("c/Chart.yaml", CHART),
        ("c/values.yaml", "image: '{{ .Values.of }}/{{ .Chart.Name }}'\nof: r\n"),
        ("c/tag.txt", "v1\n"),
        ("c/conf/a.ini", "x=1"),
        ("c/conf/deep/b.ini", "x=2"),
        ("out.txt", "secret"),
        ("c/templates/p.yaml", own),
    ];
    let (found, unread) = images(&files);
    assert_eq!((found, unread), (vec!["c/templates/p.yaml r/shop:v1-102".to_owned()], vec![]));
    let (world, _) = families::world(files.iter().map(|(path, text)| Text::new(*path, *text)).collect());
    assert_eq!(world.resource(one(&world, "workload")).name, "a.ini");
    let map = one(&world, "config_map");
    assert_eq!(world.root(map).at(&["data", "a.ini"]).and_then(Node::text), Some("x=1"));
    // A template in itself ends.
    let looping = [
        files[0],
        ("c/values.yaml", "image: '{{ tpl .Values.image . }}'\n"),
        ("c/templates/p.yaml", "a: {{ tpl .Values.image . }}\n"),
    ];
    let (_, unread) = images(&looping);
    assert!(unread.len() == 1 && unread[0].contains("MAX_TEMPLATE_CALLS"), "{unread:?}");
}

#[test]
fn what_helm_made_counts_where_nothing_was_rendered() {
    let open = "{{- if .Subcharts.x }}
apiVersion: v1
kind: Pod
metadata:
  name: {{ .Release.Name }}-open
  namespace: {{ .Release.Namespace }}
spec:
  containers:
    - name: c
      image: {{ .Values.image }}
      securityContext:
        {{- toYaml .Values.security | nindent 8 }}
{{- end }}
---
{{- if .Subcharts.x }}
apiVersion: v1
kind: Secret
metadata: {name: s}
data: {{ .Values.data }}
{{- end }}
";
    let (whole, inner) = (pod("own:1"), "{{ if .Subcharts.x }}{{ end }}");
    let files = [
        ("d/c/Chart.yaml", "name: shop\n"),
        ("d/c/templates/open.yaml", open),
        ("d/c/templates/whole.yaml", &whole),
        ("d/c/templates/nothing.yaml", inner),
        ("d/c/charts/db/Chart.yaml", "name: db\n"),
        ("d/c/charts/db/templates/p.yaml", "{{ if .Subcharts.x }}\nkind: Pod\nspec: {}\n{{ end }}"),
    ];
    let made = format!(
        "---\n# Source: shop/charts/db/templates/p.yaml\n{pod}---\n# Source: shop/templates/whole.yaml\n{twice}---\n# Source: shop/templates/open.yaml\napiVersion: v1\nkind: Secret\nmetadata: {{name: s}}\ndata: {{key: cmFuZG9t}}\n---\n# Source: shop/templates/open.yaml\napiVersion: v1\nkind: Pod\nmetadata:\n  name: release-name-open\n  namespace: {namespace}\nspec:\n  containers:\n    - name: c\n      image: made:2\n      securityContext:\n        privileged: true\n---\n# Source: other/templates/x.yaml\nkind: Pod\n",
        namespace = super::NAMESPACE,
        pod = pod("db:3").replace("{{ .Chart.Name }}", "db"),
        twice = pod("own:1").replace("{{ .Chart.Name }}", "shop"),
    );
    let load = |documents: Result<String, String>| {
        let mut world = World { paths: files.iter().map(|(path, _)| (*path).into()).collect(), ..World::default() };
        for (path, text) in files {
            let parsed = families::parse(Text::new(path, text), families::Format::Yaml);
            families::read(&mut world, parsed.text, parsed.tree);
        }
        assert_eq!(super::not_whole(&world), ["d/c/"]);
        world.rendered = vec![super::Output { chart: "d/c/".to_owned(), documents }];
        let refused = families::link(&mut world);
        (world, refused)
    };
    let (world, refused) = load(Ok(made));
    assert_eq!(refused, []);
    let containers: Vec<_> = world.ids().filter(|id| world.resource(*id).kind == "container").collect();
    let images: Vec<_> = containers.iter().filter_map(|id| world.field(*id, "image").and_then(Node::scalar)).collect();
    assert_eq!(images, ["made:2", "own:1", "db:3"]);
    let line =
        |span: crate::text::Span, id: ResourceId| world.file(world.resource(id).file).text.place(span.start).line;
    assert_eq!(line(world.field(containers[0], "image").unwrap().span(), containers[0]), 10);
    assert_eq!(line(world.field(containers[0], "privileged").unwrap().span(), containers[0]), 11);
    let workload = world.related(containers[0], "workload").next().unwrap();
    assert!(matches!(world.root(workload).at(&["metadata", "namespace"]).unwrap().data(), Data::Unknown(_)));
    // As it would be when it had been rendered here.
    assert_eq!(world.resource(workload).address, "Pod/{{ .Release.Namespace }}/release-name-open");
    let secret = one(&world, "secret");
    assert_eq!(line(world.resource(secret).span, secret), 18);
    assert!(matches!(world.root(secret).at(&["data", "key"]).unwrap().data(), Data::Unknown(_)));

    let (world, refused) = load(Err("Error:\n no".to_owned()));
    assert_eq!(refused.len(), 3);
    assert!(refused.iter().all(|(_, malformed)| malformed.reason.ends_with("; `helm template` failed: Error: no")));
    assert_eq!(world.ids().filter(|id| world.resource(*id).kind == "container").count(), 1);
    let (_, refused) = load(Ok("---\n# Source: shop/templates/open.yaml\na: [\n".to_owned()));
    assert!(refused.len() == 1 && refused[0].1.reason.contains("is no YAML"), "{refused:?}");
}
