//! Seeds of what is scanned: most are cases of our own pages.

use scan::pages::Page;
use std::collections::BTreeMap;
use std::io::Result;

/// Seeds of one target; with all of them every run would take minutes.
const SEEDS: usize = 12;

/// Writes them.
pub fn seeds(seed: fn(&str, &str, &[u8]) -> Result<()>) -> Result<()> {
    let mut by_target: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let pack = scan::pack();
    for file in &pack.pages {
        let Ok(page) = Page::parse(&file.path, &file.text) else { continue };
        for (path, text) in page.cases.iter().filter_map(|case| case.files.first()) {
            let name = path.rsplit('/').next().unwrap_or(path);
            let target = match file.path.split('/').rev().nth(1) {
                Some("kubernetes") if path.contains("templates") => "scan_helm",
                Some("kubernetes") => "scan_kubernetes",
                Some("github") => "scan_github",
                Some("gitlab") => "scan_gitlab",
                Some("nginx") => "scan_nginx",
                Some("sshd") => "scan_sshd",
                Some("repository") => "scan_repository",
                _ if name.contains("ockerfile") => "scan_dockerfile",
                _ if name.contains("compose") => "scan_compose",
                _ => continue,
            };
            by_target.entry(target).or_default().push(text.clone());
        }
        by_target.entry("scan_rules").or_default().push(file.text.to_string());
    }
    by_target.entry("scan_rules").or_default().extend(pack.rules.iter().map(|file| file.text.to_string()));
    for (target, texts) in by_target {
        for (number, text) in texts.iter().step_by(texts.len().div_ceil(SEEDS).max(1)).enumerate() {
            seed(target, &number.to_string(), text.as_bytes())?;
        }
    }
    let values = "image:\n  name: shop\n  tag: \"1\"\nports: [80, 443]\n";
    let template = "{{- define \"n\" }}{{ .Values.image.name | quote }}{{ end -}}\napiVersion: v1\nkind: Pod\nmetadata: {name: {{ template \"n\" . }}}\nspec:\n  containers:\n{{- range $i, $p := .Values.ports }}\n  - {name: c{{ $i }}, ports: [{containerPort: {{ $p | int }}}]}\n{{- else }}{{ fail \"no\" }}{{ end }}\n";
    seed("scan_helm", "whole", format!("{values}\n-----\n{template}").as_bytes())?;
    seed("scan_secrets", "middle", b"\x05\x00\x10 more")?;
    seed("scan_secrets", "assigned", b"\x40\x01\x00password = \"\", token: ")?;
    locks(seed)?;
    policies(seed)?;
    advisories(seed)
}

