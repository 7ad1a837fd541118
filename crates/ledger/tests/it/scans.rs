//! The life of findings, as scans tell it.

use crate::support::{DAY, MINUTE, T0, both, entity, sqlite};
use ledger::{AsOf, Cell, FindingState, FindingView, FindingsAsked, Ledger, Person, Scan, Scanned, Table};
use model::{Cite, Facts, Hiding, Nanos, Report, Reported, Source};
use proptest::prelude::*;

fn finding(name: &str, path: &str, line: u32) -> Reported {
    Reported {
        fingerprint: format!("{name}/{path}"),
        rule: name.to_owned(),
        severity: "high".to_owned(),
        title: format!("{name} is weak"),
        path: path.to_owned(),
        line,
        ..Reported::default()
    }
}

fn report(at: Nanos, commit: &str, findings: Vec<Reported>) -> Report {
    let source = Source { commit: Some(commit.to_owned()), branch: Some("main".to_owned()), ..Source::default() };
    Report { source, findings, ..Report::new(entity("repository:github.com/acme/shop"), "tandem", at) }
}

async fn told(ledger: &Ledger, report: &Report) -> Scanned {
    ledger.scanned(report, report.at.max(T0)).await.unwrap()
}

async fn all(ledger: &Ledger, valid: Nanos) -> Vec<FindingView> {
    ledger.findings(&AsOf::at(valid), &FindingsAsked { fixed: true, ..FindingsAsked::default() }).await.unwrap()
}

async fn states(ledger: &Ledger, valid: Nanos) -> Vec<(String, FindingState)> {
    all(ledger, valid).await.into_iter().map(|view| (view.fingerprint, view.state)).collect()
}

fn state(name: &str, state: FindingState) -> (String, FindingState) {
    (name.to_owned(), state)
}

#[tokio::test]
async fn a_finding_is_new_then_open_then_fixed_then_back() {
    for home in both().await {
        let ledger = home.open().await;
        let first = report(T0, "c1", vec![finding("a", "x.yml", 9)]);
        let done = told(&ledger, &first).await;
        assert_eq!((done.new, done.repeated), (1, false));
        assert_eq!(states(&ledger, T0).await, [state("a/x.yml", FindingState::New)]);
        // The same scan again, at another time too, is no news.
        let again = told(&ledger, &first).await;
        assert_eq!((again.id, again.repeated, again.new), (done.id, true, 0));
        assert!(told(&ledger, &Report { at: T0 + MINUTE, ..first.clone() }).await.repeated);
        assert_eq!(all(&ledger, T0 + MINUTE).await.len(), 1);
        // A line that moved neither closes nor opens.
        let moved = told(&ledger, &report(T0 + 2 * MINUTE, "c2", vec![finding("a", "x.yml", 30)])).await;
        assert_eq!((moved.new, moved.back, moved.fixed), (0, 0, 0));
        let open = all(&ledger, T0 + 2 * MINUTE).await;
        assert_eq!((open[0].state, open[0].line, open[0].steps.len()), (FindingState::Open, Some(30), 1));
        // It goes with a commit that is named.
        assert_eq!(told(&ledger, &report(T0 + 3 * MINUTE, "c3", vec![])).await.fixed, 1);
        let fixed = all(&ledger, T0 + 3 * MINUTE).await;
        assert_eq!(fixed[0].state, FindingState::Fixed);
        assert_eq!(fixed[0].fixed_by.as_ref().unwrap().commit.as_deref(), Some("c3"));
        assert_eq!(ledger.findings(&AsOf::at(T0 + 3 * MINUTE), &FindingsAsked::default()).await.unwrap(), []);
        // And comes back with its history.
        assert_eq!(told(&ledger, &report(T0 + 4 * MINUTE, "c4", vec![finding("a", "x.yml", 9)])).await.back, 1);
        let back = all(&ledger, T0 + 4 * MINUTE).await;
        assert_eq!((back[0].state, back[0].found, back[0].steps.len()), (FindingState::Back, T0, 3));
        assert_eq!(back[0].found_by.as_ref().unwrap().commit.as_deref(), Some("c4"));
        // As of any time, it was as it was.
        assert_eq!(states(&ledger, T0).await, [state("a/x.yml", FindingState::New)]);
        assert_eq!(all(&ledger, T0).await[0].line, Some(9));
        assert_eq!(states(&ledger, T0 + 3 * MINUTE).await, [state("a/x.yml", FindingState::Fixed)]);
        let before = AsOf::at(T0 + 4 * MINUTE).known(T0 - 1);
        assert_eq!(ledger.findings(&before, &FindingsAsked::default()).await.unwrap(), []);
    }
}

