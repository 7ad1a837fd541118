//! Controls from their files to what stands at a time, on both databases.

use crate::answers::hurt;
use crate::support::{DAY, HOUR, T0, Told, both, entity, ledger};
use know::controls::{
    Against, Loaded, Needs, NewAdjustment, NewException, NewLockdown, Outcome, Rights, Say, Source, adjust, answer,
    carried, end, endings, except, file, form, in_force, lint, load, lockdown, needs, open_lockdown_reviews, renew,
    review_lockdown, sync, told,
};
use ledger::{AsOf, DecisionsAsked, Ledger, Person, Raise};
use model::{Aspect, Cite, Control, DEFAULT_DATASET, Decision, EntityRef, Facts, Level, Mode, Nanos};
use serde_json::json;
use std::collections::BTreeSet;

/// No file is broken.
pub static NONE: BTreeSet<String> = BTreeSet::new();
pub const ADA: Person<'static> = Person("ada");
pub const BOB: Person<'static> = Person("bob");

/// A file whose control says as much as it must.
fn text(mode: &str, more: &str) -> String {
    format!(
        "---\ntitle: Changes are read twice\nowner: platform\nthreat: One person ships anything.\nprotects:\n  operations: \
         No surprise at night.\n  security: No backdoor by one hand.\nmode: {mode}\nreview_by: 2027-06-01\nrules: \
         [review-*]\nchecks: [reviewed]\n{more}---\n\nHow to live with it.\n"
    )
}

pub fn control(name: &str, mode: &str, more: &str) -> Control {
    let mut text = text(mode, more);
    if name == "lockdown" {
        text = text.replace("rules: [review-*]\nchecks: [reviewed]\n", "");
    }
    let read = file::read(&format!("controls/{name}.md"), &text);
    assert_eq!(read.problems, Vec::new());
    read.control.unwrap()
}

fn source(path: &str, text: String) -> Source {
    Source { path: path.to_owned(), text, built_in: false }
}

fn wrong(path: &str, text: &str) -> Vec<String> {
    let read = file::read(path, text);
    assert_eq!(read.control, None);
    read.problems.iter().map(ToString::to_string).collect()
}

#[test]
fn a_file_says_all_of_a_control() {
    let more =
        "teams: ['@acme/Web', payments]\nask: '#platform'\neffective: 2026-12-01\nstandards: {ssdf: [PW.7, PW.8]}\n";
    let control = control("review", "warn", more);
    assert_eq!((control.name.as_str(), control.title.as_str()), ("review", "Changes are read twice"));
    assert_eq!((control.owner.as_str(), control.mode), ("platform", Mode::Warn));
    assert_eq!(control.teams, ["web", "payments"]);
    assert_eq!(control.effective, Some(T0 + 10 * DAY));
    assert_eq!(control.standards["ssdf"], ["PW.7", "PW.8"]);
    assert_eq!(control.text, "How to live with it.");
    // A heading is a title, too.
    let headed =
        text("observe", "").replace("title: Changes are read twice\n", "").replace("How to", "# Read twice\n\nHow to");
    assert_eq!(file::read("r.md", &headed).control.unwrap().title, "Read twice");
}

