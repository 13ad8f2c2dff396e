/** Entrants for what compiling functions brings: kindling with it and without, and native programs that know the columns. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { kindling, PEERS, peer, venvModule, versionOf } from './candidates.mjs'

/** @typedef {import('./job.mjs').Candidate} Candidate */

/**
 * Kindling's program, and the same one with its functions left to V8.
 * @param {string} program
 * @param {string} node24
 * @returns {Candidate[]}
 */
export function compiledAndNot(program, node24) {
  return kindling(program, node24).flatMap((each) => [
    each,
    {
      ...each,
      id: each.id.replace('kindling', 'v8'),
      label: `${each.label}, not compiled`,
      env: { ...each.env, KINDLING_COMPILE: 'off' },
    },
  ])
}

/**
 * Readings with their sums, those above a limit, by Polars and DuckDB.
 * @param {string} limit
 * @returns {Candidate[]}
 */
export function readingPeers(limit) {
  return [
    { ...peer('polars', 'Polars', 'polars_lazy.py', limit), versions: () => venvModule('polars') },
    { ...peer('duckdb', 'DuckDB', 'duck.py', limit), versions: () => venvModule('duckdb') },
  ]
}

/** The filter of log rows by Polars, DuckDB and simdjson. @returns {Candidate[]} */
export function logPeers() {
  return [
    { ...peer('polars', 'Polars', 'polars_log.py'), versions: () => venvModule('polars') },
    { ...peer('duckdb', 'DuckDB', 'duck_log.py'), versions: () => venvModule('duckdb') },
    simdjson('log'),
  ]
}

/** The slowest request of each service by Polars and DuckDB. @returns {Candidate[]} */
export function groupPeers() {
  return [
    { ...peer('polars', 'Polars', 'polars_groups.py'), versions: () => venvModule('polars') },
    { ...peer('duckdb', 'DuckDB', 'duck_groups.py'), versions: () => venvModule('duckdb') },
  ]
}

/**
 * A C++ program around simdjson, on two threads; bench/install-peers.sh builds it.
 * @param {'readings' | 'log'} job
 * @returns {Candidate}
 */
export function simdjson(job) {
  const binary = join(PEERS, '../.cache/simdjson_filter')
  const output = 'out/simdjson'
  return {
    id: 'simdjson',
    label: 'simdjson, C++',
    output,
    command: ['sh', '-c', `'${binary}' ${job} ${output} data/*.json`],
    env: {},
    versions: () => {
      if (!existsSync(binary)) throw new Error('no simdjson')
      return { simdjson: versionOf(binary, ['version']) }
    },
  }
}
