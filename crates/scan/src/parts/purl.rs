//! Package URLs: one name for a package of any ecosystem, by the specification (ECMA-427).
//!
//! What two spellings of one package are made equal by is the type's own rule, such as the lower case of PyPI; a name is
//! never changed where its ecosystem tells upper from lower case (npm, Go, crates.io).

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// Longest package URL that is read, in bytes; the longest seen have some 600.
pub const MAX_PURL_BYTES: usize = 4096;

/// A package, mostly with its version.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Purl {
    /// The type, such as `npm`, in lower case.
    pub kind: Box<str>,
    /// What is before the name, parts divided by `/`: npm's scope, Maven's group, Go's path, a distribution.
    pub namespace: Option<Box<str>>,
    /// The name.
    pub name: Box<str>,
    /// The version.
    pub version: Option<Box<str>>,
    /// More, such as `arch` and `distro`; keys in lower case, no empty value.
    pub qualifiers: BTreeMap<Box<str>, Box<str>>,
    /// A path within the package.
    pub subpath: Option<Box<str>>,
}

/// Why a text is no package URL.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no package URL: {reason}; it is written pkg:TYPE/NAMESPACE/NAME@VERSION")]
pub struct NoPurl {
    /// What was read, shortened.
    pub text: String,
    /// What is wrong.
    pub reason: &'static str,
}

/// Types whose namespace has no upper case.
const LOWER_NAMESPACE: &[&str] =
    &["alpm", "apk", "bitbucket", "brew", "composer", "deb", "github", "hex", "qpkg", "rpm"];
/// Types whose name has no upper case.
const LOWER_NAME: &[&str] =
    &["alpm", "apk", "bitbucket", "bitnami", "brew", "composer", "deb", "github", "hex", "oci", "otp", "pub", "pypi"];
/// Types whose version has no upper case.
const LOWER_VERSION: &[&str] = &["huggingface", "pypi"];

impl Purl {
    /// A package of a type, name and version; the rest by the builder functions.
    ///
    /// A name with `/` of a type that has namespaces is divided at the last.
    pub fn new(kind: &str, name: &str, version: &str) -> Purl {
        let kind = kind.to_ascii_lowercase();
        let (namespace, name) = match name.rsplit_once('/') {
            Some((namespace, name)) if !name.is_empty() => (Some(namespace), name),
            _ => (None, name),
        };
        let mut purl = Purl {
            kind: kind.into(),
            namespace: namespace.map(trim_parts).filter(|namespace| !namespace.is_empty()).map(Into::into),
            name: name.trim_matches('/').into(),
            version: Some(version).filter(|version| !version.is_empty()).map(Into::into),
            ..Purl::default()
        };
        purl.normalise();
        purl
    }

    /// With a namespace, such as a distribution.
    #[must_use]
    pub fn within(mut self, namespace: &str) -> Purl {
        self.namespace = Some(trim_parts(namespace)).filter(|namespace| !namespace.is_empty()).map(Into::into);
        self.normalise();
        self
    }

    /// With a qualifier; an empty one is none.
    #[must_use]
    pub fn with(mut self, key: &str, value: &str) -> Purl {
        if !value.is_empty() && is_key(key) {
            self.qualifiers.insert(key.to_ascii_lowercase().into(), value.into());
        }
        self
    }

    /// A qualifier.
    pub fn qualifier(&self, key: &str) -> Option<&str> {
        self.qualifiers.get(key).map(|value| &**value)
    }

    /// The name with the namespace before it, as npm, Go and Composer write it.
    pub fn full_name(&self) -> String {
        match &self.namespace {
            Some(namespace) => format!("{namespace}/{}", self.name),
            None => self.name.to_string(),
        }
    }

    fn normalise(&mut self) {
        let lower = |text: &mut Box<str>| *text = text.to_lowercase().into();
        let kind = &*self.kind;
        if let Some(namespace) = self.namespace.as_mut().filter(|_| LOWER_NAMESPACE.contains(&kind)) {
            lower(namespace);
        }
        if LOWER_NAME.contains(&kind) {
            lower(&mut self.name);
        }
        if let Some(version) = self.version.as_mut().filter(|_| LOWER_VERSION.contains(&kind)) {
            lower(version);
        }
        match kind {
            "pypi" => self.name = self.name.replace('_', "-").into(),
            "pub" => self.name = self.name.replace('-', "_").into(),
            _ => {}
        }
    }
}

/// The parts of a path that are not empty.
fn trim_parts(path: &str) -> String {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    parts.join("/")
}

