//! The layer as requests meet it: each need by each caller, and what is in the trail afterwards.

use super::door::{Door, Keys};
use super::routes::{Need, Route, Routes};
use super::session::{LIFETIME, csrf};
use super::testing::{self, trail};
use crate::server::auth::{Sender, Tokens};
use crate::server::errors::ApiError;
use crate::server::serverfile::CONTROL_HEADER;
use crate::server::state::now;
use axum::body::Body;
use axum::extract::{Extension, Path, Request};
use axum::http::header::{AUTHORIZATION, COOKIE};
use axum::http::{HeaderName, Method, StatusCode};
use axum::{Json, Router};
use ledger::{Ledger, NewToken, NewUser, Person, Subject, TokenKind};
use model::{Caller, Datasets, Grant, Role};
use std::collections::BTreeSet;
use std::sync::Arc;
use tower::ServiceExt as _;

const CONTROL: &str = "the control key";
const CONFIGURED: &str = "configured-0123456789";
const SENDS: &str = "sends-0123456789abcdef";
const OWNER: Person<'_> = Person("owner of the server");

struct House {
    _folder: tempfile::TempDir,
    ledger: Ledger,
    door: Arc<Door>,
    router: Router,
    routes: Vec<Route>,
}

async fn who(Extension(caller): Extension<Caller>) -> String {
    caller.name
}

async fn sender(Extension(sender): Extension<Sender>) -> String {
    sender.dataset
}

/// Acts in the team of the path.
async fn act(Extension(caller): Extension<Caller>, Path(team): Path<String>) -> Result<String, ApiError> {
    if caller.may(Role::Responder, Some(&team)) {
        return Ok(team);
    }
    Err(ApiError::new(StatusCode::FORBIDDEN, "another team's").refused("another team"))
}

async fn strict(body: Result<Json<[u8; 0]>, axum::extract::rejection::JsonRejection>) -> Result<(), ApiError> {
    body.map(drop).map_err(|error| ApiError::bad(error.body_text()).refused("unknown field"))
}

const NEEDS: [(&str, Need); 9] = [
    ("/public", Need::Public),
    ("/session", Need::Session),
    ("/read", Need::Read),
    ("/viewer", Need::Role(Role::Viewer)),
    ("/admin", Need::Role(Role::Admin)),
    ("/team-viewer", Need::RoleInTeam(Role::Viewer)),
    ("/team-editor", Need::RoleInTeam(Role::Editor)),
    ("/owner", Need::Owner),
    ("/nobody", Need::Ingest),
];

async fn house(open: bool, ingest_tokens: Tokens) -> House {
    let (folder, ledger) = testing::ledger().await;
    let api_tokens = Tokens::of(&[CONFIGURED]);
    let keys = Keys { api_tokens, ingest_tokens, control: CONTROL, open, tls: false };
    let door = Arc::new(Door::new(ledger.clone(), keys));
    let mut routes = Routes::new(door.clone());
    for (path, need) in NEEDS {
        routes = routes.get(path, need, who).post(path, need, who);
    }
    routes = routes
        .post("/teams/{team}/act", Need::RoleInTeam(Role::Responder), act)
        .post("/strict", Need::Public, strict)
        .any("/send", Need::Ingest, sender);
    let (router, routes) = routes.build();
    House { _folder: folder, ledger, door, router, routes }
}

impl House {
    async fn ask(&self, method: Method, path: &str, headers: &[(HeaderName, &str)]) -> (u16, String) {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(name, *value);
        }
        let answer = self.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let status = answer.status().as_u16();
        let body = axum::body::to_bytes(answer.into_body(), 10_000).await.unwrap();
        (status, String::from_utf8_lossy(&body).into_owned())
    }

    async fn bearer(&self, path: &str, token: &str) -> (u16, String) {
        self.ask(Method::GET, path, &[(AUTHORIZATION, &format!("Bearer {token}"))]).await
    }

    async fn token(&self, kind: TokenKind, grants: &[Grant], expires: i64) -> (i64, String) {
        let dataset = if kind == TokenKind::Ingest { "shop" } else { "" };
        let new = NewToken { kind, name: "ci", dataset, grants, expires: Some(expires), creator: None };
        self.ledger.create_token(new, OWNER, now()).await.unwrap()
    }

    async fn api_token(&self, grants: &[Grant]) -> String {
        self.token(TokenKind::Api, grants, now() + LIFETIME).await.1
    }

    /// Why callers were refused, so far.
    async fn refused(&self) -> Vec<(String, String)> {
        let told = trail(&self.ledger).await.into_iter().filter(|entry| entry.action == "refused");
        told.map(|entry| (entry.object, serde_json::from_str::<serde_json::Value>(&entry.detail).unwrap()))
            .map(|(object, detail)| (object, detail["why"].as_str().unwrap().to_owned()))
            .collect()
    }
}

