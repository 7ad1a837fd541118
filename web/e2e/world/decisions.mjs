// What people decide in the world: verdicts asked for, answers, replies, exceptions, an incident worked on, a lockdown,
// a meeting, a drill. By the sessions of those who may.

import { eventually } from "./api.mjs";
import { DAY, SERVICES, versionAt } from "./shop.mjs";
import { FULL_DISK } from "./systems.mjs";

const day = (at) => new Date(at).toISOString().slice(0, 10);

async function verdicts(session, now) {
  const found = {};
  for (const name of ["checkout", "payments", "search", "accounts", "storefront", "shipping", "mailer"]) {
    const version = versionAt(name, "production", now, now);
    const { verdicts: [verdict] } = await session.post("/api/v1/check", { questions: [{ question: "release", service: name, version, environment: "production" }] });
    found[name] = verdict;
  }
  await session.post("/api/v1/check", { questions: [{ question: "scale", service: "search", from: 2, to: 40, environment: "production" }] });
  return found;
}

async function answers({ robin, petra, olga, sam }, asked, now) {
  const say = (session, service, say, control, text, more = {}) => session.post("/api/v1/answers", { to: asked[service].id, control, say, text, ...more });
  await say(robin, "checkout", "helped", "calm-before-change", "it named the incident before we looked");
  await say(robin, "storefront", "helped", "observable-services", "");
  const hurt = await say(robin, "checkout", "hurt", "tested-before-release", "because results of the nightly tests come after the release");
  const question = await say(petra, "payments", "question", "proved-restores", "does a restore of the replica count?");
  const refused = await say(petra, "payments", "exception", "one-change-at-a-time", "payments and fraud are released together", { until: day(now + 60 * DAY) });
  const asks = await say(robin, "checkout", "exception", "fixed-before-release", "the newer library breaks vouchers; we are on it", { until: day(now + 14 * DAY) });
  await say(robin, "search", "hurt", "scanned-before-release", "because the scan runs twice and takes nine minutes");
  await say(petra, "payments", "helped", "known-services", "");
  await olga.post("/api/v1/replies", { to: hurt.answer, did: "answered", reason: "send the results of the last night, that is enough for now" });
  await olga.post("/api/v1/replies", { to: refused.answer, did: "refused", reason: "release fraud first, then payments; ten minutes apart is enough" });
  await sam.post("/api/v1/replies", { to: asks.answer, did: "excepted", reason: "until vouchers are mended", until: day(now + 14 * DAY) });
  return question;
}

async function restrictions({ sam, olga }, now) {
  await sam.post("/api/v1/suppressions", { rule: "ssh-*", entity: "host:stage-*", owner: "security", reason: "the test bed is scanned every night", until: day(now + 30 * DAY), all_teams: false });
  await olga.post("/api/v1/suppressions", { rule: "alertmanager:NodeClockSkewDetected", owner: "platform", reason: "the sensor is wrong, a new one comes on Thursday", until: day(now + 6 * DAY), all_teams: false });
  await olga.post("/api/v1/exceptions", { control: "growth-with-care", entity: "service:search", environment: "production", reason: "load test before the holidays", until: day(now + 5 * DAY) });
  await sam.post("/api/v1/adjustments", { control: "no-exploited-components", mode: "warn", environment: "production", reason: "two weeks of observing showed nothing wrong", until: day(now + 45 * DAY) });
}

/** Alerts that Prometheus sends: some about the story, some of every day. */
export async function prometheus({ door, now }) {
  const alert = (alertname, severity, labels, description, ago, ended) => ({
    labels: { alertname, severity, ...labels }, annotations: { description },
    startsAt: new Date(now - ago * 60_000).toISOString(), endsAt: ended === undefined ? "0001-01-01T00:00:00Z" : new Date(now - ended * 60_000).toISOString(),
  });
  await door.post("/api/v2/alerts", [
    alert("SearchIsSlow", "critical", { service: "search", env: "production" }, "half of all searches take longer than 1.2 s", 18),
    alert("CheckoutConversionLow", "high", { service: "checkout", env: "production" }, "one in four carts that reach the checkout is not bought", 16),
    alert("KubePodCrashLooping", "warning", { deployment: "recommendations", namespace: "shop", cluster: "shop-staging" }, "restarted 4 times in 20 minutes", 70),
    alert("NodeClockSkewDetected", "warning", { instance: "stage-1" }, "clock differs by 3 s", 200),
    alert("CertificateEndsSoon", "warning", { service: "gateway", env: "production" }, "shop.example ends in 9 days", 600),
    alert("QueueGrows", "warning", { service: "mailer", env: "production" }, "orders waits longer than 10 minutes", 90, 20),
    alert("DiskFillsUp", "high", { instance: FULL_DISK, mountpoint: "/var/lib/containerd" }, "full in 3 hours at this pace", 40),
    alert("Watchdog", "none", { instance: "prometheus" }, "always fires, so that silence is noticed", 3000),
  ]);
}

/** What a busy month leaves in the queue. */
export async function manyAlerts({ door, random, now, say }, count = 400) {
  const names = ["PodRestarts", "MemoryHigh", "LatencyHigh", "QueueGrows", "ErrorsHigh", "CertificateEndsSoon", "ProbeFailed", "ReplicaLags"];
  const services = Object.keys(SERVICES);
  const alerts = Array.from({ length: count }, (_, number) => ({
    labels: { alertname: random.pick(names), severity: random.weighted([["critical", 1], ["high", 5], ["warning", 14], ["low", 8]]), service: random.pick(services), shard: String(number) },
    annotations: { description: `shard ${number} is beyond its bound` }, startsAt: new Date(now - random.int(20 * 86_400) * 1000).toISOString(), endsAt: "0001-01-01T00:00:00Z",
  }));
  await door.post("/api/v2/alerts", alerts);
  say(`alerts: ${count} more`);
}

