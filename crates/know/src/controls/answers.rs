//! Answers back: what those who are stopped or warned say to a control, and what its owner replies.

use super::acts::{NewAdjustment, NewException, about, adjust, adjustment_key, called, except, one, say};
use super::standing::{Standing, in_force};
use super::words::{Where, Word, date, decision, digest, ends, facts_of, number_of, text_of, words};
use super::{ControlError, Result, invalid};
use crate::limits::{MAX_FRICTION, USUAL_RESTRICTING};
use ledger::{AsOf, DecisionsAsked, KeptDecision, Ledger, Person};
use model::{Cite, EntityRef, Facts, Mode, Nanos};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::str::FromStr;

/// Kinds of decisions that somebody may answer: what stops, warns, hides or exempts, and what says so.
const ANSWERED: &[&str] = &[
    "verdict",
    "control",
    "suppression",
    "waiver",
    "exception",
    "block",
    "lockdown",
    "mute",
    "silence",
    "adjustment",
    "alert",
    "incident",
    "question",
];

/// What is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Say {
    /// This helped.
    Helped,
    /// This hurt, because ...
    Hurt,
    /// A question to the owner.
    Question,
    /// An exception is asked for.
    Exception,
}

impl Say {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Say::Helped => "helped",
            Say::Hurt => "hurt",
            Say::Question => "question",
            Say::Exception => "exception",
        }
    }

    /// Whether somebody waits for a reply.
    pub fn waits(self) -> bool {
        self != Say::Helped
    }
}

impl FromStr for Say {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Say, String> {
        let all = [Say::Helped, Say::Hurt, Say::Question, Say::Exception];
        let found = all.into_iter().find(|one| one.name() == text);
        found.ok_or_else(|| format!("an answer is helped, hurt, question or exception, not {text:?}"))
    }
}

/// An answer to be kept.
#[derive(Clone, Debug, PartialEq)]
pub struct NewAnswer {
    /// The caller's own id: told twice it is one. Made from the rest when absent.
    pub key: Option<String>,
    /// The decision that is answered: a verdict, an alert, a suppression, a lockdown, ...
    pub to: Option<i64>,
    /// The control, by name; that of the decision when absent.
    pub control: Option<String>,
    /// What it hurt or helped; what the decision is about when absent.
    pub entity: Option<EntityRef>,
    /// Where; that of the decision when absent.
    pub environment: Option<String>,
    /// What is said.
    pub say: Say,
    /// Because ...; what is asked.
    pub text: String,
    /// Until when an exception is asked for; for 30 days when absent.
    pub until: Option<Nanos>,
    /// Where somebody was.
    pub place: Where,
    /// What else it rests on: findings, events.
    pub cites: Vec<Cite>,
    /// Who may see it; those who see the decision when one is answered.
    pub dataset: String,
}

/// What an owner does about an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Did {
    /// Words alone.
    Answered,
    /// The control speaks softer to what the answer is about, until a time: a step below, or so.
    Relaxed(Option<Nanos>, Option<Mode>),
    /// It speaks harder.
    Tightened(Option<Nanos>, Option<Mode>),
    /// What the answer is about is exempt until a time; until the time that was asked for when absent.
    Excepted(Option<Nanos>),
    /// No, because ...
    Refused,
    /// The check was wrong.
    False,
}

impl Did {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Did::Answered => "answered",
            Did::Relaxed(..) => "relaxed",
            Did::Tightened(..) => "tightened",
            Did::Excepted(_) => "excepted",
            Did::Refused => "refused",
            Did::False => "false",
        }
    }
}

/// A reply to be kept.
#[derive(Clone, Debug, PartialEq)]
pub struct NewReply {
    /// The answer or question, by id.
    pub to: i64,
    /// What is done.
    pub did: Did,
    /// The owner's words.
    pub reason: String,
}

/// A reply that was kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replied {
    /// Its id.
    pub id: i64,
    /// The exception or adjustment that it made.
    pub made: Option<i64>,
    /// What the team of whoever asked is told.
    pub word: Word,
}

/// Something that was said to a control, with its replies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Asking {
    /// Its id.
    pub id: i64,
    /// `answer`, or `question` of an alert.
    pub kind: String,
    /// The control, by name; none of one that was made for a single suppression.
    pub control: Option<String>,
    /// The control in a sentence.
    pub title: String,
    /// Who answers for the control.
    pub owner: String,
    /// What was said.
    pub say: Say,
    /// In which words.
    pub text: String,
    /// What it is about.
    #[schema(value_type = Option<String>)]
    pub about: Option<EntityRef>,
    /// Where.
    pub environment: Option<String>,
    /// When it was said.
    #[schema(value_type = String)]
    pub at: Nanos,
    /// Until when an exception is asked for.
    #[schema(value_type = Option<String>)]
    pub until: Option<Nanos>,
    /// What it rests on.
    pub cites: Vec<i64>,
    /// Replies, the oldest first.
    pub replies: Vec<Reply>,
    /// Somebody waits for a reply.
    pub waits: bool,
    /// Who may see it.
    pub dataset: String,
}

