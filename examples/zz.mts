import { createContext } from 'kindling'
const t = (l: string, s: number) => console.log(l, ((performance.now()-s)/1000).toFixed(2), (process.cpuUsage().user/1e6).toFixed(2), (process.memoryUsage().rss/1e6|0))
const ctx = await createContext({ master: 'local[2]', progress: false, memory: process.argv[2] ?? '4GB' })
let spilled = 0; ctx.on('taskEnd', ({metrics}) => { spilled += metrics?.spilledBytes ?? 0 })
const N = 300000
const rows = ctx.range(0, N, 1, 3).map((n): [number, string] => [(n * 7919) % 300_007, `some text of row ${n}`])
let s = performance.now()
const groups = rows.map(([key, text]): [string, string] => [`key ${key % 150_000}`, text]).groupByKey(2)
await groups.map(([, texts]) => texts.length).sum(); t('group', s); console.log(spilled); s = performance.now()
await groups.count(); t('group again', s); s = performance.now()
await rows.repartitionAndSortWithinPartitions(1).count(); t('rsort', s);console.log(spilled); s = performance.now()
await rows.sortByKey(false, 2).count(); t('sort', s); console.log(spilled)
await ctx.stop()
