// From an alert to its incident and the review; bulk acts and the way back; what a role may not do is not offered.

import assert from "node:assert/strict";
import { test } from "node:test";
import { look } from "../browser.mjs";
import { Api } from "../world/api.mjs";
import { PEOPLE } from "../world/people.mjs";
import { done, stage } from "./setup.mjs";

const here = stage();
const as = (user) => ({ user, password: PEOPLE[user].password });
const alerts = async (query = "") => (await here.api.get(`/api/v1/alerts?limit=200${query}`)).rows;
const state = async (id) => (await here.api.get(`/api/v1/alerts/${id}`)).state;

/** Waits until something asked of the server is so. */
async function becomes(what, told) {
  const until = Date.now() + 15_000;
  while (!(await what())) {
    assert.ok(Date.now() < until, told);
    await new Promise((done) => setTimeout(done, 50));
  }
}
const dialog = (seen) => seen.page.locator("dialog[open]");
const press = (seen, key) => seen.page.keyboard.press(key);
const queue = (seen) => seen.page.getByRole("grid", { name: "Queue" });

test("by the keyboard alone: find an alert, read why, acknowledge it, take it back", async () => {
  const [wanted] = (await alerts("&state=open&order=level")).filter((row) => row.incident === null);
  const seen = await look(here.browser, here.server, { as: here.admin });
  await seen.open("/alerts?tab=notices");
  await press(seen, "g");
  await press(seen, "a");
  await queue(seen).waitFor();
  await press(seen, "/");
  await seen.page.keyboard.type(`rule:${wanted.rule} entity:${wanted.entity}`);
  await press(seen, "Enter");
  await seen.page.waitForURL(/rule=/);
  await seen.settled();
  assert.equal(await queue(seen).getByRole("row").count(), 2, "the head and one row");
  await press(seen, "Escape");
  await seen.page.locator("main").focus();
  await press(seen, "j");
  await press(seen, "Enter");
  const drawer = seen.page.getByRole("complementary", { name: wanted.title });
  await drawer.waitFor();
  await seen.settled();
  const tree = await drawer.ariaSnapshot();
  for (const part of ["Why it fired", "What to do", "Suspect changes", "Cited events", "Earlier outcomes", "What is weak there", "Timeline"]) assert.match(tree, new RegExp(`heading "${part}"`));
  await press(seen, "e");
  await becomes(async () => (await state(wanted.id)) === "acknowledged", "it is acknowledged");
  await seen.page.getByRole("button", { name: "Undo" }).click();
  await becomes(async () => (await state(wanted.id)) === "open", "it is open again");
  await press(seen, "Escape");
  await drawer.waitFor({ state: "detached" });
  await seen.check();
  await seen.close();
});

test("an alert says why: control, runbook that helped, events in Explore", async () => {
  const [row] = (await alerts()).filter((row) => row.title.startsWith("ssh log-in after"));
  const seen = await look(here.browser, here.server, { as: here.admin, scheme: "light" });
  await seen.open(`/alerts/${row.id}`);
  assert.match(await seen.page.locator("main").innerText(), /Why the rule is there:/);
  await seen.page.getByRole("button", { name: "This helped" }).first().click();
  await seen.page.getByText("the page comes first at the next alert").waitFor();
  const event = seen.page.getByRole("link", { name: /^Open in Explore: Failed password/ }).first();
  assert.match(await event.getAttribute("href"), /query=event_id%3A\d+/);
  await seen.page.getByRole("button", { name: "See and run …" }).click();
  await dialog(seen).getByLabel(/^Why/).fill("it is the known one");
  // What it would do is shown before it runs.
  await dialog(seen).getByRole("listitem").first().waitFor();
  await dialog(seen).getByRole("button", { name: "Cancel" }).click();
  await seen.check();
  await seen.close();
});

