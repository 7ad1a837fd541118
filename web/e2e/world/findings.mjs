// Findings, each by the way they come in real life: the scanner run on folders, another tool's SARIF, results of weeks.

import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { ADVISORIES, EXPLOITED, REPOSITORIES } from "./repositories.mjs";
import { DAY, HOUR, REPOSITORY, SERVICES, versionAt } from "./shop.mjs";

const run = promisify(execFile);
/** Weeks of results of a tool that looks at images; and findings of one report when there are many. */
const WEEKS = 12;
const MANY_IN_ONE = 500;

const OSV_PACKAGE = { npm: "npm", PyPI: "PyPI", Go: "Go" };

async function write(folder, files) {
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
}

/** The file of advisories that the scanner asks. */
async function advisories(bin, folder) {
  const osv = (one) => JSON.stringify({
    schema_version: "1.7.3", id: one.id, modified: "2026-01-15T00:00:00Z", published: "2024-01-15T00:00:00Z", summary: one.summary,
    severity: [{ type: "CVSS_V3", score: one.cvss }],
    affected: [{ package: { ecosystem: OSV_PACKAGE[one.ecosystem], name: one.name }, ranges: [{ type: "ECOSYSTEM", events: [{ introduced: one.introduced ?? "0" }, { fixed: one.fixed }] }] }],
  });
  await write(join(folder, "osv"), Object.fromEntries(ADVISORIES.map((one) => [`${one.id}.json`, osv(one)])));
  const kev = { title: "Known exploited", catalogVersion: "2026.01.15", dateReleased: "2026-01-15T00:00:00Z", count: EXPLOITED.length, vulnerabilities: EXPLOITED.map((cveID) => ({ cveID, vendorProject: "x", product: "x", vulnerabilityName: "x", dateAdded: "2023-10-10", shortDescription: "x", requiredAction: "x", dueDate: "2023-10-31" })) };
  await write(folder, { "known_exploited_vulnerabilities.json": JSON.stringify(kev) });
  const file = join(folder, "advisories.db");
  await run(bin, ["db", "import", "--db", file, join(folder, "osv"), join(folder, "known_exploited_vulnerabilities.json")]);
  return file;
}

async function scanned(bin, url, token, folder, db) {
  const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(TANDEM_|GITHUB_|GITLAB_|CI$)/.test(name)));
  await run(bin, ["scan", "--no-cache", "--db", db, "--server", url, "."], { cwd: folder, env: { ...environment, TANDEM_TOKEN: token }, maxBuffer: 1 << 26 });
}

