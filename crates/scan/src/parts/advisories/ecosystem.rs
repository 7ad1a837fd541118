//! Which advisories are about which package URLs: OSV's ecosystems, and names as both write them.

use super::super::purl::Purl;
use super::super::python::normal;

/// OSV's ecosystem of a package URL's type; none when OSV has none for it.
///
/// A distribution's has the release, without which its versions mean nothing: `Debian:12`, `Ubuntu:22.04`, `Alpine:v3.18`.
pub fn of(purl: &Purl) -> Option<String> {
    let plain = match &*purl.kind {
        "npm" => "npm",
        "pypi" => "PyPI",
        "cargo" => "crates.io",
        "golang" => "Go",
        "maven" => "Maven",
        "gem" => "RubyGems",
        "nuget" => "NuGet",
        "composer" => "Packagist",
        "hex" => "Hex",
        "pub" => "Pub",
        "deb" | "apk" => return distribution(purl),
        _ => return None,
    };
    Some(plain.to_owned())
}

fn distribution(purl: &Purl) -> Option<String> {
    let namespace = purl.namespace.as_deref()?;
    let distro = purl.qualifier("distro").unwrap_or_default();
    let version = distro.strip_prefix(namespace).unwrap_or(distro).trim_start_matches('-');
    let mut numbers = version.split('.');
    let (major, minor) = (numbers.next().unwrap_or_default(), numbers.next());
    let is_release = !major.is_empty() && major.bytes().all(|byte| byte.is_ascii_digit());
    match (namespace, is_release, minor) {
        ("debian", true, _) => Some(format!("Debian:{major}")),
        ("ubuntu", true, Some(minor)) => Some(format!("Ubuntu:{major}.{minor}")),
        ("alpine", true, Some(minor)) => Some(format!("Alpine:v{major}.{minor}")),
        // The release is not told.
        ("wolfi", _, _) => Some("Wolfi".to_owned()),
        ("chainguard", _, _) => Some("Chainguard".to_owned()),
        ("debian", _, _) => Some("Debian".to_owned()),
        ("ubuntu", _, _) => Some("Ubuntu".to_owned()),
        ("alpine", _, _) => Some("Alpine".to_owned()),
        _ => None,
    }
}

/// An ecosystem as it is a key: `Ubuntu:22.04:LTS` is `Ubuntu:22.04`. What is sold apart (`Ubuntu:Pro:...`) stays so.
pub fn key(ecosystem: &str) -> &str {
    match ecosystem.strip_prefix("Ubuntu:") {
        Some(_) => ecosystem.strip_suffix(":LTS").filter(|short| !short.contains(":Pro")).unwrap_or(ecosystem),
        None => ecosystem,
    }
}

/// The part before the release.
pub fn family(ecosystem: &str) -> &str {
    ecosystem.split(':').next().unwrap_or(ecosystem)
}

/// A name as it is a key. Only what the ecosystem itself takes for one name becomes one.
pub fn name(ecosystem: &str, name: &str) -> String {
    match family(ecosystem) {
        "PyPI" => normal(name),
        "NuGet" | "Packagist" => name.to_lowercase(),
        _ => name.to_owned(),
    }
}

/// The name that advisories use for a package URL.
pub fn name_of(purl: &Purl) -> String {
    match (&*purl.kind, &purl.namespace) {
        ("maven", Some(group)) => format!("{group}:{}", purl.name),
        ("npm" | "golang" | "composer", _) => purl.full_name(),
        _ => purl.name.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn package_urls_have_ecosystems() {
        for (purl, ecosystem, named) in [
            ("pkg:npm/%40s/a@1", Some("npm"), "@s/a"),
            ("pkg:golang/github.com/A/b@v1", Some("Go"), "github.com/A/b"),
            ("pkg:maven/org.x/y@1", Some("Maven"), "org.x:y"),
            ("pkg:deb/debian/a@1?distro=debian-12", Some("Debian:12"), "a"),
            ("pkg:deb/ubuntu/a@1?distro=ubuntu-22.04", Some("Ubuntu:22.04"), "a"),
            ("pkg:apk/alpine/a@1?distro=alpine-3.18.4", Some("Alpine:v3.18"), "a"),
            ("pkg:apk/alpine/a@1?distro=3.18.4", Some("Alpine:v3.18"), "a"),
            ("pkg:deb/debian/a@1?distro=sid", Some("Debian"), "a"),
            ("pkg:apk/wolfi/a@1?distro=wolfi-20230201", Some("Wolfi"), "a"),
            ("pkg:deb/kali/a@1?distro=kali-2024", None, "a"),
            ("pkg:generic/a@1", None, "a"),
        ] {
            let purl: Purl = purl.parse().unwrap();
            assert_eq!((of(&purl).as_deref(), name_of(&purl).as_str()), (ecosystem, named), "{purl}");
        }
        assert_eq!(key("Ubuntu:22.04:LTS"), "Ubuntu:22.04");
        assert_eq!(key("Ubuntu:Pro:22.04:LTS"), "Ubuntu:Pro:22.04:LTS");
        assert_eq!(name("PyPI", "A_b"), "a-b");
    }
}
