//! What a resource says: which things there are, and how they belong together.

use super::names::{self, Names};
use crate::limits::{MAX_LIST, MAX_NAME_BYTES, MAX_VALUE_BYTES};
use model::entity::{self, EXECUTES, OWNED_BY, PART_OF, RUNS_IN, RUNS_ON, USES_IMAGE};
use model::{EntityRef, Relation, json};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The attributes that are looked at, each with a text or a list of texts. All others are left out as they are read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attributes(BTreeMap<&'static str, Value>);

impl Attributes {
    /// From attribute JSON. The first of a repeated key counts.
    pub fn parse(text: &str) -> Attributes {
        let mut attributes = Attributes::default();
        for (key, raw) in json::Members::new(text).into_iter().flatten() {
            if let Some(name) = names::known(&key)
                && !attributes.0.contains_key(name)
                && let Some(value) = value(raw)
            {
                attributes.0.insert(name, value);
            }
        }
        // The older name of the same.
        if let Some(environment) = attributes.0.remove("deployment.environment") {
            attributes.0.entry("deployment.environment.name").or_insert(environment);
        }
        if let Some(tag) = attributes.0.remove("container.image.tag") {
            attributes.0.entry("container.image.tags").or_insert_with(|| Value::Array(vec![tag]));
        }
        if let Some(runtime) = attributes.0.remove("container.runtime") {
            attributes.0.entry("container.runtime.name").or_insert(runtime);
        }
        attributes
    }

    /// These, and those of others that are not among them.
    pub fn or(mut self, others: &Attributes) -> Attributes {
        for (name, value) in &others.0 {
            self.0.entry(name).or_insert_with(|| value.clone());
        }
        self
    }

    /// A text that can be a name.
    pub fn name(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str().filter(|text| !text.is_empty() && text.len() <= MAX_NAME_BYTES)
    }

    /// The first of a list, or the text itself.
    fn first(&self, name: &str) -> Option<&str> {
        let value = self.0.get(name)?;
        let text = value.as_str().or_else(|| value.as_array()?.first()?.as_str())?;
        Some(text).filter(|text| !text.is_empty() && text.len() <= MAX_NAME_BYTES)
    }

    /// Some of them, to be kept.
    pub fn keep(&self, names: Names) -> Map<String, Value> {
        let kept = names.iter().filter_map(|name| Some(((*name).to_owned(), short(self.0.get(name)?))));
        kept.collect()
    }

    /// All of them, to be kept.
    pub fn keep_all(&self) -> Map<String, Value> {
        self.0.iter().map(|(name, value)| ((*name).to_owned(), short(value))).collect()
    }
}

/// What is kept of a value: texts, numbers, truth, and short lists of texts.
fn value(raw: &str) -> Option<Value> {
    let scalar = |raw: &str| -> Option<Value> {
        match raw.as_bytes().first()? {
            // The ledger keeps no zero characters.
            b'"' => {
                json::unescape(raw).filter(|text| !text.contains('\0')).map(|text| Value::String(text.into_owned()))
            }
            b'0'..=b'9' | b'-' | b't' | b'f' => serde_json::from_str(raw).ok(),
            _ => None,
        }
    };
    if !raw.starts_with('[') {
        return scalar(raw);
    }
    let Ok(Value::Array(items)) = serde_json::from_str(raw) else { return None };
    let text = |item: &Value| item.as_str().is_some_and(|text| !text.contains('\0'));
    Some(Value::Array(items.into_iter().filter(text).take(MAX_LIST).collect()))
}

/// A value with a bounded length.
fn short(value: &Value) -> Value {
    match value {
        Value::String(text) if text.len() > MAX_VALUE_BYTES => {
            Value::String(text[..text.floor_char_boundary(MAX_VALUE_BYTES)].to_owned())
        }
        Value::Array(items) => Value::Array(items.iter().map(short).collect()),
        other => other.clone(),
    }
}

/// What a resource describes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Described {
    /// Things, with what is kept of each.
    pub things: Vec<(EntityRef, Map<String, Value>)>,
    /// How they belong together.
    pub relations: Vec<Relation>,
    /// The service that sends.
    pub service: Option<EntityRef>,
    /// Its version.
    pub version: Option<String>,
    /// Where it runs, such as `production`.
    pub environment: Option<String>,
    /// The host that it says it is on.
    pub host: Option<EntityRef>,
}

