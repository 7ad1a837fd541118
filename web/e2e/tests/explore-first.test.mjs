// The first run of Explore: what to paste, and the page turns live when it was done.

import assert from "node:assert/strict";
import { test } from "node:test";
import { look } from "../browser.mjs";
import { stage } from "./setup.mjs";

const here = stage({ world: false });

test("nothing was sent: what to paste is shown, and the first line appears by itself", async () => {
  const seen = await look(here.browser, here.server, { as: here.admin });
  const { page } = seen;
  await seen.open("/explore");
  await page.getByText("No logs yet").waitFor();
  await seen.check();
  const text = await page.locator(".paste pre").innerText();
  assert.match(text, /\/api\/v1\/ingest\/json/);
  const sent = await fetch(`${here.server.url}/api/v1/ingest/json`, { method: "POST", body: '{"level":"error","service":"hello","message":"the very first"}' });
  assert.equal(sent.status, 200);
  await page.getByText("the very first").waitFor();
  await page.getByText("No logs yet").waitFor({ state: "detached" });
  await seen.check();
  await seen.close();
});
