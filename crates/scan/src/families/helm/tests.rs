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
        ("{{ if .Files.Get \"x\" }}\na: 1\n{{ end }}", "c/templates/x.yaml:1: not rendered: `if` depends"),
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
