/** A fresh folder per test, gone after it, and runs in it. */
import { mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type RunOptions, run, type Summary, type Task } from '@kindling/workflow'
import { onTestFinished } from 'vitest'

export interface Fresh {
  readonly cwd: string
  readonly run: (task: Task, options?: RunOptions) => Promise<Summary>
  /** All files in the folder and below but for the records, sorted. */
  readonly files: () => readonly string[]
}

export function freshFolder(): string {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'kindling-tasks-')))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

export function fresh(): Fresh {
  const cwd = freshFolder()
  return {
    cwd,
    run: (task, options = {}) => run(task, { cwd, workers: 2, signals: 'ignore', ...options }),
    files: () => filesIn(cwd),
  }
}

export function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .filter((path) => !path.startsWith('.kindling/'))
    .sort()
}

/** `label → status` of all rows. */
export function statuses({ rows }: Summary): Record<string, string> {
  return Object.fromEntries(rows.map(({ task, status }) => [task, status]))
}

/** A promise and what settles it. */
export function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}
