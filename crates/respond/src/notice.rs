//! What people hear: one form for all ways out, and how each of them wants it.

use crate::limits::{MAX_NOTICE_ALERTS, MAX_NOTICE_CHARS};
use crate::policy::{Channel, ChannelKind};
use crate::text::{cut, cut_lines, rfc3339, slack, span, time};
use model::{Aspect, Level, Nanos};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// One alert of a notice.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct About {
    /// The rule.
    pub rule: String,
    /// One line.
    pub title: String,
    /// How bad.
    pub level: Level,
    /// Whose language.
    pub aspect: Aspect,
    /// What it is about; empty when nobody knows.
    pub entity: String,
    /// Why it fired.
    pub why: String,
    /// Where to look.
    pub runbook: Option<String>,
    /// The change that is likeliest to blame.
    pub suspect: Option<String>,
    /// What the last one like it was.
    pub last: Option<String>,
    /// What repeats share.
    pub fingerprint: String,
    /// The first event.
    pub first: Nanos,
    /// How many events.
    pub count: u64,
}

/// Something that people should hear of.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Notice {
    /// `alert`, `incident`, `digest`, `suppression`, `playbook`.
    pub kind: String,
    /// One line.
    pub title: String,
    /// How bad.
    pub level: Level,
    /// The team that answers for it; empty for nobody.
    pub team: String,
    /// Who may see it.
    pub dataset: String,
    /// When it was made.
    pub at: Nanos,
    /// What more there is to say, as lines.
    pub text: String,
    /// Where to look at it.
    pub link: Option<String>,
    /// The alerts.
    pub alerts: Vec<About>,
}

/// A notice as a channel wants it, as JSON: what is posted, or `subject` and `text` of a mail, or `text` alone of a
/// template that is no JSON.
///
/// A template has `{{title}}`, `{{level}}`, `{{team}}`, `{{entity}}`, `{{why}}`, `{{runbook}}`, `{{suspect}}`, `{{last}}`,
/// `{{text}}`, `{{link}}`, `{{time}}`, `{{kind}}`, `{{count}}` and `{{dataset}}` in it, those of an alert being of the first.
/// When the template is JSON, they are escaped as in its texts.
pub fn render(notice: &Notice, channel: &Channel) -> String {
    let body = match &channel.kind {
        ChannelKind::Alertmanager => alertmanager(notice, channel),
        ChannelKind::Slack => json!({"text": cut_lines(&slack_text(notice), MAX_NOTICE_CHARS)}),
        ChannelKind::Email => {
            let subject = format!("[{}] {}", notice.level.name(), notice.title);
            json!({"subject": cut(&subject, 200), "text": cut_lines(&plain(notice), MAX_NOTICE_CHARS)})
        }
        ChannelKind::Generic { template } => return generic(notice, template),
    };
    body.to_string()
}

/// Lines that say all of it.
pub fn plain(notice: &Notice) -> String {
    let mut lines = vec![notice.title.clone(), format!("Level: {}", notice.level.name())];
    if !notice.team.is_empty() {
        lines.push(format!("Team: {}", notice.team));
    }
    lines.extend((!notice.text.is_empty()).then(|| notice.text.clone()));
    for alert in notice.alerts.iter().take(MAX_NOTICE_ALERTS) {
        lines.push(String::new());
        lines.push(format!("{} ({})", alert.title, alert.level.name()));
        lines.extend(details(alert).into_iter().map(|(name, value)| format!("  {name}: {value}")));
    }
    if notice.alerts.len() > MAX_NOTICE_ALERTS {
        lines.push(format!("\nand {} more", notice.alerts.len() - MAX_NOTICE_ALERTS));
    }
    lines.extend(notice.link.as_ref().map(|link| format!("\n{link}")));
    lines.push(format!("\n{}", time(notice.at)));
    lines.join("\n")
}

