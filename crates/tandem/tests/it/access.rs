//! Who may send and who may ask: on the loopback everyone on the machine, elsewhere who has a token and TLS.

use crate::http::{self, CERTIFICATE};
use crate::otlp;
use crate::server::{Server, fresh, run, serve, tandem};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::Command;

const INGEST: &str = "ingest-0123456789abcdef";
const OTHER: &str = "other-0123456789abcdef";
const API: &str = "api-0123456789abcdefghi";

/// Token files and TLS files in a folder.
struct Keys {
    ingest: PathBuf,
    api: PathBuf,
    cert: PathBuf,
    key: PathBuf,
}

impl Keys {
    fn new(folder: &Path) -> Keys {
        let write = |name: &str, text: &[u8]| {
            let path = folder.join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        Keys {
            ingest: write("ingest", format!("# token  dataset\n{INGEST} shop\n\n{OTHER} billing\n").as_bytes()),
            api: write("api", format!("{API}\n").as_bytes()),
            cert: write("cert.pem", CERTIFICATE),
            key: write("key.pem", include_bytes!("tls/key.pem")),
        }
    }

    fn tokens<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        command.arg("--ingest-token-file").arg(&self.ingest).arg("--api-token-file").arg(&self.api)
    }

    fn tls<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        command.arg("--tls-cert").arg(&self.cert).arg("--tls-key").arg(&self.key)
    }
}

fn beyond(data_dir: &Path, door: &str) -> Command {
    let mut command = serve(data_dir);
    command.args([&format!("--{door}-listen"), "0.0.0.0:0"]);
    command
}

#[test]
fn beyond_this_machine_needs_tls() {
    let folder = fresh();
    let keys = Keys::new(folder.path());
    let data_dir = folder.path().join("data");
    for (door, needs) in [
        ("http", &["--tls-cert", "--tls-self-signed"][..]),
        ("otlp-grpc", &["--tls-cert", "TLS"]),
        ("otlp-http", &["--tls-cert", "TLS"]),
        ("syslog", &["--syslog-listen"]),
    ] {
        let told = [&["0.0.0.0:0", "--insecure"], needs].concat();
        run(beyond(&data_dir, door)).says(2, &told);
        let mut with_tokens = beyond(&data_dir, door);
        keys.tokens(&mut with_tokens);
        run(with_tokens).says(2, &told);
    }
    // Syslog knows neither token nor TLS, so both do not help it.
    let mut syslog = beyond(&data_dir, "syslog");
    keys.tls(keys.tokens(&mut syslog));
    run(syslog).says(2, &["syslog", "--insecure"]);
    assert!(!data_dir.exists());
}

#[test]
fn insecure_says_that_you_know() {
    let folder = fresh();
    let mut command = beyond(folder.path(), "http");
    command.args(["--otlp-http-listen", "0.0.0.0:0", "--syslog-listen", "0.0.0.0:0", "--insecure"]);
    let server = Server::spawn(command);
    server.accept_good();
    // Anybody may call it by any name then.
    assert_eq!(server.ask("GET", "/api/v1/status", &[("host", "tandem.example")], b"").status, 200);
}

#[test]
fn wrong_key_files_are_refused() {
    let folder = fresh();
    let keys = Keys::new(folder.path());
    let data_dir = folder.path().join("data");
    let with = |arguments: &[(&str, &Path)]| {
        let mut command = serve(&data_dir);
        for (flag, path) in arguments {
            command.arg(flag).arg(path);
        }
        run(command)
    };
    let missing = folder.path().join("missing");
    with(&[("--tls-cert", &keys.cert)]).says(2, &["--tls-cert and --tls-key go together"]);
    with(&[("--tls-cert", &missing), ("--tls-key", &keys.key)]).says(2, &["cannot read the certificate", "missing"]);
    with(&[("--tls-cert", &keys.cert), ("--tls-key", &keys.api)]).says(2, &["cannot read the key", "api"]);
    with(&[("--tls-cert", &keys.api), ("--tls-key", &keys.key)]).says(2, &["has no certificate", "PEM"]);
    with(&[("--ingest-token-file", &missing)]).says(2, &["cannot read the tokens", "missing"]);
    for (text, told) in [
        ("# nothing\n", "has no token"),
        ("\nshort shop\n", ":2: a token has at least 16 characters"),
        ("0123456789abcdef a b\n", ":1: a line is `token [dataset]`"),
        ("0123456789abcdef ../etc\n", ":1: a dataset is named with"),
    ] {
        let path = folder.path().join("tokens");
        std::fs::write(&path, text).unwrap();
        with(&[("--api-token-file", &path)]).says(2, &[path.to_str().unwrap(), told]);
    }
}

