/**
 * Runs what is typed, one input after the other, in the global scope of this process: what one input declares is there for the next, and
 * a function of any of them can travel to a worker.
 */
import vm from 'node:vm'
import { silenceLoaderWarning } from 'kindling/command'
import { TypeScriptError, transformTypeScript } from '../typescript/transform.ts'
import type { Places } from './places.ts'
import { type Statement, statementsOf } from './statements.ts'

/** An input that more lines could complete. */
export class Incomplete extends SyntaxError {}

export interface Evaluator {
  /** The names that inputs have declared. */
  readonly declared: ReadonlySet<string>
  /**
   * The value of the last statement, if that is an expression.
   * @throws Incomplete, or what the input throws; the statements before the failing one have run
   */
  evaluate(input: string): Promise<unknown>
}

export function openEvaluator(places: Places): Evaluator {
  silenceLoaderWarning()
  const declared = new Set<string>()
  let inputs = 0
  const declare = (names: readonly string[]): void => {
    for (const name of names) {
      if (declared.has(name)) continue
      declared.add(name)
      // What sloppy code of a library has made a global variable can be assigned, but not declared.
      if (Object.getOwnPropertyDescriptor(globalThis, name)?.configurable !== false) vm.runInThisContext(`let ${name}`)
    }
  }
  return {
    declared,
    async evaluate(input) {
      const fileName = `REPL${inputs + 1}`
      const statements = parsed(fileName, input, places)
      inputs++
      let value: unknown
      for (const statement of statements) {
        declare(statement.names)
        const result = await run(statement, fileName)
        value = statement.isExpression ? result : undefined
      }
      return value
    },
  }
}

function parsed(name: string, input: string, places: Places): readonly Statement[] {
  const parse = (source: string): readonly Statement[] => {
    const { code, map } = transformTypeScript(name, source, 'kept')
    const statements = statementsOf(code)
    places.learn(name, { file: name, sourceRoot: '', sourcesContent: [], ...map })
    return statements
  }
  try {
    return parseObject(input, parse) ?? parse(input)
  } catch (error) {
    if (error instanceof TypeScriptError && error.isIncomplete) throw new Incomplete(error.message)
    throw error
  }
}

/** `{ a: 1 }` is an object at a prompt, where a program would have a block; null when it is none. */
function parseObject<T>(input: string, parse: (source: string) => T): T | null {
  if (!/^\s*\{[^]*\}\s*$/.test(input)) return null
  try {
    return parse(`(${input})`)
  } catch {
    return null
  }
}

/** A synchronous part is stopped by SIGINT, whatever it does. */
function run(statement: Statement, fileName: string): unknown {
  const { code, line, column } = statement
  const script = new vm.Script(code, {
    filename: fileName,
    lineOffset: line,
    columnOffset: column,
    importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  })
  return script.runInThisContext({ breakOnSigint: true, displayErrors: false })
}
