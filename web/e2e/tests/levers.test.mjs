// The next steps on Home: five at first, all of them on demand; each opens to what its number counts.

import assert from "node:assert/strict";
import { test } from "node:test";
import { done, stage } from "./setup.mjs";

const here = stage({ world: { days: 2 } });
const steps = (seen) => seen.page.getByRole("region", { name: "Next steps" });
const titles = (seen) => steps(seen).locator(".home-lever button.home-open").allInnerTexts();
const told = async (query = "") => (await here.api.get(`/api/v1/levers${query}`)).levers;

test("at most five are shown; all on demand, in the same order, kept in the address", async () => {
  const [five, all] = [await told(), await told("?all=true")];
  assert.equal(five.length, 5);
  assert.ok(all.length > 5, `${all.length} levers`);
  const seen = await here.visit("/");
  assert.deepEqual(await titles(seen), five.map(({ title }) => title));
  await steps(seen).getByRole("link", { name: "All steps" }).click();
  await steps(seen).getByText(`all ${all.length}`).waitFor();
  assert.deepEqual(await titles(seen), all.map(({ title }) => title));
  const text = await steps(seen).innerText();
  for (const { operations, security } of all) assert.ok(text.includes(operations) && text.includes(security), "each says why, for both sides");
  await seen.check();
  await seen.page.reload();
  await seen.settled();
  assert.equal((await titles(seen)).length, all.length, "the address says it");
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
  const all = await told("?all=true");
  const team = "shop";
  const own = all.filter(({ owners }) => owners.includes(team));
  assert.ok(own.length > 0 && own.length < all.length);
  const seen = await here.visit(`/?steps=all&team=${team}`);
  assert.deepEqual(await titles(seen), own.map(({ title }) => title));
  assert.ok((await steps(seen).innerText()).includes(`${own.length} of ${all.length}; what is left out`));
  await done(seen);
});
