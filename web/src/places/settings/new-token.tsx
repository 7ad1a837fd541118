// Makes a token, and shows it once.
import { useState } from 'react'
import type { Schemas } from '../../api/client'
import { usePost } from '../../api/queries'
import { Button, Paste } from '../../parts/basic'
import { Dialog, Field } from '../../parts/form'
import { plain } from '../../parts/text'
import { At } from '../../parts/time'
import { complete, GrantFields, useAdminOfAll, useOwnTeams, type Wanted, wanted } from './grants'

const DAY_MS = 86_400_000
const USUAL_DAYS = 90
/** The server holds to it. */
const MOST_DAYS = 366
const day = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10)
type Made = Schemas['TokenMade']

export function NewToken({ close }: { close: () => void }) {
  const all = useAdminOfAll()
  const own = useOwnTeams()
  const [kind, setKind] = useState<'api' | 'ingest'>('api')
  const [name, setName] = useState('')
  const [grant, setGrant] = useState<Wanted>({ role: 'viewer', team: own.includes('*') ? '*' : (own[0] ?? ''), datasets: '*' })
  const [dataset, setDataset] = useState('default')
  const [expires, setExpires] = useState(day(USUAL_DAYS))
  const [made, setMade] = useState<Made>()
  const send = usePost('/api/v1/tokens', { also: ['/api/v1/tokens', '/api/v1/audit'] })
  const submit = () => {
    const ends = expires ? { expires: `${expires}T00:00:00Z` } : {}
    const body = kind === 'api' ? { kind, name: name.trim(), grants: [wanted(grant)], ...ends } : { kind, name: name.trim(), grants: [], dataset: dataset.trim(), ...ends }
    send.mutate({ body: body as never }, { onSuccess: (answer) => setMade(answer as unknown as Made) })
  }
  if (made) return <Once made={made} name={name} kind={kind} close={close} />
  const ready = name.trim() !== '' && (kind === 'ingest' ? dataset.trim() !== '' : complete(grant) && expires !== '')
  return (
    <Dialog title="New token" send="Make" submit={submit} onClose={close} doing={send.isPending} error={send.error} ready={ready}>
      {all && (
        <span className="buttons" role="group" aria-label="What it does">
          <Button on={kind === 'api'} onClick={() => setKind('api')}>Asks and acts</Button>
          <Button on={kind === 'ingest'} onClick={() => setKind('ingest')}>Sends</Button>
        </span>
      )}
      <Field label="Name" value={name} onChange={setName} required autoFocus autoComplete="off" hint="Of the pipeline or program that uses it; no person’s name." />
      {kind === 'api' ? <GrantFields value={grant} change={setGrant} /> : <Field label="Into the dataset" value={dataset} onChange={setDataset} required hint="What comes with it is stamped with this; it sends nowhere else, and cannot ask." autoComplete="off" />}
      <Field label="Ends on" type="date" value={expires} onChange={setExpires} min={day(1)} {...(kind === 'api' ? { max: day(MOST_DAYS), required: true } : {})} hint={kind === 'api' ? `Within ${MOST_DAYS} days. It rests while you are kept out.` : 'Empty: until it is revoked.'} />
    </Dialog>
  )
}

function Once({ made, name, kind, close }: { made: Made; name: string; kind: string; close: () => void }) {
  return (
    <Dialog title={`The token ${plain(name.trim())}`} onClose={close}>
      <p>It is shown this once: copy it to where it is used.{made.expires ? <> It ends <At at={made.expires} />.</> : ' It is good until it is revoked.'}</p>
      <Paste text={made.token} label="Token" />
      <Paste label="How it is used" text={kind === 'api' ? `export TANDEM_URL=${location.origin}\nexport TANDEM_TOKEN=${made.token}\ntandem search 'level:error'` : `curl -H 'Authorization: Bearer ${made.token}' \\\n  '${location.origin}/api/v1/ingest/json' --data-binary '{"level":"info","service":"hello","message":"it works"}'`} />
    </Dialog>
  )
}
