//! TOML to the tree, with spans. The parser is the `toml` crate's; what it cannot read is one place and one reason.

use super::{Data, Id, Malformed, Tree};
use crate::limits::{MAX_DEPTH, MAX_NODES};
use crate::text::{Span, Text};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

impl Tree {
    /// Reads a TOML document.
    ///
    /// # Errors
    /// When it is malformed or beyond the limits.
    pub fn toml(text: &Text) -> Result<Tree, Malformed> {
        let table = DeTable::parse(&text.text).map_err(|error| {
            let span = error.span().unwrap_or_default();
            Malformed { span: Span::new(span.start, span.end), reason: error.message().to_owned() }
        })?;
        let mut tree = Tree::default();
        let span = table.span();
        let root = add_table(&mut tree, table.get_ref(), Span::new(span.start, span.end), 0)?;
        tree.roots.push(root);
        Ok(tree)
    }
}

fn add_table(tree: &mut Tree, table: &DeTable<'_>, span: Span, depth: usize) -> Result<Id, Malformed> {
    let mut members = Vec::with_capacity(table.len());
    for (key, value) in table.iter() {
        let at = key.span();
        let key = tree.text(key.get_ref(), Span::new(at.start, at.end));
        members.push((key, add(tree, value, depth + 1)?));
    }
    Ok(tree.add(Data::Map(members), span))
}

fn add(tree: &mut Tree, value: &Spanned<DeValue<'_>>, depth: usize) -> Result<Id, Malformed> {
    let span = value.span();
    let span = Span::new(span.start, span.end);
    let refuse = |reason: String| Malformed { span, reason };
    if depth > MAX_DEPTH {
        return Err(refuse(format!("nested deeper than {MAX_DEPTH} levels (MAX_DEPTH)")));
    }
    if tree.len() >= MAX_NODES {
        return Err(refuse(format!("more than {MAX_NODES} values (MAX_NODES)")));
    }
    let data = match value.get_ref() {
        DeValue::Table(table) => return add_table(tree, table, span, depth),
        DeValue::Array(items) => {
            let items: Result<Vec<Id>, Malformed> = items.iter().map(|item| add(tree, item, depth + 1)).collect();
            Data::List(items?)
        }
        DeValue::String(text) => Data::Text(text.as_ref().into()),
        DeValue::Boolean(value) => Data::Bool(*value),
        DeValue::Datetime(value) => Data::Text(value.to_string().into()),
        DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
            Ok(number) => Data::Int(number),
            Err(_) => Data::Text(number.as_str().into()),
        },
        DeValue::Float(number) => match number.as_str().parse() {
            Ok(number) => Data::Float(number),
            Err(_) => Data::Text(number.as_str().into()),
        },
    };
    Ok(tree.add(data, span))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn tables_keep_their_places() {
        let text = Text::new("a.toml", "a = 1\n[[b]]\nc = \"x\"\n[[b]]\nd = [2.5, true, 1979-05-27]\n");
        let tree = Tree::toml(&text).unwrap();
        let root = tree.documents().next().unwrap();
        assert_eq!(root.get("a").unwrap().int(), Some(1));
        let second = root.get("b").unwrap().items().nth(1).unwrap();
        assert_eq!(text.place(second.span().start).line, 4);
        assert_eq!(text.slice(second.get("d").unwrap().span()), "[2.5, true, 1979-05-27]");
        let malformed = Tree::toml(&Text::new("a.toml", "a = 1\nb = [\n")).unwrap_err();
        assert!(malformed.span.start >= 6, "{malformed:?}");
        assert!(Tree::toml(&Text::new("a.toml", format!("a = {}", "[".repeat(100_000)))).is_err());
    }

    proptest! {
        #[test]
        fn it_never_panics(text in "[\\[\\]{}\"'=.,:\\\\0-9a-e\u{e9} \n#+-]{0,60}") {
            if let Ok(tree) = Tree::toml(&Text::new("a.toml", text.clone())) {
                for id in tree.ids() {
                    prop_assert!(tree.node(id).span().end as usize <= text.len());
                }
            }
        }
    }
}
