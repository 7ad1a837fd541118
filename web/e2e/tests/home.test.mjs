// The first minutes of an empty server: a token, something to paste, and the page turns live.

import assert from "node:assert/strict";
import { test } from "node:test";
import { SCHEMES, SIZES, look } from "../browser.mjs";
import { stage } from "./setup.mjs";

const here = stage({ world: false });

for (const size of Object.keys(SIZES)) {
  for (const scheme of SCHEMES) {
    test(`an empty server says what to paste: ${size}, ${scheme}`, async () => {
      const seen = await look(here.browser, here.server, { size, scheme, as: here.admin });
      await seen.page.getByRole("heading", { name: "Welcome" }).waitFor();
      for (const way of ["OpenTelemetry SDK", "Collector", "A machine", "One line now"]) {
        await seen.page.getByRole("button", { name: way, exact: true }).click();
        assert.match(await seen.page.locator(".paste pre").innerText(), new RegExp(way === "One line now" ? "/api/v1/ingest/json" : "4318|endpoint"));
      }
      assert.equal(await seen.overflow(), 0, "it is wider than the screen");
      await seen.check();
      await seen.close();
    });
  }
}

test("from an empty server to the first event: token, paste, live", async () => {
  const seen = await look(here.browser, here.server, { as: here.admin });
  await seen.page.getByText("Waiting for the first event").waitFor();
  await seen.page.getByRole("button", { name: "Make a token for sending" }).click();
  await seen.page.getByText("already in the text below").waitFor();
  const pasted = await seen.page.locator(".paste pre").innerText();
  const [, token] = /Bearer (tdm_\S+?)'/.exec(pasted);
  const [, body] = /--data-binary '(.*)'/.exec(pasted);
  // What curl would send; the address is the server's own, also where the page comes from beside it.
  const sent = await fetch(`${here.server.url}/api/v1/ingest/json`, { method: "POST", headers: { authorization: `Bearer ${token}` }, body });
  assert.equal(sent.status, 200, await sent.text());
  await seen.page.getByText("Live", { exact: true }).waitFor();
  assert.match(await seen.page.locator("main").innerText(), /1 sender; last hello by json/);
  await seen.check();
  await seen.page.getByRole("button", { name: "Go on to Home" }).click();
  await seen.page.getByRole("heading", { name: "Next steps" }).waitFor();
  await seen.check();
  await seen.close();
});
