//! Writes the seeds of all fuzz targets to `fuzz/corpus/<target>/seed-*`: `cargo run -p decoders --example seeds`.

use model::logs::{LogRow, LogsBuilder};
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{
    AnyValue, ArrayValue, EntityRef, InstrumentationScope, KeyValue, KeyValueList,
};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use opentelemetry_proto::tonic::metrics::v1::exponential_histogram_data_point::Buckets;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::summary_data_point::ValueAtQuantile;
use opentelemetry_proto::tonic::metrics::v1::*;
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::span::{Event, Link};
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span, Status};
use prost::Message;
use serde_json::json;
use std::io::Write as _;
use std::path::Path;

#[path = "../../../../crates/detect/src/input/evtx/example.rs"]
mod evtx;
mod scanned;

const TIME: u64 = 1_795_246_176_000_000_000;

fn main() -> std::io::Result<()> {
    let (logs, traces, metrics) = (logs(), traces(), metrics());
    seed("otlp_logs", "all", &logs.encode_to_vec())?;
    seed("otlp_traces", "all", &traces.encode_to_vec())?;
    seed("otlp_metrics", "all", &metrics.encode_to_vec())?;
    let json = [serde_json::to_vec(&logs)?, serde_json::to_vec(&traces)?, serde_json::to_vec(&metrics)?];
    for (number, (json, name)) in json.iter().zip(["logs", "traces", "metrics"]).enumerate() {
        seed("otlp_json", name, &[&[number as u8], &json[..]].concat())?;
    }
    seed(
        "otlp_json",
        "special",
        br#" {"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"gauge":{"dataPoints":[{"asDouble":"NaN"}]}}]}]}]}"#,
    )?;
    compressed()?;
    scanned::seeds(seed)?;
    rules()?;
    detected()?;
    seed("detect_snapshot", "whole", &[&[0], &decoders::snapshot()[8..]].concat())?;
    seed("detect_snapshot", "changed", &[1, 9, 0, 0xff, 0, 200, 0, 3, 1, 0, 1, 0x80, 3])?;
    stored()?;
    changes()?;
    documents()?;
    texts(
        "syslog",
        &[
            r#"<165>1 2026-11-21T10:00:00.003Z host app 4711 ID47 [ex@32473 iut="3" q="a\"b\]"] a message"#,
            "<34>Nov 21 10:00:00 host su[77]: failed for user",
            "5 <13>a12 <14>1 - - - 3 <1>",
            "<13>one\n<14>two\r\nno priority at all\n",
        ],
    )?;
    texts(
        "elastic_bulk",
        &[
            "{\"index\":{\"_index\":\"web\",\"_id\":\"1\"}}\n{\"@timestamp\":\"2026-11-21T10:00:00Z\",\"message\":\"hi\",\"log\":{\"level\":\"warn\"},\"a\":{\"b\":[1,2.5,null]}}\n{\"create\":{}}\n{\"x\":1}\n",
            "{\"delete\":{\"_index\":\"web\",\"_id\":\"1\"}}\n{\"update\":{\"_id\":\"2\"}}\n{\"doc\":{\"a\":1}}\n{\"index\":{}}\nnot json\n",
        ],
    )?;
    texts(
        "json_lines",
        &[
            "{\"message\":\"a\",\"time\":\"2026-11-21T10:00:00.5Z\",\"level\":\"error\",\"service\":\"web\",\"n\":{\"m\":[1,true]}}\n{\"msg\":\"b\",\"ts\":1795246176}\n\n[1]\n{\"time\":1795246176000000000}\r\n",
        ],
    )?;
    texts(
        "line_formats",
        &[
            "\0{\"msg\":\"a\",\"level\":\"info\"}\nlevel=warn msg=\"b c\" took=5ms\nplain text\n",
            "\u{1}{\"msg\":\"a\",\"http\":{\"status\":500}}\n",
            "\u{2}ts=2026-11-21T10:00:00Z level=error msg=\"it \\\"broke\\\"\" err= ok=true n=1.5e3\n",
            "\u{3}192.0.2.1 - bob [21/Nov/2026:10:00:00 +0000] \"GET /a?b=1 HTTP/1.1\" 200 512 \"http://example.org/\" \"curl/8\"\n",
            "\u{4}<13>Nov 21 10:00:00 host app: text\nNov 21 10:00:00 host app[1]: text\n",
        ],
    )?;
    texts(
        "redact",
        &[
            "Authorization: Bearer abcdef0123456789 and Basic dXNlcjpwYXNzd29yZA==",
            "login password=hunter2&x=1 {\"api_key\": \"0123456789abcdef\"}",
            "postgres://app:s3cret@db:5432/x AKIAIOSFODNN7EXAMPLE ghp_0123456789abcdefghijklmnopqrstuvwxyz",
            "-----BEGIN RSA PRIVATE KEY-----\nMIIB\n-----END RSA PRIVATE KEY----- eyJhbGciOiJI.eyJzdWIiOiIx.abc_def",
            "x.session_token=xoxb-0123456789-abcdef glpat-0123456789abcdef01 sk_live_0123456789abcdef01",
        ],
    )?;
    texts(
        "query",
        &[
            "timeout AND service:checkout AND duration>5ms | count by http.route",
            "(\"connection reset\" OR err*) -level:debug status:[400 TO 499] | top 5 host.name",
            "/time(out|d)/ NOT trace_id:0af7651916cd43dd8448eb211c80319c client.address:10.0.0.0/8 | sort took desc | limit 3",
            "attributes.a:* severity>=warn timestamp>now-1h | rate 5m by service_name",
            "kind:server status_code=error | p95 duration_ns by name | fields name, trace_id",
            "",
        ],
    )
}

