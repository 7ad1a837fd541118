//! Who sent a request. All comparisons take the same time whatever is compared.

use super::{Hook, HookError, MAX_SIGNATURE_AGE_SECONDS};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;

/// How a key of Standard Webhooks begins; Base64 follows.
const KEY_PREFIX: &str = "whsec_";
/// Signatures looked at in one header: there are two while a key is exchanged.
const MAX_SIGNATURES: usize = 8;

fn key(secret: &[u8]) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, secret)
}

fn known(secret: &[u8]) -> Result<(), HookError> {
    if secret.is_empty() {
        // Without a secret everyone could sign.
        return Err(HookError::Unsigned("no secret is set here; set one, and the same at the source".to_owned()));
    }
    Ok(())
}

/// GitHub: the hexadecimal HMAC of the body.
pub(super) fn github(hook: &Hook<'_>, secret: &[u8]) -> Result<(), HookError> {
    known(secret)?;
    let Some(header) = hook.header("x-hub-signature-256") else {
        return Err(HookError::Unsigned(
            "the header X-Hub-Signature-256 is missing; set a secret at the webhook".to_owned(),
        ));
    };
    let tag: [u8; 32] = header
        .strip_prefix("sha256=")
        .and_then(model::hex::decode)
        .ok_or_else(|| HookError::malformed("not sha256= and 64 hexadecimal digits", "X-Hub-Signature-256"))?;
    hmac::verify(&key(secret), hook.body, &tag).map_err(|_| HookError::BadSignature)
}

/// GitLab: a signature when the secret is a signing token, else the secret itself. What the secret is decides, and never
/// the request: so nobody who saw a token can do without a signature.
pub(super) fn gitlab(hook: &Hook<'_>, secret: &[u8]) -> Result<(), HookError> {
    known(secret)?;
    match std::str::from_utf8(secret).ok().and_then(|secret| secret.strip_prefix(KEY_PREFIX)) {
        Some(encoded) => standard(hook, encoded),
        None => token(hook, secret),
    }
}

fn token(hook: &Hook<'_>, secret: &[u8]) -> Result<(), HookError> {
    let Some(token) = hook.header("x-gitlab-token") else {
        return Err(HookError::Unsigned(
            "the header X-Gitlab-Token is missing; set a secret token at the webhook".to_owned(),
        ));
    };
    // Digests are compared, so that not even the length of the secret shows in the time.
    let tag = hmac::sign(&key(b"token"), token.as_bytes());
    hmac::verify(&key(b"token"), secret, tag.as_ref()).map_err(|_| HookError::BadSignature)
}

