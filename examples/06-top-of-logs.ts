// The slowest requests of a log, and for each path how many there were and how long they took.
import { createContext } from 'kindling'
import { z } from 'zod'

const Request = z.object({ time: z.string(), path: z.string(), status: z.int(), ms: z.number() })

await using ctx = await createContext()
const requests = ctx.jsonLines('examples/data/access.jsonl', Request).cache()

for (const { time, path, ms } of await requests.top(3, (request) => request.ms)) console.log(time, path, ms)

await requests
  .filter((request) => request.status < 400)
  .keyBy((request) => request.path)
  .aggregateByKey(
    { count: 0, ms: 0 },
    (sum, { ms }) => ({ count: sum.count + 1, ms: sum.ms + ms }),
    (a, b) => ({ count: a.count + b.count, ms: a.ms + b.ms }),
  )
  .map(([path, { count, ms }]) => ({ path, count, mean: Math.round(ms / count) }))
  .sortBy((row) => row.path)
  .show()
