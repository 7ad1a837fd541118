//! Log-ins at the organisation's provider: OpenID Connect, authorisation code with PKCE.
//!
//! A log-in that was begun is kept by the browser, in a cookie; state, nonce and verifier follow from it by a key that
//! only this server has. So nobody fills its memory with log-ins, and an answer of the provider is only taken from the
//! browser that asked.

#[cfg(test)]
mod tests;

use super::outbound::{Outbound, OutboundError};
use super::session::LOGIN_SECONDS;
use crate::config::oidc::OidcSettings;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use model::Grant;
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreErrorResponseType, CoreGenderClaim, CoreJsonWebKey,
    CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreProviderMetadata, CoreResponseType,
    CoreRevocableToken, CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AccessTokenHash, AdditionalClaims, AuthenticationFlow, AuthorizationCode, ClaimsVerificationError, ClientId,
    ClientSecret, CsrfToken, EmptyExtraTokenFields, EndpointMaybeSet, EndpointNotSet, EndpointSet, HttpRequest,
    HttpResponse, IdTokenClaims, IdTokenFields, IssuerUrl, Nonce, OAuth2TokenResponse as _, PkceCodeChallenge,
    PkceCodeVerifier, RedirectUrl, Scope, StandardErrorResponse, StandardTokenResponse, UserInfoClaims,
};
use rand::RngCore as _;
use ring::hmac;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

/// How long what the provider says of itself is believed.
const PROVIDER_AGE: Duration = Duration::from_secs(3600);
/// After this it is asked again when a signature does not fit: it may have changed its keys.
const PROVIDER_MIN_AGE: Duration = Duration::from_secs(60);
/// Calls to the provider at once. Anybody can begin a log-in, and a provider may answer slowly.
const CALLS: usize = 4;
/// Groups of a person that are looked at.
const MAX_GROUPS: usize = 1_000;
/// Longest code, state or other word of the provider in the browser's address.
const MAX_WORD: usize = 4096;

/// Why nobody was let in.
#[derive(Debug, thiserror::Error)]
pub enum OidcError {
    /// What came back is not what was asked for.
    #[error("{0}")]
    Refused(String),
    /// The provider cannot be asked.
    #[error("the identity provider cannot be asked: {0}")]
    Unavailable(String),
}

/// What the provider vouches for.
#[derive(Clone, Debug, PartialEq)]
pub struct Identity {
    /// Who vouches.
    pub issuer: String,
    /// For whom, for good.
    pub subject: String,
    /// Names for that person, the best first.
    pub logins: Vec<String>,
    /// What follows from its groups.
    pub grants: Vec<Grant>,
}

/// What the provider sends back through the browser.
#[derive(Debug, Default, Deserialize)]
pub struct Callback {
    /// Its answer.
    #[serde(default)]
    pub code: Option<String>,
    /// What it was given.
    #[serde(default)]
    pub state: Option<String>,
    /// Why there is no answer.
    #[serde(default)]
    pub error: Option<String>,
    /// Who it is.
    #[serde(default)]
    pub iss: Option<String>,
}

/// Claims beyond the standard's, by their names.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
struct Claims {
    #[serde(flatten)]
    others: Map<String, Value>,
}

impl AdditionalClaims for Claims {}

type Fields = IdTokenFields<
    Claims,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;
type Tokens = StandardTokenResponse<Fields, CoreTokenType>;
type Client = openidconnect::Client<
    Claims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    Tokens,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// Signatures that only the provider can make: none by a secret that both have, and not the lack of one.
const SIGNATURES: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// The provider, as it described itself.
struct Provider {
    client: Client,
    since: Instant,
}

/// Log-ins at one provider.
pub struct Oidc {
    settings: OidcSettings,
    outbound: Outbound,
    provider: Mutex<Option<Arc<Provider>>>,
    key: hmac::Key,
    calls: Arc<Semaphore>,
}

/// A log-in that was begun: where to send the browser, and what it must keep.
#[derive(Debug)]
pub struct Begun {
    /// Address of the provider.
    pub url: String,
    /// Value of the cookie.
    pub cookie: String,
}

impl Oidc {
    /// Nothing is asked yet: the server starts also when the provider does not.
    pub fn new(settings: OidcSettings) -> Arc<Oidc> {
        let mut key = [0; 32];
        rand::rng().fill_bytes(&mut key);
        Arc::new(Oidc {
            outbound: Outbound::new(settings.allow_private),
            settings,
            provider: Mutex::new(None),
            key: hmac::Key::new(hmac::HMAC_SHA256, &key),
            calls: Arc::new(Semaphore::new(CALLS)),
        })
    }