/// A waiver of findings until a time, or what ends one.
async fn decided(ledger: &Ledger, kind: &str, key: &str, at: Nanos, expires: Option<Nanos>, cites: &[i64]) -> i64 {
    let none = Facts::new("test", "default");
    let mut decision = crate::decisions::decision(key, kind);
    (decision.at, decision.expires, decision.owner) = (at, expires, Some(entity("team:pay")));
    decision.cites = cites.iter().map(|fact| Cite::Fact(*fact)).collect();
    let control = crate::decisions::decision("c", "control");
    decision.control = Some(ledger.decide(&control, &none, Person("ada"), T0).await.unwrap().id);
    ledger.decide(&decision, &none, Person("ada"), at).await.unwrap().id
}

/// The waivers of all findings by their ids, as SQL has them.
async fn in_sql(ledger: &Ledger, valid: Nanos) -> Vec<Option<i64>> {
    let table = Table::named("findings").unwrap();
    let columns = ["id", "waiver"].map(|name| table.columns.iter().position(|column| column.0 == name).unwrap());
    let (columns, equal) = (columns.to_vec(), Vec::new());
    let scan = Scan { columns, equal, as_of: AsOf::at(valid), limit: None, bytes: 1 << 20 };
    let number = |cell: &Cell| if let Cell::Number(number) = cell { Some(*number) } else { None };
    let rows = ledger.scan(table, &scan).await.unwrap();
    let mut rows: Vec<_> = rows.iter().map(|row| (number(&row[0]), number(&row[1]))).collect();
    rows.sort();
    rows.into_iter().map(|(_, waiver)| waiver).collect()
}

#[tokio::test]
async fn a_waiver_hides_what_it_cites_until_its_end_or_until_somebody_ends_it() {
    for home in both().await {
        let ledger = home.open().await;
        told(&ledger, &report(T0, "c1", vec![finding("a", "x.yml", 1), finding("b", "y.yml", 1)])).await;
        let ids: Vec<i64> = all(&ledger, T0).await.iter().map(|view| view.id).collect();
        let hidden = async |at: Nanos| -> Vec<Option<(i64, Nanos)>> {
            let hidden = all(&ledger, at).await.into_iter().map(|view| view.suppressed);
            let hidden: Vec<_> =
                hidden.map(|hidden| hidden.map(|hidden| (hidden.decision.unwrap(), hidden.ends))).collect();
            let decisions: Vec<_> = hidden.iter().map(|hidden| hidden.map(|(decision, _)| decision)).collect();
            assert_eq!(in_sql(&ledger, at).await, decisions);
            hidden
        };
        let first = decided(&ledger, "waiver", "w1", T0 + MINUTE, Some(T0 + DAY), &ids[..1]).await;
        assert_eq!(hidden(T0).await, [None, None], "not before it was decided");
        assert_eq!(hidden(T0 + MINUTE).await, [Some((first, T0 + DAY)), None]);
        assert_eq!(hidden(T0 + DAY).await, [None, None], "it has ended");
        let view = all(&ledger, T0 + MINUTE).await.remove(0).suppressed.unwrap();
        assert_eq!((view.why.reason.as_str(), view.why.owner.as_str(), view.expired), ("because", "pay", false));
        // Of two the one that lasts longest; a renewal takes the place of what it cites.
        let longer = decided(&ledger, "waiver", "w2", T0 + 2 * MINUTE, Some(T0 + 2 * DAY), &ids).await;
        let renewal = decided(&ledger, "waiver", "w3", T0 + 3 * MINUTE, Some(T0 + DAY), &[ids[1], longer]).await;
        assert_eq!(hidden(T0 + 2 * MINUTE).await, [Some((longer, T0 + 2 * DAY)); 2]);
        assert_eq!(hidden(T0 + 3 * MINUTE).await, [Some((first, T0 + DAY)), Some((renewal, T0 + DAY))]);
        // What merely cites it, as an answer does, ends nothing.
        decided(&ledger, "answer", "said", T0 + 4 * MINUTE, None, &[first]).await;
        decided(&ledger, "ended", "early", T0 + 5 * MINUTE, None, &[first]).await;
        assert_eq!(hidden(T0 + 4 * MINUTE).await[0], Some((first, T0 + DAY)));
        assert_eq!(hidden(T0 + 5 * MINUTE).await, [None, Some((renewal, T0 + DAY))]);
    }
}

