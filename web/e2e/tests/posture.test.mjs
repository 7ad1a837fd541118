// What is weak and what restricts: found, ranked with reasons, suppressed until a day, answered, replied to, locked, checked.

import assert from "node:assert/strict";
import { test } from "node:test";
import { look } from "../browser.mjs";
import { eventually } from "../world/api.mjs";
import { PEOPLE } from "../world/people.mjs";
import { stage } from "./setup.mjs";

const here = stage({ world: { days: 2 } });
const person = (name) => ({ user: name, password: PEOPLE[name].password });
const rows = (page, name) => page.getByRole("grid", { name }).getByRole("row");
const toast = (page, words) => page.locator(".toast", { hasText: words });

/** A page of somebody, at an address. */
async function at(path, as = here.admin, options = {}) {
  const seen = await look(here.browser, here.server, { as, ...options });
  await seen.open(path);
  return seen;
}

test("each finding shows why it is where it is, and counts filter", async () => {
  const seen = await at("/findings");
  const { page } = seen;
  const first = rows(page, "Findings").nth(1);
  assert.match(await first.innerText(), /exploited · runs/);
  // What is learnt of a thing moves its rank: both are asked until they speak of the same moment.
  await eventually("the rank that the server says", async () => {
    const { findings } = await here.api.get("/api/v1/findings?limit=1");
    await seen.open("/findings");
    return new RegExp(`^${findings[0].rank.score.toFixed(0)}\\b`, "m").test(await first.innerText());
  });
  const high = page.getByRole("group", { name: "By severity" }).getByRole("button", { name: /high/ });
  const many = Number(/\d+/.exec(await high.innerText())[0]);
  await high.click();
  await seen.settled();
  assert.match(page.url(), /severity=high/);
  assert.match(await page.getByRole("heading", { name: "Findings" }).locator("..").innerText(), new RegExp(`^Findings\\s+${many} of `));
  const narrowed = rows(page, "Findings");
  for (let at = 1; at < Math.min(5, await narrowed.count()); at++) assert.match(await narrowed.nth(at).innerText(), /high/);
  await seen.check();
  await seen.close();
});

