//! What time alone brings: digests at the end of a shift, suppressions that end, alerts that nobody looked at.

use crate::limits::{FIRINGS_KEPT, MAX_DIGEST_ALERTS, MAX_TICK_PAGES, NOTICES_KEPT};
use crate::notice::{About, Notice, render, since};
use crate::plan::{fingerprint, tidy};
use crate::responder::{RULES, RespondError, Responder};
use crate::text::time;
use ledger::{
    AsOf, DecisionsAsked, Detection, Detector, Kept, Kind, Mark, Move, Order, Outcome, Outgoing, State, Step, Target,
    Wanted,
};
use model::{Alert, Level, Nanos};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// The name under which it is kept up to when digests were made.
const DIGESTS: &str = "respond.digests";

/// What was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Ticked {
    /// Digests.
    pub digests: u64,
    /// Suppressions of which the end was announced.
    pub announced: u64,
    /// Suppressions that ended.
    pub ended: u64,
    /// Alerts that nobody looked at.
    pub ignored: u64,
    /// Incidents of which all alerts are over, without anybody having done anything.
    pub closed: u64,
}

impl Responder {
    /// Does what is due; to be called once a minute. Each part is one transaction, and what was done is not done again.
    pub async fn tick(&self, now: Nanos) -> Result<Ticked, RespondError> {
        let mut done = Ticked { digests: self.digests(now).await?, ..Ticked::default() };
        (done.announced, done.ended) = self.suppressions(now).await?;
        done.ignored = self.ignored(now).await?;
        done.closed = self.close_incidents(now).await?;
        self.ledger.forget_firings(now - FIRINGS_KEPT, now).await?;
        self.ledger.forget_notices(now - NOTICES_KEPT, now).await?;
        Ok(done)
    }

    /// All pages of what is asked, up to a bound.
    async fn pages(&self, mut wanted: Wanted, now: Nanos) -> Result<Vec<Kept>, RespondError> {
        let (mut all, seen) = (Vec::new(), AsOf::at(now));
        for _ in 0..MAX_TICK_PAGES {
            let page = self.ledger.queue(&wanted, &seen).await?;
            all.extend(page.rows);
            match page.next {
                Some(next) => wanted.after = Some(next),
                None => break,
            }
        }
        Ok(all)
    }

    /// What was over a team's budget in the shifts that ended. How far that is done is kept with the notices.
    async fn digests(&self, now: Nanos) -> Result<u64, RespondError> {
        let shift = self.policy.shift_of(now);
        let before = self.ledger.detector(DIGESTS).await?.map(|detector| detector.position as Nanos);
        if before.is_some_and(|before| before >= shift) {
            return Ok(0);
        }
        let mut detection = Detection {
            detector: Some(Detector { name: DIGESTS.to_owned(), position: shift as u64, snapshot: Vec::new() }),
            ..Detection::default()
        };
        let mut digests = 0;
        if let Some(before) = before {
            let wanted = Wanted {
                kinds: vec![Kind::Alert],
                since: Some(before),
                before: Some(shift),
                with: vec![Mark::Digest],
                order: Order::Opened,
                ..Wanted::default()
            };
            let mut groups: BTreeMap<(String, String), Vec<Kept>> = BTreeMap::new();
            for kept in self.pages(wanted, now).await? {
                let team = kept.owner.as_ref().map(|owner| owner.key.clone()).unwrap_or_default();
                groups.entry((team, kept.dataset.clone())).or_default().push(kept);
            }
            for ((team, dataset), mut alerts) in groups {
                alerts.sort_by_key(|alert| (std::cmp::Reverse(alert.level), alert.opened));
                let notice = self.digest(&team, &dataset, &alerts, (before, shift), now);
                let sent = self.outgoing(&notice, &format!("digest:{shift}:{team}:{dataset}"), None, now);
                digests += u64::from(!sent.is_empty());
                detection.notices.extend(sent);
            }
        }
        self.ledger.commit_detection(&detection, RULES, now).await?;
        Ok(digests)
    }

