/** Datasets within tasks: core's main door is loaded when a task may use it, since that takes 0.1 s. */
import type { Context } from 'kindling'
import type { AnyDefinition } from './task.ts'

/**
 * What gives a task its context.
 * @param given the context of the run; the default one when null
 */
export async function contextFor(definition: AnyDefinition, given: Context | null): Promise<() => Context> {
  if (given !== null) return () => given
  if (!mayUse(definition.run, ['ctx', 'compute'])) return unused
  const { defaultContext } = await import('kindling')
  return defaultContext
}

function unused(): never {
  throw new Error('ctx: take it from the parameter of run by name, as in run({ ctx }).')
}

/** False only when the function takes nothing, or takes its parameter apart and none of these names is among what it takes. */
function mayUse(fn: unknown, names: readonly string[]): boolean {
  const text = String(fn)
  const head = /^(?:async\s+)?(?:function\s*\*?\s*\w*|\w+)?\s*\(\s*(?:\{([^{}()]*)\}\s*)?\)/.exec(text)
  // A bound function shows none of its text.
  if (head === null || /\barguments\b|\[native code\]/.test(text)) return true
  const [, taken = ''] = head
  return taken.includes('...') || names.some((name) => new RegExp(`\\b${name}\\b`).test(taken))
}
