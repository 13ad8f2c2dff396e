/**
 * Explaining instead of running: while a program is explained, an action tells its plan and runs no job. One that only has an effect then
 * goes on as if it had had it. One that gives a value never settles, since only running gives that value, and what the program does with a
 * made-up one would be nobody's plan.
 */
import type { OpenJob } from '../run/engine.ts'
import { NO_METRICS } from '../run/reporter.ts'

export interface ExplainedAction {
  readonly verb: string
  /** Where it was called: `file:line:column`. */
  readonly at: string
  readonly plan: string
  /** Whether the program waits for a value that it will not get. */
  readonly isWaiting: boolean
}

/** Who is told, by whatever copy of kindling the explained program has loaded. */
const EXPLAINER = Symbol.for('kindling.explainer')

type Explainer = (action: ExplainedAction) => void

/** From now on actions are explained. */
export function explainActions(explainer: Explainer): void {
  Reflect.set(globalThis, EXPLAINER, explainer)
}

export function explainer(): Explainer | null {
  return (Reflect.get(globalThis, EXPLAINER) as Explainer | undefined) ?? null
}

/** What stands for the job of an action that is explained. */
export function explainedJob(isWaiting: boolean): Promise<OpenJob> {
  if (isWaiting) return new Promise(() => {})
  return Promise.resolve({
    partitionCount: 0,
    metrics: NO_METRICS,
    run: () => Promise.resolve([]),
    merge: () => Promise.resolve([]),
    commit: () => {},
    close: () => {},
  })
}
