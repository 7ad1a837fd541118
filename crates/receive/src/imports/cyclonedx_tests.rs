use super::super::sbom::attributes_of;
use super::super::testing::{AT, entity, reading, relations};
use super::*;
use serde_json::json;

fn facts(document: &str) -> Result<Imported, ImportError> {
    read(document, &reading("shop.cdx.json"))
}

const IMAGE: &str = r#"{
  "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
  "bomFormat": "CycloneDX", "specVersion": "1.6", "serialNumber": "urn:uuid:7d9a", "version": 1,
  "metadata": {
    "timestamp": "2026-11-20T10:00:00Z",
    "authors": [{"name": "Ada", "email": "ada@example.org"}],
    "component": {"bom-ref": "root", "type": "container", "name": "ghcr.io/acme/shop:1.2", "version": "sha256:ab12"}
  },
  "components": [
    {"bom-ref": "a", "type": "library", "name": "openssl", "version": "3.0.17-1",
     "purl": "pkg:deb/debian/openssl@3.0.17-1?arch=amd64&distro=debian-12", "scope": "required",
     "licenses": [{"license": {"id": "Apache-2.0"}}, {"license": {"name": "OpenSSL", "url": "x"}}],
     "components": [
       {"bom-ref": "b", "type": "library", "name": "libcrypto", "version": "3", "author": "Grace"},
       {"type": "file", "name": "/etc/ssl/openssl.cnf"}
     ]},
    {"bom-ref": "c", "type": "library", "group": "@acme", "name": "cart", "version": "2.0.0",
     "licenses": [{"expression": "MIT OR Apache-2.0"}], "purl": "pkg:npm/%40acme/cart@2.0.0"},
    {"bom-ref": "d", "type": "library", "name": "openssl", "version": "3.0.17-1",
     "purl": "pkg:deb/debian/openssl@3.0.17-1?arch=arm64"}
  ],
  "vulnerabilities": [
    {"id": "CVE-2026-1001", "source": {"name": "NVD"},
     "ratings": [{"severity": "medium", "score": 5.1}, {"severity": "critical", "score": 9.8, "vector": "CVSS:3.1/AV:N"}],
     "description": "A buffer is too short.\nMore follows.", "affects": [{"ref": "a"}, {"ref": "urn:cdx:7d9a/1#c"}]},
    {"id": "GHSA-aaaa-bbbb-cccc", "affects": [{"ref": "pkg:npm/left@1?x=y"}], "analysis": {"state": "not_affected"}},
    {"ratings": []}
  ]
}"#;

#[test]
fn a_bill_becomes_relations_of_its_image() {
    let imported = facts(IMAGE).unwrap();
    let image = "container.image:ghcr.io/acme/shop@sha256:ab12";
    assert_eq!(
        relations(&imported.facts),
        [
            format!("{image} has component:/etc/ssl/openssl.cnf"),
            format!("{image} has component:libcrypto@3"),
            format!("{image} has package:pkg:deb/debian/openssl@3.0.17-1"),
            format!("{image} has package:pkg:npm/%40acme/cart@2.0.0"),
        ]
    );
    assert_eq!(imported.facts.observations.len(), 4, "no entity of its own");
    assert_eq!(
        sbom::attributes_of(&imported.facts, "package:pkg:deb/debian/openssl@3.0.17-1"),
        json!({
            "name": "openssl", "version": "3.0.17-1", "licenses": ["Apache-2.0", "OpenSSL"],
            "scope": "required", "type": "library",
        })
    );
    assert_eq!(
        sbom::attributes_of(&imported.facts, "package:pkg:npm/%40acme/cart@2.0.0")["licenses"],
        json!(["MIT OR Apache-2.0"])
    );
    assert_eq!(imported.facts.complete.len(), 1);
    assert_eq!((imported.facts.complete[0].from.to_string(), imported.facts.complete[0].at), (image.to_owned(), AT));
    assert_eq!((imported.facts.origin.as_str(), imported.notes.len()), ("sbom", 1));
    let all = format!("{imported:?}");
    assert!(!all.contains("Ada") && !all.contains("ada@") && !all.contains("Grace"));
}

#[test]
fn vulnerabilities_become_findings() {
    let imported = facts(IMAGE).unwrap();
    let [first, second, third] = imported.facts.findings.as_slice() else { panic!("{:?}", imported.facts.findings) };
    assert_eq!((first.rule.as_str(), first.severity.as_str()), ("CVE-2026-1001", "critical"));
    assert_eq!(first.title, "CVE-2026-1001: A buffer is too short.");
    assert_eq!(first.place, "pkg:deb/debian/openssl@3.0.17-1");
    assert_eq!(
        Value::Object(first.evidence.clone()),
        json!({"source": "NVD", "score": 9.8, "vector": "CVSS:3.1/AV:N"})
    );
    assert_eq!((second.place.as_str(), second.ended), ("pkg:npm/%40acme/cart@2.0.0", false));
    assert_eq!((third.place.as_str(), third.ended, third.severity.as_str()), ("pkg:npm/left@1", true, "medium"));
    assert_eq!(third.title, "GHSA-aaaa-bbbb-cccc in pkg:npm/left@1");
    // The fingerprint is a promise: what was triaged must be recognised later.
    assert_eq!(first.fingerprint, "91e22819e9f0964ffe7e1b35d5e93f8be42ef49d9ff0dbcd8e2c2b7e3939f05d");
    assert!(first.fingerprint != second.fingerprint && first.fingerprint.len() == 64);
}

