//! A folder of users: checks with their pages, packages in Rego with their data, in any mixture.

use crate::check::{Checks, File, read_folder};
use crate::policies::Policies;
use std::io;
use std::path::Path;

/// What checks have at the beginning of lines.
const MEMBERS: [&str; 6] = ["id:", "control:", "asks:", "speaks:", "text:", "fix:"];

/// Reads a folder. Beside packages in Rego, YAML that looks like no check is their data; where there are none, it is a check that is
/// broken, so that nothing is passed over.
///
/// # Errors
/// When something cannot be read, is no text, or is too much.
pub fn folder(path: &Path) -> io::Result<(Checks, Policies)> {
    let files = read_folder(path, &["yml", "yaml", "md", "rego", "json"])?;
    let rego = files.iter().any(|file| file.ending() == "rego");
    let (mut checks, mut policies) = (Vec::new(), Vec::new());
    for file in files {
        match file.ending() {
            "md" => checks.push(file),
            "rego" => policies.push(file),
            "json" if rego => policies.push(file),
            "json" => {}
            _ if rego && !is_check(&file) => policies.push(file),
            _ => checks.push(file),
        }
    }
    Ok((Checks::of(checks), Policies::of(&policies)))
}

fn is_check(file: &File) -> bool {
    file.text.lines().filter(|line| MEMBERS.iter().any(|member| line.starts_with(member))).count() > 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn checks_policies_and_their_data_lie_side_by_side() {
        let check = "id: a\ntitle: T\ncontrol: c\nasks: [release]\nspeaks: {fact: known, is: false}\ntext: t\nfix: f\n";
        let rego = "package own\nimport rego.v1\ndeny contains \"x\" if input.tier > data.most\n";
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(dir.path().join(name), text).unwrap();
        write("a.yml", check);
        write("data.yaml", "most: 2\n");
        write("b.json", "[]");
        let (checks, policies) = folder(dir.path()).unwrap();
        assert_eq!((checks.iter().count(), checks.broken().len(), policies.is_empty()), (1, 1, true));
        write("own.rego", rego);
        write("b.json", "{}");
        let (checks, policies) = folder(dir.path()).unwrap();
        assert_eq!((checks.iter().count(), checks.broken().len()), (1, 0));
        assert_eq!((policies.rules().count(), policies.broken().len()), (1, 0));
        write("b.yml", "id: b\nasks: [release]\n");
        assert_eq!(folder(dir.path()).unwrap().0.broken().len(), 1);
        assert!(folder(&dir.path().join("none")).unwrap_err().to_string().contains("none"));
    }
}
