//! Commands by which people answer controls, and owners reply: answer, answers, reply.

use super::client::ServerChoice;
use super::controls::{Asking, word};
use super::facts::{get, post};
use crate::failure::{Outcome, wrong_use};
use crate::output;
use anyhow::anyhow;
use clap::Args;
use serde_json::json;

/// Say to a control that it helped or hurt, ask its owner, or ask for an exception.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  tandem answer 4711 hurt 'because the patch breaks the till'\n  tandem answer 4711 exception 'the till is replaced on Monday' --until now+5d\n  tandem answer --control tested-before-release --entity service:shop question 'do load tests count?'"
)]
pub struct Answer {
    /// What is answered, by its number, and what is said: `[ID] helped|hurt|question|exception [TEXT]`.
    #[arg(required = true, num_args = 1..=3, value_name = "ID SAY TEXT")]
    words: Vec<String>,
    /// The control, when no number is given.
    #[arg(long)]
    control: Option<String>,
    /// What it is about, when no number is given: service:checkout.
    #[arg(long, value_name = "KIND:NAME")]
    entity: Option<String>,
    /// In which environment.
    #[arg(long)]
    environment: Option<String>,
    /// Until when an exception is asked for [default: 30 days from now].
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    #[command(flatten)]
    server: ServerChoice,
}

impl Answer {
    /// Tells the server.
    pub fn run(self) -> Outcome {
        let (to, rest) = match self.words[0].parse::<i64>() {
            Ok(id) => (Some(id), &self.words[1..]),
            Err(_) => (None, &self.words[..]),
        };
        let (say, text) = match rest {
            [say] => (say.as_str(), ""),
            [say, text] => (say.as_str(), text.as_str()),
            _ => {
                let what = "say what is answered and how: tandem answer 4711 hurt 'because ...'";
                return Err(wrong_use(anyhow!("{what}")));
            }
        };
        let body = json!({"to": to, "control": self.control, "entity": self.entity, "environment": self.environment,
            "say": say, "text": text, "until": self.until, "place": "terminal"});
        let answer = post(&self.server, "/api/v1/answers", &body)?;
        let heard = match answer["heard_by"].as_str() {
            Some(team) if !team.is_empty() => {
                format!("; {team} hears of it, and `tandem answers --mine` shows the reply")
            }
            _ => String::new(),
        };
        Ok(output::print(&format!("kept as {}{heard}\n", answer["answer"]))?)
    }
}

/// List what was said to controls and waits for a reply.
#[derive(Args)]
pub struct Answers {
    /// What you said, with the replies.
    #[arg(long)]
    mine: bool,
    /// About controls of this team.
    #[arg(long, value_name = "TEAM")]
    owner: Option<String>,
    /// Those too that were replied to.
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    asking: Asking,
}

impl Answers {
    /// Asks and prints.
    pub fn run(self) -> Outcome {
        let (mine, all) = (self.mine.to_string(), self.all.to_string());
        let mut query = vec![("mine", mine.as_str()), ("all", all.as_str())];
        query.extend(self.owner.as_deref().map(|owner| ("owner", owner)));
        let answer = get(&self.asking.server, "/api/v1/answers", &query)?;
        if self.asking.json {
            return Ok(output::print(&format!("{answer}\n"))?);
        }
        let mut text = String::new();
        for one in answer["rows"].as_array().into_iter().flatten() {
            let about = one["about"].as_str().map(|about| format!(" about {about}")).unwrap_or_default();
            text.push_str(&format!(
                "{}  {} {}{about} ({}, {})\n    {}\n",
                one["id"],
                word(one, "say"),
                one["control"].as_str().unwrap_or("a control"),
                word(one, "owner"),
                word(one, "at"),
                word(one, "text")
            ));
            for reply in one["replies"].as_array().into_iter().flatten() {
                text.push_str(&format!("    -> {}: {}\n", word(reply, "did"), word(reply, "text")));
            }
            if one["waits"] == true {
                text.push_str(&format!("    waits: tandem reply {} answered '...'\n", one["id"]));
            }
        }
        if text.is_empty() {
            text.push_str("nothing waits for a reply\n");
        }
        Ok(output::print(&text)?)
    }
}

/// Reply for a control to what somebody said, and relax, tighten or except until a date.
#[derive(Args)]
#[command(after_help = "Example: tandem reply 4712 excepted 'until the till is replaced' --until now+5d")]
pub struct Reply {
    /// The answer or question, by its number.
    to: i64,
    /// answered, relaxed, tightened, excepted, refused, false (the check was wrong).
    did: String,
    /// Your words: whoever asked reads them.
    reason: String,
    /// Until when.
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// How the control speaks then [default: a step softer or harder].
    #[arg(long)]
    mode: Option<String>,
    #[command(flatten)]
    server: ServerChoice,
}

impl Reply {
    /// Tells the server.
    pub fn run(self) -> Outcome {
        let body =
            json!({"to": self.to, "did": self.did, "reason": self.reason, "until": self.until, "mode": self.mode});
        let answer = post(&self.server, "/api/v1/replies", &body)?;
        let made = answer["made"].as_i64().map(|made| format!(", by {made}")).unwrap_or_default();
        Ok(output::print(&format!("replied as {}{made}; whoever asked is told\n", answer["reply"]))?)
    }
}
