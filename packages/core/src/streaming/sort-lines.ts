/** The map side of the shuffle: lines sorted by reducer and key, in as little memory as was given, stable. */
import { closeSync, fstatSync, openSync, readSync, rmSync } from 'node:fs'
import { type KeyRules, type Keys, readKeys } from './key-rules.ts'
import { LineWriter, lineEnd, type Run } from './line-files.ts'
import { mergeRuns } from './merge-lines.ts'

export interface SortRequest {
  readonly type: 'sort'
  readonly input: string
  readonly output: string
  readonly rules: KeyRules
  readonly partitionCount: number
  readonly budgetBytes: number
}

export interface Sorted {
  /** Where the lines of each reducer begin in the output, and where the last end. */
  readonly offsets: readonly number[]
  readonly lineCount: number
}

/** What the indices of a line take: four numbers of 4 bytes, one of 8, and two places in the order. */
const INDEX_BYTES = 32
/** Lines are taken to be no longer, on average, when indices are allocated. */
const SHORT_LINE_BYTES = 16

/** Lines in memory and the order they are to have. */
interface Table {
  bytes: Buffer
  readonly starts: Uint32Array
  readonly ends: Uint32Array
  readonly keyEnds: Uint32Array
  readonly partitions: Uint32Array
  readonly prefixes: Float64Array
  order: Uint32Array
  scratch: Uint32Array
  count: number
}

export function sortLines(request: SortRequest): Sorted {
  const spills: Spill[] = []
  try {
    const lineCount = spillLines(request, spills)
    const [only] = spills
    // The table is garbage by now, so that its memory is there for the merge.
    const offsets = spills.length === 1 && only !== undefined ? only.offsets : mergeSpills(request, spills)
    return { offsets, lineCount }
  } finally {
    for (const { path } of spills) if (path !== request.output) rmSync(path, { force: true })
  }
}

/** A sorted part of the input, in a file of its own. */
interface Spill {
  readonly path: string
  readonly offsets: readonly number[]
}

/** Sorts as much at a time as memory holds; the only part goes to the output. Gives the number of lines. */
function spillLines(request: SortRequest, spills: Spill[]): number {
  const keys = readKeys(request.rules)
  const descriptor = openSync(request.input, 'r')
  try {
    const table = newTable(request.budgetBytes, fstatSync(descriptor).size)
    let lineCount = 0
    let filled = 0
    for (let isEnd = false; !isEnd; ) {
      const used = fill(table, keys, request, descriptor, filled)
      lineCount += table.count
      isEnd = used.isEnd
      const path = isEnd && spills.length === 0 ? request.output : `${request.output}.spill-${spills.length}`
      sortTable(table, keys)
      spills.push({ path, offsets: writeTable(table, path, request.partitionCount) })
      table.bytes.copyWithin(0, used.next, used.filled)
      filled = used.filled - used.next
    }
    return lineCount
  } finally {
    closeSync(descriptor)
  }
}

function newTable(budgetBytes: number, inputBytes: number): Table {
  const share = SHORT_LINE_BYTES / (SHORT_LINE_BYTES + INDEX_BYTES)
  const bytes = Math.max(1024, Math.min(Math.floor(budgetBytes * share), inputBytes + 1))
  const lines = Math.ceil(bytes / SHORT_LINE_BYTES)
  return {
    bytes: Buffer.allocUnsafeSlow(bytes),
    starts: new Uint32Array(lines),
    ends: new Uint32Array(lines),
    keyEnds: new Uint32Array(lines),
    partitions: new Uint32Array(lines),
    prefixes: new Float64Array(lines),
    order: new Uint32Array(lines),
    scratch: new Uint32Array(lines),
    count: 0,
  }
}

