/**
 * Variables that several captured functions share and at least one assigns: in the worker they must go on sharing them.
 * That is done where the variable can be told to be one and the same: at the top level of a script, of which there is
 * one. (V8 does not say whether two closures hang on one activation of a function; there each gets a variable of its
 * own. An object, captured by both, is always shared.)
 */
import type { AnyNode, Program } from 'acorn'
import type { BundleFunction, Encoded } from './bundle.ts'
import { bindingNames, declaredNames } from './declarations.ts'
import type { FunctionFacts } from './inspect.ts'
import { parseScript } from './parser.ts'
import type { Pass } from './pass.ts'

/** Replaces such variables in the functions' environments by cells of the bundle. */
export function shareVariables(pass: Pass): void {
  const users = new Map<string, number[]>()
  for (const [id, node] of pass.nodes.entries()) {
    if (node.type !== 'function') continue
    for (const [name] of node.env) {
      const key = `${isInScriptScope(pass, id, name) ? 'all' : node.script} ${name}`
      const known = users.get(key)
      if (known) known.push(id)
      else users.set(key, [id])
    }
  }
  for (const [key, ids] of users) {
    const name = key.slice(key.indexOf(' ') + 1)
    const nodes = ids.map((id) => pass.nodes[id] as BundleFunction)
    if (ids.length < 2 || !nodes.some((node) => node.assigned.includes(name))) continue
    const [value, ...others] = nodes.map((node) => JSON.stringify(valueOf(node, name)))
    if (others.every((other) => other === value) && ids.every((id) => isTopLevel(pass, id, name)))
      share(pass, ids, name)
  }
}

function valueOf(node: BundleFunction, name: string): Encoded {
  return node.env.find(([known]) => known === name)?.[1] ?? null
}

function share(pass: Pass, ids: readonly number[], name: string): void {
  const [first = 0] = ids
  const cell = pass.cells.push(valueOf(pass.nodes[first] as BundleFunction, name)) - 1
  for (const id of ids) {
    const node = pass.nodes[id] as BundleFunction
    pass.nodes[id] = {
      ...node,
      env: node.env.filter(([known]) => known !== name),
      assigned: node.assigned.filter((known) => known !== name),
      cells: [...node.cells, [name, cell]],
    }
  }
}

/** The top level that all scripts share: each line of a REPL is a script. */
function isInScriptScope(pass: Pass, id: number, name: string): boolean {
  return scopeOf(pass, id, name)?.kind === 'Script'
}

function scopeOf(pass: Pass, id: number, name: string): FunctionFacts['scopes'][number] | undefined {
  return pass.facts.get(id)?.scopes.find(({ kind, variables }) => kind !== 'Global' && name in variables)
}

function isTopLevel(pass: Pass, id: number, name: string): boolean {
  const facts = pass.facts.get(id)
  const scope = scopeOf(pass, id, name)
  if (!facts?.location || scope?.kind === 'Module' || scope?.kind === 'Script') return scope !== undefined
  return topLevelNames(pass, facts.location.scriptId).has(name)
}

const namesByScript = new Map<string, ReadonlySet<string>>()

/** Names that a script declares once, and that at its top level or that of the function a loader wrapped around it. */
function topLevelNames(pass: Pass, scriptId: NonNullable<FunctionFacts['location']>['scriptId']): ReadonlySet<string> {
  let names = namesByScript.get(scriptId)
  if (!names) {
    const program = parseScript(pass.inspection.scriptSource(scriptId))
    names = program ? declaredOnceAtTop(program) : new Set()
    namesByScript.set(scriptId, names)
  }
  return names
}

function declaredOnceAtTop(program: Program): Set<string> {
  const counts = new Map<string, number>()
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) return value.forEach(visit)
    if (typeof value !== 'object' || value === null || !('type' in value)) return
    for (const name of declaredNames(value as AnyNode)) counts.set(name, (counts.get(name) ?? 0) + 1)
    Object.values(value).forEach(visit)
  }
  visit(program)
  const top = new Set<string>()
  collectTop(program.body, top, 0)
  return new Set([...top].filter((name) => counts.get(name) === 1))
}

/** As loaders wrap modules: `(() => { … })()`, `(async (…) => {{ … }})`. */
function collectTop(statements: readonly AnyNode[], names: Set<string>, depth: number): void {
  for (const statement of statements) {
    const inner = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement
    if (inner?.type === 'VariableDeclaration') for (const { id } of inner.declarations) bindingNames(id, names)
    if (statement.type === 'BlockStatement' && depth > 0) collectTop(statement.body, names, depth)
    if (statement.type !== 'ExpressionStatement' || depth >= 2) continue
    let wrapper: AnyNode = statement.expression
    if (wrapper.type === 'CallExpression' && wrapper.callee.type !== 'Super') wrapper = wrapper.callee
    if (wrapper.type !== 'ArrowFunctionExpression' && wrapper.type !== 'FunctionExpression') continue
    if (wrapper.body.type === 'BlockStatement' && statements.length <= 2 + depth)
      collectTop(wrapper.body.body, names, depth + 1)
  }
}
