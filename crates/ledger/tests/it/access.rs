//! Users, tokens, grants, sessions: who comes in, who does not, and that all of it is in the trail.

use crate::support::{DAY, Home, MINUTE, SECOND, T0, both, sqlite};
use ledger::{Ledger, LedgerError, NewToken, NewUser, Person, Presented, Subject, TokenKind};
use model::{Datasets, Grant, Role};

const OWNER: Person<'_> = Person("owner of the server");
/// The text form of a hash; what is in it is not looked at here.
const HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA";

fn grant(role: Role, team: &str, datasets: &[&str]) -> Grant {
    Grant { role, team: Some(team.to_owned()), datasets: Datasets::only(datasets.iter().copied()) }
}

async fn user(ledger: &Ledger, login: &str, grants: &[Grant]) -> i64 {
    let new = NewUser { login, password: Some(HASH), identity: None, grants };
    ledger.create_user(new, OWNER, T0).await.unwrap()
}

fn ci(grants: &[Grant]) -> NewToken<'_> {
    let expires = Some(T0 + DAY);
    NewToken { kind: TokenKind::Api, name: "ci", dataset: "", grants, expires, creator: None }
}

/// Actions of the trail, and whom they are about.
async fn acts(ledger: &Ledger) -> Vec<(String, String, String)> {
    let entries = ledger.audit_entries(0, 1_000).await.unwrap();
    assert_eq!(ledger.verify().await.unwrap().problems, Vec::<String>::new());
    entries.into_iter().map(|entry| (entry.action, entry.object, entry.person.unwrap_or_default())).collect()
}

fn last(acts: &[(String, String, String)]) -> (&str, &str, &str) {
    acts.last().map(|(action, object, by)| (action.as_str(), object.as_str(), by.as_str())).unwrap()
}

fn says<T: std::fmt::Debug>(answer: Result<T, LedgerError>, part: &str) {
    let error = answer.unwrap_err();
    assert!(matches!(&error, LedgerError::Invalid(message) if message.contains(part)), "{error}");
}

#[tokio::test]
async fn users_are_made_found_changed_and_kept_out() {
    for home in both().await {
        let ledger = home.open().await;
        assert!(!ledger.has_users().await.unwrap());
        let ada = user(&ledger, "Ada@example.org", &[grant(Role::Editor, "shop", &["web", "app"])]).await;
        assert!(ledger.has_users().await.unwrap());
        let found = ledger.user_by_login("ADA@example.org").await.unwrap().unwrap();
        assert_eq!(
            (found.id, found.login.as_deref(), found.password.as_deref()),
            (ada, Some("ada@example.org"), Some(HASH))
        );
        assert_eq!(found.grants, [grant(Role::Editor, "shop", &["app", "web"])]);
        assert_eq!(ledger.list_users().await.unwrap(), [found]);
        says(ledger.create_user(NewUser { login: "ada@example.org", ..NewUser::default() }, OWNER, T0).await, "log-in");
        for wrong in ["", "a b", "token:1", "adá", "a\0", &"a".repeat(300)] {
            says(ledger.create_user(NewUser { login: wrong, ..NewUser::default() }, OWNER, T0).await, "log-in");
            assert_eq!(ledger.user_by_login(wrong).await.unwrap(), None);
        }
        let empty = NewUser { login: "bob", password: Some(""), ..NewUser::default() };
        says(ledger.create_user(empty, OWNER, T0).await, "password");
        says(ledger.set_password_hash(ada, "", OWNER, T0).await, "password");
        ledger.set_password_hash(ada, "another", Person("ada@example.org"), T0).await.unwrap();
        assert_eq!(ledger.user(ada).await.unwrap().unwrap().password.as_deref(), Some("another"));
        ledger.disable_user(ada, true, OWNER, T0).await.unwrap();
        assert!(ledger.user(ada).await.unwrap().unwrap().disabled);
        says(ledger.disable_user(ada + 100, true, OWNER, T0).await, "no user");
        says(ledger.set_password_hash(ada + 100, HASH, OWNER, T0).await, "no user");
        let acts = acts(&ledger).await;
        let told: Vec<(&str, &str)> = acts.iter().map(|(action, _, by)| (action.as_str(), by.as_str())).collect();
        assert_eq!(
            told,
            [("user created", OWNER.0), ("password changed", "ada@example.org"), ("user disabled", OWNER.0)],
            "what is refused here writes nothing: the caller says what it was"
        );
    }
}

