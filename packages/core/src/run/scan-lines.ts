/** Lines that the kernel makes of rows, many at a time, for a sink that writes them. */
import { isUtf8 } from 'node:buffer'
import type { Expression } from '../compile/expression.ts'
import type { LinePart } from '../compile/line.ts'
import type { ScanColumn, ScanProgram } from '../compile/scan.ts'
import type { Kernel } from '../kernel/kernel.ts'
import type { WriterPart } from '../kernel/writer.ts'
import { areOwn } from './own-builtins.ts'
import type { BatchState } from './scan-code.ts'
import { columnOf } from './scan-names.ts'

/**
 * Makes lines of the selected rows, in order; those of which the kernel can't make any run through the user's functions.
 * @returns false when not all that follows may run like this
 */
export function writeSelected(kernel: Kernel, scan: ScanProgram, state: BatchState, count: number): boolean {
  const { selected } = kernel
  for (let at = 0; at < count; ) {
    const end = state.isBroken ? at : kernel.write(at, count)
    const { lines } = kernel
    // Of bytes that are no UTF-8, V8 makes others.
    if (end > at && isUtf8(lines)) {
      state.row = selected[end - 1] as number
      state.lines(lines, end - at)
      at = end
      continue
    }
    for (const stop = Math.max(end, at + 1); at < stop; at++) {
      if (!replaySelected(state, selected[at] as number, scan.builtins)) return false
    }
  }
  return !state.isBroken
}

/** Runs a row that was selected through the user's functions after all; false when no more are wanted. */
export function replaySelected(state: BatchState, row: number, builtins: readonly string[]): boolean {
  state.kept++
  if (!state.replay(row)) {
    state.isStopped = true
    return false
  }
  if (!areOwn(builtins)) state.isBroken = true
  return true
}

/** The writers' parts as the kernel takes them: each literal with the column behind it. */
export function writerOf(
  parts: readonly LinePart[],
  columns: readonly ScanColumn[],
  computed: readonly Expression[],
): readonly WriterPart[] {
  const all: WriterPart[] = []
  let literal = ''
  for (const part of [...parts, { literal: '\n' }]) {
    if ('literal' in part) {
      literal += part.literal
      continue
    }
    if ('number' in part) all.push({ literal, column: columns.length + computed.indexOf(part.number) })
    else {
      const { path, form, key, isOptional } = part
      const value = { column: columnOf(columns, path), isJson: form === 'json' }
      if (key === null) all.push({ literal, ...value })
      else {
        if (literal !== '') all.push({ literal })
        all.push({ literal: key, ...value, omits: isOptional && path.length > 1 ? 'nullishParent' : 'missing' })
      }
    }
    literal = ''
  }
  return [...all, { literal }]
}
