//! Workflows, jobs and steps.

use super::reader::Reader;
use super::{permissions, uses};
use crate::limits::{MAX_MATRIX, MAX_SCRIPT_LINES};
use crate::resource::ResourceId;
use crate::text::{Place, Span};
use crate::tree::{Data, Id, Node};

/// Events that anybody on the internet can cause in a public repository.
const PUBLIC: &[&str] = &[
    "pull_request",
    "pull_request_target",
    "pull_request_comment",
    "issues",
    "issue_comment",
    "discussion",
    "discussion_comment",
    "fork",
    "watch",
    "gollum",
    "workflow_run",
];

/// Reads a workflow.
pub(super) fn read(reader: &mut Reader<'_>, root: Id) {
    let node = reader.node(root);
    if !node.is_map() {
        return;
    }
    let first = ["name", "on", "jobs"].iter().find_map(|name| node.member(name)).map(|(key, _)| key.span());
    let name = node.get("name").and_then(Node::text).unwrap_or_default().to_owned();
    let span = first.map_or(Span::default(), |span| reader.line_of(span.start));
    let workflow = reader.add("workflow", "workflow".to_owned(), &name, root, span);
    triggers(reader, workflow, root);
    reader.expressions(workflow, root, &["jobs", "on"]);
    let node = reader.node(root);
    let permissions_block = node.member("permissions").map(|(key, value)| (key.id(), value.id()));
    let jobs: Vec<(Id, Id)> = node
        .get("jobs")
        .map(|jobs| jobs.entries().map(|(key, job)| (key.id(), job.id())).collect())
        .unwrap_or_default();
    permissions::read(reader, workflow, permissions_block, "workflow");
    reader.set(workflow, "job_count", Data::Int(jobs.len() as i64), span);
    for (key, job) in jobs {
        if !reader.counts() {
            break;
        }
        read_job(reader, workflow, root, key, job);
    }
    reader.count_expressions(workflow);
}

fn triggers(reader: &mut Reader<'_>, workflow: ResourceId, root: Id) {
    let Some(on) = reader.node(root).get("on") else { return };
    let span = on.span();
    let events: Vec<(String, Id, Span)> = match on.data() {
        Data::Map(_) => {
            on.entries().filter_map(|(key, value)| Some((key.text()?.to_owned(), value.id(), key.span()))).collect()
        }
        Data::List(_) => {
            on.items().filter_map(|item| Some((item.text()?.to_owned(), item.id(), item.span()))).collect()
        }
        Data::Text(text) => vec![(text.to_string(), on.id(), on.span())],
        _ => Vec::new(),
    };
    let names: Vec<(String, Span)> = events.iter().map(|(name, _, span)| (name.clone(), *span)).collect();
    reader.set_texts(workflow, "triggers", &names, span);
    reader.set_bool(workflow, "public", names.iter().any(|(name, _)| PUBLIC.contains(&name.as_str())));
    reader.set_bool(
        workflow,
        "only_called",
        names.iter().all(|(name, _)| name == "workflow_call") && !names.is_empty(),
    );
    for (name, node, span) in events {
        let trigger = reader.add("trigger", format!("on/{name}"), &name, node, span);
        reader.set_text(trigger, "event", &name, span);
        reader.relate(workflow, "trigger", trigger, "workflow");
    }
}

