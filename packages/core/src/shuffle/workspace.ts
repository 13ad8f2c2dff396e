/**
 * A workspace: what a worker may use to hold rows beside those it is working on. Memory that all threads of the process share
 * is drawn from one budget; what finds no room there goes to files of the workspace's directory.
 */
import { join } from 'node:path'
import { threadId } from 'node:worker_threads'
import { realFileSystem } from '../io/file-system.ts'

/** Plain data, so that a worker can be told. */
export interface WorkspaceOptions {
  /** Made when the first file is. */
  readonly directory: string
  /** The budget that is shared: used and most, in KiB; null where workers share no memory, so that all goes to files. */
  readonly shared: SharedArrayBuffer | null
  /** Bytes of rows that one task may hold in tables and buffers of ours. */
  readonly taskBytes: number
}

/** A new budget of so many bytes. */
export function sharedBudget(bytes: number): SharedArrayBuffer {
  const shared = new SharedArrayBuffer(8)
  new Int32Array(shared)[MOST] = Math.min(Math.floor(bytes / 1024), 2 ** 31 - 1)
  return shared
}

const USED = 0
const MOST = 1

export class Workspace {
  readonly taskBytes: number
  readonly directory: string
  readonly #shared: Int32Array | null
  #files = 0

  constructor(options: WorkspaceOptions) {
    this.taskBytes = options.taskBytes
    this.directory = options.directory
    this.#shared = options.shared === null ? null : new Int32Array(options.shared)
  }

  /** Memory that other threads can read, taken from the budget; null when there is no room. */
  allocate(bytes: number): SharedArrayBuffer | null {
    if (this.#shared === null) return null
    const needed = kibibytes(bytes)
    if (Atomics.add(this.#shared, USED, needed) + needed > (this.#shared[MOST] as number)) {
      Atomics.sub(this.#shared, USED, needed)
      return null
    }
    return new SharedArrayBuffer(bytes)
  }

  get sharesMemory(): boolean {
    return this.#shared !== null
  }

  /** Whether so many bytes would find room now; where no memory is shared, files have room for all. */
  hasRoomFor(bytes: number): boolean {
    if (this.#shared === null) return true
    return Atomics.load(this.#shared, USED) + kibibytes(bytes) <= (this.#shared[MOST] as number)
  }

  /** Gives memory back to the budget; whoever holds it must drop it. */
  release(memory: SharedArrayBuffer): void {
    if (this.#shared !== null) Atomics.sub(this.#shared, USED, kibibytes(memory.byteLength))
  }

  /** The path of a file that is not there yet. */
  newFile(): string {
    // Each time: what cleans directories of temporary files takes this one, too.
    realFileSystem.makeDirectories(this.directory, 0o700)
    return join(this.directory, `blocks-${process.pid}-${threadId}-${this.#files++}`)
  }
}

function kibibytes(bytes: number): number {
  return Math.ceil(bytes / 1024)
}
