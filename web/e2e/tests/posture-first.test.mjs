// Findings and controls of a server that nothing was sent to.

import assert from "node:assert/strict";
import { test } from "node:test";
import { look } from "../browser.mjs";
import { stage } from "./setup.mjs";

const here = stage({ world: false });

test("an empty list of findings says what to paste, and turns live with the first", async () => {
  const seen = await look(here.browser, here.server, { as: here.admin });
  await seen.open("/findings");
  const main = seen.page.getByRole("main");
  assert.match(await main.innerText(), /Nothing was scanned yet[\s\S]*tandem scan --server http/);
  await seen.check();
  const report = { entity: { kind: "service", key: "checkout" }, tool: { name: "look", version: "1" }, at: Date.now() * 1e6, source: {}, findings: [{ fingerprint: "a", rule: "docker-root", severity: "high", title: "It runs as root" }] };
  await here.api.post("/api/v1/scans", { report });
  await seen.page.getByRole("grid", { name: "Findings" }).getByText("It runs as root").waitFor({ timeout: 40_000 });
  await seen.check();
  await seen.close();
});

test("controls are there from the first minute; all of them observe", async () => {
  const seen = await look(here.browser, here.server, { as: here.admin });
  await seen.open("/controls");
  const main = await seen.page.getByRole("main").innerText();
  assert.match(main, /\d\d controls, 0 stop, 0 answers to reply to/);
  await seen.open("/controls?tab=exceptions");
  assert.match(await seen.page.getByRole("main").innerText(), /Nothing is exempt or hidden/);
  await seen.check();
  await seen.close();
});
