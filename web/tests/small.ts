// What the tests of small parts need of them.
export { address } from '../src/api/client'
export { parseSearch, stringifySearch } from '../src/app/url'
export { absolute, resolve } from '../src/app/time'
export { bytes, duration, many, percent } from '../src/parts/number'
export { ago, clock, millis, span } from '../src/parts/time'
export { areas } from '../src/parts/series'
export { toldOnce } from '../src/parts/told'
export { plain } from '../src/parts/text'
