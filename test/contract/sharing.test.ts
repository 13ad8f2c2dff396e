/** The contract of what functions share: broadcasts, which they read, and accumulators, which they add to. */
import { threadId } from 'node:worker_threads'
import type { Broadcast, Context } from 'kindling'
import { contract, failure } from './engines.ts'

/** Larger than what is copied with the rest of a value. */
const LARGE = 100_000

class Scorer {
  readonly table: Broadcast<ReadonlyMap<string, number>>
  factor = 2

  constructor(table: Broadcast<ReadonlyMap<string, number>>) {
    this.table = table
  }

  score(word: string): number {
    return this.factor * (this.table.value.get(word) ?? 0)
  }
}

/** Rows 0 to 9 in 4 partitions. */
const ten = (ctx: Context): ReturnType<Context['range']> => ctx.range(0, 10, 1, 4)

contract('broadcasts', [
  {
    name: 'functions read the value',
    program: async (ctx) => {
      const names = ctx.broadcast(['zero', 'one', 'two'])
      return ctx
        .range(3)
        .map((n) => names.value[n])
        .collect()
    },
    expected: ['zero', 'one', 'two'],
  },
  {
    name: 'every kind of data comes through, cycles and what is shared included',
    program: async (ctx) => {
      const ring: { self?: unknown; map: Map<unknown, unknown>; list: unknown[] } = {
        map: new Map<unknown, unknown>([
          [1n, new Set([-0])],
          [Number.NaN, new Date(5)],
        ]),
        list: [undefined, null, '\ud800', /a/g, Infinity],
      }
      ring.self = ring
      const shared = ctx.broadcast(ring)
      const facts = await ctx
        .range(1)
        .map(() => {
          const { value } = shared
          const [zero] = value.map.get(1n) as Set<number>
          return [value.self === value, Object.is(zero, 0), value.map.get(Number.NaN), value.list]
        })
        .first()
      return facts
    },
    // A Set holds no -0.
    expected: [true, true, new Date(5), [undefined, null, '\ud800', /a/g, Infinity]],
  },
  {
    name: 'the value is that of the moment when it was broadcast, on the driver too, and a copy',
    program: async (ctx) => {
      const list = [1]
      const shared = ctx.broadcast(list)
      list.push(2)
      return [
        shared.value,
        shared.value === shared.value,
        await ctx
          .range(1)
          .map(() => shared.value.length)
          .first(),
      ]
    },
    expected: [[1], true, 1],
  },
  {
    name: 'functions find it in objects, arrays, fields of classes, bound functions and functions of functions',
    program: async (ctx) => {
      const table = ctx.broadcast<ReadonlyMap<string, number>>(new Map([['a', 1]]))
      const holder = { deep: { table } }
      const list = [table]
      const scorer = new Scorer(table)
      const bound = scorer.score.bind(scorer)
      const outer = (word: string): number | undefined => {
        const inner = (): number | undefined => table.value.get(word)
        return inner()
      }
      return ctx
        .parallelize(['a'])
        .map((word) => [
          holder.deep.table.value.get(word),
          list[0]?.value.get(word),
          scorer.score(word),
          bound(word),
          outer(word),
          list[0] === holder.deep.table,
        ])
        .first()
    },
    expected: [1, 1, 2, 2, 1, true],
  },
  {
    name: 'all functions of a worker read one copy, decoded once',
    program: async (ctx) => {
      const shared = ctx.broadcast({ seen: [] as number[] })
      const counts = await ctx
        .range(0, 8, 1, 8)
        .map((n) => shared.value.seen.push(n))
        .filter((count) => shared.value.seen.length === count)
        .map((count) => [`${process.pid} ${threadId}`, count] as [string, number])
        .collect()
      const last = new Map(counts)
      // In each worker the list went on growing from task to task.
      return [counts.length, [...last.values()].reduce((a, b) => a + b, 0), shared.value.seen.length]
    },
    expected: [8, 8, 0],
  },
  {
    name: 'a large typed array, Buffer or DataView comes through, on memory of its own',
    program: async (ctx) => {
      const shared = ctx.broadcast({
        numbers: new Float64Array(LARGE).fill(0.5),
        bytes: Buffer.alloc(LARGE, 'x'),
        view: new DataView(new ArrayBuffer(LARGE + 8), 8),
      })
      return ctx
        .range(0, 2, 1, 2)
        .map((n) => {
          const { numbers, bytes, view } = shared.value
          return [
            [numbers[LARGE - 1 - n], numbers.length, numbers.byteOffset, numbers.buffer.byteLength],
            [Buffer.isBuffer(bytes), bytes.toString('latin1', LARGE - 3), bytes.length],
            [view instanceof DataView, view.byteLength],
          ]
        })
        .collect()
    },
    expected: [0, 1].map(() => [
      [0.5, LARGE, 0, 8 * LARGE],
      [true, 'xxx', LARGE],
      [true, LARGE],
    ]),
  },
  {
    name: 'a small typed array is copied, and its buffer is its own',
    program: async (ctx) => {
      const shared = ctx.broadcast(new Float64Array(new ArrayBuffer(80), 16, 2).fill(7))
      return ctx
        .range(1)
        .map(() => [shared.value.buffer instanceof ArrayBuffer, shared.value.buffer.byteLength, shared.value[1]])
        .first()
    },
    expected: [true, 16, 7],
  },
  {
    name: 'rows may hold the value, or views of it',
    program: async (ctx) => {
      const shared = ctx.broadcast({ all: new Uint8Array(LARGE).fill(3) })
      const row = await ctx
        .range(1)
        .map(() => shared.value.all.subarray(0, 2))
        .first()
      return [row.length, row[1], row.buffer instanceof ArrayBuffer]
    },
    expected: [2, 3, true],
  },
  {
    name: 'it is sent again after unpersist, to actions that come later and to datasets made before',
    program: async (ctx) => {
      const names = ctx.broadcast(['zero', 'one'])
      const rows = ctx.range(2).map((n) => names.value[n])
      const before = await rows.collect()
      await names.unpersist()
      await names.unpersist()
      return [before, await rows.collect(), names.value]
    },
    expected: [
      ['zero', 'one'],
      ['zero', 'one'],
      ['zero', 'one'],
    ],
  },
  {
    name: 'its value cannot be read after destroy',
    program: async (ctx) => {
      const names = ctx.broadcast(['zero'])
      await names.destroy()
      await names.destroy()
      return names.value
    },
    expected: failure('PlanError', 'broadcast (', 'sharing.test.ts', 'destroyed', 'ctx.broadcast(value)'),
  },
  {
    name: 'nor can functions that use it run',
    program: async (ctx) => {
      const names = ctx.broadcast(['zero'])
      const rows = ctx.range(2).map((n) => names.value[n])
      await rows.count()
      await names.destroy()
      return rows.count()
    },
    expected: failure('ClosureError', 'map (', 'free variable "names"', 'destroyed', 'ctx.broadcast(value)'),
  },
  {
    name: 'await using destroys it',
    program: async (ctx) => {
      const kept: Broadcast<number>[] = []
      {
        await using names = ctx.broadcast(1)
        kept.push(names)
      }
      return kept[0]?.value
    },
    expected: failure('PlanError', 'destroyed'),
  },
  {
    name: 'a function can neither destroy nor unpersist it',
    program: (ctx) => {
      const names = ctx.broadcast(['zero'])
      return ctx
        .range(1)
        .map(() => names.destroy())
        .count()
    },
    expected: failure('TaskError', 'destroyed inside a function'),
  },
  {
    name: 'a function in the value is refused with the way to it',
    program: async (ctx) => ctx.broadcast({ rules: [{ test: (n: number) => n > 1 }] }),
    expected: failure('PlanError', 'broadcast (', 'the value .rules[0].test is a function (test)', 'capture'),
  },
  {
    name: 'an instance of a class in the value is refused with its name',
    program: async (ctx) => ctx.broadcast(new Map([['s', new Scorer(ctx.broadcast(new Map()))]])),
    expected: failure('PlanError', 'the value .get(s) is an instance of Scorer', 'lose its class'),
  },
  {
    name: 'a promise is refused',
    program: async (ctx) => ctx.broadcast({ later: Promise.resolve(1) }),
    expected: failure('PlanError', 'the value .later is a promise', 'Await it'),
  },
  {
    name: 'a dataset is refused with what to do',
    program: async (ctx) => ctx.broadcast(ctx.range(3)),
    expected: failure('PlanError', 'stays on the driver', 'Collect it first'),
  },
  {
    name: 'it serves every action, and a task after a failed one',
    program: async (ctx) => {
      const limit = ctx.broadcast(3)
      const failing = ctx.range(4).map((n) => {
        if (n === limit.value) throw new Error('too much')
        return n
      })
      const error = await failing.count().catch((reason: Error) => reason.message)
      return [
        String(error).includes('too much'),
        await ctx
          .range(9)
          .filter((n) => n < limit.value)
          .count(),
        await ctx.range(9).reduce((a, b) => Math.min(a + b, limit.value)),
      ]
    },
    expected: [true, 3, 3],
  },
])

