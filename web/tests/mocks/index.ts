// One answer for each endpoint that the page asks: a small shop, whose checkout fails.
import { ACCESS } from './access'
import { ALERTS } from './alerts'
import { CONTROLS } from './controls'
import { EXPLORE } from './explore'
import { FINDINGS } from './findings'
import { HOME } from './home'
import { PLANNING } from './planning'
import { READINESS } from './readiness'
import { SERVICES } from './services'
import { SQL } from './sql'
import type { Mocks } from './types'

export const MOCKS = { ...ACCESS, ...ALERTS, ...CONTROLS, ...EXPLORE, ...FINDINGS, ...HOME, ...PLANNING, ...READINESS, ...SERVICES, ...SQL } satisfies Mocks