#[test]
fn what_is_missing_or_wrong_is_said_with_its_place() {
    let bare = "---\ntitle: T\nprotects: {operations: x}\nrules: []\n---\n";
    assert_eq!(
        wrong("c/review.md", bare),
        [
            "c/review.md:2:1: error: say with `review_by: YYYY-MM-DD` when somebody asks again whether it is needed \
             [no-review]",
            "c/review.md:2:1: error: say with `owner` which team answers for it [no-owner]",
            "c/review.md:2:1: error: say with `threat` what could happen without it [no-threat]",
            "c/review.md:3:11: error: say with `protects.security` what it is for, in the words of security [no-reason]",
        ]
    );
    for (replace, by, says) in [
        ("mode: warn", "mode: block", "8:7: error: a mode is observe, warn or enforce, not \"block\" [odd-mode]"),
        ("2027-06-01", "2027-02-30", "9:12: error: \"2027-02-30\" is no day: write `review_by: YYYY-MM-DD` [odd-date]"),
        ("2027-06-01", "1.6.2027", "9:12: error: \"1.6.2027\" is no day: write `review_by: YYYY-MM-DD` [odd-date]"),
        (
            "review_by",
            "review-by",
            "9:1: error: `review-by` says nothing here: did you mean `review_by`? [unknown-key]",
        ),
        (
            "mode: warn",
            "severity: 3",
            "8:1: error: `severity` says nothing here: known are name, title, owner, threat, ",
        ),
        ("mode: warn", "title: Again", "8:1: error: `title` is there twice: leave one [key-twice]"),
        ("mode: warn", "name: other", "8:7: error: a control is called as its file: write `name: review`, or leave it"),
        ("[reviewed]", "[{a: 1}]", "11:10: error: each element of `checks` is a text [odd-value]"),
        ("[reviewed]", "[reviewed", "no-yaml"),
        ("[reviewed]", "[\u{1b}]", "11:10: error: this character is neither text nor the end of a line"),
        ("---\ntitle", "title", "1:1: error: begin the file with a line `---`"),
    ] {
        let problems = wrong("review.md", &text("warn", "").replacen(replace, by, 1));
        assert!(problems.iter().any(|problem| problem.contains(says)), "{says}: {problems:?}");
    }
    assert!(wrong("Re view.md", &text("warn", ""))[0].contains("rename \"Re view\" [odd-name]"));
    assert!(wrong("suppression.md", &text("warn", ""))[0].contains("name the file otherwise"));
    assert!(wrong("r.md", &("x".repeat(25_000)))[0].contains("more than 24576 bytes"));
    // Whatever is given, a place and no panic.
    for odd in
        ["", "---", "---\n---\n", "---\n- a\n---\n", "---\n? {a: b}\n: c\n---\n", "---\nprotects: []\nowner: {}\n---\n"]
    {
        assert!(!wrong("odd.md", odd).is_empty(), "{odd:?}");
    }
}

#[test]
fn all_files_together_show_more() {
    let own = text("enforce", "effective: 2026-11-25\n");
    let files = [
        source("a/review.md", own.clone()),
        Source { built_in: true, ..source("built-in/review.md", text("observe", "")) },
        source("b/review.md", text("warn", "")),
        source("a/due.md", text("warn", "").replace("2027-06-01", "2026-11-21").replace("[review-*]", "[gone-*]")),
        source("a/bare.md", text("warn", "").replace("rules: [review-*]\nchecks: [reviewed]\n", "")),
        source("a/broken.md", "---\n".to_owned()),
    ];
    let against = Against {
        now: T0,
        rules: BTreeSet::from(["review-second"]),
        checks: BTreeSet::from(["reviewed"]),
        notice_days: 14,
    };
    let Loaded { controls, broken, problems } = load(&files, &against);
    assert_eq!(broken, BTreeSet::from(["broken".to_owned()]));
    let names: Vec<(&str, Mode)> = controls.iter().map(|one| (one.name.as_str(), one.mode)).collect();
    // The folder's own takes the built-in one's place, the first of two of a name stays.
    assert_eq!(names, [("bare", Mode::Warn), ("due", Mode::Warn), ("review", Mode::Enforce)]);
    let said: Vec<String> = problems.iter().map(|one| format!("{} {}", one.path, one.check)).collect();
    assert_eq!(
        said,
        [
            "a/review.md short-notice",
            "b/review.md name-twice",
            "a/due.md review-due",
            "a/due.md no-such-link",
            "a/bare.md no-links",
            "a/broken.md no-front-matter",
        ]
    );
    assert_eq!(lint(&[source("review.md", own)], &Against { now: T0, ..Against::default() }), Vec::new());
}

#[test]
fn the_controls_of_the_program_are_sound_and_observe() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../knowledge/controls");
    let files = std::fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path());
    let built_in = |path: std::path::PathBuf| Source {
        text: std::fs::read_to_string(&path).unwrap(),
        path: path.display().to_string(),
        built_in: true,
    };
    let files: Vec<Source> = files.map(built_in).collect();
    let loaded = load(&files, &Against { now: T0, ..Against::default() });
    assert_eq!((loaded.problems, loaded.broken), (Vec::new(), BTreeSet::new()));
    assert!(loaded.controls.iter().any(|control| control.name == "lockdown"), "every lockdown follows it");
    assert!(loaded.controls.iter().all(|control| control.mode == Mode::Observe), "everything starts by observing");
}

