//! Whether what the API answers is what its description says: as much of JSON Schema as that description uses.
//!
//! An object whose fields are listed has no others, unless it says `additionalProperties`: clients may be told more one
//! day, so the description itself is open, but what is told today is all described.

use crate::server::tandem;
use serde_json::{Map, Value};
use std::sync::OnceLock;

/// The description of the API, as the binary prints it.
pub fn document() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(|| crate::server::run(tandem(["openapi"])).json())
}

/// What an answer has that its description does not say, in words; nothing when they agree.
pub fn differs(document: &Value, method: &str, path: &str, status: u16, kind: &str, body: &[u8]) -> Option<String> {
    let (template, methods) = operation(document, path)?;
    let operation = methods.get(&method.to_ascii_lowercase())?;
    let said = |name: &str| operation["responses"].get(name);
    let exact = status.to_string();
    let any = format!("{}XX", &exact[..1]);
    let Some(response) = said(&exact).or_else(|| said(&any)) else {
        return Some(format!("{method} {template} answers {status}, which is not described"));
    };
    let kind = kind.split(';').next().unwrap_or_default().trim();
    let schema = &response["content"][kind]["schema"];
    let texts: Vec<&str> = match kind {
        "application/json" => vec![std::str::from_utf8(body).ok()?],
        "application/x-ndjson" => std::str::from_utf8(body).ok()?.lines().collect(),
        _ => return None,
    };
    if schema.is_null() {
        return Some(format!("{method} {template} answers {kind} with {status}, without a schema"));
    }
    texts.into_iter().find_map(|text| {
        let value: Value = match serde_json::from_str(text) {
            Ok(value) => value,
            Err(error) => return Some(format!("{method} {template} answers no JSON: {error}")),
        };
        let why = fits(document, schema, &value, "").err()?;
        Some(format!("{method} {template} {status}: {why}"))
    })
}

/// The path of the description that an address stands for; one without names in braces comes first.
fn operation<'d>(document: &'d Value, address: &str) -> Option<(&'d str, &'d Map<String, Value>)> {
    let address = address.split('?').next().unwrap_or_default();
    let alike = |template: &str| {
        let (mut a, mut b) = (template.split('/'), address.split('/'));
        let same = a.by_ref().zip(b.by_ref()).all(|(said, given)| said == given || said.starts_with('{'));
        same && template.split('/').count() == address.split('/').count()
    };
    let paths = document["paths"].as_object()?;
    let (template, methods) =
        paths.get_key_value(address).or_else(|| paths.iter().find(|(template, _)| alike(template)))?;
    Some((template, methods.as_object()?))
}

/// Checks a value, with where it stands.
pub fn fits(document: &Value, schema: &Value, value: &Value, place: &str) -> Result<(), String> {
    let mut fields = Fields { names: Vec::new(), rest: None, listed: false };
    keeps(document, schema, value, place, &mut fields)?;
    fields.closed(document, value, place)
}

/// What the schemas of one object say of its fields, all together.
struct Fields<'d> {
    names: Vec<&'d str>,
    rest: Option<&'d Value>,
    listed: bool,
}

impl Fields<'_> {
    /// Checks that an object has no field that nobody listed.
    fn closed(&self, document: &Value, value: &Value, place: &str) -> Result<(), String> {
        let fields = value.as_object().into_iter().flatten();
        for (name, inner) in fields.filter(|(name, _)| !self.names.contains(&name.as_str())) {
            match self.rest {
                Some(Value::Bool(true)) => {}
                None if !self.listed => {}
                None | Some(Value::Bool(false)) => return Err(format!("{place}.{name} is not described")),
                Some(schema) => fits(document, schema, inner, &format!("{place}.{name}"))?,
            }
        }
        Ok(())
    }
}

