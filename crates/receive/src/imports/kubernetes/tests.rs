use super::super::testing::{AT, entities, entity, reading, relations, seen};
use super::*;
use serde_json::json;

fn facts(text: &str) -> Result<Imported, ImportError> {
    read(text, &Reading { cluster: Some("prod"), ..reading("objects.json") })
}

fn at(text: &str) -> i64 {
    time::parse(text).unwrap()
}

const LIST: &str = r#"{"apiVersion": "v1", "kind": "List", "metadata": {"resourceVersion": ""}, "items": [
  {"apiVersion": "v1", "kind": "Pod",
   "metadata": {"name": "shop-5d9f-x2x", "namespace": "web", "uid": "p1",
     "labels": {"app.kubernetes.io/name": "shop", "pod-template-hash": "5d9f"},
     "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "shop-5d9f", "controller": true}],
     "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{\"env\":\"hunter2\"}"}},
   "spec": {"nodeName": "node-1", "containers": [
     {"name": "app", "image": "ghcr.io/acme/shop:1.2", "env": [{"name": "PASSWORD", "value": "hunter2"}]}],
     "initContainers": [{"name": "migrate", "image": "docker.io/acme/migrate:1.2"}]},
   "status": {"phase": "Running", "podIP": "10.0.0.7", "startTime": "2026-11-20T10:00:00Z",
     "initContainerStatuses": [{"name": "migrate", "image": "acme/migrate:1.2", "imageID": "sha256:99", "restartCount": 0,
       "containerID": "containerd://c0", "lastState": {}, "ready": true, "started": false,
       "state": {"terminated": {"exitCode": 0, "reason": "Completed", "containerID": "containerd://c0",
         "startedAt": "2026-11-20T10:00:01Z", "finishedAt": "2026-11-20T10:00:05Z"}}}],
     "containerStatuses": [{"name": "app", "image": "ghcr.io/acme/shop:1.2", "restartCount": 1,
       "imageID": "ghcr.io/acme/shop@sha256:ab", "containerID": "containerd://c2", "ready": true,
       "state": {"running": {"startedAt": "2026-11-20T11:00:00Z"}},
       "lastState": {"terminated": {"exitCode": 137, "reason": "OOMKilled", "containerID": "containerd://c1",
         "startedAt": "2026-11-20T10:00:06Z", "finishedAt": "2026-11-20T10:59:00Z"}}}]}},
  {"apiVersion": "apps/v1", "kind": "Deployment",
   "metadata": {"name": "shop", "namespace": "web", "uid": "d1", "creationTimestamp": "2026-10-01T00:00:00Z",
     "labels": {"app.kubernetes.io/name": "shop", "app.kubernetes.io/version": "1.2.0", "app.kubernetes.io/part-of": "sales", "team": "Payments"},
     "annotations": {"deployment.kubernetes.io/revision": "7"}},
   "spec": {"replicas": 3, "template": {"metadata": {"creationTimestamp": null}, "spec": {"containers": [{"name": "app", "image": "ghcr.io/acme/shop:1.2"}]}}},
   "status": {"conditions": [{"type": "Available", "lastUpdateTime": "2026-11-01T00:00:00Z"},
     {"type": "Progressing", "lastUpdateTime": "2026-11-20T09:59:00Z", "lastTransitionTime": "2026-10-01T00:00:00Z"}]}},
  {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "report", "namespace": "web", "annotations": {"owner": "ada@example.org"}},
   "spec": {"schedule": "0 3 * * *", "jobTemplate": {"spec": {"template": {"spec": {"containers": [{"name": "r", "image": "report"}]}}}}}},
  {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "shop", "namespace": "web"},
   "spec": {"type": "LoadBalancer", "selector": {"app.kubernetes.io/name": "shop"},
     "ports": [{"port": 443, "protocol": "TCP", "targetPort": "https", "nodePort": 30443}]},
   "status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.7"}]}}},
  {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "db", "namespace": "web"}, "spec": {"ports": [{"port": 5432}]}},
  {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": "front", "namespace": "web"},
   "spec": {"ingressClassName": "nginx", "tls": [{"hosts": ["shop.example.org"]}], "rules": [{"host": "shop.example.org",
     "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": {"service": {"name": "shop", "port": {"number": 443}}}}]}}]}},
  {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node-1"}, "status": {"nodeInfo": {"osImage": "Debian GNU/Linux 12",
     "kernelVersion": "6.1.0", "containerRuntimeVersion": "containerd://1.7", "kubeletVersion": "v1.31.0", "machineID": "m", "architecture": "amd64", "operatingSystem": "linux"}}},
  {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "web", "labels": {"owner": "web-team"}}},
  {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "key", "namespace": "web"}, "type": "Opaque", "data": {"k": "aHVudGVyMg=="}},
  {"apiVersion": "serving.knative.dev/v1", "kind": "Service", "metadata": {"name": "fn"}, "spec": {"ports": "none"}}
]}"#;

