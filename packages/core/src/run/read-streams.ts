/** Before a job is planned, the streams among its sources are read: how many rows they have says what each partition reads. */
import { readStream } from '../io/stream-rows.ts'
import { type PlanNode, parentsOf } from '../plan/node.ts'
import { originText } from './prepare.ts'

/** @throws DataError when an iterable throws; the reason of an abort */
export async function readStreams(root: PlanNode, signal: AbortSignal): Promise<void> {
  const seen = new Set([root])
  for (const node of seen) {
    if (node.kind === 'source' && node.source.type === 'stream') await readStream(node.source, originText(node), signal)
    for (const parent of parentsOf(node)) seen.add(parent)
  }
}
