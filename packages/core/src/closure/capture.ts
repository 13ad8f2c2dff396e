/**
 * Capturing: functions become a bundle that a worker can make them from again, and are seen as code on the way.
 * Runs on the main thread, when an action starts: values are those of that moment.
 */
import type { CallSite } from '../plan/call-site.ts'
import type { SharedAccumulator } from '../plan/shared.ts'
import type { UserFunction } from '../plan/step.ts'
import type { Bundle } from './bundle.ts'
import { codeOf, type FunctionCode } from './code.ts'
import { nodeNumber } from './decode.ts'
import { functionNode } from './encode-function.ts'
import { objectNode } from './encode-object.ts'
import { openInspection } from './inspect.ts'
import { warnOfLargeCaptures } from './large-captures.ts'
import { warnOfLostChanges } from './lost-changes.ts'
import { learnNamespaces, ModulesNeeded } from './modules.ts'
import { loadParser } from './parser.ts'
import { encode, newPass, type Pass } from './pass.ts'
import type { Trail } from './refusal.ts'
import { shareVariables } from './shared-variables.ts'

/** A function the user gave to a verb, and where. */
export interface CaptureRequest {
  readonly fn: UserFunction
  readonly verb: string
  readonly at: CallSite
}

export interface Captured {
  readonly bundle: Bundle
  /** What the functions may add to. */
  readonly accumulators: readonly SharedAccumulator[]
  /** The functions as code, in the order of the requests. Nothing is computed until asked. */
  readonly codes: readonly FunctionCode[]
}

/**
 * The functions with everything they reach, in one pass: what several of them share stays shared.
 * @throws ClosureError naming the verb, its place and the way to the first thing that cannot travel
 */
export async function captureFunctions(requests: readonly CaptureRequest[]): Promise<Captured> {
  await loadParser()
  for (;;) {
    try {
      const captured = capture(requests)
      warnOfLargeCaptures(captured.bundle, requests)
      warnOfLostChanges(captured.bundle, requests)
      return captured
    } catch (needed) {
      if (!(needed instanceof ModulesNeeded)) throw needed
      await learnNamespaces(needed)
    }
  }
}

function capture(requests: readonly CaptureRequest[]): Captured {
  const inspection = openInspection()
  try {
    const pass = newPass(inspection)
    const functions = requests.map(({ fn, verb, at }) => {
      const root: Trail = { parent: null, kind: 'root', key: { verb, at } }
      return numberOfFunction(pass, fn, root)
    })
    shareVariables(pass)
    const { nodes, cells, imports, scripts, bytes, accumulators } = pass
    const bundle: Bundle = { functions, nodes, cells, imports, scripts, bytes, broadcasts: pass.broadcasts }
    const objectOf = (id: number): object => objectAt(pass, id)
    return { bundle, accumulators, codes: functions.map((id) => codeOf(bundle, id, objectOf)) }
  } finally {
    inspection.close()
  }
}

/** What became node `id`. Asked for rarely. */
function objectAt(pass: Pass, id: number): object {
  for (const [value, number] of pass.numbers)
    if (number === id && typeof value === 'object' && value !== null) return value
  throw new Error(`no object became node ${id}`)
}

/** Everything reached is encoded before the next function is begun, so that an error names the verb it belongs to. */
function numberOfFunction(pass: Pass, fn: UserFunction, root: Trail): number {
  const encoded = encode(pass, fn, root, 'note', '')
  // A second array would be popped from the front; an index does not move a million entries.
  for (let i = 0; i < pass.waiting.length; i++) {
    const next = pass.waiting[i]
    if (next)
      pass.nodes[next.id] =
        typeof next.value === 'function'
          ? functionNode(pass, next.id, next.value, next.trail)
          : objectNode(pass, next.value, next.trail)
  }
  pass.waiting.length = 0
  return nodeNumber(encoded) ?? -1
}