#[test]
fn a_list_becomes_what_runs_and_what_is_reached() {
    let imported = facts(LIST).unwrap();
    assert_eq!(
        relations(&imported.facts).into_iter().filter(|line| !line.contains("container:")).collect::<Vec<_>>(),
        [
            "host:node-1 part_of k8s.cluster:prod",
            "k8s.cronjob:prod/web/report uses_image container.image:report:latest",
            "k8s.deployment:prod/web/shop owned_by team:payments",
            "k8s.deployment:prod/web/shop part_of service:shop",
            "k8s.deployment:prod/web/shop uses_image container.image:ghcr.io/acme/shop:1.2",
            "k8s.ingress:prod/web/front depends_on k8s.service:prod/web/shop",
            "k8s.namespace:prod/web owned_by team:web-team",
            "k8s.pod:prod/web/shop-5d9f-x2x part_of k8s.deployment:prod/web/shop",
            "k8s.pod:prod/web/shop-5d9f-x2x part_of k8s.replicaset:prod/web/shop-5d9f",
            "k8s.pod:prod/web/shop-5d9f-x2x part_of service:shop",
            "k8s.pod:prod/web/shop-5d9f-x2x runs_on host:node-1",
            "k8s.service:prod/web/shop part_of service:shop",
        ]
    );
    let service = seen(&imported.facts, "k8s.service:prod/web/shop");
    assert_eq!(
        Value::Object(service.attributes.clone()),
        json!({"exposed": true, "type": "LoadBalancer", "ports": ["tcp/443 on nodes 30443"], "addresses": ["192.0.2.7"]})
    );
    assert_eq!(seen(&imported.facts, "k8s.service:prod/web/db").attributes["exposed"], false);
    let ingress = seen(&imported.facts, "k8s.ingress:prod/web/front");
    assert_eq!(ingress.attributes["hosts"], json!(["shop.example.org"]));
    assert_eq!((&ingress.attributes["exposed"], &ingress.attributes["tls"]), (&json!(true), &json!(true)));
    let deployment = seen(&imported.facts, "k8s.deployment:prod/web/shop");
    assert_eq!(deployment.attributes["replicas"], 3);
    assert_eq!((deployment.at, deployment.lease), (AT, Some(LIST_LEASE_NANOS)));
    let node = seen(&imported.facts, "host:node-1");
    assert_eq!(node.attributes["osImage"], "Debian GNU/Linux 12");
    assert_eq!(
        imported.notes,
        [
            "1 objects of the kind Secret are not read",
            "1 objects of the kind Service are not read",
            "1 owners are persons and are not kept; name a team",
        ]
    );
    for unwanted in ["hunter2", "aHVudGVyMg", "ada@"] {
        assert!(!format!("{imported:?}").contains(unwanted), "{unwanted}");
    }
}

#[test]
fn containers_start_and_finish_when_they_did() {
    let imported = facts(LIST).unwrap();
    let when = |id: &str| -> Vec<(i64, bool, Option<i64>)> {
        let about = About::Entity(entity(&format!("container:{id}")));
        let all = imported.facts.observations.iter().filter(|one| one.about == about);
        all.map(|one| (one.at, one.ended, one.lease)).collect()
    };
    let (start, end) = (at("2026-11-20T10:00:01Z"), at("2026-11-20T10:00:05Z"));
    assert_eq!(when("c0"), [(start, false, None), (end, true, None)]);
    assert_eq!(when("c1"), [(at("2026-11-20T10:00:06Z"), false, None), (at("2026-11-20T10:59:00Z"), true, None)]);
    assert_eq!(when("c2"), [(AT, false, Some(LIST_LEASE_NANOS))]);
    assert_eq!(seen(&imported.facts, "container:c1").attributes["reason"], "OOMKilled");
    let told = relations(&imported.facts);
    for line in [
        "container:c0 uses_image container.image:acme/migrate:1.2",
        "- container:c1 runs_on host:node-1",
        "container:c2 part_of k8s.pod:prod/web/shop-5d9f-x2x",
        "container:c2 uses_image container.image:ghcr.io/acme/shop@sha256:ab",
    ] {
        assert!(told.iter().any(|told| told == line), "{line} in {told:#?}");
    }
}

