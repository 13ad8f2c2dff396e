/**
 * Functions in the place of commands: a TypeScript function, or one that a module exports as `file.ts#export`, is captured with all it reaches
 * and becomes a program like any other, a Node process that reads lines and prints lines.
 */
import { createHash } from 'node:crypto'
import { existsSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { serialize } from 'node:v8'
import { captureFunctions } from '../closure/capture.ts'
import { PlanError } from '../errors.ts'
import { unknownName } from '../nearest.ts'
import type { UserFunction } from '../plan/step.ts'
import type { Command } from '../stream/command.ts'
import type { FunctionTask } from './function-main.ts'
import type { FunctionProgram } from './function-program.ts'
import type { Program, StreamSettings } from './options.ts'

/** Compiled also when these sources run as they are: Node 20 starts no TypeScript program. */
const MAIN_URL = new URL(
  import.meta.url.endsWith('.ts') ? '../../dist/bundle/function-main.js' : './function-main.js',
  import.meta.url,
)

/** A program ready to run. */
export interface ReadyProgram {
  /** What it is, for what depends on it: a command's text, or the hash of a function and all it captured. */
  readonly identity: string
  /** What runs it, once the directory of the job's own files is there. */
  commandIn(work: string): Command
  /** The function itself; null for what is a command. */
  readonly fn: FunctionProgram | null
}

/** @throws ClosureError for what cannot travel, PlanError for a module or an export that isn't there */
export async function readyProgram<Fn extends UserFunction>(
  program: Program<Fn>,
  role: 'mapper' | 'combiner' | 'reducer',
  settings: StreamSettings,
): Promise<ReadyProgram> {
  const fn = typeof program === 'function' ? program : await exportedFunction(program, role)
  const { keySeparator, keyFields, reducerSeparator } = settings
  const keys = { separator: role === 'reducer' ? (reducerSeparator ?? keySeparator) : keySeparator, keyFields }
  if (fn !== null) {
    const { bundle } = await captureFunctions([{ fn, verb: 'stream', at: { text: '' } }])
    return nodeProgram(role, { role: role === 'mapper' ? 'lines' : 'groups', bundle, ...keys }, fn)
  }
  if (program === 'aggregate' && role !== 'mapper')
    return nodeProgram(role, { role: `aggregate-${role}`, bundle: null, ...keys }, null)
  // What was a function went another way above.
  const command = program as Command
  return { identity: JSON.stringify(command), commandIn: () => command, fn: null }
}

function nodeProgram(name: string, task: FunctionTask, fn: UserFunction | null): ReadyProgram {
  const bytes = serialize(task)
  const { role, separator, keyFields } = task
  return {
    // It is called with what its role is given: a line, or a key and its values.
    fn: { role, separator, keyFields, fn: fn as FunctionProgram['fn'] },
    identity: createHash('sha256').update(bytes).digest('hex'),
    commandIn(work) {
      const path = join(work, `${name}.function`)
      writeFileSync(path, bytes)
      return [process.execPath, '--no-warnings', fileURLToPath(MAIN_URL), path]
    },
  }
}

/** The function that `file.ts#export` names; null for what is a command. */
async function exportedFunction(program: string | readonly string[], role: string): Promise<UserFunction | null> {
  const [, path = '', name = ''] = (typeof program === 'string' && /^(\S+\.[cm]?[jt]s)#([\w$]+)$/.exec(program)) || []
  if (path === '') return null
  if (!existsSync(path)) throw new PlanError(`stream: ${role}: there is no module "${path}". Check the path.`)
  let module: Record<string, unknown>
  try {
    module = (await import(pathToFileURL(resolve(path)).href)) as Record<string, unknown>
  } catch (error) {
    const advice =
      (error as NodeJS.ErrnoException).code === 'ERR_UNKNOWN_FILE_EXTENSION'
        ? ' Run it with tsx, or with Node 22.18 or later.'
        : ''
    throw new PlanError(`stream: ${role}: "${path}" cannot be loaded: ${(error as Error).message}.${advice}`, {
      cause: error,
    })
  }
  const exported = module[name]
  if (typeof exported === 'function') return exported as UserFunction
  if (exported !== undefined)
    throw new PlanError(`stream: ${role}: "${name}" of "${path}" is no function, got ${typeof exported}.`)
  throw unknownName(`stream: ${role}: "${path}" exports no`, name, Object.keys(module))
}
