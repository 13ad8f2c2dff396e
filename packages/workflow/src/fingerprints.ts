/**
 * Fingerprints: whether what a task read is still the same. A file whose size and time are as recorded is taken for unchanged; one of
 * another size has changed; one of the same size and another time is hashed and compared by its content.
 */
import { createHash } from 'node:crypto'
import { createReadStream, statSync } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import type { HashedStamp, Inputs } from './records.ts'
import type { Fingerprint, Stamp, Target } from './target.ts'

/** Larger files are compared by size and time alone: reading them takes longer than many a task. */
const HASHED_BYTES = 2 ** 30

/** Hashes of files, each read once in a run however many tasks read it. */
export class Fingerprints {
  readonly #hashes = new Map<string, Promise<string>>()

  /** What the targets are now, to be recorded. */
  async of(targets: readonly Target[]): Promise<Inputs> {
    const inputs: Record<string, readonly HashedStamp[] | string> = {}
    for (const target of targets) {
      const now = await fingerprintOf(target)
      if (now === null) continue
      inputs[target.describe()] =
        typeof now === 'string' ? now : await Promise.all(now.map((stamp) => this.#hashed(stamp)))
    }
    return inputs
  }

  /** Why the targets are no longer what was recorded; null when they are. */
  async difference(recorded: Inputs, targets: readonly Target[]): Promise<string | null> {
    for (const target of targets) {
      const name = target.describe()
      const before = recorded[name]
      const now = await fingerprintOf(target)
      if (now === null) continue
      if (before === undefined) return `${name} is a new input`
      const change = await this.#change(name, before, now)
      if (change !== null) return change
    }
    const names = new Set(targets.map((target) => target.describe()))
    const gone = Object.keys(recorded).find((name) => !names.has(name))
    return gone === undefined ? null : `${gone} is no input any more`
  }

  /** The same for files of which only the record tells. One that is gone is no difference: it was needed then. */
  async differenceOfFiles(recorded: Inputs): Promise<string | null> {
    for (const [name, before] of Object.entries(recorded)) {
      if (typeof before === 'string') continue
      const now = before.flatMap(({ path }) => stampOf(path) ?? [])
      const paths = new Set(now.map(({ path }) => path))
      const change = await this.#change(
        name,
        before.filter(({ path }) => paths.has(path)),
        now,
      )
      if (change !== null) return change
    }
    return null
  }

  async #change(name: string, before: readonly HashedStamp[] | string, now: Fingerprint): Promise<string | null> {
    if (typeof now === 'string' || typeof before === 'string') return before === now ? null : `${name} changed`
    const known = new Map(before.map((stamp) => [stamp.path, stamp]))
    for (const stamp of now) {
      const old = known.get(stamp.path)
      known.delete(stamp.path)
      if (old === undefined) return `${stamp.path} is new`
      if (old.sizeBytes !== stamp.sizeBytes) return `${stamp.path} changed`
      if (old.modifiedMs === stamp.modifiedMs) continue
      if (old.sha256 === null || (await this.#hash(stamp)) !== old.sha256) return `${stamp.path} changed`
    }
    const [gone] = known.keys()
    return gone === undefined ? null : `${gone} is gone`
  }

  async #hashed(stamp: Stamp): Promise<HashedStamp> {
    const { path, sizeBytes, modifiedMs } = stamp
    return { path, sizeBytes, modifiedMs, sha256: sizeBytes > HASHED_BYTES ? null : await this.#hash(stamp) }
  }

  #hash({ path, sizeBytes, modifiedMs }: Stamp): Promise<string> {
    const key = `${path}\n${sizeBytes}\n${modifiedMs}`
    const hash = this.#hashes.get(key) ?? hashFile(path)
    this.#hashes.set(key, hash)
    return hash
  }
}

/** Null when the target has none: it says nothing about its content, or it isn't there. */
async function fingerprintOf(target: Target): Promise<Fingerprint | null> {
  if (target.fingerprint === undefined || !(await target.exists())) return null
  return target.fingerprint()
}

function stampOf(path: string): Stamp | null {
  const stat = statSync(path, { throwIfNoEntry: false })
  return stat === undefined ? null : { path, sizeBytes: stat.size, modifiedMs: stat.mtimeMs }
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}
