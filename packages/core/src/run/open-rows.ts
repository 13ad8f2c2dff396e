/** Opening a stage's rows for one task: each operator on the inputs that the task names, its steps fused or passed as barriers. */
import type { ScanProgram } from '../compile/scan.ts'
import { DataError } from '../errors.ts'
import { openSplit } from '../io/open-split.ts'
import type { Push, RowSource } from '../io/row-source.ts'
import type { Operator, OperatorStep } from '../plan/operator.ts'
import type { TaskInput } from '../plan/task.ts'
import type { FunctionRef, StageProgram } from '../program/program.ts'
import { passBarrier } from './barriers.ts'
import { mergedRows, stretchRows } from './block-rows.ts'
import { fuseSteps, isFusible, type Segment } from './fuse.ts'
import { cogroupedRows } from './grouped-rows.ts'
import { productRows } from './product-rows.ts'
import { type GroupTarget, gatherRows, PulledRows, type Rows, type SyncRows } from './rows.ts'
import { Scanners, ScanSource } from './scan-rows.ts'
import { storingRows } from './store-rows.ts'
import type { TaskState } from './task-state.ts'

/** A stage whose functions are revived and whose steps are fused. */
export interface Stage {
  readonly program: StageProgram
  readonly functions: readonly unknown[]
  /** For each operator its links; none unless it is a chain of steps. */
  readonly chains: readonly (readonly Link[])[]
}

/** A run of fused steps, or one step that is a barrier. Only the first can be a run that is compiled too. */
type Link =
  | {
      readonly segment: Segment
      readonly scanners?: Scanners
      /** Of the steps those behind the one that cuts lines into words. */
      readonly ofWords?: Segment
    }
  | { readonly barrier: OperatorStep<FunctionRef> }

/** A stage ready to open rows. */
export function readyStage(program: StageProgram, functions: readonly unknown[]): Stage {
  const chains = program.operators.map((operator, i) => {
    const scan = program.scans?.find((each) => each.operator === i)
    return chainOf(operator, functions, scan)
  })
  return { program, functions, chains }
}

/** The rows that reach the sink of a stage. */
export function openRows(stage: Stage, state: TaskState, input: TaskInput): Promise<Rows> {
  return openOperator(stage, state, stage.program.operators.length - 1, input)
}

function chainOf(
  operator: Operator<FunctionRef>,
  functions: readonly unknown[],
  scan: ScanProgram | undefined,
): readonly Link[] {
  if (operator.op !== 'steps') return []
  const links: Link[] = []
  let fusible: OperatorStep<FunctionRef>[] = []
  const compiled = operator.steps.slice(0, scan?.stepCount ?? 0)
  if (scan !== undefined) {
    const ofWords = scan.words === null ? {} : { ofWords: fuseSteps(compiled.slice(scan.words.step + 1), functions) }
    links.push({ segment: fuseSteps(compiled, functions), scanners: new Scanners(scan), ...ofWords })
  }
  const flush = (): void => {
    if (fusible.length > 0) links.push({ segment: fuseSteps(fusible, functions) })
    fusible = []
  }
  for (const step of operator.steps.slice(compiled.length)) {
    if (isFusible(step)) fusible.push(step)
    else {
      flush()
      links.push({ barrier: step })
    }
  }
  flush()
  return links
}

/** The rows of an operator, for the inputs of one task. */
async function openOperator(stage: Stage, state: TaskState, index: number, input: TaskInput): Promise<Rows> {
  const operator = stage.program.operators[index]
  if (operator === undefined) throw new Error(`a stage has no operator ${index}`)
  const open = (at: number, of: TaskInput): Promise<Rows> => openOperator(stage, state, at, of)
  switch (operator.op) {
    case 'source':
      if (input.type === 'split') return sourceRows(state, input, operator.node)
      break
    case 'steps':
      if (input.type === 'steps') {
        const links = stage.chains[index] ?? []
        const scanned = scannedRows(links, state, input, sourceNodeOf(stage, operator.input))
        if (scanned !== null) return throughLinks(stage, state, links.slice(1), input, scanned)
        return throughLinks(stage, state, links, input, await open(operator.input, input.input))
      }
      break
    case 'union':
      if (input.type === 'branch') return open(operator.inputs[input.branch] ?? -1, input.input)
      break
    case 'coalesce':
      if (input.type === 'chain') {
        const parts: Rows[] = []
        for (const part of input.inputs) parts.push(await open(operator.input, part))
        return chainRows(parts, state)
      }
      break
    case 'zip':
    case 'product':
      if (input.type === 'pair') {
        const left = await open(operator.left, input.left)
        const right = await open(operator.right, input.right)
        if (operator.op === 'product') return productRows(left, right, state)
        return zipRows(await pulled(left, state, operator.node), await pulled(right, state, operator.node))
      }
      break
    case 'shuffled':
      if (input.type === 'shuffled')
        return stretchRows(input.stretches, { of: 'shuffle', id: input.shuffle }, state, input.rows)
      if (input.type === 'runs') return mergedRows(input, operator.range?.ascending ?? true, state)
      break
    case 'cogroup':
      if (input.type === 'group') {
        const sides: Rows[] = []
        for (const [side, of] of input.inputs.entries()) sides.push(await open(operator.inputs[side] ?? -1, of))
        return cogroupedRows(sides, operator.node, state)
      }
      break
    case 'stored':
      if (input.type === 'stored') return stretchRows(input.stretches, { of: 'store', id: input.store }, state)
      if (operator.input === null) break
      if (input.type === 'storing') return storingRows(await open(operator.input, input.input), input.target, state)
      return open(operator.input, input)
  }
  throw new Error(`the input of a task does not fit its stage: ${input.type} for ${operator.op}`)
}