#[test]
fn tokens_open_the_doors_and_name_the_dataset() {
    let folder = fresh();
    let keys = Keys::new(folder.path());
    let mut command = beyond(&folder.path().join("data"), "http");
    command.args(["--otlp-http-listen", "0.0.0.0:0"]);
    keys.tls(keys.tokens(&mut command));
    let mut server = Server::spawn(command);
    server.agent = http::agent(Some(CERTIFICATE));
    assert!(server.address("http").starts_with("https://") && server.address("otlp-http").starts_with("https://"));

    let body = otlp::log("secured").to_string();
    let send = |authorization: Option<&str>| {
        let mut headers = vec![("content-type", "application/json")];
        headers.extend(authorization.map(|value| ("authorization", value)));
        server.otlp("/v1/logs", &headers, body.as_bytes())
    };
    let bearer = |token: &str| format!("Bearer {token}");
    for wrong in
        [None, Some(bearer("wrong-0123456789abcdef")), Some(bearer("")), Some(bearer(API)), Some(INGEST.into())]
    {
        let answer = send(wrong.as_deref());
        answer.says(401, &["ingest token", "send `Authorization: Bearer TOKEN`"]);
        assert_eq!(answer.header("www-authenticate"), "Bearer", "{wrong:?}");
    }
    assert_eq!(send(Some(&bearer(INGEST))).status, 200);
    assert_eq!(send(Some(&bearer(OTHER))).status, 200);

    // Who may send may not ask.
    server.nobody = true;
    for wrong in [None, Some(INGEST), Some("wrong-0123456789abcdef")] {
        server.token = wrong.map(str::to_owned);
        for path in ["/api/v1/status", "/metrics", "/api/v1/search", "/api/v1/tail"] {
            server.get(path).refuses(401, &["API token", "Authorization: Bearer TOKEN"]);
        }
    }
    server.token = None;
    for path in ["/healthz", "/readyz"] {
        assert_eq!(server.get(path).status, 200, "a load balancer has no token");
    }
    server.ask("POST", "/api/v1/ingest/json", &[], b"{\"msg\":\"x\"}").refuses(401, &["ingest token"]);
    server.ask("POST", "/_bulk", &[], b"").says(401, &["security_exception"]);

    server.token = Some(API.to_owned());
    let rows = server.sql("SELECT dataset FROM logs WHERE body = 'secured' ORDER BY dataset");
    assert_eq!(rows, [[json!("billing")], [json!("shop")]]);
    assert_eq!(server.metric("tandem_ingest_refused_requests_total{source=\"otlp\",status=\"401\"}"), 5.0);

    // Shippers have other ways to say the same.
    server.token = None;
    let bulk = b"{\"create\":{\"_index\":\"a\"}}\n{\"message\":\"shipped\"}\n";
    for authorization in [basic("elastic", INGEST), format!("ApiKey {}", base64(&format!("id:{INGEST}")))] {
        assert_eq!(server.ask("POST", "/_bulk", &[("authorization", &authorization)], bulk).status, 200);
    }
    server.token = Some(API.to_owned());
    assert_eq!(server.value("SELECT count(*) FROM logs WHERE body = 'shipped' AND dataset = 'shop'"), 2);
    plain_http_gets_nothing(&server);
}

fn plain_http_gets_nothing(server: &Server) {
    let url = format!("http://{}/healthz", server.socket("http"));
    let answer = http::agent(None).get(&url).call();
    assert!(answer.is_err_and(|error| !error.to_string().contains("200")), "TLS must not be optional");
}

fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", base64(&format!("{user}:{password}")))
}

fn base64(text: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(text)
}

#[test]
fn commands_trust_the_certificate_they_are_given() {
    let folder = fresh();
    let keys = Keys::new(folder.path());
    let data_dir = folder.path().join("data");
    let mut command = serve(&data_dir);
    keys.tls(&mut command).arg("--api-token-file").arg(&keys.api);
    let mut server = Server::spawn(command);
    server.agent = http::agent(Some(CERTIFICATE));
    server.accept_good();
    let url = server.address("http");
    let sql = |cert: Option<&Path>| {
        let mut command = crate::server::tandem(["sql", "SELECT count(*) FROM logs", "--csv", "--url", url]);
        command.env("TANDEM_TOKEN", API);
        cert.map(|path| command.arg("--ca-cert").arg(path));
        run(command)
    };
    assert_eq!(sql(Some(&keys.cert)).out, "count(*)\r\n1\r\n");
    sql(None).says(3, &["no answer from", url, "ertificate"]);
    sql(Some(&folder.path().join("missing"))).says(2, &["cannot read the certificates", "missing"]);
    sql(Some(&keys.api)).says(2, &["has no certificate", "PEM"]);
    let garbled = folder.path().join("garbled.pem");
    std::fs::write(&garbled, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").unwrap();
    sql(Some(&garbled)).says(2, &["is damaged", "garbled.pem"]);
    // The server of the data folder, and a backup by its address.
    let mut local = crate::server::tandem(["search", "good", "--data-dir"]);
    local.arg(&data_dir).env("TANDEM_CA_CERT", &keys.cert);
    assert!(run(local).out.contains(" good"));
    let target = folder.path().join("backup");
    let backup = |data_dir: Option<&Path>| {
        let mut command = crate::server::tandem(["backup", "--url", url, "--ca-cert"]);
        command.arg(&keys.cert).arg(&target).env("TANDEM_TOKEN", API);
        data_dir.map(|data_dir| command.arg("--data-dir").arg(data_dir));
        run(command)
    };
    backup(None).says(2, &["own user", "--data-dir"]);
    assert!(!target.exists());
    assert_eq!(backup(Some(&data_dir)).code, Some(0));
    assert!(target.join("manifest.json").is_file());
}

#[test]
fn pages_of_other_sites_are_kept_out() {
    let folder = fresh();
    let server = Server::start(folder.path());
    server.accept_good();
    // A name of another site that points to this machine.
    let answer = server.ask("GET", "/api/v1/status", &[("host", "evil.example:7400")], b"");
    answer.refuses(421, &["not its own", "http://localhost"]);
    let body = json!({"sql": "SELECT 1"}).to_string();
    let foreign = [("origin", "https://evil.example"), ("content-type", "application/json")];
    server.ask("POST", "/api/v1/sql", &foreign, body.as_bytes()).says(403, &["another site"]);
    server.ask("POST", "/api/v1/ingest/json", &foreign[..1], b"{\"msg\":\"x\"}").says(403, &["another site"]);
    let own = [("origin", server.address("http")), ("content-type", "application/json")];
    assert_eq!(server.ask("POST", "/api/v1/sql", &own, body.as_bytes()).status, 200);
    // Nobody is told that they may read across sites.
    assert_eq!(server.ask("GET", "/api/v1/status", &foreign[..1], b"").header("access-control-allow-origin"), "");
    assert_eq!(server.value("SELECT count(*) FROM logs"), 1);
}

#[test]
fn a_trial_has_a_certificate_of_its_own() {
    let folder = fresh();
    let server = Server::with(folder.path(), &["--tls-self-signed"]);
    assert!(server.address("http").starts_with("https://"), "{}", server.address("http"));
    let key = folder.path().join("tls/key.pem");
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&key).unwrap().permissions()) & 0o777, 0o600);
    let mut command = tandem(["sql", "SELECT 1", "--json", "--ca-cert"]);
    command.arg(folder.path().join("tls/cert.pem")).arg("--data-dir").arg(folder.path());
    assert_eq!(run(command).json()["rows"], serde_json::json!([[1]]));
}
