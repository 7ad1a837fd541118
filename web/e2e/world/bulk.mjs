// Many rows of logs, as fast as the server takes them: lines are made and packed in workers, several requests at once.

import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { Worker, isMainThread, parentPort, workerData } from "node:worker_threads";
import { gzip } from "node:zlib";
import { promisify } from "node:util";
import { Random } from "./random.mjs";
import { HOUR, SERVICES, resourceOf, versionAt } from "./shop.mjs";

/** Rows of one request, requests under way in one worker, and how often one that was told to wait tries again. */
const ROWS = 20_000;
const AT_ONCE = 3;
const TRIES = 100;
/** Different lines but for their times and numbers. */
const KINDS = 4_000;

const pack = promisify(gzip);

function templates(random, now) {
  const names = Object.keys(SERVICES);
  return Array.from({ length: KINDS }, () => {
    const service = random.pick(names);
    const resource = resourceOf(service, "production", versionAt(service, "production", now, now), random.int(2));
    const level = random.weighted([["DEBUG", 8], ["INFO", 84], ["WARN", 6], ["ERROR", 1.5]]);
    const path = random.pick(["/p/{id}", "/search", "/cart", "/checkout", "/login", "/v1/carts/{id}", "/v1/payments"]);
    const status = level === "ERROR" ? 500 : level === "WARN" ? 429 : 200;
    const said = level === "ERROR" ? `request failed: upstream ${random.pick(names)} closed the connection` : `${random.pick(["GET", "POST"])} ${path} answered ${status}`;
    const fields = { level, "service.name": service, "host.name": resource["host.name"], "service.version": resource["service.version"], "deployment.environment.name": "production", "k8s.pod.name": resource["k8s.pod.name"], "http.route": path, "http.response.status_code": status };
    return [`","message":${JSON.stringify(said).slice(0, -1)} in `, `,${JSON.stringify(fields).slice(1)}\n`];
  });
}

/** The lines of one request; times go evenly from the first to the last. */
function lines(random, made, from, step, count) {
  const all = [];
  for (let row = 0; row < count; row++) {
    const [head, tail] = made[random.int(KINDS)];
    const took = 1 + random.int(400);
    all.push(`{"@timestamp":"${new Date(from + step * row).toISOString()}${head}${took} ms","duration_ms":${took},"order.id":"o-${random.int(1_000_000)}"${tail}`);
  }
  return all.join("");
}

async function send(url, token, body) {
  const headers = { "content-type": "application/x-ndjson", "content-encoding": "gzip", ...(token ? { authorization: `Bearer ${token}` } : {}) };
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const answer = await fetch(`${url}/api/v1/ingest/json`, { method: "POST", headers, body });
    const text = await answer.text();
    if (answer.ok) {
      const { accepted, rejected } = JSON.parse(text);
      if (rejected > 0) throw new Error(`bulk: ${text.slice(0, 300)}`);
      return accepted;
    }
    if (answer.status !== 429 && answer.status !== 503) throw new Error(`bulk: ${answer.status} ${text.slice(0, 300)}`);
    // The server says how long it wants to be left alone.
    await new Promise((done) => setTimeout(done, 1000 * Number(answer.headers.get("retry-after") ?? 0.2)));
  }
  throw new Error("bulk: the server stayed busy");
}

async function work({ url, token, now, span, total, seed, worker, workers }) {
  const random = new Random(`${seed}/${worker}`);
  const made = templates(random, now);
  const step = span / total;
  let next = worker;
  const lane = async () => {
    for (;;) {
      const first = next * ROWS;
      next += workers;
      if (first >= total) return;
      const count = Math.min(ROWS, total - first);
      parentPort.postMessage(await send(url, token, await pack(lines(random, made, now - span + first * step, step, count), { level: 1 })));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}

/** Sends `rows` rows of the last hour; answers how many there were a second. */
export async function bulk({ url, token, rows, seed = "bulk", now = Date.now(), span = HOUR, say = () => {} }) {
  const started = Date.now();
  const workers = Math.min(availableParallelism(), 4, Math.ceil(rows / ROWS));
  let sent = 0;
  await Promise.all(Array.from({ length: workers }, (_, worker) => new Promise((done, failed) => {
    const thread = new Worker(fileURLToPath(import.meta.url), { workerData: { url, token, now, span, total: rows, seed, worker, workers } });
    thread.on("message", (count) => (sent += count));
    thread.once("error", failed);
    thread.once("exit", (code) => (code === 0 ? done() : failed(new Error(`a worker ended with ${code}`))));
  })));
  if (sent !== rows) throw new Error(`bulk: ${sent} of ${rows} rows were kept`);
  const rate = Math.round(rows / ((Date.now() - started) / 1000));
  say(`bulk: ${rows} rows, ${rate} a second`);
  return rate;
}

if (!isMainThread && workerData?.total !== undefined) await work(workerData);