pub async fn review(ledger: &Ledger, mode: &str) {
    sync(ledger, &[control("review", mode, ""), control("lockdown", "observe", "")], &NONE, ADA, T0).await.unwrap();
}

pub async fn mode(ledger: &Ledger, about: &str, environment: Option<&str>, at: Nanos) -> (Mode, Option<String>) {
    let standing = in_force(ledger, &AsOf::at(at)).await.unwrap();
    let all = standing.for_(about, environment, at);
    let one = all.into_iter().find(|one| one.control.name == "review").unwrap();
    (one.mode, one.because.map(|because| because.kind))
}

#[tokio::test]
async fn files_become_decisions_once_and_are_withdrawn_with_their_files() {
    for (ledger, _dir, _server) in both().await {
        let observed = control("review", "observe", "");
        let synced = sync(&ledger, std::slice::from_ref(&observed), &NONE, ADA, T0).await.unwrap();
        assert_eq!(synced.new, ["review"]);
        let decisions =
            || async { ledger.decisions(&DecisionsAsked::of(&["control"]), &AsOf::at(T0 + DAY)).await.unwrap() };
        assert_eq!(sync(&ledger, std::slice::from_ref(&observed), &NONE, ADA, T0 + 1).await.unwrap().unchanged, 1);
        assert_eq!(decisions().await.len(), 1);
        let kept = &decisions().await[0].decision;
        assert!(kept.key.starts_with("control:review:") && kept.key.len() == "control:review:".len() + 12);
        assert_eq!(
            (kept.reason.as_str(), kept.owner.clone()),
            ("Changes are read twice", Some(entity("team:platform")))
        );
        assert_eq!(kept.expires, observed.review_by);

        // Another text, and back: what was said once is said again.
        let warned = control("review", "warn", "");
        assert_eq!(sync(&ledger, &[warned], &NONE, ADA, T0 + 2).await.unwrap().changed, ["review"]);
        assert_eq!(
            sync(&ledger, std::slice::from_ref(&observed), &NONE, ADA, T0 + 3).await.unwrap().changed,
            ["review"]
        );
        assert_eq!(decisions().await.len(), 3);
        assert_eq!(mode(&ledger, "service:a", None, T0 + 2).await.0, Mode::Warn);
        assert_eq!(mode(&ledger, "service:a", None, T0 + 3).await.0, Mode::Observe);

        // Broken: what is in force stays, also when the built-in one would take its place.
        let broken = BTreeSet::from(["review".to_owned()]);
        assert_eq!(sync(&ledger, &[], &broken, ADA, T0 + 3).await.unwrap(), know::controls::Synced::default());
        let built_in = control("review", "enforce", "");
        assert_eq!(sync(&ledger, &[built_in], &broken, ADA, T0 + 3).await.unwrap().unchanged, 1);

        // Gone, and there again.
        assert_eq!(sync(&ledger, &[], &NONE, ADA, T0 + 4).await.unwrap().withdrawn, ["review"]);
        assert_eq!(sync(&ledger, &[], &NONE, ADA, T0 + 5).await.unwrap(), know::controls::Synced::default());
        assert!(in_force(&ledger, &AsOf::at(T0 + 5)).await.unwrap().controls.is_empty());
        assert_eq!(in_force(&ledger, &AsOf::at(T0 + 3)).await.unwrap().controls.len(), 1, "as of before");
        assert_eq!(sync(&ledger, std::slice::from_ref(&observed), &NONE, ADA, T0 + 6).await.unwrap().new, ["review"]);
        assert_eq!(in_force(&ledger, &AsOf::at(T0 + 6)).await.unwrap().controls[0].control, observed);
        let twice = [observed.clone(), observed];
        assert!(sync(&ledger, &twice, &NONE, ADA, T0 + 7).await.unwrap_err().to_string().contains("a name of its own"));
        assert!(ledger.verify().await.unwrap().problems.is_empty());
    }
}

pub fn adjustment(mode: Mode, about: Option<&str>, environment: Option<&str>) -> NewAdjustment {
    NewAdjustment {
        key: None,
        control: "review".to_owned(),
        entity: about.map(entity),
        environment: environment.map(str::to_owned),
        mode,
        reason: "the rollout goes first".to_owned(),
        until: Some(T0 + 10 * DAY),
        answers: None,
        lockdown: None,
        cites: Vec::new(),
        dataset: DEFAULT_DATASET.to_owned(),
    }
}

