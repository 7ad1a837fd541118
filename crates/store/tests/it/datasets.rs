//! Whoever may see some datasets sees nothing of the others, whichever way is asked.

use crate::support::{T0, logs_of, open, text_rows};
use futures::StreamExt as _;
use model::{Datasets, Table};
use query::Expr;
use store::{QueryLimits, SearchEvent, SearchRequest, TailItem, View};

async fn rows(view: &View, sql: &str) -> Vec<Vec<String>> {
    let batches = view.sql(sql, QueryLimits::default()).await.expect(sql).collect().await.expect(sql);
    batches.iter().flat_map(text_rows).collect()
}

async fn matched(view: &View) -> (usize, Option<u64>) {
    let request = SearchRequest {
        table: Table::Logs,
        filter: Expr::All,
        from: i64::MIN,
        to: i64::MAX,
        limit: 10_000,
        histogram_buckets: 10,
        now: T0,
    };
    let mut stream = view.search(request).expect("starts");
    let (mut rows, mut counted) = (0, None);
    while let Some(event) = stream.next().await {
        match event.expect("goes on") {
            SearchEvent::Rows(batch) => rows += batch.num_rows(),
            SearchEvent::Done { matched, .. } => counted = matched,
            SearchEvent::Histogram { .. } => {}
        }
    }
    (rows, counted)
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_seen_of_other_datasets() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = open(dir.path()).await;
    let (all, web) = (store.all(), store.within(Datasets::only(["web"])));
    let nothing = store.within(Datasets::only(Vec::<String>::new()));
    let mut tail = web.subscribe(Table::Logs, 16);
    store.append(vec![logs_of("pay", 0, 30)], None).await.expect("kept");
    store.append(vec![logs_of("web", 100, 20)], None).await.expect("kept");
    let Some(TailItem::Batch(heard)) = tail.recv().await else { panic!("nothing was heard") };
    assert_eq!(heard.num_rows(), 20);
    // In memory, in files of one dataset or of both, and in both places.
    for round in 0..4 {
        let times = round + 1;
        assert_eq!(
            rows(&web, "SELECT dataset, count(*) FROM logs GROUP BY 1").await,
            [["web".to_owned(), (20 * times).to_string()]]
        );
        assert_eq!(rows(&web, "SELECT count(*) FROM logs").await, [[(20 * times).to_string()]]);
        assert_eq!(
            rows(&web, "SELECT count(*) FROM logs WHERE dataset = 'pay' OR 1 = 1").await,
            [[(20 * times).to_string()]]
        );
        assert_eq!(rows(&web, "SELECT count(*) FROM logs a JOIN logs b ON a.dataset <> b.dataset").await, [["0"]]);
        assert_eq!(rows(&nothing, "SELECT count(*) FROM logs").await, [["0"]]);
        assert_eq!(rows(&all, "SELECT count(*) FROM logs").await, [[(50 * times).to_string()]]);
        assert_eq!(matched(&web).await, (20 * times, Some(20 * times as u64)));
        assert_eq!(matched(&nothing).await, (0, Some(0)));
        // What others' rows cost would tell of them.
        for (view, told) in [(&all, true), (&web, false)] {
            let answer =
                view.sql("SELECT count(*) FROM logs WHERE body <> ''", QueryLimits::default()).await.expect("starts");
            assert_eq!(answer.read_bytes().is_some(), told);
        }
        let facet = |view: &View| {
            let view = view.clone();
            async move {
                let fields = ["dataset".to_owned()];
                view.facets(Table::Logs, &Expr::All, i64::MIN, i64::MAX, &fields, 10, T0).await.expect("answered")
            }
        };
        assert_eq!(facet(&web).await[0].values, [("web".to_owned(), 20 * times as u64)]);
        assert_eq!(facet(&all).await[0].values.len(), 2);
        let names = |view: &View| {
            let view = view.clone();
            async move { view.fields(Table::Logs, i64::MIN, i64::MAX).await.expect("answered") }
        };
        let web_names: Vec<String> = names(&web).await.into_iter().map(|field| field.name).collect();
        assert!(web_names.iter().any(|name| name == "only.web"), "{web_names:?}");
        assert!(!web_names.iter().any(|name| name == "only.pay"), "{web_names:?}");
        assert!(names(&all).await.iter().any(|field| field.name == "only.pay"));
        if round < 3 {
            store.flush().await.expect("flushed");
            store
                .append(vec![logs_of("pay", 1000 * times, 30), logs_of("web", 1000 * times + 100, 20)], None)
                .await
                .expect("kept");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_error_and_no_plan_tells_of_other_datasets() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = open(dir.path()).await;
    let web = store.within(Datasets::only(["web"]));
    store.append(vec![logs_of("pay", 0, 30), logs_of("web", 100, 20)], None).await.expect("kept");
    for place in ["memory", "files"] {
        for condition in [
            "CASE WHEN dataset = 'pay' AND body LIKE 'request%' THEN 1 / 0 ELSE 1 END = 1",
            "CAST(CASE WHEN dataset = 'pay' THEN body ELSE '1' END AS BIGINT) = 1",
            "1 / (CASE WHEN attributes['only.pay'] IS NULL THEN 1 ELSE 0 END) = 1",
        ] {
            let sql = format!("SELECT count(*) FROM logs WHERE {condition}");
            assert_eq!(rows(&web, &sql).await, [["20"]], "{place}: {condition}");
            let all = store.all().sql(&sql, QueryLimits::default()).await.expect("starts").collect().await;
            assert!(all.is_err(), "{place}: {condition} is wrong on rows of pay");
        }
        for explain in ["EXPLAIN", "EXPLAIN ANALYZE"] {
            let sql = format!("{explain} SELECT 1 FROM logs WHERE body LIKE '%request 7%'");
            assert!(web.sql(&sql, QueryLimits::default()).await.is_err(), "{sql}");
            assert!(!rows(&store.all(), &sql).await.is_empty());
        }
        store.flush().await.expect("flushed");
    }
}
