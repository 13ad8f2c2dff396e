/** Whether lines come in the order of the whole number that each begins with, seen one by one. */

const ZERO = 48
const NINE = 57

/** @returns {{ see: (chunk: Buffer, start: number, end: number) => void, disorder: () => string | undefined }} */
export function keyOrder() {
  let row = 0
  let before = -1
  /** @type {string | undefined} */
  let disorder
  return {
    see(chunk, start, end) {
      let key = 0
      for (let at = start; at < end && chunk[at] >= ZERO && chunk[at] <= NINE; at += 1)
        key = key * 10 + chunk[at] - ZERO
      if (key < before) disorder ??= `row ${row} is out of order: ${key} after ${before}`
      before = key
      row += 1
    },
    disorder: () => disorder,
  }
}
