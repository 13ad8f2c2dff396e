/** One chain over one file, compiled and in V8 alone: outcomes in full, so that they can be compared. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { captureFunctions } from '../../src/closure/capture.ts'
import type { Compiled } from '../../src/compile/compile.ts'
import { compileStage } from '../../src/compile/stage.ts'
import { decodeRows, encodeRows } from '../../src/io/row-codec.ts'
import type { Combiner } from '../../src/plan/combiner.ts'
import type { Sink, Step, UserFunction } from '../../src/plan/step.ts'
import type { Task } from '../../src/plan/task.ts'
import type { StageProgram } from '../../src/program/program.ts'
import { decodeProgram, encodeProgram } from '../../src/program/wire.ts'
import { Broadcasts } from '../../src/run/broadcasts.ts'
import { valueOf } from '../../src/run/compiled-steps.ts'
import { type LoadedStage, loadStage } from '../../src/run/load-stage.ts'
import { sharedBudget, Workspace } from '../../src/shuffle/workspace.ts'
import { type ChainText, functionsOf, type StepText } from './random-chains.ts'

export class Folder {
  readonly path: string

  constructor() {
    this.path = mkdtempSync(join(tmpdir(), 'kindling-scan-'))
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true })
  }
}

export interface Pair {
  readonly compiled: LoadedStage
  readonly plain: LoadedStage
  readonly report: Compiled
  readonly sink: ChainText['sink']
}

/** Memory for all that is here: where a table of groups went to disk, sums of doubles would be added in another order. */
const WORKSPACE = new Workspace({ directory: tmpdir(), shared: sharedBudget(2 ** 26), taskBytes: 2 ** 26 })

let stages = 0

export async function pairOf(chain: ChainText, functions: readonly UserFunction[] = functionsOf(chain)): Promise<Pair> {
  const { bundle, codes } = await captureFunctions(
    functions.map((fn, i) => ({ fn, verb: chain.steps[i]?.op ?? 'map', at: { text: 'job.ts:1:1' } })),
  )
  const sink: Sink<number> =
    chain.sink === 'text' || chain.sink === 'json'
      ? { op: 'text', format: { type: chain.sink }, compression: 'none' }
      : { op: chain.sink }
  const steps = chain.steps.map((step, i) => ({ step: stepOf(step, i), node: i + 1, partitionCount: 1, offsets: null }))
  const stage = { operators: [{ op: 'source', node: 0 } as const, { op: 'steps', input: 0, steps } as const], sink }
  const [report] = compileStage(stage, { codes, valueOf }, () => true)
  if (report === undefined) throw new Error('no chain')
  const program: StageProgram = { id: stages++, bundle, ...stage, sinkNode: steps.length + 1 }
  const compiled = report.scan === null ? program : { ...program, scans: [report.scan] }
  const load = (p: StageProgram): Promise<LoadedStage> =>
    loadStage(decodeProgram(encodeProgram(p)), { broadcasts: new Broadcasts(), workspace: WORKSPACE })
  return { compiled: await load(compiled), plain: await load(program), report, sink: chain.sink }
}

/** @param fn the number of its function */
function stepOf(step: StepText, fn: number): Step<number> {
  if (step.op === 'parseJson') return { op: 'parseJson', schema: fn, onBadRow: step.onBadRow }
  if (step.op === 'asKeys') return { op: 'asKeys' }
  if (step.op !== 'combine') return { op: step.op, fn }
  const { type } = step
  const zero = encodeRows([step.zero])
  const combiners: Record<typeof type, Combiner<number>> = {
    reduce: { type: 'reduce', fn },
    fold: { type: 'fold', zero, fn, merge: fn },
    custom: { type: 'custom', create: fn, fn, merge: fn },
    group: { type: 'group' },
    first: { type: 'first' },
    count: { type: 'count' },
  }
  return { op: 'combine', combiner: combiners[type] }
}

export interface Outcome {
  readonly text: string
  readonly bailed: number
  readonly rows: number
}

/** What a stage makes of bytes `[start, end]` of a file, as text in which nothing is lost. */
export async function outcomeOf(
  stage: LoadedStage,
  path: string,
  part: { start: number; end: number },
): Promise<Outcome> {
  const stat = statSync(path)
  const split = {
    type: 'lines',
    path,
    ...part,
    compression: 'none',
    stamp: { sizeBytes: stat.size, modifiedMs: stat.mtimeMs },
  } as const
  const output = `${path}.out`
  rmSync(output, { force: true })
  const input: Task['input'] = { type: 'steps', partition: 0, input: { type: 'split', split } }
  const outcome = await stage.run({ stage: 0, partition: 0, attempt: 0, input, output })
  if (!outcome.ok) {
    // Of the frames only the user's count; those of this test's own are where it happens to call from.
    const stack = outcome.failure.error.stack.split('\n').filter((line) => !line.includes('/test/compile/'))
    const failure = { ...outcome.failure, error: { ...outcome.failure.error, stack } }
    return { text: JSON.stringify(failure), bailed: 0, rows: 0 }
  }
  const { rowsRead, rowsSkipped, rowsOut, bytesWritten, rowsBailed } = outcome.metrics
  const rows = outcome.blocks.flatMap((block) => decodeRows(block))
  const written = bytesWritten > 0 ? readFileSync(output, 'latin1') : ''
  return {
    text: `${rowsRead} ${rowsSkipped} ${rowsOut} ${bytesWritten}\n${rows.map(spell).join('\n')}\n${written}`,
    bailed: rowsBailed,
    rows: rowsRead,
  }
}

export function write(folder: Folder, bytes: Buffer): string {
  const path = join(folder.path, 'in.json')
  writeFileSync(path, bytes)
  return path
}

/** Exact in value, order of keys, -0 and prototype. */
function spell(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spell).join(',')}]`
  if (typeof value === 'object' && value !== null) {
    const own = Reflect.ownKeys(value).map((key) => `${JSON.stringify(key)}:${spell(Reflect.get(value, key))}`)
    return `{${own.join(',')}}${Object.getPrototypeOf(value) === Object.prototype ? '' : 'with another prototype'}`
  }
  if (typeof value === 'string') return JSON.stringify(value)
  return Object.is(value, -0) ? '-0' : String(value)
}
