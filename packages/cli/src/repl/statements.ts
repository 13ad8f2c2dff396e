/**
 * What was typed, as statements that a prompt can run one after the other. At a prompt a name may be declared again, an import may stand
 * anywhere and so may `await`; a script of V8 allows none of these. So the names become variables of the session, declared once, and a
 * declaration becomes an assignment to them. A statement that awaits runs in an asynchronous function.
 */
import { type AnyNode, type Expression, type Pattern, parse, type VariableDeclaration } from 'acorn'

export interface Statement {
  /** The variables of the session that it declares. */
  readonly names: readonly string[]
  /** A script, strict as modules are. It gives the statement's value, or a promise of it. */
  readonly code: string
  /** Whether its value is what the user asked for. */
  readonly isExpression: boolean
  /** Where `code` begins in the source, from 0, so that what it took over from there keeps its place. */
  readonly line: number
  readonly column: number
}

const STRICT = "'use strict';"
const ASYNC_HEAD = `${STRICT}(async () => {`

/** @param source JavaScript: what was typed without its types */
export function statementsOf(source: string): readonly Statement[] {
  const program = parse(source, {
    ecmaVersion: 'latest',
    sourceType: 'module',
    locations: true,
    // Names of other lines may be exported, and `await` may stand at the top.
    allowImportExportEverywhere: true,
    checkPrivateFields: false,
  })
  const nodes = program.body.flatMap(withoutExport)
  // Functions are there before the statements that call them.
  const ordered = [
    ...nodes.filter(({ type }) => type === 'FunctionDeclaration'),
    ...nodes.filter(({ type }) => type !== 'FunctionDeclaration'),
  ]
  return ordered.map((node) => statementOf(node, source))
}

/** What an `export` exports; a list of names exports nothing from a prompt. */
function withoutExport(node: AnyNode): readonly AnyNode[] {
  switch (node.type) {
    case 'ExportNamedDeclaration':
      return node.declaration ? [node.declaration] : []
    case 'ExportDefaultDeclaration':
      return [node.declaration]
    case 'ExportAllDeclaration':
      return []
    default:
      return [node]
  }
}

function statementOf(node: AnyNode, source: string): Statement {
  const isAsync = node.type === 'ImportDeclaration' || awaits(node)
  const isExpression = node.type === 'ExpressionStatement'
  const { names, text } = assignmentOf(node, source)
  const head = !isAsync ? STRICT : isExpression ? `${ASYNC_HEAD}return (` : ASYNC_HEAD
  const body = isAsync && isExpression ? `${source.slice(node.expression.start, node.expression.end)}\n)` : text
  return {
    names,
    code: `${head}${body}${isAsync ? '\n})()' : ''}`,
    isExpression,
    line: (node.loc?.start.line ?? 1) - 1,
    column: (node.loc?.start.column ?? 0) - head.length,
  }
}

/** A declaration as an assignment to the variables it declares; anything else as it is. */
function assignmentOf(node: AnyNode, source: string): { readonly names: readonly string[]; readonly text: string } {
  const textOf = ({ start, end }: AnyNode): string => source.slice(start, end)
  switch (node.type) {
    case 'VariableDeclaration':
      return { names: node.declarations.flatMap(({ id }) => namesIn(id)), text: variables(node, textOf) }
    case 'FunctionDeclaration': {
      // Without its name, which would hide the variable from the function itself.
      const { id } = node
      if (id === null) return { names: [], text: `(${textOf(node)})` }
      return {
        names: [id.name],
        text: `${id.name} = ${source.slice(node.start, id.start)}${source.slice(id.end, node.end)};`,
      }
    }
    case 'ClassDeclaration':
      return node.id === null
        ? { names: [], text: `(${textOf(node)})` }
        : { names: [node.id.name], text: `${node.id.name} = ${textOf(node)};` }
    case 'ImportDeclaration':
      return importOf(node)
    default:
      return { names: [], text: textOf(node) }
  }
}

function variables({ declarations }: VariableDeclaration, textOf: (node: Expression | Pattern) => string): string {
  const assignments = declarations.map(({ id, init }) => `${textOf(id)} = ${init ? textOf(init) : 'undefined'}`)
  return `void (${assignments.join(', ')});`
}

/** `import a, { b as c } from 'x'` as `({ default: a, b: c } = await import('x'))`. */
function importOf(node: AnyNode & { type: 'ImportDeclaration' }): { names: readonly string[]; text: string } {
  const names = node.specifiers.map(({ local }) => local.name)
  const module = `await import(${node.source.raw})`
  const members: string[] = []
  let text = ''
  for (const one of node.specifiers) {
    switch (one.type) {
      case 'ImportNamespaceSpecifier':
        text += `${one.local.name} = ${module};`
        break
      case 'ImportDefaultSpecifier':
        members.push(`default: ${one.local.name}`)
        break
      case 'ImportSpecifier': {
        const imported = one.imported.type === 'Literal' ? one.imported.raw : one.imported.name
        members.push(`${imported}: ${one.local.name}`)
      }
    }
  }
  if (members.length > 0) text += `({ ${members.join(', ')} } = ${module});`
  return { names, text: text === '' ? `${module};` : text }
}

function namesIn(pattern: Pattern): readonly string[] {
  switch (pattern.type) {
    case 'Identifier':
      return [pattern.name]
    case 'ObjectPattern':
      return pattern.properties.flatMap((one) => namesIn(one.type === 'Property' ? one.value : one.argument))
    case 'ArrayPattern':
      return pattern.elements.flatMap((one) => (one === null ? [] : namesIn(one)))
    case 'AssignmentPattern':
      return namesIn(pattern.left)
    case 'RestElement':
      return namesIn(pattern.argument)
    case 'MemberExpression':
      return []
  }
}

/** Whether a statement awaits something outside of functions of its own. */
function awaits(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(awaits)
  if (typeof value !== 'object' || value === null || !('type' in value)) return false
  const node = value as AnyNode
  switch (node.type) {
    case 'AwaitExpression':
      return true
    case 'FunctionDeclaration':
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
      return false
    case 'ForOfStatement':
      return node.await || awaits(node.left) || awaits(node.right) || awaits(node.body)
    default:
      return Object.values(node).some(awaits)
  }
}
