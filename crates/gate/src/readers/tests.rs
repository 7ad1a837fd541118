use super::*;
use crate::decide::tests::{bad, control, good};
use crate::limits::{MAX_JUNIT_DEPTH, MAX_JUNIT_NAMES, MAX_WARNING_CHARS, MAX_WARNINGS};
use crate::{Checks, Policies, decide};
use model::{Mode, Verdict};
use serde_json::{Value, json};

fn change(kind: &str, name: &str, before: Value, after: Value) -> Value {
    json!({"address": format!("{kind}.{name}"), "mode": "managed", "type": kind, "name": name,
        "change": {"actions": ["update"], "before": before, "after": after, "after_unknown": {}}})
}

fn plan(changes: Vec<Value>) -> Growths {
    let plan = json!({"format_version": "1.2", "resource_changes": changes});
    plan::read(plan.to_string().as_bytes()).unwrap()
}

fn short(growths: &Growths) -> Vec<(&str, Option<u64>, u64)> {
    growths.growths.iter().map(|growth| (growth.service.as_str(), growth.from, growth.to)).collect()
}

#[test]
fn a_plan_says_what_grows() {
    let deployment = |replicas: &str| {
        json!({"metadata": [{"name": "web", "namespace": "shop", "labels": {"app.kubernetes.io/name": "checkout"}}],
            "spec": [{"replicas": replicas}]})
    };
    let scaler = |most: u64| {
        json!({"metadata": [{"name": "h", "namespace": "shop"}],
            "spec": [{"min_replicas": 10, "max_replicas": most, "scale_target_ref": [{"name": "web"}]}]})
    };
    let group = |most: u64| json!({"desired_capacity": 2, "max_size": most, "tag": [{"key": "service", "value": "till"}, {"key": "env", "value": "prod"}]});
    let growths = plan(vec![
        change("kubernetes_deployment_v1", "a", deployment("10"), deployment("1000")),
        change("kubernetes_horizontal_pod_autoscaler_v2", "b", Value::Null, scaler(1000)),
        change("aws_autoscaling_group", "c", group(4), group(40)),
        change("aws_ecs_service", "mail", json!({"desired_count": 5}), json!({"desired_count": 3})),
        change(
            "azurerm_linux_virtual_machine_scale_set",
            "vm",
            Value::Null,
            json!({"instances": 3, "tags": {"Name": "batch"}}),
        ),
        change(
            "google_compute_region_autoscaler",
            "g",
            json!({"autoscaling_policy": [{"max_replicas": 1}]}),
            json!({"autoscaling_policy": [{"max_replicas": 2}]}),
        ),
        change(
            "aws_appautoscaling_target",
            "t",
            json!({"max_capacity": 2}),
            json!({"max_capacity": 4, "resource_id": "service/cluster/orders"}),
        ),
        change("aws_s3_bucket", "bucket", Value::Null, json!({"tags": {"service": "x"}})),
    ]);
    let expected = [
        ("checkout", Some(10), 1000),
        ("shop/web", Some(10), 1000),
        ("till", Some(4), 40),
        ("batch", Some(0), 3),
        ("g", Some(1), 2),
        ("orders", Some(2), 4),
    ];
    assert_eq!(short(&growths), expected);
    assert_eq!(growths.growths[2].environment.as_deref(), Some("prod"));
    assert_eq!(growths.growths[0].address, "kubernetes_deployment_v1.a");
}

#[test]
fn machines_of_a_count_are_counted_and_what_is_not_known_is_said() {
    let machine = |index: u64, before: bool, after: bool| {
        let one = |there: bool| if there { json!({"tags": {"service": "render"}}) } else { Value::Null };
        json!({"address": format!("aws_instance.r[{index}]"), "type": "aws_instance", "name": "r", "index": index,
            "change": {"actions": ["create"], "before": one(before), "after": one(after)}})
    };
    let mut unknown = change("aws_ecs_service", "later", Value::Null, json!({}));
    unknown["change"]["after_unknown"] = json!({"desired_count": true});
    let growths = plan(vec![machine(0, true, true), machine(1, false, true), machine(2, false, true), unknown]);
    assert_eq!(short(&growths), [("render", Some(1), 3)]);
    assert!(growths.undecided[0].contains("aws_ecs_service.later"), "{growths:?}");
    let odd = plan(vec![json!(7), json!({"type": "aws_ecs_service", "change": 7})]);
    assert_eq!((odd.growths.len(), odd.undecided.len()), (0, 2));
    let many =
        (0..1500).map(|at| change("aws_ecs_service", &format!("s{at}"), Value::Null, json!({"desired_count": 1})));
    let many = plan(many.collect());
    assert_eq!((many.growths.len(), many.cut), (1000, 500));
}

