/**
 * What TypeScript infers of a program: checked by the compiler, never run. `same` compiles only where the two types are one, and
 * what must not compile stands below an expectation, which fails itself when it is not needed.
 */
import { type Accumulator, type Broadcast, type CheckedRow, type Context, type Dataset, jsonLines } from 'kindling'
import * as v from 'valibot'
import { z } from 'zod'

// The usual test of equality: two generic functions are assignable only where A and B are one type.
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters
type Same<A, B> = (<X>() => X extends A ? 1 : 2) extends <X>() => X extends B ? 1 : 2 ? true : false

declare const ctx: Context

declare function same<A, B>(verdict: Same<A, B>): void

export async function inferred(): Promise<void> {
  const words = ctx.textFile('words.txt')
  same<typeof words, Dataset<string>>(true)

  const lengths = words.map((word) => word.length)
  same<typeof lengths, Dataset<number>>(true)

  const pairs = words.map((word) => [word, 1])
  same<typeof pairs, Dataset<[string, number]>>(true)

  const parts = words.map((word) => word.split(' '))
  same<typeof parts, Dataset<string[]>>(true)

  const objects = words.map((word) => ({ word }))
  same<typeof objects, Dataset<{ word: string }>>(true)

  const triples = lengths.map((n) => [n, n, n])
  same<typeof triples, Dataset<[number, number, number]>>(true)

  const literal = ctx.parallelize([
    ['a', 1],
    ['b', 2],
  ])
  same<typeof literal, Dataset<[string, number]>>(true)

  const entries = ctx.parallelize(new Map([['a', true]]))
  same<typeof entries, Dataset<[string, boolean]>>(true)

  const letters = words.flatMap((word) => word)
  same<typeof letters, Dataset<string>>(true)

  const counted = words.flatMap((word) => word.split(' ').map((w): [string, number] => [w, 1]))
  same<typeof counted, Dataset<[string, number]>>(true)

  const keyed = words.keyBy((word) => word.length)
  same<typeof keyed, Dataset<[number, string]>>(true)

  const [keys, values] = [keyed.keys(), keyed.values()]
  same<typeof keys, Dataset<number>>(true)
  same<typeof values, Dataset<string>>(true)

  const mapped = keyed.mapValues((word) => word === '')
  same<typeof mapped, Dataset<[number, boolean]>>(true)

  const spread = keyed.flatMapValues((word) => word.split(' '))
  same<typeof spread, Dataset<[number, string]>>(true)

  const known = ctx.parallelize([1, null]).filter((n): n is number => n !== null)
  same<typeof known, Dataset<number>>(true)

  const kept = words.filter((word) => word !== '')
  same<typeof kept, Dataset<string>>(true)

  const mixed = words.union(lengths)
  same<typeof mixed, Dataset<string | number>>(true)

  const zipped = words.zip(lengths)
  same<typeof zipped, Dataset<[string, number]>>(true)

  const numbered = words.zipWithIndex()
  same<typeof numbered, Dataset<[string, number]>>(true)

  const globbed = words.glom()
  same<typeof globbed, Dataset<string[]>>(true)

  const awaited = words.mapAsync(async (word) => word.length)
  same<typeof awaited, Dataset<number>>(true)

  const whole = ctx.wholeTextFiles('words').keys()
  same<typeof whole, Dataset<string>>(true)

  const piped = lengths.pipe('cat')
  same<typeof piped, Dataset<string>>(true)
  const decoded = lengths.pipe('cat', { encode: 'jsonl', decode: 'jsonl', schema: z.object({ id: z.number() }) })
  same<typeof decoded, Dataset<{ id: number }>>(true)
  const told = lengths.pipe<number>('cat', { encode: 'jsonl', decode: 'jsonl' })
  same<typeof told, Dataset<number>>(true)

  const walked = words.mapPartitions(function* (rows) {
    for (const row of rows) yield row.length
  })
  same<typeof walked, Dataset<number>>(true)

  const found = await words.aggregate(
    0,
    (sum, word) => sum + word.length,
    (a, b) => a + b,
  )
  same<typeof found, number>(true)

  const longest = await words.max((word) => word.length)
  same<typeof longest, string>(true)

  for await (const row of pairs) same<typeof row, [string, number]>(true)
}