fn seed(target: &str, name: &str, bytes: &[u8]) -> std::io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target);
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join(format!("seed-{name}")), bytes)
}

fn texts(target: &str, texts: &[&str]) -> std::io::Result<()> {
    texts.iter().enumerate().try_for_each(|(number, text)| seed(target, &number.to_string(), text.as_bytes()))
}

/// Files of Sigma rules; the first byte says that it is a text, or which archive.
fn rules() -> std::io::Result<()> {
    let texts = [
        (
            "rules",
            r"title: a
id: 4b7f8f0e-6c6e-4a8c-9c8e-000000000001
name: a
status: test
logsource: {product: windows, category: process_creation}
detection:
  selection:
    Image|endswith: ['\cmd.exe', '\a?*b.exe']
    CommandLine|contains|windash: ' -enc '
    EventID: 4688
    User: null
  other:
    - CommandLine|re|i: '^(cmd|sh)\s+[/-]c{1,3}'
    - CommandLine|wide|base64offset|contains: foo
    - ip|cidr: [10.0.0.0/8, 'fe80::/10']
    - time|hour|gte: 22
    - a|fieldref|neq: b
    - host|expand: '%Servers%'
    - F|exists: true
  _words:
    '|all': [one, 'two*']
  condition: selection and (1 of other* or all of them) and not _words
level: high
tags: [attack.t1059]
falsepositives: [x]
",
        ),
        (
            "correlation",
            "name: b\nlogsource: {service: sshd}\ndetection:\n  s: &s [failed, {F|gt: 1.5}]\n  t: *s\n  condition: 1 of them\n---\ntitle: c\nname: c\ncorrelation:\n  type: value_count\n  rules: [b]\n  group-by: [u, ip]\n  timespan: 10m\n  aliases:\n    ip: {b: source.ip}\n  condition: {field: [f, g], gte: 10}\n  generate: true\n---\ncorrelation:\n  type: temporal_ordered\n  group-by: u\n  timespan: 1h\n  condition: b and not c\n---\ntitle: f\nlogsource: {service: sshd}\nfilter:\n  rules: [b]\n  s: {user: x}\n  condition: not s\n---\naction: global\n",
        ),
    ];
    for (name, text) in texts {
        seed("detect_rules", name, &[&[0], text.as_bytes()].concat())?;
        let mut archive = vec![0_u8; 512];
        archive[..5].copy_from_slice(b"r.yml");
        archive[124..135].copy_from_slice(format!("{:011o}", text.len()).as_bytes());
        archive[148..156].fill(b' ');
        archive[156] = b'0';
        let sum: u32 = archive.iter().map(|byte| u32::from(*byte)).sum();
        archive[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
        archive.extend_from_slice(text.as_bytes());
        archive.resize(archive.len().next_multiple_of(512) + 1024, 0);
        seed("detect_rules", &format!("{name}-tar"), &[&[2], &archive[..]].concat())?;
        let mut gzip = flate2::write::GzEncoder::new(vec![3], flate2::Compression::best());
        gzip.write_all(&archive)?;
        seed("detect_rules", &format!("{name}-tgz"), &gzip.finish()?)?;
    }
    Ok(())
}

/// Files of events; the first byte is the format.
fn detected() -> std::io::Result<()> {
    let mut log = evtx::file(&[evtx::templated()]);
    // What follows the records of the chunk is zeros.
    log.truncate(4096 + 2048);
    seed("detect_input", "evtx", &[&[2], &log[..]].concat())?;
    let texts: [(u8, &str, &str); 7] = [
        (0, "json-lines", "{\"a\":{\"b\":[1,null,{\"c\":true}]}}\n{\"@timestamp\":\"2026-11-21T10:00:00Z\"}\n"),
        (0, "json-export", "{ \"Records\" : [ {\"eventName\":\"x\"},\n{\"a\":\"}\\\"\"} ], \"next\": 1 }"),
        (1, "csv", "a,b,c d\n1,\"x,\n\"\"y\"\"\",z\n"),
        (
            3,
            "auditd",
            "type=EXECVE msg=audit(1700000000.250:7): argc=2 a0=\"sh\" a1[0]=2D63\nnode=h type=USER_CMD msg=audit(1700000000.250:8): msg='cmd=6C73 res=success'\ntype=SOCKADDR msg=audit(1700000000.250:7): saddr=020001BBC00002070000000000000000\n",
        ),
        (4, "w3c", "#Fields: date time cs-uri-stem cs(User-Agent)\n2023-11-14 22:13:20 /a X+Y\n"),
        (5, "text", "Nov 21 10:00:00 host su[77]: failed\n"),
        (9, "guessed", "[{\"a\":1},\n{\"a\":2}]"),
    ];
    for (format, name, text) in texts {
        seed("detect_input", name, &[&[format], text.as_bytes()].concat())?;
    }
    Ok(())
}

fn compressed() -> std::io::Result<()> {
    let (text, level) = (b"hello hello hello".repeat(20), flate2::Compression::best());
    let mut gzip = flate2::write::GzEncoder::new(vec![0], level);
    gzip.write_all(&text)?;
    seed("decompress", "gzip", &gzip.finish()?)?;
    let mut deflate = flate2::write::ZlibEncoder::new(vec![1], level);
    deflate.write_all(&text)?;
    seed("decompress", "deflate", &deflate.finish()?)?;
    let zstd = |text: &[u8]| Ok::<_, std::io::Error>([&[2], &zstd::encode_all(text, 3)?[..]].concat());
    seed("decompress", "zstd", &zstd(&text)?)?;
    seed("decompress", "bomb", &zstd(&vec![0; 4 * 1024 * 1024])?)
}

fn stored() -> std::io::Result<()> {
    let mut builder = LogsBuilder::new(decoders::context("test"));
    builder.push(&LogRow { timestamp: TIME as i64, body: Some("text"), ..LogRow::default() });
    let batch = builder.finish().map_err(std::io::Error::other)?;
    let record = |sequence| decoders::log_record(sequence, &batch);
    seed("store_log", "two", &[&[0], &record(1)[..], &record(2)].concat())?;
    seed("store_log", "damage", &[&[0], &record(1)[..], b"TDMLdamage", &record(2), &record(3)[..40]].concat())?;
    seed("store_log", "pieces", &[&[1, 3], &b"abc"[..], &[4], b"body"].concat())?;
    let meta = concat!(
        r#"{"stem":"s","table":"logs","day":"2026-11-21","row_groups":[1],"bytes":4,"min_timestamp":0,"#,
        r#""max_timestamp":0,"max_received":0,"min_event_id":0,"max_event_id":0,"after_sequence":0,"#,
        r#""through_sequence":1,"replaces":[]}"#
    );
    let directory = [1, 0, 0, 0, 20, 0, 0, 0, 0];
    let sections = [&[1, meta.len() as u8], meta.as_bytes(), &[4, 1, 2, 3, 4], &[9], &directory].concat();
    seed("store_sidecar", "all", &sections)?;
    seed("store_index", "blocks", &[40, 0, 0, 0, 20, 6, 2, 0, 0x55, 0x33, 0x0f, 0xff, 4, 1, 0, 0xaa, 0x81])
}

fn documents() -> std::io::Result<()> {
    texts(
        "import_catalog",
        &[
            "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: shop\n  annotations: {github.com/project-slug: acme/shop, tandem.dev/layer.data: dba}\n  labels: &l {a: b}\n  links:\n  - {url: \"https://x.example/run\", title: Runbook}\nspec:\n  type: service\n  owner: group:default/payments\n  system: sales\n  dependsOn: [resource:db, 'component:eu/cart']\n  consumesApis: [prices]\n",
            "---\napiVersion: backstage.io/v1beta1\nkind: Group\nmetadata: {name: payments, labels: *none}\n---\n{\"apiVersion\": \"backstage.io/v1alpha1\", \"kind\": \"User\", \"metadata\": {\"name\": \"ada-lovelace\"}}\n",
            "a: &a [x, &b [*a]]\n? {k: v}\n: |\n  text\n<<: *b\n",
        ],
    )?;
    texts(
        "import_codeowners",
        &[
            "# all\n* @acme/shop @ada-lovelace # first\n/docs/ @acme/writers grace-hopper@example.org\n/with\\ space/*.rs @acme/space\n/apps/github\n",
            "[Docs][2] @acme/group/docs\ndocs/**/*.md\n!docs/private/\n^[Database] @acme/dba\n*.sql @@developer\n[docs]\n/x?y\n",
        ],
    )?;
    texts(
        "import_cyclonedx",
        &[
            r#"{"bomFormat":"CycloneDX","specVersion":"1.5","metadata":{"component":{"type":"container","name":"acme/shop:1","version":"sha256:ab"}},"components":[{"bom-ref":"a","type":"library","group":"g","name":"n","version":"1","scope":"optional","purl":"pkg:npm/n@1?x=y","licenses":[{"license":{"id":"MIT"}},{"expression":"A OR B"}],"components":[{"name":"in"}]}],"vulnerabilities":[{"id":"CVE-2026-1","source":{"name":"NVD"},"ratings":[{"severity":"high","score":7.5,"vector":"v"}],"description":"d","affects":[{"ref":"a"}],"analysis":{"state":"resolved"}}]}"#,
            r#"{"bomFormat":"CycloneDX","specVersion":"1.2","metadata":{"component":{"type":"application","name":"s","externalReferences":[{"type":"vcs","url":"git+ssh://git@github.com/acme/shop.git"}]}},"components":null}"#,
        ],
    )?;
    texts(
        "import_sarif",
        &[
            r#"{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"lint","semanticVersion":"1.2","rules":[{"id":"R1","shortDescription":{"text":"One"},"defaultConfiguration":{"level":"error"},"messageStrings":{"m":{"text":"{0} of {1}"}},"properties":{"security-severity":"7.5"}}]},"extensions":[{"name":"more","rules":[{"id":"X1"}]}]},"automationDetails":{"id":"nightly/1","guid":"g"},"invocations":[{"executionSuccessful":true,"endTimeUtc":"2026-11-20T10:00:00Z","workingDirectory":{"uri":"file:///srv/shop/"}}],"originalUriBaseIds":{"ROOT":{"uri":"file:///srv/shop/"},"SUB":{"uri":"sub/","uriBaseId":"ROOT"}},"artifacts":[{"location":{"uri":"a%20b.rs","uriBaseId":"SUB"}}],"versionControlProvenance":[{"repositoryUri":"https://github.com/acme/shop","revisionId":"abc","branch":"main"}],"results":[{"ruleId":"R1","ruleIndex":0,"kind":"fail","message":{"id":"m","arguments":["x","y"]},"locations":[{"physicalLocation":{"artifactLocation":{"index":0},"region":{"startLine":3,"startColumn":1}},"logicalLocations":[{"fullyQualifiedName":"a::b"}]}],"partialFingerprints":{"primaryLocationLineHash":"ab:1"},"suppressions":[{"kind":"inSource","status":"accepted","justification":"a test"}],"baselineState":"unchanged"},{"rule":{"index":0,"toolComponent":{"index":0}},"message":{"text":"line 7"},"fingerprints":{"v1":"f"},"codeFlows":[{"threadFlows":[]}]},{"ruleId":"R1/x","kind":"pass","message":{"text":"ok"}}]}]}"#,
        ],
    )?;
    texts(
        "import_spdx",
        &[
            r#"{"spdxVersion":"SPDX-2.3","SPDXID":"SPDXRef-DOCUMENT","documentDescribes":["SPDXRef-i"],"packages":[{"SPDXID":"SPDXRef-i","name":"acme/shop","versionInfo":"1","primaryPackagePurpose":"CONTAINER"},{"SPDXID":"SPDXRef-b","name":"bash","licenseDeclared":"GPL-3.0","externalRefs":[{"referenceType":"purl","referenceLocator":"pkg:deb/debian/bash@5"}]}],"relationships":[{"spdxElementId":"SPDXRef-b","relatedSpdxElement":"SPDXRef-i","relationshipType":"DEV_DEPENDENCY_OF"}]}"#,
            "SPDXVersion: SPDX-2.2\nComment: <text>a\nb</text>\nPackageName: shop\nSPDXID: SPDXRef-s\nPackageDownloadLocation: git+https://github.com/acme/shop@v1\nPackageName: x\nPackageVersion: 1\nExternalRef: PACKAGE-MANAGER purl pkg:cargo/x@1\nRelationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-s\n",
            r#"{"@context":"c","@graph":[{"type":"software_Sbom","rootElement":["r"]},{"type":"software_Package","spdxId":"r","name":"s","software_downloadLocation":"https://github.com/acme/shop"},{"type":"software_Package","spdxId":"l","name":"l","software_packageUrl":"pkg:npm/l@1"}]}"#,
        ],
    )?;
    texts(
        "import_kubernetes",
        &[
            r#"{"kind":"List","items":[{"kind":"Pod","metadata":{"name":"shop-5d-x","namespace":"web","labels":{"pod-template-hash":"5d","app.kubernetes.io/name":"shop"},"ownerReferences":[{"kind":"ReplicaSet","name":"shop-5d"}]},"spec":{"nodeName":"n1","containers":[{"name":"a","image":"acme/shop:1"}]},"status":{"phase":"Running","containerStatuses":[{"name":"a","imageID":"acme/shop@sha256:ab","containerID":"containerd://c1","state":{"running":{"startedAt":"2026-11-20T11:00:00Z"}},"lastState":{"terminated":{"containerID":"containerd://c0","exitCode":1,"startedAt":"2026-11-20T10:00:00Z","finishedAt":"2026-11-20T10:59:00Z"}}}]}},{"kind":"Ingress","metadata":{"name":"i"},"spec":{"rules":[{"host":"h","http":{"paths":[{"backend":{"service":{"name":"s"}}}]}}]}},{"kind":"Node","metadata":{"name":"n1"},"status":{"nodeInfo":{"osImage":"o"}}}]}"#,
            "{\"type\":\"ADDED\",\"object\":{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\",\"metadata\":{\"name\":\"a\",\"uid\":\"u\",\"labels\":{\"team\":\"t\"},\"annotations\":{\"deployment.kubernetes.io/revision\":\"1\"}},\"spec\":{\"replicas\":2,\"template\":{\"spec\":{\"containers\":[{\"name\":\"a\",\"image\":\"a:1\"}]}}}}}\n{\"type\":\"DELETED\",\"object\":{\"kind\":\"Service\",\"metadata\":{\"name\":\"s\"},\"spec\":{\"type\":\"NodePort\",\"ports\":[{\"port\":1,\"nodePort\":3}]}}}\n{\"type\":\"BOOKMARK\",\"object\":{}}\n",
        ],
    )?;
    texts(
        "import_osquery",
        &[
            "{\"name\":\"deb_packages\",\"hostIdentifier\":\"h\",\"unixTime\":\"1795200000\",\"action\":\"added\",\"columns\":{\"name\":\"a\",\"version\":\"1\"}}\n{\"diffResults\":{\"added\":[{\"name\":\"b\",\"version\":\"2\"}],\"removed\":\"\"},\"name\":\"python_packages\",\"hostIdentifier\":\"h\"}\n{\"snapshot\":[{\"pid\":7,\"port\":\"22\",\"protocol\":6,\"address\":\"::\"}],\"action\":\"snapshot\",\"name\":\"listening_ports\",\"hostIdentifier\":\"h\",\"decorations\":{\"hostname\":\"w\"}}\n{\"snapshot\":[{\"uid\":\"1000\",\"username\":\"ada-lovelace\",\"directory\":\"/home/a\"}],\"name\":\"users\",\"hostIdentifier\":\"h\"}\n",
            "[{\"name\":\"bash\",\"version\":\"5.2\",\"arch\":\"amd64\"},{\"name\":\"x\"}]",
            "{\"snapshot\":[{\"total_seconds\":\"99\"},{\"id\":\"c\",\"image\":\"i:1\",\"state\":\"exited\"}],\"name\":\"uptime docker_containers os_version\",\"hostIdentifier\":\"h\",\"unixTime\":1}",
        ],
    )
}

fn any(value: Value) -> Option<AnyValue> {
    Some(AnyValue { value: Some(value) })
}

fn attributes() -> Vec<KeyValue> {
    let pair = |key: &str, value| KeyValue { key: key.to_owned(), value, key_strindex: 0 };
    let items = vec![any(Value::IntValue(-1)).unwrap_or_default(), AnyValue { value: None }];
    vec![
        pair("service.name", any(Value::StringValue("web".to_owned()))),
        pair("ok", any(Value::BoolValue(true))),
        pair("int", any(Value::IntValue(7))),
        pair("double", any(Value::DoubleValue(0.5))),
        pair("bytes", any(Value::BytesValue(vec![0, 255]))),
        pair("list", any(Value::ArrayValue(ArrayValue { values: items }))),
        pair("map", any(Value::KvlistValue(KeyValueList { values: vec![pair("$k", None)] }))),
    ]
}

fn resource() -> Option<Resource> {
    let entity = EntityRef {
        schema_url: "u".to_owned(),
        r#type: "host".to_owned(),
        id_keys: vec!["host.id".to_owned()],
        description_keys: vec!["host.name".to_owned()],
    };
    Some(Resource { attributes: attributes(), dropped_attributes_count: 1, entity_refs: vec![entity] })
}

fn scope() -> Option<InstrumentationScope> {
    let (name, version) = ("lib".to_owned(), "1.0".to_owned());
    Some(InstrumentationScope { name, version, attributes: attributes(), dropped_attributes_count: 2 })
}

fn logs() -> ExportLogsServiceRequest {
    let record = LogRecord {
        time_unix_nano: TIME,
        observed_time_unix_nano: TIME + 1,
        severity_number: 9,
        severity_text: "INFO".to_owned(),
        body: any(Value::StringValue("hello".to_owned())),
        attributes: attributes(),
        dropped_attributes_count: 3,
        flags: 1,
        trace_id: vec![1; 16],
        span_id: vec![2; 8],
        event_name: "started".to_owned(),
    };
    let structured = any(Value::KvlistValue(KeyValueList { values: attributes() }));
    let log_records = vec![record.clone(), LogRecord { body: structured, time_unix_nano: 0, ..record }];
    let scope_logs = vec![ScopeLogs { scope: scope(), log_records, schema_url: "s".to_owned() }];
    let group = ResourceLogs { resource: resource(), scope_logs, schema_url: "r".to_owned() };
    ExportLogsServiceRequest { resource_logs: vec![group] }
}

fn traces() -> ExportTraceServiceRequest {
    let event = Event {
        time_unix_nano: TIME,
        name: "exception".to_owned(),
        attributes: attributes(),
        dropped_attributes_count: 1,
    };
    let link = Link {
        trace_id: vec![3; 16],
        span_id: vec![4; 8],
        trace_state: "a=b".to_owned(),
        attributes: attributes(),
        dropped_attributes_count: 1,
        flags: 256,
    };
    let span = Span {
        trace_id: vec![1; 16],
        span_id: vec![2; 8],
        trace_state: "x=y".to_owned(),
        parent_span_id: vec![5; 8],
        flags: 1,
        name: "GET /".to_owned(),
        kind: 2,
        start_time_unix_nano: TIME,
        end_time_unix_nano: TIME + 5,
        attributes: attributes(),
        dropped_attributes_count: 1,
        events: vec![event],
        dropped_events_count: 2,
        links: vec![link],
        dropped_links_count: 3,
        status: Some(Status { message: "bad".to_owned(), code: 2 }),
    };
    let scope_spans = vec![ScopeSpans { scope: scope(), spans: vec![span], schema_url: "s".to_owned() }];
    let group = ResourceSpans { resource: resource(), scope_spans, schema_url: "r".to_owned() };
    ExportTraceServiceRequest { resource_spans: vec![group] }
}

fn metrics() -> ExportMetricsServiceRequest {
    let exemplar = Exemplar {
        filtered_attributes: attributes(),
        time_unix_nano: TIME,
        span_id: vec![2; 8],
        trace_id: vec![1; 16],
        value: Some(exemplar::Value::AsInt(5)),
    };
    let number = |value| NumberDataPoint {
        attributes: attributes(),
        start_time_unix_nano: TIME - 1,
        time_unix_nano: TIME,
        exemplars: vec![exemplar.clone()],
        flags: 1,
        value: Some(value),
    };
    let histogram = HistogramDataPoint {
        time_unix_nano: TIME,
        count: 3,
        sum: Some(4.5),
        bucket_counts: vec![1, 2],
        explicit_bounds: vec![10.0],
        min: Some(0.5),
        max: Some(3.0),
        ..HistogramDataPoint::default()
    };
    let exponential = ExponentialHistogramDataPoint {
        time_unix_nano: TIME,
        count: 3,
        scale: -1,
        zero_count: 1,
        positive: Some(Buckets { offset: -2, bucket_counts: vec![1, 300] }),
        negative: Some(Buckets { offset: 4, bucket_counts: vec![7] }),
        zero_threshold: 0.25,
        ..ExponentialHistogramDataPoint::default()
    };
    let summary = SummaryDataPoint {
        time_unix_nano: TIME,
        count: 2,
        sum: 7.0,
        quantile_values: vec![ValueAtQuantile { quantile: 0.5, value: 3.5 }],
        ..SummaryDataPoint::default()
    };
    let data = [
        Data::Gauge(Gauge { data_points: vec![number(number_data_point::Value::AsDouble(1.5))] }),
        Data::Sum(Sum {
            data_points: vec![number(number_data_point::Value::AsInt(-5))],
            aggregation_temporality: 2,
            is_monotonic: true,
        }),
        Data::Histogram(Histogram { data_points: vec![histogram], aggregation_temporality: 1 }),
        Data::ExponentialHistogram(ExponentialHistogram { data_points: vec![exponential], aggregation_temporality: 1 }),
        Data::Summary(Summary { data_points: vec![summary] }),
    ];
    let metric = |data| Metric {
        name: "m".to_owned(),
        description: "d".to_owned(),
        unit: "s".to_owned(),
        metadata: attributes(),
        data: Some(data),
    };
    let metrics = data.map(metric).to_vec();
    let scope_metrics = vec![ScopeMetrics { scope: scope(), metrics, schema_url: "s".to_owned() }];
    let group = ResourceMetrics { resource: resource(), scope_metrics, schema_url: "r".to_owned() };
    ExportMetricsServiceRequest { resource_metrics: vec![group] }
}

/// Webhooks; the first byte picks the event or the mode.
fn changes() -> std::io::Result<()> {
    const SHA: &str = "4f2a9c0d1e3b5a7988776655443322110f1e2d3c";
    let repository =
        json!({"html_url": "https://github.com/acme/shop", "default_branch": "main", "pushed_at": 1_795_240_000});
    let deployment = json!({"id": 1, "sha": SHA, "ref": "v1.0", "environment": "production", "task": "deploy",
        "payload": "{\"service\":\"shop\"}", "created_at": "2026-11-20T10:00:00Z"});
    let github = [
        (
            0,
            json!({"ref": "refs/heads/main", "before": SHA, "after": SHA, "repository": repository,
            "commits": [{"id": SHA, "timestamp": "2026-11-20T09:00:00+01:00"}]}),
        ),
        (
            2,
            json!({"deployment_status": {"state": "success", "created_at": "2026-11-20T10:05:00Z"},
            "deployment": deployment, "repository": repository}),
        ),
        (3, json!({"action": "published", "release": {"id": 5, "tag_name": "v2"}, "repository": repository})),
        (
            4,
            json!({"action": "closed", "repository": repository, "pull_request": {"number": 42, "merged": true,
            "merge_commit_sha": SHA, "merged_at": "2026-11-20T08:00:00Z", "head": {"ref": "x", "sha": SHA}}}),
        ),
        (5, json!({"action": "completed", "repository": repository, "workflow_run": {"id": 7, "head_sha": SHA}})),
        (
            6,
            json!({"action": "created", "commit_oid": SHA, "ref": "refs/heads/main", "repository": repository,
            "alert": {"number": 4, "rule": {"id": "r", "severity": "error"}}}),
        ),
    ];
    for (number, (event, body)) in github.iter().enumerate() {
        seed("change_github", &number.to_string(), &[&[*event], body.to_string().as_bytes()].concat())?;
    }
    let alerts = json!([{"labels": {"alertname": "HighLatency", "severity": "page", "service": "checkout"}, "annotations":
        {"description": "p99 is 3 s", "runbook_url": "https://wiki.example/slow"}, "startsAt": "2026-11-20T07:29:36.5Z",
        "endsAt": "0001-01-01T00:00:00Z", "generatorURL": "http://prometheus.example/graph"}, {"labels": {"alertname": "A",
        "instance": "web-1:9100"}, "endsAt": "2026-11-20T07:29:36Z"}]);
    seed("alertmanager", "0", alerts.to_string().as_bytes())?;
    let project = json!({"web_url": "https://git.example.org/acme/shop", "default_branch": "main"});
    let gitlab = [
        json!({"object_kind": "deployment", "status": "success", "status_changed_at": "2026-11-20 10:50:00 +0100",
            "deployment_id": 15, "environment": "live", "project": project, "commit_url": format!("https://x/{SHA}")}),
        json!({"object_kind": "push", "ref": "refs/heads/main", "after": SHA, "project": project,
            "commits": [{"id": SHA, "timestamp": "2026-11-20T09:00:00Z"}]}),
        json!({"object_kind": "merge_request", "project": project, "object_attributes": {"iid": 7, "action": "merge",
            "updated_at": "2026-11-20 08:00:00 UTC", "last_commit": {"id": SHA, "timestamp": "2026-11-19T08:00:00Z"}}}),
        json!({"object_kind": "pipeline", "project": project, "object_attributes": {"id": 3, "status": "failed"}}),
        json!({"object_kind": "build", "build_id": 5, "build_status": "success", "repository": {"homepage": "https://x/y"}}),
        json!({"object_kind": "release", "id": 1, "action": "create", "tag": "v1", "project": project}),
        json!({"object_kind": "feature_flag", "project": project, "object_attributes": {"id": 6, "active": true}}),
    ];
    for (number, body) in gitlab.iter().enumerate() {
        seed("change_gitlab", &number.to_string(), body.to_string().as_bytes())?;
    }
    let event = |kind: &str, content: serde_json::Value| {
        json!({"specversion": "1.0", "id": "1", "source": "/ci", "type": kind, "time": "2026-11-20T10:05:00Z", "data": {
            "context": {"id": "1", "source": "/ci", "type": kind, "timestamp": "2026-11-20T10:05:00Z"},
            "subject": {"id": "service/shop", "content": content}}})
    };
    let deployed = event(
        "dev.cdevents.service.deployed.0.2.0",
        json!({"environment": {"id": "live"}, "artifactId": "pkg:oci/shop@sha256%3Aab"}),
    );
    let incident = event(
        "dev.cdevents.incident.detected.0.2.0",
        json!({"environment": {"id": "live"}, "service": {"id": "shop"}}),
    );
    let own = json!({"specversion": "1.0", "id": "1", "source": "/ci", "type": "dev.tandem.change", "data": {
        "kind": "config", "entity": "service:shop", "at": "2026-11-20T10:05:00Z", "attributes": {"a": [{"user": 1}]}}});
    let events = [
        (0, deployed.clone()),
        (0, incident.clone()),
        (0, own.clone()),
        (1, json!([deployed, incident, own])),
        (2, deployed["data"].clone()),
        (3, deployed["data"].clone()),
    ];
    for (number, (mode, body)) in events.iter().enumerate() {
        seed("change_cloudevents", &number.to_string(), &[&[*mode], body.to_string().as_bytes()].concat())?;
    }
    Ok(())
}