/** Two incidents of other days, which are over: one after the other, and before all else, or they would be one with today's. */
export async function earlier({ door, people: { sam, olga }, now }) {
  const days = [
    ["LabelsPrintedTwice", "shipping", 5 * DAY, "each third parcel has two labels", "the new version asked the carrier twice; it was taken back"],
    ["PaymentsTimeOut", "payments", 2 * DAY, "one in ten payments takes longer than 3 s", "the provider had an outage; nothing of ours was wrong"],
  ];
  for (const [alertname, service, ago, description, reason] of days) {
    const labels = { alertname, severity: "critical", service, env: "production" };
    await door.post("/api/v2/alerts", [{ labels, annotations: { description }, startsAt: new Date(now - ago).toISOString(), endsAt: "0001-01-01T00:00:00Z" }]);
    const { id } = await eventually(`the incident ${alertname}`, async () => (await sam.get("/api/v1/incidents?limit=100")).rows.find((row) => row.title.startsWith(alertname)));
    await olga.post(`/api/v1/incidents/${id}/tasks`, { title: `A test for what caused ${alertname}` });
    await sam.post("/api/v1/alerts/act", { ids: [id], do: "resolve", outcome: "true", reason });
  }
}

/** The worst incident is taken on by who is on call, and written about. */
async function incident({ robin, olga, sam, say }) {
  const { rows } = await eventually("an incident", async () => {
    const found = await robin.get("/api/v1/incidents");
    return found.rows.length > 0 && found;
  });
  const worst = rows.find((row) => `${row.entity}`.includes("checkout")) ?? rows[0];
  const { id } = worst;
  const attempt = async (session, path, body) => session.post(path, body);
  await attempt(olga, "/api/v1/alerts/act", { ids: [id], do: "acknowledge", reason: "" });
  await attempt(olga, "/api/v1/alerts/act", { ids: [id], do: "comment", reason: "The failures began with 2.15.0; carts with a voucher fail, others do not." });
  const lead = await attempt(olga, `/api/v1/incidents/${id}/tasks`, { title: "Lead", team: "shop" });
  await attempt(olga, `/api/v1/incidents/${id}/tasks`, { title: "Take 2.15.0 back", team: "shop", due: "now+1h" });
  await attempt(olga, `/api/v1/incidents/${id}/tasks`, { title: "A test for carts with a voucher", team: "shop", due: "now+7d" });
  await attempt(sam, "/api/v1/incidents", { title: "Somebody was in the mailer", reason: "a shell was opened in its container after a guessed log-in", level: "high", aspect: "security", entity: "service:mailer" });
  say(`an incident is worked on: ${id}, its lead is task ${lead.task}`);
  return id;
}

/** Some alerts are over; what came of them is what the ledger of rules is made of. */
async function judged({ sam }) {
  const { rows } = await sam.get("/api/v1/alerts?limit=200");
  const about = (title) => rows.filter((row) => row.title === title).map((row) => row.id);
  const outcomes = [["Watchdog", "benign", "it is meant to fire"], ["NodeClockSkewDetected", "false", "the sensor is wrong"], ["CertificateEndsSoon", "true", "renewed by hand"]];
  for (const [title, outcome, reason] of outcomes) {
    const ids = about(title);
    if (ids.length > 0) await sam.post("/api/v1/alerts/act", { ids, do: "resolve", outcome, reason });
  }
  const snoozed = about("KubePodCrashLooping");
  if (snoozed.length > 0) await sam.post("/api/v1/alerts/act", { ids: snoozed, do: "snooze", until: "now+4h", reason: "staging is rebuilt tonight" });
}

async function drill(session, say) {
  const { rows } = await session.get("/api/v1/drills");
  if (!rows.length) return say("no drill: the server has no folder of knowledge");
  const { name } = rows.find((one) => one.name === "orders-restore") ?? rows[0];
  let run = await session.post(`/api/v1/drills/${name}/run`, { mode: "tabletop" });
  for (let step = 0; step < 50 && run.step; step++) run = await session.post(`/api/v1/drill-runs/${run.run}/did`, { said: ["the on-call of the platform", "checkout and payments stop with it", "in the vault, two people each have half"][step % 3] });
  await session.post(`/api/v1/drill-runs/${run.run}/finish`, {});
  say(`drill ${name}: talked through`);
}

export async function decide({ api, people, door, now, say }) {
  const asked = await verdicts(people.olga, now);
  await answers(people, asked, now);
  await restrictions(people, now);
  await prometheus({ door, now });
  const id = await incident({ ...people, say });
  await judged(people);
  await people.sam.post("/api/v1/lockdowns", { controls: ["trusted-pipelines", "reviewed-changes"], until: "now+8h", reason: "somebody was in the mailer; nothing goes out that was not read by two", because_of: id });
  await people.olga.post("/api/v1/meetings", { teams: ["shop", "security"], day: day(now - 7 * DAY), notes: "The restore of orders was talked through.\n\n- vouchers: who tests them?\n- the mailer needs an owner" });
  await drill(api, say);
  await api.post("/api/v1/levers/measure", {});
  say(`decisions: ${Object.keys(asked).length} verdicts of ${Object.keys(SERVICES).length} services, answers, replies, restrictions, a lockdown`);
}
