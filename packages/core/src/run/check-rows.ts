/**
 * Reading and checking rows: JSON lines become values, a schema checks them, and a bad row fails the job, is dropped, or
 * comes out beside the good ones. One function per task; it costs a good row nothing but the parser and the schema.
 */
import { DataError } from '../errors.ts'
import { BadRecord, type BadRow, type OnBadRow } from '../plan/bad-row.ts'
import type { Step } from '../plan/step.ts'
import type { FunctionRef } from '../program/program.ts'
import type { TaskState } from './task-state.ts'

/** No row: a blank line, or a bad one that is dropped. */
export const NO_ROW: unique symbol = Symbol('no row')

/** Issues of a schema that a message shows. */
const SHOWN_ISSUES = 3

/** The part of Standard Schema that is used. Source: https://standardschema.dev */
interface Validator {
  validate(value: unknown): Result | Promise<Result>
}
interface Result {
  readonly value?: unknown
  readonly issues?: readonly Issue[] | undefined
}
interface Issue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

type CheckStep = Step<FunctionRef> & { readonly op: 'parseJson' | 'checkRow' }

/** What a line or a reader's row becomes; `NO_ROW` for none. */
export function rowReader(step: CheckStep, functions: readonly unknown[], state: TaskState): (row: unknown) => unknown {
  const { op, schema, onBadRow } = step
  const check = schema === null ? keeperOf(onBadRow) : checkerOf(functions[schema], onBadRow, state)
  if (op === 'checkRow') return (row) => (row instanceof BadRecord ? bad(row.reason, onBadRow, state) : check(row))
  return (line) => {
    let value: unknown
    try {
      // The source of this step gives strings.
      value = JSON.parse(line as string)
    } catch (error) {
      if ((line as string).trim() === '') return NO_ROW
      return bad(`not JSON: ${(error as Error).message}`, onBadRow, state)
    }
    return check(value)
  }
}

/** What becomes of a good row. */
function keeperOf(onBadRow: OnBadRow): (value: unknown) => unknown {
  return onBadRow === 'collect' ? (value) => ({ ok: true, value }) : (value) => value
}

function checkerOf(schema: unknown, onBadRow: OnBadRow, state: TaskState): (row: unknown) => unknown {
  // The verb has seen that it is a schema.
  const standard = (schema as { readonly '~standard': Validator })['~standard']
  const keep = keeperOf(onBadRow)
  return (row) => {
    const result = standard.validate(row)
    if (result instanceof Promise) {
      throw new DataError('the schema checks asynchronously, which rows of a file cannot wait for. Check in mapAsync')
    }
    return result.issues === undefined ? keep(result.value) : bad(issuesText(result.issues), onBadRow, state)
  }
}

/** @throws DataError unless the user wants to go on */
function bad(reason: string, onBadRow: OnBadRow, state: TaskState): unknown {
  if (onBadRow === 'error') {
    throw new DataError(`${reason}. Pass { onBadRow: 'skip' } or { onBadRow: 'collect' } to go on`)
  }
  if (onBadRow === 'skip') {
    state.rowsSkipped++
    return NO_ROW
  }
  const place = state.current?.place()
  const row: BadRow = {
    ok: false,
    error: reason,
    file: place?.path ?? '',
    line: place?.line ?? 0,
    text: state.current?.preview(Number.POSITIVE_INFINITY) ?? '',
  }
  return row
}

function issuesText(issues: readonly Issue[]): string {
  const shown = issues.slice(0, SHOWN_ISSUES).map(({ message, path = [] }) => {
    const place = path.map((part) => stepText(typeof part === 'object' ? part.key : part)).join('')
    return place === '' ? message : `at ${place}: ${message}`
  })
  const more = issues.length - shown.length
  return `${shown.join('; ')}${more > 0 ? `; and ${more} more` : ''}`
}

/** A step of the path inside a row, as JavaScript would write it. */
function stepText(key: PropertyKey): string {
  if (typeof key === 'number') return `[${key}]`
  const name = String(key)
  return /^[A-Za-z_$][\w$]*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`
}