impl Described {
    fn thing(&mut self, entity: Option<EntityRef>, from: &Attributes, names: Names) -> Option<EntityRef> {
        let entity = entity?;
        self.things.push((entity.clone(), from.keep(names)));
        Some(entity)
    }

    fn relate(&mut self, from: Option<&EntityRef>, kind: &str, to: Option<&EntityRef>) {
        if let (Some(from), Some(to)) = (from, to) {
            let (from, to) = (from.clone(), to.clone());
            self.relations.push(Relation { kind: kind.to_owned(), from, to, layer: String::new() });
        }
    }

    /// Bytes of it in memory, roughly.
    pub fn bytes(&self) -> usize {
        let text = |value: &Value| match value {
            Value::String(text) => text.len(),
            Value::Array(items) => items.iter().map(|item| 32 + item.as_str().map_or(0, str::len)).sum(),
            _ => 0,
        };
        let kept =
            |kept: &Map<String, Value>| kept.iter().map(|(key, value)| 96 + key.len() + text(value)).sum::<usize>();
        let name = |entity: &EntityRef| 64 + entity.kind.len() + entity.key.len();
        let things: usize = self.things.iter().map(|(entity, attributes)| name(entity) + kept(attributes)).sum();
        let relations = self.relations.iter().map(|relation| 48 + name(&relation.from) + name(&relation.to));
        512 + things + relations.sum::<usize>()
    }
}

/// The thing of a kind that attributes name.
pub fn named(kind: &str, from: &Attributes) -> Option<EntityRef> {
    match kind {
        "service" => entity::service(from.name("service.namespace"), from.name("service.name")?).ok(),
        "service.instance" => entity::instance(&named("service", from)?, from.name("service.instance.id")?).ok(),
        "host" => entity::host(from.name("host.name").or_else(|| from.name("host.id"))?).ok(),
        "container" => entity::container(from.name("container.id")?).ok(),
        "container.image" => image(from),
        "executable" => {
            entity::on_host("executable", &named("host", from)?, from.name("process.executable.path")?).ok()
        }
        "k8s.cluster" => entity::k8s("cluster", None, None, from.name("k8s.cluster.name")?).ok(),
        "k8s.namespace" | "k8s.node" => {
            let name = from.name(if kind == "k8s.node" { "k8s.node.name" } else { "k8s.namespace.name" })?;
            entity::k8s(kind.strip_prefix("k8s.")?, from.name("k8s.cluster.name"), None, name).ok()
        }
        _ => {
            let kind = kind.strip_prefix("k8s.")?;
            let name = from.name(names::known(&format!("k8s.{kind}.name"))?)?;
            // Two objects of one name in two namespaces would become one.
            let namespace = from.name("k8s.namespace.name")?;
            entity::k8s(kind, from.name("k8s.cluster.name"), Some(namespace), name).ok()
        }
    }
}

/// The image. Its name may come with the tag or digest that it was pulled by.
fn image(from: &Attributes) -> Option<EntityRef> {
    let name = from.name("container.image.name")?;
    let (name, pulled) = name.split_once('@').map_or((name, None), |(name, digest)| (name, Some(digest)));
    let tagged = name.rsplit_once(':').filter(|(_, tag)| !tag.contains('/'));
    let (name, tag) = tagged.map_or((name, None), |(name, tag)| (name, Some(tag)));
    let digest = from.first("container.image.repo_digests").or_else(|| from.first("oci.manifest.digest")).or(pulled);
    entity::image(name, from.first("container.image.tags").or(tag), digest).ok()
}

