//! What commands of package managers do: which packages they take, and whether a version is said.

use super::shell::{Command, Word};

/// What a package manager is told to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// The manager's family: `apt` also for apt-get, `dnf` also for microdnf.
    pub manager: &'static str,
    /// `install`, `update` (its lists), `upgrade`, `clean`, or the word that is written.
    pub action: String,
    /// The word that is written.
    pub subcommand: String,
    /// Packages: the number of the word, and whether a version is said, if that is known.
    pub packages: Vec<(usize, Option<bool>)>,
    /// A file says what is taken: `-r requirements.txt`.
    pub listed: bool,
}

/// Flags that take the next word.
const VALUED: &[(&str, &[&str])] = &[
    ("apt", &["-t", "--target-release", "--default-release", "-o", "--option", "-c", "--config-file", "-a"]),
    ("apk", &["-t", "--virtual", "-X", "--repository", "-p", "--root", "--keys-dir", "--arch", "--repositories-file"]),
    (
        "yum",
        &[
            "--enablerepo",
            "--disablerepo",
            "-c",
            "--setopt",
            "--installroot",
            "--releasever",
            "-x",
            "--exclude",
            "--repo",
            "--repoid",
        ],
    ),
    (
        "dnf",
        &[
            "--enablerepo",
            "--disablerepo",
            "-c",
            "--setopt",
            "--installroot",
            "--releasever",
            "-x",
            "--exclude",
            "--repo",
            "--repoid",
        ],
    ),
    ("zypper", &["-r", "--repo", "--from", "-t", "--type", "-R", "--root", "-D", "--reposd-dir"]),
    (
        "pip",
        &[
            "-r",
            "--requirement",
            "-c",
            "--constraint",
            "-e",
            "--editable",
            "-i",
            "--index-url",
            "--extra-index-url",
            "-f",
            "--find-links",
            "-t",
            "--target",
            "--trusted-host",
            "--prefix",
            "--root",
            "--python",
            "--platform",
            "--python-version",
            "--implementation",
            "--abi",
            "--no-binary",
            "--only-binary",
            "--timeout",
            "--retries",
            "--proxy",
            "--cert",
            "--client-cert",
            "--cache-dir",
            "--log",
            "--progress-bar",
            "--upgrade-strategy",
            "--global-option",
            "--install-option",
            "--config-settings",
            "-C",
            "--src",
            "--report",
            "--exists-action",
            "--group",
        ],
    ),
    (
        "npm",
        &[
            "--prefix",
            "--registry",
            "-C",
            "--loglevel",
            "--cache",
            "--omit",
            "--include",
            "-w",
            "--workspace",
            "--userconfig",
            "--cwd",
            "--dir",
        ],
    ),
    (
        "gem",
        &[
            "-v",
            "--version",
            "-i",
            "--install-dir",
            "--source",
            "-s",
            "-n",
            "--bindir",
            "--platform",
            "-p",
            "--http-proxy",
            "-P",
            "--trust-policy",
            "-g",
            "--file",
        ],
    ),
    ("go", &["-ldflags", "-tags", "-o", "-C", "-mod", "-gcflags", "-p", "-modfile"]),
    (
        "cargo",
        &[
            "--version",
            "--vers",
            "--git",
            "--branch",
            "--tag",
            "--rev",
            "--path",
            "--root",
            "--features",
            "-F",
            "--target",
            "--registry",
            "--index",
            "-j",
            "--jobs",
            "--profile",
            "--bin",
            "--target-dir",
        ],
    ),
];

