//! What templates find in files of their chart: `.Files.Get`, `Glob` and the like. Files outside of it are not there.

use super::functions::call;
use super::value::Value;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Methods of files, by their names; none for others.
pub(super) fn method(name: &str, argument: &Value, files: &BTreeMap<String, Value>) -> Option<Value> {
    let known = argument.is_known();
    let path = argument.print();
    Some(match name {
        _ if !known => Value::Unknown,
        "Get" => files.get(&path).cloned().unwrap_or(Value::text("")),
        "GetBytes" => Value::Unknown,
        "Lines" => match files.get(&path) {
            Some(Value::Text(text)) => Value::List(Rc::new(text.lines().map(Value::text).collect())),
            Some(_) => Value::Unknown,
            None => Value::List(Rc::default()),
        },
        "Glob" => {
            // A slash is crossed by `**` alone.
            let glob = globset::GlobBuilder::new(&path).literal_separator(true).build().ok()?.compile_matcher();
            let found = files.iter().filter(|(name, _)| glob.is_match(name));
            Value::Map(Rc::new(found.map(|(name, value)| (name.clone(), value.clone())).collect()))
        }
        _ => return None,
    })
}

/// What `.AsConfig` and `.AsSecrets` print of files: by their names without folders. Secrets stay secret.
pub(super) fn printed(form: &str, files: &Value) -> Value {
    let Value::Map(files) = files else { return Value::Unknown };
    let named = files.iter().map(|(path, value)| {
        let name = path.rsplit('/').next().unwrap_or(path);
        (name.to_owned(), if form == "AsConfig" { value.clone() } else { Value::Unknown })
    });
    call("toYaml", &[Value::Map(Rc::new(named.collect()))])
}
