/** An error as data and back: what a thrown value becomes to cross a thread, and what the user gets to see of it. */
import type { ErrorData } from '../plan/task.ts'
import { isOwnFrame } from './own-frames.ts'

const MAX_CAUSES = 5

/**
 * Never throws, whatever was thrown: a string, undefined, a frozen error, an object with throwing getters.
 * @param remap turns the positions of a stack into those of the user's sources
 */
export function errorDataOf(thrown: unknown, remap: (stack: string) => string, depth: number = 0): ErrorData {
  if (!(thrown instanceof Error)) {
    const text = textOfThrown(thrown)
    return { name: 'Error', message: text, stack: `Error: ${text}`, thrown: text }
  }
  const name = read(thrown, 'name') ?? 'Error'
  const message = read(thrown, 'message') ?? ''
  const stack = read(thrown, 'stack') ?? `${name}: ${message}`
  const code = read(thrown, 'code')
  const cause = depth < MAX_CAUSES && 'cause' in thrown ? safely(() => thrown.cause) : undefined
  return {
    name,
    message,
    stack: withoutOwnFrames(safely(() => remap(stack)) ?? stack),
    ...(code !== undefined && { code }),
    ...(cause !== undefined && cause !== null && { cause: errorDataOf(cause, remap, depth + 1) }),
  }
}

/**
 * The error that `data` was made of, as far as data can tell: its built-in class, name, message, stack, code and cause.
 * @param resolve finishes stacks whose scripts only the main thread knows
 */
export function errorOf(data: ErrorData, resolve: (stack: string) => string = (stack) => stack): Error {
  const cause = data.cause === undefined ? undefined : { cause: errorOf(data.cause, resolve) }
  const Class = BUILT_IN[data.name] ?? Error
  const error = new Class(data.message, cause)
  if (error.name !== data.name)
    Object.defineProperty(error, 'name', { value: data.name, configurable: true, writable: true })
  if (data.code !== undefined) Object.assign(error, { code: data.code })
  error.stack = resolve(data.stack)
  return error
}

const BUILT_IN: Readonly<Record<string, ErrorConstructor>> = {
  TypeError,
  RangeError,
  SyntaxError,
  ReferenceError,
  URIError,
  EvalError,
}

function read(error: Error, property: 'name' | 'message' | 'stack' | 'code'): string | undefined {
  const value = safely(() => (error as Error & { code?: unknown })[property])
  return value === undefined ? undefined : String(value)
}

function safely<T>(get: () => T): T | undefined {
  try {
    return get()
  } catch {
    return undefined
  }
}

function textOfThrown(thrown: unknown): string {
  if (typeof thrown === 'string') return thrown
  return (
    safely(() => (typeof thrown === 'object' && thrown !== null ? JSON.stringify(thrown) : String(thrown))) ??
    'a value that cannot be shown'
  )
}

/** The frames of the user's functions only: the engine's own say nothing to the user. */
function withoutOwnFrames(stack: string): string {
  return stack
    .split('\n')
    .filter((line) => !/^\s+at /.test(line) || !(isOwnFrame(line) || /\(?node:/.test(line)))
    .join('\n')
}