#[tokio::test]
async fn a_waiver_hides_what_was_deployed_with_what_it_is_made_of() {
    for home in both().await {
        let ledger = home.open().await;
        told(&ledger, &report(T0, "c1", vec![finding("a", "x.yml", 1)])).await;
        let id = all(&ledger, T0).await[0].id;
        let brought = |of: &str, service: &str| {
            let mut finding = finding("a", "x.yml", 0);
            finding.evidence.insert("of".to_owned(), of.into());
            Report { findings: vec![finding], ..Report::new(entity(service), "deployment", T0) }
        };
        told(&ledger, &brought("repository:github.com/acme/shop", "service:shop")).await;
        told(&ledger, &brought("repository:github.com/acme/other", "service:other")).await;
        let waiver = decided(&ledger, "waiver", "w1", T0, Some(T0 + DAY), &[id]).await;
        let views = all(&ledger, T0).await.into_iter();
        let (things, hidden): (Vec<_>, Vec<_>) =
            views.map(|view| (view.entity.unwrap().key, view.suppressed.and_then(|hidden| hidden.decision))).unzip();
        assert_eq!(things, ["github.com/acme/shop", "shop", "other"]);
        assert_eq!(hidden, [Some(waiver), Some(waiver), None]);
        assert_eq!(in_sql(&ledger, T0).await, hidden);
    }
}

#[tokio::test]
async fn versions_that_were_scanned_are_told_the_newest_first() {
    for home in both().await {
        let ledger = home.open().await;
        let first = told(&ledger, &report(T0, "c1", vec![])).await;
        let mut tag = report(T0 + MINUTE, "c2", vec![]);
        (tag.source.version, tag.source.side) = (Some("v1.0".to_owned()), true);
        let second = told(&ledger, &tag).await;
        let mut other = report(T0 + 2 * MINUTE, "c1", vec![finding("a", "x.yml", 1)]);
        other.category = "more".to_owned();
        let third = told(&ledger, &other).await;
        let all = ledger.versions_scanned(&AsOf::at(T0 + DAY), T0 - DAY).await.unwrap();
        let shown: Vec<_> = all.iter().map(|one| (one.commit.as_deref(), one.version.as_deref(), one.scan)).collect();
        assert_eq!(shown, [(Some("c1"), None, third.id), (Some("c2"), Some("v1.0"), second.id)]);
        assert_eq!((all[0].at, all[0].entity.key.as_str()), (T0 + 2 * MINUTE, "github.com/acme/shop"));
        let then = ledger.versions_scanned(&AsOf::at(T0), T0 - DAY).await.unwrap();
        assert_eq!(then.iter().map(|one| one.scan).collect::<Vec<_>>(), [first.id]);
        assert_eq!(ledger.versions_scanned(&AsOf::at(T0 + DAY), T0 + DAY - 1).await.unwrap(), []);
        let nobody = AsOf::at(T0 + DAY).within(model::Datasets::only(["other"]));
        assert_eq!(ledger.versions_scanned(&nobody, 0).await.unwrap(), []);
    }
}

#[tokio::test]
async fn what_was_not_looked_at_is_not_fixed() {
    for home in both().await {
        let ledger = home.open().await;
        let both = vec![finding("a", "deploy/x.yml", 1), finding("b", "src/y.yml", 1)];
        told(&ledger, &report(T0, "c1", both.clone())).await;
        let next = |minute: i64| report(T0 + minute * MINUTE, &format!("c{minute}"), vec![]);
        let incomplete = told(&ledger, &Report { incomplete: true, ..next(2) }).await;
        assert_eq!((incomplete.fixed, incomplete.unjudged), (0, 2));
        let other_rules = told(&ledger, &Report { rules: Some(vec!["c".to_owned()]), ..next(3) }).await;
        assert_eq!((other_rules.fixed, other_rules.unjudged), (0, 2));
        let elsewhere = told(&ledger, &Report { scope: vec!["docs".to_owned()], ..next(4) }).await;
        assert_eq!((elsewhere.fixed, elsewhere.unjudged), (0, 2));
        // Another tool, another category, a side branch and another thing say nothing about it.
        let mut others = vec![next(5), next(6), next(7), next(8)];
        others[0].tool.name = "other".to_owned();
        others[1].category = "nightly".to_owned();
        others[2].source = Source { branch: Some("feature".to_owned()), side: true, ..Source::default() };
        others[3].entity = entity("repository:github.com/acme/pay");
        for other in others {
            assert_eq!(told(&ledger, &other).await.fixed, 0);
        }
        assert!(all(&ledger, T0 + DAY).await.iter().all(|view| view.state.is_open()));
        let narrow = Report { scope: vec!["deploy".to_owned()], rules: Some(vec!["a".to_owned()]), ..next(9) };
        assert_eq!((told(&ledger, &narrow).await.fixed, told(&ledger, &next(10)).await.fixed), (1, 1));
        // An older scan that comes late changes nothing.
        let late = told(&ledger, &Report { key: "late".to_owned(), ..report(T0 + MINUTE, "c0", both) }).await;
        assert_eq!((late.late, late.back, late.new), (true, 0, 0));
        assert!(all(&ledger, T0 + DAY).await.iter().all(|view| !view.state.is_open()));
    }
}

