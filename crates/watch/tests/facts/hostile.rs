//! Whatever stands in the files of a machine, its facts are told and fit what keeps them.

use crate::machine::{Machine, SECOND, T0, entity, poll};
use model::{About, Facts};
use proptest::collection::vec;
use proptest::prelude::*;

/// Files that are parsed.
const FILES: [&str; 16] = [
    "root/etc/passwd",
    "root/etc/group",
    "root/etc/shadow",
    "root/etc/sudoers",
    "root/etc/ssh/sshd_config",
    "root/etc/pam.d/sshd",
    "root/etc/os-release",
    "root/home/ada/.ssh/authorized_keys",
    "root/var/lib/dpkg/status",
    "root/lib/apk/db/installed",
    "root/srv/app/id_rsa",
    "proc/net/tcp",
    "proc/net/udp6",
    "proc/stat",
    "proc/7/status",
    "proc/self/mounts",
];

/// Pieces that bring a text near to what the parsers know.
fn piece() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "\n",
        "\n\n",
        " ",
        ":",
        ",",
        "=",
        "#",
        "%",
        "@",
        "\\",
        "\"",
        "\t",
        "root",
        "ada",
        "x",
        "0",
        "1000",
        "99999999999",
        "Package: ",
        "Version: ",
        "Status: install ok installed",
        "Source: a (",
        "P:",
        "V:",
        "User_Alias A = A",
        " ALL",
        "@include sudoers",
        "@includedir ..",
        "Include *",
        "Match ",
        "AuthenticationMethods ",
        "auth include sshd",
        "-----BEGIN ",
        "PRIVATE KEY-----",
        "00000000:0016 00000000:0000 0A",
        "FFFFFFFF:FFFF",
        "btime ",
        "Uid:",
        "ID=",
        "é",
    ]);
    prop_oneof![4 => known.prop_map(str::to_owned), 1 => "\\PC{0,8}"]
}

fn fits(said: &Facts) {
    for one in &said.observations {
        let keys: Vec<&str> = match &one.about {
            About::Entity(entity) => vec![&entity.key],
            About::Relation(relation) => vec![&relation.from.key, &relation.to.key],
        };
        for key in keys {
            assert!((1..=model::limits::MAX_ENTITY_KEY_BYTES).contains(&key.len()) && !key.contains('\0'), "{key:?}");
        }
        assert!(serde_json::to_string(&one.attributes).unwrap().len() <= 64 * 1024);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn nothing_in_a_file_stops_the_others(texts in vec(vec(piece(), 0..40), FILES.len())) {
        let machine = Machine::new();
        for (file, text) in FILES.iter().zip(texts) {
            machine.write(file, text.concat());
        }
        machine.link("proc/7/exe", "/usr/bin/seven");
        let mut facts = machine.facts();
        for now in [T0, T0 + 10 * SECOND] {
            let said = poll(&mut facts, now);
            prop_assert!(entity(&said, "host:web1").is_some());
            fits(&said);
        }
    }
}
