//! The built-in runbooks, and whether an alert finds its own among many notes.

use know::pages::{AlertLike, ListsAsked, Origin, Shelf, Votes, Why, render_html};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use yaml::{Limits, Node, Yaml};

fn rules() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rules/detect")
}

/// `linux/sudoers_changed` to the text of its file.
fn texts() -> BTreeMap<String, String> {
    let mut texts = BTreeMap::new();
    for area in fs::read_dir(rules()).unwrap() {
        let area = area.unwrap();
        for file in fs::read_dir(area.path()).unwrap() {
            let path = file.unwrap().path();
            if path.extension().is_some_and(|ending| ending == "yml") {
                let name =
                    format!("{}/{}", area.file_name().to_string_lossy(), path.file_stem().unwrap().to_string_lossy());
                texts.insert(name, fs::read_to_string(path).unwrap());
            }
        }
    }
    texts
}

#[test]
fn the_built_in_runbooks_hold() {
    let shelf = Shelf::open(Vec::new());
    let pages = shelf.pages();
    assert_eq!((pages.len(), shelf.problems().first), (20, Vec::new()));
    let texts = texts();
    for page in &pages {
        assert_eq!(page.origin, Origin::BuiltIn);
        for rule in &page.rules {
            assert!(texts.contains_key(rule), "{}: there is no rule {rule}", page.id);
        }
        for part in [
            "What it means",
            "The first five minutes",
            "Benign or true?",
            "Contain",
            "Recover",
            "Afterwards",
            "Answer the control",
        ] {
            assert!(page.markdown.contains(&format!("\n## {part}\n")), "{}: no part {part}", page.id);
        }
        assert!(page.markdown.contains("\ntandem ") && page.review_by.is_some(), "{}", page.id);
        assert!(!render_html(&page.markdown).contains('\u{fffd}'), "{}", page.id);
    }
    // Each command of ours is one that there is.
    let commands = [
        "search",
        "sql",
        "tail",
        "scan",
        "findings",
        "owner",
        "changes",
        "suspects",
        "inventory",
        "alerts",
        "incidents",
    ];
    let commands: Vec<String> = commands.map(str::to_owned).into();
    let lists = shelf.lists(&ListsAsked { commands: &commands, ..ListsAsked::default() });
    assert_eq!((lists.broken_links.first, lists.stale_commands.first), (Vec::new(), Vec::new()));
}

/// An alert of the labelled set.
struct Labelled {
    title: String,
    rule: String,
    tags: Vec<String>,
    runbook: Option<String>,
    service: Option<String>,
    text: String,
    right: &'static str,
}

/// As the built-in rule raises it, with its title, id, tags and page.
fn raised(texts: &BTreeMap<String, String>, rule: &'static str, right: &'static str) -> Labelled {
    let yaml = Yaml::parse(&texts[rule], Limits { nodes: 10_000, depth: 32 }).unwrap();
    // A file may begin with rules that only feed the one that has tags.
    let document =
        yaml.documents().filter(|document| document.get("tags").is_some()).last().or(yaml.documents().last()).unwrap();
    let text = |name: &str| document.get(name).and_then(Node::text).map(str::to_owned);
    let tags = document.get("tags").map(|tags| tags.items().filter_map(Node::text).map(str::to_owned).collect());
    Labelled {
        title: text("title").unwrap(),
        rule: text("id").unwrap_or_else(|| rule.rsplit('/').next().unwrap().to_owned()),
        tags: tags.unwrap_or_default(),
        runbook: Some(format!("rules/detect/{rule}.md#what-to-do")),
        service: None,
        text: text("description").unwrap_or_default(),
        right,
    }
}

/// As a rule of somebody else raises it: no page names it.
fn foreign(title: &str, tags: &str, service: &str, text: &str, right: &'static str) -> Labelled {
    Labelled {
        title: title.to_owned(),
        rule: format!("foreign-{}", title.to_lowercase().replace(' ', "-")),
        tags: tags.split_whitespace().map(str::to_owned).collect(),
        runbook: None,
        service: (!service.is_empty()).then(|| service.to_owned()),
        text: text.to_owned(),
        right,
    }
}

