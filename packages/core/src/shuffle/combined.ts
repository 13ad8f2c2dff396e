/** What the values of groups become in memory: folded to one value, or held as they are in lists. */

/** How values become one. `side` numbers the dataset that a value comes from, where there are several. */
export interface Fold {
  create(value: unknown, side: number): unknown
  add(combined: unknown, value: unknown, side: number): unknown
  merge(earlier: unknown, later: unknown): unknown
}

/** Values are held in the order they came: as one list, or as a list for each of so many sides. */
export interface Listing {
  readonly sides: number | null
}

/** The combined values of groups, by the groups' numbers. */
export interface Combined {
  /** Adds a value to a group; the number that follows the largest makes a new one. */
  add(number: number, value: unknown, side: number): void
  /** Makes a group of what was combined elsewhere. */
  put(combined: unknown): void
  at(number: number): unknown
  /** Whether values are held after they were added. */
  readonly holdsValues: boolean
}

export function isListing(combination: Fold | Listing): combination is Listing {
  return 'sides' in combination
}

export function openCombined(combination: Fold | Listing): Combined {
  return isListing(combination) ? new Listed(combination.sides) : new Folded(combination)
}

/** One combined value of two parts of a group. */
export function mergeCombined(combination: Fold | Listing, earlier: unknown, later: unknown): unknown {
  if (!isListing(combination)) return combination.merge(earlier, later)
  if (combination.sides === null) return (earlier as unknown[]).concat(later)
  return (earlier as unknown[][]).map((list, side) => list.concat((later as unknown[][])[side] as unknown[]))
}

class Folded implements Combined {
  readonly holdsValues = false
  readonly #fold: Fold
  readonly #values: unknown[] = []

  constructor(fold: Fold) {
    this.#fold = fold
  }

  add(number: number, value: unknown, side: number): void {
    const values = this.#values
    if (number === values.length) values.push(this.#fold.create(value, side))
    else values[number] = this.#fold.add(values[number], value, side)
  }

  put(combined: unknown): void {
    this.#values.push(combined)
  }

  at(number: number): unknown {
    return this.#values[number]
  }
}

const FIRST_LENGTH = 1024

/**
 * Lists are chains through one array of all values: an array for each of a million groups is what V8's collector would copy and
 * walk again and again. Arrays are made when they are asked for.
 */
class Listed implements Combined {
  readonly holdsValues = true
  readonly #sides: number | null
  readonly #values: unknown[] = []
  /** For each value the place, plus one, of the value behind it in its list; 0 for none. */
  #next = new Int32Array(FIRST_LENGTH)
  /** For each list the places, plus one, of its first value and its last. */
  #ends = new Int32Array(FIRST_LENGTH)

  constructor(sides: number | null) {
    this.#sides = sides
  }

  add(number: number, value: unknown, side: number): void {
    const list = 2 * (this.#sides === null ? number : number * this.#sides + side)
    const place = this.#values.push(value)
    while (list >= this.#ends.length) this.#ends = grown(this.#ends)
    if (place > this.#next.length) this.#next = grown(this.#next)
    const last = this.#ends[list + 1] as number
    if (last === 0) this.#ends[list] = place
    else this.#next[last - 1] = place
    this.#ends[list + 1] = place
  }

  put(): void {
    throw new Error('values that are held are added one by one')
  }

  at(number: number): unknown {
    const sides = this.#sides
    if (sides === null) return this.#listAt(number)
    if (sides === 2) return [this.#listAt(2 * number), this.#listAt(2 * number + 1)]
    return Array.from({ length: sides }, (_, side) => this.#listAt(number * sides + side))
  }

  #listAt(list: number): unknown[] {
    const first = this.#ends[2 * list] as number
    // A later side of the last group may lie behind the end.
    if (!(first > 0)) return []
    // A literal: V8 gives an array that is pushed to room for sixteen more.
    const values = [this.#values[first - 1]]
    for (let place = this.#next[first - 1] as number; place !== 0; place = this.#next[place - 1] as number)
      values.push(this.#values[place - 1])
    return values
  }
}

function grown(places: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(2 * places.length)
  larger.set(places)
  return larger
}
