//! Files, documents, folders and archives.

use super::*;
use crate::limits::MAX_RULE_FILE_BYTES;
use crate::sigma::{Loader, load};
use flate2::write::{DeflateEncoder, GzEncoder};
use flate2::{Compression, Crc};
use model::alert::{Aspect, Level};
use std::io::Write as _;

fn texts<const N: usize>(files: [(&str, &str); N]) -> Loaded {
    load_texts(files, &Options::default())
}

fn titles(loaded: &Loaded) -> Vec<&str> {
    loaded.rules.iter().map(|rule| rule.meta.title.as_str()).collect()
}

fn document(title: &str) -> String {
    format!("title: {title}\nlogsource: {{product: linux}}\ndetection:\n  s: {{F: {title}}}\n  condition: s\n")
}

#[test]
fn everything_that_a_rule_says_of_itself() {
    let text = "# before\ntitle: A title\nid: 4b7f8f0e-6c6e-4a8c-9c8e-00000000abcd\nname: a_name\nstatus: test\ndescription: |\n  What it sees.\nauthor: somebody\nreferences: https://example.org\ndate: 2026-11-21\ntags: [attack.t1110, tandem.operations]\nlogsource: {product: Windows, category: Process_Creation, definition: x}\ndetection:\n  s: {F: a}\n  condition: s\nfalsepositives: [backups]\nlevel: critical\ncustom: {runbook: https://example.org/run}\n";
    let loaded = texts([("rules/a.yml", text)]);
    assert_eq!((loaded.refused.as_slice(), loaded.findings.as_slice()), (&[][..], &[][..]));
    let meta = &loaded.rules[0].meta;
    assert_eq!(
        (meta.title.as_str(), meta.id.as_str(), meta.name.as_deref()),
        ("A title", "4b7f8f0e-6c6e-4a8c-9c8e-00000000abcd", Some("a_name"))
    );
    assert_eq!(
        (meta.status.as_deref(), meta.description.as_str(), meta.level),
        (Some("test"), "What it sees.", Level::Critical)
    );
    assert_eq!(
        (meta.tags.len(), meta.false_positives.as_slice(), meta.references.len()),
        (2, &["backups".to_owned()][..], 1)
    );
    assert_eq!((meta.aspect, meta.runbook.as_deref()), (Aspect::Operations, Some("https://example.org/run")));
    assert_eq!((meta.place.to_string().as_str(), meta.version.len()), ("rules/a.yml:2:1", 32));
    let source = &loaded.rules[0].source;
    assert_eq!(
        (source.product.as_deref(), source.category.as_deref(), source.service.as_deref()),
        (Some("windows"), Some("process_creation"), None)
    );
}

#[test]
fn an_id_is_there_in_any_case() {
    let file = format!("{}---\n{}---\nname: named\n{}", document("a"), document("b"), document("c"));
    let loaded = texts([("x/login.yml", file.as_str())]);
    assert_eq!(
        loaded.rules.iter().map(|rule| rule.meta.id.as_str()).collect::<Vec<_>>(),
        ["login", "login-2", "named"]
    );
}

