use crate::families;
use crate::pack::Pack;
use crate::pages;
use crate::resource::World;
use crate::spent::spent;
use crate::text::Text;
use std::path::Path;

fn world(path: &str, text: &str) -> World {
    families::world(vec![Text::new(path, text)]).0
}

/// Fields of the resources of a kind, as `name=value`.
fn fields(world: &World, kind: &str, names: &[&str]) -> Vec<String> {
    let of = |id| {
        let value = |name: &&str| {
            let node = world.field(id, name);
            let said = node.map(|node| node.scalar().unwrap_or_else(|| "?".to_owned()));
            said.unwrap_or_else(|| "-".to_owned())
        };
        names.iter().map(value).collect::<Vec<_>>().join(" ")
    };
    world.ids().filter(|id| world.resource(*id).kind == kind).map(of).collect()
}

#[test]
fn stages_take_over_what_they_are_built_on() {
    let world = world(
        "Dockerfile",
        "ARG TAG=1.2\nARG BASE\nFROM a:$TAG AS one\nUSER app:app\nFROM ${BASE:-b} AS two\nFROM one\nARG TAG\nRUN x $TAG\n",
    );
    let stages = fields(&world, "stage", &["name", "base", "final", "on_stage", "kept", "user"]);
    assert_eq!(
        stages,
        ["one a:1.2 false false true app", "two b false false false -", "stage-2 one true true true app"]
    );
    assert_eq!(fields(&world, "image", &["repository", "tag", "digest"]), ["a 1.2 -", "b - -"]);
}

#[test]
fn commands_say_what_they_do() {
    let world = world(
        "Dockerfile",
        "FROM a\nSHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]\nRUN sudo apt-get -qy install a=1 | b\nRUN [\"sh\", \"-c\", \"x\"]\n",
    );
    let commands = fields(&world, "command", &["name", "manager", "action", "pipefail", "piped", "shell"]);
    assert_eq!(
        commands,
        [
            "sudo - - true true bash",
            "apt-get apt install true true bash",
            "b - - true false bash",
            "sh - - false false exec",
            "x - - false false sh",
        ]
    );
}

#[test]
fn services_extend_others() {
    let base = "services:\n  base:\n    image: a:${TAG:-3}\n    privileged: true\n    ports: [\"80:80\"]\n";
    let own = "services:\n  web:\n    extends: {file: ../base.yml, service: base}\n    read_only: true\n    network_mode: host\n  gone:\n    extends: {file: no.yml, service: x}\n    image: $I\n";
    let files = vec![Text::new("base.yml", base), Text::new("x/compose.yml", own)];
    let (world, unread) = families::world(files);
    assert_eq!(unread, Vec::<String>::new());
    let services = fields(&world, "container", &["image", "privileged", "read_only_root", "host_network"]);
    assert_eq!(services, ["a:3 true false false", "a:3 true true true", "? ? ? ?"]);
}

#[test]
fn an_override_file_is_laid_over_the_one_beside_it() {
    let base = "services:\n  web:\n    image: a:1\n  db:\n    image: b:1\n";
    let over = "services:\n  web:\n    privileged: true\n    mem_limit: 1g\n";
    let files = vec![Text::new("x/compose.yml", base), Text::new("x/compose.override.yml", over)];
    let (world, unread) = families::world(files);
    assert_eq!(unread, Vec::<String>::new());
    let services = fields(&world, "container", &["image", "privileged", "memory_limit", "read_only_root"]);
    // Of the override file alone the rest is not known.
    assert_eq!(services, ["a:1 true 1g false", "b:1 false - false", "- true 1g ?"]);
}

