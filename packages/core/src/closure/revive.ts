/**
 * Reviving: a bundle becomes functions again, in a worker. The opposite of capture, of which it loads nothing.
 * Objects are made empty first, functions are compiled over them, and then the objects are filled: so no order among
 * values matters, and cycles need nothing special.
 */
import type { SharedNode } from '../plan/shared.ts'
import type { UserFunction } from '../plan/step.ts'
import type { Bundle, BundleNode } from './bundle.ts'
import { hostValue } from './host.ts'
import { importModule, valueAt } from './import-module.ts'
import { make, type Revival } from './revival.ts'
import { compileFunctions } from './revive-function.ts'
import { applyExtras, closeObject, dependentObject, emptyObject, fillObject } from './revive-object.ts'
import { reviveSchemas } from './revive-schema.ts'
import { learnSourceMaps } from './source-map.ts'

export { remapStack } from './source-map.ts'

/** Makes the handle of a shared object. */
export type HandleMaker = (node: SharedNode) => object

const NO_HANDLES: HandleMaker = ({ label }) => {
  throw new TypeError(`${label} is not known here`)
}

/**
 * The captured functions, in the order they were asked for. Each call makes new ones with state of their own; what V8
 * compiled for the same text before is used again.
 */
export async function reviveFunctions(
  bundle: Bundle,
  handleOf: HandleMaker = NO_HANDLES,
): Promise<readonly UserFunction[]> {
  learnSourceMaps(bundle.scripts)
  const modules = await Promise.all(bundle.imports.map(importModule))
  const { nodes } = bundle
  const revival: Revival = { bundle, values: [], isMade: [], cells: [] }
  const dependent: number[] = []
  for (const [id, node] of nodes.entries()) {
    if (isDependent(node)) dependent.push(id)
    else if (!isMadeLater(node)) make(revival, id, independentValue(revival, node, modules, handleOf))
  }
  for (const id of dependent) {
    const node = nodes[id]
    if (node) make(revival, id, dependentObject(revival, node))
  }
  const giveLate = compileFunctions(revival)
  const filled = reviveSchemas(revival, fill)
  for (const [id, node] of nodes.entries()) if (!filled.has(id)) fill(revival, id, node)
  giveLate()
  for (const [id, node] of nodes.entries()) closeAll(node, revival.values[id])
  return bundle.functions.map((id) => revival.values[id] as UserFunction)
}

function fill(revival: Revival, id: number, node: BundleNode): void {
  fillObject(revival, node, revival.values[id])
  applyAllExtras(revival, node, revival.values[id])
}

function isDependent({ type }: BundleNode): boolean {
  return type === 'view' || type === 'construct' || type === 'boxed'
}

function isMadeLater({ type }: BundleNode): boolean {
  return type === 'function' || type === 'prototype' || type === 'bound' || type === 'schema'
}

function independentValue(
  revival: Revival,
  node: BundleNode,
  modules: readonly unknown[],
  handleOf: HandleMaker,
): unknown {
  switch (node.type) {
    case 'broadcast':
    case 'accumulator':
      return handleOf(node)
    case 'import':
      return valueAt(modules[node.module], node.path)
    case 'host':
      return hostValue(node)
    default:
      return emptyObject(revival, node)
  }
}

function applyAllExtras(revival: Revival, node: BundleNode, value: unknown): void {
  if (!hasExtras(node)) return
  applyExtras(revival, node, value as object)
  if (node.type === 'function' && node.prototype) {
    applyExtras(revival, node.prototype, (value as { prototype: object }).prototype)
  }
}

function closeAll(node: BundleNode, value: unknown): void {
  if (!hasExtras(node)) return
  closeObject(node, value as object)
  if (node.type === 'function' && node.prototype)
    closeObject(node.prototype, (value as { prototype: object }).prototype)
}

function hasExtras(
  node: BundleNode,
): node is Exclude<
  BundleNode,
  SharedNode | { type: 'schema' | 'symbol' | 'builtin' | 'import' | 'host' | 'prototype' }
> {
  switch (node.type) {
    case 'broadcast':
    case 'accumulator':
    case 'schema':
    case 'symbol':
    case 'builtin':
    case 'import':
    case 'host':
    case 'prototype':
      return false
    default:
      return true
  }
}