/// Checks all but unknown fields, and gathers the known ones.
fn keeps<'d>(
    document: &'d Value,
    schema: &'d Value,
    value: &Value,
    place: &str,
    fields: &mut Fields<'d>,
) -> Result<(), String> {
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.strip_prefix("#/components/schemas/")) {
        let named = document["components"]["schemas"].get(name).ok_or_else(|| format!("there is no schema {name}"))?;
        return keeps(document, named, value, place, fields);
    }
    let kinds = &schema["type"];
    let is = |kind: &Value| kind.as_str().is_none_or(|kind| is_of(kind, value));
    if !kinds.as_array().map_or_else(|| is(kinds), |kinds| kinds.iter().any(is)) {
        return Err(format!("{place} is {value}, not {kinds}"));
    }
    if schema["enum"].as_array().is_some_and(|known| !known.contains(value)) {
        return Err(format!("{place} is {value}, none of {}", schema["enum"]));
    }
    for part in list(&schema["allOf"]) {
        keeps(document, part, value, place, fields)?;
    }
    for choice in ["oneOf", "anyOf"] {
        let parts = list(&schema[choice]);
        let fit: Vec<&Value> = parts.iter().filter(|part| fits(document, part, value, place).is_ok()).collect();
        match (parts, fit.as_slice()) {
            ([], _) => {}
            (_, []) => return Err(none_of(document, parts, value, place)),
            (_, [_, _, ..]) if choice == "oneOf" => return Err(format!("{place} fits several of what is described")),
            // What fits says which fields there are.
            (_, [part, ..]) => keeps(document, part, value, place, fields)?,
        }
    }
    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
        let first = list(&schema["prefixItems"]).get(index);
        if let Some(schema) = first.or_else(|| schema.get("items").filter(|items| items.is_object())) {
            fits(document, schema, item, &format!("{place}[{index}]"))?;
        } else if schema["items"] == false {
            return Err(format!("{place} has more than is described"));
        }
    }
    object(document, schema, value, place, fields)
}

fn object<'d>(
    document: &'d Value,
    schema: &'d Value,
    value: &Value,
    place: &str,
    fields: &mut Fields<'d>,
) -> Result<(), String> {
    let Some(given) = value.as_object() else { return Ok(()) };
    if let Some(name) =
        list(&schema["required"]).iter().filter_map(Value::as_str).find(|name| !given.contains_key(*name))
    {
        return Err(format!("{place}.{name} is missing"));
    }
    fields.rest = fields.rest.or_else(|| schema.get("additionalProperties"));
    for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
        fields.listed = true;
        fields.names.push(name);
        if let Some(inner) = given.get(name) {
            fits(document, schema, inner, &format!("{place}.{name}"))?;
        }
    }
    Ok(())
}

