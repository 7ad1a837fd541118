//! The files that come with Tandem. Their order is the order in which paths are tried.

use super::SourceFile;

/// A file of `rules/sources`.
macro_rules! file {
    ($name:literal) => {
        (concat!("rules/sources/", $name), include_str!(concat!("../../../../rules/sources/", $name)))
    };
}

/// Windows comes first, with its own names; the security log before Sysmon, for it calls the new process otherwise.
const FILES: &[(&str, &str)] = &[
    file!("windows_security.yml"),
    file!("windows_sysmon.yml"),
    file!("windows.yml"),
    file!("linux_auditd.yml"),
    file!("linux_sysmon.yml"),
    file!("linux_syslog.yml"),
    file!("falco.yml"),
    file!("endpoint.yml"),
    file!("web.yml"),
    file!("aws_cloudtrail.yml"),
    file!("kubernetes_audit.yml"),
    file!("github_audit.yml"),
];

/// All of them.
pub(super) fn files() -> Vec<SourceFile> {
    FILES.iter().map(|(name, text)| SourceFile { name: (*name).into(), text: (*text).to_owned() }).collect()
}
