//! Documents as policies see them: what is written, and nothing that was made up.

use crate::families::docker::dockerfile::{Dockerfile, Form, Instruction};
use crate::limits::{MAX_REGO_BYTES, MAX_REGO_NODES};
use crate::pack::File as PackFile;
use crate::resource::File;
use crate::rules::RuleError;
use crate::text::{Span, Text};
use crate::tree::{Data, Id, Node, Tree};
use serde_json::{Map, Number, Value, json};
use std::path::Path;

/// A document of a file.
pub(super) struct Document {
    /// What policies get; none when a part of it is not known.
    pub value: Option<Value>,
    /// The same with places; none for a file that was not read.
    pub root: Option<Id>,
    /// Its first line.
    pub span: Span,
}

/// How a file is written.
enum Form_ {
    Yaml,
    Json,
    Toml,
    Dockerfile,
}

/// Whether a file is kept for policies, though no family reads it.
pub fn keeps(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    // They are made by tools, and nobody's to mend.
    let lock = matches!(name, "package-lock.json" | "npm-shrinkwrap.json" | "pnpm-lock.yaml" | "composer.lock");
    !lock && form(path).is_some()
}

fn form(path: &str) -> Option<Form_> {
    let name = path.rsplit('/').next().unwrap_or(path);
    if crate::families::docker::format(name).is_some_and(|format| format == crate::families::Format::Dockerfile) {
        return Some(Form_::Dockerfile);
    }
    match Path::new(name).extension()?.to_str()?.to_ascii_lowercase().as_str() {
        "yml" | "yaml" => Some(Form_::Yaml),
        "json" => Some(Form_::Json),
        "toml" => Some(Form_::Toml),
        _ => None,
    }
}

/// The documents of a file, with the tree that has their places. A file of which not everything is known is asked for its
/// documents as they were rendered.
pub(super) fn documents(file: &File) -> (Tree, Vec<Document>) {
    let text = &file.text;
    let open = |tree: Tree| {
        let span = Span::new(0, text.line(1).len());
        (tree, vec![Document { value: None, root: None, span }])
    };
    let Some(form) = form(&text.path) else { return (Tree::default(), Vec::new()) };
    if text.text.len() as u64 > MAX_REGO_BYTES {
        return open(Tree::default());
    }
    let tree = match form {
        Form_::Dockerfile => return dockerfile(text),
        // Templates: what is known is in the tree that was rendered.
        Form_::Yaml if is_template(&text.text) => match file.tree.roots.is_empty() {
            true => return open(Tree::default()),
            false => Ok(file.tree.clone()),
        },
        Form_::Yaml => match Tree::yaml(text) {
            (tree, malformed) if malformed.is_empty() => Ok(tree),
            (_, malformed) => Err(malformed),
        },
        Form_::Json => Tree::json(text).map_err(|malformed| vec![malformed]),
        Form_::Toml => Tree::toml(text).map_err(|malformed| vec![malformed]),
    };
    let Ok(tree) = tree else { return open(Tree::default()) };
    let documents = tree.documents().filter(|root| !root.is_null()).map(|root| {
        let mut left = MAX_REGO_NODES;
        let first = text.slice(root.span()).lines().next().map_or(0, str::len);
        let start = root.span().start as usize;
        Document { value: value(root, &mut left), root: Some(root.id()), span: Span::new(start, start + first) }
    });
    let documents = documents.collect();
    (tree, documents)
}

/// `${{` is an expression of a pipeline: a text like any other for policies.
fn is_template(text: &str) -> bool {
    let bytes = text.as_bytes();
    memchr::memmem::find_iter(bytes, b"{{").any(|at| at == 0 || bytes[at - 1] != b'$')
}

/// Depth is bounded by what reads trees; aliases count each time.
fn value(node: Node<'_>, left: &mut usize) -> Option<Value> {
    *left = left.checked_sub(1)?;
    Some(match node.data() {
        Data::Null => Value::Null,
        Data::Bool(value) => Value::Bool(*value),
        Data::Int(value) => Value::Number((*value).into()),
        Data::Float(value) => Number::from_f64(*value).map_or(Value::Null, Value::Number),
        Data::Text(text) => Value::String(text.to_string()),
        Data::List(_) => Value::Array(node.items().map(|item| value(item, left)).collect::<Option<_>>()?),
        Data::Map(_) => {
            let mut members = Map::new();
            for (key, member) in node.entries() {
                members.insert(key.scalar()?, value(member, left)?);
            }
            Value::Object(members)
        }
        Data::Partly(_) | Data::Unknown(_) | Data::Secret(_) => return None,
    })
}

