//! What this machine is, as resource attributes.

use model::{ValueRef, json};
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

/// Longest value taken from a system file.
const MAX_TEXT_BYTES: u64 = 16 * 1024;

/// Resource attributes of this machine as attribute JSON, under OpenTelemetry's names.
pub(crate) fn attributes() -> String {
    let mut out = String::new();
    for (key, value) in members(Path::new("/")) {
        json::push_member(&mut out, key, ValueRef::Str(&value));
    }
    out.push('}');
    out
}

/// The same one by one, of the machine whose files begin at `root`. The name is always that of the running kernel.
pub(crate) fn members(root: &Path) -> Vec<(&'static str, String)> {
    let read = |path: &str| read(&root.join(path));
    let release = read("etc/os-release").or_else(|| read("usr/lib/os-release")).unwrap_or_default();
    let members = [
        ("host.name", host_name()),
        ("host.id", read("etc/machine-id").map(|id| id.trim().to_owned())),
        ("host.arch", Some(architecture().to_owned())),
        ("os.type", Some("linux".to_owned())),
        ("os.name", release_field(&release, "NAME")),
        ("os.description", release_field(&release, "PRETTY_NAME")),
        ("os.version", release_field(&release, "VERSION_ID")),
    ];
    let there = |(key, value): (_, Option<String>)| Some((key, value.filter(|value| !value.is_empty())?));
    members.into_iter().filter_map(there).collect()
}

/// What a distribution calls itself in package URLs and elsewhere: `debian`, `alpine`, `fedora`.
pub(crate) fn distribution(root: &Path) -> Option<String> {
    let release = read(&root.join("etc/os-release")).or_else(|| read(&root.join("usr/lib/os-release")))?;
    release_field(&release, "ID").map(|id| id.to_ascii_lowercase()).filter(|id| !id.is_empty())
}

/// The name this machine gives itself.
pub fn host_name() -> Option<String> {
    let name = rustix::system::uname().nodename().to_string_lossy().into_owned();
    (!name.is_empty()).then_some(name)
}

/// The architecture by OpenTelemetry's name.
fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "arm" => "arm32",
        "powerpc" => "ppc32",
        "powerpc64" => "ppc64",
        other => other,
    }
}

fn read(path: &Path) -> Option<String> {
    let mut text = String::new();
    File::open(path).ok()?.take(MAX_TEXT_BYTES).read_to_string(&mut text).ok()?;
    Some(text)
}

fn release_field(release: &str, key: &str) -> Option<String> {
    let value = release.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='))?.trim();
    Some(value.trim_matches(['"', '\'']).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_a_release_file() {
        let text = "PRETTY_NAME=\"Some Linux 12 (x)\"\nNAME=Some\nVERSION_ID='12'\n";
        assert_eq!(release_field(text, "PRETTY_NAME").as_deref(), Some("Some Linux 12 (x)"));
        assert_eq!(release_field(text, "NAME").as_deref(), Some("Some"));
        assert_eq!(release_field(text, "VERSION_ID").as_deref(), Some("12"));
        assert_eq!(release_field(text, "VERSION"), None);
    }

    #[test]
    fn this_machine_has_a_name_and_a_kind() {
        let text = attributes();
        for key in ["host.name", "host.arch", "os.type"] {
            assert!(json::get(&text, key).is_some(), "{key} is missing in {text}");
        }
    }
}
