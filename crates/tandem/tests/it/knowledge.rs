//! What people wrote down through the real server: found, shown, laid beside alerts, and kept to those who may see it.

use crate::server::{Ended, Server, binary, eventually, fresh, run};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

/// A server with a folder of pages.
fn server(folder: &Path, pages: &[(&str, &str)]) -> Server {
    let knowledge = folder.join("knowledge");
    for (path, text) in pages {
        let path = knowledge.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    Server::with(&folder.join("data"), &["--knowledge", &knowledge.display().to_string()])
}

fn search(server: &Server, query: &str) -> Vec<Value> {
    let answer = server.get(&format!("/api/v1/knowledge/search?{query}"));
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["hits"].as_array().unwrap().clone()
}

fn ids(hits: &[Value]) -> Vec<&str> {
    hits.iter().map(|hit| hit["id"].as_str().unwrap()).collect()
}

fn command(server: &Server, arguments: &[&str]) -> Ended {
    let mut command = binary(Path::new(env!("CARGO_BIN_EXE_tandem")), arguments);
    command.arg("--data-dir").arg(&server.data_dir);
    run(command)
}

/// An alert of a rule that names no runbook; answers it whole.
fn alert(server: &Server, name: &str, service: &str) -> Value {
    let labels = json!({"alertname": name, "severity": "critical", "service": service});
    let body = json!([{"labels": labels, "annotations": {"description": "it is slow"},
        "startsAt": "2026-11-20T00:00:00Z", "endsAt": "0001-01-01T00:00:00Z"}]);
    assert_eq!(server.post("/api/v2/alerts", &body).status, 200);
    let rows = server.get("/api/v1/alerts").json()["rows"].clone();
    let row = rows.as_array().unwrap().iter().find(|row| row["title"] == name).cloned();
    server.get(&format!("/api/v1/alerts/{}", row.unwrap()["id"])).json()
}

fn beside(alert: &Value) -> Vec<(&str, &str)> {
    let runbooks = alert["runbooks"].as_array().unwrap();
    let text = |one: &'_ Value, name: &str| one[name].as_str().unwrap().to_owned();
    assert!(runbooks.len() <= 3 && runbooks.iter().all(|one| text(one, "link").contains(&text(one, "page"))));
    runbooks.iter().map(|one| (one["page"].as_str().unwrap(), one["why"].as_str().unwrap())).collect()
}

#[test]
fn a_page_is_found_and_found_anew_when_its_file_changes() {
    let folder = fresh();
    let page =
        "---\nowner: shop\nservices: [cart]\nreview_by: 2020-01-01\n---\n# The trolley is slow\n\nAsk the walrus.\n";
    let server = server(folder.path(), &[("runbooks/cart.md", page)]);
    let hits = search(&server, "q=walrus");
    assert_eq!(ids(&hits), ["runbooks/cart.md"]);
    assert_eq!(hits[0]["link"], "/api/v1/knowledge/page?id=runbooks/cart.md");
    assert!(hits[0]["snippet"].as_str().unwrap().contains("walrus"), "{hits:?}");
    assert_eq!(ids(&search(&server, "q=walrus&kind=runbook&service=cart&owner=shop")), ["runbooks/cart.md"]);
    for other in ["kind=note", "service=till", "owner=pay"] {
        assert!(search(&server, &format!("q=walrus&{other}")).is_empty(), "{other}");
    }
    server.get("/api/v1/knowledge/search?kind=poem").says(400, &["there is no kind", "runbook"]);
    let told = command(&server, &["knowledge", "search", "walrus"]);
    assert!(told.out.contains("The trolley is slow"), "{told:?}");
    let shown = command(&server, &["knowledge", "show", "runbooks/cart.md"]);
    assert!(shown.out.contains("Ask the walrus.") && shown.out.contains("2020-01-01"), "{shown:?}");
    let pages = server.get("/api/v1/knowledge/pages?owner=shop").json();
    assert_eq!((&pages["count"], &pages["pages"][0]["id"]), (&json!(1), &json!("runbooks/cart.md")));

    fs::write(folder.path().join("knowledge/runbooks/cart.md"), page.replace("walrus", "narwhal")).unwrap();
    eventually("the page as it is now", || (ids(&search(&server, "q=narwhal")) == ["runbooks/cart.md"]).then_some(()));
    assert!(search(&server, "q=walrus").is_empty());
    fs::remove_file(folder.path().join("knowledge/runbooks/cart.md")).unwrap();
    eventually("no page", || search(&server, "q=narwhal").is_empty().then_some(()));
    server.get("/api/v1/knowledge/page?id=runbooks/cart.md").says(404, &["there is no page"]);
    server.get("/api/v1/knowledge/page?id=../data/server.json").says(404, &["there is no page"]);
}

#[test]
fn a_hostile_page_does_nothing() {
    let folder = fresh();
    let page = "# Odd\n\n<script>alert(1)</script><img src=x onerror=alert(2)>\n\n[press](javascript:alert%283%29) \
                ![look](https://evil.example/pixel.png)\n\n<iframe src='https://evil.example'></iframe>\n";
    let server = server(folder.path(), &[("notes/odd.md", page)]);
    let answer = server.get("/api/v1/knowledge/page?id=notes/odd.md").json();
    let html = answer["html"].as_str().unwrap();
    for harm in ["<script", "<img", "<iframe", "href=\"javascript"] {
        assert!(!html.contains(harm), "{harm} in {html}");
    }
    assert!(html.contains("Odd") && html.contains("&lt;script&gt;"), "{html}");
    assert_eq!(answer["markdown"], page);
}

#[test]
fn an_alert_of_a_built_in_rule_has_its_runbook() {
    let folder = fresh();
    let server = server(folder.path(), &[]);
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos();
    let attribute = |key: &str, value: &str| json!([{"key": key, "value": {"stringValue": value}}]);
    let said = "Accepted password for maria from 198.51.100.23 port 50112 ssh2";
    let records = json!([{"timeUnixNano": now.to_string(), "body": {"stringValue": said},
        "attributes": attribute("syslog.appname", "sshd")}]);
    let resource = json!({"attributes": attribute("host.name", "web-1")});
    let body = json!({"resourceLogs": [{"resource": resource, "scopeLogs": [{"logRecords": records}]}]});
    assert_eq!(server.otlp_json("/v1/logs", &body).status, 200);
    let id = eventually("the alert", || {
        let rows = server.get("/api/v1/alerts").json()["rows"].clone();
        let of = |row: &&Value| row["rule"] == "91b8f124-3ea7-4985-82c0-e90c60003823";
        rows.as_array().unwrap().iter().find(of).map(|row| row["id"].to_string())
    });
    let alert = server.get(&format!("/api/v1/alerts/{id}")).json();
    assert_eq!(beside(&alert)[0], ("runbooks/ssh-guessing.md", "rule"), "{}", alert["runbooks"]);
    assert_eq!(alert["runbook"], "rules/detect/linux/ssh_password_from_internet.md#what-to-do");
    let shown = command(&server, &["alerts", "show", &id]);
    assert!(shown.out.contains("runbooks/ssh-guessing.md"), "{shown:?}");
}

#[test]
fn what_helped_comes_first_among_equals_and_the_review_is_found() {
    let folder = fresh();
    let page = |name: &str| format!("---\nalerts: [CartIsSlow]\n---\n# {name}\n");
    let (a, b) = (page("One way"), page("Another way"));
    let server = server(folder.path(), &[("runbooks/a.md", a.as_str()), ("runbooks/b.md", b.as_str())]);
    let first = alert(&server, "CartIsSlow", "cart");
    let (id, incident) = (first["id"].to_string(), first["incident"].to_string());
    assert_eq!(beside(&first)[..2], [("runbooks/a.md", "alert_name"), ("runbooks/b.md", "alert_name")]);
    let told = command(&server, &["knowledge", "helped", "runbooks/b.md", "--alert", &id]);
    assert!(told.out.starts_with("kept: runbooks/b.md helped"), "{told:?}");
    let again = json!({"page": "runbooks/b.md", "alert": first["id"]});
    assert_eq!(server.post("/api/v1/knowledge/helped", &again).json()["repeated"], true);
    server.post("/api/v1/knowledge/helped", &json!({"page": "runbooks/c.md"})).says(404, &["there is no page"]);
    for of in [format!("alerts/{id}"), format!("incidents/{incident}")] {
        let now = server.get(&format!("/api/v1/{of}")).json();
        assert_eq!(beside(&now)[0], ("runbooks/b.md", "alert_name"), "{of}");
        assert_eq!(now["runbooks"][0]["helped"], 1, "told twice it helped once");
    }
    let decisions = server.sql("SELECT reason FROM decisions WHERE kind = 'page_helped'");
    assert_eq!(decisions, [vec![json!("the page runbooks/b.md helped")]]);

    let act =
        json!({"ids": [first["incident"]], "do": "resolve", "outcome": "true", "reason": "a pelican on the wire"});
    assert_eq!(server.post("/api/v1/alerts/act", &act).status, 200);
    let hits =
        eventually("the review", || Some(search(&server, "q=pelican&kind=review")).filter(|hits| !hits.is_empty()));
    assert_eq!((ids(&hits), &hits[0]["kind"]), (vec![format!("incident:{incident}").as_str()], &json!("incident")));
    let again = json!({"ids": [first["incident"]], "do": "reopen", "reason": "it is not over"});
    assert_eq!(server.post("/api/v1/alerts/act", &again).status, 200);
    eventually("no review of what is open", || search(&server, "q=pelican&kind=review").is_empty().then_some(()));
    // After a start the vote still counts.
    let data = server.data_dir.clone();
    server.stop();
    let server = Server::with(&data, &["--knowledge", &folder.path().join("knowledge").display().to_string()]);
    eventually("the vote", || {
        let now = server.get(&format!("/api/v1/alerts/{id}")).json();
        (beside(&now)[0].0 == "runbooks/b.md").then_some(())
    });
}

#[test]
fn what_is_decided_in_a_dataset_is_found_by_those_who_may_see_it() {
    let folder = fresh();
    let mut server = server(folder.path(), &[]);
    let token = |dataset: &str| {
        let grant = json!({"role": "viewer", "team": "shop", "datasets": [dataset]});
        let body = json!({"kind": "api", "name": dataset, "grants": [grant]});
        server.post("/api/v1/tokens", &body).json()["token"].as_str().unwrap().to_owned()
    };
    let (web, billing) = (token("web"), token("billing"));
    let triage = json!({"kind": "incident", "key": "i1", "reason": "it hangs", "dataset": "billing",
        "owner": {"kind": "team", "key": "shop"}});
    let kept = server.post("/api/v1/decisions", &triage);
    assert_eq!(kept.status, 200, "{}", kept.text());
    // What is said is seen by those who see what it is said to.
    let asked = json!({"to": kept.json()["decision"], "control": "runbooks", "say": "question",
        "text": "was the okapi in the way?"});
    let answer = server.post("/api/v1/answers", &asked);
    assert_eq!(answer.status, 200, "{}", answer.text());
    let id = format!("answer:{}", answer.json()["answer"]);
    let notes = json!({"teams": ["shop", "security"], "day": "2026-11-20", "notes": "We spoke of the quagga."});
    assert_eq!(server.post("/api/v1/meetings", &notes).status, 200);
    let hits = eventually("the question", || Some(search(&server, "q=okapi")).filter(|hits| !hits.is_empty()));
    assert_eq!((ids(&hits), &hits[0]["dataset"]), (vec![id.as_str()], &json!("billing")));
    let hits = eventually("the notes", || Some(search(&server, "q=quagga")).filter(|hits| !hits.is_empty()));
    assert_eq!(
        (&hits[0]["kind"], &hits[0]["title"]),
        (&json!("meeting"), &json!("security and shop met on 2026-11-20"))
    );
    assert!(!search(&server, "q=fixed-before-release&kind=control").is_empty(), "controls are found by name");
    server.token = Some(billing);
    assert_eq!(ids(&search(&server, "q=okapi")), [id.as_str()]);
    server.token = Some(web);
    for query in ["q=okapi", "q=quagga", "q=&kind=decision", "q=&kind=meeting"] {
        assert!(search(&server, query).is_empty(), "{query}");
    }
    assert!(!search(&server, "q=ssh&kind=runbook").is_empty(), "pages are everybody's");
    // A vote needs what it is about to be seen.
    let vote = json!({"page": "runbooks/ssh-guessing.md"});
    server.post("/api/v1/knowledge/helped", &vote).refuses(403, &["is not yours"]);
}

#[test]
fn lists_name_what_is_missing_old_or_broken() {
    let folder = fresh();
    let page = "---\nservices: [cart]\nreview_by: 2020-01-01\n---\n# Cart\n\nSee [this](gone.md).\n\n```sh\ntandem dance now\ntandem alerts show 1\n```\n";
    let broken = "---\nreview_by: soon\n---\n# Odd\n";
    let server = server(folder.path(), &[("notes/cart.md", page), ("notes/odd.md", broken)]);
    let lists = server.get("/api/v1/knowledge/lists").json();
    let first = |name: &str| lists[name]["first"].as_array().unwrap().clone();
    assert_eq!(first("overdue"), [json!({"page": "notes/cart.md", "owner": null, "review_by": "2020-01-01"})]);
    let links = first("broken_links");
    assert_eq!(
        (links.len(), &links[0]["page"], &links[0]["line"]),
        (1, &json!("notes/cart.md"), &json!(7)),
        "{links:?}"
    );
    let stale = first("stale_commands");
    assert_eq!(stale.len(), 1, "{stale:?}");
    assert!(stale[0]["why"].as_str().unwrap().contains("no command `dance`"), "{stale:?}");
    let without = first("without_runbook");
    let has = |title: &str| without.contains(&json!(title));
    assert!(!without.is_empty() && !has("ssh log-in from the internet by password alone"), "{without:?}");
    assert_eq!(lists["one_author"]["count"], 0);
    assert!(lists["problems"]["first"][0]["what"].as_str().unwrap().contains("review_by"), "{lists}");
    let told = command(&server, &["knowledge", "lists"]);
    assert!(told.out.contains("commands that are not there: 1") && told.out.contains("tandem dance"), "{told:?}");

    let knowledge = folder.path().join("knowledge").display().to_string();
    let lint = |folder: &str| run(binary(Path::new(env!("CARGO_BIN_EXE_tandem")), &["knowledge", "lint", folder]));
    let told = lint(&knowledge);
    assert_eq!(told.code, Some(1), "{told:?}");
    assert!(told.out.contains("cart.md:7: gone.md") && told.out.contains("2 pages, 3 errors, 1 warnings"), "{told:?}");
    fs::remove_file(folder.path().join("knowledge/notes/odd.md")).unwrap();
    fs::write(folder.path().join("knowledge/notes/cart.md"), "# Cart\n\n    tandem alerts show 1\n").unwrap();
    assert_eq!(lint(&knowledge).code, Some(0));
    lint("/nowhere/at/all").says(2, &["is no folder"]);
}

/// A commit by somebody, by the program `git` alone, as people make them.
fn commit(folder: &Path, who: &str, message: &str) {
    let git = |arguments: &[&str]| {
        let mut git = std::process::Command::new("git");
        let mail = format!("user.email={who}@example.org");
        git.current_dir(folder).args(["-c", &format!("user.name={who}"), "-c", &mail, "-c", "commit.gpgsign=false"]);
        let done =
            git.args(arguments).env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1").output().unwrap();
        assert!(done.status.success(), "{arguments:?}: {done:?}");
    };
    if !folder.join(".git").exists() {
        git(&["init", "-q", "-b", "main"]);
    }
    git(&["add", "-A"]);
    git(&["commit", "-q", "-m", message]);
}

/// The services whose knowledge hangs on one author, as the server tells them.
fn hanging(server: &Server) -> Vec<String> {
    let lists = server.get("/api/v1/knowledge/lists").json();
    let rows = lists["one_author"]["first"].as_array().unwrap().clone();
    assert_eq!(lists["one_author"]["count"], rows.len(), "{lists}");
    rows.iter().map(|row| row["service"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn knowledge_that_hangs_on_one_author_is_told_and_the_author_is_not() {
    let folder = fresh();
    let repository = folder.path();
    let page = |service: &str, text: &str| {
        format!("---\nowner: shop\nservices: [{service}]\n---\n# About {service}\n\n{text}\n")
    };
    let write = |path: &str, text: &str| {
        let path = repository.join("knowledge/runbooks").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    // `cart` is ada's alone; bob went through `till`; both wrote `stock` together; nobody committed `draft`.
    write("cart.md", &page("cart", "One."));
    write("till.md", &page("till", "One."));
    write("old/pay.md", &page("pay", "One."));
    commit(repository, "ada", "Pages");
    write("till.md", &page("till", "Two."));
    write("old/pay.md", &page("pay", "Two."));
    commit(repository, "bob", "Went through them");
    write("stock.md", &page("stock", "One."));
    commit(repository, "ada", "Stock\n\nCo-authored-by: Bob <BOB@example.org>");
    // Who moves a page did not write it.
    fs::rename(repository.join("knowledge/runbooks/old/pay.md"), repository.join("knowledge/runbooks/pay.md")).unwrap();
    commit(repository, "eve", "Moved");
    write("draft.md", &page("draft", "One."));
    let knowledge = repository.join("knowledge").display().to_string();
    let data = fresh();
    let server = Server::with(data.path(), &["--knowledge", &knowledge]);
    assert_eq!(hanging(&server), ["cart"]);
    let lists = server.get("/api/v1/knowledge/lists").text();
    let told = command(&server, &["knowledge", "lists"]);
    assert!(told.out.contains("cart") && told.out.contains("one author"), "{told:?}");
    for name in ["ada", "bob", "eve", "example.org"] {
        assert!(!lists.contains(name) && !told.out.contains(name), "{name} is named: {lists} {told:?}");
    }
    // A second one goes through it, and it hangs on nobody any more; what they commit with it is theirs alone.
    write("cart.md", &page("cart", "Two."));
    commit(repository, "bob", "Cart");
    eventually("the history as it is now", || (hanging(&server) == ["draft"]).then_some(()));
    write("draft.md", &page("draft", "Two."));
    commit(repository, "eve", "Draft");
    assert!(hanging(&server).is_empty());
    assert_eq!(server.stop(), Some(0));
    // What a shallow clone does not have may have been anybody's.
    let shallow = folder.path().join("shallow");
    let from = format!("file://{}", repository.display());
    let clone = ["clone", "-q", "--depth", "1", &from, shallow.to_str().unwrap()];
    assert!(std::process::Command::new("git").args(clone).status().unwrap().success());
    let knowledge = shallow.join("knowledge").display().to_string();
    let other = fresh();
    let server = Server::with(other.path(), &["--knowledge", &knowledge]);
    assert!(hanging(&server).is_empty(), "of a shallow clone nobody knows");
}
