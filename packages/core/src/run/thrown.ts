/**
 * A thrown value as data. User code may throw anything: a string, null, a frozen error, an object whose getters throw;
 * none of it may hide what happened behind an error of our own, so every property is read with care.
 */
import type { ErrorData } from '../plan/task.ts'

/** Causes deeper than this are left out; cycles end here too. */
const MAX_CAUSES = 8

/**
 * What was thrown, as plain strings.
 * @param remap turns a stack into the user's own coordinates
 */
export function errorDataOf(thrown: unknown, remap: (stack: string) => string = (stack) => stack): ErrorData {
  return dataOf(thrown, remap, MAX_CAUSES)
}

function dataOf(thrown: unknown, remap: (stack: string) => string, causesLeft: number): ErrorData {
  if (!isErrorLike(thrown)) {
    const text = textOf(thrown)
    return { name: 'Error', message: `not an Error was thrown: ${text}`, stack: '', thrown: text }
  }
  const code = read(thrown, 'code')
  const cause = read(thrown, 'cause')
  const stack = stringOf(read(thrown, 'stack'))
  return {
    name: stringOf(read(thrown, 'name')) || 'Error',
    message: stringOf(read(thrown, 'message')),
    stack: remapped(stack, remap),
    ...(typeof code === 'string' || typeof code === 'number' ? { code: String(code) } : {}),
    ...(cause !== undefined && cause !== null && causesLeft > 0 ? { cause: dataOf(cause, remap, causesLeft - 1) } : {}),
  }
}

/** Errors of other realms (`vm`) are no instances of our Error, but their tag says what they are. */
function isErrorLike(thrown: unknown): thrown is object {
  if (typeof thrown !== 'object' || thrown === null) return false
  try {
    return thrown instanceof Error || Object.prototype.toString.call(thrown) === '[object Error]'
  } catch {
    return false
  }
}

function read(object: object, key: string): unknown {
  try {
    return (object as Record<string, unknown>)[key]
  } catch {
    return undefined
  }
}

function stringOf(value: unknown): string {
  return typeof value === 'string' ? value : value === undefined ? '' : textOf(value)
}

function remapped(stack: string, remap: (stack: string) => string): string {
  try {
    return remap(stack)
  } catch {
    return stack
  }
}

/** A short text for any value; never throws. */
function textOf(value: unknown): string {
  try {
    if (typeof value === 'string') return value
    if (typeof value === 'object' && value !== null) {
      const json = JSON.stringify(value)
      // A class instance's JSON may be `{}`; its class says more.
      if (json !== undefined && json !== '{}') return json.length > 200 ? `${json.slice(0, 200)}…` : json
      return `[object ${value.constructor?.name ?? 'Object'}]`
    }
    return typeof value === 'bigint' ? `${value}n` : String(value)
  } catch {
    return typeof value
  }
}