fn read_job(reader: &mut Reader<'_>, workflow: ResourceId, root: Id, key: Id, id: Id) {
    let node = reader.node(id);
    if !node.is_map() {
        return;
    }
    let key = reader.node(key);
    let (name, span) = (key.text().unwrap_or_default().to_owned(), key.span());
    let job = reader.add("job", format!("jobs/{name}"), &name, id, span);
    reader.relate(workflow, "jobs", job, "workflow");
    let node = reader.node(id);
    let own = node.member("permissions").map(|(key, value)| (key.id(), value.id()));
    let shared = reader.node(root).member("permissions").map(|(_, value)| value.id());
    permissions::read(reader, job, own, "job");
    permissions::effective(reader, job, own.map(|(_, value)| value), shared);
    runs_on(reader, job, id);
    reader.expressions(job, id, &["steps"]);
    let node = reader.node(id);
    let called = node.get("uses").map(Node::id);
    let with = node.get("with").map(Node::id);
    let container = node.get("container").map(Node::id);
    let environment = node.get("environment").map(|environment| match environment.get("name") {
        Some(name) => name.id(),
        None => environment.id(),
    });
    let services = node.get("services");
    let services: Vec<(String, Id)> = services
        .map(|all| all.members().map(|(name, service)| (name.to_owned(), service.id())).collect())
        .unwrap_or_default();
    let steps: Vec<Id> = node.get("steps").map(|all| all.items().map(Node::id).collect()).unwrap_or_default();
    if let Some(environment) = environment {
        reader.set_node(job, "environment_name", environment);
    }
    if let Some(called) = called
        && let Some(found) = uses::read(reader, job, called, with)
    {
        reader.relate(found, "workflow", workflow, "action_uses");
    }
    if let Some(container) = container {
        uses::image(reader, job, container, "container");
    }
    for (name, service) in services {
        uses::image(reader, job, service, &format!("services/{name}"));
    }
    read_steps(reader, job, Some((workflow, root)), &steps);
}

/// The labels of the machine, of all jobs that the matrix makes.
fn runs_on(reader: &mut Reader<'_>, job: ResourceId, id: Id) {
    let node = reader.node(id);
    let Some(on) = node.get("runs-on") else { return };
    let span = on.span();
    let named: Vec<Node<'_>> = match on.data() {
        Data::Map(_) => on.each("labels"),
        Data::List(_) => on.items().collect(),
        _ => vec![on],
    };
    let group = on.get("group").is_some();
    let (mut labels, mut open) = (Vec::new(), false);
    for label in named {
        let Some(text) = label.text() else { continue };
        if !text.contains("${{") {
            labels.push((text.to_owned(), label.span()));
            continue;
        }
        match axis(text).and_then(|axis| axis_values(node, axis)) {
            Some(values) => labels.extend(values),
            None => open = true,
        }
    }
    let self_hosted = labels.iter().any(|(label, _)| label.eq_ignore_ascii_case("self-hosted"));
    match (self_hosted, open || group) {
        (true, _) => reader.set_bool(job, "self_hosted", true),
        (false, true) => reader.set(job, "self_hosted", Data::Unknown("the label of the machine".into()), span),
        (false, false) => reader.set_bool(job, "self_hosted", false),
    }
    reader.set_texts(job, "labels", &labels, span);
}

