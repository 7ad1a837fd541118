// Services: what runs, whose it is, and a page for each thing, now and as of a time.

import assert from "node:assert/strict";
import { test } from "node:test";
import { PEOPLE } from "../world/people.mjs";
import { done, stage } from "./setup.mjs";

const here = stage({ world: {} });
const DAY = 86_400_000;
const iso = (ago) => new Date(Date.now() - ago).toISOString();
const page = (entity, query = "") => `/services/${encodeURIComponent(entity)}${query}`;

const { visit } = here;
/** The row of a table that has this in it. */
const row = (seen, table, text) => seen.page.getByRole("table", { name: table }).getByRole("row").filter({ hasText: text }).first();

const RETIRED = "service:retired-cards";
test("the catalog says of each service whose it is, what it sends, and what is open", async () => {
  const seen = await visit("/services");
  const report = await here.api.get("/api/v1/inventory/running?kind=service");
  assert.equal(await seen.page.getByRole("table").locator("tbody tr").count(), report.count);
  const checkout = row(seen, /of the kind service/, "checkout");
  assert.match(await checkout.innerText(), /shop/);
  assert.match(await checkout.innerText(), /logs\s+traces\s+metrics/);
  assert.match(await row(seen, /of the kind service/, "gift-cards").innerText(), /silent/);
  const orphans = await here.api.get("/api/v1/inventory/orphans?kind=service");
  assert.ok(orphans.count > 0);
  await seen.page.getByRole("button", { name: /without owner/ }).click();
  await seen.settled();
  assert.equal(await seen.page.getByRole("table").locator("tbody tr").count(), orphans.count);
  assert.match(seen.page.url(), /mark=orphan/);
  await done(seen);
});

test("other kinds, by the keyboard alone", async () => {
  const seen = await visit("/services?kind=host");
  const { count } = await here.api.get("/api/v1/inventory/running?kind=host");
  assert.equal(await seen.page.getByRole("table").locator("tbody tr").count(), count);
  await seen.page.keyboard.press("/");
  await seen.page.keyboard.type("node-3");
  await seen.settled();
  assert.equal(await seen.page.getByRole("table").locator("tbody tr").count(), 1);
  await seen.page.getByRole("searchbox").blur();
  await seen.page.keyboard.press("j");
  await seen.page.keyboard.press("Enter");
  await seen.page.getByRole("heading", { level: 1, name: "node-3" }).waitFor();
  await seen.settled();
  await done(seen);
});

test("errors of the last hour, the deploy before them, the owner and a finding: on one page", async () => {
  const seen = await visit(page("service:checkout"));
  const { owners } = await here.api.get("/api/v1/owners?entity=service:checkout");
  const text = await seen.page.locator("main").innerText();
  assert.ok(text.includes(owners[0].owner), "its owner");
  const [{ n: errors }] = await here.api.sql("SELECT count(*) AS n FROM logs WHERE service_name = 'checkout' AND severity_number >= 17 AND timestamp > now() - INTERVAL '1 hour'");
  assert.ok(errors > 0, "errors to find");
  const link = seen.page.getByRole("link", { name: /\d errors$/ });
  assert.ok(Number((await link.innerText()).replace(/\D/g, "")) > 0);
  assert.match(await link.getAttribute("href"), /^\/explore\?.*service%3Acheckout/);
  const [deploy] = await here.api.sql("SELECT version FROM changes WHERE kind = 'deployment' AND entity = 'checkout' AND environment = 'production' ORDER BY at DESC LIMIT 1");
  assert.ok((await seen.page.getByRole("region", { name: "Latest deploys" }).innerText()).includes(deploy.version), "the latest deploy");
  const { findings } = await here.api.get("/api/v1/findings?entity=service:checkout&limit=1");
  assert.ok((await seen.page.getByRole("region", { name: "Open findings" }).innerText()).includes(findings[0].title), "its most urgent finding");
  await done(seen);
});

