/** A file as a target: it appears complete or not at all. A path that ends in `.gz` is read and written through gzip. */
import { once } from 'node:events'
import { createReadStream, createWriteStream, statSync } from 'node:fs'
import { readFile, rm, stat } from 'node:fs/promises'
import { PassThrough, type Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip, gunzipSync } from 'node:zlib'
import { pathWithin } from './ambient.ts'
import { writeStaged } from './staging.ts'
import type { Stamp, Target } from './target.ts'

export interface Writer {
  /** Resolves when there is room for more. */
  write(chunk: string | Uint8Array): Promise<void>
}

/** A whole content, or a function that writes it piece by piece. */
export type Content = string | Uint8Array | ((writer: Writer) => unknown)

/** A file, relative to the working directory or the `cwd` of the run. */
export function file(path: string): FileTarget {
  return new FileTarget(path)
}

export class FileTarget implements Target {
  readonly path: string

  /** @internal Use `file`. */
  constructor(path: string) {
    this.path = pathWithin(path)
  }

  async exists(): Promise<boolean> {
    return stat(this.path).then(
      (found) => found.isFile(),
      () => false,
    )
  }

  describe(): string {
    return this.path
  }

  fingerprint(): readonly Stamp[] {
    const { size, mtimeMs } = statSync(this.path)
    return [{ path: this.path, sizeBytes: size, modifiedMs: mtimeMs }]
  }

  async bytes(): Promise<Buffer> {
    const bytes = await readFile(this.path)
    return isGzip(this.path) ? gunzipSync(bytes) : bytes
  }

  async text(): Promise<string> {
    return (await this.bytes()).toString('utf8')
  }

  /** The lines without their ends, read as they are asked for. */
  async *lines(): AsyncGenerator<string> {
    let held = ''
    for await (const text of readable(this.path)) {
      const lines = (held + text).split('\n')
      held = lines.pop() ?? ''
      for (const line of lines) yield line.endsWith('\r') ? line.slice(0, -1) : line
    }
    if (held !== '') yield held
  }

  /**
   * Replaces the file, at the end and at once.
   *
   *     await output.write('done\n')
   *     await output.write(async (writer) => {
   *       for (const row of rows) await writer.write(`${row}\n`)
   *     })
   */
  async write(content: Content): Promise<void> {
    await writeStaged(this.path, 'file', 'plain', (staged) => writeContent(this.path, staged, content))
  }

  /** Gives the function a path to write to, and puts what it wrote in the file's place; for programs that write files themselves. */
  async tempPath(use: (path: string) => unknown): Promise<void> {
    await writeStaged(this.path, 'file', 'named', use)
  }

  async remove(): Promise<void> {
    await rm(this.path, { force: true })
  }
}

// Functions and not private methods: an object with those cannot travel to a worker with a function that captures it.

function isGzip(path: string): boolean {
  return path.endsWith('.gz')
}

function readable(path: string): Readable {
  const bytes = createReadStream(path)
  if (!isGzip(path)) return bytes.setEncoding('utf8')
  const unpacked = createGunzip()
  bytes.on('error', (error) => unpacked.destroy(error))
  return bytes.pipe(unpacked).setEncoding('utf8')
}

async function writeContent(path: string, staged: string, content: Content): Promise<void> {
  const source = new PassThrough()
  const to = createWriteStream(staged, { flags: 'wx' })
  const written = isGzip(path) ? pipeline(source, createGzip(), to) : pipeline(source, to)
  // It is awaited below, but may fail before.
  written.catch(() => undefined)
  const writer: Writer = {
    async write(chunk) {
      if (source.destroyed || source.write(chunk)) return
      await Promise.race([once(source, 'drain'), written])
    },
  }
  try {
    if (typeof content === 'function') await content(writer)
    else await writer.write(content)
    source.end()
  } catch (error) {
    source.destroy()
    await written.catch(() => undefined)
    // A file that is still being opened would appear after its place was swept.
    if (!to.closed) await new Promise<void>((resolve) => to.once('close', resolve))
    throw error
  }
  await written
}
