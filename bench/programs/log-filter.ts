// The ids of slow requests that failed, from log rows in data/*.json.
import { createContext } from 'kindling'

interface Entry {
  level: string
  latency_ms: number | null
  request_id: string
}

await using ctx = await createContext()

await ctx
  .textFile('data/*.json')
  .map((line) => JSON.parse(line) as Entry)
  .filter((r) => r.level === 'error' && (r.latency_ms ?? 0) > 100)
  .map((r) => r.request_id)
  .saveAsTextFile('out/kindling')
