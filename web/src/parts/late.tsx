// Parts of the page that are loaded when they are shown. Where one cannot be loaded, the page says so and stays as it is: what was typed is kept.
import { type ComponentType, type ReactNode, useCallback, useEffect, useState } from 'react'
import { awaySince, Problem, text } from '../api/client'
import { useBack } from './back'
import { Trouble, Waiting } from './basic'

type Part<P> = ComponentType<P>
const LOST = 'This part of the page could not be loaded'
const AWAY = new Problem(0, LOST, 'The server does not answer. As soon as it does, this is loaded.')
/** A browser remembers for as long as the page is open that a module could not be loaded. */
const BROKEN = new Problem(0, LOST, 'The server did not answer, or was replaced by another version. Load the page anew when it is there; text that is not kept elsewhere is lost then, so copy it first.')

/** `load` is an import of a module whose default is the part; `meanwhile` stands where it will. */
export function late<P extends object>(load: () => Promise<{ default: Part<P> }>, meanwhile: ReactNode = <Waiting />) {
  let part: Part<P> | undefined
  let loading: Promise<void> | undefined
  const begin = async () => {
    if (awaySince() !== undefined || !navigator.onLine) {
      void text('/healthz').catch(() => undefined)
      throw AWAY
    }
    part = await load().then((module) => module.default, () => {
      void text('/healthz').catch(() => undefined)
      throw BROKEN
    })
  }
  const preload = () =>
    (loading ??= begin().catch((error: Problem) => {
      if (error === AWAY) loading = undefined
      throw error
    }))
  function Late(given: P) {
    const [, setShown] = useState(part !== undefined)
    const [failed, setFailed] = useState<Problem>()
    const get = useCallback(() => {
      setFailed(undefined)
      void preload().then(() => setShown(true), setFailed)
    }, [])
    useEffect(() => {
      if (!part) get()
    }, [get])
    useBack(useCallback(() => failed === AWAY && get(), [failed, get]))
    if (part) {
      const Part = part
      return <Part {...given} />
    }
    return failed ? <Trouble error={failed} retry={failed === AWAY ? get : () => location.reload()} /> : meanwhile
  }
  // Who points at a link has it loaded ahead; what fails then is told when it is opened.
  return Object.assign(Late, { preload: () => preload().catch(() => undefined) })
}
