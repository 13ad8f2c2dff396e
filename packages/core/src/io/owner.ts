/**
 * An owner: the thread of a process that writes an output. Its name is part of the names of what it leaves behind, so that
 * a later run can tell whether it still lives. A process is known by its number and its start time, since numbers are used
 * again; what another machine or container wrote is not judged.
 */
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { threadId } from 'node:worker_threads'
import { childProcess } from './on-demand.ts'

/** `same`: this thread. `alive`: another thread or process. `foreign`: its process can't be seen from here. */
export type OwnerState = 'same' | 'alive' | 'dead' | 'foreign'

/** `pid-scope_start_thread`, of the characters `[0-9a-z_-]`; without a number, that of this thread. */
export function ownerName(pid: number = process.pid): string {
  return `${pid}-${scope()}_${startOf(pid) ?? '0'}_${threadId}`
}

// Held here, since a program may replace it. What node:crypto would give takes 5 ms to load.
const random = Math.random
let count = 0

/** The name of this thread, `-` and eight hexadecimal digits that differ from call to call. */
export function freshName(): string {
  const token = (Math.floor(random() * 2 ** 32) + count++) >>> 0
  return `${ownerName()}-${hexOf(token)}`
}

export function ownerState(name: string): OwnerState {
  const [, pid = '', where = '', start = '', thread = ''] = /^(\d+)-([^_]*)_([^_]*)_(\d+)$/.exec(name) ?? []
  if (where !== scope()) return 'foreign'
  if (startOf(Number(pid)) !== start) return 'dead'
  return Number(pid) === process.pid && Number(thread) === threadId ? 'same' : 'alive'
}

/** When a process started, in a unit of its system; null when it has ended. */
function startOf(pid: number): string | null {
  if (process.platform === 'linux') return startOnLinux(pid)
  const { stdout, error } = childProcess().spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' })
  if (error !== undefined) return isRunning(pid) ? '0' : null
  return stdout.trim() === '' ? null : Date.parse(stdout.trim()).toString(36)
}

/** Clock ticks since the machine started. Source: proc(5), fields 3 and 22 of /proc/pid/stat. */
function startOnLinux(pid: number): string | null {
  try {
    // The second field is the program's name in parentheses and may hold anything.
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ')
    // A zombie has ended; only its parent has not noticed.
    return fields[0] === 'Z' || fields[0] === 'X' ? null : Number(fields[19]).toString(36)
  } catch {
    return null
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** The machine or container within which process numbers mean something. */
function scope(): string {
  let namespace = ''
  try {
    namespace = readlinkSync('/proc/self/ns/pid')
  } catch {
    // Only Linux has them.
  }
  return hexOf(hashOf(`${hostname()}\n${namespace}`))
}

/** 32 bits of a text. Source: FNV-1a, over UTF-16 code units. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}

function hexOf(bits: number): string {
  return bits.toString(16).padStart(8, '0')
}
