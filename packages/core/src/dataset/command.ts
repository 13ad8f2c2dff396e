/** The door for the command `kindling`: what its flags are made from, what it explains with, what its prompt needs. Loads next to nothing. */
import type { contextSchema } from '../run/config-schema.ts'

export { silenceLoaderWarning } from '../closure/import-module.ts'
export { unknownName } from '../nearest.ts'
export { VARIABLES } from '../run/config.ts'
export { parseMaster } from '../run/master.ts'
export { type ExplainedAction, explainActions } from './explaining.ts'

/** The options of a context with their descriptions and checks. Loads zod. */
export async function loadContextSchema(): Promise<typeof contextSchema> {
  return (await import('../run/config-schema.ts')).contextSchema
}
