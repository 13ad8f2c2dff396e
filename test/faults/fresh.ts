/** Fresh folders and contexts for a test, gone after it. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Context, type ContextOptions, createContext } from 'kindling'
import { onTestFinished } from 'vitest'

export function freshFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'kindling-faults-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

export async function freshContext(options: ContextOptions = {}): Promise<Context> {
  const context = await createContext({ master: 'local[2]', progress: false, ...options })
  onTestFinished(() => context.stop())
  return context
}

/** Everything in a folder and below, hidden names too. */
export function everythingIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted()
}

/** What an action rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise
  } catch (error) {
    return error as Error
  }
  throw new Error('the action did not reject')
}