#[tokio::test]
async fn a_provider_vouches_for_one_user_alone() {
    for home in both().await {
        let ledger = home.open().await;
        let new = NewUser { login: "ada", identity: Some(("https://id.example", "17")), ..NewUser::default() };
        let ada = ledger.create_user(new, OWNER, T0).await.unwrap();
        let found = ledger.user_by_identity("https://id.example", "17").await.unwrap().unwrap();
        assert_eq!((found.id, found.single_sign_on, found.password), (ada, true, None));
        // Where issuer and subject meet is part of it.
        for (issuer, subject) in
            [("https://id.example1", "7"), ("https://id.example", "1"), ("", "https://id.example17")]
        {
            assert_eq!(ledger.user_by_identity(issuer, subject).await.unwrap(), None);
        }
        let twin = NewUser { login: "eve", ..new };
        says(ledger.create_user(twin, OWNER, T0).await, "identity");
        // What the provider says of groups replaces what it said before, and nothing that somebody gave.
        let by = Person("single sign-on");
        ledger.grant(Subject::User(ada), &grant(Role::Admin, "pay", &[]), OWNER, T0).await.unwrap();
        let claims = [grant(Role::Viewer, "shop", &["web"]), grant(Role::Editor, "shop", &["app"])];
        assert!(ledger.set_claimed_grants(ada, &claims, by, T0).await.unwrap());
        assert!(!ledger.set_claimed_grants(ada, &claims, by, T0).await.unwrap(), "nothing new");
        let joined = grant(Role::Editor, "shop", &["app", "web"]);
        let given = grant(Role::Admin, "pay", &[]);
        assert_eq!(ledger.user(ada).await.unwrap().unwrap().grants, [given.clone(), joined]);
        assert!(ledger.set_claimed_grants(ada, &[], by, T0).await.unwrap());
        assert_eq!(ledger.user(ada).await.unwrap().unwrap().grants, [given]);
        assert_eq!(last(&acts(&ledger).await), ("grants claimed", &*format!("user:{ada}"), "single sign-on"));
    }
}

#[tokio::test]
async fn grants_are_given_replaced_and_taken_back() {
    for home in both().await {
        let ledger = home.open().await;
        let ada = user(&ledger, "ada", &[]).await;
        let subject = Subject::User(ada);
        ledger.grant(subject, &grant(Role::Viewer, "shop", &["web"]), OWNER, T0).await.unwrap();
        ledger.grant(subject, &Grant::everywhere(Role::Viewer), OWNER, T0).await.unwrap();
        ledger.grant(subject, &grant(Role::Admin, "shop", &[]), OWNER, T0).await.unwrap();
        let grants = ledger.user(ada).await.unwrap().unwrap().grants;
        assert_eq!(grants, [Grant::everywhere(Role::Viewer), grant(Role::Admin, "shop", &[])]);
        assert!(ledger.revoke(subject, Some("shop"), OWNER, T0).await.unwrap());
        assert!(!ledger.revoke(subject, Some("shop"), OWNER, T0).await.unwrap());
        assert!(ledger.revoke(subject, None, OWNER, T0).await.unwrap());
        assert_eq!(ledger.user(ada).await.unwrap().unwrap().grants, []);
        let viewer = |team: &str, dataset: &str| grant(Role::Viewer, team, &[dataset]);
        for (wrong, part) in [
            (viewer("", "web"), "team"),
            (viewer("*", "web"), "team"),
            (viewer("a\nb", "web"), "team"),
            (viewer("shop", "../etc"), "dataset"),
            (viewer("shop", "*"), "dataset"),
            (viewer("shop", ""), "dataset"),
        ] {
            says(ledger.grant(subject, &wrong, OWNER, T0).await, part);
        }
        says(ledger.grant(Subject::User(ada + 100), &viewer("shop", "web"), OWNER, T0).await, "no user");
        says(ledger.grant(Subject::Token(ada), &viewer("shop", "web"), OWNER, T0).await, "no token");
        let many: Vec<Grant> = (0..300).map(|team| viewer(&format!("t{team}"), "web")).collect();
        says(ledger.create_user(NewUser { login: "bob", grants: &many, ..NewUser::default() }, OWNER, T0).await, "256");
        assert_eq!(ledger.user_by_login("bob").await.unwrap(), None, "all of it or nothing");
        let acts = acts(&ledger).await;
        assert_eq!(
            acts.iter().map(|(action, ..)| action.as_str()).collect::<Vec<_>>(),
            ["user created", "granted", "granted", "granted", "revoked", "revoked"]
        );
    }
}

