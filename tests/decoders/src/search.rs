//! The search language.

use model::logs::{LogRow, LogsBuilder};
use model::{EventBatch, Table, ValueRef};
use query::{FieldHint, Filter, complete, parse};

const NOW: i64 = 1_795_246_176_000_000_000;

fn batch() -> EventBatch {
    let mut builder = LogsBuilder::new(crate::context("test"));
    for (body, status) in [("GET /cart timeout", Some(500)), ("über 10.1.2.3", None)] {
        if let Some(status) = status {
            builder.attributes().push("status", ValueRef::Int(status));
            builder.attributes().push("tags", ValueRef::Json(r#"["a",{"b":1.5}]"#));
        }
        let row = LogRow { timestamp: NOW, body: Some(body), severity_number: Some(9), ..LogRow::default() };
        builder.push(&row);
    }
    builder.finish().expect("the columns fit")
}

thread_local! {
    static BATCH: EventBatch = batch();
}

/// The search language: no text panics; what parses is printed, completed, lowered to SQL and evaluated,
/// and its printed form is the same query.
pub fn query(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let hints = [FieldHint { name: "status".to_owned(), values: vec!["500".to_owned()] }];
    for cursor in [text.len() / 2, text.len()] {
        complete(text, cursor, &hints);
    }
    let query = match parse(text) {
        Ok(query) => query,
        Err(error) => {
            error.render(text);
            return;
        }
    };
    let printed = query.to_string();
    if printed.len() <= query::MAX_QUERY_BYTES {
        let again = parse(&printed).unwrap_or_else(|error| panic!("{text:?} -> {printed:?}: {error}"));
        assert_eq!(again.to_string(), printed, "{text:?}");
    }
    for table in Table::ALL {
        let lowered = query.to_sql(table, Some((0, NOW)), Some(10), NOW);
        let compiled = Filter::compile(&query.filter, table, NOW);
        assert!(lowered.is_err() || compiled.is_ok(), "lowered but not evaluated: {text:?}");
        if let (Table::Logs, Ok(filter)) = (table, compiled) {
            BATCH.with(|batch| assert_eq!(filter.matches(&batch.rows).len(), batch.len()));
        }
    }
}
