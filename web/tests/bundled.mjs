// Runs a module of TypeScript in Node with a page of its own: bundled as the browser gets it, React in its development form.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import * as esbuild from 'esbuild'
import { GlobalRegistrator } from '@happy-dom/global-registrator'

const here = dirname(fileURLToPath(import.meta.url))

/** Everything that `file`, beside this one, exports. The page is at `address`. */
export async function bundled(file, address = 'http://127.0.0.1:7400/') {
  if (!GlobalRegistrator.isRegistered) GlobalRegistrator.register({ url: address })
  globalThis.IS_REACT_ACT_ENVIRONMENT = true
  const { outputFiles } = await esbuild.build({ entryPoints: [join(here, file)], bundle: true, write: false, format: 'esm', platform: 'browser', target: 'es2022', jsx: 'automatic', outdir: 'out', loader: { '.css': 'empty' }, define: { 'process.env.NODE_ENV': '"development"' }, logLevel: 'warning' })
  const folder = mkdtempSync(join(tmpdir(), 'tandem-web-'))
  const path = join(folder, 'module.mjs')
  writeFileSync(path, outputFiles[0].text)
  try {
    return await import(pathToFileURL(path).href)
  } finally {
    rmSync(folder, { recursive: true })
  }
}
