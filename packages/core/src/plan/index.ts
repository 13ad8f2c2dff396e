/** The door to the plan: what other engines translate. */
export type { CallSite } from './call-site.ts'
export type { PlanNode } from './node.ts'
export { parentsOf } from './node.ts'
export type { Source, Split } from './source.ts'
export type { Sink, Step, UserFunction } from './step.ts'
