// Types of the API from its description: `npm run types [-- FILE]`; the file is what `tandem openapi` prints.
// `--check` changes nothing and fails when the types are stale.
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { text as whole } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import openapi, { astToString } from 'openapi-typescript'

const here = dirname(fileURLToPath(import.meta.url))
const given = process.argv.slice(2).filter((one) => !one.startsWith('--'))[0]
const to = join(here, 'src/api/types.ts')
const document = JSON.parse(given ? readFileSync(given, 'utf8') : await whole(process.stdin))
// The page goes by paths; operations' own names are not needed.
for (const methods of Object.values(document.paths)) for (const one of Object.values(methods)) delete one.operationId
const text = `// Made from the server's OpenAPI document by \`npm run types\`; do not edit.\n${astToString(await openapi(document, { alphabetize: true }))}`
if (process.argv.includes('--check')) {
  if (readFileSync(to, 'utf8') !== text) {
    console.error('web/src/api/types.ts is stale: run `tandem openapi | npm --prefix web run types`')
    process.exit(1)
  }
} else writeFileSync(to, text)
