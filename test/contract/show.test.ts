/** The contract of `show`: what it prints, and that it looks no further than it must. */
import type { Dataset } from 'kindling'
import { vi } from 'vitest'
import { contract, failure } from './engines.ts'

/** What `show` prints. */
async function printed(show: () => Promise<void>): Promise<string> {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {})
  try {
    await show()
    return log.mock.calls.map((args) => args.join(' ')).join('\n')
  } finally {
    log.mockRestore()
  }
}

contract('show', [
  {
    name: 'prints rows as a table, and says that there are more',
    program: (ctx) =>
      printed(() =>
        ctx
          .parallelize(
            [
              { id: 1, name: 'Ada' },
              { id: 22, name: '日本' },
              { id: 3, name: 'c' },
            ],
            2,
          )
          .show(2),
      ),
    expected: ['id  name', '──  ────', ' 1  Ada', '22  日本', 'the first 2 rows'].join('\n'),
  },
  {
    name: 'prints 20 rows unless told otherwise, and of none a count',
    program: async (ctx) => [
      (await printed(() => ctx.range(21).show())).split('\n').at(-1),
      (await printed(() => ctx.range(20).show())).split('\n').at(-1),
      await printed(() => ctx.empty().show()),
      await printed(() => ctx.range(3).show(0)),
    ],
    expected: ['the first 20 rows', '20 rows', '0 rows', 'the first 0 rows'],
  },
  {
    name: 'computes no more partitions than the rows and one more are in',
    program: async (ctx) => {
      const rows: Dataset<number> = ctx.range(0, 40, 1, 20).map((n) => {
        if (n >= 10) throw new Error(`row ${n} was computed`)
        return n
      })
      return printed(() => rows.show(8))
    },
    expected: ['value', '─────', ...Array.from({ length: 8 }, (_, i) => `    ${i}`), 'the first 8 rows'].join('\n'),
  },
  {
    name: 'refuses a number of rows that is none',
    program: (ctx) => ctx.range(3).show(1.5),
    expected: failure('PlanError', 'show (', 'whole number', 'got'),
  },
])
