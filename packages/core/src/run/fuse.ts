/**
 * Fusing: the steps of a chain that take one row at a time become one generated function, so that each call site in it meets one
 * function only. (A shared call site costs five times as much: measured.) Its plain form is a chain of pushes:
 *
 *     const push = (row) => { const mapped = f(row); return g(mapped) ? out(mapped) : true }
 *
 * The code holds no text of the user's: only calls of revived functions, by number.
 */
import { compileFunction } from 'node:vm'
import { DataError } from '../errors.ts'
import { decodeRows } from '../io/row-codec.ts'
import type { Push } from '../io/row-source.ts'
import { describe } from '../plan/describe.ts'
import type { OperatorStep } from '../plan/operator.ts'
import { isPair, refusePair } from '../plan/pair.ts'
import type { Expansion } from '../plan/step.ts'
import type { FunctionRef } from '../program/program.ts'
import { keyText } from '../shuffle/key.ts'
import { NO_ROW, rowReader } from './check-rows.ts'
import { poissonOf, randomOf } from './random.ts'
import type { TaskState } from './task-state.ts'

/** Makes the push function of one task: rows go in, those that come through go to `out`. */
export type Segment = (out: Push<unknown>, state: TaskState, partition: number) => Push<unknown>

/** V8 optimises no function of more than 60 KB of bytecode, and its parser recurses into nested loops. */
const MAX_STEPS = 100

export function isFusible(step: OperatorStep<FunctionRef>): boolean {
  switch (step.step.op) {
    case 'mapPartitions':
    case 'mapPartitionsWithIndex':
    case 'glom':
    case 'mapAsync':
    case 'filterAsync':
    case 'flatMapAsync':
    case 'pipe':
    case 'combine':
    case 'sort':
      return false
    default:
      return true
  }
}

/** One segment for all steps, each of which must be fusible. */
export function fuseSteps(steps: readonly OperatorStep<FunctionRef>[], functions: readonly unknown[]): Segment {
  const parts: Segment[] = []
  for (let i = 0; i < steps.length; i += MAX_STEPS) parts.push(generate(steps.slice(i, i + MAX_STEPS), functions))
  const [only] = parts
  if (only !== undefined && parts.length === 1) return only
  return (out, state, partition) => parts.reduceRight((next, part) => part(next, state, partition), out)
}

