//! People and programs come in, do what they may, and are written down when they try more.

use crate::http::Answer;
use crate::server::{Server, fresh, run, serve, tandem};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

const JSON: (&str, &str) = ("content-type", "application/json");

/// A browser: a cookie, and the token of its page.
struct Browser<'s> {
    server: &'s Server,
    cookie: String,
    csrf: String,
}

impl<'s> Browser<'s> {
    fn log_in(server: &'s Server, login: &str, password: &str) -> Browser<'s> {
        let answer = log_in(server, login, password);
        assert_eq!(answer.status, 200, "{}", answer.text());
        let cookie = answer.header("set-cookie").split(';').next().unwrap().to_owned();
        Browser { server, cookie, csrf: answer.json()["csrf"].as_str().unwrap().to_owned() }
    }

    fn get(&self, path: &str) -> Answer {
        self.server.ask("GET", path, &[("cookie", &self.cookie)], b"")
    }

    fn post(&self, path: &str, body: &Value) -> Answer {
        let headers = [("cookie", self.cookie.as_str()), ("x-csrf-token", &self.csrf), JSON];
        self.server.ask("POST", path, &headers, body.to_string().as_bytes())
    }
}

fn log_in(server: &Server, login: &str, password: &str) -> Answer {
    let body = json!({"login": login, "password": password}).to_string();
    server.ask("POST", "/api/v1/login", &[JSON], body.as_bytes())
}

fn add_user(server: &Server, login: &str, role: &str, team: &str, datasets: &[&str]) -> (i64, String) {
    let grants = json!([{"role": role, "team": team, "datasets": datasets}]);
    let answer = server.post("/api/v1/users", &json!({"login": login, "grants": grants}));
    assert_eq!(answer.status, 200, "{}", answer.text());
    let answer = answer.json();
    (answer["id"].as_i64().unwrap(), answer["password"].as_str().unwrap().to_owned())
}

/// Entries of the trail, names shown.
fn trail(server: &Server) -> Vec<Value> {
    let answer = server.get("/api/v1/audit?limit=10000&reason=test").json();
    answer["entries"].as_array().unwrap().clone()
}

/// Whether something was refused for a reason.
fn is_told(server: &Server, action: &str, object: &str, why: &str) {
    let trail = trail(server);
    let told = |entry: &&Value| entry["action"] == action && entry["object"] == object && entry["detail"]["why"] == why;
    assert!(trail.iter().any(|entry| told(&entry)), "{action} {object} {why} is missing: {trail:#?}");
}

fn command(server: &Server, arguments: &[&str]) -> Command {
    let mut command = crate::server::binary(Path::new(env!("CARGO_BIN_EXE_tandem")), arguments);
    command.arg("--data-dir").arg(&server.data_dir);
    command
}

#[test]
fn the_first_start_makes_an_admin_and_tells_its_password_once() {
    let folder = fresh();
    let server = Server::start(folder.path());
    assert_eq!(server.address("user"), "admin");
    let password = server.address("password").to_owned();
    assert_eq!(password.len(), 29, "{password}");
    let admin = Browser::log_in(&server, "admin", &password);
    let me = admin.get("/api/v1/me").json();
    assert_eq!((&me["name"], &me["kind"]), (&json!("admin"), &json!("user")));
    assert_eq!(me["grants"], json!([{"role": "admin", "team": "*", "datasets": ["*"]}]));
    assert_eq!(admin.get("/api/v1/settings").status, 200);
    // Nothing on the disk or in the log tells it again.
    assert!(!server.log().contains(&password));
    server.stop();
    let again = Server::start(folder.path());
    assert!(!again.prints("password"));
    assert_eq!(log_in(&again, "admin", &password).status, 200);
}

#[test]
fn passwords_are_checked_and_failures_are_written_down() {
    let folder = fresh();
    let server = Server::start(folder.path());
    let (ada, password) = add_user(&server, "ada", "viewer", "shop", &["web"]);
    for wrong in ["", "wrong password 1", &password[1..]] {
        log_in(&server, "ada", wrong).refuses(401, &["log-in or the password is wrong", "user password"]);
    }
    log_in(&server, "nobody", &password).refuses(401, &["log-in or the password is wrong"]);
    is_told(&server, "log-in refused", &format!("user:{ada}"), "wrong password, disabled, or unknown");
    is_told(&server, "log-in refused", "user:?", "wrong password, disabled, or unknown");
    // A password that nobody could know is not set.
    for poor in ["", "short", "           "] {
        let answer = server.post(&format!("/api/v1/users/{ada}/password"), &json!({"password": poor}));
        answer.refuses(400, &["at least 12 characters"]);
    }
    // A role in the body of a log-in is no role.
    let forged = json!({"login": "ada", "password": password, "role": "admin"}).to_string();
    server.ask("POST", "/api/v1/login", &[JSON], forged.as_bytes()).says(400, &["unknown field `role`"]);
    is_told(&server, "refused", "POST /api/v1/login", "parameters that do not belong there");
    let ada_page = Browser::log_in(&server, "ada", &password);
    assert_eq!(ada_page.get("/api/v1/me").json()["datasets"], json!(["web"]));
    // Without the page's token nothing is changed.
    let headers = [("cookie", ada_page.cookie.as_str()), JSON];
    server.ask("POST", "/api/v1/logout", &headers, b"{}").refuses(403, &["session's token", "x-csrf-token"]);
    assert_eq!(ada_page.post("/api/v1/logout", &json!({})).status, 200);
    assert_eq!(ada_page.get("/api/v1/me").status, 401);
    is_told(&server, "refused", "GET /api/v1/me", "session is over");
}

#[test]
fn failures_are_answered_later_and_later() {
    let folder = fresh();
    let server = Server::start(folder.path());
    let mut last = 0;
    for _ in 0..11 {
        let answer = log_in(&server, "admin", "a wrong password");
        last = answer.status;
        if last == 429 {
            assert!(answer.header("retry-after").parse::<u64>().unwrap() <= 30);
        }
    }
    assert_eq!(last, 429);
    // Also who knows the password waits now: an attacker must not learn that it is right.
    assert_eq!(log_in(&server, "admin", server.address("password")).status, 429);
    is_told(&server, "log-in refused", "user:?", "too many failures");
}

#[test]
fn an_admin_of_a_team_gives_what_is_the_teams() {
    let folder = fresh();
    let server = Server::start(folder.path());
    let (_, password) = add_user(&server, "ada", "admin", "shop", &["web"]);
    let (bob, _) = add_user(&server, "bob", "viewer", "pay", &["billing"]);
    let ada = Browser::log_in(&server, "ada", &password);
    let give = |role: &str, team: &str, datasets: &[&str]| {
        let right = json!({"role": role, "team": team, "datasets": datasets});
        ada.post(&format!("/api/v1/users/{bob}/grant"), &right)
    };
    assert_eq!(give("responder", "shop", &["web"]).status, 200);
    for (role, team, datasets) in [
        ("viewer", "pay", &["web"][..]),
        ("viewer", "shop", &["billing"]),
        ("viewer", "shop", &["*"]),
        ("admin", "*", &["*"]),
    ] {
        give(role, team, datasets).refuses(403, &["only give what you are an admin of"]);
    }
    is_told(&server, "refused", "POST /api/v1/users/{id}/grant", "a right that is not the caller's to give");
    give("root", "shop", &["web"]).says(400, &["unknown variant `root`"]);
    let revoke = |team: &str| ada.post(&format!("/api/v1/users/{bob}/revoke"), &json!({"team": team})).status;
    assert_eq!((revoke("pay"), revoke("*"), revoke("shop")), (403, 403, 200));
    // A token of another team is not to be seen or taken back, and looks like none.
    let right = json!([{"role": "viewer", "team": "pay", "datasets": ["billing"]}]);
    let other = server.post("/api/v1/tokens", &json!({"kind": "api", "name": "pay ci", "grants": right})).json();
    let path = format!("/api/v1/tokens/{}/revoke", other["id"]);
    ada.post(&path, &json!({})).refuses(403, &["no token"]);
    ada.post("/api/v1/tokens/999999/revoke", &json!({})).refuses(403, &["no token"]);
    is_told(&server, "refused", "POST /api/v1/tokens/{id}/revoke", "another team's token");
    assert_eq!(ada.get("/api/v1/tokens").json()["tokens"], json!([]));
    // What is for admins of all teams is not for her.
    for path in ["/api/v1/audit", "/api/v1/settings", "/metrics"] {
        assert_eq!(ada.get(path).status, 403, "{path}");
    }
}

#[test]
fn tokens_end_and_are_taken_back() {
    let folder = fresh();
    let server = Server::start(folder.path());
    let created = run(command(&server, &["token", "create", "ci", "--role", "viewer", "--json"])).json();
    let (id, token) = (created["id"].as_i64().unwrap(), created["token"].as_str().unwrap());
    let ask = |token: &str| server.ask("GET", "/api/v1/me", &[("authorization", &format!("Bearer {token}"))], b"");
    assert_eq!(ask(token).json()["name"], "token ci");
    ask(&token[..40]).refuses(401, &["did not come whole"]);
    is_told(&server, "refused", "GET /api/v1/me", "damaged token");
    assert_eq!(run(command(&server, &["token", "revoke", &id.to_string()])).out, "revoked\n");
    ask(token).refuses(401, &["taken back"]);
    is_told(&server, "refused", "GET /api/v1/me", "revoked token");
    let listed = run(command(&server, &["token", "list", "--json"]));
    assert!(!listed.out.contains(token) && listed.json()["tokens"][0]["revoked"].is_string());
    run(command(&server, &["token", "create", "old", "--role", "viewer", "--expires", "now-1d"]))
        .says(2, &["before it begins"]);
    run(command(&server, &["token", "create", "long", "--role", "viewer", "--expires", "now+400d"]))
        .says(2, &["366 days"]);
    run(command(&server, &["token", "create", "none"])).says(2, &["--role"]);
    // One that sends stamps its dataset, and does not ask.
    let sends = run(command(&server, &["token", "create", "web", "--kind", "ingest", "--dataset", "web"])).out;
    let bearer = format!("Bearer {}", sends.trim());
    let body = crate::otlp::log("from the web").to_string();
    let headers = [JSON, ("authorization", bearer.as_str())];
    assert_eq!(server.otlp("/v1/logs", &headers, body.as_bytes()).status, 200);
    assert_eq!(server.value("SELECT dataset FROM logs WHERE body = 'from the web'"), "web");
    ask(sends.trim()).refuses(401, &["sends events"]);
}

#[test]
fn paths_that_climb_are_refused() {
    let folder = fresh();
    let server = Server::start(folder.path());
    use std::io::{Read as _, Write as _};
    for path in ["/api/v1/users/../audit", "/api/v1/traces/%2e%2e/audit", "/logs/..%2f_bulk"] {
        let mut stream = std::net::TcpStream::connect(server.socket("http")).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("no `..`"), "{path}: {answer}");
    }
    is_told(&server, "refused", "a path", "a path with `..`");
}