/// Reads a resource.
pub fn describe(from: &Attributes) -> Described {
    let mut told = Described::default();
    let host = told.thing(named("host", from), from, names::HOST);
    let service = told.thing(named("service", from), from, names::SERVICE);
    let instance = told.thing(named("service.instance", from), from, names::INSTANCE);
    let container = told.thing(named("container", from), from, names::CONTAINER);
    let image = told.thing(named("container.image", from), from, names::IMAGE);
    let executable = told.thing(named("executable", from), from, names::EXECUTABLE);
    let workload = kubernetes(&mut told, from, host.as_ref(), container.as_ref());
    told.relate(instance.as_ref(), PART_OF, service.as_ref());
    for there in [&service, &instance, &container] {
        told.relate(there.as_ref(), RUNS_ON, host.as_ref());
    }
    told.relate(instance.as_ref(), RUNS_IN, container.as_ref());
    told.relate(service.as_ref(), RUNS_IN, workload.as_ref());
    let made = container.as_ref().or(workload.as_ref());
    told.relate(made, USES_IMAGE, image.as_ref());
    told.relate(host.as_ref(), EXECUTES, executable.as_ref());
    let team = names::OWNER.iter().find_map(|name| from.name(name)).and_then(team);
    told.relate(service.as_ref().or(host.as_ref()), OWNED_BY, team.as_ref());
    told.version = service.as_ref().and(from.name("service.version")).map(str::to_owned);
    told.environment = from.name("deployment.environment.name").map(str::to_owned);
    (told.service, told.host) = (service, host);
    told
}

/// Objects of Kubernetes; answers the workload that the pod belongs to.
fn kubernetes(
    told: &mut Described,
    from: &Attributes,
    host: Option<&EntityRef>,
    container: Option<&EntityRef>,
) -> Option<EntityRef> {
    let cluster = told.thing(named("k8s.cluster", from), from, names::CLUSTER);
    let namespace = told.thing(named("k8s.namespace", from), from, &[]);
    let node = told.thing(named("k8s.node", from), from, names::NODE);
    let pod = told.thing(named("k8s.pod", from), from, names::POD);
    let cronjob = told.thing(named("k8s.cronjob", from), from, names::CRONJOB);
    let mut workload = None;
    for (kind, names) in names::WORKLOADS {
        let this = told.thing(named(kind, from), from, names);
        told.relate(this.as_ref(), PART_OF, namespace.as_ref());
        workload = workload.or(this);
    }
    told.relate(namespace.as_ref(), PART_OF, cluster.as_ref());
    told.relate(node.as_ref(), PART_OF, cluster.as_ref());
    told.relate(node.as_ref(), RUNS_ON, host);
    told.relate(pod.as_ref(), RUNS_ON, node.as_ref());
    told.relate(pod.as_ref(), PART_OF, workload.as_ref().or(namespace.as_ref()));
    told.relate(container, PART_OF, pod.as_ref());
    if workload.as_ref().is_some_and(|workload| workload.kind == "k8s.job") {
        told.relate(workload.as_ref(), PART_OF, cronjob.as_ref());
    }
    told.relate(cronjob.as_ref(), PART_OF, namespace.as_ref());
    workload
}

