/**
 * The free variables of a function: names its text uses and does not declare, with how it uses them, and the uses of
 * things no variable holds (`this` of an enclosing function, `super`, `import.meta` …). A walk over acorn's tree with
 * one set of names per scope.
 */
import type { AnyNode, Class, Function as FunctionNode, Pattern } from 'acorn'
import { bindingNames, lexicalNames, varNames } from './declarations.ts'

export interface FreeVariable {
  assigned: boolean
  /** Only ever the operand of `typeof`, which is safe for names that do not exist. */
  typeofOnly: boolean
  /** The properties used when it is only ever used as `name.property`; null when it is used whole. */
  members: Set<string> | null
}

export interface FreeVariables {
  readonly names: ReadonlyMap<string, FreeVariable>
  /** `this`, `super`, `arguments`, `new.target` of a function around it, and direct `eval`. */
  readonly outer: ReadonlySet<'this' | 'super' | 'arguments' | 'new.target' | 'eval'>
  /** The places of `import.meta`, as `[start, end)`. */
  readonly importMeta: readonly { readonly start: number; readonly end: number }[]
  readonly hasDynamicImport: boolean
  /** A `#name` of a class around it. */
  readonly privateName: string | null
  /** Whether strict and sloppy mode could make a difference to what the text does. */
  readonly isModeSensitive: boolean
}

interface Scope {
  readonly parent: Scope | null
  /** Arrows and blocks see the `this` around them; functions and class fields have their own. */
  readonly hasThis: boolean
  readonly names: ReadonlySet<string>
  readonly privateNames: ReadonlySet<string>
}

type Outer = 'this' | 'super' | 'arguments' | 'new.target' | 'eval'

class Walk {
  readonly names = new Map<string, FreeVariable>()
  readonly outer = new Set<Outer>()
  readonly importMeta: { start: number; end: number }[] = []
  hasDynamicImport = false
  privateName: string | null = null
  isModeSensitive = false

  /** One use of a name. */
  use(name: string, scope: Scope, how: { assigned?: true; inTypeof?: true; member?: string } = {}): void {
    for (let at: Scope | null = scope; at; at = at.parent) if (at.names.has(name)) return
    if (name === 'arguments') {
      if (!hasOwnThis(scope)) this.outer.add('arguments')
      return
    }
    const known = this.names.get(name) ?? { assigned: false, typeofOnly: true, members: new Set<string>() }
    if (how.assigned) {
      known.assigned = true
      this.isModeSensitive = true
    }
    if (!how.inTypeof) known.typeofOnly = false
    if (how.member !== undefined) known.members?.add(how.member)
    else known.members = null
    this.names.set(name, known)
  }

  visitAll(nodes: readonly (AnyNode | null | undefined)[], scope: Scope): void {
    for (const node of nodes) this.visit(node, scope)
  }

