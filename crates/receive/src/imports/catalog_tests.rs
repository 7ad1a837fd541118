use super::super::testing::{AT, entities, reading, relations, seen};
use super::*;
use serde_json::json;

fn facts(text: &str) -> Result<Imported, ImportError> {
    read(text, &reading("catalog-info.yaml"))
}

const SHOP: &str = r#"
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: checkout
  title: Checkout
  description: Takes orders
  labels: {tier: "1"}
  tags: [rust, payments]
  annotations:
    github.com/project-slug: Acme/checkout
    backstage.io/source-location: url:https://github.com/acme/checkout/tree/main/service/
    tandem.dev/layer.platform: team-a
    tandem.dev/layer.data: user:default/grace
    example.org/token: never-kept
    tandem.dev/rto: 4h
    tandem.dev/max_instances: 50
    tandem.dev/token: never-kept
  links:
    - {url: "https://status.example.org", title: Status}
    - {url: "https://me:secret@wiki.example.org/checkout", title: The run-book, icon: docs}
spec:
  type: service
  lifecycle: production
  owner: group:default/Payments
  system: shop
  dependsOn: [resource:orders-db, component:ledger-lib, component:eu/stock, component:elsewhere]
  providesApis: [orders]
  consumesApis:
    - api:eu/prices
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: ledger-lib}
spec: {type: library, owner: user:ada, lifecycle: production, subcomponentOf: checkout}
---
apiVersion: backstage.io/v1beta1
kind: API
metadata: {name: orders}
spec: {type: openapi, owner: payments, lifecycle: production, system: shop, definition: "openapi: 3.1.0"}
---
apiVersion: backstage.io/v1alpha1
kind: Resource
metadata: {name: orders-db}
spec: {type: database, owner: storage, system: shop}
---
apiVersion: backstage.io/v1alpha1
kind: System
metadata: {name: shop, namespace: default}
spec: {owner: payments, domain: sales}
---
apiVersion: backstage.io/v1alpha1
kind: Domain
metadata: {name: sales}
spec: {owner: sales-leads}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: payments}
spec: {type: team, parent: engineering, members: [ada, grace], children: []}
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata: {name: ada}
spec: {memberOf: [payments]}
---
apiVersion: backstage.io/v1alpha1
kind: Location
metadata: {name: others}
spec: {targets: [./more.yaml]}
---
apiVersion: v1
kind: Service
metadata: {name: not-ours}
"#;

#[test]
fn a_catalog_becomes_entities_and_relations() {
    let imported = facts(SHOP).unwrap();
    assert_eq!(
        entities(&imported.facts),
        [
            "api:orders",
            "component:ledger-lib",
            "domain:sales",
            "resource:orders-db",
            "service:checkout",
            "system:shop",
            "team:payments"
        ]
    );
    assert_eq!(
        relations(&imported.facts),
        [
            "api:orders owned_by team:payments",
            "api:orders part_of system:shop",
            "component:ledger-lib part_of service:checkout",
            "domain:sales owned_by team:sales-leads",
            "resource:orders-db owned_by team:storage",
            "resource:orders-db part_of system:shop",
            "service:checkout built_from repository:github.com/acme/checkout",
            "service:checkout depends_on api:eu/prices",
            "service:checkout depends_on component:ledger-lib",
            "service:checkout depends_on resource:orders-db",
            "service:checkout depends_on service:elsewhere",
            "service:checkout depends_on service:eu/stock",
            "service:checkout owned_by team:payments",
            "service:checkout owned_by/platform team:team-a",
            "service:checkout part_of system:shop",
            "service:checkout provides api:orders",
            "system:shop owned_by team:payments",
            "system:shop part_of domain:sales",
            "team:payments part_of team:engineering",
        ]
    );
    assert_eq!(
        imported.notes,
        [
            "line 14: the owner is a person and is not kept; name a team",
            "line 35: the owner is a person and is not kept; name a team",
            "1 documents of another apiVersion than backstage.io are not read",
            "1 locations are not followed: import the files that they name",
            "2 members of groups are persons and are not kept",
            "1 users are persons and are not kept",
        ]
    );
}

