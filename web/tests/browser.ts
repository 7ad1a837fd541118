// What the page needs of a browser and Node’s stand-in lacks: sizes, a canvas to draw on, a tail to listen to.
const SIZE: Record<string, number> = { offsetHeight: 600, clientHeight: 600, offsetWidth: 1000, clientWidth: 1000 }
for (const [name, value] of Object.entries(SIZE)) Object.defineProperty(HTMLElement.prototype, name, { configurable: true, get: () => value })

// The editor’s styles are none of the tests’ business, and are beyond the stand-in’s parser.
CSSStyleSheet.prototype.insertRule = () => 0

/** Takes every stroke and tells nothing. */
const canvas = new Proxy({}, { get: (_, name) => (name === 'measureText' ? () => ({ width: 10 }) : () => undefined), set: () => true })
HTMLCanvasElement.prototype.getContext = (() => canvas) as never
globalThis.Path2D ??= class { addPath() {} arc() {} closePath() {} lineTo() {} moveTo() {} rect() {} } as never

/** What is looked for is in sight. */
globalThis.IntersectionObserver = class {
  constructor(private told: (entries: { isIntersecting: boolean }[]) => void) {}
  observe() { this.told([{ isIntersecting: true }]) }
  disconnect() {}
} as never

/** Tails that are open, to speak to the page. */
export const tails: Tail[] = []
class Tail extends EventTarget {
  static CLOSED = 2
  readyState = 1
  onopen?: () => void
  onerror?: () => void
  constructor(readonly url: string) {
    super()
    tails.push(this)
  }
  close() {
    this.readyState = Tail.CLOSED
    tails.splice(tails.indexOf(this), 1)
  }
}
globalThis.EventSource = Tail as never
