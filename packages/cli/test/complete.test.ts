/** What completion offers of kindling's own classes. */
import * as kindling from 'kindling'
import { expect, test } from 'vitest'
import { openCompleter } from '../src/repl/complete.ts'

test('completion offers the verbs and actions of datasets and contexts, and nothing that is kindling’s own', () => {
  Reflect.set(globalThis, 'completedContext', new kindling.Context({ master: 'inline' }))
  const declarations = new URL('../../core/dist/dataset/', import.meta.url)
  const completer = openCompleter({ variables: () => [], classes: kindling, declarations })
  const [ofContext] = completer.complete('completedContext.')
  const [ofDataset] = completer.complete("completedContext.textFile('absent').filter((line) => line !== '').")
  expect(ofContext).toEqual(expect.arrayContaining(['textFile', 'range', 'stop', 'defaultParallelism']))
  expect(ofDataset).toEqual(expect.arrayContaining(['map', 'reduceByKey', 'collect', 'saveAsTextFile', 'explain']))
  for (const name of ['engine', 'constructor']) expect(ofContext).not.toContain(name)
  for (const name of ['derive', 'pipeStep', 'requireSibling', 'constructor']) expect(ofDataset).not.toContain(name)
})
