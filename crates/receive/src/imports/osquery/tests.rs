use super::super::limits::LIST_LEASE_NANOS;
use super::super::testing::{AT, entities, entity, reading, relations, seen};
use super::*;
use model::About;
use serde_json::{Value, json};

fn facts(text: &str) -> Result<Imported, ImportError> {
    read(text, &reading("osqueryd.results.log"))
}

const LOG: &str = concat!(
    r#"{"name":"deb_packages","hostIdentifier":"web-1","calendarTime":"x","unixTime":"1795200000","action":"added","columns":{"name":"libstdc++6","version":"12.2.0-14+deb12u1","arch":"amd64"}}"#,
    "\n",
    r#"{"name":"deb_packages","hostIdentifier":"web-1","unixTime":1795200060,"action":"removed","columns":{"name":"telnetd","version":"1:0.17"}}"#,
    "\n",
    r#"{"diffResults":{"added":[{"name":"Flask_Login","version":"0.6"}],"removed":""},"name":"pack/py/python_packages","hostIdentifier":"web-1","unixTime":1795200061}"#,
    "\n",
    r#"{"snapshot":[{"name":"Ubuntu","version":"24.04","platform":"ubuntu","build":"","codename":"noble"}],"action":"snapshot","name":"os_version","hostIdentifier":"web-1","unixTime":1795200120}"#,
    "\n",
    r#"{"snapshot":[{"days":"1","hours":"0","total_seconds":"86430"}],"action":"snapshot","name":"uptime","hostIdentifier":"web-1","unixTime":1795200120}"#,
    "\n",
    r#"{"snapshot":[{"version":"6.8.0-31","arguments":"password=x","device":"sda","path":"/boot/v"}],"action":"snapshot","name":"kernel","hostIdentifier":"web-1","unixTime":1795200120}"#,
    "\n",
    r#"{"snapshot":[{"pid":"7","port":"22","protocol":"6","family":"2","address":"0.0.0.0","path":""},{"pid":"7","port":"22","protocol":"6","family":"10","address":"::","path":""},{"pid":"8","port":"0","protocol":"0","family":"1","address":"","path":"/run/x"}],"action":"snapshot","name":"listening_ports","hostIdentifier":"web-1","unixTime":1795200120}"#,
    "\n",
    r#"{"snapshot":[{"pid":7,"path":"/usr/sbin/sshd","cmdline":"sshd -D"},{"pid":9,"path":"/usr/sbin/sshd","cmdline":""},{"pid":2,"path":"","cmdline":""}],"action":"snapshot","name":"processes","hostIdentifier":"web-1","unixTime":1795200120}"#,
    "\n",
    r#"{"snapshot":[{"uid":"0","username":"root","shell":"/bin/bash","directory":"/root"},{"uid":"1000","username":"ada","description":"Ada L","shell":"/bin/zsh","directory":"/home/ada"},{"uid":"65534","username":"nobody"},{"uid":"501","username":"grace","directory":"/Users/grace"}],"action":"snapshot","name":"users","hostIdentifier":"web-1","unixTime":1795200120}"#,
    "\n",
    r#"{"snapshot":[{"gid":"4","groupname":"adm"},{"gid":"1000","groupname":"ada"}],"action":"snapshot","name":"groups","hostIdentifier":"web-1","unixTime":1795200120}"#,
    "\n",
    r#"{"snapshot":[{"id":"ab12","name":"/shop","image":"ghcr.io/acme/shop:1.2","image_id":"sha256:cd","state":"running"},{"id":"ef34","name":"/job","image":"job","image_id":"sha256:ee","state":"exited"}],"action":"snapshot","name":"docker_containers","hostIdentifier":"web-1","unixTime":1795200120}"#,
    "\n",
    r#"{"name":"time","hostIdentifier":"web-1","unixTime":1795200121,"action":"added","columns":{"iso_8601":"x"}}"#,
    "\n",
);

#[test]
fn a_result_log_becomes_facts_of_its_host() {
    let imported = facts(LOG).unwrap();
    assert_eq!(
        relations(&imported.facts),
        [
            "- container:ef34 runs_on host:web-1",
            "- container:ef34 uses_image container.image:job:latest",
            "- host:web-1 has package:pkg:deb/ubuntu/telnetd@1:0.17",
            "container:ab12 runs_on host:web-1",
            "container:ab12 uses_image container.image:ghcr.io/acme/shop:1.2",
            "host:web-1 executes executable:web-1/usr/sbin/sshd",
            "host:web-1 has package:pkg:deb/ubuntu/libstdc%2B%2B6@12.2.0-14%2Bdeb12u1",
            "host:web-1 has package:pkg:pypi/flask-login@0.6",
            "host:web-1 knows account:web-1/nobody",
            "host:web-1 knows account:web-1/root",
            "host:web-1 knows account:web-1/uid-1000",
            "host:web-1 knows account:web-1/uid-501",
            "host:web-1 knows group:web-1/adm",
            "host:web-1 knows group:web-1/gid-1000",
            "host:web-1 listens socket:web-1/tcp/0.0.0.0:22",
            "host:web-1 listens socket:web-1/tcp/[::]:22",
        ]
    );
    assert_eq!(entities(&imported.facts), ["- container:ef34", "container:ab12", "host:web-1"]);
    assert_eq!(imported.notes, ["1 rows of the query time are from no table that is read"]);
    assert_eq!((imported.facts.origin.as_str(), imported.facts.complete.len()), ("osquery", 0));
    for unwanted in ["ada", "Ada", "grace", "password", "sshd -D"] {
        assert!(!format!("{imported:?}").contains(unwanted), "{unwanted}");
    }
}

