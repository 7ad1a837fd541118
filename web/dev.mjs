// The page on its own, beside a running server: `node dev.mjs [--server http://127.0.0.1:7400] [--port 7500]`.
// Bundled anew for each load of the page; everything else is passed on to the server.
import { createServer, request } from 'node:http'
import { bundle, typeOf } from './build.mjs'

const option = (name, usual) => {
  const at = process.argv.indexOf(`--${name}`)
  return at < 0 ? usual : process.argv[at + 1]
}
const server = new URL(option('server', 'http://127.0.0.1:7400'))
const port = Number(option('port', '7500'))
let files = []
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

createServer(async (asked, answer) => {
  const path = asked.url.split('?')[0]
  const asset = path.startsWith('/assets/') && files.find((file) => file.name === path.slice('/assets/'.length))
  if (asset) return answer.writeHead(200, { 'content-type': typeOf(asset.name) }).end(asset.bytes)
  if (!path.startsWith('/api/') && (asked.headers.accept ?? '').includes('text/html')) {
    try {
      files = (await bundle({ minify: false })).files
    } catch (error) {
      return answer.writeHead(500, { 'content-type': 'text/plain' }).end(String(error.message))
    }
    const page = files.find((file) => file.name === 'index.html')
    return answer.writeHead(200, { 'content-type': typeOf('index.html'), 'content-security-policy': policy }).end(page.bytes)
  }
  const headers = { ...asked.headers, host: server.host }
  if (headers.origin) headers.origin = server.origin
  const passed = request({ host: server.hostname, port: server.port, path: asked.url, method: asked.method, headers }, (told) => {
    answer.writeHead(told.statusCode, told.headers)
    told.pipe(answer)
  })
  passed.on('error', () => answer.headersSent || answer.writeHead(502).end())
  answer.on('close', () => passed.destroy())
  asked.pipe(passed)
}).listen(port, '127.0.0.1', () => console.log(`http://127.0.0.1:${port} for ${server.origin}`))
