//! Packages that scripts install although no lock file names them.

use super::environment::line_span;
use super::text;
use crate::finding::Hit;
use crate::resource::{ResourceId, World};

/// A program that installs.
struct Installer {
    program: &'static str,
    /// The words that install.
    ways: &'static [&'static [&'static str]],
    /// Options whose next word is their value.
    valued: &'static [&'static str],
}

const INSTALLERS: &[Installer] = &[
    Installer {
        program: "npm",
        ways: &[&["install"], &["i"], &["add"]],
        valued: &["--prefix", "-C", "--registry", "--cache", "-w", "--workspace", "--tag"],
    },
    Installer { program: "yarn", ways: &[&["add"], &["global", "add"]], valued: &["--cwd", "--registry"] },
    Installer {
        program: "pnpm",
        ways: &[&["add"], &["install"], &["i"]],
        valued: &["-C", "--dir", "--filter", "-F", "--registry"],
    },
    Installer {
        program: "gem",
        ways: &[&["install"]],
        valued: &["-v", "--version", "-i", "--install-dir", "-n", "--bindir", "-s", "--source"],
    },
    Installer { program: "bundle", ways: &[&["add"]], valued: &["-v", "--version", "-g", "--group", "--source"] },
];

/// Words that stand before a program.
const BEFORE: &[&str] = &["sudo", "env", "then", "do", "else", "time", "exec", "corepack", "-E", "!"];

/// Packages by name, installed as they are today.
pub(super) fn unlocked(world: &World, step: ResourceId) -> Vec<Option<Hit>> {
    let Some(script) = text(world, step, "script") else { return Vec::new() };
    let mut out = Vec::new();
    for (number, line) in script.lines().enumerate() {
        let line = line.split(" #").next().unwrap_or_default();
        for command in line.split(['&', '|', ';', '(', ')', '`']) {
            let Some((program, package)) = installs(command) else { continue };
            let message = format!(
                "`{program}` installs `{package}` with whatever it needs today: no lock file says which versions"
            );
            let span = line_span(world, step, number);
            out.push(Some(Hit { resource: step, span, message: Some(message), value: command.trim().to_owned() }));
        }
    }
    out
}

/// The program and the first package, when a command installs one by name.
fn installs(command: &str) -> Option<(&'static str, &str)> {
    let mut words = command.split_whitespace().skip_while(|word| BEFORE.contains(word) || is_assignment(word));
    let program = words.next()?;
    let Installer { program, ways, valued } = INSTALLERS.iter().find(|of| of.program == program)?;
    let (mut plain, mut skip) = (Vec::new(), false);
    for word in words {
        if std::mem::take(&mut skip) {
            continue;
        }
        if word.starts_with('-') {
            skip = valued.contains(&word);
        } else if word.starts_with(['>', '<', '2', '1']) && word.contains(['>', '<']) {
            break;
        } else {
            plain.push(word);
        }
    }
    let way = ways.iter().find(|way| plain.starts_with(way))?;
    let package = plain[way.len()..].iter().find(|word| !is_path(word) && **word != "\\")?;
    Some((program, package))
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    })
}

/// What lies in the checkout is named by it.
fn is_path(word: &str) -> bool {
    let word = word.trim_matches(['"', '\'']);
    word == "." || word.starts_with("./") || word.starts_with("../") || word.starts_with('/')
}

#[cfg(test)]
mod tests {
    use super::installs;

    #[test]
    fn commands_that_install_by_name() {
        for (command, package) in [
            ("npm install", None),
            ("npm ci", None),
            ("npm install --legacy-peer-deps", None),
            ("npm install .", None),
            ("npm install --prefix web", None),
            ("npm i foo", Some("foo")),
            ("npm --prefix web install -D foo@1.2.3", Some("foo@1.2.3")),
            ("sudo gem install bundler -v 2.0", Some("bundler")),
            ("CI=1 yarn add x", Some("x")),
            ("yarn install", None),
            ("yarn global add x", Some("x")),
            ("bundle install", None),
            ("bundle add x --skip-install", Some("x")),
            ("pnpm install --frozen-lockfile", None),
            ("then npm install -g npm@latest", Some("npm@latest")),
            ("echo npm install foo", None),
        ] {
            assert_eq!(installs(command).map(|(_, package)| package), package, "{command}");
        }
    }
}