/// What an owner replied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Reply {
    /// Its id.
    pub id: i64,
    /// When.
    #[schema(value_type = String)]
    pub at: Nanos,
    /// What was done.
    pub did: String,
    /// In which words.
    pub text: String,
    /// The exception or adjustment that it made.
    pub made: Option<i64>,
}

/// Keeps what somebody says to a control; answers its id, and what the control's owner is told.
pub async fn answer(ledger: &Ledger, new: &NewAnswer, by: Person<'_>, now: Nanos) -> Result<(i64, Option<Word>)> {
    let standing = in_force(ledger, &AsOf::at(now)).await?;
    let to = match new.to {
        Some(id) => Some(one(ledger, id, ANSWERED, now).await?),
        None => None,
    };
    let control = followed(&standing, new, to.as_ref())?;
    let missing = match new.say {
        Say::Helped => "",
        Say::Hurt => "say what it hurt: \"because ...\"",
        Say::Question => "say what you ask",
        Say::Exception => "say why an exception is needed",
    };
    let text = match (new.say, new.text.trim()) {
        (Say::Helped, "") => "this helped".to_owned(),
        (_, text) => words(text, missing)?,
    };
    let until = match new.say {
        Say::Exception => Some(ends("exception", new.until, USUAL_RESTRICTING, now)?),
        _ => None,
    };
    let dataset = to.as_ref().map_or(&new.dataset, |to| &to.decision.dataset);
    let (number, place) = (new.to.unwrap_or_default().to_string(), new.place.name());
    let key = match &new.key {
        Some(key) => format!("answer:{}", digest(&[key])),
        None => {
            let (control, entity) = (control.to_string(), new.entity.as_ref().map(ToString::to_string));
            let place = [entity.as_deref().unwrap_or_default(), new.environment.as_deref().unwrap_or_default()];
            let parts = [&control, &number, place[0], place[1], new.say.name(), &text, &now.to_string()];
            format!("answer:{}", digest(&parts))
        }
    };
    let mut decision = decision("answer", key, text, dataset, now);
    let known = standing.known.get(&control);
    decision.owner = known.and_then(|known| super::words::team(&known.owner).ok());
    decision.control = Some(control);
    decision.entity = new.entity.clone().or_else(|| to.as_ref().and_then(|to| to.decision.entity.clone()));
    decision.cites = new.to.map(Cite::Fact).into_iter().chain(new.cites.iter().copied()).collect();
    let environment = new.environment.clone().or_else(|| to.as_ref().and_then(environment));
    say(&mut decision, "control", known.and_then(|known| known.name.clone()).map(Into::into));
    say(&mut decision, "say", Some(new.say.name().into()));
    say(&mut decision, "where", Some(place.into()));
    say(&mut decision, "environment", environment.map(Into::into));
    say(&mut decision, "until", until.map(Into::into));
    let id = ledger.decide(&decision, &Facts::default(), by, now).await?.id;
    let kept = KeptDecision { id, known: now, decision };
    Ok((id, new.say.waits().then(|| heard(&standing, &kept, new.say))))
}

/// The control that an answer is about, by the id of a decision.
fn followed(standing: &Standing, new: &NewAnswer, to: Option<&KeptDecision>) -> Result<i64> {
    if let Some(name) = &new.control {
        return Ok(standing.control(name)?.id);
    }
    let Some(to) = to else { return invalid("say with `control` which control is answered") };
    let own = (to.decision.kind == "control").then_some(to.id);
    match to.decision.control.or(own) {
        Some(control) => Ok(control),
        None => invalid(format!("nothing of {} follows a control: say with `control` which is meant", to.id)),
    }
}

/// Where a decision holds: of a verdict, what was asked.
fn environment(kept: &KeptDecision) -> Option<String> {
    let body = &kept.decision.body;
    let asked = body.get("asked").and_then(|asked| asked.get("environment")).and_then(|value| value.as_str());
    asked.map(str::to_owned).or_else(|| text_of(body, "environment"))
}

fn heard(standing: &Standing, kept: &KeptDecision, said: Say) -> Word {
    let team = kept.decision.owner.as_ref().map(|team| team.key.clone()).unwrap_or_default();
    let title = match said {
        Say::Helped => "helped",
        Say::Hurt => "hurt",
        Say::Question => "is asked about",
        Say::Exception => "is asked for an exception",
    };
    Word {
        key: format!("answer:{}", kept.id),
        kind: "answer".to_owned(),
        team,
        dataset: kept.decision.dataset.clone(),
        title: format!("{} {title}: {}", called(standing, kept), about(kept)),
        text: format!("{}\nReply with: tandem reply {} answered \"...\"", kept.decision.reason, kept.id),
        loud: false,
    }
}

