/** A duration: milliseconds, or a number with its unit, such as `'30s'`. */
import { PlanError } from './errors.ts'

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** @throws PlanError when it is none; `what` is who asks */
export function millisecondsOf(what: string, duration: number | string): number {
  const [, amount, unit] = typeof duration === 'string' ? (/^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(duration) ?? []) : []
  const milliseconds = typeof duration === 'number' ? duration : Number(amount) * (UNITS[unit ?? ''] ?? Number.NaN)
  if (Number.isFinite(milliseconds) && milliseconds >= 0) return milliseconds
  throw new PlanError(
    `${what}: expected milliseconds or a duration like 500ms, 30s, 5m, 1h, got ${JSON.stringify(duration)}.`,
  )
}

/** `0.3 s`, `75 s`, `12 min`. */
export function durationText(milliseconds: number): string {
  const seconds = milliseconds / 1000
  if (seconds < 10) return `${seconds.toFixed(1)} s`
  return seconds < 120 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`
}
