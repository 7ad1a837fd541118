//! Nodes for what was worked out.

use super::variables::Value;
use crate::resource::{FileId, Resource, ResourceId, World};
use crate::text::Span;
use crate::tree::{Data, Id, Tree};

/// The family's name.
pub const FAMILY: &str = "docker";

/// Adds nodes and resources of one file.
pub struct Maker<'w> {
    /// Everything.
    pub world: &'w mut World,
    /// The file.
    pub file: FileId,
}

/// What a resource is before it is added.
pub struct Draft {
    /// Its kind.
    pub kind: &'static str,
    /// Its logical place.
    pub address: String,
    /// Its name.
    pub name: String,
    /// Where findings are shown.
    pub span: Span,
    /// Its members.
    pub members: Vec<(&'static str, Id)>,
}

impl Maker<'_> {
    /// The file's tree.
    pub fn tree(&mut self) -> &mut Tree {
        self.world.tree_mut(self.file)
    }

    /// Adds a node.
    pub fn add(&mut self, data: Data, span: Span) -> Id {
        self.tree().add(data, span)
    }

    /// Adds a text.
    pub fn text(&mut self, text: &str, span: Span) -> Id {
        self.tree().text(text, span)
    }

    /// Adds a value.
    pub fn value(&mut self, value: &Value, span: Span) -> Id {
        self.add(value.data(), span)
    }

    /// Adds true or false.
    pub fn bool(&mut self, value: bool, span: Span) -> Id {
        self.add(Data::Bool(value), span)
    }

    /// Adds true, false or unknown.
    pub fn maybe(&mut self, value: Option<bool>, span: Span) -> Id {
        self.add(value.map_or(Data::Unknown("a variable".into()), Data::Bool), span)
    }

    /// Adds a list.
    pub fn list(&mut self, items: Vec<Id>, span: Span) -> Id {
        self.add(Data::List(items), span)
    }

    /// Adds a list of texts.
    pub fn texts<'t>(&mut self, texts: impl IntoIterator<Item = &'t str>, span: Span) -> Id {
        let items = texts.into_iter().map(|text| self.text(text, span)).collect();
        self.list(items, span)
    }

    /// Adds a map.
    pub fn map(&mut self, members: &[(&str, Id)], span: Span) -> Id {
        self.tree().map(members, span)
    }

    /// Adds a resource.
    pub fn resource(&mut self, draft: Draft) -> ResourceId {
        let node = self.add(Data::Null, draft.span);
        self.world.add(Resource {
            kind: draft.kind,
            family: FAMILY,
            file: self.file,
            address: draft.address,
            name: draft.name,
            node,
            span: draft.span,
            fields: draft.members,
            relations: Vec::new(),
        })
    }
}
