// What goes wrong: no connection, a slow server, a session that is over, nothing in the range, a thing that is gone, a question that is wrong.
// Each says what happened and what to do, and nothing typed is lost.

import assert from "node:assert/strict";
import { test } from "node:test";
import { PEOPLE } from "../world/people.mjs";
import { done, stage } from "./setup.mjs";

const here = stage({ world: { days: 2 } });
const { visit } = here;
const SQL = "SELECT service_name, count(*) AS n FROM logs GROUP BY 1 ORDER BY 2 DESC";
const LONG_AGO = "from=2020-01-01T00:00:00Z&to=2020-01-01T01:00:00Z";
const away = (seen) => seen.page.getByRole("status").filter({ hasText: "The server does not answer since" });
const search = (seen) => seen.page.getByRole("combobox", { name: "Search" });
const lines = (seen) => seen.page.locator(".explore-lines .grid-row");
const asked = (path) => new RegExp(`/api/v1/${path}(\\?|$)`);
/** Another server would have no such mark: the page was never loaded anew. */
const mark = (seen) => seen.page.evaluate(() => (window.__same = true));
const unbroken = async (seen) => assert.equal(await seen.page.evaluate(() => window.__same), true, "the page was loaded anew");

/** Holds the answers to a question until it is let go. */
async function slowly(seen, path) {
  let letGo;
  const held = new Promise((go) => (letGo = go));
  await seen.page.route(asked(path), async (route) => {
    await held;
    await route.continue().catch(() => undefined);
  });
  return async () => {
    letGo();
    await seen.page.unroute(asked(path));
  };
}

async function loginAgain(seen, { user, password } = here.admin) {
  const dialog = seen.page.getByRole("dialog", { name: "Log in again" });
  await dialog.getByText("The session is over").waitFor();
  await dialog.getByLabel(/^Log-in/).fill(user);
  await dialog.getByLabel(/^Password/).fill(password);
  await dialog.getByRole("button", { name: "Log in", exact: true }).click();
  await dialog.waitFor({ state: "hidden" });
  await seen.settled();
}

test("without a connection the page says so, keeps what it shows, and goes on by itself when it is back", async () => {
  const seen = await visit("/findings?q=openssh");
  const { page } = seen;
  seen.expect(/ERR_INTERNET_DISCONNECTED/, /dynamically imported module/);
  await mark(seen);
  const rows = page.getByRole("grid", { name: "Findings" }).getByRole("row");
  const shown = await rows.allInnerTexts();
  await seen.context.setOffline(true);
  const field = page.locator("[data-search]");
  await field.fill("glibc");
  await away(seen).waitFor();
  assert.equal(await field.inputValue(), "glibc");
  // A place that was never opened cannot be loaded; the page stays and says so.
  await page.getByRole("navigation", { name: "Places" }).getByRole("link", { name: "Readiness" }).click();
  await page.getByText("This part of the page could not be loaded").waitFor();
  await seen.check();
  await seen.context.setOffline(false);
  await away(seen).waitFor({ state: "hidden" });
  await page.getByRole("heading", { name: "Readiness" }).waitFor();
  await page.getByRole("table", { name: "Pages" }).waitFor();
  await page.goBack();
  await seen.settled();
  assert.match(await rows.nth(1).innerText(), /glibc/);
  assert.notDeepEqual(await rows.allInnerTexts(), shown);
  await unbroken(seen);
  await done(seen);
});

test("a server that ends is named, what is asked meanwhile is answered when it is there again", async () => {
  const seen = await visit("/explore?from=now-24h&query=service:payments");
  const { page } = seen;
  seen.expect(/ERR_CONNECTION_REFUSED/, /ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET/, /status of 502/);
  await mark(seen);
  await here.server.without(async () => {
    await search(seen).fill("service:checkout level:error");
    await page.keyboard.press("Enter");
    await away(seen).waitFor();
    await page.getByRole("alert").filter({ hasText: "The server does not answer" }).first().waitFor();
    assert.equal(await search(seen).inputValue(), "service:checkout level:error");
    await seen.check();
  });
  await away(seen).waitFor({ state: "hidden" });
  await page.getByText(/^[\d,]+ found in/).waitFor();
  await seen.settled();
  assert.deepEqual([...new Set(await page.locator(".grid-row .explore-level").allInnerTexts())], ["error"]);
  assert.equal(await page.getByRole("alert").count(), 0);
  await unbroken(seen);
  await done(seen);
});

