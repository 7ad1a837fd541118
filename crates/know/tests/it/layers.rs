//! Who patches what.

use crate::support::{DAY, T0, Told, entity, ledger};
use know::layers::{Cell, Policy, cells, layer_findings, matrix, open_gaps};
use ledger::AsOf;
use serde_json::json;

fn policy() -> Policy {
    serde_json::from_value(json!({"layers": [
        {"name": "provider", "kinds": ["host"], "side": "provider", "owner": "Cloud", "due_days": 30},
        {"name": "platform", "kinds": ["host"], "side": "platform", "patches": "operating system"},
        {"name": "service", "kinds": ["service"], "side": "service-team", "due": "2027-01-31"}
    ]}))
    .unwrap()
}

fn text(cells: &[Cell]) -> Vec<String> {
    let text = |cell: &Cell| {
        let owner = cell.owner.as_deref().unwrap_or("-");
        format!(
            "{} {} {owner} {} {}",
            cell.entity,
            cell.layer,
            cell.due.as_deref().unwrap_or("-"),
            cell.gap.unwrap_or("-")
        )
    };
    cells.iter().map(text).collect()
}

#[tokio::test]
async fn gaps_are_findings_until_they_are_filled() {
    let (ledger, _dir) = ledger().await;
    Told::by("agent", "web")
        .seen("host:web-1", T0, json!({}))
        .seen("service:cart", T0, json!({}))
        .seen("service:pay", T0, json!({}))
        .record(&ledger)
        .await;
    Told::by("catalog", "web").owned("service:cart", "", "shop", T0, json!({})).record(&ledger).await;
    let then = AsOf::at(T0);
    let found = cells(&ledger, &then, &policy()).await.unwrap();
    assert_eq!(
        text(&found),
        [
            "host:web-1 provider cloud 30 days -",
            "host:web-1 platform - - nobody patches it, and there is no date",
            "service:cart service shop 2027-01-31 -",
            "service:pay service - 2027-01-31 nobody patches it",
        ]
    );
    let report = matrix(&then, &found);
    assert_eq!((report.count, report.totals["gaps"], report.totals["filled"]), (4, 2.0, 50.0));
    assert!(report.rows[0].gap.is_some() && report.rows[3].gap.is_none(), "gaps come first");
    assert_eq!(serde_json::to_value(&report).unwrap()["rows"][0]["entity"], "host:web-1");

    let facts = layer_findings(&found, &open_gaps(&ledger, &then).await.unwrap(), "web", T0);
    assert_eq!(facts.findings.len(), 2);
    assert_eq!(facts.findings[0].title, "layer platform of host:web-1: nobody patches it, and there is no date");
    ledger.record(&facts, T0).await.unwrap();
    let open = open_gaps(&ledger, &then).await.unwrap();
    assert_eq!(open.len(), 2);
    assert!(layer_findings(&found, &open, "web", T0 + 1).is_empty(), "nothing is new");

    // Somebody takes the platform, with a date; the other service is gone.
    Told::by("manual", "web")
        .owned("host:web-1", "platform", "ops", T0 + DAY, json!({"due": "2026-12-24"}))
        .record(&ledger)
        .await;
    let mut gone = Told::by("agent", "web").seen("service:pay", T0 + DAY, json!({}));
    gone.0.observations[0].ended = true;
    gone.record(&ledger).await;
    let now = AsOf::at(T0 + 2 * DAY);
    let found = cells(&ledger, &now, &policy()).await.unwrap();
    assert_eq!(text(&found)[1], "host:web-1 platform ops 2026-12-24 -");
    let facts = layer_findings(&found, &open_gaps(&ledger, &now).await.unwrap(), "web", T0 + 2 * DAY);
    assert!(facts.findings.len() == 2 && facts.findings.iter().all(|finding| finding.ended));
    ledger.record(&facts, T0).await.unwrap();
    assert_eq!(open_gaps(&ledger, &now).await.unwrap(), []);
    assert_eq!(open_gaps(&ledger, &AsOf::at(T0 + DAY)).await.unwrap()[0].entity, Some(entity("host:web-1")));
}
