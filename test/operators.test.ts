/** Every operator of Spark has its counterpart, or a reason why not; docs/operators.md is the list. */
import { createContext } from 'kindling'
import { describe, expect, test } from 'vitest'
import { APIS, type Api } from './spark-operators.ts'

interface Operator {
  readonly name: string
  readonly languages: string
  /** Its name here; null where there is none. */
  readonly ours: string | null
  /** Why there is none; null where there should be one. */
  readonly reason: string | null
}

/** What has each operator: a dataset and a context, as users have them. */
const HERE = await (async (): Promise<readonly object[]> => {
  await using ctx = await createContext({ master: 'inline' })
  return [ctx.empty(), ctx]
})()

function operatorsOf({ scala, python, renamed, absent }: Api): readonly Operator[] {
  const reasons = new Map(absent.flatMap(([reason, names]) => names.map((name) => [name, reason] as const)))
  return [...new Set([...scala, ...python])].toSorted(byName).map((name) => {
    const languages = [scala.includes(name) ? ['Scala'] : [], python.includes(name) ? ['Python'] : []].flat().join(', ')
    const reason = reasons.get(name) ?? null
    return { name, languages, ours: reason === null ? (renamed[name] ?? name) : null, reason }
  })
}

/** As in a dictionary, in every locale alike. */
function byName(a: string, b: string): number {
  const [one, two] = [a.toLowerCase(), b.toLowerCase()]
  return one < two ? -1 : one > two ? 1 : 0
}

describe.each(APIS.map((api, i) => ({ api, here: HERE[i] ?? {}, title: api.title })))('$title', ({ api, here }) => {
  const operators = operatorsOf(api)

  test('every operator has a counterpart here, or a reason', () => {
    const missing = operators.filter(({ ours }) => ours !== null && !(ours in here))
    expect(missing.map(({ name, ours }) => (name === ours ? name : `${name} → ${ours}`))).toEqual([])
  })

  test('what has a reason has no counterpart', () => {
    expect(operators.filter(({ name, reason }) => reason !== null && name in here).map(({ name }) => name)).toEqual([])
  })

  test('what is renamed or absent is an operator of Spark, and stands there once', () => {
    const names = operators.map(({ name }) => name)
    const told = [...Object.keys(api.renamed), ...api.absent.flatMap(([, absent]) => absent)]
    expect(told.filter((name) => !names.includes(name))).toEqual([])
    expect(told.length).toBe(new Set(told).size)
  })
})

test('docs/operators.md is this list', async () => {
  await expect(pageOf(APIS)).toMatchFileSnapshot('../docs/operators.md')
})

function pageOf(apis: readonly Api[]): string {
  const sections = apis.map((api) => {
    const rows = operatorsOf(api).map(
      ({ name, languages, ours, reason }) =>
        `| \`${name}\` | ${languages} | ${ours === null ? '' : `\`${ours}\``} | ${reason ?? ''} |`,
    )
    return [`## ${api.title}`, '', '| Spark | in | here | why not |', '| --- | --- | --- | --- |', ...rows, ''].join(
      '\n',
    )
  })
  return [
    '# Operators',
    '',
    'Spark’s operators and what stands for each here. A test holds this page to the code: it fails when a counterpart is missing',
    'without a reason. `npx vitest run test/operators.test.ts -u` writes it.',
    '',
    ...sections,
  ].join('\n')
}
