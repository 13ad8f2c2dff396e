/** Stack frames of kindling itself, which say nothing to a user. */
import { join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

const PACKAGE = fileURLToPath(new URL('../..', import.meta.url))
/** Compiled files, and the sources that a runtime with source maps shows in their place. */
const OWN_FOLDERS: readonly string[] = [
  `${PACKAGE}dist${sep}`,
  `${PACKAGE}src${sep}`,
  // The package of tasks calls verbs for its users: beside this one here, under its name where it is installed.
  join(PACKAGE, '..', 'workflow', `dist${sep}`),
  join(PACKAGE, '..', 'workflow', `src${sep}`),
  `@kindling${sep}workflow${sep}dist${sep}`,
]

/** Whether a line of a stack, or the path of a file, is kindling's own. */
export function isOwnFrame(text: string): boolean {
  return /kindling:(stage|scan)/.test(text) || OWN_FOLDERS.some((folder) => text.includes(folder))
}