impl Action {
    /// What a command tells a package manager; none when it is for none.
    pub fn of(command: &Command) -> Option<Action> {
        let (manager, from) = manager(command)?;
        let valued = VALUED.iter().find(|(of, _)| *of == manager).map_or(&[][..], |(_, valued)| valued);
        let (mut arguments, mut flags, mut at) = (Vec::new(), Vec::new(), from);
        while let Some(word) = command.words.get(at) {
            let text = word.raw.text.as_str();
            if text.starts_with('-') && text.len() > 1 {
                flags.push(text);
                at += usize::from(valued.contains(&text));
            } else {
                arguments.push(at);
            }
            at += 1;
        }
        let said = |at: usize| command.words[at].known().unwrap_or_default();
        let mut words = arguments.into_iter();
        let mut subcommand = said(words.next()?).to_owned();
        if manager == "npm" && subcommand == "global" || manager == "dnf" && subcommand == "module" {
            subcommand = said(words.next()?).to_owned();
        }
        let has = |names: &[&str]| {
            let is = |flag: &str| names.iter().any(|name| flag == *name || flag.split('=').next() == Some(*name));
            flags.iter().any(|flag| is(flag))
        };
        let packages: Vec<usize> = words.collect();
        let action = action(manager, &subcommand, packages.is_empty()).to_owned();
        let listed = match manager {
            "pip" => {
                has(&["-r", "--requirement", "-c", "--constraint", "-e", "--editable", "--group"])
                    || flags.iter().any(|f| f.starts_with("-r") || f.starts_with("-c"))
            }
            "gem" => has(&["-g", "--file"]),
            "cargo" => has(&["--path", "--rev", "--tag"]),
            _ => false,
        };
        let fixed = match manager {
            "gem" => has(&["-v", "--version"]),
            "cargo" => has(&["--version", "--vers"]),
            _ => false,
        };
        let packages = packages.into_iter().filter_map(|at| {
            let pinned = if fixed || listed { Some(true) } else { pinned(manager, &command.words[at])? };
            Some((at, pinned))
        });
        let packages = if action == "install" { packages.collect() } else { Vec::new() };
        Some(Action { manager, action, subcommand, packages, listed })
    }
}

/// The family of the package manager that a command calls, and where its own words begin.
fn manager(command: &Command) -> Option<(&'static str, usize)> {
    let name = command.name()?;
    let word = |at: usize| command.words.get(at).map_or("", |word| word.raw.text.as_str());
    let is_python = name.starts_with("python") || name.starts_with("pypy");
    if is_python {
        let module = command.words.iter().position(|word| word.raw.text == "-m")?;
        return (word(module + 1) == "pip").then_some(("pip", module + 2));
    }
    let pip = name.strip_prefix("pip").is_some_and(|rest| rest.chars().all(|c| c.is_ascii_digit() || c == '.'));
    match name {
        _ if pip => Some(("pip", 1)),
        "uv" if word(1) == "pip" => Some(("pip", 2)),
        "pipx" => Some(("pip", 1)),
        "apt-get" | "apt" | "aptitude" => Some(("apt", 1)),
        "apk" => Some(("apk", 1)),
        "yum" => Some(("yum", 1)),
        "dnf" | "microdnf" | "tdnf" | "dnf5" => Some(("dnf", 1)),
        "zypper" => Some(("zypper", 1)),
        "npm" | "yarn" | "pnpm" => Some(("npm", 1)),
        "gem" => Some(("gem", 1)),
        "go" => Some(("go", 1)),
        "cargo" => Some(("cargo", 1)),
        _ => None,
    }
}

fn action<'s>(manager: &str, subcommand: &'s str, alone: bool) -> &'s str {
    match (manager, subcommand) {
        ("yum" | "dnf", "localinstall" | "groupinstall" | "reinstall" | "install") => "install",
        ("yum" | "dnf", "update" | "upgrade" | "upgrade-minimal" | "distro-sync") if alone => "upgrade",
        ("yum" | "dnf", "makecache" | "check-update") => "update",
        ("zypper", "in" | "install") => "install",
        ("zypper", "up" | "update" | "dup" | "dist-upgrade" | "patch") if alone => "upgrade",
        ("zypper", "ref" | "refresh") => "update",
        ("zypper", "cc" | "clean") => "clean",
        ("apt", "dist-upgrade" | "full-upgrade" | "safe-upgrade" | "upgrade") => "upgrade",
        ("apk", "add") => "install",
        ("npm", "i" | "add" | "install") => "install",
        ("gem", "i" | "install") => "install",
        ("go", "get" | "install") => "install",
        (_, other) => other,
    }
}

