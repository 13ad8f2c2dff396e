/** Files of JSON lines as they come: rows of a few shapes, some of them odd, some of them broken. */
import type { Random } from './random.ts'

const NUMBERS: readonly ((r: Random) => string)[] = [
  (r) => r.next().toFixed(17),
  (r) => String(r.next()),
  (r) => String(r.below(300)),
  (r) => `-${r.next()}`,
  (r) => String(r.next() * 1e21),
  (r) => `${r.below(1e9)}${r.below(1e9)}.${r.below(1e9)}`,
  (r) => `0.${'0'.repeat(r.below(20))}${r.below(1e9)}${r.below(1e9)}`,
  (r) => `${r.below(10)}.${r.below(1e9)}e${r.pick(['', '+', '-'])}${r.below(330)}`,
  (r) =>
    r.pick([
      '-0',
      '-0.0',
      '0e5',
      '1e400',
      '-1E+5',
      '5e-324',
      '2.2250738585072014e-308',
      '9007199254740993',
      '12',
      '0.0000e234',
    ]),
  (r) =>
    r.pick([
      '1.7976931348623157e308',
      '1.7976931348623159e308',
      '12345678901234567890123',
      '0.1',
      '1E22',
      '1e23',
      '123456789012345678e-5',
    ]),
]
const WORDS = [
  '"error"',
  '"info"',
  '"errors"',
  '"an error, they say"',
  '""',
  '"12"',
  '"0.9"',
  '"x"',
  '"caf\\u00e9"',
  '"café"',
  '"😀 error"',
]
const ODD_WORDS = [
  '"\\ud83d\\ude00"',
  '"\\ud800"',
  '"a\\"b"',
  '"\\\\"',
  '"\\/"',
  '"\u2028"',
  '"0123456789abcdef"',
  '"0123456789abcdefg"',
  '"err\\u006fr"',
  '"\\n"',
]
const LITERALS = ['true', 'false', 'null']
const NESTED = [
  '[]',
  '[1,2]',
  '{}',
  '{"valueOf":1,"toString":2}',
  '{"id":3}',
  '{"id":{"id":1}}',
  '["error"]',
  '{"length":7}',
  '[[[{}]]]',
]

function number(r: Random): string {
  return r.pick(NUMBERS)(r)
}

function anything(r: Random): string {
  const kind = r.below(10)
  if (kind < 3) return number(r)
  if (kind < 5) return r.pick(WORDS)
  if (kind < 6) return r.pick(ODD_WORDS)
  return r.pick(kind < 8 ? LITERALS : NESTED)
}

/** A value of the type that the field has mostly. */
function mostly(r: Random, usual: (r: Random) => string, oddity: number): string {
  return r.chance(oddity) ? anything(r) : usual(r)
}

interface Style {
  readonly oddity: number
  readonly missing: number
  readonly shuffled: number
  readonly spaces: number
  readonly extra: number
  readonly broken: number
  readonly isFlat: boolean
  readonly ending: string
}

function styleOf(r: Random): Style {
  const isCalm = r.chance(0.6)
  return {
    oddity: isCalm ? r.pick([0, 0, 0.01]) : 0.15,
    missing: isCalm ? r.pick([0, 0, 0.02, 0.2]) : 0.1,
    shuffled: isCalm ? 0 : 0.3,
    spaces: isCalm ? 0 : 0.1,
    extra: isCalm ? 0 : 0.3,
    broken: r.pick([0, 0, 0, 0.0005, 0.01]),
    isFlat: r.chance(0.3),
    ending: r.chance(0.1) ? '\r\n' : '\n',
  }
}

const space = (r: Random, p: number): string => (r.chance(p) ? r.pick([' ', '\t', '  ', '\r']) : '')

function objectOf(r: Random, style: Style, entries: (readonly [string, string])[]): string {
  const kept = entries.filter(() => !r.chance(style.missing))
  if (r.chance(style.shuffled)) kept.sort(() => r.next() - 0.5)
  const s = (): string => space(r, style.spaces)
  return `${s()}{${s()}${kept.map(([key, value]) => `"${key}"${s()}:${s()}${value}`).join(`${s()},${s()}`)}${s()}}${s()}`
}

const EXTRA = [
  'index',
  'total',
  'user',
  '__proto__',
  'a',
  '10',
  '2',
  'toString',
  'toJSON',
  'constructor',
  'x y',
  'é',
  '\\u0069ndex',
  'tag',
  'sum',
]

function rowOf(r: Random, style: Style): string {
  const { oddity } = style
  const value = (usual: (r: Random) => string): string => mostly(r, usual, oddity)
  const entries: [string, string][] = [
    ['index', value(number)],
    ['total', value((r) => r.next().toFixed(17))],
  ]
  if (!style.isFlat) {
    entries.push(['level', value((r) => r.pick(WORDS))], ['ok', value((r) => r.pick(LITERALS))])
    const user = objectOf(r, style, [
      ['id', value((r) => String(r.below(100)))],
      ['name', value((r) => r.pick(WORDS))],
    ])
    entries.push(['user', r.chance(oddity) ? anything(r) : user], ['path', value((r) => r.pick(WORDS))])
  }
  for (let i = r.chance(style.extra) ? r.below(4) : 0; i > 0; i--) entries.push([r.pick(EXTRA), anything(r)])
  return objectOf(r, style, entries)
}

const BYTES = Array.from('{}[]":,\\/0123456789eE+-.truefalsn \t\r\x00\x1f\x7fu\xc3\xa9\xff\xef\xbb\xbf')

function broken(r: Random, row: string): string {
  const at = r.below(row.length)
  const byte = r.pick(BYTES)
  return r.pick([
    row.slice(0, at) + byte + row.slice(at + 1),
    row.slice(0, at) + byte + row.slice(at),
    row.slice(0, at) + row.slice(at + 1),
    r.pick(['', 'null', '[1,2]', '3', '"index"', ' ', '{}', '[{"index": 1}]', '{"index":1,"index":2}', `${row}${row}`]),
  ])
}

/** The bytes of a file, latin1 for latin1: a broken byte stays one. */
export function fileOf(r: Random, lineCount: number): Buffer {
  const style = styleOf(r)
  const rows = Array.from({ length: lineCount }, () => {
    const row = Buffer.from(rowOf(r, style)).toString('latin1')
    return r.chance(style.broken) ? broken(r, row) : row
  })
  const text = rows.join(style.ending)
  return Buffer.from(`${r.chance(0.05) ? '\xef\xbb\xbf' : ''}${text}${r.chance(0.7) ? style.ending : ''}`, 'latin1')
}
