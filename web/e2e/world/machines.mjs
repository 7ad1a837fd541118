// The machines: what osquery says of them, and what an agent on some of them does.

import { DAY, ENVIRONMENTS, HOUR, MINUTE } from "./shop.mjs";

export const MACHINES = [...ENVIRONMENTS.production.nodes, ...ENVIRONMENTS.staging.nodes, "bastion-1", "edge-1"];
/** Where an agent runs; the last of them was heard of yesterday. */
const AGENTS = ["node-1", "node-2", "node-3", "bastion-1", "edge-1"];
const SILENT = "edge-1";

const PACKAGES = [["openssl", "3.5.1-1"], ["openssh-server", "1:10.0p1-7"], ["sudo", "1.9.16p2-3"], ["linux-image-amd64", "6.12.57-1"], ["containerd", "2.1.4-1"], ["curl", "8.14.1-2"], ["python3.13", "3.13.5-2"], ["libxml2", "2.12.7+dfsg-3"], ["xz-utils", "5.8.1-1"], ["bash", "5.2.37-2"]];

/** Port, address, and what listens. */
function sockets(host) {
  const all = [[22, "0.0.0.0", "/usr/sbin/sshd"], [9100, "127.0.0.1", "/usr/bin/prometheus-node-exporter"]];
  if (host.startsWith("node")) all.push([10250, "0.0.0.0", "/usr/bin/kubelet"]);
  if (host === "node-3") all.push([6379, "0.0.0.0", "/usr/bin/redis-server"]);
  if (host === "stage-1") all.push([5432, "0.0.0.0", "/usr/lib/postgresql/17/bin/postgres"], [8080, "0.0.0.0", "/usr/bin/python3.13"]);
  if (host === "edge-1") all.push([443, "0.0.0.0", "/usr/sbin/nginx"], [80, "0.0.0.0", "/usr/sbin/nginx"]);
  return all;
}

/** What osquery says of a machine: rows of each table. */
function tables(random, host, number) {
  return {
    os_version: [{ name: "Debian GNU/Linux", version: "13 (trixie)", platform: "debian", arch: "x86_64" }],
    uptime: [{ total_seconds: String(86_400 * (3 + number * 9)) }],
    deb_packages: PACKAGES.map(([name, version]) => ({ name, version, arch: "amd64", status: "install ok installed" })),
    listening_ports: sockets(host).map(([port, address]) => ({ pid: String(400 + random.int(3000)), port: String(port), protocol: "6", family: "2", address, path: "" })),
    users: [{ uid: "0", username: "root", shell: "/bin/bash" }, { uid: "33", username: "www-data", shell: "/usr/sbin/nologin" }, { uid: "1000", username: "someone", shell: "/bin/bash" }],
  };
}

/** What an agent says of the same machine. */
function agent(host, at) {
  const about = { kind: "host", key: host };
  const lease = (host === SILENT ? 10 * MINUTE : DAY) * 1e6;
  const observations = [];
  const see = (entity, attributes) => observations.push({ about: { entity }, at, lease, attributes });
  const hold = (kind, to, attributes = {}) => observations.push({ about: { relation: { kind, from: about, to } }, at, lease, attributes });
  const part = (kind, relation, name, attributes) => {
    const entity = { kind, key: `${host}/${name.replace(/^\//, "")}` };
    see(entity, attributes);
    hold(relation, entity);
  };
  const old = host === "node-2" || host === "bastion-1";
  see(about, { "os.type": "linux", "os.name": "Debian GNU/Linux", "os.version": "13", "host.arch": "amd64", reboot_required: old, ...(old ? { reboot_required_by: ["linux-image-amd64"] } : {}) });
  for (const [port, address, executable] of sockets(host)) {
    part("socket", "listens", `tcp/${address}:${port}`, { protocol: "tcp", address, port, executable, exposed: !address.startsWith("127.") });
    part("executable", "executes", executable, { path: executable, name: executable.split("/").at(-1), processes: 1, users: ["system"], deleted: host === "node-2" && port === 22, in_container: "none" });
  }
  part("file", "keeps", "/etc/ssh/ssh_host_ed25519_key", { class: "private_key", readers: 1, world_readable: false, mode: "0600", owner_class: "root" });
  if (host === "bastion-1") {
    part("file", "keeps", "/srv/backup/orders-2026.sql", { class: "database_dump", readers: 14, world_readable: true, mode: "0644", owner_class: "person" });
    part("file", "keeps", "/home/uid-1000/.env", { class: "environment_file", readers: 14, world_readable: true, mode: "0644", owner_class: "person" });
    part("account", "knows", "deploy", { uid: 998, system: true, shell_login: true, password: "set", sudo: true, sudo_without_password: true, ssh_keys: 3, shared: true, shared_because: "three keys open it", second_factor: "no" });
  }
  return { origin: "agent", observations };
}

export async function sendMachines({ api, random, now }) {
  for (const [number, host] of MACHINES.entries()) {
    for (const [table, rows] of Object.entries(tables(random, host, number))) {
      await api.document("osquery", `${table}.json`, rows, { subject: `host:${host}` });
    }
    if (AGENTS.includes(host)) await api.post("/api/v1/facts", agent(host, (now - (host === SILENT ? DAY : MINUTE)) * 1e6));
    // That of edge-1 was forgotten.
    if (host !== "edge-1") await api.post("/api/v1/owners", { entity: `host:${host}`, owner: "platform", reason: "they run the machines", at: new Date(now - 20 * DAY - number * HOUR).toISOString() });
  }
}
