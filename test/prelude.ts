/** What bash runs before a command of the documentation or an example: `npx` is what is installed here, `kindling` too. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

export const COMMAND_PRELUDE: string = `export PATH='${join(ROOT, 'node_modules/.bin')}':"$PATH"
npx() { "$@"; }`