#[test]
fn files_of_variables_count() {
    let own = "services:\n  web:\n    image: a:${TAG:-3}\n    env_file: [one.env, {path: ../two.env, required: false}, gone.env]\n    environment: {A: own, PASSWORD: '${PASSWORD}', T: '${TAG:-d}'}\n";
    let files = vec![
        Text::new("x/compose.yml", own),
        Text::new("x/.env", "TAG=7\nPASSWORD=hunter2hunter2\n"),
        Text::new("x/one.env", "A=file\nB=1\nC=1\n"),
        Text::new("two.env", "C=2\nTOKEN=abcdefghijkl\n"),
    ];
    let (world, unread) = families::world(files);
    assert_eq!(unread, Vec::<String>::new());
    assert_eq!(fields(&world, "container", &["image"]), ["a:7"]);
    let id = world.ids().find(|id| world.resource(*id).kind == "container").unwrap();
    let of = |item: crate::tree::Node<'_>, name: &str| {
        item.get(name).and_then(crate::tree::Node::scalar).unwrap_or_default()
    };
    let said = world.field(id, "environment").unwrap();
    let said: Vec<String> = said
        .items()
        .map(|item| format!("{}={} {}", of(item, "name"), of(item, "value"), of(item, "literal")))
        .collect();
    // What another file says is not written into this one.
    assert_eq!(
        said,
        ["A=own true", "PASSWORD= false", "T=d true", "B=1 false", "C=2 false", "TOKEN=abcdefghijkl false"]
    );
}

#[test]
fn included_files_are_read_as_they_are_included() {
    let files = vec![
        Text::new(
            "compose.yml",
            "include:\n- {path: [sub/compose.yml, over.yml], env_file: sub.env}\n- other/compose.yml\n",
        ),
        Text::new(".env", "A=outer\n"),
        Text::new("sub.env", "A=given\nB=given\n"),
        Text::new("sub/.env", "A=own\nB=own\n"),
        Text::new("sub/compose.yml", "services:\n  web:\n    image: $A/$B\n"),
        Text::new("over.yml", "services:\n  web:\n    privileged: true\n    restart: always\n    image: z/${B}\n"),
        Text::new("other/compose.yml", "services:\n  db:\n    image: $A/$B\n"),
        Text::new("other/.env", "A=own\nB=own\n"),
    ];
    let (world, unread) = families::world(files);
    assert_eq!(unread, Vec::<String>::new());
    let services = fields(&world, "container", &["image", "privileged", "read_only_root"]);
    // The included one with what is laid over it; that alone; the other one.
    assert_eq!(services, ["z/given true false", "z/given true ?", "outer/own false false"]);
}

#[test]
fn parts_and_pragmas_are_read() {
    let part = world("x.dockerfile", "USER a\n# hadolint shell=powershell\nRUN x | y\n");
    assert_eq!(fields(&part, "stage", &["user", "has_from", "final"]), ["a false true"]);
    assert_eq!(fields(&part, "instruction", &["kind", "before_from", "shell"])[2], "RUN true powershell");
    let onbuild = world("Dockerfile", "FROM a\nONBUILD FROM b\nUSER c\n");
    assert_eq!(fields(&onbuild, "stage", &["base", "user"]), ["a c"]);
}

#[test]
fn hostile_files_are_bounded() {
    let many = format!("FROM a\n{}", format!("RUN {}\n", "wget a;curl b;".repeat(900)).repeat(40));
    let files = [
        many,
        format!("FROM a\n{}", "ENV A=$A$A B=$B$A\n".repeat(4_000)),
        format!("FROM a AS x\n{}", "FROM x AS x\nENV A=1\nCOPY --from=x . .\n".repeat(1_500)),
        format!("FROM a\nRUN {}\n", "sudo ".repeat(20_000)),
        format!("FROM a\nRUN <<-E\n{}E\n", "\t$x\n".repeat(9_000)),
        "RUN cat <<E\n".repeat(6_000),
        format!("FROM a\nRUN {}", "$(`\"".repeat(9_000)),
    ];
    for text in files {
        let ((world, _), took) = spent(|| families::world(vec![Text::new("Dockerfile", &*text)]));
        assert!(world.file(crate::resource::FileId(0)).tree.len() < 3_000_000);
        // The slowest takes three seconds of a debug build.
        assert!(took.as_secs() < 20, "{took:?} {:.40}", text);
    }
}

#[test]
fn every_page_does_what_it_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rules/scan/docker");
    let pack = Pack::read(&folder).unwrap();
    let tested = pages::test(&pack, &families::findings);
    let said: Vec<String> = tested.problems.iter().map(ToString::to_string).collect();
    assert!(said.is_empty(), "{}", said.join("\n"));
    assert!(tested.rules >= 35, "{} rules", tested.rules);
}