#[test]
fn a_wrong_plan_is_refused_with_its_place() {
    for (text, says) in [
        ("{\n  \"format_version\": }", "2:21: malformed JSON"),
        ("{}", "1:1: no plan"),
        ("[]", "1:0"),
        ("{\"resource_changes\": 7}", "malformed JSON"),
    ] {
        let error = plan::read(text.as_bytes()).unwrap_err().to_string();
        assert!(error.contains(says) || says == "1:0", "{text}: {error}");
    }
    assert_eq!(plan::read(br#"{"format_version": "1.2"}"#).unwrap(), Growths::default());
}

#[test]
fn autoscalers_of_a_stream() {
    let text = "kind: Service\nmetadata: {name: a}\n---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata:\n  name: web\n  namespace: shop\n  labels: {env: production}\nspec:\n  minReplicas: 10\n  maxReplicas: 1000\n  scaleTargetRef: {kind: Deployment, name: checkout}\n---\nkind: ScaledObject\nmetadata: {name: q, labels: {app: queue}}\nspec: {minReplicaCount: 0, maxReplicaCount: 5, scaleTargetRef: {name: worker}}\n---\nkind: HorizontalPodAutoscaler\nmetadata: {name: bad}\nspec: {maxReplicas: many}\n---\nkind: List\nitems:\n  - kind: HorizontalPodAutoscaler\n    metadata: {name: small}\n    spec: {maxReplicas: 1}\n";
    let growths = autoscaler::read(text, None).unwrap();
    assert_eq!(short(&growths), [("shop/checkout", Some(10), 1000), ("queue", Some(0), 5)]);
    assert_eq!(growths.undecided, ["line 19: HorizontalPodAutoscaler/bad has no number as maxReplicas"]);
    assert_eq!(growths.growths[0].environment.as_deref(), Some("production"));
    let given = autoscaler::read(text, Some(700)).unwrap();
    assert_eq!(short(&given), [("shop/checkout", Some(700), 1000)]);
    let error = autoscaler::read("kind: A\n---\nkind: [\n", None).unwrap_err();
    assert!(error.line >= 3, "{error}");
    let asked = growths.growths[1].asked(Some("staging"));
    assert_eq!((asked.environment.as_deref(), asked.from, asked.to), (Some("staging"), Some(0), Some(5)));
}

fn workload(image: &str, replicas: u64) -> Value {
    json!({"metadata": {"name": "web", "namespace": "shop", "labels": {"app.kubernetes.io/name": "checkout"}},
        "spec": {"replicas": replicas, "template": {"spec": {"containers": [{"name": "app", "image": image}]}}}})
}

fn review(operation: &str, kind: &str, object: Value, old: Value) -> Value {
    json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {
        "uid": "705ab4f5", "kind": {"group": "apps", "version": "v1", "kind": kind}, "operation": operation,
        "name": "web", "namespace": "shop", "userInfo": {"username": "somebody"}, "object": object, "oldObject": old}})
}

type Said = (Question, String, Option<String>, Option<u64>, Option<u64>);

fn asks(review: &Value) -> Vec<Said> {
    let read = admission::read(review.to_string().as_bytes(), Some("production")).unwrap();
    assert!(!format!("{read:?}").contains("somebody"));
    read.asked.into_iter().map(|one| (one.question, one.service, one.version, one.from, one.to)).collect()
}

