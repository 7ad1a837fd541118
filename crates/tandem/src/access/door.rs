//! Who asks: from the headers of a request to a caller, or to a reason why not.

use super::refusals::{Refusals, Refused};
use super::session::{self, Cookies, IDLE};
use crate::server::auth::{self, Sender, Tokens};
use crate::server::errors::ApiError;
use crate::server::serverfile::CONTROL_HEADER;
use axum::http::{HeaderMap, Method, StatusCode};
use ledger::{Ledger, LedgerError, Presented, Token, TokenKind};
use model::{Caller, CallerKind, DEFAULT_DATASET, Nanos};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// A token that was good is believed for so long: senders come thousands of times a second. What this process takes
/// back is known at once; what another process on the same ledger takes back, after this time.
const BELIEVED_NANOS: Nanos = 5 * 1_000_000_000;
/// Tokens believed at once.
const MOST_BELIEVED: usize = 4_096;

/// Keeps everybody out who cannot say who it is.
pub struct Door {
    ledger: Ledger,
    api_tokens: Tokens,
    ingest_tokens: Tokens,
    /// Digest of the control key.
    control: [u8; 32],
    /// Whether who sends needs no token: the server is reached from this machine alone, or told to be open.
    open: bool,
    /// The cookies.
    pub cookies: Cookies,
    /// What was refused.
    pub refusals: Refusals,
    believed: Mutex<Believed>,
}

/// Tokens by their digest, and until when they are believed.
type Believed = HashMap<[u8; 32], (Arc<Token>, Nanos)>;

/// What a door is made of.
pub struct Keys<'a> {
    /// API tokens of the configuration.
    pub api_tokens: Tokens,
    /// Ingest tokens of the configuration.
    pub ingest_tokens: Tokens,
    /// Key of `server.json`.
    pub control: &'a str,
    /// Whether who sends needs no token while the configuration names none.
    pub open: bool,
    /// Whether cookies go over TLS alone.
    pub tls: bool,
}

/// A caller, and the session by which it is known.
#[derive(Clone, Debug)]
pub struct Known {
    /// Who it is.
    pub caller: Caller,
    /// Secret of the session.
    pub session: Option<String>,
}

impl Known {
    /// Nobody.
    pub fn nobody() -> Known {
        Known { caller: Caller::anonymous(), session: None }
    }

    fn by(caller: Caller) -> Known {
        Known { caller, session: None }
    }
}

/// The secret of the session that a request belongs to, for handlers that end it.
#[derive(Clone, Debug)]
pub struct SessionSecret(pub Option<String>);

/// Why somebody is not let in.
#[derive(Debug)]
pub struct Refusal {
    /// What it is told.
    pub error: ApiError,
    /// What the trail is told; nothing when the fault is not the caller's.
    pub why: Option<&'static str>,
    /// The token that was presented.
    pub token: Option<i64>,
}

impl Refusal {
    /// For a reason.
    pub fn new(status: StatusCode, why: &'static str, message: &str, help: &str) -> Refusal {
        Refusal { error: ApiError::new(status, message).help(help), why: Some(why), token: None }
    }

    fn unknown(why: &'static str, message: &str) -> Refusal {
        let help = "log in, or send `Authorization: Bearer TOKEN`; client commands take it from TANDEM_TOKEN";
        Refusal::new(StatusCode::UNAUTHORIZED, why, message, help)
    }
}

impl From<LedgerError> for Refusal {
    fn from(error: LedgerError) -> Self {
        tracing::error!(%error, "the ledger cannot say who asks");
        let error = ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "the ledger cannot be asked who you are");
        Refusal { error: error.help("try again; the server's log says more"), why: None, token: None }
    }
}

impl Door {
    /// A door to what is behind the ledger's users and tokens, and the configuration's.
    pub fn new(ledger: Ledger, keys: Keys<'_>) -> Door {
        Door {
            refusals: Refusals::new(ledger.clone()),
            ledger,
            open: keys.open && keys.ingest_tokens.is_empty(),
            api_tokens: keys.api_tokens,
            ingest_tokens: keys.ingest_tokens,
            control: auth::digest(keys.control),
            cookies: Cookies { tls: keys.tls },
            believed: Mutex::default(),
        }
    }

    /// Who asks. A credential that is not good is refused, even where none is needed.
    pub async fn caller(&self, headers: &HeaderMap, method: &Method, now: Nanos) -> Result<Known, Refusal> {
        if let Some(control) = headers.get(CONTROL_HEADER) {
            // Digests take the same time to compare however much of the key is right.
            return if auth::digest(control.as_bytes()) == self.control {
                Ok(Known::by(Caller::owner()))
            } else {
                Err(Refusal::unknown("wrong control key", "the control key is not this server's"))
            };
        }
        if auth::has_token(headers) {
            return self.by_token(headers, now).await.map(Known::by);
        }
        let Some(secret) = self.cookies.session(headers) else { return Ok(Known::nobody()) };
        let Some(session) = self.ledger.session(secret, IDLE, now).await? else {
            return Err(Refusal::unknown("session is over", "this session is over"));
        };
        let reads = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
        if !reads && !session::has_csrf(headers, secret) {
            let message = "a request of a session that changes something carries the session's token";
            let help = "send the header `x-csrf-token` with the `csrf` of /api/v1/me";
            return Err(Refusal::new(StatusCode::FORBIDDEN, "no token against forgery", message, help));
        }
        let user = session.user;
        let name = user.login.unwrap_or_default();
        let caller = Caller { kind: CallerKind::User, id: Some(user.id), name, grants: user.grants };
        Ok(Known { caller, session: Some(secret.to_owned()) })
    }