/// Standard Webhooks: an HMAC over id, time and body.
fn standard(hook: &Hook<'_>, encoded: &str) -> Result<(), HookError> {
    let secret = STANDARD.decode(encoded.trim()).unwrap_or_default();
    if secret.is_empty() {
        return Err(HookError::Unsigned(
            "the secret here is no signing token: whsec_ is followed by Base64; copy it anew".to_owned(),
        ));
    }
    let wanted = |name: &str| {
        let remedy = "set a signing token at the webhook, or use its secret token here";
        hook.header(name).ok_or_else(|| HookError::Unsigned(format!("the header {name} is missing; {remedy}")))
    };
    let (id, time, signatures) = (wanted("webhook-id")?, wanted("webhook-timestamp")?, wanted("webhook-signature")?);
    let seconds: i64 =
        time.parse().map_err(|_| HookError::malformed("no time in seconds since 1970", "webhook-timestamp"))?;
    let mut message = Vec::with_capacity(id.len() + time.len() + 2 + hook.body.len());
    message.extend_from_slice(format!("{id}.{time}.").as_bytes());
    message.extend_from_slice(hook.body);
    let key = key(&secret);
    let fits = |signature: &str| {
        let tag = signature.strip_prefix("v1,").and_then(|text| STANDARD.decode(text).ok());
        tag.is_some_and(|tag| hmac::verify(&key, &message, &tag).is_ok())
    };
    if !signatures.split(' ').take(MAX_SIGNATURES).any(fits) {
        return Err(HookError::BadSignature);
    }
    // Looked at last: whoever cannot sign learns nothing about the clock here.
    let away = seconds.saturating_sub(hook.at.div_euclid(1_000_000_000));
    if away.saturating_abs() > MAX_SIGNATURE_AGE_SECONDS {
        return Err(HookError::Stale { seconds: away });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_795_246_176_000_000_000;

    fn hook<'a>(headers: &'a [(&'a str, &'a str)], body: &'a [u8]) -> Hook<'a> {
        Hook { headers, body, dataset: "default", at: NOW }
    }

    fn hex(secret: &[u8], body: &[u8]) -> String {
        format!("sha256={}", model::hex::encode(hmac::sign(&key(secret), body).as_ref()))
    }

    #[test]
    fn hmac_is_that_of_the_standard() {
        // RFC 4231, test case 2.
        let tag = hex(b"Jefe", b"what do ya want for nothing?");
        assert_eq!(tag, "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }

    #[test]
    fn a_signature_of_github_fits_body_and_secret() {
        let (secret, body) = (b"correct horse", b"{\"zen\":\"x\"}");
        let right = hex(secret, body);
        let headers = [("X-Hub-Signature-256", right.as_str())];
        assert_eq!(github(&hook(&headers, body), secret), Ok(()));
        assert_eq!(github(&hook(&headers, body), b"battery staple"), Err(HookError::BadSignature));
        assert_eq!(github(&hook(&headers, &body[1..]), secret), Err(HookError::BadSignature));
        assert!(matches!(github(&hook(&headers, body), b""), Err(HookError::Unsigned(_))));
        assert!(matches!(github(&hook(&[], body), secret), Err(HookError::Unsigned(_))));
        for wrong in ["sha1=00", "sha256=zz", &right[..70]] {
            let error = github(&hook(&[("x-hub-signature-256", wrong)], body), secret).unwrap_err();
            assert!(matches!(error, HookError::Malformed { .. }), "{wrong}: {error}");
        }
    }

    #[test]
    fn a_token_of_gitlab_is_the_secret() {
        let headers = [("X-Gitlab-Token", "s3cret-word")];
        assert_eq!(gitlab(&hook(&headers, b"{}"), b"s3cret-word"), Ok(()));
        for wrong in [&b"s3cret-wor"[..], b"s3cret-word2", b"S3cret-word", b"s3cret-word\0"] {
            assert_eq!(gitlab(&hook(&headers, b"{}"), wrong), Err(HookError::BadSignature));
        }
        assert!(matches!(gitlab(&hook(&[], b"{}"), b"x"), Err(HookError::Unsigned(_))));
    }

    fn signed(secret: &[u8], id: &str, seconds: i64, body: &[u8]) -> String {
        let message = [format!("{id}.{seconds}.").as_bytes(), body].concat();
        format!("v1,{}", STANDARD.encode(hmac::sign(&key(secret), &message).as_ref()))
    }

    #[test]
    fn a_signing_token_needs_a_signature_of_now() {
        let (raw, body) = ([7u8; 32], b"{\"object_kind\":\"push\"}");
        let secret = format!("whsec_{}", STANDARD.encode(raw));
        let now = NOW / 1_000_000_000;
        let check = |id: &str, seconds: i64, signature: &str| {
            let time = seconds.to_string();
            let headers = [
                ("webhook-id", id),
                ("webhook-timestamp", time.as_str()),
                ("webhook-signature", signature),
                // A token beside it does not help.
                ("x-gitlab-token", secret.as_str()),
            ];
            gitlab(&hook(&headers, body), secret.as_bytes())
        };
        let right = signed(&raw, "d-1", now, body);
        assert_eq!(check("d-1", now, &right), Ok(()));
        assert_eq!(check("d-1", now, &format!("v1,AAAA {right}")), Ok(()), "an old and a new key");
        assert_eq!(check("d-2", now, &right), Err(HookError::BadSignature), "another delivery");
        assert_eq!(check("d-1", now + 1, &right), Err(HookError::BadSignature), "another time");
        let old = signed(&raw, "d-1", now - 301, body);
        assert_eq!(check("d-1", now - 301, &old), Err(HookError::Stale { seconds: -301 }));
        let headers = [("x-gitlab-token", secret.as_str())];
        assert!(matches!(gitlab(&hook(&headers, body), secret.as_bytes()), Err(HookError::Unsigned(_))));
        assert!(matches!(gitlab(&hook(&headers, body), b"whsec_%"), Err(HookError::Unsigned(_))));
        assert!(matches!(check("d-1", i64::MIN, &signed(&raw, "d-1", i64::MIN, body)), Err(HookError::Stale { .. })));
    }
}