fn grant(role: Role, team: &str) -> Grant {
    Grant { role, team: Some(team.to_owned()), datasets: Datasets::only(["web"]) }
}

#[tokio::test]
async fn each_need_by_each_caller() {
    let house = house(false, Tokens::of(&[SENDS])).await;
    let viewer = house.api_token(&[Grant::everywhere(Role::Viewer)]).await;
    let admin = house.api_token(&[Grant::everywhere(Role::Admin)]).await;
    let team_viewer = house.api_token(&[grant(Role::Viewer, "shop")]).await;
    let team_admin = house.api_token(&[grant(Role::Admin, "shop")]).await;
    let callers: [(&str, Option<&str>, &[&str]); 7] = [
        ("nobody", None, &["/public"]),
        ("viewer", Some(&viewer), &["/public", "/session", "/read", "/viewer", "/team-viewer"]),
        ("team viewer", Some(&team_viewer), &["/public", "/session", "/read", "/team-viewer"]),
        ("team admin", Some(&team_admin), &["/public", "/session", "/read", "/team-viewer", "/team-editor"]),
        ("admin", Some(&admin), &["/public", "/session", "/read", "/viewer", "/admin", "/team-viewer", "/team-editor"]),
        (
            "configured",
            Some(CONFIGURED),
            &["/public", "/session", "/read", "/viewer", "/admin", "/team-viewer", "/team-editor"],
        ),
        ("sender", Some(SENDS), &["/public"]),
    ];
    for (name, token, may) in callers {
        for (path, _) in NEEDS {
            let (status, body) = match token {
                Some(token) => house.bearer(path, token).await,
                None => house.ask(Method::GET, path, &[]).await,
            };
            let expected = match (may.contains(&path), path, name) {
                (true, ..) => 200,
                // Who sends gets through, to a handler that was made for nobody.
                (false, "/nobody", "sender") => 200,
                (false, "/nobody", _) | (false, _, "sender") => 401,
                (false, "/owner", _) => 403,
                (false, _, "nobody") => 401,
                _ => 403,
            };
            assert_eq!(status, expected, "{name} at {path}: {body}");
        }
    }
    let owner = [(HeaderName::from_static(CONTROL_HEADER), CONTROL)];
    for (path, need) in NEEDS {
        let expected = if need == Need::Ingest { 401 } else { 200 };
        assert_eq!(house.ask(Method::GET, path, &owner).await.0, expected, "the owner at {path}");
    }
    let wrong = [(HeaderName::from_static(CONTROL_HEADER), "another key")];
    assert_eq!(house.ask(Method::GET, "/session", &wrong).await.0, 401);
    assert!(house.refused().await.contains(&("GET /session".to_owned(), "wrong control key".to_owned())));
}

#[tokio::test]
async fn every_route_is_listed_and_none_is_open_by_mistake() {
    let house = house(false, Tokens::of(&[SENDS])).await;
    let listed: BTreeSet<&str> = house.routes.iter().map(|route| route.path).collect();
    assert_eq!(listed.len(), NEEDS.len() + 3);
    for route in house.routes.iter().filter(|route| route.need != Need::Public) {
        let method = if route.method == "*" { Method::GET } else { route.method.parse().unwrap() };
        let path = route.path.replace("{team}", "shop");
        let (status, body) = house.ask(method, &path, &[]).await;
        assert!(matches!(status, 401 | 403), "{route:?}: {status} {body}");
        let told = house.refused().await;
        assert!(told.iter().any(|(object, _)| *object == format!("{} {}", route.method, route.path)), "{route:?}");
    }
}