function sourceNodeOf({ program }: Stage, index: number): number {
  const operator = program.operators[index]
  return operator?.op === 'source' ? operator.node : -1
}

/** The rows of an operator of steps: each link on what the one before it gives. */
async function throughLinks(
  stage: Stage,
  state: TaskState,
  links: readonly Link[],
  { partition }: TaskInput & { type: 'steps' },
  input: Rows,
): Promise<Rows> {
  let rows = input
  for (const link of links) {
    if ('segment' in link) rows = throughSegment(rows, link.segment, state, partition)
    else {
      const { step, node } = link.barrier
      rows = await passBarrier(rows, step, { state, node, partition, functions: stage.functions })
    }
  }
  return rows
}

/** The rows of a split. It is opened when they are wanted and closed behind the last: a task may read thousands. */
function sourceRows(state: TaskState, { split }: TaskInput & { type: 'split' }, node: number): Rows {
  const open = (): RowSource => openSource(state, node, () => openSplit(split))
  let source: RowSource | null = null
  const advance: SyncRows['advance'] = (push) => {
    source ??= open()
    const opened = source
    return advanceSource(state, opened, node, () => opened.advance(push))
  }
  // The only one that waits for its rows.
  if (split.type !== 'parquet') return { isAsync: false, advance }
  return {
    isAsync: true,
    async advance(push) {
      state.at = node
      source ??= open()
      await source.load?.()
      return advance(push)
    },
  }
}

function openSource<S extends RowSource>(state: TaskState, node: number, open: () => S): S {
  state.at = node
  const source = open()
  state.sources.push(source)
  return source
}

/** One more batch of a source. */
function advanceSource(state: TaskState, source: RowSource, node: number, advance: () => boolean): boolean {
  state.current = source
  state.at = node
  const more = advance()
  // Left as it is when a row throws, so that the failure knows its place.
  state.current = null
  if (!more) source.close()
  return more
}

/** The rows that come through the compiled steps at the head of a chain; null when there are none, or no lines to scan. */
function scannedRows(
  links: readonly Link[],
  state: TaskState,
  input: TaskInput & { type: 'steps' },
  node: number,
): SyncRows | null {
  const [first] = links
  if (first === undefined || !('segment' in first) || first.scanners === undefined) return null
  if (input.input.type !== 'split' || input.input.split.type !== 'lines') return null
  const { split } = input.input
  const { segment, scanners, ofWords } = first
  let target: GroupTarget | null = null
  const open = (push: Push<unknown>): { readonly source: RowSource; readonly advance: () => boolean } => {
    const scanner = scanners.take()
    // V8 can do without.
    if (scanner === null) {
      const lines = openSource(state, node, () => openSplit(split))
      const steps = segment(push, state, input.partition)
      return { source: lines, advance: () => lines.advance(steps) }
    }
    const source = openSource(state, node, () => new ScanSource(scanners, scanner, split))
    const { groups } = scanner
    if (target !== null) groups?.start(target)
    const out = groups === null ? push : (row: unknown): boolean => (groups.isOn ? groups.push(row) : push(row))
    const steps = segment(out, state, input.partition)
    const replay = ofWords === undefined ? steps : ofWords(out, state, input.partition)
    source.bind({ steps, replay, out, written: state.lines })
    return { source, advance: () => source.advance() }
  }
  let running: ReturnType<typeof open> | null = null
  return {
    isAsync: false,
    groupInto: (to) => {
      target = to
    },
    advance(push) {
      // Rows are pushed to one place from first to last.
      running ??= open(push)
      const { source, advance } = running
      return advanceSource(state, source, node, advance)
    },
  }
}

function throughSegment(rows: Rows, segment: Segment, state: TaskState, partition: number): Rows {
  let out: ((row: unknown) => boolean) | null = null
  let into: (row: unknown) => boolean = () => true
  // Rows are pushed to one place from first to last, but that place is known only when they start.
  const bind = (push: (row: unknown) => boolean): ((row: unknown) => boolean) => {
    if (out !== push) {
      out = push
      into = segment(push, state, partition)
    }
    return into
  }
  return rows.isAsync
    ? { isAsync: true, advance: (push) => rows.advance(bind(push)) }
    : { isAsync: false, advance: (push) => rows.advance(bind(push)) }
}

function chainRows(parts: readonly Rows[], state: TaskState): Rows {
  let next = 0
  if (parts.some((part) => part.isAsync)) {
    return {
      isAsync: true,
      async advance(push) {
        const part = parts[next]
        if (part === undefined) return false
        if (!(await part.advance(push))) next++
        return !state.stopped && next < parts.length
      },
    }
  }
  return {
    isAsync: false,
    advance(push) {
      const part = parts[next] as SyncRows | undefined
      if (part === undefined) return false
      if (!part.advance(push)) next++
      return !state.stopped && next < parts.length
    },
  }
}

async function pulled(rows: Rows, state: TaskState, node: number): Promise<PulledRows> {
  return new PulledRows(rows.isAsync ? await gatherRows(rows) : rows, state, node)
}

function zipRows(left: PulledRows, right: PulledRows): SyncRows {
  const batch = 1024
  let paired = 0
  return {
    isAsync: false,
    advance(push) {
      for (let i = 0; i < batch; i++) {
        const hasLeft = left.fill()
        const hasRight = right.fill()
        if (hasLeft !== hasRight) {
          throw new DataError(
            `zip needs as many rows on both sides of each partition, got ${paired} on the ${hasLeft ? 'right' : 'left'} and more on the ${hasLeft ? 'left' : 'right'}. Pair rows by key instead, where rows have keys`,
          )
        }
        if (!hasLeft) return false
        paired++
        if (!push([left.take(), right.take()])) return false
      }
      return true
    },
  }
}