/// Whether a version is said; the inner none is "only running it tells", the outer one "this is no package".
fn pinned(manager: &str, word: &Word) -> Option<Option<bool>> {
    let value = &word.value;
    let (begin, end) = (value.begin(), value.end());
    let local = begin.starts_with(['/', '.', '~'])
        || begin.starts_with("file:")
        || begin.starts_with("http://")
        || begin.starts_with("https://");
    let archive =
        [".deb", ".rpm", ".apk", ".whl", ".gem", ".tgz", ".tar.gz", ".zip"].iter().any(|of| end.ends_with(of));
    if local || archive || value.is_empty() {
        return None;
    }
    let says = match manager {
        "apt" => value.has("=") || value.has("/"),
        "apk" | "zypper" => ["=", "<", ">", "~"].iter().any(|sign| value.has(sign)),
        "yum" | "dnf" if begin.starts_with('@') => return None,
        "yum" | "dnf" => {
            value.joined().as_bytes().windows(2).any(|two| two[0] == b'-' && matches!(two[1], b'0'..=b'9' | 0))
        }
        "pip" => {
            ["==", ">", "<", "!=", "~="].iter().any(|sign| value.has(sign))
                || (value.has("git+") && value.has(".git@"))
                || value.has(" @ ")
        }
        "npm" => {
            let text = value.joined();
            let version =
                text.strip_prefix('@').unwrap_or(&text).split_once('@').map(|(_, version)| version.to_owned());
            version.is_some_and(|version| !matches!(version.as_str(), "latest" | "next" | "*" | ""))
                || (value.has("#") && (value.has("git") || value.has("/")))
        }
        "gem" => value.has(":"),
        "go" => {
            let text = value.joined();
            let host = text.split('/').next().unwrap_or_default();
            if !host.contains('.') && value.known().is_some() {
                return None;
            }
            text.split_once('@')
                .is_some_and(|(_, version)| !matches!(version, "latest" | "master" | "main" | "upgrade"))
        }
        "cargo" => value.has("@"),
        _ => return None,
    };
    Some(match (says, value.known()) {
        (true, _) => Some(true),
        (false, Some(_)) => Some(false),
        (false, None) => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::families::docker::mapped::Mapped;
    use crate::families::docker::shell::Script;

    fn of(text: &str) -> String {
        let script = Script::read(&Mapped::of(text, 0));
        let command = script.commands.last().unwrap();
        let Some(action) = Action::of(command) else { return "none".to_owned() };
        let one = |(at, pinned): &(usize, Option<bool>)| {
            let sign = pinned.map_or("?", |pinned| if pinned { "=" } else { "-" });
            format!(" {sign}{}", command.words[*at].value.shown())
        };
        let packages: String = action.packages.iter().map(one).collect();
        format!("{} {}{packages}", action.manager, action.action)
    }

    #[test]
    fn packages_are_found() {
        for (text, expected) in [
            ("apt-get -y -t sid install a b=1 c/sid ./d.deb $E f=$G", "apt install -a =b=1 =c/sid ?… =f=…"),
            ("sudo apt-get update", "apt update"),
            ("apk add --no-cache -t .build a 'b>1' c~=2", "apk install -a =b>1 =c~=2"),
            ("yum -y install a-1.2 b-devel https://x/y.rpm @dev", "yum install =a-1.2 -b-devel"),
            ("microdnf update", "dnf upgrade"),
            ("dnf update a", "dnf update"),
            ("zypper --non-interactive in a", "zypper install -a"),
            ("python3 -m pip install --upgrade pip", "pip install -pip"),
            ("pip3 install a==1 'b>=2' . git+https://x/y.git@v1", "pip install =a==1 =b>=2 =git+https://x/y.git@v1"),
            ("pip install -r x.txt a", "pip install =a"),
            ("npm install -g a @b/c @b/d@1 e@latest ./f", "npm install -a -@b/c =@b/d@1 -e@latest"),
            ("npm install", "npm install"),
            ("yarn global add a@1", "npm install =a@1"),
            ("gem install a b:1", "gem install -a =b:1"),
            ("gem install a -v 1", "gem install =a"),
            ("go install x.org/a@latest x.org/b@v1 ./...", "go install -x.org/a@latest =x.org/b@v1"),
            ("cargo install --locked a b@1", "cargo install -a =b@1"),
            ("make install", "none"),
        ] {
            assert_eq!(of(text), expected, "{text}");
        }
    }
}
