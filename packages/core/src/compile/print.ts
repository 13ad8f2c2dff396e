/** An expression as JavaScript: for the code that workers run, which is given `BAIL` and `OPTIONAL_MEMBER`. The one printer. */
import type { Constant, Expression } from './expression.ts'

/** The name of a function that throws: the row must run in V8. */
export const BAIL = 'bail'

/** The name of a function that gives an object with a member, or without where the value is undefined. */
export const OPTIONAL_MEMBER = 'optionalMember'

export function optionalMember(name: string, value: unknown): object {
  return value === undefined ? {} : { [name]: value }
}

/** @param leaf spells what is known otherwise: fields of the row, the row itself, comparisons made by the kernel */
export function print(e: Expression, leaf: (e: Expression) => string | undefined): string {
  const own = leaf(e)
  if (own !== undefined) return own
  const go = (part: Expression): string => print(part, leaf)
  const list = (parts: readonly Expression[]): string => parts.map(go).join(', ')
  switch (e.op) {
    case 'const':
      return printConstant(e.value)
    case 'line':
    case 'row':
    case 'word':
    case 'words':
    case 'get':
      throw new Error(`nothing stands for the ${e.op}`)
    case 'length':
      return `${inParentheses(go(e.of))}${e.isOptional ? '?.' : '.'}length`
    case 'argument':
      return `${e.name}${e.index}`
    case 'unary':
      return `(${e.sign} ${go(e.of)})`
    case 'binary':
      return `(${go(e.left)} ${e.sign} ${go(e.right)})`
    case 'if':
      return `(${go(e.test)} ? ${go(e.yes)} : ${go(e.no)})`
    case 'record': {
      const spread = e.spread === null ? [] : [spreadOf(go(e.spread))]
      const members = e.fields.map(([name, value, isOptional]) => {
        const key = JSON.stringify(name)
        return isOptional === true ? `...${OPTIONAL_MEMBER}(${key}, ${go(value)})` : `${key}: ${go(value)}`
      })
      return `({ ${[...spread, ...members].join(', ')} })`
    }
    case 'array':
      return `[${list(e.items)}]`
    case 'call':
      return `${e.name}(${list(e.args)})`
    case 'method':
      return `${inParentheses(go(e.of))}.${e.name}(${list(e.args)})`
    case 'template': {
      const texts = e.texts.map(escapeTemplate)
      return `\`${texts[0] ?? ''}${e.values.map((value, i) => `\${${go(value)}}${texts[i + 1] ?? ''}`).join('')}\``
    }
    case 'require':
      return `(${go(e.test)} || ${BAIL}())`
    case 'sequence':
      return `(${go(e.first)}, ${go(e.then)})`
  }
}

/** An object literal is spread by writing its fields; later ones of the same name take its value and leave its place. */
function spreadOf(code: string): string {
  return /^\(\{ (.*) \}\)$/s.exec(code)?.[1] ?? `...${code}`
}

function inParentheses(code: string): string {
  return /^[\w$]+(\[[\w$]+\])?(\([\w$]*\))?$/.test(code) && !/^\d/.test(code) ? code : `(${code})`
}

function escapeTemplate(text: string): string {
  return text.replaceAll(/[`\\$\r]/g, (c) => (c === '\r' ? '\\r' : `\\${c}`))
}

function printConstant(value: Constant): string {
  if (typeof value === 'object' && value !== null) return value[0] === 'undefined' ? '(void 0)' : `(${value[0]})`
  if (typeof value === 'number') return `(${value})`
  return JSON.stringify(value)
}