test("a slow search says how long it looks, is cancelled, and asked again", async () => {
  const seen = await visit("/explore?from=now-24h&query=service:payments");
  const { page } = seen;
  const letGo = await slowly(seen, "search");
  await search(seen).fill("service:checkout");
  await page.keyboard.press("Enter");
  await page.getByText(/Searching for \d+\.\d s, [\d,]+ found so far/).waitFor();
  await page.getByRole("button", { name: "Cancel", exact: true }).click();
  await page.getByText("Cancelled; what was found so far is shown").waitFor();
  assert.equal(await search(seen).inputValue(), "service:checkout");
  await letGo();
  await page.getByRole("button", { name: "Search again" }).click();
  await page.getByText(/^[\d,]+ found in/).waitFor();
  await seen.settled();
  assert.ok((await lines(seen).count()) > 3);
  await done(seen);
});

for (const { name, path, question, ready } of [
  { name: "SQL", path: `/explore?tab=sql&sql=${encodeURIComponent(SQL)}`, question: "sql", ready: /^\d+ rows?, in \d+ ms/ },
  { name: "metrics", path: "/explore?tab=metrics&metric=system.cpu.utilization&from=now-6h", question: "metrics/range", ready: /series, .* values?, one each / },
]) {
  test(`slow ${name}: shown as busy, cancelled, asked again`, async () => {
    const seen = await visit("/explore?tab=sql");
    const { page } = seen;
    const letGo = await slowly(seen, question);
    await page.goto(seen.base + path);
    await page.getByRole("button", { name: "Cancel", exact: true }).click();
    await page.getByText(/^Stopped; the server was told/).waitFor();
    await letGo();
    if (name === "SQL") await page.getByRole("button", { name: /^Run/ }).click();
    else await page.getByLabel("Step").selectOption("5m");
    await page.getByText(ready).first().waitFor();
    await seen.settled();
    await done(seen);
  });
}

test("a slow place shows that it loads, and leads on meanwhile", async () => {
  const seen = await visit("/planning");
  const { page } = seen;
  const letGo = await slowly(seen, "controls");
  await page.getByRole("navigation", { name: "Places" }).getByRole("link", { name: "Controls" }).click();
  await page.getByRole("main").getByRole("status", { name: "Loading" }).first().waitFor();
  await page.getByRole("navigation", { name: "Places" }).getByRole("link", { name: "Planning" }).click();
  await page.getByRole("heading", { name: "Planning" }).waitFor();
  await letGo();
  await seen.settled();
  await done(seen);
});

test("a session that ends below a dialog: the log-in lies over it, and its text is sent afterwards", async () => {
  const robin = { user: "robin", password: PEOPLE.robin.password };
  const seen = await visit("/controls/scanned-before-release", { as: robin });
  const { page } = seen;
  const words = "because the night's scan is read twice";
  await page.getByRole("button", { name: "Hurt" }).first().click();
  const dialog = page.getByRole("dialog", { name: "This hurt, because …" });
  await dialog.getByLabel(/^Because/).fill(words);
  await seen.context.clearCookies();
  await dialog.getByRole("button", { name: "Send" }).click();
  await page.getByRole("dialog", { name: "Log in again" }).waitFor();
  assert.equal(await dialog.isVisible(), false, "what was read with the session is not in sight");
  await seen.check();
  // The keys of what lies below rest.
  await page.keyboard.press("Escape");
  await loginAgain(seen, robin);
  assert.equal(await dialog.getByLabel(/^Because/).inputValue(), words);
  await dialog.getByRole("button", { name: "Send" }).click();
  await page.locator(".toast", { hasText: "hears of it" }).waitFor();
  await seen.settled();
  const [{ n }] = await here.api.sql(`SELECT count(*) AS n FROM answers WHERE reason = '${words.replace("'", "''")}'`);
  assert.equal(n, 1);
  await done(seen);
});