#[tokio::test]
async fn acting_is_by_team() {
    let house = house(false, Tokens::default()).await;
    let token = house.api_token(&[grant(Role::Responder, "shop"), grant(Role::Viewer, "pay")]).await;
    let act = async |team: &str| {
        let headers = [(AUTHORIZATION, &*format!("Bearer {token}"))];
        house.ask(Method::POST, &format!("/teams/{team}/act"), &headers).await.0
    };
    assert_eq!(act("shop").await, 200);
    for other in ["pay", "other", "*", "%2a", "shop%2f..%2fpay", "SHOP"] {
        assert_eq!(act(other).await, 403, "{other}");
    }
    assert_eq!(act("../shop").await, 404, "no route");
    assert_eq!(house.refused().await, [("POST /teams/{team}/act".to_owned(), "another team".to_owned())]);
    let entry = trail(&house.ledger).await.pop().unwrap();
    assert_eq!(entry.person.as_deref(), Some("token ci"));
}

#[tokio::test]
async fn tokens_that_are_not_good_are_refused_and_told() {
    let house = house(false, Tokens::of(&[SENDS])).await;
    let grants = [Grant::everywhere(Role::Admin)];
    let (_, good) = house.token(TokenKind::Api, &grants, now() + LIFETIME).await;
    let (revoked_id, revoked) = house.token(TokenKind::Api, &grants, now() + LIFETIME).await;
    let (_, expired) = house.token(TokenKind::Api, &grants, now() + 1_000_000).await;
    let (_, sends) = house.token(TokenKind::Ingest, &[], now() + LIFETIME).await;
    assert_eq!(house.bearer("/admin", &revoked).await.0, 200, "good until it is taken back");
    house.ledger.revoke_token(revoked_id, OWNER, now()).await.unwrap();
    house.door.forget_tokens();
    while now() < trail(&house.ledger).await[0].known + 2_000_000 {}
    for (token, why, part) in [
        (revoked.as_str(), "revoked token", "taken back"),
        (&expired, "expired token", "expired"),
        (&good[..good.len() - 1], "damaged token", "whole"),
        (&good[..20], "damaged token", "whole"),
        ("no-token-of-ours-at-all", "unknown token", "not known"),
        ("", "unknown token", "not known"),
        (&sends, "ingest token", "sends events"),
        (SENDS, "unknown token", "not known"),
    ] {
        let (status, body) = house.bearer("/admin", token).await;
        assert_eq!(status, 401, "{why}");
        assert!(body.contains(part) && !body.contains(&good[..40]), "{body}");
        assert!(house.refused().await.contains(&("GET /admin".to_owned(), why.to_owned())), "{why}");
    }
    assert_eq!(house.bearer("/admin", &good).await.0, 200);
    // Where none is needed, none is looked at.
    assert_eq!(house.bearer("/public", &revoked).await.0, 200);
}

#[tokio::test]
async fn sending_is_by_token_and_names_the_dataset() {
    let house = house(true, Tokens::of(&[SENDS])).await;
    let (_, ledgers) = house.token(TokenKind::Ingest, &[], now() + LIFETIME).await;
    let (_, asks) = house.token(TokenKind::Api, &[Grant::everywhere(Role::Admin)], now() + LIFETIME).await;
    assert_eq!(house.bearer("/send", SENDS).await, (200, "default".to_owned()));
    assert_eq!(house.bearer("/send", &ledgers).await, (200, "shop".to_owned()));
    assert_eq!(house.ask(Method::POST, "/send", &[]).await.0, 401, "there are tokens, so each sender needs one");
    assert_eq!(house.bearer("/send", &asks).await.0, 401);
    assert_eq!(house.bearer("/send", CONFIGURED).await.0, 401);
    assert_eq!(house.bearer("/send", &ledgers[..30]).await.0, 401);
}