fn lock(until: Nanos) -> NewLockdown {
    NewLockdown {
        controls: vec!["review".to_owned()],
        reason: "an attack on the pipeline".to_owned(),
        until,
        dataset: DEFAULT_DATASET.to_owned(),
        ..NewLockdown::default()
    }
}

#[tokio::test]
async fn how_a_control_speaks_follows_from_file_adjustments_and_lockdowns() {
    for (ledger, _dir, _server) in both().await {
        let effective = control("review", "enforce", "effective: 2026-11-23\n");
        sync(&ledger, &[effective, control("lockdown", "observe", "")], &NONE, ADA, T0).await.unwrap();
        let shop = "service:shop";
        assert_eq!(mode(&ledger, shop, None, T0 + DAY).await, (Mode::Observe, None), "not effective yet");
        assert_eq!(mode(&ledger, shop, None, T0 + 2 * DAY).await, (Mode::Enforce, None));
        // An older standing knows the day as well.
        let early = in_force(&ledger, &AsOf::at(T0)).await.unwrap();
        let of = |at: Nanos| early.for_(shop, None, at).iter().find(|one| one.control.name == "review").unwrap().mode;
        assert_eq!((of(T0), of(T0 + 2 * DAY)), (Mode::Observe, Mode::Enforce));

        let now = T0 + 3 * DAY;
        adjust(&ledger, &adjustment(Mode::Observe, None, None), ADA, now).await.unwrap();
        adjust(&ledger, &adjustment(Mode::Warn, Some(shop), Some("production")), ADA, now + 1).await.unwrap();
        let at = now + 2;
        let adjusted = Some("adjustment".to_owned());
        assert_eq!(mode(&ledger, shop, Some("production"), at).await, (Mode::Warn, adjusted.clone()));
        assert_eq!(mode(&ledger, shop, Some("staging"), at).await, (Mode::Observe, adjusted.clone()));
        assert_eq!(mode(&ledger, "service:cart", Some("production"), at).await, (Mode::Observe, adjusted.clone()));
        assert_eq!(mode(&ledger, shop, Some("production"), now - 1).await, (Mode::Enforce, None), "as of before");

        let (locked, word) = lockdown(&ledger, &lock(T0 + 5 * DAY), ADA, now + 3).await.unwrap();
        assert!(word.loud && word.title == "Lockdown: 1 controls stop until 2026-11-26", "{word:?}");
        let by_lockdown = (Mode::Enforce, Some("lockdown".to_owned()));
        assert_eq!(mode(&ledger, "service:cart", None, now + 3).await, by_lockdown);
        assert_eq!(mode(&ledger, "service:cart", None, T0 + 5 * DAY).await, (Mode::Observe, adjusted));
        assert_eq!(mode(&ledger, "service:cart", None, T0 + 10 * DAY).await, (Mode::Enforce, None), "all is over");
        assert!(locked > 0);
        // Never lower: what enforces by itself is not said to be locked down.
        let later = T0 + 11 * DAY;
        lockdown(&ledger, &lock(later + DAY), ADA, later).await.unwrap();
        assert_eq!(mode(&ledger, shop, None, later).await, (Mode::Enforce, None));
    }
}

fn exception(about: &str, until: Option<Nanos>) -> NewException {
    NewException {
        control: "review".to_owned(),
        entity: Some(entity(about)),
        environment: Some("production".to_owned()),
        reason: "the vendor mends it in May".to_owned(),
        until,
        dataset: DEFAULT_DATASET.to_owned(),
        ..NewException::default()
    }
}

