//! A made-up collection of Sigma rules, shaped like those that teams use: what they look at, how many values they name,
//! what they leave out. Rule `n` is a function of `n` alone.

use crate::words::Words;
use std::fmt::Write as _;
use xtask::random::Random;

/// Log sources and how many rules of a hundred are for them.
const SOURCES: [(&str, u64); 14] = [
    ("category: process_creation\n    product: windows", 40),
    ("category: registry_set\n    product: windows", 7),
    ("category: ps_script\n    product: windows", 6),
    ("category: file_event\n    product: windows", 6),
    ("category: image_load\n    product: windows", 4),
    ("product: windows\n    service: security", 6),
    ("category: network_connection\n    product: windows", 2),
    ("category: dns_query\n    product: windows", 2),
    ("product: windows\n    service: system", 3),
    ("category: process_creation\n    product: linux", 8),
    ("product: linux\n    service: auditd", 3),
    ("product: aws\n    service: cloudtrail", 4),
    ("category: webserver", 5),
    ("category: process_creation\n    product: macos", 4),
];
const PROGRAMS: [&str; 24] = [
    "powershell.exe",
    "pwsh.exe",
    "cmd.exe",
    "rundll32.exe",
    "regsvr32.exe",
    "mshta.exe",
    "wscript.exe",
    "cscript.exe",
    "certutil.exe",
    "bitsadmin.exe",
    "schtasks.exe",
    "reg.exe",
    "net.exe",
    "net1.exe",
    "wmic.exe",
    "msiexec.exe",
    "vssadmin.exe",
    "whoami.exe",
    "sc.exe",
    "taskkill.exe",
    "curl.exe",
    "ssh.exe",
    "msbuild.exe",
    "explorer.exe",
];
const FOLDERS: [&str; 6] = [
    "\\AppData\\Local\\Temp\\",
    "\\Users\\Public\\",
    "\\ProgramData\\",
    "\\Windows\\Temp\\",
    "\\Downloads\\",
    "\\PerfLogs\\",
];

/// The generator.
pub struct Rules {
    words: Words,
    seed: u64,
}

impl Rules {
    /// The rules of one seed.
    pub fn new(seed: u64) -> Rules {
        // Other words than the events': the rules are about what is seldom.
        Rules { words: Words::new(seed ^ 0x7275_6c65), seed }
    }

    /// Rule `n` as a file.
    pub fn rule(&self, n: u64) -> String {
        let mut random = Random::new(self.seed ^ n.wrapping_mul(0x51_7cc1));
        let mut share = random.below(100);
        let at = SOURCES.iter().position(|(_, of)| {
            let is_it = share < *of;
            share = share.saturating_sub(*of);
            is_it
        });
        let source = SOURCES[at.unwrap_or(0)].0;
        let level = random.pick::<&str>(&["low", "medium", "medium", "high", "high", "critical"]);
        let mut out = format!(
            "title: Made-up rule {n}\nid: {:08x}-0000-4000-8000-{:012x}\nstatus: test\nlogsource:\n    {source}\ndetection:\n",
            n,
            self.seed & 0xffff
        );
        let condition = match at {
            Some(0 | 9 | 13) => self.process(&mut out, &mut random),
            Some(1) => self.texts(&mut out, &mut random, "TargetObject", "Details"),
            Some(2) => self.texts(&mut out, &mut random, "ScriptBlockText", "ScriptBlockText"),
            Some(3) => self.files(&mut out, &mut random, "TargetFilename"),
            Some(4) => self.files(&mut out, &mut random, "ImageLoaded"),
            Some(5 | 8) => self.event(&mut out, &mut random),
            Some(6) => self.texts(&mut out, &mut random, "DestinationHostname", "Image"),
            Some(7) => self.texts(&mut out, &mut random, "QueryName", "Image"),
            Some(10) => self.texts(&mut out, &mut random, "exe", "a1"),
            Some(11) => self.texts(&mut out, &mut random, "eventName", "requestParameters"),
            _ => self.texts(&mut out, &mut random, "cs-uri-query", "cs-user-agent"),
        };
        let _ = write!(out, "    condition: {condition}\nlevel: {level}\n");
        out
    }

    fn list(&self, out: &mut String, key: &str, values: &[String]) {
        let _ = writeln!(out, "        {key}:");
        for value in values {
            let _ = writeln!(out, "            - '{}'", value.replace('\'', "''"));
        }
    }

    fn name(&self, random: &mut Random) -> String {
        match random.below(3) {
            0 => format!("{}{}", self.words.pick(random), random.below(90) + 10),
            1 => format!("{}-{}", self.words.pick(random), self.words.pick(random)),
            _ => format!("{}{}", self.words.pick(random), self.words.pick(random)),
        }
    }

