// Whatever is sent is shown as text: script, control characters, characters that turn text around, in every place.

import assert from "node:assert/strict";
import { test } from "node:test";
import { look } from "../browser.mjs";
import { PLACES, pathOf } from "../places.mjs";
import { Api } from "../world/api.mjs";
import { MARK, TEXTS } from "../world/hostile.mjs";
import { stage } from "./setup.mjs";

const here = stage({ world: { hostile: true, days: 1 }, server: { hostile: true } });
// Each look is a session of its own, and the oldest of somebody's sessions ends where there are too many.
let asker;
const api = async () => (asker ??= Api.withToken(here.server.url, await here.server.token()));

/** Where what was sent is shown, beside the places themselves. */
const SHOWN = [
  { name: "a search for it", path: `/explore?q=${MARK}` },
  { name: "its service", path: async (api) => (await api.get("/api/v1/inventory/running?kind=service")).rows.filter((row) => row.name.startsWith(MARK)).map((row) => `/services/${encodeURIComponent(`service:${row.name}`)}`)[0] },
  { name: "its alert", path: async (api) => (await api.get(`/api/v1/alerts?limit=500`)).rows.filter((row) => row.title.startsWith(MARK)).map((row) => `/alerts/${row.id}`)[0] },
  { name: "its incident", path: async (api) => (await api.get(`/api/v1/incidents?limit=500`)).rows.filter((row) => row.title.startsWith(MARK)).map((row) => `/incidents/${row.id}`)[0] },
  { name: "its control", path: "/controls/hostile" },
  { name: "its runbook", path: "/readiness?page=runbooks/hostile.md" },
  { name: "knowledge that is searched for", path: `/readiness?q=${MARK}` },
  { name: "its drill", path: "/readiness?tab=drills&drill=hostile" },
  { name: "notes of a meeting", path: "/planning?teams=security" },
  { name: "notes that are written", path: "/planning?teams=security&write=1" },
  { name: "its plan", path: "/planning?tab=roadmap" },
  { name: "the list of upgrades", path: "/planning?tab=upgrades" },
  { name: "its upgrade", path: "/planning?tab=upgrades&upgrade=hostile" },
  { name: "its dashboard", path: "/dashboards/hostile" },
  { name: "the list of dashboards", path: "/dashboards" },
  { name: "its finding, suppressed", path: async (api) => `/findings?suppressed=true&open=${(await api.get(`/api/v1/findings?rule=${MARK}-rule&suppressed=true&limit=1`)).findings[0].id}` },
  { name: "what suppresses it", path: "/controls?tab=exceptions" },
  { name: "suppressions of alerts", path: "/alerts?tab=suppressions" },
  { name: "answers to a control", path: "/controls?tab=answers&which=all" },
  { name: "exceptions", path: "/controls?tab=exceptions&kind=exception" },
];

/** What was sent is in sight, or stands in a field: a place that does not show it proves nothing. */
async function shown(seen) {
  // Panels ask when they come into sight.
  await seen.page.evaluate(() => document.querySelectorAll(".panel").forEach((panel) => panel.scrollIntoView()));
  await seen.settled();
  await seen.check({ axe: false });
  const told = await seen.page.evaluate(() => [document.querySelector("main").innerText, ...[...document.querySelectorAll("textarea")].map(({ value }) => value)].join("\n"));
  assert.ok(told.includes(MARK), "what was sent is not shown here");
  // Characters that turn a line around, or hide in it, are told by their names.
  assert.equal(await seen.page.evaluate(() => /[\u202a-\u202e\u2066-\u2069\u200b\ufeff\u0007\u001b]/.test(document.querySelector("main").innerText)), false, "a character works instead of being shown");
}

test("the server keeps it as it came, but for what it masks and cuts", async () => {
  const rows = await here.api.sql(`SELECT body FROM logs WHERE body LIKE '${MARK} %'`);
  const bodies = new Set(rows.map((row) => row.body));
  for (const name of ["script", "image", "breakout", "hidden", "nested"]) assert.ok(bodies.has(`${MARK} ${name} ${TEXTS[name]}`), name);
});

for (const place of [...PLACES, ...SHOWN]) {
  test(`nothing runs in ${place.name}`, async () => {
    const path = await pathOf(place, await api());
    assert.ok(path, `${place.name} has nothing to show`);
    const seen = await look(here.browser, here.server, { as: here.admin });
    await seen.open(path);
    await seen.check({ axe: false });
    if (SHOWN.includes(place)) await shown(seen);
    // Nobody leaves for an address that runs something.
    const links = await seen.page.evaluate(() => [...document.querySelectorAll("a[href], area[href], [xlink\\:href]")].map((link) => link.getAttribute("href") ?? ""));
    assert.deepEqual(links.filter((href) => /^\s*(javascript|data|vbscript):/i.test(href)), []);
    const handlers = await seen.page.evaluate(() => [...document.querySelectorAll("*")].flatMap((element) => [...element.attributes].filter(({ name }) => name.startsWith("on")).map(({ name }) => `${element.tagName} ${name}`)));
    assert.deepEqual(handlers, []);
    await seen.close();
  });
}