#[tokio::test]
async fn on_the_loopback_nobody_needs_a_token_to_send() {
    let house = house(true, Tokens::default()).await;
    let (id, token) = house.token(TokenKind::Ingest, &[], now() + LIFETIME).await;
    assert_eq!(house.ask(Method::POST, "/send", &[]).await, (200, "default".to_owned()));
    assert_eq!(house.bearer("/send", "whatever-a-client-sends").await, (200, "default".to_owned()));
    assert_eq!(house.bearer("/send", &token).await, (200, "shop".to_owned()));
    // But a token that is shown is a good one.
    house.ledger.revoke_token(id, OWNER, now()).await.unwrap();
    house.door.forget_tokens();
    assert_eq!(house.bearer("/send", &token).await.0, 401);
    assert_eq!(house.bearer("/send", &token[..30]).await.0, 401);
}

#[tokio::test]
async fn a_browser_needs_its_session_and_its_page() {
    let house = house(false, Tokens::default()).await;
    let new = NewUser { login: "ada", grants: &[Grant::everywhere(Role::Viewer)], ..NewUser::default() };
    let ada = house.ledger.create_user(new, OWNER, now()).await.unwrap();
    let secret = house.ledger.create_session(ada, "password", LIFETIME, now()).await.unwrap();
    let (cookie, token) = (format!("tandem={secret}"), csrf(&secret));
    let page = HeaderName::from_static("x-csrf-token");
    assert_eq!(house.ask(Method::GET, "/viewer", &[(COOKIE, &cookie)]).await, (200, "ada".to_owned()));
    assert_eq!(house.ask(Method::POST, "/viewer", &[(COOKIE, &cookie)]).await.0, 403);
    assert_eq!(house.ask(Method::POST, "/viewer", &[(COOKIE, &cookie), (page.clone(), "0")]).await.0, 403);
    assert_eq!(house.ask(Method::POST, "/viewer", &[(COOKIE, &cookie), (page.clone(), &token)]).await.0, 200);
    assert_eq!(house.ask(Method::POST, "/admin", &[(COOKIE, &cookie), (page.clone(), &token)]).await.0, 403);
    // A right that was given counts at once, and so does one that was taken.
    let subject = Subject::User(ada);
    house.ledger.grant(subject, &Grant::everywhere(Role::Admin), OWNER, now()).await.unwrap();
    assert_eq!(house.ask(Method::POST, "/admin", &[(COOKIE, &cookie), (page.clone(), &token)]).await.0, 200);
    house.ledger.revoke(subject, None, OWNER, now()).await.unwrap();
    assert_eq!(house.ask(Method::GET, "/read", &[(COOKIE, &cookie)]).await.0, 403);
    assert_eq!(house.ask(Method::GET, "/session", &[(COOKIE, &cookie)]).await.0, 200);
    house.ledger.end_session(&secret, now()).await.unwrap();
    assert_eq!(house.ask(Method::GET, "/session", &[(COOKIE, &cookie)]).await.0, 401);
    let told = house.refused().await;
    for (object, why) in [
        ("POST /viewer", "no token against forgery"),
        ("POST /admin", "role"),
        ("GET /read", "role"),
        ("GET /session", "session is over"),
    ] {
        assert!(told.contains(&(object.to_owned(), why.to_owned())), "{object} {why}: {told:?}");
    }
}

#[tokio::test]
async fn what_a_handler_refuses_is_told_too() {
    let house = house(false, Tokens::default()).await;
    let headers = [(HeaderName::from_static("content-type"), "application/json")];
    assert_eq!(house.ask(Method::POST, "/strict", &headers).await.0, 400);
    assert_eq!(house.refused().await, [("POST /strict".to_owned(), "unknown field".to_owned())]);
}

#[tokio::test]
async fn a_ledger_that_is_away_lets_nobody_in() {
    let house = house(false, Tokens::default()).await;
    let token = house.api_token(&[Grant::everywhere(Role::Admin)]).await;
    house.ledger.close().await;
    let (status, body) = house.bearer("/admin", &token).await;
    assert_eq!(status, 503, "{body}");
    assert_eq!(house.ask(Method::GET, "/session", &[(COOKIE, "tandem=abc")]).await.0, 503);
}