    fn digest(&self, team: &str, dataset: &str, alerts: &[Kept], shift: (Nanos, Nanos), now: Nanos) -> Notice {
        let level = alerts.iter().map(|alert| alert.level).max().unwrap_or(Level::Low);
        let plural = if alerts.len() == 1 { "" } else { "s" };
        Notice {
            kind: "digest".to_owned(),
            title: format!("Digest: {} alert{plural} without a notice of their own", alerts.len()),
            level,
            team: team.to_owned(),
            dataset: dataset.to_owned(),
            at: now,
            text: format!("From {} to {}.", time(shift.0), time(shift.1)),
            link: self.policy.link.as_ref().map(|link| format!("{}/alerts", link.trim_end_matches('/'))),
            alerts: alerts.iter().take(MAX_DIGEST_ALERTS).map(|kept| self.about(kept, now)).collect(),
        }
    }

    fn about(&self, kept: &Kept, now: Nanos) -> About {
        About {
            rule: kept.rule.clone(),
            title: kept.title.clone(),
            level: kept.level,
            aspect: kept.aspect,
            entity: kept.entity.as_ref().map(ToString::to_string).unwrap_or_default(),
            why: since(kept.first, now),
            runbook: kept.runbook.clone(),
            suspect: None,
            last: kept.outcome.map(|outcome| outcome.name().to_owned()),
            fingerprint: kept.fingerprint.clone(),
            first: kept.first,
            count: kept.events,
        }
    }

    /// Puts notices of others into the outbox, each by its key: told again, it is the same notice as long as notices are
    /// kept. Answers how many some channel hears.
    pub async fn tell(&self, notices: &[(String, Notice)], now: Nanos) -> Result<u64, RespondError> {
        let (mut detection, mut heard) = (Detection::default(), 0);
        for (key, notice) in notices {
            let sent = self.outgoing(notice, key, None, now);
            heard += u64::from(!sent.is_empty());
            detection.notices.extend(sent);
        }
        self.keep_moves(detection, now).await?;
        Ok(heard)
    }

    /// A notice for each channel that hears of it.
    fn outgoing(&self, notice: &Notice, key: &str, about: Option<&Target>, now: Nanos) -> Vec<Outgoing> {
        let hears = self.policy.channels.iter();
        let hears = hears.filter(|channel| channel.hears(&notice.team, &notice.dataset, notice.level));
        hears
            .map(|channel| Outgoing {
                key: format!("{}@{}", crate::text::digest(&[key]), channel.name),
                channel: channel.name.clone(),
                about: about.cloned(),
                dataset: notice.dataset.clone(),
                body: render(notice, channel),
                due: now,
            })
            .collect()
    }

    /// Announces the end of suppressions, and ends them: both are loud.
    async fn suppressions(&self, now: Nanos) -> Result<(u64, u64), RespondError> {
        let wanted = Wanted {
            kinds: vec![Kind::Suppression],
            states: vec![State::Open],
            until: Some(now + self.policy.announce),
            ..Wanted::default()
        };
        let (mut detection, mut announced, mut ended) = (Detection::default(), 0, 0);
        let all = self.pages(wanted, now).await?;
        let reasons = self.reasons(&all, now).await?;
        for kept in all {
            let (until, about) = (kept.until.unwrap_or(now), Target::Id(kept.id));
            let is_over = until <= now;
            if !is_over && kept.notified.is_some() {
                continue;
            }
            let reason = reasons.get(&kept.id).map(String::as_str).unwrap_or_default();
            let owner = kept.owner.as_ref().map(|owner| owner.key.as_str()).unwrap_or_default();
            let hid = format!(
                "Reason: {reason}\nOwner: {owner}\nUntil: {}\nIt hid {} firings so far. Answer with: tandem answer {} hurt \
                 \"because ...\"",
                time(until),
                kept.firings,
                kept.id
            );
            let (key, title, text) = if is_over {
                let title = format!("The suppression of {} has ended", kept.title);
                (format!("ended:{}", kept.id), title, format!("{hid}\nFrom now on they are raised again."))
            } else {
                let title = format!("The suppression of {} ends at {}", kept.title, time(until));
                (format!("ends:{}", kept.id), title, format!("{hid}\nRenew it, or let it end."))
            };
            let notice = Notice {
                kind: "suppression".to_owned(),
                title,
                // Nobody filters it away: it concerns what they hid themselves.
                level: Level::Critical,
                team: kept.owner.as_ref().map(|owner| owner.key.clone()).unwrap_or_default(),
                dataset: kept.dataset.clone(),
                at: now,
                text,
                link: self.policy.link.as_ref().map(|link| format!("{}/controls", link.trim_end_matches('/'))),
                alerts: Vec::new(),
            };
            let sent = self.outgoing(&notice, &key, Some(&about), now);
            let mut step = |step: Step| detection.moves.push(Move { about: about.clone(), at: now, step });
            if is_over {
                ended += 1;
                step(Step::State(State::Resolved, Some(Outcome::Ended), None));
            } else if !sent.is_empty() {
                announced += 1;
                step(Step::Notified);
            }
            detection.notices.extend(sent);
        }
        self.keep_moves(detection, now).await?;
        Ok((announced, ended))
    }

