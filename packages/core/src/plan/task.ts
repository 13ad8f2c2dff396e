/** A task: one stage on one partition. Plain data, with its outcome. */
import type { StorageLevel } from './node.ts'
import type { AccumulatorUpdate } from './shared.ts'
import type { Split } from './source.ts'

/** What a task reads, shaped like the operators of its stage: a path through unions, a list for a coalesce, a pair for a zip. */
export type TaskInput =
  | { readonly type: 'split'; readonly split: Split }
  | { readonly type: 'steps'; readonly partition: number; readonly input: TaskInput }
  | { readonly type: 'branch'; readonly branch: number; readonly input: TaskInput }
  | { readonly type: 'chain'; readonly inputs: readonly TaskInput[] }
  | { readonly type: 'pair'; readonly left: TaskInput; readonly right: TaskInput }
  | { readonly type: 'group'; readonly inputs: readonly TaskInput[] }
  /** Blocks of a shuffle, in the order of its map tasks; of their rows those in `[from, to)`, where not all are wanted. */
  | {
      readonly type: 'shuffled'
      readonly shuffle: number
      readonly stretches: readonly Stretch[]
      readonly rows: { readonly from: number; readonly to: number } | null
    }
  /** Sorted runs of a shuffle by range, of which the keys in `[lower, upper)` are wanted: blocks of one row, null for no bound. */
  | {
      readonly type: 'runs'
      readonly shuffle: number
      readonly runs: readonly (readonly Stretch[])[]
      readonly lower: Uint8Array | null
      readonly upper: Uint8Array | null
    }
  /** Rows that are kept. */
  | { readonly type: 'stored'; readonly store: number; readonly stretches: readonly Stretch[] }
  /** Rows to be kept on their way. */
  | { readonly type: 'storing'; readonly target: StoreTarget; readonly input: TaskInput }

/** Bytes of blocks that a task left behind: in memory that threads share, or in a file. */
export interface Stretch {
  readonly memory: SharedArrayBuffer | null
  readonly file: string | null
  readonly offset: number
  readonly length: number
  /** The task that left them: a map task's partition, or the partition that is kept. */
  readonly origin: number
}

/** Blocks that a task left behind, whole: some stretches for each bucket. */
export interface KeptBlocks {
  readonly memory: SharedArrayBuffer | null
  readonly file: string | null
  readonly bytes: number
  readonly rows: number
  /** The spans of bucket `b` are those in `[starts[b], starts[b + 1])`. */
  readonly starts: Uint32Array
  /** Offset and length of each span, in bytes. */
  readonly spans: Float64Array
  /** Rows of each span, of a shuffle that spreads them; null of others. */
  readonly spanRows: Uint32Array | null
  /** Of a shuffle by range, whose buckets are sorted runs and whose spans are blocks; null of others. */
  readonly order: RunOrder | null
}

/** What is known of the keys of sorted runs, each a block of rows. */
export interface RunOrder {
  /** The first key of each span. */
  readonly firstKeys: Uint8Array
  /** Keys that stand evenly among all rows. */
  readonly samples: Uint8Array
  /** How many rows each sample stands for. */
  readonly rowsPerSample: number
}

/** Where the rows of one partition are to be kept. */
export interface StoreTarget {
  readonly store: number
  readonly partition: number
  readonly level: StorageLevel
  /** The file that it becomes in a checkpoint, and whose name others begin with until then; null for a place that the worker chooses. */
  readonly file: string | null
}

export interface Task {
  readonly stage: number
  /** The partition of the stage, from 0. */
  readonly partition: number
  /** From 0; a retried task has the next one. */
  readonly attempt: number
  readonly input: TaskInput
  /** The file that a text sink writes, given by the driver; null for sinks that write none. */
  readonly output: string | null
}

export interface TaskMetrics {
  /** Rows that the sources gave. */
  readonly rowsRead: number
  /** Bad rows dropped, where the user asked for that. */
  readonly rowsSkipped: number
  /** Bytes of files read, before decompression. */
  readonly bytesRead: number
  /** Of these, rows whose steps are compiled and that ran in V8 all the same, since they were not what compiled code can tell. */
  readonly rowsBailed: number
  /** Rows that reached the sink. */
  readonly rowsOut: number
  readonly bytesWritten: number
  /** Bytes of blocks read from shuffles, and left for them. */
  readonly shuffleBytesRead: number
  readonly shuffleBytesWritten: number
  /** Bytes written to disk because memory was short, before they were read again. */
  readonly spilledBytes: number
  readonly wallMs: number
}

/** Where a record came from. */
export interface Place {
  readonly path: string
  /** Where the record begins; -1 in a compressed file. */
  readonly byteOffset: number
  /** From 1. */
  readonly line: number
}

/** An error as data: what a thrown value becomes to cross a thread. */
export interface ErrorData {
  readonly name: string
  readonly message: string
  /** In the user's own (TypeScript) coordinates. */
  readonly stack: string
  readonly code?: string
  readonly cause?: ErrorData
  /** Set when what was thrown was no Error: its text. */
  readonly thrown?: string
}

/**
 * Why an attempt failed.
 * `user`: a function of the user threw. `data`: an input or a record is wrong. `lost`: the worker died. `timeout`: it took too long.
 * `missing`: blocks that another task left are gone or damaged.
 */
export interface TaskFailure {
  readonly kind: 'user' | 'data' | 'lost' | 'timeout' | 'missing'
  readonly error: ErrorData
  /** The plan node of the step that was running, to find its verb and call site; null when none was. */
  readonly node: number | null
  readonly place: Place | null
  /** The start of the record as text, when there was one. */
  readonly record: string | null
  /** Of a `missing` failure the blocks: which shuffle or store, and which task left them. */
  readonly missing?: MissingBlocks
}

export interface MissingBlocks {
  readonly of: 'shuffle' | 'store'
  readonly id: number
  readonly origin: number
  /** The file they were looked for in: by the time that this is heard, they may have been made again in another. */
  readonly file: string
}

export type TaskOutcome =
  | {
      readonly ok: true
      /** Result rows. */
      readonly blocks: readonly Uint8Array[]
      /** What a map task leaves for a shuffle; null of other tasks. */
      readonly shuffled: KeptBlocks | null
      /** Partitions that were kept on the way. */
      readonly stored: readonly StoredPartition[]
      readonly metrics: TaskMetrics
      /** What the task added to accumulators; absent when it added to none. */
      readonly accumulated?: readonly AccumulatorUpdate[]
    }
  | { readonly ok: false; readonly failure: TaskFailure }

export interface StoredPartition {
  readonly store: number
  readonly partition: number
  readonly blocks: KeptBlocks
}
