//! External services, images, sockets, and reports over time.

use crate::support::{DAY, HOUR, T0, Told, ledger};
use know::reports::{external, growth, images, services_per_engineer, sockets, surface};
use know::{Call, calls};
use ledger::AsOf;
use model::Datasets;
use serde_json::json;

#[tokio::test]
async fn external_services_with_their_callers() {
    let (ledger, _dir) = ledger().await;
    let call = |service: &str, address: &str| Call {
        dataset: "web".to_owned(),
        service: service.to_owned(),
        peer_service: None,
        peer_address: Some(address.to_owned()),
    };
    let rows = [call("cart", "api.example.com:443"), call("pay", "api.example.com"), call("pay", "10.0.0.9")];
    for facts in calls(&rows, T0) {
        ledger.record(&facts, T0).await.unwrap();
    }
    Told::by("manual", "web").owned("external:api.example.com", "", "pay", T0, json!({})).record(&ledger).await;
    let report = external(&ledger, &AsOf::at(T0 + HOUR / 2)).await.unwrap();
    let rows: Vec<_> =
        report.rows.iter().map(|row| (row.name.as_str(), row.callers.join(" "), row.owner.as_deref())).collect();
    assert_eq!(rows, [("api.example.com", "cart pay".to_owned(), Some("pay")), ("10.0.0.9", "pay".to_owned(), None)]);
    assert_eq!(report.rows[1].network.as_deref(), Some("private"));
    assert_eq!(external(&ledger, &AsOf::at(T0 + 2 * HOUR)).await.unwrap().count, 0, "nobody calls it any longer");
}

#[tokio::test]
async fn images_by_age_with_how_many_run() {
    let (ledger, _dir) = ledger().await;
    Told::by("agent", "web")
        .seen("container.image:a@sha256:1", T0, json!({"created": "2026-11-01T00:00:00Z"}))
        .seen("container.image:b:1", T0 - 2 * DAY, json!({"created": "yesterday"}))
        .related("container:1", "uses_image", "container.image:a@sha256:1", T0)
        .related("container:2", "uses_image", "container.image:a@sha256:1", T0)
        .record(&ledger)
        .await;
    let report = images(&ledger, &AsOf::at(T0)).await.unwrap();
    let rows: Vec<_> =
        report.rows.iter().map(|row| (row.name.as_str(), row.age_days, row.since_is, row.running)).collect();
    assert_eq!(rows, [("a@sha256:1", 20, "created", 2), ("b:1", 2, "first_seen", 0)]);
}

#[tokio::test]
async fn sockets_that_others_reach() {
    let (ledger, _dir) = ledger().await;
    let mut told = Told::by("agent", "web").owned("host:web/1", "", "ops", T0, json!({}));
    for (socket, said) in [
        ("tcp/0.0.0.0:22", json!({"exposed": true, "executable": "/usr/sbin/sshd"})),
        ("tcp/[::1]:631", json!({})),
        ("udp/127.0.0.53:53", json!({"exposed": false})),
        ("tcp/[::]:80", json!({})),
    ] {
        let name = format!("socket:web/1/{socket}");
        told = told.seen(&name, T0, said).related("host:web/1", "listens", &name, T0);
    }
    told.record(&ledger).await;
    let report = sockets(&ledger, &AsOf::at(T0), false).await.unwrap();
    let rows: Vec<_> =
        report.rows.iter().map(|row| (row.host.as_str(), row.socket.as_str(), row.executable.as_deref())).collect();
    assert_eq!(rows, [("web/1", "tcp/0.0.0.0:22", Some("/usr/sbin/sshd")), ("web/1", "tcp/[::]:80", None)]);
    assert_eq!(report.rows[0].owner.as_deref(), Some("ops"));
    let all = sockets(&ledger, &AsOf::at(T0), true).await.unwrap();
    assert_eq!((all.count, all.totals["exposed"]), (4, 2.0));
}

#[tokio::test]
async fn the_surface_alarms_when_it_grows_beyond_its_own_median() {
    let (ledger, _dir) = ledger().await;
    let mut told = Told::by("agent", "web")
        .seen("service.instance:cart/a", T0, json!({}))
        .seen("socket:h/tcp/0.0.0.0:22", T0, json!({}))
        .seen("socket:h/tcp/127.0.0.1:25", T0, json!({}));
    for number in 0..4 {
        told = told.finding("host:h", &number.to_string(), T0, false);
    }
    // On day 4 one is fixed, and on day 5 five new ones are found.
    told = told.finding("host:h", "0", T0 + 4 * DAY, true);
    for number in 10..15 {
        told = told.finding("host:h", &number.to_string(), T0 + 5 * DAY, false);
    }
    told.record(&ledger).await;
    let times: Vec<i64> = (-1..=5).map(|day| T0 + day * DAY).collect();
    let report = surface(&ledger, &AsOf::at(T0), &times, 1.5).await.unwrap();
    let rows: Vec<_> = report.rows.iter().map(|row| (row.instances, row.sockets, row.findings, row.alarm)).collect();
    let calm = (1, 1, 4, false);
    assert_eq!(rows, [(0, 0, 0, false), calm, calm, calm, calm, (1, 1, 3, false), (1, 1, 8, true)]);
    assert_eq!((report.rows[6].median, report.totals["alarms"]), (Some(4.0), 1.0));
    let hidden = AsOf::at(T0).within(Datasets::only(["other"]));
    assert!(surface(&ledger, &hidden, &times, 1.5).await.unwrap().rows.iter().all(|row| row.findings == 0));
    assert!(surface(&ledger, &AsOf::at(T0), &[], 1.5).await.is_err());
    assert!(surface(&ledger, &AsOf::at(T0), &vec![T0; 1_000], 1.5).await.is_err());
}

#[tokio::test]
async fn coverage_beside_services_and_deploys() {
    let (ledger, _dir) = ledger().await;
    let whole = json!({"signals": ["logs", "spans", "metrics"]});
    Told::by("telemetry", "web")
        .seen("service:a", T0, whole.clone())
        .seen("service:b", T0 + 10 * DAY, json!({"signals": ["logs"]}))
        .seen("service:c", T0 + 10 * DAY, whole)
        .deployed("service:a", "1", T0)
        .deployed("service:a", "2", T0 + DAY)
        .deployed("service:b", "1", T0 + 10 * DAY)
        .record(&ledger)
        .await;
    let report = growth(&ledger, &AsOf::at(T0), &[T0, T0 + 15 * DAY]).await.unwrap();
    let last = &report.rows[1];
    assert_eq!((last.services, last.covered, last.deploys, last.coverage), (3, 2, 2, 66.7));
    assert_eq!((last.services_growth, last.covered_growth), (Some(200.0), Some(100.0)));
    let now = AsOf::at(T0 + 15 * DAY);
    let each =
        async |engineers| services_per_engineer(&ledger, &now, engineers).await.unwrap().rows[0].services_per_engineer;
    assert_eq!((each(2).await, each(0).await), (Some(1.5), None));
}
