// The accessibility trees of the places, as they are kept in `trees/`: of a server that nothing was sent to, and of a full one where what is
// there does not hang on the minute. `TANDEM_TREES=write` writes them anew.

import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { describe, test } from "node:test";
import { PLACES, pathOf } from "../places.mjs";
import { outline } from "../tree.mjs";
import { stage } from "./setup.mjs";

const FOLDER = new URL("./trees/", import.meta.url);
const writing = process.env.TANDEM_TREES === "write";
const place = (name) => PLACES.find((one) => one.name === name);

/** Not what hangs on the minute: measures, which alerts there are by now, what is most urgent, which lines came last, what panels have points for. */
const FILLED = [
  ...["findings", "controls", "control", "services", "readiness", "dashboards", "settings", "explore-sql", "explore-traces"].map(place),
  { name: "findings-parts", path: "/findings?tab=parts" },
  { name: "controls-exceptions", path: "/controls?tab=exceptions" },
  { name: "controls-answers", path: "/controls?tab=answers&which=all" },
  { name: "controls-lockdowns", path: "/controls?tab=lockdowns" },
  { name: "service-parts", path: "/services/service%3Acheckout?tab=parts" },
  { name: "service-responsibility", path: "/services/service%3Acheckout?tab=responsibility" },
  { name: "readiness-restore", path: "/readiness?tab=restore" },
  { name: "readiness-drills", path: "/readiness?tab=drills" },
  { name: "readiness-runbook", path: "/readiness?page=runbooks/checkout.md" },
  { name: "planning-agenda", path: "/planning?teams=shop%2Bsecurity&write=1" },
  { name: "planning-roadmap", path: "/planning?tab=roadmap" },
  { name: "planning-upgrades", path: "/planning?tab=upgrades" },
  { name: "planning-stream", path: "/planning?tab=stream&of=service:checkout" },
  { name: "alerts-suppressions", path: "/alerts?tab=suppressions" },
  { name: "settings-users", path: "/settings?tab=users" },
];

/** Where an empty server shows what it sends itself, sooner or later; so do dashboards. */
const OWN = new Set(["explore-search", "explore-traces", "explore-metrics", "services"]);

/** Compares places one after the other, in one page: what the one before left must not matter. */
function compared(here, folder) {
  let seen;
  return async ({ name, path }) => {
    await (seen ? seen.open(path) : here.visit(path).then((first) => (seen = first)));
    const tree = outline(await seen.tree("main"));
    const file = new URL(`${folder}/${name}.yml`, FOLDER);
    if (writing) {
      await mkdir(new URL(".", file), { recursive: true });
      return writeFile(file, tree);
    }
    const kept = await readFile(file, "utf8").catch(() => "");
    assert.equal(tree, kept, `${name} is read otherwise by a screen reader than ${folder}/${name}.yml says; if it is meant to be, write it with TANDEM_TREES=write`);
  };
}

describe("nothing was sent", () => {
  const here = stage({ world: false });
  const compare = compared(here, "empty");
  for (const one of PLACES) {
    // What is about something has nothing to be about yet.
    if (typeof one.path !== "string" || OWN.has(one.name) || one.name.startsWith("dashboard-")) continue;
    test(one.name, () => compare(one));
  }
});

describe("a shop", () => {
  const here = stage();
  const compare = compared(here, "filled");
  for (const one of FILLED) {
    test(one.name, async () => {
      const path = await pathOf(one, here.api);
      assert.ok(path, `${one.name} has nothing to show`);
      await compare({ ...one, path });
    });
  }
});
