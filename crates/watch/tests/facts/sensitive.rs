//! Files that look sensitive, and whom they are open to.

use crate::machine::{Machine, SECOND, T0, complete, entity, names, poll};
use serde_json::json;
use watch::{FactsConfig, HostFacts, Policy};

const KEY: &str = "-----BEGIN OPENSSH PRIVATE KEY-----\nVERYSECRET\n-----END OPENSSH PRIVATE KEY-----\n";

#[test]
fn files_are_told_by_class_and_reach() {
    let machine = Machine::new();
    machine.write("root/home/ada/.ssh/id_ed25519", KEY);
    machine.write("root/home/ada/.ssh/id_rsa", "no key at all");
    machine.write("root/etc/ssl/private/site.key", KEY);
    machine.write("root/etc/ssl/site.pem", "-----BEGIN CERTIFICATE-----\nx\n");
    machine.write("root/srv/shop/.env", "PASSWORD=VERYSECRET\n");
    machine.write("root/srv/shop/.env.example", "PASSWORD=\n");
    machine.write("root/srv/shop/node_modules/x/test.key", KEY);
    machine.write("root/var/lib/dump.sql", vec![b'-'; 70_000]);
    machine.write("root/var/lib/schema.sql", "create table t;");
    machine.write("root/etc/shadow", "root:*:1\n");
    machine.write("root/elsewhere/secret.key", KEY);
    machine.write("root/opt/vault/team.vault", "x");
    machine.link("root/srv/link", "../elsewhere");
    machine.link("root/srv/linked.key", "../elsewhere/secret.key");
    for (path, mode) in [
        ("root/etc/ssl/private", 0o700),
        ("root/etc/shadow", 0o640),
        ("root/srv/shop/.env", 0o644),
        ("root/home/ada/.ssh/id_ed25519", 0o600),
    ] {
        machine.mode(path, mode);
    }
    let config = FactsConfig { sensitive: vec!["*.vault".to_owned()], ..machine.config() };
    let mut facts = HostFacts::new(config).unwrap();
    let said = poll(&mut facts, T0);
    assert!(said.complete.iter().any(|one| one.relation == "keeps" && one.parts));
    assert_eq!(
        names(&said, "keeps"),
        [
            "file:web1/etc/shadow",
            "file:web1/etc/ssl/private/site.key",
            "file:web1/home/uid-1000/.ssh/id_ed25519",
            "file:web1/opt/vault/team.vault",
            "file:web1/srv/shop/.env",
            "file:web1/var/lib/dump.sql"
        ]
    );
    let env = entity(&said, "file:web1/srv/shop/.env").unwrap();
    // Seven accounts have seven numbers.
    assert_eq!(
        (&env["class"], &env["readers"], &env["world_readable"]),
        (&json!("environment_file"), &json!(7), &json!(true))
    );
    assert_eq!((&env["mode"], &env["size"]), (&json!("0644"), &json!("under 4 KiB")));
    let key = entity(&said, "file:web1/etc/ssl/private/site.key").unwrap();
    assert_eq!((&key["readers"], &key["world_readable"]), (&json!(1), &json!(false)), "the folder is closed");
    let dump = entity(&said, "file:web1/var/lib/dump.sql").unwrap();
    assert_eq!((&dump["class"], &dump["size"]), (&json!("database_dump"), &json!("64 KiB to 1 MiB")));
    let counts = &entity(&said, "host:web1").unwrap()["sensitive_files"];
    assert_eq!(
        *counts,
        json!({"configured": 1, "database_dump": 1, "environment_file": 1, "password_store": 1, "private_key": 2})
    );
    assert!(!serde_json::to_string(&said).unwrap().contains("VERYSECRET"));

    // An hour later it is closed, and another is gone.
    machine.mode("root/srv/shop/.env", 0o600);
    std::fs::remove_file(machine.path("root/var/lib/dump.sql")).unwrap();
    assert!(!complete(&poll(&mut facts, T0 + 60 * SECOND), "keeps"));
    let said = poll(&mut facts, T0 + 3600 * SECOND);
    assert_eq!(names(&said, "keeps").len(), 5);
    assert_eq!(entity(&said, "file:web1/srv/shop/.env").unwrap()["readers"], 1);
}

#[test]
fn a_policy_adds_folders_and_leaves_some_out() {
    let machine = Machine::new();
    machine.write("root/data/app/.env", "x=1");
    machine.write("root/srv/app/.env", "x=1");
    let mut facts = machine.facts();
    assert_eq!(names(&poll(&mut facts, T0), "keeps"), ["file:web1/srv/app/.env"]);
    let policy = Policy {
        sensitive_folders: vec!["/data".to_owned()],
        excluded_folders: vec!["/srv/app".to_owned()],
        ..Policy::default()
    };
    facts.apply(&policy).unwrap();
    assert_eq!(names(&poll(&mut facts, T0 + SECOND), "keeps"), ["file:web1/data/app/.env"]);
}

#[test]
fn a_large_tree_takes_several_polls_and_is_told_whole() {
    let machine = Machine::new();
    for folder in 0..300 {
        for file in 0..40 {
            machine.write(&format!("root/srv/{folder}/{file}.env"), "x");
        }
    }
    let mut facts = machine.facts();
    let mut now = T0;
    let said = loop {
        let said = poll(&mut facts, now);
        if complete(&said, "keeps") {
            break said;
        }
        now += 10 * SECOND;
        assert!(now < T0 + 3600 * SECOND, "it does not come to an end");
    };
    let counts = &entity(&said, "host:web1").unwrap()["sensitive_files"];
    assert_eq!((&counts["environment_file"], &counts["incomplete"]), (&json!(10_000), &json!(true)));
    assert_eq!(names(&said, "keeps").len(), 2_000, "what does not fit is counted");
}
