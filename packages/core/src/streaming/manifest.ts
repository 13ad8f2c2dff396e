/**
 * A manifest: what earlier runs of a job have written, one JSON line for each finished output, so that the next run does only what is left.
 * An output is known by what it was made from: the command, and the name, size, time and range of each input. A line is written before its
 * output appears, with the size and time of the file, so that no moment leaves an output that nobody knows.
 */
import { appendFileSync, readFileSync, type Stats, statSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

export const MANIFEST = '_manifest.jsonl'

const entrySchema = z.object({ key: z.string(), output: z.string(), sizeBytes: z.number(), modifiedMs: z.number() })
const headSchema = z.object({ command: z.string() })
type Entry = z.infer<typeof entrySchema>

export interface Manifest {
  /** The command that the directory belongs to; null when there is no manifest. */
  readonly command: string | null
  /** The output of a finished job, relative to the directory; null when it isn't there any more as it was written. */
  find(key: string): string | null
  /** All that stand as they were written. */
  outputs(): readonly string[]
  add(key: string, output: string, stat: Stats): void
}

/** @param command goes into the manifest when it is begun */
export function openManifest(directory: string, command: string): Manifest {
  const path = join(directory, MANIFEST)
  const text = readOrEmpty(path)
  const lines = linesOf(text)
  const entries = new Map<string, Entry>()
  for (const line of lines) {
    const { success, data } = entrySchema.safeParse(line)
    if (success) entries.set(data.key, data)
  }
  const head = headSchema.safeParse(lines[0])
  let before = text === '' ? `${JSON.stringify({ command })}\n` : text.endsWith('\n') ? '' : '\n'
  const stands = ({ output, sizeBytes, modifiedMs }: Entry): boolean => {
    const stat = statSync(join(directory, output), { throwIfNoEntry: false })
    return stat?.size === sizeBytes && stat.mtimeMs === modifiedMs
  }
  return {
    command: head.success ? head.data.command : null,
    find(key) {
      const entry = entries.get(key)
      return entry !== undefined && stands(entry) ? entry.output : null
    },
    outputs: () => [...entries.values()].filter(stands).map(({ output }) => output),
    add(key, output, { size, mtimeMs }) {
      const entry: Entry = { key, output, sizeBytes: size, modifiedMs: mtimeMs }
      appendFileSync(path, `${before}${JSON.stringify(entry)}\n`)
      before = ''
    },
  }
}

/** A line that was cut short by a kill is skipped: its output did not appear. */
function linesOf(text: string): readonly unknown[] {
  return text.split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line) as unknown]
    } catch {
      return []
    }
  })
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return ''
    throw error
  }
}
