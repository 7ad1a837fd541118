// Settings: what a role does not have is not offered, and the server refuses it all the same.

import assert from "node:assert/strict";
import { test } from "node:test";
import { SCHEMES, SIZES } from "../browser.mjs";
import { Api, Refused } from "../world/api.mjs";
import { meet } from "../world/people.mjs";
import { PEOPLE } from "../world/people.mjs";
import { done, stage } from "./setup.mjs";

const here = stage({ world: false });
const TABS = ["You", "How to send", "Users", "Tokens", "Routes", "Audit trail", "Knowledge files", "About"];
const LATER = "the-second-password-of-dora";
let met;
const people = () => (met ??= meet({ api: here.api, url: here.server.url, say: () => {} }));

const { visit } = here;
const tabs = (seen) => seen.page.getByRole("navigation", { name: "Settings", exact: true }).getByRole("link").allInnerTexts();

for (const size of Object.keys(SIZES)) {
  for (const scheme of SCHEMES) {
    test(`all parts of it can be used by everybody: ${size}, ${scheme}`, async () => {
      await people();
      const seen = await visit("/settings", { size, scheme });
      assert.deepEqual(await tabs(seen), TABS);
      for (const name of TABS) {
        await seen.page.getByRole("navigation", { name: "Settings", exact: true }).getByRole("link", { name, exact: true }).click();
        await seen.settled();
        await seen.check();
        const { scrollWidth, clientWidth } = await seen.page.locator("main").evaluate((main) => ({ scrollWidth: main.scrollWidth, clientWidth: main.clientWidth }));
        assert.ok(scrollWidth <= clientWidth, `${name} is wider than the screen: ${scrollWidth} > ${clientWidth}`);
      }
      await seen.close();
    });
  }
}

test("who only looks is not offered what admins do, and is told so behind a link", async () => {
  await people();
  const seen = await visit("/settings", { as: { user: "vera", password: PEOPLE.vera.password } });
  assert.deepEqual(await tabs(seen), ["You", "How to send", "Routes", "Knowledge files", "About"]);
  for (const [tab, need] of [["users", "admin of a team"], ["tokens", "admin of a team"], ["audit", "admin of all teams"]]) {
    await seen.open(`/settings?tab=${tab}`);
    const text = await seen.page.locator("main").innerText();
    assert.ok(text.includes(`takes the role ${need}`), text);
    assert.match(text, /You are viewer of all teams/);
  }
  await done(seen);
  const vera = (await people()).vera;
  const refused = (error) => error instanceof Refused && error.status === 403;
  for (const path of ["/api/v1/users", "/api/v1/tokens", "/api/v1/audit", "/api/v1/settings"]) await assert.rejects(vera.get(path), refused, path);
});

test("a user is made, comes in, loses a right, and is kept out", async () => {
  const seen = await visit("/settings?tab=users");
  await seen.page.getByRole("button", { name: "New user" }).click();
  await seen.page.getByRole("dialog").getByLabel(/^Log-in/).fill("nora");
  await seen.page.getByLabel(/^Role/).selectOption("editor");
  await seen.page.getByLabel(/^In the team/).fill("payments");
  await seen.check();
  await seen.page.getByRole("button", { name: "Make", exact: true }).click();
  const secret = await seen.page.getByLabel("Password", { exact: true }).innerText();
  assert.match(secret, /^[a-z0-9-]{20,}$/);
  await seen.page.getByRole("button", { name: "Close", exact: true }).last().click();
  await seen.settled();
  const nora = await Api.login(here.server.url, "nora", secret);
  assert.deepEqual((await nora.get("/api/v1/me")).grants.map(({ role, team }) => [role, team]), [["editor", "payments"]]);
  await seen.page.getByRole("button", { name: "nora", exact: true }).click();
  const drawer = seen.page.getByRole("complementary");
  await drawer.getByRole("button", { name: "Take back: editor of payments" }).click();
  await seen.page.getByText("nora is no editor of payments any more").waitFor();
  await seen.settled();
  assert.deepEqual((await nora.get("/api/v1/me")).grants, []);
  // The way back.
  await seen.page.getByRole("button", { name: "Undo" }).click();
  await drawer.getByText("editor of payments").waitFor();
  await seen.settled();
  await drawer.getByRole("button", { name: "Keep out" }).click();
  await drawer.getByRole("button", { name: "Let in again" }).waitFor();
  await seen.settled();
  await assert.rejects(nora.get("/api/v1/me"), (error) => error.status === 401);
  await done(seen);
});

test("what the server refuses is shown, and what was typed stays", async () => {
  const seen = await visit("/settings?tab=users");
  seen.expect(/status of 4\d\d/);
  await seen.page.getByRole("button", { name: "New user" }).click();
  await seen.page.getByRole("dialog").getByLabel(/^Log-in/).fill(here.admin.user);
  await seen.page.getByLabel(/^In the team/).fill("shop");
  await seen.page.getByRole("button", { name: "Make", exact: true }).click();
  await seen.page.getByRole("dialog").getByRole("alert").waitFor();
  assert.equal(await seen.page.getByRole("dialog").getByLabel(/^Log-in/).inputValue(), here.admin.user);
  assert.equal(await seen.page.getByLabel(/^In the team/).inputValue(), "shop");
  await done(seen);
});

