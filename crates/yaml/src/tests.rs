use super::*;

const LIMITS: Limits = Limits { nodes: 10_000, depth: 64 };

fn parse(text: &str) -> Result<Yaml, Error> {
    Yaml::parse(text, LIMITS)
}

#[test]
fn nodes_know_their_places() {
    let yaml = parse("# first\na: 1\nb:\n  - x\n  - {c: 'null', d: ~}\n---\nsecond\n---\n").unwrap();
    let documents: Vec<Node<'_>> = yaml.documents().collect();
    assert_eq!((documents.len(), documents[1].text()), (3, Some("second")));
    assert!(documents[2].is_null());
    let b = documents[0].get("b").unwrap();
    let items: Vec<Node<'_>> = b.items().collect();
    assert_eq!((items[0].text(), items[0].place()), (Some("x"), (4, 5)));
    assert_eq!(items[1].get("c").unwrap().text(), Some("null"));
    assert!(items[1].get("d").is_none() && items[1].is_map());
    let keys: Vec<Place> = documents[0].entries().map(|(key, _)| key.place()).collect();
    assert_eq!(keys, [(2, 1), (3, 1)]);
}

#[test]
fn how_it_was_written_counts() {
    for (text, expected) in [
        ("1", Scalar::Int(1)),
        ("-0017", Scalar::Int(-17)),
        ("0x1F", Scalar::Int(31)),
        ("0o17", Scalar::Int(15)),
        ("'1'", Scalar::Text("1")),
        ("\"1\"", Scalar::Text("1")),
        ("1.50", Scalar::Float(1.5)),
        ("-.5e3", Scalar::Float(-500.0)),
        ("99999999999999999999", Scalar::Float(1e20)),
        ("0xFFFFFFFFFFFFFFFFFF", Scalar::Text("0xFFFFFFFFFFFFFFFFFF")),
        ("-.INF", Scalar::Float(f64::NEG_INFINITY)),
        ("1.2.3", Scalar::Text("1.2.3")),
        ("1e", Scalar::Text("1e")),
        (".", Scalar::Text(".")),
        ("+", Scalar::Text("+")),
        ("0x", Scalar::Text("0x")),
        ("inf", Scalar::Text("inf")),
        ("True", Scalar::Bool(true)),
        ("'true'", Scalar::Text("true")),
        ("yes", Scalar::Text("yes")),
        ("~", Scalar::Null),
        ("", Scalar::Null),
        ("''", Scalar::Text("")),
        ("'~'", Scalar::Text("~")),
        ("|-\n  null", Scalar::Text("null")),
    ] {
        let text = format!("a: {text}\n");
        let yaml = parse(&text).unwrap();
        let (_, node) = yaml.documents().next().unwrap().members().next().unwrap();
        assert_eq!(node.scalar(), Some(expected), "{text}");
    }
}

#[test]
fn an_alias_is_what_it_names() {
    let error = parse("a: &x [1, 2]\nb: *x\n*y : 3\n").unwrap_err();
    assert_eq!(error.place.0, 3);
    let yaml = parse("a: &x [1, 2]\nb: *x\n").unwrap();
    let b = yaml.documents().next().unwrap().get("b").unwrap();
    assert_eq!(b.items().filter_map(Node::text).collect::<Vec<_>>(), ["1", "2"]);
    for text in ["a: &x [*x]\n", "a: &x 1\n---\nb: *x\n"] {
        assert!(parse(text).is_err(), "{text}");
    }
}

#[test]
fn a_bomb_of_aliases_stays_small() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..40 {
        let below = format!("*a{}, ", level - 1).repeat(9);
        text += &format!("a{level}: &a{level} [{}]\n", below.trim_end_matches(", "));
    }
    assert!(parse(&text).unwrap().nodes.len() < 500);
}

#[test]
fn depth_and_size_are_bounded() {
    let error = parse(&"- ".repeat(200)).unwrap_err();
    assert_eq!(error.to_string(), "1:129: nested deeper than 64 levels (MAX_YAML_DEPTH)");
    assert!(parse(&"[".repeat(100_000)).is_err());
    let error = parse(&"- a\n".repeat(LIMITS.nodes + 1)).unwrap_err();
    assert!(error.reason.contains("MAX_YAML_NODES"), "{error}");
}

#[test]
fn what_is_malformed_names_its_line() {
    for (text, line) in [("a: 1\nb: [1, 2\nc: 3\n", 3), ("a: b\n- c\n", 2), ("a: 'x\n", 1)] {
        let error = parse(text).unwrap_err();
        assert!(error.place.0 >= line && error.place.1 > 0, "{text} {error}");
    }
}

#[test]
fn parts_are_read_alone() {
    let text = "# a comment\n---\na: 1\n---\nb: [\n--- # third\nc: |\n  ---\n  x\n---\n\n";
    let parts: Vec<(usize, &str)> = split(text).collect();
    assert_eq!(parts.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [2, 4, 6]);
    assert_eq!(Yaml::parse_part(parts[1].1, 4, LIMITS).unwrap_err().place.0, 6);
    let third = Yaml::parse_part(parts[2].1, parts[2].0, LIMITS).unwrap();
    let c = third.documents().next().unwrap().get("c").unwrap();
    assert_eq!((c.raw(), c.place().0), (Some("---\nx\n"), 8));
    assert_eq!(split("").count() + split("# no\n%YAML 1.2\n---\n").count(), 0);
}