/// Why none of several schemas fits; of those the one that comes closest says it.
fn none_of(document: &Value, parts: &[Value], value: &Value, place: &str) -> String {
    let why = |part: &Value| fits(document, part, value, place).err().unwrap_or_default();
    let deepest = parts.iter().map(why).max_by_key(String::len).unwrap_or_default();
    format!("{place} fits nothing that is described: {deepest}")
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn is_of(kind: &str, value: &Value) -> bool {
    match kind {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        other => panic!("the description has a type {other:?}"),
    }
}

mod tests {
    use super::differs;
    use serde_json::{Value, json};

    /// A description with all that the real one uses.
    fn document() -> Value {
        let row = json!({"type": "object", "required": ["id", "level", "team"], "properties": {
            "id": {"type": "integer"}, "level": {"type": "string", "enum": ["low", "high"]},
            "team": {"type": ["string", "null"]}, "runs": {"type": "integer"},
            "near": {"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/Row"}]}}});
        let page = json!({"type": "object", "required": ["rows"], "properties": {
            "rows": {"type": "array", "items": {"$ref": "#/components/schemas/Row"}},
            "counts": {"type": "object", "additionalProperties": {"type": "integer"}},
            "pair": {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "items": false}}});
        let whole = json!({"allOf": [{"$ref": "#/components/schemas/Row"}, {"type": "object", "required": ["why"],
            "properties": {"why": {"type": "string"}}}]});
        let open =
            json!({"allOf": [{"$ref": "#/components/schemas/Row"}, {"type": "object", "additionalProperties": {}}]});
        let choice = json!({"oneOf": [{"type": "integer"}, {"type": "number"}]});
        let of = |schema: &str, kind: &str| {
            json!({"get": {"responses": {"200": {"content": {kind: {"schema":
                {"$ref": format!("#/components/schemas/{schema}")}}}}, "4XX": {"description": "no"}}}})
        };
        json!({"components": {"schemas": {"Row": row, "Page": page, "Whole": whole, "Open": open, "Choice": choice}}, "paths": {
            "/rows": of("Page", "application/json"), "/rows/{id}": of("Whole", "application/json"),
            "/choice": of("Choice", "application/json"), "/lines": of("Row", "application/x-ndjson"), "/open": of("Open", "application/json")}})
    }

    fn asked(path: &str, body: &Value) -> String {
        let kind = if path == "/lines" { "application/x-ndjson" } else { "application/json; charset=utf-8" };
        differs(&document(), "GET", path, 200, kind, body.to_string().as_bytes()).unwrap_or_default()
    }

    #[test]
    fn what_is_described_fits() {
        let row = json!({"id": 1, "level": "low", "team": null, "near": {"id": 2, "level": "high", "team": "a"}});
        for (path, body) in [
            ("/rows?limit=1", json!({"rows": [row], "counts": {"a": 1}, "pair": ["a", 1]})),
            ("/rows/4711", json!({"id": 1, "level": "low", "team": "x", "why": "so"})),
            ("/open", json!({"id": 1, "level": "low", "team": "x", "anything": [1]})),
            ("/lines", row.clone()),
            ("/choice", json!(1.5)),
            ("/elsewhere", json!("whatever")),
        ] {
            assert_eq!(asked(path, &body), "", "{path}");
        }
    }

    #[test]
    fn what_is_not_described_is_found() {
        let row = |name: &str, value: Value| {
            let mut row = json!({"id": 1, "level": "low", "team": null});
            row[name] = value;
            row
        };
        let rows = |row: Value| json!({"rows": [row]});
        for (path, body, said) in [
            ("/rows", json!({}), ".rows is missing"),
            ("/rows", rows(json!({"id": 1, "level": "low"})), ".rows[0].team is missing"),
            ("/rows", rows(row("id", json!("1"))), ".rows[0].id is \"1\", not \"integer\""),
            ("/rows", rows(row("id", json!(1.5))), ".rows[0].id is 1.5"),
            ("/rows", rows(row("runs", json!(null))), ".rows[0].runs is null"),
            ("/rows", rows(row("level", json!("worse"))), "none of"),
            ("/rows", rows(row("other", json!(1))), ".rows[0].other is not described"),
            ("/rows", rows(row("near", json!({"id": 2}))), ".rows[0].near fits nothing"),
            ("/rows", json!({"rows": [], "counts": {"a": "1"}}), ".counts.a is \"1\""),
            ("/rows", json!({"rows": [], "pair": ["a", "b"]}), ".pair[1] is \"b\""),
            ("/rows", json!({"rows": [], "pair": ["a", 1, 2]}), ".pair has more"),
            ("/rows/1", row("why", json!(1)), ".why is 1"),
            ("/rows/1", row("wy", json!("")), ".why is missing"),
            ("/open", json!({"id": 1, "level": "low"}), ".team is missing"),
            ("/lines", row("x", json!(1)), ".x is not described"),
            ("/choice", json!(1), "fits several"),
            ("/choice", json!("1"), "fits nothing"),
        ] {
            let found = asked(path, &body);
            assert!(found.contains(said), "{path} {body}: {found:?} does not say {said:?}");
        }
        let no_schema = differs(&document(), "GET", "/rows", 404, "application/json", b"{}").unwrap();
        assert!(no_schema.contains("without a schema"), "{no_schema}");
        let status = differs(&document(), "GET", "/rows", 500, "application/json", b"{}").unwrap();
        assert!(status.contains("not described"), "{status}");
        assert!(differs(&document(), "GET", "/rows", 200, "application/json", b"{").unwrap().contains("no JSON"));
    }
}
