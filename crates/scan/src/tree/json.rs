//! JSON to the tree, with spans. Values are read by `serde_json`, one by one; what is around them is read here.

use super::{Data, Id, Malformed, Tree};
use crate::limits::{MAX_DEPTH, MAX_NODES};
use crate::text::{Span, Text};

impl Tree {
    /// Reads one JSON value, a byte order mark before it allowed.
    ///
    /// # Errors
    /// When it is malformed or beyond the limits.
    pub fn json(text: &Text) -> Result<Tree, Malformed> {
        let at = if text.text.starts_with('\u{feff}') { 3 } else { 0 };
        let mut reader = Reader { bytes: text.text.as_bytes(), text: &text.text, at, tree: Tree::default() };
        let root = reader.value(0)?;
        reader.tree.roots.push(root);
        reader.space();
        if reader.at < reader.bytes.len() {
            return Err(reader.refuse("there is more after the value"));
        }
        Ok(reader.tree)
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    text: &'a str,
    at: usize,
    tree: Tree,
}

impl Reader<'_> {
    fn refuse(&self, reason: impl Into<String>) -> Malformed {
        Malformed { span: Span::new(self.at, self.at), reason: reason.into() }
    }

    fn space(&mut self) {
        while matches!(self.bytes.get(self.at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn peek(&mut self) -> Option<u8> {
        self.space();
        self.bytes.get(self.at).copied()
    }

    fn expect(&mut self, byte: u8) -> Result<(), Malformed> {
        if self.peek() == Some(byte) {
            self.at += 1;
            return Ok(());
        }
        Err(self.refuse(format!("`{}` is missing", byte as char)))
    }

    fn value(&mut self, depth: usize) -> Result<Id, Malformed> {
        if depth > MAX_DEPTH {
            return Err(self.refuse(format!("nested deeper than {MAX_DEPTH} levels (MAX_DEPTH)")));
        }
        if self.tree.len() >= MAX_NODES {
            return Err(self.refuse(format!("more than {MAX_NODES} values (MAX_NODES)")));
        }
        match self.peek() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.list(depth),
            Some(b'"') => self.string(),
            Some(_) => self.plain(),
            None => Err(self.refuse("a value is missing")),
        }
    }

    fn object(&mut self, depth: usize) -> Result<Id, Malformed> {
        let start = self.at;
        self.at += 1;
        let mut members = Vec::new();
        if self.peek() != Some(b'}') {
            loop {
                if self.peek() != Some(b'"') {
                    return Err(self.refuse("a name in quotes is missing"));
                }
                let key = self.string()?;
                self.expect(b':')?;
                members.push((key, self.value(depth + 1)?));
                if self.peek() != Some(b',') {
                    break;
                }
                self.at += 1;
            }
        }
        self.expect(b'}')?;
        Ok(self.tree.add(Data::Map(members), Span::new(start, self.at)))
    }

    fn list(&mut self, depth: usize) -> Result<Id, Malformed> {
        let start = self.at;
        self.at += 1;
        let mut items = Vec::new();
        if self.peek() != Some(b']') {
            loop {
                items.push(self.value(depth + 1)?);
                if self.peek() != Some(b',') {
                    break;
                }
                self.at += 1;
            }
        }
        self.expect(b']')?;
        Ok(self.tree.add(Data::List(items), Span::new(start, self.at)))
    }

    fn string(&mut self) -> Result<Id, Malformed> {
        let start = self.at;
        let mut at = start + 1;
        loop {
            match memchr::memchr2(b'"', b'\\', self.bytes.get(at..).unwrap_or_default()) {
                None => return Err(self.refuse("this text has no end")),
                Some(found) if self.bytes[at + found] == b'"' => {
                    at += found + 1;
                    break;
                }
                Some(found) => at += found + 2,
            }
        }
        let text = serde_json::from_str::<String>(&self.text[start..at]);
        let text = text.map_err(|error| self.refuse(format!("no text: {error}")))?;
        self.at = at;
        Ok(self.tree.add(Data::Text(text.into()), Span::new(start, at)))
    }

    /// A number, `true`, `false` or `null`.
    fn plain(&mut self) -> Result<Id, Malformed> {
        let start = self.at;
        let is_end = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b',' | b']' | b'}' | b':');
        let length = self.bytes[start..].iter().position(is_end).unwrap_or(self.bytes.len() - start);
        let text = &self.text[start..start + length];
        let data = match serde_json::from_str(text) {
            Ok(serde_json::Value::Null) => Data::Null,
            Ok(serde_json::Value::Bool(value)) => Data::Bool(value),
            Ok(serde_json::Value::Number(number)) => match (number.as_i64(), number.as_f64()) {
                (Some(int), _) => Data::Int(int),
                (None, Some(float)) => Data::Float(float),
                (None, None) => Data::Text(text.into()),
            },
            _ => return Err(self.refuse("no value: expected a text, a number, true, false, null, a list or an object")),
        };
        self.at += length;
        Ok(self.tree.add(data, Span::new(start, self.at)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn value(node: crate::tree::Node<'_>) -> Value {
        match node.data() {
            Data::Null => Value::Null,
            Data::Bool(value) => json!(value),
            Data::Int(value) => json!(value),
            Data::Float(value) => json!(value),
            Data::Text(text) => json!(text),
            Data::List(_) => node.items().map(value).collect(),
            Data::Map(_) => node.members().map(|(name, node)| (name.to_owned(), value(node))).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn it_reads_what_serde_json_reads() {
        for text in [
            r#"{"a": [1, -2.5e3, "x\"\u00e9\\", {}, []], "b": {"c": null, "d": true}}"#,
            "3",
            "\"\"",
            " [ ] ",
            "",
            "{",
            "[1,]",
            "{\"a\" 1}",
            "{a: 1}",
            "[1] 2",
            "\"x",
            "tru",
            "01",
            "{\"a\":1,}",
            "\"\\x\"",
            "[\"a\nb\"]",
        ] {
            let ours = Tree::json(&Text::new("a.json", text)).ok().map(|tree| value(tree.documents().next().unwrap()));
            assert_eq!(ours, serde_json::from_str(text).ok(), "{text}");
        }
        let text = Text::new("a.json", "{\"a\": [1, \"x\"]}");
        let tree = Tree::json(&text).unwrap();
        let list = tree.documents().next().unwrap().get("a").unwrap();
        assert_eq!(text.slice(list.span()), "[1, \"x\"]");
        assert!(Tree::json(&Text::new("a.json", "[".repeat(100_000))).is_err());
    }

    proptest! {
        #[test]
        fn it_never_panics(text in "[\\[\\]{}\",:\\\\0-9a-e\u{e9} \n]{0,60}") {
            let ours = Tree::json(&Text::new("a.json", text.clone())).is_ok();
            prop_assert_eq!(ours, serde_json::from_str::<Value>(&text).is_ok());
        }
    }
}
