/** Where a function's text begins in its script. V8 tells where its parameters begin. */
import type { FunctionFacts } from './inspect.ts'
import type { ParsedFunction } from './parser.ts'

/** Line and column from 0, as V8 counts in the code it compiled. */
export function startOfText(
  parsed: ParsedFunction,
  location: FunctionFacts['location'],
): { readonly line: number; readonly column: number } {
  if (!location) return { line: 0, column: 0 }
  const before = parsed.code.slice(parsed.textStart, anchorOf(parsed)).split(/\r\n|[\n\r\u2028\u2029]/)
  const line = location.line - (before.length - 1)
  // With a line break in between, the first line's own column is lost; nothing on it can fail.
  return { line, column: before.length === 1 ? location.column - (before[0]?.length ?? 0) : 0 }
}

/** The position in the parsed code that V8's location means: the opening parenthesis, or the start of an arrow or class. */
function anchorOf({ code, form, root, textStart }: ParsedFunction): number {
  switch (root.type) {
    case 'ArrowFunctionExpression':
      return textStart
    case 'ClassExpression': {
      const own = root.body.body.find((member) => member.type === 'MethodDefinition' && member.kind === 'constructor')
      return own?.type === 'MethodDefinition' ? own.value.start : textStart
    }
    case 'FunctionExpression':
      return form === 'method' ? root.start : openingParenthesis(code, root.id?.end ?? root.start)
  }
}

function openingParenthesis(code: string, from: number): number {
  const skipped = /^(?:\/\*[^]*?\*\/|\/\/[^\n]*|[^(/])*/.exec(code.slice(from))?.[0] ?? ''
  return from + skipped.length
}
