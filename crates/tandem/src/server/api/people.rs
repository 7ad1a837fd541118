//! Users, grants and tokens: what admins do. An admin of a team gives rights in that team, and no others.

use super::login::{ShownGrant, grant as shown_grant};
use crate::access::password;
use crate::config::oidc::grant;
use crate::server::api::time::{self, When};
use crate::server::errors::ApiError;
use crate::server::rows::rfc3339;
use crate::server::state::{App, now};
use axum::Json;
use axum::extract::{Extension, Path, Request, State};
use axum::http::StatusCode;
use ledger::{NewToken, NewUser, Person, Subject, Token, TokenKind, User};
use model::{Caller, CallerKind, DEFAULT_DATASET, Grant, Nanos, Role};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// How long a token that asks is good when nothing is said, and at most.
const TOKEN_LIFETIME: Nanos = 90 * DAY;
const MAX_TOKEN_LIFETIME: Nanos = 366 * DAY;
const DAY: Nanos = 24 * 3600 * 1_000_000_000;

/// A right to give.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GrantParameters {
    /// `viewer`, `responder`, `editor` or `admin`.
    #[schema(value_type = String)]
    role: Role,
    /// The team; `*` is all of them.
    team: String,
    /// The datasets; `*` is all of them.
    datasets: Vec<String>,
}

impl GrantParameters {
    /// The grant, if the caller may give it.
    fn given_by(&self, caller: &Caller) -> Result<Grant, ApiError> {
        let grant = grant(self.role, &self.team, &self.datasets);
        if caller.may_give(&grant) {
            return Ok(grant);
        }
        Err(ApiError::new(StatusCode::FORBIDDEN, "you may only give what you are an admin of: team and datasets")
            .help("ask an admin of all teams")
            .refused("a right that is not the caller's to give"))
    }
}

/// A user to make.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserParameters {
    /// The log-in.
    login: String,
    /// The password; one is generated and answered when absent.
    password: Option<String>,
    /// What it may do.
    #[serde(default)]
    grants: Vec<GrantParameters>,
}

/// Users.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = Users)]
pub struct AllUsers {
    users: Vec<UserShown>,
}

/// A user.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = User)]
pub struct UserShown {
    id: i64,
    /// Nothing when the name was erased.
    login: Option<String>,
    /// Whether there is a password.
    password: bool,
    single_sign_on: bool,
    /// Kept out.
    disabled: bool,
    created: String,
    grants: Vec<ShownGrant>,
}

/// The user that was made.
#[derive(Serialize, utoipa::ToSchema)]
pub struct UserMade {
    id: i64,
    login: String,
    /// When it was generated; it is answered once.
    password: Option<String>,
}

/// The password that was set.
#[derive(Serialize, utoipa::ToSchema)]
pub struct PasswordSet {
    id: i64,
    /// When it was generated; it is answered once.
    password: Option<String>,
}

/// Whether a user is kept out now.
#[derive(Serialize, utoipa::ToSchema)]
pub struct UserDisabled {
    id: i64,
    disabled: bool,
}

/// The name is gone.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Forgotten {
    forgotten: bool,
}

/// What was granted.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Granted {
    id: i64,
    granted: ShownGrant,
}

/// What was taken back.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Revoked {
    id: i64,
    /// Whether there was one.
    revoked: bool,
}

/// Tokens.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = Tokens)]
pub struct AllTokens {
    tokens: Vec<TokenShown>,
}

/// A token, without its secret.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = Token)]
pub struct TokenShown {
    id: i64,
    /// `api` asks and acts, `ingest` sends.
    kind: &'static str,
    name: String,
    /// What its events are stamped with, when it sends.
    dataset: String,
    created: String,
    expires: Option<String>,
    revoked: Option<String>,
    /// When it was last used, to the hour.
    used: Option<String>,
    /// Whoever made it is kept out, and it with them.
    resting: bool,
    grants: Vec<ShownGrant>,
}