#[test]
fn a_review_asks_about_releases_and_growth() {
    let name = || "checkout".to_owned();
    let made = review("CREATE", "Deployment", workload("r.example:5000/shop/app:1.4.2", 3), Value::Null);
    assert_eq!(asks(&made), [(Question::Release, name(), Some("1.4.2".to_owned()), None, None)]);
    let both =
        review("UPDATE", "StatefulSet", workload("app@sha256:0123456789abcdef0123", 1000), workload("app:1", 10));
    assert_eq!(
        asks(&both),
        [
            (Question::Release, name(), Some("sha256:0123456789ab".to_owned()), None, None),
            (Question::Scale, name(), None, Some(10), Some(1000)),
        ]
    );
    for (object, old) in [(workload("app:1", 3), workload("app:1", 3)), (workload("app:1", 1), workload("app:1", 9))] {
        assert_eq!(asks(&review("UPDATE", "Deployment", object, old)), []);
    }
    let scale = |replicas: u64| json!({"metadata": {"name": "web"}, "spec": {"replicas": replicas}, "status": {"selector": "app=checkout,x=y"}});
    let grown = review("UPDATE", "Scale", scale(1000), scale(10));
    assert_eq!(asks(&grown), [(Question::Scale, name(), None, Some(10), Some(1000))]);
    let nothing = json!({"metadata": {}, "spec": {}, "status": {}});
    let first = review("UPDATE", "Scale", scale(2), nothing);
    assert_eq!(asks(&first), [(Question::Scale, name(), None, Some(1), Some(2))]);
    for quiet in
        [review("DELETE", "Deployment", Value::Null, workload("a", 1)), review("CREATE", "Pod", json!({}), Value::Null)]
    {
        assert_eq!(asks(&quiet), []);
    }
    let mut defended = workload("app:1", 9);
    defended["metadata"]["annotations"] = json!({admission::DEFENCE: " flood of requests\n"});
    defended["metadata"]["labels"] = json!({"env": "eu"});
    let read = review("UPDATE", "Deployment", defended, workload("app:1", 1));
    let read = admission::read(read.to_string().as_bytes(), None).unwrap();
    assert_eq!(
        (read.asked[0].defence.as_deref(), read.asked[0].environment.as_deref()),
        (Some("flood of requests"), Some("eu"))
    );
    assert_eq!(read.asked[0].service, "shop/web");
}

