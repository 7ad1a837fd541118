//! The machine that runs the tests, as root and as nobody.

use crate::machine::{SECOND, T0, poll};
use model::About;
use std::collections::BTreeSet;
use watch::{FactsConfig, HostFacts};

fn kinds(facts: &model::Facts) -> BTreeSet<String> {
    let kind = |one: &model::Observation| match &one.about {
        About::Entity(entity) => entity.kind.clone(),
        About::Relation(relation) => relation.kind.clone(),
    };
    facts.observations.iter().map(kind).collect()
}

#[test]
fn this_machine_answers_something_sensible() {
    let data = tempfile::tempdir().unwrap();
    let config = FactsConfig { data: Some(data.path().to_owned()), ..FactsConfig::default() };
    let mut facts = HostFacts::new(config).unwrap();
    let now = i64::try_from(std::time::UNIX_EPOCH.elapsed().unwrap().as_nanos()).unwrap();
    let first = poll(&mut facts, now);
    let kinds = kinds(&first);
    for kind in ["host", "executable", "executes", "account", "knows"] {
        assert!(kinds.contains(kind), "{kind} is missing in {kinds:?}");
    }
    // This very program runs.
    let own = std::env::current_exe().unwrap();
    let own = own.file_name().unwrap().to_str().unwrap();
    let runs = first.observations.iter().any(|one| matches!(&one.about, About::Entity(e) if e.key.ends_with(own)));
    assert!(runs, "{own} is not among what runs");
    let second = poll(&mut facts, now + 10 * SECOND);
    for one in first.observations.iter().chain(&second.observations) {
        assert!(serde_json::to_string(&one.attributes).unwrap().len() < 64 * 1024);
    }
    assert!(first.changes.is_empty() && second.changes.is_empty());
}

#[test]
fn without_rights_less_is_told_and_nothing_fails() {
    use std::os::unix::process::CommandExt as _;
    let me = std::env::current_exe().unwrap();
    if rustix::process::geteuid().is_root() && std::env::var_os("TANDEM_TEST_AS_NOBODY").is_none() {
        // The same test as another user, from a place where that user may read the program.
        let folder = tempfile::tempdir_in("/tmp").unwrap();
        std::fs::set_permissions(folder.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        let program = folder.path().join("test");
        std::fs::copy(me, &program).unwrap();
        let output = std::process::Command::new(&program)
            .args(["--exact", "real::without_rights_less_is_told_and_nothing_fails"])
            .env("TANDEM_TEST_AS_NOBODY", "1")
            .current_dir(folder.path())
            .uid(65_534)
            .gid(65_534)
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && text.contains("1 passed"), "{text}");
        return;
    }
    let mut facts = HostFacts::new(FactsConfig::default()).unwrap();
    let said = poll(&mut facts, T0);
    let host = said.observations.iter().find(|one| one.about == About::Entity(facts.host().clone())).unwrap();
    let unreadable = host.attributes["unreadable"].to_string();
    assert!(unreadable.contains("/etc/shadow"), "{unreadable}");
    assert!(kinds(&said).contains("account"));
}