/// The token that was made.
#[derive(Serialize, utoipa::ToSchema)]
pub struct TokenMade {
    id: i64,
    /// It is answered once.
    token: String,
    expires: Option<String>,
}

/// All users.
#[utoipa::path(get, path = "/api/v1/users", tag = "access", responses((status = 200, description = "Users and their grants", body = AllUsers)))]
pub async fn users(State(app): State<Arc<App>>) -> Result<Json<AllUsers>, ApiError> {
    Ok(Json(AllUsers { users: app.ledger.list_users().await?.iter().map(shown_user).collect() }))
}

fn shown_user(user: &User) -> UserShown {
    UserShown {
        id: user.id,
        login: user.login.clone(),
        password: user.password.is_some(),
        single_sign_on: user.single_sign_on,
        disabled: user.disabled,
        created: rfc3339(user.created),
        grants: user.grants.iter().map(shown_grant).collect(),
    }
}

/// Makes a user.
#[utoipa::path(post, path = "/api/v1/users", request_body = UserParameters, tag = "access",
    responses((status = 200, description = "Its id, and its password when it was generated", body = UserMade)))]
pub async fn create_user(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Result<Json<UserMade>, ApiError> {
    let given: UserParameters = super::strict(&app, request).await?;
    let grants = given.grants.iter().map(|grant| grant.given_by(&caller)).collect::<Result<Vec<_>, _>>()?;
    let (hash, generated) = hashed(&app, given.password).await?;
    let new = NewUser { login: &given.login, password: Some(&hash), identity: None, grants: &grants };
    let id = app.ledger.create_user(new, Person(&caller.name), now()).await?;
    Ok(Json(UserMade { id, login: given.login.to_ascii_lowercase(), password: generated }))
}

/// The hash of a password, and the password when it was made here.
async fn hashed(app: &App, password: Option<String>) -> Result<(String, Option<String>), ApiError> {
    match password {
        Some(password) => Ok((app.access.passwords.hash(password).await?, None)),
        None => {
            let password = password::generated();
            Ok((app.access.passwords.hash(password.clone()).await?, Some(password)))
        }
    }
}

/// Another password.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordParameters {
    /// The password; one is generated and answered when absent.
    password: Option<String>,
}

/// Refuses to act on a user who has more than the caller could give.
async fn may_rule(app: &App, caller: &Caller, id: i64) -> Result<(), ApiError> {
    let grants = app.ledger.user(id).await?.map_or_else(Vec::new, |user| user.grants);
    all_given(caller, grants.iter())
}

/// Refuses to take a role from a user that the caller could not give.
async fn may_take(app: &App, caller: &Caller, id: i64, team: Option<&str>) -> Result<(), ApiError> {
    let grants = app.ledger.user(id).await?.map_or_else(Vec::new, |user| user.grants);
    all_given(caller, grants.iter().filter(|grant| grant.team.as_deref() == team))
}

fn all_given<'g>(caller: &Caller, mut grants: impl Iterator<Item = &'g Grant>) -> Result<(), ApiError> {
    if grants.all(|grant| caller.may_give(grant)) {
        return Ok(());
    }
    Err(ApiError::new(StatusCode::FORBIDDEN, "this user has rights that are not yours to give")
        .help("ask an admin of all teams and datasets")
        .refused("rights of others"))
}

/// Sets a user's password, and ends its sessions.
#[utoipa::path(post, path = "/api/v1/users/{id}/password", request_body = PasswordParameters, tag = "access",
    params(("id" = i64, Path)), responses((status = 200, description = "The password when it was generated", body = PasswordSet)))]
pub async fn set_password(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<i64>,
    request: Request,
) -> Result<Json<PasswordSet>, ApiError> {
    let given: PasswordParameters = super::strict(&app, request).await?;
    may_rule(&app, &caller, id).await?;
    let (hash, generated) = hashed(&app, given.password).await?;
    app.ledger.set_password_hash(id, &hash, Person(&caller.name), now()).await?;
    Ok(Json(PasswordSet { id, password: generated }))
}

/// Whether a user is kept out.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DisableParameters {
    /// Whether.
    disabled: bool,
}

