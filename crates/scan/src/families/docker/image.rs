//! References to images: registry, name, tag, digest.

use super::variables::{UNKNOWN, Value};

/// A reference's parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The registry's host; Docker Hub's when none is written.
    pub registry: Value,
    /// The name within it.
    pub name: Value,
    /// The tag.
    pub tag: Option<Value>,
    /// The digest.
    pub digest: Option<Value>,
}

impl Reference {
    /// Reads a reference. What a part that is not known may hold is not known.
    pub fn read(value: &Value) -> Reference {
        let text = value.joined();
        let (name, digest) = match text.split_once('@') {
            Some((name, digest)) => (name, Some(digest)),
            None => (text.as_str(), None),
        };
        let last = name.rfind('/').map_or(0, |at| at + 1);
        let is_open = name[last..].contains(UNKNOWN);
        let (bare, tag) = match name[last..].find(':') {
            Some(at) => (&name[..last + at], Some(Value::split(&name[last + at + 1..]))),
            None => (name, is_open.then(Value::unknown)),
        };
        let digest = match digest {
            Some(digest) => Some(Value::split(digest)),
            None => is_open.then(Value::unknown),
        };
        let (registry, name) = match bare.split_once('/') {
            Some((host, _)) if host.contains(UNKNOWN) => (Value::unknown(), bare),
            Some((host, rest)) if host.contains(['.', ':']) || host == "localhost" => (Value::split(host), rest),
            None if bare.contains(UNKNOWN) => (Value::unknown(), bare),
            _ => ("docker.io".into(), bare),
        };
        Reference { registry, name: Value::split(name), tag, digest }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_have_parts() {
        for (text, registry, name, tag, digest) in [
            ("a", "docker.io", "a", "-", "-"),
            ("a/b:1", "docker.io", "a/b", "1", "-"),
            ("r:5000/a", "r:5000", "a", "-", "-"),
            ("localhost/a@sha256:0", "localhost", "a", "-", "sha256:0"),
            ("r.io/a:1@sha256:0", "r.io", "a", "1", "sha256:0"),
            ("\0/a", "…", "…/a", "-", "-"),
            ("\0", "…", "…", "…", "…"),
            ("a:\0-x", "docker.io", "a", "…-x", "…"),
            ("\0:latest", "…", "…", "latest", "…"),
        ] {
            let read = Reference::read(&Value::split(text));
            let shown = |value: Option<Value>| value.map_or("-".to_owned(), |value| value.shown());
            let all = [read.registry.shown(), read.name.shown(), shown(read.tag), shown(read.digest)];
            assert_eq!(all, [registry, name, tag, digest], "{text:?}");
        }
    }
}
