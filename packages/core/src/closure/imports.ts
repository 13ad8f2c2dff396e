/**
 * The import bindings of a script: which local name stands for what a module exports. Read from the text that V8
 * compiled, so that every loader's way of writing an import is seen as it ran: ES modules, CommonJS, esbuild's
 * `__toESM(require(…))` and vitest's `await __vite_ssr_import__(…)`.
 */
import type { AnyNode, Expression, Pattern, Program } from 'acorn'

export interface ImportBinding {
  readonly specifier: string
  readonly system: 'esm' | 'cjs'
  /** From the module to the value: `[]` for the module itself. */
  readonly path: readonly string[]
  /** The local value is a wrapper that a loader put around the module: only the members used can be trusted. */
  readonly isWrapped: boolean
  /** A test replaces the module (`vi.mock('x', …)`): it is not what a worker would get by importing it. */
  readonly isMocked: boolean
}

/** A mock names the package; vite may have resolved the import to a file already. */
function isMocked(specifier: string, mocked: ReadonlySet<string>): boolean {
  return [...mocked].some((name) => specifier === name || specifier.includes(`/node_modules/${name}/`))
}

type Bindings = Map<string, ImportBinding>

export function importBindings(program: Program): Map<string, ImportBinding> {
  const bindings: Bindings = new Map()
  const mocked = new Set<string>()
  readStatements(program.body, bindings, mocked, 0)
  for (const [name, one] of bindings)
    if (isMocked(one.specifier, mocked)) bindings.set(name, { ...one, isMocked: true })
  return bindings
}

function readStatements(statements: readonly AnyNode[], bindings: Bindings, mocked: Set<string>, depth: number): void {
  for (const statement of statements) {
    switch (statement.type) {
      case 'ImportDeclaration':
        readImport(statement, bindings)
        break
      case 'VariableDeclaration':
        for (const { id, init } of statement.declarations) if (init) readDeclarator(id, init, bindings)
        break
      case 'ExportNamedDeclaration':
        if (statement.declaration) readStatements([statement.declaration], bindings, mocked, depth)
        break
      case 'ExpressionStatement':
        readMock(statement.expression, mocked)
        readWrapper(statement.expression, bindings, mocked, depth)
        break
      case 'BlockStatement':
        readStatements(statement.body, bindings, mocked, depth)
        break
      case 'FunctionDeclaration':
        // A whole CommonJS module as one function, as `node --require` hooks and bundlers write it.
        if (statements.length === 1) readStatements(statement.body.body, bindings, mocked, depth)
        break
      default:
    }
  }
}

/** `import a, { b as c } from 'x'`, `import * as d from 'x'`. */
function readImport(node: AnyNode & { type: 'ImportDeclaration' }, bindings: Bindings): void {
  const specifier = String(node.source.value)
  for (const one of node.specifiers) {
    bindings.set(one.local.name, {
      specifier,
      system: 'esm',
      path: importedPath(one),
      isWrapped: false,
      isMocked: false,
    })
  }
}

function importedPath(node: (AnyNode & { type: 'ImportDeclaration' })['specifiers'][number]): readonly string[] {
  switch (node.type) {
    case 'ImportDefaultSpecifier':
      return ['default']
    case 'ImportNamespaceSpecifier':
      return []
    case 'ImportSpecifier':
      return [node.imported.type === 'Literal' ? String(node.imported.value) : node.imported.name]
  }
}

/** `const a = require('x').b`, `const { c } = await import('x')`. */
function readDeclarator(id: Pattern, init: Expression, bindings: Bindings): void {
  const source = moduleExpression(init)
  if (!source) return
  if (id.type === 'Identifier') bindings.set(id.name, source)
  if (id.type !== 'ObjectPattern' || source.isWrapped) return
  for (const property of id.properties) {
    if (property.type !== 'Property' || property.computed || property.value.type !== 'Identifier') continue
    const key = property.key.type === 'Identifier' ? property.key.name : null
    if (key !== null) bindings.set(property.value.name, { ...source, path: [...source.path, key] })
  }
}

function moduleExpression(node: Expression): ImportBinding | null {
  switch (node.type) {
    case 'AwaitExpression':
      return moduleExpression(node.argument)
    case 'ParenthesizedExpression':
      return moduleExpression(node.expression)
    case 'ImportExpression':
      return named(node.source, 'esm', false)
    case 'MemberExpression': {
      if (node.computed || node.object.type === 'Super' || node.property.type !== 'Identifier') return null
      const source = moduleExpression(node.object)
      return source && !source.isWrapped ? { ...source, path: [...source.path, node.property.name] } : null
    }
    case 'CallExpression': {
      const name = node.callee.type === 'Identifier' ? node.callee.name : ''
      const first = node.arguments[0]
      if (!first || first.type === 'SpreadElement') return null
      if (/^__vi(te_ssr(_dynamic)?)?_import__$/.test(name)) return named(first, 'esm', true)
      if (/^(__)?require\d*$/.test(name)) return named(first, 'cjs', false)
      if (/^(__toESM|__importStar|__importDefault|_interop\w*)\d*$/.test(name)) {
        const source = moduleExpression(first)
        return source && { ...source, isWrapped: true }
      }
      return null
    }
    default:
      return null
  }
}

function named(node: Expression, system: 'esm' | 'cjs', isWrapped: boolean): ImportBinding | null {
  if (node.type !== 'Literal' || typeof node.value !== 'string') return null
  return { specifier: plainSpecifier(node.value), system, path: [], isWrapped, isMocked: false }
}

/** Vite spells files outside its root as `/@fs/path` and packages it has resolved as `/@id/name`. */
function plainSpecifier(specifier: string): string {
  if (specifier.startsWith('/@fs/')) return `file://${specifier.slice('/@fs'.length)}`
  return specifier.startsWith('/@id/') ? specifier.slice('/@id/'.length) : specifier
}

/** `vi.mock('x', …)`, also as vitest rewrites it: `__vi_import_0__.vi.mock('x', …)`. */
function readMock(node: Expression, mocked: Set<string>): void {
  if (node.type !== 'CallExpression' || node.callee.type !== 'MemberExpression') return
  const { property } = node.callee
  const first = node.arguments[0]
  if (property.type === 'Identifier' && /^(do)?[mM]ock$/.test(property.name) && first?.type === 'Literal') {
    mocked.add(plainSpecifier(String(first.value)))
  }
}

/** Loaders wrap a module in a function: tsx's `(() => { … })()`, vitest's `(async (…) => {{ … }})`. */
function readWrapper(node: Expression, bindings: Bindings, mocked: Set<string>, depth: number): void {
  let inside: AnyNode = node
  if (inside.type === 'AwaitExpression') inside = inside.argument
  if (inside.type === 'CallExpression' && inside.callee.type !== 'Super') inside = inside.callee
  if (inside.type === 'ParenthesizedExpression') inside = inside.expression
  if (inside.type !== 'ArrowFunctionExpression' && inside.type !== 'FunctionExpression') return
  if (inside.body.type === 'BlockStatement' && depth < 3) readStatements(inside.body.body, bindings, mocked, depth + 1)
}
