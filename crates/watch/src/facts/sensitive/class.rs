//! Which files look sensitive: by name and place, and for keys by their first bytes, which are not kept.

use std::path::Path;

/// Bytes at the start of a file in which the mark of a private key is looked for; certificates may come first.
pub(super) const HEAD_BYTES: u64 = 8 * 1024;
/// Smaller files of statements set up an empty database.
pub(super) const MIN_DUMP_BYTES: u64 = 64 * 1024;

/// What a file is by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Guess {
    /// Of this class.
    Is(&'static str),
    /// A private key, if it begins like one.
    MayBeKey,
    /// A dump of a database, if it is large enough.
    MayBeDump,
}

/// Names that are the same wherever they lie.
const BY_NAME: [(&str, &str); 34] = [
    (".netrc", "credentials"),
    ("_netrc", "credentials"),
    (".pgpass", "credentials"),
    (".my.cnf", "credentials"),
    (".npmrc", "credentials"),
    (".yarnrc.yml", "credentials"),
    (".pypirc", "credentials"),
    (".s3cfg", "credentials"),
    (".boto", "credentials"),
    (".git-credentials", "credentials"),
    (".vault-token", "credentials"),
    (".dockercfg", "credentials"),
    ("kubeconfig", "credentials"),
    ("application_default_credentials.json", "credentials"),
    ("credentials.tfrc.json", "credentials"),
    (".htpasswd", "password_store"),
    ("opasswd", "password_store"),
    (".bash_history", "shell_history"),
    (".zsh_history", "shell_history"),
    (".sh_history", "shell_history"),
    (".ash_history", "shell_history"),
    (".history", "shell_history"),
    ("fish_history", "shell_history"),
    (".mysql_history", "shell_history"),
    (".psql_history", "shell_history"),
    (".python_history", "shell_history"),
    (".rediscli_history", "shell_history"),
    ("id_rsa", "private_key?"),
    ("id_dsa", "private_key?"),
    ("id_ecdsa", "private_key?"),
    ("id_ed25519", "private_key?"),
    ("id_ecdsa_sk", "private_key?"),
    ("id_ed25519_sk", "private_key?"),
    (".env", "environment_file"),
];

/// Names that mean something in one folder alone.
const BY_PLACE: [(&str, &str, &str); 14] = [
    (".aws", "credentials", "credentials"),
    (".docker", "config.json", "credentials"),
    (".kube", "config", "credentials"),
    (".azure", "msal_token_cache.json", "credentials"),
    (".azure", "accessTokens.json", "credentials"),
    (".cargo", "credentials", "credentials"),
    (".cargo", "credentials.toml", "credentials"),
    (".gem", "credentials", "credentials"),
    ("gh", "hosts.yml", "credentials"),
    ("kubernetes", "admin.conf", "credentials"),
    ("etc", "shadow", "password_store"),
    ("etc", "shadow-", "password_store"),
    ("etc", "gshadow", "password_store"),
    ("etc", "gshadow-", "password_store"),
];

const BY_ENDING: [(&str, &str); 10] = [
    (".kdbx", "password_store"),
    (".kdb", "password_store"),
    (".psafe3", "password_store"),
    (".tfstate", "terraform_state"),
    (".tfstate.backup", "terraform_state"),
    (".p12", "private_key"),
    (".pfx", "private_key"),
    (".ppk", "private_key"),
    (".env", "environment_file"),
    (".keytab", "credentials"),
];

const KEY_ENDINGS: [&str; 4] = [".pem", ".key", "_key", ".p8"];
const DUMP_ENDINGS: [&str; 7] = [".sql", ".dump", ".sql.gz", ".sql.xz", ".sql.zst", ".sql.bz2", ".dump.gz"];
const ARCHIVE_ENDINGS: [&str; 10] =
    [".tar", ".tar.gz", ".tgz", ".tar.xz", ".tar.zst", ".tar.bz2", ".zip", ".7z", ".gz", ".bak"];
/// Templates show what is to be filled in.
const TEMPLATES: [&str; 5] = [".example", ".sample", ".template", ".dist", ".tpl"];

