// A headless Chromium that looks at the page as somebody does: at two widths, dark and light, with a watch on everything
// that goes wrong on the way.

import assert from "node:assert/strict";
import { accessSync, constants, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";
import { chromium } from "playwright-core";
import { TRAP } from "./world/hostile.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** How wide the page is looked at, and how high. */
export const SIZES = { wide: { width: 1440, height: 900 }, narrow: { width: 390, height: 844 } };
export const SCHEMES = ["dark", "light"];

/** The rules of accessibility that are looked at, and what is bad enough to fail. */
const AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const BAD = ["serious", "critical"];
/** Places of one violation that are told. */
const SHOWN = 4;
/** A frame that took longer was seen to stutter. */
export const LONG_FRAME_MS = 50;
/** Three beats of the display are 50 ms, and its clock is told with an error. */
const CLOCK_MS = 1;

/** A page is done when nothing was asked for so long; and when it is not within this, something hangs. */
const QUIET_MS = 350;
const SETTLED_MS = 20_000;
/** Requests that never end, and what the page shows while it is busy. */
const ENDLESS = /\/api\/v1\/tail/;
const BUSY = "[aria-busy=true], progress:visible, [role=progressbar]:visible";

/** The system's Chromium: `CHROMIUM`, else what is found in PATH. */
export function executable() {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  const names = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    for (const name of names) {
      try {
        accessSync(join(folder, name), constants.X_OK);
        return join(folder, name);
      } catch {
        // Not in this folder.
      }
    }
  }
  throw new Error("no Chromium in PATH; on Debian `apt-get install chromium`, or name one in CHROMIUM");
}

/** One browser for all tests of a file; close it at the end. */
export function launch() {
  // The sandbox cannot be had by root.
  const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return chromium.launch({ executablePath: executable(), args });
}

/** Runs in the page: notes how long each frame took while it is asked to. */
function watchFrames() {
  const kept = { frames: [], on: false };
  window.__frames = {
    start() {
      kept.frames = [];
      kept.on = true;
      let last = performance.now();
      const step = (now) => {
        if (!kept.on) return;
        kept.frames.push(now - last);
        last = now;
        requestAnimationFrame(step);
      };
      requestAnimationFrame((now) => {
        last = now;
        requestAnimationFrame(step);
      });
    },
    stop() {
      kept.on = false;
      return kept.frames;
    },
  };
}

/** A page, and what went wrong in it. */
export class Look {
  /** @type {string[]} */
  problems = [];

  /** What is asked and not answered yet. */
  #asked = new Set();
  #quietSince = Date.now();

  constructor(context, page, base) {
    Object.assign(this, { context, page, base, expected: [] });
    const over = (request) => {
      if (this.#asked.delete(request)) this.#quietSince = Date.now();
    };
    page.on("request", (request) => ENDLESS.test(request.url()) || this.#asked.add(request));
    page.on("requestfinished", over);
    page.on("requestfailed", over);
    page.on("pageerror", (error) => this.#wrong(`error: ${error.stack ?? error.message}`));
    page.on("console", (message) => {
      if (message.type() === "error") this.#wrong(`console: ${message.text()} (${message.location().url})`);
    });
    page.on("requestfailed", (request) => {
      const why = request.failure()?.errorText ?? "";
      // What the page itself gave up, since nobody needs its answer any more.
      if (why !== "net::ERR_ABORTED") this.#wrong(`request: ${request.method()} ${request.url()}: ${why}`);
    });
  }

  #wrong(text) {
    if (!this.expected.some((pattern) => pattern.test(text))) this.problems.push(text);
  }

  /** What is going to be wrong, and is meant to be. */
  expect(...patterns) {
    this.expected.push(...patterns);
  }

  async open(path) {
    await this.page.goto(this.base + path);
    await this.settled();
  }

  /** Waits until the page asks for nothing and says that it is busy with nothing. */
  async settled() {
    const until = Date.now() + SETTLED_MS;
    for (;;) {
      const quiet = this.#asked.size === 0 && Date.now() - this.#quietSince > QUIET_MS;
      if (quiet && (await this.page.locator(BUSY).count()) === 0) return;
      if (Date.now() > until) {
        const open = [...this.#asked].map((request) => request.url());
        throw new Error(`${this.page.url()} was not done within ${SETTLED_MS / 1000} s; it waits for ${open.join(", ") || BUSY}`);
      }
      await new Promise((done) => setTimeout(done, 40));
    }
  }

  async login(user, password) {
    // Who is not known is told so, once for each thing that was asked.
    this.expect(/status of 401/);
    if (!this.page.url().startsWith(this.base)) await this.page.goto(`${this.base}/`);
    const secret = this.page.getByLabel(/^Password/);
    await this.page.getByLabel(/^Log-in/).fill(user);
    await secret.fill(password);
    await this.page.getByRole("button", { name: "Log in", exact: true }).click();
    await secret.waitFor({ state: "hidden" });
    await this.settled();
  }

  /** Violations of accessibility that are serious: a line for each rule, with how often and where first. */
  async violations(root) {
    await this.page.evaluate(AXE);
    const found = await this.page.evaluate(
      ([tags, root]) => window.axe.run(root ?? document, { runOnly: { type: "tag", values: tags }, resultTypes: ["violations"] }),
      [AXE_TAGS, root],
    );
    return found.violations.filter(({ impact }) => BAD.includes(impact)).map(({ id, impact, help, nodes }) =>
      `${impact} ${id}: ${help}: ${nodes.length} times: ${nodes.slice(0, SHOWN).map((node) => node.target.join(" ")).join(", ")}`);
  }

  /** The page as a screen reader has it: roles and names, as YAML. */
  tree(selector = "body") {
    return this.page.locator(selector).ariaSnapshot();
  }

  /** How long frames took while something was done. */
  async frames(act) {
    await this.page.evaluate(() => window.__frames.start());
    await act();
    const frames = await this.page.evaluate(() => window.__frames.stop());
    const long = frames.filter((took) => took > LONG_FRAME_MS + CLOCK_MS);
    return { count: frames.length, longest: Math.max(0, ...frames), long };
  }

  /** Whether something that was sent ran. */
  trapped() {
    return this.page.evaluate((name) => window[name] !== undefined, TRAP);
  }

  /** Fails when anything went wrong so far: errors, violations, or something that ran. */
  async check({ axe = true } = {}) {
    assert.deepEqual(this.problems, [], `${this.page.url()} had errors`);
    if (axe) assert.deepEqual(await this.violations(), [], `${this.page.url()} is not accessible`);
    assert.equal(await this.trapped(), false, `${this.page.url()} ran what was sent`);
  }

  /** How many pixels the page is wider than the screen: nobody scrolls sideways. */
  overflow() {
    return this.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  }

  close() {
    return this.context.close();
  }
}

/**
 * A new page of a server, as nobody, unless `as` names a user of it.
 * @param {{size?: keyof SIZES, scheme?: "dark"|"light", as?: {user: string, password: string}, reducedMotion?: boolean}} options
 */
export async function look(browser, server, { size = "wide", scheme = "dark", as, reducedMotion = false } = {}) {
  const context = await browser.newContext({ viewport: SIZES[size], colorScheme: scheme, reducedMotion: reducedMotion ? "reduce" : "no-preference", locale: "en-GB", timezoneId: "UTC", serviceWorkers: "block" });
  const page = await context.newPage();
  await page.addInitScript(watchFrames);
  const seen = new Look(context, page, server.page ?? server.url);
  if (as) await seen.login(as.user, as.password);
  return seen;
}
