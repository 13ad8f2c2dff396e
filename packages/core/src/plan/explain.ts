/** A plan as text, for people and golden files. */
import type { PlanNode, SourceNode } from './node.ts'
import { chainOf, planOperators, type StageOperators } from './operator.ts'
import type { Step, UserFunction } from './step.ts'

/** Longest quotation of a user's function, in characters. */
const QUOTE = 60

/**
 * The stages of a plan and their steps in the order a row meets them, with partitions, the user's own functions and the places
 * where the verbs were called. What is indented is read by the line above it.
 */
export function explainPlan(root: PlanNode, countOf: (node: SourceNode) => number): string {
  const stage = planOperators(root, countOf)
  const lines: { text: string; at: string }[] = []
  const visit = (index: number, lead: Lead): void => {
    const node = stage.nodes[index] as PlanNode
    const operator = stage.operators[index]
    if (operator?.op === 'steps') {
      visit(operator.input, lead)
      for (const step of chainOf(node).steps) {
        lines.push({ text: `${lead.next}${labelOf(step)}${detailOf(step)}`, at: step.at.text })
      }
      return
    }
    const partitions = plural(stage.partitionCounts[index] ?? 0, 'partition')
    lines.push({ text: `${lead.first}${labelOf(node)}${detailOf(node)}, ${partitions}`, at: node.at.text })
    visitInputs(stage, index, lead, visit)
  }
  visit(stage.operators.length - 1, { first: '  ', next: '  ' })
  const width = Math.min(
    100,
    lines.reduce((most, line) => Math.max(most, line.text.length), 0),
  )
  const tasks = plural(stage.partitionCounts.at(-1) ?? 0, 'task')
  return [
    `stage 0: ${tasks}`,
    ...lines.map(({ text, at }) => (at === '' ? text : `${text.padEnd(width)}  ${at}`)),
  ].join('\n')
}

/** The lineage as Spark prints it: `(n)`, then the last verb, then what it was made from. */
export function debugString(root: PlanNode, countOf: (node: SourceNode) => number): string {
  const stage = planOperators(root, countOf)
  const lines: string[] = []
  const visit = (index: number, lead: Lead): void => {
    const node = stage.nodes[index] as PlanNode
    const operator = stage.operators[index]
    const { steps } = chainOf(node)
    if (operator?.op === 'steps') {
      for (const [i, step] of [...steps].reverse().entries()) {
        lines.push(`${i === 0 ? lead.first : lead.next}${labelOf(step)}[${step.id}]`)
      }
      visit(operator.input, { first: lead.next, next: lead.next })
      return
    }
    lines.push(`${lead.first}${labelOf(node)}[${node.id}]`)
    visitInputs(stage, index, lead, visit)
  }
  visit(stage.operators.length - 1, { first: '', next: '' })
  const head = `(${stage.partitionCounts.at(-1) ?? 0}) `
  return lines.map((line, i) => (i === 0 ? head : ' '.repeat(head.length)) + line).join('\n')
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
      return operator.inputs
    case 'coalesce':
    case 'steps':
      return [operator.input]
    case 'zip':
      return [operator.left, operator.right]
    default:
      return []
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
      return stepDetail(node.step)
    default:
      return ''
  }
}

function stepDetail(step: Step<UserFunction>): string {
  switch (step.op) {
    case 'mapAsync':
      return ` ${quote(step.fn)}, ${step.concurrency} at once`
    case 'pipe':
      return ` ${typeof step.command === 'string' ? step.command : step.command.join(' ')}`
    case 'sample':
      return ` ${step.fraction} ${step.withReplacement ? 'with' : 'without'} replacement, seed ${step.seed}`
    default:
      return 'fn' in step ? ` ${quote(step.fn)}` : ''
  }
}

function quote(fn: UserFunction): string {
  const text = Function.prototype.toString.call(fn).replace(/\s+/g, ' ')
  return text.length > QUOTE ? `${text.slice(0, QUOTE - 1)}…` : text
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