  visit(node: AnyNode | null | undefined, scope: Scope): void {
    if (!node) return
    switch (node.type) {
      case 'Identifier':
        return this.use(node.name, scope)
      case 'ThisExpression':
        this.isModeSensitive = true
        if (!hasOwnThis(scope)) this.outer.add('this')
        return
      case 'Super':
        if (!hasOwnHome(scope)) this.outer.add('super')
        return
      case 'MetaProperty':
        if (node.meta.name === 'import') this.importMeta.push({ start: node.start, end: node.end })
        else if (!hasOwnThis(scope)) this.outer.add('new.target')
        return
      case 'PrivateIdentifier':
        if (!knowsPrivate(scope, node.name)) this.privateName ??= `#${node.name}`
        return
      case 'ImportExpression':
        this.hasDynamicImport = true
        return this.visitChildren(node, scope)
      case 'FunctionExpression':
      case 'FunctionDeclaration':
      case 'ArrowFunctionExpression':
        return this.visitFunction(node, scope)
      case 'ClassExpression':
      case 'ClassDeclaration':
        return this.visitClass(node, scope)
      case 'MemberExpression':
        return this.visitMember(node, scope)
      case 'Property':
        if (node.computed) this.visit(node.key, scope)
        return this.visit(node.value, scope)
      case 'LabeledStatement':
        return this.visit(node.body, scope)
      case 'BreakStatement':
      case 'ContinueStatement':
        return
      case 'CallExpression':
        if (node.callee.type === 'Identifier' && node.callee.name === 'eval' && !declares(scope, 'eval')) {
          this.outer.add('eval')
        }
        return this.visitChildren(node, scope)
      case 'UnaryExpression':
        if (node.operator === 'typeof' && node.argument.type === 'Identifier') {
          return this.use(node.argument.name, scope, { inTypeof: true })
        }
        if (node.operator === 'delete') this.isModeSensitive = true
        return this.visit(node.argument, scope)
      case 'UpdateExpression':
        return this.visitTarget(node.argument as Pattern, scope)
      case 'AssignmentExpression':
        this.visitTarget(node.left, scope)
        return this.visit(node.right, scope)
      case 'VariableDeclaration':
        for (const { id, init } of node.declarations) {
          this.visitPattern(id, scope, false)
          this.visit(init, scope)
        }
        return
      default:
        return this.visitBlockLike(node, scope)
    }
  }

  /** Statements that open a scope; everything else is walked through. */
  visitBlockLike(node: AnyNode, scope: Scope): void {
    switch (node.type) {
      case 'BlockStatement':
        return this.visitAll(node.body, inner(scope, lexicalNames(node.body)))
      case 'ForStatement': {
        const isLexical = node.init?.type === 'VariableDeclaration' && node.init.kind !== 'var'
        const loop = inner(scope, isLexical ? lexicalNames([node.init]) : NO_NAMES)
        return this.visitAll([node.init, node.test, node.update, node.body], loop)
      }
      case 'ForInStatement':
      case 'ForOfStatement': {
        if (node.left.type !== 'VariableDeclaration') {
          this.visitTarget(node.left, scope)
          return this.visitAll([node.right, node.body], scope)
        }
        const loop = inner(scope, node.left.kind === 'var' ? NO_NAMES : lexicalNames([node.left]))
        return this.visitAll([node.left, node.right, node.body], loop)
      }
      case 'SwitchStatement': {
        this.visit(node.discriminant, scope)
        const body = inner(scope, lexicalNames(node.cases.flatMap((one) => one.consequent)))
        for (const one of node.cases) this.visitAll([one.test, ...one.consequent], body)
        return
      }
      case 'CatchClause': {
        const names = new Set<string>()
        bindingNames(node.param, names)
        const body = inner(scope, names)
        this.visitPattern(node.param, body, false)
        return this.visit(node.body, body)
      }
      default:
        return this.visitChildren(node, scope)
    }
  }

  visitChildren(node: AnyNode, scope: Scope): void {
    for (const value of Object.values(node)) {
      if (Array.isArray(value)) for (const one of value) this.visitIfNode(one, scope)
      else this.visitIfNode(value, scope)
    }
  }

  visitIfNode(value: unknown, scope: Scope): void {
    if (typeof value === 'object' && value !== null && 'type' in value) this.visit(value as AnyNode, scope)
  }

  visitMember(node: AnyNode & { type: 'MemberExpression' }, scope: Scope): void {
    if (!node.computed && node.object.type === 'Identifier' && node.property.type === 'Identifier') {
      return this.use(node.object.name, scope, { member: node.property.name })
    }
    this.visit(node.object, scope)
    if (node.computed || node.property.type === 'PrivateIdentifier') this.visit(node.property, scope)
  }

  /** What is assigned to: `a`, `a.b`, `[a, b.c] = …`. */
  visitTarget(node: Pattern, scope: Scope): void {
    if (node.type === 'MemberExpression') this.isModeSensitive = true
    this.visitPattern(node, scope, true)
  }

