//! What is planned as iCalendar (RFC 5545), for the calendars that people have already.

use super::agenda::Agenda;
use super::roadmap::Initiative;
use super::upgrade::Upgrade;
use chrono::{DateTime, Days, Duration, NaiveDate, Utc};
use icalendar::{Calendar, Component as _, Event, EventLike as _};

/// A meeting with its agenda. `now` is when it was written.
pub fn meeting(agenda: &Agenda, now: DateTime<Utc>) -> String {
    let meeting = &agenda.meeting;
    let mut event = Event::new();
    event.uid(&format!("meeting-{}-{}@tandem", meeting.name(), agenda.day)).timestamp(now);
    event
        .summary(&format!("{}: {}", meeting.teams.join(" and "), "what we share"))
        .description(&super::write::plain(agenda));
    match meeting.at {
        Some(time) => {
            let starts = agenda.day.and_time(time).and_utc();
            event.starts(starts).ends(starts + Duration::minutes(i64::from(meeting.minutes)));
        }
        None => {
            event.all_day(agenda.day);
        }
    }
    calendar("Tandem: meetings", [event])
}

/// Roadmap and upgrades as a feed.
pub fn feed(roadmap: &[Initiative], upgrades: &[Upgrade], now: DateTime<Utc>) -> String {
    let mut events = Vec::new();
    for one in roadmap {
        let days = [("begins", one.from), ("shall be done", one.until), ("begins to restrict", one.restricts)];
        for (what, day) in days.into_iter().filter_map(|(what, day)| Some((what, day?))) {
            let mut event = Event::new();
            event.uid(&format!("roadmap-{}-{}@tandem", one.id, what.replace(' ', "-"))).timestamp(now);
            event.summary(&format!("{} {what}", one.title)).description(&format!(
                "For operations: {}\nFor security: {}\nOwner: {}\nAffects: {}",
                one.for_operations,
                one.for_security,
                one.owner,
                if one.teams.is_empty() { "nobody in particular".to_owned() } else { one.teams.join(", ") }
            ));
            event.all_day(day);
            events.push(event);
        }
    }
    for one in upgrades {
        let mut event = Event::new();
        event.uid(&format!("upgrade-{}@tandem", one.id)).timestamp(now);
        event
            .summary(&format!("Upgrade: {}", one.title))
            .description(&format!("{}\nOwner: {}\nTo go back: {}", one.for_operations, one.owner, one.back));
        event.starts(one.from).ends(one.until.checked_add_days(Days::new(1)).unwrap_or(NaiveDate::MAX));
        events.push(event);
    }
    calendar("Tandem: roadmap", events)
}

fn calendar(name: &str, events: impl IntoIterator<Item = Event>) -> String {
    let mut calendar = Calendar::new();
    calendar.name(name);
    calendar.extend(events);
    calendar.to_string()
}