test("a finding says why for both sides, where it runs, its life, and what mends it", async () => {
  const { findings } = await here.api.get("/api/v1/findings?about=CVE-2021-23337&limit=1");
  const seen = await at(`/findings?open=${findings[0].id}`);
  const drawer = seen.page.getByRole("complementary");
  const text = await drawer.innerText();
  for (const part of [/For operations/, /For security/, /What mends it\s+Raise it to\s+4\.17\.21/, /its severity is/, /Its life/, /package-lock\.json:\d+/, /Open the line/]) assert.match(text, part);
  assert.match(await drawer.getByRole("link", { name: "Open the line" }).getAttribute("href"), /^https:\/\/github\.com\/acme\/shop\/blob\/[0-9a-f]+\/.*#L\d+$/);
  await seen.check();
  await seen.page.keyboard.press("Escape");
  await drawer.waitFor({ state: "hidden" });
  await seen.close();
});

test("findings are suppressed with reason, owner and end; undone; and renewed with one key", async () => {
  const seen = await at("/findings?q=openssh");
  const { page } = seen;
  const before = (await rows(page, "Findings").count()) - 1;
  assert.ok(before >= 2, `${before} findings`);
  // What the server says of them, whoever asks: how many are open and hidden, and what Home counts.
  const told = async () => {
    const { count, suppressed } = await here.api.get("/api/v1/findings?limit=1");
    const { findings } = await here.api.get("/api/v1/home");
    assert.equal(findings.count, count, "Home counts what is listed");
    return { count, suppressed };
  };
  const at_first = await told();
  const suppress = async () => {
    await page.getByRole("grid", { name: "Findings" }).focus();
    await page.keyboard.press("j");
    await page.keyboard.press("x");
    await page.keyboard.press("s");
    const dialog = page.getByRole("dialog", { name: "Suppress 1 finding" });
    await dialog.getByRole("button", { name: "Suppress", exact: true }).click();
    assert.equal(await dialog.getByLabel(/^Because/).evaluate((field) => field.validity.valueMissing), true, "a reason is asked for");
    await dialog.getByLabel(/^Because/).fill("the port is closed at the border until the new image is out");
    await dialog.getByRole("button", { name: "Suppress", exact: true }).click();
    await dialog.waitFor({ state: "hidden" });
    await page.getByRole("button", { name: "1 suppressed" }).waitFor();
    assert.equal(await rows(page, "Findings").count() - 1, before - 1);
    assert.deepEqual(await told(), { count: at_first.count - 1, suppressed: at_first.suppressed + 1 });
  };
  await suppress();
  await toast(page, "1 finding suppressed until").getByRole("button", { name: "Undo" }).click();
  await page.getByRole("button", { name: "1 suppressed" }).waitFor({ state: "hidden" });
  assert.equal(await rows(page, "Findings").count() - 1, before, "the undo brings it back");
  assert.deepEqual(await told(), at_first);
  await page.reload();
  await seen.settled();
  await suppress();
  await page.getByRole("button", { name: "1 suppressed" }).click();
  await seen.settled();
  assert.equal(await rows(page, "Findings").count() - 1, before);
  assert.equal(await rows(page, "Findings").filter({ hasText: "suppressed" }).count(), 1);

  await seen.open("/controls?tab=exceptions&kind=waiver");
  const row = page.getByRole("row", { name: /the port is closed at the border/ });
  assert.match(await row.innerText(), /1 finding/);
  await row.getByText("the port is closed").click();
  await seen.settled();
  assert.match(await page.getByRole("complementary").innerText(), /Owner\s+\w+[\s\S]*Ends\s+\d{4}-\d\d-\d\d/);
  await seen.check();
  await page.keyboard.press("r");
  await toast(page, "Renewed until").waitFor();
  const { rows: restricts } = await here.api.get("/api/v1/exceptions");
  const waivers = restricts.filter(({ kind }) => kind === "waiver");
  assert.deepEqual(waivers.map(({ findings, control }) => [findings, Boolean(control)]), [[1, true]], "a renewal takes the place of what it renews");
  await seen.check({ axe: false });
  await seen.close();
});

test("a check does not count what is suppressed, and names it", async () => {
  const services = (await here.api.sql("SELECT entity FROM entities WHERE kind = 'service' ORDER BY entity")).map(({ entity }) => entity);
  const ask = async (of) => (await here.api.post("/api/v1/check", { questions: of.map((service) => ({ question: "release", service, environment: "production" })), dry_run: true })).verdicts;
  const of = (verdict, check) => verdict.reasons.find((reason) => reason.check === check);
  const counts = (verdict) => ["critical-findings", "exploited-component", "secrets-found"].map((check) => of(verdict, check)).find(Boolean);
  const before = (await ask(services)).find(counts);
  assert.ok(before, "findings speak against a release");
  const { service } = before.asked;
  const stands = counts(before);
  const release = async () => (await ask([service]))[0];
  const reason = "the way to it is closed at the border";
  const { suppressions } = await here.api.post("/api/v1/findings/suppress", { findings: stands.facts, reason, owner: "payments", until: new Date(Date.now() + 20 * 86_400_000).toISOString() });
  const after = await release();
  assert.equal(of(after, stands.check), undefined);
  assert.deepEqual(after.waived.map(({ finding }) => finding).sort(), [...stands.facts].sort());
  const seen = await at("/controls?tab=checks");
  await seen.page.getByLabel("Service *").fill(service);
  await seen.page.getByRole("button", { name: "Ask", exact: true }).first().click();
  const told = seen.page.locator(".controls-told");
  await told.getByText(/suppressed, and not counted/).waitFor();
  assert.match(await told.innerText(), new RegExp(`${reason}[\\s\\S]*payments`));
  await seen.check();
  for (const { id } of suppressions) await here.api.post(`/api/v1/exceptions/${id}/end`, { reason: "the test is over" });
  assert.ok(of(await release(), stands.check), "ended, it speaks again");
  await seen.close();
});

test("weak parts: who has it, in one place", async () => {
  const seen = await at("/findings?tab=parts");
  await seen.page.getByLabel("Who has it").fill("CVE-2024-6387");
  await seen.page.keyboard.press("Enter");
  await seen.settled();
  const drawer = seen.page.getByRole("complementary");
  assert.match(await drawer.innerText(), /service:checkout[\s\S]*service:mailer|service:mailer[\s\S]*service:checkout/);
  await seen.check();
  await seen.close();
});

test("somebody answers a control, its owner replies, and who asked reads it", async () => {
  const words = "because the list of parts is read twice";
  const robin = await at("/controls/scanned-before-release", person("robin"));
  await robin.page.getByRole("button", { name: "Hurt" }).first().click();
  await robin.page.getByRole("dialog").getByLabel(/^Because/).fill(words);
  await robin.page.getByRole("dialog").getByRole("button", { name: "Send" }).click();
  await toast(robin.page, "security hears of it").waitFor();
  await robin.settled();
  assert.equal(await robin.page.getByRole("button", { name: "Reply" }).count(), 0, "who does not own it replies nothing");

  const sam = await at("/controls?tab=answers", person("sam"));
  await sam.page.getByRole("row", { name: new RegExp(words) }).getByRole("button", { name: "Reply" }).click();
  const dialog = sam.page.getByRole("dialog", { name: "Reply" });
  await dialog.getByLabel("Reply").selectOption("answered");
  await dialog.getByLabel(/^In words/).fill("the second run goes away on Monday");
  await sam.check();
  await dialog.getByRole("button", { name: "Reply" }).click();
  await toast(sam.page, "Replied").waitFor();
  await sam.settled();
  assert.equal(await sam.page.getByRole("row", { name: new RegExp(words) }).count(), 0, "it waits no more");

  await robin.open("/controls?tab=answers&which=mine");
  assert.match(await robin.page.getByRole("row", { name: new RegExp(words) }).innerText(), /answered\s*:\s*the second run goes away on Monday/);
  await Promise.all([robin, sam].map(async (one) => (await one.check({ axe: false }), one.close())));
});

test("a check says not yet, because, and keeps nothing when it is tried", async () => {
  const [{ n: before }] = await here.api.sql("SELECT count(*) AS n FROM decisions WHERE kind = 'verdict'");
  const seen = await at("/controls?tab=checks");
  const { page } = seen;
  await page.getByLabel("Service *").fill("checkout");
  await page.getByLabel("Version").fill("9.9.9");
  await page.getByRole("button", { name: "Ask", exact: true }).first().click();
  await page.getByText("release 9.9.9 of checkout to production").waitFor();
  const told = await page.locator(".controls-told").innerText();
  for (const part of [/not yet/, /For operations/, /For security/, /Fix/, /Owner/, /Helped/]) assert.match(told, part);
  const [{ n: after }] = await here.api.sql("SELECT count(*) AS n FROM decisions WHERE kind = 'verdict'");
  assert.equal(after, before);
  await page.getByRole("row", { name: /release 2\.15\.0|release .* service:mailer/ }).first().getByRole("cell").first().click();
  await seen.settled();
  assert.match(await page.getByRole("complementary").innerText(), /Control\s+[a-z-]+/);
  await seen.check();
  await seen.close();
});

test("a lockdown is called, holds, and each of its controls is reviewed", async () => {
  const seen = await at("/controls?tab=lockdowns", person("sam"));
  const { page } = seen;
  const reason = "a token was found in a public place";
  await page.getByRole("button", { name: "Call a lockdown" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel(/^Because/).fill(reason);
  await dialog.getByRole("checkbox", { name: /no-secrets-in-code/ }).check();
  await dialog.getByRole("button", { name: "1 day" }).click();
  await seen.check();
  await dialog.getByRole("button", { name: "Lock down" }).click();
  await toast(page, "The lockdown holds").waitFor();
  await seen.settled();
  const article = page.getByRole("article").filter({ hasText: reason });
  await seen.open("/controls/no-secrets-in-code");
  assert.match(await page.locator(".note").first().innerText(), new RegExp(`because of a lockdown: ${reason}`));
  await seen.open("/controls?tab=lockdowns");
  await article.getByRole("button", { name: "Review" }).click();
  await article.getByLabel("It is").selectOption("relaxed");
  await article.getByLabel(/^Because/).fill("the token was taken back");
  await article.getByRole("button", { name: "Review" }).click();
  await toast(page, "no-secrets-in-code is reviewed").waitFor();
  await seen.settled();
  await seen.open("/controls/no-secrets-in-code");
  assert.equal(await page.locator(".note", { hasText: reason }).count(), 0, "it speaks as before");
  await seen.check();
  await seen.close();
});

test("a control is adjusted until a day, and ended before it", async () => {
  const seen = await at("/controls/runbooks", person("olga"));
  const { page } = seen;
  await page.getByRole("button", { name: "Adjust …" }).click();
  const dialog = page.getByRole("dialog", { name: "Adjust runbooks" });
  await dialog.getByLabel("Mode").selectOption("warn");
  await dialog.getByLabel(/^Because/).fill("every service has one by now");
  await dialog.getByRole("button", { name: "Adjust" }).click();
  await toast(page, "runbooks is warn until").waitFor();
  await seen.settled();
  assert.match(await page.locator(".note").first().innerText(), /because of an adjustment: every service has one by now/);
  await page.getByRole("button", { name: "End", exact: true }).click();
  await page.getByRole("dialog").getByLabel(/^Because/).fill("a new service has none");
  await page.getByRole("button", { name: "End it" }).click();
  await toast(page, "Ended").waitFor();
  await seen.settled();
  assert.equal(await page.locator(".note").count(), 0);
  await seen.check();
  await seen.close();
});

test("the audit trail is verified, and its names are masked until there is a reason", async () => {
  const seen = await at("/controls?tab=audit");
  const { page } = seen;
  assert.equal(await page.getByRole("columnheader", { name: "Who" }).count(), 0);
  await page.getByRole("button", { name: "Verify" }).click();
  await page.getByText(/^All \d+ entries and \d+ checkpoints hold/).waitFor();
  await page.getByRole("button", { name: "Show names …" }).click();
  await page.getByRole("dialog").getByLabel(/^Because/).fill("a review of rights");
  await page.getByRole("dialog").getByRole("button", { name: "Show" }).click();
  await page.getByRole("columnheader", { name: "Who" }).waitFor();
  await seen.check();
  await seen.close();
});

test("who may not do it is not offered it, and reads everything", async () => {
  const vera = await at("/controls?tab=exceptions", person("vera"));
  const { page } = vera;
  assert.ok((await page.getByRole("row").count()) > 2);
  for (const name of ["Make an exception", "Renew"]) assert.equal(await page.getByRole("button", { name }).count(), 0, name);
  assert.equal(await page.getByRole("link", { name: "Audit trail" }).count(), 0);
  await vera.open("/controls?tab=lockdowns");
  assert.equal(await page.getByRole("button", { name: "Call a lockdown" }).count(), 0);
  await vera.open("/findings");
  await page.getByRole("grid", { name: "Findings" }).focus();
  await page.keyboard.press("j");
  await page.keyboard.press("x");
  assert.equal(await page.getByRole("button", { name: /^Suppress/ }).count(), 0);
  assert.equal(await page.getByRole("button", { name: /^This hurt/ }).count(), 1, "whoever is hurt may say so");
  await vera.check();
  await vera.close();
});

test("with the keyboard alone, from anywhere to a finding and back", async () => {
  const seen = await at("/controls", here.admin);
  const { page } = seen;
  for (const key of ["g", "f"]) await page.keyboard.press(key);
  await page.getByRole("grid", { name: "Findings" }).waitFor();
  await seen.settled();
  for (const key of ["j", "j", "Enter"]) await page.keyboard.press(key);
  await page.getByRole("complementary").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("complementary").waitFor({ state: "hidden" });
  await page.keyboard.press("/");
  await page.keyboard.type("glibc");
  await seen.settled();
  assert.match(page.url(), /q=glibc/);
  assert.match(await rows(page, "Findings").nth(1).innerText(), /glibc/);
  await seen.close();
});

test("every tab fits on a narrow screen and can be used by everybody", async () => {
  const seen = await at("/controls", here.admin, { size: "narrow", scheme: "light" });
  for (const path of ["/controls", "/controls?tab=friction", "/controls?tab=friction&by=systems", "/controls?tab=answers&which=all", "/controls?tab=exceptions", "/controls?tab=adjustments", "/controls?tab=lockdowns", "/controls?tab=checks", "/controls?tab=audit", "/findings", "/findings?tab=parts"]) {
    await seen.open(path);
    assert.equal(await seen.overflow(), 0, `${path} is wider than the screen`);
    // A table or a drawing that must be pushed aside to be read is too wide, too.
    const pushed = await seen.page.locator("main .scroll-x, main figure").evaluateAll((all) => all.filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.className));
    if (path.startsWith("/controls")) assert.deepEqual(pushed, [], `${path} scrolls sideways`);
    await seen.check();
  }
  await seen.close();
});

test("what is not there is told, with what to do", async () => {
  const seen = await at("/findings?open=999999999");
  seen.expect(/status of 404/);
  assert.match(await seen.page.getByRole("complementary").innerText(), /There is no finding 999999999/);
  await seen.open("/controls/of-yesterday");
  assert.match(await seen.page.getByRole("main").innerText(), /There is no such control/);
  await seen.open("/controls?answer=999999999");
  assert.match(await seen.page.getByRole("complementary").innerText(), /There is no decision 999999999/);
  await seen.open("/findings?q=nothing-has-this-name");
  assert.match(await seen.page.getByRole("main").innerText(), /No finding fits/);
  await seen.page.getByRole("button", { name: "Take the filters out" }).click();
  await seen.settled();
  assert.ok((await rows(seen.page, "Findings").count()) > 10);
  await seen.check();
  await seen.close();
});

test("a list that is longer than one answer is loaded whole, page after page", async () => {
  const entity = { kind: "repository", key: "github.com/acme/long" };
  const one = (number) => ({ fingerprint: `long-${number}`, rule: "docker-root", severity: "low", title: `long list ${number}`, path: `images/${number}/Dockerfile` });
  await here.api.post("/api/v1/scans", { report: { entity, tool: { name: "tandem" }, source: { branch: "main" }, findings: Array.from({ length: 1_203 }, (_, number) => one(number)) } });
  const seen = await at("/findings?entity=repository:github.com/acme/long");
  const { page } = seen;
  const head = page.getByRole("heading", { name: "Findings" }).locator("..");
  assert.match(await head.innerText(), /1,000 of 1,203 findings, the 1,000 most urgent/);
  await page.getByRole("button", { name: "203 more" }).click();
  await page.getByRole("button", { name: "203 more" }).waitFor({ state: "hidden" });
  await seen.settled();
  assert.match(await head.innerText(), /^Findings\s+1,203 findings$/m);
  await page.locator("input[data-search]").fill("long list 1202");
  await rows(page, "Findings").filter({ hasText: "long list 1202" }).waitFor();
  await seen.check();
  await seen.close();
});