#[test]
fn a_revision_of_a_deployment_is_a_rollout() {
    let imported = facts(LIST).unwrap();
    let [change] = imported.facts.changes.as_slice() else { panic!("{:?}", imported.facts.changes) };
    assert_eq!((change.key.as_str(), change.kind.as_str()), ("d1/7", "rollout"));
    assert_eq!(change.entity, entity("k8s.deployment:prod/web/shop"));
    assert_eq!((change.at, change.version.as_deref()), (at("2026-11-20T09:59:00Z"), Some("1.2.0")));
    assert_eq!(
        Value::Object(change.attributes.clone()),
        json!({"revision": "7", "service": "shop", "images": ["ghcr.io/acme/shop:1.2"]})
    );
}

fn event(kind: &str, revision: u8, tag: &str, more: &str) -> String {
    format!(
        r#"{{"type":"{kind}","object":{{"apiVersion":"apps/v1","kind":"Deployment","metadata":{{"name":"a","namespace":"n","uid":"u",
        "creationTimestamp":"2026-11-20T00:00:00Z","annotations":{{"deployment.kubernetes.io/revision":"{revision}"}}{more}}},
        "spec":{{"template":{{"spec":{{"containers":[{{"name":"a","image":"a:{tag}"}}]}}}}}}}}}}"#
    )
}

#[test]
fn a_watch_tells_every_rollout_and_the_last_state() {
    let watch = [
        event("ADDED", 1, "1", ""),
        event("MODIFIED", 1, "1", ""),
        event("MODIFIED", 2, "2", ""),
        r#"{"type":"BOOKMARK","object":{"kind":"Deployment","metadata":{"resourceVersion":"9"}}}"#.to_owned(),
        r#"{"type":"ERROR","object":{"kind":"Status","status":"Failure","code":410}}"#.to_owned(),
    ];
    let imported = read(&watch.join("\n"), &reading("watch.json")).unwrap();
    let told: Vec<_> = imported.facts.changes.iter().map(|one| (one.key.as_str(), one.version.as_deref())).collect();
    assert_eq!(told, [("u/1", Some("1")), ("u/2", Some("2"))]);
    assert_eq!(relations(&imported.facts), ["k8s.deployment:n/a uses_image container.image:a:2"]);
    assert_eq!(seen(&imported.facts, "k8s.deployment:n/a").lease, None);
    assert_eq!(imported.facts.complete.len(), 3);
    assert_eq!(imported.notes, ["1 errors of the watch: what happened around them is not known"]);
}

#[test]
fn what_is_deleted_has_ended() {
    let later = r#","deletionTimestamp":"2030-01-01T00:00:00Z""#;
    let earlier = r#","deletionTimestamp":"2026-11-21T00:00:00Z""#;
    for (more, expected) in [("", AT), (later, AT), (earlier, at("2026-11-21T00:00:00Z"))] {
        let imported = read(&event("DELETED", 2, "2", more), &reading("watch.json")).unwrap();
        assert_eq!(entities(&imported.facts), ["- k8s.deployment:n/a"]);
        assert_eq!(relations(&imported.facts), ["- k8s.deployment:n/a uses_image container.image:a:2"]);
        assert_eq!(imported.facts.observations[0].at, expected);
        assert!(imported.facts.complete.is_empty() && imported.facts.changes.is_empty());
    }
}

