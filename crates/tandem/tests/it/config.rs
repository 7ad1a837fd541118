//! Wrong settings are refused with their place and what was meant.

use crate::server::{Server, fresh, run, serve, tandem};
use std::net::{TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// `tandem serve` with a configuration, and where that is.
fn configured(folder: &TempDir, text: &str) -> (Command, String) {
    let path = folder.path().join("tandem.toml");
    std::fs::write(&path, text).unwrap();
    let mut command = serve(&folder.path().join("data"));
    command.arg("--config").arg(&path);
    (command, path.display().to_string())
}

fn untouched(folder: &TempDir) {
    assert!(!folder.path().join("data").exists(), "a wrong configuration must not make a folder");
}

#[test]
fn unknown_keys_are_refused() {
    let folder = fresh();
    let (command, path) = configured(&folder, "retention = \"7d\"\n\nhttp_lisen = \"127.0.0.1:0\"\n");
    let source = "http_lisen = \"127.0.0.1:0\"\n  ^";
    run(command).says(2, &[&format!("{path}:3:1: "), "`http_lisen`", source, "did you mean `http_listen`?"]);
    let (command, path) = configured(&folder, "[watch]\nfiels = [\"/x\"]\n");
    run(command).says(2, &[&format!("{path}:2:1: "), "`fiels`", "did you mean `files`?"]);
    let (command, path) = configured(&folder, "[wach]\nfiles = []\n");
    run(command).says(2, &[&format!("{path}:1:2: "), "`wach`", "did you mean `watch`?"]);
    let (command, path) = configured(&folder, "  utterly_unknown_name = 1\n");
    run(command).says(2, &[&format!("{path}:1:3: "), "`utterly_unknown_name`", "known keys are data_dir,"]);
    untouched(&folder);
}

#[test]
fn wrong_values_are_refused() {
    let folder = fresh();
    for (text, place, what) in [
        ("retention = 7\n", "1:13", "expected"),
        ("retention = \"7 days\"\n", "1:13", "an age is a number with"),
        ("memory = \"much\"\n", "1:10", "a size is a number with"),
        ("\nhttp_listen = 7400\n", "2:15", "expected"),
        ("http_listen = \"everywhere\"\n", "1:15", "an address is an IP and a port"),
        ("insecure = \"yes\"\n", "1:12", "expected a boolean"),
        ("[watch]\nfiles = \"/x\"\n", "2:9", "expected a sequence"),
        ("retention = \n", "1:", ""),
        ("no toml at all", "1:", ""),
    ] {
        let (command, path) = configured(&folder, text);
        run(command).says(2, &[&format!("{path}:{place}"), what]);
    }
    let missing = folder.path().join("missing.toml");
    let mut command = serve(&folder.path().join("data"));
    command.arg("--config").arg(&missing);
    run(command).says(2, &["cannot read the configuration", missing.to_str().unwrap(), "No such file"]);
    let (command, _) = configured(&folder, "[redact]\nrules = [{ keyword = \"x\", pattern = \"(\" }]\n");
    run(command).says(2, &["[redact]", "pattern"]);
    for (name, value, told) in [
        ("TANDEM_RETENTION", "soon", "an age is a number"),
        ("TANDEM_HTTP_LISTEN", "nowhere", "an address is an IP and a port"),
        ("TANDEM_INGEST_TOKEN", "short", "at least 16 characters"),
    ] {
        let mut command = serve(&folder.path().join("data"));
        command.env(name, value);
        run(command).says(2, &[told]);
    }
    for (name, example) in [("query-timeout", "60s"), ("flush-age", "600s")] {
        let told = format!("--{name} cannot be off: it is a number with ms, s, m, h, d or w, such as {example}");
        let mut command = serve(&folder.path().join("data"));
        command.args([&format!("--{name}"), "off"]);
        run(command).says(2, &[&told]);
        let (command, _) = configured(&folder, &format!("{} = \"off\"\n", name.replace('-', "_")));
        run(command).says(2, &[&told]);
    }
    let mut command = serve(&folder.path().join("data"));
    command.args(["--http-listen", "off"]);
    run(command).says(2, &["--http-listen cannot be off"]);
    let mut command = serve(&folder.path().join("data"));
    command.args(["--retenton", "7d"]);
    run(command).says(2, &["--retenton", "--retention"]);
}

#[test]
fn flags_win_over_variables_and_variables_over_the_file() {
    let folder = fresh();
    let at = |name: &str| folder.path().join(name);
    let text = format!("data_dir = {:?}\nhttp_listen = \"127.0.0.1:0\"\n", at("file"));
    std::fs::write(at("tandem.toml"), text).unwrap();
    let start = |variable: Option<&Path>, flag: Option<&Path>| {
        let mut command = tandem(["serve", "--no-self"]);
        command.env("TANDEM_CONFIG", at("tandem.toml"));
        for door in ["OTLP_GRPC", "OTLP_HTTP", "SYSLOG"] {
            command.env(format!("TANDEM_{door}_LISTEN"), "127.0.0.1:0");
        }
        variable.map(|path| command.env("TANDEM_DATA_DIR", path));
        flag.map(|path| command.arg("--data-dir").arg(path));
        Server::spawn(command).data_dir.clone()
    };
    assert_eq!(start(None, None), at("file"));
    assert_eq!(start(Some(&at("variable")), None), at("variable"));
    assert_eq!(start(Some(&at("variable")), Some(&at("flag"))), at("flag"));
}

#[test]
fn a_door_that_is_off_is_not_opened() {
    let folder = fresh();
    let arguments = ["--otlp-grpc-listen", "off", "--otlp-http-listen", "off", "--syslog-listen", "off"];
    let server = Server::with(folder.path(), &arguments);
    assert_eq!(server.get("/readyz").status, 200);
    let file: serde_json::Value =
        serde_json::from_slice(&std::fs::read(folder.path().join("server.json")).unwrap()).unwrap();
    assert!(file["otlp_http"].is_null() && file["syslog"].is_null() && file["http"].is_string(), "{file}");
}

#[test]
fn a_taken_port_is_refused() {
    let folder = fresh();
    let data_dir: PathBuf = folder.path().join("data");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let (tcp, udp) = (listener.local_addr().unwrap().to_string(), socket.local_addr().unwrap().to_string());
    for (door, address) in
        [("http", &tcp), ("otlp-http", &tcp), ("otlp-grpc", &tcp), ("syslog", &tcp), ("syslog", &udp)]
    {
        let flag = format!("--{door}-listen");
        let mut command = serve(&data_dir);
        command.args([&flag, address]);
        run(command).says(2, &[address, "is taken", "another program listens there", &flag, "port 0"]);
    }
    assert!(!data_dir.exists());
    let first = Server::start(&folder.path().join("first"));
    first.accept_good();
    let mut command = serve(&data_dir);
    command.args(["--http-listen", &first.socket("http").to_string()]);
    run(command).says(2, &["is taken", "another Tandem runs there", "--http-listen"]);
    first.has_good();
    // An address that no machine here has.
    let mut command = serve(&data_dir);
    command.args(["--http-listen", "192.0.2.1:7400", "--insecure"]);
    run(command).says(2, &["cannot listen on 192.0.2.1:7400", "--http-listen"]);
}