/// Keeps a user out, or lets it in again.
#[utoipa::path(post, path = "/api/v1/users/{id}/disable", request_body = DisableParameters, tag = "access",
    params(("id" = i64, Path)), responses((status = 200, description = "Done; its sessions ended", body = UserDisabled)))]
pub async fn disable_user(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<i64>,
    request: Request,
) -> Result<Json<UserDisabled>, ApiError> {
    let given: DisableParameters = super::strict(&app, request).await?;
    may_rule(&app, &caller, id).await?;
    app.ledger.disable_user(id, given.disabled, Person(&caller.name), now()).await?;
    app.access.door.forget_tokens();
    Ok(Json(UserDisabled { id, disabled: given.disabled }))
}

/// Whom to forget.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ForgetParameters {
    /// The name, as the trail shows it.
    name: String,
}

/// Erases a person's name everywhere in the ledger, and every way in that the person had.
#[utoipa::path(post, path = "/api/v1/forget", request_body = ForgetParameters, tag = "access",
    responses((status = 200, description = "It is gone, and the trail still verifies", body = Forgotten)))]
pub async fn forget(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Result<Json<Forgotten>, ApiError> {
    let given: ForgetParameters = super::strict(&app, request).await?;
    if let Some(user) = app.ledger.user_by_login(&given.name).await? {
        may_rule(&app, &caller, user.id).await?;
    }
    app.ledger.forget(&given.name, Person(&caller.name), now()).await?;
    app.access.door.forget_tokens();
    Ok(Json(Forgotten { forgotten: true }))
}

/// Grants a user a role in a team, in place of the one it had there.
#[utoipa::path(post, path = "/api/v1/users/{id}/grant", request_body = GrantParameters, tag = "access",
    params(("id" = i64, Path)), responses((status = 200, description = "Granted", body = Granted), (status = 403, description = "Not yours to give")))]
pub async fn give(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<i64>,
    request: Request,
) -> Result<Json<Granted>, ApiError> {
    let given: GrantParameters = super::strict(&app, request).await?;
    let grant = given.given_by(&caller)?;
    may_take(&app, &caller, id, grant.team.as_deref()).await?;
    app.ledger.grant(Subject::User(id), &grant, Person(&caller.name), now()).await?;
    Ok(Json(Granted { id, granted: shown_grant(&grant) }))
}

/// A right to take back.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RevokeParameters {
    /// The team; `*` is the role in all of them.
    team: String,
}

/// Takes a user's role in a team back.
#[utoipa::path(post, path = "/api/v1/users/{id}/revoke", request_body = RevokeParameters, tag = "access",
    params(("id" = i64, Path)), responses((status = 200, description = "Whether there was one", body = Revoked)))]
pub async fn take_back(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<i64>,
    request: Request,
) -> Result<Json<Revoked>, ApiError> {
    let given: RevokeParameters = super::strict(&app, request).await?;
    let team = (given.team != "*").then_some(given.team.as_str());
    super::facts::may_act(&caller, Role::Admin, team)?;
    may_take(&app, &caller, id, team).await?;
    let revoked = app.ledger.revoke(Subject::User(id), team, Person(&caller.name), now()).await?;
    Ok(Json(Revoked { id, revoked }))
}

/// A token to make.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenParameters {
    /// `api` asks and acts, `ingest` sends.
    kind: String,
    /// Its label; no person's name.
    name: String,
    /// What it may do, when it asks.
    #[serde(default)]
    grants: Vec<GrantParameters>,
    /// What its events are stamped with, when it sends.
    dataset: Option<String>,
    /// Until when; 90 days, or for one that sends without end, when absent.
    #[schema(value_type = Option<String>)]
    expires: Option<When>,
}

/// The tokens that the caller could have made.
#[utoipa::path(get, path = "/api/v1/tokens", tag = "access", responses((status = 200, description = "Tokens, without their secrets", body = AllTokens)))]
pub async fn tokens(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
) -> Result<Json<AllTokens>, ApiError> {
    let tokens = app.ledger.list_tokens().await?;
    let tokens = tokens.iter().filter(|token| may_hold(&caller, token)).map(shown_token).collect();
    Ok(Json(AllTokens { tokens }))
}

