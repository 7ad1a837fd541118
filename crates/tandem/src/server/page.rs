//! The page, bundled from `web` when the binary was built, and served as it is: compressed, from memory.

use super::errors::ApiError;
use crate::access::routes::{Need, Routes};
use axum::body::Body;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use flate2::read::GzDecoder;
use std::io::Read as _;

/// Names and compressed bytes, in the order of the names.
const FILES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/page.rs"));

/// What the page may do: its own scripts and styles, this server, and nothing beyond.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Shown where the page would be, if it was left out.
const LEFT_OUT: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Tandem</title><h1>Tandem</h1>\
    <p>This binary was built without its page: npm was missing then, or it was told to leave the page out. Everything else is \
    here: the API is described at <a href=\"/api/openapi.json\">/api/openapi.json</a>, and the command line shows all of \
    it (<code>tandem help</code>). Build it where Node and npm are installed to have the page.</p></html>";

/// The head of the page where people may log in with a provider.
const PROVIDER: &str = "<meta name=\"tandem-provider\" content=\"oidc\">\n</head>";

/// The files of the page, whose names change with what is in them.
pub fn routes<S: Clone + Send + Sync + 'static>(routes: Routes<S>) -> Routes<S> {
    routes.get("/assets/{name}", Need::Public, asset)
}

/// The page itself. Which place it shows is in the address, and known to the browser alone.
pub fn page(provider: bool) -> Response {
    let text =
        file("index.html").and_then(|packed| unpacked(packed).ok()).and_then(|bytes| String::from_utf8(bytes).ok());
    let text = match (text, provider) {
        (Some(text), true) => text.replacen("</head>", PROVIDER, 1),
        (Some(text), false) => text,
        (None, _) => LEFT_OUT.to_owned(),
    };
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, text).into_response()
}

async fn asset(Path(name): Path<String>, headers: HeaderMap) -> Result<Response, ApiError> {
    let missing = || {
        ApiError::new(StatusCode::NOT_FOUND, "the page has no such file")
            .help("the server was replaced by another version: load the page again")
    };
    let packed = file(&name).filter(|_| name != "index.html").ok_or_else(missing)?;
    let takes = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or("");
    let mut response = if takes.contains("gzip") {
        let mut response = Response::new(Body::from(packed));
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        response
    } else {
        Response::new(Body::from(unpacked(packed).map_err(|_| missing())?))
    };
    let kept = "public, max-age=31536000, immutable";
    for (name, value) in
        [(header::CONTENT_TYPE, kind(&name)), (header::CACHE_CONTROL, kept), (header::VARY, "accept-encoding")]
    {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    Ok(response)
}

fn file(name: &str) -> Option<&'static [u8]> {
    let at = FILES.binary_search_by(|(own, _)| (*own).cmp(name)).ok()?;
    Some(FILES[at].1)
}

fn unpacked(packed: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    GzDecoder::new(packed).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn kind(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_built_in_unpacks_and_names_what_there_is() {
        assert!(FILES.is_sorted_by_key(|(name, _)| *name));
        for (name, packed) in FILES {
            assert!(unpacked(packed).is_ok(), "{name}");
            assert!(*name == "index.html" || kind(name) != "application/octet-stream", "{name}");
        }
        if let Some(index) = file("index.html") {
            let text = String::from_utf8(unpacked(index).unwrap()).unwrap();
            let named: Vec<&str> = text.split("/assets/").skip(1).filter_map(|rest| rest.split('"').next()).collect();
            assert!(named.len() >= 3 && named.iter().all(|name| file(name).is_some()), "{named:?}");
            assert!(!text.contains("<script>") && !text.contains("<style"), "the policy would forbid it");
        }
    }

    #[test]
    fn whoever_has_a_provider_is_told_so() {
        assert!(LEFT_OUT.contains("/api/openapi.json"));
        let page = page(true);
        assert_eq!(page.headers()[header::CONTENT_TYPE], "text/html; charset=utf-8");
        assert!(page.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap().starts_with("default-src 'none'"));
    }
}