#[tokio::test]
async fn exceptions_end_are_renewed_with_one_key_and_announced() {
    for (ledger, _dir, _server) in both().await {
        review(&ledger, "enforce").await;
        Told::by("catalog", DEFAULT_DATASET).owned("service:shop", "", "web", T0, json!({})).record(&ledger).await;
        let standing = in_force(&ledger, &AsOf::at(T0)).await.unwrap();
        let shop = entity("service:shop");
        let filled = form(&ledger, &standing, "review", Some(&shop), T0).await.unwrap();
        assert_eq!((filled.owner.as_str(), filled.owner_because.as_str()), ("web", "catalog says so"));
        assert_eq!((filled.until, filled.at_most), (T0 + 30 * DAY, T0 + 90 * DAY));
        assert_eq!(form(&ledger, &standing, "review", None, T0).await.unwrap().owner, "platform");

        let refused = async |new: NewException| except(&ledger, &new, ADA, T0).await.unwrap_err().to_string();
        let too_long = refused(exception("service:shop", Some(T0 + 92 * DAY))).await;
        assert!(too_long.contains("at most 90 days, until 2027-02-19"), "{too_long}");
        assert!(refused(exception("service:shop", Some(T0))).await.contains("before it begins"));
        assert!(
            refused(NewException { reason: " ".to_owned(), ..exception("service:shop", None) })
                .await
                .contains("say why")
        );
        let no_control = NewException { control: "gone".to_owned(), ..exception("service:shop", None) };
        assert!(refused(no_control).await.contains("there is no control gone"));

        let made = except(&ledger, &exception("service:shop", Some(T0 + 10 * DAY)), ADA, T0).await.unwrap();
        let standing = in_force(&ledger, &AsOf::at(T0)).await.unwrap();
        let found = standing.excepts("review", "service:shop", Some("production"), T0).unwrap();
        assert_eq!((found.decision, found.owner.as_str(), found.until), (made.id, "web", T0 + 10 * DAY));
        assert_eq!(standing.excepts("review", "service:shop", Some("staging"), T0), None);
        assert_eq!(standing.excepts("review", "service:cart", Some("production"), T0), None);

        // Said a week before, once, and renewed: the same scope, as long as before, and it cites the old.
        assert_eq!(endings(&ledger, &AsOf::at(T0 + 2 * DAY)).await.unwrap(), Vec::new());
        let now = T0 + 4 * DAY;
        let soon = endings(&ledger, &AsOf::at(now)).await.unwrap();
        assert_eq!(soon.len(), 1);
        assert_eq!((soon[0].word.key.clone(), soon[0].over), (format!("ends:{}", made.id), false));
        let title = "The exception of review for service:shop in production ends at 2026-12-01";
        assert_eq!((soon[0].word.title.as_str(), soon[0].word.team.as_str(), soon[0].word.loud), (title, "web", true));
        for part in ["Reason: the vendor mends it in May", "Owner: web", "Until: 2026-12-01", "tandem exception renew"]
        {
            assert!(soon[0].word.text.contains(part), "{part}: {}", soon[0].word.text);
        }
        let renewed = renew(&ledger, made.id, None, None, ADA, now).await.unwrap();
        assert_eq!((renewed.until, renewed.repeated), (now + 10 * DAY, false));
        assert_eq!(renew(&ledger, made.id, None, None, ADA, now).await.unwrap().id, renewed.id, "told twice");
        let again = renew(&ledger, made.id, None, None, ADA, now + 1).await.unwrap_err().to_string();
        assert!(again.contains(&format!("was renewed by {}", renewed.id)), "{again}");
        let asked = DecisionsAsked { ids: vec![renewed.id], ..DecisionsAsked::default() };
        let kept = ledger.decisions(&asked, &AsOf::at(now)).await.unwrap().remove(0).decision;
        assert_eq!((kept.cites, kept.reason.as_str()), (vec![Cite::Fact(made.id)], "the vendor mends it in May"));
        assert_eq!(kept.body["environment"], "production");
        let ends: Vec<i64> = endings(&ledger, &AsOf::at(now)).await.unwrap().iter().map(|one| one.id).collect();
        assert_eq!(ends, Vec::<i64>::new(), "what was renewed needs nobody");

        // The end is loud, and it is the end.
        let over = endings(&ledger, &AsOf::at(now + 10 * DAY)).await.unwrap();
        assert_eq!((over[0].word.key.clone(), over[0].over), (format!("ended:{}", renewed.id), true));
        let later = in_force(&ledger, &AsOf::at(now + 10 * DAY)).await.unwrap();
        assert!(later.exceptions.is_empty());

        // Ended before its time.
        let early = except(&ledger, &exception("service:cart", None), ADA, now).await.unwrap();
        end(&ledger, early.id, "it is mended", ADA, now + HOUR).await.unwrap();
        let standing = in_force(&ledger, &AsOf::at(now + HOUR)).await.unwrap();
        assert_eq!(standing.excepts("review", "service:cart", Some("production"), now + HOUR), None);
        let gone = renew(&ledger, early.id, None, None, ADA, now + HOUR).await.unwrap_err().to_string();
        assert!(gone.contains("ended before its time"), "{gone}");
        assert!(renew(&ledger, 1, None, None, ADA, now).await.is_err());
        assert!(ledger.verify().await.unwrap().problems.is_empty());
    }
}

