// What people say to controls, and what owners reply. It names nobody and counts nobody.
import { useState } from 'react'
import { useMay, useTeams } from '../../app/session'
import { useUrl } from '../../app/url'
import { Badge, Button, Empty, Shown, Told } from '../../parts/basic'
import { Entity, Owner } from '../../parts/entity'
import { type Column, Table } from '../../parts/table'
import { T } from '../../parts/text'
import { Ago, millis } from '../../parts/time'
import { useAnswers } from './data'
import { Choose } from './list'
import { ControlLink } from './parts'
import { Reply } from './reply'
import type { Asking } from './shapes'

const WHICH: [string, string][] = [['mine', 'What I said'], ['all', 'All, also with a reply']]

export function Answers() {
  const [url, set] = useUrl()
  const teams = useTeams()
  const which = url.which
  const answers = useAnswers({ mine: which === 'mine', all: which === 'all', owner: which === 'mine' ? undefined : url.owner })
  const owners = [...new Set([...teams, ...(answers.data?.rows.map(({ owner }) => owner) ?? [])])].sort()
  const opened = answers.data?.rows.find(({ id }) => String(id) === url.open)
  return (
    <>
      <div className="row">
        <Choose label="Which" all="What waits for a reply" value={which} options={WHICH} set={(which) => set({ which })} />
        {which !== 'mine' && <Choose label="Controls of" all="Controls of all teams" value={url.owner} options={owners.map((owner) => [owner, `Controls of ${owner}`])} set={(owner) => set({ owner })} />}
        <span className="told">{answers.data && <Told shown={answers.data.rows.length} of={answers.data.count} one="answer" />}</span>
      </div>
      <Shown of={answers}>
        {({ rows }) =>
          rows.length > 0 ? <Table label="Answers" rows={rows} columns={COLUMNS} id={({ id }) => String(id)} open={({ id }) => set({ open: String(id) })} opened={url.open} /> : (
            <Empty title={which === 'mine' ? 'You said nothing yet' : 'Nothing waits for a reply'}>
              <p>Wherever a control stops, warns or hides there are “Helped”, “Hurt”, “Ask” and “Exception”; at a command line <code>tandem answer ID hurt "because ..."</code>. What is said comes here, to the control’s owner.</p>
            </Empty>
          )
        }
      </Shown>
      {opened && <Reply asking={opened} close={() => set({ open: undefined })} />}
    </>
  )
}

const KINDS = { helped: 'good', hurt: 'high', question: 'low', exception: 'medium' } as const
const WORDS: Record<string, string> = { helped: 'helped', hurt: 'hurt', question: 'question', exception: 'wants an exception' }
export const SayMark = ({ say }: { say: string }) => <Badge kind={KINDS[say as keyof typeof KINDS] ?? 'plain'}>{WORDS[say] ?? say}</Badge>

const COLUMNS: Column<Asking>[] = [
  { id: 'say', head: 'Says', sort: ({ say }) => say, cell: ({ say }) => <SayMark say={say} /> },
  { id: 'text', head: 'In words', width: '26%', cell: ({ text }) => <T>{text}</T> },
  { id: 'control', className: 'wide-only', head: 'To the control', sort: ({ control }) => control ?? '', cell: ({ control, title }) => <ControlLink name={control} title={title} /> },
  { id: 'about', className: 'wide-only', head: 'About', sort: ({ about }) => about ?? '', cell: ({ about, environment }) => <><span className="nowrap"><Entity name={about} /></span>{environment && <span className="soft"> in <T>{environment}</T></span>}</> },
  { id: 'owner', className: 'wide-only', head: 'Owner', sort: ({ owner }) => owner, cell: ({ owner }) => <Owner team={owner} /> },
  { id: 'at', className: 'wide-only', head: 'Said', sort: ({ at }) => millis(at), cell: ({ at }) => <span className="nowrap"><Ago at={at} /></span> },
  { id: 'reply', className: 'controls-replied', head: 'Reply', cell: (asking) => <Replied asking={asking} /> },
]

function Replied({ asking }: { asking: Asking }) {
  const [, set] = useUrl()
  const may = useMay('editor', asking.owner)
  const last = asking.replies.at(-1)
  if (last) return <><b>{last.did}</b>: <T>{last.text}</T></>
  if (!asking.waits) return <span className="soft">needs none</span>
  return may ? <Button onClick={() => set({ open: String(asking.id) })}>Reply</Button> : <span className="soft">waits</span>
}

/** Answers below something that they are about. */
export function AnswerList({ rows, empty }: { rows: Asking[]; empty: string }) {
  const [opened, setOpened] = useState<Asking>()
  if (rows.length === 0) return <p className="soft">{empty}</p>
  return (
    <ul className="controls-answers">
      {rows.map((one) => (
        <li key={one.id}>
          <div className="row"><SayMark say={one.say} /><span className="grow"><T>{one.text}</T></span>{one.waits && <MayReply owner={one.owner} reply={() => setOpened(one)} />}</div>
          <div className="soft small"><Ago at={one.at} />{one.about && <> about <Entity name={one.about} /></>}{one.environment && <> in <T>{one.environment}</T></>}</div>
          {one.replies.map((reply) => <div key={reply.id} className="controls-reply"><b>{reply.did}</b> <Ago at={reply.at} />: <T>{reply.text}</T></div>)}
        </li>
      ))}
      {opened && <Reply asking={opened} close={() => setOpened(undefined)} />}
    </ul>
  )
}

function MayReply({ owner, reply }: { owner: string; reply: () => void }) {
  return useMay('editor', owner) ? <Button onClick={reply}>Reply</Button> : <span className="soft small">waits for {owner}</span>
}
