use super::*;
use crate::families;
use crate::tree::Node;
use proptest::prelude::*;

fn read(files: &[(&str, &str)]) -> World {
    families::world(files.iter().map(|(path, text)| Text::new(*path, *text)).collect()).0
}

fn all(world: &World, kind: &str, field: &str) -> Vec<String> {
    let of = world.ids().filter(|id| world.resource(*id).kind == kind);
    let said = |node: Node<'_>| if node.is_open() { "?".to_owned() } else { node.scalar().unwrap_or_default() };
    of.filter_map(|id| world.field(id, field)).map(said).collect()
}

#[test]
fn the_first_value_counts() {
    let world =
        read(&[("sshd_config", "permitrootlogin no\nPermitRootLogin yes\nMatch User a\nPermitRootLogin yes\n")]);
    assert_eq!(all(&world, "sshd_setting", "permitrootlogin"), ["no", "yes"]);
    assert_eq!(all(&world, "sshd_match", "permitrootlogin"), ["yes"]);
    assert_eq!(all(&world, "sshd_config", "permitrootlogin"), Vec::<String>::new());
    assert_eq!(all(&world, "sshd_config", "passwordauthentication"), ["yes"]);
}

#[test]
fn what_is_included_stands_where_it_is_included() {
    let files = [
        ("etc/ssh/sshd_config", "Include /etc/ssh/sshd_config.d/*.conf\nX11Forwarding yes\n"),
        ("etc/ssh/sshd_config.d/10-a.conf", "X11Forwarding no\nMatch User a\nAllowTcpForwarding no\n"),
    ];
    let world = read(&files);
    assert_eq!(all(&world, "sshd_setting", "x11forwarding"), ["no"]);
    assert_eq!(all(&world, "sshd_config", "allowtcpforwarding"), ["yes"]);
    let world = read(&files[..1]);
    assert_eq!(all(&world, "sshd_setting", "x11forwarding"), ["yes"]);
    assert_eq!(all(&world, "sshd_config", "allowtcpforwarding"), ["?"]);
    let world = read(&files[1..]);
    assert_eq!(all(&world, "sshd_config", "allowtcpforwarding"), Vec::<String>::new());
}

#[test]
fn a_match_of_all_counts_before_what_is_outside() {
    let world = read(&[("sshd_config", "GatewayPorts yes\nMatch all\nGatewayPorts no\n")]);
    assert_eq!(all(&world, "sshd_setting", "gatewayports"), ["no"]);
}

#[test]
fn files_of_others_are_left_alone() {
    for (path, text) in
        [("a/sshd_config.j2", "Port 22"), ("sshd_config", "{% if a %}\nPort 22"), ("sshd_config", "hello world\n")]
    {
        assert!(!is(&Text::new(path, text)), "{path}");
    }
    let round = [("sshd_config", "Include x_sshd_config\n"), ("x_sshd_config", "Include sshd_config\nPort 22\n")];
    read(&round);
}

proptest! {
    #[test]
    fn nothing_panics(text in "((Port|Match|Include|all|Address|sshd_config|\\*|=|\"|[a-z]|\u{e9}) ?\n?){0,30}") {
        read(&[("sshd_config", &text), ("sshd_config.d/a.conf", &text)]);
    }
}