  visitPattern(node: Pattern | null | undefined, scope: Scope, isTarget: boolean): void {
    switch (node?.type) {
      case 'Identifier':
        if (isTarget) this.use(node.name, scope, { assigned: true })
        return
      case 'ObjectPattern':
        for (const property of node.properties) {
          if (property.type === 'RestElement') this.visitPattern(property.argument, scope, isTarget)
          else {
            if (property.computed) this.visit(property.key, scope)
            this.visitPattern(property.value, scope, isTarget)
          }
        }
        return
      case 'ArrayPattern':
        for (const element of node.elements) this.visitPattern(element, scope, isTarget)
        return
      case 'AssignmentPattern':
        this.visitPattern(node.left, scope, isTarget)
        return this.visit(node.right, scope)
      case 'RestElement':
        return this.visitPattern(node.argument, scope, isTarget)
      default:
        return this.visit(node, scope)
    }
  }

  visitFunction(node: FunctionNode, scope: Scope): void {
    const names = new Set<string>()
    if (node.type === 'FunctionExpression' && node.id) names.add(node.id.name)
    for (const param of node.params) bindingNames(param, names)
    if (node.body.type === 'BlockStatement') {
      varNames(node.body.body, names)
      for (const name of lexicalNames(node.body.body)) names.add(name)
    }
    const body = inner(scope, names, { hasThis: node.type !== 'ArrowFunctionExpression' })
    for (const param of node.params) this.visitPattern(param, body, false)
    if (node.body.type === 'BlockStatement') this.visitAll(node.body.body, body)
    else this.visit(node.body, body)
  }

  visitClass(node: Class, scope: Scope): void {
    const privateNames = new Set<string>()
    for (const member of node.body.body) {
      if (member.type !== 'StaticBlock' && member.key.type === 'PrivateIdentifier') privateNames.add(member.key.name)
    }
    const body = inner(scope, new Set(node.id ? [node.id.name] : []), { privateNames })
    this.visit(node.superClass, body)
    for (const member of node.body.body) {
      if (member.type === 'StaticBlock') {
        const names = new Set(lexicalNames(member.body))
        varNames(member.body, names)
        this.visitAll(member.body, inner(body, names, { hasThis: true }))
        continue
      }
      if (member.computed) this.visit(member.key, body)
      this.visit(member.value, member.type === 'MethodDefinition' ? body : inner(body, NO_NAMES, { hasThis: true }))
    }
  }
}

/** The free variables of a function or class, and of the key of a method when it is given as `root`. */
export function freeVariables(root: AnyNode): FreeVariables {
  const walk = new Walk()
  walk.visit(root, { parent: null, hasThis: false, names: NO_NAMES, privateNames: NO_NAMES })
  return walk
}

const NO_NAMES: ReadonlySet<string> = new Set()

function inner(
  parent: Scope,
  names: ReadonlySet<string>,
  own: { hasThis?: boolean; privateNames?: ReadonlySet<string> } = {},
): Scope {
  return { parent, names, hasThis: own.hasThis ?? false, privateNames: own.privateNames ?? NO_NAMES }
}

function hasOwnThis(scope: Scope): boolean {
  for (let at: Scope | null = scope; at; at = at.parent) if (at.hasThis) return true
  return false
}

/** Whether `super` belongs to a class or object within: not to the method that is the root itself. */
function hasOwnHome(scope: Scope): boolean {
  for (let at: Scope | null = scope; at; at = at.parent) if (at.hasThis) return at.parent?.parent !== null
  return false
}

function declares(scope: Scope, name: string): boolean {
  for (let at: Scope | null = scope; at; at = at.parent) if (at.names.has(name)) return true
  return false
}

function knowsPrivate(scope: Scope, name: string): boolean {
  for (let at: Scope | null = scope; at; at = at.parent) if (at.privateNames.has(name)) return true
  return false
}