#[test]
fn a_broken_document_never_stops_the_others() {
    let broken = [
        "title: t\nlogsource: {product: linux}\ndetection:\n  s: {F|foo: a}\n  condition: s\n",
        "title: [\n",
        "- just\n- a list\n",
        "text\n",
        "title: no Sigma\n",
        "title: t\ndetection: {s: {F: a}, condition: s}\n",
        "title: t\nlogsource: {}\ndetection: {s: {F: a}, condition: s}\n",
        "title: t\nlogsource: x\ndetection: {s: {F: a}, condition: s}\n",
        "title: t\nlogsource: {product: linux}\ndetection: [x]\n",
        "title: t\nlogsource: {product: linux}\ndetection: {s: {F: a}, condition: s}\nfilter: {}\n",
        "title: t\nlevel: urgent\nlogsource: {product: linux}\ndetection: {s: {F: a}, condition: s}\n",
        "title: t\nstatus: fine\nlogsource: {product: linux}\ndetection: {s: {F: a}, condition: s}\n",
        "title: t\ntaxonomy: mine\nlogsource: {product: linux}\ndetection: {s: {F: a}, condition: s}\n",
        "title: {a: b}\nlogsource: {product: linux}\ndetection: {s: {F: a}, condition: s}\n",
        "title: t\ntitle: u\nlogsource: {product: linux}\ndetection: {s: {F: a}, condition: s}\n",
        "title: t\ntags: attack.t1\nlogsource: {product: linux}\ndetection: {s: {F: a}, condition: s}\n",
        "title: t\ncustom: {aspect: fun}\nlogsource: {product: linux}\ndetection: {s: {F: a}, condition: s}\n",
    ];
    for broken in broken {
        let file = format!("{}---\n{broken}---\n{}", document("first"), document("last"));
        let loaded = texts([("f.yml", file.as_str()), ("g.yml", document("other").as_str())]);
        assert_eq!(titles(&loaded), ["first", "last", "other"], "{broken}");
        assert_eq!((loaded.refused.len(), loaded.documents, loaded.files), (1, 4, 2), "{broken}");
        let place = &loaded.refused[0].place;
        assert!(&*place.file == "f.yml" && (6..=13).contains(&place.line) && place.column > 0, "{broken}: {place}");
        assert!(loaded.refused[0].reason.len() > 10, "{broken}");
    }
}

#[test]
fn actions_of_sigma_1_are_refused_with_all_that_they_would_change() {
    let file = format!(
        "action: global\nlevel: high\n---\n{}---\n{}---\naction: reset\n---\n{}",
        document("a"),
        document("b"),
        document("c")
    );
    let loaded = texts([("f.yml", file.as_str()), ("g.yml", document("d").as_str())]);
    assert_eq!(titles(&loaded), ["c", "d"]);
    assert_eq!(loaded.refused.len(), 4);
    assert!(
        loaded.refused[0].reason.contains("`action` is no longer Sigma")
            && loaded.refused[1].reason.contains("f.yml:1:1")
    );
}

#[test]
fn what_has_the_id_of_another_is_refused() {
    let with = |id: &str, title: &str| format!("id: {id}\n{}", document(title));
    let loaded = texts([("a.yml", with("x", "first").as_str()), ("b.yml", with("x", "second").as_str())]);
    assert_eq!(titles(&loaded), ["first"]);
    assert!(loaded.refused[0].reason.contains("already that of a.yml:1:1") && loaded.refused[0].field == "id");
    let named = format!("name: x\nid: y\n{}", document("named"));
    let loaded = texts([("a.yml", named.as_str()), ("b.yml", with("x", "first").as_str())]);
    assert_eq!((titles(&loaded), loaded.refused.len()), (vec!["first"], 1));
}

#[test]
fn operational_rules_are_left_to_others() {
    let file = format!("{}---\ntitle: o\noperation: {{}}\n---\napiVersion: openslo/v1\nkind: SLO\n", document("a"));
    let loaded = texts([("f.yml", file.as_str())]);
    assert_eq!((loaded.operational.len(), loaded.documents, loaded.refused.len()), (2, 1, 0));
}

#[test]
fn what_is_missing_or_odd_is_told() {
    let checks = |text: &str| -> Vec<&'static str> {
        let loaded = texts([("f.yml", text)]);
        assert_eq!(loaded.refused, [], "{text}");
        loaded.findings.iter().map(|finding| finding.check).collect()
    };
    let mut bare = checks("logsource: {product: linux}\ndetection: {s: {F: a}, condition: s}\n");
    bare.sort_unstable();
    assert_eq!(bare, ["missing-description", "missing-falsepositives", "missing-id", "missing-level", "missing-title"]);
    let full = around("s: {F: a}\ncondition: s");
    for (more, check) in [
        ("status: deprecated\n", "deprecated"),
        ("status: unsupported\n", "unsupported"),
        ("tags: [attack.T1110]\n", "odd-tag"),
        ("tags: [nothing]\n", "odd-tag"),
        ("date: 21/11/2026\n", "odd-date"),
        ("related: [{id: x, type: cousin}]\n", "odd-relation"),
        ("refrences: [x]\n", "misspelt-field"),
    ] {
        assert_eq!(checks(&format!("{full}{more}")), [check], "{more}");
    }
    assert_eq!(checks(&full.replace("product: windows", "product: windows, servcie: x")), ["misspelt-field"]);
    assert_eq!(checks(&full.replace("4b7f8f0e-", "")), ["id-no-uuid"]);
}

