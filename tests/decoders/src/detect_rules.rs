//! Files of Sigma rules.

use detect::event::{PlainEvent, Scalar};
use detect::limits::{MAX_EXPR_DEPTH, MAX_LEAVES, MAX_REASON_BYTES, MAX_TIMESPAN};
use detect::rule::{Expr, Place, Test};
use detect::sigma::{Loaded, Loader, Options};
use detect::{oracle, sigma};
use std::collections::{BTreeMap, BTreeSet};

/// A file of rules, or an archive of such files: the first byte chooses. Whatever comes is loaded, or refused with a place
/// and a reason; what is loaded is within the bounds, can be evaluated, and is the same when it is loaded again.
pub fn detect_rules(data: &[u8]) {
    let Some((first, data)) = data.split_first() else { return };
    let name = ["f.yml", "f.zip", "f.tar", "f.tgz"][usize::from(*first) % 4];
    let placeholders = BTreeMap::from([("Servers".to_owned(), vec!["srv*".to_owned(), "a-b".to_owned()])]);
    let options = Options { placeholders };
    let load = || {
        let mut loader = Loader::new(&options);
        loader.bytes(name, data);
        loader.finish()
    };
    let loaded = load();
    assert_eq!(loaded, load());
    check(&loaded, name);
    if let Ok(text) = std::str::from_utf8(data)
        && *first == 0
    {
        // One file more: all is read again, and ids are still that of one rule.
        let twice = sigma::load_texts([(name, text), ("f.yml2.yml", text)], &options);
        assert_eq!(twice.documents, 2 * loaded.documents);
        check(&twice, "f.yml");
    }
}

fn check(loaded: &Loaded, name: &str) {
    let within = |place: &Place| {
        assert!(place.file.starts_with(name) && place.line > 0 && place.column > 0, "{place}");
    };
    for refusal in &loaded.refused {
        within(&refusal.place);
        assert!(!refusal.reason.is_empty() && refusal.reason.len() <= MAX_REASON_BYTES + 8, "{refusal}");
    }
    loaded.findings.iter().for_each(|finding| within(&finding.place));
    let event = event();
    for rule in &loaded.rules {
        let (depth, leaves) = measure(&rule.condition);
        assert!(depth <= MAX_EXPR_DEPTH && leaves <= MAX_LEAVES, "{} is {depth} deep with {leaves}", rule.meta.title);
        within(&rule.meta.place);
        if leaves < 100 {
            let matched = oracle::matches(&rule.condition, &event);
            let negated = Expr::Not(Box::new(rule.condition.clone()));
            assert_ne!(matched, oracle::matches(&negated, &event));
        }
    }
    let rules = loaded.rules.iter().map(|rule| &rule.meta);
    let metas = rules.chain(loaded.correlations.iter().map(|correlation| &correlation.meta));
    let ids: Vec<&str> = metas.map(|meta| meta.id.as_str()).collect();
    let unique: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(ids.len(), unique.len(), "an id is that of one rule");
    for correlation in &loaded.correlations {
        assert!((1..=MAX_TIMESPAN).contains(&correlation.timespan) && !correlation.rules.is_empty());
        assert!(correlation.rules.iter().all(|rule| unique.contains(rule.as_str())), "{:?}", correlation.rules);
        assert!(correlation.group_by.iter().all(|group| group.fields.len() == correlation.rules.len()));
    }
}

/// Depth and tests. Regular expressions among them can be built.
fn measure(expr: &Expr) -> (usize, usize) {
    match expr {
        Expr::And(all) | Expr::Or(all) => {
            let below = all.iter().map(measure).fold((0, 0), |sum, one| (sum.0.max(one.0), sum.1 + one.1));
            (below.0 + 1, below.1)
        }
        Expr::Not(one) => {
            let (depth, leaves) = measure(one);
            (depth + 1, leaves)
        }
        Expr::Leaf(leaf) => {
            if let Test::Regex(pattern) = &leaf.test {
                assert!(oracle::regex(pattern).is_ok(), "{pattern}");
            }
            (1, 1)
        }
    }
}

fn event() -> PlainEvent {
    let text = |text: &str| Scalar::Text(text.to_owned());
    let fields = [
        ("Image", text("C:\\Windows\\System32\\cmd.exe")),
        ("CommandLine", text("cmd /c -enc ZgBvAG8A")),
        ("EventID", Scalar::Int(4688)),
        ("User", Scalar::Null),
        ("ip", text("10.1.2.3")),
        ("time", text("2026-11-21T10:00:00Z")),
        ("ratio", Scalar::Double(0.5)),
        ("ok", Scalar::Bool(true)),
    ];
    PlainEvent { fields: fields.map(|(path, value)| (path.to_owned(), value)).to_vec(), ..PlainEvent::default() }
}
