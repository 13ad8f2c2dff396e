/** The reduce side of the shuffle: sorted runs merged into one. Equal keys come in the order of their runs. */
import { rmSync } from 'node:fs'
import { type KeyRules, type Keys, readKeys } from './key-rules.ts'
import { LineReader, LineWriter, type Run } from './line-files.ts'

export interface MergeRequest {
  readonly type: 'merge'
  readonly runs: readonly Run[]
  readonly output: string
  readonly rules: KeyRules
  /** What stands between key and value in the output; null for what stood there. */
  readonly separator: string | null
  readonly budgetBytes: number
}

export interface Merged {
  readonly lineCount: number
  readonly groupCount: number
}

/** So many runs are open at once; more are merged in rounds. */
const MAX_OPEN = 128
const LEAST_BUFFER_BYTES = 16 * 1024
const MOST_BUFFER_BYTES = 256 * 1024

export function mergeLines(request: MergeRequest): Merged {
  const { runs, output, rules, budgetBytes } = request
  const keys = readKeys(rules)
  const separator = request.separator === null ? null : Buffer.from(request.separator)
  const separatorBytes = Buffer.byteLength(rules.separator)
  const writer = new LineWriter(output)
  let previous = Buffer.alloc(0)
  let lineCount = 0
  let groupCount = 0
  mergeRuns(runs, { rules, budgetBytes, spill: `${output}.merge` }, ({ bytes, start, end, keyEnd }) => {
    lineCount++
    if (lineCount === 1 || keys.compare(previous, 0, previous.length, bytes, start, keyEnd) !== 0) {
      groupCount++
      previous = Buffer.from(bytes.subarray(start, keyEnd))
    }
    if (separator === null || keyEnd === end) writer.write(bytes, start, end)
    else {
      writer.write(bytes, start, keyEnd)
      writer.write(separator, 0, separator.length)
      writer.write(bytes, keyEnd + separatorBytes, end)
    }
    writer.endLine()
  })
  writer.finish()
  return { lineCount, groupCount }
}

export interface MergeOptions {
  readonly rules: KeyRules
  readonly budgetBytes: number
  /** The beginning of the names of files for rounds in between. */
  readonly spill: string
}

export function mergeRuns(runs: readonly Run[], options: MergeOptions, push: (line: LineReader) => void): void {
  const keys = readKeys(options.rules)
  let rest = runs.filter(({ start, end }) => end > start)
  const spills: string[] = []
  try {
    while (rest.length > MAX_OPEN) {
      const path = `${options.spill}-${spills.length}`
      spills.push(path)
      const writer = new LineWriter(path)
      // The first ones, and their result takes their place: so equal keys stay in order.
      mergeOpen(rest.slice(0, MAX_OPEN), options, keys, ({ bytes, start, end }) => {
        writer.write(bytes, start, end)
        writer.endLine()
      })
      writer.finish()
      rest = [{ path, start: 0, end: writer.bytes }, ...rest.slice(MAX_OPEN)]
    }
    mergeOpen(rest, options, keys, push)
  } finally {
    for (const path of spills) rmSync(path, { force: true })
  }
}

function mergeOpen(
  runs: readonly Run[],
  { budgetBytes }: MergeOptions,
  keys: Keys,
  push: (line: LineReader) => void,
): void {
  const bufferBytes = Math.max(
    LEAST_BUFFER_BYTES,
    Math.min(MOST_BUFFER_BYTES, Math.floor(budgetBytes / Math.max(1, runs.length))),
  )
  const readers: LineReader[] = []
  try {
    for (const run of runs) readers.push(new LineReader(run, bufferBytes, keys))
    const isAfter = (i: number, j: number): boolean => {
      const [a, b] = [readers[i] as LineReader, readers[j] as LineReader]
      if (a.prefix !== b.prefix) return a.prefix > b.prefix
      const difference = keys.compare(a.bytes, a.start, a.keyEnd, b.bytes, b.start, b.keyEnd)
      return difference === 0 ? i > j : difference > 0
    }
    const heap = readers.flatMap((reader, i) => (reader.next() ? [i] : []))
    for (let i = heap.length - 1; i >= 0; i--) sink(heap, i, isAfter)
    for (let top = heap[0]; top !== undefined; top = heap[0]) {
      const reader = readers[top] as LineReader
      push(reader)
      if (!reader.next()) {
        const last = heap.pop()
        if (heap.length > 0 && last !== undefined) heap[0] = last
      }
      sink(heap, 0, isAfter)
    }
  } finally {
    for (const reader of readers) reader.close()
  }
}

/** Restores a heap whose entry at `from` may come after those below it. */
function sink(heap: number[], from: number, isAfter: (i: number, j: number) => boolean): void {
  for (let at = from; ; ) {
    let least = at
    for (const child of [2 * at + 1, 2 * at + 2]) {
      const [candidate, best] = [heap[child], heap[least]]
      if (candidate !== undefined && best !== undefined && isAfter(best, candidate)) least = child
    }
    if (least === at) return
    const [a, b] = [heap[at], heap[least]]
    if (a === undefined || b === undefined) return
    heap[at] = b
    heap[least] = a
    at = least
  }
}