function generate(steps: readonly OperatorStep<FunctionRef>[], functions: readonly unknown[]): Segment {
  const head: string[] = []
  const body: string[] = []
  let closing = ''
  let drop = 'return true'
  for (const [i, { step, node, partitionCount }] of steps.entries()) {
    const at = `state.at = ${node};`
    const row = `v${i}`
    const next = `v${i + 1}`
    if ('fn' in step) head.push(`const f${i} = functions[${step.fn}];`)
    const loop = (opening: string): void => {
      body.push(opening)
      closing = `${at} }\n${closing}`
      drop = `{ ${at} continue }`
    }
    // A side without values counts as one value, undefined, where the join is outer on the other side.
    const expand = (how: Expansion, key: string, left: string, right: string, row: string): void => {
      if (how === 'both')
        body.push(`if (${left}.length === 0 || ${right}.length === 0) ${drop}; const ${row} = [${key}, null];`)
      else if (how === 'minus') {
        body.push(`if (${right}.length > 0) ${drop};`)
        loop(`for (const a${i} of ${left}) { const ${row} = [${key}, a${i}];`)
      } else {
        const lefts = how === 'rightOuter' || how === 'fullOuter' ? `checks.orAbsent(${left})` : left
        const rights = how === 'leftOuter' || how === 'fullOuter' ? `checks.orAbsent(${right})` : right
        loop(`for (const a${i} of ${lefts}) {`)
        loop(`for (const b${i} of ${rights}) { const ${row} = [${key}, [a${i}, b${i}]];`)
      }
    }
    switch (step.op) {
      case 'map':
        body.push(`${at} const ${next} = f${i}(${row}); if (${next} instanceof Promise) checks.refusePromise('map');`)
        break
      case 'filter':
        body.push(
          `${at} const k${i} = f${i}(${row}); if (k${i} !== true && (k${i} === false || !checks.isTruthy(k${i}))) ${drop};`,
        )
        body.push(`const ${next} = ${row};`)
        break
      case 'flatMap':
        body.push(`${at} const r${i} = f${i}(${row}); if (!Array.isArray(r${i})) checks.isIterable('flatMap', r${i});`)
        loop(`for (const ${next} of r${i}) {`)
        break
      case 'parseJson':
      case 'checkRow':
        head.push(`const p${i} = checks.rowReader(steps[${i}].step, functions, state);`)
        body.push(`${at} const ${next} = p${i}(${row}); if (${next} === checks.NO_ROW) ${drop};`)
        break
      case 'keyBy':
        body.push(`${at} const k${i} = f${i}(${row}); if (k${i} instanceof Promise) checks.refusePromise('keyBy');`)
        body.push(`const ${next} = [k${i}, ${row}];`)
        break
      case 'keyByKey':
        body.push(`${at} if (!checks.isPair(${row})) checks.refusePair('sorting by key', ${row});`)
        body.push(`const ${next} = [f${i}(${row}[0]), ${row}];`)
        break
      case 'ofKey':
        head.push(`const isKey${i} = checks.isKey(steps[${i}].step.key);`)
        body.push(`${at} if (!checks.isPair(${row})) checks.refusePair('lookup', ${row});`)
        body.push(`if (!isKey${i}(${row}[0])) ${drop}; const ${next} = ${row}[1];`)
        break
      case 'keys':
        body.push(`${at} if (!checks.isPair(${row})) checks.refusePair('keys', ${row}); const ${next} = ${row}[0];`)
        break
      case 'values':
        body.push(`${at} if (!checks.isPair(${row})) checks.refusePair('values', ${row}); const ${next} = ${row}[1];`)
        break
      case 'mapValues':
        body.push(
          `${at} if (!checks.isPair(${row})) checks.refusePair('mapValues', ${row}); const w${i} = f${i}(${row}[1]);`,
        )
        body.push(
          `if (w${i} instanceof Promise) checks.refusePromise('mapValues'); const ${next} = [${row}[0], w${i}];`,
        )
        break
      case 'flatMapValues':
        body.push(
          `${at} if (!checks.isPair(${row})) checks.refusePair('flatMapValues', ${row}); const r${i} = f${i}(${row}[1]);`,
        )
        body.push(`if (!Array.isArray(r${i})) checks.isIterable('flatMapValues', r${i});`)
        loop(`for (const w${i} of r${i}) { const ${next} = [${row}[0], w${i}];`)
        break
      case 'zipWithUniqueId':
        head.push(`let n${i} = partition - ${partitionCount};`)
        body.push(`const ${next} = [${row}, (n${i} += ${partitionCount})];`)
        break
      case 'zipWithIndex':
        head.push(`let n${i} = steps[${i}].offsets[partition];`)
        body.push(`const ${next} = [${row}, n${i}++];`)
        break
      case 'sample':
        head.push(`const random${i} = checks.randomOf(${step.seed}, partition);`)
        if (step.withReplacement)
          loop(
            `for (let c${i} = checks.poissonOf(random${i}, ${step.fraction}); c${i} > 0; c${i}--) { const ${next} = ${row};`,
          )
        else body.push(`if (random${i}() >= ${step.fraction}) ${drop}; const ${next} = ${row};`)
        break
      case 'split':
        head.push(`const random${i} = checks.randomOf(${step.seed}, partition); let x${i} = 0;`)
        body.push(`x${i} = random${i}(); if (x${i} < ${step.from} || x${i} >= ${step.to}) ${drop};`)
        body.push(`const ${next} = ${row};`)
        break
      case 'sampleByKey':
        head.push(`const random${i} = checks.randomOf(${step.seed}, partition);`)
        head.push(`const rate${i} = checks.ratesOf(steps[${i}].step.rates);`)
        body.push(`${at} if (!checks.isPair(${row})) checks.refusePair('sampleByKey', ${row});`)
        if (step.withReplacement)
          loop(
            `for (let c${i} = checks.poissonOf(random${i}, rate${i}(${row}[0])); c${i} > 0; c${i}--) { const ${next} = ${row};`,
          )
        else body.push(`if (random${i}() >= rate${i}(${row}[0])) ${drop}; const ${next} = ${row};`)
        break
      case 'pick':
        head.push(`const places${i} = steps[${i}].step.places[partition]; let n${i} = 0, p${i} = 0;`)
        body.push(`const m${i} = n${i}++;`)
        loop(`while (places${i}[p${i}] === m${i}) { p${i}++; const ${next} = ${row};`)
        break
      case 'asKeys':
        body.push(`const ${next} = [${row}, null];`)
        break
      case 'expand':
        expand(step.how, `${row}[0]`, `${row}[1][0]`, `${row}[1][1]`, next)
        break
      default:
        throw new Error(`${step.op} cannot be fused`)
    }
  }
  // The innermost loop must see a refusal, the outermost function must pass it on.
  const give =
    closing === ''
      ? `return out(v${steps.length});`
      : `if (!out(v${steps.length})) return false;\n${closing}return true`
  const code = `'use strict';\n${head.join('\n')}\nreturn function push(v0) {\n${body.join('\n')}\n${give}\n}`
  const parameters = ['functions', 'steps', 'checks', 'out', 'state', 'partition']
  const make = compileFunction(code, parameters, { filename: 'kindling:stage' }) as (
    ...args: unknown[]
  ) => Push<unknown>
  return (out, state, partition) => make(functions, steps, CHECKS, out, state, partition)
}

