//! Patterns of CODEOWNERS files against paths.
//!
//! GitHub reads them as git reads its ignore files, but `docs/*` takes only the files of that folder itself; GitLab puts
//! a pattern without a leading slash anywhere, and takes a folder only when the pattern ends with a slash. No pattern
//! makes matching slow: the work is at most the length of the pattern times that of the path.

/// Whose rules hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// GitHub's.
    GitHub,
    /// GitLab's.
    GitLab,
}

/// A pattern that is taken apart.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Pattern {
    /// Parts between slashes.
    parts: Vec<Part>,
    /// The last two parts, which stand for all that lies below, may be missing from a path.
    itself: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Part {
    /// `**`: any number of folders.
    Any,
    /// A name with `*` and `?`.
    Name(Vec<char>),
}

impl Pattern {
    /// Takes a pattern apart, its escapes already gone.
    pub fn new(pattern: &str, dialect: Dialect) -> Pattern {
        let (plain, folder) = match pattern.strip_suffix('/') {
            Some(plain) => (plain, true),
            None => (pattern, false),
        };
        let rooted = pattern.starts_with('/');
        let plain = plain.trim_start_matches('/');
        let mut parts = Vec::new();
        if !rooted && (dialect == Dialect::GitLab || !plain.contains('/')) {
            parts.push(Part::Any);
        }
        parts.extend(plain.split('/').filter(|part| !part.is_empty()).map(|part| match part {
            "**" => Part::Any,
            name => Part::Name(name.chars().collect()),
        }));
        let last = plain.rsplit('/').next().unwrap_or_default();
        // Of git's patterns, a name without wildcards may be a folder.
        let itself = !folder && dialect == Dialect::GitHub && !last.contains(['*', '?']);
        if folder || itself {
            parts.push(Part::Any);
        }
        if parts.last() == Some(&Part::Any) {
            parts.push(Part::Name(vec!['*']));
        }
        // `**` after `**` adds nothing but work.
        parts.dedup_by(|next, part| *next == Part::Any && *part == Part::Any);
        Pattern { parts, itself }
    }

    /// Whether all files match.
    pub fn is_everything(&self) -> bool {
        self.parts == [Part::Any, Part::Name(vec!['*'])]
    }

    /// Whether a file matches, by the parts of its path within the repository.
    pub fn matches(&self, path: &[Vec<char>]) -> bool {
        let whole = |parts: &[Part]| fits(parts, path, |part| *part == Part::Any, |part, name| part.is(name));
        whole(&self.parts) || self.itself && whole(&self.parts[..self.parts.len().saturating_sub(2)])
    }
}

impl Part {
    fn is(&self, name: &[char]) -> bool {
        match self {
            Part::Any => true,
            Part::Name(pattern) => {
                fits(pattern, name, |part| *part == '*', |part, letter| *part == '?' || part == letter)
            }
        }
    }
}

/// The parts of a path.
pub fn parts(path: &str) -> Vec<Vec<char>> {
    path.split('/').filter(|part| !part.is_empty()).map(|part| part.chars().collect()).collect()
}

