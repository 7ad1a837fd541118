// Logs in Explore: searched, looked at closer, followed, compared, and made into a rule.

import assert from "node:assert/strict";
import { test } from "node:test";
import { look } from "../browser.mjs";
import { eventually } from "../world/api.mjs";
import { Otlp } from "../world/otlp.mjs";
import { stage } from "./setup.mjs";

const here = stage();
const shown = (page) => page.locator(".explore-lines .grid-row");
const parameter = (page, name) => new URL(page.url()).searchParams.get(name);
/** The page is at an address with this in it, and done. */
const at = async (seen, name, value) => {
  await eventually(`${name}=${value}`, () => parameter(seen.page, name) === value).catch(() => assert.equal(parameter(seen.page, name), value));
  await seen.settled();
};
const open = async (path) => {
  const seen = await look(here.browser, here.server, { as: here.admin });
  await seen.open(path);
  return seen;
};
/** Lines of a service of the test's own. */
const send = (service, bodies, severity = "INFO") => new Otlp(here.server.otlp).logs({ "service.name": service }, bodies.map((body) => ({ at: Date.now(), severity, body })), "test");

test("a search finds, counts and says how long it took; a wrong one marks the place and keeps the text", async () => {
  const seen = await open("/explore?from=now-6h");
  const { page } = seen;
  await page.keyboard.press("/");
  const field = page.getByRole("combobox", { name: "Search" });
  assert.ok(await field.evaluate((one) => one === document.activeElement), "`/` goes into the search");
  await field.fill("service:checkout level:error");
  await page.keyboard.press("Enter");
  await at(seen, "query", "service:checkout level:error");
  assert.match(await page.locator(".explore-state").innerText(), /^[\d,]+ found in [\d,]+ ms/);
  assert.ok((await shown(page).count()) > 3);
  const levels = await page.locator(".grid-row .explore-level").allInnerTexts();
  assert.deepEqual([...new Set(levels)], ["error"]);
  await seen.check();

  seen.expect(/status of 400/);
  await field.fill("service:checkout AND (level:error");
  await page.keyboard.press("Enter");
  await page.getByText("this parenthesis is never closed").first().waitFor();
  assert.equal(await field.inputValue(), "service:checkout AND (level:error");
  assert.equal(await page.locator(".explore-mirror mark").innerText(), "(");
  assert.equal(await field.getAttribute("aria-invalid"), "true");
  await seen.check();
  await seen.close();
});

test("fields and values are proposed, and taken by the keyboard", async () => {
  const seen = await open("/explore?from=now-6h");
  const { page } = seen;
  const field = page.getByRole("combobox", { name: "Search" });
  await field.pressSequentially("serv");
  await page.getByRole("option", { name: "service:" }).waitFor();
  await field.pressSequentially("ice:check");
  await page.getByRole("option", { name: "checkout" }).waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Tab");
  assert.equal(await field.inputValue(), "service:checkout ");
  await page.keyboard.press("Enter");
  await at(seen, "query", "service:checkout");
  await seen.check({ axe: false });
  await seen.close();
});

test("a drag over the bars looks closer, back goes back, and the keyboard can do it too", async () => {
  const seen = await open("/explore?from=now-6h");
  const { page } = seen;
  const plot = page.locator(".explore-plot");
  const box = await plot.boundingBox();
  await page.mouse.move(box.x + box.width * 0.8, box.y + 20);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.9, box.y + 20, { steps: 4 });
  await page.mouse.up();
  await eventually("a closer look", () => parameter(page, "to"));
  await seen.settled();
  const [from, to] = ["from", "to"].map((name) => Date.parse(parameter(page, name)));
  assert.ok(to - from > 0 && to - from < 2 * 3_600_000, `${from} to ${to}`);
  await page.goBack();
  await at(seen, "from", "now-6h");
  await plot.focus();
  for (const key of ["ArrowLeft", "ArrowLeft", "Shift+ArrowLeft", "Enter"]) await page.keyboard.press(key);
  await eventually("a closer look", () => parameter(page, "to"));
  await seen.settled();
  assert.ok(Date.parse(parameter(page, "from")) < Date.parse(parameter(page, "to")));
  await seen.check({ axe: false });
  await seen.close();
});

test("a value is put into the search, its contrary too, and taken out again", async () => {
  const seen = await open("/explore?from=now-6h");
  const { page } = seen;
  const service = page.getByRole("region", { name: "service", exact: true });
  await service.getByRole("button", { name: /^checkout/ }).click();
  await at(seen, "query", "service:checkout");
  const level = page.getByRole("region", { name: "level", exact: true });
  await level.getByRole("button", { name: "Without INFO" }).click();
  await at(seen, "query", "service:checkout -level:INFO");
  await service.getByRole("button", { name: /^checkout/ }).click();
  await at(seen, "query", "-level:INFO");
  await seen.check();
  await seen.close();
});

