// What tests share: a server with a world in it, and a browser, for all tests of a file; and how somebody goes to a place.

import { after, before } from "node:test";
import { launch, look } from "../browser.mjs";
import { Server } from "../server.mjs";
import { fill } from "../world/main.mjs";

/**
 * Starts what a file of tests needs before its first test, and stops it after the last. What is answered is filled then.
 * @param {{world?: object | false, browser?: boolean, server?: object}} options
 */
export function stage({ world = {}, browser = true, server = {} } = {}) {
  const here = {
    /** A look at a place, as the admin unless `as` says who. */
    async visit(path, options = {}) {
      const seen = await look(here.browser, here.server, { as: here.admin, ...options });
      await seen.open(path);
      return seen;
    },
  };
  before(async () => {
    here.server = await Server.start(server);
    here.admin = { user: here.server.user, password: here.server.password };
    here.api = await here.server.login();
    if (world) {
      const token = await here.server.token();
      here.world = await fill({ url: here.server.url, otlp: here.server.otlp, token, ...world });
    }
    if (browser) here.browser = await launch();
  });
  after(async () => {
    await here.browser?.close();
    await here.server?.stop();
  });
  return here;
}

/** The end of a look: nothing went wrong in it, and what is shown can be used by everybody. */
export async function done(seen) {
  await seen.check();
  await seen.close();
}
