/** The options of a context as flags of a command: they go to the program's context as variables, which options in its code override. */
import type { Command } from 'commander'
import { loadContextSchema, parseMaster, VARIABLES } from 'kindling/command'
import { addFlags, readFlags } from './schema-flags.ts'
import { UsageError } from './usage-error.ts'

/** Adds the flags if any may be given: the schema and what checks it take time to load, and most runs have none. */
export async function addContextFlags(command: Command, args: readonly string[]): Promise<void> {
  if (args[0]?.startsWith('-') === true) addFlags(command, (await loadContextSchema()).partial())
}

/** Hands the flags that were given on. @throws UsageError naming the one that is wrong */
export async function applyContextFlags(command: Command): Promise<void> {
  const options = command.opts()
  if (!Object.keys(VARIABLES).some((key) => key in options)) return
  const values = readFlags(command.name(), command, (await loadContextSchema()).partial())
  if (values.master !== undefined) checkMaster(command, String(values.master))
  for (const [key, variable] of Object.entries(VARIABLES)) {
    const value: unknown = Reflect.get(values, key)
    if (value !== undefined) process.env[variable] = String(value)
  }
}

/** A master has a parser instead of a schema. */
function checkMaster(command: Command, master: string): void {
  try {
    parseMaster(master)
  } catch (error) {
    throw new UsageError(`${command.name()}: --${(error as Error).message}`, { cause: error })
  }
}
