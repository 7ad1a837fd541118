// Traces, metrics and SQL in Explore, and dashboards: what is shown is what was sent.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { look } from "../browser.mjs";
import { eventually } from "../world/api.mjs";
import { stage } from "./setup.mjs";

const here = stage();
const parameter = (page, name) => new URL(page.url()).searchParams.get(name);
const open = async (path, options) => {
  const seen = await look(here.browser, here.server, { as: here.admin, ...options });
  await seen.open(path);
  return seen;
};
const rowsOf = async (sql) => (await here.api.post("/api/v1/sql", { sql })).rows;

test("traces are found by their spans; one opens as a waterfall with the way it waited for, logs in place and what a span says", async () => {
  const seen = await open("/explore?tab=traces&from=now-24h&spans=any&failed=1");
  const { page } = seen;
  await page.getByRole("grid", { name: "Traces" }).locator(".grid-row").first().waitFor();
  assert.match(await page.locator(".traces .told").innerText(), /^[\d,]+ traces? with /);
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await eventually("a trace is open", () => parameter(page, "trace"));
  await seen.settled();
  const id = parameter(page, "trace");
  const [[spans, failed]] = await rowsOf(`SELECT count(*), count(*) FILTER (WHERE status_code = 'error') FROM spans WHERE trace_id = '${id}'`);
  assert.ok((await page.locator(".trace-head .told").innerText()).includes(`${spans} spans`), "all spans are counted");
  assert.equal(await page.locator(".waterfall .waterfall-failed").count(), failed, "those that failed are marked");
  assert.ok((await page.locator(".waterfall-way").count()) > 0, "the way is marked");
  await page.keyboard.press("e");
  const panel = page.getByRole("complementary", { name: "The span" });
  await panel.getByText("error", { exact: true }).waitFor();
  assert.match(await panel.getByRole("link", { name: /^service:/ }).getAttribute("href"), /^\/services\/service/);
  await seen.check();
  await page.keyboard.press("Escape");
  await panel.waitFor({ state: "hidden" });
  await page.keyboard.press("Escape");
  await eventually("the trace is closed", () => parameter(page, "trace") === null);
  await seen.check();
  await seen.close();
});

test("a trace that is not there is said, and so is a range without any", async () => {
  const seen = await open("/explore");
  seen.expect(/status of 404/);
  await seen.open(`/explore?tab=traces&from=2020-01-01T00:00:00Z&to=2020-01-02T00:00:00Z&trace=${"0".repeat(32)}`);
  await seen.page.getByText("Nothing of this trace is here").waitFor();
  await seen.page.getByText("No traces in this range").waitFor();
  await seen.close();
});

test("a metric is split, and says its values in words and in a table", async () => {
  const seen = await open("/explore?tab=metrics&metric=system.cpu.utilization&from=now-6h");
  const { page } = seen;
  await page.getByRole("group", { name: "Split by" }).getByRole("button", { name: /^host\.name/ }).click();
  await eventually("split", () => parameter(page, "by") === "host.name");
  await seen.settled();
  const hosts = (await rowsOf("SELECT DISTINCT resource_attributes['host.name'] FROM metrics WHERE name = 'system.cpu.utilization' AND timestamp > now() - INTERVAL '6 hours' ORDER BY 1")).map(([host]) => host);
  assert.deepEqual(await page.locator(".legend tbody bdi").allInnerTexts(), hosts);
  assert.match(await page.getByRole("img", { name: /^avg of system\.cpu\.utilization/ }).getAttribute("aria-label"), /least [\d.]+ %, greatest [\d.]+ %, last [\d.]+ %/);
  const box = await page.locator(".chart .u-over").boundingBox();
  await page.mouse.move(box.x + box.width * 0.5, box.y + 40);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.75, box.y + 60, { steps: 4 });
  await page.mouse.up();
  await eventually("the range is what was dragged over", () => parameter(page, "to")?.endsWith("Z"));
  const hours = (Date.parse(parameter(page, "to")) - Date.parse(parameter(page, "from"))) / 3_600_000;
  assert.ok(Math.abs(hours - 1.5) < 0.1, `${hours} hours`);
  await seen.settled();
  await seen.check();
  await seen.close();
});

