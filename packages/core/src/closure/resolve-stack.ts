/**
 * The last step of a worker's stack trace, on the main thread. A function whose free variables are all primitives is
 * sent without asking V8 which file it came from, which would cost milliseconds at every start; that is asked here,
 * when something has failed.
 */
import { type Inspection, openInspection } from './inspect.ts'
import { learnSourceMaps, originalPlace } from './source-map.ts'

const PLACE = /kindling:script\/(\d+):(\d+):(\d+)/g

/** The stack with the numbers of scripts replaced by their files, in the user's coordinates. Main thread only. */
export function resolveStack(stack: string): string {
  if (!stack.includes('kindling:script/')) return stack
  let inspection: Inspection
  try {
    inspection = openInspection()
  } catch {
    return stack
  }
  try {
    return stack.replace(PLACE, (place, scriptId: string, line: string, column: string) => {
      const script = inspection.script(scriptId)
      if (script.url === '') return place
      learnSourceMaps([script])
      return originalPlace(script.url, Number(line), Number(column))
    })
  } finally {
    inspection.close()
  }
}
