// What holds for every place: it shows real data without an error, can be used by everybody, and fits on the screen.

import assert from "node:assert/strict";
import { test } from "node:test";
import { look } from "../browser.mjs";
import { PLACES, pathOf } from "../places.mjs";
import { stage } from "./setup.mjs";

const here = stage();

for (const place of PLACES) {
  for (const [size, scheme] of [["wide", "dark"], ["narrow", "light"]]) {
    test(`${place.name}, ${size} and ${scheme}`, async () => {
      const path = await pathOf(place, here.api);
      assert.ok(path, `${place.name} has nothing to show`);
      const seen = await look(here.browser, here.server, { size, scheme, as: here.admin });
      await seen.open(path);
      assert.match(await seen.tree("main"), /heading/, "a heading says what it is");
      assert.equal(await seen.overflow(), 0, "it is wider than the screen");
      await seen.check();
      await seen.close();
    });
  }
}
