// What must be shown as text and never run: script, control characters, characters that turn text around or hide it, in
// every place that comes from outside. Each has a mark, so that a test can look for it where it is shown.

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DAY, REPOSITORY, SECOND } from "./shop.mjs";

/** What runs when something is not escaped: it sets this on the window of the page. */
export const TRAP = "__trapped";
/** Names of the parts, which stand in their texts. */
export const MARK = "hostile-mark";

const script = `<script>window.${TRAP}=1</script>`;
const image = `<img src=x onerror="window.${TRAP}=1">`;
const link = `javascript:window.${TRAP}=1`;
const breakout = `"'></textarea></title></style>${script}`;
/** A right-to-left override, isolates, zero widths, a byte order mark. */
const hidden = "\u202Egnp.exe\u202C \u2066a\u2069 z\u200Bero\u200D \uFEFFw";
/** Sequences of terminals, a bell, a return, and what ends lines in other places. */
const control = "\u001b[2J\u001b[31mred\u001b[0m \u0007 \r back \u2028 \u0085 \u009b31m";
const nested = `\${window.${TRAP}=1} {{constructor.constructor('window.${TRAP}=1')()}}`;

export const TEXTS = { script, image, breakout, hidden, control, nested, long: "a".repeat(20_000), wide: "\u0e01\u0e47".repeat(400), link: `[click](${link})` };

/** Markdown of a page, with what renderers were fooled by. */
export const MARKDOWN = `# ${MARK} page ${image}

${script}

[a link](${link}) ![a picture](${link}) <a href="${link}">b</a> [c](data:text/html;base64,PHNjcmlwdD4=) <${link}>

| a ${image} | b |
|---|---|
| ${breakout.replaceAll("|", "")} | ${hidden} |

\`\`\`html"onmouseover="window.${TRAP}=1
${script}
\`\`\`

<details ontoggle="window.${TRAP}=1" open><summary>x</summary></details>

<svg><animate onbegin="window.${TRAP}=1"></svg>
`;

/** Files for the folder of knowledge: a runbook, and a control whose words are as bad as they may be. */
export async function hostileKnowledge(folder) {
  const bad = JSON.stringify(`${MARK} ${image} ${hidden}`);
  const until = new Date(Date.now() + 90 * DAY).toISOString().slice(0, 10);
  const files = {
    "runbooks/hostile.md": `---\ntitle: ${bad}\nservices: [${JSON.stringify(`${MARK}-service${image}`)}]\nowner: security\n---\n\n${MARKDOWN}`,
    "controls/hostile.md": `---\ntitle: ${bad}\nowner: security\nthreat: ${bad}\nprotects:\n  operations: ${bad}\n  security: ${bad}\nmode: observe\nreview_by: ${until}\nask: ${bad}\n---\n\n${MARKDOWN}`,
    "roadmap/hostile.yaml": `initiative: ${bad}\nwhy: {operations: ${bad}, security: ${bad}}\nhorizon: now\nowner: security\nteams: [security]\nfrom: ${until}\nuntil: ${until}\n`,
    "drills/hostile.yaml": `name: hostile\ntitle: ${bad}\nservice: checkout\nowner: security\nsteps:\n  - {do: ${bad}, question: ${bad}}\nrollback:\n  - ${bad}\n`,
    "meetings/hostile.yaml": "teams: [security]\nphase: running\n",
    "upgrades/hostile.yaml": `upgrade: ${bad}\ncomponent: pkg:npm/lodash\nto_version: ${bad}\nwhy: ${bad}\nowner: security\nfrom: ${until}\nuntil: ${until}\nback: ${bad}\nobjections_until: ${until}\n`,
    "dashboards/hostile.yaml": `title: ${bad}\nabout: ${bad}\nowner: security\nvariables:\n  - {name: body, label: ${bad}, table: logs, field: service}\npanels:\n  - {title: ${bad}, kind: markdown, width: 12, text: ${JSON.stringify(MARKDOWN)}}\n  - {title: ${bad}, kind: search, query: ${MARK}, width: 12}\n  - {title: ${bad}, kind: table, query: "${MARK} | count by service", width: 6}\n  - {title: ${bad}, kind: chart, query: "${MARK} | rate $step by service", width: 6}\n  - {title: ${bad}, kind: sql, sql: "SELECT body, service_name FROM logs WHERE body LIKE '${MARK}%'", width: 12}\n`,
  };
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(folder, name, ".."), { recursive: true });
    await writeFile(join(folder, name), text);
  }
}

