/** A plan as text, for people and golden files. */
import type { Layout } from './layout.ts'
import type { PlanNode, ShuffleNode } from './node.ts'
import { chainOf, type StageOperators } from './operator.ts'
import { type PlannedStage, planStages } from './stages.ts'
import type { Step, UserFunction } from './step.ts'

/** Longest quotation of a user's function, in characters. */
const QUOTE = 60

/**
 * The stages of a plan, those that others read first, and their steps in the order a row meets them, with partitions, the user's own functions and
 * the places where the verbs were called. `notes` are what else is said of a node, by its number. What is indented is read by the line above it.
 */
export function explainPlan(root: PlanNode, layout: Layout, notes: ReadonlyMap<number, string> = new Map()): string {
  const stages = planStages(root, layout)
  const numbers = new Map(stages.map(({ shuffle }, number) => [shuffle, number]))
  const texts = stages.map(({ operators, shuffle }, number) => {
    const head = `stage ${number}: ${plural(operators.partitionCounts.at(-1) ?? 0, 'task')}`
    const way = shuffle === null ? '' : `, shuffled ${wayOf(shuffle, layout)}`
    return { head: `${head}${way}`, lines: stageLines(operators, notes, (node) => numbers.get(node) ?? -1) }
  })
  const longest = texts.flatMap(({ lines }) => lines).reduce((most, line) => Math.max(most, line.text.length), 0)
  const width = Math.min(100, longest)
  const placeWidth = texts.flatMap(({ lines }) => lines).reduce((most, line) => Math.max(most, line.at.length), 0)
  return texts
    .flatMap(({ head, lines }) => [
      head,
      ...lines.map(({ text, at, note }) => `${text.padEnd(width)}  ${at.padEnd(placeWidth)}  ${note}`.trimEnd()),
    ])
    .join('\n')
}

interface Line {
  readonly text: string
  readonly at: string
  readonly note: string
}

function stageLines(
  stage: StageOperators,
  notes: ReadonlyMap<number, string>,
  numberOf: (shuffle: ShuffleNode) => number,
): readonly Line[] {
  const lines: Line[] = []
  const visit = (index: number, lead: Lead): void => {
    const node = stage.nodes[index] as PlanNode
    const operator = stage.operators[index]
    if (operator?.op === 'steps') {
      visit(operator.input, lead)
      for (const step of chainOf(node).steps) {
        lines.push({
          text: `${lead.next}${labelOf(step)}${detailOf(step)}`,
          at: step.at.text,
          note: notes.get(step.id) ?? '',
        })
      }
      return
    }
    if (operator?.op === 'stored' && operator.input !== null) {
      visit(operator.input, lead)
      lines.push({ text: `${lead.next}kept ${node.storage?.level ?? ''}`, at: '', note: '' })
      return
    }
    const partitions = plural(stage.partitionCounts[index] ?? 0, 'partition')
    const what =
      node.kind === 'shuffle' ? `stage ${numberOf(node)} by ${labelOf(node)}` : `${labelOf(node)}${detailOf(node)}`
    lines.push({ text: `${lead.first}${what}, ${partitions}`, at: node.at.text, note: '' })
    visitInputs(stage, index, lead, visit)
  }
  visit(stage.operators.length - 1, { first: '  ', next: '  ' })
  return lines
}

/** The lineage as Spark prints it: `(n)`, then the last verb, then what it was made from; `+-(n)` begins what was shuffled. */
export function debugString(root: PlanNode, layout: Layout): string {
  const stages = new Map(planStages(root, layout).map((stage) => [stage.shuffle, stage]))
  const lines: string[] = []
  const print = ({ operators: stage }: PlannedStage, before: string, mark: string): void => {
    const head = `${mark}(${stage.partitionCounts.at(-1) ?? 0}) `
    const first = lines.length
    const own = before + ' '.repeat(head.length)
    const visit = (index: number, lead: Lead): void => {
      const node = stage.nodes[index] as PlanNode
      const operator = stage.operators[index]
      if (operator?.op === 'steps') {
        for (const [i, step] of [...chainOf(node).steps].reverse().entries()) {
          lines.push(`${own}${i === 0 ? lead.first : lead.next}${labelOf(step)}[${step.id}]`)
        }
        visit(operator.input, { first: lead.next, next: lead.next })
        return
      }
      if (operator?.op === 'stored' && operator.input !== null) {
        visit(operator.input, lead)
        return
      }
      lines.push(`${own}${lead.first}${labelOf(node)}[${node.id}]`)
      const feeding = node.kind === 'shuffle' ? stages.get(node) : undefined
      if (feeding !== undefined) print(feeding, own + lead.next, '+-')
      visitInputs(stage, index, lead, visit)
    }
    visit(stage.operators.length - 1, { first: '', next: '' })
    const line = lines[first]
    if (line !== undefined) lines[first] = before + head + line.slice(own.length)
  }
  print(stages.get(null) as PlannedStage, '', '')
  return lines.join('\n')
}

