//! Versions of actions with published weaknesses, and versions that no longer run as they should.

use super::{major_of, text, version_of};
use crate::finding::Hit;
use crate::resource::{ResourceId, World};

/// A published weakness: the action (a repository, or a path in it), the first version that has it, the first that has
/// not, and the advisory. Names and versions are those of the GitHub Advisory Database, ecosystem "GitHub Actions".
const WEAK: &[(&str, &str, &str, &str)] = &[
    ("actions/download-artifact", "4.0.0", "4.1.3", "GHSA-cxww-7g56-2vh6"),
    ("anthropics/claude-code-action", "0", "1.0.74", "CVE-2026-47751"),
    ("aquasecurity/trivy-action", "0.31.0", "0.34.0", "CVE-2026-26189"),
    ("atlassian/gajira-comment", "0", "2.0.2", "CVE-2020-14189"),
    ("atlassian/gajira-create", "0", "2.0.1", "CVE-2020-14188"),
    ("buildalon/setup-steamcmd", "0", "1.1.0", "GHSA-mj96-mh85-r574"),
    ("bullfrogsec/bullfrog", "0", "0.8.4", "CVE-2025-47775"),
    ("boldestdungeon/steam-workshop-deploy", "0", "2.0.0", "GHSA-x6gv-2rvh-qmp6"),
    ("canonical/get-workflow-version-action", "0", "1.0.1", "CVE-2025-31479"),
    ("check-spelling/check-spelling", "0", "0.0.19", "CVE-2021-32724"),
    ("dawidd6/action-download-artifact", "0", "6", "GHSA-5xr6-xhww-33m4"),
    ("embano1/wip", "0", "2", "CVE-2023-30623"),
    ("fish-shop/syntax-check", "0", "1.6.12", "CVE-2024-42482"),
    ("github/codeql-action", "2.26.11", "3", "CVE-2025-24362"),
    ("github/codeql-action", "3.26.11", "3.28.3", "CVE-2025-24362"),
    ("gradle/gradle-build-action", "0", "2.4.2", "CVE-2023-30853"),
    ("hashicorp/vault-action", "0", "2.2.0", "CVE-2021-32074"),
    ("j178/prek-action", "0", "1.0.6", "GHSA-pwf7-47c3-mfhx"),
    ("kartverket/github-workflows", "0", "2.7.5", "CVE-2022-39326"),
    ("lycheeverse/lychee-action", "0", "2.0.2", "CVE-2024-48908"),
    ("m00nl1ght-dev/steam-workshop-deploy", "0", "4", "GHSA-x6gv-2rvh-qmp6"),
    ("ozi-project/publish", "1.13.2", "1.13.6", "CVE-2025-47271"),
    ("psf/black", "0", "26.3.0", "CVE-2026-31900"),
    ("pypa/gh-action-pypi-publish", "0", "1.13.0", "GHSA-vxmw-7h4f-hqxh"),
    ("rlespinasse/github-slug-action", "0", "1.1.1", "GHSA-7f32-hm4h-w77q"),
    ("rlespinasse/github-slug-action", "2.0.0", "2.1.1", "GHSA-7f32-hm4h-w77q"),
    ("rlespinasse/github-slug-action", "4.0.0", "4.4.1", "CVE-2023-27581"),
    ("shivammathur/setup-php", "0", "2.37.1", "GHSA-5wxr-w449-57cm"),
    ("some-natalie/ghas-to-csv", "0", "1", "CVE-2022-39217"),
    ("sonarsource/sonarqube-scan-action", "4.0.0", "6.0.0", "CVE-2025-59844"),
    ("step-security/harden-runner", "0", "2.16.0", "CVE-2026-32946"),
    ("super-linter/super-linter", "6.0.0", "8.3.1", "CVE-2026-25761"),
    ("tj-actions/branch-names", "0", "9.0.0", "GHSA-gq52-6phf-x2r6"),
    ("tj-actions/changed-files", "0", "46.0.1", "CVE-2025-30066"),
    ("tj-actions/verify-changed-files", "0", "17", "CVE-2023-52137"),
    ("ultralytics/actions", "0", "0.0.3", "GHSA-7x29-qqmq-v6qc"),
];

