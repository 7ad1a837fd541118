//! Sessions of browsers: their cookie, and the token that a page must send with whatever changes something.

use axum::http::header::COOKIE;
use axum::http::{HeaderMap, HeaderValue};
use ring::hmac;

/// Nanoseconds of a session that nobody uses: a night.
pub const IDLE: i64 = 12 * 3600 * 1_000_000_000;
/// Nanoseconds of a session that is used.
pub const LIFETIME: i64 = 7 * 24 * 3600 * 1_000_000_000;
/// Seconds that a log-in at the provider may take.
pub const LOGIN_SECONDS: u32 = 600;
/// The header of the token against forged requests.
pub const CSRF_HEADER: &str = "x-csrf-token";
/// Longest value of a cookie that is looked at; ours have 43 characters.
const MAX_VALUE: usize = 128;

/// What the cookies of this server are like.
#[derive(Clone, Copy, Debug)]
pub struct Cookies {
    /// Whether they go over TLS alone.
    pub tls: bool,
}

impl Cookies {
    /// The prefix keeps other hosts of a domain, and pages without TLS, from setting it.
    fn session_name(self) -> &'static str {
        if self.tls { "__Host-tandem" } else { "tandem" }
    }

    fn login_name(self) -> &'static str {
        if self.tls { "__Host-tandem-login" } else { "tandem-login" }
    }

    /// The secret of the session that a request belongs to.
    pub fn session(self, headers: &HeaderMap) -> Option<&str> {
        value(headers, self.session_name())
    }

    /// What binds a log-in at the provider to the browser that began it.
    pub fn login(self, headers: &HeaderMap) -> Option<&str> {
        value(headers, self.login_name())
    }

    /// Sets the session. It is not sent with requests that begin on pages of others.
    pub fn set_session(self, secret: &str) -> Option<HeaderValue> {
        self.set(self.session_name(), secret, "Strict", (LIFETIME / 1_000_000_000) as u32)
    }

    /// Sets the log-in. The provider's page sends the browser back with it, so that it must not be strict.
    pub fn set_login(self, secret: &str) -> Option<HeaderValue> {
        self.set(self.login_name(), secret, "Lax", LOGIN_SECONDS)
    }

    /// Removes the session.
    pub fn end_session(self) -> Option<HeaderValue> {
        self.set(self.session_name(), "", "Strict", 0)
    }

    /// Removes the log-in.
    pub fn end_login(self) -> Option<HeaderValue> {
        self.set(self.login_name(), "", "Lax", 0)
    }

    fn set(self, name: &str, value: &str, same_site: &str, seconds: u32) -> Option<HeaderValue> {
        let secure = if self.tls { "; Secure" } else { "" };
        let text = format!("{name}={value}; Path=/; HttpOnly; SameSite={same_site}; Max-Age={seconds}{secure}");
        HeaderValue::try_from(text).ok()
    }
}

/// The value of a cookie. One that comes twice is none: somebody put the other there.
fn value<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let cookies = headers.get_all(COOKIE).iter().filter_map(|header| header.to_str().ok());
    let mut values = cookies
        .flat_map(|header| header.split(';'))
        .filter_map(|cookie| cookie.trim().split_once('='))
        .filter_map(|(found, value)| (found == name).then_some(value));
    let value = values.next()?;
    (values.next().is_none() && !value.is_empty() && value.len() <= MAX_VALUE).then_some(value)
}

/// Said in every token, so that it is good for nothing else.
const PURPOSE: &[u8] = b"tandem csrf";

/// The token of a session, for its pages. A page of others cannot read it, and the session does not follow from it.
pub fn csrf(secret: &str) -> String {
    model::hex::encode(hmac::sign(&key(secret), PURPOSE).as_ref())
}

/// Whether a request carries the token of its session.
pub fn has_csrf(headers: &HeaderMap, secret: &str) -> bool {
    let given = headers.get(CSRF_HEADER).and_then(|value| value.to_str().ok());
    let given = given.and_then(model::hex::decode::<32>);
    given.is_some_and(|given| hmac::verify(&key(secret), PURPOSE, &given).is_ok())
}

fn key(secret: &str) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(cookies: &[&str]) -> HeaderMap {
        cookies.iter().map(|cookie| (COOKIE, cookie.parse().unwrap())).collect()
    }

    #[test]
    fn cookies_are_set_and_found() {
        let (plain, tls) = (Cookies { tls: false }, Cookies { tls: true });
        let set = tls.set_session("abc").unwrap();
        assert_eq!(set, "__Host-tandem=abc; Path=/; HttpOnly; SameSite=Strict; Max-Age=604800; Secure");
        let set = plain.set_session("abc").unwrap();
        assert_eq!(set, "tandem=abc; Path=/; HttpOnly; SameSite=Strict; Max-Age=604800");
        assert_eq!(tls.end_session().unwrap(), "__Host-tandem=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0; Secure");
        let headers = with(&["theme=dark; tandem=abc", "other=1;__Host-tandem=xyz; tandem-login=l"]);
        assert_eq!((plain.session(&headers), tls.session(&headers)), (Some("abc"), Some("xyz")));
        assert_eq!((plain.login(&headers), tls.login(&headers)), (Some("l"), None));
    }

    #[test]
    fn doubtful_cookies_are_none() {
        let cookies = Cookies { tls: false };
        let long = format!("tandem={}", "a".repeat(200));
        for wrong in [&["tandem=a; tandem=b"][..], &["tandem=a", "tandem=a"], &["tandem="], &["tandem"], &[&long], &[]]
        {
            assert_eq!(cookies.session(&with(wrong)), None, "{wrong:?}");
        }
    }

    #[test]
    fn a_page_proves_that_it_knows_its_session() {
        let token = csrf("session one");
        let with = |token: &str| HeaderMap::from_iter([(CSRF_HEADER.parse().unwrap(), token.parse().unwrap())]);
        assert!(has_csrf(&with(&token), "session one"));
        assert!(!has_csrf(&with(&token), "session two"));
        for wrong in ["", &token[1..], "session one", &csrf("session two")] {
            assert!(!has_csrf(&with(wrong), "session one"), "{wrong}");
        }
        assert!(!has_csrf(&HeaderMap::new(), "session one"));
    }
}