export async function shared(): Promise<void> {
  await using table = ctx.broadcast(new Map([['a', 1]]))
  same<typeof table, Broadcast<Map<string, number>>>(true)

  const looked = ctx.textFile('words.txt').map((word) => table.value.get(word))
  same<typeof looked, Dataset<number | undefined>>(true)

  const sum = ctx.accumulator(0, 'rows')
  same<typeof sum, Accumulator>(true)
  same<typeof sum.value, number>(true)
  same<Parameters<typeof sum.add>, [n: number]>(true)

  const list = ctx.accumulator<string>([])
  same<typeof list.value, readonly string[]>(true)
  same<Parameters<typeof list.add>, [item: string]>(true)

  const set = ctx.accumulator(new Set<string>())
  same<typeof set.value, ReadonlySet<string>>(true)
  same<Parameters<typeof set.add>, [item: string]>(true)

  const counts = ctx.accumulator(new Map<string, number>(), 'counts')
  same<typeof counts.value, ReadonlyMap<string, number>>(true)
  same<Parameters<typeof counts.add>, [key: string, n?: number]>(true)
}

export async function moved(): Promise<void> {
  const pairs = ctx.parallelize<string, number>([['a', 1]])
  const flags = ctx.parallelize<string, boolean>([['a', true]])

  const sums = pairs.reduceByKey((a, b) => a + b)
  same<typeof sums, Dataset<[string, number]>>(true)
  const folded = pairs.foldByKey(0, (a, b) => a + b)
  same<typeof folded, Dataset<[string, number]>>(true)
  const sets = pairs.aggregateByKey(
    new Set<number>(),
    (set, n) => set.add(n),
    (a) => a,
  )
  same<typeof sets, Dataset<[string, Set<number>]>>(true)
  const combined = pairs.combineByKey(
    (n) => [n],
    (list, n) => [...list, n],
    (a, b) => a.concat(b),
  )
  same<typeof combined, Dataset<[string, number[]]>>(true)
  const grouped = pairs.groupByKey()
  same<typeof grouped, Dataset<[string, number[]]>>(true)
  const byLength = ctx.textFile('words.txt').groupBy((word) => word.length)
  same<typeof byLength, Dataset<[number, string[]]>>(true)
  const placed = pairs.partitionBy(2, (key) => key.length)
  same<typeof placed, Dataset<[string, number]>>(true)

  const joined = pairs.join(flags)
  same<typeof joined, Dataset<[string, [number, boolean]]>>(true)
  const left = pairs.leftOuterJoin(flags)
  same<typeof left, Dataset<[string, [number, boolean | undefined]]>>(true)
  const right = pairs.rightOuterJoin(flags)
  same<typeof right, Dataset<[string, [number | undefined, boolean]]>>(true)
  const full = pairs.fullOuterJoin(flags)
  same<typeof full, Dataset<[string, [number | undefined, boolean | undefined]]>>(true)
  const both = pairs.cogroup(flags)
  same<typeof both, Dataset<[string, [number[], boolean[]]]>>(true)
  const three = pairs.groupWith(flags, pairs)
  same<typeof three, Dataset<[string, [number[], boolean[], number[]]]>>(true)
  const less = pairs.subtractByKey(flags)
  same<typeof less, Dataset<[string, number]>>(true)

  const sorted = pairs.sortByKey(false, 2, (key) => key.length)
  same<typeof sorted, Dataset<[string, number]>>(true)
  const product = ctx.range(3).cartesian(pairs)
  same<typeof product, Dataset<[number, [string, number]]>>(true)
  const parts = pairs.randomSplit([1, 2])
  same<typeof parts, Dataset<[string, number]>[]>(true)
  const cached = pairs.cache()
  same<typeof cached, Dataset<[string, number]>>(true)

  const map = await pairs.collectAsMap()
  same<typeof map, Map<string, number>>(true)
  const counts = await pairs.countByKey()
  same<typeof counts, Map<string, number>>(true)
  const found = await pairs.lookup('a')
  same<typeof found, number[]>(true)
  const [edges, heights] = await ctx.range(3).histogram(2)
  same<typeof edges, number[]>(true)
  same<typeof heights, number[]>(true)
  const top = await pairs.top(2, ([, n]) => n)
  same<typeof top, [string, number][]>(true)
}

export async function notMoved(): Promise<void> {
  const words = ctx.textFile('words.txt')
  const pairs = ctx.parallelize<string, number>([['a', 1]])
  // @ts-expect-error words are no pairs
  words.reduceByKey((a) => a)
  // @ts-expect-error words are no pairs
  words.join(pairs)
  // @ts-expect-error pairs are no numbers
  await pairs.stats()
  // @ts-expect-error keys are strings here and numbers there
  pairs.join(ctx.parallelize<number, number>([[1, 1]]))
  // @ts-expect-error the zero is no number
  pairs.foldByKey('0', (a, b) => a + b)
  // @ts-expect-error there is no such level
  pairs.persist('TAPE')
  // @ts-expect-error keys are strings
  await pairs.lookup(1)
}