/** Reads lines until the table is full or the input ends. `bytes[next, filled)` are left for the next time. */
function fill(
  table: Table,
  keys: Keys,
  { partitionCount }: SortRequest,
  descriptor: number,
  held: number,
): { readonly next: number; readonly filled: number; readonly isEnd: boolean } {
  table.count = 0
  let filled = held
  let next = 0
  let isRead = false
  for (;;) {
    while (table.count < table.starts.length) {
      const newline = lineEnd(table.bytes, next, filled)
      if (newline < 0 && !(isRead && next < filled)) break
      const end = newline < 0 ? filled : newline
      addLine(table, keys, next, end, partitionCount)
      next = Math.min(end + 1, filled)
    }
    if (isRead || table.count === table.starts.length) return { next, filled, isEnd: isRead && next === filled }
    if (filled === table.bytes.length) {
      if (table.count > 0) return { next, filled, isEnd: false }
      // One line fills it all.
      const larger = Buffer.allocUnsafeSlow(table.bytes.length * 2)
      table.bytes.copy(larger)
      table.bytes = larger
    }
    const got = readSync(descriptor, table.bytes, filled, table.bytes.length - filled, null)
    isRead = got === 0
    filled += got
  }
}

function addLine(table: Table, keys: Keys, start: number, end: number, partitionCount: number): void {
  const i = table.count++
  const keyEnd = keys.endOf(table.bytes, start, end)
  table.starts[i] = start
  table.ends[i] = end
  table.keyEnds[i] = keyEnd
  table.partitions[i] = keys.partitionOf(table.bytes, start, keyEnd, partitionCount)
  table.prefixes[i] = keys.prefixOf(table.bytes, start, keyEnd)
}

/** A merge sort from short runs to long ones. Runs that are in order already are joined without a look at each line. */
function sortTable(table: Table, keys: Keys): void {
  const { bytes, starts, keyEnds, partitions, prefixes, count } = table
  // Typed arrays are read within their length here; `|| 0` and the like would cost in the innermost loop.
  const at = (array: Uint32Array | Float64Array, i: number): number => array[i] as number
  const isAfter = (a: number, b: number): boolean => {
    const byPartition = at(partitions, a) - at(partitions, b)
    if (byPartition !== 0) return byPartition > 0
    const [left, right] = [at(prefixes, a), at(prefixes, b)]
    if (left !== right) return left > right
    return keys.compare(bytes, at(starts, a), at(keyEnds, a), bytes, at(starts, b), at(keyEnds, b)) > 0
  }
  for (let i = 0; i < count; i++) table.order[i] = i
  for (let width = 1; width < count; width *= 2) {
    const { order, scratch } = table
    for (let low = 0; low < count; low += 2 * width) {
      const middle = Math.min(low + width, count)
      const high = Math.min(low + 2 * width, count)
      let left = low
      let right = middle
      if (middle >= high || !isAfter(at(order, middle - 1), at(order, middle))) {
        scratch.set(order.subarray(low, high), low)
        continue
      }
      for (let to = low; to < high; to++) {
        const takesLeft = left < middle && (right >= high || !isAfter(at(order, left), at(order, right)))
        scratch[to] = takesLeft ? at(order, left++) : at(order, right++)
      }
    }
    table.order = scratch
    table.scratch = order
  }
}

function writeTable(
  { bytes, starts, ends, partitions, order, count }: Table,
  path: string,
  partitionCount: number,
): number[] {
  const writer = new LineWriter(path)
  const offsets: number[] = []
  for (let i = 0; i < count; i++) {
    const line = order[i] ?? 0
    while (offsets.length <= (partitions[line] ?? 0)) offsets.push(writer.bytes)
    writer.write(bytes, starts[line] ?? 0, ends[line] ?? 0)
    writer.endLine()
  }
  writer.finish()
  while (offsets.length <= partitionCount) offsets.push(writer.bytes)
  return offsets
}

function mergeSpills({ output, rules, partitionCount, budgetBytes }: SortRequest, spills: readonly Spill[]): number[] {
  const writer = new LineWriter(output)
  const offsets: number[] = []
  for (let partition = 0; partition < partitionCount; partition++) {
    offsets.push(writer.bytes)
    const runs = spills.map(
      ({ path, offsets: at }): Run => ({ path, start: at[partition] ?? 0, end: at[partition + 1] ?? 0 }),
    )
    mergeRuns(runs, { rules, budgetBytes, spill: `${output}.merge` }, (reader) => {
      writer.write(reader.bytes, reader.start, reader.end)
      writer.endLine()
    })
  }
  writer.finish()
  return [...offsets, writer.bytes]
}