#[tokio::test]
async fn tokens_are_good_until_they_end() {
    for home in both().await {
        let ledger = home.open().await;
        let grants = [grant(Role::Responder, "shop", &["web"])];
        let (id, token) = ledger.create_token(ci(&grants), OWNER, T0).await.unwrap();
        assert!(token.starts_with("tdm_") && token.len() == 53);
        let Presented::Valid(found) = ledger.token_by_secret(&token, T0 + SECOND).await.unwrap() else { panic!() };
        assert_eq!(
            (found.id, found.kind, found.name.as_str(), &found.grants[..]),
            (id, TokenKind::Api, "ci", &grants[..])
        );
        assert_eq!(ledger.list_tokens().await.unwrap()[0].used, Some(T0), "to the hour");
        let present = async |token: &str, now| ledger.token_by_secret(token, now).await.unwrap();
        assert_eq!(present(&token, T0 + DAY).await, Presented::Expired(id));
        assert_eq!(present(&token[..token.len() - 1], T0).await, Presented::Damaged);
        assert_eq!(present("0123456789abcdef", T0).await, Presented::Foreign);
        assert!(ledger.revoke_token(id, OWNER, T0).await.unwrap());
        assert!(!ledger.revoke_token(id, OWNER, T0).await.unwrap());
        assert_eq!(present(&token, T0 + SECOND).await, Presented::Revoked(id));
        assert_eq!(last(&acts(&ledger).await), ("token revoked", &*format!("token:{id}"), OWNER.0));
        // Of another ledger.
        let elsewhere = sqlite();
        let (_, other) = elsewhere.open().await.create_token(ci(&grants), OWNER, T0).await.unwrap();
        assert_eq!(present(&other, T0).await, Presented::Unknown);
    }
}

#[tokio::test]
async fn poor_tokens_are_not_made() {
    let home = sqlite();
    let ledger = home.open().await;
    let grants = [Grant::everywhere(Role::Viewer)];
    let good = ci(&grants);
    let ingest = NewToken { kind: TokenKind::Ingest, dataset: "shop", grants: &[], expires: None, ..good };
    for (wrong, part) in [
        (NewToken { name: "", ..good }, "label"),
        (NewToken { grants: &[], ..good }, "role"),
        (NewToken { expires: None, ..good }, "ends"),
        (NewToken { expires: Some(T0), ..good }, "before it begins"),
        (NewToken { dataset: "shop", ..good }, "stamped"),
        (NewToken { grants: &grants, ..ingest }, "may not ask"),
        (NewToken { dataset: "", ..ingest }, "dataset"),
        (NewToken { dataset: "../shop", ..ingest }, "dataset"),
    ] {
        says(ledger.create_token(wrong, OWNER, T0).await, part);
    }
    assert_eq!(ledger.list_tokens().await.unwrap(), []);
    assert_eq!(acts(&ledger).await, []);
}