/// Policies that users bring, and expressions.
fn policies(seed: fn(&str, &str, &[u8]) -> Result<()>) -> Result<()> {
    let checkov = [
        "metadata:\n  id: A_1\n  name: a\n  severity: HIGH\n  category: NETWORKING\ndefinition:\n  and:\n    - {cond_type: filter, attribute: resource_type, operator: within, value: [Pod]}\n    - or:\n        - {cond_type: attribute, resource_types: [Pod], attribute: spec.hostNetwork, operator: not_exists}\n        - not: {cond_type: attribute, resource_types: all, attribute: 'spec.containers[*].image', operator: regex_match, value: '.*:[0-9]+$'}\n",
        "metadata: {id: A_2, name: a, frameworks: [kubernetes]}\nscope: {provider: kubernetes}\ndefinition:\n  cond_type: attribute\n  resource_types: [Pod]\n  attribute: \"$..containers[?(@.name == 'app' && @.ports[*].containerPort >= 80)].ports[0].containerPort\"\n  operator: jsonpath_range_includes\n  value: '80-443'\n",
        "metadata: {id: A_3, name: a}\ndefinition:\n  and:\n    - {cond_type: connection, resource_types: [jobs], connected_resource_types: [steps], operator: exists}\n    - {cond_type: attribute, resource_types: [steps], attribute: run, operator: not_contains, value: github}\n    - {cond_type: resource, resource_types: [USER, FROM], operator: not_exists}\n    - {cond_type: attribute, resource_types: all, attribute: env.N, operator: cidr_range_subset, value: 10.0.0.0/4}\n    - {cond_type: attribute, resource_types: [EXPOSE], attribute: value, operator: number_of_words_less_than, value: 2}\n    - {cond_type: attribute, resource_types: [Pod], attribute: metadata.labels.a.b/c, operator: equals_ignore_case, value: D}\n",
    ];
    let rego = [
        "# METADATA\n# title: a\n# custom: {severity: high, files: ['**/*.yml']}\npackage main\n\nimport data.whole\nimport rego.v1\n\nports contains port.containerPort if some port in input.spec.containers[_].ports\n\ndeny_port contains result if {\n\tsome at, container in input.spec.containers\n\tevery port in ports { port > 79 }\n\tnot startswith(container.image, \"y\")\n\tresult := {\"msg\": sprintf(\"%v has %03d\", [container.name, count(ports)]), \"path\": [\"spec\", \"containers\", at]}\n}\n\nwarn contains msg if msg := concat(\"\", [upper(name) | name := input.jobs[_].steps[_].run])\n",
        "package main\n\ndefault allow = false\n\ndeny[msg] {\n  input[i].Cmd == \"user\"\n  regex.match(\"^ro+t$\", input[i].Value[0])\n  msg = f(input[i].Value) with input.x as numbers.range(1, 3)\n}\n\nf(x) = y { y := x[0] } else = \"none\" { true }\n\nexception[rules] { rules := [\"port\"] }\n\nwarn[{\"msg\": `a`, \"n\": n}] { n := data.a[_] + bits.lsh(1, 3) - 2 }\n",
        "package main_test\n\nimport rego.v1\n\ntest_a if count({x | x := [1, 2][_]; x > 1}) == 1 with input as {\"kind\": \"Pod\"}\n\nviolation := {\"a\": [1, {\"b\"}], \"c\": object.union({}, {\"d\": json.marshal(input)})}\n",
    ];
    let cel = [
        "self.image.startsWith('x') && !(self.privileged == true || has(self.user))",
        "self.ports.exists_one(p, p > 79 && p in [80, 443, 0x10]) ? size(self.name) + 1 < 9 : self['name'].matches(r'^a.?p$')",
        "[1, 2.5, -3].map(n, n * 2).filter(n, n != 2) == [5.0] || {'a': [null]}.all(k, k.split(',').size() % 2 == 1)",
        "string(int('7') / 2).upperAscii().contains(\"3\") && bool('true') && double(1) >= 1.0 && kind != 'RUN'",
    ];
    for (target, texts) in [("scan_checkov", checkov.as_slice()), ("scan_rego", &rego), ("scan_cel", &cel)] {
        for (number, text) in texts.iter().enumerate() {
            seed(target, &number.to_string(), text.as_bytes())?;
        }
    }
    Ok(())
}

