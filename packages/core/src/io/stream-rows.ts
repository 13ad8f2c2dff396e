/**
 * Stream rows: what an iterable of the program gives, read once by the driver, when the first action needs it. Rows are asked for one after
 * another and kept as blocks of the row codec, which take less memory than the rows; later actions find them there.
 */
import { setImmediate } from 'node:timers/promises'
import { DataError } from '../errors.ts'
import { sliceStart } from '../plan/inputs.ts'
import type { RowsSplit, StreamSource } from '../plan/source.ts'
import { decodeRows, encodeRows } from './row-codec.ts'

/** Rows of a block, but for the last. */
const BLOCK_ROWS = 4096

interface Reading {
  readonly blocks: Uint8Array[]
  rowCount: number
  /** Settles when all is read. */
  readonly done: Promise<void>
  /** Actions that wait for it. When the last is cancelled, nobody needs the rest. */
  waiting: number
  isStopped: boolean
}

/** What was read belongs to its source, and goes when that does. */
const readings = new WeakMap<StreamSource, Reading>()

/**
 * Waits until all rows are read, which begins with the first that waits.
 * @throws DataError when the iterable throws, or gives what cannot be moved between threads; the reason of an abort
 */
export async function readStream(source: StreamSource, verb: string, signal: AbortSignal): Promise<void> {
  const reading = readings.get(source) ?? startReading(source, verb)
  reading.waiting++
  let leave = (): void => {}
  const aborted = new Promise<never>((_, reject) => {
    leave = () => reject(signal.reason as Error)
    signal.addEventListener('abort', leave, { once: true })
  })
  try {
    signal.throwIfAborted()
    await Promise.race([reading.done, aborted])
  } finally {
    signal.removeEventListener('abort', leave)
    if (--reading.waiting === 0) reading.isStopped = true
  }
}

/** Slice `slice` of the rows, which `readStream` has read; slices are those of a list. */
export function streamSplit(source: StreamSource, slice: number): RowsSplit {
  const reading = readings.get(source)
  if (reading === undefined) throw new Error('a stream is split before it was read')
  const from = sliceStart(slice, source.sliceCount, reading.rowCount)
  const to = sliceStart(slice + 1, source.sliceCount, reading.rowCount)
  const blocks: Uint8Array[] = []
  for (let first = from - (from % BLOCK_ROWS); first < to; first += BLOCK_ROWS) {
    const block = reading.blocks[first / BLOCK_ROWS] as Uint8Array
    const last = Math.min(first + BLOCK_ROWS, reading.rowCount)
    const isWhole = first >= from && last <= to
    blocks.push(isWhole ? block : encodeRows(decodeRows(block).slice(Math.max(0, from - first), to - first), from))
  }
  return { type: 'rows', blocks }
}

function startReading(source: StreamSource, verb: string): Reading {
  // Read only after `reading` has its value.
  const done = Promise.resolve().then(() => readAll(source, verb, reading))
  // Whoever waits for it hears of its failure; nobody may.
  done.catch(() => {})
  const reading: Reading = { blocks: [], rowCount: 0, done, waiting: 0, isStopped: false }
  readings.set(source, reading)
  return reading
}

async function readAll({ rows }: StreamSource, verb: string, reading: Reading): Promise<void> {
  let batch: unknown[] = []
  const flush = (): void => {
    if (batch.length > 0) reading.blocks.push(encode(verb, batch, reading.rowCount - batch.length))
    batch = []
  }
  // An error from the loop's own body is no error of the iterable.
  let isOurs = false
  try {
    for await (const row of rows) {
      isOurs = true
      if (reading.isStopped) {
        throw new DataError(
          `${verb}: its rows were being read when the action was cancelled, and can be read only once. Make the dataset again`,
        )
      }
      reading.rowCount++
      if (batch.push(row) === BLOCK_ROWS) {
        flush()
        // An iterable that never waits would let nothing else run, a cancel among it.
        await setImmediate()
      }
      isOurs = false
    }
  } catch (error) {
    if (isOurs) throw error
    const what = error instanceof Error ? error.message : String(error)
    throw new DataError(`${verb}: the iterable threw after ${reading.rowCount} rows: ${what}`, { cause: error })
  }
  flush()
}

/** @throws DataError naming the verb and the row that cannot be moved between threads */
function encode(verb: string, rows: readonly unknown[], firstIndex: number): Uint8Array {
  try {
    return encodeRows(rows, firstIndex)
  } catch (error) {
    if (error instanceof Error) error.message = `${verb}: ${error.message}`
    throw error
  }
}