fn details(alert: &About) -> Vec<(&'static str, String)> {
    let mut all = vec![("About", alert.entity.clone()), ("Why", alert.why.clone())];
    all.push(("Suspect", alert.suspect.clone().unwrap_or_default()));
    all.push(("Last time", alert.last.clone().unwrap_or_default()));
    all.push(("Runbook", alert.runbook.clone().unwrap_or_default()));
    all.retain(|(_, value)| !value.is_empty());
    all
}

fn slack_text(notice: &Notice) -> String {
    let mut lines = vec![format!("*{}* {}", notice.level.name().to_uppercase(), slack(&notice.title))];
    if !notice.team.is_empty() {
        lines.push(format!("Team: {}", slack(&notice.team)));
    }
    lines.extend((!notice.text.is_empty()).then(|| slack(&notice.text)));
    for alert in notice.alerts.iter().take(MAX_NOTICE_ALERTS) {
        lines.push(format!("• {} ({})", slack(&alert.title), alert.level.name()));
        lines.extend(details(alert).into_iter().map(|(name, value)| format!("    {name}: {}", slack(&value))));
    }
    if notice.alerts.len() > MAX_NOTICE_ALERTS {
        lines.push(format!("and {} more", notice.alerts.len() - MAX_NOTICE_ALERTS));
    }
    lines.extend(notice.link.as_ref().map(|link| slack(link)));
    lines.join("\n")
}

/// What Alertmanager posts to a webhook, version 4.
fn alertmanager(notice: &Notice, channel: &Channel) -> Value {
    let severity = |level: Level| match level {
        Level::Critical => "critical",
        Level::High => "error",
        Level::Medium => "warning",
        Level::Low | Level::Informational => "info",
    };
    let one = |alert: &About| {
        let mut annotations = Map::new();
        let texts = [
            ("summary", Some(&alert.title)),
            ("description", Some(&alert.why)),
            ("runbook_url", alert.runbook.as_ref()),
            ("suspect", alert.suspect.as_ref()),
            ("last", alert.last.as_ref()),
        ];
        for (name, text) in texts {
            if let Some(text) = text.filter(|text| !text.is_empty()) {
                annotations.insert(name.to_owned(), text.as_str().into());
            }
        }
        json!({
            "status": "firing",
            "labels": {"alertname": alert.title, "rule": alert.rule, "severity": severity(alert.level),
                "level": alert.level.name(), "entity": alert.entity, "team": notice.team, "dataset": notice.dataset},
            "annotations": annotations,
            "startsAt": rfc3339(alert.first),
            "endsAt": "0001-01-01T00:00:00Z",
            "generatorURL": notice.link.clone().unwrap_or_default(),
            "fingerprint": alert.fingerprint.get(..16).unwrap_or(&alert.fingerprint),
        })
    };
    let alerts: Vec<Value> = notice.alerts.iter().take(MAX_NOTICE_ALERTS).map(one).collect();
    json!({
        "version": "4",
        "groupKey": format!("{}:{}", notice.kind, notice.title),
        "truncatedAlerts": notice.alerts.len().saturating_sub(MAX_NOTICE_ALERTS),
        "status": "firing",
        "receiver": channel.name,
        "groupLabels": {"team": notice.team},
        "commonLabels": {"team": notice.team, "severity": severity(notice.level)},
        "commonAnnotations": {"summary": notice.title, "description": notice.text},
        "externalURL": notice.link.clone().unwrap_or_default(),
        "alerts": alerts,
    })
}

