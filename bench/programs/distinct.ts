// The lines of data/*.txt, each once.
import { createContext } from 'kindling'

await using ctx = await createContext()

await ctx.textFile('data/*.txt').distinct().saveAsTextFile('out/kindling')
