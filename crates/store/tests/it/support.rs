//! Batches and answers for the tests.

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray as _;
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use model::batch::Origin;
use model::logs::{LogRow, LogsBuilder};
use model::{Context, EventBatch, ValueRef};
use store::{Config, QueryLimits, Store};

/// A fixed time: 2026-11-21T00:00:00Z.
pub const T0: i64 = 1_795_219_200_000_000_000;
/// A second.
pub const SECOND: i64 = 1_000_000_000;

/// A store in a folder, without automatic retention.
pub async fn open(dir: &std::path::Path) -> Store {
    let mut config = Config::new(dir);
    config.retention = None;
    Store::open(config).await.expect("opens")
}

/// Opens again once the last task of the old store let go of the folder.
pub async fn reopen(dir: &std::path::Path) -> Store {
    let mut config = Config::new(dir);
    config.retention = None;
    reopen_with(config).await
}

/// The same with other settings.
pub async fn reopen_with(config: Config) -> Store {
    loop {
        match Store::open(config.clone()).await {
            Ok(store) => return store,
            Err(store::OpenError::Locked { .. }) => tokio::task::yield_now().await,
            Err(error) => panic!("{error}"),
        }
    }
}

/// Log records numbered from `first`, a second apart, from the day of [`T0`].
pub fn logs(first: usize, count: usize) -> EventBatch {
    logs_of("default", first, count)
}

/// The same in a dataset; each has an attribute of its own by the name `only.<dataset>`.
pub fn logs_of(dataset: &str, first: usize, count: usize) -> EventBatch {
    let own = format!("only.{dataset}");
    let mut builder = LogsBuilder::new(Context::new(dataset, "test", T0 + 365 * 86_400 * SECOND));
    builder.set_origin(Origin {
        service_name: Some("checkout".to_owned()),
        resource_attributes: Some(r#"{"service.name":"checkout","host.name":"web-1"}"#.to_owned()),
        ..Origin::default()
    });
    for number in first..first + count {
        let body =
            format!("request {number} from 10.0.{}.{} took {} ms", number / 256 % 256, number % 256, number % 500);
        let attributes = builder.attributes();
        attributes.push("http.route", ValueRef::Str(if number % 2 == 0 { "/cart" } else { "/pay" }));
        attributes.push("http.response.status_code", ValueRef::Int(if number % 10 == 0 { 500 } else { 200 }));
        if dataset != "default" {
            attributes.push(&own, ValueRef::Int(number as i64));
        }
        attributes.push("took", ValueRef::Double(number as f64 / 2.0));
        attributes.push("request.id", ValueRef::Str(&format!("id-{number}")));
        if number % 3 == 0 {
            attributes.push("mixed", ValueRef::Str("text"));
        } else {
            attributes.push("mixed", ValueRef::Int(number as i64));
        }
        let mut trace = [0; 16];
        trace[8..].copy_from_slice(&(number as u64 + 1).to_be_bytes());
        builder.push(&LogRow {
            timestamp: T0 + number as i64 * SECOND,
            severity_number: Some(9),
            severity_text: Some("INFO"),
            body: Some(&body),
            trace_id: Some(trace),
            ..LogRow::default()
        });
    }
    builder.finish().expect("a batch")
}

/// The answer as rows of text.
pub async fn rows(store: &Store, sql: &str) -> Vec<Vec<String>> {
    let batches = store.all().sql(sql, QueryLimits::default()).await.expect(sql).collect().await.expect(sql);
    batches.iter().flat_map(text_rows).collect()
}

/// A batch as rows of text.
pub fn text_rows(batch: &RecordBatch) -> Vec<Vec<String>> {
    let options = FormatOptions::default().with_null("NULL");
    let columns: Vec<_> =
        batch.columns().iter().map(|column| ArrayFormatter::try_new(column, &options).expect("formats")).collect();
    (0..batch.num_rows()).map(|row| columns.iter().map(|column| column.value(row).to_string()).collect()).collect()
}

/// The only value of an answer.
pub async fn one(store: &Store, sql: &str) -> String {
    let rows = rows(store, sql).await;
    assert_eq!(rows.len(), 1, "{sql}: {rows:?}");
    rows[0][0].clone()
}

/// Looks until there is something, and fails when there is nothing for too long.
pub async fn eventually<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let found = async {
        loop {
            if let Some(found) = look().await {
                return found;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(60), found).await.unwrap_or_else(|_| panic!("in vain: {what}"))
}

/// Event ids of an answer.
pub fn ids(batch: &RecordBatch) -> Vec<u64> {
    batch.column_by_name("event_id").expect("ids").as_primitive::<arrow_array::types::UInt64Type>().values().to_vec()
}
