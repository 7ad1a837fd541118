//! What ends soon and what has ended: everything that restricts, whoever made it.

use super::Result;
use super::acts::about;
use super::carried::{Carried, carried};
use super::standing::{Standing, in_force};
use super::words::{Word, date, number_of};
use crate::limits::{ANNOUNCED, ENDED_SAID};
use ledger::{AsOf, DecisionsAsked, KeptDecision, Ledger};
use model::Nanos;
use model::decision::RESTRICTING;
use serde::Serialize;
use std::collections::BTreeSet;

/// Kinds that end by a date. Suppressions are announced by `respond`, which counts what they hid.
const ENDING: &[&str] = &["exception", "adjustment", "lockdown", "block", "waiver", "mute", "silence"];

/// Something that ends within a week, or ended of late.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Ending {
    /// The decision, by id.
    pub id: i64,
    /// Its kind.
    pub kind: String,
    /// What it is for.
    pub about: String,
    /// Control, reason, owner, end, and how to answer.
    #[serde(flatten)]
    pub carried: Carried,
    /// It has ended.
    pub over: bool,
    /// What its owner is told; under the key `ends:ID` or `ended:ID`, so that it is told once.
    #[schema(required = false)]
    pub word: Word,
}

/// What ends within a week and what has ended since some weeks, in the order of the ends. What was renewed or ended
/// before its time is left out: nobody needs to do anything about it.
pub async fn endings(ledger: &Ledger, as_of: &AsOf) -> Result<Vec<Ending>> {
    let now = as_of.valid;
    let asked = DecisionsAsked { ends: Some((now - ENDED_SAID, now + ANNOUNCED)), ..DecisionsAsked::of(ENDING) };
    let mut all = ledger.decisions(&asked, as_of).await?;
    let Some(first) = all.iter().map(|kept| kept.decision.at).min() else { return Ok(Vec::new()) };
    let done = done(ledger, first, &["exception", "adjustment", "waiver", "ended"], as_of).await?;
    all.retain(|kept| !done.contains(&kept.id));
    all.sort_by_key(|kept| (kept.decision.expires, kept.id));
    let standing = in_force(ledger, as_of).await?;
    Ok(all.iter().map(|kept| ending(&standing, kept, now)).collect())
}

/// What renewals and ends of some kinds, taken since a time, leave nothing to do about.
async fn done(ledger: &Ledger, since: Nanos, kinds: &[&str], as_of: &AsOf) -> Result<BTreeSet<i64>> {
    let later = DecisionsAsked { since: Some(since), ..DecisionsAsked::of(kinds) };
    let mut done = BTreeSet::new();
    for kept in ledger.decisions(&later, as_of).await? {
        done.extend(["renews", "of"].into_iter().filter_map(|key| number_of(&kept.decision.body, key)));
    }
    Ok(done)
}

/// What stops, hides or exempts at a time, the newest first, `most` of it. What somebody ended before its time does so no
/// more, nor does a waiver that another takes the place of.
pub async fn restricting(ledger: &Ledger, most: usize, as_of: &AsOf) -> Result<Vec<KeptDecision>> {
    let asked = DecisionsAsked { in_force: true, limit: most, ..DecisionsAsked::of(RESTRICTING) };
    let mut all = ledger.decisions(&asked, as_of).await?;
    if let Some(first) = all.iter().map(|kept| kept.decision.at).min() {
        let done = done(ledger, first, &["waiver", "ended"], as_of).await?;
        all.retain(|kept| !done.contains(&kept.id));
    }
    Ok(all)
}

fn ending(standing: &Standing, kept: &KeptDecision, now: Nanos) -> Ending {
    let (kind, about) = (kept.decision.kind.clone(), about(kept));
    let carried = carried(kept, standing);
    let until = carried.until.unwrap_or(now);
    let over = until <= now;
    let named = carried.control.clone().unwrap_or_else(|| carried.title.clone());
    let (key, title, next) = if over {
        (format!("ended:{}", kept.id), format!("The {kind} of {named} for {about} has ended"), after(&kind))
    } else {
        let title = format!("The {kind} of {named} for {about} ends at {}", date(until));
        (format!("ends:{}", kept.id), title, format!("{} Or let it end.", before(&kind, kept.id)))
    };
    let text = format!(
        "Control: {named}: {}\nReason: {}\nOwner: {}\nUntil: {}\n{next}\nAsk {}, or answer with: {}",
        carried.title,
        carried.reason,
        carried.owner,
        date(until),
        carried.ask,
        carried.answer_with,
    );
    let word = Word {
        key,
        kind: "ending".to_owned(),
        team: carried.owner.clone(),
        dataset: kept.decision.dataset.clone(),
        title,
        text,
        loud: true,
    };
    Ending { id: kept.id, kind, about, carried, over, word }
}

fn before(kind: &str, id: i64) -> String {
    match kind {
        "exception" | "adjustment" | "waiver" => format!("Renew it with one key: tandem exception renew {id}."),
        "lockdown" => "Review each of its controls: kept, relaxed or removed.".to_owned(),
        _ => "Make it anew, with its reason.".to_owned(),
    }
}

fn after(kind: &str) -> String {
    match kind {
        "exception" => "The control speaks again from now on.",
        "adjustment" => "The control speaks again as its file says.",
        "lockdown" => "Its controls speak again as before; each waits for its review.",
        "waiver" => "They are listed and counted again.",
        _ => "It holds no more.",
    }
    .to_owned()
}