/// The name of an axis when a text is nothing but it: `${{ matrix.os }}`.
pub(super) fn axis(text: &str) -> Option<&str> {
    let inner = text.trim().strip_prefix("${{")?.strip_suffix("}}")?.trim();
    inner
        .strip_prefix("matrix.")
        .filter(|name| !name.contains(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-'))
}

/// The values of an axis of a matrix with those that `include` adds; none when they are not all known.
fn axis_values(job: Node<'_>, axis: &str) -> Option<Vec<(String, Span)>> {
    let matrix = job.at(&["strategy", "matrix"]).filter(|matrix| matrix.is_map())?;
    let mut nodes: Vec<Node<'_>> = matrix.each(axis);
    match matrix.get("include") {
        Some(include) if include.is_list() => nodes.extend(include.items().filter_map(|item| item.get(axis))),
        Some(_) => return None,
        None => {}
    }
    let mut values = Vec::new();
    for node in nodes.into_iter().take(MAX_MATRIX) {
        if node.is_list() {
            for item in node.items() {
                values.push((item.scalar()?, item.span()));
            }
            continue;
        }
        values.push((node.scalar().filter(|text| !text.contains("${{"))?, node.span()));
    }
    (!values.is_empty()).then_some(values)
}

/// The values of an axis of the matrix of a job or of a step's job, as texts.
pub(super) fn axis_texts(reader: &Reader<'_>, owner: ResourceId, axis: &str) -> Option<Vec<String>> {
    let job = reader.world.related(owner, "job").next().unwrap_or(owner);
    Some(axis_values(reader.world.root(job), axis)?.into_iter().map(|(text, _)| text).collect())
}

/// Adds the steps of a job or of a composite action.
pub(super) fn read_steps(reader: &mut Reader<'_>, owner: ResourceId, workflow: Option<(ResourceId, Id)>, steps: &[Id]) {
    for id in steps {
        if !reader.counts() {
            return;
        }
        let node = reader.node(*id);
        if !node.is_map() {
            continue;
        }
        let text = |name: &str| node.get(name).and_then(Node::text);
        let uses = node.get("uses").map(Node::id);
        let base = text("uses").map(|uses| uses.split('@').next().unwrap_or_default());
        let name = text("id").or_else(|| text("name")).or(base).unwrap_or("run").to_owned();
        let span = reader.line_of(node.span().start);
        let with = node.get("with").map(Node::id);
        let address = format!("{}/steps/{name}", reader.world.resource(owner).address);
        let step = reader.add("step", address, &name, *id, span);
        let belongs = if workflow.is_some() { "job" } else { "action" };
        reader.relate(owner, "steps", step, belongs);
        if let Some((workflow, _)) = workflow {
            reader.relate(step, "workflow", workflow, "all_steps");
        }
        shell(reader, step, owner, workflow.map(|(_, root)| root));
        reader.expressions(step, *id, &[]);
        if let Some(uses) = uses
            && let Some(found) = uses::read(reader, step, uses, with)
            && let Some((workflow, _)) = workflow
        {
            reader.relate(found, "workflow", workflow, "action_uses");
        }
    }
}

/// What a step runs as it is written, and with which shell: its own, the job's, the workflow's, the machine's.
fn shell(reader: &mut Reader<'_>, step: ResourceId, owner: ResourceId, root: Option<Id>) {
    let node = reader.world.root(step);
    let Some(run) = node.get("run") else { return };
    let span = run.span();
    let Some(script) = run.scalar() else { return };
    let own = node.get("shell").map(Node::id);
    let default = |node: Node<'_>| node.at(&["defaults", "run", "shell"]).map(Node::id);
    let shell =
        own.or_else(|| default(reader.world.root(owner))).or_else(|| root.and_then(|root| default(reader.node(root))));
    let labels = reader.world.field(owner, "labels");
    let windows = labels.is_some_and(|labels| {
        labels.items().len() > 0
            && labels.items().all(|label| label.text().is_some_and(|text| text.contains("windows")))
    });
    reader.set_text(step, "script", &script, span);
    script_lines(reader, step, &script, span);
    match shell {
        Some(shell) => reader.set_node(step, "effective_shell", shell),
        None => reader.set_text(step, "effective_shell", if windows { "pwsh" } else { "bash" }, span),
    }
}

/// Adds the lines of a script; a line that goes on is one with the next.
fn script_lines(reader: &mut Reader<'_>, step: ResourceId, script: &str, run: Span) {
    let text = &reader.world.file(reader.file).text;
    let (first, last) = (text.place(run.start).line, text.place(run.end).line);
    let mut lines: Vec<(String, Span)> = Vec::new();
    let mut goes_on = false;
    for (number, line) in script.lines().enumerate().take(MAX_SCRIPT_LINES) {
        let ends = line.trim_end().ends_with(['\\', '|', '`']);
        if let (true, Some((whole, _))) = (goes_on, lines.last_mut()) {
            whole.push('\n');
            whole.push_str(line);
        } else {
            let at = (first + number as u32).min(last);
            let said = text.line(at);
            let indent = (said.len() - said.trim_start().len()) as u32;
            let start = if number == 0 { run.start } else { text.byte(Place { line: at, column: indent + 1 }) };
            lines.push((line.to_owned(), Span { start, end: start + line.trim().len() as u32 }));
        }
        goes_on = ends;
    }
    let address = format!("{}/run", reader.world.resource(step).address);
    let name = reader.world.resource(step).name.clone();
    for (line, span) in lines {
        let node = reader.world.tree_mut(reader.file).text(&line, span);
        let found = reader.add("script_line", address.clone(), &name, node, span);
        reader.relate(step, "lines", found, "step");
    }
}
