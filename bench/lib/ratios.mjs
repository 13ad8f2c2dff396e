/** The results of all jobs as one Markdown table: what multiple of kindling's CPU time the engines that can run any job took. */
import { markdownTable, megabytes, seconds, times } from './markdown.mjs'
import { medianRatio, summary } from './statistics.mjs'
import { kindlings } from './table.mjs'

/** @typedef {import('./table.mjs').Results} Results */

const ENGINES = [
  { id: 'pyspark', label: 'PySpark RDD' },
  { id: 'dask', label: 'Dask bag' },
]

/** @param {import('./table.mjs').Run} run */
const cpu = (run) => run.cpuS

/**
 * A row for each job: kindling's CPU time and the multiples of it, on each line of Node, and the most memory that it held.
 * @param {readonly Results[]} all at least one; those without a title have no row
 */
export function ratioTable(all) {
  const bases = kindlings(all[0])
  return markdownTable(
    [
      '',
      ...bases.flatMap(({ label }) => [`${label}: CPU, s`, ...ENGINES.map((engine) => `${engine.label} ÷`)]),
      "kindling's peak memory, MB",
    ],
    all.flatMap(({ title, runs }) =>
      title === undefined
        ? []
        : [
            [
              title,
              ...bases.flatMap(({ id }) => [
                seconds(summary(runs, id, cpu).median),
                ...ENGINES.map((engine) => times(medianRatio(runs, engine.id, id, cpu))),
              ]),
              megabytes(Math.max(...bases.map(({ id }) => summary(runs, id, (run) => run.peakBytes).max))),
            ],
          ],
    ),
  ).join('\n')
}