test("a token is shown once, does what it may, and is refused when it is revoked", async () => {
  const seen = await visit("/settings?tab=tokens");
  await seen.page.getByRole("button", { name: "New token" }).click();
  await seen.page.getByLabel(/^Name/).fill("nightly");
  await seen.page.getByRole("button", { name: "Make", exact: true }).click();
  const token = await seen.page.getByLabel("Token", { exact: true }).innerText();
  assert.match(token, /^tdm_/);
  const ask = (path) => fetch(here.server.url + path, { headers: { authorization: `Bearer ${token}` } });
  assert.equal((await ask("/api/v1/findings")).status, 200);
  assert.equal((await ask("/api/v1/users")).status, 403);
  await seen.page.getByRole("button", { name: "Close", exact: true }).last().click();
  await seen.settled();
  assert.ok(!(await seen.page.locator("body").innerText()).includes(token), "it is nowhere any more");
  await seen.page.getByRole("button", { name: "Revoke nightly" }).click();
  await seen.page.getByRole("dialog").getByRole("button", { name: "Revoke", exact: true }).click();
  await seen.page.getByText("nightly is revoked").waitFor();
  await seen.settled();
  assert.equal((await ask("/api/v1/findings")).status, 401);
  await seen.page.getByLabel("Those that are over").check();
  await seen.settled();
  assert.match(await seen.page.getByRole("row").filter({ hasText: "nightly" }).innerText(), /revoked/);
  await done(seen);
});

test("the audit trail is verified, and names take a reason", async () => {
  await people();
  const seen = await visit("/settings?tab=audit");
  await seen.page.getByRole("button", { name: "Verify" }).click();
  const told = seen.page.getByRole("region", { name: "Is it whole?" }).getByRole("status");
  await told.waitFor();
  const text = await told.innerText();
  assert.match(text, /whole/);
  const [{ n }] = await here.api.sql("SELECT count(*) AS n FROM audit");
  const [entries, checkpoints] = text.match(/(\d[\d,]*) entr\w+ and (\d[\d,]*) checkpoint/).slice(1).map((one) => Number(one.replaceAll(",", "")));
  assert.ok(entries > 0 && entries <= n && checkpoints > 0, text);
  // No name until there is a reason, which is written down.
  assert.equal(await seen.page.getByRole("columnheader", { name: "Who" }).count(), 0);
  await seen.page.getByRole("button", { name: /Show names/ }).click();
  await seen.page.getByLabel(/^Why/).fill("incident 42");
  await seen.page.getByRole("button", { name: "Show", exact: true }).click();
  await seen.page.getByRole("columnheader", { name: "Who" }).waitFor();
  assert.ok((await seen.page.getByRole("cell", { name: here.admin.user, exact: true }).count()) > 0);
  const shown = await here.api.sql("SELECT detail FROM audit WHERE action = 'names shown'");
  assert.ok(shown.some(({ detail }) => detail.includes("incident 42")));
  await done(seen);
});

test("one's own password: a wrong one is told and kept typed; the right one ends the session", async () => {
  await here.api.post("/api/v1/users", { login: "dora", password: "the-first-password-of-dora", grants: [{ role: "viewer", team: "*", datasets: ["*"] }] });
  const seen = await visit("/settings", { as: { user: "dora", password: "the-first-password-of-dora" } });
  seen.expect(/status of 4\d\d/);
  await seen.page.getByLabel(/^Current password/).fill("not that one at all");
  await seen.page.getByLabel(/^New password \*/).fill("short");
  await seen.page.getByText("At least 12 characters", { exact: true }).waitFor();
  await seen.page.getByLabel(/^New password \*/).fill(LATER);
  await seen.page.getByLabel(/^New password again/).fill(LATER);
  await seen.page.getByRole("button", { name: "Set the password" }).click();
  await seen.page.getByRole("alert").waitFor();
  assert.equal(await seen.page.getByLabel(/^New password \*/).inputValue(), LATER);
  await seen.check();
  await seen.page.getByLabel(/^Current password/).fill("the-first-password-of-dora");
  await seen.page.getByRole("button", { name: "Set the password" }).click();
  await seen.page.getByText("The session is over").waitFor();
  await seen.page.getByLabel(/^Log-in/).fill("dora");
  await seen.page.getByRole("textbox", { name: /^Password/ }).fill(LATER);
  await seen.page.getByRole("button", { name: "Log in", exact: true }).click();
  await seen.page.getByRole("heading", { name: "Settings" }).waitFor();
  await seen.settled();
  await done(seen);
});