    /// Why suppressions hide, by their ids.
    async fn reasons(&self, all: &[Kept], now: Nanos) -> Result<BTreeMap<i64, String>, RespondError> {
        let mut reasons = BTreeMap::new();
        for chunk in all.chunks(ledger::MAX_PAGE) {
            let ids = chunk.iter().map(|kept| kept.id).collect();
            let asked = DecisionsAsked { ids, ..DecisionsAsked::default() };
            let decisions = self.ledger.decisions(&asked, &AsOf::at(now)).await?;
            reasons.extend(decisions.into_iter().map(|kept| (kept.id, kept.decision.reason)));
        }
        Ok(reasons)
    }

    async fn keep_moves(&self, detection: Detection, now: Nanos) -> Result<(), RespondError> {
        if !detection.is_empty() {
            self.ledger.commit_detection(&detection, RULES, now).await?;
        }
        Ok(())
    }

    /// Alerts that nobody looked at and that fired no more.
    async fn ignored(&self, now: Nanos) -> Result<u64, RespondError> {
        let before = now - self.policy.ignored_after;
        let wanted = Wanted {
            kinds: vec![Kind::Alert],
            states: vec![State::Open],
            before: Some(before),
            order: Order::Opened,
            ..Wanted::default()
        };
        let all = self.pages(wanted, now).await?;
        let ignored = all.iter().filter(|kept| kept.acted.is_none() && kept.last < before);
        let moves: Vec<Move> = ignored.map(|kept| over(kept, Outcome::Ignored, now)).collect();
        let count = moves.len() as u64;
        for moves in moves.chunks(ledger::MAX_PAGE) {
            self.keep_moves(Detection { moves: moves.to_vec(), ..Detection::default() }, now).await?;
        }
        Ok(count)
    }

    /// Incidents that nobody touched, and of which all alerts are over.
    async fn close_incidents(&self, now: Nanos) -> Result<u64, RespondError> {
        let wanted = Wanted {
            kinds: vec![Kind::Incident],
            states: vec![State::Open],
            before: Some(now - self.policy.near),
            ..Wanted::default()
        };
        let mut moves = Vec::new();
        for kept in self.pages(wanted, now).await? {
            if kept.acted.is_some() || kept.firings == 0 {
                continue;
            }
            let open = Wanted {
                kinds: vec![Kind::Alert, Kind::Task],
                states: vec![State::Open, State::Acknowledged, State::Snoozed],
                incident: Some(kept.id),
                limit: Some(1),
                ..Wanted::default()
            };
            if self.ledger.queue(&open, &AsOf::at(now)).await?.rows.is_empty() {
                moves.push(over(&kept, Outcome::Ended, now));
            }
        }
        let count = moves.len() as u64;
        self.keep_moves(Detection { moves, ..Detection::default() }, now).await?;
        Ok(count)
    }

    /// What a source says is over is resolved as ended; what people judged stays as it is. Answers how many there were.
    pub async fn end(&self, told: Vec<Alert>, now: Nanos) -> Result<u64, RespondError> {
        let mut moves = Vec::new();
        let prints: BTreeSet<String> = told.into_iter().map(|alert| fingerprint(&tidy(alert))).collect();
        for fingerprint in prints {
            let wanted = Wanted {
                kinds: vec![Kind::Alert],
                states: vec![State::Open, State::Acknowledged, State::Snoozed],
                fingerprint: Some(fingerprint),
                ..Wanted::default()
            };
            let rows = self.ledger.queue(&wanted, &AsOf::at(now)).await?.rows;
            moves.extend(rows.iter().map(|kept| over(kept, Outcome::Ended, now)));
        }
        let count = moves.len() as u64;
        self.keep_moves(Detection { moves, ..Detection::default() }, now).await?;
        Ok(count)
    }
}

fn over(kept: &Kept, outcome: Outcome, now: Nanos) -> Move {
    Move { about: Target::Id(kept.id), at: now, step: Step::State(State::Resolved, Some(outcome), None) }
}