/// Keeps what a control's owner replies, and what follows from it. What is made comes first, under a key of its own:
/// after a kill between the two, the same reply finds it and is kept.
pub async fn reply(ledger: &Ledger, new: &NewReply, by: Person<'_>, now: Nanos) -> Result<Replied> {
    let to = one(ledger, new.to, &["answer", "question"], now).await?;
    let standing = in_force(ledger, &AsOf::at(now)).await?;
    let reason = words(&new.reason, "say why with `reason`: whoever asked reads that")?;
    let key = format!("reply:{}:{}", new.to, digest(&[new.did.name(), &reason]));
    let before = with_key(ledger, &key, now).await?;
    let made = match &before {
        Some(before) => number_of(&before.decision.body, "made").zip(number_of(&before.decision.body, "until")),
        None => made(ledger, &standing, new, &to, &reason, &key, by, now).await?,
    };
    let mut decision = decision("reply", key, reason, &to.decision.dataset, now);
    decision.owner = to.decision.owner.clone();
    decision.control = to.decision.control;
    decision.entity = to.decision.entity.clone();
    decision.cites = std::iter::once(new.to).chain(made.map(|(id, _)| id)).map(Cite::Fact).collect();
    say(&mut decision, "to", Some(new.to.into()));
    say(&mut decision, "did", Some(new.did.name().into()));
    say(&mut decision, "made", made.map(|(id, _)| id.into()));
    say(&mut decision, "until", made.map(|(_, until)| until.into()));
    let id = ledger.decide(&decision, &Facts::default(), by, now).await?.id;
    let team = match &to.decision.entity {
        Some(entity) => super::form::owner_of(ledger, entity, now).await?.map(|(team, _)| team),
        None => None,
    };
    let until = made.map(|(_, until)| format!("\nUntil {}.", date(until))).unwrap_or_default();
    let word = Word {
        key: format!("reply:{id}"),
        kind: "reply".to_owned(),
        team: team.unwrap_or_default(),
        dataset: to.decision.dataset.clone(),
        title: format!("{} about {}: {}", called(&standing, &to), about(&to), new.did.name()),
        text: format!("You said: {}\nThe owner replies: {}{until}", to.decision.reason, decision.reason),
        loud: false,
    };
    Ok(Replied { id, made: made.map(|(id, _)| id), word })
}

/// The decision with a key.
async fn with_key(ledger: &Ledger, key: &str, now: Nanos) -> Result<Option<KeptDecision>> {
    let asked = DecisionsAsked { key: Some(key.to_owned()), limit: 1, ..DecisionsAsked::default() };
    Ok(ledger.decisions(&asked, &AsOf::at(now)).await?.into_iter().next())
}

/// The exception or adjustment that a reply makes, and its end.
#[expect(clippy::too_many_arguments, reason = "what a reply is, in parts that only this function joins")]
async fn made(
    ledger: &Ledger,
    standing: &Standing,
    new: &NewReply,
    to: &KeptDecision,
    reason: &str,
    key: &str,
    by: Person<'_>,
    now: Nanos,
) -> Result<Option<(i64, Nanos)>> {
    let (until, mode) = match new.did {
        Did::Answered | Did::Refused | Did::False => return Ok(None),
        Did::Relaxed(until, mode) | Did::Tightened(until, mode) => (until, mode),
        Did::Excepted(until) => (until.or_else(|| number_of(&to.decision.body, "until").filter(|at| *at > now)), None),
    };
    let Some(control) = standing.name_of(to) else {
        return invalid("this control was made for one suppression: end that, or renew it otherwise");
    };
    let environment = text_of(&to.decision.body, "environment");
    let (entity, dataset) = (to.decision.entity.clone(), to.decision.dataset.clone());
    let (own, answers, cites) = (Some(key.to_owned()), Some(to.id), vec![Cite::Fact(to.id)]);
    let reason = reason.to_owned();
    let made = if matches!(new.did, Did::Excepted(_)) {
        let owner = None;
        let new =
            NewException { key: own, control, entity, environment, reason, owner, until, answers, cites, dataset };
        except(ledger, &new, by, now).await?
    } else if let Some(before) = with_key(ledger, &adjustment_key(key), now).await? {
        // It was made before a kill: how the control speaks now has it in already.
        return Ok(Some((before.id, before.decision.expires.unwrap_or(now))));
    } else {
        let scope = entity.as_ref().map(ToString::to_string).unwrap_or_default();
        let one = standing.speaks(standing.control(&control)?, &scope, environment.as_deref(), now);
        let mode = step(new.did, one.mode, mode).map_err(ControlError::Invalid)?;
        let lockdown = None;
        let new = NewAdjustment {
            key: own,
            control,
            entity,
            environment,
            mode,
            reason,
            until,
            answers,
            lockdown,
            cites,
            dataset,
        };
        adjust(ledger, &new, by, now).await?
    };
    Ok(Some((made.id, made.until)))
}