/// A team; nothing when it is the address of a person.
fn team(name: &str) -> Option<EntityRef> {
    let person = name.find('@').is_some_and(|at| at > 0);
    if person { None } else { entity::team(name.trim()).ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(attributes: Value) -> Described {
        describe(&Attributes::parse(&attributes.to_string()))
    }

    fn things(told: &Described) -> Vec<String> {
        told.things.iter().map(|(entity, _)| entity.to_string()).collect()
    }

    fn relations(told: &Described) -> Vec<String> {
        let text = |relation: &Relation| format!("{} {} {}", relation.from, relation.kind, relation.to);
        let mut all: Vec<String> = told.relations.iter().map(text).collect();
        all.sort();
        all
    }

    #[test]
    fn a_process_of_a_service_in_kubernetes() {
        let told = read(serde_json::json!({
            "service.name": "cart", "service.namespace": "shop", "service.instance.id": "i-1", "service.version": "2.4.1",
            "deployment.environment": "production", "telemetry.sdk.language": "java", "process.pid": 41,
            "process.command_line": "java -Dpassword=x", "process.owner": "ada",
            "host.name": "node-3", "os.type": "linux", "cloud.region": "eu-central-1",
            "container.id": "c0ffee", "container.image.name": "registry.example.org/shop/cart:2.4.1",
            "container.image.repo_digests": ["registry.example.org/shop/cart@sha256:aa"],
            "k8s.cluster.name": "live", "k8s.namespace.name": "shop", "k8s.pod.name": "cart-7d-x", "k8s.pod.uid": "u-1",
            "k8s.deployment.name": "cart", "k8s.node.name": "node-3", "service.team": "@acme/Shop"
        }));
        assert_eq!(
            things(&told),
            [
                "host:node-3",
                "service:shop/cart",
                "service.instance:shop/cart/i-1",
                "container:c0ffee",
                "container.image:registry.example.org/shop/cart@sha256:aa",
                "k8s.cluster:live",
                "k8s.namespace:live/shop",
                "k8s.node:live/node-3",
                "k8s.pod:live/shop/cart-7d-x",
                "k8s.deployment:live/shop/cart",
            ]
        );
        assert_eq!(
            relations(&told),
            [
                "container:c0ffee part_of k8s.pod:live/shop/cart-7d-x",
                "container:c0ffee runs_on host:node-3",
                "container:c0ffee uses_image container.image:registry.example.org/shop/cart@sha256:aa",
                "k8s.deployment:live/shop/cart part_of k8s.namespace:live/shop",
                "k8s.namespace:live/shop part_of k8s.cluster:live",
                "k8s.node:live/node-3 part_of k8s.cluster:live",
                "k8s.node:live/node-3 runs_on host:node-3",
                "k8s.pod:live/shop/cart-7d-x part_of k8s.deployment:live/shop/cart",
                "k8s.pod:live/shop/cart-7d-x runs_on k8s.node:live/node-3",
                "service.instance:shop/cart/i-1 part_of service:shop/cart",
                "service.instance:shop/cart/i-1 runs_in container:c0ffee",
                "service.instance:shop/cart/i-1 runs_on host:node-3",
                "service:shop/cart owned_by team:shop",
                "service:shop/cart runs_in k8s.deployment:live/shop/cart",
                "service:shop/cart runs_on host:node-3",
            ]
        );
        let (_, instance) = &told.things[2];
        assert_eq!(instance["process.pid"], 41);
        assert_eq!(instance["deployment.environment.name"], "production");
        let all = serde_json::to_string(&told.things.iter().map(|(_, kept)| kept).collect::<Vec<_>>()).unwrap();
        assert!(!all.contains("ada") && !all.contains("password"), "{all}");
    }

    #[test]
    fn small_and_damaged_resources() {
        assert_eq!(things(&read(serde_json::json!({"host.id": "h-9"}))), ["host:h-9"]);
        assert_eq!(read(serde_json::json!({"service.name": 7, "host.name": "", "container.id": "a\u{0}b"})).things, []);
        assert_eq!(read(serde_json::json!({"host.name": "h".repeat(MAX_NAME_BYTES + 1)})).things, []);
        // A deployment whose namespace is not known could be any of that name.
        assert_eq!(read(serde_json::json!({"k8s.deployment.name": "cart"})).things, []);
        assert_eq!(describe(&Attributes::parse("[1]")).things, []);
        assert_eq!(describe(&Attributes::parse("{\"host.name\":")).things, []);
        let told = read(
            serde_json::json!({"service.name": "a", "owner": "ada@example.org", "os.description": "x".repeat(999)}),
        );
        assert_eq!(told.relations, [], "a person owns nothing here");
        let image = |attributes| things(&read(attributes));
        assert_eq!(
            image(serde_json::json!({"container.image.name": "localhost:5000/app"})),
            ["container.image:localhost:5000/app"]
        );
        assert_eq!(
            image(serde_json::json!({"container.image.name": "app", "container.image.tag": "3"})),
            ["container.image:app:3"]
        );
        let long = read(serde_json::json!({"host.name": "a", "os.description": "é".repeat(999)}));
        assert_eq!(long.things[0].1["os.description"].as_str().unwrap().len(), MAX_VALUE_BYTES);
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_fail(text in ".{0,200}", name in "[\\PC]{0,40}", quoted in "\\PC{0,60}") {
            describe(&Attributes::parse(&text));
            let told = read(serde_json::json!({"service.name": name, "host.name": quoted, "k8s.pod.name": name}));
            proptest::prop_assert!(told.bytes() < 10_000);
        }
    }
}
