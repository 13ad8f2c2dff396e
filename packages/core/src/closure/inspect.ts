/**
 * The view behind a function: V8's inspector, opened on our own thread, where its answers are synchronous.
 * Objects come back as themselves, not as descriptions: a function run by the inspector puts them into an array we hold.
 */

import type * as Inspector from 'node:inspector'
import type { Runtime, Session } from 'node:inspector'
import { createRequire } from 'node:module'
import process from 'node:process'
import { ClosureError } from '../errors.ts'
import { learnScripts, type Script, scriptCache } from './scripts.ts'

/** The variables of one scope, as they are now; `kind` is V8's word: Module, Closure (name), Block, Script, Global … */
export interface VariableScope {
  readonly kind: string
  readonly variables: Readonly<Record<string, unknown>>
}

export interface FunctionFacts {
  /** Null for native functions. Lines and columns from 0, where V8 says the function begins: at its parameters. */
  readonly location: { readonly scriptId: string; readonly line: number; readonly column: number } | null
  /** Innermost first. */
  readonly scopes: readonly VariableScope[]
  readonly bound: { readonly target: unknown; readonly self: unknown; readonly args: readonly unknown[] } | null
}

export interface Inspection {
  functionFacts(fn: object): FunctionFacts
  /** Whether an array or typed array has properties beside its elements and `length`, without listing a million elements. */
  hasNamedProperties(array: object): boolean
  /** The script's URL and source map. Turns V8's Debugger domain on (3 to 40 ms) if the script is not known yet. */
  script(scriptId: string): Script
  scriptSource(scriptId: string): string
  close(): void
}

const HOLDER = Symbol.for('kindling.inspection')

/** @throws ClosureError if this Node has no inspector, or forbids it. */
export function openInspection(): Inspection {
  const session = connect()
  const held: unknown[] = []
  const holderId = hold(session, held)
  let isDebugging = false

  function toObject(objectId: string): unknown {
    post(session, 'Runtime.callFunctionOn', {
      objectId,
      functionDeclaration: 'function (held) { held[0] = this }',
      arguments: [{ objectId: holderId }],
      silent: true,
    })
    return held[0]
  }
  function toValue(remote: Runtime.RemoteObject | undefined): unknown {
    if (remote?.objectId !== undefined) return toObject(remote.objectId)
    const text = remote?.unserializableValue
    if (text === undefined) return remote?.value
    return text.endsWith('n') ? BigInt(text.slice(0, -1)) : Number(text)
  }
  function toId(value: unknown): string | undefined {
    held[0] = value
    const owner = post(session, 'Runtime.getProperties', { objectId: holderId, ownProperties: true })
    return owner.result.find((property) => property.name === '0')?.value?.objectId
  }
  function internalProperties(value: unknown): Map<string, Runtime.RemoteObject | undefined> {
    const objectId = toId(value)
    if (objectId === undefined) return new Map()
    const found = post(session, 'Runtime.getProperties', { objectId, ownProperties: true })
    return new Map(found.internalProperties?.map((property) => [property.name, property.value]))
  }
  function debug(): void {
    if (isDebugging) return
    isDebugging = true
    session.on('Debugger.scriptParsed', learnScripts)
    post(session, 'Debugger.enable', {})
    post(session, 'Debugger.setSkipAllPauses', { skip: true })
  }

  return {
    functionFacts(fn) {
      const internals = internalProperties(fn)
      const scopes = toValue(internals.get('[[Scopes]]')) as { description: string; object: object }[] | undefined
      const target = internals.get('[[TargetFunction]]')
      const location = internals.get('[[FunctionLocation]]')?.value as
        | { scriptId: string; lineNumber: number; columnNumber: number }
        | undefined
      return {
        location: location
          ? { scriptId: location.scriptId, line: location.lineNumber, column: location.columnNumber }
          : null,
        scopes: Array.from(scopes ?? [], ({ description, object }) => ({
          kind: description,
          variables: object as Record<string, unknown>,
        })),
        bound: target
          ? {
              target: toValue(target),
              self: toValue(internals.get('[[BoundThis]]')),
              args: [...(toValue(internals.get('[[BoundArgs]]')) as unknown[])],
            }
          : null,
      }
    },
    hasNamedProperties(array) {
      const options = { ownProperties: true, nonIndexedPropertiesOnly: true }
      const { result } = post(session, 'Runtime.getProperties', { objectId: toId(array), ...options })
      return result.some(({ name, isOwn }) => isOwn === true && name !== 'length')
    },
    script(scriptId) {
      if (!scriptCache.has(scriptId)) debug()
      return scriptCache.get(scriptId) ?? { url: '', sourceMap: null, isModule: false }
    },
    scriptSource(scriptId) {
      debug()
      return post(session, 'Debugger.getScriptSource', { scriptId }).scriptSource
    },
    close() {
      session.off('Debugger.scriptParsed', learnScripts)
      session.disconnect()
      held.length = 0
    },
  }
}

function connect(): Session {
  try {
    const inspector = createRequire(import.meta.url)('node:inspector') as typeof Inspector
    const session = new inspector.Session()
    session.connect()
    return session
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new ClosureError(
      `functions cannot be captured: V8's inspector is not available (${reason}). ` +
        'Run Node with its inspector built in and, under the permission model, with --allow-inspector.',
      { cause },
    )
  }
}

/** The inspector's name for `held`, which it finds on `process` for a moment. */
function hold(session: Session, held: unknown[]): string {
  const place = process as unknown as Record<symbol, unknown>
  place[HOLDER] = held
  try {
    const expression = `process[Symbol.for('${HOLDER.description}')]`
    const { objectId } = post(session, 'Runtime.evaluate', { expression }).result
    if (objectId === undefined) throw new ClosureError("functions cannot be captured: V8's inspector sees no process.")
    return objectId
  } finally {
    delete place[HOLDER]
  }
}

interface Answers {
  'Runtime.evaluate': { result: Runtime.RemoteObject }
  'Runtime.callFunctionOn': { result: Runtime.RemoteObject }
  'Runtime.getProperties': Runtime.GetPropertiesReturnType
  'Debugger.enable': object
  'Debugger.setSkipAllPauses': object
  'Debugger.getScriptSource': { scriptSource: string }
}

/** One request; on our own thread the answer is there when `post` returns. */
function post<Method extends keyof Answers>(session: Session, method: Method, params: object): Answers[Method] {
  let answer: unknown
  let failure: Error | null = null
  session.post(method as string, params, (error: Error | null, result?: object) => {
    failure = error
    answer = result
  })
  if (failure) throw new Error(`${method} failed`, { cause: failure })
  return answer as Answers[Method]
}
