/** What cannot travel is refused before anything runs, with the way to it and advice. */

/* oxlint-disable typescript/unbound-method -- methods taken out of their objects are what is tested */
import { createSecretKey } from 'node:crypto'
import { EventEmitter } from 'node:events'
import { open } from 'node:fs/promises'
import net from 'node:net'
import { Readable } from 'node:stream'
import { createGzip } from 'node:zlib'
import { expect, test, vi } from 'vitest'
import { ClosureError } from '../../src/errors.ts'
import { DRIVER_ONLY } from '../../src/plan/driver-only.ts'
import { capture } from './travel.ts'

const PLACE = 'map (job.ts:14:6): '

async function check(fn: (...args: never[]) => unknown, message: string): Promise<void> {
  const error: unknown = await capture(fn).catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(ClosureError)
  expect((error as Error).message).toBe(PLACE + message)
}

test('a socket, with the property that holds it', async () => {
  const client = { socket: new net.Socket() }
  await check(
    () => client,
    'free variable "client" → .socket is a net.Socket and cannot be sent to a worker. Open it inside mapPartitions.',
  )
  client.socket.destroy()
})

test('the whole way through functions, arrays and maps', async () => {
  const deep = { cfg: { clients: [new Map([['k', new net.Socket()]])] } }
  const helper = (): unknown => deep
  await check(
    () => helper(),
    'free variable "helper" → free variable "deep" → .cfg.clients[0].get("k") is a net.Socket and cannot be sent to a worker. Open it inside mapPartitions.',
  )
})

test('what Node keeps behind a handle', async () => {
  const file = await open(import.meta.filename ?? process.execPath)
  await check(
    () => file,
    'free variable "file" is a FileHandle and cannot be sent to a worker. Open it inside mapPartitions.',
  )
  await file.close()
  const stream = Readable.from([])
  await check(
    () => stream,
    'free variable "stream" is a stream.Readable and cannot be sent to a worker. Open it inside mapPartitions.',
  )
  const gzip = createGzip()
  await check(
    () => gzip,
    'free variable "gzip" is a zlib.Gzip and cannot be sent to a worker. Open it inside mapPartitions.',
  )
  const key = createSecretKey(Buffer.from('k'))
  await check(
    () => key,
    'free variable "key" is a SecretKeyObject and cannot be sent to a worker. Export the key to a string, and make it again inside mapPartitions.',
  )
  const timer = setTimeout(() => {}, 0)
  await check(
    () => timer,
    'free variable "timer" is a Timeout and cannot be sent to a worker. Start timers inside the function.',
  )
  clearTimeout(timer)
  class Bus extends EventEmitter {}
  const bus = new Bus()
  await check(
    () => bus,
    'free variable "bus" is a Bus (a kind of events.EventEmitter) and cannot be sent to a worker. Make it inside mapPartitions, or return rows instead of emitting events.',
  )
})

test('what belongs to one thread', async () => {
  const { port1, port2 } = new MessageChannel()
  await check(
    () => port1,
    'free variable "port1" is a MessagePort and cannot be sent to a worker. Return rows from the function instead of posting messages.',
  )
  port1.close()
  port2.close()
  const shared = new SharedArrayBuffer(4)
  await check(
    () => shared,
    'free variable "shared" is a SharedArrayBuffer and cannot be sent to a worker. Its copy would not be shared: capture a copy made with .slice(), or aggregate rows instead.',
  )
  const counts = new Int32Array(shared)
  await check(
    () => counts,
    'free variable "counts" → .buffer is a SharedArrayBuffer and cannot be sent to a worker. Its copy would not be shared: capture a copy made with .slice(), or aggregate rows instead.',
  )
  const { signal } = new AbortController()
  await check(
    () => signal,
    'free variable "signal" is an AbortSignal and cannot be sent to a worker. Give the signal to the action, as in collect({ signal }).',
  )
})

