import { expect, test } from 'vitest'
import { openHeapWatch } from '../../src/shuffle/heap-watch.ts'
import { runScript } from '../run/processes.ts'

/** Of a heap of 100 MB and its space for new objects, of which so many MB are used. */
function watch(usedMb: () => number): () => boolean {
  return openHeapWatch(() => ({ used_heap_size: usedMb() * 2 ** 20, heap_size_limit: (100 + 12) * 2 ** 20 }))
}

test('a heap is full from 60 % of its limit on, and not again for the garbage that it leaves', () => {
  let used = 0
  const isFull = watch(() => used)
  const answers = [10, 60, 61, 62, 70, 71, 72, 30, 60, 61].map((now) => {
    used = now
    return isFull()
  })
  expect(answers).toEqual([false, false, true, false, false, true, false, false, false, true])
})

test('a heap that V8 has collected and that is still full is full again', () => {
  let used = 80
  const isFull = watch(() => used)
  expect(isFull()).toBe(true)
  used = 79
  expect(isFull()).toBe(true)
})

test('a thread whose tables would take several times its heap lives', async () => {
  const running = runScript(`
    import { isMainThread, Worker } from 'node:worker_threads'
    import { openHeapWatch } from 'DIST/shuffle/heap-watch.js'
    if (isMainThread) {
      new Worker(new URL(import.meta.url), { resourceLimits: { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 8 } })
    } else {
      const isFull = openHeapWatch()
      const tables = Array.from({ length: 64 }, () => new Map())
      let spills = 0
      for (let row = 0; row < 2e6; row++) {
        tables[row % 64].set('key ' + row, row)
        if (row % 16384 === 0 && isFull()) {
          for (const table of tables) table.clear()
          spills++
        }
      }
      console.log('has spilled:', spills > 1)
    }`)
  expect(await running.ended()).toEqual({ code: 0, signal: null, stdout: 'has spilled: true\n', stderr: '' })
})
