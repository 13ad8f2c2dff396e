/**
 * Lowering: a captured function given what its parameter is becomes the expression of its result. A whitelist over the syntax: what
 * isn't listed is refused, with the user's own text in the reason. Constants come from the captured bundle, never from the live scope.
 */
import type { ArrowFunctionExpression, Expression as Ast, FunctionExpression, Pattern, Statement, Super } from 'acorn'
import type { FunctionCode } from '../closure/code.ts'
import { CONSTANTS, FUNCTIONS, INHERITED, METHODS } from './builtins.ts'
import { capturedConstant, heldIn } from './captured.ts'
import { matchOf } from './columns.ts'
import {
  both,
  constant,
  type Expression,
  isSeparator,
  isWellFormed,
  item,
  LINE,
  type Member,
  Refusal,
  ROW,
  read,
  record,
  SPACES,
  sequence,
  UNDEFINED,
} from './expression.ts'
import { bind } from './pattern.ts'
import { passedBy } from './schema.ts'
import { calledOn, isPlainLiteral, keyOf, quoted, returning } from './syntax.ts'

/** Exact for primitives of any type, since the code that is made is JavaScript again. `in` and `instanceof` want objects. */
const BINARY = new Set('+ - * / % ** < <= > >= === !== == != & | ^ << >> >>> && || ??'.split(' '))
const UNARY = new Set('! - + ~ typeof'.split(' '))

/** How deep functions that call functions are looked through. */
const MAX_DEPTH = 8
/** Parts of one result; substitution may double it with each step. */
const MAX_PARTS = 2000

type Names = ReadonlyMap<string, Expression>

/**
 * @param trustsObjects whether captured objects stay as they are
 * @throws Refusal saying what is not understood
 */
export function lower(
  code: FunctionCode,
  args: readonly Expression[],
  trustsObjects: boolean,
  depth: number = 0,
): Expression {
  if (depth > MAX_DEPTH) throw new Refusal('calls functions too deep, or itself')
  if (!code.ok) throw new Refusal(code.why)
  return new Lowering(code, trustsObjects, depth).result(args)
}

class Lowering {
  readonly #code: Extract<FunctionCode, { ok: true }>
  readonly #trustsObjects: boolean
  readonly #depth: number
  #parts = 0

  constructor(code: Extract<FunctionCode, { ok: true }>, trustsObjects: boolean, depth: number) {
    this.#code = code
    this.#trustsObjects = trustsObjects
    this.#depth = depth
  }

