//! SARIF 2.1.0 as far as it is read. Flows, graphs, fixes and everything else that is not named here is skipped.

use crate::imports::json::bounded;
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;

#[derive(Deserialize)]
pub struct Log<'t> {
    pub version: Option<String>,
    #[serde(borrow, default, deserialize_with = "bounded")]
    pub runs: Vec<Run<'t>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Run<'t> {
    pub tool: Tool,
    pub automation_details: Option<Automation>,
    #[serde(default, deserialize_with = "bounded")]
    pub invocations: Vec<Invocation>,
    #[serde(default, deserialize_with = "null_is_empty")]
    pub original_uri_base_ids: BTreeMap<String, Artifact>,
    #[serde(default, deserialize_with = "bounded")]
    pub artifacts: Vec<Located>,
    #[serde(default, deserialize_with = "bounded")]
    pub version_control_provenance: Vec<Provenance>,
    /// Absent when nothing was looked for; each result is read by itself, so that an error has its place.
    #[serde(borrow)]
    pub results: Option<&'t serde_json::value::RawValue>,
}

#[derive(Deserialize)]
pub struct Tool {
    pub driver: Component,
    #[serde(default, deserialize_with = "bounded")]
    pub extensions: Vec<Component>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Component {
    #[serde(default, deserialize_with = "null_is_empty")]
    pub name: String,
    pub guid: Option<String>,
    pub version: Option<String>,
    pub semantic_version: Option<String>,
    #[serde(default, deserialize_with = "bounded")]
    pub rules: Vec<Descriptor>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Descriptor {
    #[serde(default, deserialize_with = "null_is_empty")]
    pub id: String,
    pub name: Option<String>,
    pub short_description: Option<Message>,
    pub full_description: Option<Message>,
    pub default_configuration: Option<Configuration>,
    #[serde(default, deserialize_with = "null_is_empty")]
    pub message_strings: BTreeMap<String, Message>,
    #[serde(default, deserialize_with = "null_is_empty")]
    pub properties: Properties,
}

#[derive(Deserialize)]
pub struct Configuration {
    pub level: Option<String>,
}

#[derive(Default, Deserialize)]
pub struct Properties {
    #[serde(rename = "security-severity")]
    pub security_severity: Option<Score>,
}

/// A score, which some write as a number.
#[derive(Clone, Deserialize)]
#[serde(untagged)]
pub enum Score {
    Number(f64),
    Text(String),
    Other(serde::de::IgnoredAny),
}

#[derive(Deserialize)]
pub struct Automation {
    pub id: Option<String>,
    pub guid: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Invocation {
    pub execution_successful: Option<bool>,
    pub start_time_utc: Option<String>,
    pub end_time_utc: Option<String>,
    pub working_directory: Option<Artifact>,
    #[serde(default, deserialize_with = "bounded")]
    pub tool_execution_notifications: Vec<Notification>,
}

#[derive(Deserialize)]
pub struct Notification {
    pub level: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Provenance {
    pub repository_uri: Option<String>,
    pub revision_id: Option<String>,
    pub branch: Option<String>,
}

#[derive(Deserialize)]
pub struct Located {
    pub location: Option<Artifact>,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Artifact {
    pub uri: Option<String>,
    pub uri_base_id: Option<String>,
    pub index: Option<i64>,
}

#[derive(Clone, Default, Deserialize)]
pub struct Message {
    pub text: Option<String>,
    pub markdown: Option<String>,
    pub id: Option<String>,
    #[serde(default, deserialize_with = "null_is_empty")]
    pub arguments: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Found {
    pub rule_id: Option<String>,
    pub rule_index: Option<i64>,
    pub rule: Option<RuleRef>,
    pub kind: Option<String>,
    pub level: Option<String>,
    #[serde(default, deserialize_with = "null_is_empty")]
    pub message: Message,
    #[serde(default, deserialize_with = "null_is_empty")]
    pub locations: Vec<Location>,
    #[serde(default, deserialize_with = "null_is_empty")]
    pub fingerprints: BTreeMap<String, String>,
    #[serde(default, deserialize_with = "null_is_empty")]
    pub partial_fingerprints: BTreeMap<String, String>,
    pub correlation_guid: Option<String>,
    #[serde(default, deserialize_with = "null_is_empty")]
    pub suppressions: Vec<Suppression>,
    pub baseline_state: Option<String>,
    #[serde(default, deserialize_with = "null_is_empty")]
    pub properties: Properties,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RuleRef {
    pub id: Option<String>,
    pub index: Option<i64>,
    pub tool_component: Option<ComponentRef>,
}

#[derive(Deserialize)]
pub struct ComponentRef {
    pub name: Option<String>,
    pub index: Option<i64>,
    pub guid: Option<String>,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Location {
    pub physical_location: Option<Physical>,
    #[serde(default, deserialize_with = "null_is_empty")]
    pub logical_locations: Vec<Logical>,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Physical {
    pub artifact_location: Option<Artifact>,
    pub region: Option<Region>,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Region {
    pub start_line: Option<i64>,
    pub start_column: Option<i64>,
    pub snippet: Option<Snippet>,
}

#[derive(Clone, Deserialize)]
pub struct Snippet {
    pub text: Option<String>,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Logical {
    pub fully_qualified_name: Option<String>,
    pub name: Option<String>,
}

#[derive(Deserialize)]
pub struct Suppression {
    pub kind: Option<String>,
    pub status: Option<String>,
    pub justification: Option<String>,
}

/// `null` where something may be absent.
fn null_is_empty<'t, D: Deserializer<'t>, T: Default + Deserialize<'t>>(from: D) -> Result<T, D::Error> {
    Ok(Option::<T>::deserialize(from)?.unwrap_or_default())
}
