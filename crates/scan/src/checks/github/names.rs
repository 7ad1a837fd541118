//! Names that are nearly those of well-known actions.

use super::text;
use crate::finding::Hit;
use crate::resource::{ResourceId, World};

/// Actions that very many workflows use.
const KNOWN: &[&str] = &[
    "actions/cache",
    "actions/checkout",
    "actions/create-release",
    "actions/deploy-pages",
    "actions/download-artifact",
    "actions/first-interaction",
    "actions/github-script",
    "actions/labeler",
    "actions/setup-dotnet",
    "actions/setup-go",
    "actions/setup-java",
    "actions/setup-node",
    "actions/setup-python",
    "actions/stale",
    "actions/upload-artifact",
    "actions/upload-pages-artifact",
    "actions/upload-release-asset",
    "astral-sh/setup-uv",
    "aws-actions/amazon-ecr-login",
    "aws-actions/configure-aws-credentials",
    "azure/login",
    "azure/setup-helm",
    "azure/setup-kubectl",
    "codecov/codecov-action",
    "crazy-max/ghaction-import-gpg",
    "cypress-io/github-action",
    "dawidd6/action-download-artifact",
    "denoland/setup-deno",
    "docker/build-push-action",
    "docker/login-action",
    "docker/metadata-action",
    "docker/setup-buildx-action",
    "docker/setup-qemu-action",
    "dorny/paths-filter",
    "dtolnay/rust-toolchain",
    "github/codeql-action",
    "golangci/golangci-lint-action",
    "google-github-actions/auth",
    "google-github-actions/setup-gcloud",
    "goreleaser/goreleaser-action",
    "gradle/actions",
    "gradle/gradle-build-action",
    "hashicorp/setup-terraform",
    "helm/chart-releaser-action",
    "jetli/wasm-pack-action",
    "julia-actions/setup-julia",
    "ncipollo/release-action",
    "oven-sh/setup-bun",
    "peaceiris/actions-gh-pages",
    "peter-evans/create-pull-request",
    "pnpm/action-setup",
    "pre-commit/action",
    "pypa/gh-action-pypi-publish",
    "ruby/setup-ruby",
    "shivammathur/setup-php",
    "sigstore/cosign-installer",
    "softprops/action-gh-release",
    "sonarsource/sonarqube-scan-action",
    "step-security/harden-runner",
    "subosito/flutter-action",
    "swatinem/rust-cache",
    "taiki-e/install-action",
    "tj-actions/changed-files",
];

/// An action whose owner is one slip of the keyboard away from that of a well-known one.
pub(super) fn lookalike(world: &World, uses: ResourceId) -> Vec<Option<Hit>> {
    let Some(slug) = text(world, uses, "repository") else { return Vec::new() };
    let owner = slug.split('/').next().unwrap_or_default();
    // Within the same owner nobody else can take the name.
    if KNOWN.iter().any(|known| known.split('/').next() == Some(owner)) {
        return Vec::new();
    }
    let Some(meant) = KNOWN.iter().find(|known| one_slip(slug, known)) else { return Vec::new() };
    let message = format!("`{slug}` is nearly `{meant}` and belongs to somebody else");
    let span = Some(world.resource(uses).span);
    vec![Some(Hit { resource: uses, span, message: Some(message), value: slug.to_owned() })]
}

/// Whether one letter is left out, doubled, swapped with the next, or another one.
fn one_slip(said: &str, meant: &str) -> bool {
    let same = said.chars().zip(meant.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
    let (a, b) = (&said[same..], &meant[same..]);
    let (mut after_a, mut after_b) = (a.chars(), b.chars());
    let (first_a, first_b) = (after_a.next(), after_b.next());
    let (after_a, after_b) = (after_a.as_str(), after_b.as_str());
    match (first_a, first_b) {
        (None, None) => false,
        (Some(_), None) => after_a.is_empty(),
        (None, Some(_)) => after_b.is_empty(),
        (Some(first_a), Some(first_b)) => {
            let swapped = || after_a.strip_prefix(first_b).is_some_and(|a| after_b.strip_prefix(first_a) == Some(a));
            after_a == b || a == after_b || after_a == after_b || swapped()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::one_slip;

    #[test]
    fn slips_of_the_keyboard() {
        for (said, slip) in [
            ("action/checkout", true),
            ("acttions/checkout", true),
            ("actoins/checkout", true),
            ("actiins/checkout", true),
            ("actions/checkout", false),
            ("my-actions/checkout", false),
            ("", false),
        ] {
            assert_eq!(one_slip(said, "actions/checkout"), slip, "{said}");
        }
    }
}
