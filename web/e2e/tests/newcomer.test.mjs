// The way of docs/page.md, by what stands on the page alone: the errors of a service in the last hour, the deploy before them, its owner, and
// what is open on it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { done, stage } from "./setup.mjs";

const here = stage({ world: { days: 2 } });
/** Somebody who reads takes most of the two minutes; the page must not. */
const MOST_MS = 60_000;
const SERVICE = "checkout";

test("errors, the deploy before them, the owner and an open finding are found within the time", async () => {
  const [last] = await here.api.sql(`SELECT version FROM changes WHERE entity_kind = 'service' AND entity = '${SERVICE}' AND kind = 'deployment' AND environment = 'production' ORDER BY at DESC LIMIT 1`);
  const [{ owner }] = await here.api.sql(`SELECT owner FROM owners WHERE entity_kind = 'service' AND entity = '${SERVICE}' LIMIT 1`);
  const { findings } = await here.api.get(`/api/v1/findings?entity=service:${SERVICE}`);
  assert.ok(last && owner && findings.length > 0, "the shop has what is looked for");
  const seen = await here.visit("/");
  const { page } = seen;
  const main = page.getByRole("main");
  const began = Date.now();

  await page.getByRole("link", { name: "Explore", exact: true }).click();
  await page.getByRole("combobox", { name: "Search" }).waitFor();
  await page.keyboard.press("/");
  await page.keyboard.type(`service:${SERVICE} level:error`);
  await page.keyboard.press("Enter");
  await page.locator(".explore-lines .grid-row").first().waitFor();
  await seen.settled();

  await page.getByRole("link", { name: "Services", exact: true }).click();
  await main.getByRole("link", { name: SERVICE, exact: true }).first().click();
  await main.getByRole("heading", { name: SERVICE }).first().waitFor();
  await seen.settled();
  assert.match(await main.innerText(), new RegExp(`Owner\\s+${owner}`));

  await main.getByRole("link", { name: "Deploys & changes" }).click();
  await main.getByRole("row").filter({ hasText: last.version }).first().waitFor();
  await main.getByRole("link", { name: /^Findings/ }).click();
  await main.getByText(findings[0].title).first().waitFor();
  await seen.settled();
  assert.ok(Date.now() - began < MOST_MS, `${Date.now() - began} ms`);
  await done(seen);
});
