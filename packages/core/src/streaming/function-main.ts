/** The process that a function becomes: a program like any other, which reads its standard input and prints. */
import { readFileSync } from 'node:fs'
import { deserialize } from 'node:v8'
import type { Bundle } from '../closure/bundle.ts'
import { remapStack, reviveFunctions } from '../closure/revive.ts'
import { type FunctionProgram, runFunction } from './function-program.ts'
import { thrownText } from './thrown.ts'

export interface FunctionTask extends Omit<FunctionProgram, 'fn'> {
  /** The function; null for what is built in. */
  readonly bundle: Bundle | null
}

try {
  // Written by the driver, for this process.
  const { bundle, ...task } = deserialize(readFileSync(process.argv[2] ?? '')) as FunctionTask
  // Typed where it was given to stream().
  const [fn = null] = (bundle === null ? [] : await reviveFunctions(bundle)) as FunctionProgram['fn'][]
  await runFunction({ ...task, fn }, { input: 0, output: 1 })
} catch (error) {
  process.exitCode = 1
  process.stderr.write(`${thrownText(error, remapStack)}\n`)
}
