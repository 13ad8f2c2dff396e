/**
 * Messages: what a program says on stderr, line by line. `reporter:counter:group,name,amount` and `reporter:status:text` are for the job;
 * anything else is passed on, with the input's name before it, and its end is kept for when the program fails.
 * Source: HadoopStreaming.md.vm.
 */
import { appendFileSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Writable } from 'node:stream'

export interface Messages {
  write(bytes: Buffer): void
  /** The last line, if it has no end of its own. */
  end(): void
  /** The last lines that were for people. */
  tail(): readonly string[]
  readonly counters: readonly Count[]
  readonly status: string | null
}

export interface Count {
  readonly group: string
  readonly name: string
  readonly amount: number
}

export interface MessageOptions {
  /** Put before each line; null for none. */
  readonly name: string | null
  readonly to: Writable
  /** Kept there as well; null for nowhere. */
  readonly log: string | null
  /** Puts what a line says into the user's terms. */
  readonly read?: (line: string) => string
}

const TAIL_LINES = 20
/** Longer lines are passed on in pieces, so that a program that never ends its line is heard too. */
const LINE_BYTES = 65_536
const NEWLINE = 0x0a

export function createMessages({ name, to, log, read = (line) => line }: MessageOptions): Messages {
  const counters: Count[] = []
  const tail: string[] = []
  let held: Buffer = Buffer.alloc(0)
  let status: string | null = null
  let isLogged = true

  /** True when the line was for the job. */
  const report = (line: string): boolean => {
    const [, kind, rest = ''] = /^reporter:(counter|status):(.*)$/.exec(line) ?? []
    if (kind === 'status') status = rest
    const [group = '', counter = '', amount = '', more] = rest.split(',')
    if (kind === 'counter' && more === undefined && /^-?\d+$/.test(amount)) {
      counters.push({ group, name: counter, amount: Number(amount) })
      return true
    }
    if (kind === 'counter') passOn(`not a counter, which is reporter:counter:group,name,amount: ${line}`)
    return kind !== undefined
  }
  const passOn = (line: string): void => {
    tail.push(line)
    if (tail.length > TAIL_LINES) tail.shift()
    to.write(name === null ? `${line}\n` : `${name}: ${line}\n`)
    if (log === null || !isLogged) return
    try {
      mkdirSync(dirname(log), { recursive: true })
      appendFileSync(log, `${line}\n`)
    } catch (error) {
      // What a program says must not end it; its output will fail by itself where the disk is full.
      isLogged = false
      to.write(
        `stream: "${log}" cannot be written (${(error as NodeJS.ErrnoException).code}): no log is kept of this program.\n`,
      )
    }
  }
  const take = (bytes: Buffer): void => {
    const line = read(bytes.toString('utf8').replace(/\r$/, ''))
    if (!report(line)) passOn(line)
  }

  return {
    write(bytes) {
      held = held.length === 0 ? bytes : Buffer.concat([held, bytes])
      let start = 0
      for (let end = held.indexOf(NEWLINE); end >= 0; end = held.indexOf(NEWLINE, start)) {
        take(held.subarray(start, end))
        start = end + 1
      }
      held = held.subarray(start)
      if (held.length < LINE_BYTES) return
      take(held)
      held = Buffer.alloc(0)
    },
    end() {
      if (held.length > 0) take(held)
      held = Buffer.alloc(0)
    },
    tail: () => tail,
    counters,
    get status() {
      return status
    },
  }
}
