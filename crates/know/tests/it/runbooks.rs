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
                let name = format!("{}/{}", area.file_name().to_string_lossy(), path.file_stem().unwrap().to_string_lossy());
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
        for part in ["What it means", "The first five minutes", "Benign or true?", "Contain", "Recover", "Afterwards", "Answer the control"] {
            assert!(page.markdown.contains(&format!("\n## {part}\n")), "{}: no part {part}", page.id);
        }
        assert!(page.markdown.contains("\ntandem ") && page.review_by.is_some(), "{}", page.id);
        assert!(!render_html(&page.markdown).contains('\u{fffd}'), "{}", page.id);
    }
    // Each command of ours is one that there is.
    let commands = ["search", "sql", "tail", "scan", "findings", "owner", "changes", "suspects", "inventory", "alerts", "incidents"];
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
    let document = yaml.documents().filter(|document| document.get("tags").is_some()).last().or(yaml.documents().last()).unwrap();
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
fn foreign(title: &str, tags: &[&str], service: Option<&str>, text: &str, right: &'static str) -> Labelled {
    Labelled {
        title: title.to_owned(),
        rule: format!("foreign-{}", title.to_lowercase().replace(' ', "-")),
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        runbook: None,
        service: service.map(str::to_owned),
        text: text.to_owned(),
        right,
    }
}

fn labelled() -> Vec<Labelled> {
    let texts = texts();
    let mut all: Vec<Labelled> = [
        ("linux/ssh_guessing_succeeded", "ssh-guessing"),
        ("linux/ssh_password_spraying", "ssh-guessing"),
        ("linux/ssh_root_login", "ssh-guessing"),
        ("linux/sudoers_changed", "sudoers-changed"),
        ("linux/admin_group_member", "new-administrator"),
        ("windows/privileged_group_member", "new-administrator"),
        ("kubernetes/cluster_admin_bound", "new-administrator"),
        ("operations/filesystem_full", "disk-full"),
        ("operations/filesystem_forecast", "disk-full"),
        ("operations/error_budget", "error-budget"),
        ("operations/latency_p95", "error-budget"),
        ("operations/log_volume_collapse", "log-source-silent"),
        ("linux/logs_destroyed", "log-source-silent"),
        ("github/push_protection_bypassed", "secret-pushed"),
        ("github/review_passed_over", "review-passed-over"),
        ("github/pipeline_passed_over", "pipeline-changed"),
        ("linux/reverse_shell", "reverse-shell"),
        ("windows/web_server_starts_shell", "reverse-shell"),
        ("linux/scheduled_job_added", "persistence"),
        ("windows/run_key_odd", "persistence"),
        ("aws/snapshot_shared", "data-leaving"),
        ("kubernetes/exec_into_pod", "kubernetes-pod"),
        ("kubernetes/pod_breaks_isolation", "kubernetes-pod"),
        ("aws/root_used", "cloud-root"),
        ("operations/certificate_expiry", "certificate-ends"),
        ("windows/recovery_disabled", "database-restore"),
        ("operations/deploy_errors", "deploy-rollback"),
        ("operations/agent_silent", "host-unreachable"),
        ("web/scanner_burst", "web-attack"),
        ("operations/backup_missing", "backup-missing"),
    ]
    .map(|(rule, right)| raised(&texts, rule, right))
    .into();
    // By their techniques.
    all.extend([
        foreign("Potential Brute Force on Endpoint", &["attack.credential_access", "attack.t1110.001"], None, "", "ssh-guessing"),
        foreign("Crontab Entry by Unusual User", &["attack.t1053.003"], None, "", "persistence"),
        foreign("Netcat Reverse Connection", &["attack.t1095", "attack.execution"], None, "", "reverse-shell"),
        foreign("Sudo Policy Tampering", &["attack.t1548.003"], Some("login"), "", "sudoers-changed"),
        foreign("Volume Shadow Copies Deleted", &["attack.t1490"], None, "vssadmin delete shadows", "database-restore"),
        foreign("Escape to Host", &["attack.t1611"], Some("checkout"), "", "kubernetes-pod"),
        foreign("Instance Metadata Queried", &["attack.t1552.005"], None, "169.254.169.254", "cloud-root"),
        foreign("Audit Log Cleared", &["attack.t1070.001"], None, "", "log-source-silent"),
        foreign("Exploit of Public Facing Application", &["attack.t1190"], Some("shop"), "", "web-attack"),
        foreign("Data Sent to Another Cloud Account", &["attack.t1537"], None, "", "data-leaving"),
    ]);
    // By their words alone.
    all.extend([
        foreign("NodeFilesystemAlmostOutOfSpace", &[], None, "Filesystem on /dev/sda1 at web-3 has only 2.1% available space left.", "disk-full"),
        foreign("KubePersistentVolumeFillingUp", &[], Some("search"), "The volume will be full within four days, disk usage grows.", "disk-full"),
        foreign("KubePodCrashLooping", &[], Some("checkout"), "Pod shop/checkout-7d9 is in waiting state CrashLoopBackOff after the new deployment.", "deploy-rollback"),
        foreign("ErrorsAfterRelease", &[], Some("cart"), "Version 2.4.1 fails more than the version before; consider a rollback.", "deploy-rollback"),
        foreign("CertManagerCertExpirySoon", &[], None, "The TLS certificate shop-tls ends in 6 days and was not renewed.", "certificate-ends"),
        foreign("ProbeSSLEarliestCertExpiry", &[], None, "certificate of shop.example:443 expires in less than 7 days", "certificate-ends"),
        foreign("BackupJobDidNotFinish", &[], Some("orders"), "No successful backup of orders-db since two days.", "backup-missing"),
        foreign("ResticSnapshotTooOld", &[], None, "newest backup snapshot is 41 h old", "backup-missing"),
        foreign("InstanceDown", &[], None, "web-7 does not answer; the agent stopped sending and the host cannot be reached by ping.", "host-unreachable"),
        foreign("HighRequestLatency", &[], Some("checkout"), "p99 latency of requests is slow, 2.3 s for users, error budget burns.", "error-budget"),
        foreign("TooMany5xx", &[], Some("cart"), "error rate of the service is 12 %, requests fail for users", "error-budget"),
        foreign("LogsMissing", &[], Some("login"), "no logs came from this source for an hour, collector says dropped", "log-source-silent"),
        foreign("AWS root account login", &[], None, "ConsoleLogin by Root of a cloud account without a second factor", "cloud-root"),
        foreign("Secret found in commit", &[], None, "an API token was pushed to the repository acme/shop", "secret-pushed"),
        foreign("Branch protection overridden", &[], None, "a push passed over the required review of main", "review-passed-over"),
        foreign("Workflow disabled", &[], None, "somebody disabled the pipeline and skipped its approval for the environment", "pipeline-changed"),
        foreign("SSH login attempts from many addresses", &[], None, "312 refused passwords for root over ssh in ten minutes", "ssh-guessing"),
        foreign("SQL injection attempts blocked", &[], Some("shop"), "a wave of requests with union select from 40 addresses", "web-attack"),
        foreign("Privileged container started", &[], None, "a pod with host paths runs privileged on node-3 in namespace shop", "kubernetes-pod"),
        foreign("New domain admin", &[], None, "an account was made member of an administrators group", "new-administrator"),
    ]);
    all
}