fn is_key(key: &str) -> bool {
    !key.is_empty()
        && !key.starts_with(|first: char| first.is_ascii_digit())
        && key.chars().all(|at| at.is_ascii_alphanumeric() || matches!(at, '.' | '-' | '_'))
}

fn is_kind(kind: &str) -> bool {
    kind.starts_with(|first: char| first.is_ascii_alphabetic())
        && kind.chars().all(|at| at.is_ascii_alphanumeric() || matches!(at, '.' | '-'))
}

impl FromStr for Purl {
    type Err = NoPurl;

    fn from_str(text: &str) -> Result<Purl, NoPurl> {
        let refuse = |reason| NoPurl { text: text.chars().take(80).collect(), reason };
        if text.len() > MAX_PURL_BYTES {
            return Err(refuse("it is longer than 4096 bytes (MAX_PURL_BYTES)"));
        }
        let (scheme, rest) = text.split_once(':').ok_or_else(|| refuse("`pkg:` is missing"))?;
        if !scheme.eq_ignore_ascii_case("pkg") {
            return Err(refuse("it does not begin with `pkg:`"));
        }
        let (rest, subpath) = match rest.rsplit_once('#') {
            Some((rest, subpath)) => (rest, Some(subpath)),
            None => (rest, None),
        };
        let (rest, qualifiers) = match rest.rsplit_once('?') {
            Some((rest, qualifiers)) => (rest, qualifiers),
            None => (rest, ""),
        };
        let rest = rest.trim_matches('/');
        let (kind, rest) = rest.split_once('/').ok_or_else(|| refuse("the name is missing"))?;
        if !is_kind(kind) {
            return Err(refuse("the type has other characters than letters, digits, `.` and `-`"));
        }
        // A scope may be written `@scope`: only an `@` after the last `/` is the version's.
        let last = rest.rfind('/').map_or(0, |at| at + 1);
        let at = rest[last..].rfind('@').map(|at| last + at).filter(|at| *at >= last);
        let at = at.or_else(|| rest[..last].match_indices('@').map(|(at, _)| at).find(|at| is_version_at(rest, *at)));
        let (path, version) = at.map_or((rest, ""), |at| (&rest[..at], &rest[at + 1..]));
        let path = trim_parts(path);
        let (namespace, name) = match path.rsplit_once('/') {
            Some((namespace, name)) => (Some(namespace), name),
            None => (None, path.as_str()),
        };
        let decode = |text: &str| decode(text).ok_or_else(|| refuse("a `%` is not followed by the digits of UTF-8"));
        let mut purl = Purl { kind: kind.to_ascii_lowercase().into(), name: decode(name)?.into(), ..Purl::default() };
        if purl.name.is_empty() {
            return Err(refuse("the name is missing"));
        }
        purl.namespace = namespace.map(|path| decode_path(path, decode)).transpose()?.flatten();
        purl.version = Some(decode(version)?).filter(|version| !version.is_empty()).map(Into::into);
        for (key, value) in qualifiers.split('&').filter_map(|pair| pair.split_once('=')) {
            if !is_key(key) {
                return Err(refuse("a qualifier's key has other characters than letters, digits, `.`, `-` and `_`"));
            }
            let value = decode(value)?;
            if !value.is_empty() {
                purl.qualifiers.insert(key.to_ascii_lowercase().into(), value.into());
            }
        }
        purl.subpath = subpath.map(|path| decode_path(path, decode)).transpose()?.flatten();
        let no_dots =
            |path: &str| path.split('/').filter(|part| !matches!(*part, "." | "..")).collect::<Vec<_>>().join("/");
        purl.subpath = purl.subpath.map(|path| no_dots(&path)).filter(|path| !path.is_empty()).map(Into::into);
        purl.normalise();
        Ok(purl)
    }
}

/// Whether the `@` here begins a version that itself has a `/`: it is not at the start of a part.
fn is_version_at(rest: &str, at: usize) -> bool {
    at > 0 && rest.as_bytes().get(at - 1) != Some(&b'/')
}

fn decode_path(path: &str, decode: impl Fn(&str) -> Result<String, NoPurl>) -> Result<Option<Box<str>>, NoPurl> {
    let parts: Result<Vec<String>, NoPurl> = path.split('/').filter(|part| !part.is_empty()).map(decode).collect();
    let path = trim_parts(&parts?.join("/"));
    Ok(Some(path).filter(|path| !path.is_empty()).map(Into::into))
}