/// Whether a pattern fits the whole input: a star takes any number of items, the others one each.
fn fits<P, T>(pattern: &[P], input: &[T], star: impl Fn(&P) -> bool, one: impl Fn(&P, &T) -> bool) -> bool {
    let (mut at, mut seen) = (0, 0);
    // Where the last star was, and how much of the input came before what follows it. Earlier stars never need to take more.
    let mut back: Option<(usize, usize)> = None;
    while seen < input.len() {
        match pattern.get(at) {
            Some(part) if star(part) => {
                back = Some((at, seen));
                at += 1;
                continue;
            }
            Some(part) if one(part, &input[seen]) => (at, seen) = (at + 1, seen + 1),
            _ => match back {
                Some((star_at, taken)) => {
                    back = Some((star_at, taken + 1));
                    (at, seen) = (star_at + 1, taken + 1);
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(star)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn matches(pattern: &str, dialect: Dialect, path: &str) -> bool {
        Pattern::new(pattern, dialect).matches(&parts(path))
    }

    #[test]
    fn github() {
        let table: [(&str, &[&str], &[&str]); 12] = [
            ("*", &["a", "a/b/c.rs"], &[]),
            ("*.js", &["a.js", "web/src/a.js"], &["a.jsx", "js"]),
            ("/build/logs/", &["build/logs/a", "build/logs/a/b"], &["build/logs", "x/build/logs/a", "build/a"]),
            ("docs/*", &["docs/start.md"], &["docs/build/trouble.md", "x/docs/start.md"]),
            ("apps/", &["apps/a", "web/apps/a/b"], &["apps", "myapps/a"]),
            ("/docs", &["docs", "docs/a", "docs/a/b"], &["web/docs/a", "docs2"]),
            ("**/logs", &["logs/a", "build/logs/a", "a/b/logs"], &["build/logsx/a"]),
            ("docs/a", &["docs/a", "docs/a/b"], &["x/docs/a"]),
            ("/src/**/test", &["src/test/a", "src/a/b/test/c", "src/test"], &["src/a/tests/b", "test/a"]),
            ("/a/**", &["a/b", "a/b/c"], &["a", "b/a/c"]),
            ("Makefile", &["Makefile", "a/Makefile"], &["makefile"]),
            ("/?.rs", &["a.rs", "é.rs"], &["ab.rs", ".rs", "x/a.rs"]),
        ];
        for (pattern, yes, no) in table {
            yes.iter().for_each(|path| assert!(matches(pattern, Dialect::GitHub, path), "{pattern} {path}"));
            no.iter().for_each(|path| assert!(!matches(pattern, Dialect::GitHub, path), "{pattern} {path}"));
        }
    }

    #[test]
    fn gitlab() {
        let table: [(&str, &[&str], &[&str]); 6] = [
            ("README.md", &["README.md", "a/README.md"], &["README.md/a"]),
            ("internal/README.md", &["internal/README.md", "x/internal/README.md"], &["internal/x/README.md"]),
            ("/docs/", &["docs/a", "docs/a/b"], &["docs", "x/docs/a"]),
            ("/docs/*", &["docs/a"], &["docs/a/b"]),
            ("/docs/**/*.md", &["docs/a.md", "docs/a/b.md"], &["docs/a.rs"]),
            ("lib/", &["lib/a", "x/lib/a"], &["lib"]),
        ];
        for (pattern, yes, no) in table {
            yes.iter().for_each(|path| assert!(matches(pattern, Dialect::GitLab, path), "{pattern} {path}"));
            no.iter().for_each(|path| assert!(!matches(pattern, Dialect::GitLab, path), "{pattern} {path}"));
        }
    }

    #[test]
    fn patterns_of_everything() {
        for pattern in ["*", "/", "/**", "**", "**/*", "**/", "/**/*", "/**/**/*"] {
            for dialect in [Dialect::GitHub, Dialect::GitLab] {
                assert!(Pattern::new(pattern, dialect).is_everything(), "{pattern}");
                assert!(matches(pattern, dialect, "a/b.c"), "{pattern}");
            }
        }
        for pattern in ["/*", "*.rs", "docs/", "*/", "/*/**"] {
            assert!(!Pattern::new(pattern, Dialect::GitHub).is_everything(), "{pattern}");
        }
    }

    /// The same by plain recursion, which is slow and obvious.
    fn obvious(pattern: &[char], text: &[char]) -> bool {
        match pattern.split_first() {
            None => text.is_empty(),
            Some(('*', rest)) => (0..=text.len()).any(|taken| obvious(rest, &text[taken..])),
            Some((first, rest)) => text
                .split_first()
                .is_some_and(|(letter, text)| (first == letter || *first == '?') && obvious(rest, text)),
        }
    }

    proptest! {
        #[test]
        fn names_match_as_the_obvious_way(pattern in "[ab*?]{0,7}", text in "[ab]{0,9}") {
            let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
            prop_assert_eq!(Part::Name(pattern.clone()).is(&text), obvious(&pattern, &text));
        }

        #[test]
        fn a_path_matches_itself(path in "[a-z]{1,4}(/[a-z.]{1,4}){0,4}") {
            for dialect in [Dialect::GitHub, Dialect::GitLab] {
                prop_assert!(matches(&path, dialect, &path));
                let rooted = format!("/{path}");
                prop_assert!(matches(&rooted, dialect, &path));
                let below = format!("{path}/x");
                prop_assert_eq!(matches(&rooted, dialect, &below), dialect == Dialect::GitHub);
            }
        }
    }

    #[test]
    fn many_stars_are_quick() {
        let pattern = "**/a*a*a*a*a*a*b/".repeat(60);
        let path = format!("{}/x", vec!["a".repeat(60); 60].join("/"));
        assert!(!matches(&pattern, Dialect::GitHub, &path));
    }
}
