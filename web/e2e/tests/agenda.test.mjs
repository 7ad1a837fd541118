// The agenda of two teams: made from what happened, gone through, noted, and found again at the next meeting and by the search.

import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "../world/api.mjs";
import { PEOPLE } from "../world/people.mjs";
import { done, stage } from "./setup.mjs";

const here = stage();
const { visit } = here;
const as = (user) => ({ user, password: PEOPLE[user].password });
const DAY_MS = 86_400_000;
const day = (ahead = 0) => new Date(Date.now() + ahead * DAY_MS).toISOString().slice(0, 10);
const agenda = (on) => here.api.get(`/api/v1/agenda?teams=shop%2Bsecurity&for=${on}`);
const PLACE = "/planning?teams=shop%2Bsecurity";
const section = (seen, name) => seen.page.getByRole("region", { name, exact: true });
const notes = (seen) => seen.page.getByLabel("Notes (Markdown)");

test("what is to be spoken of is what the server made of the data, and a line leads to what it is about", async () => {
  const seen = await visit(PLACE);
  const { sections } = await agenda(day());
  const full = sections.filter(({ items }) => items.length > 0);
  assert.ok(full.length > 4, "much happened in this world");
  for (const { title, items, more } of full) {
    const shown = section(seen, title);
    assert.equal(await shown.getByRole("listitem").count(), items.length + (more > 0 ? 1 : 0), title);
    assert.ok((await shown.innerText()).includes(items[0].text.slice(0, 40)), title);
  }
  const empty = seen.page.getByText(/^Nothing under:/);
  for (const { title } of sections.filter(({ items }) => items.length === 0)) assert.ok((await empty.innerText()).includes(title.toLowerCase()), title);
  const { items: [finding] } = full.find(({ name }) => name === "findings");
  await section(seen, "Findings that matter, and who has the next step").getByRole("link", { name: finding.text }).click();
  await seen.page.waitForURL(new RegExp(`/findings\\?open=${finding.ids[0]}$`));
  await seen.settled();
  assert.equal(await seen.page.getByRole("complementary").getByRole("alert").count(), 0);
  await seen.page.goBack();
  await seen.settled();
  const { items: [question] } = full.find(({ name }) => name === "questions");
  await section(seen, "Open questions about controls").getByRole("link", { name: question.text }).click();
  await seen.settled();
  await seen.page.getByRole("dialog").getByText("because the scan runs twice").first().waitFor();
  await done(seen);
});

test("a meeting is prepared, held and noted; what was decided is there next time, and found by its words", async () => {
  const on = day(7);
  const decided = "The mailer is looked after by platform from Monday on";
  const seen = await visit(`${PLACE}&day=${on}`, { as: as("olga") });
  const { page } = seen;
  await page.getByRole("button", { name: "Write notes" }).click();
  assert.match(await notes(seen).inputValue(), /## Decided[\s\S]*## Next steps/);
  await notes(seen).fill(`## Decided\n\n- ${decided}\n\n## Next steps\n\n- platform: an owner file for the mailer`);
  await seen.check();
  // Who prepares closes the page; what was typed is there when they come back.
  await page.reload();
  await seen.settled();
  assert.ok((await notes(seen).inputValue()).includes(decided));
  await page.getByRole("button", { name: "Keep", exact: true }).click();
  await page.getByText("Kept, and found by the search").waitFor();
  await seen.settled();
  assert.match(await section(seen, "Notes of this meeting").innerText(), new RegExp(`Decided\\s+${decided}[\\s\\S]*Next steps`));
  assert.equal(await section(seen, "Meetings held").getByRole("listitem").count(), 2);

  // What comes later replaces it, and begins with it.
  await page.getByRole("button", { name: "Write on" }).click();
  await notes(seen).press("Control+End");
  await notes(seen).pressSequentially("\n- shop: says who tests the vouchers");
  await page.getByRole("button", { name: "Keep", exact: true }).click();
  await section(seen, "Notes of this meeting").getByText("shop: says who tests the vouchers").waitFor();
  assert.equal(await section(seen, "Meetings held").getByRole("listitem").count(), 2, "it is one meeting");
  await seen.check();

  const next = await agenda(day(14));
  assert.equal(next.held, on);
  for (const part of [decided, "an owner file for the mailer", "who tests the vouchers"]) assert.ok(next.notes.includes(part), part);
  await seen.open(`${PLACE}&day=${day(14)}`);
  assert.match(await section(seen, "Notes of the last meeting").innerText(), new RegExp(`${on}[\\s\\S]*${decided}`));
  assert.equal(await section(seen, "Notes of this meeting").count(), 0);

  const { hits } = await eventually("the search knows it", async () => {
    const told = await here.api.get("/api/v1/knowledge/search?q=mailer+monday&kind=meeting");
    return told.hits.length > 0 && told;
  });
  assert.match(hits[0].title, new RegExp(on));
  await seen.open("/readiness?q=mailer+monday&kind=meeting");
  await page.getByRole("table", { name: "Pages found" }).getByRole("link", { name: new RegExp(on) }).click();
  await section(seen, "Notes of this meeting").getByText(decided).waitFor();
  await seen.settled();
  await done(seen);
});

test("without the server nothing is kept, it says so, and what was typed stays", async () => {
  const seen = await visit(`${PLACE}&day=${day(21)}&write=1`);
  seen.expect(/ERR_INTERNET_DISCONNECTED/);
  await notes(seen).fill("## Decided\n\n- nothing goes out on a Friday");
  await seen.context.setOffline(true);
  await seen.page.getByRole("button", { name: "Keep", exact: true }).click();
  await seen.page.getByRole("alert").filter({ hasText: "The server does not answer" }).first().waitFor();
  assert.match(await notes(seen).inputValue(), /Friday/);
  await seen.context.setOffline(false);
  await seen.page.getByRole("button", { name: "Keep", exact: true }).click();
  await section(seen, "Notes of this meeting").getByText("nothing goes out on a Friday").waitFor();
  await seen.settled();
  await done(seen);
});

test("who may only look reads the notes and is not offered to write them", async () => {
  const seen = await visit(`${PLACE}&write=1`, { as: as("vera") });
  assert.equal(await seen.page.getByRole("button", { name: "Write notes" }).count(), 0);
  assert.equal(await notes(seen).count(), 0);
  await section(seen, "Notes of the last meeting").getByText("vouchers: who tests them?").waitFor();
  await done(seen);
});

test("teams that never met and of which nothing is known are told so", async () => {
  const seen = await visit("/planning?teams=nobody-knows-them");
  await seen.page.getByRole("heading", { name: /Nothing to talk about|New controls/ }).first().waitFor();
  assert.equal(await seen.page.getByRole("alert").count(), 0);
  assert.equal(await section(seen, "Meetings held").count(), 0);
  await done(seen);
});
