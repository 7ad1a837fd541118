// A server with the world in it, to look at: `node web/e2e/serve.mjs --size small`. It stays up until it is stopped.

import { parseArgs } from "node:util";
import { Server } from "./server.mjs";
import { fill, goOn } from "./world/main.mjs";

const { values } = parseArgs({
  options: {
    size: { type: "string", default: "small" }, rows: { type: "string" }, hostile: { type: "boolean" }, empty: { type: "boolean" },
    port: { type: "string", default: "0" }, "data-dir": { type: "string" }, "no-live": { type: "boolean" },
  },
});

const server = await Server.start({ port: Number(values.port), dataDir: values["data-dir"], hostile: values.hostile });
let stopping = false;
async function stop(code = 0) {
  if (stopping) return;
  stopping = true;
  await server.stop();
  process.exit(code);
}
process.on("SIGINT", () => stop());
process.on("SIGTERM", () => stop());
server.child.once("exit", (code) => {
  if (!stopping) console.error(`the server ended with ${code}:\n${server.log}`);
  stop(1);
});

try {
  const token = await server.token();
  console.log(`url       ${server.url}\notlp      ${server.otlp}\notlp-grpc ${server.otlpGrpc}\nsyslog    ${server.syslog}\nuser      ${server.user}\npassword  ${server.password}\ntoken     ${token}`);
  const filled = values.empty ? null : await fill({ url: server.url, otlp: server.otlp, token, size: values.size, rows: Number(values.rows ?? 0), hostile: values.hostile, say: console.log });
  console.log("ready");
  if (filled && !values["no-live"]) await goOn(filled);
} catch (error) {
  console.error(error);
  await stop(1);
}
