/** Waiting: how a running task waits for others, and how it is found out that it would wait for itself. */
import type { Entry } from './entry.ts'
import type { Node } from './node.ts'

/** An attempt in which `need` was called: one call of it, or several at once, give up its place until the last one is fulfilled. */
export interface Waiting {
  readonly entry: Entry
  readonly signal: AbortSignal
  calls: number
}

/** The way from some entries to another one over all that has not settled; null when there is none. */
export function pathTo(from: readonly Entry[], to: Entry): readonly Node[] | null {
  const cameFrom = new Map<Entry, Entry | null>(from.map((entry) => [entry, null]))
  for (const [entry] of cameFrom) {
    if (entry === to) {
      const path: Node[] = []
      for (let at: Entry | null = entry; at !== null; at = cameFrom.get(at) ?? null) path.unshift(at.node)
      return path
    }
    if (entry.status !== null) continue
    for (const next of [...entry.waitsFor, ...entry.prerequisites]) if (!cameFrom.has(next)) cameFrom.set(next, entry)
  }
  return null
}

/** Resolves when all have settled; rejects with the signal's reason. */
export function settledOrAborted(entries: readonly Entry[], signal: AbortSignal): Promise<void> {
  const open = entries.filter(({ status }) => status === null)
  if (open.length === 0) return Promise.resolve()
  return new Promise((resolve, reject) => {
    let left = open.length
    const onAbort = (): void => reject(signal.reason)
    const arrived = (): void => {
      if (--left > 0) return
      signal.removeEventListener('abort', onAbort)
      resolve()
    }
    signal.addEventListener('abort', onAbort, { once: true })
    for (const entry of open) entry.onSettled.push(arrived)
  })
}
