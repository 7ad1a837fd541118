//! Values of placeholders: a file of names and lists, such as `Workstations: [WS-1, WS-2*]`.

use super::reader::{Options, Refusal, refusal, shown};
use crate::limits::{
    MAX_EXPANDED, MAX_NAME_BYTES, MAX_RULE_FILE_BYTES, MAX_VALUE_BYTES, MAX_YAML_DEPTH, MAX_YAML_NODES,
};
use crate::rule::Place;
use yaml::{Limits, Node, Yaml};

impl Options {
    /// Adds the placeholders of a file; a name that is there already gets these values.
    ///
    /// # Errors
    /// Where the file is no map of names to texts or lists of texts.
    pub fn add_placeholders(&mut self, file: &str, text: &str) -> Result<(), Refusal> {
        let at = |(line, column)| Place { file: file.into(), line, column };
        if text.len() > MAX_RULE_FILE_BYTES {
            return Err(refusal(at((1, 1)), "", "too large (MAX_RULE_FILE_BYTES): leave some values out"));
        }
        let limits = Limits { nodes: MAX_YAML_NODES, depth: MAX_YAML_DEPTH };
        let yaml = Yaml::parse(text, limits).map_err(|error| refusal(at(error.place), "", &error.reason))?;
        let Some(root) = yaml.documents().next() else { return Ok(()) };
        let refuse = |node: Node<'_>, field: &str, reason: &str| refusal(at(node.place()), field, reason);
        if !root.is_map() {
            return Err(refuse(root, "", "this must be a map of placeholders to lists of values"));
        }
        for (key, values) in root.entries() {
            let name = key.text().filter(|name| !name.is_empty() && name.len() <= MAX_NAME_BYTES);
            let name =
                name.ok_or_else(|| refuse(key, "", "this must be the name of a placeholder, without percent signs"))?;
            let nodes: Vec<Node<'_>> = if values.is_list() { values.items().collect() } else { vec![values] };
            if nodes.is_empty() || nodes.len() > MAX_EXPANDED {
                return Err(refuse(values, &shown(name), "write at least one value, and at most MAX_EXPANDED"));
            }
            let text =
                |node: Node<'_>| match node.raw().filter(|value| value.len() <= MAX_VALUE_BYTES && !node.is_null()) {
                    Some(value) => Ok(value.to_owned()),
                    None => Err(refuse(node, &shown(name), "a value must be a text")),
                };
            let values = nodes.into_iter().map(text).collect::<Result<_, _>>()?;
            self.placeholders.insert(name.trim_matches('%').to_owned(), values);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_get_their_values() {
        let mut options = Options::default();
        options.add_placeholders("p.yml", "Ports: [1, 'a*']\n'%Host%': web-1\n").unwrap();
        options.add_placeholders("q.yml", "Ports: 2\n").unwrap();
        assert_eq!(options.placeholders["Ports"], ["2"]);
        assert_eq!(options.placeholders["Host"], ["web-1"]);
        options.add_placeholders("empty.yml", "").unwrap();
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        for (text, told) in [
            ("- a", "p.yml:1:1: this must be a map"),
            ("a: 1\nb: []", "p.yml:2:4: b: write at least one value"),
            ("a: [{b: 1}]", "p.yml:1:5: a: a value must be a text"),
            ("a: null", "p.yml:1:4: a: a value must be a text"),
            ("a: [", "p.yml:"),
        ] {
            let error = Options::default().add_placeholders("p.yml", text).unwrap_err().to_string();
            assert!(error.starts_with(told), "{text:?}: {error}");
        }
    }
}
