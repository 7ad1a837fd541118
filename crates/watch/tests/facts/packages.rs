//! Packages and how they change.

use crate::machine::{Machine, SECOND, T0, complete, entity, names, poll, related};
use std::fs::File;
use std::time::{Duration, UNIX_EPOCH};

const STATUS: &str = "root/var/lib/dpkg/status";

fn paragraph(name: &str, version: &str, architecture: &str) -> String {
    format!("Package: {name}\nStatus: install ok installed\nArchitecture: {architecture}\nVersion: {version}\n\n")
}

/// Writes Debian's database, and dates it, because changes are dated by it.
fn dpkg(machine: &Machine, packages: &[(&str, &str)], seconds: u64) {
    let text: String = packages.iter().map(|(name, version)| paragraph(name, version, "amd64")).collect();
    machine.write(STATUS, text);
    let file = File::options().write(true).open(machine.path(STATUS)).unwrap();
    file.set_modified(UNIX_EPOCH + Duration::from_secs(seconds)).unwrap();
}

#[test]
fn packages_are_told_when_they_change() {
    let machine = Machine::new();
    let written = u64::try_from(T0 / SECOND).unwrap() - 100;
    dpkg(&machine, &[("openssl", "3.0.16-1~deb12u1"), ("vim", "2:9.0.1-1")], written);
    let mut facts = machine.facts();
    let first = poll(&mut facts, T0);
    assert_eq!(
        names(&first, "has"),
        ["package:pkg:deb/debian/openssl@3.0.16-1~deb12u1", "package:pkg:deb/debian/vim@2:9.0.1-1"]
    );
    assert!(complete(&first, "has") && first.changes.is_empty(), "the first look finds no change");
    let attributes = related(&first, "has")[0].1;
    assert_eq!((&attributes["name"], &attributes["architecture"]), (&"openssl".into(), &"amd64".into()));
    assert!(
        entity(&first, "package:pkg:deb/debian/vim@2:9.0.1-1").is_none(),
        "a package is told by the relation alone"
    );
    assert!(!complete(&poll(&mut facts, T0 + 10 * SECOND), "has"));

    // The agent was away while one was upgraded and another installed.
    drop(facts);
    dpkg(&machine, &[("openssl", "3.0.17-1~deb12u2"), ("vim", "2:9.0.1-1"), ("curl", "7.88.1-10")], written + 40);
    let mut facts = machine.facts();
    let lost = facts.poll(T0 + 20 * SECOND);
    let told = poll(&mut facts, T0 + 30 * SECOND);
    let keys: Vec<&str> = told.changes.iter().map(|change| change.key.as_str()).collect();
    let seconds = written + 40;
    assert_eq!(
        keys,
        [
            format!("web1:curl:->7.88.1-10:{seconds}"),
            format!("web1:openssl:3.0.16-1~deb12u1->3.0.17-1~deb12u2:{seconds}")
        ]
    );
    assert_eq!(lost.changes, told.changes, "the same change under the same key");
    let change = &told.changes[1];
    assert_eq!((change.kind.as_str(), change.entity.to_string().as_str()), ("package", "host:web1"));
    assert_eq!(change.version.as_deref(), Some("3.0.17-1~deb12u2"));
    assert_eq!(change.at, i64::try_from(seconds).unwrap() * SECOND);
    assert!(poll(&mut facts, T0 + 40 * SECOND).changes.is_empty());

    // Seen at the next poll, long before the interval is over.
    dpkg(&machine, &[("openssl", "3.0.17-1~deb12u2"), ("curl", "7.88.1-10")], written + 50);
    let told = poll(&mut facts, T0 + 50 * SECOND);
    assert_eq!(told.changes.len(), 1);
    assert_eq!((told.changes[0].version.as_ref(), &told.changes[0].attributes["from"]), (None, &"2:9.0.1-1".into()));
}

#[test]
fn a_large_upgrade_is_one_change() {
    let machine = Machine::new();
    let named: Vec<String> = (0..200).map(|at| format!("lib{at:03}")).collect();
    let with = |version: &'static str| named.iter().map(|name| (name.as_str(), version)).collect::<Vec<_>>();
    dpkg(&machine, &with("1"), 1_000);
    let mut facts = machine.facts();
    poll(&mut facts, T0);
    dpkg(&machine, &with("2"), 2_000);
    let told = poll(&mut facts, T0 + SECOND);
    assert_eq!(told.changes.len(), 1);
    assert_eq!(told.changes[0].attributes["upgraded"], 200);
    assert_eq!(names(&told, "has").len(), 200);
}

