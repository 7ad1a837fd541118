//! What a path says about the text.

/// What kind of text a path promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Source code: what is not in quotes is code.
    Code,
    /// Configuration, prose, or not known.
    Other,
    /// Hashes of parts: only tokens that have a form of their own are looked for.
    Lock,
    /// Made by a program from source code, on few lines.
    Made,
}

impl Kind {
    /// By a file's path below the root.
    pub(crate) fn of(path: &str) -> Kind {
        let name = path.rsplit('/').next().unwrap_or(path);
        let lock = [
            "package-lock.json",
            "npm-shrinkwrap.json",
            "pnpm-lock.yaml",
            "go.sum",
            "go.work.sum",
            "packages.lock.json",
            "bun.lock",
            "deno.lock",
            ".cargo-checksum.json",
            ".cargo_vcs_info.json",
            "gradle.lockfile",
            "verification-metadata.xml",
            "MODULE.bazel.lock",
            "Package.resolved",
            "cargo-vendor.json",
            "composer.lock",
            "Podfile.lock",
            "mix.lock",
        ];
        if lock.contains(&name) || name.ends_with(".lock") {
            return Kind::Lock;
        }
        if name.contains(".min.") || name.ends_with(".map") || name.contains(".bundle.") {
            return Kind::Made;
        }
        let code = [
            "rs", "py", "pyi", "js", "mjs", "cjs", "jsx", "ts", "mts", "tsx", "go", "java", "kt", "kts", "scala", "c",
            "h", "cc", "cpp", "cxx", "hpp", "cs", "rb", "php", "swift", "m", "mm", "lua", "pl", "pm", "r", "dart",
            "ex", "exs", "erl", "hs", "ml", "clj", "groovy", "gradle", "vue", "svelte", "zig", "nim", "sol", "s",
            "asm", "css", "scss", "html", "fs", "vb", "jl", "tf", "hcl", "proto", "graphql", "y", "l", "in", "svg",
            "ipynb",
        ];
        let ending = name.rsplit_once('.').map(|(_, ending)| ending).unwrap_or_default();
        if code.iter().any(|known| known.eq_ignore_ascii_case(ending)) { Kind::Code } else { Kind::Other }
    }

    pub(crate) fn is_code(self) -> bool {
        matches!(self, Kind::Code | Kind::Made)
    }
}

/// Whether a file is of a test or an example: what is found there is less sure to be in use.
pub(crate) fn is_test(path: &str) -> bool {
    let parts = [
        "test",
        "tests",
        "testing",
        "testdata",
        "test-data",
        "test_data",
        "__tests__",
        "spec",
        "specs",
        "fixture",
        "fixtures",
        "mock",
        "mocks",
        "example",
        "examples",
        "sample",
        "samples",
        "demo",
        "bench",
        "benches",
        "e2e",
        "fuzz",
        "testkeys",
        "test-ca",
    ];
    let mut all = path.split('/');
    let name = all.next_back().unwrap_or_default().to_ascii_lowercase();
    let marked = name.starts_with("test_") || name.starts_with("test.") || name.starts_with("tests.");
    let marked =
        marked || ["_test.", ".test.", ".spec.", "_tests.", "-test.", "_spec."].iter().any(|mark| name.contains(mark));
    marked || all.any(|part| parts.iter().any(|known| known.eq_ignore_ascii_case(part)))
}
