/** Where the lines typed at the prompt are remembered: a file in the user's state directory, or where KINDLING_HISTORY says. */
import { mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import type { REPLServer } from 'node:repl'

/** The file; null when KINDLING_HISTORY is empty, which switches the history off. */
export function historyFile(env: NodeJS.ProcessEnv): string | null {
  const named = env['KINDLING_HISTORY']
  if (named === '') return null
  if (named !== undefined) return resolve(named)
  // Source: the XDG base directory specification, which holds relative paths invalid.
  const state = env['XDG_STATE_HOME']?.startsWith('/') ? env['XDG_STATE_HOME'] : join(homedir(), '.local/state')
  return join(state, 'kindling', 'history')
}

/** A history that cannot be read or written is said, and the prompt works without it. */
export async function openHistory(repl: REPLServer, file: string | null): Promise<void> {
  if (file === null || !repl.terminal) return
  try {
    mkdirSync(dirname(file), { recursive: true })
    await new Promise<void>((resolve, reject) =>
      repl.setupHistory(file, (error) => (error === null ? resolve() : reject(error))),
    )
  } catch (error) {
    process.stderr.write(
      `history: ${String(error)}. This session is not remembered; KINDLING_HISTORY names another file\n`,
    )
  }
}
