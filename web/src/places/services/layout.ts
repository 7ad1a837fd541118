// Lays out who calls whom from left to right: callers before what they call, in layers, with as few crossings as a few sweeps find.
export interface Edge { from: string; to: string }
export interface Laid {
  nodes: Map<string, { x: number; y: number }>
  /** For each edge the points that it goes through. */
  edges: { edge: Edge; points: { x: number; y: number }[] }[]
  width: number
  height: number
}
export const NODE = { width: 164, height: 40 }
const GAP = { x: 84, y: 22 }
const SWEEPS = 6

export function layout(names: string[], edges: Edge[]): Laid {
  const forward = withoutCircles(names, edges)
  const layer = layers(names, forward)
  const rows = ordered(names, forward, layer)
  const most = Math.max(1, ...rows.map((row) => row.length))
  const place = new Map<string, { x: number; y: number }>()
  rows.forEach((row, at) => {
    const top = ((most - row.length) * (NODE.height + GAP.y)) / 2
    row.forEach((name, index) => place.set(name, { x: at * (NODE.width + GAP.x), y: top + index * (NODE.height + GAP.y) }))
  })
  const laid = edges.map((edge) => ({ edge, points: through(edge, layer, place) }))
  const nodes = new Map(names.map((name) => [name, place.get(name)!]))
  return { nodes, edges: laid, width: rows.length * (NODE.width + GAP.x) - GAP.x, height: most * (NODE.height + GAP.y) - GAP.y }
}

/** Turns the edges around that close a circle. */
function withoutCircles(names: string[], edges: Edge[]): Edge[] {
  const out = new Map<string, string[]>(names.map((name) => [name, []]))
  for (const { from, to } of edges) if (from !== to) out.get(from)?.push(to)
  const done = new Set<string>()
  const open = new Set<string>()
  const back = new Set<string>()
  const visit = (name: string) => {
    open.add(name)
    for (const to of out.get(name) ?? []) {
      if (open.has(to)) back.add(`${name}\n${to}`)
      else if (!done.has(to)) visit(to)
    }
    open.delete(name)
    done.add(name)
  }
  const called = new Set(edges.map(({ to }) => to))
  // From where nobody calls: so circles are cut where they are entered last.
  for (const name of [...names].sort((one, other) => Number(called.has(one)) - Number(called.has(other)))) if (!done.has(name)) visit(name)
  return edges.filter(({ from, to }) => from !== to).map((edge) => (back.has(`${edge.from}\n${edge.to}`) ? { from: edge.to, to: edge.from } : edge))
}

/** The longest way to each from one that nobody calls. */
function layers(names: string[], edges: Edge[]): Map<string, number> {
  const into = new Map<string, string[]>(names.map((name) => [name, []]))
  for (const { from, to } of edges) into.get(to)!.push(from)
  const layer = new Map<string, number>()
  const of = (name: string): number => {
    const known = layer.get(name)
    if (known !== undefined) return known
    const here = Math.max(-1, ...into.get(name)!.map(of)) + 1
    layer.set(name, here)
    return here
  }
  names.forEach(of)
  return layer
}

const via = ({ from, to }: Edge, at: number) => `${from}\n${to}\n${at}`

/** Names by layer, and in each layer beside what they are joined with. Long edges have a place in each layer that they pass. */
function ordered(names: string[], edges: Edge[], layer: Map<string, number>): string[][] {
  const rows: string[][] = Array.from({ length: Math.max(0, ...layer.values()) + 1 }, () => [])
  names.forEach((name) => rows[layer.get(name)!]!.push(name))
  const before = new Map<string, string[]>()
  const after = new Map<string, string[]>()
  const join = (from: string, to: string) => {
    after.set(from, [...(after.get(from) ?? []), to])
    before.set(to, [...(before.get(to) ?? []), from])
  }
  for (const edge of edges) {
    let last = edge.from
    for (let at = layer.get(edge.from)! + 1; at < layer.get(edge.to)!; at++) {
      const name = via(edge, at)
      if (!rows[at]!.includes(name)) rows[at]!.push(name)
      join(last, name)
      last = name
    }
    join(last, edge.to)
  }
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const down = sweep % 2 === 0
    const order = down ? rows.keys() : [...rows.keys()].reverse()
    for (const at of order) {
      const beside = new Map(rows[down ? at - 1 : at + 1]?.map((name, index) => [name, index]))
      const centre = new Map(rows[at]!.map((name, index) => {
        const joined = ((down ? before : after).get(name) ?? []).map((other) => beside.get(other)).filter((place) => place !== undefined)
        return [name, joined.length > 0 ? joined.reduce((sum, place) => sum + place, 0) / joined.length : index]
      }))
      rows[at]!.sort((one, other) => centre.get(one)! - centre.get(other)!)
    }
  }
  return rows
}

function through(edge: Edge, layer: Map<string, number>, place: Map<string, { x: number; y: number }>): { x: number; y: number }[] {
  const turned = layer.get(edge.from)! > layer.get(edge.to)!
  const one = turned ? { from: edge.to, to: edge.from } : edge
  const start = place.get(one.from)!
  const end = place.get(one.to)!
  const middle = NODE.height / 2
  const points = [{ x: start.x + NODE.width, y: start.y + middle }]
  for (let at = layer.get(one.from)! + 1; at < layer.get(one.to)!; at++) {
    const passed = place.get(via(one, at))
    if (passed) points.push({ x: passed.x, y: passed.y + middle }, { x: passed.x + NODE.width, y: passed.y + middle })
  }
  points.push({ x: end.x, y: end.y + middle })
  return turned ? points.reverse() : points
}

/** A smooth path through points. */
export function path(points: { x: number; y: number }[]): string {
  return points.map(({ x, y }, at) => {
    if (at === 0) return `M${x},${y}`
    const last = points[at - 1]!
    const bend = (x - last.x) / 2
    return last.y === y ? `L${x},${y}` : `C${last.x + bend},${last.y} ${x - bend},${y} ${x},${y}`
  }).join('')
}
