// The slowest request of each service, from log rows in data/*.json.
import { createContext } from 'kindling'

interface Entry {
  service: string
  latency_ms: number
}

await using ctx = await createContext()

await ctx
  .textFile('data/*.json')
  .map((line) => JSON.parse(line) as Entry)
  .map((r): [string, number] => [r.service, r.latency_ms])
  .reduceByKey((a, b) => Math.max(a, b))
  .map(([service, slowest]) => `${service}\t${slowest}`)
  .saveAsTextFile('out/kindling')
