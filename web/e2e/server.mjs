// The real server, on free ports, with a data folder of its own: for tests, for screenshots, for looking at real data.

import { spawn } from "node:child_process";
import { cp, mkdtemp, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Api } from "./world/api.mjs";
import { hostileKnowledge } from "./world/hostile.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
const KNOWLEDGE = join(HERE, "world", "knowledge");
const CONFIG = join(HERE, "world", "tandem.toml");

/** A server that is not ready by then will never be. */
const START_MS = 60_000;
/** It writes what is in memory to files before it ends. */
const STOP_MS = 30_000;
const DAY_MS = 86_400_000;

/** The binary that is asked for by `TANDEM_BIN`. */
export function binary() {
  const path = process.env.TANDEM_BIN;
  if (!path) throw new Error("set TANDEM_BIN to the binary of Tandem, such as target/release/tandem");
  return path;
}

/** Copies the folder of knowledge, with days instead of `{day+30}`: plans are ahead whenever this runs. */
async function knowledge(into, hostile, now = Date.now()) {
  await cp(KNOWLEDGE, into, { recursive: true });
  for (const name of await readdir(into, { recursive: true })) {
    const path = join(into, name);
    if (!(await stat(path)).isFile()) continue;
    const text = await readFile(path, "utf8");
    await writeFile(path, text.replace(/\{day([+-]\d+)\}/g, (_, days) => new Date(now + Number(days) * DAY_MS).toISOString().slice(0, 10)));
  }
  if (hostile) await hostileKnowledge(into);
  return into;
}

/** What the server prints until it is ready: a word, and what it is. */
function greeting(child) {
  return new Promise((resolve, reject) => {
    const said = { log: "" };
    const late = setTimeout(() => reject(new Error(`the server was not ready within ${START_MS / 1000} s:\n${said.log}`)), START_MS);
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`the server ended with ${code}:\n${said.log}`)));
    child.stderr.on("data", (bytes) => (said.log = (said.log + bytes).slice(-64_000)));
    let rest = "";
    child.stdout.on("data", (bytes) => {
      const lines = (rest + bytes).split("\n");
      rest = lines.pop();
      for (const line of lines) {
        const [word, ...what] = line.trim().split(/\s+/);
        if (word !== "ready") said[word] = what.join(" ");
        else {
          clearTimeout(late);
          child.removeAllListeners("exit");
          resolve(said);
        }
      }
    });
  });
}

const freePort = () => new Promise((done, failed) => {
  const taken = createServer();
  taken.once("error", failed);
  taken.listen(0, "127.0.0.1", () => {
    const { port } = taken.address();
    taken.close(() => done(port));
  });
});

/** The page as it is written just now, instead of the one in the binary: `TANDEM_DEV` names web/dev.mjs. */
async function developing(url) {
  const port = await freePort();
  const child = spawn(process.execPath, [process.env.TANDEM_DEV, "--server", url, "--port", String(port)], { stdio: ["ignore", "pipe", "inherit"] });
  await new Promise((ready, failed) => {
    child.stdout.once("data", ready);
    child.once("error", failed);
    child.once("exit", (code) => failed(new Error(`${process.env.TANDEM_DEV} ended with ${code}`)));
  });
  return { child, page: `http://127.0.0.1:${port}` };
}

/** Starts the binary; what the environment says to another one is left out. */
function run(command) {
  const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("TANDEM_")));
  return spawn(binary(), command, { env: environment, stdio: ["ignore", "pipe", "pipe"] });
}

export class Server {
  /**
   * Starts it. `dataDir` is kept, a temporary one is removed by `stop`; `flags` are added; `port` is free unless said.
   * @param {{dataDir?: string, flags?: string[], port?: number, withKnowledge?: boolean, hostile?: boolean}} options
   */
  static async start({ dataDir, flags = [], port = 0, withKnowledge = true, hostile = false } = {}) {
    const folder = await mkdtemp(join(tmpdir(), "tandem-e2e-"));
    const data = dataDir ?? join(folder, "data");
    const free = ["--otlp-grpc-listen", "--otlp-http-listen", "--syslog-listen"].flatMap((flag) => [flag, "127.0.0.1:0"]);
    const given = withKnowledge ? ["--knowledge", await knowledge(join(folder, "knowledge"), hostile)] : [];
    const command = ["serve", "--config", CONFIG, "--data-dir", data, "--http-listen", `127.0.0.1:${port}`, ...free, ...given, ...flags];
    const child = run(command);
    try {
      const server = new Server(child, folder, data, await greeting(child), command);
      if (process.env.TANDEM_DEV) server.dev = await developing(server.url);
      server.page = server.dev?.page ?? server.url;
      return server;
    } catch (error) {
      child.kill("SIGKILL");
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  constructor(child, folder, dataDir, said, command) {
    Object.assign(this, { child, folder, dataDir, said, command });
    this.url = said.http;
    this.otlp = said["otlp-http"];
    this.otlpGrpc = said["otlp-grpc"];
    this.syslog = said.syslog;
    /** Told at the first start of a data folder alone. */
    this.user = said.user;
    this.password = said.password;
  }

  /** What it wrote to standard error, the latest part. */
  get log() {
    return this.said.log;
  }

  /** A session of a user; the first one when nothing is said. */
  login(user = this.user, password = this.password) {
    return Api.login(this.url, user, password);
  }

  /** A token for programs, of an admin of everything. */
  async token() {
    const api = await this.login();
    const { token } = await api.post("/api/v1/tokens", { kind: "api", name: "e2e", grants: [{ role: "admin", team: "*", datasets: ["*"] }] });
    return token;
  }

  /** Ends the process, does something without it, and starts it at the same address with the same data. */
  async without(act) {
    await this.#end();
    try {
      await act();
    } finally {
      const command = this.command.map((word, at) => (this.command[at - 1] === "--http-listen" ? new URL(this.url).host : word));
      this.child = run(command);
      this.said = await greeting(this.child);
    }
  }

  async stop() {
    this.dev?.child.kill("SIGTERM");
    await this.#end();
    await rm(this.folder, { recursive: true, force: true });
  }

  async #end() {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const ended = new Promise((done) => this.child.once("exit", done));
      this.child.kill("SIGTERM");
      const late = setTimeout(() => this.child.kill("SIGKILL"), STOP_MS);
      await ended;
      clearTimeout(late);
    }
  }
}
