/** Outputs by name: one file for each input, named by a template like `out/{/.}.json`. What a run has finished, the next one keeps. */
import { appendFileSync, closeSync, createReadStream, existsSync, openSync, readSync, statSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { PlanError } from '../errors.ts'
import { realFileSystem as files } from '../io/file-system.ts'
import { compressionOf } from '../io/magic.ts'
import { nameOf } from './inputs.ts'
import { openManifest } from './manifest.ts'
import {
  compressed,
  explained,
  type Output,
  type OutputOptions,
  openWork,
  type Part,
  putInPlace,
  type WorkDirectory,
} from './output.ts'
import { fieldsOf, filledName } from './template.ts'

/** One file, made of one part or, when its input was cut, of several. */
interface Target {
  readonly path: string
  readonly parts: readonly Part[]
  /** Made of all that its parts are. */
  readonly key: string
  readonly done: Map<number, string>
  isKept: boolean
}

const NEWLINE = 0x0a
const GZIP_MAGIC = 0x1f8b

export function openNamedOutput(options: OutputOptions, template: string): Output {
  const { settings, parts } = options
  checkTemplate(template, parts)
  const targets = targetsOf(template, parts ?? [])
  const root = resolve(dirname(template.slice(0, template.indexOf('{')).concat('x')))
  const manifest = openManifest(root, options.command)
  for (const target of new Set(targets.values())) {
    const kept = manifest.find(target.key)
    target.isKept = kept !== null && join(root, kept) === resolve(target.path) && !settings.overwrite
    if (!target.isKept && !settings.overwrite && existsSync(target.path))
      throw new PlanError(
        `stream: "${target.path}" already exists, and this command did not write it as it is. Replace it with overwrite (--overwrite), or choose another name.`,
      )
  }
  let work: WorkDirectory | null = null
  const targetOf = (part: Part): Target => targets.get(part.index) as Target

  return {
    nameOf: (part) => targetOf(part).path,
    logOf: (part) => join(root, '_logs', `${relative(root, resolve(targetOf(part).path)).replaceAll('/', '_')}.stderr`),
    keptOf: (part) => (targetOf(part).isKept ? targetOf(part).path : null),
    begin() {
      work = explained(template, () => openWork(root, true))
      return work.path
    },
    async commit(part, file) {
      const target = targetOf(part)
      target.done.set(part.index, file)
      if (target.done.size < target.parts.length) return
      const [whole = file, ...others] = target.parts.map(({ index }) => target.done.get(index) ?? '')
      for (const other of others) await append(whole, other, settings.recordEnd === '\n')
      const first = settings.compress || isToBePacked(whole, target.path) ? await compressed(whole) : whole
      explained(target.path, () => {
        files.makeDirectories(dirname(resolve(target.path)))
        const stat = statSync(first)
        if (stat.size === 0 && settings.skipEmpty) return
        manifest.add(target.key, relative(root, resolve(target.path)), stat)
        putInPlace(first, target.path)
      })
    },
    async skip() {},
    async finish() {
      files.syncDirectory(root)
    },
    close: () => work?.close(),
  }
}

function checkTemplate(template: string, parts: readonly Part[] | null): void {
  const fields = fieldsOf(template)
  if (fields.includes('{%}'))
    throw new PlanError(`stream: "${template}": {%} is another slot each time and names no output. Use {/} or {#}.`)
  if (parts === null)
    throw new PlanError(`stream: standard input has blocks and no names for "${template}". Give a directory.`)
  const isNumbered = fields.every((field) => field === '{#}' || field === '{0#}')
  if (!isNumbered && parts.some(({ input }) => input === null))
    throw new PlanError(
      `stream: "${template}": the outputs of reducers are numbered, with {#}, and not named by inputs.`,
    )
  const packed = parts.find(({ input }) => (input?.paths.length ?? 1) > 1)
  if (!isNumbered && packed !== undefined)
    throw new PlanError(
      `stream: "${template}" names an output for each input, but several are packed together. Use {#}, or a directory.`,
    )
}

/** @throws PlanError when two inputs would have one output */
function targetsOf(template: string, parts: readonly Part[]): ReadonlyMap<number, Target> {
  const byPath = new Map<string, Part[]>()
  for (const part of parts) {
    const path = filledName(template, { paths: part.input?.paths ?? [], seq: part.index + 1, slot: null })
    const others = byPath.get(resolve(path))
    const other = others?.[0]
    if (other !== undefined && nameOfPart(other) !== nameOfPart(part))
      throw new PlanError(
        `stream: "${nameOfPart(other)}" and "${nameOfPart(part)}" would both be written to "${path}". Use more of the path in the name, as with {.}.`,
      )
    byPath.set(resolve(path), [...(others ?? []), part])
  }
  const targets = new Map<number, Target>()
  for (const group of byPath.values()) {
    const [first] = group
    if (first === undefined) continue
    const path = filledName(template, { paths: first.input?.paths ?? [], seq: first.index + 1, slot: null })
    const target = {
      path,
      parts: group,
      key: group.map(({ key }) => key).join(' '),
      done: new Map<number, string>(),
      isKept: false,
    }
    for (const { index } of group) targets.set(index, target)
  }
  return targets
}

/** Whether the name promises gzip, and the program has not done that itself. */
function isToBePacked(file: string, path: string): boolean {
  if (compressionOf(path) !== 'gzip') return false
  const head = Buffer.alloc(2)
  const descriptor = openSync(file, 'r')
  readSync(descriptor, head, 0, 2, 0)
  closeSync(descriptor)
  return head.readUInt16BE() !== GZIP_MAGIC
}

function nameOfPart({ input, index }: Part): string {
  return input === null ? String(index) : nameOf(input)
}

/** Adds a file to the end of another, on a line of its own where it has lines. */
async function append(to: string, from: string, hasLines: boolean): Promise<void> {
  const { size } = statSync(to)
  const buffer = Buffer.alloc(1)
  const end = openSync(to, 'r')
  if (size > 0) readSync(end, buffer, 0, 1, size - 1)
  closeSync(end)
  if (hasLines && size > 0 && buffer[0] !== NEWLINE && statSync(from).size > 0) appendFileSync(to, '\n')
  for await (const chunk of createReadStream(from)) appendFileSync(to, chunk as Buffer)
  await rm(from)
}
