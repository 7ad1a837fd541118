//! Files of meetings, initiatives and upgrades: what they mean, and what is refused with its place.

use super::meeting::{Meeting, meeting};
use super::roadmap::{Horizon, ahead, by_time, initiative};
use super::upgrade::{Counted, outcome, upgrade};
use super::{begins, day, day_of};
use chrono::NaiveDate;
use std::collections::BTreeMap;

fn on(text: &str) -> NaiveDate {
    day(text).unwrap()
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let cases: &[(&str, &str)] = &[
        ("initiative: a\nwhy: b\nhorizon: soon\nowner: c\n", "f:3:10: a horizon is now, next or later"),
        ("initiative: a\nwhy: b\nowner: c\n", "f:1:1: horizon is missing: write now, next or later"),
        (
            "initiative: a\nwhy: b\nhorizon: now\nowner: c\nrestrict: 2027-01-01\n",
            "f:5:1: \"restrict\" is not known here",
        ),
        ("initiative: a\nwhy: b\nhorizon: now\nowner: c\nfrom: 1.2.2027\n", "f:5:7: from is no day"),
        ("initiative: a\nwhy: b\nhorizon: now\nowner: c\nrestricts: 2027-01-01\n", "f:1:1: teams is missing"),
        ("initiative: a\nwhy: {operations: b}\nhorizon: now\nowner: c\n", "f:2:6: security is missing"),
        ("initiative: a\nowner: c\nowner: d\nhorizon: now\nwhy: x\n", "f:3:1: owner is said twice"),
        ("initiative: [a]\nwhy: b\nhorizon: now\nowner: c\n", "f:1:13: initiative must be a text"),
        ("- a\n", "f:1:1: this is no map"),
        ("a: 1\n---\nb: 2\n", "f:1:1: write one document"),
        ("a: [\n", "f:"),
    ];
    for (text, told) in cases {
        let error = initiative("f", "f", text).unwrap_err().to_string();
        assert!(error.starts_with(told), "{error}\n{told}");
    }
    let late = "upgrade: a\ncomponent: b\nto_version: '1'\nwhy: x\nowner: t\nback: y\nfrom: 2027-01-02\n\
        objections_until: 2027-01-03\n";
    assert!(upgrade("f", "f", late).unwrap_err().reason.contains("too late"));
    assert!(meeting("f", "teams: []\n").unwrap_err().reason.contains("say who meets"));
    assert!(meeting("f", "teams: [a]\ncadence: {running: often}\n").unwrap_err().reason.contains("14d or 2w"));
    assert!(initiative("f", "f", &"a".repeat(300 << 10)).unwrap_err().reason.contains("MAX_FILE_BYTES"));
}

#[test]
fn who_is_restricted_hears_of_it_in_time_and_once() {
    let text =
        "initiative: a\nwhy: b\nhorizon: later\nowner: security\nteams: [shop, '@acme/Web']\nrestricts: 2027-03-31\n";
    let one = initiative("f", "signed", text).unwrap();
    assert_eq!((one.horizon, one.announced()), (Horizon::Later, Some(on("2027-03-01"))));
    let keys =
        |today: &str| ahead(std::slice::from_ref(&one), on(today)).into_iter().map(|one| one.key).collect::<Vec<_>>();
    assert!(keys("2027-02-28").is_empty());
    assert_eq!(keys("2027-03-01"), ["ahead:signed:2027-03-31:shop", "ahead:signed:2027-03-31:web"]);
    assert_eq!(keys("2027-03-31").len(), 2);
    assert!(keys("2027-04-01").is_empty(), "it restricts already");
    let now = initiative("f", "b", "initiative: a\nwhy: b\nhorizon: now\nowner: o\n").unwrap();
    let ids: Vec<String> = by_time(vec![one, now]).into_iter().map(|one| one.id).collect();
    assert_eq!(ids, ["b", "signed"]);
}

#[test]
fn a_meeting_that_was_not_held_is_told_and_one_that_was_moved_is_not() {
    let text = "teams: [b, a, b]\nphase: rolling-out\nstarts: 2026-11-02\ncadence: {rolling-out: 1w, running: 30d}\n";
    let weekly = meeting("f", text).unwrap();
    assert_eq!((weekly.name().as_str(), weekly.days), ("a+b", 7));
    let missed = |held: Option<&str>, day: &str| weekly.missed(held.map(on), on(day));
    assert_eq!(missed(Some("2026-11-02"), "2026-11-09"), []);
    assert_eq!(missed(Some("2026-11-02"), "2026-11-11"), [], "two days later is the same meeting");
    assert_eq!(missed(Some("2026-11-02"), "2026-11-23"), [on("2026-11-09"), on("2026-11-16")]);
    assert_eq!(missed(None, "2026-11-09"), [on("2026-11-02")]);
    assert_eq!(missed(Some("2020-01-01"), "2026-11-09").len(), 26, "not all of six years");
    assert_eq!(Meeting::of(&["x".to_owned()]).days, 28);
}

#[test]
fn few_records_say_nothing_of_an_upgrade() {
    let counted = |before, errors_before, after, errors_after| Counted { before, errors_before, after, errors_after };
    let all = BTreeMap::from([
        ("a".to_owned(), counted(10_000, 10, 10_000, 100)),
        ("b".to_owned(), counted(10_000, 100, 10_000, 10)),
        ("c".to_owned(), counted(99, 0, 10_000, 9_000)),
        ("d".to_owned(), counted(1_000_000, 10, 1_000_000, 30)),
    ]);
    let told: Vec<_> = outcome(&all).into_iter().map(|one| (one.place, one.verdict)).collect();
    let told: Vec<(&str, &str)> = told.iter().map(|(place, verdict)| (place.as_str(), *verdict)).collect();
    assert_eq!(told, [("c", "too few records to say"), ("a", "worse"), ("d", "as before"), ("b", "better")]);
}

#[test]
fn a_day_begins_where_it_is_a_day() {
    let day = on("2026-12-08");
    assert_eq!((day_of(begins(day)), day_of(begins(day) - 1)), (day, on("2026-12-07")));
}
