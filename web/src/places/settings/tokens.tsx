// Tokens: what asks and sends without a person.
import { useState } from 'react'
import { useGet, usePost } from '../../api/queries'
import { useUrl } from '../../app/url'
import { Badge, Button, Section, Shown } from '../../parts/basic'
import { Dialog } from '../../parts/form'
import { many } from '../../parts/number'
import { type Column, Table } from '../../parts/table'
import { plain, T } from '../../parts/text'
import { Ago, millis } from '../../parts/time'
import { Grants } from './grants'
import { NewToken } from './new-token'
import type { Token } from './shapes'

const state = ({ revoked, expires, resting }: Token) => (revoked ? 'revoked' : expires && millis(expires) < Date.now() ? 'ended' : resting ? 'rests' : 'good')
/** One that ends within this time is told. */
const SOON_MS = 14 * 86_400_000

export default function Tokens() {
  const asked = useGet('/api/v1/tokens')
  const [url, set] = useUrl()
  const [making, setMaking] = useState(false)
  const [ending, setEnding] = useState<Token>()
  const tokens = asked.data?.tokens ?? []
  const over = tokens.filter((token) => ['revoked', 'ended'].includes(state(token))).length
  const rows = url.over === 'yes' ? tokens : tokens.filter((token) => !['revoked', 'ended'].includes(state(token)))
  const columns: Column<Token>[] = [
    { id: 'name', head: 'Name', sort: ({ name }) => name, cell: ({ name }) => <strong><T most={80}>{name}</T></strong> },
    { id: 'kind', head: 'Does', sort: ({ kind }) => kind, cell: ({ kind }) => (kind === 'api' ? 'asks and acts' : 'sends') },
    { id: 'grants', head: 'As', cell: ({ kind, grants, dataset }) => (kind === 'api' ? <Grants of={grants} /> : <>into the dataset <T>{dataset || 'default'}</T></>) },
    { id: 'state', head: 'State', sort: state, cell: (token) => <State token={token} /> },
    { id: 'expires', head: 'Ends', className: 'nowrap', sort: ({ expires }) => (expires ? millis(expires) : Infinity), cell: ({ expires }) => (!expires ? <span className="soft">never</span> : millis(expires) - Date.now() < SOON_MS && millis(expires) > Date.now() ? <Badge kind="medium"><Ago at={expires} /></Badge> : <Ago at={expires} />) },
    { id: 'used', head: 'Used last', className: 'nowrap', sort: ({ used }) => -(millis(used) || 0), cell: ({ used }) => <Used at={used} /> },
    { id: 'created', head: 'Made', className: 'nowrap', sort: ({ created }) => -millis(created), cell: ({ created }) => <Ago at={created} /> },
    { id: 'end', head: '', cell: (token) => (token.revoked ? null : <Button kind="quiet" onClick={() => setEnding(token)} aria-label={`Revoke ${plain(token.name)}`}>Revoke</Button>) },
  ]
  return (
    <Section title="Tokens" told={asked.data && `${many(rows.length, 'token')}${over > 0 && url.over !== 'yes' ? `, ${over} that are over are not shown` : ''}`}
      aside={<span className="row">
        {over > 0 && <label className="row"><input type="checkbox" checked={url.over === 'yes'} onChange={(event) => set({ over: event.target.checked ? 'yes' : undefined }, { push: false })} /> Those that are over</label>}
        <Button kind="primary" icon="plus" onClick={() => setMaking(true)}>New token</Button>
      </span>}>
      <p className="soft">Those that you could have made. Only a digest of each is kept: one that is lost is revoked and made anew.</p>
      <Shown of={asked}>{() => (rows.length === 0 ? <p className="soft">There is none. Pipelines and programs that ask take one of their own, so that each can be taken back alone.</p> : <Table label="Tokens" rows={rows} columns={columns} id={({ id }) => String(id)} />)}</Shown>
      {making && <NewToken close={() => setMaking(false)} />}
      {ending && <Revoke token={ending} close={() => setEnding(undefined)} />}
    </Section>
  )
}

const HOUR_MS = 3_600_000
/** The server knows it to the hour. */
function Used({ at }: { at: string | null }) {
  if (!at) return <span className="soft">never</span>
  return Date.now() - millis(at) < HOUR_MS ? <>within the hour</> : <Ago at={at} />
}

function State({ token }: { token: Token }) {
  const now = state(token)
  if (now === 'good') return <Badge kind="good">good</Badge>
  if (now === 'rests') return <Badge kind="medium" title="The user who made it is kept out">rests</Badge>
  return <Badge>{now}</Badge>
}

function Revoke({ token, close }: { token: Token; close: () => void }) {
  const send = usePost('/api/v1/tokens/{id}/revoke', { said: `${plain(token.name)} is revoked: it is refused from now on`, also: ['/api/v1/tokens', '/api/v1/audit'] })
  return (
    <Dialog title={`Revoke ${plain(token.name)}`} send="Revoke" kind="danger" submit={() => send.mutate({ path: { id: token.id } }, { onSuccess: close })} onClose={close} doing={send.isPending} error={send.error}>
      <p>What uses it is refused at once{token.used ? <>; it was used last <Used at={token.used} /></> : '; it was never used'}. It cannot be made good again.</p>
    </Dialog>
  )
}