  result(args: readonly Expression[]): Expression {
    const { ast } = this.#code
    if (ast.async || ast.generator) throw new Refusal('is asynchronous or a generator')
    const names = new Map<string, Expression>()
    // A function expression's own name would be the function.
    if (ast.type === 'FunctionExpression' && ast.id) throw new Refusal('has a name of its own')
    let checks: Expression = UNDEFINED
    if (ast.params.length > args.length)
      throw new Refusal(`takes ${ast.params.length} parameters, and gets ${args.length}`)
    for (const [i, parameter] of ast.params.entries())
      checks = both(checks, this.#bind(parameter, args[i] ?? UNDEFINED, names))
    return sequence(checks, this.#body(ast, names))
  }

  #body({ body }: ArrowFunctionExpression | FunctionExpression, names: Names): Expression {
    return body.type === 'BlockStatement' ? this.#block(body.body, names) : this.#go(body, names)
  }

  /** Statements as far as they are declarations, conditions that return, and a return. */
  #block([first, ...rest]: readonly Statement[], names: Names): Expression {
    if (first === undefined) return UNDEFINED
    switch (first.type) {
      case 'ReturnStatement':
        return first.argument ? this.#go(first.argument, names) : UNDEFINED
      case 'BlockStatement':
        if (rest.length > 0) break
        return this.#block(first.body, names)
      case 'IfStatement': {
        const test = this.#primitive(this.#go(first.test, names))
        const yes = returning(first.consequent)
        const no = first.alternate ? returning(first.alternate) : rest
        if (yes === null || no === null || (first.alternate && rest.length > 0)) break
        return { op: 'if', test, yes: this.#block(yes, names), no: this.#block(no, names) }
      }
      case 'VariableDeclaration': {
        if (first.kind === 'var') break
        const inner = new Map(names)
        let checks: Expression = UNDEFINED
        for (const { id, init } of first.declarations) {
          const value = init ? this.#go(init, inner) : UNDEFINED
          checks = both(both(checks, value), this.#bind(id, value, inner))
        }
        return sequence(checks, this.#block(rest, inner))
      }
      default:
    }
    throw new Refusal(`has ${this.#quote(first)}, which is more than constants, conditions and a return`)
  }

  /** Names the parts of `value`; gives what must be evaluated for it. */
  #bind(pattern: Pattern, value: Expression, names: Map<string, Expression>): Expression {
    return bind(pattern, value, names, {
      go: (e) => this.#go(e, names),
      member: (of, name) => this.#member(of, name, false),
      quote: (part) => this.#quote(part),
    })
  }

  #go(e: Ast, names: Names): Expression {
    if (++this.#parts > MAX_PARTS) throw new Refusal('is too long')
    const go = (part: Ast): Expression => this.#go(part, names)
    switch (e.type) {
      case 'Literal': {
        if (!isPlainLiteral(e)) throw new Refusal(`uses ${this.#quote(e)}`)
        return constant(e.value)
      }
      case 'Identifier':
        return this.#name(e.name, names)
      case 'ParenthesizedExpression':
        return go(e.expression)
      case 'ChainExpression':
        return go(e.expression)
      case 'MemberExpression': {
        const known = e.object.type === 'Identifier' ? this.#global(e, names) : null
        if (known !== null && CONSTANTS.has(known)) return constant(CONSTANTS.get(known))
        const held = heldIn(e, {
          code: this.#code,
          isLocal: (name) => names.has(name),
          trustsObjects: this.#trustsObjects,
        })
        if (held !== null) return capturedConstant(this.#quote(e), held)
        const index = e.computed && e.property.type === 'Literal' ? e.property.value : null
        if (typeof index === 'number' && e.object.type === 'Identifier' && !e.optional) return item(go(e.object), index)
        const isText = e.computed && e.property.type === 'Literal' && typeof e.property.value === 'string'
        if (e.object.type === 'Super' || e.property.type === 'PrivateIdentifier' || (e.computed && !isText))
          throw new Refusal(`reads ${this.#quote(e)}, a computed member`)
        return this.#member(go(e.object), keyOf(e.property), e.optional)
      }
      case 'UnaryExpression':
        if (!UNARY.has(e.operator)) throw new Refusal(`uses ${e.operator} in ${this.#quote(e)}`)
        return { op: 'unary', sign: e.operator, of: this.#primitive(go(e.argument)) }
      case 'BinaryExpression':
      case 'LogicalExpression': {
        if (!BINARY.has(e.operator) || e.left.type === 'PrivateIdentifier')
          throw new Refusal(`uses ${e.operator} in ${this.#quote(e)}`)
        const [left, right] = [go(e.left), go(e.right)]
        return { op: 'binary', sign: e.operator, left: this.#primitive(left), right: this.#primitive(right) }
      }
      case 'ConditionalExpression':
        return { op: 'if', test: this.#primitive(go(e.test)), yes: go(e.consequent), no: go(e.alternate) }
      case 'TemplateLiteral':
        return {
          op: 'template',
          texts: e.quasis.map(({ value }) => value.cooked ?? ''),
          values: e.expressions.map((part) => this.#primitive(go(part))),
        }
      case 'ObjectExpression':
        return this.#object(e, names)
      case 'ArrayExpression':
        return {
          op: 'array',
          items: e.elements.map((item) => {
            if (item === null || item.type === 'SpreadElement') throw new Refusal(`makes ${this.#quote(e)}`)
            return go(item)
          }),
        }
      case 'CallExpression':
        return this.#call(e, names)
      default:
        throw new Refusal(`has ${this.#quote(e)}, which is not among what is compiled`)
    }
  }

  #name(name: string, names: Names): Expression {
    const local = names.get(name)
    if (local !== undefined) return local
    const value = this.#code.captured.get(name)
    if (value === undefined) {
      if (name === 'undefined') return UNDEFINED
      if (name === 'NaN' || name === 'Infinity') return constant(Number(name))
      throw new Refusal(`reads the global ${name}`)
    }
    return capturedConstant(name, value)
  }

  #member(of: Expression, name: string, isOptional: boolean): Expression {
    if (INHERITED.has(name)) throw new Refusal(`reads .${name}, which every object inherits`)
    if (!isWellFormed(name)) throw new Refusal(`reads a field whose name is not well-formed`)
    // A string's length; of an object that has such a field nothing is known.
    if (name === 'length' && of.op !== 'row') return { op: 'length', of: this.#primitive(of), isOptional }
    return read(of, name, isOptional)
  }

  /** Objects are for V8 where a primitive is needed. */
  #primitive(e: Expression): Expression {
    if (e.op === 'line') throw new Refusal('uses the line itself')
    if (e.op === 'row') throw new Refusal('uses the whole row as a value')
    if (e.op === 'words') throw new Refusal('uses the parts of the line as a value')
    if (e.op === 'record' || e.op === 'array')
      throw new Refusal('uses an object where a number, string or boolean is understood')
    return e
  }

  #object(e: Ast & { type: 'ObjectExpression' }, names: Names): Expression {
    let spread: Expression | null = null
    const fields: Member[] = []
    for (const [i, property] of e.properties.entries()) {
      if (property.type === 'SpreadElement') {
        if (i > 0) throw new Refusal(`spreads ${this.#quote(property)} after other fields`)
        spread = this.#go(property.argument, names)
        continue
      }
      if (property.computed || property.method || property.kind !== 'init')
        throw new Refusal(`has ${this.#quote(property)}, a computed key, method or accessor`)
      const key = keyOf(property.key)
      if (key === '__proto__') throw new Refusal('sets __proto__')
      fields.push([key, this.#go(property.value, names)])
    }
    return record(spread, fields)
  }

  #call(e: Ast & { type: 'CallExpression' }, names: Names): Expression {
    const { callee } = e
    const words = this.#words(e, names)
    if (words !== null) return words
    const args = e.arguments.map((argument) => {
      if (argument.type === 'SpreadElement') throw new Refusal(`spreads arguments in ${this.#quote(e)}`)
      return this.#go(argument, names)
    })
    if (e.optional || callee.type === 'Super') throw new Refusal(`makes the optional call ${this.#quote(e)}`)
    const builtin = this.#global(callee, names)
    if (builtin === 'JSON.parse') {
      if (args.length === 1 && args[0] === LINE) return ROW
      throw new Refusal(`parses something else than the line in ${this.#quote(e)}`)
    }
    if (builtin !== null && FUNCTIONS.has(builtin)) {
      if (builtin === 'JSON.stringify' && args.length !== 1)
        throw new Refusal(`calls JSON.stringify with more than a value in ${this.#quote(e)}`)
      return {
        op: 'call',
        name: builtin,
        args: builtin === 'JSON.stringify' ? args : args.map((a) => this.#primitive(a)),
      }
    }
    const schema = this.#schemaOf(callee, names)
    if (schema !== null && args.length === 1 && args[0] === ROW) return passedBy(schema)
    if (callee.type === 'Identifier' && !names.has(callee.name)) {
      const captured = this.#code.captured.get(callee.name)
      if (captured?.kind === 'function') return this.#inline(callee.name, captured.code, args)
    }
    if (callee.type === 'MemberExpression' && !callee.computed && callee.object.type !== 'Super' && !callee.optional) {
      const name = callee.property.type === 'Identifier' ? callee.property.name : ''
      if (args.length <= (METHODS.get(name) ?? -1)) {
        const of = this.#go(callee.object, names)
        const method = { op: 'method', of, name, args: args.map((a) => this.#primitive(a)) } as const
        // Of the line itself a comparison with a constant is known.
        if (of.op !== 'line' || matchOf(method) === null) this.#primitive(of)
        return method
      }
    }
    throw new Refusal(`calls ${this.#quote(e)}, which is not a built-in that is compiled`)
  }

  /** The line, cut into words; null for any other call. */
  #words(e: Ast & { type: 'CallExpression' }, names: Names): Expression | null {
    const called = calledOn(e.callee)
    const [at] = e.arguments
    if (called?.name !== 'split' || names.get(called.of) !== LINE || e.arguments.length !== 1 || e.optional) return null
    if (at?.type === 'Literal' && 'regex' in at && at.regex)
      return at.regex.pattern === SPACES && at.regex.flags === '' ? { op: 'words', separator: SPACES } : null
    const separator = at?.type === 'Literal' || at?.type === 'Identifier' ? this.#go(at, names) : null
    const text = separator?.op === 'const' ? separator.value : null
    // A text that is spelled as `SPACES` is no regular expression.
    return typeof text === 'string' && text !== SPACES && isSeparator(text) ? { op: 'words', separator: text } : null
  }

  /** The captured zod schema of which `parse` is called. */
  #schemaOf(callee: Ast | Super, names: Names): object | null {
    const called = calledOn(callee)
    if (called?.name !== 'parse' || names.has(called.of)) return null
    const captured = this.#code.captured.get(called.of)
    return captured?.kind === 'schema' ? captured.schema : null
  }

  /** The user's own helper: its body with the arguments in place of its parameters. */
  #inline(name: string, code: FunctionCode, args: readonly Expression[]): Expression {
    const needed = code.ok ? code.ast.params.length : 0
    const given = [...args, ...Array.from({ length: Math.max(0, needed - args.length) }, () => UNDEFINED)]
    try {
      const body = lower(code, given, this.#trustsObjects, this.#depth + 1)
      return args.reduceRight((then, argument) => sequence(argument, then), body)
    } catch (error) {
      throw error instanceof Refusal ? new Refusal(`calls ${name}, which ${error.message}`) : error
    }
  }

  /** The path of a global that nothing hides: `Math.abs`, `Number`; null for anything else. */
  #global(e: Ast, names: Names): string | null {
    if (e.type === 'MemberExpression') {
      if (e.computed || e.optional || e.object.type !== 'Identifier' || e.property.type !== 'Identifier') return null
      const root = this.#global(e.object, names)
      return root === null ? null : `${root}.${e.property.name}`
    }
    if (e.type !== 'Identifier' || names.has(e.name)) return null
    const captured = this.#code.captured.get(e.name)
    if (captured === undefined) return e.name
    return captured.kind === 'builtin' ? captured.path : null
  }

  #quote(part: { readonly start: number; readonly end: number }): string {
    return quoted(this.#code.source, part)
  }
}
