//! Packages of a distribution below a root folder (of a host, or of an image that was unpacked), and what they own.

pub mod apk;
pub mod dpkg;

use super::Inventory;
use super::files::Root;
use super::python;

/// A distribution and its release, from `os-release`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Release {
    /// Such as `debian`, `ubuntu`, `alpine`.
    pub id: String,
    /// Such as `12`, `22.04`, `3.18.4`; empty when not told.
    pub version: String,
}

impl Release {
    /// Reads `/etc/os-release` or `/usr/lib/os-release` below a root.
    pub fn read(root: &Root) -> Release {
        let Some(text) = root.read("etc/os-release").or_else(|| root.read("usr/lib/os-release")) else {
            return Release::default();
        };
        let said = |name: &str| {
            let value = text.text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
            value.unwrap_or_default().trim().trim_matches(['"', '\'']).to_owned()
        };
        Release { id: said("ID").to_lowercase(), version: said("VERSION_ID") }
    }

    /// What the `distro` qualifier of a package URL says.
    pub fn distro(&self) -> String {
        match (self.id.is_empty(), self.version.is_empty()) {
            (true, _) => String::new(),
            (false, true) => self.id.clone(),
            (false, false) => format!("{}-{}", self.id, self.version),
        }
    }
}

/// Everything that is installed below a root folder: the distribution's packages, and Python's packages outside of
/// virtual environments. What of these a distribution's package owns, says so: the distribution fixes it in its own way.
pub fn read(root: &Root) -> Inventory {
    let release = Release::read(root);
    let folders = python::installed::folders(root, "");
    let mut inventory = Inventory::default();
    let mut owned = dpkg::read(root, &release, &folders, &mut inventory);
    owned.extend(apk::read(root, &release, &mut inventory));
    let mut python = python::installed::read(root, &folders);
    for component in &mut python.components {
        // The metadata's path, or that of the folder of it.
        let path = component.path.trim_start_matches('/');
        let folder = path.rsplit_once('/').map_or(path, |(folder, _)| folder);
        component.owner = owned.get(path).or_else(|| owned.get(folder)).copied();
    }
    let owners: Vec<_> = python.components.iter().map(|component| component.owner).collect();
    let before = inventory.components.len();
    inventory.append(python);
    for (component, owner) in inventory.components[before..].iter_mut().zip(owners) {
        component.owner = owner;
    }
    inventory.tidy();
    inventory
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    /// What is read of a root folder with these files.
    pub(super) fn installed(files: &[(&str, &str)]) -> Inventory {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        read(&Root::open(folder.path()).unwrap())
    }
}
