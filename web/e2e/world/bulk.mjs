// Many rows of logs, as fast as the server takes them: OTLP over several connections from several threads. Each kind of
// row is encoded once; for a row its bytes are copied and its time, order and duration written over.

import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { Worker, isMainThread, parentPort, workerData } from "node:worker_threads";
import { field, logRecord, resource } from "./protobuf.mjs";
import { Random } from "./random.mjs";
import { HOUR, SERVICES, resourceOf, versionAt } from "./shop.mjs";

/** Rows of one request, requests under way in one thread, and how often one that was told to wait tries again. */
const ROWS = 5_000;
const AT_ONCE = 4;
const TRIES = 200;
/** Threads: with more the server has no processor left. */
const MOST_THREADS = 2;
/** Different rows of a service, but for what is written over. */
const KINDS = 300;
/** What is written over in the bytes of a kind: eight digits, and a number that no row has. */
const ORDER = "o-########";
const DURATION = 1.2345678901234567e-300;

const LEVELS = [[["DEBUG", 5], 8], [["INFO", 9], 84], [["WARN", 13], 6], [["ERROR", 17], 1.5]];

function kind(random, names) {
  const [level, severity] = random.weighted(LEVELS);
  const route = random.pick(["/p/{id}", "/search", "/cart", "/checkout", "/login", "/v1/carts/{id}", "/v1/payments"]);
  const status = level === "ERROR" ? 500 : level === "WARN" ? 429 : 200;
  const body = level === "ERROR" ? `request for ${ORDER} failed: upstream ${random.pick(names)} closed the connection` : `${random.pick(["GET", "POST"])} ${route} answered ${status} for ${ORDER} from ${random.pick(["cache", "store", "replica"])} ${random.int(90)}`;
  const { bytes, timeAt } = logRecord({ severity, level, body, attributes: { "http.route": route, "http.response.status_code": status, "client.address": `192.0.2.${random.int(250)}`, duration_ms: DURATION } });
  const duration = Buffer.alloc(8);
  duration.writeDoubleLE(DURATION);
  return { bytes, timeAt, orderAt: bytes.indexOf("########"), durationAt: bytes.indexOf(duration) };
}

/** What each pod of a service writes. */
function sources(random, now) {
  const names = Object.keys(SERVICES);
  return names.flatMap((name) => [0, 1].map((pod) => ({
    resource: field(1, resource(resourceOf(name, "production", versionAt(name, "production", now, now), pod))),
    kinds: Array.from({ length: KINDS }, () => kind(random, names)),
  })));
}

/** A time of so many milliseconds in nanoseconds, to the microsecond; in two halves, since big integers are slow. */
function writeNanos(out, at, place) {
  const micros = Math.round(at * 1000);
  const high = Math.floor(micros / 4_294_967_296);
  const low = (micros - high * 4_294_967_296) * 1000;
  const carry = Math.floor(low / 4_294_967_296);
  out.writeUInt32LE(low - carry * 4_294_967_296, place);
  out.writeUInt32LE(high * 1000 + carry, place + 4);
}

/** The records of one pod; times go on evenly from one row to the next. */
function records(random, { kinds }, times) {
  const chosen = times.map(() => kinds[random.int(KINDS)]);
  const out = Buffer.allocUnsafe(chosen.reduce((sum, { bytes }) => sum + bytes.length, 0));
  let at = 0;
  chosen.forEach(({ bytes, timeAt, orderAt, durationAt }, row) => {
    bytes.copy(out, at);
    writeNanos(out, times[row], at + timeAt);
    for (let digit = 0, left = random.int(100_000_000); digit < 8; digit++, left = (left / 10) | 0) out[at + orderAt + digit] = 48 + (left % 10);
    out.writeDoubleLE(0.5 + random.int(4_000) / 8, at + durationAt);
    at += bytes.length;
  });
  return out;
}

/** A request: rows from `first` on, dealt out to all pods. */
function request(random, all, from, step, first, count) {
  const times = all.map(() => []);
  for (let row = 0; row < count; row++) times[random.int(all.length)].push(from + (first + row) * step);
  const parts = all.flatMap((source, index) => (times[index].length === 0 ? [] : [field(1, Buffer.concat([source.resource, field(2, records(random, source, times[index]))]))]));
  return Buffer.concat(parts);
}

async function send(otlp, token, body) {
  const headers = { "content-type": "application/x-protobuf", ...(token ? { authorization: `Bearer ${token}` } : {}) };
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const answer = await fetch(`${otlp}/v1/logs`, { method: "POST", headers, body });
    const bytes = Buffer.from(await answer.arrayBuffer());
    if (answer.ok) {
      if (bytes.length > 0) throw new Error(`bulk: not all rows were kept: ${bytes.toString("latin1").slice(0, 300)}`);
      return;
    }
    if (answer.status !== 429 && answer.status !== 503) throw new Error(`bulk: ${answer.status} ${bytes.toString("latin1").slice(0, 300)}`);
    // The server says how long it wants to be left alone.
    await new Promise((done) => setTimeout(done, 1000 * Number(answer.headers.get("retry-after") ?? 0.2)));
  }
  throw new Error("bulk: the server stayed busy");
}

async function work({ otlp, token, now, span, total, seed, worker, workers }) {
  const random = new Random(`${seed}/${worker}`);
  const all = sources(random, now);
  const step = span / total;
  let next = worker;
  const lane = async () => {
    for (;;) {
      const first = next * ROWS;
      next += workers;
      if (first >= total) return;
      const count = Math.min(ROWS, total - first);
      await send(otlp, token, request(random, all, now - span, step, first, count));
      parentPort.postMessage(count);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}

/** Sends `rows` rows of the last hour; answers how many there were a second. */
export async function bulk({ otlp, token, rows, seed = "bulk", now = Date.now(), span = HOUR, say = () => {} }) {
  const started = Date.now();
  const workers = Math.min(availableParallelism(), MOST_THREADS, Math.ceil(rows / ROWS));
  let sent = 0;
  await Promise.all(Array.from({ length: workers }, (_, worker) => new Promise((done, failed) => {
    const thread = new Worker(fileURLToPath(import.meta.url), { workerData: { otlp, token, now, span, total: rows, seed, worker, workers } });
    thread.on("message", (count) => (sent += count));
    thread.once("error", failed);
    thread.once("exit", (code) => (code === 0 ? done() : failed(new Error(`a thread ended with ${code}`))));
  })));
  if (sent !== rows) throw new Error(`bulk: ${sent} of ${rows} rows were kept`);
  const rate = Math.round(rows / ((Date.now() - started) / 1000));
  say(`bulk: ${rows} rows, ${rate} a second`);
  return rate;
}

if (!isMainThread && workerData?.total !== undefined) await work(workerData);
