//! Where in a document a result is: at a path that it names, or a value that it quotes.

use crate::limits::MAX_REGO_NODES;
use crate::policies::checkov::Path;
use crate::text::Span;
use crate::tree::Node;
use serde_json::Value;

/// Members of results that name a path.
const MEMBERS: [&str; 6] = ["path", "field", "attribute", "key", "location", "loc"];
/// What quotes begin and end with.
const QUOTES: [char; 3] = ['\'', '"', '`'];

/// The place of a result; none when it names none that is there.
pub(super) fn of(root: Node<'_>, result: &Value, message: &str) -> Option<Span> {
    let details = [Some(result), result.get("details"), result.get("metadata")];
    for details in details.into_iter().flatten() {
        if let Some(span) = MEMBERS.iter().filter_map(|name| details.get(name)).find_map(|path| at(root, path)) {
            return Some(span);
        }
    }
    let quoted: Vec<&str> = message.split(QUOTES).skip(1).step_by(2).filter(|quoted| !quoted.is_empty()).collect();
    let words = message.split(|sign: char| sign.is_whitespace() || ",;()".contains(sign) || QUOTES.contains(&sign));
    let words = words.map(|word| word.trim_end_matches(['.', ':'])).filter(|word| word.contains('.'));
    let paths = quoted.iter().copied().chain(words);
    let named = paths.take(20).find_map(|path| text(root, path));
    named.or_else(|| quoted.iter().take(5).find_map(|quoted| said(root, quoted)))
}

fn at(root: Node<'_>, path: &Value) -> Option<Span> {
    match path {
        Value::String(path) => text(root, path),
        Value::Array(steps) => {
            let mut node = root;
            for step in steps {
                node = match step {
                    Value::String(name) => node.member(name)?.1,
                    Value::Number(number) => node.items().nth(usize::try_from(number.as_u64()?).ok()?)?,
                    _ => return None,
                };
            }
            (!steps.is_empty()).then(|| node.span())
        }
        _ => None,
    }
}

fn text(root: Node<'_>, path: &str) -> Option<Span> {
    let path = path.strip_prefix("input").unwrap_or(path);
    let path = path.strip_prefix('$').unwrap_or(path).trim_start_matches(['.', '/']);
    let path = if path.contains('/') && !path.contains('.') { path.replace('/', ".") } else { path.to_owned() };
    let path = Path::dotted(&path).ok().filter(|path| !path.several)?;
    path.find(root).nodes.first().map(|node| node.span())
}

/// The first value that is, or has, what was quoted.
fn said(root: Node<'_>, quoted: &str) -> Option<Span> {
    let nodes = root.walk(MAX_REGO_NODES);
    let is = nodes.iter().find(|node| node.scalar().is_some_and(|said| said == quoted));
    let has = || nodes.iter().find(|node| quoted.len() > 3 && node.text().is_some_and(|said| said.contains(quoted)));
    is.or_else(has).map(|node| node.span())
}