#[test]
fn the_version_is_that_of_the_document_alone() {
    let file = format!("{}---\n{}", document("a"), document("b"));
    let before = texts([("f.yml", file.as_str())]);
    let after = texts([("g.yml", file.replace("F: a", "F: c").as_str())]);
    assert_ne!(before.rules[0].meta.version, after.rules[0].meta.version);
    assert_eq!(before.rules[1].meta.version, after.rules[1].meta.version);
}

#[test]
fn folders_and_files() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &[u8]| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    };
    write("b/two.yaml", document("two").as_bytes());
    write("a/one.yml", format!("\u{feff}{}", document("one")).as_bytes());
    write("a/readme.md", b"title: [");
    write(".git/three.yml", document("three").as_bytes());
    write("a/latin.yml", b"title: ok\ndescription: caf\xe9\n");
    let large = write("large.yml", &vec![b'#'; MAX_RULE_FILE_BYTES + 1]);
    let missing = folder.path().join("missing.yml");
    let loaded = load(&[folder.path().to_owned(), missing.clone()], &Options::default());
    assert_eq!((titles(&loaded), loaded.files), (vec!["one", "two"], 2));
    let mut refused: Vec<(String, usize)> =
        loaded.refused.iter().map(|refusal| (refusal.place.file.to_string(), refusal.place.line)).collect();
    refused.sort();
    let mut expected = vec![
        (folder.path().join("a/latin.yml").display().to_string(), 2),
        (large.display().to_string(), 1),
        (missing.display().to_string(), 1),
    ];
    expected.sort();
    assert_eq!(refused, expected);
}

/// A tar with these files; a name that is too long goes before its entry.
fn tar(files: &[(&str, &str)]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut entry = |name: &str, kind: u8, data: &[u8]| {
        let mut header = [0_u8; 512];
        header[..name.len().min(100)].copy_from_slice(&name.as_bytes()[..name.len().min(100)]);
        header[124..135].copy_from_slice(format!("{:011o}", data.len()).as_bytes());
        header[148..156].fill(b' ');
        header[156] = kind;
        header[257..262].copy_from_slice(b"ustar");
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
        out.extend(header);
        out.extend(data);
        out.resize(out.len().next_multiple_of(512), 0);
    };
    entry("pax_global_header", b'g', b"30 comment=0123456789abcdef00\n");
    entry("rules/", b'5', b"");
    for (name, text) in files {
        if name.len() > 100 {
            let record = format!(" path={name}\n");
            let length = (record.len()..).find(|length| record.len() + length.to_string().len() == *length).unwrap();
            entry("long", b'x', format!("{length}{record}").as_bytes());
        }
        entry(name, b'0', text.as_bytes());
    }
    out.resize(out.len() + 1024, 0);
    out
}

