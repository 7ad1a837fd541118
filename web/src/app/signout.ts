import { post } from '../api/client'
import { queries } from '../api/queries'

/** Ends the session; what was read with it is forgotten. */
export async function signOut() {
  await post('/api/v1/logout').catch(() => undefined)
  queries.clear()
  location.assign('/')
}