#[tokio::test]
async fn tokens_that_ask_rest_while_their_maker_is_kept_out() {
    for home in both().await {
        let ledger = home.open().await;
        let ada = user(&ledger, "ada", &[]).await;
        let grants = [Grant::everywhere(Role::Viewer)];
        let asks = NewToken { creator: Some(ada), ..ci(&grants) };
        let sends = NewToken { kind: TokenKind::Ingest, dataset: "shop", grants: &[], expires: None, ..asks };
        let (id, asks) = ledger.create_token(asks, Person("ada"), T0).await.unwrap();
        let (_, sends) = ledger.create_token(sends, Person("ada"), T0).await.unwrap();
        ledger.disable_user(ada, true, OWNER, T0).await.unwrap();
        assert_eq!(ledger.token_by_secret(&asks, T0).await.unwrap(), Presented::Resting(id));
        assert!(
            matches!(ledger.token_by_secret(&sends, T0).await.unwrap(), Presented::Valid(token) if token.dataset == "shop")
        );
        ledger.disable_user(ada, false, OWNER, T0).await.unwrap();
        assert!(matches!(ledger.token_by_secret(&asks, T0).await.unwrap(), Presented::Valid(_)));
    }
}

#[tokio::test]
async fn sessions_end() {
    const IDLE: i64 = 10 * MINUTE;
    for home in both().await {
        let ledger = home.open().await;
        let ada = user(&ledger, "ada", &[Grant::everywhere(Role::Viewer)]).await;
        let log_in = async |now| ledger.create_session(ada, "password", 60 * MINUTE, now).await.unwrap();
        let good = async |secret: &str, now| ledger.session(secret, IDLE, now).await.unwrap().is_some();
        let first = log_in(T0).await;
        let session = ledger.session(&first, IDLE, T0).await.unwrap().unwrap();
        assert_eq!((session.user.login.as_deref(), session.user.grants.len()), (Some("ada"), 1));
        assert_eq!(session.expires, T0 + 60 * MINUTE);
        // Used now and then it lasts until its end, and no longer.
        for minute in (5..60).step_by(5) {
            assert!(good(&first, T0 + minute * MINUTE).await, "{minute}");
        }
        assert!(!good(&first, T0 + 60 * MINUTE).await);
        let second = log_in(T0).await;
        assert!(!good(&second, T0 + IDLE).await, "nobody used it");
        assert!(!good(&second[1..], T0).await && !good("", T0).await && !good(&format!("{second} "), T0).await);
        assert!(ledger.end_session(&second, T0).await.unwrap());
        assert!(!good(&second, T0).await && !ledger.end_session(&second, T0).await.unwrap());
        assert_eq!(last(&acts(&ledger).await), ("log-out", &*format!("user:{ada}"), "ada"));
        // Another password, a user who is kept out, all at once: nobody stays in.
        let third = log_in(T0).await;
        ledger.set_password_hash(ada, HASH, Person("ada"), T0).await.unwrap();
        assert!(!good(&third, T0).await);
        let fourth = log_in(T0).await;
        assert_eq!(ledger.end_all_sessions(ada, OWNER, T0).await.unwrap(), 1);
        assert!(!good(&fourth, T0).await);
        let fifth = log_in(T0).await;
        ledger.disable_user(ada, true, OWNER, T0).await.unwrap();
        says(ledger.create_session(ada, "password", MINUTE, T0).await, "disabled");
        ledger.disable_user(ada, false, OWNER, T0).await.unwrap();
        assert!(!good(&fifth, T0).await);
    }
}

#[tokio::test]
async fn sessions_of_one_user_are_bounded() {
    let home = sqlite();
    let ledger = home.open().await;
    let ada = user(&ledger, "ada", &[]).await;
    let mut secrets = Vec::new();
    for number in 0..34 {
        secrets.push(ledger.create_session(ada, "password", DAY, T0 + number).await.unwrap());
    }
    let mut good = Vec::new();
    for secret in &secrets {
        good.push(ledger.session(secret, DAY, T0 + MINUTE).await.unwrap().is_some());
    }
    assert_eq!(good.iter().filter(|good| **good).count(), 32);
    assert!(!good[0] && !good[1], "the oldest end first");
}

