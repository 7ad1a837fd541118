//! How one may log in: shells, whether there is a password, how many keys, and whether a second factor is asked.

use super::super::people::Account;
use super::super::read::{self, Notes};
use super::files;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

/// Largest file read of these.
const MAX_FILE_BYTES: u64 = 1024 * 1024;
/// Files of one service that include each other.
const MAX_INCLUDED: usize = 64;
/// Files of keys of one account.
const MAX_KEY_FILES: usize = 8;
/// Shells with which nobody logs in.
const NO_SHELLS: [&str; 8] = ["nologin", "false", "true", "sync", "halt", "shutdown", "git-shell", "null"];
/// Modules that ask for something that one has, beside the password that one knows.
const SECOND_FACTORS: [&str; 8] = [
    "pam_google_authenticator",
    "pam_u2f",
    "pam_duo",
    "pam_oath",
    "pam_yubico",
    "pam_fido2",
    "pam_totp",
    "pam_rsa_securid",
];
const PART: &str = "accounts";

/// Whether an account has a shell to log in with; none given means the usual one.
pub(super) fn shell(account: &Account) -> bool {
    let name = account.shell.rsplit('/').next().unwrap_or("");
    !NO_SHELLS.contains(&name)
}

/// What the shadow file says of passwords: not more than whether there is one.
pub(super) struct Shadow {
    /// Nothing where the file could not be read.
    by_name: Option<HashMap<String, &'static str>>,
}

impl Shadow {
    pub fn read(root: &Path, notes: &mut Notes) -> Shadow {
        match read::text(&root.join("etc/shadow"), MAX_FILE_BYTES) {
            Ok(text) => {
                let line = |line: &str| {
                    let (name, rest) = line.split_once(':')?;
                    Some((name.to_owned(), kind(rest.split(':').next()?)))
                };
                Shadow { by_name: Some(text.lines().filter_map(line).collect()) }
            }
            Err(error) => {
                notes.failed(PART, "/etc/shadow", &error);
                Shadow { by_name: None }
            }
        }
    }

    /// `set`, `locked`, `none` or `unknown`.
    pub fn password(&self, account: &Account) -> &'static str {
        if account.password != "x" {
            return kind(&account.password);
        }
        match &self.by_name {
            Some(by_name) => by_name.get(&account.name).copied().unwrap_or("locked"),
            None => "unknown",
        }
    }
}

fn kind(field: &str) -> &'static str {
    match field.as_bytes().first() {
        None => "none",
        Some(b'!' | b'*') => "locked",
        Some(_) => "set",
    }
}

/// What the configuration of the secure shell and of log-ins says.
pub(super) struct Logins {
    key_files: Vec<String>,
    second_factor: &'static str,
}

impl Logins {
    pub fn read(root: &Path, notes: &mut Notes) -> Logins {
        let mut ssh = Ssh { root, notes, seen: HashSet::new(), lines: Vec::new() };
        let readable = ssh.file(&root.join("etc/ssh/sshd_config"));
        let lines = std::mem::take(&mut ssh.lines);
        // The first one counts, and what follows a Match holds for some alone.
        let global = lines.iter().take_while(|(key, _)| key != "match");
        let first = |name: &str| global.clone().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let key_files = first("authorizedkeysfile").unwrap_or(".ssh/authorized_keys .ssh/authorized_keys2");
        let key_files = key_files.split_whitespace().filter(|one| *one != "none").take(MAX_KEY_FILES);
        let in_matches =
            lines.iter().skip_while(|(key, _)| key != "match").any(|(key, _)| key == "authenticationmethods");
        let modules =
            Pam { root, seen: HashSet::new() }.asks("sshd") || Pam { root, seen: HashSet::new() }.asks("sudo");
        let methods = first("authenticationmethods");
        let by_methods = methods.is_some_and(|methods| methods.split_whitespace().all(|one| one.contains(',')));
        let keys_alone = first("pubkeyauthentication") != Some("no") && !by_methods;
        let second_factor = match (readable, modules) {
            (Some(true), _) if by_methods => "yes",
            // Where keys open alone, the modules are not asked.
            (_, true) if keys_alone => "unknown",
            (_, true) => "yes",
            (Some(false), false) => "unknown",
            _ if in_matches => "unknown",
            _ => "no",
        };
        Logins { key_files: key_files.map(str::to_owned).collect(), second_factor }
    }