/** What stands before the first line of an input, and before its others. */
interface Lead {
  readonly first: string
  readonly next: string
}

/** One input stands below its reader; of several, each begins with a dash. */
function visitInputs(
  stage: StageOperators,
  index: number,
  { next }: Lead,
  visit: (input: number, lead: Lead) => void,
): void {
  const inputs = operandsOf(stage, index)
  const lead =
    inputs.length > 1 ? { first: `${next}  - `, next: `${next}    ` } : { first: `${next}  `, next: `${next}  ` }
  for (const input of inputs) visit(input, lead)
}

function operandsOf(stage: StageOperators, index: number): readonly number[] {
  const operator = stage.operators[index]
  switch (operator?.op) {
    case 'union':
    case 'cogroup':
      return operator.inputs
    case 'coalesce':
    case 'steps':
      return [operator.input]
    case 'zip':
    case 'product':
      return [operator.left, operator.right]
    default:
      return []
  }
}

function wayOf(shuffle: ShuffleNode, layout: Layout): string {
  const { partitioner, placement } = layout.shuffle(shuffle)
  const into = plural(placement.count, 'partition')
  switch (partitioner.type) {
    case 'hash':
      return `by hash into ${into}`
    case 'custom':
      return `by ${quote(partitioner.fn)} into ${into}`
    case 'spread':
      return `evenly into ${into}`
    case 'range':
      return `by ${partitioner.ascending ? '' : 'descending '}order into ${into}`
  }
}

function labelOf(node: PlanNode): string {
  return node.name === undefined ? node.verb : `${node.name} (${node.verb})`
}

/** What the user gave to the verb. */
function detailOf(node: PlanNode): string {
  switch (node.kind) {
    case 'source':
      return 'paths' in node.source ? ` ${node.source.paths.join(',')}` : ''
    case 'pipe':
      return stepDetail(node)
    default:
      return ''
  }
}

/** A verb that takes several steps says which one this is. */
function stepDetail({ step, verb }: PlanNode & { kind: 'pipe' }): string {
  const which = step.op === verb ? '' : ` ${step.op}`
  switch (step.op) {
    case 'parseJson':
      return ` JSON.parse${checkDetail(step)}`
    case 'checkRow':
      return checkDetail(step)
    case 'mapAsync':
    case 'filterAsync':
    case 'flatMapAsync':
      return ` ${quote(step.fn)}, ${step.concurrency} at once`
    case 'pipe':
      return ` ${typeof step.command === 'string' ? step.command : step.command.join(' ')}${step.encode === 'jsonl' ? ', rows as JSON' : ''}`
    case 'sample':
      return ` ${step.fraction} ${step.withReplacement ? 'with' : 'without'} replacement, seed ${step.seed}`
    case 'combine':
      return `${which}${'fn' in step.combiner ? ` ${quote(step.combiner.fn)}` : ''}`
    default:
      return `${which}${'fn' in step ? ` ${quote(step.fn)}` : ''}`
  }
}

function checkDetail(step: Step<UserFunction> & { op: 'parseJson' | 'checkRow' }): string {
  return `${step.schema === null ? '' : ', checked by the schema'}, bad rows: ${step.onBadRow}`
}

function quote(fn: UserFunction): string {
  const text = Function.prototype.toString.call(fn).replace(/\s+/g, ' ')
  return text.length > QUOTE ? `${text.slice(0, QUOTE - 1)}…` : text
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