/// How a control speaks after it was relaxed or tightened.
fn step(did: Did, now: Mode, wanted: Option<Mode>) -> std::result::Result<Mode, String> {
    let softer = matches!(did, Did::Relaxed(..));
    let next = match (wanted, now, softer) {
        (Some(mode), ..) => mode,
        (None, Mode::Enforce, true) | (None, Mode::Observe, false) => Mode::Warn,
        (None, Mode::Warn, true) => Mode::Observe,
        (None, Mode::Warn, false) => Mode::Enforce,
        (None, Mode::Observe, true) => return Err("it only observes: nothing is softer".to_owned()),
        (None, Mode::Enforce, false) => return Err("it enforces already: nothing is harder".to_owned()),
    };
    match (softer, next < now, next > now) {
        (true, false, _) => Err(format!("{next} is not softer than {now}, as it speaks now")),
        (false, _, false) => Err(format!("{next} is not harder than {now}, as it speaks now")),
        _ => Ok(next),
    }
}

/// What a person said, with the replies, the newest first: the person's own, for the person alone.
pub async fn told(ledger: &Ledger, person: &str, as_of: &AsOf) -> Result<Vec<Asking>> {
    let asked = DecisionsAsked { by: Some(person.to_owned()), ..DecisionsAsked::of(&["answer"]) };
    asking(ledger, &asked, as_of).await
}

/// What waits for a reply since at most 400 days, the oldest first: of one owner's controls, or of all.
pub async fn open_questions(ledger: &Ledger, owner: Option<&str>, as_of: &AsOf) -> Result<Vec<Asking>> {
    let since = Some(as_of.valid.saturating_sub(MAX_FRICTION));
    let asked = DecisionsAsked { since, ..DecisionsAsked::of(&["answer", "question"]) };
    let mut open = asking(ledger, &asked, as_of).await?;
    open.retain(|one| one.waits && owner.is_none_or(|owner| one.owner == owner));
    open.reverse();
    Ok(open)
}

/// Answers and questions by what is asked, with their replies, the newest first.
pub async fn asking(ledger: &Ledger, asked: &DecisionsAsked, as_of: &AsOf) -> Result<Vec<Asking>> {
    let all = ledger.decisions(asked, as_of).await?;
    let Some(since) = all.iter().map(|kept| kept.decision.at).min() else { return Ok(Vec::new()) };
    let replies = DecisionsAsked { since: Some(since), ..DecisionsAsked::of(&["reply"]) };
    let mut replied: BTreeMap<i64, Vec<Reply>> = BTreeMap::new();
    for kept in ledger.decisions(&replies, as_of).await?.iter().rev() {
        let Some(to) = number_of(&kept.decision.body, "to") else { continue };
        replied.entry(to).or_default().push(Reply {
            id: kept.id,
            at: kept.decision.at,
            did: text_of(&kept.decision.body, "did").unwrap_or_default(),
            text: kept.decision.reason.clone(),
            made: number_of(&kept.decision.body, "made"),
        });
    }
    let standing = in_force(ledger, &AsOf::at(as_of.valid).known(as_of.known)).await?;
    Ok(all.into_iter().map(|kept| one_asking(&standing, &mut replied, kept)).collect())
}

fn one_asking(standing: &Standing, replied: &mut BTreeMap<i64, Vec<Reply>>, kept: KeptDecision) -> Asking {
    let known = kept.decision.control.and_then(|id| standing.known.get(&id));
    let say = text_of(&kept.decision.body, "say").and_then(|say| say.parse().ok()).unwrap_or(Say::Question);
    let replies = replied.remove(&kept.id).unwrap_or_default();
    let team = kept.decision.owner.as_ref().map(|team| team.key.clone());
    Asking {
        id: kept.id,
        control: standing.name_of(&kept),
        title: known.map(|known| known.title.clone()).unwrap_or_default(),
        // Whoever answers for the control today, not when it was said.
        owner: standing
            .name_of(&kept)
            .and_then(|name| standing.control(&name).ok().map(|one| one.control.owner.clone()))
            .or(team)
            .unwrap_or_default(),
        say,
        about: kept.decision.entity.clone(),
        environment: text_of(&kept.decision.body, "environment"),
        at: kept.decision.at,
        until: number_of(&kept.decision.body, "until"),
        cites: facts_of(&kept.decision.cites).collect(),
        waits: say.waits() && replies.is_empty(),
        replies,
        dataset: kept.decision.dataset,
        text: kept.decision.reason,
        kind: kept.decision.kind,
    }
}