fn zip(files: &[(&str, &str)]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, text) in files {
        let mut packer = DeflateEncoder::new(Vec::new(), Compression::default());
        packer.write_all(text.as_bytes()).unwrap();
        let packed = packer.finish().unwrap();
        let mut crc = Crc::new();
        crc.update(text.as_bytes());
        let offset = out.len() as u32;
        let mut shared: Vec<u8> = [20_u16, 0, 8, 0, 0].iter().flat_map(|number| number.to_le_bytes()).collect();
        shared
            .extend([crc.sum(), packed.len() as u32, text.len() as u32].iter().flat_map(|number| number.to_le_bytes()));
        shared.extend([name.len() as u16, 0].iter().flat_map(|number| number.to_le_bytes()));
        out.extend(b"PK\x03\x04");
        out.extend(&shared);
        out.extend(name.as_bytes());
        out.extend(packed);
        directory.extend(b"PK\x01\x02\x14\0");
        directory.extend(&shared);
        directory.extend([0; 10]);
        directory.extend(offset.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let at = out.len() as u32;
    out.extend(&directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend([files.len() as u16; 2].iter().flat_map(|number| number.to_le_bytes()));
    out.extend((directory.len() as u32).to_le_bytes());
    out.extend(at.to_le_bytes());
    out.extend([0, 0]);
    out
}

fn archive(name: &str, bytes: &[u8]) -> Loaded {
    let options = Options::default();
    let mut loader = Loader::new(&options);
    loader.bytes(name, bytes);
    loader.finish()
}

#[test]
fn archives() {
    let (one, two) = (document("one"), document("two"));
    let long = format!("rules/{}/two.yml", "x".repeat(150));
    let files = [("rules/one.yml", one.as_str()), ("README.md", "no"), (long.as_str(), two.as_str())];
    let tar = tar(&files);
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(&tar).unwrap();
    for (name, bytes) in [("r.tar", tar.clone()), ("r.tar.gz", gzip.finish().unwrap()), ("r.zip", zip(&files))] {
        let loaded = archive(name, &bytes);
        assert_eq!((titles(&loaded), loaded.refused.len()), (vec!["one", "two"], 0), "{name}: {:?}", loaded.refused);
        let places: Vec<&str> = loaded.rules.iter().map(|rule| &*rule.meta.place.file).collect();
        assert_eq!(places, [format!("{name}/rules/one.yml"), format!("{name}/{long}")]);
        for cut in [0, 1, 100, bytes.len() / 2, bytes.len() - 1024.min(bytes.len() / 3)] {
            let loaded = archive(name, &bytes[..cut]);
            assert!(loaded.refused.len() == 1, "{name} cut at {cut}: {}", loaded.rules.len());
        }
    }
}

proptest::proptest! {
    #[test]
    fn archives_of_any_bytes_end(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..2_000), at in 0..2_000_usize) {
        for (name, whole) in [("x.zip", zip(&[("a.yml", "title: x\n")])), ("x.tar", tar(&[("a.yml", "title: x\n")])), ("x.tgz", Vec::new())] {
            let mut mixed = whole;
            for (offset, byte) in bytes.iter().enumerate().take(8) {
                if let Some(place) = mixed.get_mut(at + offset) {
                    *place = *byte;
                }
            }
            archive(name, &mixed);
            archive(name, &bytes);
        }
    }

    #[test]
    fn any_text_is_loaded_or_refused(text in "(title: a\n|logsource: [a-z{}: ]{0,20}\n|detection:\n|  s:\n|    [A-Za-z|]{1,20}: ['\"a-z*%\\\\\\[\\], ]{0,20}\n|  condition: [a-z0-9 ()*]{0,20}\n|---\n|correlation: [a-z{}: ,]{0,20}\n|filter:\n|  - &a x\n|  - \\*a\n){0,20}") {
        let loaded = texts([("f.yml", text.as_str())]);
        proptest::prop_assert!(loaded.rules.len() + loaded.correlations.len() + loaded.refused.len() + loaded.filters <= loaded.documents * 2);
    }
}

#[test]
fn tests_together_are_bounded_and_what_is_refused_costs_none() {
    // 3,125 tests each, and 50,000 of one that is refused.
    let dashes = |n: usize| {
        format!(
            "title: d{n}\nid: d{n}\nlogsource: {{product: x}}\ndetection:\n  s: {{F|windash: -a -b -c -d -e}}\n  condition: s\n"
        )
    };
    let broken = |n: usize| {
        let list: String = (0..17).map(|_| "-a -b -c -d -e, ").collect();
        format!("title: b{n}\nlogsource: {{product: x}}\ndetection:\n  s: {{F|windash: [{list}x]}}\n  condition: s\n")
    };
    let text: Vec<String> = (0..30).map(broken).chain((0..10).map(dashes)).collect();
    let loaded = texts([("t.yml", text.join("---\n").as_str())]);
    assert_eq!((loaded.rules.len(), loaded.refused.len()), (10, 30));
    assert!(loaded.refused.iter().all(|refusal| refusal.reason.contains("(MAX_LEAVES)")), "{}", loaded.refused[0]);
    let text: Vec<String> = (0..330).map(dashes).collect();
    let loaded = texts([("t.yml", text.join("---\n").as_str())]);
    assert_eq!((loaded.rules.len(), loaded.refused.len()), (320, 10));
    assert!(
        loaded.refused.iter().all(|refusal| refusal.reason.contains("(MAX_LEAVES_TOGETHER)")),
        "{}",
        loaded.refused[0]
    );
}
