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
        // What an installed Python package consists of, with digests.
        let record = name == "RECORD" && path.contains(".dist-info/");
        if lock.contains(&name) || name.ends_with(".lock") || record {
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
        "testkey",
        "test_keys",
        "test_certs",
        "selftest",
        "unittest",
        "unittests",
        "integration-tests",
        "integration_tests",
        "docs_src",
    ];
    let mut all = path.split('/');
    let name = all.next_back().unwrap_or_default().to_ascii_lowercase();
    let marked = name.starts_with("test_") || name.starts_with("test.") || name.starts_with("tests.");
    let marked = marked
        || ["_test.", ".test.", ".spec.", "_tests.", "-test.", "_spec.", ".example", ".sample", "testkey", "test_cert"]
            .iter()
            .any(|mark| name.contains(mark));
    marked || all.any(|part| parts.iter().any(|known| known.eq_ignore_ascii_case(part)))
}

/// Whether a place in a file of Rust is in its tests, which lie at its end, or in an example of its documentation.
pub(crate) fn in_test_code(path: &str, bytes: &[u8], at: usize) -> bool {
    if !path.ends_with(".rs") {
        return false;
    }
    let before = &bytes[..at.min(bytes.len())];
    let is_doc =
        |line: &[u8]| line.trim_ascii_start().starts_with(b"///") || line.trim_ascii_start().starts_with(b"//!");
    let start = memchr::memrchr(b'\n', before).map_or(0, |newline| newline + 1);
    is_doc(&before[start..]) || memchr::memmem::find(before, b"#[cfg(test)]").is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_and_examples_are_told_from_the_rest() {
        for path in ["tests/a.py", "src/foo_test.go", "a/Fixtures/k.pem", "config.example.yml", "http/testkey.pem"] {
            assert!(is_test(path), "{path}");
        }
        for path in ["src/latest/a.py", "contest.go", "attestation/a.rs", "a.yml"] {
            assert!(!is_test(path), "{path}");
        }
        let text = b"let a = 1;\n/// b\nfn c() {}\n#[cfg(test)]\nlet d = 2;";
        for (at, tests) in [(8, false), (15, true), (20, false), (50, true)] {
            assert_eq!(in_test_code("a.rs", text, at), tests, "{at}");
        }
        assert!(!in_test_code("a.go", text, 50));
        assert_eq!(Kind::of("a.dist-info/RECORD"), Kind::Lock);
    }
}
