/** A function in the place of a program, called in this process and not captured, so that a debugger stops in it. */
import { once } from 'node:events'
import { closeSync, createWriteStream, openSync, rmSync, statSync } from 'node:fs'
import { finished } from 'node:stream/promises'
import type { Feed, ProgramEnd } from '../stream/run-program.ts'
import { type FunctionProgram, runFunction } from './function-program.ts'
import { thrownText } from './thrown.ts'

export interface InlineRun {
  readonly program: FunctionProgram
  /** A descriptor, what writes the input, or null for none. */
  readonly stdin: number | Feed | null
  /** The file that it writes. */
  readonly output: string
  /** What it finds in `process.env` meanwhile. */
  readonly env: NodeJS.ProcessEnv
  /** Takes what it says on stderr. */
  readonly onStderr: (bytes: Buffer) => void
}

/** One at a time, since it takes the environment and stderr of the process. Ends as its process would; it cannot be ended from here. */
export async function runInline({ program, stdin, output, env, onStderr }: InlineRun): Promise<ProgramEnd> {
  const copy = `${output}.in`
  const isCopied = typeof stdin === 'function'
  if (isCopied) await writeTo(copy, stdin)
  const bytesFed = isCopied ? statSync(copy).size : 0
  const input = typeof stdin === 'number' ? stdin : openSync(isCopied ? copy : '/dev/null', 'r')
  const written = openSync(output, 'w')
  const restore = takeProcess(env, onStderr)
  const thrown = await runFunction(program, { input, output: written }).then(
    () => null,
    (error: unknown) => thrownText(error),
  )
  restore()
  closeSync(input)
  closeSync(written)
  rmSync(copy, { force: true })
  if (thrown !== null) onStderr(Buffer.from(`${thrown}\n`))
  return { code: thrown === null ? 0 : 1, signal: null, endedBy: null, error: null, bytesFed, isPipeline: false }
}

/** @returns what gives the environment and stderr back */
function takeProcess(env: NodeJS.ProcessEnv, onStderr: (bytes: Buffer) => void): () => void {
  const { env: own } = process
  const write = process.stderr.write.bind(process.stderr)
  const restoreStderr = (): void => {
    process.stderr.write = write
  }
  const take = (): void => {
    process.stderr.write = (chunk: string | Uint8Array): boolean => {
      // What takes it may pass it on to stderr.
      restoreStderr()
      onStderr(Buffer.from(chunk))
      take()
      return true
    }
  }
  process.env = env
  take()
  return () => {
    process.env = own
    restoreStderr()
  }
}

async function writeTo(path: string, feed: Feed): Promise<void> {
  const stream = createWriteStream(path)
  await once(stream, 'ready')
  await feed(stream)
  stream.end()
  await finished(stream)
}
