// What a notice, a comment or a command line points at: `/controls?answer=4711`. Whatever it is, it can be answered here.
import { useUrl } from '../../app/url'
import { AnswerBar } from '../../parts/answer'
import { Empty, Facts, Shown } from '../../parts/basic'
import { Drawer } from '../../parts/drawer'
import { Entity, Owner } from '../../parts/entity'
import { T } from '../../parts/text'
import { Ago, At } from '../../parts/time'
import { useAnswers, useControls, useRestrictions, verdict } from './data'
import { kindName } from './exceptions'
import { ControlLink } from './parts'
import { Reply } from './reply'
import { useDecision } from './renew'
import { VerdictView } from './verdict'

/** What is no answer itself, and may be answered. */
const REPLIED = ['answer', 'question']

export function Answered({ id }: { id: string }) {
  const [, set] = useUrl()
  const close = () => set({ answer: undefined })
  const of = useDecision(id)
  const controls = useControls().data?.controls
  const row = useRestrictions().data?.rows.find((one) => String(one.id) === id)
  const asking = useAnswers({ all: true }).data?.rows.find((one) => String(one.id) === id)
  if (asking) return <Reply asking={asking} close={close} />
  const one = of.data
  const name = row?.control ?? controls?.find((control) => control.id === one?.control)?.control.name ?? null
  return (
    <Drawer title={one ? kindName(one.kind) : `Decision ${id}`} onClose={close}>
      <Shown of={{ ...of, data: of.isPending ? undefined : { one } }}>
        {() => {
          if (!one) return <Empty title={`There is no decision ${id}`}><p>It may be of another installation, or of a dataset that you do not see. What waits is on the tab Answers.</p></Empty>
          if (one.kind === 'verdict') return <VerdictView verdict={verdict(one)} />
          return (
            <>
              <Facts
                rows={[
                  ['Control', name && <ControlLink name={name} title={row?.title} />],
                  ['Because', <span key="reason" className="wrap"><T>{one.reason}</T></span>],
                  ['About', one.entity && <Entity name={one.entity} />],
                  ['Owner', <Owner key="owner" team={one.owner ?? row?.owner} />],
                  ['Since', <At key="at" at={one.at} />],
                  ['Ends', one.expires && <><At at={one.expires} /> (<Ago at={one.expires} />)</>],
                ]}
              />
              {!REPLIED.includes(one.kind) && <AnswerBar about={{ to: one.id, control: name ?? undefined, entity: one.entity ?? undefined }} exception={name !== null} />}
            </>
          )
        }}
      </Shown>
    </Drawer>
  )
}
