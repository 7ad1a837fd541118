use super::*;
use crate::text::Text;

fn world(files: &[(&str, &str)]) -> World {
    let mut world = World::default();
    for (path, text) in files {
        let text = Text::new(*path, *text);
        let (tree, malformed) = Tree::yaml(&text);
        assert_eq!(malformed, []);
        assert!(is(path, &tree), "{path}");
        let file = world.add_file(text, tree);
        read(&mut world, file);
    }
    link(&mut world);
    world
}

fn job<'w>(world: &'w World, name: &str) -> (ResourceId, Node<'w>) {
    let found = world.ids().find(|id| world.resource(*id).kind == "job" && world.resource(*id).name == name).unwrap();
    (found, world.root(found))
}

const MAIN: &str = "include: [{local: /ci/base.yml}, {project: a/b, ref: main, file: x.yml}]
default: {image: 'ruby:3.3', interruptible: true}
.own:
  variables: {A: own, B: own}
build:
  extends: [.base, .own]
  variables: {B: build}
  script:
    - |
      one \\
        two
      three
    - !reference [.base, script]
plain:
  inherit: {default: [interruptible]}
  environment: {name: review/prod}
  script: x
";
const BASE: &str = ".base:\n  image: {name: $IMAGE}\n  variables: {A: base, C: base}\n  script: [base]\n";

#[test]
fn jobs_are_what_will_run() {
    let world = world(&[
        (".gitlab-ci.yml", MAIN),
        ("ci/base.gitlab-ci.yml", "x: {script: [y], stage: z}"),
        ("ci/base.yml", &format!("{BASE}lint: {{extends: .base, stage: a, script: [lint]}}\n")),
    ]);
    let (build, root) = job(&world, "build");
    let variables: Vec<_> =
        root.get("variables").unwrap().members().map(|(name, value)| (name, value.text().unwrap())).collect();
    assert_eq!(variables, [("A", "own"), ("C", "base"), ("B", "build")]);
    assert_eq!(root.at(&["image", "name"]).unwrap().text(), Some("$IMAGE"));
    assert_eq!(root.get("interruptible").unwrap().bool(), Some(true));
    let lines = world.field(build, "lines").unwrap();
    let text = &world.files[0].text;
    let said: Vec<_> = lines.items().map(|line| (line.text().unwrap(), text.place(line.span().start).line)).collect();
    assert_eq!(said, [("one \\\n  two", 10), ("three", 12), ("base", 13)]);
    let (plain, root) = job(&world, "plain");
    assert!(root.get("image").is_none() && root.get("interruptible").is_some());
    let flag = |name| world.field(plain, name).unwrap().bool();
    assert_eq!(
        (flag("deploys"), flag("production"), flag("manual"), flag("limited")),
        (Some(true), Some(true), Some(false), Some(false))
    );
    // A job of an included file has the defaults of the file that includes it.
    assert!(job(&world, "lint").1.get("interruptible").is_some());
}

#[test]
fn odd_files_do_no_harm() {
    for text in [
        "a: {extends: a, script: []}",
        "a: {extends: [b, c], script: x}\nb: {extends: a}\n",
        "a: {script: [[a, script], [[b]], {c: d}, null, 1]}",
        "include: [1, {}, {local: }, []]\ndefault: []\na: {rules: x, environment: [], services: {a: b}, image: }",
        "a: {extends: [b, b, b, b, b, b, b, b], script: []}\nb: {extends: [a, a, a, a, a, a, a, a, a]}",
        ".a: {script: [[.a, script], [.a, script], [.a, script], [.a, script], [.a, script]]}\nb: {script: [[.a, script], []]}",
        "spec: {inputs: {}}\n---\na:\n  script: $[[ inputs.x ]]\n",
    ] {
        world(&[(".gitlab-ci.yml", text)]);
    }
}