test("a line opens by the keyboard: fields, owner, lines around it, its trace", async () => {
  const seen = await open("/explore?from=now-6h&query=service:checkout%20level:error");
  const { page } = seen;
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  const panel = page.locator(".drawer");
  await panel.locator(".explore-around li[aria-current]").waitFor();
  await seen.settled();
  assert.ok(parameter(page, "open"));
  assert.match(await panel.innerText(), /service:checkout/);
  assert.equal(await panel.getByRole("link", { name: "shop" }).count(), 1);
  assert.ok((await panel.locator(".explore-around li").count()) > 5);
  assert.equal(await panel.locator(".explore-around li[aria-current]").count(), 1);
  await panel.getByRole("button", { name: "exception.type as a column" }).click();
  await at(seen, "columns", "level,service,exception.type,message");
  await seen.check();
  // The address alone shows the same line, also where the search does not find it.
  const address = new URL(page.url());
  await seen.open(`/explore?from=now-5m&query=service:nowhere&open=${encodeURIComponent(address.searchParams.get("open"))}`);
  assert.match(await page.locator(".drawer").innerText(), /service:checkout/);
  await page.keyboard.press("Escape");
  await page.locator(".drawer").waitFor({ state: "detached" });
  await seen.close();
});

test("a part of the time is compared with the rest, and chosen lines are", async () => {
  const seen = await open("/explore?from=now-6h&query=service:checkout");
  const { page } = seen;
  await page.locator(".grid").focus();
  for (const key of ["j", "x", "j", "x"]) await page.keyboard.press(key);
  await page.getByRole("button", { name: "Compare 2 chosen" }).click();
  await page.locator(".drawer").getByText("2 chosen lines").waitFor();
  const end = new Date();
  const compare = `${new Date(end - 1_500_000).toISOString()},${end.toISOString()}`;
  await seen.open(`/explore?from=now-6h&query=service:checkout&compare=${compare}`);
  // The new version is all that came lately, and little of what came before.
  await page.locator(".explore-differences tbody tr").first().waitFor();
  const rows = await page.locator(".explore-differences tbody tr").allInnerTexts();
  assert.ok(rows.some((row) => /service\.version/.test(row) || /2\.15\.0/.test(row)), rows.join("\n"));
  await seen.check();
  await seen.close();
});

test("an empty range says so, and leads to where something is", async () => {
  const seen = await open("/explore?from=2001-01-01T00:00:00Z&to=2001-01-02T00:00:00Z&query=service:checkout");
  const { page } = seen;
  assert.match(await page.locator(".empty").innerText(), /Nothing found in this range/);
  await page.getByRole("button", { name: "Last 7 days" }).click();
  await shown(page).first().waitFor();
  await seen.settled();
  assert.ok((await shown(page).count()) > 3);
  await seen.check();
  await seen.close();
});

test("the tail shows what comes, pauses on scrolling, and counts meanwhile", async () => {
  const seen = await open("/explore?tail=1&query=service:tailed");
  const { page } = seen;
  await page.getByText("Live: listening").waitFor();
  await send("tailed", Array.from({ length: 80 }, (_, at) => `line ${at} of the first`));
  await page.getByText("line 79 of the first").waitFor();
  await page.locator(".explore-lines .grid").evaluate((grid) => (grid.scrollTop = 400));
  await page.getByRole("button", { name: "Paused, 0 new" }).waitFor();
  const before = await shown(page).first().innerText();
  await send("tailed", Array.from({ length: 7 }, (_, at) => `line ${at} of the second`));
  await page.getByRole("button", { name: "Paused, 7 new" }).waitFor();
  assert.equal(await shown(page).first().innerText(), before, "rows do not jump while they are read");
  await seen.check();
  await page.getByRole("button", { name: "Paused, 7 new" }).click();
  await page.getByText("line 6 of the second").waitFor();
  await seen.close();
});

test("from a search to a rule, with what it would have done", async () => {
  const seen = await open("/explore?from=now-6h&query=service:checkout%20level:error");
  const { page } = seen;
  await page.getByRole("button", { name: "Alert on this" }).click();
  await page.getByLabel("More lines than").fill("3");
  const fired = page.getByRole("region", { name: "It would have fired" });
  await fired.getByText(/^\d+ times?$/).waitFor();
  await fired.getByText(/the number of logs is \d+, above 3/).first().waitFor();
  assert.equal(await fired.getByRole("link", { name: "service:checkout" }).count(), 1);
  const text = await page.getByLabel("The rule’s file").innerText();
  assert.match(text, /query: "service:checkout level:error"\n {2}aggregate: count\n/);
  await seen.check();
  await seen.close();
});

test("pipes answer a table, and a group opens as its lines", async () => {
  const seen = await open(`/explore?from=now-6h&query=${encodeURIComponent("level:error | count by service")}`);
  const { page } = seen;
  await page.locator(".grid-row", { hasText: "checkout" }).click();
  await at(seen, "query", "level:error service:checkout");
  await seen.check();
  await seen.close();
});

test("a view is kept and found again", async () => {
  const seen = await open("/explore?from=now-6h&query=level:error");
  const { page } = seen;
  await page.getByRole("button", { name: "Views" }).click();
  await page.getByRole("button", { name: "Save this one" }).click();
  await page.getByLabel(/^Name/).fill("What is broken");
  await page.keyboard.press("Enter");
  await seen.open("/explore");
  await page.getByRole("button", { name: "Views" }).click();
  await page.getByRole("link", { name: "What is broken" }).click();
  await at(seen, "query", "level:error");
  assert.equal(parameter(page, "from"), "now-6h");
  await seen.check();
  await seen.close();
});

test("what was committed is there a moment later", async () => {
  await send("late", ["the only line"], "ERROR");
  const seen = await look(here.browser, here.server, { as: here.admin });
  await eventually("the line", async () => {
    await seen.open("/explore?query=service:late");
    return (await shown(seen.page).count()) === 1;
  });
  await seen.close();
});
