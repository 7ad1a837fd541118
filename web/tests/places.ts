// What the tests of places need: the whole page, a stand-in for the server, and hands.
export { MOCKS } from './mocks'
export { EMPTY } from './mocks/empty'
export { tails } from './browser'
export { refused } from './serve'
export { click, focus, named, open, press, settled, type } from './render'
