//! Where a result is: addresses of files to paths below the root of what was scanned.

use super::document::{Artifact, Run};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Bases that refer to others; a longer chain is a loop.
const MAX_CHAIN: usize = 8;
/// Where actions of GitHub that run in a container see the check-out.
const CONTAINER: &str = "github/workspace/";

/// The bases of a run, and the roots that paths are made relative to, the longest first.
pub struct Bases<'r> {
    ids: &'r BTreeMap<String, Artifact>,
    roots: Vec<String>,
}

impl<'r> Bases<'r> {
    /// Of a run. `root` is where the reader knows that the scan was made, if it does.
    pub fn of(run: &'r Run<'_>, root: Option<&str>) -> Bases<'r> {
        let mut bases = Bases { ids: &run.original_uri_base_ids, roots: Vec::new() };
        let declared = bases.ids.iter().filter(|(_, base)| base.uri_base_id.is_none());
        let declared = declared.filter_map(|(_, base)| base.uri.clone());
        let work = run.invocations.iter().filter_map(|one| one.working_directory.as_ref()?.uri.clone());
        let roots = declared.chain(work).chain(root.map(str::to_owned));
        let roots = roots.filter(|root| is_absolute(root)).map(|root| plain(&root)).filter(|root| !root.is_empty());
        bases.roots = roots.collect();
        bases.roots.sort_by_key(|root| std::cmp::Reverse(root.len()));
        bases.roots.dedup();
        bases
    }

    /// The path below the root that an address means; empty when it has none.
    pub fn path(&self, artifact: &Artifact) -> String {
        let Some(uri) = artifact.uri.as_deref().map(str::trim) else { return String::new() };
        if is_absolute(uri) {
            return self.below(uri);
        }
        // Only bases that are relative themselves add something: the absolute ones are the root.
        let mut path = uri.to_owned();
        let mut next = artifact.uri_base_id.as_deref();
        for _ in 0..MAX_CHAIN {
            let Some(base) = next.and_then(|id| self.ids.get(id)) else { break };
            match base.uri.as_deref() {
                // Below a root that names no other base, the path counts from there, unless that root lies in another.
                Some(root) if is_absolute(root) => {
                    let whole = format!("{}/{path}", root.trim_end_matches('/'));
                    return self.below_outermost(&whole);
                }
                Some(relative) => path = format!("{}/{path}", relative.trim_end_matches('/')),
                None => {}
            }
            next = base.uri_base_id.as_deref();
        }
        normal(&decoded(&path))
    }

    fn below(&self, uri: &str) -> String {
        if is_web(uri) {
            return uri.split(['?', '#']).next().unwrap_or(uri).to_owned();
        }
        let path = plain(uri);
        for root in &self.roots {
            if let Some(rest) = path.strip_prefix(root.as_str()).and_then(|rest| rest.strip_prefix('/')) {
                return rest.to_owned();
            }
        }
        checkout(&path)
    }

    /// As [`Bases::below`], but below the shortest root: that of the repository when others lie within.
    fn below_outermost(&self, uri: &str) -> String {
        let path = plain(uri);
        let mut roots = self.roots.iter().rev();
        let found = roots.find_map(|root| path.strip_prefix(root.as_str()).and_then(|rest| rest.strip_prefix('/')));
        found.map_or_else(|| checkout(&path), str::to_owned)
    }
}

/// What is below the folder of a pipeline's check-out.
fn checkout(path: &str) -> String {
    let parts: Vec<&str> = path.split('/').collect();
    // /home/runner/work/NAME/NAME/ of GitHub, /builds/GROUP/NAME/ of GitLab.
    match parts.as_slice() {
        ["home", "runner", "work", a, b, rest @ ..] if a == b && !rest.is_empty() => return rest.join("/"),
        ["builds", _, _, rest @ ..] if !rest.is_empty() => return rest.join("/"),
        _ => {}
    }
    path.strip_prefix(CONTAINER).unwrap_or(path).to_owned()
}

fn is_web(uri: &str) -> bool {
    ["http://", "https://"].iter().any(|scheme| uri.get(..scheme.len()).is_some_and(|s| s.eq_ignore_ascii_case(scheme)))
}

fn is_absolute(uri: &str) -> bool {
    let drive = |text: &str| {
        let bytes = text.as_bytes();
        bytes.len() > 2 && bytes[0].is_ascii_alphabetic() && bytes[1] == b':' && matches!(bytes[2], b'/' | b'\\')
    };
    uri.starts_with('/') || uri.contains("://") || uri.starts_with("file:") || drive(uri)
}

/// An address without scheme and host, decoded, as a path without a first slash.
fn plain(uri: &str) -> String {
    let path = match uri.strip_prefix("file:") {
        Some(rest) => match rest.strip_prefix("//") {
            // What comes before the path is the name of a host.
            Some(hosted) => hosted.find('/').map_or("", |at| &hosted[at..]),
            None => rest,
        },
        None => uri,
    };
    normal(&decoded(path))
}

/// Slashes alone, no `.` and `..`, no slash around.
fn normal(path: &str) -> String {
    let path = path.replace('\\', "/");
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part.trim() {
            "" | "." => {}
            ".." => drop(parts.pop()),
            _ => parts.push(part),
        }
    }
    parts.join("/")
}

/// `%20` and the like as they are meant; what is no UTF-8 stays as it is written.
fn decoded(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let (bytes, mut out, mut at) = (text.as_bytes(), Vec::with_capacity(text.len()), 0);
    let digit = |at: usize| bytes.get(at).and_then(|byte| char::from(*byte).to_digit(16));
    while at < bytes.len() {
        match (bytes[at], digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                at += 3;
            }
            (byte, ..) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8(out).map_or(Cow::Borrowed(text), Cow::Owned)
}