#[tokio::test]
async fn a_side_branch_has_its_own_findings() {
    for home in both().await {
        let ledger = home.open().await;
        let mut side = report(T0, "s1", vec![finding("a", "x", 1)]);
        side.source.branch = Some("feature".to_owned());
        side.source.side = true;
        assert_eq!(told(&ledger, &side).await.new, 1);
        assert_eq!(all(&ledger, T0).await, [], "it is not in the default branch");
        let on = |branch: &str| FindingsAsked { branch: Some(branch.to_owned()), ..FindingsAsked::default() };
        assert_eq!(ledger.findings(&AsOf::at(T0), &on("feature")).await.unwrap().len(), 1);
        assert_eq!(ledger.findings(&AsOf::at(T0), &on("other")).await.unwrap(), []);
        told(&ledger, &report(T0 + MINUTE, "m1", vec![finding("a", "x", 1)])).await;
        assert_eq!(states(&ledger, T0 + MINUTE).await, [state("a/x", FindingState::New)]);
    }
}

#[tokio::test]
async fn what_hides_ends_by_its_date_and_authors_can_be_forgotten() {
    for home in both().await {
        let ledger = home.open().await;
        let mut hidden = finding("a", "x", 1);
        let why =
            Hiding { reason: "a test".to_owned(), owner: "net".to_owned(), until: Some(T0 + DAY), by: String::new() };
        hidden.hidden = Some(why.clone());
        let mut endless = finding("b", "x", 1);
        endless.hidden = Some(Hiding { until: None, ..why.clone() });
        let mut first = report(T0, "c1", vec![hidden, endless]);
        first.source.author = Some("ada@example.org".to_owned());
        told(&ledger, &first).await;
        let view = &all(&ledger, T0).await[0];
        let suppressed = view.suppressed.as_ref().unwrap();
        assert_eq!((&suppressed.why, suppressed.ends, suppressed.expired), (&why, T0 + DAY, false));
        let later = all(&ledger, T0 + 2 * DAY).await;
        assert!(later[0].suppressed.as_ref().unwrap().expired && !later[1].suppressed.as_ref().unwrap().expired);
        assert!(all(&ledger, T0 + 91 * DAY).await[1].suppressed.as_ref().unwrap().expired, "nothing hides for ever");
        assert!(!serde_json::to_string(&later).unwrap().contains("ada@"), "no view names the author");
        ledger.forget("ada@example.org", Person("admin"), T0 + DAY).await.unwrap();
        assert_eq!(home.run("DELETE FROM persons WHERE name = 'ada@example.org'").await, 0, "the name is gone");
        assert!(ledger.verify().await.unwrap().problems.is_empty());
    }
}

