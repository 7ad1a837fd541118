// The next steps on Home: five at first, all of them on demand; each opens to what its number counts.

import assert from "node:assert/strict";
import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { eventually } from "../world/api.mjs";
import { done, stage } from "./setup.mjs";

const here = stage({ world: { days: 2 } });
const steps = (seen) => seen.page.getByRole("region", { name: "Next steps" });
const titles = (seen) => steps(seen).locator(".home-lever button.home-open").allInnerTexts();
const told = async (query = "") => (await here.api.get(`/api/v1/levers${query}`)).levers;

/** What the server says, once the page shows the same: facts of the world still come in, and change the order. */
const agreed = (seen, query, fits = () => true) => eventually("the page shows what the server says", async () => {
  await seen.page.reload();
  await seen.settled();
  const levers = (await told(query)).filter(fits);
  return isDeepStrictEqual(await titles(seen), levers.map(({ title }) => title)) && levers;
});

test("at most five are shown; all on demand, in the same order, kept in the address", async () => {
  const seen = await here.visit("/");
  assert.equal((await agreed(seen)).length, 5);
  await steps(seen).getByRole("link", { name: "All steps" }).click();
  await seen.settled();
  assert.match(seen.page.url(), /steps=all/);
  const all = await agreed(seen, "?all=true");
  assert.ok(all.length > 5, `${all.length} levers`);
  const text = await steps(seen).innerText();
  assert.ok(text.includes(`${all.length} steps`), "it says how many");
  for (const { operations, security } of all) assert.ok(text.includes(operations) && text.includes(security), "each says why, for both sides");
  await seen.check();
  await steps(seen).getByRole("link", { name: "The first five" }).click();
  await seen.settled();
  assert.equal((await titles(seen)).length, 5);
  await done(seen);
});

test("one of the others opens to its rows, of which each has an owner or says that it has none", async () => {
  const all = await told("?all=true");
  let wanted;
  for (const lever of all.slice(5)) {
    const { rows } = await here.api.get(`/api/v1/levers/${lever.id}`);
    if (rows.length > (wanted?.rows.length ?? 0)) wanted = { ...lever, rows };
  }
  assert.ok(wanted, "one beyond the first five counts something");
  const seen = await here.visit("/?steps=all");
  const one = steps(seen).getByRole("listitem").filter({ has: seen.page.getByRole("button", { name: wanted.title, exact: true }) }).first();
  await one.getByRole("button", { name: wanted.title, exact: true }).click();
  await seen.settled();
  assert.match(seen.page.url(), new RegExp(`lever=${wanted.id}`));
  const more = one.getByRole("button", { name: /^Show all/ });
  if (await more.count()) await more.click();
  assert.equal(await one.locator(".home-rows li").count(), wanted.rows.length);
  assert.ok((await one.innerText()).includes(wanted.first_step), "the first step is told");
  await done(seen);
});

test("of one team its own are shown, and how many are others'", async () => {
  const team = "shop";
  const seen = await here.visit(`/?steps=all&team=${team}`);
  const own = await agreed(seen, "?all=true", ({ owners }) => owners.includes(team));
  const all = await told("?all=true");
  assert.ok(own.length > 0 && own.length < all.length);
  assert.ok((await steps(seen).innerText()).includes(`${own.length} of ${all.length} steps; what is left out`));
  await done(seen);
});
