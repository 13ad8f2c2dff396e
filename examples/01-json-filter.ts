// Keeps the rows of data/*.json whose index + total is above a threshold, adds the sum, and writes them to out_data/.
import { createContext } from 'kindling'

interface Reading {
  index: number
  total: number
}

await using ctx = await createContext() // all cores of this machine
const THRESHOLD = 1.95

ctx.on('jobEnd', ({ error, rowsRead, rowsOut, wallMs }) => {
  if (error !== null) return
  console.log(`${rowsRead} rows read, ${rowsOut} kept, in ${(wallMs / 1000).toFixed(2)} s`)
  console.log('The rows are in out_data/part-00000 and the files beside it.')
})

await ctx
  .textFile('data/*.json')
  .map((line) => JSON.parse(line) as Reading)
  .map((r) => ({ ...r, sum_val: r.index + r.total }))
  .filter((r) => r.sum_val > THRESHOLD)
  .map((r) => JSON.stringify(r))
  .saveAsTextFile('out_data', { overwrite: true })
