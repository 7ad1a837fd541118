use super::*;
use proptest::prelude::*;

fn known(text: &str) -> Value {
    let lookup = |context: &str| match context {
        "matrix.os" => Some(Value::Text("ubuntu-24.04".to_owned())),
        _ => None,
    };
    evaluate(&Expr::parse(text).unwrap(), &lookup)
}

#[test]
fn constants_are_worked_out() {
    let text = |text: &str| Value::Text(text.to_owned());
    for (expression, expected) in [
        ("'it''s'", text("it's")),
        ("1 == 1.0 && 'A' == 'a'", Value::Bool(true)),
        ("0xff", Value::Number(255.0)),
        ("-1 < +2", Value::Bool(true)),
        ("format('{0}-{1} {{}}', 'a', 2)", text("a-2 {}")),
        ("fromJSON('{\"a\": [1, \"x\"]}').a[1]", text("x")),
        ("contains(fromJSON('[\"a\", \"b\"]'), 'B')", Value::Bool(true)),
        ("contains('release', 'LEA')", Value::Bool(true)),
        ("join(fromJSON('[\"a\",\"b\"]'), '+')", text("a+b")),
        ("!github.ref", Value::Unknown),
        ("github.ref == 'x' && false", Value::Bool(false)),
        ("false && github.ref", Value::Bool(false)),
        ("'' || matrix.os", text("ubuntu-24.04")),
        ("secrets.Deploy", Value::Secret("DEPLOY".to_owned())),
        ("secrets['DEPLOY']", Value::Secret("DEPLOY".to_owned())),
        ("github.token", Value::Secret("GITHUB_TOKEN".to_owned())),
        ("always()", Value::Bool(true)),
        ("case(false, 'a', true, 'b', 'c')", text("b")),
        ("startsWith(github.ref, 'x')", Value::Unknown),
        ("!!''", Value::Bool(false)),
    ] {
        assert_eq!(known(expression), expected, "{expression}");
    }
}

#[test]
fn contexts_have_one_name() {
    for (expression, expected) in [
        ("github.event.issue.title", Some("github.event.issue.title")),
        ("GitHub['event'].Issue['title']", Some("github.event.issue.title")),
        ("github.event.commits[0].message", Some("github.event.commits.*.message")),
        ("github.event.commits.*.author.name", Some("github.event.commits.*.author.name")),
        ("fromJSON(toJSON(github)).head_ref", Some("github.head_ref")),
        ("'github'", None),
    ] {
        assert_eq!(Expr::parse(expression).unwrap().context().as_deref(), expected, "{expression}");
    }
}

#[test]
fn only_what_can_be_in_the_text_flows() {
    let names = |text: &str| flows(&Expr::parse(text).unwrap()).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    assert_eq!(names("github.head_ref || github.run_id"), ["github.head_ref", "github.run_id"]);
    assert_eq!(names("github.head_ref == 'main' && 'yes' || 'no'"), [""; 0]);
    assert_eq!(names("contains(github.event.issue.title, 'x')"), [""; 0]);
    assert_eq!(names("format('{0}', github.head_ref)"), ["github.head_ref"]);
    assert_eq!(names("case(github.a, github.b, github.c)"), ["github.b", "github.c"]);
}

#[test]
fn pieces_and_their_ends() {
    assert_eq!(pieces("a"), [Piece::Text("a")]);
    assert_eq!(pieces(""), [Piece::Text("")]);
    assert_eq!(
        pieces("a ${{ '}}' }}b${{c}}"),
        [Piece::Text("a "), Piece::Expression(" '}}' "), Piece::Text("b"), Piece::Expression("c")]
    );
    assert_eq!(pieces("${{ a"), [Piece::Text("${{ a")]);
}

#[test]
fn what_is_no_expression_says_where() {
    for (text, at) in
        [("", 0), ("a.", 2), ("a b", 2), ("f(a", 3), ("'a", 0), ("a ==", 4), ("a[", 2), ("\"a\"", 0), ("1x", 0)]
    {
        assert_eq!(Expr::parse(text).map(drop).map_err(|wrong| wrong.at), Err(at), "{text}");
    }
    for deep in
        ["(".repeat(5000), "!".repeat(5000), "a[".repeat(5000), "a||".repeat(5000), "a".to_owned() + &".a".repeat(5000)]
    {
        assert!(Expr::parse(&deep).is_err());
    }
}

proptest! {
    #[test]
    fn nothing_panics(text in "([a-c.*()\\[\\]' !&|=<>,0-9é]|\\$\\{\\{|\\}\\}|fromJSON|format|case){0,60}") {
        for piece in pieces(&text) {
            if let Piece::Expression(inner) = piece {
                let _ = Expr::parse(inner);
            }
        }
        if let Ok(expr) = Expr::parse(&text) {
            let _ = (evaluate(&expr, &|_| None), flows(&expr));
        }
        let whole: String = places(&text).iter().map(|(start, end)| &text[*start..*end]).collect();
        let pieced: String = pieces(&text).iter().filter_map(|piece| match piece {
            Piece::Expression(inner) => Some(format!("${{{{{inner}}}}}")),
            Piece::Text(_) => None,
        }).collect();
        prop_assert_eq!(whole, pieced);
    }
}