#[tokio::test]
async fn a_lockdown_stays_until_each_of_its_controls_was_reviewed() {
    for (ledger, _dir, _server) in both().await {
        review(&ledger, "observe").await;
        let refused = async |new: NewLockdown| lockdown(&ledger, &new, ADA, T0).await.unwrap_err().to_string();
        assert!(refused(NewLockdown { controls: Vec::new(), ..lock(T0 + DAY) }).await.contains("name the controls"));
        assert!(refused(lock(T0)).await.contains("before it begins"));
        assert!(refused(lock(T0 + 100 * DAY)).await.contains("at most 90 days"));
        let late = NewLockdown { review_at: Some(T0 + 40 * DAY), ..lock(T0 + DAY) };
        assert!(refused(late).await.contains("at most 30 days after the end, by 2026-12-22"));
        assert!(
            refused(NewLockdown { controls: vec!["lockdown".to_owned()], ..lock(T0 + DAY) }).await.contains("itself")
        );
        assert!(
            refused(NewLockdown { controls: vec!["gone".to_owned()], ..lock(T0 + DAY) })
                .await
                .contains("no control gone")
        );

        let other = control("other", "warn", "");
        sync(&ledger, &[control("review", "observe", ""), control("lockdown", "observe", ""), other], &NONE, ADA, T0)
            .await
            .unwrap();
        let both = NewLockdown { controls: vec!["review".to_owned(), "other".to_owned()], ..lock(T0 + DAY) };
        let (id, _) = lockdown(&ledger, &both, ADA, T0).await.unwrap();
        let open = async |at: Nanos| open_lockdown_reviews(&ledger, &AsOf::at(at)).await.unwrap();
        assert!(open(T0 + HOUR).await.is_empty(), "it is in force");
        let waits = open(T0 + 2 * DAY).await;
        assert_eq!((waits[0].waiting.len(), waits[0].overdue), (2, false));
        assert!(open(T0 + 60 * DAY).await[0].overdue);

        // Before its end: relaxed is relaxed at once, kept goes on after the end.
        let now = T0 + HOUR;
        assert_eq!(mode(&ledger, "service:a", None, now).await.0, Mode::Enforce);
        let reviewed =
            review_lockdown(&ledger, id, "other", Outcome::Relaxed, "it held up the repair", ADA, now).await.unwrap();
        assert_eq!((reviewed.adjustment, reviewed.waiting), (None, vec!["review".to_owned()]));
        let standing = in_force(&ledger, &AsOf::at(now)).await.unwrap();
        let speaks = standing.for_("service:a", None, now);
        assert_eq!(speaks.iter().find(|one| one.control.name == "other").unwrap().mode, Mode::Warn);
        let kept = review_lockdown(&ledger, id, "review", Outcome::Kept, "it found two", ADA, now).await.unwrap();
        assert_eq!(kept.until, Some(now + 90 * DAY), "its own review is later");
        assert_eq!(
            mode(&ledger, "service:a", None, T0 + 2 * DAY).await,
            (Mode::Enforce, Some("adjustment".to_owned()))
        );
        assert!(kept.waiting.is_empty() && open(T0 + 60 * DAY).await.is_empty());
        assert_eq!(open(T0 + 2 * DAY).await.len(), 0);

        let again = async |outcome: Outcome| review_lockdown(&ledger, id, "review", outcome, "x", ADA, now + 1).await;
        assert_eq!(again(Outcome::Kept).await.unwrap().id, kept.id);
        assert!(
            again(Outcome::Removed)
                .await
                .unwrap_err()
                .to_string()
                .contains("was reviewed already: kept, since it found two")
        );
        let none = review_lockdown(&ledger, id, "gone", Outcome::Kept, "x", ADA, now).await.unwrap_err().to_string();
        assert!(none.contains("does not name gone: it names other, review"), "{none}");
        assert!(ledger.verify().await.unwrap().problems.is_empty());
    }
}

