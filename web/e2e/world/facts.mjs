// What is known of the shop beside its telemetry: catalogue, owners of paths, cluster, machines, what they are made of.

import { MACHINES, sendMachines } from "./machines.mjs";
import { DAY, ENVIRONMENTS, REGISTRY, REPOSITORY, SERVICES, STORES, TEAMS, podOf, versionAt } from "./shop.mjs";

/** `search` belonged to the shop team until so long ago: a page of last week shows another owner than today's. */
const SEARCH_MOVED = 4 * DAY;

const quoted = JSON.stringify;

function component(kind, name, spec, metadata = {}, links = []) {
  const annotations = Object.entries(metadata).map(([key, value]) => `    ${key}: ${quoted(String(value))}`);
  const lines = ["apiVersion: backstage.io/v1alpha1", `kind: ${kind}`, "metadata:", `  name: ${name}`];
  if (annotations.length) lines.push("  annotations:", ...annotations);
  if (links.length) lines.push("  links:", ...links.map((link) => `    - {url: ${quoted(link)}, title: Runbook}`));
  lines.push("spec:", ...Object.entries(spec).map(([key, value]) => `  ${key}: ${quoted(value)}`));
  return lines.join("\n");
}

function promises({ tier, rto, rpo, backup }) {
  const given = { tier, rto, rpo, backup };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined).map(([key, value]) => [`tandem.dev/${key}`, value]));
}

/** Backstage's file of all teams, services and stores; `owners` says who has what else than today. */
export function catalog(owners = {}) {
  const parts = Object.entries(TEAMS).map(([name, title]) => `apiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata: {name: ${name}, title: ${quoted(title)}}\nspec: {type: team, children: []}`);
  parts.push(component("System", "shop", { owner: "shop" }));
  for (const [name, service] of Object.entries(SERVICES)) {
    const owner = owners[name] ?? service.owner;
    const calls = { checkout: ["payments", "cart", "stock", "shipping"], payments: ["fraud"], storefront: ["catalog", "search", "cart", "recommendations"], gateway: ["storefront", "accounts", "checkout"] }[name] ?? [];
    const dependsOn = [...service.stores.map((store) => `resource:${store}`), ...calls.map((other) => `component:${other}`)];
    const runbook = ["checkout", "payments", "search", "accounts"].includes(name) ? [`https://wiki.example.org/runbooks/${name}`] : [];
    parts.push(component("Component", name, { type: "service", lifecycle: "production", ...(owner ? { owner, system: "shop" } : {}), dependsOn }, { "github.com/project-slug": `acme/${service.repository}`, ...promises(service) }, runbook));
  }
  // Known, and never heard of: its code is gone from the cluster, and nobody took it out of the catalogue.
  parts.push(component("Component", "gift-cards", { type: "service", lifecycle: "production", owner: "payments", system: "shop" }, promises({ tier: 3 })));
  for (const [name, store] of Object.entries(STORES)) {
    parts.push(component("Resource", name, { type: "database", owner: store.owner, system: "shop" }, promises(store)));
  }
  return `${parts.join("\n---\n")}\n`;
}

const CODEOWNERS = {
  shop: "* @acme/shop\n/storefront/ @acme/shop\n/checkout/ @acme/shop\n/checkout/src/payment/ @acme/payments\n/deploy/ @acme/platform\n/.github/ @acme/security\n",
  payments: "* @acme/payments\n/fraud/ @acme/payments\n/deploy/ @acme/platform\n/.github/ @acme/security\n",
  discovery: "* @acme/discovery\n/deploy/ @acme/platform\n",
  logistics: "* @acme/logistics\n/deploy/ @acme/platform\n",
  accounts: "* @acme/identity\n/src/crypto/ @acme/security\n",
  platform: "* @acme/platform\n/network/ @acme/security\n",
};

