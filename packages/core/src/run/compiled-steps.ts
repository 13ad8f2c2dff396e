/** Which steps of a plan are compiled, and why others are not: for `explain()`. */
import { captureFunctions } from '../closure/capture.ts'
import { compileStage } from '../compile/stage.ts'
import { ClosureError } from '../errors.ts'
import { decodeRows } from '../io/row-codec.ts'
import type { Layout } from '../plan/layout.ts'
import type { PlanNode } from '../plan/node.ts'
import type { StageOperators } from '../plan/operator.ts'
import { planStages } from '../plan/stages.ts'
import { bindOperators, FunctionTable } from '../program/program.ts'

/** By the number of the plan node: null for a step that is compiled, else why it runs in V8. Steps that no lines come to are left out. */
export async function compiledSteps(root: PlanNode, layout: Layout): Promise<ReadonlyMap<number, string | null>> {
  const table = new FunctionTable()
  const stages = planStages(root, layout).map(({ operators: plan }) => ({
    plan,
    operators: bindOperators(plan.operators, table),
  }))
  if (!stages.some(({ plan }) => plan.operators.some((_, i) => readsLines(plan, i)))) return new Map()
  try {
    const requests = table.functions.map(({ fn }) => ({ fn, verb: 'explain', at: root.at }))
    const { codes } = await captureFunctions(requests)
    const reports = stages.flatMap(({ plan, operators }) =>
      compileStage({ operators, sink: { op: 'collect' } }, { codes, valueOf }, (operator) =>
        readsLines(plan, operator),
      ),
    )
    return new Map(reports.flatMap((each) => each.reports).map(({ node, why }) => [node, why]))
  } catch (error) {
    // A function that can't travel fails the action, which says so better.
    if (error instanceof ClosureError) return new Map()
    throw error
  }
}

/** The value that a block of one row holds. */
export function valueOf(block: Uint8Array): unknown {
  return decodeRows(block)[0]
}

/** Whether an operator is a source of lines of files. */
export function readsLines(stage: StageOperators, operator: number): boolean {
  const node = stage.nodes[operator]
  return node?.kind === 'source' && node.source.type === 'text'
}
