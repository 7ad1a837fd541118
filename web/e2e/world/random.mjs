// Numbers from a seed: the same seed makes the same world.

/** A 32-bit digest of a text, to tell parts of the world from one another. */
export function digest(text) {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

export class Random {
  #state;

  constructor(seed) {
    this.#state = typeof seed === "string" ? digest(seed) : seed >>> 0;
  }

  /** Another sequence, which does not depend on how much was drawn from this one. */
  fork(name) {
    return new Random(digest(`${name}/${this.#state}`));
  }

  /** From 0 up to, and without, 1. */
  next() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  }

  /** From 0 up to, and without, `below`. */
  int(below) {
    return Math.floor(this.next() * below);
  }

  between(from, to) {
    return from + this.next() * (to - from);
  }

  chance(share) {
    return this.next() < share;
  }

  pick(list) {
    return list[this.int(list.length)];
  }

  /** One of `[what, weight]`. */
  weighted(pairs) {
    let left = this.next() * pairs.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [what, weight] of pairs) if ((left -= weight) < 0) return what;
    return pairs[pairs.length - 1][0];
  }

  /** How long something takes: most near the median, some much longer, as in real systems. */
  duration(median, spread = 0.45) {
    const normal = Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
    return median * Math.exp(spread * normal);
  }

  hex(digits) {
    let text = "";
    while (text.length < digits) text += this.int(0x100000000).toString(16).padStart(8, "0");
    return text.slice(0, digits);
  }
}