test("a session that ends below a search and a statement: both are there after the log-in, and answered", async () => {
  const seen = await visit("/explore?from=now-24h");
  const { page } = seen;
  await mark(seen);
  await seen.context.clearCookies();
  await search(seen).fill("service:checkout level:error");
  await page.keyboard.press("Enter");
  await loginAgain(seen);
  assert.equal(await search(seen).inputValue(), "service:checkout level:error");
  await page.getByText(/^[\d,]+ found in/).waitFor();
  assert.ok((await lines(seen).count()) > 3);

  await seen.open("/explore?tab=sql");
  await mark(seen);
  await page.locator(".cm-content").fill(SQL);
  await seen.context.clearCookies();
  await page.getByRole("button", { name: /^Run/ }).click();
  await loginAgain(seen);
  assert.match(await page.locator(".cm-content").innerText(), /SELECT service_name, count/);
  await page.getByText(/^\d+ rows?, in \d+ ms/).waitFor();
  await unbroken(seen);
  await done(seen);
});

for (const { name, path, says, then } of [
  { name: "lines", path: `/explore?${LONG_AGO}`, says: "Nothing found in this range", then: (page) => page.getByRole("button", { name: "Last 7 days" }) },
  { name: "traces", path: `/explore?tab=traces&${LONG_AGO}`, says: "No traces in this range", then: (page) => page.getByRole("button", { name: "Last 7 days" }) },
  { name: "metrics", path: `/explore?tab=metrics&${LONG_AGO}`, says: "No metrics in this range", then: (page) => page.getByRole("button", { name: "Last 7 days" }) },
  { name: "rows of a statement", path: `/explore?tab=sql&sql=${encodeURIComponent("SELECT body FROM logs WHERE timestamp >= $from AND timestamp < $to LIMIT 5")}&${LONG_AGO}`, says: "no row fits", then: (page) => page.getByRole("button", { name: "Last 7 days" }) },
  { name: "panels", path: `/dashboards/web-traffic?${LONG_AGO}`, says: "Nothing in this range.", then: (page) => page.getByLabel("Range of time") },
  { name: "services", path: "/services?at=2020-01-01T00:00:00Z", says: "Nothing of this kind was known then", then: (page) => page.getByRole("main").getByRole("button", { name: /now/i }).last() },
  { name: "a service", path: "/services/service%3Acheckout?at=2020-01-01T00:00:00Z", says: "It was not there then", then: (page) => page.getByRole("button", { name: "Look at now" }) },
]) {
  test(`a time with nothing in it: ${name}`, async () => {
    const seen = await visit(path);
    await seen.page.getByText(says).first().waitFor();
    assert.equal(await seen.page.getByRole("alert").count(), 0);
    await seen.check();
    const way = then(seen.page);
    if (name === "panels") await way.selectOption("now-7d");
    else await way.click();
    await seen.settled();
    assert.equal(await seen.page.getByText(says).count(), 0, "the way out leads to something");
    await done(seen);
  });
}

test("a range that cannot be read, or ends before it begins, is told, and the usual one shown", async () => {
  const seen = await visit("/explore?from=yesterday-ish");
  await seen.page.getByText(/yesterday-ish – now is no range of time/).waitFor();
  await seen.open("/explore?tab=metrics&from=now&to=now-1h");
  await seen.page.getByText(/is no range of time/).waitFor();
  assert.equal(await seen.page.getByRole("alert").count(), 0);
  await seen.page.getByLabel("Range of time").selectOption("now-24h");
  await seen.settled();
  assert.equal(await seen.page.getByText(/is no range of time/).count(), 0);
  await done(seen);
});

