//! The kinds of entities and relations, and how each entity is named: so that telemetry, agents, scans and imports mean
//! the same thing by the same name. Kinds are OpenTelemetry's where it has one.
//!
//! | kind | name |
//! |---|---|
//! | `service` | `service.name`, or `namespace/name` when there is a `service.namespace` |
//! | `service.instance` | the service's name, `/`, its `service.instance.id` |
//! | `host` | `host.name`; `host.id` when there is none |
//! | `container` | `container.id` |
//! | `container.image` | `name@sha256:...`; `name:tag` when the digest is not known |
//! | `k8s.cluster` | `k8s.cluster.name` |
//! | `k8s.namespace` | `cluster/namespace`; no `cluster/` when it is not known, here and below |
//! | `k8s.pod`, `k8s.deployment`, `k8s.statefulset`, `k8s.daemonset`, ... | `cluster/namespace/name` |
//! | `package` | a package URL without qualifiers: `pkg:deb/debian/openssl@3.0.17` |
//! | `executable`, `socket`, `account`, `group`, `file` | the host's name, `/`, and the path, `tcp/0.0.0.0:22`, a name |
//! | `repository` | `github.com/acme/shop`: host and path, without scheme and `.git` |
//! | `team` | its last name: `payments` for `@acme/payments` and `group:default/payments` |
//! | `external` | host name or address of a service that is not ours |

use crate::fact::{EntityRef, NotAnEntity};

/// A service is part of a system, an instance of a service, a pod of a deployment.
pub const PART_OF: &str = "part_of";
/// An instance, pod or container is on a host.
pub const RUNS_ON: &str = "runs_on";
/// An instance is in a container.
pub const RUNS_IN: &str = "runs_in";
/// A container or workload is made from an image.
pub const USES_IMAGE: &str = "uses_image";
/// A host, image or repository contains a package.
pub const HAS: &str = "has";
/// A host executes an executable.
pub const EXECUTES: &str = "executes";
/// A host, service or container listens at a socket.
pub const LISTENS: &str = "listens";
/// A host knows an account or group.
pub const KNOWS: &str = "knows";
/// A host keeps a file that looks sensitive.
pub const KEEPS: &str = "keeps";
/// A service calls another, or something external.
pub const CALLS: &str = "calls";
/// A service is built from a repository.
pub const BUILT_FROM: &str = "built_from";
/// Anything is owned by a team.
pub const OWNED_BY: &str = "owned_by";
/// A service depends on a resource or component that a catalog declares.
pub const DEPENDS_ON: &str = "depends_on";

/// A component provides an API.
pub const PROVIDES: &str = "provides";

type Made = Result<EntityRef, NotAnEntity>;

/// A service.
pub fn service(namespace: Option<&str>, name: &str) -> Made {
    match namespace.filter(|namespace| !namespace.is_empty()) {
        Some(namespace) => EntityRef::new("service", format!("{namespace}/{name}")),
        None => EntityRef::new("service", name),
    }
}

/// One of the processes that are a service.
pub fn instance(service: &EntityRef, id: &str) -> Made {
    EntityRef::new("service.instance", format!("{}/{id}", service.key))
}

/// A machine.
pub fn host(name: &str) -> Made {
    EntityRef::new("host", name)
}

/// A container.
pub fn container(id: &str) -> Made {
    EntityRef::new("container", id.strip_prefix("docker://").or(id.strip_prefix("containerd://")).unwrap_or(id))
}

/// An image by name and digest, or name and tag. A digest may come with the name before it, as `docker inspect` tells
/// it.
pub fn image(name: &str, tag: Option<&str>, digest: Option<&str>) -> Made {
    let digest = digest.map(|digest| digest.rsplit_once('@').map_or(digest, |(_, digest)| digest));
    let key = match (digest.filter(|digest| !digest.is_empty()), tag.filter(|tag| !tag.is_empty())) {
        (Some(digest), _) => format!("{name}@{digest}"),
        (None, Some(tag)) => format!("{name}:{tag}"),
        (None, None) => name.to_owned(),
    };
    EntityRef::new("container.image", key)
}

/// An object of Kubernetes: `kind` is `pod`, `deployment`, ...; what has no namespace, such as a node, has none here.
pub fn k8s(kind: &str, cluster: Option<&str>, namespace: Option<&str>, name: &str) -> Made {
    let parts = [cluster, namespace, Some(name)];
    let parts: Vec<&str> = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect();
    EntityRef::new(format!("k8s.{kind}"), parts.join("/"))
}

/// Something that exists on one host alone: `executable`, `socket`, `account`, `group`, `file`.
pub fn on_host(kind: &str, host: &EntityRef, name: &str) -> Made {
    EntityRef::new(kind, format!("{}/{}", host.key, name.trim_start_matches('/')))
}

/// A package, by its URL with the version and without qualifiers.
pub fn package(purl: &str) -> Made {
    EntityRef::new("package", purl.split(['?', '#']).next().unwrap_or(purl))
}

/// A repository by any of its addresses: `https://github.com/acme/shop.git`, `git@github.com:acme/shop`.
pub fn repository(address: &str) -> Made {
    let address = address.strip_prefix("url:").unwrap_or(address);
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let rest = rest.rsplit_once('@').map_or(rest, |(_, rest)| rest);
    let plain = rest.replacen(
        ':',
        "/",
        usize::from(!rest.split('/').next().unwrap_or("").ends_with(|c: char| c.is_ascii_digit())),
    );
    let plain = plain.trim_end_matches('/').trim_end_matches(".git");
    EntityRef::new("repository", plain.to_ascii_lowercase())
}

/// A team by any of its names.
pub fn team(name: &str) -> Made {
    let name = name.strip_prefix("group:").unwrap_or(name).trim_start_matches('@');
    EntityRef::new("team", name.rsplit('/').next().unwrap_or(name).to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_thing_has_one_name() {
        for address in [
            "https://github.com/Acme/shop.git",
            "git@github.com:acme/shop.git",
            "ssh://git@github.com/acme/shop",
            "url:https://github.com/acme/shop/",
        ] {
            assert_eq!(repository(address).unwrap().key, "github.com/acme/shop", "{address}");
        }
        assert_eq!(repository("https://git.example.org:8443/a/b").unwrap().key, "git.example.org:8443/a/b");
        for name in ["payments", "@acme/payments", "group:default/Payments", "group:payments"] {
            assert_eq!(team(name).unwrap().key, "payments", "{name}");
        }
        let shop = service(Some("eu"), "shop").unwrap();
        assert_eq!(instance(&shop, "7").unwrap().to_string(), "service.instance:eu/shop/7");
        assert_eq!(image("r/app", Some("1"), Some("r/app@sha256:ab")).unwrap().key, "r/app@sha256:ab");
        assert_eq!(image("r/app", Some("1"), None).unwrap().key, "r/app:1");
        assert_eq!(k8s("pod", None, Some("web"), "a-1").unwrap().key, "web/a-1");
        assert_eq!(on_host("file", &host("h").unwrap(), "/etc/shadow").unwrap().key, "h/etc/shadow");
        assert_eq!(package("pkg:deb/debian/x@1?arch=amd64").unwrap().key, "pkg:deb/debian/x@1");
        assert_eq!(container("docker://ab").unwrap().key, "ab");
        assert!(service(None, "").is_err());
    }
}
