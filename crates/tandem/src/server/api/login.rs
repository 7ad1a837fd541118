//! Coming in and going out: by password, or at the organisation's provider.

use crate::access::door::SessionSecret;
use crate::access::oidc::{Callback, Identity, OidcError};
use crate::access::password::PasswordError;
use crate::access::refusals::Refused;
use crate::access::session::{LIFETIME, csrf};
use crate::server::errors::ApiError;
use crate::server::state::{App, now};
use axum::Json;
use axum::extract::{ConnectInfo, Extension, Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use ledger::{NewUser, Person, User};
use model::{Caller, CallerKind, Datasets, Grant, Role};
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Whoever is not known yet, in the trail.
const NOBODY: &str = "somebody unknown";
/// Who changes grants that follow from groups.
const PROVIDER: Person<'static> = Person("single sign-on");

/// Who asks.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Principal {
    /// As the audit trail shows it.
    name: String,
    kind: PrincipalKind,
    grants: Vec<ShownGrant>,
    /// The datasets that may be seen; `*` is all.
    datasets: Vec<String>,
    /// For the header of requests that change something, of who came in by cookie.
    csrf: Option<String>,
}

/// What kind of caller.
#[derive(Serialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum PrincipalKind {
    /// Whom the server does not know.
    Nobody,
    /// A person.
    User,
    /// A program.
    Token,
    /// The user that the server runs as.
    Owner,
}

/// A grant as it is shown; `*` is all.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = Grant)]
pub struct ShownGrant {
    role: Role,
    team: String,
    datasets: Vec<String>,
}

/// Out.
#[derive(Serialize, utoipa::ToSchema)]
pub struct LoggedOut {
    out: bool,
}

/// The password is another.
#[derive(Serialize, utoipa::ToSchema)]
pub struct PasswordChanged {
    changed: bool,
}

/// A log-in by password.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LogIn {
    /// The log-in.
    login: String,
    /// The password.
    password: String,
}

/// Begins a session, in a cookie.
#[utoipa::path(post, path = "/api/v1/login", request_body = LogIn, tag = "access",
    responses((status = 200, description = "Who you are, and the token for requests that change something", body = Principal),
        (status = 401, description = "Not this password, or nobody by that name"), (status = 429, description = "Too often")))]
pub async fn login(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Result<Response, ApiError> {
    let headers = request.headers().clone();
    let given: LogIn = super::strict(&app, request).await?;
    let attempt = app.access.limits.attempt(peer.ip(), &given.login, Instant::now());
    let attempt = match attempt {
        Ok(attempt) => attempt,
        Err(wait) => {
            refused(&app, None, "too many failures").await;
            return Err(later("too many log-ins failed from here or for this user", wait));
        }
    };
    let user = app.ledger.user_by_login(&given.login).await?;
    let (id, able) = (user.as_ref().map(|user| user.id), user.filter(|user| !user.disabled));
    let hash = able.as_ref().and_then(|user| user.password.clone());
    let fits = app.access.passwords.verify(given.password, hash).await?;
    let Some(user) = able.filter(|_| fits) else {
        refused(&app, id, "wrong password, disabled, or unknown").await;
        return Err(ApiError::new(StatusCode::UNAUTHORIZED, "the log-in or the password is wrong")
            .help("an admin can set another password: `tandem user password LOGIN`"));
    };
    app.access.limits.succeeded(attempt);
    let secret = begin(&app, &headers, user.id, "password").await?;
    let caller = of(&user);
    let mut answer = Json(shown(&caller, Some(&secret))).into_response();
    set(&mut answer, app.access.door.cookies.set_session(&secret));
    Ok(answer)
}

/// Ends the session of this browser.
#[utoipa::path(post, path = "/api/v1/logout", tag = "access", responses((status = 200, description = "You are out", body = LoggedOut)))]
pub async fn logout(
    State(app): State<Arc<App>>,
    Extension(SessionSecret(secret)): Extension<SessionSecret>,
) -> Result<Response, ApiError> {
    if let Some(secret) = secret {
        app.ledger.end_session(&secret, now()).await?;
    }
    let mut answer = Json(LoggedOut { out: true }).into_response();
    set(&mut answer, app.access.door.cookies.end_session());
    Ok(answer)
}

/// Who asks, and what that may do.
#[utoipa::path(get, path = "/api/v1/me", tag = "access", responses((status = 200, description = "Name, kind, grants", body = Principal)))]
pub async fn me(
    Extension(caller): Extension<Caller>,
    Extension(SessionSecret(secret)): Extension<SessionSecret>,
) -> Json<Principal> {
    Json(shown(&caller, secret.as_deref()))
}

/// Another password for oneself.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OwnPassword {
    /// The one until now.
    old: String,
    /// The one from now on.
    new: String,
}

