/** Text that is cut into words, and chains that do that, as text that makes them. */
import type { Random } from './random.ts'
import type { ChainText, StepText } from './random-chains.ts'

const WORDS = [
  'a',
  'to',
  'the',
  'the',
  'error',
  'GET',
  '/index.html',
  'café',
  '😀',
  '0123456789abcdef',
  '12',
  '-0',
  '',
  '\ufffd',
  '\0',
]
const SPACES = [
  ' ',
  ' ',
  ' ',
  ' ',
  '\t',
  ',',
  '  ',
  ' \t ',
  '\v',
  '\f',
  '\u00a0',
  '\u1680',
  '\u2003',
  '\u2029',
  '\u3000',
  '\ufeff',
]
const MALFORMED = [
  [0xff],
  [0xc3],
  [0xe2, 0x80],
  [0xed, 0xa0, 0x80],
  [0xf0, 0x9f, 0x98],
  [0xc0, 0x80],
  [0xf4, 0x90, 0x80, 0x80],
]

export function textOf(r: Random, lineCount: number): Buffer {
  const vocabulary = r.chance(0.5)
    ? WORDS
    : Array.from({ length: r.pick([30, 3000]) }, () =>
        r
          .next()
          .toString(36)
          .slice(2, 2 + r.below(12)),
      )
  const spaces = r.chance(0.5) ? [' '] : r.chance(0.5) ? [' ', ' ', '\t', '  '] : SPACES
  const ending = r.pick(['\n', '\n', '\n', '\r\n', '\r'])
  const broken = r.pick([0, 0, 0.01])
  const parts: Buffer[] = r.chance(0.1) ? [Buffer.from('\ufeff')] : []
  for (let line = 0; line < lineCount; line++) {
    let text = r.chance(0.1) ? r.pick(spaces) : ''
    for (let left = r.below(12); left > 0; left--)
      text += r.pick(vocabulary) + (left > 1 || r.chance(0.1) ? r.pick(spaces) : '')
    parts.push(Buffer.from(text), ...(r.chance(broken) ? [Buffer.from(r.pick(MALFORMED))] : []))
    if (line < lineCount - 1 || r.chance(0.7)) parts.push(Buffer.from(r.chance(0.001) ? '\r' : ending))
  }
  return Buffer.concat(parts)
}

export function wordChainOf(r: Random): ChainText {
  const separator = r.pick(["' '", "' '", '/\\s+/', '/\\s+/', "','", "'e'", "'\\t'", 'BLANK'])
  const split = r.pick([`(l) => l.split(${separator})`, `function (line) { return line.split(${separator}) }`])
  // Else whole lines are what is combined.
  const steps: StepText[] = r.chance(0.75) ? [{ op: 'flatMap', text: split }] : []
  const filters = [
    '(w) => w.length > 0',
    "(w) => w !== ''",
    "(w) => w === 'the' || w.startsWith('e')",
    '(w) => !w.includes("0")',
    '(w) => Boolean(w)',
    '(w) => w * 2 > 1',
    "(w) => w.padStart(w === 'GET' ? 2 ** 30 : 2) !== ' x'",
  ]
  for (let left = r.below(3); left > 0; left--) steps.push({ op: 'filter', text: r.pick(filters) })
  if (r.chance(0.15)) return { steps, sink: 'count' }
  const pairs = [
    '(w) => [w, 1]',
    '(w) => [w, 1]',
    '(w) => [w, 0.1]',
    '(w) => [w, w.length]',
    '(w) => [w.length, 1]',
    '(w) => [w, Number(w)]',
    '(w) => [Number(w), w.length]',
    '(w) => [w.toLowerCase(), 1]',
    "(w) => [w, w === 'error' ? '!' : 1]",
    '(w) => ({ key: w })',
  ]
  if (r.chance(0.2)) steps.push({ op: 'asKeys', text: '() => 0' })
  else steps.push({ op: 'map', text: r.pick(pairs) })
  if (r.chance(0.2)) steps.push({ op: 'filter', text: '([word, n]) => word !== 12 && n !== 2' })
  const type = r.pick(['reduce', 'reduce', 'reduce', 'count', 'first', 'fold'] as const)
  steps.push({
    op: 'combine',
    type,
    text: r.pick(['(a, b) => a + b', '(a, b) => Math.max(a, b)', '(a, b) => a - b']),
    zero: 0,
  })
  return { steps, sink: 'collect' }
}