/// A version with a published weakness. A tag such as `v4` is the newest of its line, so it counts as the last one.
pub(super) fn vulnerable(world: &World, uses: ResourceId) -> Vec<Option<Hit>> {
    let (Some(repository), Some(version)) = (text(world, uses, "repository"), version_of(world, uses)) else {
        return Vec::new();
    };
    let Some(is) = numbers(version) else { return Vec::new() };
    let found = WEAK.iter().find(|(of, from, to, _)| {
        let (Some(from), Some(to)) = (numbers(from), numbers(to)) else { return false };
        *of == repository && !below(&is, &from) && is_below_whole(&is, &to)
    });
    let Some((_, _, to, advisory)) = found else { return Vec::new() };
    let message = format!("`{repository}` {version} has a published weakness ({advisory}): use {to} or later");
    let span = Some(world.resource(uses).span);
    vec![Some(Hit { resource: uses, span, message: Some(message), value: format!("{repository} {advisory}") })]
}

/// The numbers of `v1.2.3`; none when there is more than numbers.
fn numbers(version: &str) -> Option<Vec<u64>> {
    let plain = version.strip_prefix(['v', 'V']).unwrap_or(version);
    plain.split('.').map(|part| part.parse().ok()).collect()
}

/// Whether the newest version of a line (`4` is the newest `4.x.y`) is below another one.
fn below(line: &[u64], other: &[u64]) -> bool {
    for (at, number) in other.iter().enumerate() {
        match line.get(at) {
            None => return false,
            Some(own) if own != number => return own < number,
            Some(_) => {}
        }
    }
    false
}

/// Whether all of a line is below a version.
fn is_below_whole(line: &[u64], version: &[u64]) -> bool {
    let shared = line.len().min(version.len());
    match line[..shared].cmp(&version[..shared]) {
        std::cmp::Ordering::Less => true,
        std::cmp::Ordering::Equal => line.len() >= version.len() && below(line, version),
        std::cmp::Ordering::Greater => false,
    }
}

/// Actions of the platform that were switched off below a major version.
const OFF: &[(&str, i64)] = &[("actions/upload-artifact", 4), ("actions/download-artifact", 4), ("actions/cache", 3)];

/// Actions that run on a Node.js without updates below a major version.
const OLD: &[(&str, i64)] = &[
    ("actions/checkout", 4),
    ("actions/setup-node", 4),
    ("actions/setup-java", 4),
    ("actions/setup-go", 5),
    ("actions/setup-python", 5),
    ("actions/setup-dotnet", 4),
    ("actions/cache", 4),
    ("actions/github-script", 7),
    ("actions/labeler", 5),
    ("actions/stale", 9),
    ("docker/login-action", 3),
    ("docker/setup-buildx-action", 3),
    ("docker/setup-qemu-action", 3),
    ("docker/build-push-action", 5),
    ("docker/metadata-action", 5),
    ("github/codeql-action", 3),
    ("golangci/golangci-lint-action", 4),
    ("softprops/action-gh-release", 2),
];

/// A version that was switched off, or that needs a Node.js without updates.
pub(super) fn outdated(world: &World, uses: ResourceId) -> Vec<Option<Hit>> {
    let Some(repository) = text(world, uses, "repository") else { return Vec::new() };
    let Some(major) = major_of(world, uses) else { return Vec::new() };
    let first = |list: &[(&str, i64)]| list.iter().find(|(of, from)| *of == repository && major < *from).map(|of| of.1);
    let message = match (first(OFF), first(OLD)) {
        (Some(from), _) => format!("version {major} of `{repository}` was switched off: use {from} or later"),
        (None, Some(from)) => {
            format!("version {major} of `{repository}` needs a Node.js without updates: use {from} or later")
        }
        (None, None) => return Vec::new(),
    };
    let span = Some(world.resource(uses).span);
    vec![Some(Hit { resource: uses, span, message: Some(message), value: format!("{repository} {major}") })]
}

#[cfg(test)]
mod tests {
    use super::{below, is_below_whole, numbers};

    #[test]
    fn lines_of_versions() {
        let of = |text: &str| numbers(text).unwrap_or_default();
        for (line, version, all_below) in [
            ("v35", "46.0.1", true),
            ("v46", "46.0.1", false),
            ("46.0.0", "46.0.1", true),
            ("46.0.1", "46.0.1", false),
            ("v4", "4.1.3", false),
            ("v4.1", "4.1.3", false),
            ("v4.0", "4.1.3", true),
            ("2", "2.0.0", false),
            ("1", "2", true),
        ] {
            assert_eq!(is_below_whole(&of(line), &of(version)), all_below, "{line} < {version}");
        }
        assert!(below(&of("3"), &of("4.0.0")) && !below(&of("4"), &of("4.0.0")));
        assert_eq!(numbers("v4-beta"), None);
    }
}
