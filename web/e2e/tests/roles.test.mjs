// Who may see and do what, by the API that the page uses.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Api, Refused } from "../world/api.mjs";
import { PEOPLE } from "../world/people.mjs";
import { stage } from "./setup.mjs";

const here = stage({ browser: false, world: { days: 1 } });
const session = (name) => Api.login(here.server.url, name, PEOPLE[name].password);
const refused = (status) => (error) => error instanceof Refused && error.status === status;

test("who only looks sees alerts, and acts on none", async () => {
  const vera = await session("vera");
  const { rows } = await vera.get("/api/v1/alerts");
  assert.ok(rows.length > 5, `${rows.length} alerts`);
  await assert.rejects(vera.post("/api/v1/alerts/act", { ids: [rows[0].id], do: "acknowledge", reason: "mine" }), refused(403));
  const same = (await vera.get("/api/v1/alerts")).rows.find((row) => row.id === rows[0].id);
  assert.equal(same.state, rows[0].state);
});

test("who is on call for a team acts for it, and for no other", async () => {
  const robin = await session("robin");
  const { rows } = await robin.get("/api/v1/alerts");
  const of = (team) => rows.find((row) => row.team === team);
  const theirs = of("discovery");
  assert.ok(theirs, "an alert of discovery");
  await assert.rejects(robin.post("/api/v1/alerts/act", { ids: [theirs.id], do: "acknowledge", reason: "mine" }), refused(403));
  await robin.post("/api/v1/alerts/act", { ids: [of("shop").id], do: "comment", reason: "we look at it" });
});

test("who was granted one dataset sees nothing of another", async () => {
  const iris = await session("iris");
  assert.equal((await iris.get("/api/v1/alerts")).rows.length, 0);
  assert.deepEqual(await iris.sql("SELECT count(*) AS n FROM logs"), [{ n: 0 }]);
  assert.equal((await iris.get("/api/v1/findings")).count, 0);
});

test("a session that changes something shows the token of its page", async () => {
  const answer = await fetch(`${here.server.url}/api/v1/login`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ login: "sam", password: PEOPLE.sam.password }) });
  const cookie = answer.headers.getSetCookie()[0].split(";")[0];
  const without = await fetch(`${here.server.url}/api/v1/logout`, { method: "POST", headers: { cookie } });
  assert.equal(without.status, 403);
  const { csrf } = await answer.json();
  const withIt = await fetch(`${here.server.url}/api/v1/logout`, { method: "POST", headers: { cookie, "x-csrf-token": csrf } });
  assert.equal(withIt.status, 200);
  assert.equal((await fetch(`${here.server.url}/api/v1/me`, { headers: { cookie } })).status, 401);
});
