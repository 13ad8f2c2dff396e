/** Tasks as values: what tells them apart, what their parameters may be, how they are shown. */
import { days, file, task } from '@kindling/workflow'
import { expect, test } from 'vitest'
import { z } from 'zod'

const Any = task('Any', { params: z.object({ value: z.unknown() }), run: () => undefined })

test('a task is known by its name and its parameters, in any order, with their defaults', () => {
  const params = z.object({ a: z.number(), b: z.object({ x: z.number(), y: z.number() }).default({ x: 1, y: 2 }) })
  const A = task('A', { params, run: () => undefined })
  const B = task('B', { params, run: () => undefined })
  expect(A({ a: 1 }).id).toBe(A({ b: { y: 2, x: 1 }, a: 1 }).id)
  expect(A({ a: 1 }).id).not.toBe(A({ a: 2 }).id)
  expect(A({ a: 1 }).id).not.toBe(B({ a: 1 }).id)
  expect(A({ a: 1 }).label).toBe('A(a=1, b={"x":1,"y":2})')
})

test.each([
  [1, '1'],
  [1, 1n],
  [null, 'null'],
  [Number.NaN, null],
  [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  [new Date(0), '1970-01-01T00:00:00.000Z'],
  [new Set([1]), [1]],
  [new Map([[1, 2]]), [[1, 2]]],
  [{ a: 1 }, [['a', 1]]],
])('%s and %s are parameters of different tasks', (one, other) => {
  expect(Any({ value: one }).id).not.toBe(Any({ value: other }).id)
  expect(Any({ value: one }).id).toBe(Any({ value: one }).id)
})

test('a function tells no task from another and is refused', () => {
  expect(() => Any({ value: () => 1 })).toThrow(
    'Any: a parameter is a function, which tells no task from another. Use plain data.',
  )
})

test('parameters that are wrong are all named', () => {
  const A = task('A', { params: z.object({ n: z.int(), s: z.enum(['x', 'y']), t: z.string() }), run: () => undefined })
  // The compiler refuses this as well.
  const wrong = { n: 1.5, s: 'z' } as unknown as { n: number; s: 'x'; t: string }
  expect(() => A(wrong)).toThrow(
    /^A: parameter n: .*int.*; parameter s: .*"x"\|"y".*; parameter t: it is missing, expected string$/,
  )
})

test('a task takes the parameters of another and drops what it doesn’t know', () => {
  const Base = task('Base', { params: z.object({ day: z.string() }), run: () => undefined })
  const More = task('More', {
    params: Base.params.extend({ n: z.number() }),
    requires: (params) => Base(params),
    run: () => undefined,
  })
  const more = More({ day: 'monday', n: 1 })
  expect(Base({ ...more.params, day: 'monday' }).params).toEqual({ day: 'monday' })
})

test('unkeyed parameters make no other task', () => {
  const A = task('A', {
    params: z.object({ n: z.number(), threads: z.number() }),
    unkeyed: ['threads'],
    run: () => undefined,
  })
  expect(A({ n: 1, threads: 1 }).id).toBe(A({ n: 1, threads: 2 }).id)
  expect(A({ n: 1, threads: 1 }).label).toBe('A(n=1)')
})

test('secrets are masked and long values cut where a task is shown', () => {
  const A = task('A', {
    params: z.object({ token: z.string(), text: z.string() }),
    secret: ['token'],
    run: () => undefined,
  })
  expect(A({ token: 'hunter2', text: 'x'.repeat(99) }).label).toBe(`A(token=***, text=${'x'.repeat(39)}…)`)
})

test('the output of a task can be had without a run', () => {
  const A = task('A', { params: z.object({ n: z.number() }), output: ({ n }) => file(`a${n}`), run: () => undefined })
  expect(A({ n: 1 }).output.path).toBe('a1')
})

test('a name that is none is refused', () => {
  expect(() => task('no name', { run: () => undefined })).toThrow(
    'task: expected a name of letters, digits, "_" and "-", got "no name".',
  )
})

test.each([
  ['2026-02-27', '2026-03-01', ['2026-02-27', '2026-02-28', '2026-03-01']],
  // Clocks are changed on the 29th in much of Europe.
  ['2026-03-28', '2026-03-30', ['2026-03-28', '2026-03-29', '2026-03-30']],
  ['2024-02-29', '2024-02-29', ['2024-02-29']],
  ['2026-02-02', '2026-02-01', []],
])('the days from %s to %s', (first, last, expected) => {
  expect(days(first, last)).toEqual(expected)
})

test.each(['2026-02-29', '26-01-01', 'monday', ''])('%j is no day', (text) => {
  expect(() => days(text, '2026-01-01')).toThrow(`days: expected a date like 2026-01-31, got ${JSON.stringify(text)}.`)
})
