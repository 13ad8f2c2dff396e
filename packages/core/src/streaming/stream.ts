/** Streaming jobs: unmodified programs over partitioned input. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { TaskError } from '../errors.ts'
import type { GroupFunction, LineFunction, Program, StreamOptions } from './options.ts'
import type { StreamResult } from './result.ts'
import { runStream, type StreamHooks } from './run-stream.ts'
import { readOptions } from './schema.ts'

/**
 * Runs programs over partitioned input.
 *
 *     await stream({ input: 'logs/*', mapper: 'python3 map.py', reducer: 'python3 reduce.py', output: 'out' })
 *
 * @throws PlanError or DataError before anything runs; TaskError when a program failed, after the others ended as `onFailure` says
 */
export async function stream(options: StreamOptions, hooks: StreamHooks = {}): Promise<StreamResult> {
  const result = await runStream(readOptions(options), hooks)
  const [first] = result.failures
  if (first === undefined) return result
  const others = result.failures.length === 1 ? '' : ` ${result.failures.length - 1} more failed.`
  const job = result.jobs.find(({ seq }) => seq === first.seq)
  throw new TaskError(`stream: ${first.message}${others}`, {
    stage: job?.kind === 'reducer' ? 1 : 0,
    partition: first.seq - 1,
    attempts: job?.attempts ?? 1,
    cause: undefined,
  })
}

/** The lines that a mapper and a reducer make of some lines, for tests. @throws as `stream` does */
export async function streamLocal(options: {
  readonly mapper?: Program<LineFunction>
  readonly combiner?: Program<GroupFunction>
  readonly reducer?: Program<GroupFunction>
  readonly lines: Iterable<string>
  /** Calls functions in this process. */
  readonly inline?: boolean
}): Promise<string[]> {
  const { lines, ...programs } = options
  const folder = mkdtempSync(join(tmpdir(), 'kindling-local-'))
  const printed: Buffer[] = []
  const stdout = new Writable({
    write(bytes: Buffer, _encoding, done) {
      printed.push(bytes)
      done()
    },
  })
  try {
    const input = join(folder, 'lines')
    writeFileSync(input, Array.from(lines, (line) => `${line}\n`).join(''))
    const reducers = programs.reducer === undefined ? {} : { reducers: 1 }
    await stream({ ...programs, ...reducers, input, progress: false }, { stdout })
    const text = Buffer.concat(printed).toString('utf8')
    return text === '' ? [] : text.replace(/\n$/, '').split('\n')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