#[test]
fn commands_make_users_and_show_the_trail() {
    let folder = fresh();
    let server = Server::start(folder.path());
    let added =
        run(command(&server, &["user", "add", "Ada", "--role", "editor", "--team", "shop", "--dataset", "web"]));
    let password = added.out.lines().nth(1).unwrap().split_whitespace().last().unwrap().to_owned();
    assert_eq!(log_in(&server, "ada", &password).status, 200);
    let listed = run(command(&server, &["user", "list"])).out;
    assert!(listed.contains("ada") && listed.contains("editor of shop with web"), "{listed}");
    assert_eq!(run(command(&server, &["user", "grant", "ada", "--role", "viewer"])).out, "granted\n");
    assert_eq!(run(command(&server, &["user", "revoke", "ada"])).out, "revoked\n");
    assert_eq!(run(command(&server, &["user", "disable", "ada"])).out, "ada is kept out\n");
    assert_eq!(log_in(&server, "ada", &password).status, 401);
    assert_eq!(run(command(&server, &["user", "disable", "ada", "--undo"])).out, "ada is let in again\n");
    run(command(&server, &["user", "password", "eve"])).says(2, &["no user \"eve\""]);
    // Names are masked until there is a reason, which is in the trail itself.
    let masked = run(command(&server, &["audit", "list", "--json"])).json();
    assert!(masked["entries"].as_array().unwrap().iter().all(|entry| entry["person"].is_null()));
    let shown = run(command(&server, &["audit", "list", "--reason", "incident 42", "--json"])).json();
    let last = shown["entries"].as_array().unwrap().last().unwrap();
    assert_eq!((&last["action"], &last["detail"]["reason"]), (&json!("names shown"), &json!("incident 42")));
    run(command(&server, &["user", "forget", "ada"])).says(3, &["--yes"]);
    assert_eq!(run(command(&server, &["user", "forget", "ada", "--yes"])).out, "forgotten\n");
    assert_eq!(log_in(&server, "ada", &password).status, 401);
    assert!(trail(&server).iter().all(|entry| entry["person"] != "ada"));
    let verified = run(command(&server, &["audit", "verify"]));
    assert!(verified.code == Some(0) && verified.out.starts_with("whole: "), "{verified:?}");
}