#[test]
fn one_library_for_two_architectures_is_one_package() {
    let machine = Machine::new();
    machine.write(STATUS, paragraph("libc6", "2.36-9", "amd64") + &paragraph("libc6", "2.36-9", "i386"));
    let said = poll(&mut machine.facts(), T0);
    let packages = related(&said, "has");
    assert_eq!(packages.len(), 1);
    assert_eq!(packages[0].1["architecture"], "amd64,i386");
}

#[test]
fn minimal_images_alpine_and_rpm() {
    let machine = Machine::new();
    machine.write("root/var/lib/dpkg/status.d/tzdata", "Package: tzdata\nVersion: 2024a-0\nArchitecture: all\n");
    machine.write("root/var/lib/dpkg/status.d/tzdata.md5sums", "0 x\n");
    assert_eq!(names(&poll(&mut machine.facts(), T0), "has"), ["package:pkg:deb/debian/tzdata@2024a-0"]);

    let machine = Machine::new();
    machine.write("root/etc/os-release", "ID=alpine\n");
    machine
        .write("root/lib/apk/db/installed", "P:musl\nV:1.2.5-r0\nA:x86_64\no:musl\n\nP:zlib\nV:1.3.1-r1\nA:x86_64\n\n");
    let said = poll(&mut machine.facts(), T0);
    assert_eq!(names(&said, "has"), ["package:pkg:apk/alpine/musl@1.2.5-r0", "package:pkg:apk/alpine/zlib@1.3.1-r1"]);
    assert_eq!(related(&said, "has")[0].1["source"]["name"], "musl");

    let machine = Machine::new();
    machine.write("root/etc/os-release", "ID=\"fedora\"\n");
    machine.write("root/usr/lib/sysimage/rpm/rpmdb.sqlite", "x");
    machine.write("proc/sys/kernel/osrelease", "6.9.4-200.fc40.x86_64\n");
    let said = poll(&mut machine.facts(), T0);
    assert!(!complete(&said, "has"), "without the program nothing is said of packages");
    let unreadable = entity(&said, "host:web1").unwrap()["unreadable"].to_string();
    assert!(unreadable.contains("rpmdb.sqlite"), "{unreadable}");
    machine.write(
        "rpm",
        "#!/bin/sh\n[ \"$1\" = -qa ] || exit 1\n\
         printf 'dbus\\t1\\t1.14.10-3.fc40\\tx86_64\\tdbus-1.14.10-3.fc40.src.rpm\\t1700000000\\n'\n\
         printf 'gpg-pubkey\\t(none)\\ta15b79cc-63d04c2c\\t(none)\\t(none)\\t1700000000\\n'\n\
         printf 'kernel-core\\t(none)\\t6.9.4-200.fc40\\tx86_64\\tkernel-6.9.4-200.fc40.src.rpm\\t1700000000\\n'\n\
         printf 'kernel-core\\t(none)\\t6.10.3-200.fc40\\tx86_64\\tkernel-6.10.3-200.fc40.src.rpm\\t1710000000\\n'\n",
    );
    machine.mode("rpm", 0o755);
    let said = poll(&mut machine.facts(), T0);
    let packages = related(&said, "has");
    assert_eq!(packages.len(), 3);
    assert_eq!(packages[0].0, "package:pkg:rpm/fedora/dbus@1.14.10-3.fc40");
    assert_eq!(packages[0].1["epoch"], "1");
    assert_eq!(entity(&said, "host:web1").unwrap()["reboot_required"], true);
}

#[test]
fn a_database_that_a_tool_left_hides_nothing() {
    let machine = Machine::new();
    machine.write(STATUS, paragraph("bash", "5.2", "amd64"));
    machine.write("root/var/lib/rpm/Packages", "x");
    let said = poll(&mut machine.facts(), T0);
    assert_eq!(names(&said, "has"), ["package:pkg:deb/debian/bash@5.2"]);
}
