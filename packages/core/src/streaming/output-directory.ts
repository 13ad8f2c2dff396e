/**
 * A directory of parts, `part-00000` and so on, with `_SUCCESS` once all are there. Parts appear one by one, so that a job that failed or was
 * killed goes on where it ended; with `overwrite` the directory appears as a whole, in the place of the old one.
 */
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { PlanError } from '../errors.ts'
import { realFileSystem as files } from '../io/file-system.ts'
import { claim, sweep } from '../io/leftovers.ts'
import { checkPlace, targetOf } from '../io/output-place.ts'
import { MANIFEST, type Manifest, openManifest } from './manifest.ts'
import { compressed, explained, type Output, type OutputOptions, openWork, type Part, putInPlace } from './output.ts'

const SUCCESS = '_SUCCESS'

/** Where the parts are written, and what becomes of that place at the end. */
interface Place {
  readonly root: string
  readonly finish: () => void
  readonly close: () => void
}

export function openDirectoryOutput(options: OutputOptions, path: string): Output {
  const { settings, parts, command } = options
  const { overwrite, compress, skipEmpty } = settings
  const target = explained(path, () => targetOf('stream', path, files))
  const replaces = overwrite && files.kindOf(target) !== 'none'
  const manifest = replaces ? null : openManifest(target, command)
  if (manifest === null) checkPlace('stream', path, target, true, settings.input ?? [], files)
  else checkFree(path, target, manifest.command === command)
  const nameOf = (index: number): string => `part-${String(index).padStart(5, '0')}${compress ? '.gz' : ''}`
  const kept = new Map<number, string>()
  for (const { index, key } of parts ?? []) {
    const output = key === '' ? null : (manifest?.find(key) ?? null)
    if (output !== null) kept.set(index, output)
  }
  let place: Place | null = null
  let writing: Manifest | null = manifest
  let root = target

  return {
    nameOf: ({ index }) => join(path, nameOf(index)),
    logOf: ({ index }) => join(root, '_logs', `${nameOf(index)}.stderr`),
    keptOf: ({ index }) => (kept.has(index) ? join(path, nameOf(index)) : null),
    begin() {
      return explained(path, () => {
        sweep(files, target)
        place = replaces ? placeBeside(target) : { root: target, finish: () => undefined, close: () => undefined }
        root = place.root
        const work = openWork(root, false)
        const { close, finish } = place
        place = {
          root,
          // The work directory lies in the output and must not move with it.
          finish: () => (work.close(), finish()),
          close: () => (work.close(), close()),
        }
        writing ??= openManifest(root, command)
        if (manifest !== null) keepParts(target, manifest, kept, nameOf, parts, work.path)
        return work.path
      })
    },
    async commit({ index, key }, written) {
      const file = compress ? await compressed(written) : written
      explained(path, () => {
        const stat = statSync(file)
        if (stat.size === 0 && skipEmpty) return
        writing?.add(key, nameOf(index), stat)
        putInPlace(file, join(root, nameOf(index)))
      })
    },
    async skip() {},
    async finish() {
      explained(path, () => {
        if (!existsSync(join(root, SUCCESS))) files.close(files.create(join(root, SUCCESS)))
        files.syncDirectory(root)
        place?.finish()
      })
    },
    close: () => place?.close(),
  }
}

/** A directory beside the output, which takes its place once it is complete. */
function placeBeside(target: string): Place {
  const { staging, old, release } = claim(target)
  files.makeDirectory(staging)
  return {
    root: staging,
    finish() {
      files.rename(target, old)
      try {
        files.rename(staging, target)
      } catch (error) {
        files.rename(old, target)
        throw error
      }
      files.remove(old)
    },
    close() {
      files.remove(staging)
      release()
    },
  }
}

/** An empty directory is free too: a kill may have left one. */
function checkFree(path: string, target: string, isOurs: boolean): void {
  const kind = files.kindOf(target)
  if (kind === 'none' || (kind === 'directory' && isOurs)) return
  if (kind !== 'directory') throw new PlanError(`stream: "${path}" is a file. Choose another path.`)
  const names = readdirSync(target).filter((name) => !name.startsWith('.stream.kindling-') && name !== '_logs')
  if (names.length === 0) return
  const other = names.includes(MANIFEST) ? ' and is the output of another command' : ''
  throw new PlanError(
    `stream: "${path}" already exists${other}. Replace it with overwrite (--overwrite), or choose another path.`,
  )
}

/**
 * The parts that an earlier run made of the same inputs get the names that they have in this run: an input that came in between moves those
 * after it. Parts of inputs that are gone are removed.
 */
function keepParts(
  target: string,
  manifest: Manifest,
  kept: ReadonlyMap<number, string>,
  nameOf: (index: number) => string,
  parts: readonly Part[] | null,
  work: string,
): void {
  const stale = new Set(manifest.outputs())
  for (const output of kept.values()) stale.delete(output)
  const moved = (parts ?? []).filter(({ index }) => kept.has(index) && kept.get(index) !== nameOf(index))
  const isWhole = parts !== null && kept.size === parts.length && moved.length === 0 && stale.size === 0
  if (!isWhole) files.remove(join(target, SUCCESS))
  for (const { index } of moved) files.rename(join(target, kept.get(index) ?? ''), join(work, `kept-${index}`))
  for (const output of stale) files.remove(join(target, output))
  for (const { index, key } of moved) {
    const file = join(work, `kept-${index}`)
    manifest.add(key, nameOf(index), statSync(file))
    files.rename(file, join(target, nameOf(index)))
  }
}
