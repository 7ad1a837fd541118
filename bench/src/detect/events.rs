//! Security events of Windows as an exporter sends them: about 2.5 KB of JSON each, row `n` a function of `n` alone.
//!
//! Mostly process starts (Sysmon 1, Security 4688), then registry values, script blocks, loaded images, files, log-ons and
//! connections. Two in a hundred do something that rules look for; the rest is what an office does all day.

use super::programs::{EXPLORER, KEYS, ODD, PARENTS, PROGRAMS, Program};
use crate::words::Words;
use serde_json::{Map, Value};
use std::fmt::Write as _;
use xtask::random::Random;

/// The generator.
pub struct Security {
    words: Words,
    seed: u64,
}

/// How an exporter writes an event.
#[derive(Clone, Copy, PartialEq)]
pub enum Shape {
    /// As `Flat`, and it says its log source itself, for engines that do not see it in the rest.
    Labelled,
    /// Sigma's names at the top.
    Flat,
    /// `winlog.event_data.Image`, as Winlogbeat nests it.
    Nested,
}

type Fields = Vec<(&'static str, String)>;

impl Security {
    /// The events of one seed.
    pub fn new(seed: u64) -> Security {
        Security { words: Words::new(seed), seed }
    }

    /// Event `n` as a line.
    pub fn line(&self, n: u64, shape: Shape) -> String {
        let mut random = Random::new(self.seed ^ n.wrapping_mul(0x9e37_79b9));
        let user = format!("{}.{}", self.words.pick(&mut random), self.words.pick(&mut random));
        let (id, channel, title, fields) = match random.below(100) {
            0..46 => self.process(&mut random, &user),
            46..60 => self.process_audit(&mut random, &user),
            60..72 => self.registry(&mut random, &user),
            72..80 => self.script(&mut random),
            80..87 => self.image(&mut random, &user),
            87..93 => self.file(&mut random, &user),
            93..97 => self.log_on(&mut random, &user),
            _ => self.connection(&mut random, &user),
        };
        self.render(n, &mut random, (id, channel, title), fields, shape)
    }

    fn fill(&self, template: &str, random: &mut Random, user: &str) -> String {
        let mut out = String::with_capacity(template.len() + 32);
        let mut rest = template;
        while let Some(at) = rest.find('{') {
            out.push_str(&rest[..at]);
            // Braces that name nothing stay as they are.
            let (name, after) = match rest.get(at + 1..at + 3) {
                Some("w}" | "u}" | "n}" | "h}") => (&rest[at + 1..at + 2], &rest[at + 3..]),
                _ => ("", &rest[at + 1..]),
            };
            match name {
                "w" => out.push_str(self.words.pick(random)),
                "u" => out.push_str(user),
                "n" => drop(write!(out, "{}", random.below(1_000_000))),
                "h" => drop(write!(out, "{:016x}{:016x}", random.bits(), random.bits())),
                _ => out.push('{'),
            }
            rest = after;
        }
        out.push_str(rest);
        out
    }

    /// Image, description, original name, command line.
    fn start(&self, random: &mut Random, user: &str) -> [String; 4] {
        let programs = if random.below(50) == 0 { ODD } else { PROGRAMS };
        let Program(image, description, original, commands) = random.pick(programs);
        let command = random.pick::<&str>(commands);
        [
            self.fill(image, random, user),
            (*description).to_owned(),
            (*original).to_owned(),
            self.fill(command, random, user),
        ]
    }

    /// Image and command line of a program's parent.
    fn parent(&self, random: &mut Random, image: &str) -> (String, String) {
        let of = PARENTS.iter().find(|(end, _)| image.ends_with(end));
        let (parent, command) = random.pick(of.map_or(&[EXPLORER] as &[_], |(_, parents)| parents));
        ((*parent).to_owned(), (*command).to_owned())
    }

    fn process(&self, random: &mut Random, user: &str) -> (u64, &'static str, &'static str, Fields) {
        let [image, description, original, command] = self.start(random, user);
        let (parent, parent_command) = self.parent(random, &image);
        let hashes = format!("MD5={},SHA256={}{},IMPHASH={}", hex(random), hex(random), hex(random), hex(random));
        (
            1,
            SYSMON,
            "Process Create",
            vec![
                ("RuleName", "-".to_owned()),
                ("UtcTime", "2026-03-04 05:06:07.891".to_owned()),
                ("ProcessGuid", guid(random)),
                ("ProcessId", random.below(20_000).to_string()),
                ("Image", image),
                ("FileVersion", "10.0.19041.1 (WinBuild.160101.0800)".to_owned()),
                ("Description", description),
                ("Product", "Microsoft® Windows® Operating System".to_owned()),
                ("Company", "Microsoft Corporation".to_owned()),
                ("OriginalFileName", original),
                ("CommandLine", command),
                ("CurrentDirectory", format!("C:\\Users\\{user}\\")),
                ("User", format!("CORP\\{user}")),
                ("LogonGuid", guid(random)),
                ("LogonId", format!("0x{:x}", random.below(1 << 24))),
                ("TerminalSessionId", "1".to_owned()),
                ("IntegrityLevel", random.pick::<&str>(&["Medium", "High", "System"]).to_string()),
                ("Hashes", hashes),
                ("ParentProcessGuid", guid(random)),
                ("ParentProcessId", random.below(20_000).to_string()),
                ("ParentImage", parent),
                ("ParentCommandLine", parent_command),
                ("ParentUser", format!("CORP\\{user}")),
            ],
        )
    }

    fn process_audit(&self, random: &mut Random, user: &str) -> (u64, &'static str, &'static str, Fields) {
        let [image, _, _, command] = self.start(random, user);
        let (parent, _) = self.parent(random, &image);
        (
            4688,
            "Security",
            "A new process has been created.",
            vec![
                ("SubjectUserSid", "S-1-5-21-1004336348-1177238915-682003330-512".to_owned()),
                ("SubjectUserName", user.to_owned()),
                ("SubjectDomainName", "CORP".to_owned()),
                ("SubjectLogonId", format!("0x{:x}", random.below(1 << 24))),
                ("NewProcessId", format!("0x{:x}", random.below(20_000))),
                ("NewProcessName", image),
                ("TokenElevationType", "%%1938".to_owned()),
                ("ProcessId", format!("0x{:x}", random.below(20_000))),
                ("CommandLine", command),
                ("TargetUserSid", "S-1-0-0".to_owned()),
                ("TargetUserName", "-".to_owned()),
                ("TargetDomainName", "-".to_owned()),
                ("TargetLogonId", "0x0".to_owned()),
                ("ParentProcessName", parent),
                ("MandatoryLabel", "S-1-16-8192".to_owned()),
            ],
        )
    }

    fn registry(&self, random: &mut Random, user: &str) -> (u64, &'static str, &'static str, Fields) {
        let [image, ..] = self.start(random, user);
        let key = random.pick::<&str>(KEYS);
        (
            13,
            SYSMON,
            "Registry value set",
            vec![
                ("RuleName", "-".to_owned()),
                ("EventType", "SetValue".to_owned()),
                ("UtcTime", "2026-03-04 05:06:07.891".to_owned()),
                ("ProcessGuid", guid(random)),
                ("ProcessId", random.below(20_000).to_string()),
                ("Image", image),
                ("TargetObject", self.fill(key, random, user)),
                ("Details", self.fill("C:\\Program Files\\{w}\\{w}.dll,{n} \"{w} {w}\" {h}{h}", random, user)),
                ("User", format!("CORP\\{user}")),
            ],
        )
    }

    fn script(&self, random: &mut Random) -> (u64, &'static str, &'static str, Fields) {
        let mut text = String::new();
        while text.len() < 700 {
            text.push_str(&self.fill("function Get-{w} { param([string]$_{w}) ", random, ""));
            text.push_str(&self.fill(
                "$_{w} = Get-ChildItem -Path \"C:\\ProgramData\\{w}\" | Where-Object {w} -eq '{w}'; ",
                random,
                "",
            ));
            text.push_str(&self.fill("if ($_{w}) { Write-Output \"{w} {w} {n}\" } }\n", random, ""));
        }
        (
            4104,
            "Microsoft-Windows-PowerShell/Operational",
            "Creating Scriptblock text (1 of 1):",
            vec![
                ("MessageNumber", "1".to_owned()),
                ("MessageTotal", "1".to_owned()),
                ("ScriptBlockText", text),
                ("ScriptBlockId", guid(random)),
                ("Path", self.fill("C:\\ProgramData\\{w}\\{w}.ps1", random, "")),
            ],
        )
    }

    fn image(&self, random: &mut Random, user: &str) -> (u64, &'static str, &'static str, Fields) {
        let [image, ..] = self.start(random, user);
        let hashes = format!("MD5={},SHA256={}{},IMPHASH={}", hex(random), hex(random), hex(random), hex(random));
        (
            7,
            SYSMON,
            "Image loaded",
            vec![
                ("RuleName", "-".to_owned()),
                ("UtcTime", "2026-03-04 05:06:07.891".to_owned()),
                ("ProcessGuid", guid(random)),
                ("ProcessId", random.below(20_000).to_string()),
                ("Image", image),
                ("ImageLoaded", self.fill("C:\\Windows\\System32\\{w}.dll", random, user)),
                ("FileVersion", "10.0.19041.1 (WinBuild.160101.0800)".to_owned()),
                ("Description", self.fill("{w} {w} {w}", random, user)),
                ("Product", "Microsoft® Windows® Operating System".to_owned()),
                ("Company", "Microsoft Corporation".to_owned()),
                ("OriginalFileName", self.fill("{w}.dll", random, user)),
                ("Hashes", hashes),
                ("Signed", "true".to_owned()),
                ("Signature", "Microsoft Windows".to_owned()),
                ("SignatureStatus", "Valid".to_owned()),
                ("User", format!("CORP\\{user}")),
            ],
        )
    }

    fn file(&self, random: &mut Random, user: &str) -> (u64, &'static str, &'static str, Fields) {
        let [image, ..] = self.start(random, user);
        (
            11,
            SYSMON,
            "File created",
            vec![
                ("RuleName", "-".to_owned()),
                ("UtcTime", "2026-03-04 05:06:07.891".to_owned()),
                ("ProcessGuid", guid(random)),
                ("ProcessId", random.below(20_000).to_string()),
                ("Image", image),
                ("TargetFilename", self.fill("C:\\Users\\{u}\\AppData\\Local\\{w}\\{w}\\Cache\\{h}.{w}", random, user)),
                ("CreationUtcTime", "2026-03-04 05:06:07.891".to_owned()),
                ("User", format!("CORP\\{user}")),
            ],
        )
    }

    fn log_on(&self, random: &mut Random, user: &str) -> (u64, &'static str, &'static str, Fields) {
        (
            4624,
            "Security",
            "An account was successfully logged on.",
            vec![
                ("SubjectUserSid", "S-1-5-18".to_owned()),
                ("SubjectUserName", "WKS-0412$".to_owned()),
                ("SubjectDomainName", "CORP".to_owned()),
                ("SubjectLogonId", "0x3e7".to_owned()),
                ("TargetUserSid", "S-1-5-21-1004336348-1177238915-682003330-1104".to_owned()),
                ("TargetUserName", user.to_owned()),
                ("TargetDomainName", "CORP".to_owned()),
                ("TargetLogonId", format!("0x{:x}", random.below(1 << 24))),
                ("LogonType", random.pick::<&str>(&["2", "3", "3", "5", "7", "10"]).to_string()),
                ("LogonProcessName", "User32".to_owned()),
                ("AuthenticationPackageName", "Negotiate".to_owned()),
                ("WorkstationName", "WKS-0412".to_owned()),
                ("LogonGuid", guid(random)),
                ("TransmittedServices", "-".to_owned()),
                ("LmPackageName", "-".to_owned()),
                ("KeyLength", "0".to_owned()),
                ("ProcessName", "C:\\Windows\\System32\\svchost.exe".to_owned()),
                ("IpAddress", format!("10.20.{}.{}", random.below(256), random.below(256))),
                ("IpPort", random.below(65_536).to_string()),
                ("ImpersonationLevel", "%%1833".to_owned()),
                ("ElevatedToken", "%%1842".to_owned()),
            ],
        )
    }

    fn connection(&self, random: &mut Random, user: &str) -> (u64, &'static str, &'static str, Fields) {
        let [image, ..] = self.start(random, user);
        (
            3,
            SYSMON,
            "Network connection detected",
            vec![
                ("RuleName", "-".to_owned()),
                ("UtcTime", "2026-03-04 05:06:07.891".to_owned()),
                ("ProcessGuid", guid(random)),
                ("ProcessId", random.below(20_000).to_string()),
                ("Image", image),
                ("User", format!("CORP\\{user}")),
                ("Protocol", "tcp".to_owned()),
                ("Initiated", "true".to_owned()),
                ("SourceIsIpv6", "false".to_owned()),
                ("SourceIp", format!("10.20.{}.{}", random.below(256), random.below(256))),
                ("SourceHostname", "wks-0412.corp.example".to_owned()),
                ("SourcePort", random.below(65_536).to_string()),
                ("DestinationIp", format!("203.0.113.{}", random.below(256))),
                ("DestinationHostname", self.fill("{w}.{w}.example", random, user)),
                ("DestinationPort", random.pick::<&str>(&["443", "443", "80", "53", "8443"]).to_string()),
            ],
        )
    }

    /// The event with what the system and the exporter say of it; the message says all of it again.
    fn render(
        &self,
        n: u64,
        random: &mut Random,
        (id, channel, title): (u64, &str, &str),
        fields: Fields,
        shape: Shape,
    ) -> String {
        let host = format!("wks-{:04}.corp.example", random.below(2_000));
        let provider = match channel {
            "Security" => "Microsoft-Windows-Security-Auditing",
            SYSMON => "Microsoft-Windows-Sysmon",
            _ => "Microsoft-Windows-PowerShell",
        };
        let mut message = format!("{title}\r\n");
        for (name, value) in &fields {
            let _ = write!(message, "{name}: {value}\r\n");
        }
        let time = format!("2026-03-04T05:{:02}:{:02}.{:03}Z", n / 60_000 % 60, n / 1_000 % 60, n % 1_000);
        let mut data: Map<String, Value> =
            fields.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
        let common = serde_json::json!({
            "agent": {"id": guid(random), "name": host, "type": "collector", "version": "8.19.3", "ephemeral_id": guid(random)},
            "host": {"name": host, "hostname": host, "architecture": "x86_64", "ip": ["10.20.30.40", "fe80::5054:ff:fe12:3456"],
                "mac": ["52-54-00-12-34-56"], "os": {"family": "windows", "name": "Windows 11 Enterprise", "version": "10.0",
                "build": "22631.3155", "kernel": "10.0.22621.3155 (WinBuild.160101.0800)", "platform": "windows", "type": "windows"}},
            "tags": ["workstation", "site-07"],
        });
        let Value::Object(mut event) = common else { return String::new() };
        event.insert("@timestamp".to_owned(), time.into());
        match shape {
            Shape::Flat | Shape::Labelled => {
                if shape == Shape::Labelled {
                    label(&mut event, id);
                }
                event.append(&mut data);
                for (name, value) in [
                    ("Channel", channel),
                    ("Provider_Name", provider),
                    ("Computer", &host),
                    ("Keywords", "0x8000000000000000"),
                ] {
                    event.insert(name.to_owned(), value.into());
                }
                for (name, value) in
                    [("EventID", id), ("Level", 4), ("Task", id), ("Opcode", 0), ("Version", 5), ("EventRecordID", n)]
                {
                    event.insert(name.to_owned(), value.into());
                }
                event.insert("Message".to_owned(), message.into());
            }
            Shape::Nested => {
                let winlog = serde_json::json!({"channel": channel, "provider_name": provider, "computer_name": host, "event_id": id,
                    "keywords": [], "level": "information", "opcode": "Info", "record_id": n, "api": "wineventlog", "version": 5,
                    "process": {"pid": 3_120, "thread": {"id": 4_480}}, "event_data": data});
                event.insert("winlog".to_owned(), winlog);
                event.insert(
                    "event".to_owned(),
                    serde_json::json!({"code": id.to_string(), "kind": "event", "provider": provider}),
                );
                event.insert("message".to_owned(), message.into());
            }
        }
        Value::Object(event).to_string()
    }
}

const SYSMON: &str = "Microsoft-Windows-Sysmon/Operational";

fn hex(random: &mut Random) -> String {
    format!("{:016X}{:016X}", random.bits(), random.bits())
}

fn guid(random: &mut Random) -> String {
    let (a, b) = (random.bits(), random.bits());
    format!(
        "{{{:08x}-{:04x}-{:04x}-{:04x}-{:012x}}}",
        a >> 32,
        (a >> 16) & 0xffff,
        a & 0xffff,
        b >> 48,
        b & 0xffff_ffff_ffff
    )
}

/// The log source that Sigma means by such an event.
fn label(event: &mut Map<String, Value>, id: u64) {
    let (category, service) = match id {
        1 => ("process_creation", "sysmon"),
        4688 => ("process_creation", "security"),
        13 => ("registry_set", "sysmon"),
        4104 => ("ps_script", "powershell"),
        7 => ("image_load", "sysmon"),
        11 => ("file_event", "sysmon"),
        3 => ("network_connection", "sysmon"),
        _ => ("", "security"),
    };
    for (name, value) in [("_product", "windows"), ("_category", category), ("_service", service)] {
        if !value.is_empty() {
            event.insert(name.to_owned(), value.into());
        }
    }
}
