/** The columns that expressions read, the type that each is used as, and the comparisons that can be made for a whole column. */
import { children, type Expression, isWellFormed, pathOf } from './expression.ts'
import { type ScanColumn, type ScanMatch, WHOLE_LINE } from './scan.ts'

const NUMERIC = new Set('+ - * / % ** < <= > >= & | ^ << >> >>>'.split(' '))
const EQUALITY = new Set('=== == !== !='.split(' '))
const MATCHERS = new Set<string>(['startsWith', 'endsWith', 'includes'])

type Use = 'number' | 'string' | 'any'

/** A column's uses while they are gathered. */
interface Gathered {
  readonly path: readonly string[]
  readonly uses: Set<Use>
}

export function columnsOf(expressions: readonly Expression[]): {
  readonly columns: readonly ScanColumn[]
  readonly matches: readonly ScanMatch[]
} {
  const found = new Map<string, Gathered>()
  const matches: { path: readonly string[]; kind: ScanMatch['kind']; text: string }[] = []
  const use = (path: readonly string[], as: Use): void => {
    const key = JSON.stringify(path)
    const column = found.get(key) ?? { path, uses: new Set<Use>() }
    found.set(key, column)
    column.uses.add(as)
  }
  const visit = (e: Expression, as: Use): void => {
    const path = pathOf(e)
    if (path !== null) return use(path, as)
    const typed = typedPathOf(e)
    if (typed !== null) return use(typed.path, typed.as)
    const match = matchOf(e)
    if (match !== null) {
      if (match.path.length > 0) use(match.path, 'string')
      if (!matches.some((m) => isSame(m, match))) matches.push(match)
      return
    }
    for (const child of children(e)) visit(child, useIn(e))
  }
  for (const e of expressions) visit(e, 'any')
  const columns = [...found.values()].map(({ path, uses }): ScanColumn => {
    const isNumber = uses.has('number')
    return { path, expects: isNumber === uses.has('string') ? 'any' : isNumber ? 'number' : 'string' }
  })
  const indexOf = (path: readonly string[]): number => columns.findIndex((c) => isSame(c.path, path))
  return {
    columns,
    matches: matches
      .map(({ path, kind, text }) => ({ column: indexOf(path), kind, text }))
      .filter(({ column }) => column === WHOLE_LINE || columns[column]?.expects === 'string'),
  }
}

/** The comparison that an expression is, apart from a `!`; null when it is none that the kernel makes. The empty path is the line's. */
export function matchOf(
  e: Expression,
): { readonly path: readonly string[]; readonly kind: ScanMatch['kind']; readonly text: string } | null {
  if (e.op === 'binary' && EQUALITY.has(e.sign)) {
    const [side, other] = e.left.op === 'const' ? [e.right, e.left] : [e.left, e.right]
    const path = pathOf(side)
    return path !== null && other.op === 'const' && isText(other.value)
      ? { path, kind: '===', text: other.value }
      : null
  }
  if (e.op !== 'method' || !MATCHERS.has(e.name) || e.args.length !== 1) return null
  const path = e.of.op === 'line' ? [] : pathOf(e.of)
  const [text] = e.args
  if (path === null || text?.op !== 'const' || !isText(text.value)) return null
  return { path, kind: e.name as ScanMatch['kind'], text: text.value }
}

/** The field of which an expression asks whether it is a number or string. */
function typedPathOf(e: Expression): { readonly path: readonly string[]; readonly as: Use } | null {
  if (e.op !== 'binary' || !EQUALITY.has(e.sign) || e.left.op !== 'unary' || e.left.sign !== 'typeof') return null
  const path = pathOf(e.left.of)
  if (path === null || e.right.op !== 'const') return null
  return e.right.value === 'number' || e.right.value === 'string' ? { path, as: e.right.value } : null
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && isWellFormed(value)
}

/** As what an expression uses its parts. */
function useIn(e: Expression): Use {
  if (e.op === 'binary' && NUMERIC.has(e.sign))
    return [e.left, e.right].some((side) => side.op === 'const' && typeof side.value === 'string') ? 'any' : 'number'
  if (e.op === 'unary' && e.sign !== '!' && e.sign !== 'typeof') return 'number'
  return e.op === 'call' && /^Math\.|^Number\.is/.test(e.name) ? 'number' : 'any'
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
