//! YAML to the tree. Documents are read one by one, so that a damaged one hides no other.

use super::{Data, Id, Malformed, Tree};
use crate::limits::{MAX_DEPTH, MAX_DOCUMENTS, MAX_MERGED, MAX_NODES};
use crate::text::{Place, Span, Text};
use yaml::{Limits, Node, Scalar, Yaml};

/// The key that takes over the members of other maps.
const MERGE: &str = "<<";

impl Tree {
    /// Reads YAML. What is wrong with a document is told, the others are there.
    pub fn yaml(text: &Text) -> (Tree, Vec<Malformed>) {
        let (mut tree, mut malformed, mut merged) = (Tree::default(), Vec::new(), 0);
        for (number, (line, part)) in yaml::split(&text.text).enumerate() {
            let at = Place { line: line as u32, column: 1 };
            let place = text.byte(at);
            if number >= MAX_DOCUMENTS {
                let reason = format!("more than {MAX_DOCUMENTS} documents (MAX_DOCUMENTS): the rest was not read");
                malformed.push(Malformed { span: Span { start: place, end: place }, reason });
                break;
            }
            let limits = Limits { nodes: MAX_NODES.saturating_sub(tree.len()), depth: MAX_DEPTH };
            match Yaml::parse_part(part, line, limits) {
                Ok(yaml) => Reader { text, tree: &mut tree, known: Vec::new(), merged: &mut merged }.documents(&yaml),
                Err(error) => {
                    let (line, column) = (error.place.0 as u32, error.place.1 as u32);
                    let start = text.byte(Place { line, column });
                    malformed.push(Malformed { span: Span { start, end: start }, reason: error.reason });
                }
            }
        }
        (tree, malformed)
    }
}

struct Reader<'a> {
    text: &'a Text,
    tree: &'a mut Tree,
    /// By number of the node in the YAML.
    known: Vec<Option<Id>>,
    merged: &'a mut usize,
}

impl Reader<'_> {
    fn documents(&mut self, yaml: &Yaml) {
        for root in yaml.documents() {
            let id = self.node(root);
            self.tree.roots.push(id);
        }
    }

    fn byte(&self, (line, column): yaml::Place) -> u32 {
        self.text.byte(Place { line: line as u32, column: column as u32 })
    }

    /// Depth is bounded by the parser.
    fn node(&mut self, node: Node<'_>) -> Id {
        let number = node.number();
        if let Some(Some(id)) = self.known.get(number) {
            return *id;
        }
        let data = match node.scalar() {
            Some(Scalar::Null) => Data::Null,
            Some(Scalar::Bool(value)) => Data::Bool(value),
            Some(Scalar::Int(value)) => Data::Int(value),
            Some(Scalar::Float(value)) => Data::Float(value),
            Some(Scalar::Text(text)) => Data::Text(text.into()),
            None if node.is_list() => Data::List(node.items().map(|item| self.node(item)).collect()),
            None => {
                let members = node.entries().map(|(key, value)| (self.key(key), self.node(value))).collect();
                Data::Map(self.merge(members))
            }
        };
        let span = self.span(node);
        let id = self.tree.add(data, span);
        if self.known.len() <= number {
            self.known.resize(number + 1, None);
        }
        self.known[number] = Some(id);
        id
    }

    /// Keys are texts, as they are written: `on:` is `on`, and `8080:` is `8080`.
    fn key(&mut self, key: Node<'_>) -> Id {
        match key.raw() {
            Some(text) => {
                let span = self.span(key);
                self.tree.text(text, span)
            }
            None => self.node(key),
        }
    }

    fn span(&self, node: Node<'_>) -> Span {
        let (start, end) = (self.byte(node.place()), self.byte(node.end()));
        let span = Span { start, end: end.max(start) };
        // The parser ends blocks where the next token begins.
        let trimmed = self.text.slice(span).trim_end().len() as u32;
        Span { start, end: start + trimmed }
    }

    /// Takes over what merge keys name; what a map says itself counts first, then the first of several.
    fn merge(&mut self, members: Vec<(Id, Id)>) -> Vec<(Id, Id)> {
        let name = |tree: &Tree, id: Id| tree.node(id).text().map(str::to_owned);
        if members.iter().all(|(key, _)| self.tree.node(*key).text() != Some(MERGE)) {
            return members;
        }
        let is_merge = |tree: &Tree, key: Id| tree.node(key).text() == Some(MERGE);
        let (merges, mut own): (Vec<_>, Vec<_>) = members.into_iter().partition(|(key, _)| is_merge(self.tree, *key));
        let mut names: ahash::AHashSet<String> = own.iter().filter_map(|(key, _)| name(self.tree, *key)).collect();
        for (_, value) in merges {
            let value = self.tree.node(value);
            let from: Vec<_> = if value.is_list() { value.items().collect() } else { vec![value] };
            let pairs = from.into_iter().flat_map(|map| map.entries()).map(|(key, value)| (key.id(), value.id()));
            for (key, value) in pairs.collect::<Vec<_>>() {
                if *self.merged >= MAX_MERGED {
                    return own;
                }
                if name(self.tree, key).is_none_or(|name| names.insert(name)) {
                    *self.merged += 1;
                    own.push((key, value));
                }
            }
        }
        own
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(text: &str) -> (Tree, Text) {
        let text = Text::new("a.yml", text);
        let (tree, malformed) = Tree::yaml(&text);
        assert_eq!(malformed, []);
        (tree, text)
    }

    #[test]
    fn spans_are_what_was_written() {
        let (tree, text) =
            tree("a: 'x y'\nb:\n  - 1\n  - {c: é, d: |\n# no\n  }\ne: >-\n  more\n  text\n\nf: &z [1]\n");
        let root = tree.documents().next().unwrap();
        let said = |path: &[&str]| text.slice(root.at(path).unwrap().span());
        assert_eq!(said(&["a"]), "'x y'");
        assert_eq!(text.slice(root.member("b").unwrap().0.span()), "b");
        assert_eq!(text.slice(root.get("b").unwrap().items().next().unwrap().span()), "1");
        assert_eq!(root.get("e").unwrap().text(), Some("more text"));
        // A block is its lines.
        assert_eq!(said(&["e"]), "more\n  text");
    }

    #[test]
    fn merges_are_followed() {
        let (tree, _) = tree("base: &b {x: 1, y: 2}\nmore: &m {y: 3, z: 4}\none:\n  <<: [*b, *m]\n  x: 0\n");
        let one = tree.documents().next().unwrap().get("one").unwrap();
        let members: Vec<_> = one.members().map(|(name, value)| (name, value.int().unwrap())).collect();
        assert_eq!(members, [("x", 0), ("y", 2), ("z", 4)]);
    }

    #[test]
    fn a_damaged_document_hides_no_other() {
        let text = Text::new("a.yml", "a: 1\n---\nb: [\n---\nc: 3\n");
        let (tree, malformed) = Tree::yaml(&text);
        assert_eq!(malformed.len(), 1);
        let names: Vec<_> = tree.documents().flat_map(|root| root.members().map(|(name, _)| name)).collect();
        assert_eq!(names, ["a", "c"]);
    }

    #[test]
    fn merges_cannot_explode() {
        let mut text = "a0: &a0 {x: 1}\n".to_owned();
        for level in 1..60 {
            text += &format!(
                "a{level}: &a{level}\n  <<: [{}]\n  k{level}: 1\n",
                format!("*a{}, ", level - 1).repeat(40).trim_end_matches(", ")
            );
        }
        let (tree, _) = Tree::yaml(&Text::new("a.yml", text));
        assert!(tree.len() < 5_000);
    }
}
