/** Arguments: a command line of `kindling stream` as options, in kindling's own words or, with single dashes, in Hadoop's. */
import { parseArgs } from 'node:util'
import { PlanError } from '../errors.ts'
import { unknownName } from '../nearest.ts'
import { FLAGS, type Flag, type ParsedArguments, pairOf } from './flags.ts'
import { isHadoopLine, parseHadoopArguments } from './hadoop-arguments.ts'
import type { StreamOptions } from './options.ts'
import { readOptions } from './schema.ts'

const KEYS = Object.keys(FLAGS) as (keyof StreamOptions)[]

/** @throws PlanError for a word or a value that is none, naming the nearest that is */
export function parseStreamArguments(argv: readonly string[]): ParsedArguments {
  if (isHadoopLine(argv)) return parseHadoopArguments(argv)
  const options: Record<string, unknown> = {}
  for (const { key, value } of valuesOf(argv)) options[key] = joined(FLAGS[key], options[key], value)
  return { settings: readOptions(options, (key) => `--${FLAGS[key as keyof StreamOptions].name}`), warnings: [] }
}

function valuesOf(argv: readonly string[]): { key: keyof StreamOptions; value: string }[] {
  const byName = new Map(
    KEYS.flatMap((key) => [FLAGS[key].name, ...(FLAGS[key].aliases ?? [])].map((name) => [name, key])),
  )
  const types = Object.fromEntries(
    [...byName].map(([name, key]) => {
      const flag = FLAGS[key]
      const short = flag.name === name && flag.short !== undefined ? { short: flag.short } : {}
      return [name, { type: takesValue(flag) ? 'string' : 'boolean', multiple: true, ...short } as const]
    }),
  )
  const { tokens } = parseArgs({ args: [...argv], options: types, strict: false, allowPositionals: true, tokens: true })
  const values: { key: keyof StreamOptions; value: string }[] = []
  for (const token of tokens) {
    if (token.kind === 'positional')
      throw new PlanError(
        `stream: unexpected "${token.value}". Give inputs with --input, and quote a command with spaces.`,
      )
    if (token.kind === 'option-terminator') continue
    const key = byName.get(token.name)
    if (key === undefined)
      throw unknownName(
        'stream: unknown option',
        token.rawName,
        [...byName.keys()].map((name) => `--${name}`),
      )
    const hasValue = token.value !== undefined
    if (hasValue !== takesValue(FLAGS[key]))
      throw new PlanError(
        `stream: ${token.rawName} ${hasValue ? 'takes no value' : `needs a value: ${FLAGS[key].value}`}.`,
      )
    values.push({ key, value: token.value ?? '' })
  }
  return values
}

function takesValue({ kind }: Flag): boolean {
  return kind !== 'switch' && kind !== 'off'
}

/** What an option is after one more of its values. */
function joined({ name, kind }: Flag, before: unknown, value: string): unknown {
  // What is there was put there by this function, under the same kind.
  const list = (before ?? []) as readonly string[]
  switch (kind) {
    case 'text':
      return name === 'on-failure' ? policyOf(value) : /-separator$|^record-end$/.test(name) ? unescaped(value) : value
    case 'number':
      return /^\d+$/.test(value) ? Number(value) : value
    case 'switch':
      return true
    case 'off':
      return false
    case 'list':
      return [...list, value]
    case 'commas':
      return [...list, ...value.split(',')]
    case 'codes':
      return value === 'any' ? value : value.split(',').map((code) => (/^\d+$/.test(code) ? Number(code) : code))
    case 'pairs':
      return { ...(before as Record<string, string> | undefined), ...pairOf(`--${name}`, value) }
  }
}

/** GNU Parallel's words for what happens after a failure; any other is left for the check. */
function policyOf(text: string): string {
  return ({ never: 'continue', 'soon,fail=1': 'no-new', 'now,fail=1': 'kill' } as Record<string, string>)[text] ?? text
}

/** Characters that are hard to type. */
function unescaped(text: string): string {
  return text.replaceAll('\\t', '\t').replaceAll('\\n', '\n').replaceAll('\\0', '\0')
}