test("as of last week: owner, version and findings of then, and links that stay there", async () => {
  const at = iso(6.5 * DAY);
  const of = async (time) => (await here.api.get(`/api/v1/owners?entity=service:search${time ? `&at=${time}` : ""}`)).owners[0].owner;
  const [then, now] = [await of(at), await of()];
  assert.notEqual(then, now, "it changed hands since");
  const seen = await visit(page("service:search"));
  const owner = seen.page.locator("main header dl").first();
  assert.match(await owner.innerText(), new RegExp(`Owner\\s+${now}`));
  await seen.page.getByLabel("As of, exactly").fill(at.slice(0, 16));
  await seen.page.getByText(/what was so then/).waitFor();
  await seen.settled();
  assert.match(await owner.innerText(), new RegExp(`Owner\\s+${then}`));
  assert.ok(new URL(seen.page.url()).searchParams.get("at"), "the time is in the address");
  // Every link to another thing keeps it, and the tabs do.
  const links = await seen.page.locator('main a[href^="/services/"]').evaluateAll((all) => all.map((link) => link.getAttribute("href")));
  assert.ok(links.length > 0);
  for (const link of links) assert.match(link, /[?&]at=/, link);
  await seen.page.getByRole("link", { name: "History" }).click();
  await seen.settled();
  assert.ok(new URL(seen.page.url()).searchParams.get("at"));
  await seen.page.getByRole("group", { name: "As of" }).getByRole("button", { name: "Now" }).click();
  await seen.settled();
  assert.match(await owner.innerText(), new RegExp(`Owner\\s+${now}`));
  await done(seen);
});

test("the slider is moved by keys, and says the time", async () => {
  const seen = await visit("/services");
  const slider = seen.page.getByRole("slider", { name: /As of/ });
  await slider.focus();
  assert.equal(await slider.getAttribute("aria-valuetext"), "now");
  for (let hour = 0; hour < 3; hour++) await seen.page.keyboard.press("ArrowLeft");
  await seen.page.waitForURL(/at=/);
  await seen.settled();
  assert.match(await slider.getAttribute("aria-valuetext"), /3 h ago/);
  assert.ok(Math.abs(Date.now() - 3 * 3_600_000 - Date.parse(new URL(seen.page.url()).searchParams.get("at"))) < 120_000);
  await done(seen);
});

for (const tab of ["changes", "parts", "findings", "exposure", "neighbours", "responsibility", "history"]) {
  test(`the page of a service has ${tab}, at any width`, async () => {
    for (const [size, scheme] of [["wide", "light"], ["narrow", "dark"]]) {
      const seen = await visit(page("service:checkout", `?tab=${tab}`), { size, scheme });
      await seen.page.getByRole("table").locator("tbody tr").first().waitFor();
      assert.equal(await seen.page.getByRole("alert").count(), 0);
      const { scrollWidth, clientWidth } = await seen.page.locator("main").evaluate((main) => ({ scrollWidth: main.scrollWidth, clientWidth: main.clientWidth }));
      assert.ok(scrollWidth <= clientWidth, `it is wider than the screen: ${scrollWidth} > ${clientWidth}`);
      await done(seen);
    }
  });
}

test("the map says who calls whom, with numbers, drawn and as a list", async () => {
  const seen = await visit("/services?tab=map");
  const [{ n }] = await here.api.sql(`SELECT count(*) AS n FROM spans c JOIN spans p ON p.trace_id = c.trace_id AND p.span_id = c.parent_span_id
    WHERE c.service_name = 'checkout' AND p.service_name = 'gateway' AND c.kind = 'server' AND c.timestamp > now() - INTERVAL '1 hour' AND p.timestamp > now() - INTERVAL '1 hour'`);
  assert.ok(n > 0);
  const line = row(seen, "Calls", /gateway\s*service:checkout/);
  const shown = Number((await line.getByRole("cell").nth(2).innerText()).replaceAll(",", ""));
  assert.ok(Math.abs(shown - n) < 0.1 * n + 20, `${shown} calls, ${n} in the spans`);
  const node = seen.page.getByRole("group", { name: /^Map of calls/ }).getByRole("link", { name: /^checkout/ });
  await node.focus();
  await seen.page.keyboard.press("Enter");
  await seen.page.waitForURL(/node=service/);
  await seen.page.getByRole("region", { name: "service:checkout" }).waitFor();
  const drawing = seen.page.getByRole("group", { name: /^Map of calls/ });
  const before = await drawing.locator("g").first().getAttribute("transform");
  await drawing.focus();
  await seen.page.keyboard.press("+");
  assert.notEqual(await drawing.locator("g").first().getAttribute("transform"), before);
  await done(seen);
});