/// Sets one's own password, and ends all of one's sessions.
#[utoipa::path(post, path = "/api/v1/me/password", request_body = OwnPassword, tag = "access",
    responses((status = 200, description = "Log in again with it", body = PasswordChanged), (status = 401, description = "Not the old password")))]
pub async fn own_password(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Result<Json<PasswordChanged>, ApiError> {
    let given: OwnPassword = super::strict(&app, request).await?;
    let id = caller.id.filter(|_| caller.kind == CallerKind::User);
    let id = id.ok_or_else(|| ApiError::bad("only a user has a password"))?;
    let attempt = app.access.limits.attempt(peer.ip(), &caller.name, Instant::now());
    let attempt = attempt.map_err(|wait| later("too many passwords were wrong", wait))?;
    let hash = app.ledger.user(id).await?.and_then(|user| user.password);
    if !app.access.passwords.verify(given.old, hash).await? {
        return Err(ApiError::new(StatusCode::UNAUTHORIZED, "this is not your password").refused("wrong password"));
    }
    app.access.limits.succeeded(attempt);
    let hash = app.access.passwords.hash(given.new).await?;
    app.ledger.set_password_hash(id, &hash, Person(&caller.name), now()).await?;
    Ok(Json(PasswordChanged { changed: true }))
}

/// Sends the browser to the provider.
#[utoipa::path(get, path = "/api/v1/oidc/start", tag = "access",
    responses((status = 303, description = "To the provider"), (status = 400, description = "There is none")))]
pub async fn oidc_start(State(app): State<Arc<App>>) -> Result<Response, ApiError> {
    let oidc = app.access.oidc.as_ref().ok_or_else(no_provider)?;
    let begun = oidc.begin(seconds()).await?;
    let mut answer = to(&begun.url)?;
    set(&mut answer, app.access.door.cookies.set_login(&begun.cookie));
    Ok(answer)
}

/// Takes the browser back from the provider.
#[utoipa::path(get, path = "/api/v1/oidc/callback", tag = "access",
    params(("code" = Option<String>, Query), ("state" = Option<String>, Query)),
    responses((status = 303, description = "You are in"), (status = 401, description = "Not what was asked for")))]
pub async fn oidc_callback(
    State(app): State<Arc<App>>,
    Query(callback): Query<Callback>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let oidc = app.access.oidc.as_ref().ok_or_else(no_provider)?;
    let cookies = app.access.door.cookies;
    let identity = match oidc.finish(callback, cookies.login(&headers), seconds()).await {
        Ok(identity) => identity,
        Err(error) => {
            if matches!(error, OidcError::Refused(_)) {
                refused(&app, None, "what the provider's answer said did not hold").await;
            }
            return Err(error.into());
        }
    };
    let user = member(&app, &identity).await?;
    let secret = begin(&app, &headers, user, "single sign-on").await?;
    let mut answer = to("/")?;
    set(&mut answer, cookies.set_session(&secret));
    set(&mut answer, cookies.end_login());
    Ok(answer)
}

/// The user that an identity belongs to, with what follows from its groups now.
async fn member(app: &App, identity: &Identity) -> Result<i64, ApiError> {
    let known = app.ledger.user_by_identity(&identity.issuer, &identity.subject).await?;
    let given = known.as_ref().is_some_and(|user| !user.grants.is_empty());
    if identity.grants.is_empty() && !given {
        refused(app, known.map(|user| user.id), "no group that may come in").await;
        return Err(ApiError::new(StatusCode::FORBIDDEN, "none of your groups may come in here")
            .help("an admin maps groups to roles under [[oidc.groups]], or grants you a role"));
    }
    let user = match known {
        Some(user) => user.id,
        None => join(app, identity).await?,
    };
    app.ledger.set_claimed_grants(user, &identity.grants, PROVIDER, now()).await?;
    let user = app.ledger.user(user).await?.filter(|user| !user.disabled && !user.grants.is_empty());
    let Some(user) = user else {
        refused(app, None, "disabled, or no group that may come in").await;
        return Err(ApiError::new(StatusCode::FORBIDDEN, "you may not come in here any more"));
    };
    Ok(user.id)
}