#[test]
fn what_cannot_be_read_lets_pass_with_a_warning() {
    for (text, says) in [
        ("{", "malformed JSON"),
        ("{}", "AdmissionReview"),
        (r#"{"kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1beta1"}"#, "only admission.k8s.io/v1"),
        (r#"{"kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1"}"#, "no `request`"),
        (r#"{"kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1", "request": {}}"#, "no `uid`"),
    ] {
        let error = admission::read(text.as_bytes(), None).unwrap_err().to_string();
        assert!(error.contains(says), "{text}: {error}");
    }
    let odd = review("CREATE", "Deployment", json!({"spec": 7}), Value::Null);
    let read = admission::read(odd.to_string().as_bytes(), None).unwrap();
    assert_eq!((read.asked.len(), read.undecided.len()), (0, 1));
    for answer in [admission::answer(&read, &[]), admission::undecided("705ab4f5", "the ledger does not answer")] {
        let response = &answer["response"];
        assert_eq!((&response["allowed"], &response["uid"]), (&json!(true), &json!("705ab4f5")));
        assert!(response["warnings"][0].as_str().unwrap().starts_with("tandem: undecided: "), "{answer}");
        assert_eq!(response["auditAnnotations"]["answer"], "undecided");
    }
}

fn verdict(read: &admission::Review, facts: &crate::Facts, mode: Mode) -> Vec<(Verdict, Option<i64>)> {
    let controls: Vec<_> = Checks::builtin().iter().map(|check| control(&check.control, mode)).collect();
    let decide = |asked| {
        decide(&Checks::builtin(), &Policies::default(), asked, facts, &controls, &[], 1_795_334_400_000_000_000)
    };
    read.asked.iter().map(|asked| (decide(asked), Some(12))).collect()
}

#[test]
fn an_answer_names_what_stops_and_warns_of_what_would_have() {
    let request = review("UPDATE", "Deployment", workload("app:2", 1000), workload("app:1", 10));
    let read = admission::read(request.to_string().as_bytes(), Some("production")).unwrap();
    let observed = admission::answer(&read, &verdict(&read, &bad(), Mode::Observe));
    assert_eq!(observed["response"]["allowed"], true);
    assert!(observed["response"].get("status").is_none());
    let warnings = observed["response"]["warnings"].as_array().unwrap();
    assert!(!warnings.is_empty() && warnings.len() <= MAX_WARNINGS);
    for warning in warnings.iter().map(|warning| warning.as_str().unwrap()) {
        assert!(warning.chars().count() <= MAX_WARNING_CHARS && warning.lines().count() == 1, "{warning}");
    }
    assert!(warnings.iter().any(|warning| warning.as_str().unwrap().contains("tandem answer 12 hurt")), "{warnings:?}");
    let stopped = admission::answer(&read, &verdict(&read, &bad(), Mode::Enforce));
    assert_eq!((&stopped["response"]["allowed"], &stopped["response"]["status"]["code"]), (&json!(false), &json!(403)));
    assert!(stopped["response"]["status"]["message"].as_str().unwrap().contains("open critical findings in"));
    assert_eq!(stopped["response"]["auditAnnotations"]["against"], "critical-findings");
    let fine = admission::answer(&read, &verdict(&read, &good(), Mode::Enforce));
    assert_eq!((&fine["response"]["allowed"], fine["response"].get("warnings")), (&json!(true), None));
    assert_eq!(fine["response"]["auditAnnotations"]["answer"], "ready");
}

#[test]
fn the_same_growth_from_everywhere_is_the_same_question() {
    let request = review("UPDATE", "Deployment", workload("app:1", 1000), workload("app:1", 10));
    let reviewed = admission::read(request.to_string().as_bytes(), Some("production")).unwrap().asked.remove(0);
    let labelled = |replicas: u64| json!({"metadata": [{"name": "web", "labels": {"app": "checkout"}}], "spec": [{"replicas": replicas}]});
    let planned = plan(vec![change("kubernetes_deployment", "web", labelled(10), labelled(1000))]);
    let manifest = "kind: HorizontalPodAutoscaler\nmetadata: {name: h, labels: {app: checkout}}\nspec: {minReplicas: 10, maxReplicas: 1000}\n";
    let scaled = autoscaler::read(manifest, None).unwrap();
    assert_eq!(planned.growths[0].asked(Some("production")), reviewed);
    assert_eq!(scaled.growths[0].asked(Some("production")), reviewed);
}

#[test]
fn results_of_tests_are_counted_by_case() {
    let text = r#"<?xml version="1.0"?>
<testsuites tests="99">
  <testsuite name="a">
    <testcase classname="shop.Cart" name="adds &lt;one&gt; &amp; more" time="0.25"/>
    <testcase classname="shop.Cart" name="refund" time="1,000.5"><failure message="x">trace</failure><error/></testcase>
    <testsuite name="inner"><testcase name="broke"><error>no &unknown; entity</error></testcase></testsuite>
    <testcase name="later" time="NaN"><skipped/></testcase>
    <system-out><![CDATA[<failure>]]></system-out>
  </testsuite>
</testsuites>"#;
    let results = junit::read(text).unwrap();
    assert_eq!((results.total, results.failed, results.errors, results.skipped), (4, 1, 1, 1));
    assert_eq!(
        (results.seconds, results.names.as_slice()),
        (1000.75, &["shop.Cart.refund".to_owned(), "broke".to_owned()][..])
    );
    let facts = results.facts(Some(7));
    assert_eq!((facts.total, facts.failed, facts.at), (Some(3), Some(2), Some(7)));
    let mut both = results.clone();
    both.add(results);
    assert_eq!((both.total, both.failed, both.names.len()), (8, 2, 4));
    let many = format!("<testsuite>{}</testsuite>", "<testcase name='t'><failure/></testcase>".repeat(500));
    let many = junit::read(&many).unwrap();
    assert_eq!((many.failed, many.names.len()), (500, MAX_JUNIT_NAMES));
}

#[test]
fn wrong_results_are_refused_with_their_place() {
    let deep = format!("<testsuites>{}", "<testsuite>".repeat(MAX_JUNIT_DEPTH));
    for (text, says) in [
        ("", "1:1: no JUnit XML"),
        ("<html/>", "no JUnit XML: it begins with"),
        ("<testsuite>\n<testcase>", "2:11: the file ends before"),
        ("<testsuite>\n</testcase>", "2:"),
        ("<!DOCTYPE a [<!ENTITY b \"c\">]><testsuite/>", "a document type is not read"),
        (&deep, "nested deeper than 32"),
        ("<testsuite/><testsuite/>", "it begins with"),
        ("plain", "no JUnit XML"),
    ] {
        let error = junit::read(text).unwrap_err().to_string();
        assert!(error.contains(says), "{text}: {error}");
    }
}