#[test]
fn settings_show_no_secret() {
    let folder = fresh();
    let secret = "github-secret-0123456789";
    let file = folder.path().join("github");
    std::fs::write(&file, secret).unwrap();
    let mut command = serve(&folder.path().join("data"));
    command.arg("--github-secret-file").arg(&file).env("TANDEM_API_TOKEN", "api-0123456789abcdefghi");
    let server = Server::spawn(command);
    let text = server.get("/api/v1/settings").text();
    assert!(text.contains("\"github\":true"), "{text}");
    for hidden in [secret, "api-0123456789", "github\":\"/", folder.path().to_str().unwrap()] {
        assert!(!text.contains(hidden), "{hidden} is in {text}");
    }
}

/// Names are masked; one is shown to a responder of the team, for a reason, and that is written down.
#[test]
fn the_command_line_says_who_looks_at_something_for_a_reason() {
    let folder = fresh();
    let server = Server::start(folder.path());
    let opened = json!({"title": "Nobody can pay", "reason": "they call", "team": "shop"});
    let id = server.post("/api/v1/incidents", &opened).json()["incident"].to_string();
    add_user(&server, "ada", "responder", "shop", &["default"]);
    let with = |token: &str, arguments: &[&str]| {
        let mut asked = tandem(["alerts", "who"]);
        asked.args(arguments).args(["--url", server.address("http")]).env("TANDEM_TOKEN", token);
        run(asked)
    };
    let token = |name: &str, role: &str, team: &str| {
        let made = ["token", "create", name, "--role", role, "--team", team, "--dataset", "default"];
        run(command(&server, &made)).out.trim().to_owned()
    };
    let (responder, viewer, other) =
        (token("r", "responder", "shop"), token("v", "viewer", "shop"), token("o", "responder", "bank"));
    let why = ["--reason", "the call broke off"];
    let asked = [id.as_str(), why[0], why[1]];
    assert_eq!(with(&responder, &asked).out, "nobody looks at it\n");
    let assigned =
        server.post("/api/v1/alerts/act", &json!({"ids": [id.parse::<i64>().unwrap()], "do": "assign", "to": "ada"}));
    assert_eq!(assigned.status, 200, "{}", assigned.text());
    // Nothing else names her.
    for page in ["/api/v1/incidents", &format!("/api/v1/incidents/{id}")] {
        assert!(!server.get(page).text().contains("ada"), "{page}");
    }
    assert_eq!(with(&responder, &asked).out, "ada\n");
    let json = with(&responder, &[&asked[..], &["--json"]].concat()).json();
    assert_eq!((&json["name"], &json["assigned"]), (&json!("ada"), &json!(true)), "{json}");
    with(&responder, &[&id]).says(2, &["--reason"]);
    with(&responder, &[&id, "--reason", " "]).says(2, &["for a reason"]);
    with(&responder, &["999999", why[0], why[1]]).says(2, &["999999"]);
    for token in [&viewer, &other] {
        let refused = with(token, &asked);
        assert!(
            refused.code == Some(2) && refused.err.contains("responder") && !refused.out.contains("ada"),
            "{refused:?}"
        );
    }
    let trail = trail(&server);
    let shown =
        trail.iter().filter(|entry| entry["action"] == "names shown" && entry["object"] == format!("decision:{id}"));
    let reasons: Vec<&Value> = shown.map(|entry| &entry["detail"]["reason"]).collect();
    assert_eq!(reasons, [&json!(why[1]); 3], "each time that it was answered, and no other: {trail:#?}");
    is_told(&server, "refused", "POST /api/v1/names", "a name of another team");
    let help = run(tandem(["alerts", "who", "--help"])).out;
    assert!(help.contains("--reason") && help.contains("audit trail") && help.contains("Example:"), "{help}");
    run(command(&server, &["user", "forget", "ada", "--yes"]));
    assert_eq!(with(&responder, &asked).out, "the name was erased\n");
}