    /// `yes`, `no` or `unknown`, of this machine's log-ins.
    pub fn second_factor(&self) -> &'static str {
        self.second_factor
    }

    /// How many keys open an account; nothing where that cannot be read.
    pub fn keys(&self, root: &Path, account: &Account, notes: &mut Notes) -> Option<usize> {
        let mut keys = 0;
        for pattern in &self.key_files {
            let home = account.home.to_string_lossy();
            let path = pattern.replace("%h", &home).replace("%u", &account.name).replace("%%", "%");
            let path = account.home.join(path);
            match read::text(&read::below(root, &path), MAX_FILE_BYTES) {
                Ok(text) => keys += text.lines().map(str::trim).filter(|line| is_key(line)).count(),
                Err(error) if matches!(error.kind(), std::io::ErrorKind::PermissionDenied) => {
                    notes.failed(PART, format!("keys of {}", account.masked()), &error);
                    return None;
                }
                Err(_) => {}
            }
        }
        Some(keys)
    }
}

fn is_key(line: &str) -> bool {
    !line.is_empty() && !line.starts_with('#')
}

struct Ssh<'a> {
    root: &'a Path,
    notes: &'a mut Notes,
    seen: HashSet<PathBuf>,
    /// Keywords in small letters, and what follows.
    lines: Vec<(String, String)>,
}

impl Ssh<'_> {
    /// Whether it could be read; nothing where there is none.
    fn file(&mut self, path: &Path) -> Option<bool> {
        if self.seen.len() >= MAX_INCLUDED || !self.seen.insert(path.to_owned()) {
            return None;
        }
        let text = match read::text(path, MAX_FILE_BYTES) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return None,
            Err(error) => {
                self.notes.failed(PART, "/etc/ssh/sshd_config", &error);
                return Some(false);
            }
        };
        for line in text.lines().map(str::trim).filter(|line| is_key(line)) {
            let Some((key, value)) = line.split_once([' ', '\t', '=']) else { continue };
            let (key, value) = (key.to_ascii_lowercase(), value.trim().trim_matches('"').to_owned());
            if key == "include" {
                for pattern in value.split_whitespace() {
                    self.include(pattern);
                }
            } else {
                self.lines.push((key, value));
            }
        }
        Some(true)
    }

    /// `Include /etc/ssh/sshd_config.d/*.conf`: the one form with a pattern in the last part.
    fn include(&mut self, pattern: &str) {
        let path = read::below(self.root, &Path::new("/etc/ssh").join(pattern));
        match path.file_name().and_then(|name| name.to_str()).and_then(|name| name.split_once('*')) {
            Some((before, after)) => {
                let folder = path.parent().unwrap_or(self.root);
                let takes = |name: &str| name.starts_with(before) && name.ends_with(after);
                for file in files(folder, MAX_INCLUDED, takes).unwrap_or_default() {
                    self.file(&file);
                }
            }
            None => {
                self.file(&path);
            }
        }
    }
}

struct Pam<'a> {
    root: &'a Path,
    seen: HashSet<String>,
}

impl Pam<'_> {
    /// Whether a service asks for a second factor, itself or by what it includes.
    fn asks(&mut self, service: &str) -> bool {
        let plain = !service.contains(['/', '\0']) && !service.starts_with('.');
        if !plain || self.seen.len() >= MAX_INCLUDED || !self.seen.insert(service.to_owned()) {
            return false;
        }
        let Ok(text) = read::text(&self.root.join("etc/pam.d").join(service), MAX_FILE_BYTES) else { return false };
        text.lines().map(str::trim).filter(|line| is_key(line)).any(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            match words[..] {
                ["@include", other, ..] => self.asks(other),
                ["auth" | "-auth", "include" | "substack", other, ..] => self.asks(other),
                ["auth" | "-auth", ..] => words.iter().any(|word| {
                    let name = word.rsplit('/').next().unwrap_or(word);
                    SECOND_FACTORS.iter().any(|module| name.starts_with(module))
                }),
                _ => false,
            }
        })
    }
}
