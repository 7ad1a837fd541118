//! A provider of a few lines, which also lies when it is told to. A real one is met by the client tests.

use super::*;
use crate::config::oidc::GroupGrant;
use model::{Datasets, Role};
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde_json::json;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

const NOW: u64 = 1_795_219_200;

/// What the provider says instead of the truth.
type Lie = fn(&mut Value, &mut Value);

struct Fake {
    issuer: String,
    nonce: Mutex<String>,
    challenge: Mutex<String>,
    lie: Mutex<Option<Lie>>,
    key: Mutex<Ed25519KeyPair>,
    named_in_token: bool,
}

fn fresh_key() -> Ed25519KeyPair {
    let pkcs8 = Ed25519KeyPair::generate_pkcs8(&ring::rand::SystemRandom::new()).unwrap();
    Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).unwrap()
}

impl Fake {
    fn start(named_in_token: bool) -> Arc<Fake> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let fake = Arc::new(Fake {
            issuer: format!("http://{}", listener.local_addr().unwrap()),
            nonce: Mutex::default(),
            challenge: Mutex::default(),
            lie: Mutex::default(),
            key: Mutex::new(fresh_key()),
            named_in_token,
        });
        let serving = fake.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let _ = serving.answer(stream);
            }
        });
        fake
    }

    fn answer(&self, mut stream: TcpStream) -> std::io::Result<()> {
        let mut reader = BufReader::new(stream.try_clone()?);
        let (mut head, mut length) = (String::new(), 0);
        reader.read_line(&mut head)?;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            let line = line.to_ascii_lowercase();
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            if line.trim().is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        let (status, answer) = self.say(head.split(' ').nth(1).unwrap(), &String::from_utf8_lossy(&body));
        let answer = answer.to_string();
        write!(
            stream,
            "HTTP/1.1 {status} x\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{answer}",
            answer.len()
        )
    }

    fn say(&self, path: &str, body: &str) -> (u16, Value) {
        let public = BASE64.encode(self.key.lock().unwrap().public_key().as_ref());
        let key = json!({"kty": "OKP", "crv": "Ed25519", "x": public, "kid": "one", "use": "sig", "alg": "EdDSA"});
        let at = |path: &str| format!("{}{path}", self.issuer);
        match path {
            "/.well-known/openid-configuration" => (
                200,
                json!({
                    "issuer": self.issuer, "authorization_endpoint": at("/authorize"), "token_endpoint": at("/token"),
                    "userinfo_endpoint": at("/me"), "jwks_uri": at("/keys"), "response_types_supported": ["code"],
                    "subject_types_supported": ["public"], "id_token_signing_alg_values_supported": ["EdDSA"],
                }),
            ),
            "/keys" => (200, json!({"keys": [key]})),
            "/me" => (200, json!({"sub": "17", "preferred_username": "ada", "groups": ["sre", "all"]})),
            "/token" => self.token(body),
            _ => (404, json!({"error": "not_found"})),
        }
    }

    fn token(&self, body: &str) -> (u16, Value) {
        let word = |name: &str| body.split('&').find_map(|pair| pair.strip_prefix(name)).unwrap_or("").to_owned();
        let verifier = PkceCodeVerifier::new(word("code_verifier="));
        let challenge = PkceCodeChallenge::from_code_verifier_sha256(&verifier);
        if word("code=") != "good" || challenge.as_str() != *self.challenge.lock().unwrap() {
            return (400, json!({"error": "invalid_grant"}));
        }
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
        let mut header = json!({"alg": "EdDSA", "typ": "JWT", "kid": "one"});
        let mut claims = json!({
            "iss": self.issuer, "sub": "17", "aud": "tandem", "iat": now, "exp": now + 300,
            "nonce": *self.nonce.lock().unwrap(),
        });
        if self.named_in_token {
            claims["preferred_username"] = json!("ada");
            claims["groups"] = json!("heads");
        }
        if let Some(lie) = *self.lie.lock().unwrap() {
            lie(&mut header, &mut claims);
        }
        let signed = format!("{}.{}", BASE64.encode(header.to_string()), BASE64.encode(claims.to_string()));
        let signature = match header["alg"].as_str() {
            Some("none") => String::new(),
            Some("HS256") => {
                BASE64.encode(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, b"a shared secret"), signed.as_bytes()))
            }
            _ => BASE64.encode(self.key.lock().unwrap().sign(signed.as_bytes())),
        };
        let token = format!("{signed}.{signature}");
        (200, json!({"access_token": "a", "token_type": "Bearer", "expires_in": 60, "id_token": token}))
    }

    fn oidc(&self) -> Arc<Oidc> {
        let group = |group: &str, role, team: &str| GroupGrant {
            group: group.to_owned(),
            role,
            team: team.to_owned(),
            datasets: vec!["*".to_owned()],
        };
        Oidc::new(OidcSettings {
            issuer: self.issuer.clone(),
            client_id: "tandem".to_owned(),
            client_secret: Some("a shared secret".to_owned()),
            redirect: "https://tandem.example/api/v1/oidc/callback".to_owned(),
            groups_claim: "groups".to_owned(),
            allow_private: true,
            groups: vec![group("sre", Role::Responder, "platform"), group("heads", Role::Viewer, "*")],
        })
    }

    /// Begins a log-in as a browser does; answers the cookie and the state.
    async fn begin(&self, oidc: &Arc<Oidc>) -> (String, String) {
        let begun = oidc.begin(NOW).await.unwrap();
        let url = openidconnect::url::Url::parse(&begun.url).unwrap();
        let word = |name: &str| url.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned();
        assert_eq!((word("response_type").as_str(), word("code_challenge_method").as_str()), ("code", "S256"));
        assert_eq!(word("redirect_uri"), "https://tandem.example/api/v1/oidc/callback");
        *self.nonce.lock().unwrap() = word("nonce");
        *self.challenge.lock().unwrap() = word("code_challenge");
        (begun.cookie, word("state"))
    }
}

