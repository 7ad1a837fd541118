//! Which table of osquery a row is from: by the name of the query, else by columns that no other table has together.

use serde_json::{Map, Value};

/// A row as osquery writes it: texts, or numbers when it is told to.
pub type Row = Map<String, Value>;

/// The tables that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    OsVersion,
    KernelInfo,
    DebPackages,
    RpmPackages,
    HomebrewPackages,
    PythonPackages,
    NpmPackages,
    Programs,
    Apps,
    ListeningPorts,
    Processes,
    Users,
    Groups,
    DockerContainers,
    Uptime,
}

/// A table, its name, the columns that are needed, and those that tell it.
type Known = (Table, &'static str, &'static [&'static str], &'static [&'static str]);

const TABLES: [Known; 15] = [
    (Table::OsVersion, "os_version", &["name", "version"], &["platform", "major", "minor"]),
    (Table::KernelInfo, "kernel_info", &["version"], &["arguments", "device"]),
    (Table::DebPackages, "deb_packages", &["name", "version"], &["arch", "maintainer"]),
    (Table::RpmPackages, "rpm_packages", &["name", "version"], &["release", "arch"]),
    (Table::HomebrewPackages, "homebrew_packages", &["name", "version"], &[]),
    (Table::PythonPackages, "python_packages", &["name", "version"], &["summary", "directory"]),
    (Table::NpmPackages, "npm_packages", &["name", "version"], &["homepage", "directory"]),
    (Table::Programs, "programs", &["name", "version"], &["identifying_number", "publisher"]),
    (Table::Apps, "apps", &["name", "bundle_short_version"], &["bundle_identifier"]),
    (Table::ListeningPorts, "listening_ports", &["port", "protocol", "address"], &["pid", "family"]),
    (Table::Processes, "processes", &["pid", "path"], &["cmdline"]),
    (Table::Users, "users", &["uid", "username"], &["directory"]),
    (Table::Groups, "groups", &["gid", "groupname"], &["gid_signed"]),
    (Table::DockerContainers, "docker_containers", &["id", "image"], &["image_id", "state"]),
    (Table::Uptime, "uptime", &["total_seconds"], &["days", "hours"]),
];

/// The table of a row that a query gave.
pub fn table_of(query: &str, row: &Row) -> Option<Table> {
    let has = |columns: &[&str]| columns.iter().all(|column| row.contains_key(*column));
    let fits = |known: &&Known| has(known.2);
    let named = TABLES.iter().filter(fits).find(|known| names(query, known.1));
    let told = || TABLES.iter().filter(fits).find(|known| !known.3.is_empty() && has(known.3));
    named.or_else(told).map(|known| known.0)
}

/// Whether a name of a query or file has that of a table in it.
pub fn names_a_table(name: &str) -> bool {
    TABLES.iter().any(|known| names(name, known.1))
}

/// Whether the table's name stands in the query's, as a word or several.
fn names(query: &str, table: &str) -> bool {
    let edge = |letter: Option<char>| letter.is_none_or(|letter| !letter.is_alphanumeric());
    query.to_ascii_lowercase().match_indices(table).any(|(at, _)| {
        // Lowering ASCII keeps every place.
        edge(query[..at].chars().next_back()) && edge(query[at + table.len()..].chars().next())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(columns: &[&str]) -> Row {
        columns.iter().map(|column| ((*column).to_owned(), Value::from("x"))).collect()
    }

    #[test]
    fn rows_are_recognised_by_name_and_columns() {
        let table: [(&str, &[&str], Option<Table>); 12] = [
            ("deb_packages", &["name", "version"], Some(Table::DebPackages)),
            ("pack_it-compliance_deb_packages", &["name", "version"], Some(Table::DebPackages)),
            ("pack/inventory/Users", &["uid", "username"], Some(Table::Users)),
            ("installed", &["name", "version", "arch", "maintainer"], Some(Table::DebPackages)),
            ("installed", &["name", "version", "arch", "release"], Some(Table::RpmPackages)),
            ("open", &["port", "protocol", "address", "pid", "family"], Some(Table::ListeningPorts)),
            ("logged_in_users", &["user", "tty"], None),
            ("superusers", &["uid", "username"], None),
            ("user_groups", &["uid", "gid"], None),
            ("anything", &["name", "version"], None),
            ("processes", &["pid", "path"], Some(Table::Processes)),
            ("", &[], None),
        ];
        for (query, columns, expected) in table {
            assert_eq!(table_of(query, &row(columns)), expected, "{query} {columns:?}");
        }
    }

    #[test]
    fn files_are_named_after_tables() {
        assert!(names_a_table("web-1.deb_packages.json") && names_a_table("users.json"));
        assert!(!names_a_table("superusers.json") && !names_a_table("übersicht.json"));
    }
}
