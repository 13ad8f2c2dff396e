/**
 * What surrounds a call of user code: the run that it belongs to and the attempt that makes it. Targets and factories are called from
 * user code without being handed either, and several attempts go on at once in this thread, so it is kept by the asynchronous context.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { resolve } from 'node:path'

/** Values for parameters that a caller leaves out, by task and parameter. */
export type Defaults = Readonly<Record<string, Readonly<Record<string, unknown>>>>

export interface Session {
  /** What relative paths of targets are relative to; null for the working directory, whose paths stay as they were given. */
  readonly cwd: string | null
  readonly defaults: Defaults
}

/** One try at running a task. */
export interface Attempt {
  readonly label: string
  readonly signal: AbortSignal
  /** Takes what was thrown where nobody waits for it. */
  readonly onStray: (error: unknown) => void
}

interface Ambient {
  readonly session: Session
  readonly attempt: Attempt | null
}

const storage = new AsyncLocalStorage<Ambient>()

export function withinSession<T>(session: Session, call: () => T): T {
  return storage.run({ session, attempt: null }, call)
}

export function withinAttempt<T>(session: Session, attempt: Attempt, call: () => T): T {
  return storage.run({ session, attempt }, call)
}

export function currentAttempt(): Attempt | null {
  return storage.getStore()?.attempt ?? null
}

export function dependencyDefaults(name: string): Readonly<Record<string, unknown>> | undefined {
  return storage.getStore()?.session.defaults[name]
}

/** A path as the run sees it. */
export function pathWithin(path: string): string {
  const cwd = storage.getStore()?.session.cwd ?? null
  return cwd === null ? path : resolve(cwd, path)
}