fn locks(seed: fn(&str, &str, &[u8]) -> Result<()>) -> Result<()> {
    let texts = [
        "\0{\"name\":\"a\",\"lockfileVersion\":3,\"packages\":{\"\":{\"dependencies\":{\"b\":\"1\"}},\"node_modules/b\":{\"version\":\"1.0.0\",\"dev\":true,\"dependencies\":{\"c\":\"2\"}},\"node_modules/c\":{\"version\":\"2.0.0\",\"resolved\":\"git+ssh://x/y\"}}}",
        "\u{1}# yarn lockfile v1\n\n\"@a/b@^1.0.0\", \"@a/b@1\":\n  version \"1.2.3\"\n  dependencies:\n    c \"^2\"\n\nc@^2:\n  version \"2.0.0\"\n",
        "\u{2}lockfileVersion: '9.0'\nimporters:\n  .:\n    dependencies:\n      a: {specifier: ^1, version: 1.0.0(b@2.0.0)}\npackages:\n  a@1.0.0: {resolution: {integrity: x}}\nsnapshots:\n  a@1.0.0(b@2.0.0): {dependencies: {b: 2.0.0}}\n",
        "\u{3}-r other.txt\nDjango==4.2 ; python_version > '3.8' \\\n  --hash=sha256:abc\nrequests>=2\na @ https://x/y.whl\n-e .\n",
        "\u{4}[[package]]\nname = \"a\"\nversion = \"1.0\"\n[package.dependencies]\nb = {version = \">=1\", optional = true}\n[metadata]\nlock-version = \"2.0\"\n",
        "\u{5}version = 1\n[[package]]\nname = \"a\"\nversion = \"1.0\"\nsource = { registry = \"https://x\" }\ndependencies = [{ name = \"b\" }]\n[[package]]\nname = \"b\"\nversion = \"2\"\nsource = { virtual = \".\" }\n",
        "\u{6}{\"_meta\":{\"pipfile-spec\":6},\"default\":{\"a\":{\"version\":\"==1.0\"}},\"develop\":{\"b\":{\"git\":\"https://x\",\"ref\":\"y\"}}}",
        "\u{7}version = 4\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\nsource = \"registry+https://x\"\ndependencies = [\"b 2.0.0\"]\n[[package]]\nname = \"b\"\nversion = \"2.0.0\"\n",
        "\u{8}module example.org/a\n\ngo 1.24\n\nrequire (\n\texample.org/b v1.2.3 // indirect\n\texample.org/c v0.0.0-20260101000000-abcdefabcdef\n)\nreplace example.org/b => ../b\nexclude example.org/c v1.0.0\n",
        "\u{9}{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.6\",\"components\":[{\"type\":\"library\",\"bom-ref\":\"r\",\"name\":\"a\",\"version\":\"1\",\"purl\":\"pkg:npm/%40x/a@1?arch=b#c\"}],\"dependencies\":[{\"ref\":\"r\",\"dependsOn\":[\"r\"]}]}",
    ];
    texts.iter().enumerate().try_for_each(|(number, text)| seed("scan_locks", &number.to_string(), text.as_bytes()))
}

fn advisories(seed: fn(&str, &str, &[u8]) -> Result<()>) -> Result<()> {
    let texts = [
        "{\"id\":\"X-1\",\"modified\":\"2026-01-01T00:00:00Z\",\"aliases\":[\"CVE-2026-1\"],\"severity\":[{\"type\":\"CVSS_V3\",\"score\":\"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H\"}],\"affected\":[{\"package\":{\"ecosystem\":\"npm\",\"name\":\"a\"},\"ranges\":[{\"type\":\"SEMVER\",\"events\":[{\"introduced\":\"0\"},{\"fixed\":\"1.2.3\"}]}],\"versions\":[\"1.0.0\"]}]}",
        "id: GO-1\nmodules:\n  - module: example.org/a\n    versions:\n      - introduced: 1.0.0\n      - fixed: 1.1.0\n",
        "```toml\n[advisory]\nid = \"RUSTSEC-2026-0001\"\npackage = \"a\"\ndate = \"2026-01-01\"\naliases = [\"CVE-2026-2\"]\n[versions]\npatched = [\">= 1.2.3, < 2\", \">= 2.1\"]\nunaffected = [\"< 1\"]\n```\n\n# Title\n\nText.\n",
        "{\"catalogVersion\":\"2026.01.01\",\"dateReleased\":\"2026-01-01T00:00:00Z\",\"count\":1,\"vulnerabilities\":[{\"cveID\":\"CVE-2026-1\",\"dateAdded\":\"2026-01-01\",\"dueDate\":\"2026-01-22\",\"knownRansomwareCampaignUse\":\"Known\"}]}",
    ];
    texts
        .iter()
        .enumerate()
        .try_for_each(|(number, text)| seed("scan_advisories", &number.to_string(), text.as_bytes()))
}
