use super::*;
use crate::resource::ResourceId;
use crate::tree::Data;

fn world(files: &[(&str, &str)]) -> World {
    let mut world = World::default();
    for (path, text) in files {
        let text = Text::new(*path, *text);
        let (tree, malformed) = Tree::yaml(&text);
        assert_eq!(malformed, []);
        assert!(is(path, Some(&tree), &text), "{path}");
        let file = world.add_file(text, tree);
        read(&mut world, file);
    }
    link(&mut world);
    world
}

fn all(world: &World, kind: &str) -> Vec<ResourceId> {
    world.ids().filter(|id| world.resource(*id).kind == kind).collect()
}

const WORKFLOW: &str = "name: build
on: [push, pull_request]
permissions: read-all
env: {TOKEN: '${{ secrets.TOKEN }}', LIST: \"${{ format('a{0}', 1) }}\"}
jobs:
  one:
    runs-on: ${{ matrix.os }}
    strategy: {matrix: {os: [ubuntu-24.04, self-hosted], include: [{os: windows-2022}]}}
    container: node:20@sha256:aaaa
    services:
      db: {image: 'postgres:16', env: {A: b}}
    steps:
      - uses: Actions/Checkout@v4 # v4.1
        with: {persist-credentials: false}
      - name: it
        run: |
          echo ${{ github.event.issue.title }}
          echo ${{ 'x' }} x${{ github.sha }}
      - uses: ./.github/actions/mine
  two:
    needs: one
    permissions: {contents: write}
    uses: ./.github/workflows/other.yml
";

#[test]
fn a_workflow_has_its_parts() {
    let world = world(&[
        (".github/workflows/a.yml", WORKFLOW),
        (".github/workflows/other.yml", "on: workflow_call\njobs: {x: {runs-on: ubuntu-latest, steps: []}}\n"),
        (
            ".github/actions/mine/action.yml",
            "name: m\nruns: {using: composite, steps: [{run: 'echo ${{ inputs.a }}', shell: bash}]}\n",
        ),
    ]);
    let jobs = all(&world, "job");
    let labels: Vec<_> = world.field(jobs[0], "labels").unwrap().items().filter_map(|label| label.text()).collect();
    assert_eq!(labels, ["ubuntu-24.04", "self-hosted", "windows-2022"]);
    assert_eq!(world.field(jobs[0], "self_hosted").unwrap().bool(), Some(true));
    let access = |job, scope| world.field(job, "effective_permissions").unwrap().get(scope).unwrap().text().unwrap();
    assert_eq!((access(jobs[0], "contents"), access(jobs[0], "id-token")), ("read", "none"));
    assert_eq!((access(jobs[1], "contents"), access(jobs[1], "issues")), ("write", "none"));
    assert_eq!(world.field(jobs[2], "permissions_from").unwrap().text(), Some("default"));
    assert_eq!(world.related(jobs[1], "needs").collect::<Vec<_>>(), [jobs[0]]);
    assert_eq!(world.related(jobs[1], "calls").count(), 1);
    let steps = all(&world, "step");
    assert_eq!(steps.len(), 4);
    assert_eq!(world.related(steps[2], "calls").map(|id| world.resource(id).kind).collect::<Vec<_>>(), ["action"]);
    let found = all(&world, "action_use")[0];
    let field = |name| world.field(found, name).and_then(Node::scalar).unwrap();
    assert_eq!(
        (field("action"), field("ref"), field("ref_kind")),
        ("actions/checkout".into(), "v4".into(), "tag".into())
    );
    assert_eq!((field("comment"), field("major")), ("v4.1".into(), "4".into()));
    let images: Vec<_> =
        all(&world, "image").into_iter().map(|id| world.field(id, "pinned_by").unwrap().text().unwrap()).collect();
    assert_eq!(images, ["digest", "tag"]);
}

#[test]
fn expressions_have_their_places_and_values_are_settled() {
    let world = world(&[(".github/workflows/a.yml", WORKFLOW)]);
    let text = &world.files[0].text;
    let found: Vec<_> = all(&world, "expression")
        .into_iter()
        .map(|id| (world.resource(id).name.clone(), text.slice(world.resource(id).span).to_owned()))
        .collect();
    let found: Vec<_> = found.iter().map(|(at, text)| (at.as_str(), text.as_str())).collect();
    assert_eq!(
        found,
        [
            ("env.TOKEN", "${{ secrets.TOKEN }}"),
            ("env.LIST", "${{ format('a{0}', 1) }}"),
            ("runs-on", "${{ matrix.os }}"),
            ("run", "${{ github.event.issue.title }}"),
            ("run", "${{ 'x' }}"),
            ("run", "${{ github.sha }}"),
        ]
    );
    let root = world.files[0].tree.documents().next().unwrap();
    assert_eq!(root.at(&["env", "TOKEN"]).unwrap().data(), &Data::Secret("TOKEN".into()));
    assert_eq!(root.at(&["env", "LIST"]).unwrap().data(), &Data::Text("a1".into()));
    let step = all(&world, "step")[1];
    assert!(matches!(world.field(step, "run").unwrap().data(), Data::Partly(pieces) if pieces.len() == 3));
    assert!(world.field(step, "script").unwrap().text().unwrap().contains("${{ github.sha }}"));
}

#[test]
fn odd_files_do_no_harm() {
    for text in [
        "",
        "[]",
        "on:\njobs:",
        "jobs: {a: 1, b: [], c: {steps: {}}}",
        "on: {push: }\njobs: {a: {steps: [1, {}, {uses: }, {uses: []}, {run: 1}]}}",
    ] {
        world(&[(".github/workflows/a.yml", text)]);
    }
}