#[tokio::test]
async fn sql_sees_findings_as_they_look_and_their_history() {
    for home in both().await {
        let ledger = home.open().await;
        told(&ledger, &report(T0, "c1", vec![finding("a", "x.yml", 9), finding("b", "x.yml", 1)])).await;
        told(&ledger, &report(T0 + MINUTE, "c2", vec![finding("a", "x.yml", 12)])).await;
        let rows = async |table: &str, names: &[&str], valid: Nanos| {
            let table = Table::named(table).unwrap();
            let columns = names.iter().map(|name| table.columns.iter().position(|column| column.0 == *name).unwrap());
            let (columns, equal) = (columns.collect(), Vec::new());
            let scan = Scan { columns, equal, as_of: AsOf::at(valid), limit: None, bytes: 1 << 20 };
            let rows = ledger.scan(table, &scan).await.unwrap();
            rows.into_iter().map(|row| format!("{row:?}")).collect::<Vec<_>>()
        };
        let now = rows("findings", &["rule", "path", "line", "state"], T0 + MINUTE).await;
        assert_eq!(now, [r#"[Text("a"), Text("x.yml"), Number(12), Text("open")]"#]);
        let mut before = rows("findings", &["rule", "line", "state"], T0).await;
        before.sort();
        assert_eq!(before, [r#"[Text("a"), Number(9), Text("new")]"#, r#"[Text("b"), Number(1), Text("new")]"#]);
        let mut steps = rows("finding_history", &["rule", "ended", "commit"], T0 + DAY).await;
        steps.sort();
        let expected = [
            r#"[Text("a"), Number(0), Text("c1")]"#,
            r#"[Text("b"), Number(0), Text("c1")]"#,
            r#"[Text("b"), Number(1), Text("c2")]"#,
        ];
        assert_eq!(steps, expected);
        let scans = rows("scans", &["commit", "opened", "fixed"], T0 + DAY).await;
        assert_eq!(scans.len(), 2);
    }
}

#[tokio::test]
async fn what_cannot_be_kept_is_refused_whole() {
    let home = sqlite();
    let ledger = home.open().await;
    let bad = [
        Report {
            findings: vec![Reported { severity: "bad".to_owned(), ..finding("a", "x", 1) }],
            ..report(T0, "c", vec![])
        },
        Report { findings: vec![finding("", "x", 1)], ..report(T0, "c", vec![]) },
        Report { at: -1, ..report(T0, "c", vec![]) },
        Report { findings: vec![finding("a", "x", 1); 100_001], ..report(T0, "c", vec![]) },
    ];
    for report in bad {
        assert!(ledger.scanned(&report, T0).await.is_err());
    }
    assert_eq!(all(&ledger, T0 + DAY).await, []);
}

#[tokio::test]
async fn names_of_streams_fit_whatever_tools_and_branches_are_called() {
    let mut long = report(T0, "c", vec![finding("a", "x", 1)]);
    long.tool.name = "ä".repeat(200);
    long.category = "b".repeat(300);
    let mut other = long.clone();
    other.category.push('c');
    assert_ne!(ledger::stream(&long), ledger::stream(&other));
    let home = sqlite();
    let ledger = home.open().await;
    assert_eq!(told(&ledger, &long).await.new, 1);
    other.findings.clear();
    assert_eq!(told(&ledger, &other).await.fixed, 0, "another category");
}

/// What a test sends: which findings, and how often it is told.
fn sent() -> impl Strategy<Value = Vec<(Vec<u8>, usize)>> {
    let one = (proptest::collection::vec(0u8..5, 0..5), 1usize..4);
    proptest::collection::vec(one, 1..8)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn what_is_told_several_times_is_told_once(sent in sent()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (once, often) = runtime.block_on(async {
            let mut answers = Vec::new();
            for repeated in [false, true] {
                let home = sqlite();
                let ledger = home.open().await;
                for (step, (names, times)) in sent.iter().enumerate() {
                    let findings = names.iter().map(|name| finding(&format!("r{name}"), "x", step as u32 + 1)).collect();
                    let report = report(T0 + step as i64 * MINUTE, "c", findings);
                    for time in 0..if repeated { *times } else { 1 } {
                        told(&ledger, &report).await;
                        // Somebody sends the whole past again.
                        if time == 1 {
                            let past = self::report(T0, "c", sent[0].0.iter().map(|name| finding(&format!("r{name}"), "x", 1)).collect());
                            told(&ledger, &past).await;
                        }
                    }
                }
                let mut views = all(&ledger, T0 + DAY).await;
                views.sort_by(|a, b| a.fingerprint.cmp(&b.fingerprint));
                let life = |view: FindingView| {
                    let steps: Vec<_> = view.steps.iter().map(|step| (step.what, step.at)).collect();
                    (view.fingerprint, view.state, view.line, steps)
                };
                answers.push(views.into_iter().map(life).collect::<Vec<_>>());
            }
            (answers.remove(0), answers.remove(0))
        });
        prop_assert_eq!(once, often);
    }
}