contract('accumulators', [
  {
    name: 'a number sums, and is there when the action has ended',
    program: async (ctx) => {
      const total = ctx.accumulator(100)
      const before = total.value
      await ten(ctx).forEach((n) => total.add(n))
      return [before, total.value]
    },
    expected: [100, 145],
  },
  {
    name: 'nothing is added before an action, and each action adds anew',
    program: async (ctx) => {
      const calls = ctx.accumulator(0, 'calls')
      const rows = ten(ctx).map((n) => {
        calls.add(1)
        return n
      })
      const seen = [calls.value]
      await rows.count()
      seen.push(calls.value)
      await rows.collect()
      return [...seen, calls.value]
    },
    expected: [0, 10, 20],
  },
  {
    name: 'the least and the largest',
    program: async (ctx) => {
      const least = ctx.accumulator(5, { merge: 'min' })
      const largest = ctx.accumulator(Number.NEGATIVE_INFINITY, { merge: 'max', name: 'largest' })
      const none = ctx.accumulator(Number.NEGATIVE_INFINITY, { merge: 'max' })
      await ten(ctx).forEach((n) => {
        least.add(n + 2)
        largest.add(n * 2)
        if (n > 100) none.add(n)
      })
      return [least.value, largest.value, none.value]
    },
    expected: [2, 18, Number.NEGATIVE_INFINITY],
  },
  {
    name: 'NaN is the largest and never the least, wherever it comes',
    program: async (ctx) => {
      const least = ctx.accumulator(Infinity, { merge: 'min' })
      const largest = ctx.accumulator(0, { merge: 'max' })
      await ctx.parallelize([1, Number.NaN, 3], 3).forEach((n) => {
        least.add(n)
        largest.add(n)
      })
      return [least.value, largest.value]
    },
    expected: [1, Number.NaN],
  },
  {
    name: 'an array gathers items, a Set distinct ones, a Map counts by key',
    program: async (ctx) => {
      const items = ctx.accumulator<{ n: number }>([{ n: -1 }])
      const kinds = ctx.accumulator(new Set(['zero']))
      const counts = ctx.accumulator(new Map([['odd', 100]]), 'counts')
      await ten(ctx).forEach((n) => {
        if (n > 7) items.add({ n })
        kinds.add(n % 2 === 0 ? 'even' : 'odd')
        counts.add(n % 2 === 0 ? 'even' : 'odd')
        counts.add('tenths', n / 8)
      })
      return [
        items.value.map(({ n }) => n).toSorted((a, b) => a - b),
        [...kinds.value].toSorted(),
        counts.value.get('odd'),
        counts.value.get('even'),
        counts.value.get('tenths'),
      ]
    },
    expected: [[-1, 8, 9], ['even', 'odd', 'zero'], 105, 5, 45 / 8],
  },
  {
    name: 'what is read is a copy, and reset goes back to the zero',
    program: async (ctx) => {
      const zero = [1]
      const items = ctx.accumulator(zero)
      const first = items.value
      zero.push(9)
      await ten(ctx).forEach((n) => n === 4 && items.add(n))
      const second = items.value
      items.reset()
      return [first, second, items.value]
    },
    expected: [[1], [1, 4], [1]],
  },
  {
    name: 'the driver may add, too',
    program: async (ctx) => {
      const total = ctx.accumulator(0)
      total.add(5)
      await ten(ctx).forEach(() => total.add(1))
      return total.value
    },
    expected: 15,
  },
  {
    name: 'one accumulator in many functions, and many in one, wherever they are captured',
    program: async (ctx) => {
      const total = ctx.accumulator(0)
      const holder = { inside: [total] }
      const other = ctx.accumulator(0)
      class Counter {
        readonly count = total
        add(): void {
          this.count.add(100)
        }
      }
      const counter = new Counter()
      const nested = (): (() => void) => () => other.add(1)
      await ten(ctx)
        .map((n) => {
          total.add(1)
          nested()()
          return n
        })
        .filter((n) => {
          holder.inside[0]?.add(10)
          return n >= 0
        })
        .forEach(() => counter.add())
      return [total.value, other.value]
    },
    expected: [1110, 10],
  },
  {
    name: 'take counts what it ran, each partition once',
    program: async (ctx) => {
      const calls = ctx.accumulator(0)
      const rows = ctx.range(0, 20, 1, 20).map((n) => {
        calls.add(1)
        return n
      })
      const taken = await rows.take(4)
      return [taken.length, calls.value]
    },
    // Rounds of 1, then 4 partitions.
    expected: [4, 5],
  },
  {
    name: 'first counts one partition, an iterator those it went through',
    program: async (ctx) => {
      const calls = ctx.accumulator(0)
      const rows = ten(ctx).map((n) => {
        calls.add(1)
        return n
      })
      await rows.first()
      const ofFirst = calls.value
      calls.reset()
      for await (const n of rows) if (n === 3) break
      return [ofFirst, calls.value]
    },
    // The first partition has the rows 0 and 1, the second 2 to 4; `first` needs one row only.
    expected: [1, 5],
  },
  {
    name: 'the counting that zipWithIndex needs is not counted',
    program: async (ctx) => {
      const calls = ctx.accumulator(0)
      const rows = ten(ctx)
        .map((n) => {
          calls.add(1)
          return n
        })
        .zipWithIndex()
        .zipWithIndex()
      const last = (await rows.collect()).at(-1)
      return [last, calls.value]
    },
    expected: [[[9, 9], 9], 10],
  },
  {
    name: 'a dataset used twice in one action is computed twice and adds twice',
    program: async (ctx) => {
      const calls = ctx.accumulator(0)
      const rows = ten(ctx).map((n) => {
        calls.add(1)
        return n
      })
      await rows.union(rows).count()
      return calls.value
    },
    expected: 20,
  },
  {
    name: 'functions of actions and asynchronous ones add as well',
    program: async (ctx) => {
      const calls = ctx.accumulator(0)
      const rows = await ten(ctx)
        .mapAsync(async (n) => {
          await Promise.resolve()
          calls.add(1)
          return n
        })
        .count()
      await ten(ctx).forEachPartition(async (part) => {
        for (const n of part) calls.add(n * 1000)
      })
      await ten(ctx).reduce((a, b) => {
        calls.add(1_000_000)
        return a + b
      })
      return [rows, calls.value]
    },
    // Ten rows are reduced by nine steps, wherever those run.
    expected: [10, 9_045_010],
  },
  {
    name: 'the parts that are done stay counted when the action fails, the part that failed never',
    program: async (ctx) => {
      const calls = ctx.accumulator(0)
      const rows = ctx.range(0, 3, 1, 1).union(
        ctx.range(0, 3, 1, 1).map((n) => {
          calls.add(1000)
          if (n === 2) throw new Error('no')
          return n
        }),
      )
      const counting = rows.map((n) => {
        calls.add(1)
        return n
      })
      // One partition at a time: the first is done when the second fails.
      const seen: number[] = []
      try {
        for await (const n of counting) seen.push(n)
      } catch (error) {
        return [seen, (error as Error).message.includes('no'), calls.value]
      }
      return 'it did not fail'
    },
    expected: [[0, 1, 2], true, 3],
  },
  {
    name: 'its value cannot be read in a function',
    program: (ctx) => {
      const total = ctx.accumulator(0, 'total')
      return ten(ctx)
        .map((n) => total.value + n)
        .collect()
    },
    expected: failure('TaskError', 'map (', 'accumulator "total" (', 'cannot be read inside a function'),
  },
  {
    name: 'nor can it be reset there',
    program: (ctx) => {
      const total = ctx.accumulator(0)
      return ten(ctx).forEach(() => total.reset())
    },
    expected: failure('TaskError', 'reset inside a function'),
  },
  {
    name: 'a number takes numbers only, and names what it got and its row',
    program: (ctx) => {
      const total = ctx.accumulator(0, 'total')
      return ctx.parallelize([1, '1']).forEach((value) => total.add(value as number))
    },
    expected: failure('TaskError', 'forEach (', 'accumulator "total"', 'takes a number, got "1"'),
  },
  {
    name: 'a Set takes no objects, which no other thread could find again',
    program: (ctx) => {
      const kinds = ctx.accumulator(new Set<string>())
      return ten(ctx).forEach((n) => kinds.add([n] as unknown as string))
    },
    expected: failure('TaskError', 'primitive', 'got an array'),
  },
  {
    name: 'an array takes no functions',
    program: (ctx) => {
      const items = ctx.accumulator<unknown>([], 'items')
      return ten(ctx).forEach((n) => items.add({ n: [() => n] }))
    },
    expected: failure('TaskError', 'accumulator "items"', '.n[0] is a function'),
  },
  {
    name: 'a zero that says no way to add is refused',
    program: async (ctx) => ctx.accumulator('0' as unknown as number),
    expected: failure('PlanError', 'accumulator (', 'sharing.test.ts', "got '0'", 'A number sums'),
  },
  {
    name: 'a merge that is none is refused',
    program: async (ctx) => ctx.accumulator(0, { merge: 'mean' as 'sum' }),
    expected: failure('PlanError', "'sum', 'min' or 'max', got 'mean'"),
  },
])
