/** What bash runs before a command of the documentation or an example: `npx` is what is installed here, `kindling` too. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const STREAM = join(ROOT, 'packages/core/test/streaming/fixtures/stream.mjs')

export const COMMAND_PRELUDE: string = `export PATH='${join(ROOT, 'node_modules/.bin')}':"$PATH"
npx() { "$@"; }
command -v kindling >/dev/null || kindling() { [ "$1" = stream ] && shift && '${process.execPath}' '${STREAM}' "$@"; }`
