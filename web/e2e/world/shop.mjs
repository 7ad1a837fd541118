// The shop: its teams, services, machines and versions. Everything else of the world is made from this.

import { digest } from "./random.mjs";

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export const TEAMS = {
  shop: "Storefront, cart and checkout",
  payments: "Money in, money out",
  discovery: "Catalogue, search and recommendations",
  logistics: "Stock and shipping",
  identity: "Accounts and log-ins",
  platform: "Cluster, gateway and machines",
  security: "Threats, weaknesses, and how to live with both",
};

/**
 * `logs: false` sends traces and metrics alone; `owner: null` belongs to nobody; both are there to be found.
 * `versions` are those of the last week, the oldest first; `since` counts back from now.
 */
export const SERVICES = {
  gateway: {
    owner: "platform", language: "go", tier: 1, rto: "30m", repository: "platform", path: "gateway", stores: [],
    versions: [["1.27.3", 40 * DAY]],
  },
  storefront: {
    owner: "shop", language: "nodejs", tier: 1, rto: "1h", repository: "shop", path: "storefront", stores: [],
    versions: [["4.8.1", 12 * DAY], ["4.9.0", 2 * DAY + 3 * HOUR]],
  },
  cart: {
    owner: "shop", language: "go", tier: 2, rto: "2h", repository: "shop", path: "cart", stores: ["cart-cache"],
    versions: [["3.2.0", 20 * DAY]],
  },
  checkout: {
    owner: "shop", language: "java", tier: 1, rto: "1h", rpo: "5m", backup: "bucket:orders-nightly", repository: "shop", path: "checkout", stores: ["orders-db"],
    versions: [["2.14.0", 9 * DAY], ["2.15.0", 24 * MINUTE]],
  },
  payments: {
    owner: "payments", language: "java", tier: 1, rto: "1h", rpo: "0s", repository: "payments", path: "payments", stores: ["payments-db"],
    versions: [["5.3.1", 15 * DAY], ["5.4.0", 3 * DAY + 5 * HOUR]],
  },
  fraud: {
    owner: "payments", language: "python", tier: 2, rto: "4h", repository: "payments", path: "fraud", stores: [],
    versions: [["0.19.2", 6 * DAY]],
  },
  catalog: {
    owner: "discovery", language: "go", tier: 2, rto: "4h", repository: "discovery", path: "catalog", stores: ["catalog-db"],
    versions: [["7.0.4", 30 * DAY]],
  },
  search: {
    owner: "discovery", language: "rust", tier: 2, repository: "discovery", path: "search", stores: [],
    versions: [["2.2.0", 11 * DAY], ["2.3.0", 1 * DAY + 2 * HOUR]],
  },
  recommendations: {
    owner: "discovery", language: "python", tier: 3, repository: "discovery", path: "recommendations", stores: [],
    versions: [["1.5.0", 25 * DAY]],
  },
  accounts: {
    owner: "identity", language: "java", tier: 1, rto: "1h", rpo: "15m", repository: "accounts", path: "accounts", stores: ["accounts-db"],
    versions: [["6.1.0", 17 * DAY], ["6.1.1", 5 * DAY + HOUR]],
  },
  shipping: {
    owner: "logistics", language: "dotnet", tier: 2, rto: "8h", repository: "logistics", path: "shipping", stores: [],
    versions: [["1.7.9", 21 * DAY], ["1.8.0", 5 * DAY], ["1.7.9", 5 * DAY - 40 * MINUTE], ["1.8.1", 4 * DAY]],
  },
  stock: {
    owner: "logistics", language: "go", repository: "logistics", path: "stock", stores: ["stock-db"], logs: false,
    versions: [["2.0.2", 33 * DAY]],
  },
  mailer: {
    owner: null, language: "nodejs", repository: "mailer", path: "", stores: [],
    versions: [["0.9.7", 90 * DAY]],
  },
};

