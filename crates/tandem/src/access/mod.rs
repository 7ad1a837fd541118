//! Access: who asks, what that person or program may do, and what is written down when it may not.
//!
//! `routes.rs` is the one layer that every route of the API goes through. It refuses by what a route needs; which team
//! is meant is the handler's to know, and which datasets may be read is held at the scan of a table.

pub mod door;
pub mod limit;
pub mod oidc;
pub mod outbound;
pub mod password;
pub mod refusals;
pub mod routes;
pub mod session;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

use crate::config::Settings;
use crate::server::auth::Tokens;
use anyhow::{Context as _, Result};
use door::{Door, Keys};
use ledger::{Ledger, NewUser, Person};
use limit::Limits;
use model::{Caller, Grant, Nanos, Role};
use oidc::Oidc;
use password::Passwords;
use routes::Route;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

/// The user that the first start makes.
const FIRST_USER: &str = "admin";

/// Everything by which people and programs come in.
pub struct Access {
    /// Who asks.
    pub door: Arc<Door>,
    /// Passwords.
    pub passwords: Passwords,
    /// How often log-ins may fail.
    pub limits: Limits,
    /// The organisation's provider, if there is one.
    pub oidc: Option<Arc<Oidc>>,
    /// All routes, once they are there.
    pub routes: OnceLock<Vec<Route>>,
}

impl Access {
    /// By settings and ledger. `control` is the key of `server.json`.
    pub fn new(settings: &Settings, ledger: &Ledger, control: &str) -> Result<Access> {
        let loopback =
            |listen: crate::server::listen::Listen| listen.0.is_none_or(|address| address.ip().is_loopback());
        let keys = Keys {
            api_tokens: Tokens::api(&settings.options)?,
            ingest_tokens: Tokens::ingest(&settings.options)?,
            control,
            open: settings.insecure
                || [settings.http, settings.otlp_grpc, settings.otlp_http].into_iter().all(loopback),
            tls: settings.tls.is_some(),
        };
        Ok(Access {
            door: Arc::new(Door::new(ledger.clone(), keys)),
            passwords: Passwords::new()?,
            limits: Limits::new(Instant::now()),
            oidc: settings.options.oidc.settle()?.map(Oidc::new),
            routes: OnceLock::new(),
        })
    }

    /// Makes the first user when there is none; answers its name and password, which nobody can tell again.
    pub async fn first_user(&self, ledger: &Ledger, now: Nanos) -> Result<Option<(&'static str, String)>> {
        if ledger.has_users().await? {
            return Ok(None);
        }
        let password = password::generated();
        let hash = self.passwords.hash(password.clone()).await?;
        let grants = [Grant::everywhere(Role::Admin)];
        let new = NewUser { login: FIRST_USER, password: Some(&hash), identity: None, grants: &grants };
        let made = ledger.create_user(new, Person(&Caller::owner().name), now).await;
        made.context("the first user cannot be made")?;
        Ok(Some((FIRST_USER, password)))
    }
}