/// What the name and the folder of a file tell.
pub(super) fn guess(path: &Path) -> Option<Guess> {
    let name = path.file_name()?.to_str()?;
    let folder = path.parent().and_then(Path::file_name).and_then(|name| name.to_str()).unwrap_or("");
    let class = |class: &'static str| Some(if class == "private_key?" { Guess::MayBeKey } else { Guess::Is(class) });
    if let Some((.., found)) = BY_PLACE.iter().find(|(place, file, _)| *place == folder && *file == name) {
        return class(found);
    }
    if let Some((_, found)) = BY_NAME.iter().find(|(file, _)| *file == name) {
        return class(found);
    }
    let small = name.to_ascii_lowercase();
    if TEMPLATES.iter().any(|ending| small.ends_with(ending)) {
        return None;
    }
    if small.starts_with(".env.") {
        return Some(Guess::Is("environment_file"));
    }
    if let Some((_, found)) = BY_ENDING.iter().find(|(ending, _)| small.ends_with(ending)) {
        return class(found);
    }
    if KEY_ENDINGS.iter().any(|ending| small.ends_with(ending)) {
        return Some(Guess::MayBeKey);
    }
    if DUMP_ENDINGS.iter().any(|ending| small.ends_with(ending)) {
        return Some(Guess::MayBeDump);
    }
    let account = ["service-account", "service_account", "serviceaccount"].iter().any(|part| small.contains(part));
    if account && small.ends_with(".json") {
        return Some(Guess::Is("credentials"));
    }
    let backup = small.contains("backup") || small.contains("bkp") || small.ends_with(".bak");
    (backup && ARCHIVE_ENDINGS.iter().any(|ending| small.ends_with(ending))).then_some(Guess::Is("backup_archive"))
}

/// Whether these first bytes are of a private key in its usual text form.
pub(super) fn is_key(head: &[u8]) -> bool {
    let begin = b"-----BEGIN ";
    head.windows(begin.len()).enumerate().filter(|(_, window)| window == begin).any(|(at, _)| {
        let rest = &head[at + begin.len()..];
        let line = rest.split(|byte| *byte == b'\n').next().unwrap_or(rest).trim_ascii_end();
        // `RSA PRIVATE KEY`, `OPENSSH PRIVATE KEY`, `PGP PRIVATE KEY BLOCK`
        line.ends_with(b"PRIVATE KEY-----") || line == b"PGP PRIVATE KEY BLOCK-----"
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_places() {
        for (path, expected) in [
            ("/home/x/.ssh/id_ed25519", Some(Guess::MayBeKey)),
            ("/home/x/.ssh/id_ed25519.pub", None),
            ("/etc/ssl/private/site.key", Some(Guess::MayBeKey)),
            ("/etc/ssh/ssh_host_rsa_key", Some(Guess::MayBeKey)),
            ("/home/x/.aws/credentials", Some(Guess::Is("credentials"))),
            ("/srv/doc/credentials", None),
            ("/srv/app/.env", Some(Guess::Is("environment_file"))),
            ("/srv/app/.env.production", Some(Guess::Is("environment_file"))),
            ("/srv/app/.env.example", None),
            ("/srv/infra/prod.tfstate", Some(Guess::Is("terraform_state"))),
            ("/etc/shadow", Some(Guess::Is("password_store"))),
            ("/srv/game/shadow", None),
            ("/home/maria/team.kdbx", Some(Guess::Is("password_store"))),
            ("/srv/shop.sql.gz", Some(Guess::MayBeDump)),
            ("/srv/backup-2026.tar.gz", Some(Guess::Is("backup_archive"))),
            ("/srv/release.tar.gz", None),
            ("/opt/ci/gcp-service-account.json", Some(Guess::Is("credentials"))),
            ("/home/maria/.bash_history", Some(Guess::Is("shell_history"))),
            ("/", None),
        ] {
            assert_eq!(guess(Path::new(path)), expected, "{path}");
        }
    }

    #[test]
    fn keys_by_their_first_bytes() {
        assert!(is_key(b"-----BEGIN OPENSSH PRIVATE KEY-----\nx"));
        assert!(is_key(b"-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\r\n"));
        assert!(is_key(b"-----BEGIN PGP PRIVATE KEY BLOCK-----\n"));
        assert!(!is_key(b"-----BEGIN CERTIFICATE-----\nx"));
        assert!(!is_key(b"-----BEGIN PUBLIC KEY-----\nx"));
        assert!(!is_key(b""));
    }
}
