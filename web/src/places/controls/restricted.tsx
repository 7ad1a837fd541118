// One thing that exempts or hides: all of it, renewed by `r`, ended, answered.
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { AnswerBar } from '../../parts/answer'
import { Button, Facts, Section, Trouble } from '../../parts/basic'
import { Drawer } from '../../parts/drawer'
import { Entity, Owner } from '../../parts/entity'
import { T } from '../../parts/text'
import { Ago, At } from '../../parts/time'
import { End } from './ends'
import { EndMark, kindName, type Row } from './exceptions'
import { ControlLink } from './parts'
import { RENEWED, useDecision, useMayRenew, useRenewal } from './renew'

export function Restricted({ row, close }: { row: Row; close: () => void }) {
  const decision = useDecision(row.id).data
  const may = useMayRenew(row) && RENEWED.includes(row.kind)
  const renewal = useRenewal()
  const [ending, setEnding] = useState(false)
  const renew = () => decision && may && !renewal.isPending && renewal.mutate(decision, { onSuccess: close })
  const findings = (decision?.body.findings as number[] | undefined) ?? []
  return (
    <Drawer
      title={kindName(row.kind)[0]!.toUpperCase() + kindName(row.kind).slice(1)}
      onClose={close}
      keys={may ? { r: { does: 'Renew it', run: () => void renew() } } : {}}
      actions={may && <><Button kind="primary" disabled={!decision || renewal.isPending} onClick={renew}>Renew <kbd>r</kbd></Button>{row.kind !== 'suppression' && <Button onClick={() => setEnding(true)}>End …</Button>}</>}
    >
      {renewal.error && <Trouble error={renewal.error} />}
      <Facts
        rows={[
          ['Control', <ControlLink key="control" name={row.control} title={row.title} />],
          ['Says', row.control && <T>{row.title}</T>],
          ['For', row.entity ? <><Entity name={row.entity} />{row.environment && <> in <T>{row.environment}</T></>}</> : <T>{row.for}</T>],
          ['Because', <span key="reason" className="wrap"><T>{row.reason}</T></span>],
          ['Owner', <Owner key="owner" team={row.owner} />],
          ['Hid or let pass', row.hid],
          ['Since', decision && <><At at={decision.at} /> (<Ago at={decision.at} />)</>],
          ['Ends', <><At key="at" at={row.until} /> <EndMark until={row.until} /></>],
          ['Ask', <T key="ask">{row.ask}</T>],
        ]}
      />
      {findings.length > 0 && (
        <Section title="Findings" told={findings.length}>
          <p className="row">{findings.slice(0, 40).map((id) => <Link key={id} to="/findings" search={{ suppressed: 'true', open: String(id) } as never}>{id}</Link>)}{findings.length > 40 && <span className="soft">and {findings.length - 40} more</span>}</p>
        </Section>
      )}
      <Section title="Answer">
        <AnswerBar about={{ to: row.id, entity: row.entity ?? undefined, environment: row.environment ?? undefined }} exception={false} />
        <p className="soft small">Was it right to hide it? <code>tandem answer {row.id} hurt "because ..."</code> says the same at a command line.</p>
      </Section>
      {row.kind === 'suppression' && <p className="soft">A suppression ends by itself; what it hides is counted, and its end is told a week ahead.</p>}
      {ending && <End id={row.id} close={() => (setEnding(false), close())} />}
    </Drawer>
  )
}
