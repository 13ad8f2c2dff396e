// A Python mapper, unmodified, over each file of data/.
import { stream } from 'kindling/stream'

const { PYTHON = 'python3', MAPPER = 'mapper.py' } = process.env
await stream({ input: 'data/*.json', mapper: [PYTHON, MAPPER], workers: 2, output: 'out/kindling' })
