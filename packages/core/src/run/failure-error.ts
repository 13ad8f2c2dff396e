/** The error that the user gets when a task gave up: the verb and its place in the program, the record and its place in the data. */
import { relative } from 'node:path'
import { resolveStack } from '../closure/resolve-stack.ts'
import { DataError, TaskError } from '../errors.ts'
import type { CallSite } from '../plan/call-site.ts'
import type { Place, TaskFailure } from '../plan/task.ts'
import { errorOf } from './error-data.ts'

export interface FailureContext {
  /** The verb that ran and where it was called. */
  readonly verb: string
  readonly at: CallSite
  readonly stage: number
  readonly partition: number
  readonly attempts: number
}

export function failureError(failure: TaskFailure, context: FailureContext): DataError | TaskError {
  const { verb, at, partition, attempts } = context
  const { error, place } = failure
  const where = `${place === null ? '' : `${placeText(place)}, `}partition ${partition}`
  const who = at.text === '' ? verb : `${verb} (${at.text})`
  const tries = attempts > 1 ? ` after ${attempts} attempts` : ''
  const cause = errorOf(error, resolveStack)
  if (failure.kind === 'data') return new DataError(`${who}: ${error.message} [${where}]${tries}`, { cause })
  const what =
    error.thrown !== undefined
      ? `threw ${error.thrown}, which is not an Error`
      : error.name === 'Error'
        ? error.message
        : `${error.name}: ${error.message}`
  return new TaskError(`${who}: ${what} [${where}]${tries}`, { stage: context.stage, partition, attempts, cause })
}

/** `path:line (byte n)`, the path relative to the working directory where it lies below it. */
function placeText(place: Place): string {
  const near = relative(process.cwd(), place.path)
  const path = near.startsWith('..') ? place.path : near
  return place.byteOffset < 0 ? `${path}:${place.line}` : `${path}:${place.line} (byte ${place.byteOffset})`
}
