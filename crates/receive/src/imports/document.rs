//! What a document is, by what it is called and by what is in it.

use super::limits::DETECT_BYTES;
use super::osquery;
use memchr::memmem;

/// What a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Document {
    /// Backstage's `catalog-info.yaml`.
    Catalog,
    /// A CODEOWNERS file of GitHub or GitLab.
    Codeowners,
    /// A CycloneDX bill of materials as JSON.
    CycloneDx,
    /// An SPDX bill of materials as JSON or tag-value.
    Spdx,
    /// Kubernetes objects as JSON: one, a list, or a watch.
    Kubernetes,
    /// Results of osquery.
    Osquery,
}

impl Document {
    /// All of them.
    pub const ALL: [Document; 6] = [
        Document::Catalog,
        Document::Codeowners,
        Document::CycloneDx,
        Document::Spdx,
        Document::Kubernetes,
        Document::Osquery,
    ];
    /// Names that [`Document::from_name`] knows, for messages.
    pub const NAMES: &'static str = "catalog, codeowners, cyclonedx, spdx, kubernetes, osquery";

    /// The kind of document called `name`.
    pub fn from_name(name: &str) -> Option<Document> {
        Self::ALL.into_iter().find(|document| document.name() == name)
    }

    /// Its name, as on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Document::Catalog => "catalog",
            Document::Codeowners => "codeowners",
            Document::CycloneDx => "cyclonedx",
            Document::Spdx => "spdx",
            Document::Kubernetes => "kubernetes",
            Document::Osquery => "osquery",
        }
    }

    /// What a file is, by its name, else by what is near its start.
    pub fn detect(file_name: &str, bytes: &[u8]) -> Option<Document> {
        let name = file_name.rsplit(['/', '\\']).next().unwrap_or(file_name).to_ascii_lowercase();
        Self::by_name(&name).or_else(|| Self::by_content(&bytes[..bytes.len().min(DETECT_BYTES)], &name))
    }

    fn by_name(name: &str) -> Option<Document> {
        let ends = |ends: &[&str]| ends.iter().any(|end| name.ends_with(end));
        if name == "codeowners" {
            Some(Document::Codeowners)
        } else if name.starts_with("catalog-info") && ends(&[".yaml", ".yml"]) {
            Some(Document::Catalog)
        } else if ends(&[".cdx.json", ".cdx.xml"]) || name == "bom.json" {
            Some(Document::CycloneDx)
        } else if ends(&[".spdx", ".spdx.json"]) {
            Some(Document::Spdx)
        } else if name.starts_with("osqueryd.") {
            Some(Document::Osquery)
        } else {
            None
        }
    }

    fn by_content(start: &[u8], name: &str) -> Option<Document> {
        let has = |text: &str| memmem::find(start, text.as_bytes()).is_some();
        let first = start.iter().find(|byte| !byte.is_ascii_whitespace()).copied();
        let json = matches!(first, Some(b'{' | b'['));
        if json && has("\"CycloneDX\"") || has("cyclonedx.org/schema/bom") && !json {
            Some(Document::CycloneDx)
        } else if json && (has("\"spdxVersion\"") || has("spdx.org/rdf/3")) || has("SPDXVersion:") {
            Some(Document::Spdx)
        } else if has("backstage.io/v1") && has("apiVersion") && has("kind") {
            Some(Document::Catalog)
        } else if json && has("\"hostIdentifier\"") || first == Some(b'[') && osquery::names_a_table(name) {
            Some(Document::Osquery)
        } else if json && has("\"apiVersion\"") {
            Some(Document::Kubernetes)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_recognised() {
        let table = [
            ("CODEOWNERS", "", Some(Document::Codeowners)),
            (".github/CODEOWNERS", "* @acme/shop", Some(Document::Codeowners)),
            ("catalog-info.yaml", "", Some(Document::Catalog)),
            ("all.yaml", "apiVersion: backstage.io/v1alpha1\nkind: System\n", Some(Document::Catalog)),
            ("shop.cdx.json", "", Some(Document::CycloneDx)),
            ("x.json", " {\"bomFormat\": \"CycloneDX\"}", Some(Document::CycloneDx)),
            ("bom.xml", "<bom xmlns=\"http://cyclonedx.org/schema/bom/1.5\">", Some(Document::CycloneDx)),
            ("x.json", "{\"SPDXID\":\"SPDXRef-DOCUMENT\",\"spdxVersion\":\"SPDX-2.3\"}", Some(Document::Spdx)),
            ("x.txt", "SPDXVersion: SPDX-2.3\n", Some(Document::Spdx)),
            ("pods.json", "{\"apiVersion\":\"v1\",\"items\":[]}", Some(Document::Kubernetes)),
            ("log", "{\"name\":\"x\",\"hostIdentifier\":\"web-1\"}", Some(Document::Osquery)),
            ("C:\\out\\web-1.Deb_Packages.json", "[\n{\"name\":\"bash\"}]", Some(Document::Osquery)),
            ("osqueryd.results.log", "", Some(Document::Osquery)),
            ("main.tf", "resource {}", None),
            ("deployment.yaml", "apiVersion: apps/v1\nkind: Deployment\n", None),
            ("x.json", "[1]", None),
            ("", "", None),
        ];
        for (name, text, expected) in table {
            assert_eq!(Document::detect(name, text.as_bytes()), expected, "{name} {text}");
        }
    }

    #[test]
    fn names_are_read_back() {
        for document in Document::ALL {
            assert_eq!(Document::from_name(document.name()), Some(document));
            assert!(Document::NAMES.split(", ").any(|name| name == document.name()));
        }
        assert_eq!(Document::from_name("sbom"), None);
    }
}
