/**
 * TypeScript as JavaScript, by oxc: native, ready in 5 ms where Node's own type stripping takes 30, the same on every Node, and it knows
 * what stripping cannot: enums, parameter properties, `using` on older Nodes. Types are removed, never checked.
 */
import { type SourceMap, transformSync } from 'oxc-transform'

/** Something that is no TypeScript. */
export class TypeScriptError extends SyntaxError {
  override readonly name = 'SyntaxError'
  /** Whether more text could mend it: it ends too early. */
  readonly isIncomplete: boolean

  constructor(message: string, isIncomplete: boolean) {
    super(message)
    this.isIncomplete = isIncomplete
  }
}

/** On older Nodes files are loaded in a thread of their own, whose errors arrive without their class. */
export function isTypeScriptError(error: unknown): error is TypeScriptError {
  return error instanceof SyntaxError && 'isIncomplete' in error
}

export interface JavaScript {
  readonly code: string
  /** From the code back to the source. */
  readonly map: SourceMap
}

/** V8 has `using` since Node 24. */
const NEEDS_LOWERING = Number.parseInt(process.versions.node, 10) < 24

/**
 * @param unusedImports what an import that is used nowhere in the source may be: a type, to be removed, or what a later line uses
 * @throws TypeScriptError with the place in the file
 */
export function transformTypeScript(fileName: string, source: string, unusedImports: 'types' | 'kept'): JavaScript {
  const { code, map, errors } = transformSync(fileName, source, {
    lang: 'ts',
    sourceType: fileName.endsWith('.cts') ? 'commonjs' : 'module',
    target: NEEDS_LOWERING && unusedImports === 'types' ? 'es2022' : 'esnext',
    sourcemap: true,
    typescript: { onlyRemoveTypeImports: unusedImports === 'kept' },
  })
  const error = errors[0]
  if (error !== undefined || map === undefined) {
    const at = error?.labels[0]?.start ?? 0
    const message = error?.message ?? 'no source map was made'
    throw new TypeScriptError(`${placeOf(fileName, source, at)}: ${message}`, endsEarly(source, message, at))
  }
  return { code, map }
}

/** The parser stumbles over the end, or never meets the end of something that may have several lines. */
function endsEarly(source: string, message: string, at: number): boolean {
  if (message.startsWith('Unterminated')) return source[at] === '`' || source.startsWith('/*', at)
  const text = source.trimEnd()
  // Of an arrow function without a body the parser complains in front of it, having tried other readings.
  return at >= text.length || text.endsWith('=>')
}

function placeOf(fileName: string, source: string, at: number): string {
  const before = source.slice(0, at).split('\n')
  return `${fileName}:${before.length}:${(before.at(-1)?.length ?? 0) + 1}`
}