/// Whether a token is the caller's to see and to take back.
fn may_hold(caller: &Caller, token: &Token) -> bool {
    match token.kind {
        TokenKind::Ingest => caller.may(Role::Admin, None),
        TokenKind::Api => token.grants.iter().all(|grant| caller.may_give(grant)),
    }
}

fn shown_token(token: &Token) -> TokenShown {
    TokenShown {
        id: token.id,
        kind: token.kind.name(),
        name: token.name.clone(),
        dataset: token.dataset.clone(),
        created: rfc3339(token.created),
        expires: token.expires.map(rfc3339),
        revoked: token.revoked.map(rfc3339),
        used: token.used.map(rfc3339),
        resting: token.resting,
        grants: token.grants.iter().map(shown_grant).collect(),
    }
}

/// Makes a token. It is answered once.
#[utoipa::path(post, path = "/api/v1/tokens", request_body = TokenParameters, tag = "access",
    responses((status = 200, description = "The token", body = TokenMade), (status = 403, description = "Rights that are not yours to give")))]
pub async fn create_token(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Result<Json<TokenMade>, ApiError> {
    let given: TokenParameters = super::strict(&app, request).await?;
    let now = now();
    let grants = given.grants.iter().map(|grant| grant.given_by(&caller)).collect::<Result<Vec<_>, _>>()?;
    let expires = given.expires.map(|when| time::parse(&when.0, now)).transpose()?;
    let (kind, expires, dataset) = match given.kind.as_str() {
        // It would outlive the person whose token makes it.
        "api" if caller.kind == CallerKind::Token => {
            return Err(ApiError::new(StatusCode::FORBIDDEN, "a token makes no token that asks")
                .help("log in, or run the command as the server's own user")
                .refused("a token for a token"));
        }
        "api" => {
            let expires = expires.unwrap_or(now + TOKEN_LIFETIME);
            if expires > now + MAX_TOKEN_LIFETIME {
                return Err(ApiError::bad("a token that asks ends within 366 days"));
            }
            (TokenKind::Api, Some(expires), given.dataset.unwrap_or_default())
        }
        "ingest" => {
            super::facts::may_act(&caller, Role::Admin, None)?;
            let dataset = given.dataset.unwrap_or_else(|| DEFAULT_DATASET.to_owned());
            super::facts::may_write(&caller, &dataset)?;
            (TokenKind::Ingest, expires, dataset)
        }
        _ => return Err(ApiError::bad("a token is of the kind `api` or `ingest`")),
    };
    let creator = caller.id.filter(|_| caller.kind == CallerKind::User);
    let new = NewToken { kind, name: &given.name, dataset: &dataset, grants: &grants, expires, creator };
    let (id, token) = app.ledger.create_token(new, Person(&caller.name), now).await?;
    Ok(Json(TokenMade { id, token, expires: expires.map(rfc3339) }))
}

/// Takes a token back.
#[utoipa::path(post, path = "/api/v1/tokens/{id}/revoke", tag = "access", params(("id" = i64, Path)),
    responses((status = 200, description = "Whether it was good until now", body = Revoked)))]
pub async fn revoke_token(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<i64>,
) -> Result<Json<Revoked>, ApiError> {
    let tokens = app.ledger.list_tokens().await?;
    let token = tokens.iter().find(|token| token.id == id);
    if !token.is_some_and(|token| may_hold(&caller, token)) {
        // The same for another team's and for none, so that ids say nothing.
        return Err(ApiError::new(StatusCode::FORBIDDEN, format!("there is no token {id} of yours"))
            .help("`tandem token list` shows those that you may take back")
            .refused("another team's token"));
    }
    let revoked = app.ledger.revoke_token(id, Person(&caller.name), now()).await?;
    app.access.door.forget_tokens();
    Ok(Json(Revoked { id, revoked }))
}
