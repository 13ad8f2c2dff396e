/**
 * Records: what is remembered of each task that ran, to see later whether what it read has changed, and the log of all runs. They lie
 * in `.kindling` in the working directory and may be deleted at any time: then what exists counts as complete.
 */
import { createHash } from 'node:crypto'
import { appendFile, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ownerName } from 'kindling/files'
import { z } from 'zod'
import type { Session } from './ambient.ts'
import { identityOf, storableParams } from './identity.ts'
import type { Stamp } from './target.ts'
import type { Task } from './task.ts'

/** A file as it was read, with the hash of its content; null for one too large to hash. */
export interface HashedStamp extends Stamp {
  readonly sha256: string | null
}

/** What a task read, by the description of each target. */
export type Inputs = Readonly<Record<string, readonly HashedStamp[] | string>>

export interface TaskRecord {
  readonly inputs: Inputs
  /** What it came to need while it ran. */
  readonly needed: Inputs
  readonly outputs: readonly string[]
  /** Hash of the text of its functions. */
  readonly code: string
  readonly finished: string
  readonly wallMs: number
}

const InputsSchema: z.ZodType<Inputs> = z.record(
  z.string(),
  z.union([
    z.array(
      z.object({ path: z.string(), sizeBytes: z.number(), modifiedMs: z.number(), sha256: z.string().nullable() }),
    ),
    z.string(),
  ]),
)

const RecordSchema: z.ZodType<TaskRecord> = z.object({
  inputs: InputsSchema,
  needed: InputsSchema,
  outputs: z.array(z.string()),
  code: z.string(),
  finished: z.string(),
  wallMs: z.number(),
})

/** Where they lie, in the working directory of a run. */
const FOLDER = '.kindling'

export function recordsIn({ cwd }: Session): Records {
  return new Records(join(cwd ?? process.cwd(), FOLDER))
}

export class Records {
  readonly #folder: string
  /** Names of the records that are there; null until the first is asked for. */
  #names: Promise<ReadonlySet<string>> | null = null
  #isMade = false

  constructor(folder: string) {
    this.#folder = folder
  }

  /** Null when there is none, or none that can be read: then the task is judged by what exists. */
  async read(task: Task): Promise<TaskRecord | null> {
    this.#names ??= readdir(join(this.#folder, 'tasks')).then(
      (names) => new Set(names),
      () => new Set(),
    )
    const name = fileName(task)
    if (!(await this.#names).has(name)) return null
    try {
      const parsed = RecordSchema.safeParse(JSON.parse(await readFile(join(this.#folder, 'tasks', name), 'utf8')))
      return parsed.success ? parsed.data : null
    } catch {
      return null
    }
  }

  async write(task: Task, record: TaskRecord): Promise<void> {
    await this.#make()
    const path = join(this.#folder, 'tasks', fileName(task))
    const text = JSON.stringify({ task: task.label, params: storableParams(task.definition, task.params), ...record })
    const draft = `${path}.${ownerName()}`
    await writeFile(draft, `${text}\n`)
    await rename(draft, path)
  }

  async forget(task: Task): Promise<void> {
    await rm(join(this.#folder, 'tasks', fileName(task)), { force: true })
  }

  /** Adds lines to the log of runs, one JSON object each. */
  async log(lines: readonly object[]): Promise<void> {
    if (lines.length === 0) return
    await this.#make()
    // A line that a killed process left unfinished must not take the next one with it.
    const text = lines.map((line) => `\n${JSON.stringify(line)}`).join('')
    await appendFile(join(this.#folder, 'runs.jsonl'), `${text}\n`)
  }

  async #make(): Promise<void> {
    if (this.#isMade) return
    await mkdir(join(this.#folder, 'tasks'), { recursive: true })
    await writeFile(join(this.#folder, '.gitignore'), '*\n')
    this.#isMade = true
  }
}

/** By what makes it another task, without secrets. */
function fileName({ definition, params }: Task): string {
  const shown = { ...definition, unkeyed: new Set([...definition.unkeyed, ...definition.secret]) }
  return `${createHash('sha256').update(identityOf(shown, params)).digest('hex').slice(0, 32)}.json`
}
