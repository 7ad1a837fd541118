// Half a year of pushes, pull requests, pipelines, deployments and incidents, told as CloudEvents as a pipeline would.

import { DAY, HOUR, MINUTE, REPOSITORY, SERVICES } from "./shop.mjs";

/** Events of one request; the server takes 1,000. */
const BATCH = 500;
const MONTHS_BACK = 180 * DAY;

const iso = (at) => new Date(at).toISOString();
/** Times in attributes are nanoseconds. */
const nanos = (at) => Math.round(at) * 1e6;

class Stream {
  constructor() {
    this.events = [];
    this.number = 0;
  }

  tell(kind, entity, at, more = {}) {
    this.number += 1;
    const { environment, version, ...attributes } = more;
    this.events.push({ specversion: "1.0", id: `w-${this.number}`, source: "/world/pipeline", type: "dev.tandem.change", data: { kind, entity, at: iso(at), ...(environment ? { environment } : {}), ...(version ? { version } : {}), attributes } });
  }
}

/** A deployment with all that came before it: commits, a pull request, its pipeline. */
function delivered(stream, random, name, version, at, more = {}) {
  const service = SERVICES[name];
  const repository = `repository:${REPOSITORY(service.repository)}`;
  const commit = random.hex(40);
  const pushed = at - random.between(1, 26) * HOUR;
  const count = 1 + random.int(5);
  const commits = Array.from({ length: count }, (_, index) => ({ id: index === count - 1 ? commit : random.hex(40), at: nanos(pushed - (count - index) * random.between(0.4, 5) * HOUR) }));
  const number = 200 + stream.number;
  stream.tell("pull_request", repository, pushed - 10 * MINUTE, { action: "merged", number, branch: "main", head_branch: `${name}-${version}`, merge_commit: commit, opened_at: commits[0].at, merged_at: nanos(pushed - 10 * MINUTE), first_commit_at: commits[0].at });
  stream.tell("push", repository, pushed, { branch: "main", commit, commits, commits_total: count, default_branch: true });
  const failed = random.chance(0.12);
  stream.tell("workflow", repository, pushed + 9 * MINUTE, { name: "build", conclusion: failed ? "failure" : "success", branch: "main", commit, started_at: nanos(pushed + MINUTE), ended_at: nanos(pushed + 9 * MINUTE) });
  if (random.chance(0.5)) stream.tell("security_feedback", repository, pushed + random.between(4, 200) * MINUTE, { tool: "code-check", action: "created", number, rule: random.pick(["java.weak-random", "js.open-redirect", "go.unchecked-error"]), severity: "medium", commit });
  stream.tell("release", repository, pushed + 20 * MINUTE, { tag: `${name}-${version}`, commit });
  const id = `${name}-${version}-${stream.number}`;
  stream.tell("deployment", `service:${name}`, at - 5 * HOUR > pushed ? at - 5 * HOUR : at - 20 * MINUTE, { environment: "staging", version, status: "success", deployment_id: `${id}-staging`, commit });
  stream.tell("deployment", `service:${name}`, at, { environment: "production", version, status: "success", deployment_id: id, commit, ...more });
  return { id, commit };
}

/** Versions before those that telemetry tells of: one every week or two, some of which fail. */
function past(stream, random, name, now) {
  const oldest = SERVICES[name].versions[0][1];
  let [major, minor] = SERVICES[name].versions[0][0].split(".").map(Number);
  const pace = random.weighted([[6, 3], [10, 3], [24, 1]]) * DAY;
  for (let ago = oldest + pace; ago < MONTHS_BACK; ago += pace * random.between(0.6, 1.5)) {
    minor = minor > 0 ? minor - 1 : 9;
    if (minor === 9) major = Math.max(0, major - 1);
    const at = now - ago;
    const version = `${major}.${minor}.0`;
    const { id } = delivered(stream, random, name, version, at);
    if (!random.chance(0.13)) continue;
    const incident = `inc-${name}-${version}`;
    const opened = at + random.between(5, 90) * MINUTE;
    const mended = opened + random.between(15, 300) * MINUTE;
    stream.tell("incident", `service:${name}`, opened, { environment: "production", action: "opened", incident, caused_by: id });
    stream.tell("deployment", `service:${name}`, mended - 5 * MINUTE, { environment: "production", version: `${major}.${minor}.1`, status: "success", deployment_id: `${id}-mend`, hotfix: true });
    stream.tell("incident", `service:${name}`, mended, { environment: "production", action: "resolved", incident });
  }
}

export async function sendChanges({ api, random, now, say }) {
  const stream = new Stream();
  const commits = {};
  for (const name of Object.keys(SERVICES)) {
    const own = random.fork(name);
    past(stream, own, name, now);
    for (const [version, ago] of SERVICES[name].versions) {
      const back = name === "shipping" && version === "1.7.9" && ago < 6 * DAY;
      commits[`${name} ${version}`] = delivered(stream, own, name, version, now - ago, back ? { rollback: true } : {});
    }
  }
  const shipping = 5 * DAY;
  stream.tell("incident", "service:shipping", now - shipping + 6 * MINUTE, { environment: "production", action: "opened", incident: "inc-labels", caused_by: commits["shipping 1.8.0"].id });
  stream.tell("incident", "service:shipping", now - shipping + 55 * MINUTE, { environment: "production", action: "resolved", incident: "inc-labels" });
  stream.tell("config", "service:search", now - 23 * MINUTE, { environment: "production", version: "112", file: "search.toml", setting: "query_cache", value: "off" });
  stream.tell("flag", `repository:${REPOSITORY("shop")}`, now - 3 * HOUR, { name: "new-voucher-dialog", active: true });
  stream.tell("infrastructure", "k8s.cluster:shop-prod", now - 2 * DAY, { environment: "production", action: "node pool grown from 3 to 4" });
  stream.tell("security_feedback", `repository:${REPOSITORY("shop")}`, now - 8 * DAY, { tool: "dependency review", action: "created", number: 41, rule: "CVE-2021-23337", severity: "high", package: "lodash" });
  stream.tell("security_feedback", `repository:${REPOSITORY("shop")}`, now - 2 * DAY, { tool: "dependency review", action: "fixed", number: 39, rule: "CVE-2020-8203", severity: "high", package: "lodash" });
  for (let from = 0; from < stream.events.length; from += BATCH) {
    await api.send("/api/v1/events", JSON.stringify(stream.events.slice(from, from + BATCH)), "application/cloudevents-batch+json");
  }
  // Two by the door that people and scripts use.
  await api.post("/api/v1/changes", { kind: "config", entity: "service:gateway", version: "88", environment: "production", at: iso(now - 6 * HOUR), key: "gateway-88", attributes: { file: "limits.yaml", setting: "requests_per_minute", value: "600" } });
  say(`changes: ${stream.events.length + 1}`);
  return commits;
}