    /// Begins a log-in. `seconds` is the wall clock.
    pub async fn begin(self: &Arc<Self>, seconds: u64) -> Result<Begun, OidcError> {
        self.blocking(move |oidc| {
            let provider = oidc.provider()?;
            let mut random = [0; 32];
            rand::rng().fill_bytes(&mut random);
            let cookie = format!("{seconds}.{}", BASE64.encode(random));
            let (state, nonce) = (oidc.derive("state", &cookie), oidc.derive("nonce", &cookie));
            let verifier = PkceCodeVerifier::new(oidc.derive("verifier", &cookie));
            let flow = AuthenticationFlow::<CoreResponseType>::AuthorizationCode;
            let request = provider.client.authorize_url(flow, || CsrfToken::new(state), || Nonce::new(nonce));
            let request = request.set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
            let scopes = ["profile", "email"].map(|scope| Scope::new(scope.to_owned()));
            let (url, _, _) = request.add_scopes(scopes).url();
            Ok(Begun { url: url.to_string(), cookie })
        })
        .await
    }

    /// Ends a log-in by what the browser brought back.
    pub async fn finish(
        self: &Arc<Self>,
        callback: Callback,
        cookie: Option<&str>,
        seconds: u64,
    ) -> Result<Identity, OidcError> {
        let cookie = cookie.ok_or_else(|| refused("this browser began no log-in here"))?.to_owned();
        self.check(&callback, &cookie, seconds)?;
        let code = callback.code.filter(|code| !code.is_empty() && code.len() <= MAX_WORD);
        let code = code.ok_or_else(|| refused("the provider sent no code"))?;
        self.blocking(move |oidc| oidc.exchange(code, &cookie)).await
    }

    /// Whether it is an answer to what this browser asked.
    fn check(&self, callback: &Callback, cookie: &str, seconds: u64) -> Result<(), OidcError> {
        let state = callback.state.as_deref().unwrap_or_default();
        let fits = BASE64.decode(state.get(..state.len().min(MAX_WORD)).unwrap_or_default());
        if !fits.is_ok_and(|tag| hmac::verify(&self.key, purpose("state", cookie).as_bytes(), &tag).is_ok()) {
            return Err(refused("the answer belongs to another log-in"));
        }
        let begun = cookie.split('.').next().and_then(|begun| begun.parse::<u64>().ok()).unwrap_or(0);
        if begun.saturating_add(u64::from(LOGIN_SECONDS)) < seconds || begun > seconds + u64::from(LOGIN_SECONDS) {
            return Err(refused("the log-in took too long"));
        }
        if callback.iss.as_ref().is_some_and(|issuer| *issuer != self.settings.issuer) {
            return Err(refused("the answer comes from another provider"));
        }
        match &callback.error {
            // Its words are not repeated: anybody can write them into the address.
            Some(_) => Err(refused("the provider did not log you in")),
            None => Ok(()),
        }
    }

    fn exchange(&self, code: String, cookie: &str) -> Result<Identity, OidcError> {
        let provider = self.provider()?;
        let http = |request: HttpRequest| self.http(request);
        let request = provider.client.exchange_code(AuthorizationCode::new(code)).map_err(unavailable)?;
        let tokens = request.set_pkce_verifier(PkceCodeVerifier::new(self.derive("verifier", cookie))).request(&http);
        let tokens = tokens.map_err(|error| match error {
            openidconnect::RequestTokenError::ServerResponse(_) => refused("the provider does not know this code"),
            other => unavailable(other),
        })?;
        let nonce = Nonce::new(self.derive("nonce", cookie));
        let claims = match verified(&provider.client, &tokens, &nonce) {
            Err(ClaimsVerificationError::SignatureVerification(_)) if provider.since.elapsed() >= PROVIDER_MIN_AGE => {
                verified(&self.discover()?.client, &tokens, &nonce)
            }
            checked => checked,
        };
        let claims = claims.map_err(|error| refused(&format!("the provider's word does not hold: {error}")))?;
        self.identity(&provider.client, &tokens, &claims)
    }

    fn identity(
        &self,
        client: &Client,
        tokens: &Tokens,
        claims: &IdTokenClaims<Claims, CoreGenderClaim>,
    ) -> Result<Identity, OidcError> {
        let name = &self.settings.groups_claim;
        let mut groups = claims.additional_claims().others.get(name).cloned();
        let mut logins: Vec<String> = Vec::new();
        logins.extend(claims.preferred_username().map(|name| name.to_string()));
        // An address that nobody looked at may be somebody else's.
        let checked = claims.email().filter(|_| claims.email_verified() == Some(true));
        logins.extend(checked.map(|email| email.to_string()));
        // Many providers put into the token only who it is.
        if (groups.is_none() || logins.is_empty()) && client.user_info_url().is_some() {
            let subject = Some(claims.subject().clone());
            let request = client.user_info(tokens.access_token().clone(), subject).map_err(unavailable)?;
            let http = |request: HttpRequest| self.http(request);
            let more: UserInfoClaims<Claims, CoreGenderClaim> = request.request(&http).map_err(unavailable)?;
            groups = groups.or_else(|| more.additional_claims().others.get(name).cloned());
            logins.extend(more.preferred_username().map(|name| name.to_string()));
            let checked = more.email().filter(|_| more.email_verified() == Some(true));
            logins.extend(checked.map(|email| email.to_string()));
        }
        logins.push(claims.subject().to_string());
        Ok(Identity {
            issuer: self.settings.issuer.clone(),
            subject: claims.subject().to_string(),
            logins,
            grants: self.grants(groups.as_ref()),
        })
    }

