/** What cannot travel, as an error with the way that led to it, and the advice for each kind of thing. */

import { ClosureError } from '../errors.ts'
import type { CallSite } from '../plan/call-site.ts'

/** One step on the way from a function to a value. Kept small: one is made for every captured object. */
export interface Trail {
  readonly parent: Trail | null
  readonly kind: 'root' | 'variable' | 'property' | 'entry' | 'element' | 'note'
  readonly key: unknown
}

/** The function the user gave to a verb. */
export interface Origin {
  readonly verb: string
  readonly at: CallSite
}

/** @throws ClosureError always. `what` follows the way: `is a net.Socket and cannot be sent to a worker`. */
export function refuse(trail: Trail, what: string, advice: string): never {
  const way: string[] = []
  let origin: Origin | null = null
  for (let step: Trail | null = trail; step; step = step.parent) {
    if (step.kind === 'root') origin = step.key as Origin
    else if (step.key !== '') way.unshift(stepText(step))
  }
  const site = origin?.at.text ? ` (${origin.at.text})` : ''
  const path = joinWay(way) || 'the function'
  throw new ClosureError(`${origin?.verb ?? 'function'}${site}: ${path} ${what}. ${advice}`)
}

/** The usual wording. */
export function refuseValue(trail: Trail, type: string, advice: string): never {
  refuse(trail, `is ${withArticle(type)} and cannot be sent to a worker`, advice)
}

function joinWay(way: readonly string[]): string {
  let text = ''
  for (const [i, step] of way.entries()) {
    const continues = isPropertyText(step) && i > 0 && isPropertyText(way[i - 1] ?? '')
    text += i === 0 || continues ? step : ` → ${step}`
  }
  return text
}

function isPropertyText(text: string): boolean {
  return text.startsWith('.') || text.startsWith('[')
}

function stepText({ kind, key }: Trail): string {
  switch (kind) {
    case 'variable':
      return `free variable "${String(key)}"`
    case 'property':
      if (typeof key === 'symbol') return `[${String(key)}]`
      return /^\d+$/.test(String(key))
        ? `[${String(key)}]`
        : /^[\w$]+$/.test(String(key))
          ? `.${String(key)}`
          : `[${JSON.stringify(key)}]`
    case 'entry':
      return `.get(${keyText(key)})`
    case 'element':
      return '[an element]'
    default:
      return String(key)
  }
}

function keyText(key: unknown): string {
  if (typeof key === 'string') return JSON.stringify(key)
  return (typeof key === 'object' && key !== null) || typeof key === 'function' ? '…' : String(key)
}

function withArticle(type: string): string {
  return /^(an?|the)\s/.test(type) ? type : `${/^[AEIOUaeiou]/.test(type) ? 'an' : 'a'} ${type}`
}

export const OPEN_INSIDE = 'Open it inside mapPartitions.'

/** Advice for objects that no copy could stand for, by the name of their class. */
const ADVICE: Readonly<Record<string, string>> = {
  WeakMap: 'Use a Map, or make it inside the function.',
  WeakSet: 'Use a Set, or make it inside the function.',
  WeakRef: 'Capture the object itself.',
  FinalizationRegistry: 'Make it inside the function.',
  Promise: 'Await it before the action, and capture the result.',
  Generator: 'Collect it into an array first.',
  AsyncGenerator: 'Collect it into an array first.',
  'Map Iterator': 'Collect it into an array first.',
  'Set Iterator': 'Collect it into an array first.',
  'Array Iterator': 'Collect it into an array first.',
  'String Iterator': 'Collect it into an array first.',
  'RegExp String Iterator': 'Collect it into an array first.',
  Proxy: 'Capture the object behind it.',
  SharedArrayBuffer: 'Its copy would not be shared: capture a copy made with .slice(), or aggregate rows instead.',
  MessagePort: 'Return rows from the function instead of posting messages.',
  BroadcastChannel: 'Return rows from the function instead of posting messages.',
  AbortSignal: 'Give the signal to the action, as in collect({ signal }).',
  AbortController: 'Give its signal to the action, as in collect({ signal }).',
  Timeout: 'Start timers inside the function.',
  Immediate: 'Start timers inside the function.',
  KeyObject: 'Export the key to a string, and make it again inside mapPartitions.',
  PublicKeyObject: 'Export the key to a string, and make it again inside mapPartitions.',
  PrivateKeyObject: 'Export the key to a string, and make it again inside mapPartitions.',
  SecretKeyObject: 'Export the key to a string, and make it again inside mapPartitions.',
  CryptoKey: 'Export the key, and import it again inside mapPartitions.',
  Blob: 'Read its bytes first, and capture those.',
  File: 'Read its bytes first, and capture those.',
  Module: 'Compile it inside mapPartitions.',
  Instance: 'Compile it inside mapPartitions.',
  Memory: 'Compile it inside mapPartitions.',
  EventEmitter: 'Make it inside mapPartitions, or return rows instead of emitting events.',
  Hash: 'Make it inside the function.',
  Hmac: 'Make it inside the function.',
}

export function adviceFor(type: string): string {
  return ADVICE[type] ?? ADVICE[type.slice(type.lastIndexOf('.') + 1)] ?? OPEN_INSIDE
}
