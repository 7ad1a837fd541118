// A provider on a free port of the loopback: two persons, one client, PKCE required.
import { Provider } from 'oidc-provider'

const [port, redirect, secret] = process.argv.slice(2)
const groups = { ada: ['payments-oncall', 'everybody'], eve: ['everybody'] }

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{ client_id: 'tandem', client_secret: secret, redirect_uris: [redirect] }],
  claims: { openid: ['sub'], profile: ['preferred_username', 'groups'], email: ['email', 'email_verified'] },
  pkce: { required: () => true },
  cookies: { keys: ['of these tests'] },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, preferred_username: id, groups: groups[id] ?? [], email: `${id}@example.org`, email_verified: true }),
  }),
})
provider.listen(Number(port), '127.0.0.1', () => console.log('ready'))