test("an alert leads to its incident by name; there the controls that spoke are answered", async () => {
  const row = (await alerts()).find((row) => row.title.startsWith("ssh log-in after") && row.incident);
  const { title } = await here.api.get(`/api/v1/incidents/${row.incident}`);
  const seen = await here.visit(`/alerts/${row.id}`);
  await seen.page.getByRole("link", { name: title, exact: true }).click();
  await seen.page.getByRole("heading", { name: title, level: 1 }).waitFor();
  const control = seen.page.getByRole("region", { name: "Controls that spoke" }).getByRole("listitem").first();
  const name = (await control.getByRole("link").first().getAttribute("href")).split("/").at(-1);
  await control.getByRole("button", { name: "Hurt" }).click();
  await dialog(seen).getByLabel(/^Because/).fill("it woke two teams for one address");
  await dialog(seen).getByRole("button", { name: "Send" }).click();
  await dialog(seen).waitFor({ state: "detached" });
  const said = (await here.api.get("/api/v1/answers")).rows.find((one) => one.text === "it woke two teams for one address");
  assert.deepEqual([said?.say, said?.control, said?.cites], ["hurt", name, [row.incident]]);
  await done(seen);
});

test("from two alerts to an incident, its roles and tasks, the review, and the end", async () => {
  const loose = (await alerts("&state=open")).filter((row) => row.incident === null && row.entity).slice(0, 2);
  assert.equal(loose.length, 2);
  const seen = await look(here.browser, here.server, { as: here.admin });
  await seen.open("/alerts?show=alerts");
  for (const row of loose) await queue(seen).getByRole("row").filter({ has: seen.page.getByText(row.title, { exact: true }) }).filter({ hasText: row.entity.slice(0, 12) }).getByRole("checkbox").first().check();
  await seen.page.getByText("2 chosen").waitFor();
  await seen.page.getByRole("button", { name: "To an incident …" }).click();
  await dialog(seen).getByLabel(/^Title/).fill("Two at once");
  await dialog(seen).getByLabel(/^Why/).fill("they began together");
  await dialog(seen).getByRole("button", { name: "Open", exact: true }).click();
  await seen.page.waitForURL(/\/incidents\/\d+/);
  await seen.page.getByRole("heading", { name: "Two at once" }).waitFor();
  const id = Number(/incidents\/(\d+)/.exec(seen.page.url())[1]);
  await seen.page.getByLabel("Team with the role Lead").selectOption("platform");
  await becomes(async () => (await here.api.get(`/api/v1/incidents/${id}`)).parts.some((part) => part.title === "Lead" && part.team === "platform"), "platform leads");
  await seen.page.getByLabel("Something to do").fill("Rotate the keys");
  await seen.page.getByRole("button", { name: "Add", exact: true }).click();
  await seen.page.getByRole("checkbox", { name: "Rotate the keys" }).click();
  await seen.page.getByText("1 of 1 done").waitFor();
  await seen.page.getByRole("button", { name: "Comment …" }).click();
  await dialog(seen).getByLabel(/^What is known/).fill("It was one address.");
  await dialog(seen).getByRole("button", { name: "Add", exact: true }).click();
  await seen.page.getByText("“It was one address.”").waitFor();
  await seen.check();
  await seen.page.getByRole("button", { name: "Close …" }).click();
  await dialog(seen).getByRole("radio", { name: /Benign/ }).check();
  await dialog(seen).getByLabel(/^Why/).fill("a drill");
  await dialog(seen).getByRole("button", { name: "Close", exact: true }).click();
  await dialog(seen).waitFor({ state: "detached" });
  for (const row of loose) assert.equal(await state(row.id), "resolved", "its alerts are closed with it");
  await seen.page.getByRole("link", { name: "Review document" }).click();
  const text = seen.page.locator(".prose");
  await text.getByText("comment on the incident: It was one address.").waitFor();
  assert.match(await text.innerText(), /Rotate the keys/);
  const saved = seen.page.waitForEvent("download");
  await seen.page.getByRole("link", { name: "Download Markdown" }).click();
  assert.equal((await saved).suggestedFilename(), `incident-${id}.md`);
  await seen.check();
  await seen.close();
});

