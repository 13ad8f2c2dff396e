/** The days of a range, for one task each: `days('2026-01-01', '2026-01-31').map((date) => Report({ date }))`. */
import { PlanError } from './errors.ts'

const DAY_MS = 86_400_000

/**
 * All days from the first to the last, both among them, as `z.iso.date()` takes them; none when the last comes before the first.
 * @throws PlanError for what is no date
 */
export function days(first: string, last: string): readonly string[] {
  const [from, to] = [timeOf(first), timeOf(last)]
  return Array.from({ length: Math.max(0, (to - from) / DAY_MS + 1) }, (_, i) => dateOf(from + i * DAY_MS))
}

function timeOf(date: string): number {
  const time = Date.parse(`${date}T00:00:00Z`)
  if (!Number.isNaN(time) && dateOf(time) === date) return time
  throw new PlanError(`days: expected a date like 2026-01-31, got ${JSON.stringify(date)}.`)
}

/** Days of UTC, so that none is longer than another. */
function dateOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10)
}