#[test]
fn a_pod_of_a_watch_runs_since_it_started_and_ends_with_its_pod() {
    let pod = |kind: &str, phase: &str| {
        format!(
            r#"{{"type":"{kind}","object":{{"kind":"Pod","metadata":{{"name":"p"}},"spec":{{"containers":[]}},
            "status":{{"phase":"{phase}","containerStatuses":[{{"name":"a","image":"a","containerID":"cri-o://c9",
            "state":{{"running":{{"startedAt":"2026-11-20T11:00:00Z"}}}}}}]}}}}}}"#
        )
    };
    let imported = read(&pod("ADDED", "Running"), &reading("w")).unwrap();
    let container = seen(&imported.facts, "container:c9");
    assert_eq!((container.at, container.lease), (at("2026-11-20T11:00:00Z"), None));
    let imported = read(&pod("DELETED", "Running"), &reading("w")).unwrap();
    assert_eq!(entities(&imported.facts), ["- container:c9", "- k8s.pod:p"]);
}

#[test]
fn a_finished_pod_ran_from_its_start_to_its_finish() {
    let text = r#"{"kind":"Pod","metadata":{"name":"job-1","ownerReferences":[{"kind":"Job","name":"job"}]},"spec":{"nodeName":"n"},
        "status":{"phase":"Succeeded","startTime":"2026-11-20T10:00:00Z","containerStatuses":[{"name":"a","containerID":"docker://c",
        "state":{"terminated":{"startedAt":"2026-11-20T10:00:02Z","finishedAt":"2026-11-20T10:05:00Z"}}}]}}"#;
    let imported = read(text, &reading("w")).unwrap();
    let about = About::Entity(entity("k8s.pod:job-1"));
    let told: Vec<_> = imported.facts.observations.iter().filter(|one| one.about == about).collect();
    assert_eq!((told[0].at, told[0].ended), (at("2026-11-20T10:00:00Z"), false));
    assert_eq!((told[1].at, told[1].ended, told[1].lease), (at("2026-11-20T10:05:00Z"), true, None));
    let relations = relations(&imported.facts);
    assert!(relations.contains(&"k8s.pod:job-1 part_of k8s.job:job".to_owned()), "{relations:?}");
    assert!(relations.contains(&"- k8s.pod:job-1 runs_on host:n".to_owned()), "{relations:?}");
}

#[test]
fn lists_of_one_kind_and_objects_after_another_are_read() {
    let typed = r#"{"apiVersion":"v1","kind":"NamespaceList","items":[{"metadata":{"name":"a"}}]}"#;
    let stream = "{\"kind\":\"Namespace\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"b\"}}\n{\"kind\":\"Namespace\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"c\"}}";
    let array = format!("[{}]", stream.replace('\n', ","));
    assert_eq!(entities(&read(typed, &reading("x")).unwrap().facts), ["k8s.namespace:a"]);
    for text in [stream, &array] {
        assert_eq!(entities(&read(text, &reading("x")).unwrap().facts), ["k8s.namespace:b", "k8s.namespace:c"]);
    }
    assert!(read("", &reading("x")).unwrap().facts.is_empty());
}

#[test]
fn what_is_malformed_names_file_line_and_reason() {
    for (text, expected) in [
        (
            "{\n \"kind\": \"Pod\",\n \"metadata\": {\"name\": 5}}",
            "objects.json:3:23: invalid type: integer `5`, expected a string",
        ),
        ("\n\n {\"kind\": \"Pod\"}", "objects.json:3:2: this object has no metadata.name"),
        ("{\"metadata\": {\"name\": \"a\"}}", "objects.json:1:1: this object has no kind"),
        (
            "{\"kind\":\"List\",\"items\":[\n{\"kind\":\"Pod\",\"metadata\":{\"name\":\"a\"},\n\"spec\":{\"containers\":[{\"image\":\"x\"}]}}]}",
            "objects.json:3:35: missing field `name`",
        ),
        ("{\"kind\":\"List\",\"items\":[{}]", "objects.json:1:27: EOF while parsing an object"),
        (
            "{\"type\":\"GONE\",\"object\":{}}",
            "objects.json:1:9: an event of a watch has one of the types ADDED, MODIFIED, DELETED, BOOKMARK, ERROR",
        ),
        ("{\"kind\":\"Namespace\",\"metadata\":{\"name\":\"a\"}}\nplain text", "objects.json:2:1: expected value"),
    ] {
        let error = facts(text).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}\n{expected}");
    }
}
