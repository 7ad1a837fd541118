// A client of the server's API, by a token or by a session as a browser has it.

/** Requests that take longer have gone wrong. */
const TIMEOUT_MS = 120_000;

export class Refused extends Error {
  constructor(method, path, status, text) {
    super(`${method} ${path}: ${status} ${text.slice(0, 500)}`);
    this.status = status;
    this.text = text;
  }
}

export class Api {
  #headers;

  constructor(url, headers = {}) {
    this.url = url.replace(/\/$/, "");
    this.#headers = headers;
  }

  static withToken(url, token) {
    return new Api(url, token ? { authorization: `Bearer ${token}` } : {});
  }

  static async login(url, login, password) {
    const open = new Api(url);
    const answer = await open.#ask("POST", "/api/v1/login", JSON.stringify({ login, password }), { "content-type": "application/json" });
    const cookie = answer.headers.getSetCookie().map((one) => one.split(";")[0]).join("; ");
    const { csrf } = await answer.json();
    return new Api(url, { cookie, "x-csrf-token": csrf });
  }

  async #ask(method, path, body, headers = {}) {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const answer = await fetch(this.url + path, { method, body, headers: { ...this.#headers, ...headers }, signal });
    if (!answer.ok) throw new Refused(method, path, answer.status, await answer.text());
    return answer;
  }

  async get(path) {
    return (await this.#ask("GET", path)).json();
  }

  async post(path, body = {}) {
    return this.send(path, JSON.stringify(body), "application/json");
  }

  /** Anything but JSON: documents, lines. */
  async send(path, body, type = "application/octet-stream", headers = {}) {
    const text = await (await this.#ask("POST", path, body, { "content-type": type, ...headers })).text();
    return text ? JSON.parse(text) : null;
  }

  /** A document of another tool; `given` says what it is about, when it was so, and the like. */
  async document(format, name, document, given = {}) {
    const query = new URLSearchParams({ name, ...given });
    return this.send(`/api/v1/import/${format}?${query}`, typeof document === "string" ? document : JSON.stringify(document));
  }

  /** Rows of a statement, as objects. */
  async sql(sql) {
    const { columns, rows } = await this.post("/api/v1/sql", { sql, format: "json" });
    return rows.map((row) => Object.fromEntries(columns.map((column, at) => [column.name, row[at]])));
  }
}

/** Waits until something is so, and answers what `look` did; what it throws does not count until the time is over. */
export async function eventually(what, look, seconds = 30) {
  const until = Date.now() + seconds * 1000;
  for (let pause = 20; ; pause = Math.min(pause * 1.5, 500)) {
    let failed;
    try {
      const found = await look();
      if (found) return found;
    } catch (error) {
      failed = error;
    }
    if (Date.now() > until) throw new Error(`not within ${seconds} s: ${what}${failed ? `: ${failed.message}` : ""}`, { cause: failed });
    await new Promise((done) => setTimeout(done, pause));
  }
}
