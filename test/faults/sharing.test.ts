/** What functions share when things go wrong: every addition that counts counts once, and a broadcast reaches every new worker. */
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type Accumulator, PlanError } from 'kindling'
import { describe, expect, test } from 'vitest'
import { freshContext, freshFolder, rejection } from './fresh.ts'

describe('an accumulator counts a row once', () => {
  test('when its task fails after adding, and is tried again', async () => {
    const ctx = await freshContext({ taskRetries: 1 })
    const marker = join(freshFolder(), 'tried')
    const rows = ctx.accumulator(0)
    const items = ctx.accumulator<number>([])
    const adding = ctx.range(0, 4, 1, 2).map((n) => {
      rows.add(1)
      items.add(n)
      if (n === 3 && !existsSync(marker)) {
        writeFileSync(marker, '')
        throw new Error('once')
      }
      return n
    })
    expect(await adding.collect()).toEqual([0, 1, 2, 3])
    expect(existsSync(marker)).toBe(true)
    expect([rows.value, items.value.toSorted((a, b) => a - b)]).toEqual([4, [0, 1, 2, 3]])
  })

  test('and never when its task fails for good', async () => {
    const ctx = await freshContext({ taskRetries: 2 })
    const rows = ctx.accumulator(0)
    const failing = ctx.range(0, 4, 1, 1).forEach((n) => {
      rows.add(1)
      if (n === 3) throw new Error('always')
    })
    expect((await rejection(failing)).message).toContain('always')
    expect(rows.value).toBe(0)
    await ctx.range(4).forEach(() => rows.add(1))
    expect(rows.value).toBe(4)
  })

  test('when its worker dies after adding', async () => {
    const ctx = await freshContext()
    const marker = join(freshFolder(), 'died')
    const rows = ctx.accumulator(0)
    const dying = ctx.range(0, 100, 1, 4).map((n) => {
      rows.add(1)
      if (n === 60 && !existsSync(marker)) {
        writeFileSync(marker, '')
        process.exit(1)
      }
      return n
    })
    expect(await dying.count()).toBe(100)
    expect(existsSync(marker)).toBe(true)
    expect(rows.value).toBe(100)
  })

  test.each(['local[1]', 'inline'])('when its task ran out of time after adding, on %s', async (master) => {
    const ctx = await freshContext({ master, taskTimeout: '1s', taskRetries: 1 })
    const marker = join(freshFolder(), 'tried')
    const rows = ctx.accumulator(0)
    const slow = ctx.range(0, 4, 1, 1).mapAsync(async (n) => {
      rows.add(1)
      if (!existsSync(marker)) {
        writeFileSync(marker, '')
        await new Promise(() => {})
      }
      return n
    })
    expect(await slow.count()).toBe(4)
    expect(rows.value).toBe(4)
  })

  test.each(['local[1]', 'inline'])('and not what a failed attempt left running adds later, on %s', async (master) => {
    const ctx = await freshContext({ master, taskRetries: 1 })
    const folder = freshFolder()
    const [tried, again, added] = ['tried', 'again', 'added'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ]
    const rows = ctx.accumulator(0)
    const until = async (path: string): Promise<void> => {
      while (!existsSync(path)) await nextTurn()
    }
    const stray = ctx.range(0, 2, 1, 1).mapAsync(async (n) => {
      if (existsSync(tried)) {
        // The second attempt ends only after what the first had left has added.
        writeFileSync(again, '')
        await until(added)
        rows.add(1)
      } else if (n === 0) throw new Error('the first attempt')
      else {
        writeFileSync(tried, '')
        await until(again)
        rows.add(1000)
        writeFileSync(added, '')
      }
      return n
    })
    expect(await stray.collect()).toEqual([0, 1])
    expect(rows.value).toBe(2)
  })

  test('whichever of several jobs at once it is in', async () => {
    const ctx = await freshContext()
    const rows = ctx.accumulator(0)
    const count = (more: Accumulator): Promise<void> => ctx.range(0, 50, 1, 7).forEach(() => more.add(1))
    await Promise.all([count(rows), count(rows), count(ctx.accumulator(0)), count(rows)])
    expect(rows.value).toBe(150)
  })
})

/** 128 MB of numbers. */
const LENGTH = 16 * 1024 * 1024

describe('a broadcast', () => {
  test('reaches the worker that takes the place of a dead one', async () => {
    const ctx = await freshContext({ master: 'local[1]' })
    const marker = join(freshFolder(), 'died')
    const words = ctx.broadcast(['zero', 'one', 'two'])
    const dying = ctx.range(0, 3, 1, 3).map((n) => {
      if (words.value[n] === 'one' && !existsSync(marker)) {
        writeFileSync(marker, '')
        process.exit(1)
      }
      return words.value[n]
    })
    expect(await dying.collect()).toEqual(['zero', 'one', 'two'])
    expect(existsSync(marker)).toBe(true)
    expect(
      await ctx
        .range(1)
        .map((n) => words.value[n])
        .collect(),
    ).toEqual(['zero'])
  })

  test('is there for a task that is tried again after unpersist', async () => {
    const ctx = await freshContext({ master: 'local[1]', taskRetries: 1 })
    const marker = join(freshFolder(), 'tried')
    const words = ctx.broadcast(['zero'])
    const rows = ctx.accumulator(0)
    ctx.on('taskEnd', ({ error }) => error !== null && void words.unpersist())
    const failing = ctx.range(0, 1, 1, 1).map((n) => {
      rows.add(1)
      if (existsSync(marker)) return words.value[n]
      writeFileSync(marker, '')
      throw new Error('once')
    })
    expect(await failing.collect()).toEqual(['zero'])
    expect(rows.value).toBe(1)
  })

  test('that is destroyed while an action runs serves that action to its end', async () => {
    const ctx = await freshContext({ master: 'local[1]' })
    const words = ctx.broadcast(['a', 'b', 'c'])
    ctx.on('taskEnd', () => void words.destroy())
    const rows = ctx.range(0, 3, 1, 3).map((n) => words.value[n])
    expect(await rows.collect()).toEqual(['a', 'b', 'c'])
    expect((await rejection(rows.collect())).message).toContain('destroyed')
  })

  test('ends with its context, and says so', async () => {
    const ctx = await freshContext()
    const other = await freshContext()
    const words = ctx.broadcast(['a'])
    await ctx.stop()
    expect(() => words.value).toThrow(PlanError)
    expect(() => words.value).toThrow(/^broadcast \(.*\): it belongs to a context that was stopped/)
    expect(() => ctx.broadcast(1)).toThrow(/the context is stopped/)
    const error = await rejection(
      other
        .range(1)
        .map((n) => words.value[n])
        .count(),
    )
    expect(error.message).toMatch(
      /free variable "words" is the broadcast \(.*\), which belongs to a context that was stopped/,
    )
  })

  test('of a large array takes no memory in the workers', async () => {
    const ctx = await freshContext()
    await ctx.range(2).count() // Workers of their own size are there.
    const table = ctx.broadcast({ rows: new Float64Array(LENGTH).fill(1) })
    const before = process.memoryUsage().rss
    const sums = await ctx
      .range(0, 100, 1, 100)
      .map((n) => (table.value.rows[n] ?? 0) + table.value.rows.length)
      .collect()
    expect(new Set(sums)).toEqual(new Set([LENGTH + 1]))
    // A copy for each of two workers would be 256 MB more.
    expect(process.memoryUsage().rss - before).toBeLessThan(100e6)
  })
})