/** Behind each link is nothing: what is said, and where one goes on. */
const GONE = [
  { kind: "entity", path: "/services/service%3Anever-was", says: "Nothing of this name is known", on: "Look for the name" },
  { kind: "alert", path: "/alerts/999999999", says: "There is no such alert for you", on: "The queue, closed ones too" },
  { kind: "incident", path: "/incidents/999999999", says: "There is no such incident for you", on: "All incidents" },
  { kind: "finding", path: "/findings?open=999999999", says: "There is no finding 999999999" },
  { kind: "control", path: "/controls/of-yesterday", says: "There is no such control" },
  { kind: "decision", path: "/controls?answer=999999999", says: "There is no decision 999999999" },
  { kind: "trace", path: "/explore?tab=traces&trace=00000000000000000000000000000bad", says: "Nothing of this trace is here", on: "Find another trace" },
  { kind: "cut trace", path: "/explore?tab=traces&trace=4bf92f", says: "a trace id has 32 hex digits", on: "Find another trace" },
  { kind: "line", path: "/explore?open=2020-01-01T00:00:00Z~12345", says: "This line is not there any more" },
  { kind: "cut line", path: "/explore?open=nonsense", says: "This address names no line" },
  { kind: "metric", path: "/explore?tab=metrics&metric=of.yesterday", says: "No value of it in this range" },
  { kind: "dashboard", path: "/dashboards/of-yesterday", says: "There is no dashboard of-yesterday", on: "All dashboards" },
  { kind: "runbook", path: "/readiness?page=runbooks/checkout-of-yesterday.md", says: "This page is not there any more", on: /^Look for “checkout of yesterday”/ },
  { kind: "agenda", path: "/planning?teams=shop&day=someday", says: "write it as 2026-12-01" },
  { kind: "stream", path: "/planning?tab=stream&of=service:of-yesterday", says: "No change of service:of-yesterday was told" },
  { kind: "place", path: "/of/yesterday", says: "There is nothing at this address", on: "Home" },
];
for (const { kind, path, says, on } of GONE) {
  test(`behind a link is nothing any more: ${kind}`, async () => {
    const seen = await visit("/settings");
    seen.expect(/status of 40[034]/);
    await seen.open(path);
    await seen.page.getByText(says).first().waitFor();
    assert.equal(await seen.page.getByRole("button", { name: "Try again" }).count(), 0, "asking again helps nobody");
    await seen.check();
    if (on) {
      await seen.page.getByRole("main").getByRole("link", { name: on }).click();
      await seen.settled();
      assert.notEqual(await seen.page.getByText(says).count(), 1, "the way on leads away");
      assert.equal(await seen.page.getByRole("alert").count(), 0);
    }
    await done(seen);
  });
}

test("a wrong filter of metrics and of traces marks its place and keeps its text", async () => {
  for (const path of ["/explore?tab=metrics&metric=system.cpu.utilization&from=now-6h", "/explore?tab=traces&from=now-24h"]) {
    const seen = await visit(path);
    seen.expect(/status of 400/);
    await search(seen).fill("service:checkout AND (name:a");
    await search(seen).press("Enter");
    await seen.page.getByText("this parenthesis is never closed").first().waitFor();
    await seen.settled();
    assert.equal(await search(seen).inputValue(), "service:checkout AND (name:a");
    assert.equal(await seen.page.locator(".explore-mirror mark").innerText(), "(");
    assert.equal(await search(seen).getAttribute("aria-invalid"), "true");
    await seen.check();
    // Mended, it is asked.
    await search(seen).fill("");
    await search(seen).press("Enter");
    await seen.settled();
    assert.equal(await seen.page.getByRole("alert").count(), 0);
    await done(seen);
  }
});

test("a wrong statement marks its word, and the mark goes with the next letter", async () => {
  const seen = await visit("/explore?tab=sql");
  seen.expect(/status of 400/);
  await seen.open(`/explore?tab=sql&sql=${encodeURIComponent("SELECT service_nam FROM logs")}`);
  await seen.page.getByRole("alert").waitFor();
  assert.equal(await seen.page.locator(".cm-wrong").innerText(), "service_nam");
  assert.equal(await seen.page.locator(".cm-content").innerText(), "SELECT service_nam FROM logs");
  await seen.check();
  await seen.page.locator(".cm-content").press("Control+a");
  await seen.page.keyboard.press("Delete");
  await seen.page.keyboard.type("SELECT service_name FROM logs LIMIT 1 ");
  assert.equal(await seen.page.locator(".cm-wrong").count(), 0);
  await seen.page.getByRole("button", { name: /^Run/ }).click();
  await seen.page.getByText(/^1 row, in/).waitFor();
  await seen.settled();
  await done(seen);
});
