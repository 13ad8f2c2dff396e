/**
 * A worker host: where the workers of a pool live, each a thread or a process of its own. All that differs between those is behind this
 * interface; the pool before it and the tasks in a worker know nothing of it.
 */
import type { Terminal } from './terminal.ts'
import type { WorkerEnd } from './worker-end.ts'

export interface WorkerHost {
  /** Whether its workers can be given shared memory; they have this process's working directory, too. */
  readonly sharesMemory: boolean
  /**
   * Starts a worker that does not keep this process alive.
   * @param slot a number from 1, to tell workers apart
   * @throws if the system refuses at once
   */
  start(slot: number, events: WorkerEvents): HostedWorker
}

export interface HostOptions {
  /** Heap limit of the worker in MB; null for Node's own. */
  readonly workerMemoryMb: number | null
  /** The worker's entry; kindling's own unless a test gives another. */
  readonly workerUrl?: URL
}

/** What becomes of a worker. */
export interface WorkerEvents {
  /** It sent a message, other than one that prints. */
  message(message: unknown): void
  /** It is gone, and nothing of it will be heard any more. */
  end(end: WorkerEnd): void
}

export interface HostedWorker {
  /** @throws if the message cannot be cloned */
  send(message: unknown, transfer: ArrayBuffer[]): void
  readonly terminal: Terminal
  /** From now on the worker keeps this process alive. */
  ref(): void
  unref(): void
  /** Ends it whatever it does; only that stops code that does not return. Resolves when it is gone. */
  terminate(): Promise<unknown>
}

/** An entry of a worker. The bundle's also when these sources run as they are: Node 20 starts no TypeScript worker. */
export function entryUrl(name: string): URL {
  return new URL(import.meta.url.endsWith('.ts') ? `../../dist/bundle/${name}.js` : `./${name}.js`, import.meta.url)
}
