//! What a server may ask of its agents: how often to look, at what, and how to label the machine.

use anyhow::{Context as _, Result, bail, ensure};
use serde::{Deserialize, Serialize};
use std::path::{Component, Path};

/// Largest policy read.
const MAX_POLICY_BYTES: usize = 64 * 1024;
/// Folders that a policy adds or leaves out; more is a list for a scanner.
const MAX_FOLDERS: usize = 64;
/// Longest folder or label.
const MAX_TEXT_BYTES: usize = 1_024;
/// Longest interval: what is looked at more seldom than daily is out of date.
const MAX_SECONDS: u64 = 24 * 3600;

/// How the facts of a machine are gathered; a server hands the same one to all its agents.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// Seconds between two looks.
    pub intervals: Intervals,
    /// What is looked at.
    pub parts: Parts,
    /// Folders searched for sensitive files beside the usual ones.
    pub sensitive_folders: Vec<String>,
    /// Folders never entered in that search.
    pub excluded_folders: Vec<String>,
    /// The team that owns these machines.
    pub owner: Option<String>,
    /// `production`, `staging`, ...
    pub environment: Option<String>,
}

/// Seconds between two looks at each part; 0 is at every poll.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Intervals {
    /// Packages; a changed database is read at once.
    pub packages: u64,
    /// Listening sockets.
    pub sockets: u64,
    /// Running executables.
    pub executables: u64,
    /// Containers.
    pub containers: u64,
    /// Accounts; changed account files are read at once.
    pub accounts: u64,
    /// Files that look sensitive.
    pub sensitive: u64,
}

impl Default for Intervals {
    fn default() -> Self {
        Self { packages: 600, sockets: 0, executables: 0, containers: 0, accounts: 3600, sensitive: 3600 }
    }
}

/// Which parts are looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Parts {
    /// Packages.
    pub packages: bool,
    /// Listening sockets.
    pub sockets: bool,
    /// Running executables.
    pub executables: bool,
    /// Containers.
    pub containers: bool,
    /// Accounts and groups.
    pub accounts: bool,
    /// Files that look sensitive.
    pub sensitive: bool,
}

impl Default for Parts {
    fn default() -> Self {
        Self { packages: true, sockets: true, executables: true, containers: true, accounts: true, sensitive: true }
    }
}

impl Policy {
    /// Reads a policy as a server hands it out, and checks it.
    pub fn from_json(json: &[u8]) -> Result<Policy> {
        ensure!(json.len() <= MAX_POLICY_BYTES, "the policy has {} bytes, at most {MAX_POLICY_BYTES}", json.len());
        let policy: Policy = serde_json::from_slice(json).context("the policy is wrong")?;
        policy.check()?;
        Ok(policy)
    }

    /// Whether all of it can be followed.
    pub fn check(&self) -> Result<()> {
        let Intervals { packages, sockets, executables, containers, accounts, sensitive } = self.intervals;
        for (name, seconds) in [
            ("packages", packages),
            ("sockets", sockets),
            ("executables", executables),
            ("containers", containers),
            ("accounts", accounts),
            ("sensitive", sensitive),
        ] {
            ensure!(seconds <= MAX_SECONDS, "intervals.{name} is {seconds} s; write at most {MAX_SECONDS}");
        }
        for (name, folders) in
            [("sensitive_folders", &self.sensitive_folders), ("excluded_folders", &self.excluded_folders)]
        {
            ensure!(folders.len() <= MAX_FOLDERS, "{name} has {} folders; write at most {MAX_FOLDERS}", folders.len());
            for folder in folders {
                let path = Path::new(folder);
                let plain = path.components().all(|part| matches!(part, Component::RootDir | Component::Normal(_)));
                if !path.is_absolute() || !plain || folder.len() > MAX_TEXT_BYTES || folder.contains('\0') {
                    bail!("{name} has {folder:?}; write a folder such as /srv/data");
                }
            }
        }
        for (name, label) in [("owner", &self.owner), ("environment", &self.environment)] {
            if let Some(label) = label {
                let fits = (1..=MAX_TEXT_BYTES).contains(&label.len()) && !label.chars().any(char::is_control);
                ensure!(fits, "{name} must have 1 to {MAX_TEXT_BYTES} bytes in one line");
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_as_usual() {
        let policy = Policy::from_json(
            br#"{"parts": {"sensitive": false}, "intervals": {"sockets": 60}, "owner": "@acme/platform"}"#,
        )
        .unwrap();
        assert!(!policy.parts.sensitive && policy.parts.packages);
        assert_eq!((policy.intervals.sockets, policy.intervals.packages), (60, 600));
        assert_eq!(Policy::from_json(b"{}").unwrap(), Policy::default());
        let again = serde_json::to_vec(&policy).unwrap();
        assert_eq!(Policy::from_json(&again).unwrap(), policy);
    }

    #[test]
    fn what_cannot_be_followed_is_refused() {
        for wrong in [
            r#"{"partz": {}}"#,
            r#"{"parts": {"passwords": true}}"#,
            r#"{"intervals": {"sockets": -1}}"#,
            r#"{"intervals": {"sockets": 90000}}"#,
            r#"{"sensitive_folders": ["srv"]}"#,
            r#"{"sensitive_folders": ["/srv/../root"]}"#,
            r#"{"owner": ""}"#,
            r#"{"environment": "a\nb"}"#,
            "7",
        ] {
            assert!(Policy::from_json(wrong.as_bytes()).is_err(), "{wrong}");
        }
        let many = Policy { excluded_folders: vec!["/a".to_owned(); 65], ..Policy::default() };
        assert!(many.check().is_err());
        assert!(Policy::from_json(&vec![b' '; 65 * 1024]).is_err());
    }
}
