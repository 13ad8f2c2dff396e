/** The few numbers that say what alternating runs showed. */

/** @param {readonly number[]} values at least one */
function median(values) {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/**
 * The median of the ratios of one round each, in which a busy machine burdens both sides alike.
 * @template {{ entrant: string, round: number }} Run
 * @param {readonly Run[]} runs
 * @param {string} entrant
 * @param {string} base
 * @param {(run: Run) => number} quantity
 * @returns {number | undefined} undefined when no round has both
 */
export function medianRatio(runs, entrant, base, quantity) {
  const ratios = runs
    .filter((run) => run.entrant === entrant)
    .flatMap((run) => {
      const other = runs.find((each) => each.entrant === base && each.round === run.round)
      return other ? [quantity(run) / quantity(other)] : []
    })
  return ratios.length > 0 ? median(ratios) : undefined
}

/**
 * @template {{ entrant: string }} Run
 * @param {readonly Run[]} runs
 * @param {string} entrant
 * @param {(run: Run) => number} quantity
 */
export function summary(runs, entrant, quantity) {
  const values = runs.filter((run) => run.entrant === entrant).map(quantity)
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) }
}