#[tokio::test]
async fn everything_that_restricts_carries_a_reason_an_owner_an_end_and_a_way_to_answer() {
    let (ledger, _dir) = ledger().await;
    review(&ledger, "observe").await;
    except(&ledger, &exception("service:shop", None), ADA, T0).await.unwrap();
    adjust(&ledger, &adjustment(Mode::Warn, None, None), ADA, T0).await.unwrap();
    lockdown(&ledger, &lock(T0 + DAY), ADA, T0).await.unwrap();
    // A control that was made for one suppression, and a block of somebody else's.
    let mut other = Decision {
        key: "control:suppression:1".to_owned(),
        kind: "control".to_owned(),
        dataset: DEFAULT_DATASET.to_owned(),
        at: T0,
        entity: None,
        reason: "a test host".to_owned(),
        owner: EntityRef::new("team", "web").ok(),
        control: None,
        expires: None,
        cites: Vec::new(),
        body: json!({"hides": {}}).as_object().unwrap().clone(),
    };
    let made = ledger.decide(&other, &Facts::default(), ADA, T0).await.unwrap().id;
    for kind in ["suppression", "block"] {
        (other.key, other.kind) = (format!("{kind}:1"), kind.to_owned());
        (other.control, other.expires) = (Some(made), Some(T0 + DAY));
        ledger.decide(&other, &Facts::default(), ADA, T0).await.unwrap();
    }
    let standing = in_force(&ledger, &AsOf::at(T0)).await.unwrap();
    assert_eq!(standing.controls.len(), 2, "what was made for a suppression has no file");
    let all = ledger.decisions(&DecisionsAsked::default(), &AsOf::at(T0)).await.unwrap();
    let restricting: Vec<_> = all.iter().filter(|kept| kept.decision.restricts()).collect();
    assert_eq!(restricting.len(), 5);
    for kept in restricting {
        let carried = carried(kept, &standing);
        let texts = [&carried.title, &carried.reason, &carried.owner, &carried.ask];
        assert!(texts.iter().all(|text| !text.is_empty()) && carried.until.is_some(), "{carried:?}");
        assert!(carried.answer_with.starts_with(&format!("tandem answer {} ", kept.id)));
        assert!(carried.answer_at.ends_with(&kept.id.to_string()));
        // And the way works.
        answer(&ledger, &hurt(Some(kept.id), Say::Hurt, "because"), BOB, T0 + 1).await.unwrap();
    }
    assert_eq!(told(&ledger, "bob", &AsOf::at(T0 + 1)).await.unwrap().len(), 5);
}

#[tokio::test]
async fn whose_right_an_act_needs() {
    let (ledger, _dir) = ledger().await;
    review(&ledger, "observe").await;
    let standing = in_force(&ledger, &AsOf::at(T0)).await.unwrap();
    assert_eq!(needs(Needs::Answer, &standing).unwrap(), Rights::AnyWhoSee);
    for act in [Needs::Decide("review"), Needs::Review("review"), Needs::Lockdown] {
        assert_eq!(needs(act, &standing).unwrap(), Rights::Team("platform".to_owned()));
    }
    assert!(needs(Needs::Decide("gone"), &standing).is_err());
}

/// An alert of a rule with tags, about something.
pub fn raise(key: &str, rule: &str, about: &str, tags: &[&str], at: Nanos) -> Raise {
    Raise {
        decision: Decision {
            key: format!("alert:{key}"),
            kind: "alert".to_owned(),
            dataset: DEFAULT_DATASET.to_owned(),
            at,
            entity: Some(entity(about)),
            reason: "it fired".to_owned(),
            owner: None,
            control: None,
            expires: None,
            cites: Vec::new(),
            body: serde_json::Map::new(),
        },
        fingerprint: key.to_owned(),
        rule: rule.to_owned(),
        title: "A push passed over the protection".to_owned(),
        level: Level::Medium,
        aspect: Aspect::Security,
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        runbook: None,
        why: String::new(),
        key: Vec::new(),
    }
}