    fn programs(&self, random: &mut Random) -> Vec<String> {
        (0..1 + random.below(4))
            .map(|_| match random.below(2) {
                0 => format!("\\{}", random.pick::<&str>(&PROGRAMS)),
                _ => format!("\\{}.exe", self.name(random)),
            })
            .collect()
    }

    fn arguments(&self, random: &mut Random) -> Vec<String> {
        (0..1 + random.below(6))
            .map(|_| match random.below(4) {
                0 => format!(" -{} ", self.name(random)),
                1 => format!("/{}:", self.name(random)),
                2 => format!("{}{}", random.pick::<&str>(&FOLDERS), self.name(random)),
                _ => self.name(random),
            })
            .collect()
    }

    fn process(&self, out: &mut String, random: &mut Random) -> &'static str {
        let (programs, arguments) = (self.programs(random), self.arguments(random));
        match random.below(5) {
            0 => {
                out.push_str("    selection_img:\n");
                self.list(out, "- Image|endswith", &programs);
                let original: Vec<String> =
                    programs.iter().map(|name| name.trim_start_matches('\\').to_owned()).collect();
                self.list(out, "- OriginalFileName", &original);
                out.push_str("    selection_cli:\n");
                self.list(out, "CommandLine|contains", &arguments);
                "all of selection_*"
            }
            1 => {
                out.push_str("    selection:\n");
                self.list(out, "ParentImage|endswith", &programs);
                self.list(out, "CommandLine|contains|all", &arguments[..arguments.len().min(3)]);
                out.push_str("    filter_main_known:\n");
                self.list(
                    out,
                    "Image|startswith",
                    &["C:\\Program Files\\".to_owned(), "C:\\Windows\\System32\\".to_owned()],
                );
                "selection and not 1 of filter_main_*"
            }
            2 => {
                out.push_str("    selection:\n");
                self.list(out, "CommandLine|contains", &arguments);
                "selection"
            }
            3 => {
                out.push_str("    selection:\n");
                self.list(out, "Image|endswith", &programs);
                let expression = format!("(?i)\\s-+{}\\s+[a-z0-9]{{4,}}", self.words.pick(random));
                self.list(out, "CommandLine|re", &[expression]);
                "selection"
            }
            _ => {
                out.push_str("    selection_path:\n");
                self.list(out, "Image|contains", &[format!("{}{}", random.pick::<&str>(&FOLDERS), self.name(random))]);
                out.push_str("    selection_hash:\n");
                let hash = format!("IMPHASH={:016X}{:016X}", random.bits(), random.bits());
                self.list(out, "Hashes|contains", &[hash]);
                out.push_str("    filter_optional:\n");
                self.list(out, "User|contains", &["AUTHORI".to_owned(), "AUTORI".to_owned()]);
                "1 of selection_* and not filter_optional"
            }
        }
    }

    fn texts(&self, out: &mut String, random: &mut Random, first: &str, second: &str) -> &'static str {
        let (arguments, more) = (self.arguments(random), self.arguments(random));
        out.push_str("    selection:\n");
        let modifier = random.pick::<&str>(&["contains", "endswith", "contains|all", "startswith"]);
        self.list(out, &format!("{first}|{modifier}"), &arguments);
        match random.below(3) {
            0 if first != second => {
                self.list(out, &format!("{second}|contains"), &more);
                "selection"
            }
            1 => {
                out.push_str("    filter:\n");
                self.list(out, &format!("{second}|contains"), &more);
                "selection and not filter"
            }
            _ => "selection",
        }
    }

    fn files(&self, out: &mut String, random: &mut Random, field: &str) -> &'static str {
        let ends: Vec<String> = self.arguments(random).iter().map(|name| format!("\\{}.dll", name.trim())).collect();
        out.push_str("    selection:\n");
        self.list(out, &format!("{field}|endswith"), &ends);
        if random.below(2) == 0 {
            out.push_str("    filter_main:\n");
            self.list(out, "Image|endswith", &self.programs(random));
            return "selection and not filter_main";
        }
        "selection"
    }

    fn event(&self, out: &mut String, random: &mut Random) -> &'static str {
        let ids =
            [4624, 4625, 4662, 4663, 4672, 4697, 4698, 4720, 4728, 4732, 4768, 4769, 5140, 5145, 7036, 7045, 1102];
        out.push_str("    selection:\n");
        let _ = writeln!(out, "        EventID: {}", random.pick(&ids));
        let field =
            random.pick::<&str>(&["TargetUserName", "ServiceName", "ObjectName", "ProcessName", "RelativeTargetName"]);
        self.list(out, &format!("{field}|contains"), &self.arguments(random));
        "selection"
    }
}
