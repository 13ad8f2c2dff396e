/** Workspaces of tests: as small as a test wants them, each in a fresh directory. */
import { join } from 'node:path'
import { sharedBudget, Workspace } from '../../src/shuffle/workspace.ts'
import { freshDirectory } from '../io/fresh.ts'

export interface TestWorkspace {
  readonly workspace: Workspace
  /** Where its files go. */
  readonly directory: string
}

/** @param sharedBytes memory for kept blocks; null: all go to files */
export function freshWorkspace(taskBytes: number, sharedBytes: number | null = 2 ** 26): TestWorkspace {
  const directory = join(freshDirectory(), 'work')
  const shared = sharedBytes === null ? null : sharedBudget(sharedBytes)
  return { workspace: new Workspace({ directory, shared, taskBytes }), directory }
}
