/** A fresh temporary directory per test, removed after it. */
import { mkdtempSync, readdirSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { RowSource } from '../../src/io/row-source.ts'
import type { FileStamp, LinesSplit } from '../../src/plan/source.ts'

export function freshDirectory(): string {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'kindling-io-')))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

export function freshFile(name: string, content: string | Uint8Array): string {
  const path = join(freshDirectory(), name)
  writeFileSync(path, content)
  return path
}

export function stampOf(path: string): FileStamp {
  const { size, mtimeMs } = statSync(path)
  return { sizeBytes: size, modifiedMs: mtimeMs }
}

/** The whole of a file as one split. */
export function wholeSplit(path: string): LinesSplit {
  const stamp = stampOf(path)
  const compression = path.endsWith('.gz') ? 'gzip' : 'none'
  return { type: 'lines', path, start: 0, end: compression === 'none' ? stamp.sizeBytes : -1, compression, stamp }
}

export function rowsOf(source: RowSource): unknown[] {
  const rows: unknown[] = []
  try {
    while (source.advance((row) => rows.push(row) > 0));
    return rows
  } finally {
    source.close()
  }
}

/** Every path below a directory, sorted. */
export function tree(path: string): string[] {
  return readdirSync(path, { recursive: true, encoding: 'utf8' }).sort()
}

/** The message of what a call throws. */
export function messageOf(call: () => unknown): string {
  try {
    call()
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : `thrown: ${String(error)}`
  }
  return 'nothing was thrown'
}