/// Writes notes that speak of the same things as alerts do, for services and techniques, but say not what to do.
fn distract(folder: &Path, count: u64) {
    const THINGS: &[&str] = &[
        "disk", "certificate", "backup", "ssh", "sudo", "pod", "container", "deployment", "pipeline", "review", "secret", "token", "login",
        "password", "account", "administrator", "bucket", "snapshot", "log", "logs", "error", "latency", "request", "service", "host", "agent",
        "cluster", "node", "database", "restore", "rollback", "version", "shell", "cron", "address", "root", "cloud", "branch", "budget", "queue",
    ];
    const SAID: &[&str] = &[
        "we", "talked", "about", "costs", "next", "quarter", "team", "agreed", "to", "move", "the", "of", "and", "was", "slow", "again", "full",
        "new", "old", "meeting", "plan", "ticket", "later", "maybe", "vendor", "licence", "budget", "dashboard", "nobody", "knows", "why",
        "it", "works", "after", "before", "lunch", "design", "draft", "question", "open", "host", "users", "fails", "passed", "changed",
    ];
    const SERVICES: &[&str] = &["checkout", "cart", "login", "search", "orders", "shop"];
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
        let _ = writeln!(page, "---\n\n# Notes on {} and {} of {service}\n", THINGS[below(THINGS.len())], THINGS[below(THINGS.len())]);
        for word in 0..80 + below(200) {
            let from = if word % 4 == 0 { THINGS } else { SAID };
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
    let told = format!("{right} of {} alerts ({:.0} %) have the right runbook first; by reason {by:?}\n{missed}", all.len(), share * 100.0);
    assert!(by.get(&Why::Text).is_some_and(|(_, of)| *of >= 15), "words alone must be tried: {told}");
    assert!(share >= 0.9, "{told}");
    #[allow(clippy::print_stdout)]
    {
        println!("{told}");
    }
}
