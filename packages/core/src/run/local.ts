/** The local engine with everything around it: its executor, its progress bar, its answer to Ctrl-C. */
import type { Config } from './config.ts'
import type { Engine } from './engine.ts'
import type { Events } from './events.ts'
import { openInline } from './inline.ts'
import { openPool } from './pool.ts'
import { showProgress } from './progress.ts'
import { openLocalEngine } from './scheduler.ts'

export function openLocal(config: Config, events: Events): Engine {
  const executor =
    config.kind === 'inline' ? openInline() : openPool({ slots: config.slots, workerMemoryMb: config.workerMemoryMb })
  const endProgress = config.progress ? showProgress(events) : (): void => {}
  const engine = openLocalEngine({
    executor,
    events,
    retries: config,
    defaultParallelism: config.slots,
    signals: config.signals,
  })
  return {
    open: (job) => engine.open(job),
    dropBroadcast: (id) => engine.dropBroadcast(id),
    async close() {
      await engine.close()
      endProgress()
    },
  }
}
