//! Accounts, groups and log-in rights.

use crate::machine::{Machine, SECOND, T0, complete, entity, names, poll};
use serde_json::{Map, Value, json};

fn of<'a>(said: &'a model::Facts, name: &str) -> &'a Map<String, Value> {
    entity(said, &format!("account:web1/{name}")).unwrap_or_else(|| panic!("no {name} in {:?}", names(said, "knows")))
}

#[test]
fn who_may_log_in_and_become_root() {
    let machine = Machine::new();
    machine.write(
        "root/etc/shadow",
        "root:*:19000::::::\nwww-data:!:1::::::\ndeploy::1::::::\nada:$y$j9T$abcdef$SECRETHASH:1::::::\ngrace:!$y$x:1::::::\n",
    );
    machine.write("root/etc/sudoers", "%sudo ALL=(ALL:ALL) ALL\ngrace ALL=(www-data) NOPASSWD: /bin/true\n");
    machine.write(
        "root/home/ada/.ssh/authorized_keys",
        "# laptop\nssh-ed25519 AAAAKEY ada@laptop\n\nno-pty ssh-rsa AAAAKEY2 ada@desk\n",
    );
    machine.write("root/srv/deploy/.ssh/authorized_keys", "ssh-ed25519 AAAA one@x\nssh-ed25519 BBBB two@y\n");
    let mut facts = machine.facts();
    let said = poll(&mut facts, T0);
    assert!(said.complete.iter().any(|one| one.relation == "knows" && one.parts));
    for (name, key, value) in [
        ("root", "password", json!("locked")),
        ("root", "sudo", json!(true)),
        ("www-data", "shell_login", json!(false)),
        ("www-data", "system", json!(true)),
        ("deploy", "password", json!("none")),
        ("deploy", "ssh_keys", json!(2)),
        ("deploy", "shared", json!(true)),
        ("deploy", "sudo", json!(false)),
        ("uid-1000", "password", json!("set")),
        ("uid-1000", "sudo", json!(true)),
        ("uid-1000", "ssh_keys", json!(2)),
        ("uid-1000", "shared", json!(false)),
        ("uid-1000", "system", json!(false)),
        ("uid-1000", "second_factor", json!("no")),
        ("uid-1001", "password", json!("locked")),
        ("uid-1001", "sudo", json!(true)),
        ("uid-1001", "sudo_without_password", json!(true)),
    ] {
        assert_eq!(of(&said, name).get(key), Some(&value), "{key} of {name}");
    }
    assert!(!of(&said, "www-data").contains_key("second_factor"), "nobody logs in");
    let docker = entity(&said, "group:web1/docker").unwrap();
    assert_eq!((&docker["members"], &docker["privileged"]), (&json!(2), &json!(true)));
    assert!(entity(&said, "group:web1/ada").is_none(), "a group may bear the name of a person");
    let all = serde_json::to_string(&said).unwrap();
    for never in ["\"ada", "/ada", "grace", "Lovelace", "SECRETHASH", "AAAA", "laptop"] {
        assert!(!all.contains(never), "{never} in {all}");
    }
}

#[test]
fn a_changed_file_is_read_at_once() {
    let machine = Machine::new();
    let mut facts = machine.facts();
    assert!(complete(&poll(&mut facts, T0), "knows"));
    assert!(!complete(&poll(&mut facts, T0 + SECOND), "knows"));
    machine
        .write("root/etc/passwd", "root:x:0:0::/root:/bin/bash\ntoor:x:0:0::/root:/bin/sh\nold:abc:7:7::/:/bin/sh\n");
    let said = poll(&mut facts, T0 + 2 * SECOND);
    let root = of(&said, "root");
    assert_eq!((&root["shared"], &root["shared_because"]), (&json!(true), &json!("several accounts are root")));
    assert!(entity(&said, "account:web1/toor").is_some());
    assert_eq!(of(&said, "old")["password"], "set", "it stands in the account file itself");
    assert_eq!(of(&said, "root")["password"], "unknown", "there is no shadow file");
}

#[test]
fn a_second_factor_is_only_told_where_it_is_sure() {
    let ask = |sshd: &str, pam: &str| {
        let machine = Machine::new();
        machine.write("root/etc/ssh/sshd_config", sshd);
        machine.write("root/etc/ssh/sshd_config.d/50-company.conf", "PermitRootLogin no\n");
        machine.write("root/etc/pam.d/sshd", pam);
        machine.write("root/etc/pam.d/common-auth", "auth required pam_unix.so\n@include sshd\n");
        machine.write("root/etc/pam.d/mfa", "auth required pam_u2f.so cue\n");
        of(&poll(&mut machine.facts(), T0), "uid-1000")["second_factor"].as_str().unwrap().to_owned()
    };
    let include = "Include /etc/ssh/sshd_config.d/*.conf\n";
    assert_eq!(ask(include, "@include common-auth\n"), "no");
    assert_eq!(ask("AuthenticationMethods publickey,keyboard-interactive\n", ""), "yes");
    assert_eq!(ask("AuthenticationMethods publickey publickey,password\n", ""), "no", "a key alone is enough");
    assert_eq!(ask("Match User x\n AuthenticationMethods publickey,password\n", ""), "unknown");
    assert_eq!(ask("", "auth required pam_google_authenticator.so\n"), "unknown", "keys are not asked for it");
    assert_eq!(ask("PubkeyAuthentication no\n", "auth substack mfa\n"), "yes");
    assert_eq!(ask("PubkeyAuthentication yes\n", "auth substack mfa\n"), "unknown");
    assert_eq!(ask("PubkeyAuthentication no\n", "# auth required pam_u2f.so\n"), "no");
}

#[test]
fn keys_are_counted_where_the_configuration_says_and_not_over_the_network() {
    let machine = Machine::new();
    machine.write("root/etc/ssh/sshd_config", "authorizedkeysfile /etc/ssh/keys/%u .ssh/authorized_keys\n");
    machine.write("root/etc/ssh/keys/ada", "ssh-ed25519 AAAA\n");
    machine.write("root/home/ada/.ssh/authorized_keys", "ssh-ed25519 BBBB\n");
    assert_eq!(of(&poll(&mut machine.facts(), T0), "uid-1000")["ssh_keys"], 2);
    machine.write("proc/self/mounts", "files:/home /home nfs4 rw 0 0\n");
    assert!(!of(&poll(&mut machine.facts(), T0), "uid-1000").contains_key("ssh_keys"), "it might wait for ever");
}
