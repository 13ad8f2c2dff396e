/** A plan as text, for people and golden files. */
import type { PlanNode, SourceNode } from './node.ts'
import { chainOf, planOperators, type StageOperators } from './operator.ts'
import type { UserFunction } from './step.ts'

/** Longest quotation of a user's function, in characters. */
const QUOTE = 60

/**
 * The stages of a plan and their steps in the order a row meets them, with partitions, the user's own functions and the places
 * where the verbs were called. Each indented block is read by the line above it.
 */
export function explainPlan(root: PlanNode, countOf: (node: SourceNode) => number): string {
  const stage = planOperators(root, countOf)
  const lines: { text: string; at: string }[] = []
  const visit = (index: number, indent: string): void => {
    const node = stage.nodes[index] as PlanNode
    const operator = stage.operators[index]
    const partitions = plural(stage.partitionCounts[index] ?? 0, 'partition')
    const { steps } = chainOf(node)
    if (operator?.op === 'steps') {
      visit(operator.input, indent)
      for (const step of steps) lines.push({ text: `${indent}${labelOf(step)}${quoteOf(step)}`, at: step.at.text })
      return
    }
    lines.push({ text: `${indent}${labelOf(node)}${quoteOf(node)}, ${partitions}`, at: node.at.text })
    for (const input of operandsOf(stage, index)) visit(input, `${indent}  `)
  }
  visit(stage.operators.length - 1, '  ')
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
  const visit = (index: number, indent: string): void => {
    const { steps } = chainOf(stage.nodes[index] as PlanNode)
    const operator = stage.operators[index]
    if (operator?.op === 'steps') {
      for (const step of [...steps].reverse()) lines.push(`${indent}${labelOf(step)}[${step.id}]`)
      visit(operator.input, indent)
      return
    }
    const node = stage.nodes[index] as PlanNode
    lines.push(`${indent}${labelOf(node)}[${node.id}]`)
    for (const input of operandsOf(stage, index)) visit(input, `${indent}  `)
  }
  visit(stage.operators.length - 1, '')
  const head = `(${stage.partitionCounts.at(-1) ?? 0}) `
  return lines.map((line, i) => (i === 0 ? head : ' '.repeat(head.length)) + line).join('\n')
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

function quoteOf(node: PlanNode): string {
  switch (node.kind) {
    case 'source':
      return 'paths' in node.source ? ` ${node.source.paths.join(',')}` : ''
    case 'pipe': {
      const { step } = node
      if ('fn' in step) return ` ${quote(step.fn)}`
      return step.op === 'pipe' ? ` ${typeof step.command === 'string' ? step.command : step.command.join(' ')}` : ''
    }
    default:
      return ''
  }
}

function quote(fn: UserFunction): string {
  const text = Function.prototype.toString.call(fn).replace(/\s+/g, ' ')
  return text.length > QUOTE ? `${text.slice(0, QUOTE - 1)}…` : text
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
