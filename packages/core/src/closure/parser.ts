/**
 * The parser, loaded when first needed: acorn costs milliseconds that a script which only builds a plan need not pay.
 * A function is parsed from its own text, wrapped so that methods parse too.
 */
import type { AnyNode, ArrowFunctionExpression, ClassExpression, FunctionExpression, Options, Program } from 'acorn'
import { type FreeVariables, freeVariables } from './free-variables.ts'

export type RootNode = FunctionExpression | ArrowFunctionExpression | ClassExpression

export interface ParsedFunction {
  /** What was parsed: the text between `(` and `)`, or for a method between `({` and `})`. Positions count in it. */
  readonly code: string
  /** Where the text begins in `code`. */
  readonly textStart: number
  readonly form: 'expression' | 'method'
  readonly root: RootNode
  /** The key of a method. */
  readonly key: { readonly node: AnyNode; readonly computed: boolean } | null
  readonly free: FreeVariables
}

type Parse = (code: string, options: Options) => Program
let parse: Parse | undefined

/** After this, `parseFunction` and `parseScript` may be called. */
export async function loadParser(): Promise<void> {
  parse ??= (await import('acorn')).parse
}

const FUNCTION_OPTIONS: Options = {
  ecmaVersion: 'latest',
  sourceType: 'script',
  allowSuperOutsideMethod: true,
  allowImportExportEverywhere: true,
  allowAwaitOutsideFunction: false,
  checkPrivateFields: false,
}

const parsed = new Map<string, ParsedFunction>()
const PARSED_LIMIT = 2000

/**
 * The function whose text is `text`, from a cache when it was seen before.
 * @throws SyntaxError if it is not the text of one function or class.
 */
export function parseFunction(text: string): ParsedFunction {
  const known = parsed.get(text)
  if (known) return known
  const result = asExpression(text) ?? (text.includes('new.target') ? asInner(text) : null) ?? asMethod(text)
  if (parsed.size >= PARSED_LIMIT) parsed.clear()
  parsed.set(text, result)
  return result
}

/** The whole script, as a module or else as a script; null when it is neither. */
export function parseScript(source: string): Program | null {
  for (const sourceType of ['module', 'script'] as const) {
    try {
      return parser()(source, {
        ecmaVersion: 'latest',
        sourceType,
        allowHashBang: true,
        allowReturnOutsideFunction: true,
        allowAwaitOutsideFunction: true,
        allowImportExportEverywhere: true,
        checkPrivateFields: false,
      })
    } catch {}
  }
  return null
}

function parser(): Parse {
  if (!parse) throw new Error('the parser is not loaded')
  return parse
}

function asExpression(text: string): ParsedFunction | null {
  const code = `(${text})`
  let program: Program
  try {
    program = parser()(code, FUNCTION_OPTIONS)
  } catch {
    return null
  }
  const statement = program.body[0]
  const root = statement?.type === 'ExpressionStatement' ? statement.expression : null
  if (!root || !isFunctionOrClass(root)) return null
  return { code, textStart: 1, form: 'expression', root, key: null, free: freeVariables(root) }
}

/** An arrow with the `new.target` of a function around it parses only in one. It cannot travel, but that is said elsewhere. */
function asInner(text: string): ParsedFunction | null {
  try {
    const [statement] = parser()(`(function () { return ${text} })`, FUNCTION_OPTIONS).body
    const outer = statement?.type === 'ExpressionStatement' ? statement.expression : null
    const [inner] = outer?.type === 'FunctionExpression' ? outer.body.body : []
    const root = inner?.type === 'ReturnStatement' ? inner.argument : null
    if (!root || !isFunctionOrClass(root)) return null
    return { code: `(${text})`, textStart: 1, form: 'expression', root, key: null, free: freeVariables(root) }
  } catch {
    return null
  }
}

function asMethod(text: string): ParsedFunction {
  const code = `({${text}})`
  // A private method, `#p() {}`, parses only in a class; the rest of its text is the same.
  const parsable = text.includes('#') ? code.replace(/^(\(\{(?:(?:async|get|set)\s+|\*\s*)*)#/, '$1_') : code
  const statement = parser()(parsable, FUNCTION_OPTIONS).body[0]
  const object = statement?.type === 'ExpressionStatement' ? statement.expression : null
  const property = object?.type === 'ObjectExpression' ? object.properties[0] : undefined
  if (property?.type !== 'Property' || !isFunctionOrClass(property.value)) throw new SyntaxError('not a function')
  return {
    code: parsable,
    textStart: 2,
    form: 'method',
    root: property.value,
    key: { node: property.key, computed: property.computed },
    free: freeVariables(property.value),
  }
}

function isFunctionOrClass(node: AnyNode): node is RootNode {
  switch (node.type) {
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
    case 'ClassExpression':
      return true
    default:
      return false
  }
}
