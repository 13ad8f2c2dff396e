/** Words of text counted: many small combinations by key, and a result that is small beside the input. */
import { makeSeededFiles } from '../../scripts/seeded-files.mjs'
import { dask, kindling, spark } from '../lib/candidates.mjs'
import { digestDifference, digestOf } from '../lib/digest.mjs'
import { inFiles, many } from '../lib/words.mjs'

const FILES = 8
const WORDS_PER_LINE = 17
const VOCABULARY = 100_000
// Of the table from which words are drawn.
const SLOT_BITS = 20
const SHORT_WORDS = 75
const CONSONANTS = 'tnshrdlcmwfgypb'
const VOWELS = 'eaoiu'
const SYLLABLES = CONSONANTS.length ** 2 * VOWELS.length

/** @type {import('../lib/job.mjs').Job<import('../lib/digest.mjs').Digest>} */
export default {
  title: 'word count',
  rows: 2_040_000,
  rounds: 3,
  warmUp: 'read',
  makeData(directory, rows) {
    const words = frequentWords()
    const fileName = (/** @type {number} */ file) => `text_${file}.txt`
    const row = (/** @type {() => number} */ random) => {
      let line = words[random() >>> (32 - SLOT_BITS)]
      for (let word = 1; word < WORDS_PER_LINE; word += 1) line += ` ${words[random() >>> (32 - SLOT_BITS)]}`
      return line
    }
    return { files: FILES, ...makeSeededFiles({ directory, rows, files: FILES, seed: 4, fileName, row }) }
  },
  candidates: (node24) => [
    ...kindling('bench/programs/word-count.ts', node24),
    spark('spark_word_count.py'),
    dask('dask_word_count.py', { rounds: 1 }),
  ],
  read: digestOf,
  difference: digestDifference,
  subject: ({ rows, ...data }, { rows: words }) =>
    `${many(rows * WORDS_PER_LINE, 'word')} ${inFiles(data)}, ${words.toLocaleString('en')} of them different`,
}

/**
 * A table of words in which each takes as many slots as it is frequent: by Zipf's law in proportion to 1 / rank.
 * @returns {string[]}
 */
function frequentWords() {
  const weights = Array.from({ length: VOCABULARY }, (_, rank) => 1 / (rank + 1))
  const slotsPerWeight = 2 ** SLOT_BITS / weights.reduce((sum, weight) => sum + weight, 0)
  let rank = 0
  let end = weights[0] * slotsPerWeight
  return Array.from({ length: 2 ** SLOT_BITS }, (_, slot) => {
    while (slot >= end && rank < VOCABULARY - 1) {
      rank += 1
      end += weights[rank] * slotsPerWeight
    }
    return word(rank)
  })
}

/**
 * One syllable of three letters for the most frequent words, two for the others: some five letters on average, as in English.
 * @param {number} rank
 */
function word(rank) {
  return rank < SHORT_WORDS ? syllable(rank) : syllable(Math.floor(rank / SYLLABLES)) + syllable(rank % SYLLABLES)
}

/** @param {number} index below SYLLABLES */
function syllable(index) {
  const end = Math.floor(index / CONSONANTS.length / VOWELS.length)
  const vowel = Math.floor(index / CONSONANTS.length) % VOWELS.length
  return CONSONANTS[index % CONSONANTS.length] + VOWELS[vowel] + CONSONANTS[end]
}
