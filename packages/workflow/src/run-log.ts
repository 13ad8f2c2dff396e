/** The run log: one line of JSON in `.kindling/runs.jsonl` for what became of each task in each run, those that did nothing too. */
import { randomUUID } from 'node:crypto'
import { asError } from './graph.ts'
import type { Records } from './records.ts'
import type { Row } from './summary.ts'

export class RunLog {
  readonly #records: Records
  /** What the lines of one run have in common. */
  readonly #run = randomUUID()
  #lines: object[] = []
  #writing: Promise<void> | null = null

  constructor(records: Records) {
    this.#records = records
  }

  /** Lines are written together with those that come while others are being written. */
  add({ task, status, attempts, wallMs, reason, error, outputs }: Row): void {
    const finished = new Date().toISOString()
    const message = error === null ? null : error.message
    this.#lines.push({
      run: this.#run,
      finished,
      task,
      status,
      attempts,
      wallMs: Math.round(wallMs),
      reason,
      error: message,
      outputs,
    })
    this.#writing ??= this.#write()
  }

  async close(): Promise<void> {
    await this.#writing
  }

  async #write(): Promise<void> {
    try {
      // At the next turn: a wide plan settles many tasks at once.
      await new Promise((resolve) => setImmediate(resolve))
      while (this.#lines.length > 0) {
        const lines = this.#lines
        this.#lines = []
        await this.#records.log(lines)
      }
    } catch (error) {
      process.emitWarning(`the log of runs could not be written: ${asError(error).message}`, 'KindlingWarning')
    } finally {
      this.#writing = null
    }
  }
}