test("SQL runs by the keyboard, marks where it is wrong, keeps the text, draws, and comes as a file", async () => {
  const seen = await open("/explore?tab=sql");
  const { page } = seen;
  const editor = page.getByRole("textbox", { name: "SQL" });
  await editor.click();
  await page.keyboard.type("SELECT service_name, count(*) AS n\nFRM logs");
  await page.keyboard.press("Escape");
  seen.expect(/status of 400/);
  await page.keyboard.press("Control+Enter");
  await page.getByRole("alert").waitFor();
  assert.equal(await page.locator(".cm-wrong").innerText(), "FRM");
  assert.match(await editor.innerText(), /FRM logs/);

  await editor.click();
  await page.keyboard.press("Control+a");
  await page.keyboard.type("SELECT service_name, count(*) AS n FROM logs GROUP BY 1 ORDER BY 2 DESC, 1");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+Enter");
  await page.getByRole("grid", { name: "Result" }).waitFor();
  await seen.settled();
  const services = (await rowsOf("SELECT count(DISTINCT service_name) + count(DISTINCT service_name IS NULL) - 1 FROM logs"))[0][0];
  assert.match(await page.locator(".sql .told").innerText(), new RegExp(`^${services} rows?, in \\d+ ms`));
  await seen.check();
  await page.getByRole("button", { name: "Chart" }).click();
  await page.locator(".named-bars").waitFor();
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "CSV" }).click()]);
  const lines = (await readFile(await file.path(), "utf8")).trim().split("\r\n");
  assert.equal(lines[0], "service_name,n");
  assert.equal(lines.length, services + 1);
  const shared = page.url();
  await seen.open(shared.slice(shared.indexOf("/explore")));
  await page.locator(".named-bars").waitFor();
  await seen.check();
  await seen.close();
});

test("proposals for SQL are few, begin as what is typed, and stay closed for a word once they are closed", async () => {
  const seen = await open("/explore?tab=sql");
  const { page } = seen;
  const offers = page.locator(".cm-tooltip-autocomplete li");
  await page.getByRole("textbox", { name: "SQL" }).click();
  await page.keyboard.type("SELECT s");
  await page.keyboard.type("e");
  await offers.first().waitFor();
  for (const text of await offers.allInnerTexts()) assert.match(text, /^se/i);
  assert.ok((await page.locator(".cm-tooltip-autocomplete").boundingBox()).height < 130, "it hides the statement");
  await page.keyboard.press("Escape");
  await offers.first().waitFor({ state: "detached" });
  // Typed so slowly that it would have come; what came is noted.
  await page.locator(".sql-editor").evaluate((host) => {
    window.offered = 0;
    new MutationObserver(() => (window.offered += host.shadowRoot.querySelectorAll(".cm-tooltip-autocomplete").length)).observe(host.shadowRoot, { childList: true, subtree: true });
  });
  const offered = () => page.evaluate(() => window.offered);
  await page.keyboard.type("rvice_na", { delay: 80 });
  assert.equal(await offered(), 0, "it came back for the same word");
  await page.keyboard.press("Control+Space");
  await offers.first().click();
  assert.match(await page.getByRole("textbox", { name: "SQL" }).innerText(), /SELECT service_name/);
  await offers.first().waitFor({ state: "detached" });
  const before = await offered();
  assert.ok(before > 0, "what is asked for is noted");
  await page.keyboard.type(", 1, 2, 3 ", { delay: 80 });
  assert.equal(await offered(), before, "it came where no word is typed");
  await seen.check();
  await seen.close();
});

test("dashboards are listed with their views, and draw what is chosen; a look is counted", async () => {
  const seen = await open("/dashboards");
  const { page } = seen;
  const views = async () => (await here.api.get("/api/v1/dashboards")).rows.find(({ name }) => name === "service").views.last_30_days;
  const before = await views();
  await page.getByRole("link", { name: "A service", exact: true }).click();
  await page.getByRole("region", { name: "Routes" }).locator("tbody tr").first().waitFor();
  assert.ok((await views()) > before, "the look is counted");
  await page.getByRole("combobox", { name: "Service" }).selectOption("checkout");
  await eventually("chosen", () => parameter(page, "var.service") === "checkout");
  await seen.settled();
  const named = await page.getByRole("region", { name: "Routes" }).locator("tbody tr td:first-child").allInnerTexts();
  assert.deepEqual([...new Set(named)], ["checkout"]);
  assert.match(await page.getByRole("region", { name: "Routes" }).locator(".told").innerText(), /^\d+ rows?, \d+ ms/);
  await seen.check();
  await page.getByRole("link", { name: "Routes in Explore" }).click();
  await page.getByRole("grid", { name: "Result" }).waitFor();
  await seen.check();
  await seen.close();
});