/** The finding itself, hidden with a reason and an owner, as the page does it. */
async function suppressed(api, reason) {
  const { findings: [{ id }] } = await api.get(`/api/v1/findings?rule=${MARK}-rule&limit=1`);
  await api.post("/api/v1/findings/suppress", { findings: [id], owner: "security", reason, until: new Date(Date.now() + 7 * DAY).toISOString() });
}

export async function sendHostile({ api, door, otlp, sdk, now, say, people }) {
  const service = `${MARK}-service${image}`;
  const names = Object.entries(TEXTS);
  const attributes = Object.fromEntries(names.map(([name, text]) => [`${MARK}.${name}`, text]));
  const resource = { "service.name": service, "service.version": `1${script}`, "host.name": `${MARK}-host${image}`, "deployment.environment.name": hidden, "k8s.pod.name": `${MARK}-pod${breakout}` };
  const records = names.map(([name, text], index) => ({ at: now - (index + 2) * SECOND, severity: "ERROR", body: `${MARK} ${name} ${text}`, attributes: { ...attributes, [`key${image}`]: 1, "exception.stacktrace": `${breakout}\n${control}` } }));
  await otlp.logs(resource, records, `scope${script}`);
  const spans = { name: `${MARK} GET /${image}`, kind: "server", service, attributes, children: [], logs: [], error: `${MARK} ${breakout}`, events: [{ name: `exception${script}`, attributes: { "exception.message": breakout } }] };
  sdk.emit({ ...spans, start: now - 5 * SECOND, end: now - 4 * SECOND }, () => ({ environment: "production", version: "1", pod: 0, logs: true, resource }));
  await sdk.flush();
  await otlp.gauges(resource, [{ name: `${MARK}.metric`, unit: image, points: [{ at: now - SECOND, value: 1, attributes }] }]);
  await api.post("/api/v1/facts", { origin: "catalog", observations: [
    { about: { entity: { kind: "service", key: service } }, at: now * 1e6, attributes: { tier: script, description: breakout, title: image, runbook: link } },
    { about: { relation: { kind: "part_of", from: { kind: "service", key: service }, to: { kind: "system", key: `${MARK}-system${image}` } } }, at: now * 1e6 },
  ] });
  await api.post("/api/v1/owners", { entity: `service:${service}`, owner: "security", reason: `${MARK} ${breakout}` });
  const finding = { fingerprint: MARK, rule: `${MARK}-rule`, severity: "critical", title: `${MARK} ${image} ${hidden}`, message: `${breakout} ${control}`, path: `src/${script}/a.yml`, line: 3, evidence: { component: `pkg:npm/${image}@1`, advisory: script, aliases: [link], fixed: [image], via: [breakout, hidden] } };
  await api.post("/api/v1/scans", { report: { entity: { kind: "repository", key: REPOSITORY(`${MARK}${image}`) }, tool: { name: `${MARK}-tool${script}`, version: image }, source: { branch: image, commit: script, pipeline: link }, findings: [finding] } });
  await api.post("/api/v1/changes", { kind: "config", entity: `service:${service}`, version: image, environment: hidden, attributes: { file: breakout, uri: link } });
  await door.post("/api/v2/alerts", [{ labels: { alertname: `${MARK} ${image} ${hidden}`, severity: "critical", service: "checkout", pod: breakout }, annotations: { description: `${MARK} ${breakout} ${control}`, runbook_url: link }, startsAt: new Date(now).toISOString(), endsAt: "0001-01-01T00:00:00Z" }]);
  const text = `${MARK} ${breakout} ${hidden}`;
  await people.robin.post("/api/v1/answers", { control: "known-services", entity: "service:checkout", say: "question", text });
  await people.sam.post("/api/v1/suppressions", { rule: `${MARK}-${image}`, entity: `host:${MARK}*`, owner: "security", reason: text, all_teams: false });
  await people.olga.post("/api/v1/exceptions", { control: "safe-images", entity: "service:checkout", reason: text });
  const opened = await people.sam.post("/api/v1/incidents", { title: `${MARK} incident ${image} ${hidden}`, reason: text, level: "high", team: "security" });
  await people.sam.post(`/api/v1/incidents/${opened.incident}/tasks`, { title: `${MARK} task ${image}` });
  await people.sam.post("/api/v1/meetings", { teams: ["security"], notes: MARKDOWN });
  await suppressed(api, text);
  say("hostile: logs, spans, metrics, an entity, a finding, a change, an alert, an answer, restrictions, an incident, notes, a suppressed finding");
}
