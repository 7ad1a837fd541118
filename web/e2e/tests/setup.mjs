// What tests share: a server with a world in it, and a browser, for all tests of a file.

import { after, before } from "node:test";
import { launch } from "../browser.mjs";
import { Server } from "../server.mjs";
import { fill } from "../world/main.mjs";

/**
 * Starts what a file of tests needs before its first test, and stops it after the last. What is answered is filled then.
 * @param {{world?: object | false, browser?: boolean, server?: object}} options
 */
export function stage({ world = {}, browser = true, server = {} } = {}) {
  const here = {};
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
