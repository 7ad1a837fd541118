//! The one layer of authorisation. A route is registered with what it needs, and with nothing it cannot be.
//!
//! The list of routes and the router come from the same calls, so that a test over the list misses none.

use super::door::{Door, Known, Refusal, SessionSecret};
use crate::limits::MAX_REFUSED_BYTES;
use crate::server::errors::{ApiError, Refused};
use crate::server::gate::drain;
use crate::server::state::now;
use axum::Router;
use axum::extract::{Request, State};
use axum::handler::Handler;
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{self, MethodRouter};
use model::{Caller, Role};
use serde::{Serialize, Serializer};
use std::fmt;
use std::sync::Arc;

/// What a route asks of its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Nothing; who asks is not even looked at.
    Public,
    /// To be known.
    Session,
    /// To be granted anything at all; which datasets is held where tables are scanned.
    Read,
    /// A role in all teams.
    Role(Role),
    /// A role in some team; the handler asks [`Caller::may`] about the one that is meant.
    RoleInTeam(Role),
    /// A token for sending.
    Ingest,
    /// To be the user that the server runs as.
    Owner,
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Need::Public => f.write_str("nothing"),
            Need::Session => f.write_str("to be known"),
            Need::Read => f.write_str("any role"),
            Need::Role(role) => write!(f, "{role} of all teams"),
            Need::RoleInTeam(role) => write!(f, "{role} of a team"),
            Need::Ingest => f.write_str("an ingest token"),
            Need::Owner => f.write_str("the server's own user"),
        }
    }
}

impl Serialize for Need {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Need {
    /// Whether a caller has it.
    fn is_met(self, caller: &Caller) -> bool {
        match self {
            Need::Public => true,
            Need::Session => caller.is_known(),
            Need::Read => caller.highest().is_some(),
            Need::Role(role) => caller.may(role, None),
            Need::RoleInTeam(role) => caller.highest() >= Some(role),
            Need::Owner => caller.kind == model::CallerKind::Owner,
            // Who sends is no caller.
            Need::Ingest => false,
        }
    }

    fn refusal(self, caller: &Caller) -> Refusal {
        if self == Need::Owner {
            let message = "this is asked for by the server's own user";
            let help = "run the command as that user, with --data-dir if the folder is not the usual one";
            return Refusal::new(StatusCode::FORBIDDEN, "not the server's own user", message, help);
        }
        if !caller.is_known() {
            let message = "this server answers those whom it knows: log in, or send an API token";
            let help = "send `Authorization: Bearer TOKEN`; client commands take it from TANDEM_TOKEN";
            return Refusal::new(StatusCode::UNAUTHORIZED, "nobody known", message, help);
        }
        let message = format!("this needs {self}, which {} is not granted", caller.name);
        Refusal::new(StatusCode::FORBIDDEN, "role", &message, "ask an admin of the team for the role")
    }
}

/// A route as it is listed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Route {
    /// `GET`, `POST`, `PUT`, or `*` for any.
    pub method: &'static str,
    /// Path, with names in braces.
    pub path: &'static str,
    /// What it needs.
    #[schema(value_type = String)]
    pub need: Need,
}

impl Route {
    fn object(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

/// How refusals are said, where clients expect a form of their own.
pub type Say = Arc<dyn Fn(ApiError, &HeaderMap) -> Response + Send + Sync>;

/// Routes on their way into a router.
pub struct Routes<S> {
    door: Arc<Door>,
    router: Router<S>,
    list: Vec<Route>,
    say: Say,
}

/// One route's part of the layer.
struct Gate {
    door: Arc<Door>,
    route: Route,
    say: Say,
}

macro_rules! methods {
    ($($(#[$doc:meta])* $name:ident $method:literal $add:ident;)*) => { $(
        $(#[$doc])*
        pub fn $name<H: Handler<T, S>, T: 'static>(self, path: &'static str, need: Need, handler: H) -> Self {
            self.add($method, path, need, routing::$add(handler))
        }
    )* };
}

impl<S: Clone + Send + Sync + 'static> Routes<S> {
    /// None yet.
    pub fn new(door: Arc<Door>) -> Self {
        Routes { door, router: Router::new(), list: Vec::new(), say: Arc::new(|error, _| error.into_response()) }
    }

    /// From here on refusals are said like this.
    pub fn saying(mut self, say: Say) -> Self {
        self.say = say;
        self
    }

    methods! {
        /// What is read by a GET.
        get "GET" get;
        /// What is done by a POST.
        post "POST" post;
        /// What is put.
        put "PUT" put;
        /// What takes any method.
        any "*" any;
    }

    /// What is asked by GET with a query string, and alike by POST with a body.
    pub fn both<H: Handler<T, S>, T: 'static>(self, path: &'static str, need: Need, handler: H) -> Self {
        self.get(path, need, handler.clone()).post(path, need, handler)
    }

    fn add(mut self, method: &'static str, path: &'static str, need: Need, handler: MethodRouter<S>) -> Self {
        let route = Route { method, path, need };
        let gate = Arc::new(Gate { door: self.door.clone(), route, say: self.say.clone() });
        self.router = self.router.route(path, handler.layer(middleware::from_fn_with_state(gate, guard)));
        self.list.push(route);
        self
    }

    /// The router, and what is in it.
    pub fn build(self) -> (Router<S>, Vec<Route>) {
        (self.router, self.list)
    }
}

/// Lets a request through to its handler, or not.
async fn guard(State(gate): State<Arc<Gate>>, mut request: Request, next: Next) -> Response {
    let known = match gate.admit(&mut request).await {
        Ok(known) => known,
        Err((refusal, caller)) => {
            if let Some(why) = refusal.why {
                gate.door.note(&caller, &gate.route.object(), why, refusal.token, now()).await;
            }
            let (parts, body) = request.into_parts();
            // A sender that is cut off while it sends does not hear why.
            drain(body, MAX_REFUSED_BYTES).await;
            return (gate.say)(refusal.error, &parts.headers);
        }
    };
    let caller = known.caller.clone();
    request.extensions_mut().insert(known.caller);
    request.extensions_mut().insert(SessionSecret(known.session));
    let response = next.run(request).await;
    // A handler may know more: whose team, whose right to give.
    let why = match (response.extensions().get::<Refused>(), response.status()) {
        (Some(Refused(why)), _) => Some(*why),
        (None, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) => Some("by its handler"),
        _ => None,
    };
    if let Some(why) = why {
        gate.door.note(&caller, &gate.route.object(), why, None, now()).await;
    }
    response
}

impl Gate {
    async fn admit(&self, request: &mut Request) -> Result<Known, (Refusal, Caller)> {
        let nobody = |refusal| (refusal, Caller::anonymous());
        match self.route.need {
            Need::Public => return Ok(Known::nobody()),
            Need::Ingest => {
                let sender = self.door.sender(request.headers(), now()).await.map_err(nobody)?;
                request.extensions_mut().insert(sender);
                return Ok(Known::nobody());
            }
            _ => {}
        }
        let known = self.door.caller(request.headers(), request.method(), now()).await.map_err(nobody)?;
        match self.route.need.is_met(&known.caller) {
            true => Ok(known),
            false => Err((self.route.need.refusal(&known.caller), known.caller)),
        }
    }
}
