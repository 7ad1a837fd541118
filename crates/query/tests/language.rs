//! The language from the outside: what parses, what does not and where, and what it lowers to.

use model::Table;
use proptest::prelude::*;
use query::{Expr, parse};

fn error(text: &str) -> String {
    parse(text).expect_err(text).render(text)
}

#[test]
fn printing_shows_the_structure() {
    for (text, printed) in [
        ("", "*"),
        ("timeout", "timeout"),
        ("a b", "a AND b"),
        ("a OR b c", "a OR (b AND c)"),
        ("a and (b or not c)", "a AND (b OR NOT c)"),
        ("-level:debug", "NOT level:debug"),
        ("service:checkout duration>5ms", "service:checkout AND duration>5ms"),
        ("status:>=500", "status>=500"),
        ("status!=200", "NOT status:200"),
        ("status:[400 TO 499]", "status:[400 TO 499]"),
        ("status:400..499", "status:[400 TO 499]"),
        ("status:400..", "status:[400 TO *]"),
        ("body:*foo*", "body:*foo*"),
        ("route:*", "route:*"),
        ("missing:route", "NOT route:*"),
        ("path:/api\\/v1/", "path:/api\\/v1/"),
        ("path:/took [0-9]+ ms/ b", "path:/took [0-9]+ ms/ AND b"),
        ("path:/api/v1/items OR path:/x/y", "path:\"/api/v1/items\" OR path:\"/x/y\""),
        ("path:/api/*", "path:\\/api\\/*"),
        ("path:/", "path:\"/\""),
        ("10.0.0.1:8080", "\"10.0.0.1:8080\""),
        ("http://example.org/x", "\"http://example.org/x\""),
        ("client:10.0.0.0/8", "client:\"10.0.0.0/8\""),
        ("\"say \\\"hi\\\"\"", "\"say \\\"hi\\\"\""),
        ("a | count by service, http.route", "a | count by service, http.route"),
        ("| top 10 path", "* | top 10 path"),
        (
            "| rate 1m by severity | sort count desc | limit 5",
            "* | rate 60000000000ns by severity | sort count desc | limit 5",
        ),
        ("| p95 duration by name", "* | p95 duration by name"),
        ("android", "android"),
        ("notable", "notable"),
    ] {
        assert_eq!(parse(text).expect(text).to_string(), printed, "{text}");
    }
}

#[test]
fn errors_point_at_the_character() {
    assert_eq!(error("a (b OR c"), "a (b OR c\n  ^ this parenthesis is never closed; expected a closing )");
    assert_eq!(
        error("status:"),
        "status:\n       ^ a value is missing; expected a word, \"a phrase\", /a regex/, [low TO high] or *"
    );
    assert!(error("a | cuont").starts_with("a | cuont\n    ^^^^^ there is no pipe \"cuont\""));
    assert!(error("a )").contains("\n  ^ nothing is open"));
    assert!(error("\"never closed").contains("\n^ this quote is never closed"));
    assert!(error("x:/(/").contains("the regular expression \"(\" cannot be used"));
    assert!(error("a | limit 0").contains("\n          ^ a count from 1 to"));
    assert!(error("ä ä (").contains("\n     ^"), "{}", error("ä ä ("));
    assert!(error(&format!("{}a{}", "(".repeat(100), ")".repeat(100))).contains("nested deeper than"));
    assert!(error(&"a ".repeat(2000)).contains("more than 256 conditions"));
    assert!(error(&"a".repeat(20_000)).contains("longer than"));
}

#[test]
fn fields_are_typed_by_their_table() {
    let compile = |text: &str, table| query::Filter::compile(&parse(text).expect(text).filter, table, 0).map(drop);
    assert!(compile("bounds:5", Table::Metrics).expect_err("a list").message.contains("is a list"));
    assert!(compile("severity>=loud", Table::Logs).expect_err("no severity").message.contains("no severity"));
    assert!(compile("timestamp>yesterday", Table::Logs).expect_err("no time").message.contains("no time"));
    assert!(compile("duration>fast", Table::Spans).expect_err("no number").message.contains("no number"));
    assert!(compile("duration>5ms", Table::Spans).is_ok());
    assert!(compile("value:5*", Table::Metrics).expect_err("a number").message.contains("is not text"));
}

#[test]
fn sql_is_escaped() {
    let sql = |text: &str| parse(text).expect(text).to_sql(Table::Logs, Some((1, 2)), Some(10), 0).expect(text);
    assert_eq!(
        sql("route:\"it's\""),
        "SELECT * FROM logs WHERE timestamp >= to_timestamp_nanos(1) AND timestamp < to_timestamp_nanos(2) AND \
         coalesce(attr(attributes, 'route'), attr(resource_attributes, 'route')) = 'it''s' \
         ORDER BY timestamp DESC, event_id DESC LIMIT 10"
    );
    assert!(sql("NOT a:b").contains("IS NOT TRUE"));
}

#[test]
fn what_bounds_the_rows_is_known() {
    let of = |text: &str| parse(text).map(|query| (query.has_limit(), query.is_series())).expect(text);
    assert_eq!(of("*"), (false, false));
    assert_eq!(of("* | rate 1m by a | sort count"), (false, true));
    assert_eq!(of("* | rate 1m by a | count by a"), (false, false));
    assert_eq!(of("* | rate 1m | limit 5"), (true, true));
    assert_eq!(of("* | top 3 a"), (true, false));
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(text in "\\PC{0,60}") {
        if let Err(error) = parse(&text) {
            let _ = error.render(&text);
        }
    }

    #[test]
    fn no_query_like_text_makes_it_panic(text in "[a-c:*/\"\\\\()|<>=!\\[\\] .\\-TORNADx0-9]{0,40}") {
        match parse(&text) {
            Err(error) => drop(error.render(&text)),
            Ok(query) => {
                let printed = query.to_string();
                let again = parse(&printed);
                prop_assert_eq!(again.as_ref().ok(), Some(&query), "{} -> {}", text, printed);
                let _ = query.to_sql(Table::Logs, None, Some(5), 0);
            }
        }
    }
}

#[test]
fn everything_is_everything() {
    assert_eq!(parse("*").expect("parses").filter, Expr::All);
    // A quote or a parenthesis ends the word as a space does.
    for (text, spaced) in [("*\"a\"", "* \"a\""), ("*(a)", "* (a)")] {
        assert_eq!(parse(text).expect("parses").to_string(), parse(spaced).expect("parses").to_string());
    }
}
