/** Whether the built-in functions that compiled code calls are still the engine's own. */
import { INHERITED } from '../compile/builtins.ts'

/** The engine's own functions, taken before any code of the user's runs in this thread. */
const OWN = new Map<string, unknown>()

function builtin(path: string): unknown {
  let value: unknown = globalThis
  for (const name of path.split('.')) value = (value as Record<string, unknown>)[name]
  return value
}

/** Whether objects inherit nothing of the user's, such as a `toJSON`. */
export function isPlain(): boolean {
  return Object.getOwnPropertyNames(Object.prototype).length === INHERITED.size
}

/** Whether all are native functions, as far as their text tells, and what they were when first seen; and JSON is nobody's but theirs. */
export function areOwn(paths: readonly string[]): boolean {
  if (paths.includes('JSON.stringify') && !isPlain()) return false
  return paths.every((path) => {
    const value = builtin(path)
    if (!OWN.has(path)) {
      const isNative =
        typeof value === 'function' && /\{\s*\[native code\]\s*\}$/.test(Function.prototype.toString.call(value))
      OWN.set(path, isNative ? value : undefined)
    }
    return value !== undefined && OWN.get(path) === value
  })
}

/** The engine's own function at a path that `areOwn` has seen. */
export function ownFunction(path: string): unknown {
  return OWN.get(path)
}
