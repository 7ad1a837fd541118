//! RPM's packages. The database is a binary format of three kinds; the program that comes with it reads all of them.

use super::{Answer, MAX_PACKAGES, Manager, Package, Unread, field};
use crate::journal::lines;
use std::ops::ControlFlow;
use std::path::Path;
use std::time::Duration;

/// Where the database is, by kind and distribution; changes of SQLite's lie in its log first.
pub(super) const DATABASES: [&str; 8] = [
    "var/lib/rpm/rpmdb.sqlite",
    "var/lib/rpm/rpmdb.sqlite-wal",
    "var/lib/rpm/Packages.db",
    "var/lib/rpm/Packages",
    "usr/lib/sysimage/rpm/rpmdb.sqlite",
    "usr/lib/sysimage/rpm/rpmdb.sqlite-wal",
    "usr/lib/sysimage/rpm/Packages.db",
    "usr/lib/sysimage/rpm/Packages",
];
/// One package a line.
const FORMAT: &str = "%{NAME}\\t%{EPOCH}\\t%{VERSION}-%{RELEASE}\\t%{ARCH}\\t%{SOURCERPM}\\t%{INSTALLTIME}\\n";
/// Longest wait for the next package; the program answers in a second unless something else locks the database.
const PATIENCE: Duration = Duration::from_secs(10);
/// Packages that hold a kernel, of which several versions are installed at once.
const KERNELS: [&str; 5] = ["kernel-core", "kernel", "kernel-default", "kernel-uek", "kernel-uek-core"];

/// The packages of this kind.
pub(super) fn read(root: &Path, program: &Path) -> Answer {
    let database = DATABASES.iter().find(|file| root.join(file).exists())?;
    let mut packages = Vec::new();
    let mut arguments = vec!["-qa".to_owned(), "--qf".to_owned(), FORMAT.to_owned()];
    if root != Path::new("/") {
        arguments.extend(["--root".to_owned(), root.to_string_lossy().into_owned()]);
    }
    let outcome = lines(program, &arguments, PATIENCE, |line| {
        packages.extend(std::str::from_utf8(line).ok().and_then(package));
        if packages.len() > MAX_PACKAGES { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    Some(match outcome {
        Ok(_) => Ok(packages),
        Err(error) => Err(Unread::new(format!("/{database}"), &format!("{error:#}"))),
    })
}

fn package(line: &str) -> Option<Package> {
    let fields: Vec<&str> = line.trim_end_matches('\n').split('\t').collect();
    let [name, epoch, version, architecture, source, installed] = fields[..] else { return None };
    // A key that packages are signed with, which is kept among the packages.
    if name == "gpg-pubkey" {
        return None;
    }
    Some(Package {
        name: field(name)?,
        version: field(version)?,
        epoch: field(epoch).filter(|epoch| epoch != "(none)" && epoch != "0"),
        architecture: field(architecture).filter(|one| one != "(none)").unwrap_or_default(),
        source: self::source(source),
        installed: installed.parse().ok(),
    })
}

/// `openssl-3.0.7-27.el9.src.rpm`: name, version, release.
fn source(file: &str) -> Option<(String, String)> {
    let stem = file.strip_suffix(".src.rpm").or_else(|| file.strip_suffix(".nosrc.rpm"))?;
    let (rest, release) = stem.rsplit_once('-')?;
    let (name, version) = rest.rsplit_once('-')?;
    Some((field(name)?, field(&format!("{version}-{release}"))?))
}

/// Whether the kernel that was installed last is another than the one that runs. Nothing where the running one is not
/// among the packages, as in a container.
pub(super) fn newer_kernel(packages: &[(Manager, Package)], running: Option<&str>) -> Option<bool> {
    let running = running?;
    let kernels = packages.iter().filter(|(manager, package)| {
        *manager == Manager::Rpm && KERNELS.contains(&package.name.as_str()) && package.installed.is_some()
    });
    let mut kernels: Vec<(i64, String)> = kernels
        .map(|(_, package)| (package.installed.unwrap_or(0), format!("{}.{}", package.version, package.architecture)))
        .collect();
    kernels.sort();
    kernels.iter().any(|(_, version)| version == running).then(|| kernels.last().is_some_and(|last| last.1 != running))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_the_program() {
        let line = "openssl-libs\t1\t3.0.7-27.el9\tx86_64\topenssl-3.0.7-27.el9.src.rpm\t1700000000\n";
        let read = package(line).unwrap();
        assert_eq!((read.name.as_str(), read.version.as_str()), ("openssl-libs", "3.0.7-27.el9"));
        assert_eq!(read.epoch.as_deref(), Some("1"));
        assert_eq!(read.source, Some(("openssl".to_owned(), "3.0.7-27.el9".to_owned())));
        assert_eq!(package("gpg-pubkey\t(none)\t1-2\t(none)\t(none)\t1\n"), None);
        assert_eq!(package("bash\t(none)\t5.2-1\tx86_64\t(none)\t(none)").unwrap().epoch, None);
        for wrong in ["", "a\tb", "\t\t\t\t\t", "a\tb\tc\td\te\tf\tg"] {
            assert_eq!(package(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn a_kernel_that_waits_for_a_restart() {
        let kernel = |version: &str, installed: i64| {
            let package = package(&format!("kernel-core\t(none)\t{version}\tx86_64\t(none)\t{installed}")).unwrap();
            (Manager::Rpm, package)
        };
        // The one that was installed last has the smaller text.
        let both = [kernel("5.14.0-99.el9", 10), kernel("5.14.0-100.el9", 20)];
        assert_eq!(newer_kernel(&both, Some("5.14.0-99.el9.x86_64")), Some(true));
        assert_eq!(newer_kernel(&both, Some("5.14.0-100.el9.x86_64")), Some(false));
        assert_eq!(newer_kernel(&both, Some("6.1.0-cloud")), None);
        assert_eq!(newer_kernel(&[], Some("6.1.0-cloud")), None);
    }
}