/// A Dockerfile as conftest has it: an array of instructions.
fn dockerfile(text: &Text) -> (Tree, Vec<Document>) {
    let read = Dockerfile::read(text);
    let mut tree = Tree::default();
    let (mut items, mut values, mut stage) = (Vec::new(), Vec::new(), 0usize);
    let mut begun = false;
    for instruction in &read.instructions {
        if instruction.kind == "FROM" {
            stage += usize::from(begun);
            begun = true;
        }
        let said = said(instruction, read.escape);
        let list: Vec<Id> = said.iter().map(|said| tree.text(said, instruction.rest.whole())).collect();
        let list = tree.add(Data::List(list), instruction.rest.whole());
        let name = tree.text(&instruction.kind.to_lowercase(), instruction.keyword);
        items.push(tree.map(&[("Cmd", name), ("Value", list)], instruction.span));
        let (start, end) = (text.place(instruction.span.start).line, text.place(instruction.span.end).line);
        let flags: Vec<String> =
            instruction.flags.iter().map(|flag| format!("--{}={}", flag.name, flag.value)).collect();
        values.push(json!({
            "Cmd": if instruction.onbuild { "onbuild".to_owned() } else { instruction.kind.to_lowercase() },
            "SubCmd": if instruction.onbuild { instruction.kind.to_lowercase() } else { String::new() },
            "Flags": flags,
            "Value": said,
            "JSON": matches!(instruction.form, Form::Exec(_)),
            "Original": text.slice(instruction.span).trim_end(),
            "Stage": stage,
            "StartLine": start,
            "EndLine": end,
        }));
    }
    let span = read.instructions.first().map_or_else(Span::default, |first| first.keyword);
    let root = tree.add(Data::List(items), span);
    let value = read.malformed.is_empty().then_some(Value::Array(values));
    (tree, vec![Document { value, root: Some(root), span }])
}

/// What an instruction is given.
fn said(instruction: &Instruction, escape: char) -> Vec<String> {
    match (&instruction.form, instruction.kind) {
        (Form::Exec(words), _) => words.iter().map(|word| word.text.clone()).collect(),
        (Form::Shell, "ENV" | "LABEL") => {
            let pairs = instruction.pairs(escape).into_iter();
            pairs.flat_map(|(key, value)| [Some(key.text), value.map(|value| value.text)]).flatten().collect()
        }
        (Form::Shell, "RUN" | "CMD" | "ENTRYPOINT" | "MAINTAINER" | "USER" | "WORKDIR" | "STOPSIGNAL") => {
            vec![instruction.rest.text.trim().to_owned()]
        }
        (Form::Shell, _) => instruction.words(escape).into_iter().map(|word| word.text).collect(),
    }
}

/// A file of data.
pub(super) fn data(file: &PackFile) -> Result<Value, RuleError> {
    let text = Text::new(file.path.as_str(), &*file.text);
    let refuse = |span: Span, reason: String| {
        let place = text.place(span.start);
        RuleError { file: text.path.clone(), place: (place.line as usize, place.column as usize), reason }
    };
    let tree = if file.path.ends_with(".json") {
        Tree::json(&text).map_err(|malformed| refuse(malformed.span, malformed.reason))?
    } else {
        let (tree, malformed) = Tree::yaml(&text);
        if let Some(malformed) = malformed.into_iter().next() {
            return Err(refuse(malformed.span, malformed.reason));
        }
        tree
    };
    let mut left = MAX_REGO_NODES;
    let root = tree.documents().next();
    let value = root.map_or(Some(json!({})), |root| value(root, &mut left));
    value.ok_or_else(|| refuse(Span::default(), format!("more than {MAX_REGO_NODES} values (MAX_REGO_NODES)")))
}