test('what cannot be looked into', async () => {
  const weak = new WeakMap()
  await check(
    () => weak,
    'free variable "weak" is a WeakMap and cannot be sent to a worker. Use a Map, or make it inside the function.',
  )
  const ref = new WeakRef({})
  await check(() => ref, 'free variable "ref" is a WeakRef and cannot be sent to a worker. Capture the object itself.')
  const promise = Promise.resolve(1)
  await check(
    () => promise,
    'free variable "promise" is a Promise and cannot be sent to a worker. Await it before the action, and capture the result.',
  )
  const proxy = new Proxy({}, {})
  await check(
    () => proxy,
    'free variable "proxy" is a Proxy and cannot be sent to a worker. Capture the object behind it.',
  )
  const generator = (function* (): Generator<number> {
    yield 1
  })()
  await check(
    () => generator,
    'free variable "generator" is a generator and cannot be sent to a worker. Collect it into an array first.',
  )
  const iterator = new Map().keys()
  await check(
    () => iterator,
    'free variable "iterator" is a Map Iterator and cannot be sent to a worker. Collect it into an array first.',
  )
  let settle: () => void = () => {}
  void new Promise<void>((resolve) => {
    settle = resolve
  })
  await check(
    () => settle(),
    'free variable "settle" is a native function and cannot be sent to a worker. Call it inside a function of your own, with what it needs.',
  )
})

test('instances with private fields', async () => {
  class Counter {
    #n = 0
    next(): number {
      return this.#n++
    }
  }
  const counter = new Counter()
  await check(
    () => counter.next(),
    'free variable "counter" is an instance of Counter, whose private #n cannot be sent to a worker. Make the instance inside the function, or keep its state in public fields.',
  )
})

test('what a function takes from the function around it', async () => {
  const advice = 'Copy what it needs into a const outside the function.'
  class Job extends EventEmitter {
    limit = 5
    arrow(): () => number {
      return () => this.limit
    }
    superArrow(): () => string {
      return () => super.toString()
    }
    method(): string {
      return super.toString()
    }
  }
  await check(
    new Job().arrow(),
    `the function uses the this of the function around it and cannot be sent to a worker. ${advice}`,
  )
  await check(
    new Job().superArrow(),
    'the function uses super and cannot be sent to a worker without its class. Capture the class or an instance of it.',
  )
  await check(
    Job.prototype.method,
    'the function uses super and cannot be sent to a worker without its class. Capture the class or an instance of it.',
  )
  const outer = function (): () => number {
    // biome-ignore lint/complexity/noArguments: the test is about it
    return () => arguments.length
  }
  await check(
    outer(),
    `the function uses the arguments of the function around it and cannot be sent to a worker. ${advice}`,
  )
  const Made = function (): () => unknown {
    return () => new.target
  }
  await check(
    Made(),
    `the function uses the new.target of the function around it and cannot be sent to a worker. ${advice}`,
  )
})

test('a private name outside its class', async () => {
  class Private {
    #p = 3
    static read(value: Private): number {
      return value.#p
    }
  }
  await check(
    Private.read,
    'the function uses #p, a private name of its class, and cannot be sent to a worker. Call it as a method on an instance made inside the function.',
  )
})

test('direct eval', async () => {
  // oxlint-disable-next-line typescript/no-implied-eval -- esbuild would rename what a direct eval sees
  const fn = new Function('return (x) => eval(x)') as () => (x: string) => unknown
  await check(
    fn(),
    'the function uses direct eval and cannot be sent to a worker. What its text would see cannot be known: remove eval.',
  )
})

test('a mock function', async () => {
  const spy = vi.fn((x: number) => x)
  await check(
    () => spy(1),
    'free variable "spy" is a mock function and cannot be sent to a worker. Use a plain function: calls in a worker could not be seen here.',
  )
})

test('what lives on the driver, with its own advice', async () => {
  class Context {
    get [DRIVER_ONLY](): string {
      return 'Datasets cannot be used inside a task.'
    }
  }
  const ctx = new Context()
  await check(
    () => ctx,
    'free variable "ctx" is a Context and cannot be sent to a worker. Datasets cannot be used inside a task.',
  )
})

test('an error names the verb that the value was first reached from', async () => {
  const { captureFunctions } = await import('../../src/closure/capture.ts')
  const promise = Promise.resolve(1)
  const requests = [
    { fn: () => 1, verb: 'map', at: { text: 'job.ts:1:1' } },
    { fn: () => promise, verb: 'filter', at: { text: '' } },
  ]
  await expect(captureFunctions(requests)).rejects.toThrow(/^filter: free variable "promise" is a Promise/)
})

test('a constant that is not initialised yet', async () => {
  await check(
    () => LATER,
    'free variable "LATER" is not initialised yet when the action starts. Move its declaration before the action.',
  )
  const LATER = [1]
  expect(LATER).toEqual([1])
})

test('a constant that is undefined travels', async () => {
  const nothing = process.env['KINDLING_NO_SUCH_VARIABLE']
  expect((await capture(() => nothing)).bundle.functions).toHaveLength(1)
})
