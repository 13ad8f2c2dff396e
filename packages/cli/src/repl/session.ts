/** A session at the prompt: Node's line editing around an evaluator of TypeScript, and a context that is ready. */
import { type REPLServer, Recoverable, start } from 'node:repl'
import type * as Kindling from 'kindling'
import { TypeScriptError } from '../typescript/transform.ts'
import { openCompleter } from './complete.ts'
import { show, writeValue } from './display.ts'
import { Incomplete, openEvaluator } from './evaluate.ts'
import { writeError } from './failure.ts'
import { Gate } from './gate.ts'
import { historyFile, openHistory } from './history.ts'
import { openInterrupts } from './interrupts.ts'
import { writeAtOnce } from './output.ts'
import { openPlaces } from './places.ts'

export interface SessionOptions {
  readonly context: Kindling.Context
  /** The library that made the context, which what is typed imports too. */
  readonly kindling: typeof Kindling
  readonly declarations: URL
  readonly banner: string
  /** Whether somebody is there to read a prompt. */
  readonly isInteractive: boolean
}

/**
 * Resolves when the session has ended: Ctrl-D, `.exit` or the end of the input.
 * @returns whether any input failed
 */
export async function runSession({
  context,
  kindling,
  declarations,
  banner,
  isInteractive,
}: SessionOptions): Promise<boolean> {
  for (const stream of [process.stdout, process.stderr]) if (stream.isTTY) writeAtOnce(stream)
  const places = openPlaces()
  const evaluator = openEvaluator(places)
  const completer = openCompleter({ variables: () => ['ctx', ...evaluator.declared], classes: kindling, declarations })
  const interrupts = openInterrupts()
  const gate = new Gate(process.stdin)
  Reflect.set(globalThis, 'ctx', context)

  const evaluate = async (input: string): Promise<unknown> => {
    if (gate.continues) throw new Incomplete('the next line goes on')
    const value = await evaluator.evaluate(input)
    return value instanceof kindling.Dataset ? show(value, kindling.showTable) : value
  }
  let hasFailed = false
  // A list of none or one, as what is assigned in callbacks only looks constant here.
  const unfinished: Incomplete[] = []
  const complain = (error: unknown): void => {
    hasFailed = true
    // The prompt's own name for it is `_error`.
    Reflect.set(repl, 'lastError', error)
    const output = isInteractive ? process.stdout : process.stderr
    output.write(`${places.typed(writeError(error))}\n`)
  }
  if (process.stdin.isTTY) process.stdout.write(`${banner}\n`)
  const repl = start({
    prompt: isInteractive ? '> ' : '',
    input: gate,
    output: process.stdout,
    terminal: process.stdin.isTTY && process.stdout.isTTY,
    useGlobal: true,
    ignoreUndefined: true,
    writer: writeValue,
    completer: (line: string) => completer.complete(line),
    eval(input, _context, _file, done) {
      gate.close()
      const finish = (error: Error | null, value: unknown): void => {
        // Before the prompt appears: what is typed from then on is the prompt's to show.
        gate.setRawMode(true)
        done(error, value)
        gate.open()
      }
      interrupts.guard(evaluate(input)).then(
        (value) => finish(null, value),
        (error: unknown) => {
          if (error instanceof Incomplete) {
            unfinished.splice(0, 1, error)
            return finish(new Recoverable(error), undefined)
          }
          complain(error)
          finish(null, undefined)
        },
      )
    },
  })
  if (!isInteractive) repl.displayPrompt = () => {}
  const clear = repl.clearBufferedCommand.bind(repl)
  repl.clearBufferedCommand = () => {
    unfinished.length = 0
    clear()
  }
  const ended = new Promise<void>((resolve) => repl.once('exit', resolve))
  clearOnInterrupt(repl, () => interrupts.cancelJobs())
  // What nobody awaits fails without ending the session.
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error) => {
      complain(error)
      if (!gate.isClosed) repl.displayPrompt(true)
    })
  }
  await openHistory(repl, historyFile(process.env))
  await ended
  // At a prompt one sees that it was not finished.
  for (const { message } of isInteractive ? [] : unfinished)
    complain(new TypeScriptError(`the input ends within a statement: ${message}`, true))
  return hasFailed
}

/** Ctrl-C at the prompt gives up what was being typed. Node's own listener would end the session the second time. */
function clearOnInterrupt(repl: REPLServer, cancelJobs: () => void): void {
  repl.removeAllListeners('SIGINT')
  repl.on('SIGINT', () => {
    repl.write(null, { ctrl: true, name: 'e' })
    repl.write(null, { ctrl: true, name: 'u' })
    repl.output.write('^C\n')
    repl.clearBufferedCommand()
    cancelJobs()
    repl.displayPrompt()
  })
}