/// What each route asks of its caller, written down a second time: a route that is missing here, or asks for less by
/// mistake, fails the test.
const NEEDS: &[(&str, &[&str])] = &[
    (
        "nothing",
        &[
            "GET /api/v1/calendar/{token}",
            "* /",
            "GET /api/openapi.json",
            "GET /assets/{name}",
            "GET /healthz",
            "GET /readyz",
            "POST /api/v1/hooks/{source}",
            "POST /api/v1/login",
            "GET /api/v1/oidc/start",
            "GET /api/v1/oidc/callback",
        ],
    ),
    (
        "any role",
        &[
            "GET /api/v1/agenda",
            "GET /api/v1/answers",
            "GET /api/v1/controls",
            "GET /api/v1/controls/{name}",
            "GET /api/v1/exceptions",
            "GET /api/v1/exceptions/form",
            "GET /api/v1/friction",
            "GET /api/v1/roadmap",
            "GET /api/v1/upgrades/{id}",
            "POST /api/v1/admission",
            "POST /api/v1/answers",
            "POST /api/v1/check",
            "GET /api/v1/search",
            "POST /api/v1/search",
            "GET /api/v1/sql",
            "POST /api/v1/sql",
            "GET /api/v1/tail",
            "GET /api/v1/fields",
            "GET /api/v1/facets",
            "POST /api/v1/facets",
            "GET /api/v1/complete",
            "POST /api/v1/complete",
            "GET /api/v1/traces/{id}",
            "GET /api/v1/metrics/range",
            "POST /api/v1/metrics/range",
            "GET /api/v1/suspects",
            "GET /api/v1/owners",
            "GET /api/v1/owners/history",
            "GET /api/v1/inventory/{report}",
            "GET /api/v1/clocks",
            "GET /api/v1/agents",
            "GET /api/v1/dora",
            "GET /api/v1/findings",
            "GET /api/v1/why",
            "GET /api/v1/alerts",
            "GET /api/v1/alerts/{id}",
            "GET /api/v1/incidents",
            "GET /api/v1/incidents/{id}",
            "GET /api/v1/incidents/{id}/review",
            "GET /api/v1/risk",
            "GET /api/v1/tasks",
            "GET /api/v1/suppressions",
            "GET /api/v1/rules",
            "GET /api/v1/detection",
            "POST /api/v1/rules/backtest",
            "GET /api/v1/rules/ledger",
            "GET /api/v1/notices",
            "GET /api/v1/status",
            "GET /api/v1/streams",
            "GET /api/v1/home",
            "GET /api/v1/dashboards",
            "GET /api/v1/dashboards/{name}",
            "GET /api/v1/levers",
            "GET /api/v1/knowledge/lists",
            "GET /api/v1/knowledge/page",
            "GET /api/v1/knowledge/pages",
            "GET /api/v1/knowledge/search",
            "POST /api/v1/knowledge/helped",
            "GET /api/v1/levers/{id}",
            "GET /api/v1/recovery",
            "GET /api/v1/drills",
            "GET /api/v1/drills/{name}",
            "GET /api/v1/drill-runs/{id}",
        ],
    ),
    ("viewer of all teams", &["GET /metrics"]),
    ("responder of all teams", &["POST /api/v1/notices/retry"]),
    ("editor of all teams", &["POST /api/v1/levers/measure"]),
    (
        "responder of a team",
        &[
            "POST /api/v1/meetings",
            "POST /api/v1/names",
            "POST /api/v1/upgrades/{id}/objections",
            "POST /api/v1/changes",
            "POST /api/v1/events",
            "POST /api/v1/findings/suppress",
            "POST /api/v1/decisions",
            "POST /api/v1/alerts/act",
            "POST /api/v1/alerts/{id}/playbook",
            "POST /api/v1/incidents",
            "POST /api/v1/incidents/{id}/tasks",
            "POST /api/v1/drills/{name}/run",
            "POST /api/v1/drill-runs/{id}/did",
            "POST /api/v1/drill-runs/{id}/took_back",
            "POST /api/v1/drill-runs/{id}/finish",
        ],
    ),
    (
        "editor of a team",
        &[
            "POST /api/v1/adjustments",
            "POST /api/v1/exceptions",
            "POST /api/v1/exceptions/{id}/end",
            "POST /api/v1/exceptions/{id}/renew",
            "POST /api/v1/lockdowns",
            "POST /api/v1/lockdowns/{id}/review",
            "POST /api/v1/replies",
            "POST /api/v1/facts",
            "POST /api/v1/import/sarif",
            "POST /api/v1/import/{format}",
            "POST /api/v1/owners",
            "POST /api/v1/scans",
            "POST /api/v1/suppressions",
        ],
    ),
    (
        "admin of all teams",
        &[
            "POST /api/v1/flush",
            "POST /api/v1/rules/reload",
            "POST /api/v1/users",
            "POST /api/v1/users/{id}/password",
            "POST /api/v1/users/{id}/disable",
            "POST /api/v1/forget",
            "GET /api/v1/audit",
            "POST /api/v1/audit/verify",
            "GET /api/v1/settings",
        ],
    ),
    ("the server's own user", &["POST /api/v1/backup"]),
    ("to be known", &["POST /api/v1/logout", "GET /api/v1/me", "POST /api/v1/me/password", "GET /api/v1/routes"]),
    (
        "admin of a team",
        &[
            "GET /api/v1/users",
            "POST /api/v1/users/{id}/grant",
            "POST /api/v1/users/{id}/revoke",
            "GET /api/v1/tokens",
            "POST /api/v1/tokens",
            "POST /api/v1/tokens/{id}/revoke",
        ],
    ),
    (
        "an ingest token",
        &[
            "POST /api/v1/ingest/facts",
            "POST /api/v1/ingest/scans",
            "POST /api/v1/ingest/json",
            "POST /api/v2/alerts",
            "POST /_bulk",
            "PUT /_bulk",
            "POST /elasticsearch/_bulk",
            "PUT /elasticsearch/_bulk",
            "POST /{index}/_bulk",
            "PUT /{index}/_bulk",
            "POST /elasticsearch/{index}/_bulk",
            "PUT /elasticsearch/{index}/_bulk",
            "* /elasticsearch",
            "* /elasticsearch/",
        ],
    ),
];

