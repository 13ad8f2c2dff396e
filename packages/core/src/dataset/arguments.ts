/** Checks of what verbs are given. They fail at the call, with its place. */
import { PlanError } from '../errors.ts'
import { suggestion } from '../nearest.ts'
import { callSite } from './call-site.ts'

/** @throws PlanError unless `value` is a whole number of 1 or more */
export function requireWhole(verb: string, what: string, value: number): void {
  if (Number.isInteger(value) && value >= 1) return
  throw refusal(verb, `${what} must be a whole number of 1 or more, got ${value}`)
}

/** The number of partitions of a shuffle, which may be left out. */
export function requirePartitions(verb: string, count: number | undefined): void {
  if (count !== undefined) requireWhole(verb, 'the number of partitions', count)
}

/** @throws PlanError unless `value` is a number of 0 or more */
export function requireRate(verb: string, value: number): void {
  if (typeof value === 'number' && value >= 0 && Number.isFinite(value)) return
  throw refusal(verb, `the fraction must be 0 or more, got ${value}`)
}

export function requireSeed(verb: string, seed: number): void {
  if (!Number.isFinite(seed)) throw refusal(verb, `the seed must be a number, got ${seed}`)
}

export function requireFunctions(verb: string, ...fns: readonly unknown[]): void {
  for (const fn of fns) {
    if (typeof fn !== 'function') throw refusal(verb, `expected a function, got ${typeof fn}. Pass a function`)
  }
}

/** Code that nothing has checked may misspell an option, which would be as if it were not there. @throws PlanError naming it */
export function requireOptions(verb: string, options: object, known: readonly string[]): void {
  const given: unknown = options
  if (typeof given !== 'object' || given === null)
    throw refusal(verb, `expected options, an object, got ${String(given)}. ${suggestion('', known)}`)
  const unknown = Object.keys(given).find((name) => !known.includes(name))
  if (unknown !== undefined) throw refusal(verb, `unknown option ${unknown}. ${suggestion(unknown, known)}`)
}

export function refusal(verb: string, what: string): PlanError {
  const { text } = callSite()
  return new PlanError(`${verb}${text === '' ? '' : ` (${text})`}: ${what}`)
}