#[tokio::test]
async fn who_is_forgotten_is_out() {
    for home in both().await {
        let ledger = home.open().await;
        let new = NewUser {
            login: "ada",
            password: Some(HASH),
            identity: Some(("https://id.example", "17")),
            ..NewUser::default()
        };
        let ada = ledger.create_user(new, OWNER, T0).await.unwrap();
        ledger.grant(Subject::User(ada), &Grant::everywhere(Role::Admin), OWNER, T0).await.unwrap();
        let session = ledger.create_session(ada, "password", DAY, T0).await.unwrap();
        ledger.forget("ada", OWNER, T0).await.unwrap();
        assert_eq!(ledger.session(&session, DAY, T0).await.unwrap(), None);
        assert_eq!(ledger.user_by_login("ada").await.unwrap(), None);
        assert_eq!(ledger.user_by_identity("https://id.example", "17").await.unwrap(), None);
        let left = ledger.user(ada).await.unwrap().unwrap();
        assert_eq!((left.login, left.password, left.single_sign_on, left.disabled), (None, None, false, true));
        assert_eq!(left.grants, []);
        says(ledger.disable_user(ada, false, OWNER, T0).await, "no user");
        says(ledger.grant(Subject::User(ada), &Grant::everywhere(Role::Admin), OWNER, T0).await, "no user");
        // The same name later is somebody new.
        assert_ne!(user(&ledger, "ada", &[]).await, ada);
        assert_eq!(last(&acts(&ledger).await).0, "user created");
    }
}

#[tokio::test]
async fn nothing_that_opens_a_door_is_kept() {
    let home = sqlite();
    let ledger = home.open().await;
    let ada = user(&ledger, "ada", &[]).await;
    let grants = [Grant::everywhere(Role::Viewer)];
    let (_, token) = ledger.create_token(ci(&grants), OWNER, T0).await.unwrap();
    let session = ledger.create_session(ada, "password", DAY, T0).await.unwrap();
    ledger.close().await;
    assert!(!is_in(&home, &token[4..47]) && !is_in(&home, &session));
    assert!(is_in(&home, HASH), "this looks where it should");
}

fn is_in(home: &Home, text: &str) -> bool {
    let files = std::fs::read_dir(home.dir.path()).unwrap().map(|entry| entry.unwrap().path());
    let holds = |bytes: Vec<u8>| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    files.filter(|path| path.is_file()).any(|path| holds(std::fs::read(path).unwrap()))
}

#[tokio::test]
async fn a_delivery_is_new_once() {
    for home in both().await {
        let ledger = home.open().await;
        let new = async |source: &str, id: &str, now| ledger.delivery_is_new(source, id, now).await.unwrap();
        assert!(new("github", "a1", T0).await && !new("github", "a1", T0 + DAY).await);
        assert!(new("gitlab", "a1", T0).await && new("github", "a2", T0).await);
        ledger.delivery_failed("github", "a1").await.unwrap();
        assert!(new("github", "a1", T0).await, "it could not be kept before");
        assert!(!new("github", "a2", T0 + 89 * DAY).await && new("github", "a2", T0 + 91 * DAY).await);
        says(ledger.delivery_is_new("github", "", T0).await, "id of the delivery");
        says(ledger.delivery_is_new("github", &"a".repeat(300), T0).await, "id of the delivery");
    }
}

#[tokio::test]
async fn acts_of_many_at_once_are_all_in_the_trail() {
    for home in both().await {
        let (one, two) = (home.open().await, home.open().await);
        let each = async |ledger: &Ledger, from: usize| {
            for number in from..from + 10 {
                let ada = user(ledger, &format!("user{number}"), &[]).await;
                ledger.create_session(ada, "password", DAY, T0).await.unwrap();
            }
        };
        tokio::join!(each(&one, 0), each(&two, 10), each(&one, 20));
        let acts = acts(&one).await;
        assert_eq!(acts.iter().filter(|(action, ..)| action == "user created").count(), 30);
        assert_eq!(acts.iter().filter(|(action, ..)| action == "log-in").count(), 30);
    }
}
