use super::super::testing::{entity, reading, relations};
use super::*;
use serde_json::json;

fn facts(document: &str) -> Result<Imported, ImportError> {
    read(document, &reading("shop.spdx"))
}

const JSON: &str = r#"{
  "spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "name": "shop", "dataLicense": "CC0-1.0",
  "creationInfo": {"created": "2026-11-20T10:00:00Z", "creators": ["Person: Ada (ada@example.org)"]},
  "packages": [
    {"SPDXID": "SPDXRef-image", "name": "acme/shop", "versionInfo": "sha256:ab12", "primaryPackagePurpose": "CONTAINER",
     "downloadLocation": "NOASSERTION"},
    {"SPDXID": "SPDXRef-bash", "name": "bash", "versionInfo": "5.2", "supplier": "Person: Grace", "filesAnalyzed": false,
     "licenseConcluded": "NOASSERTION", "licenseDeclared": "GPL-3.0-or-later", "primaryPackagePurpose": "OPERATING_SYSTEM",
     "externalRefs": [
       {"referenceCategory": "SECURITY", "referenceType": "cpe23Type", "referenceLocator": "cpe:2.3:a:gnu:bash:5.2"},
       {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": "pkg:deb/debian/bash@5.2?arch=amd64"}]},
    {"SPDXID": "SPDXRef-jest", "name": "jest", "versionInfo": "30.0.0"}
  ],
  "relationships": [
    {"spdxElementId": "SPDXRef-DOCUMENT", "relatedSpdxElement": "SPDXRef-image", "relationshipType": "DESCRIBES"},
    {"spdxElementId": "SPDXRef-image", "relatedSpdxElement": "SPDXRef-bash", "relationshipType": "CONTAINS"},
    {"spdxElementId": "SPDXRef-jest", "relatedSpdxElement": "SPDXRef-image", "relationshipType": "DEV_DEPENDENCY_OF"}
  ]
}"#;

const TAGS: &str = "\
SPDXVersion: SPDX-2.2
DataLicense: CC0-1.0
SPDXID: SPDXRef-DOCUMENT
DocumentComment: <text>several
PackageName: not a package
lines</text>
Creator: Person: Ada

##### Package: shop
PackageName: shop
SPDXID: SPDXRef-shop
PackageDownloadLocation: git+https://github.com/acme/shop@v1

PackageName: serde
SPDXID: SPDXRef-serde
PackageVersion: 1.0.2
PackageLicenseConcluded: MIT OR Apache-2.0
PackageCopyrightText: <text>NOASSERTION</text>
ExternalRef: PACKAGE_MANAGER purl pkg:cargo/serde@1.0.2

FileName: ./a.rs
SPDXID: SPDXRef-file

Relationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-shop
Relationship: SPDXRef-serde BUILD_DEPENDENCY_OF SPDXRef-shop
";

const GRAPH: &str = r#"{
  "@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld",
  "@graph": [
    {"type": "CreationInfo", "@id": "_:c", "specVersion": "3.0.1", "created": "2026-11-20T10:00:00Z"},
    {"type": "SpdxDocument", "spdxId": "urn:doc", "rootElement": ["urn:bill"]},
    {"type": "software_Sbom", "spdxId": "urn:bill", "rootElement": ["urn:shop"], "element": ["urn:shop", "urn:left"]},
    {"type": "software_Package", "spdxId": "urn:shop", "name": "shop", "software_downloadLocation": "https://github.com/acme/shop"},
    {"type": "software_Package", "spdxId": "urn:left", "name": "left", "software_packageVersion": "1.0",
     "software_packageUrl": "pkg:npm/left@1.0", "software_primaryPurpose": "library"},
    {"type": "Person", "spdxId": "urn:ada", "name": "Ada"}
  ]
}"#;

#[test]
fn json_becomes_relations() {
    let imported = facts(JSON).unwrap();
    let image = "container.image:acme/shop@sha256:ab12";
    assert_eq!(
        relations(&imported.facts),
        [format!("{image} has component:jest@30.0.0"), format!("{image} has package:pkg:deb/debian/bash@5.2")]
    );
    assert_eq!(
        sbom::attributes_of(&imported.facts, "package:pkg:deb/debian/bash@5.2"),
        json!({"name": "bash", "version": "5.2", "licenses": ["GPL-3.0-or-later"], "type": "operating-system"})
    );
    assert_eq!(
        sbom::attributes_of(&imported.facts, "component:jest@30.0.0"),
        json!({"name": "jest", "version": "30.0.0", "scope": "dev"})
    );
    assert_eq!(imported.facts.complete.len(), 1);
    assert!(!format!("{imported:?}").contains("Grace"));
}

#[test]
fn tags_become_relations() {
    let imported = facts(TAGS).unwrap();
    assert_eq!(relations(&imported.facts), ["repository:github.com/acme/shop has package:pkg:cargo/serde@1.0.2"]);
    assert_eq!(
        sbom::attributes_of(&imported.facts, "package:pkg:cargo/serde@1.0.2"),
        json!({"name": "serde", "version": "1.0.2", "licenses": ["MIT OR Apache-2.0"], "scope": "build"})
    );
}

#[test]
fn packages_of_version_3_become_relations() {
    let imported = facts(GRAPH).unwrap();
    assert_eq!(relations(&imported.facts), ["repository:github.com/acme/shop has package:pkg:npm/left@1.0"]);
    assert!(!format!("{imported:?}").contains("Ada"));
}

#[test]
fn a_list_of_packages_is_about_what_the_reader_says() {
    let list = JSON.replace("\"dataLicense\"", "\"documentDescribes\": [\"SPDXRef-jest\"], \"dataLicense\"");
    assert!(facts(&list).unwrap_err().reason.contains("--subject"));
    let host = entity("host:web-1");
    let imported = read(&list, &Reading { subject: Some(&host), ..reading("a") }).unwrap();
    assert_eq!(relations(&imported.facts).len(), 3);
}

#[test]
fn what_is_malformed_names_file_line_and_reason() {
    for (document, expected) in [
        (
            "{\n\"spdxVersion\": \"SPDX-2.3\",\n\"packages\": [{\"SPDXID\": \"a\"}]}",
            "shop.spdx:3:28: missing field `name`",
        ),
        (
            "{\"spdxVersion\": \"SPDX-1.2\"}",
            "shop.spdx: spdxVersion \"SPDX-1.2\" is not read; known are SPDX-2.2, SPDX-2.3 and 3.0",
        ),
        ("{}", "shop.spdx: this is no SPDX document: it has no spdxVersion"),
        (
            "{\"@context\": \"x\", \"@graph\": []}",
            "shop.spdx: this SPDX 3.0 document has no software_Package in its @graph",
        ),
        ("<rdf:RDF/>", "shop.spdx:1:1: SPDX as XML or RDF is not read: convert it to JSON"),
        ("SPDXVersion: SPDX-2.3\nno tag\n", "shop.spdx:2:1: this line is no `Tag: value`"),
        ("SPDXVersion: SPDX-2.3\n\nRelationship: a\n", "shop.spdx:3:1: a relationship is written: id TYPE id"),
        ("SPDXVersion: SPDX-2.3\nPackageName: a\nExternalRef: x\n", "shop.spdx:3:1: an external reference is written"),
        ("SPDXVersion: SPDX-2.3\nComment: <text>open\n", "shop.spdx:2:1: this <text> has no </text>"),
        ("PackageName: a\n", "shop.spdx: this is no SPDX document: it has no SPDXVersion"),
    ] {
        let error = facts(document).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}\n{expected}");
    }
}
