/**
 * Compiled code against V8: random chains over random lines must give the same rows, the same bytes, the same errors in the same place.
 * `FUZZ_LINES` and `FUZZ_SEED` change how many lines and which.
 */
import { expect, test } from 'vitest'
import { Folder, outcomeOf, pairOf, write } from './differential.ts'
import { Random } from './random.ts'
import { type ChainText, chainOf } from './random-chains.ts'
import { fileOf } from './random-lines.ts'
import { textOf, wordChainOf } from './random-words.ts'

const LINES = Number(process.env['FUZZ_LINES'] ?? 100_000)
const SEED = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31)

interface Counts {
  lines: number
  chains: number
  compiled: number
  written: number
  grouped: number
  unchecked: number
  bailed: number
  failures: number
}

/** Runs random chains over random files both ways until enough lines were compared. */
async function compareAll(
  random: Random,
  lines: number,
  chainFor: () => ChainText,
  bytesFor: (lineCount: number) => Buffer,
): Promise<Counts> {
  using folder = new Folder()
  const counts: Counts = {
    lines: 0,
    chains: 0,
    compiled: 0,
    written: 0,
    grouped: 0,
    unchecked: 0,
    bailed: 0,
    failures: 0,
  }
  while (counts.lines < lines) {
    const chain = chainFor()
    const pair = await pairOf(chain)
    const { scan } = pair.report
    counts.chains++
    const isChecked = chain.steps.some(({ op, text }) => op === 'parseJson' || text.includes('.parse(JSON.parse'))
    if (scan !== null) counts.compiled++
    if (scan !== null && scan.line !== null) counts.written++
    if (scan !== null && scan.group !== null) counts.grouped++
    for (let files = 4; files > 0; files--) {
      // Now and then enough lines for a review of what pays.
      const lineCount = random.chance(0.05) ? random.below(20_000) : random.below(400)
      const bytes = bytesFor(lineCount)
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
          expect(
            compiled.text,
            `${JSON.stringify(chain, null, 1)}\n${JSON.stringify(scan)}\n${JSON.stringify(part)}`,
          ).toBe(plain.text)
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
  return counts
}

test(`compiled code and V8 agree on ${LINES} lines of JSON (FUZZ_SEED=${SEED})`, { timeout: 1_200_000 }, async () => {
  console.log(`FUZZ_SEED=${SEED} FUZZ_LINES=${LINES}`)
  const random = new Random(SEED)
  const counts = await compareAll(
    random,
    LINES,
    () => chainOf(random),
    (lineCount) => fileOf(random, lineCount),
  )
  expect(counts.compiled).toBeGreaterThan(counts.chains / 2)
  // Of few chains it may be that none is of such a kind.
  if (counts.chains > 200) {
    expect(counts.written).toBeGreaterThan(counts.chains / 50)
    expect(counts.grouped).toBeGreaterThan(counts.chains / 50)
  }
  expect(counts.bailed).toBeLessThan(counts.unchecked / 2)
  expect(counts.failures).toBeGreaterThan(0)
})

test(`and on half as many lines of words (FUZZ_SEED=${SEED})`, { timeout: 1_200_000 }, async () => {
  const random = new Random(SEED)
  const counts = await compareAll(
    random,
    LINES / 2,
    () => wordChainOf(random),
    (lineCount) => textOf(random, lineCount),
  )
  expect(counts.grouped).toBeGreaterThan(counts.chains / 10)
})