#[test]
fn every_route_asks_who_it_is_and_writes_down_who_may_not() {
    let folder = fresh();
    let server = Server::start(folder.path());
    let routes = server.get("/api/v1/routes").json()["routes"].as_array().unwrap().clone();
    let mut listed: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for route in &routes {
        let word = |name: &str| route[name].as_str().unwrap();
        listed.entry(word("need")).or_default().insert(format!("{} {}", word("method"), word("path")));
    }
    let expected: BTreeMap<&str, BTreeSet<String>> =
        NEEDS.iter().map(|(need, routes)| (*need, routes.iter().map(|route| (*route).to_owned()).collect())).collect();
    assert_eq!(listed, expected);
    // Each role, in all teams and in one.
    let mut callers = Vec::new();
    for role in ["viewer", "responder", "editor", "admin"] {
        for team in ["*", "shop"] {
            let (_, password) =
                add_user(&server, &format!("{role}-{}", team.replace('*', "all")), role, team, &["web"]);
            callers.push((role, team, password));
        }
    }
    let browsers: Vec<(usize, &str, Browser<'_>)> = callers
        .iter()
        .enumerate()
        .map(|(at, (role, team, password))| {
            let login = format!("{role}-{}", team.replace('*', "all"));
            (at / 2, *team, Browser::log_in(&server, &login, password))
        })
        .collect();
    let rank = |word: &str| ["viewer", "responder", "editor", "admin"].iter().position(|role| *role == word);
    for route in &routes {
        let (method, path) = (route["method"].as_str().unwrap(), route["path"].as_str().unwrap());
        let need = route["need"].as_str().unwrap();
        // These do not end, or take the session away.
        if ["/api/v1/tail", "/api/v1/logout"].contains(&path) {
            continue;
        }
        let method = if method == "*" { "GET" } else { method };
        let target =
            path.replace("{id}", "1").replace("{index}", "a").replace("{format}", "x").replace("{source}", "x");
        let nobody = server.ask_as_nobody(method, &target);
        match need {
            "nothing" => assert_ne!(nobody.status, 403, "{method} {path}: {}", nobody.text()),
            // On the loopback senders need no token.
            "an ingest token" => {}
            "the server's own user" => assert_eq!(nobody.status, 403, "{method} {path}"),
            _ => assert_eq!(nobody.status, 401, "{method} {path}: {}", nobody.text()),
        }
        let (role, whose) = need.split_once(" of ").unwrap_or((need, ""));
        for (has, team, browser) in &browsers {
            let answer = if method == "GET" { browser.get(&target) } else { browser.post(&target, &json!({})) };
            let may = match (rank(role), whose) {
                (Some(needs), "all teams") => *has >= needs && *team == "*",
                (Some(needs), _) => *has >= needs,
                (None, _) => need != "the server's own user",
            };
            if method == "PUT" {
                continue;
            }
            let told = answer.text();
            let refused =
                answer.status == 403 && (told.contains("is not granted") || told.contains("server's own user"));
            assert_eq!(refused, !may, "{method} {path} needs {need}, rank {has} of {team}: {}", answer.text());
        }
    }
}

#[test]
fn a_server_in_another_folder_has_other_keys() {
    let (one, two) = (fresh(), fresh());
    let (one, two) = (Server::start(one.path()), Server::start(two.path()));
    let control = two.control();
    let answer = one.ask_as_nobody_with("GET", "/api/v1/me", &[("x-tandem-control", &control)]);
    answer.refuses(401, &["control key"]);
    is_told(&one, "refused", "GET /api/v1/me", "wrong control key");
    let mut stranger = tandem(["user", "list", "--url", one.address("http")]);
    stranger.env("TANDEM_TOKEN", "not-a-token-of-this-server");
    run(stranger).says(2, &["not known here"]);
}