fn generic(notice: &Notice, template: &str) -> String {
    let is_json = serde_json::from_str::<Value>(template).is_ok();
    let first = notice.alerts.first();
    let of = |pick: fn(&About) -> String| first.map(pick).unwrap_or_default();
    let values = [
        ("title", notice.title.clone()),
        ("level", notice.level.name().to_owned()),
        ("team", notice.team.clone()),
        ("dataset", notice.dataset.clone()),
        ("kind", notice.kind.clone()),
        ("time", rfc3339(notice.at)),
        ("link", notice.link.clone().unwrap_or_default()),
        ("text", plain(notice)),
        ("entity", of(|alert| alert.entity.clone())),
        ("why", of(|alert| alert.why.clone())),
        ("runbook", of(|alert| alert.runbook.clone().unwrap_or_default())),
        ("suspect", of(|alert| alert.suspect.clone().unwrap_or_default())),
        ("last", of(|alert| alert.last.clone().unwrap_or_default())),
        ("count", of(|alert| alert.count.to_string())),
    ];
    // In one pass, so that a value with braces in it stays a value.
    let (mut out, mut rest) = (String::with_capacity(template.len()), template);
    while let Some(at) = rest.find("{{") {
        out.push_str(&rest[..at]);
        rest = &rest[at + 2..];
        let Some((name, after)) = rest.split_once("}}") else {
            out.push_str("{{");
            break;
        };
        match values.iter().find(|(known, _)| *known == name.trim()) {
            Some((_, value)) => {
                let value = cut_lines(value, MAX_NOTICE_CHARS / 4);
                let quoted = Value::String(value.clone()).to_string();
                out.push_str(if is_json { &quoted[1..quoted.len() - 1] } else { &value });
                rest = after;
            }
            None => out.push_str("{{"),
        }
    }
    out.push_str(rest);
    let out = cut_lines(&out, 4 * MAX_NOTICE_CHARS);
    if is_json { out } else { json!({"text": out}).to_string() }
}

/// How long something went on, for a notice.
pub fn since(first: Nanos, now: Nanos) -> String {
    format!("since {} ({})", time(first), span(now - first))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notice() -> Notice {
        let about = About {
            rule: "r1".to_owned(),
            title: "Many \"failed\" <log-ins>".to_owned(),
            level: Level::High,
            aspect: Aspect::Security,
            entity: "host:web-1".to_owned(),
            why: "12 failures; {{title}}\nnext <!channel>".to_owned(),
            runbook: Some("https://wiki.example/x".to_owned()),
            suspect: None,
            last: None,
            fingerprint: "0123456789abcdef0123456789abcdef".to_owned(),
            first: 0,
            count: 12,
        };
        Notice {
            kind: "alert".to_owned(),
            title: about.title.clone(),
            level: Level::High,
            team: "shop".to_owned(),
            dataset: "default".to_owned(),
            at: 1_000_000_000,
            text: String::new(),
            link: None,
            alerts: vec![about],
        }
    }

    fn channel(kind: ChannelKind) -> Channel {
        Channel { name: "c".to_owned(), kind, teams: vec![], datasets: vec![], least: Level::Low, per_minute: 1 }
    }

    fn value(kind: ChannelKind) -> Value {
        serde_json::from_str(&render(&notice(), &channel(kind))).unwrap()
    }

    #[test]
    fn each_way_out_has_its_form() {
        let posted = value(ChannelKind::Alertmanager);
        assert_eq!((posted["version"].as_str(), posted["status"].as_str()), (Some("4"), Some("firing")));
        let alert = &posted["alerts"][0];
        assert_eq!(
            (alert["labels"]["severity"].as_str(), alert["startsAt"].as_str()),
            (Some("error"), Some("1970-01-01T00:00:00.000Z"))
        );
        let chat = value(ChannelKind::Slack);
        let text = chat["text"].as_str().unwrap();
        assert!(text.contains("&lt;!channel&gt;") && !text.contains("<!"), "{text}");
        let mail = value(ChannelKind::Email);
        assert_eq!(mail["subject"], "[high] Many \"failed\" <log-ins>");
        assert!(!mail["subject"].as_str().unwrap().contains('\n'));
    }

    #[test]
    fn a_template_takes_values_as_values() {
        let json = r#"{"summary": "{{title}}: {{ why }}", "n": "{{count}}", "keep": "{{unknown}}"}"#;
        let filled = value(ChannelKind::Generic { template: json.to_owned() });
        assert_eq!(filled["summary"], "Many \"failed\" <log-ins>: 12 failures; {{title}}\nnext <!channel>");
        assert_eq!((filled["n"].as_str(), filled["keep"].as_str()), (Some("12"), Some("{{unknown}}")));
        let text = value(ChannelKind::Generic { template: "{{level}}! {{".to_owned() });
        assert_eq!(text["text"], "high! {{");
    }
}
