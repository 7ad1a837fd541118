//! References to container images: `registry:5000/team/app:1.2@sha256:...`.

use model::EntityRef;
use model::entity;
use model::fact::NotAnEntity;

/// The parts of a reference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reference<'t> {
    /// Registry and path; without the registry for Docker Hub, as people and runtimes write it.
    pub name: &'t str,
    pub tag: Option<&'t str>,
    /// `sha256:...`
    pub digest: Option<&'t str>,
}

impl<'t> Reference<'t> {
    pub fn of(text: &'t str) -> Reference<'t> {
        let text = text.trim();
        let text = text.split_once("://").map_or(text, |(_, rest)| rest);
        let (rest, digest) = match text.rsplit_once('@') {
            Some((rest, digest)) => (rest, Some(digest)),
            None => (text, None),
        };
        // A colon before the last slash belongs to the port of the registry.
        let (name, tag) = match rest.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
            _ => (rest, None),
        };
        let hub = ["docker.io/library/", "index.docker.io/library/", "docker.io/", "index.docker.io/"];
        let name = hub.iter().find_map(|hub| name.strip_prefix(hub)).unwrap_or(name);
        Reference { name, tag: tag.filter(|tag| !tag.is_empty()), digest: digest.filter(|digest| !digest.is_empty()) }
    }

    /// The image. Without tag and digest it is `latest`, as for every runtime.
    pub fn entity(self) -> Result<EntityRef, NotAnEntity> {
        entity::image(self.name, self.tag.or(Some("latest")), self.digest)
    }
}

/// The digest that a runtime tells of an image; an image id alone is of this machine and names nothing in a registry.
pub fn digest_of(image_id: &str) -> Option<&str> {
    image_id.rsplit_once('@').map(|(_, digest)| digest).filter(|digest| digest.starts_with("sha256:"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_read() {
        let table = [
            ("nginx", "nginx:latest"),
            ("nginx:1.27", "nginx:1.27"),
            ("docker.io/library/nginx:1.27", "nginx:1.27"),
            ("docker.io/acme/shop", "acme/shop:latest"),
            ("registry.example.org:5000/acme/shop", "registry.example.org:5000/acme/shop:latest"),
            ("registry.example.org:5000/acme/shop:1@sha256:ab", "registry.example.org:5000/acme/shop@sha256:ab"),
            ("ghcr.io/acme/shop@sha256:ab", "ghcr.io/acme/shop@sha256:ab"),
            ("docker-pullable://acme/shop@sha256:ab", "acme/shop@sha256:ab"),
        ];
        for (text, expected) in table {
            assert_eq!(Reference::of(text).entity().unwrap().key, expected, "{text}");
        }
    }

    #[test]
    fn an_id_of_one_machine_is_no_digest() {
        assert_eq!(digest_of("docker.io/library/nginx@sha256:ab"), Some("sha256:ab"));
        assert_eq!(digest_of("sha256:ab"), None);
        assert_eq!(digest_of(""), None);
    }
}