/** The objects of a cluster, as `kubectl get -A -o json` prints them. */
function cluster(environment, now) {
  const items = [];
  const { nodes } = ENVIRONMENTS[environment];
  for (const node of nodes) {
    items.push({ apiVersion: "v1", kind: "Node", metadata: { name: node }, status: { nodeInfo: { osImage: "Debian GNU/Linux 13 (trixie)", kernelVersion: "6.12.57-amd64", containerRuntimeVersion: "containerd://2.1.4", kubeletVersion: "v1.34.2" }, addresses: [{ type: "InternalIP", address: `10.0.0.${10 + items.length}` }] } });
  }
  items.push({ apiVersion: "v1", kind: "Namespace", metadata: { name: "shop", labels: { team: "platform" } } });
  for (const [name, service] of Object.entries(SERVICES)) {
    const version = versionAt(name, environment, now, now);
    const labels = { "app.kubernetes.io/name": name, "app.kubernetes.io/version": version, ...(service.owner ? { team: service.owner } : {}) };
    const container = { name, image: `${REGISTRY}/${name}:${version}`, ports: [{ containerPort: 8080 }] };
    const template = { metadata: { labels }, spec: { containers: [container] } };
    const replicas = ENVIRONMENTS[environment].pods;
    items.push({ apiVersion: "apps/v1", kind: "Deployment", metadata: { name, namespace: "shop", labels, annotations: { "deployment.kubernetes.io/revision": "7" } }, spec: { replicas, template }, status: { replicas, readyReplicas: replicas } });
    items.push({ apiVersion: "v1", kind: "Service", metadata: { name, namespace: "shop", labels }, spec: { type: "ClusterIP", selector: { "app.kubernetes.io/name": name }, ports: [{ port: 8080 }] } });
    for (let number = 0; number < replicas; number++) items.push(pod(name, environment, version, number, labels, now));
  }
  items.push({ apiVersion: "networking.k8s.io/v1", kind: "Ingress", metadata: { name: "shop", namespace: "shop" }, spec: { rules: [{ host: "shop.example", http: { paths: [{ path: "/", pathType: "Prefix", backend: { service: { name: "gateway", port: { number: 8080 } } } }] } }] } });
  return { apiVersion: "v1", kind: "List", items };
}

function pod(name, environment, version, number, labels, now) {
  const { pod: called, set, node, container } = podOf(name, environment, version, number);
  const started = new Date(now - 20 * 60_000).toISOString();
  return {
    apiVersion: "v1", kind: "Pod",
    metadata: { name: called, namespace: "shop", labels, ownerReferences: [{ apiVersion: "apps/v1", kind: "ReplicaSet", name: set, controller: true, uid: set }] },
    spec: { nodeName: node, containers: [{ name, image: `${REGISTRY}/${name}:${version}` }] },
    status: { phase: "Running", startTime: started, podIP: `10.1.0.${number + 2}`, containerStatuses: [{ name, containerID: `containerd://${container}`, image: `${REGISTRY}/${name}:${version}`, imageID: "", state: { running: { startedAt: started } } }] },
  };
}

export async function sendFacts({ api, random, now, say }) {
  const at = (ago) => new Date(now - ago).toISOString();
  await api.document("catalog", "catalog-info.yaml", catalog({ search: "shop" }), { at: at(60 * DAY) });
  await api.document("catalog", "catalog-info.yaml", catalog(), { at: at(SEARCH_MOVED) });
  for (const [repository, text] of Object.entries(CODEOWNERS)) {
    await api.document("codeowners", "CODEOWNERS", text, { subject: `repository:${REPOSITORY(repository)}`, at: at(30 * DAY) });
  }
  for (const environment of Object.keys(ENVIRONMENTS)) {
    await api.document("kubernetes", `${environment}.json`, cluster(environment, now), { cluster: ENVIRONMENTS[environment].cluster });
  }
  await api.post("/api/v1/owners", { entity: "service:cart", owner: "shop", reason: "confirmed in the review of owners", at: at(6 * DAY) });
  await sendMachines({ api, random, now });
  say(`facts: catalogue, ${Object.keys(CODEOWNERS).length} files of owners, 2 clusters, ${MACHINES.length} machines`);
}
