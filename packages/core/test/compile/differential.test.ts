/**
 * Compiled code against V8: random chains over random lines must give the same rows, the same bytes, the same errors in the same place.
 * `FUZZ_LINES` and `FUZZ_SEED` change how many lines and which.
 */
import { expect, test } from 'vitest'
import { Folder, outcomeOf, pairOf, write } from './differential.ts'
import { Random } from './random.ts'
import { chainOf } from './random-chains.ts'
import { fileOf } from './random-lines.ts'

const LINES = Number(process.env['FUZZ_LINES'] ?? 100_000)
const SEED = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31)

test(`compiled code and V8 agree on ${LINES} lines (FUZZ_SEED=${SEED})`, { timeout: 1_200_000 }, async () => {
  console.log(`FUZZ_SEED=${SEED} FUZZ_LINES=${LINES}`)
  using folder = new Folder()
  const random = new Random(SEED)
  const counts = { lines: 0, chains: 0, compiled: 0, written: 0, unchecked: 0, bailed: 0, failures: 0 }
  while (counts.lines < LINES) {
    const chain = chainOf(random)
    const pair = await pairOf(chain)
    counts.chains++
    const isChecked = chain.steps.some(({ op, text }) => op === 'parseJson' || text.includes('.parse(JSON.parse'))
    if (pair.report.scan !== null) counts.compiled++
    if (pair.report.scan !== null && pair.report.scan.line !== null) counts.written++
    for (let files = 4; files > 0; files--) {
      // Now and then enough lines for a review of what pays.
      const lineCount = random.chance(0.05) ? random.below(20_000) : random.below(400)
      const bytes = fileOf(random, lineCount)
      const path = write(folder, bytes)
      const cut = random.chance(0.5) ? bytes.length : random.below(bytes.length + 1)
      for (const part of [
        { start: 0, end: cut },
        { start: cut, end: bytes.length },
      ]) {
        if (part.start === part.end && part.start > 0) continue
        const compiled = await outcomeOf(pair.compiled, path, part)
        const plain = await outcomeOf(pair.plain, path, part)
        if (compiled.text !== plain.text) {
          const scan = JSON.stringify(pair.report.scan)
          expect(compiled.text, `${JSON.stringify(chain, null, 1)}\n${scan}\n${JSON.stringify(part)}`).toBe(plain.text)
        }
        // What a schema refuses, and what a worker gives up on in a large file, is V8's by design, and says nothing of how much bails.
        if (!isChecked && lineCount < 400) {
          counts.bailed += compiled.bailed
          counts.unchecked += plain.rows
        }
        // A file that fails counts for nothing, although its lines before the failure were compared as well.
        counts.lines += plain.rows
        if (plain.rows === 0) counts.failures++
      }
    }
  }
  console.log(JSON.stringify(counts))
  expect(counts.compiled).toBeGreaterThan(counts.chains / 2)
  expect(counts.written).toBeGreaterThan(0)
  expect(counts.bailed).toBeLessThan(counts.unchecked / 2)
  expect(counts.failures).toBeGreaterThan(0)
})