/// A new user, by the best name that is free.
async fn join(app: &App, identity: &Identity) -> Result<i64, ApiError> {
    let mut last = None;
    for login in &identity.logins {
        let vouched = Some((identity.issuer.as_str(), identity.subject.as_str()));
        let new = NewUser { login, password: None, identity: vouched, grants: &[] };
        match app.ledger.create_user(new, PROVIDER, now()).await {
            Ok(user) => return Ok(user),
            Err(ledger::LedgerError::Invalid(why)) => last = Some(why),
            Err(failed) => return Err(failed.into()),
        }
    }
    Err(ApiError::new(StatusCode::CONFLICT, format!("no name is left for you: {}", last.unwrap_or_default())))
}

/// A session, in place of the one that the browser had.
async fn begin(app: &App, headers: &HeaderMap, user: i64, way: &str) -> Result<String, ApiError> {
    if let Some(old) = app.access.door.cookies.session(headers) {
        app.ledger.end_session(old, now()).await?;
    }
    Ok(app.ledger.create_session(user, way, LIFETIME, now()).await?)
}

async fn refused(app: &App, user: Option<i64>, why: &'static str) {
    let object = user.map_or_else(|| "user:?".to_owned(), |user| format!("user:{user}"));
    let refused = Refused { action: "log-in refused", by: NOBODY.to_owned(), object, why, token: None };
    app.access.door.refusals.note(refused, now()).await;
}

fn of(user: &User) -> Caller {
    let name = user.login.clone().unwrap_or_default();
    Caller { kind: CallerKind::User, id: Some(user.id), name, grants: user.grants.clone() }
}

fn shown(caller: &Caller, secret: Option<&str>) -> Principal {
    let kind = match caller.kind {
        CallerKind::Anonymous => PrincipalKind::Nobody,
        CallerKind::User => PrincipalKind::User,
        CallerKind::Token | CallerKind::Configured => PrincipalKind::Token,
        CallerKind::Owner => PrincipalKind::Owner,
    };
    let (grants, datasets) = (caller.grants.iter().map(grant).collect(), names(&caller.datasets()));
    Principal { name: caller.name.clone(), kind, grants, datasets, csrf: secret.map(csrf) }
}

/// Datasets as they are shown; `*` is all.
fn names(datasets: &Datasets) -> Vec<String> {
    datasets.names().map_or_else(|| vec!["*".to_owned()], |names| names.iter().cloned().collect())
}

/// A grant as it is shown; `*` is all.
pub fn grant(grant: &Grant) -> ShownGrant {
    let team = grant.team.clone().unwrap_or_else(|| "*".to_owned());
    ShownGrant { role: grant.role, team, datasets: names(&grant.datasets) }
}

fn later(why: &str, wait: Duration) -> ApiError {
    let mut error = ApiError::new(StatusCode::TOO_MANY_REQUESTS, why).help("wait as long as `Retry-After` says");
    error.retry_after = Some(wait);
    error
}

fn no_provider() -> ApiError {
    ApiError::bad("no identity provider is configured").help("set --oidc-issuer")
}

fn seconds() -> u64 {
    (now() / 1_000_000_000) as u64
}

fn to(url: &str) -> Result<Response, ApiError> {
    let mut answer = StatusCode::SEE_OTHER.into_response();
    let location = HeaderValue::try_from(url).map_err(|_| ApiError::bad("the provider's address is no address"))?;
    answer.headers_mut().insert(header::LOCATION, location);
    Ok(answer)
}

fn set(answer: &mut Response, cookie: Option<HeaderValue>) {
    answer.headers_mut().extend(cookie.map(|cookie| (header::SET_COOKIE, cookie)));
    answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
}

impl From<PasswordError> for ApiError {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Poor => ApiError::bad(error.to_string()).help("a sentence is easy to remember"),
            PasswordError::Busy => later("many log-ins are being checked", Duration::from_secs(2)),
            PasswordError::Failed(_) => ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()),
        }
    }
}

impl From<OidcError> for ApiError {
    fn from(error: OidcError) -> Self {
        match error {
            OidcError::Refused(why) => {
                ApiError::new(StatusCode::UNAUTHORIZED, why).help("begin again at /api/v1/oidc/start")
            }
            OidcError::Unavailable(_) => {
                tracing::warn!(%error, "a log-in at the provider failed");
                ApiError::new(StatusCode::BAD_GATEWAY, "the identity provider cannot be asked")
                    .help("try again; the server's log says more")
            }
        }
    }
}
