/**
 * A warning about functions that assign a number or a text which they captured: each worker changes its own copy, so that a counter stays
 * at its first value where the program reads it. Variables without a value are let pass: they are opened in the worker, for the worker.
 */
import type { UserFunction } from '../plan/step.ts'
import type { Bundle, Encoded } from './bundle.ts'
import type { CaptureRequest } from './capture.ts'
import { decodePrimitive } from './decode.ts'

const warned = new WeakSet<UserFunction>()

/** Warns once of each function that does so. */
export function warnOfLostChanges(bundle: Bundle, requests: readonly CaptureRequest[]): void {
  for (const [i, { fn, verb, at }] of requests.entries()) {
    const name = changedVariable(bundle, bundle.functions[i] ?? -1)
    if (name === null || warned.has(fn)) continue
    warned.add(fn)
    const place = at.text === '' ? '' : ` (${at.text})`
    process.emitWarning(
      `${verb}${place}: "${name}" is changed by the function, in the worker's own copy: where the program reads it, it keeps its value. Add to an accumulator instead: const ${name} = ctx.accumulator(0), then ${name}.add(1) in the function`,
      { type: 'KindlingWarning', code: 'KINDLING_LOST_CHANGE' },
    )
  }
}

function changedVariable(bundle: Bundle, id: number): string | null {
  const node = bundle.nodes[id]
  if (node?.type !== 'function') return null
  const shared = node.cells.map(([name, cell]): [string, Encoded] => [name, bundle.cells[cell] ?? null])
  const own = node.env.filter(([name]) => node.assigned.includes(name))
  return [...own, ...shared].find(([, value]) => isCount(value))?.[0] ?? null
}

function isCount(value: Encoded): boolean {
  const type = typeof decodePrimitive(value)?.value
  return type === 'number' || type === 'bigint' || type === 'string'
}