    /// What follows from groups. Those that nobody mapped give nothing.
    fn grants(&self, groups: Option<&Value>) -> Vec<Grant> {
        let named: Vec<&str> = match groups {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(many)) => many.iter().take(MAX_GROUPS).filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        let mapped = self.settings.groups.iter().filter(|mapped| named.contains(&mapped.group.as_str()));
        mapped.map(|mapped| mapped.grant()).collect()
    }

    /// What only this server could have made of the cookie.
    fn derive(&self, what: &str, cookie: &str) -> String {
        BASE64.encode(hmac::sign(&self.key, purpose(what, cookie).as_bytes()))
    }

    /// The provider as it described itself not long ago.
    fn provider(&self) -> Result<Arc<Provider>, OidcError> {
        let known = self.provider.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match known.filter(|known| known.since.elapsed() < PROVIDER_AGE) {
            Some(known) => Ok(known),
            None => self.discover(),
        }
    }

    fn discover(&self) -> Result<Arc<Provider>, OidcError> {
        let issuer = IssuerUrl::new(self.settings.issuer.clone()).map_err(unavailable)?;
        let redirect = RedirectUrl::new(self.settings.redirect.clone()).map_err(unavailable)?;
        let metadata = CoreProviderMetadata::discover(&issuer, &|request| self.http(request)).map_err(unavailable)?;
        let secret = self.settings.client_secret.clone().map(ClientSecret::new);
        let client = Client::from_provider_metadata(metadata, ClientId::new(self.settings.client_id.clone()), secret);
        let provider = Arc::new(Provider { client: client.set_redirect_uri(redirect), since: Instant::now() });
        *self.provider.lock().unwrap_or_else(PoisonError::into_inner) = Some(provider.clone());
        Ok(provider)
    }

    fn http(&self, request: HttpRequest) -> Result<HttpResponse, OutboundError> {
        if request.method() == openidconnect::http::Method::GET {
            return self.outbound.send(request.map(drop));
        }
        self.outbound.send(request)
    }

    async fn blocking<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Oidc) -> Result<T, OidcError> + Send + 'static,
    ) -> Result<T, OidcError> {
        let busy = || OidcError::Unavailable("many log-ins wait for it; try again".to_owned());
        let turn = self.calls.clone().try_acquire_owned().map_err(|_| busy())?;
        let oidc = self.clone();
        let work = move || {
            let _turn = turn;
            work(&oidc)
        };
        tokio::task::spawn_blocking(work).await.map_err(unavailable)?
    }
}

fn purpose(what: &str, cookie: &str) -> String {
    format!("tandem log-in {what}:{cookie}")
}

/// What the provider signed, when it did, for this server and this log-in, not long ago.
fn verified(
    client: &Client,
    tokens: &Tokens,
    nonce: &Nonce,
) -> Result<IdTokenClaims<Claims, CoreGenderClaim>, ClaimsVerificationError> {
    let other = |error: &dyn std::fmt::Display| ClaimsVerificationError::Other(error.to_string());
    let token = tokens.extra_fields().id_token().ok_or_else(|| other(&"there is no ID token"))?;
    let verifier = client.id_token_verifier().set_allowed_algs(SIGNATURES);
    let claims = token.claims(&verifier, nonce)?;
    if let Some(expected) = claims.access_token_hash() {
        let algorithm = token.signing_alg().map_err(|error| other(&error))?;
        let key = token.signing_key(&verifier).map_err(|error| other(&error))?;
        let actual =
            AccessTokenHash::from_token(tokens.access_token(), algorithm, key).map_err(|error| other(&error))?;
        if actual != *expected {
            return Err(other(&"the access token is not the one that was signed"));
        }
    }
    Ok(claims.clone())
}

fn refused(why: &str) -> OidcError {
    OidcError::Refused(why.to_owned())
}

/// With what lies beneath: the library's own words are few.
fn unavailable(error: impl std::error::Error) -> OidcError {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(&format!(": {inner}"));
        cause = inner.source();
    }
    OidcError::Unavailable(text)
}
