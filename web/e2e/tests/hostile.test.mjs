// Whatever is sent is shown as text: script, control characters, characters that turn text around, in every place.

import assert from "node:assert/strict";
import { test } from "node:test";
import { look } from "../browser.mjs";
import { PLACES, pathOf } from "../places.mjs";
import { MARK, TEXTS } from "../world/hostile.mjs";
import { stage } from "./setup.mjs";

const here = stage({ world: { hostile: true, days: 1 }, server: { hostile: true } });

/** Where what was sent is shown, beside the places themselves. */
const SHOWN = [
  { name: "a search for it", path: `/explore?q=${MARK}` },
  { name: "its service", path: async (api) => (await api.get("/api/v1/inventory/running?kind=service")).rows.filter((row) => row.name.startsWith(MARK)).map((row) => `/services/${encodeURIComponent(`service:${row.name}`)}`)[0] },
  { name: "its alert", path: async (api) => (await api.get(`/api/v1/alerts?limit=500`)).rows.filter((row) => row.title.startsWith(MARK)).map((row) => `/alerts/${row.id}`)[0] },
  { name: "its incident", path: async (api) => (await api.get(`/api/v1/incidents?limit=500`)).rows.filter((row) => row.title.startsWith(MARK)).map((row) => `/incidents/${row.id}`)[0] },
  { name: "its control", path: "/controls/hostile" },
];

test("the server keeps it as it came, but for what it masks and cuts", async () => {
  const rows = await here.api.sql(`SELECT body FROM logs WHERE body LIKE '${MARK} %'`);
  const bodies = new Set(rows.map((row) => row.body));
  for (const name of ["script", "image", "breakout", "hidden", "nested"]) assert.ok(bodies.has(`${MARK} ${name} ${TEXTS[name]}`), name);
});

for (const place of [...PLACES, ...SHOWN]) {
  test(`nothing runs in ${place.name}`, async () => {
    const path = await pathOf(place, here.api);
    assert.ok(path, `${place.name} has nothing to show`);
    const seen = await look(here.browser, here.server, { as: here.admin });
    await seen.open(path);
    await seen.check({ axe: false });
    // Nobody leaves for an address that runs something.
    const links = await seen.page.evaluate(() => [...document.querySelectorAll("a[href], area[href], [xlink\\:href]")].map((link) => link.getAttribute("href") ?? ""));
    assert.deepEqual(links.filter((href) => /^\s*(javascript|data|vbscript):/i.test(href)), []);
    const handlers = await seen.page.evaluate(() => [...document.querySelectorAll("*")].flatMap((element) => [...element.attributes].filter(({ name }) => name.startsWith("on")).map(({ name }) => `${element.tagName} ${name}`)));
    assert.deepEqual(handlers, []);
    await seen.close();
  });
}
