//! npm's packages: lock files of npm, Yarn and pnpm, and `node_modules`.

pub mod installed;
pub mod lock;
pub mod pnpm;
pub mod yarn;

use super::Origin;
use crate::text::Text;
use crate::tree::Tree;

/// Where a version or address points that is not of the registry.
fn elsewhere(said: &str) -> Option<Origin> {
    const SCHEMES: &[&str] = &["git+", "git:", "git@", "github:", "gitlab:", "bitbucket:", "ssh:"];
    const LOCAL: &[&str] = &["file:", "link:", "portal:", "workspace:"];
    if LOCAL.iter().any(|scheme| said.starts_with(scheme)) {
        return Some(Origin::Local);
    }
    SCHEMES.iter().any(|scheme| said.starts_with(scheme)).then(|| Origin::Elsewhere(said.into()))
}

/// Whether an address is one of a registry's archives: `https://HOST/.../NAME/-/FILE.tgz`.
fn is_registry(address: &str) -> bool {
    let address = address.split(['?', '#']).next().unwrap_or(address);
    address.starts_with("http") && (address.contains("/-/") || address.contains("/download/"))
}

/// The origin that an address in `resolved` tells.
fn origin(resolved: Option<&str>) -> Origin {
    match resolved {
        Some(address) if !address.is_empty() && !is_registry(address) => {
            elsewhere(address).unwrap_or_else(|| Origin::Elsewhere(address.into()))
        }
        _ => Origin::Registry,
    }
}

/// What a `package.json` asks for: name, range and whether for development only.
fn asked(manifest: &Text) -> Vec<(String, String, bool)> {
    let Ok(tree) = Tree::json(manifest) else { return Vec::new() };
    let Some(root) = tree.documents().next() else { return Vec::new() };
    let groups = [
        ("dependencies", false),
        ("optionalDependencies", false),
        ("peerDependencies", false),
        ("devDependencies", true),
    ];
    let mut asked = Vec::new();
    for (group, development) in groups {
        for (name, range) in root.get(group).into_iter().flat_map(|group| group.members()) {
            asked.push((name.to_owned(), range.text().unwrap_or_default().to_owned(), development));
        }
    }
    asked
}
