// How fast Explore is with many rows, and with a trace of many spans: `TANDEM_BIN=... node measure-explore.mjs [ROWS]`; with 0 rows the
// trace and the tail alone. Prints figures; ends with 1 when one is out of its bounds.
//
// It wants a machine that does nothing else: what other programs take from the browser is seen as its own slowness.

import { LONG_FRAME_MS, launch, look } from "./browser.mjs";
import { Server } from "./server.mjs";
import { eventually } from "./world/api.mjs";
import { bulk } from "./world/bulk.mjs";
import { Otlp } from "./world/otlp.mjs";

const rows = Number(process.argv[2] ?? 120_000);
/** Rows that the page holds. */
const HELD = 100_000;
const FIRST_ROWS_MS = 300;
/** Spans of one trace that are shown, and how many each asks. */
const TRACE_SPANS = 10_000;
const TRACE_CHILDREN = 8;
const TAIL_A_SECOND = 2_000;
const TAIL_SECONDS = 8;
const figures = [];
let broken = false;
function told(what, value, holds) {
  figures.push([what, value]);
  broken ||= !holds;
  console.log(`${holds ? "ok " : "OVER"} ${what}: ${value}`);
}

async function firstRows(seen) {
  const { page } = seen;
  await seen.open("/explore?from=now-3h&query=level:error");
  await page.getByRole("combobox", { name: "Search" }).fill("*");
  // Within the page: from the key to the frame in which other rows stand.
  const took = await page.evaluate(() => new Promise((done) => {
    const field = document.querySelector("[data-search]");
    const text = () => document.querySelector(".explore-lines .grid-row")?.textContent;
    const before = text();
    const began = performance.now();
    const look = () => (text() && text() !== before ? done(performance.now() - began) : requestAnimationFrame(look));
    field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
    look();
  }));
  told("first rows after Enter, ms", took.toFixed(0), took < FIRST_ROWS_MS);
  await seen.settled();
}

const frames = (what, { count, longest, long }) => told(`${what}: frames, longest ms, over ${LONG_FRAME_MS} ms`, `${count}, ${longest.toFixed(0)}, ${long.length}`, long.length === 0);

/** From the top of a list to its end in so long. */
const over = (grid, ms) => grid.evaluate((one, ms) => new Promise((done) => {
  const began = performance.now();
  const step = (now) => {
    const part = Math.min(1, (now - began) / ms);
    one.scrollTop = part * (one.scrollHeight - one.clientHeight);
    part < 1 ? requestAnimationFrame(step) : done();
  };
  requestAnimationFrame(step);
}), ms);

async function scroll(seen) {
  const { page } = seen;
  const grid = page.locator(".explore-lines .grid");
  const held = async () => Number(await grid.getAttribute("aria-rowcount")) - 1;
  await eventually(`${HELD} rows`, async () => {
    await grid.evaluate((one) => (one.scrollTop = one.scrollHeight));
    return (await held()) >= Math.min(HELD, rows);
  }, 240);
  await seen.settled();
  await grid.evaluate((one) => (one.scrollTop = 0));
  frames(`scrolling ${await held()} rows in 10 s`, await seen.frames(() => over(grid, 10_000)));
}

/** A trace as long as one is shown: a request that asks many, each of which asks some more. */
async function longTrace(seen, server) {
  const { page } = seen;
  const id = "10000000000000000000000000010000";
  const begun = Date.now() - 60_000;
  const name = (at) => at.toString(16).padStart(16, "0");
  const spans = Array.from({ length: TRACE_SPANS }, (_, at) => ({ id: name(at + 1), parent: at === 0 ? undefined : name(Math.floor((at - 1) / TRACE_CHILDREN) + 1), name: `step ${at} of a long way`, start: begun + at / 2, end: begun + TRACE_SPANS / 2 + 10 - at / 4, failed: at % 100 === 99 }));
  await new Otlp(server.otlp).spans({ "service.name": "long" }, id, spans);
  const began = performance.now();
  await seen.open(`/explore?tab=traces&trace=${id}`);
  const grid = page.getByRole("treegrid", { name: "Spans" });
  const held = Number(await grid.getAttribute("aria-rowcount")) - 1;
  told(`a trace of ${TRACE_SPANS} spans: shown, opened in ms`, `${held}, ${(performance.now() - began).toFixed(0)}`, held === TRACE_SPANS);
  frames(`scrolling ${held} spans in 5 s`, await seen.frames(() => over(grid, 5_000)));
}

async function tail(seen, server) {
  const { page } = seen;
  await seen.open("/explore?tail=1&query=service:flood");
  await page.getByText("Live: listening").waitFor();
  const otlp = new Otlp(server.otlp);
  const result = await seen.frames(async () => {
    for (let part = 0; part < TAIL_SECONDS * 10; part++) {
      const began = Date.now();
      await otlp.logs({ "service.name": "flood" }, Array.from({ length: TAIL_A_SECOND / 10 }, (_, at) => ({ at: Date.now(), severity: at % 20 ? "INFO" : "ERROR", body: `line ${part}-${at} of a flood that says a little about what happened`, attributes: { part, at } })), "flood");
      await new Promise((done) => setTimeout(done, Math.max(0, 100 - (Date.now() - began))));
    }
  });
  frames(`tail at ${TAIL_A_SECOND} lines a second`, result);
  await page.getByText(/Live: [\d,]+/).waitFor();
  console.log(`    ${(await page.locator(".explore-state").innerText()).split("\n")[0]}`);
}

const server = await Server.start();
const browser = await launch();
try {
  if (rows > 0) await bulk({ otlp: server.otlp, rows, say: console.log });
  const seen = await look(browser, server, { as: { user: server.user, password: server.password } });
  if (rows > 0) await firstRows(seen);
  if (rows > 0) await scroll(seen);
  await longTrace(seen, server);
  await tail(seen, server);
} finally {
  await browser.close();
  await server.stop();
}
process.exitCode = broken ? 1 : 0;