#[test]
fn severities_are_the_worst_rating() {
    let rating = |severity: Option<&str>, score| Rating { severity: severity.map(str::to_owned), score, vector: None };
    for (ratings, expected) in [
        (vec![], "medium"),
        (vec![rating(Some("unknown"), None)], "medium"),
        (vec![rating(Some("unknown"), Some(7.5))], "high"),
        (vec![rating(None, Some(9.0))], "critical"),
        (vec![rating(Some("none"), None), rating(None, Some(0.1))], "low"),
        (vec![rating(Some("info"), None)], "info"),
    ] {
        assert_eq!(severity(&ratings).0, expected);
    }
}

#[test]
fn a_source_or_the_reader_says_what_it_is_about() {
    let bill = |component: &str| {
        format!(
            r#"{{"bomFormat":"CycloneDX","specVersion":"1.4","metadata":{{"component":{component}}},
               "components":[{{"type":"library","name":"left"}}]}}"#
        )
    };
    let application = r#"{"type":"application","name":"shop"}"#;
    let with_source = r#"{"type":"application","name":"shop","components":[{"name":"inner","version":"1"}],
        "externalReferences":[{"type":"vcs","url":"git+https://github.com/acme/shop.git"}]}"#;
    assert_eq!(
        relations(&facts(&bill(with_source)).unwrap().facts),
        ["repository:github.com/acme/shop has component:inner@1", "repository:github.com/acme/shop has component:left"]
    );
    let host = entity("host:web-1");
    let told = Reading { subject: Some(&host), ..reading("a") };
    for component in [application, "null"] {
        assert_eq!(relations(&read(&bill(component), &told).unwrap().facts), ["host:web-1 has component:left"]);
        assert!(facts(&bill(component)).unwrap_err().reason.contains("--subject"));
    }
}

#[test]
fn what_is_malformed_names_file_line_and_reason() {
    let long = format!("{{\"components\":[{}]}}", "{\"components\":[".repeat(200));
    for (document, expected) in [
        ("<?xml version=\"1.0\"?><bom/>", "shop.cdx.json:1:1: CycloneDX as XML is not read: convert it to JSON"),
        (
            "{\n\"bomFormat\": \"CycloneDX\",\n\"components\": [{\"version\": \"1\"}]}",
            "shop.cdx.json:3:31: missing field `name`",
        ),
        ("{\n\"components\": 5}", "shop.cdx.json:2:15: invalid type: integer `5`, expected a list"),
        ("{\"bomFormat\":\"CycloneDX\",", "shop.cdx.json:1:25: EOF while parsing a value"),
        ("{}", "shop.cdx.json: this is no CycloneDX document: its bomFormat is not CycloneDX"),
        (
            "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"2.0\"}",
            "shop.cdx.json: specVersion \"2.0\" is not read; known are 1.2, 1.3, 1.4, 1.5, 1.6, 1.7",
        ),
        (&long, "shop.cdx.json:1:"),
    ] {
        let error = facts(document).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}\n{expected}");
    }
}

#[test]
fn ten_thousand_components_are_read() {
    let one = |number: usize| {
        format!(
            r#"{{"bom-ref":"r{number}","type":"library","name":"p{number}","version":"1.{number}","purl":"pkg:npm/p{number}@1.{number}","licenses":[{{"license":{{"id":"MIT"}}}}],"hashes":[{{"alg":"SHA-256","content":"ab"}}]}}"#
        )
    };
    let components: Vec<String> = (0..10_000).map(one).collect();
    let document = format!(
        r#"{{"bomFormat":"CycloneDX","specVersion":"1.5","metadata":{{"component":{{"type":"container","name":"a"}}}},"components":[{}]}}"#,
        components.join(",")
    );
    assert_eq!(facts(&document).unwrap().facts.observations.len(), 10_000);
}

#[test]
fn each_part_says_how_it_came_in() {
    let part = |name: &str| json!({"bom-ref": name, "name": name, "version": "1", "purl": format!("pkg:npm/{name}@1")});
    let needs = |from: &str, to: &[&str]| json!({"ref": from, "dependsOn": to});
    let via = |main: &str| {
        let document = json!({"bomFormat": "CycloneDX", "specVersion": "1.5",
            "metadata": {"component": {"bom-ref": "main", "type": "container", "name": "shop:1"}},
            "components": (["a", "b", "c", "d"].map(part)),
            "dependencies": [needs(main, &["a"]), needs("a", &["b", "gone"]), needs("b", &["c", "a"]), needs("c", &["c"])]});
        let facts = facts(&document.to_string()).unwrap().facts;
        ["a", "b", "c", "d"].map(|name| attributes_of(&facts, &format!("package:pkg:npm/{name}@1"))["via"].clone())
    };
    let none = serde_json::Value::Null;
    assert_eq!(via("main"), [none.clone(), json!(["a 1", "b 1"]), json!(["a 1", "b 1", "c 1"]), none.clone()]);
    // Nobody says what is asked for, and each of these is needed by another.
    assert_eq!(via("other"), [none.clone(), none.clone(), none.clone(), none]);
    // A long chain is walked in no time, and its ends are told.
    let names: Vec<String> = (0..20_000).map(|number| format!("p{number}")).collect();
    let chain: Vec<_> = names.windows(2).map(|two| needs(&two[0], &[&two[1]])).collect();
    let components: Vec<_> = names.iter().map(|name| part(name)).collect();
    let document = json!({"bomFormat": "CycloneDX", "specVersion": "1.5", "components": components,
        "metadata": {"component": {"type": "container", "name": "shop:1"}}, "dependencies": chain});
    let facts = facts(&document.to_string()).unwrap().facts;
    let last = attributes_of(&facts, "package:pkg:npm/p19999@1")["via"].clone();
    let last: Vec<&str> = last.as_array().unwrap().iter().filter_map(|step| step.as_str()).collect();
    assert_eq!((last.len(), last[0], last[15]), (16, "p0 1", "p19999 1"));
}