fn decode(text: &str) -> Option<String> {
    if !text.contains('%') {
        return Some(text.to_owned());
    }
    let (mut out, mut bytes) = (Vec::with_capacity(text.len()), text.bytes());
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| byte.and_then(|byte| (byte as char).to_digit(16));
        let (high, low) = (digit(bytes.next())?, digit(bytes.next())?);
        out.push((high * 16 + low) as u8);
    }
    String::from_utf8(out).ok()
}

/// Writes a text with everything encoded that the specification does not leave as it is.
fn encode(to: &mut fmt::Formatter<'_>, text: &str, also: &[u8]) -> fmt::Result {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'~' | b':') || also.contains(&byte) {
            write!(to, "{}", byte as char)?;
        } else {
            write!(to, "%{byte:02X}")?;
        }
    }
    Ok(())
}

impl fmt::Display for Purl {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "pkg:{}/", self.kind)?;
        if let Some(namespace) = &self.namespace {
            encode(to, namespace, b"/")?;
            to.write_str("/")?;
        }
        encode(to, &self.name, b"")?;
        if let Some(version) = &self.version {
            to.write_str("@")?;
            encode(to, version, b"")?;
        }
        for (number, (key, value)) in self.qualifiers.iter().enumerate() {
            write!(to, "{}{key}=", if number == 0 { '?' } else { '&' })?;
            encode(to, value, b"")?;
        }
        if let Some(subpath) = &self.subpath {
            to.write_str("#")?;
            encode(to, subpath, b"/")?;
        }
        Ok(())
    }
}

impl serde::Serialize for Purl {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_package_has_one_spelling() {
        for (text, canonical) in [
            ("pkg:npm/%40scope/name@1.0.0", "pkg:npm/%40scope/name@1.0.0"),
            ("pkg:npm/@scope/name", "pkg:npm/%40scope/name"),
            ("pkg:npm/@scope/name@1.0.0", "pkg:npm/%40scope/name@1.0.0"),
            ("PKG:PyPI/My_Package@1.0RC1", "pkg:pypi/my-package@1.0rc1"),
            (
                "pkg://golang/github.com/Me/lib@v1.2.3+incompatible",
                "pkg:golang/github.com/Me/lib@v1.2.3%2Bincompatible",
            ),
            (
                "pkg:deb/Debian/CURL@7.50.3-1?ARCH=i386&distro=jessie&x=",
                "pkg:deb/debian/curl@7.50.3-1?arch=i386&distro=jessie",
            ),
            ("pkg:deb/debian/a@1:2~b", "pkg:deb/debian/a@1:2~b"),
            ("pkg:golang/a.org/b@1#/x/./../y/", "pkg:golang/a.org/b@1#x/y"),
            ("pkg:cargo/Some_Crate@1.0.0", "pkg:cargo/Some_Crate@1.0.0"),
            ("pkg:generic/a%20b@1%2F2", "pkg:generic/a%20b@1%2F2"),
        ] {
            let purl: Purl = text.parse().unwrap();
            assert_eq!(purl.to_string(), canonical, "{text}");
            assert_eq!(canonical.parse::<Purl>().unwrap(), purl);
        }
        for text in [
            "",
            "pkg:",
            "npm/a",
            "pkg:npm",
            "pkg:npm/",
            "pkg:n m/a",
            "pkg:npm/a%2",
            "pkg:npm/a%ff",
            "pkg:npm/a?b c=1",
            "pkg:npm/@1",
        ] {
            assert!(text.parse::<Purl>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(
            kind in prop::sample::select(vec!["npm", "pypi", "cargo", "golang", "deb", "apk", "rpm", "maven", "generic"]),
            namespace in prop::option::of("[a-zA-Z@.%#?é -]{1,9}(/[a-z@&=]{1,5})?"),
            name in "[a-zA-Z0-9@._%#?&=+é -]{1,12}",
            version in "[a-zA-Z0-9@./:~+%#?&= é-]{0,12}",
            value in "[a-zA-Z0-9@./:~+%#?&=, é-]{0,12}",
        ) {
            let purl = Purl::new(kind, &name, &version).with("arch", &value);
            let purl = namespace.iter().fold(purl, |purl, namespace| purl.within(namespace));
            let text = purl.to_string();
            prop_assert_eq!(text.parse::<Purl>().unwrap(), purl.clone(), "{}", text);
            prop_assert_eq!(text.parse::<Purl>().unwrap().to_string(), text);
        }

        #[test]
        fn it_never_panics(text in "(pkg:)?[a-z/@#?&=%:.é0-9]{0,40}") {
            if let Ok(purl) = text.parse::<Purl>() {
                prop_assert_eq!(purl.to_string().parse::<Purl>().unwrap(), purl);
            }
        }
    }
}
