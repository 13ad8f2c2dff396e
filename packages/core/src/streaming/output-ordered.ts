/** Standard output, in the order of the inputs: what comes early waits on the disk. */
import { type FileHandle, open, rm } from 'node:fs/promises'
import { drained } from '../stream/drained.ts'
import { nameOf } from './inputs.ts'
import {
  type Output,
  type OutputOptions,
  openWork,
  type Part,
  temporaryDirectory,
  type WorkDirectory,
} from './output.ts'

const CHUNK_BYTES = 256 * 1024
const NEWLINE = 0x0a

interface Waiting {
  readonly part: Part
  /** Null for a part that does not come. */
  readonly file: string | null
}

export function openOrderedOutput({ settings, stdout }: OutputOptions): Output {
  let work: WorkDirectory | null = null
  const hasLines = settings.recordEnd === '\n'
  const waiting = new Map<number, Waiting>()
  let next = 0
  let last = NEWLINE
  let printing: Promise<void> = Promise.resolve()

  const print = async ({ part, file }: Waiting): Promise<void> => {
    if (file === null) return
    const prefix = settings.tag && part.input !== null ? Buffer.from(`${nameOf(part.input)}\t`) : null
    const source = await open(file)
    try {
      for await (const chunk of chunksOf(source)) {
        if (stdout.destroyed || stdout.writableEnded) return
        // Lines of different programs are never joined.
        const head = hasLines && chunk.isFirst && last !== NEWLINE ? Buffer.from('\n') : Buffer.alloc(0)
        const isLineStart = chunk.isFirst || last === NEWLINE
        const bytes = prefix === null ? chunk.bytes : tagged(chunk.bytes, prefix, isLineStart)
        last = chunk.bytes.at(-1) ?? NEWLINE
        if (!stdout.write(head.length === 0 ? bytes : Buffer.concat([head, bytes]))) await drained(stdout)
      }
    } finally {
      await source.close()
      await rm(file)
    }
  }
  const printReady = async (): Promise<void> => {
    for (let entry = waiting.get(next); entry !== undefined; entry = waiting.get(next)) {
      waiting.delete(next)
      next++
      await print(entry)
    }
  }
  const add = (entry: Waiting): Promise<void> => {
    waiting.set(entry.part.index, entry)
    printing = printing.then(printReady)
    return printing
  }

  return {
    nameOf: () => null,
    logOf: () => null,
    keptOf: () => null,
    begin() {
      work = openWork(temporaryDirectory(settings), true)
      return work.path
    },
    commit: (part, file) => add({ part, file }),
    skip: (part) => add({ part, file: null }),
    finish: () => printing,
    close: () => work?.close(),
  }
}

/** A fresh buffer for each chunk: the stream keeps it until it is written. */
async function* chunksOf(file: FileHandle): AsyncGenerator<{ readonly bytes: Buffer; readonly isFirst: boolean }> {
  for (let isFirst = true; ; isFirst = false) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(CHUNK_BYTES), 0, CHUNK_BYTES, null)
    if (bytesRead === 0) return
    yield { bytes: buffer.subarray(0, bytesRead), isFirst }
  }
}

function tagged(bytes: Buffer, prefix: Buffer, isLineStart: boolean): Buffer {
  const pieces: Buffer[] = isLineStart ? [prefix] : []
  let start = 0
  for (let end = bytes.indexOf(NEWLINE); end >= 0 && end + 1 < bytes.length; end = bytes.indexOf(NEWLINE, start)) {
    pieces.push(bytes.subarray(start, end + 1), prefix)
    start = end + 1
  }
  return Buffer.concat([...pieces, bytes.subarray(start)])
}
