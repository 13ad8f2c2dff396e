/** Which names statements and patterns declare. */
import type { AnyNode, Pattern } from 'acorn'

/** The names a pattern binds, added to `names`. */
export function bindingNames(pattern: Pattern | null | undefined, names: Set<string>): void {
  switch (pattern?.type) {
    case 'Identifier':
      names.add(pattern.name)
      return
    case 'ObjectPattern':
      for (const one of pattern.properties) bindingNames(one.type === 'RestElement' ? one.argument : one.value, names)
      return
    case 'ArrayPattern':
      for (const one of pattern.elements) bindingNames(one, names)
      return
    case 'AssignmentPattern':
      return bindingNames(pattern.left, names)
    case 'RestElement':
      return bindingNames(pattern.argument, names)
    default:
  }
}

/** What the statements of one block declare for that block alone, and the functions and classes among them. */
export function lexicalNames(statements: readonly (AnyNode | null | undefined)[]): Set<string> {
  const names = new Set<string>()
  for (const statement of statements) {
    if (statement?.type === 'VariableDeclaration' && statement.kind !== 'var') {
      for (const { id } of statement.declarations) bindingNames(id, names)
    } else if (statement?.type === 'FunctionDeclaration' || statement?.type === 'ClassDeclaration') {
      if (statement.id) names.add(statement.id.name)
    }
  }
  return names
}

/** The `var`s at any depth below, and functions in blocks, which sloppy mode hoists; not those of inner functions. */
export function varNames(nodes: unknown, names: Set<string>): void {
  if (Array.isArray(nodes)) {
    for (const node of nodes) varNames(node, names)
    return
  }
  if (typeof nodes !== 'object' || nodes === null || !('type' in nodes)) return
  const node = nodes as AnyNode
  switch (node.type) {
    case 'VariableDeclaration':
      if (node.kind === 'var') for (const { id } of node.declarations) bindingNames(id, names)
      return
    case 'FunctionDeclaration':
      if (node.id) names.add(node.id.name)
      return
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
    case 'ClassExpression':
    case 'ClassDeclaration':
      return
    default:
      for (const value of Object.values(node)) if (typeof value === 'object') varNames(value, names)
  }
}

const DEFINED: ReadonlySet<string> = new Set(
  'ArrowFunctionExpression FunctionExpression ClassExpression ObjectExpression ArrayExpression TemplateLiteral Literal NewExpression'.split(
    ' ',
  ),
)

/** Names that a script declares once, as a class or a constant that cannot be undefined. */
export function alwaysDefined(root: AnyNode): Set<string> {
  const counts = new Map<string, number>()
  const defined = new Set<string>()
  const count = (names: ReadonlySet<string>): void => {
    for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) return value.forEach(visit)
    if (typeof value !== 'object' || value === null || !('type' in value)) return
    const node = value as AnyNode
    count(declaredNames(node))
    if (node.type === 'ClassDeclaration' && node.id) defined.add(node.id.name)
    if (node.type === 'VariableDeclaration' && node.kind === 'const') {
      for (const { id, init } of node.declarations) {
        if (id.type === 'Identifier' && init && DEFINED.has(init.type)) defined.add(id.name)
      }
    }
    Object.values(node).forEach(visit)
  }
  visit(root)
  return new Set([...defined].filter((name) => counts.get(name) === 1))
}

/** The names that one node declares, whatever their scope. */
export function declaredNames(node: AnyNode): Set<string> {
  const names = new Set<string>()
  switch (node.type) {
    case 'VariableDeclarator':
      bindingNames(node.id, names)
      break
    case 'FunctionDeclaration':
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
      for (const param of node.params) bindingNames(param, names)
      if (node.id) names.add(node.id.name)
      break
    case 'ClassDeclaration':
    case 'ClassExpression':
      if (node.id) names.add(node.id.name)
      break
    case 'CatchClause':
      bindingNames(node.param, names)
      break
    default:
  }
  return names
}
