/** Ten million rows of JSON, one in eight hundred of them kept. */
import { filterJob } from '../lib/filter-job.mjs'

export default { ...filterJob({ files: 20, seed: 20 }), title: 'filter JSON lines', rows: 10_000_000 }
