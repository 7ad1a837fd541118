//! Tests of [`super`].

use super::*;
use crate::lines::testing::{column, context};
use proptest::prelude::*;
use serde_json::Value as Json;

fn read(body: &str, index: Option<&str>) -> Result<Bulk, DecodeError> {
    bulk(body.as_bytes(), index, &context(), &Redactor::none())
}

#[test]
fn a_document_as_filebeat_sends_it() {
    let body = concat!(
        "{\"create\":{\"_index\":\"logs-shop-default\"}}\n",
        r#"{"@timestamp":"2026-11-21T07:29:35.123Z","message":"hello","log":{"level":"error","file":{"path":"/a"}},"service":{"name":"shop"},"host":{"name":"web1","cpu":2},"trace":{"id":"0123456789abcdef0123456789abcdef"},"span":{"id":"0123456789abcdef"},"tags":["a","b"],"ecs":{"version":"8.0"},"ok":true,"ratio":0.5}"#,
        "\n"
    );
    let bulk = read(body, None).unwrap();
    let wanted = [
        ("timestamp", "2026-11-21T07:29:35.123Z"),
        ("body", "hello"),
        ("severity_number", "17"),
        ("severity_text", "error"),
        ("service_name", "shop"),
        ("resource_attributes", r#"{"host.name":"web1","service.name":"shop"}"#),
        ("trace_id", "0123456789abcdef0123456789abcdef"),
        ("span_id", "0123456789abcdef"),
        ("attributes.elasticsearch.index", "logs-shop-default"),
        ("attributes.data_stream", "logs-shop-default"),
        ("attributes.log.file.path", "/a"),
        ("attributes.host.cpu", "2"),
        ("attributes.ok", "true"),
        ("attributes.ratio", "0.5"),
        ("attributes", r#"{"tags":["a","b"]}"#),
    ];
    for (name, value) in wanted {
        assert_eq!(column(&bulk.decoded, name), [value], "{name}");
    }
    let answer: Json = serde_json::from_str(&response_json(&bulk, 7)).unwrap();
    assert_eq!((answer["took"].as_u64(), answer["errors"].as_bool()), (Some(7), Some(false)));
    assert_eq!(answer["items"][0]["create"]["status"], 201);
    assert_eq!(answer["items"][0]["create"]["result"], "created");
    assert_eq!(answer["items"][0]["create"]["_index"], "logs-shop-default");
}

#[test]
fn items_are_answered_one_by_one() {
    let body = concat!(
        "{\"index\":{\"_id\":\"one\"}}\n{\"message\":\"a\",\"@timestamp\":1795246175000}\n",
        "\n",
        "{\"index\":{}}\n{\"message\":\n",
        "{\"delete\":{\"_id\":\"x\"}}\n",
        "{\"update\":{\"_id\":2}}\n{\"doc\":{}}\n",
        "{\"create\":{\"_index\":\"other\",\"_type\":\"_doc\"}}\r\n{\"msg\":\"b\"}\r\n",
        "{\"create\":{}}\n[1]",
    );
    let bulk = read(body, Some("app")).unwrap();
    assert_eq!(column(&bulk.decoded, "body"), ["a", "b"]);
    assert_eq!(column(&bulk.decoded, "attributes.elasticsearch.index"), ["app", "other"]);
    assert_eq!(column(&bulk.decoded, "timestamp")[0], "2026-11-21T07:29:35Z");
    assert_eq!((bulk.decoded.accepted, bulk.decoded.rejected), (2, 4));
    let shown: Vec<(&str, u16)> = bulk.items.iter().map(|item| (item.action.name(), item.status)).collect();
    assert_eq!(
        shown,
        [("index", 201), ("index", 400), ("delete", 400), ("update", 400), ("create", 201), ("create", 400)]
    );
    assert_eq!((bulk.items[0].id.as_str(), bulk.items[3].id.as_str()), ("one", "2"));
    assert!(bulk.decoded.message.as_ref().unwrap().contains("line 5"), "{:?}", bulk.decoded.message);
    let answer: Json = serde_json::from_str(&response_json(&bulk, 0)).unwrap();
    assert_eq!(answer["errors"], true);
    assert_eq!(answer["items"][1]["index"]["error"]["type"], "document_parsing_exception");
    assert_eq!(answer["items"][2]["delete"]["error"]["type"], "illegal_argument_exception");
}

#[test]
fn an_index_is_needed() {
    let bulk = read("{\"index\":{}}\n{\"message\":\"a\"}\n", None).unwrap();
    assert_eq!(bulk.items[0].status, 400);
    assert!(bulk.items[0].error.as_ref().unwrap().contains("_index"));
}

#[test]
fn a_malformed_action_names_its_line() {
    let good = "{\"index\":{}}\n{\"message\":\"a\"}\n";
    for bad in ["{\"index\":", "{}", "{\"index\":{},\"create\":{}}", "{\"upsert\":{}}", "{\"index\":5}", "x", "[]"] {
        let error = read(&format!("{good}{bad}\n{{}}\n"), Some("i")).unwrap_err();
        assert!(error.to_string().contains("line 3"), "{bad}: {error}");
    }
    let error = read(&format!("{good}{{\"index\":{{}}}}\n"), Some("i")).unwrap_err();
    assert!(error.to_string().contains("line 3") && error.to_string().contains("missing"), "{error}");
    assert!(read("", Some("i")).unwrap().items.is_empty());
}

#[test]
fn too_many_documents_are_refused() {
    let body = "{\"index\":{}}\n{}\n".repeat(MAX_RECORDS_PER_REQUEST + 1);
    assert!(matches!(read(&body, Some("i")), Err(DecodeError::TooLarge { .. })));
}

#[test]
fn data_streams_are_told_by_name() {
    for (index, yes) in [
        ("logs-a-b", true),
        ("metrics-a.b-c-d", true),
        ("logs-a", false),
        ("filebeat-8.0-x", false),
        ("logs--x", false),
    ] {
        assert_eq!(is_data_stream(index), yes, "{index}");
    }
}

proptest! {
    #[test]
    fn never_panics(body in proptest::collection::vec(any::<u8>(), 0..200), document in "[{}\\[\\]\":,a1.]{0,60}") {
        let _ = bulk(&body, Some("i"), &context(), &Redactor::none());
        let text = format!("{{\"index\":{{}}}}\n{document}\n");
        let read = read(&text, Some("i")).unwrap();
        prop_assert_eq!(read.items.len(), 1);
        prop_assert_eq!(read.decoded.accepted + read.decoded.rejected, 1);
        prop_assert!(serde_json::from_str::<Json>(&response_json(&read, 1)).is_ok());
    }
}