fn back(state: &str) -> Callback {
    Callback { code: Some("good".to_owned()), state: Some(state.to_owned()), ..Callback::default() }
}

fn why(answer: Result<Identity, OidcError>) -> String {
    match answer {
        Err(OidcError::Refused(why)) => why,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_person_comes_in_with_the_rights_of_its_groups() {
    for (named_in_token, role, team) in [(true, Role::Viewer, None), (false, Role::Responder, Some("platform"))] {
        let fake = Fake::start(named_in_token);
        let oidc = fake.oidc();
        let (cookie, state) = fake.begin(&oidc).await;
        let identity = oidc.finish(back(&state), Some(&cookie), NOW + 5).await.unwrap();
        assert_eq!((identity.subject.as_str(), &identity.issuer), ("17", &fake.issuer));
        assert_eq!(identity.logins, ["ada", "17"]);
        let grant = Grant { role, team: team.map(str::to_owned), datasets: Datasets::All };
        assert_eq!(identity.grants, [grant]);
    }
}

#[tokio::test]
async fn an_answer_is_taken_from_the_browser_that_asked_alone() {
    let fake = Fake::start(true);
    let oidc = fake.oidc();
    let (cookie, state) = fake.begin(&oidc).await;
    let (other, other_state) = fake.begin(&oidc).await;
    assert_ne!(state, other_state);
    assert!(why(oidc.finish(back(&state), None, NOW).await).contains("no log-in"));
    assert!(why(oidc.finish(back(&state), Some(&other), NOW).await).contains("another log-in"));
    for wrong in ["", "x", &state[1..], &"a".repeat(10_000), "ééé"] {
        assert!(why(oidc.finish(back(wrong), Some(&cookie), NOW).await).contains("another log-in"), "{wrong}");
    }
    assert!(why(oidc.finish(back(&state), Some(&cookie), NOW + 601).await).contains("too long"));
    let error = Callback { error: Some("<script>".to_owned()), ..back(&state) };
    assert_eq!(why(oidc.finish(error, Some(&cookie), NOW).await), "the provider did not log you in");
    let elsewhere = Callback { iss: Some("https://evil.example".to_owned()), ..back(&state) };
    assert!(why(oidc.finish(elsewhere, Some(&cookie), NOW).await).contains("another provider"));
    let no_code = Callback { code: None, ..back(&state) };
    assert!(why(oidc.finish(no_code, Some(&cookie), NOW).await).contains("no code"));
    // A cookie of an earlier time does not verify with another time written into it.
    let older = cookie.replacen(&NOW.to_string(), &(NOW + 500).to_string(), 1);
    assert!(why(oidc.finish(back(&state), Some(&older), NOW).await).contains("another log-in"));
    // The code belongs to the other log-in's challenge: the provider refuses.
    assert!(why(oidc.finish(back(&state), Some(&cookie), NOW).await).contains("does not know this code"));
    assert!(oidc.finish(back(&other_state), Some(&other), NOW).await.is_ok());
}

#[tokio::test]
async fn a_word_that_does_not_hold_is_refused() {
    let fake = Fake::start(true);
    let oidc = fake.oidc();
    let lies: [(&str, Lie); 9] = [
        ("nonce", |_, claims| claims["nonce"] = json!("another")),
        ("nonce", |_, claims| drop(claims.as_object_mut().unwrap().remove("nonce"))),
        ("audience", |_, claims| claims["aud"] = json!("another")),
        ("audience", |_, claims| claims["aud"] = json!(["tandem", "another"])),
        ("issuer", |_, claims| claims["iss"] = json!("https://evil.example")),
        ("Expired", |_, claims| claims["exp"] = json!(1_000_000_000)),
        ("ignature", |header, _| header["alg"] = json!("none")),
        ("ignature", |header, _| header["alg"] = json!("HS256")),
        ("access token", |_, claims| claims["at_hash"] = json!("AAAA")),
    ];
    for (part, lie) in lies {
        let (cookie, state) = fake.begin(&oidc).await;
        *fake.lie.lock().unwrap() = Some(lie);
        let told = why(oidc.finish(back(&state), Some(&cookie), NOW).await);
        assert!(told.contains(part), "{part}: {told}");
    }
    *fake.lie.lock().unwrap() = None;
    let (cookie, state) = fake.begin(&oidc).await;
    // Signed by somebody else, under the same name of the key.
    *fake.key.lock().unwrap() = fresh_key();
    assert!(why(oidc.finish(back(&state), Some(&cookie), NOW).await).contains("ignature"));
}

#[tokio::test]
async fn a_provider_that_is_away_or_inside_is_said() {
    let fake = Fake::start(true);
    let mut settings = fake.oidc().settings.clone();
    settings.allow_private = false;
    let told = Oidc::new(settings.clone()).begin(NOW).await.unwrap_err();
    assert!(matches!(&told, OidcError::Unavailable(why) if why.contains("https://")), "{told}");
    settings.issuer = settings.issuer.replace("http://", "https://");
    let told = Oidc::new(settings.clone()).begin(NOW).await.unwrap_err();
    assert!(matches!(&told, OidcError::Unavailable(why) if why.contains("leads to 127.0.0.1")), "{told}");
    settings.issuer = "http://127.0.0.1:1".to_owned();
    settings.allow_private = true;
    let oidc = Oidc::new(settings);
    assert!(matches!(oidc.begin(NOW).await, Err(OidcError::Unavailable(_))));
    let held = oidc.calls.clone().try_acquire_many_owned(CALLS as u32).unwrap();
    assert!(matches!(oidc.begin(NOW).await, Err(OidcError::Unavailable(why)) if why.contains("many")));
    drop(held);
}
