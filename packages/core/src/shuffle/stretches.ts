/** The stretches of kept blocks that readers are given. */
import type { KeptBlocks, Stretch } from '../plan/task.ts'

/** Those of one bucket. */
export function stretchesOf(kept: KeptBlocks, bucket: number, origin: number): Stretch[] {
  return spansOf(kept, kept.starts[bucket] as number, kept.starts[bucket + 1] as number, origin)
}

/** Those of the spans in `[from, to)`; spans that follow one another are one stretch. */
export function spansOf(kept: KeptBlocks, from: number, to: number, origin: number): Stretch[] {
  const { memory, file, spans } = kept
  const stretches: Stretch[] = []
  let offset = 0
  let length = 0
  const flush = (): void => {
    if (length > 0) stretches.push({ memory, file, offset, length, origin })
  }
  for (let span = from; span < to; span++) {
    const start = spans[2 * span] as number
    const bytes = spans[2 * span + 1] as number
    if (start === offset + length && length > 0) length += bytes
    else {
      flush()
      offset = start
      length = bytes
    }
  }
  flush()
  return stretches
}