const ABSENT: readonly unknown[] = [undefined]

/** Finds the rate of a key. */
function ratesOf(block: Uint8Array): (key: unknown) => number {
  const [entries] = decodeRows(block) as [[unknown, number][]]
  const rates = new Map(entries.map(([key, rate]) => [keyText(key), rate]))
  return (key) => {
    const rate = rates.get(keyText(key))
    if (rate !== undefined) return rate
    throw new DataError(
      `sampleByKey: there is no rate for the key ${describe(key)}. Give each key one, 0 to leave it out`,
    )
  }
}

function isKey(block: Uint8Array): (key: unknown) => boolean {
  const [wanted] = decodeRows(block)
  const text = keyText(wanted)
  return (key) => key === wanted || keyText(key) === text
}

/** What generated code calls when a value is not what it expects, which is rare. */
const CHECKS = {
  randomOf,
  poissonOf,
  rowReader,
  NO_ROW,
  ratesOf,
  isKey,
  isPair,
  refusePair,

  orAbsent(values: readonly unknown[]): readonly unknown[] {
    return values.length === 0 ? ABSENT : values
  },

  isTruthy(value: unknown): boolean {
    if (value instanceof Promise) CHECKS.refusePromise('filter')
    return Boolean(value)
  },

  isIterable(verb: string, value: unknown): void {
    if (value instanceof Promise) CHECKS.refusePromise(verb)
    requireIterable(verb, value)
  },

  refusePromise(verb: string): never {
    throw new DataError(`the function given to ${verb} returned a promise. Use mapAsync, which awaits it`)
  },
} as const

/** @throws DataError unless `for … of` can walk `value`. */
export function requireIterable(verb: string, value: unknown): asserts value is Iterable<unknown> {
  if (typeof value === 'string') return
  if (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Partial<Iterable<unknown>>)[Symbol.iterator] === 'function'
  )
    return
  throw new DataError(
    `the function given to ${verb} must return an iterable, got ${describe(value)}. Return an array, or [] for nothing`,
  )
}