#[test]
fn a_host_is_described_by_what_was_read_last() {
    let imported = facts(LOG).unwrap();
    let host = seen(&imported.facts, "host:web-1");
    assert_eq!(
        Value::Object(host.attributes.clone()),
        json!({
            "os.name": "Ubuntu", "os.version": "24.04", "os.platform": "ubuntu", "kernelVersion": "6.8.0-31",
            "booted": "2026-11-19T18:41:00Z",
        })
    );
    assert_eq!((host.at, host.lease), (1_795_200_121_000_000_000, Some(LIST_LEASE_NANOS)));
}

#[test]
fn snapshots_hold_for_a_day_and_differences_until_removed() {
    let imported = facts(LOG).unwrap();
    let find = |to: &str| {
        let mut all = imported.facts.observations.iter();
        all.find(|one| matches!(&one.about, About::Relation(relation) if relation.to == entity(to))).unwrap()
    };
    let socket = find("socket:web-1/tcp/0.0.0.0:22");
    assert_eq!((socket.at, socket.lease), (1_795_200_120_000_000_000, Some(LIST_LEASE_NANOS)));
    assert_eq!(socket.attributes["process"], "/usr/sbin/sshd");
    let package = find("package:pkg:deb/ubuntu/libstdc%2B%2B6@12.2.0-14%2Bdeb12u1");
    assert_eq!((package.at, package.lease, package.ended), (1_795_200_000_000_000_000, None, false));
}

#[test]
fn the_last_snapshot_of_a_query_counts() {
    let one = |at: i64, name: &str| {
        format!(
            r#"{{"snapshot":[{{"name":"{name}","version":"1"}}],"action":"snapshot","name":"npm_packages","hostIdentifier":"h","unixTime":{at}}}"#
        )
    };
    let log = format!("{}\n{}\n{}\n", one(100, "a"), one(300, "@b/c"), one(200, "d"));
    let imported = facts(&log).unwrap();
    assert_eq!(relations(&imported.facts), ["host:h has package:pkg:npm/%40b/c@1"]);
    assert_eq!(imported.notes, ["2 snapshots are older than another of the same query and host"]);
}

#[test]
fn rows_alone_need_a_host() {
    let rows = "[\n {\"name\":\"bash\",\"version\":\"5.2\",\"release\":\"1.fc40\",\"arch\":\"x86_64\"}\n]\n";
    let host = entity("host:web-2");
    let told = Reading { subject: Some(&host), ..reading("out/web-2.rpm_packages.json") };
    let imported = read(rows, &told).unwrap();
    assert_eq!(relations(&imported.facts), ["host:web-2 has package:pkg:rpm/bash@5.2-1.fc40"]);
    assert_eq!(imported.facts.observations[1].at, AT);
    assert!(facts(rows).unwrap_err().reason.contains("--subject host:web-1"));
    assert!(facts("[]").unwrap().facts.is_empty());
    let gathered = r#"[{"name":"users","hostIdentifier":"4C4C-0042","decorations":{"hostname":"web-3"},"unixTime":1,"action":"added","columns":{"uid":"0","username":"root"}}]"#;
    assert_eq!(relations(&facts(gathered).unwrap().facts), ["host:web-3 knows account:web-3/root"]);
}

#[test]
fn what_is_malformed_names_file_line_and_reason() {
    let head = r#"{"name":"users","hostIdentifier":"h","unixTime":1,"#;
    for (text, expected) in [
        (format!("{head}\"action\":\"added\"}}\n"), "osqueryd.results.log:1:1: a record has columns"),
        (
            format!("\n{head}\"action\":\"gone\",\"columns\":{{}}}}"),
            "osqueryd.results.log:2:1: a record has the action added, removed or snapshot",
        ),
        (format!("{head}\"snapshot\":\n [1]}}"), "osqueryd.results.log:2:3: invalid type: integer `1`, expected a map"),
        (format!("{head}\"snapshot\":\n {{}}}}"), "osqueryd.results.log:2:3: invalid type: map, expected a list"),
        (
            "{\"name\":\"users\",\"action\":\"added\"}".to_owned(),
            "osqueryd.results.log:1:1: this record has no hostIdentifier: give --subject host:NAME",
        ),
        (
            "{\"name\":\"a\",\"hostIdentifier\":\"h\",\n\"unixTime\":\"soon\"}".to_owned(),
            "osqueryd.results.log:2:12: unixTime is no time",
        ),
        (format!("{LOG}{{\"name\":"), "osqueryd.results.log:13:8: EOF while parsing a value"),
    ] {
        let error = facts(&text).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}\n{expected}");
    }
}
