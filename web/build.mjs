// Bundles the page: `node build.mjs [--modules DIR] [--out DIR] [--watch-free]`.
//
// Writes every file compressed, and `manifest.json` that names each with its type and the file it is in. Names carry a hash of the
// content, so that a browser may keep them for good; `index.html` alone is asked for anew.
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync, constants } from 'node:zlib'

const here = dirname(fileURLToPath(import.meta.url))
const TYPES = { js: 'text/javascript; charset=utf-8', css: 'text/css; charset=utf-8', html: 'text/html; charset=utf-8', svg: 'image/svg+xml' }

/** Bundles for production; `modules` is the folder that holds `node_modules`. */
export async function bundle({ modules = here, minify = true } = {}) {
  const esbuild = createRequire(join(resolve(modules), 'package.json'))('esbuild')
  const result = await esbuild.build({
    entryPoints: { main: join(here, 'src/main.tsx') },
    outdir: '/assets',
    bundle: true,
    splitting: true,
    format: 'esm',
    target: ['es2022'],
    jsx: 'automatic',
    minify,
    metafile: true,
    write: false,
    nodePaths: [join(resolve(modules), 'node_modules')],
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    define: { 'process.env.NODE_ENV': '"production"' },
    legalComments: 'none',
    logLevel: 'warning',
  })
  const files = oneSheet(result.outputFiles.map((file) => ({ name: basename(file.path), bytes: Buffer.from(file.contents) })))
  const named = (kind) => files.find((file) => file.name.startsWith('main-') && file.name.endsWith(kind))?.name
  const icon = readFileSync(join(here, 'src/icon.svg'))
  const iconName = `icon-${createHash('sha256').update(icon).digest('hex').slice(0, 8)}.svg`
  files.push({ name: iconName, bytes: icon })
  const page = readFileSync(join(here, 'src/index.html'), 'utf8')
    .replace('%script%', `/assets/${named('.js')}`)
    .replace('%style%', `/assets/${named('.css')}`)
    .replace('%icon%', `/assets/${iconName}`)
  files.push({ name: 'index.html', bytes: Buffer.from(page) })
  return { files, first: firstLoad(result.metafile, named('.js')) }
}

/** A place that is loaded later brings a sheet of its own, which nothing would load: all are put into the first one. */
function oneSheet(files) {
  const sheets = files.filter((file) => file.name.endsWith('.css')).sort((a, b) => Number(b.name.startsWith('main-')) - Number(a.name.startsWith('main-')) || a.name.localeCompare(b.name))
  const bytes = Buffer.concat(sheets.map((file) => file.bytes))
  const name = `main-${createHash('sha256').update(bytes).digest('hex').slice(0, 8)}.css`
  return [...files.filter((file) => !file.name.endsWith('.css')), { name, bytes }]
}

/** Names of the scripts that the first load needs: the entry and what it imports, without what is loaded later. */
function firstLoad(metafile, entry) {
  const outputs = new Map(Object.entries(metafile.outputs).map(([path, output]) => [basename(path), output]))
  const seen = new Set()
  const visit = (name) => {
    if (seen.has(name) || !outputs.has(name)) return
    seen.add(name)
    for (const { path, kind } of outputs.get(name).imports) if (kind === 'import-statement') visit(basename(path))
  }
  visit(entry)
  return [...seen]
}

export const typeOf = (name) => TYPES[name.split('.').pop()] ?? 'application/octet-stream'

async function main() {
  const option = (name, usual) => {
    const at = process.argv.indexOf(`--${name}`)
    return at < 0 ? usual : process.argv[at + 1]
  }
  const out = resolve(option('out', join(here, 'dist')))
  const { files, first } = await bundle({ modules: option('modules', here) })
  rmSync(out, { recursive: true, force: true })
  mkdirSync(out, { recursive: true })
  const manifest = files.map(({ name, bytes }) => {
    const packed = gzipSync(bytes, { level: constants.Z_BEST_COMPRESSION })
    writeFileSync(join(out, `${name}.gz`), packed)
    return { name, type: typeOf(name), bytes: bytes.length, packed: packed.length, first: first.includes(name) }
  })
  writeFileSync(join(out, 'manifest.json'), JSON.stringify(manifest, null, 1))
  const sum = manifest.filter((file) => file.first).reduce((total, file) => total + file.packed, 0)
  console.log(`${manifest.length} files; script on first load ${(sum / 1000).toFixed(1)} kB compressed`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main()