export async function refused(): Promise<void> {
  // @ts-expect-error numbers are added to numbers
  ctx.accumulator(0).add('1')
  // @ts-expect-error objects are no members that another thread could find again
  ctx.accumulator(new Set<object>())
  // @ts-expect-error a value is read, never set
  ctx.accumulator(0).value = 1
  // @ts-expect-error there is no such merge
  ctx.accumulator(0, { merge: 'mean' })
  const words = ctx.textFile('words.txt')
  // @ts-expect-error words are no pairs
  words.keys()
  // @ts-expect-error words are no pairs
  words.mapValues((value) => value)
  // @ts-expect-error words are no numbers
  await words.sum()
  // @ts-expect-error a word has no such method
  words.map((word) => word.toFixed())
  // @ts-expect-error a number is not iterable
  words.flatMap((word) => word.length)
  // @ts-expect-error a reduction gives what it takes
  await words.reduce((a, b) => a.length + b.length)
  // @ts-expect-error there is no such compression
  await words.saveAsTextFile('out', { compression: 'rar' })
  // @ts-expect-error what a dataset holds cannot be replaced
  words.context = ctx
  // @ts-expect-error a dataset of words is none of numbers
  const numbers: Dataset<number> = words
  await numbers.count()
}

export async function formats(): Promise<void> {
  const Person = z.object({ name: z.string(), age: z.coerce.number() })
  type Person = { name: string; age: number }

  const people = ctx.jsonLines('a.jsonl', Person)
  same<typeof people, Dataset<Person>>(true)

  const skipped = ctx.jsonLines('a.jsonl', Person, { onBadRow: 'skip' })
  same<typeof skipped, Dataset<Person>>(true)

  const checked = ctx.jsonLines('a.jsonl', Person, { onBadRow: 'collect' })
  same<typeof checked, Dataset<CheckedRow<Person>>>(true)

  const other = ctx.jsonLines('a.jsonl', v.object({ id: v.pipe(v.string(), v.transform(Number)) }))
  same<typeof other, Dataset<{ id: number }>>(true)

  const unknowns = ctx.jsonLines('a.jsonl', { minPartitions: 2 })
  same<typeof unknowns, Dataset<unknown>>(true)

  const claimed = ctx.jsonLines<Person>('a.jsonl', { onBadRow: 'collect' })
  same<typeof claimed, Dataset<CheckedRow<Person>>>(true)

  const records = ctx.csv('a.csv')
  same<typeof records, Dataset<Record<string, string>>>(true)

  const arrays = ctx.csv('a.csv', { header: false, delimiter: ';' })
  same<typeof arrays, Dataset<string[]>>(true)

  const named = ctx.csv('a.csv', { header: false, columns: ['id', 'name'] })
  same<typeof named, Dataset<Record<'id' | 'name', string>>>(true)

  const parsed = ctx.csv('a.csv', { schema: Person })
  same<typeof parsed, Dataset<Person>>(true)

  const told = ctx.csv('a.csv', { schema: Person, onBadRow: 'collect' })
  same<typeof told, Dataset<CheckedRow<Person>>>(true)

  const ragged = ctx.csv('a.csv', { onBadRow: 'collect' })
  same<typeof ragged, Dataset<CheckedRow<Record<string, string>>>>(true)

  const table = ctx.parquet('a.parquet', { columns: ['id'] })
  same<typeof table, Dataset<Record<string, unknown>>>(true)

  const typed = ctx.parquet('a.parquet', { schema: Person })
  same<typeof typed, Dataset<Person>>(true)

  const streamed = ctx.from((async function* () {})() as AsyncGenerator<number>)
  same<typeof streamed, Dataset<number>>(true)

  const pairs = ctx.from(new Map([['a', 1]]))
  same<typeof pairs, Dataset<[string, number]>>(true)

  const kept = streamed.filterAsync(async (n) => n > 1)
  same<typeof kept, Dataset<number>>(true)

  const spread = streamed.flatMapAsync(async (n) => [String(n)])
  same<typeof spread, Dataset<string>>(true)

  const left = jsonLines('a.jsonl', Person, { onBadRow: 'collect' })
  same<typeof left, Dataset<CheckedRow<Person>>>(true)

  const words = ctx.csv('a.csv', { columns: ['word'] })
  // @ts-expect-error the columns are named
  words.map((row) => row.wort)
  // @ts-expect-error there is no such way with bad rows
  ctx.jsonLines('a.jsonl', Person, { onBadRow: 'ignore' })
  // @ts-expect-error a header is there or not
  ctx.csv('a.csv', { header: 'first' })
  // @ts-expect-error a good row has its value below value
  checked.map((row) => row.name)
  // @ts-expect-error Parquet has no such type
  await people.saveAsParquet('out', { columns: { age: 'FLOAT128' } })
}