test("suppressed with a reason and an end, counted, renewed, ended", async () => {
  const [row] = (await alerts("&state=all")).filter((row) => row.team === "platform" && row.entity);
  const seen = await look(here.browser, here.server, { as: here.admin });
  await seen.open(`/alerts/${row.id}`);
  await seen.page.getByRole("button", { name: "Suppress …" }).click();
  assert.equal(await dialog(seen).getByLabel(/^Team that answers/).inputValue(), "platform");
  const last = await dialog(seen).getByLabel(/^Until/).getAttribute("max");
  assert.ok((Date.parse(last) - Date.now()) / 86_400_000 <= 90, "90 days at most");
  await dialog(seen).getByLabel(/^Why/).fill("the sensor is changed on Thursday");
  await dialog(seen).getByRole("button", { name: "Suppress", exact: true }).click();
  await seen.page.getByText(/^1 suppression until/).waitFor();
  await seen.open("/alerts?tab=suppressions");
  const made = seen.page.getByRole("row").filter({ hasText: "the sensor is changed on Thursday" });
  await made.getByRole("button", { name: "Renew …" }).click();
  assert.equal(await dialog(seen).getByLabel(/^Why/).inputValue(), "the sensor is changed on Thursday", "the form is filled in");
  await dialog(seen).getByRole("button", { name: "Renew", exact: true }).click();
  await seen.page.getByText(/^Renewed until/).waitFor();
  assert.equal(await made.count(), 1, "the old one ended");
  await made.getByRole("button", { name: "End …" }).click();
  await dialog(seen).getByLabel(/^Why/).fill("it was changed");
  await dialog(seen).getByRole("button", { name: "End", exact: true }).click();
  await made.waitFor({ state: "detached" });
  await seen.check();
  await seen.close();
});

test("who only looks is offered nothing to do; who is on call acts for the own team", async () => {
  // Two of its own, whatever the tests before did to those of the world.
  const firing = (alertname, service) => ({ labels: { alertname, severity: "high", service }, annotations: { description: "told by a test" }, startsAt: new Date().toISOString(), endsAt: "0001-01-01T00:00:00Z" });
  await Api.withToken(here.server.url).post("/api/v2/alerts", [firing("CartsOfATestAreSlow", "cart"), firing("FraudOfATestIsSlow", "fraud")]);
  const named = async (title) => (await alerts("&state=open")).find((row) => row.title.includes(title));
  await becomes(async () => (await named("CartsOfATest")) && (await named("FraudOfATest")), "the alerts are there");
  const own = await named("CartsOfATest");
  const theirs = await named("FraudOfATest");
  assert.deepEqual([own.team, theirs.team], ["shop", "payments"]);
  const vera = await look(here.browser, here.server, { as: as("vera") });
  await vera.open(`/alerts/${own.id}`);
  assert.equal(await vera.page.getByRole("button", { name: "Acknowledge" }).count(), 0);
  await vera.page.getByText("takes a responder of the team").waitFor();
  await vera.check();
  await vera.close();
  const robin = await look(here.browser, here.server, { as: as("robin") });
  await robin.open(`/alerts/${theirs.id}`);
  assert.equal(await robin.page.getByRole("button", { name: "Acknowledge" }).count(), 0);
  await robin.open(`/alerts/${own.id}`);
  await robin.page.getByRole("button", { name: "Acknowledge" }).click();
  await becomes(async () => (await state(own.id)) === "acknowledged", "robin acknowledged it");
  assert.equal(await robin.page.getByRole("button", { name: "Suppress …" }).count(), 0, "a responder hides nothing");
  await robin.check();
  await robin.close();
});

test("an address of nothing says what to do", async () => {
  const seen = await look(here.browser, here.server, { as: here.admin });
  seen.expect(/status of 403/);
  await seen.open("/alerts/999999999");
  await seen.page.getByText("There is no such alert for you").waitFor();
  await seen.open("/alerts?rule=nothing-has-this-name");
  await seen.page.getByText("Nothing fits").waitFor();
  await seen.check();
  await seen.close();
});

for (const [size, scheme] of [["wide", "light"], ["narrow", "dark"]]) {
  test(`each part of the place can be used by everybody: ${size}, ${scheme}`, async () => {
    const [incident] = (await here.api.get("/api/v1/incidents?state=all")).rows;
    const seen = await look(here.browser, here.server, { size, scheme, as: here.admin });
    const paths = [...["incidents", "suppressions", "ledger", "rules", "rules&rule=error_rate", "notices"].map((tab) => `/alerts?tab=${tab}`), `/incidents/${incident.id}`, `/incidents/${incident.id}?tab=review`, "/", "/?lever=restores-not-proved&team=shop"];
    for (const path of paths) {
      await seen.open(path);
      assert.equal(await seen.overflow(), 0, `${path} is wider than the screen`);
      await seen.check();
    }
    await seen.close();
  });
}
