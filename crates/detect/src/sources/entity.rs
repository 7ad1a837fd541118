//! What an event is about: a system, never a person.

use crate::event::PlainEvent;
use model::entity;
use model::fact::EntityRef;
use std::sync::Arc;

/// Where a kind of entity is named in events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntityPaths {
    /// Such as `host`.
    pub kind: Arc<str>,
    /// What is put before the name when it is not there yet, such as `github.com/`.
    pub prefix: Option<Arc<str>>,
    /// Paths, the first that is there.
    pub paths: Vec<Arc<str>>,
}

impl EntityPaths {
    /// The entity that an event names.
    pub fn of(&self, event: &PlainEvent) -> Option<EntityRef> {
        let key = self.paths.iter().find_map(|path| text(event, path))?;
        let key = match &self.prefix {
            Some(prefix) if !key.starts_with(&**prefix) => format!("{prefix}{key}"),
            _ => key,
        };
        let cluster = ["k8s.cluster.name", "orchestrator.cluster.name"].iter().find_map(|path| text(event, path));
        match &*self.kind {
            "host" => entity::host(&key),
            "service" => entity::service(text(event, "service.namespace").as_deref(), &key),
            "container" => entity::container(&key),
            "repository" => entity::repository(&key),
            "k8s.namespace" => entity::k8s("namespace", cluster.as_deref(), None, &key),
            kind => EntityRef::new(kind, key),
        }
        .ok()
    }
}

/// The first value of a path that is a text with something in it.
fn text(event: &PlainEvent, path: &str) -> Option<String> {
    let values = event.fields.iter().filter(|(of, _)| of == path).map(|(_, value)| value);
    let mut texts = values.filter_map(|value| value.text());
    texts.find(|text| !text.trim().is_empty() && *text != "-").map(|text| text.trim().to_owned())
}
