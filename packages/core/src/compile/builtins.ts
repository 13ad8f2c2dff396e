/**
 * The built-in functions that compiled code may call: pure, and of primitives only. They run in V8 there as they would in the user's
 * function, so that they need no proof, only to be the engine's own still.
 */

/** Names on `Object.prototype`: reading one of a record that lacks it gives what is inherited. */
export const INHERITED: ReadonlySet<string> = new Set(Object.getOwnPropertyNames(Object.prototype))

const MATH =
  'abs acos acosh asin asinh atan atan2 atanh cbrt ceil clz32 cos cosh exp expm1 floor fround hypot imul log log10 log1p log2 max min pow round sign sin sinh sqrt tan tanh trunc'

/** By path, and whether a spread of arguments would be the only way to give it more than primitives. */
export const FUNCTIONS: ReadonlySet<string> = new Set([
  ...MATH.split(' ').map((name) => `Math.${name}`),
  ...['isFinite', 'isInteger', 'isNaN', 'isSafeInteger', 'parseFloat', 'parseInt'].map((name) => `Number.${name}`),
  'Number',
  'String',
  'Boolean',
  'isFinite',
  'isNaN',
  'parseFloat',
  'parseInt',
  'JSON.stringify',
])

/** Constants of `Math` and `Number`, none of which can be assigned. */
export const CONSTANTS: ReadonlyMap<string, number> = new Map([
  ...(['E', 'LN10', 'LN2', 'LOG10E', 'LOG2E', 'PI', 'SQRT1_2', 'SQRT2'] as const).map(
    (name) => [`Math.${name}`, Math[name]] as const,
  ),
  ...(
    [
      'EPSILON',
      'MAX_SAFE_INTEGER',
      'MAX_VALUE',
      'MIN_SAFE_INTEGER',
      'MIN_VALUE',
      'NaN',
      'NEGATIVE_INFINITY',
      'POSITIVE_INFINITY',
    ] as const
  ).map((name) => [`Number.${name}`, Number[name]] as const),
])

/** Methods of strings, and of numbers, with the most arguments they may be given. */
export const METHODS: ReadonlyMap<string, number> = new Map([
  ['at', 1],
  ['charAt', 1],
  ['charCodeAt', 1],
  ['codePointAt', 1],
  ['endsWith', 2],
  ['includes', 2],
  ['indexOf', 2],
  ['lastIndexOf', 2],
  ['padEnd', 2],
  ['padStart', 2],
  ['slice', 2],
  ['startsWith', 2],
  ['substring', 2],
  ['toFixed', 1],
  ['toLowerCase', 0],
  ['toUpperCase', 0],
  ['trim', 0],
  ['trimEnd', 0],
  ['trimStart', 0],
])

/** Where the method of each receiver is found. */
export function methodPaths(name: string): readonly string[] {
  return name === 'toFixed' ? ['Number.prototype.toFixed'] : [`String.prototype.${name}`]
}
