//! What teams are told about controls, into the outbox of notices.

use crate::server::errors::ApiError;
use crate::server::state::App;
use know::controls::Word;
use model::{Level, Nanos};
use respond::Notice;

/// Puts words into the outbox, each once.
pub async fn tell(app: &App, words: impl IntoIterator<Item = Word>, now: Nanos) -> Result<u64, ApiError> {
    let link = app.responder.policy().link.clone();
    let notices: Vec<(String, Notice)> = words
        .into_iter()
        .map(|word| {
            // What nobody may miss is not filtered away by how bad it is.
            let level = if word.loud { Level::Critical } else { Level::High };
            let link = link.as_ref().map(|link| format!("{}/controls", link.trim_end_matches('/')));
            let (kind, title, team) = (word.kind, word.title, word.team);
            let notice = Notice {
                kind,
                title,
                level,
                team,
                dataset: word.dataset,
                at: now,
                text: word.text,
                link,
                alerts: Vec::new(),
            };
            (word.key, notice)
        })
        .collect();
    if notices.is_empty() {
        return Ok(0);
    }
    Ok(app.responder.tell(&notices, now).await?)
}
