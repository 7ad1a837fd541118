//! Listening sockets and running executables.

use crate::machine::{Machine, SECOND, T0, complete, entity, names, poll};

const HEAD: &str = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";

fn line(local: &str, peer: &str, state: &str, inode: u64) -> String {
    format!(
        "   0: {local} {peer} {state} 00000000:00000000 00:00000000 00000000     0        0 {inode} 1 0 100 0 0 10 0\n"
    )
}

#[test]
fn listeners_and_whose_they_are() {
    let machine = Machine::new();
    let ssh = line("00000000:0016", "00000000:0000", "0A", 100);
    let local = line("0100007F:1538", "00000000:0000", "0A", 101);
    let client = line("0100007F:C350", "0100007F:1538", "01", 102);
    machine.write("proc/net/tcp", format!("{HEAD}{ssh}{local}{client}"));
    let six = "00000000000000000000000000000000";
    machine
        .write("proc/net/tcp6", format!("{HEAD}{}", line(&format!("{six}:0050"), &format!("{six}:0000"), "0A", 103)));
    let dns = line("00000000:0035", "00000000:0000", "07", 104);
    // A client's question, and a service on a port of that range.
    let asked = line("00000000:C351", "00000000:0000", "07", 105);
    let tunnel = line("00000000:CA6C", "00000000:0000", "07", 106);
    machine.write("proc/net/udp", format!("{HEAD}{dns}{asked}{tunnel}"));
    machine.process(1, "/usr/sbin/sshd", 0, &[100]);
    machine.process(20, "/usr/bin/postgres", 70, &[101, 102]);
    machine.process(30, "/home/ada/bin/server", 1000, &[103]);
    let mut facts = machine.facts();
    let said = poll(&mut facts, T0);
    assert_eq!(
        names(&said, "listens"),
        [
            "socket:web1/tcp/0.0.0.0:22",
            "socket:web1/tcp/127.0.0.1:5432",
            "socket:web1/tcp/[::]:80",
            "socket:web1/udp/0.0.0.0:53"
        ]
    );
    assert!(said.complete.iter().any(|one| one.relation == "listens" && one.parts));
    let of = |name: &str| entity(&said, &format!("socket:web1/{name}")).unwrap();
    assert_eq!(of("tcp/0.0.0.0:22")["executable"], "/usr/sbin/sshd");
    assert_eq!(of("tcp/0.0.0.0:22")["exposed"], true);
    assert_eq!(of("tcp/127.0.0.1:5432")["exposed"], false);
    assert_eq!(of("tcp/127.0.0.1:5432")["port"], 5432);
    assert_eq!(of("tcp/[::]:80")["executable"], "/home/uid-1000/bin/server");
    assert!(!of("udp/0.0.0.0:53").contains_key("executable"), "a socket of the kernel");

    // The question was answered; the tunnel is still there, and so it is a listener.
    machine.write("proc/net/udp", format!("{HEAD}{dns}{tunnel}"));
    let said = poll(&mut facts, T0 + 10 * SECOND);
    assert_eq!(names(&said, "listens").last().unwrap(), "socket:web1/udp/0.0.0.0:53");
    assert!(names(&said, "listens").contains(&"socket:web1/udp/0.0.0.0:51820".to_owned()));
    assert!(!complete(&poll(&mut facts, T0 + 20 * SECOND), "listens"), "nothing new");
}

#[test]
fn executables_without_command_lines() {
    let machine = Machine::new();
    machine.process(1, "/usr/lib/systemd/systemd", 0, &[]);
    machine.process(50, "/usr/sbin/nginx (deleted)", 0, &[]);
    for pid in 51..65 {
        machine.process(pid, "/usr/sbin/nginx (deleted)", 33, &[]);
    }
    machine.process(70, "/home/grace/tool", 1001, &[]);
    machine.process(80, "/usr/local/bin/node", 1000, &[]);
    let id = "0123456789abcdef".repeat(4);
    machine.write("proc/80/cgroup", format!("0::/system.slice/docker-{id}.scope\n"));
    machine.write("proc/80/cmdline", "node\0--token=SECRET\0");
    machine.write("proc/80/environ", "TOKEN=SECRET\0");
    // A thread of the kernel has no executable.
    machine.write("proc/2/status", "Name:\tkthreadd\nUid:\t0\t0\t0\t0\n");
    let mut facts = machine.facts();
    let said = poll(&mut facts, T0);
    assert_eq!(
        names(&said, "executes"),
        [
            "executable:web1/home/uid-1001/tool",
            "executable:web1/usr/lib/systemd/systemd",
            "executable:web1/usr/local/bin/node",
            "executable:web1/usr/sbin/nginx"
        ]
    );
    let nginx = entity(&said, "executable:web1/usr/sbin/nginx").unwrap();
    assert_eq!((&nginx["deleted"], &nginx["processes"]), (&true.into(), &"10 to 99".into()));
    assert_eq!(nginx["users"], serde_json::json!(["root", "system"]));
    let node = entity(&said, "executable:web1/usr/local/bin/node").unwrap();
    assert_eq!((&node["in_container"], &node["users"]), (&"all".into(), &serde_json::json!(["person"])));
    let all = serde_json::to_string(&said).unwrap();
    for never in ["SECRET", "grace", "Hopper", "\"ada"] {
        assert!(!all.contains(never), "{never}");
    }
    machine.process(65, "/usr/sbin/nginx (deleted)", 33, &[]);
    assert!(!complete(&poll(&mut facts, T0 + SECOND), "executes"), "one more of the same is nothing new");
}