fn labelled() -> Vec<Labelled> {
    let texts = texts();
    let lines = include_str!("alerts.txt").lines().filter(|line| !line.starts_with('#'));
    let one = |line: &'static str| {
        let parts: Vec<&str> = line.split('|').map(str::trim).collect();
        match parts.as_slice() {
            [right, rule] => raised(&texts, rule, right),
            [right, "-", title, tags, service, text] => foreign(title, tags, service, text, right),
            _ => panic!("{line}"),
        }
    };
    lines.map(one).collect()
}

/// Writes notes that speak of the same things as alerts do, for services and techniques, but say not what to do.
fn distract(folder: &Path, count: u64) {
    const THINGS: &str = "disk certificate backup ssh sudo pod container deployment pipeline review secret token login \
        password account administrator bucket snapshot log logs error latency request service host agent \
        cluster node database restore rollback version shell cron address root cloud branch budget queue";
    const SAID: &str = "we talked about costs next quarter team agreed to move the of and was slow again full new old \
        meeting plan ticket later maybe vendor licence budget dashboard nobody knows why it works after \
        before lunch design draft question open host users fails passed changed";
    const SERVICES: [&str; 6] = ["checkout", "cart", "login", "search", "orders", "shop"];
    let things: Vec<&str> = THINGS.split_whitespace().collect();
    let said: Vec<&str> = SAID.split_whitespace().collect();
    let mut state = 0x9e37_79b9_u64;
    let mut below = |bound: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % bound
    };
    fs::create_dir_all(folder.join("notes")).unwrap();
    for number in 0..count {
        let service = SERVICES[below(SERVICES.len())];
        let techniques = ["T1110.001", "T1053.003", "T1190", "T1537", "T1078", "T1611"];
        let mut page = format!("---\nservices: [{service}]\n");
        if number % 4 == 0 {
            let _ = writeln!(page, "techniques: [{}]", techniques[below(techniques.len())]);
        }
        let _ = writeln!(
            page,
            "---\n\n# Notes on {} and {} of {service}\n",
            things[below(things.len())],
            things[below(things.len())]
        );
        for word in 0..80 + below(200) {
            let from = if word % 4 == 0 { &things } else { &said };
            let _ = write!(page, "{}{}", from[below(from.len())], if word % 15 == 14 { ".\n" } else { " " });
        }
        fs::write(folder.join(format!("notes/{number}.md")), page).unwrap();
    }
}

#[test]
fn nine_of_ten_alerts_find_their_runbook_first() {
    let dir = tempfile::tempdir().unwrap();
    distract(dir.path(), 200);
    let shelf = Shelf::open(vec![dir.path().to_owned()]);
    assert_eq!(shelf.own_pages(), 200);
    let all = labelled();
    assert_eq!(all.len(), 60);
    let (mut right, mut by, mut missed) = (0, BTreeMap::new(), String::new());
    for one in &all {
        let alert = AlertLike {
            rule: &one.rule,
            title: &one.title,
            tags: &one.tags,
            runbook: one.runbook.as_deref(),
            entity: None,
            service: one.service.as_deref(),
            text: &one.text,
        };
        let attached = shelf.attach(&alert, &Votes::default());
        let first = attached.first().map(|first| (first.page.id.clone(), first.why));
        let (id, why) = first.unwrap_or_else(|| ("nothing".to_owned(), Why::Text));
        let (hit, of): &mut (usize, usize) = by.entry(why).or_default();
        *of += 1;
        if id == format!("runbooks/{}.md", one.right) {
            right += 1;
            *hit += 1;
        } else {
            let _ = writeln!(missed, "  {}: {id} by {why:?}, and not {}", one.title, one.right);
        }
    }
    let share = right as f64 / all.len() as f64;
    // Shown with `--nocapture`, and whenever it fails.
    let told = format!(
        "{right} of {} alerts ({:.0} %) have the right runbook first; by reason {by:?}\n{missed}",
        all.len(),
        share * 100.0
    );
    assert!(by.get(&Why::Text).is_some_and(|(_, of)| *of >= 15), "words alone must be tried: {told}");
    assert!(share >= 0.9, "{told}");
    #[allow(clippy::print_stdout)]
    {
        println!("{told}");
    }
}