    async fn by_token(&self, headers: &HeaderMap, now: Nanos) -> Result<Caller, Refusal> {
        let given = auth::token(headers).unwrap_or_default();
        if self.api_tokens.knows(&given) {
            let name = "configured token".to_owned();
            let grants = vec![model::Grant::everywhere(model::Role::Admin)];
            return Ok(Caller { kind: CallerKind::Configured, id: None, name, grants });
        }
        let token = self.token(&given, now).await?;
        if token.kind != TokenKind::Api {
            let mut refusal = Refusal::unknown("ingest token", "an ingest token sends events, it does not ask");
            refusal.token = Some(token.id);
            return Err(refusal);
        }
        let name = format!("token {}", token.name);
        Ok(Caller { kind: CallerKind::Token, id: Some(token.id), name, grants: token.grants.clone() })
    }

    /// Who sends events.
    pub async fn sender(&self, headers: &HeaderMap, now: Nanos) -> Result<Sender, Refusal> {
        let help = "send `Authorization: Bearer TOKEN` with an ingest token; `tandem token create` makes one";
        let refuse = |why, message: &str| Refusal::new(StatusCode::UNAUTHORIZED, why, message, help);
        if !auth::has_token(headers) && self.open {
            return Ok(Sender { dataset: DEFAULT_DATASET.to_owned(), credential: None });
        }
        if let Some(sender) = self.ingest_tokens.known(headers) {
            return Ok(sender);
        }
        let given = auth::token(headers);
        let given = given.ok_or_else(|| refuse("no token", "this server takes events with an ingest token only"))?;
        match self.token(&given, now).await {
            Ok(token) if token.kind == TokenKind::Ingest => {
                let credential = Some(model::hex::encode(&auth::digest(&given)));
                Ok(Sender { dataset: token.dataset.clone(), credential })
            }
            Ok(token) => {
                let message = "this server takes events with an ingest token only, and this one is for asking";
                Err(Refusal { token: Some(token.id), ..refuse("API token", message) })
            }
            // Clients that always send something are let in where nothing is needed.
            Err(refusal) if self.open && refusal.why == Some(UNKNOWN) => {
                Ok(Sender { dataset: DEFAULT_DATASET.to_owned(), credential: None })
            }
            Err(refusal) if refusal.why.is_some() => {
                let mut told =
                    refuse("", "this server takes events with an ingest token only, and this one is not good");
                (told.why, told.token) = (refusal.why, refusal.token);
                Err(told)
            }
            Err(failed) => Err(failed),
        }
    }

    /// A token of the ledger that is good.
    async fn token(&self, given: &str, now: Nanos) -> Result<Arc<Token>, Refusal> {
        let digest = auth::digest(given);
        let known = self.believed.lock().unwrap_or_else(PoisonError::into_inner).get(&digest).cloned();
        if let Some((token, until)) = known
            && until > now
            && token.expires.is_none_or(|expires| expires > now)
        {
            return Ok(token);
        }
        let (why, message, id) = match self.ledger.token_by_secret(given, now).await? {
            Presented::Valid(token) => {
                let token = Arc::new(token);
                let mut believed = self.believed.lock().unwrap_or_else(PoisonError::into_inner);
                if believed.len() >= MOST_BELIEVED {
                    believed.clear();
                }
                believed.insert(digest, (token.clone(), now.saturating_add(BELIEVED_NANOS)));
                return Ok(token);
            }
            Presented::Foreign => (UNKNOWN, "this API token is not known here", None),
            Presented::Unknown => ("no such token", "this API token is not known here", None),
            Presented::Damaged => ("damaged token", "this token did not come whole: characters are missing", None),
            Presented::Expired(id) => ("expired token", "this token has expired: ask for another", Some(id)),
            Presented::Revoked(id) => ("revoked token", "this token was taken back: ask for another", Some(id)),
            Presented::Resting(id) => ("token of a disabled user", "who made this token is disabled", Some(id)),
        };
        let mut refusal = Refusal::unknown(why, message);
        refusal.token = id;
        Err(refusal)
    }

    /// Believes no token any more without asking the ledger: rights changed.
    pub fn forget_tokens(&self) {
        self.believed.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Writes down that somebody was refused at a route.
    pub async fn note(&self, caller: &Caller, object: &str, why: &'static str, token: Option<i64>, now: Nanos) {
        let (by, object) = (caller.name.clone(), object.to_owned());
        self.refusals.note(Refused { action: "refused", by, object, why, token }, now).await;
    }
}

/// Of a text that no ledger gives out as a token.
const UNKNOWN: &str = "unknown token";
