/**
 * Completion: the names that may stand where the cursor is. Nothing is run for it: variables are looked at, getters are not, and of a
 * call only what kindling's own methods are known to give is known: verbs give datasets, actions give promises.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import vm from 'node:vm'
import { type AnyNode, parseExpressionAt } from 'acorn'

export interface Completer {
  /** The candidates, and the part of the line that they complete. */
  complete(line: string): readonly [candidates: string[], completed: string]
}

export interface CompleterOptions {
  /** The variables that were declared at the prompt. */
  readonly variables: () => Iterable<string>
  readonly classes: { readonly Context: Function; readonly Dataset: Function }
  /** Where the library's declarations are: what they keep to themselves is not offered. */
  readonly declarations: URL
}

const KEYWORDS =
  'async await class const enum export function import interface let new return throw type typeof using'.split(' ')

const NOTHING: ReadonlySet<string> = new Set()

const UNKNOWN = Symbol('a value that only running the code would give')

export function openCompleter({ variables, classes, declarations }: CompleterOptions): Completer {
  let internal: ReadonlySet<string> | null = null
  const { Context, Dataset } = classes

  /** A value like what the expression gives; for a call, an object that has its methods. */
  const valueOf = (node: AnyNode): unknown => {
    switch (node.type) {
      case 'Identifier':
        return variable(node.name)
      case 'Literal':
        return node.value
      case 'TemplateLiteral':
        return ''
      case 'ArrayExpression':
        return []
      case 'ChainExpression':
      case 'ParenthesizedExpression':
        return valueOf(node.expression)
      case 'MemberExpression': {
        if (node.computed || node.property.type !== 'Identifier') return UNKNOWN
        return property(valueOf(node.object), node.property.name)
      }
      case 'CallExpression':
        return node.callee.type === 'MemberExpression'
          ? resultOf(valueOf(node.callee.object), valueOf(node.callee))
          : UNKNOWN
      default:
        return UNKNOWN
    }
  }
  const resultOf = (object: unknown, method: unknown): unknown => {
    if (!(object instanceof Context || object instanceof Dataset) || typeof method !== 'function') return UNKNOWN
    return method.constructor.name === 'AsyncFunction'
      ? Promise.prototype
      : (Object.create(Dataset.prototype as object) as unknown)
  }

  return {
    complete(line) {
      const [, before = '', word = ''] = /^(.*?)([\w$]*)$/s.exec(line) ?? []
      const object = /^(.*?)\s*\??\.$/s.exec(before)?.[1]
      if (object === undefined) {
        // A string, a number or the end of something is being typed.
        if (/['"`)\]\d]$/.test(before) || word === '') return [[], word]
        return [matching([...variables(), ...KEYWORDS, ...Object.getOwnPropertyNames(globalThis)], word), word]
      }
      const expression = trailingExpression(object)
      const value = expression === null ? UNKNOWN : valueOf(expression)
      internal ??= internalNames(declarations)
      const hidden = value instanceof Context || value instanceof Dataset ? internal : NOTHING
      return [value === UNKNOWN ? [] : matching(propertiesOf(value), word).filter((name) => !hidden.has(name)), word]
    },
  }
}

function matching(names: readonly string[], word: string): string[] {
  return [...new Set(names)].filter((name) => name.startsWith(word) && /^[A-Za-z$][\w$]*$/.test(name)).toSorted()
}

function variable(name: string): unknown {
  try {
    return vm.runInThisContext(`typeof ${name} === 'undefined' ? undefined : ${name}`)
  } catch {
    return UNKNOWN
  }
}

function property(holder: unknown, name: string): unknown {
  for (const object of prototypesOf(holder)) {
    const descriptor = Object.getOwnPropertyDescriptor(object, name)
    if (descriptor !== undefined) return 'value' in descriptor ? descriptor.value : UNKNOWN
  }
  return UNKNOWN
}

/** The members that are protected, or marked `@internal`; none are known where the library brings no declarations. */
function internalNames(declarations: URL): ReadonlySet<string> {
  if (!existsSync(declarations)) return NOTHING
  const text = readdirSync(declarations)
    .filter((name) => name.endsWith('.d.ts'))
    .map((name) => readFileSync(new URL(name, declarations), 'utf8'))
    .join('\n')
  const isProtected = text.matchAll(/^ {4}protected (?:abstract |readonly |get )*(\w+)/gm)
  const isMarked = text.matchAll(/@internal[^/]*\*\/\n {4}(?:abstract |readonly |get )*(\w+)/g)
  return new Set(['constructor', ...[...isProtected, ...isMarked].map(([, name]) => name ?? '')])
}

/** Those of `Object` come only where there is nothing else: every value has them. */
function propertiesOf(value: unknown): string[] {
  const chain = prototypesOf(value)
  const telling = chain.filter((object) => object !== Object.prototype)
  return (telling.length > 0 ? telling : chain).flatMap((object) => Object.getOwnPropertyNames(object))
}

/** The object and what it inherits from. */
function prototypesOf(value: unknown): readonly object[] {
  if (value === null || value === undefined || value === UNKNOWN) return []
  const chain: object[] = []
  for (let object: object | null = Object(value) as object; object !== null; object = Object.getPrototypeOf(object))
    chain.push(object)
  return chain
}

/** The longest expression of names, members and calls that the text ends with. */
function trailingExpression(text: string): AnyNode | null {
  for (let start = 0; start < text.length; start++) {
    if (start > 0 && /[\w$.]/.test(text[start - 1] ?? '') && /[\w$]/.test(text[start] ?? '')) continue
    try {
      const node = parseExpressionAt(text, start, { ecmaVersion: 'latest', preserveParens: true })
      if (node.end === text.length && isChain(node)) return node
    } catch {
      // The expression begins further on.
    }
  }
  return null
}

function isChain({ type }: AnyNode): boolean {
  return /^(Identifier|Literal|TemplateLiteral|ArrayExpression|ChainExpression|ParenthesizedExpression|MemberExpression|CallExpression)$/.test(
    type,
  )
}
