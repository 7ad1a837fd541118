//! The parts of an image's name, and when it is pulled.

use super::object::Reader;
use crate::text::Span;
use crate::tree::{Data, Id, Node};

/// The tag of an image that names none.
const LATEST: &str = "latest";

/// The tag and the digest of an image. A port of the registry is no tag.
fn parts(image: &str) -> (Option<&str>, Option<&str>) {
    let (name, digest) = match image.split_once('@') {
        Some((name, digest)) => (name, Some(digest)),
        None => (image, None),
    };
    let last = name.rsplit('/').next().unwrap_or(name);
    (last.split_once(':').map(|(_, tag)| tag), digest)
}

/// Whether a text is filled in by something before it is an image's name.
fn is_template(image: &str) -> bool {
    ["${", "{{", "$(", "<%"].iter().any(|open| image.contains(open))
}

/// Adds `image_tag`, `image_digest` and `pull_policy`.
pub(super) fn fields(reader: &mut Reader<'_>, node: Id, span: Span, fields: &mut Vec<(&'static str, Id)>) {
    let container = reader.node(node);
    let policy = container.get("imagePullPolicy").map(Node::id);
    let Some(image) = container.get("image") else {
        fields.extend(policy.map(|policy| ("pull_policy", policy)));
        return;
    };
    let at = image.span();
    let known = image.text().filter(|text| !is_template(text)).map(|text| text.trim().to_owned());
    let default_policy = match &known {
        None => {
            let unknown = reader.add(Data::Unknown("the image's name".into()), at);
            fields.extend([("image_tag", unknown), ("image_digest", unknown)]);
            Data::Unknown("the image's tag".into())
        }
        Some(text) => {
            let (tag, digest) = parts(text);
            if let Some(digest) = digest {
                fields.push(("image_digest", reader.add(Data::Text(digest.into()), at)));
            }
            let tag = tag.or((digest.is_none()).then_some(LATEST));
            if let Some(tag) = tag {
                fields.push(("image_tag", reader.add(Data::Text(tag.into()), at)));
            }
            let always = digest.is_none() && tag == Some(LATEST);
            Data::Text(if always { "Always" } else { "IfNotPresent" }.into())
        }
    };
    let policy = policy.unwrap_or_else(|| reader.add(default_policy, span));
    fields.push(("pull_policy", policy));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registry_port_is_no_tag() {
        assert_eq!(parts("r:5000/a/b"), (None, None));
        assert_eq!(parts("r:5000/a/b:1"), (Some("1"), None));
        assert_eq!(parts("a:1@sha256:ab"), (Some("1"), Some("sha256:ab")));
        assert_eq!(parts("a@sha256:ab"), (None, Some("sha256:ab")));
    }
}
