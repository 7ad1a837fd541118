// Pictures of each place: `node web/e2e/screenshots.mjs` writes docs/screenshots. An empty server and one with 100,000
// rows, dark and light, wide and narrow. Colours are reduced to a palette, so that the repository stays small.

import { mkdir, readdir, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import UPNG from "upng-js";
import { SCHEMES, SIZES, launch, look } from "./browser.mjs";
import { PLACES, pathOf } from "./places.mjs";
import { Server } from "./server.mjs";
import { Api } from "./world/api.mjs";
import { fill } from "./world/main.mjs";

const OUT = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "docs", "screenshots");
/** Colours of a picture: text stays sharp, charts stay as they are. */
const COLOURS = 64;
const ROWS = 100_000;
/** Of all pictures together. */
const MOST_BYTES = 8 << 20;
/** What charts take to draw after the last answer. */
const DRAW_MS = 300;

const { values } = parseArgs({
  options: {
    only: { type: "string", multiple: true }, out: { type: "string", default: OUT }, filled: { type: "boolean" }, rows: { type: "string" },
    scheme: { type: "string" }, size: { type: "string" }, url: { type: "string" }, user: { type: "string", default: "admin" }, password: { type: "string" }, full: { type: "boolean" }, help: { type: "boolean" },
  },
});
if (values.help) {
  console.log(`node web/e2e/screenshots.mjs [options]

  --only NAME      this place alone, as places.mjs calls it; several times
  --filled         not the empty server
  --scheme, --size dark or light; wide or narrow
  --rows N         rows of logs beside the world [default: 100000]
  --url, --user, --password   a server that runs already, instead of own ones
  --full           the whole page instead of what fits on the screen
  --out FOLDER     [default: docs/screenshots]`);
  process.exit(0);
}

const chosen = (all, wanted) => all.filter((one) => wanted === undefined || one === wanted);
const places = PLACES.filter(({ name }) => !values.only || values.only.includes(name));

/** The picture with few colours. */
function small(png) {
  const image = UPNG.decode(png.buffer.slice(png.byteOffset, png.byteOffset + png.byteLength));
  return Buffer.from(UPNG.encode(UPNG.toRGBA8(image), image.width, image.height, COLOURS));
}

async function take(browser, server, as, state) {
  const api = await Api.login(server.url, as.user, as.password);
  const taken = [];
  for (const size of chosen(Object.keys(SIZES), values.size)) {
    for (const scheme of chosen(SCHEMES, values.scheme)) {
      const seen = await look(browser, server, { size, scheme, as, reducedMotion: true });
      for (const place of places) {
        const path = await pathOf(place, api);
        if (path === null) continue;
        await seen.open(path).catch((error) => console.error(`${place.name}: ${error.message}`));
        await seen.page.waitForTimeout(DRAW_MS);
        const name = `${place.name}-${state}-${scheme}-${SIZES[size].width}.png`;
        await writeFile(join(values.out, name), small(await seen.page.screenshot({ fullPage: values.full })));
        taken.push(name);
      }
      for (const problem of seen.problems) console.error(`${state} ${scheme} ${size}: ${problem}`);
      await seen.close();
    }
  }
  console.log(`${state}: ${taken.length} pictures`);
}

async function withServer(work) {
  const server = await Server.start();
  try {
    return await work(server, { user: server.user, password: server.password });
  } finally {
    await server.stop();
  }
}

await mkdir(values.out, { recursive: true });
const browser = await launch();
try {
  if (values.url) await take(browser, { url: values.url, page: values.url }, values, "filled");
  else {
    if (!values.filled) await withServer((server, as) => take(browser, server, as, "empty"));
    await withServer(async (server, as) => {
      const token = await server.token();
      await fill({ url: server.url, otlp: server.otlp, token, rows: Number(values.rows ?? ROWS), say: console.log });
      await take(browser, server, as, "filled");
    });
  }
} finally {
  await browser.close();
}

const sizes = await Promise.all((await readdir(values.out)).map(async (name) => (await stat(join(values.out, name))).size));
const bytes = sizes.reduce((sum, size) => sum + size, 0);
console.log(`${sizes.length} pictures, ${(bytes / (1 << 20)).toFixed(1)} MiB in ${values.out}`);
if (bytes > MOST_BYTES) {
  console.error(`more than ${MOST_BYTES >> 20} MiB: take fewer colours, or fewer places`);
  process.exitCode = 1;
}
