/** The local engine with everything around it: its executor, its progress bar, its answer to Ctrl-C. */
import { url as debuggerUrl } from 'node:inspector'
import { Workspace } from '../shuffle/workspace.ts'
import type { Config } from './config.ts'
import type { Engine } from './engine.ts'
import type { Events } from './events.ts'
import { openInline } from './inline.ts'
import { KeptRows } from './kept-rows.ts'
import { heapLimit, shareMemory } from './memory.ts'
import { openPool } from './pool.ts'
import { openProcesses } from './process-host.ts'
import { showProgress } from './progress.ts'
import { openLocalEngine } from './scheduler.ts'
import { openScratch, sweepScratch } from './scratch.ts'
import { openThreads } from './thread-host.ts'
import type { WorkerHost } from './worker-host.ts'

export function openLocal(given: Config, events: Events): Engine {
  const config = { ...given, workerMemoryMb: heapLimit(given) }
  const { tmpDir } = config
  const scratch = openScratch(tmpDir)
  const host = config.kind === 'inline' ? null : hostOf(config)
  const sharesMemory = host?.sharesMemory ?? true
  const workspace = shareMemory({ ...config, sharesMemory }, scratch.directory)
  const executor = host === null ? openInline(workspace) : openPool({ ...config, host, workspace })
  const kept = new KeptRows(new Workspace(workspace), () => sweepScratch(tmpDir))
  const endProgress = config.progress ? showProgress(events) : (): void => {}
  const engine = openLocalEngine({
    executor,
    kept,
    events,
    retries: config,
    defaultParallelism: config.slots,
    // A breakpoint in a function is to be met.
    compiles: () => config.compile && debuggerUrl() === undefined,
    signals: config.signals,
  })
  return {
    ...engine,
    async close() {
      await engine.close()
      scratch.remove()
      endProgress()
    },
  }
}

function hostOf({ isolation, workerMemoryMb }: Config): WorkerHost {
  switch (isolation) {
    case 'thread':
      return openThreads({ workerMemoryMb })
    case 'process':
      return openProcesses({ workerMemoryMb })
  }
}
