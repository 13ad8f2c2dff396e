/** A child's stderr: passed on line by line as it comes, its end kept for the error message. */
import type { Readable, Writable } from 'node:stream'
import { drained } from './drained.ts'

export interface StderrTail {
  /** The last lines, at most `TAIL_LINES`. Complete once the stream has closed. */
  lines(): readonly string[]
}

const TAIL_LINES = 20
const TAIL_BYTES = 16_384
/** A line longer than this is passed on in pieces, so that a program that never ends its line is heard too. */
const LINE_BYTES = 65_536

/** Whole lines are written at once, so that those of children side by side are not mixed. */
export function createStderrTail(from: Readable, to: Writable): StderrTail {
  let tail = Buffer.alloc(0)
  let held = Buffer.alloc(0)
  let isCut = false

  const passOn = (bytes: Buffer): void => {
    if (bytes.length === 0 || to.write(bytes)) return
    from.pause()
    void drained(to).then(() => from.resume())
  }
  from.on('data', (bytes: Buffer) => {
    isCut ||= tail.length + bytes.length > TAIL_BYTES
    tail = Buffer.concat([tail, bytes.subarray(-TAIL_BYTES)]).subarray(-TAIL_BYTES)
    held = Buffer.concat([held, bytes])
    const end = held.length > LINE_BYTES ? held.length : held.lastIndexOf('\n') + 1
    passOn(held.subarray(0, end))
    held = held.subarray(end)
  })
  from.on('end', () => passOn(held))

  return {
    lines() {
      const lines = tail.toString('utf8').split(/\r?\n/)
      if (lines.at(-1) === '') lines.pop()
      return lines.slice(isCut && lines.length > 1 ? 1 : 0).slice(-TAIL_LINES)
    },
  }
}
