// Fills a running server by real clients: `node web/e2e/world/main.mjs --url URL --otlp URL --token TOKEN`.

import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Api } from "./api.mjs";
import { bulk } from "./bulk.mjs";
import { sendChanges } from "./changes.mjs";
import { decide, earlier, manyAlerts } from "./decisions.mjs";
import { sendFacts } from "./facts.mjs";
import { sendFindings } from "./findings.mjs";
import { sendHostile } from "./hostile.mjs";
import { Otlp } from "./otlp.mjs";
import { meet } from "./people.mjs";
import { Random } from "./random.mjs";
import { Sdk } from "./sdk.mjs";
import { attack, beat, sendSystems } from "./systems.mjs";
import { Traffic } from "./traffic.mjs";

/** How often something is sent by `--live`, and how many requests of customers a minute. */
const LIVE_PAUSE_MS = 5_000;
const LIVE_A_MINUTE = 36;

/** Rows of logs in the last hour that a large world has. */
const LARGE_ROWS = 100_000;

const USAGE = `node world/main.mjs --url URL --otlp URL --token TOKEN [options]

  --url URL        the server's HTTP port
  --otlp URL       its port of OTLP over HTTP
  --token TOKEN    an API token of an admin
  --ingest TOKEN   an ingest token, where the doors need one
  --size SIZE      small, or large: 100,000 rows of logs in the last hour, 10,000 findings, hundreds of alerts
  --rows N         so many rows of logs beside, in the last hour
  --hostile        also what must be shown and never run
  --days N         how far back [default: 7]
  --seed TEXT      another seed makes another world [default: tandem]
  --live           goes on sending until it is stopped`;

/** Fills the server; answers what later steps need. */
export async function fill({ url, otlp, token, ingest, size = "small", rows = 0, hostile = false, days = 7, seed = "tandem", say = () => {} }) {
  const started = Date.now();
  const random = new Random(seed);
  const api = Api.withToken(url, token);
  const door = Api.withToken(url, ingest);
  const now = Date.now();
  const world = { api, door, url, token, size, bin: process.env.TANDEM_BIN, random: random.fork("facts"), now, days, say, otlp: new Otlp(otlp, ingest), sdk: new Sdk(otlp, ingest, random.fork("ids")) };
  const people = await meet(world);
  await sendFacts(world);
  await sendChanges({ ...world, random: random.fork("changes") });
  await sendFindings({ ...world, random: random.fork("findings") });
  await earlier({ ...world, people });
  const traffic = new Traffic({ ...world, random: random.fork("traffic") });
  await traffic.past(days);
  await traffic.lately();
  await traffic.counted();
  say(`traffic: ${world.sdk.sent.spans} spans, ${world.sdk.sent.logs} logs`);
  await sendSystems({ ...world, random: random.fork("systems") });
  await attack({ ...world, now: Date.now(), random: random.fork("attack") });
  await decide({ ...world, people });
  if (size === "large") await manyAlerts({ ...world, random: random.fork("alerts") });
  if (hostile) await sendHostile({ ...world, people });
  const many = Math.max(rows, size === "large" ? LARGE_ROWS : 0);
  if (many > 0) await bulk({ otlp, token: ingest, rows: many, seed, now, say });
  say(`filled in ${((Date.now() - started) / 1000).toFixed(1)} s`);
  return { people, now, world, traffic };
}

/** Goes on as the last hour was, a little slower, until `signal` says that it is enough. */
export async function goOn({ world, traffic }, signal) {
  const random = world.random.fork("live");
  for (let last = Date.now(); !signal?.aborted; ) {
    await new Promise((done) => setTimeout(done, LIVE_PAUSE_MS));
    const until = Date.now();
    await traffic.minute(last, until, Math.ceil(((until - last) / 60_000) * LIVE_A_MINUTE));
    await traffic.sdk.flush();
    await beat({ ...world, random }, last, until);
    last = until;
  }
}

async function main() {
  const { values } = parseArgs({
    options: {
      url: { type: "string" }, otlp: { type: "string" }, token: { type: "string" }, ingest: { type: "string" }, size: { type: "string" },
      rows: { type: "string" }, hostile: { type: "boolean" }, days: { type: "string" }, seed: { type: "string" }, live: { type: "boolean" }, help: { type: "boolean" },
    },
  });
  if (values.help || !values.url || !values.otlp || !values.token) {
    console.log(USAGE);
    process.exit(values.help ? 0 : 2);
  }
  const number = (text) => (text === undefined ? undefined : Number(text));
  const filled = await fill({ ...values, rows: number(values.rows), days: number(values.days), say: console.log });
  if (values.live) await goOn(filled);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
