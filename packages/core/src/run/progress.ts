/** The progress bar: one line on the terminal while a job runs, drawn from its events. Silent where stderr is no terminal. */
import type { Events, KindlingEvent } from './events.ts'

/** Short jobs need no bar. */
const DELAY_MS = 300
/** How often the line is drawn, at most. */
const REDRAW_MS = 100

/** What log-update makes: draws, wipes and ends the line. */
interface Draw {
  (text: string): void
  clear(): void
  done(): void
}

interface StageState {
  readonly job: number
  readonly stage: number
  readonly taskCount: number
  readonly startedMs: number
  done: number
  rows: number
}

/** Draws the stages that run, until the returned function is called. */
export function showProgress(events: Events, terminal: NodeJS.WriteStream = process.stderr): () => void {
  if (!terminal.isTTY) return () => {}
  const stages = new Map<number, StageState>()
  let draw: Draw | null = null
  let timer: NodeJS.Timeout | null = null
  let isDrawing = false
  /** What was printed last has not ended its line, which a bar would overwrite: none is drawn until it has. */
  let isMidLine = false
  let release = (): void => {}

  /** The bar's own writes pass; before any other the line is wiped, so that what users print is not torn. */
  const paint = (action: () => void): void => {
    isDrawing = true
    try {
      action()
    } finally {
      isDrawing = false
    }
  }
  const wipe = (): void => {
    if (!isDrawing) paint(() => draw?.clear())
  }
  const onWrite = (data: unknown): void => {
    if (isDrawing) return
    wipe()
    if ((typeof data === 'string' || data instanceof Uint8Array) && data.length > 0) isMidLine = !endsLine(data)
  }

  const redraw = (): void => {
    const now = performance.now()
    const old = [...stages.values()].filter((stage) => now - stage.startedMs >= DELAY_MS)
    if (old.length === 0 || isMidLine) return
    if (draw === null) {
      void import('log-update').then(({ createLogUpdate }) => {
        // Hiding the cursor would add listeners for signals, which an interrupt takes for the user's own.
        draw ??= createLogUpdate(terminal, { showCursor: true })
      })
      return
    }
    const text = old.map((stage) => lineOf(stage, now, terminal.columns || 80)).join('\n')
    paint(() => draw?.(text))
  }
  const start = (stage: StageState): void => {
    stages.set(stage.stage, stage)
    if (timer !== null) return
    timer = setInterval(redraw, REDRAW_MS).unref()
    release = beforeWrites([terminal, process.stdout], onWrite)
  }
  const end = (stage: number): void => {
    if (!stages.delete(stage) || stages.size > 0) return
    if (timer !== null) clearInterval(timer)
    timer = null
    wipe()
    paint(() => draw?.done())
    release()
    draw = null
  }

  const off = events.on('*', (event: KindlingEvent) => {
    switch (event.type) {
      case 'stageStart':
        start({ ...event, startedMs: performance.now(), done: 0, rows: 0 })
        break
      case 'taskEnd': {
        const stage = stages.get(event.stage)
        if (stage === undefined || event.metrics === null) break
        stage.done++
        stage.rows += event.metrics.rowsRead
        break
      }
      case 'stageEnd':
        end(event.stage)
        break
      default:
    }
  })
  return () => {
    off()
    for (const stage of Array.from(stages.keys())) end(stage)
  }
}

function endsLine(data: string | Uint8Array): boolean {
  return typeof data === 'string' ? data.endsWith('\n') : data.at(-1) === 10
}

/** Calls `before` with the data ahead of each write to a terminal, until the returned function is called. */
function beforeWrites(streams: readonly NodeJS.WriteStream[], before: (data: unknown) => void): () => void {
  const restore = [...new Set(streams)]
    .filter((stream) => stream.isTTY)
    .map((stream) => {
      // Called with its stream below.
      const write: unknown = Reflect.get(stream, 'write')
      const wrapped = function (this: NodeJS.WriteStream, ...args: unknown[]): boolean {
        before(args[0])
        return Reflect.apply(write as (...args: unknown[]) => boolean, this, args)
      } as NodeJS.WriteStream['write']
      stream.write = wrapped
      return () => {
        // Whoever has wrapped it since keeps their own.
        if (Reflect.get(stream, 'write') === wrapped) Reflect.set(stream, 'write', write)
      }
    })
  return () => {
    for (const undo of restore) undo()
  }
}

function lineOf(stage: StageState, now: number, columns: number): string {
  const seconds = (now - stage.startedMs) / 1000
  const head = `stage ${stage.stage} `
  const tail = ` ${stage.done}/${stage.taskCount} tasks, ${rateOf(stage.rows / seconds)} rows/s, ${seconds.toFixed(0)} s`
  const width = Math.max(5, Math.min(40, columns - head.length - tail.length - 1))
  const filled = Math.round((width * stage.done) / Math.max(1, stage.taskCount))
  return `${head}${'█'.repeat(filled)}${'░'.repeat(width - filled)}${tail}`
}

function rateOf(rows: number): string {
  if (rows >= 1e6) return `${(rows / 1e6).toFixed(1)} M`
  if (rows >= 1e3) return `${(rows / 1e3).toFixed(0)} k`
  return rows.toFixed(0)
}
