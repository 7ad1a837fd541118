// Signing in, being refused, signing out: the first thing that anybody meets.

import assert from "node:assert/strict";
import { test } from "node:test";
import { SCHEMES, SIZES, look } from "../browser.mjs";
import { stage } from "./setup.mjs";

const here = stage({ world: false });

for (const size of Object.keys(SIZES)) {
  for (const scheme of SCHEMES) {
    test(`the log-in can be used by everybody: ${size}, ${scheme}`, async () => {
      const seen = await look(here.browser, here.server, { size, scheme });
      seen.expect(/status of 401/);
      await seen.open("/");
      const tree = await seen.tree();
      for (const part of [/textbox "Log-in/, /textbox "Password/, /button "Log in"/]) assert.match(tree, part);
      assert.equal(await seen.overflow(), 0, "it is wider than the screen");
      await seen.check();
      await seen.close();
    });
  }
}

test("a wrong password is told, and what was typed stays", async () => {
  const seen = await look(here.browser, here.server);
  seen.expect(/status of 401/);
  await seen.open("/");
  await seen.page.getByLabel(/^Log-in/).fill(here.admin.user);
  await seen.page.getByLabel(/^Password/).fill("not the password of anybody");
  await seen.page.getByRole("button", { name: "Log in", exact: true }).click();
  await seen.settled();
  assert.equal(await seen.page.getByLabel(/^Log-in/).inputValue(), here.admin.user);
  assert.match(await seen.page.locator("body").innerText(), /password|log-in/i);
  await seen.check();
  await seen.close();
});

test("with the keyboard alone", async () => {
  const seen = await look(here.browser, here.server);
  seen.expect(/status of 401/);
  await seen.open("/");
  await seen.page.getByLabel(/^Log-in/).focus();
  await seen.page.keyboard.type(here.admin.user);
  await seen.page.keyboard.press("Tab");
  await seen.page.keyboard.type(here.admin.password);
  await seen.page.keyboard.press("Enter");
  await seen.page.getByLabel(/^Password/).waitFor({ state: "hidden" });
  await seen.settled();
  await seen.check();
  const cookies = await seen.context.cookies();
  assert.equal(cookies.length, 1);
  assert.ok(cookies[0].httpOnly && cookies[0].sameSite === "Strict", JSON.stringify(cookies[0]));
  await seen.close();
});

test("a session that was ended elsewhere asks again", async () => {
  const seen = await look(here.browser, here.server, { as: here.admin });
  await seen.context.clearCookies();
  await seen.open("/");
  await seen.page.getByLabel(/^Password/).waitFor();
  await seen.close();
});