/** Stores that services depend on; only some say what is promised of them. */
export const STORES = {
  "orders-db": { owner: "shop", title: "Orders, PostgreSQL", tier: 1, rto: "45m", rpo: "5m", backup: "bucket:orders-nightly", system: "postgresql" },
  "payments-db": { owner: "payments", title: "Payments, PostgreSQL", tier: 1, rto: "1h", rpo: "0s", backup: "bucket:payments-wal", system: "postgresql" },
  "accounts-db": { owner: "identity", title: "Accounts, PostgreSQL", tier: 1, rto: "1h", rpo: "15m", system: "postgresql" },
  "catalog-db": { owner: "discovery", title: "Catalogue, PostgreSQL", tier: 2, system: "postgresql" },
  "stock-db": { owner: "logistics", title: "Stock, MySQL", system: "mysql" },
  "cart-cache": { owner: "shop", title: "Carts, Redis", tier: 2, rto: "1h", system: "redis" },
};

export const REPOSITORY = (name) => `github.com/acme/${name}`;
export const REGISTRY = "registry.example.org/shop";

export const ENVIRONMENTS = {
  production: { cluster: "shop-prod", nodes: ["node-1", "node-2", "node-3", "node-4"], pods: 2, share: 1 },
  staging: { cluster: "shop-staging", nodes: ["stage-1"], pods: 1, share: 0.06 },
};

/** Staging runs the next version a day before production does. */
const AHEAD = DAY;

const LANGUAGES = {
  go: ["go", "go1.26"], nodejs: ["nodejs", "24.4.0"], java: ["OpenJDK Runtime Environment", "25.0.1"],
  python: ["CPython", "3.14.2"], rust: ["rust", "1.91.0"], dotnet: [".NET", "10.0.0"],
};

/** The version of a service that ran in an environment at a time, both in milliseconds. */
export function versionAt(name, environment, at, now) {
  const ahead = environment === "staging" ? AHEAD : 0;
  const came = SERVICES[name].versions.filter(([, since]) => now - since - ahead <= at);
  return (came.at(-1) ?? SERVICES[name].versions[0])[0];
}

/** A name such as a cluster makes them. */
const short = (text) => digest(text).toString(36).padStart(6, "0");

/** The pod that a service runs in: another one for each version, as a rollout makes them. */
export function podOf(name, environment, version, number) {
  const { cluster, nodes } = ENVIRONMENTS[environment];
  const set = short(`${name}${version}`).slice(0, 6);
  const place = (Object.keys(SERVICES).indexOf(name) + number * 2) % nodes.length;
  const pod = `${name}-${set}-${short(`${set}${environment}${number}`).slice(0, 5)}`;
  const container = [...Array(8)].map((_, part) => digest(`${pod}/${environment}/${part}`).toString(16).padStart(8, "0")).join("");
  return { pod, set: `${name}-${set}`, node: nodes[place], cluster, container };
}

/** What telemetry of a service says of its sender. */
export function resourceOf(name, environment, version, number) {
  const service = SERVICES[name];
  const { pod, set, node, cluster, container } = podOf(name, environment, version, number);
  const [runtime, runtimeVersion] = LANGUAGES[service.language];
  return {
    "service.name": name,
    "service.version": version,
    "service.instance.id": pod,
    "deployment.environment.name": environment,
    "host.name": node,
    "os.type": "linux",
    "k8s.cluster.name": cluster,
    "k8s.namespace.name": "shop",
    "k8s.node.name": node,
    "k8s.deployment.name": name,
    "k8s.replicaset.name": set,
    "k8s.pod.name": pod,
    "k8s.container.name": name,
    "container.id": container,
    "container.image.name": `${REGISTRY}/${name}`,
    "container.image.tags": [version],
    "process.runtime.name": runtime,
    "process.runtime.version": runtimeVersion,
    "telemetry.sdk.language": service.language,
  };
}