#[test]
fn what_is_shown_of_a_service_is_kept_and_nothing_else() {
    let imported = facts(SHOP).unwrap();
    let checkout = seen(&imported.facts, "service:checkout");
    assert_eq!(
        Value::Object(checkout.attributes.clone()),
        json!({
            "title": "Checkout", "description": "Takes orders", "type": "service", "lifecycle": "production",
            "tags": ["rust", "payments"], "labels": {"tier": "1"}, "rto": "4h", "max_instances": "50", "runbook": "https://wiki.example.org/checkout",
            "links": [
                {"url": "https://status.example.org", "title": "Status"},
                {"url": "https://wiki.example.org/checkout", "title": "The run-book"},
            ],
        })
    );
    assert_eq!((checkout.at, checkout.lease), (AT, None));
    for unwanted in ["never-kept", "secret", "ada", "grace", "openapi: 3.1.0"] {
        assert!(!format!("{imported:?}").contains(unwanted), "{unwanted}");
    }
    let complete: Vec<&str> = imported.facts.complete.iter().take(5).map(|one| one.relation.as_str()).collect();
    assert_eq!(complete, TOLD);
    assert_eq!((imported.facts.complete.len(), imported.facts.origin.as_str()), (35, "catalog"));
}

#[test]
fn repositories_are_found_in_locations() {
    for (location, expected) in [
        ("url:https://github.com/acme/shop", Some("github.com/acme/shop")),
        ("url:https://github.com/acme/shop/blob/main/catalog-info.yaml", Some("github.com/acme/shop")),
        ("url:https://gitlab.example.org/a/b/c/-/tree/main/x", Some("gitlab.example.org/a/b/c")),
        ("url:https://git.example.org/a/b/src/branch/main/", Some("git.example.org/a/b")),
        ("url:https://github.com/acme", None),
        ("file:/tmp/x.yaml", None),
        ("dir:.", None),
    ] {
        assert_eq!(repository_of(location).as_deref(), expected, "{location}");
    }
    let text = |annotations: &str| {
        let head = "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: a\n  annotations:\n";
        relations(&facts(&format!("{head}{annotations}")).unwrap().facts)
    };
    assert_eq!(
        text(
            "    github.com/project-slug: acme/shop\n    backstage.io/source-location: url:https://git.acme.example/acme/shop/\n"
        ),
        ["component:a built_from repository:git.acme.example/acme/shop"]
    );
    assert_eq!(
        text("    gitlab.com/instance: git.acme.example\n    gitlab.com/project-slug: a/b/c\n"),
        ["component:a built_from repository:git.acme.example/a/b/c"]
    );
}

#[test]
fn what_is_malformed_names_file_line_and_reason() {
    let head = "apiVersion: backstage.io/v1alpha1\nkind: Component\n";
    for (text, expected) in [
        ("kind: Component\n".to_owned(), "catalog-info.yaml:1:1: apiVersion is missing"),
        (format!("---\n{head}"), "catalog-info.yaml:2:1: metadata is missing"),
        (format!("{head}metadata:\n  title: x\n"), "catalog-info.yaml:4:3: name is missing"),
        (format!("{head}metadata:\n  name: [x]\n"), "catalog-info.yaml:4:9: name must be a text"),
        (
            format!("{head}metadata: {{name: x}}\nspec:\n  owner: [a]\n"),
            "catalog-info.yaml:5:10: an owner must be the name of a team",
        ),
        (
            format!("{head}metadata: {{name: x}}\nspec:\n  dependsOn:\n  - {{}}\n"),
            "catalog-info.yaml:6:5: dependsOn must name entities",
        ),
        (
            format!("{head}metadata: {{name: x}}\nspec:\n  dependsOn:\n  - 'bad kind:y'\n"),
            "catalog-info.yaml:6:5: \"bad kind\" is no kind of entity: write a word such as `service`",
        ),
        (
            "- a\n".to_owned(),
            "catalog-info.yaml:1:1: this document is no map: write apiVersion, kind, metadata and spec",
        ),
        (format!("{head}metadata:\n  name: x\n description: y\n"), "catalog-info.yaml:5:2: "),
    ] {
        let error = facts(&text).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}\n{expected}");
    }
    let error = facts(&" ".repeat(MAX_CATALOG_BYTES + 1)).unwrap_err();
    assert!(error.reason.contains("MAX_CATALOG_BYTES"));
}

#[test]
fn an_empty_file_says_nothing() {
    for text in ["", "---\n", "# only a comment\n", "---\n---\n"] {
        assert!(facts(text).unwrap().facts.is_empty(), "{text:?}");
    }
}