/** Scans what was committed first, then what was committed since, as a pipeline does. */
async function scans({ url, token, bin, now, say }) {
  const folder = await mkdtemp(join(tmpdir(), "tandem-world-"));
  try {
    const db = await advisories(bin, folder);
    for (const [name, { before, after }] of Object.entries(REPOSITORIES)) {
      const tree = join(folder, name);
      await mkdir(tree);
      const git = (words, at = now) => run("git", ["-c", "user.name=pipeline", "-c", "user.email=pipeline@example.org", "-c", "init.defaultBranch=main", "-c", "commit.gpgsign=false", ...words], { cwd: tree, env: { ...process.env, GIT_AUTHOR_DATE: new Date(at).toISOString(), GIT_COMMITTER_DATE: new Date(at).toISOString() } });
      await git(["init", "-q"]);
      await git(["remote", "add", "origin", `https://${REPOSITORY(name)}.git`]);
      for (const [files, ago] of [[before, 21 * DAY], [after, 2 * HOUR]]) {
        await write(tree, files);
        await git(["add", "-A"]);
        await git(["commit", "-q", "-m", "as it is"], now - ago);
        await scanned(bin, url, token, tree, db);
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  say(`findings: ${Object.keys(REPOSITORIES).length} repositories scanned twice`);
}

const finding = (fingerprint, rule, severity, title, more = {}) => ({ fingerprint, rule, severity, title, ...more });

const IMAGE_FINDINGS = [
  ["CVE-2024-6387", "critical", "openssh-server 1:9.2p1-2 lets strangers run code before a log-in", "pkg:deb/debian/openssh-server@1:9.2p1-2", "1:9.2p1-2+deb12u3", true],
  ["CVE-2023-4911", "high", "glibc 2.36-9 lets local users become root", "pkg:deb/debian/glibc@2.36-9", "2.36-9+deb12u3", true],
  ["CVE-2023-38545", "high", "curl 7.88.1-10 overflows a buffer by a long host name", "pkg:deb/debian/curl@7.88.1-10", "7.88.1-10+deb12u4", false],
  ["CVE-2024-0553", "medium", "gnutls28 3.7.9-2 tells keys by its timing", "pkg:deb/debian/gnutls28@3.7.9-2", "3.7.9-2+deb12u2", false],
  ["CVE-2022-3715", "medium", "bash 5.1-2 reads beyond a buffer", "pkg:deb/debian/bash@5.1-2", "5.1-2+deb11u1", false],
  ["CVE-2023-31484", "low", "perl 5.36.0-7 does not check certificates of its archive", "pkg:deb/debian/perl@5.36.0-7", "5.36.0-7+deb12u1", false],
];

/** Twelve weeks of a tool that looks at images: weaknesses come, and go with the version that mends them. */
async function weeks({ api, random, now }) {
  for (const name of ["checkout", "payments", "search", "accounts", "mailer", "shipping"]) {
    const own = random.fork(name);
    const lives = IMAGE_FINDINGS.map((one) => ({ one, from: own.int(WEEKS), weeks: name === "mailer" ? WEEKS : 2 + own.int(8), has: own.chance(0.75) })).filter((life) => life.has);
    for (let week = 0; week <= WEEKS; week++) {
      const at = now - (WEEKS - week) * 7 * DAY - HOUR;
      const there = lives.filter(({ from, weeks: long }) => week >= from && week < from + long);
      const report = {
        entity: { kind: "service", key: name }, tool: { name: "image-scan", version: "3.1" }, category: "image", at: at * 1e6,
        source: { version: versionAt(name, "production", at, now) },
        findings: there.map(({ one: [rule, severity, title, component, fixed, exploited] }) => finding(`${name}:${rule}`, rule, severity, title, { evidence: { component, advisory: rule, fixed: [fixed], exploited } })),
      };
      await api.post("/api/v1/scans", { report });
    }
  }
}

/** What a tool for code says, as SARIF. */
async function sarif({ api, now }) {
  const results = [
    ["java.sql-injection", "error", "A statement is put together from what a customer typed", "accounts/src/main/java/org/example/Accounts.java", 141],
    ["java.weak-random", "warning", "Tokens are made by a generator that can be guessed", "accounts/src/main/java/org/example/Tokens.java", 33],
    ["java.logs-password", "error", "A password is written into the log", "accounts/src/main/java/org/example/Login.java", 87],
    ["java.open-redirect", "warning", "The page to return to is not checked", "accounts/src/main/java/org/example/Login.java", 120],
  ].map(([ruleId, level, text, uri, startLine]) => ({ ruleId, level, message: { text }, locations: [{ physicalLocation: { artifactLocation: { uri }, region: { startLine } } }] }));
  const log = (some) => JSON.stringify({ version: "2.1.0", runs: [{ tool: { driver: { name: "code-check", version: "2.4" } }, results: some }] });
  const given = (ago, commit) => ({ subject: `repository:${REPOSITORY("accounts")}`, commit, branch: "main", at: new Date(now - ago).toISOString() });
  await api.document("sarif", "code-check.sarif", log(results.slice(0, 3)), given(19 * DAY, "1f".repeat(20)));
  await api.document("sarif", "code-check.sarif", log(results.slice(1)), given(3 * DAY, "2e".repeat(20)));
}

/** What the services are built of, for the radius of an upgrade. */
async function bills({ api }) {
  const parts = { shop: [["npm", "lodash", "4.17.20"], ["npm", "express", "4.19.2"], ["npm", "react", "19.2.0"]], mailer: [["npm", "lodash", "4.17.20"], ["npm", "nodemailer", "6.9.1"]], payments: [["pypi", "flask", "2.2.5"], ["pypi", "pyyaml", "5.3.1"]], accounts: [["maven", "org.postgresql/postgresql", "42.7.4"]] };
  for (const [name, list] of Object.entries(parts)) {
    const components = list.map(([type, part, version]) => ({ type: "library", name: part, version, purl: `pkg:${type}/${part}@${version}`, licenses: [{ license: { id: "MIT" } }] }));
    const bill = { bomFormat: "CycloneDX", specVersion: "1.6", version: 1, metadata: { component: { type: "application", name } }, components };
    await api.document("cyclonedx", `${name}.cdx.json`, bill, { subject: `repository:${REPOSITORY(name)}` });
  }
}

/** Many, for lists that have to stay quick. */
async function many({ api, random, now, count, say }) {
  const rules = ["unpinned-image", "wide-permission", "missing-limit", "old-protocol", "debug-left-on", "unchecked-input"];
  const severities = [["critical", 1], ["high", 6], ["medium", 20], ["low", 40], ["info", 10]];
  for (let sent = 0; sent < count; sent += MANY_IN_ONE) {
    const repository = `fleet-${String(sent / MANY_IN_ONE).padStart(2, "0")}`;
    const findings = Array.from({ length: Math.min(MANY_IN_ONE, count - sent) }, (_, number) => {
      const rule = random.pick(rules);
      return finding(`${repository}-${number}`, rule, random.weighted(severities), `${rule.replaceAll("-", " ")} in part ${number}`, { path: `services/part-${number % 60}/deploy.yaml`, line: 1 + random.int(200), owners: [random.pick(Object.keys(SERVICES).map((name) => SERVICES[name].owner).filter(Boolean))] });
    });
    const report = { entity: { kind: "repository", key: REPOSITORY(repository) }, tool: { name: "fleet-check", version: "1" }, at: (now - random.int(20) * DAY) * 1e6, source: { branch: "main", commit: random.hex(40) }, findings };
    await api.post("/api/v1/scans", { report });
  }
  say(`findings: ${count} more`);
}

export async function sendFindings(world) {
  await weeks(world);
  await sarif(world);
  await bills(world);
  if (world.bin) await scans(world);
  else world.say("findings: no binary to scan with, set TANDEM_BIN");
  if (world.size === "large") await many({ ...world, count: 10_000 });
}
