// The world is what the page is shown and tested with: what its places need has to be in it, sent by real clients.

import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "../world/api.mjs";
import { ATTACKER } from "../world/systems.mjs";
import { SERVICES } from "../world/shop.mjs";
import { stage } from "./setup.mjs";

const here = stage({ browser: false });

test("logs belong to the spans that they were written in", async () => {
  const [{ logs, joined }] = await here.api.sql(`
    SELECT count(*) AS logs, count(s.span_id) AS joined
    FROM logs l LEFT JOIN spans s ON s.trace_id = l.trace_id AND s.span_id = l.span_id AND s.service_name = l.service_name
    WHERE l.service_name = 'checkout'`);
  assert.ok(logs > 500, `${logs} logs of checkout`);
  assert.equal(joined, logs);
});

test("each service sends what it should, in both environments, for days", async () => {
  const rows = await here.api.sql("SELECT service_name, count(DISTINCT resource_attributes['deployment.environment.name']) AS environments, min(timestamp) < now() - INTERVAL '5 days' AS long FROM spans WHERE service_name <> 'tandem' GROUP BY 1");
  const found = Object.fromEntries(rows.map((row) => [row.service_name, row]));
  for (const name of Object.keys(SERVICES)) assert.deepEqual([found[name]?.environments, found[name]?.long], [2, true], name);
  const silent = (await here.api.get("/api/v1/inventory/silent")).rows.filter((row) => row.kind === "service").map((row) => row.name);
  assert.ok(silent.includes("stock") && silent.includes("gift-cards") && !silent.includes("cart"), silent.join());
});

test("the new version fails, and the deployment before it is the suspect", async () => {
  const alert = await eventually("the error budget", async () => (await here.api.get("/api/v1/alerts")).rows.find((row) => row.title.startsWith("Error budget") && row.entity === "service:checkout"), 100);
  const whole = await here.api.get(`/api/v1/alerts/${alert.id}`);
  assert.equal(alert.team, "shop");
  assert.match(JSON.stringify(whole.suspects), /2\.15\.0/);
});

test("the attack is seen by several rules, from one address", async () => {
  const titles = await eventually("alerts of the attack", async () => {
    const found = new Set((await here.api.get("/api/v1/alerts?state=all&limit=500")).rows.map((row) => row.title));
    return ["ssh log-in after many refused ones", "Somebody opened a shell in a container", "A request tries to inject SQL", "An address tries paths that are not there", "A log-in worked after many that failed"].every((title) => found.has(title)) && found;
  });
  assert.ok(titles.has("A download was run at once"), [...titles].join("; "));
  const [{ n }] = await here.api.sql(`SELECT count(*) AS n FROM logs WHERE attributes['client.address'] = '${ATTACKER}' OR attributes['source.address'] = '${ATTACKER}'`);
  assert.ok(n > 60, `${n} rows`);
});

test("last week another team owned the search", async () => {
  const at = (days) => encodeURIComponent(new Date(Date.now() - days * 86_400_000).toISOString());
  const owner = async (query) => JSON.stringify((await here.api.get(`/api/v1/owners?entity=service:search${query}`)).owners ?? (await here.api.get(`/api/v1/owners?entity=service:search${query}`)));
  assert.match(await owner(`&at=${at(7)}`), /"shop"/);
  assert.match(await owner(""), /"discovery"/);
});

test("months of delivery can be measured", async () => {
  const { services } = await here.api.get("/api/v1/dora?service=payments&months=4");
  const months = services["service:payments"];
  const known = (measure) => months.filter((month) => month[measure].value !== null).length;
  for (const measure of ["deployment_frequency", "lead_time_p50", "change_fail_rate"]) assert.ok(known(measure) > 0, measure);
});

test("findings are open, fixed and owned; controls were answered", async () => {
  const { findings } = await here.api.get("/api/v1/findings?limit=500");
  const { findings: fixed } = await here.api.get("/api/v1/findings?state=fixed&limit=500");
  assert.ok(findings.length > 100 && fixed.length > 20, `${findings.length} open, ${fixed.length} fixed`);
  assert.ok(findings.some((one) => one.evidence.exploited && one.rank.score > 80));
  assert.equal(findings.filter((one) => one.path && one.owner).length > 50, true);
  const { rows } = await here.api.get("/api/v1/answers?all=true");
  assert.ok(rows.length >= 8, `${rows.length} answers`);
  assert.ok((await here.api.get("/api/v1/home")).lockdowns.count > 0);
});

test("the audit trail of all that is whole", async () => {
  const { problems, entries } = await here.api.post("/api/v1/audit/verify");
  assert.deepEqual(problems, []);
  assert.ok(entries > 50, `${entries} entries`);
});
