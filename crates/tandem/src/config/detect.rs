//! Which rules are used: `[detect]` of the configuration file.

use clap::Args;
use serde::Deserialize;
use std::path::PathBuf;

/// What can be set.
#[derive(Args, Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DetectOptions {
    /// Folder or file of Sigma rules and operational rules, beside those that are built in; may be given several times.
    #[arg(long = "rules", env = "TANDEM_RULES", value_delimiter = ',', value_name = "PATH")]
    pub rules: Vec<PathBuf>,
    /// Folder or file with more definitions of log sources.
    #[arg(long = "rule-sources", env = "TANDEM_RULE_SOURCES", value_delimiter = ',', value_name = "PATH")]
    pub sources: Vec<PathBuf>,
    /// Files with the values of placeholders, such as `Workstations: [WS-1, WS-2*]`.
    #[arg(long, env = "TANDEM_PLACEHOLDERS", value_delimiter = ',', value_name = "FILE")]
    pub placeholders: Vec<PathBuf>,
    /// Do not use the rules that are built in.
    #[arg(long, env = "TANDEM_NO_BUILTIN_RULES", num_args = 0..=1, default_missing_value = "true", value_name = "BOOL")]
    pub no_builtin_rules: Option<bool>,
}

/// Settings ready for use.
#[derive(Clone, Debug)]
pub struct DetectSettings {
    /// Whether the rules that are built in are used.
    pub builtin: bool,
    /// Folders and files of rules.
    pub rules: Vec<PathBuf>,
    /// Folders and files of definitions of log sources.
    pub sources: Vec<PathBuf>,
    /// Files of values of placeholders.
    pub placeholders: Vec<PathBuf>,
}

impl DetectOptions {
    /// These over those of the file.
    pub fn over(self, file: DetectOptions) -> DetectOptions {
        let list = |given: Vec<PathBuf>, file: Vec<PathBuf>| if given.is_empty() { file } else { given };
        DetectOptions {
            rules: list(self.rules, file.rules),
            sources: list(self.sources, file.sources),
            placeholders: list(self.placeholders, file.placeholders),
            no_builtin_rules: self.no_builtin_rules.or(file.no_builtin_rules),
        }
    }

    /// With the defaults.
    pub fn settle(&self) -> DetectSettings {
        DetectSettings {
            builtin: !self.no_builtin_rules.unwrap_or(false),
            rules: self.rules.clone(),
            sources: self.sources.clone(),
            placeholders: self.placeholders.clone(),
        }
    }
}
