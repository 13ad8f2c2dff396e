/**
 * Keeping blocks: what a task leaves for others, bucket by bucket. Blocks are gathered in this thread's memory; when they become too many
 * they are written to a file. At the end they are either one piece of shared memory, laid out by bucket, or that file.
 */
import { closeSync, openSync, rmSync, writevSync } from 'node:fs'
import { dirname } from 'node:path'
import { DataError } from '../errors.ts'
import { realFileSystem } from '../io/file-system.ts'
import type { KeptBlocks } from '../plan/task.ts'
import { fileFrame, HEAD_BYTES, memoryFrame } from './frame.ts'
import type { Workspace } from './workspace.ts'

interface Entry {
  readonly bucket: number
  /** The block until it is written. */
  block: Uint8Array | null
  offset: number
  length: number
}

export interface KeepOptions {
  /** Into a file whatever happens: at a path, or one of the workspace's. */
  readonly file?: { readonly path: string | null }
  /** Each block is a span of its own, so that readers can take some of them. */
  readonly isBlockwise?: boolean
}

export class BlockKeeper {
  /** Bytes written to files. */
  fileBytes = 0
  readonly #workspace: Workspace
  readonly #options: KeepOptions
  readonly #entries: Entry[] = []
  #heldBytes = 0
  #totalBytes = 0
  #firstHeld = 0
  #file: { readonly path: string; readonly descriptor: number } | null = null

  constructor(workspace: Workspace, options: KeepOptions = {}) {
    this.#workspace = workspace
    this.#options = options
  }

  /** Bytes in this thread's memory. */
  get heldBytes(): number {
    return this.#heldBytes
  }

  /** @param mostBytes how many bytes may be held in this thread's memory */
  add(bucket: number, block: Uint8Array, mostBytes: number): void {
    this.#entries.push({ bucket, block, offset: 0, length: block.byteLength + HEAD_BYTES })
    this.#heldBytes += block.byteLength + HEAD_BYTES
    this.#totalBytes += block.byteLength + HEAD_BYTES
    if (this.#heldBytes > mostBytes) this.#writeHeld()
  }

  /** Blocks as others can read them. */
  finish(bucketCount: number, rows: number, about: Partial<Pick<KeptBlocks, 'order' | 'spanRows'>> = {}): KeptBlocks {
    const memory =
      this.#file === null && this.#options.file === undefined ? this.#workspace.allocate(this.#totalBytes) : null
    if (memory !== null) this.#copyTo(memory)
    else this.#writeHeld()
    this.#close()
    const file = this.#file?.path ?? null
    const bytes = memory === null ? this.fileBytes : this.#totalBytes
    return { memory, file, bytes, rows, order: null, spanRows: null, ...about, ...this.#spans(bucketCount) }
  }

  /** Takes back what was written. */
  abort(): void {
    this.#close()
    if (this.#file !== null) rmSync(this.#file.path, { force: true })
  }

  #copyTo(memory: SharedArrayBuffer): void {
    const target = new Uint8Array(memory)
    let at = 0
    for (const entry of this.#sorted(0)) {
      const { head, content } = memoryFrame(entry.block as Uint8Array)
      target.set(head, at)
      target.set(content, at + HEAD_BYTES)
      entry.offset = at
      entry.block = null
      at += entry.length
    }
  }

  /** Appends what is held to the file, by bucket. */
  #writeHeld(): void {
    const held = this.#sorted(this.#firstHeld)
    if (held.length === 0 && this.#file !== null) return
    this.#file ??= this.#openFile()
    const { descriptor, path } = this.#file
    let pieces: Uint8Array[] = []
    const flush = (): void => {
      explained(path, this.#setting, () => writeAll(descriptor, pieces))
      pieces = []
    }
    for (const entry of held) {
      const { head, content } = fileFrame(entry.block as Uint8Array)
      pieces.push(head, content)
      entry.block = null
      entry.offset = this.fileBytes
      entry.length = head.byteLength + content.byteLength
      this.fileBytes += entry.length
      if (pieces.length >= MOST_PIECES) flush()
    }
    flush()
    this.#firstHeld = this.#entries.length
    this.#heldBytes = 0
  }

  #openFile(): { path: string; descriptor: number } {
    const path = this.#options.file?.path ?? null
    return explained(path ?? this.#workspace.directory, this.#setting, () => {
      if (path !== null) realFileSystem.makeDirectories(dirname(path))
      const taken = path ?? this.#workspace.newFile()
      return { path: taken, descriptor: openSync(taken, 'wx', 0o600) }
    })
  }

  /** What decides where its file goes: the one who names a path is a checkpoint. */
  get #setting(): Setting {
    return (this.#options.file?.path ?? null) === null ? 'tmpDir' : 'setCheckpointDir'
  }

  #sorted(from: number): Entry[] {
    return this.#entries.slice(from).sort((a, b) => a.bucket - b.bucket)
  }

  #spans(bucketCount: number): { starts: Uint32Array; spans: Float64Array } {
    const starts = new Uint32Array(bucketCount + 1)
    const spans: number[] = []
    let bucket = 0
    let end = -1
    for (const entry of this.#sorted(0)) {
      while (bucket < entry.bucket) {
        starts[++bucket] = spans.length / 2
        end = -1
      }
      if (entry.offset === end && this.#options.isBlockwise !== true)
        spans[spans.length - 1] = (spans.at(-1) as number) + entry.length
      else spans.push(entry.offset, entry.length)
      end = entry.offset + entry.length
    }
    while (bucket < bucketCount) starts[++bucket] = spans.length / 2
    return { starts, spans: Float64Array.from(spans) }
  }

  #close(): void {
    if (this.#file !== null && !this.#isClosed) closeSync(this.#file.descriptor)
    this.#isClosed = true
  }

  #isClosed = false
}

type Setting = 'tmpDir' | 'setCheckpointDir'

/** Runs a file-system call; what it throws gets a place and advice. */
function explained<T>(path: string, setting: Setting, call: () => T): T {
  try {
    return call()
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error)
    const [what, how] = setting === 'tmpDir' ? ['temporary files', 'as tmpDir'] : ['checkpoint', 'to setCheckpointDir']
    const hint =
      code === 'ENOSPC'
        ? `The disk is full: make room, or give a directory on another disk ${how}`
        : `Give a directory that can be written to ${how}`
    throw new DataError(`${what}: cannot write ${path} (${code}). ${hint}`, { cause: error })
  }
}

/** Takes back blocks that nobody will read. */
export function freeBlocks({ memory, file }: KeptBlocks, workspace: Workspace): void {
  if (memory !== null) workspace.release(memory)
  else if (file !== null) rmSync(file, { force: true })
}

/** How many pieces a system call takes. Source: IOV_MAX of Linux is 1024. */
const MOST_PIECES = 1000

/** Writes all bytes: a call may write fewer than it was given. */
function writeAll(descriptor: number, pieces: readonly Uint8Array[]): void {
  let left = pieces.filter((piece) => piece.byteLength > 0)
  while (left.length > 0) {
    let written = writevSync(descriptor, left)
    let whole = 0
    while (whole < left.length && written >= (left[whole] as Uint8Array).byteLength)
      written -= (left[whole++] as Uint8Array).byteLength
    left = left.slice(whole)
    if (written > 0) left[0] = (left[0] as Uint8Array).subarray(written)
  }
}
