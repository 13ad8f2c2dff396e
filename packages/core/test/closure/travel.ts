/** A function's way: captured here, through JSON, revived and called in a worker thread that has only the compiled revival. */
import { Worker } from 'node:worker_threads'
import { type Captured, captureFunctions } from '../../src/closure/capture.ts'
import type { UserFunction } from '../../src/plan/step.ts'

class WorkerFailure extends Error {
  override readonly name = 'WorkerFailure'
}

let worker: Worker | undefined
let turn: Promise<unknown> = Promise.resolve()

/** What the function returns in a worker. */
export function travel<Args extends unknown[], Result>(
  fn: (...args: Args) => Result,
  ...args: Args
): Promise<Awaited<Result>> {
  const answer = turn.then(() => run(fn, args))
  turn = answer.catch(() => {})
  return answer as Promise<Awaited<Result>>
}

export function capture(fn: (...args: never[]) => unknown): Promise<Captured> {
  return captureFunctions([{ fn, verb: 'map', at: { text: 'job.ts:14:6' } }])
}

async function run(fn: UserFunction, args: unknown[]): Promise<unknown> {
  const { bundle } = await capture(fn)
  const { bytes, ...rest } = bundle
  worker ??= new Worker(new URL('./fixtures/worker.mjs', import.meta.url), { execArgv: [] })
  worker.unref()
  const { promise, resolve, reject } = deferred<Answer>()
  worker.once('message', resolve)
  worker.once('error', reject)
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  worker.postMessage({ json: JSON.stringify(rest), bytes, args })
  const message = await promise.finally(() => worker?.off('error', reject))
  if (message.ok) return message.value
  const failure = new WorkerFailure(message.message)
  failure.stack = message.stack
  throw failure
}

interface Answer {
  readonly ok: boolean
  readonly value?: unknown
  readonly message: string
  readonly stack: string
}

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void; reject: (reason: unknown) => void } {
  let resolve: (value: T) => void = () => {}
  let reject: (reason: unknown) => void = () => {}
  const promise = new Promise<T>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { promise, resolve, reject }
}
