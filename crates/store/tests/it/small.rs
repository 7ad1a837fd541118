//! Small tables beside the events, as of two times.

use crate::support::{logs, one, open, rows};
use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use model::Datasets;
use std::sync::{Arc, Mutex};
use store::{QueryError, QueryLimits, Sight, SmallScan, SmallTable};

/// Owners of two services; what was asked is kept.
#[derive(Debug, Default)]
struct Owners(Mutex<Vec<SmallScan>>);

#[async_trait::async_trait]
impl SmallTable for Owners {
    fn name(&self) -> &str {
        "owners"
    }

    fn schema(&self) -> SchemaRef {
        let fields = [("service", DataType::Utf8), ("owner", DataType::Utf8), ("since", DataType::Int64)];
        Arc::new(Schema::new(fields.map(|(name, kind)| Field::new(name, kind, true)).to_vec()))
    }

    async fn scan(&self, scan: SmallScan) -> anyhow::Result<RecordBatch> {
        anyhow::ensure!(scan.valid > 0, "there was nothing before 1970");
        let columns: [ArrayRef; 3] = [
            Arc::new(StringArray::from(vec!["checkout", "pay"])),
            Arc::new(StringArray::from(vec!["a", "b"])),
            Arc::new(Int64Array::from(vec![scan.valid, scan.known])),
        ];
        let whole = RecordBatch::try_new(self.schema(), columns.to_vec())?;
        let answer = whole.project(&scan.columns)?;
        self.0.lock().expect("no panic").push(scan);
        Ok(answer)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn events_join_what_something_else_keeps() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = open(dir.path()).await;
    let owners = Arc::new(Owners::default());
    store.add_table(owners.clone());
    store.append(vec![logs(0, 10)], None).await.expect("kept");
    let sql = "SELECT o.owner, count(*) FROM logs JOIN owners o ON o.service = logs.service_name GROUP BY 1";
    assert_eq!(rows(&store, sql).await, [["a", "10"]]);
    // Compared with an expression of an attribute, under another name.
    let sql = "SELECT o.owner, count(*) FROM logs l JOIN owners o \
               ON o.service = l.service_name || coalesce(l.attributes['suffix'], '') GROUP BY 1";
    assert_eq!(rows(&store, sql).await, [["a", "10"]]);
    assert_eq!(one(&store, "SELECT count(*) FROM owners").await, "2");
    // A condition goes along; what it leaves over is still tested here.
    assert_eq!(rows(&store, "SELECT owner FROM owners WHERE service = 'pay' AND since > 0").await, [["b"]]);
    assert_eq!(owners.0.lock().expect("no panic").last().expect("asked").equal, [(0, "pay".to_owned())]);
    assert_eq!(one(&store, "SELECT owner FROM owners ORDER BY owner DESC LIMIT 1").await, "b");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_is_asked_as_of_two_times() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = open(dir.path()).await;
    store.add_table(Arc::new(Owners::default()));
    let valid = "1767225600000000000";
    for (arguments, known) in [
        ("'2026-01-01T00:00:00Z'", i64::MAX.to_string()),
        ("TIMESTAMP '2026-01-01T00:00:00Z', '2026-01-01T00:00:01Z'", "1767225601000000000".to_owned()),
        ("to_timestamp_nanos(1767225600000000000)", i64::MAX.to_string()),
    ] {
        let answer = rows(&store, &format!("SELECT since FROM owners_at({arguments}) ORDER BY service")).await;
        assert_eq!(answer, [[valid.to_owned()], [known]], "{arguments}");
    }
    let now: i64 = one(&store, "SELECT min(since) FROM owners_at(now())").await.parse().expect("a number");
    assert!(now > 1_795_000_000_000_000_000);
    for (arguments, wrong) in [("", "two times"), ("1, 2, 3", "two times"), ("'soon'", "is no time")] {
        let sql = format!("SELECT * FROM owners_at({arguments})");
        let answer = store.all().sql(&sql, QueryLimits::default()).await.err();
        assert!(matches!(&answer, Some(QueryError::Invalid(text)) if text.contains(wrong)), "{arguments}: {answer:?}");
    }
    let late = store.all().sql("SELECT * FROM owners_at('1960-01-01T00:00:00Z')", QueryLimits::default()).await;
    let late = late.expect("starts").collect().await.expect_err("fails");
    assert!(late.to_string().contains("owners: there was nothing before 1970"), "{late}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_may_not_be_there_for_somebody() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = open(dir.path()).await;
    let owners = Arc::new(Owners::default());
    store.add_table(owners.clone());
    let sight = Sight { datasets: Datasets::only(["web"]), hidden: &["owners"] };
    for sql in ["SELECT * FROM owners", "SELECT * FROM owners_at(now())", "SELECT * FROM tandem.public.owners"] {
        let answer = store.within(sight.clone()).sql(sql, QueryLimits::default()).await.err();
        assert!(matches!(answer, Some(QueryError::Invalid(_))), "{sql}: {answer:?}");
    }
    let view = store.within(Datasets::only(["web"]));
    for sql in ["SELECT * FROM owners", "SELECT * FROM owners_at(now())"] {
        view.sql(sql, QueryLimits::default()).await.expect(sql).collect().await.expect(sql);
        let asked = owners.0.lock().expect("no panic").pop().expect("asked");
        assert_eq!(asked.datasets, Datasets::only(["web"]), "{sql}");
    }
}
