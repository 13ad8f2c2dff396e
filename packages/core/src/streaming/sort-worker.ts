/** The thread that sorts and merges files of lines, so that the driver can go on. Each message is one request; each answer is one message. */
import { parentPort } from 'node:worker_threads'
import { type Merged, type MergeRequest, mergeLines } from './merge-lines.ts'
import { type Sorted, type SortRequest, sortLines } from './sort-lines.ts'

export type SortAnswer =
  | { readonly ok: true; readonly result: Sorted | Merged }
  | { readonly ok: false; readonly message: string }

parentPort?.on('message', (request: SortRequest | MergeRequest) => {
  parentPort?.postMessage(answerTo(request))
})

function answerTo(request: SortRequest | MergeRequest): SortAnswer {
  try {
    return { ok: true, result: request.type === 'sort' ? sortLines(request) : mergeLines(request) }
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : String(error) }
  }
}