test("each report of the inventory is shown", async () => {
  const seen = await visit("/services?tab=reports");
  const names = await seen.page.getByRole("navigation", { name: "Reports" }).getByRole("link").allInnerTexts();
  assert.ok(names.length >= 10, names.join(", "));
  for (const name of names) {
    await seen.page.getByRole("navigation", { name: "Reports" }).getByRole("link", { name, exact: true }).click();
    await seen.page.getByRole("heading", { level: 2, name, exact: true }).waitFor();
    await seen.settled();
    assert.equal(await seen.page.getByRole("alert").count(), 0, name);
    await seen.check();
  }
  const { rows } = await here.api.get("/api/v1/inventory/coverage");
  await seen.page.getByRole("link", { name: "Coverage" }).click();
  await seen.settled();
  assert.equal(await seen.page.getByRole("table").locator("tbody tr").count(), rows.length);
  await done(seen);
});

test("what is gone says when it was there, and leads to it as it was", async () => {
  const about = { entity: { kind: "service", key: "retired-cards" } };
  await here.api.post("/api/v1/facts", { origin: "catalog", observations: [{ about, at: (Date.now() - 9 * DAY) * 1e6, attributes: { tier: "3" } }, { about, at: (Date.now() - 2 * DAY) * 1e6, ended: true }] });
  const seen = await visit(page(RETIRED));
  await seen.page.getByText("It is not there any more").waitFor();
  assert.match(await seen.page.locator("main").innerText(), /It was seen last/);
  await seen.page.getByRole("button", { name: "See it as it was then" }).click();
  await seen.page.getByText(/what was so then/).waitFor();
  await seen.settled();
  assert.equal(await seen.page.getByText("It is not there any more").count(), 0);
  assert.match(await seen.page.locator("main header dl").first().innerText(), /Tier\s+3/);
  await done(seen);
});

test("what never was says so, and what to do", async () => {
  const seen = await visit(page("service:never-heard-of"));
  await seen.page.getByRole("heading", { name: "Nothing of this name is known" }).waitFor();
  await seen.page.getByRole("link", { name: "Look for the name" }).click();
  await seen.page.waitForURL(/\/services\?.*text=never-heard-of/);
  await seen.settled();
  await done(seen);
});

test("it is handed over with a reason, by whoever may; the history tells it", async () => {
  const vera = await visit(page("service:gift-cards"), { as: { user: "vera", password: PEOPLE.vera.password } });
  assert.equal(await vera.page.getByRole("button", { name: "Hand over" }).count(), 0);
  await done(vera);
  const seen = await visit(page("service:gift-cards"));
  const { owners } = await here.api.get("/api/v1/owners?entity=service:gift-cards");
  await seen.page.getByRole("button", { name: "Hand over" }).click();
  await seen.page.getByLabel(/To the team/).fill("platform");
  await seen.check();
  // Without a reason nothing is sent, and what was typed stays.
  await seen.page.getByRole("dialog").getByRole("button", { name: "Hand over" }).click();
  assert.equal(await seen.page.getByLabel(/To the team/).inputValue(), "platform");
  await seen.page.getByLabel(/Why/).fill("it runs beside the gateway now");
  await seen.page.getByRole("dialog").getByRole("button", { name: "Hand over" }).click();
  await seen.page.getByRole("dialog").waitFor({ state: "hidden" });
  await seen.settled();
  assert.match(await seen.page.locator("main header dl").first().innerText(), /Owner\s+platform/);
  assert.equal((await here.api.get("/api/v1/owners?entity=service:gift-cards")).owners[0].owner, "platform");
  await seen.page.getByRole("link", { name: "History" }).click();
  await seen.settled();
  await seen.page.getByRole("region", { name: "Owners" }).getByRole("table").waitFor();
  await seen.page.getByRole("region", { name: "Decided about it" }).getByRole("table").waitFor();
  const told = await seen.page.getByRole("region", { name: "Owners" }).innerText();
  assert.ok(told.includes(owners[0].owner) && told.includes("platform"), told);
  assert.match(await seen.page.getByRole("region", { name: "Decided about it" }).innerText(), /it runs beside the gateway now/);
  await done(seen);
});
