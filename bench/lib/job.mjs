/**
 * A job of the bench: data made from a seed, the entrants that work on them, and how their results are read and compared.
 * Each file of bench/jobs exports one as its default, and is named as the job is.
 */
import { readdirSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'

const JOBS = fileURLToPath(new URL('../jobs/', import.meta.url))

/**
 * @typedef {{ files: number, sizeBytes: number }} Data
 * @typedef {{ rows: number } & Data} Input
 *
 * @typedef {object} Candidate someone who could run the job, if installed
 * @property {string} id
 * @property {string} label
 * @property {string} output what it writes, a file or a directory, from the directory of the run
 * @property {readonly string[]} command run where `data/` has the input; its output is not there yet, its directory is
 * @property {Record<string, string>} env
 * @property {string | null} [program] kindling's own, to be compiled before; null where kindling's packages are all that is needed
 * @property {number} [rounds] when it takes so long that it runs in the first ones only
 * @property {number} [allowedS] how many seconds a run may take; ten minutes by default
 * @property {() => Record<string, string>} versions throws when something it needs is missing
 */

/**
 * @template Outcome
 * @typedef {object} Job
 * @property {string} [title] of its row in the table of ratios, which it is not in without one
 * @property {number} rows of input, unless `--rows` says otherwise
 * @property {true} [isFixed] `--rows` doesn't change it
 * @property {number} [rounds] no more than these, however many `--runs` asks for
 * @property {string} [workers] what each may use, if not two workers
 * @property {'run' | 'read'} warmUp what precedes the first round: one that isn't recorded, or where that would take long the
 *   mere reading of the data, so that all find them in the page cache
 * @property {string} [dataName] of a set of data that jobs share; the job's own name otherwise
 * @property {(directory: string, rows: number) => Data} makeData
 * @property {(node24: string) => readonly Candidate[]} candidates
 * @property {(directory: string) => Outcome} [expected] from the data alone; otherwise the first entrant's result is the measure
 * @property {(output: string) => Outcome} read
 * @property {(outcome: Outcome, expected: Outcome) => string | undefined} difference in words, undefined when they are equal
 * @property {(input: Input, outcome: Outcome) => string} subject what was worked on, and what came of it
 */

/**
 * The jobs by name, in its order.
 * @returns {Promise<Map<string, Job<unknown>>>}
 */
export async function loadJobs() {
  const jobs = new Map()
  for (const name of jobNames()) jobs.set(name, (await import(`${JOBS}${name}.mjs`)).default)
  return jobs
}

export function jobNames() {
  const files = readdirSync(JOBS).filter((file) => file.endsWith('.mjs'))
  return files.map((file) => basename(file, '.mjs')).toSorted()
}
